/* stage.h - a shipped rule is staged: its scenario begins, the alarm comes in time, says
 * why with values that the devices show, and goes when the scenario has ended.
 *
 * Threads: one owner (see town.h).
 */
#ifndef TESTS_SIM_STAGE_H
#define TESTS_SIM_STAGE_H

#include "tests/sim/town.h"

enum {
    STAGE_SECOND = 1000,
    STAGE_MINUTE = 60 * STAGE_SECOND,
    STAGE_HOUR = 60 * STAGE_MINUTE,
    STAGE_TEXT_MAX = 64 * 1024,
};

struct stage {
    const char *rule;
    const char *equipment;
    const char *scenario; /* whose row names the rule */
    const char *target;   /* NULL: the equipment */
    const char *variant;  /* NULL: the usual one */
    const char *also;     /* a second one, "scenario@target"; NULL: none */
    const char *start;    /* local time; NULL: a Tuesday, 9:00 */
    int64_t warm_ms;      /* before it begins, so that windows have something; 0: 2 min */
    int64_t reach_ms;     /* until the condition is true, at most; 0: 1 min */
    int64_t over_ms;      /* from its end until the alarm is over, at most; 0: 3 min */
    bool is_long;         /* hours and days: a program of its own runs it */
    bool is_season;       /* weeks: played together with the others of its kind */
    int64_t poll_ms;      /* nothing is polled more often; 0: 10 s, but the class of the
                           * equipment as it is configured */
};

extern const struct stage stages[];
extern const size_t stage_count;

/* All of the season at once: the same weeks before them, then all their scenarios, until
 * each has come, explained itself and gone. */
int stage_season(struct text *why);

/* 0, or -1 with what went wrong in `why`. */
int stage_run(const struct stage *stage, struct text *why);

/* A value of the local time "2026-11-24T09:00" in the demo's zone. */
struct wall_time stage_time(const char *local);

#endif
