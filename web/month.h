/* month.h - the month that a report is about (pure).
 *
 * Threads: no state.
 */
#ifndef WEB_MONTH_H
#define WEB_MONTH_H

#include "web/call.h"

enum {
    MONTH_SIZE = 32, /* "2026-11"; room for what year numbers may hold */
};

/* ?month= as it was given, or the site's present month (written to `room`). */
const char *month_asked(const struct call *call, char room[MONTH_SIZE]);

/* The problem of a report that could not be made for that month. */
void month_failed(struct response *response, const struct err *err);

/* "YYYY-MM" moved by `months`. */
char *month_format(int64_t year, int month, int months, char out[MONTH_SIZE]);

#endif
