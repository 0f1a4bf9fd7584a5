/* each.h - a row of like points, written once: each = ("n", 1, 159).
 *
 * A row becomes as many groups in which every text has the number in place of "{n}";
 * they are read like any other point, so that whatever a point can say a row can.
 */
#ifndef CONFIG_EACH_H
#define CONFIG_EACH_H

#include "config/schema.h"

struct each {
    const char *name; /* of the number: "n" */
    int64_t first;
    int64_t last;
};

enum {
    EACH_ROWS_MAX = 2000, /* points that all rows of one profile become */
};

/* Reads the key of a point; `node` is its value. False when reported. */
bool each_read(struct reader *reader, const struct scope *scope, const struct node *node,
               struct each *each);

/* `point` with the number in its texts, in the arena. */
const struct node *each_point(struct arena *arena, const struct node *point,
                              const struct each *each, int64_t number);

/* True when "{n}" occurs in the text. */
bool each_in_text(const struct each *each, const char *text);

#endif
