/* point_names.h - which points an expression names, without understanding it.
 *
 * A computed point of a class belongs to the equipment that has what it is computed from;
 * the model is built before rules/ reads the expression properly. Pure.
 */
#ifndef CONFIG_POINT_NAMES_H
#define CONFIG_POINT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    POINT_NAME_MAX = 64, /* bytes of one name; a longer one is cut, and found nowhere */
};

struct point_name {
    char name[POINT_NAME_MAX + 1];
    bool relation; /* the first part of "power.v_l1" */
};

/* The next name from *text on, which moves behind it; false at the end. What stands
 * inside of a function over a group is about the members and left out. */
bool point_name_next(const char **text, struct point_name *name);

#endif
