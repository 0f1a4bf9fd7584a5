/* failure_rate.h - how often equipment failed in a month.
 *
 * Reads the state changes from the desk, builds each equipment's timeline
 * (reports/timeline.h), and computes per equipment and per class what the monthly report
 * shows. Definitions are those of REPORT_DEFINITIONS, printed beneath every output.
 *
 * Ownership: the report owns its strings. Threads: any; no shared state.
 */
#ifndef REPORTS_FAILURE_RATE_H
#define REPORTS_FAILURE_RATE_H

#include "base/text.h"
#include "base/tz.h"
#include "issues/desk.h"

enum {
    FAILURE_CONFIDENCE_PERCENT = 90, /* of every interval in the report */
    FAILURE_EVENTS_MAX = 20000,      /* failures listed; more are only counted */
};

struct failure_figures {
    int64_t units;
    double unit_months; /* exposure: in-scope hours / hours of the month */
    int64_t failures;   /* started in the month */
    int64_t repeats;    /* of them: same equipment and rule within 30 days before */
    double up_h;        /* up and degraded */
    double degraded_h;  /* the part of up_h with an active alarm */
    double fault_h;
    double planned_h;
    double external_h;
    double unknown_h;
    int64_t restored; /* failures restored in the month */
    double repair_h;  /* their repair time, from its start, also before the month */
    /* derived; NaN when there is nothing to divide by */
    double rate;     /* failures per unit-month */
    double rate_low; /* exact Poisson interval, 90 % */
    double rate_high;
    double mtbf_h;     /* up / failures; NaN when no failure */
    double mtbf_low_h; /* lower bound, also without failures */
    double mttr_h;
    double mdt_h;                /* fault / failures */
    double availability;         /* up / (up + fault) */
    double availability_planned; /* up / (up + fault + planned) */
    double coverage;             /* 1 - unknown / all */
};

struct failure_row {
    const char *id; /* equipment id, or class */
    const char *name;
    const char *class_name;
    const char *place;
    struct failure_figures figures;
    double p_worse; /* of equipment: the probability that chance alone makes it fail so
                     * often beside the others of its class; NaN without others */
};

struct failure_event {
    const char *equipment;
    const char *rule;
    const char *issue;
    struct wall_time start;
    struct wall_time end; /* 0 = still open at the end of the month or now */
    bool repeat;
};

struct failure_report {
    const char *site_id;
    const char *site_name;
    const char *timezone;
    int64_t year;
    int month;
    struct wall_time from; /* start of the month, local */
    struct wall_time to;   /* its end, or now while it runs */
    bool complete;         /* the month is over */
    struct wall_time made;
    struct failure_row *classes;
    size_t class_count;
    struct failure_row *equipment;
    size_t equipment_count;
    struct failure_event *events; /* started in the month or still open in it */
    size_t event_count;
    bool events_cut; /* there were more than FAILURE_EVENTS_MAX */
    struct failure_figures total;
};

/* `month` is "YYYY-MM"; ERR_INPUT when malformed, ERR_NOT_FOUND when it lies in the
 * future. */
struct failure_report *failure_report_make(struct desk *desk, const struct model *model,
                                           const struct tz *tz, const char *timezone,
                                           const char *month, struct wall_time now,
                                           struct err *err);
void failure_report_free(struct failure_report *report); /* NULL is fine */

void failure_report_json(const struct failure_report *report, struct text *out);
/* RFC 4180 with a BOM; cells that a spreadsheet would run as a formula are defused. */
void failure_report_csv(const struct failure_report *report, const char *language,
                        struct text *out);

/* The definitions, one per line: term, then sentence. `language` "en" or "zh-CN". */
struct report_definition {
    const char *term;
    const char *sentence;
};
const struct report_definition *failure_definitions(const char *language, size_t *count);

#endif
