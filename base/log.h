/* log.h - one line per event on standard error, for the journal or a terminal.
 *
 * A line is "key=value" pairs behind a journal priority ("<3>"); on a terminal the
 * priority is a word. Only gateway/ and the programs log above debug; every other
 * module returns an error. Secrets never reach a log call.
 *
 * Threads: any; a line is written with one write(2).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

void log_set_debug(bool on); /* before the first thread starts */

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same trouble over and over: told at once, then after 10 s, 20 s, 40 s ... up to
 * an hour with the number of repeats, and once when it ends. One struct per trouble,
 * zeroed at birth, guarded by its owner. */
struct log_trouble {
    bool on;
    struct mono_time since;
    struct mono_time next;
    int64_t interval_ms;
    uint64_t repeats;
};

void log_trouble(struct log_trouble *trouble, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_trouble_over(struct log_trouble *trouble, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
