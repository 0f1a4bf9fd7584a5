/* backtest_show.h - a backtest as people and programs read it.
 *
 * Threads: main.
 */
#ifndef CTL_BACKTEST_SHOW_H
#define CTL_BACKTEST_SHOW_H

#include "base/json_out.h"
#include "base/tz.h"
#include "config/config.h"
#include "reports/alarm_performance.h"
#include "reports/opened.h"
#include "reports/raise_list.h"

/* Raises of one version of a rule, from all jobs, by time. */
struct outcome {
    struct raise *raises; /* owned */
    size_t count;
    struct would_issue *issues; /* owned */
    size_t issue_count;
    size_t told;
    size_t symptoms;
    size_t chattering;
    size_t instances; /* equipment that it watches */
    struct backtest_unknown unknown;
    bool performs; /* there are figures */
    struct performance performance;
};

/* Two versions beside each other. */
struct comparison {
    struct raise_pair *pairs; /* owned; NULL: nothing to compare with */
    size_t count;
    size_t kinds[RAISE_ONLY_NEW + 1];
    size_t gaps; /* of ONLY_NEW: no facilityd ran then */
};

struct backtest_result {
    const struct rule_settings *rule; /* the one that was asked for */
    const struct model *model;
    const struct tz *tz;
    struct wall_time from;
    struct wall_time to;
    struct wall_time oldest; /* readings begin */
    size_t instances;
    uint64_t readings;
    uint64_t damaged;
    uint64_t lost;
    bool changed;           /* `tried` is another version than `present` */
    struct outcome tried;   /* the rule that was asked for */
    struct outcome present; /* when it is changed and there is one */
    struct comparison against_present;
    struct comparison against_opened;
    bool all; /* rows without end */
};

void backtest_show(const struct backtest_result *result);
void backtest_show_json(const struct backtest_result *result, struct text *out);

/* "3 h 20 min", "45 s"; returns `out`. */
enum {
    SHOW_SPAN_SIZE = 32,
};
char *show_span(int64_t ms, char out[SHOW_SPAN_SIZE]);

#endif
