/* engine.h - which rules a sample touches, and what becomes of them.
 *
 * Compiles every rule for every equipment of its class that has the points the rule
 * names (an instance), keeps the windows they need, and steps the alarm state machine
 * (rules/alarm.h) of an instance when a sample of its arrives, when one of its deadlines
 * comes, and periodically while a window slides. Decides whether an alarm stands for
 * itself or is a symptom of another one (rules/cause.h). Computes virtual points. Pure:
 * time comes in, changes go out; no I/O, no clock, no log.
 *
 * Threads: one owner at a time; gateway/ guards it with one mutex so that pages may call
 * engine_explain.
 */
#ifndef RULES_ENGINE_H
#define RULES_ENGINE_H

#include "base/err.h"
#include "config/config.h"
#include "rules/alarm.h"
#include "rules/chatter.h"
#include "telemetry/sample.h"

struct engine;

/* What an active alarm means to people.
 *
 *   raised ─► WAITING ─► ROOT        nothing above it explains it: an issue of its own
 *                │  ▲
 *                ▼  │ the cause has returned, and since then a fresh reading has shown
 *             SYMPTOM  for `for` that this one is still there (until then: REPROVE)
 *
 * WAITING lasts until what could explain it has been seen in order after the condition of
 * this one began, at most CAUSE_WAIT_MS; none at all for highly managed rules and for
 * those that nothing can explain. A ROOT becomes a SYMPTOM when a cause is raised within
 * CAUSE_LATE_MS after it. */
enum standing {
    STANDING_NONE, /* not active */
    STANDING_WAITING,
    STANDING_ROOT,
    STANDING_SYMPTOM,
    STANDING_REPROVE,
};
const char *standing_name(enum standing standing); /* "waiting", "root", ... */

enum {
    CAUSE_WAIT_MS = 30 * 1000,
    CAUSE_LATE_MS = 5 * 60 * 1000,
};

enum change_kind {
    CHANGE_RAISED,   /* became active; its standing is WAITING, ROOT or SYMPTOM */
    CHANGE_STANDING, /* it is now ROOT (its issue opens, if none is open), SYMPTOM (an
                      * issue it has is attached to its cause's) or REPROVE */
    CHANGE_LEVEL,    /* stayed active with another severity */
    CHANGE_RETURNED, /* became normal again (the condition cleared for clear_for) */
    CHANGE_CHATTERS, /* comes and goes: one issue about the signal instead of many */
    CHANGE_STEADY,   /* has stopped chattering */
    CHANGE_PROGRESS, /* nothing for people: timers moved or the truth became (un)known;
                      * to be stored so that a restart goes on from here */
};

/* One thing that happened to the alarm of one rule on one equipment. CHANGE_PROGRESS
 * comes for every change of an active alarm's state or mark, for a delay each 10 s that
 * it advances, and when what was told before is over; short delays are not told.
 *
 * Within one step a cause is told before its symptoms. */
struct alarm_change {
    enum change_kind kind;
    const struct rule_settings *rule;
    const struct equipment *equipment;
    struct alarm alarm; /* its state after the change */
    enum severity severity;
    enum standing standing;
    /* SYMPTOM: the topmost alarm that explains it; else NULL. */
    const struct rule_settings *cause_rule;
    const struct equipment *cause_equipment;
    struct chatter chatter;
    struct wall_time time; /* when it became true */
    const char *evidence;  /* JSON (see engine_explain) of RAISED, LEVEL, RETURNED and
                            * STANDING to ROOT; else NULL. Borrowed: valid during the
                            * call it is passed to */
};

/* Called by engine_step for each change; must copy what it keeps. */
typedef void engine_emit(void *context, const struct alarm_change *change);
/* Values of virtual points, like a link's: for the live table and the history. The engine
 * has already taken them in itself. */
typedef void engine_samples(void *context, const struct sample *samples, size_t count);

struct engine_out {
    engine_emit *emit;
    engine_samples *samples; /* NULL: nobody wants them */
    void *context;
};

/* Compiles all rules of the configuration. Errors and warnings go to the report with
 * their place inside the expression; NULL when there is an error. `config` is borrowed
 * and must outlive the engine. `start` is when the daemon began to observe. */
struct engine *engine_new(const struct config *config, struct mono_time start,
                          struct config_report *report);
void engine_free(struct engine *engine); /* NULL is fine */

size_t engine_instances(const struct engine *engine);
size_t engine_memory(const struct engine *engine); /* bytes in windows */

/* What is stored of an alarm, and put back after a restart or a reload. */
struct alarm_memory {
    struct alarm alarm;
    enum standing standing;
    const char *cause_rule; /* ids; "" when none */
    const char *cause_equipment;
    struct chatter chatter;
    uint64_t text_hash; /* of the rule it was stored under */
};

