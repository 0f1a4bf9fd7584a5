/* pty.h - a raw pseudo-terminal whose far end has a path of our choice: a serial port
 * for somebody else. A symlink at the path leads to the terminal; it is removed at the
 * end.
 *
 * Threads: none of its own.
 */
#ifndef PLANTSIM_PTY_H
#define PLANTSIM_PTY_H

#include "base/err.h"

#include <stdbool.h>

struct pty {
    int master; /* non-blocking; -1: closed */
    int slave;  /* held open: without it the master hangs up between two clients */
    char *path;
    bool linked;
};

/* ERR_IO when `path` is something else than an old symlink. On failure nothing is open.
 */
int pty_open(struct pty *pty, const char *path, struct err *err);
void pty_close(struct pty *pty); /* more than once is fine */

#endif
