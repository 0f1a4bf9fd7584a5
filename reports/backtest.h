/* backtest.h - what rules would have made of the past (pure).
 *
 * Runs the rules engine over readings (history/readings.h) as the pipeline would have:
 * readings that are true at the same time go in together, deadlines between them are met
 * at their time. What comes out is every time that a tried rule's alarm was active.
 *
 * The same engine, the same state machine, the same causes: for the rules as they are,
 * the result is what really happened, but for what readings do not know: people who
 * shelve, permit or reset (a latched alarm counts as reset at once), and times in which
 * no facilityd ran, which count as time without readings.
 *
 * Before `from` the rules need a lead, so that windows are full and what was active
 * already is known to be so.
 *
 * Threads: one owner.
 */
#ifndef REPORTS_BACKTEST_H
#define REPORTS_BACKTEST_H

#include "base/clock.h"
#include "reports/backtest_plan.h"
#include "rules/engine.h"
#include "telemetry/sample.h"

/* One time that an alarm was active. One that people were told of and that becomes a
 * symptom (its issue is attached to another's) ends there; what follows is another
 * raise, untold until it stands for itself again. */
struct raise {
    uint32_t rule;      /* index of the tried ones */
    uint32_t equipment; /* index in the model */
    struct wall_time raised;
    struct wall_time told;     /* when it stood for itself and was news; 0 = never: a
                                * symptom, or one of many of an alarm that chatters */
    struct wall_time returned; /* 0 = still active at the end */
    enum severity severity;    /* the worst */
    enum standing standing;    /* as last known */
    bool chattering;           /* it began to chatter with this one */
    const char *cause_rule;    /* of a symptom; NULL when none */
    const char *cause_equipment;
};

enum {
    BACKTEST_RAISES_MAX = 1000000, /* then the rule is of no use; the rest is counted */
};

struct backtest;

struct backtest_settings {
    const struct config *config;    /* borrowed, as long as the backtest */
    const struct tried_rule *tried; /* borrowed for backtest_new */
    size_t tried_count;             /* at most BACKTEST_RULES_MAX */
    struct wall_time from;
    struct wall_time to;
    struct wall_time oldest; /* before that nothing was observed; 0 = not known */
};

/* NULL: some rule cannot be compiled, see the report. */
struct backtest *backtest_new(const struct backtest_settings *settings,
                              struct config_report *report);
void backtest_free(struct backtest *backtest); /* NULL is fine */

/* How many equipments the tried rules watch. */
size_t backtest_instances(const struct backtest *backtest);
/* Whether readings of this point are wanted, and from when on. */
bool backtest_wants(const struct backtest *backtest, uint32_t point);
struct wall_time backtest_begin(const struct backtest *backtest);
/* Whole hours of a point that baselines want before that, in ms; 0: none. Then their
 * means in order of time, before the first reading. */
int64_t backtest_hours_ms(const struct backtest *backtest, uint32_t point);
void backtest_hour(struct backtest *backtest, uint32_t point, struct wall_time start,
                   double mean);

/* Readings in order of time, from backtest_begin on; those of one time may come in
 * several calls. Their `mono` is set. */
void backtest_put(struct backtest *backtest, struct sample *samples, size_t count);
/* Nothing comes any more: up to `to`. */
void backtest_finish(struct backtest *backtest);

/* Those that were active in [from, to), by time of the raise. After backtest_finish. */
const struct raise *backtest_raises(const struct backtest *backtest, size_t *count);
/* How long the truth of the tried rules was unknown in [from, to). A rule that never knew
 * is not a quiet one. After backtest_finish. */
struct backtest_unknown {
    int64_t ms;    /* over all equipment together */
    size_t always; /* equipment on which it never was known */
};
struct backtest_unknown backtest_unknown(const struct backtest *backtest);
uint64_t backtest_lost(const struct backtest *backtest); /* over BACKTEST_RAISES_MAX */

#endif
