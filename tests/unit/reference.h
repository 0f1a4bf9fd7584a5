/* reference.h - what expressions come to, straight from the definitions of the language:
 * every reading is kept, every question looks at all of them again. Slow and simple, to
 * hold the real evaluator (rules/eval.h) against; shares only the parser and the check
 * with it.
 *
 * Times are event times in ns on the engine's axis. Threads: one owner. */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#include "base/tz.h"
#include "config/config.h"
#include "rules/ast.h"
#include "rules/value.h"
#include "telemetry/model.h"
#include "telemetry/sample.h"

/* One good reading, or (in a point that reports on change) a break. */
struct ref_reading {
    int64_t time_ns;
    int64_t wall_ns; /* the same by the wall clock */
    double value;
    double in_order; /* before a late one replaced it */
    double last;     /* that was read at this time, also when a break has ended it */
    bool uncertain;
    bool last_uncertain;
    bool read;   /* a reading, though a break at the same time has ended it */
    bool gap;    /* a break: ends what was in force, begins nothing */
    bool late;   /* came after a newer one, be it a break */
    bool behind; /* came after a newer reading */
};

/* Everything that is known of one point. */
struct ref_series {
    const struct point *point;
    struct ref_reading *rows; /* in order of time, one at a time */
    size_t count;
    size_t room;

    bool heard; /* the rest is of the last sample of any quality */
    int64_t heard_ns;
    uint8_t quality;
    uint8_t reason;
    double raw;
};

/* What the truth of one expression was each time that it was evaluated. */
struct ref_truth {
    const struct ast_node *node;
    const struct equipment *equipment;
    struct ref_moment {
        int64_t time_ns;
        enum truth truth;
    } * moments;
    size_t count;
    size_t room;
};

struct reference {
    const struct config *config;
    const struct model *model;
    const struct tz *tz;
    const struct calendar_settings *calendar; /* NULL: no holidays, no seasons */
    int64_t start_ns;                         /* observed since */
    struct ref_series *series;
    struct ref_series *kept; /* as long windows keep them: the first of two at one time */
    struct ref_truth *truths;
    size_t truth_count;
};

/* One question. */
struct ref_ask {
    const struct ast *ast; /* checked */
    const struct equipment *equipment;
    const struct rule_settings *rule;
    int64_t now_ns;
    struct wall_time wall;
    double min_cover;
    bool peek;           /* truths are not written down */
    struct value *trace; /* out: the value of each node; may be NULL */
    double *slack;       /* out: how far each node may be off, as it is documented */
};

void ref_open(struct reference *ref, const struct config *config, const struct tz *tz,
              int64_t start_ns);
void ref_close(struct reference *ref);

/* A sample as rules/track.h takes it. */
void ref_put(struct reference *ref, const struct sample *sample, int64_t event_ns,
             int64_t arrived_ns);

struct value ref_eval(struct reference *ref, const struct ref_ask *ask);

/* ---- between the parts of the reference ---- */

/* What one question looks at in one window (from, to]. */
struct ref_window {
    const struct ref_series *series;
    int64_t from_ns;
    int64_t to_ns;
    uint32_t samples;               /* "#n", else 0 */
    const struct ref_reading *in;   /* readings inside, breaks too */
    size_t in_count;                /* with breaks */
    size_t count;                   /* without */
    const struct ref_reading *left; /* in force at from, or NULL */
    const struct ref_reading *right;
    bool rounded;  /* too long to be kept exactly: the edges are those of parts */
    bool past;     /* ends before now */
    bool before;   /* begins before the daemon observed */
    unsigned late; /* readings inside that came out of order */
};

/* What is in force at that time, or NULL. */
const struct ref_reading *ref_in_force(const struct ref_series *series, int64_t at_ns);
/* Until when a reading is in force at most: the next one, or the end of its hold; the
 * last instant of it belongs to it (`*inclusive`) or not. */
int64_t ref_until(const struct ref_series *series, const struct ref_reading *row);
/* Why nothing is in force now. */
uint32_t ref_why(const struct reference *ref, const struct ref_series *series,
                 int64_t now_ns);

void ref_window(struct ref_window *window, const struct reference *ref,
                const struct ref_series *series, const struct ast_node *spec,
                int64_t now_ns);

/* How far the function of that name may be off: a long window takes the number, sum and
 * extremes of late readings, but not their place among the others. INFINITY when that
 * decides whether the window is covered well enough. */
double ref_slack(const struct ref_ask *ask, const char *name,
                 const struct ref_window *window, double argument);

/* The function of that name over a window; false when there is none. */
bool ref_call_window(const struct reference *ref, const struct ref_ask *ask,
                     const char *name, const struct ref_window *window, double argument,
                     struct value *out);

/* How the truth of a condition went in (from, now]. */
struct ref_span {
    int64_t known_ns;
    int64_t true_ns;
    unsigned rises;
    unsigned falls;
    bool any_false;
    enum truth now;
    bool uncertain;
    bool before; /* the daemon observed */
    bool past;
};
bool ref_is_truth(const char *name); /* of a function */
struct value ref_call_truth(struct reference *ref, const struct ref_ask *ask,
                            const struct ast_node *call);

/* The value of one term; whose readings a name means. */
struct value ref_term(struct reference *ref, const struct ref_ask *ask, uint16_t index);
struct ref_series *ref_series_of(struct reference *ref, const struct ref_ask *ask,
                                 const struct ast_node *node);

/* dow, workday, holiday, season; false when it is none of them. */
bool ref_call_calendar(const struct reference *ref, const struct ref_ask *ask,
                       const char *name, const char *argument, struct value *out);

struct ref_nights {
    int64_t length_ns;
    int from_min; /* of the day */
    int to_min;
    unsigned count;
    double quantile;
};
struct value ref_call_nights(const struct reference *ref, const struct ref_ask *ask,
                             const struct ref_series *series,
                             const struct ref_nights *spec);

/* baseline and zscore; `now` is the present average. */
struct value ref_call_weeks(const struct reference *ref, const struct ref_ask *ask,
                            const char *name, const struct ref_series *series,
                            int64_t length_ns, unsigned weeks, struct value now);

/* What is in force now, or why there is nothing. */
struct value ref_value(const struct reference *ref, const struct ref_series *series,
                       int64_t now_ns);
/* A result: unknown when one of what it was computed from was. */
struct value ref_computed(double number, struct value a, struct value b);

static inline bool ref_unknown(struct value value)
{
    return (value.marks & WHY_ALL) != 0;
}

/* The function of that name; false when there is none. */
bool ref_call_plain(const char *name, const struct value *v, size_t count,
                    struct value *out);
bool ref_call_point(const struct reference *ref, const struct ref_ask *ask,
                    const char *name, const struct ref_series *series, double argument,
                    struct value *out);

#endif
