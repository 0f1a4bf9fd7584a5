/* point_checks.h - what the keys of a point must have to do with each other. */
#ifndef CONFIG_POINT_CHECKS_H
#define CONFIG_POINT_CHECKS_H

#include "config/bodies.h"
#include "config/schema.h"

/* Completes a point whose rows were read (defaults that depend on other keys and on the
 * profile) and checks what needs no parameters. False when something was reported. */
bool point_check(struct reader *reader, const struct node *node,
                 const struct profile_body *profile, struct point_body *point);

/* Its part for keys that Modbus and MQTT share (value_checks.c). */
bool point_check_value(struct reader *reader, const struct node *node,
                       struct point_body *point);

/* Refuses each of the keys, a list that ends with NULL. */
bool point_refuse(struct reader *reader, const struct node *node, const char *const *keys,
                  const char *why);

/* Bits of its raw value, or of the part that `bit` or `bits` take. */
int point_bits(const struct point_settings *point);

#endif
