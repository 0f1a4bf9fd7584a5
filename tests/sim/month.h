/* month.h - weeks of a site whose gateway is killed again and again.
 *
 * The building lives in this process and goes on whatever happens. The gateway (of
 * tests/sim/town_gate.h, with its desk and its kept readings on disk) runs in a child
 * that gets SIGKILL at random moments of real time, which are random places of its code.
 * The next child begins some simulated seconds later with what is on disk, as
 * gateway/site.c does: alarms from the desk, windows from the readings.
 *
 * Faults come and go by a table drawn from the seed. Each evening a person closes the
 * issues whose alarms are over. So two runs of one seed must end with the same issues,
 * however often the gateway died or was reloaded.
 *
 * Threads: one owner; forks.
 */
#ifndef TESTS_SIM_MONTH_H
#define TESTS_SIM_MONTH_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

struct month_options {
    uint64_t seed;
    unsigned days;
    unsigned faults;
    bool is_long; /* also faults that need hours and days to be found */
    unsigned kills;
    unsigned reloads;
    int64_t poll_ms; /* nothing is polled more often */
    int64_t look_ms; /* nor do the rules look more often; 0: 5 s */
    bool verbose;
};

enum {
    MONTH_OPENED_MAX = 16, /* times of one pair that are remembered */
    MONTH_ISSUES_MAX = 500,
};

/* All issues of one rule on one equipment. */
struct month_issue {
    char rule[64];
    char equipment[64];
    unsigned opened; /* issues */
    unsigned recurrences;
    bool attached; /* one of them became a symptom */
    struct wall_time times[MONTH_OPENED_MAX];
};

struct month {
    struct month_issue issues[MONTH_ISSUES_MAX]; /* by rule and equipment */
    size_t count;
    unsigned kills;
    unsigned starts_killed; /* of them, before the first turn */
    unsigned reloads;
    unsigned lives;
    /* When it was killed or reloaded, simulated; month_done frees it. */
    struct wall_time *deaths;
    unsigned death_count;
};

/* 0, or -1 with err: a gateway that did not start, or that ended by itself. */
int month_run(const struct month_options *options, struct month *month, struct err *err);
void month_done(struct month *month);

/* The issues in the desk of that folder (month_read.c). */
int month_read(struct month *month, const char *folder, struct wall_time now,
               struct err *err);

struct month_difference {
    size_t list;  /* issues that only one has, or one more often */
    size_t apart; /* opened at another time than the deaths before it cost */
};

/* Appends a line for each difference; see month_compare.c. */
struct month_difference month_compare(const struct month *whole,
                                      const struct month *other,
                                      const struct month_options *options,
                                      struct text *out);

#endif