/* Puts back what was stored for (rule id, equipment id); ignored when the pair does not
 * exist any more (returns false). Another hash keeps an active alarm active and starts
 * its timers again. */
bool engine_restore(struct engine *engine, const char *rule, const char *equipment,
                    const struct alarm_memory *memory);
/* The hash to store with an alarm of this rule. */
uint64_t engine_rule_hash(const struct rule_settings *rule);

/* ---- the past: between engine_restore and the first engine_put ---- */

/* How far back engine_recall wants readings of a point, in ms; 0: no rule looks at it. */
int64_t engine_reach_ms(const struct engine *engine, uint32_t point);
/* Whole hours of a point that baselines want, in ms back from now; 0: none. */
int64_t engine_hours_ms(const struct engine *engine, uint32_t point);

/* Readings of the past, in order of time over all points: windows, logs of truths and
 * what else a function remembers are as if they had been observed. No alarm moves. `mono`
 * and `wall` are now; the samples' wall times say how long ago they were true. */
void engine_recall(struct engine *engine, const struct sample *samples, size_t count,
                   struct mono_time mono, struct wall_time wall);
/* The mean of one past hour, in order of time, before engine_recall. */
void engine_recall_hour(struct engine *engine, uint32_t point, struct wall_time start,
                        double mean);
/* The past is complete. */
void engine_recalled(struct engine *engine);

/* A person resets a latched alarm whose condition is gone; the next engine_step emits it
 * as CHANGE_PROGRESS. False when it is not latched. */
bool engine_reset(struct engine *engine, const char *rule, const char *equipment);

/* Takes readings in: windows, last values, what must be evaluated. */
void engine_put(struct engine *engine, const struct sample *samples, size_t count);

/* Evaluates what is dirty or due at (mono, wall) and emits the changes. */
void engine_step(struct engine *engine, struct mono_time mono, struct wall_time wall,
                 const struct engine_out *out);

/* When engine_step has to be called next even if no sample comes. */
struct mono_time engine_due(const struct engine *engine);

/* The present alarm of an instance; false when there is none. */
bool engine_alarm(const struct engine *engine, const char *rule, const char *equipment,
                  struct alarm *alarm);

/* Appends as JSON the present truth of a rule on an equipment; the evidence of a change
 * has the same shape:
 *
 *   { "rule", "equipment", "state", "since", "time", "unknown", "unknown_ms",
 *     "observed_ms", "for_ms", "clear_for_ms", "activation", "severity",
 *     "standing", "cause": {"rule", "equipment"} or null, "chattering",
 *     "when": TERM, "clear": TERM,             no "clear" when it is not (when)
 *     "levels": [{"severity", "when": TERM}],  instead of "when" for a rule with levels
 *     "params": {"flow_min": 0.5, ...},        as used here
 *     "overridden": ["flow_min", ...],         those that the equipment sets itself
 *     "parents": [{"rule", "equipment", "state", "unknown", "seen"}],  what could explain
 *     "samples": [{"point", "time", "quality", "value", "unit" or "reason"}, ...] }
 *   TERM: { "text", "value", "unit", "terms": [TERM, ...] }
 *
 * "value" is true, false, a number, the name of an enum value, or null when it is not
 * known; then "reasons" says why ("stale", "coverage", ...). "uncertain" stands there
 * when it is true. A function of a window also has "coverage" (0..1), "samples" and,
 * where there is more than one, "method"; one over a relation "member_count" and
 * "members": [{"equipment", "value"}]. The samples are the last eight of each point,
 * oldest first; a point of other equipment is written "bus-1.online".
 *
 * ERR_NOT_FOUND when there is no such instance (the text says which of rule, equipment
 * and point is missing). */
int engine_explain(struct engine *engine, const char *rule, const char *equipment,
                   struct mono_time mono, struct wall_time wall, struct text *json,
                   struct err *err);

/* Calls `each` for every rule with the number of its instances and of active ones. */
typedef void engine_rule_visit(void *context, const struct rule_settings *rule,
                               size_t instances, size_t active);
void engine_visit_rules(const struct engine *engine, engine_rule_visit *each,
                        void *context);

/* From then on it is counted for how long truths are unknown. Right behind engine_new. */
void engine_watch_unknown(struct engine *engine, struct mono_time from);
/* Calls `each` for every instance with how long its truth was unknown until `to`, which
 * is not before the last step. */
typedef void engine_unknown_visit(void *context, const struct rule_settings *rule,
                                  int64_t unknown_ms);
void engine_visit_unknown(const struct engine *engine, struct mono_time to,
                          engine_unknown_visit *each, void *context);

#endif
