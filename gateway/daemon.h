/* daemon.h - start, signals, reload, stop.
 *
 * Threads: daemon_run on the main thread; it blocks the signals it handles before any
 * thread starts and takes them in order with sigtimedwait.
 */
#ifndef GATEWAY_DAEMON_H
#define GATEWAY_DAEMON_H

#include "gateway/options.h"

/* Checks the configuration and prints what is wrong. Exit code 0 or 78. */
int daemon_check(const struct options *options);

/* Prints what every link is asked for, and what is wrong. Exit code 0 or 78. */
int daemon_plan(const struct options *options);

/* Runs until SIGTERM or SIGINT. Returns the exit code. */
int daemon_run(const struct options *options);

#endif
