/* names.h - words for the names that profiles use: points, codes, relations.
 *
 * A profile may give a point its own titles; most leave the usual names (those that the
 * shipped rules speak of) to this table. Codes and relations have no titles at all.
 *
 * Threads: no state.
 */
#ifndef WEB_NAMES_H
#define WEB_NAMES_H

#include "web/http.h"

/* NULL when the name is not among the usual ones. */
const char *name_word(enum language language, const char *name);

/* Of a relation; the name itself when it is not a usual one. */
const char *name_relation(enum language language, const char *name);

/* The names one by one, for tests; NULL beyond the last. */
const char *name_at(size_t index);

#endif
