/* labels.h - names of codes and of bits: ((0, "normal"), (2, "inspection")). */
#ifndef CONFIG_LABELS_H
#define CONFIG_LABELS_H

#include "config/schema.h"
#include "config/settings.h"

/* `what` is the key, for messages. False when reported. */
bool labels_read(struct reader *reader, const struct scope *scope, const char *what,
                 const struct node *list, const struct enum_settings **labels,
                 size_t *count);

/* The first whose code is no bit of a value of `bits` bits, or NULL. */
const struct enum_settings *labels_beyond(const struct enum_settings *labels,
                                          size_t count, int bits);

#endif
