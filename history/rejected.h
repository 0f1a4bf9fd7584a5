/* rejected.h - the lines that a database refused, in a file that can be posted again.
 *
 * "rejected.lp" in the spool's folder: the server's words as a comment, then the line. At
 * REJECTED_BYTES_MAX it becomes "rejected.lp.1" and a new one begins.
 *
 * Threads: one writer per folder.
 */
#ifndef HISTORY_REJECTED_H
#define HISTORY_REJECTED_H

#include "base/clock.h"
#include "base/err.h"

#include <stddef.h>

enum {
    REJECTED_BYTES_MAX = 1024 * 1024, /* of each of the two files */
};

/* `line` with its LF; `words` are written on one line. */
int rejected_add(const char *folder, const char *line, size_t length, const char *words,
                 struct wall_time now, struct err *err);

#endif
