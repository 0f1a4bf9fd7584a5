/* nearest.h - what somebody probably meant. Pure. Threads: any. */
#ifndef CTL_NEAREST_H
#define CTL_NEAREST_H

#include <stddef.h>

enum {
    NEAREST_LENGTH_MAX = 63, /* longer words have no neighbours */
};

/* Letters too many, too few, another or swapped with their neighbour, between two words;
 * a large number when one is too long. */
size_t nearest_distance(const char *a, const char *b);

/* `candidate` is near enough to `word` to be meant: one letter in three. */
int nearest_is_near(const char *word, size_t distance);

#endif
