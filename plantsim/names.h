/* names.h - the nearest valid name for a wrong one. Pure. */
#ifndef PLANTSIM_NAMES_H
#define PLANTSIM_NAMES_H

#include <stddef.h>

/* Number of single-character edits (insert, delete, replace, swap of neighbours) between
 * two names; names longer than 47 bytes count as far. */
size_t names_distance(const char *a, const char *b);

/* The name of the table that is nearest to `wrong`, or NULL when none is near; of two
 * equally near ones the one that begins alike. `name` gives entry `index`. */
const char *names_nearest(const char *wrong, size_t count, const char *(*name)(size_t));

/* The same one name at a time: the better of `best` (NULL at first) and `candidate`. */
const char *names_better(const char *wrong, const char *best, const char *candidate);

#endif
