/* alarm_performance.h - how much people were bothered (pure).
 *
 * The figures of ISA-18.2, IEC 62682 and EEMUA 191 for what one duty post was told. The
 * distribution of the counts of ten minutes comes first: one alarm in ten minutes cannot
 * simply be multiplied into a quota of a day. The standards' figures are for a control
 * room that is always manned; a property's duty post also cleans and patrols, so the
 * targets here are half of them: that is our choice.
 *
 * Threads: no state.
 */
#ifndef REPORTS_ALARM_PERFORMANCE_H
#define REPORTS_ALARM_PERFORMANCE_H

#include "base/clock.h"
#include "base/json_out.h"
#include "config/settings.h"

enum {
    PERFORMANCE_PERIOD_MS = 10 * 60 * 1000,
    PERFORMANCE_CLASSES = 6,           /* of counts: 0, 1, 2, 3..5, 6..10, more */
    PERFORMANCE_PERIODS_MAX = 1000000, /* 19 years */
    PERFORMANCE_TOP = 10,

    PERFORMANCE_MANY = 10, /* in ten minutes; more is too much for anybody */
    PERFORMANCE_MANY_HOUR = 30,
    PERFORMANCE_FLOOD_BEGIN = 10, /* at least, in ten minutes */
    PERFORMANCE_FLOOD_END = 5,    /* fewer */
    PERFORMANCE_STALE_MS = 24 * 60 * 60 * 1000,
};

/* One thing that people were told. */
struct told {
    struct wall_time time;
    struct wall_time returned; /* 0 = still active at the end */
    enum severity severity;
    uint64_t source; /* equal for the same alarm: rule and equipment */
    bool chattering; /* this one began a chattering */
};

struct performance {
    int64_t told;
    int64_t periods;                      /* of ten minutes */
    int64_t classes[PERFORMANCE_CLASSES]; /* how many periods had 0, 1, 2, ... */
    double per_period;                    /* averages */
    double per_hour;
    double per_day;
    int64_t most;           /* in any ten minutes, wherever they begin */
    double share_many;      /* of the periods, with more than PERFORMANCE_MANY */
    double share_many_hour; /* of the hours, with more than PERFORMANCE_MANY_HOUR */
    double share_flood;     /* of the time */
    double share_top;       /* of what the ten most frequent alarms said */
    int64_t chattering;
    int64_t stale;         /* were active for more than a day */
    int64_t stale_most;    /* at the same time */
    int64_t standing_most; /* active at the same time */
    double share_severity[SEVERITY_SERIOUS + 1];
};

/* `told` in any order. False when the span is empty or too long. */
bool performance_compute(const struct told *told, size_t count, struct wall_time from,
                         struct wall_time to, struct performance *performance);

/* The lower ends of the classes, for people: "0", "1", "2", "3-5", "6-10", ">10". */
const char *performance_class_name(size_t index);

/* As an object, each figure with its target where there is one. */
void performance_json(struct json_out *json, const struct performance *performance);

#endif
