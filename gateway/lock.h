/* lock.h - one daemon per state folder. Threads: main. */
#ifndef GATEWAY_LOCK_H
#define GATEWAY_LOCK_H

#include "base/err.h"

/* Makes the folder (mode 0700) when it is missing and locks "facilityd.lock" in it for
 * the life of the process. Returns the descriptor, or -1: ERR_STATE when another process
 * has the lock (the text names its pid), ERR_IO when the folder cannot be used. */
int lock_state_dir(const char *state_dir, struct err *err);

#endif
