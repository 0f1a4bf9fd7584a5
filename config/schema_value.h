/* schema_value.h - one value by its row; what schema.c needs of it. */
#ifndef CONFIG_SCHEMA_VALUE_H
#define CONFIG_SCHEMA_VALUE_H

#include "config/schema.h"

/* Puts the default; asserts that it is well formed and within the bounds. */
void schema_default(const struct schema_row *row, void *out);
/* Reads the value. False when something was reported. */
bool schema_set(struct reader *reader, const struct scope *scope,
                const struct schema_row *row, const struct node *node, void *out);

#endif
