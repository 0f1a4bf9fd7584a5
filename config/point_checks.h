/* point_checks.h - what the keys of a point must have to do with each other. */
#ifndef CONFIG_POINT_CHECKS_H
#define CONFIG_POINT_CHECKS_H

#include "config/schema.h"
#include "config/settings.h"

/* Completes a point whose rows were read (defaults that depend on other keys, address
 * minus base, masked sentinels) and checks it. False when something was reported. */
bool point_check(struct reader *reader, const struct node *node,
                 const struct profile_settings *profile, struct point_settings *point);

#endif
