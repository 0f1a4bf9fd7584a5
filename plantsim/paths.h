/* paths.h - the folder in which sockets and links of a running simulator lie. */
#ifndef PLANTSIM_PATHS_H
#define PLANTSIM_PATHS_H

#include "base/err.h"

/* Makes the folder of `path` with its parents (for its owner only) when it is missing.
 * ERR_IO when it belongs to somebody else: in a shared /tmp anybody may have made it. */
int paths_make_parent(const char *path, struct err *err);

/* The first of two paths that exists, else the second. */
const char *paths_first_of(const char *first, const char *second);

#endif
