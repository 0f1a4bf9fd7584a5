/* opened.h - what really was: raises out of the issue desk's file.
 *
 * Reads issues.db beside a running daemon, read-only; its events say when an alarm's
 * issue was opened, came back and returned.
 *
 * Threads: one owner.
 */
#ifndef REPORTS_OPENED_H
#define REPORTS_OPENED_H

#include "reports/backtest.h"

/* What became of the issues of one rule that were opened in the span. */
struct opened_rule {
    int64_t issues;
    int64_t closed;
    int64_t judged_false; /* somebody wrote "false alarm" or "误报" when closing them */
    int64_t chattering;   /* times that its alarms came and went too often */
};

struct opened {
    struct raise *raises; /* rule: index of `rules`; told = raised */
    size_t count;
    struct opened_rule *rules;
    /* Times in which no facilityd ran, in order. */
    struct wall_time (*gaps)[2];
    size_t gap_count;
    struct wall_time first_run; /* 0 = there was none */
};

struct opened_query {
    const char *path; /* "issues.db" of the state folder */
    const struct model *model;
    const char *const *rules; /* ids */
    size_t rule_count;
    struct wall_time from;
    struct wall_time to;
};

/* Raises of these rules that touch [from, to). Equipment that the model does not have any
 * more is left out. A file that is not there holds nothing; ERR_IO, ERR_DENIED. */
int opened_read(struct opened *opened, const struct opened_query *query, struct err *err);
void opened_done(struct opened *opened);

/* Whether no facilityd ran then. */
bool opened_is_gap(const struct opened *opened, struct wall_time time);

#endif
