/* engine_impl.h - the inside of the engine, shared by rules/engine*.c and cause*.c; not
 * for others.
 *
 * engine.c          birth, samples in, questions
 * engine_unit.c     one rule compiled for equipment that is alike; what is wrong with it
 * engine_build.c    from rules as written to instances that can run
 * engine_index.c    what depends on what
 * engine_eval.c     what is dirty or due is evaluated, its alarm steps
 * engine_blind.c    which equipment is not observed
 * engine_emit.c     what has happened in a step, told in order
 * engine_recall.c   the past put back after a restart
 * engine_virtual.c  points that are computed
 * engine_gate.c     which readings need no evaluation
 * engine_explain.c  words for people
 * engine_asked.c    an explanation that was asked for
 * engine_unknown.c  for how long truths were unknown
 * cause_graph.c     which alarm could explain which
 * cause.c           which one does
 *
 * An item of the agenda and of the dirty queue is an instance or, behind them, a virtual
 * point.
 */
#ifndef RULES_ENGINE_IMPL_H
#define RULES_ENGINE_IMPL_H

#include "base/map.h"
#include "base/text.h"
#include "rules/agenda.h"
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/engine.h"
#include "rules/gate.h"
#include "rules/parts.h"

enum {
    /* Evidence of one change: a hundred terms and the samples of thirty points. */
    ENGINE_EVIDENCE_MAX = 128 * 1024,

    /* For so long an alarm that was put back waits for readings of this run. */
    HEARD_WITHIN_MS = 30000,
};

#define INSTANCE_NONE UINT32_MAX

/* One rule, compiled for all equipment whose points are alike. */
struct unit {
    const struct rule_settings *rule;
    struct rule_settings timing; /* the rule with unknown_grace_ms worked out */
    const struct equipment *example;
    struct parts parts;
    struct program *program;
    unsigned starts[PART_COUNT];
    struct gate_leaf *leaves; /* its comparisons of points with constants */
    size_t leaf_count;
    bool plain; /* nothing but values in force: it changes with them or when they
                 * become stale */
    struct gate_window *windows; /* NULL: each reading counts */
    size_t window_count;
    bool logs;        /* it keeps the past of a truth, its groups included */
    bool settles;     /* it may be worth asking how long it stays (rules/settled.h) */
    int64_t reach_ms; /* how far back its windows look, those over expressions included */
    bool good;        /* checked and compiled */
    struct unit *next;
};

/* One rule on one equipment. */
struct instance {
    /* touched whenever it is due */
    const struct unit *unit;
    struct track *track; /* when it looks at one point only; else NULL */
    int64_t due_ns;      /* when it must be evaluated even if nothing comes */
    bool idle;           /* plain, and no delay runs: due only when a value gets stale */
    bool dirty;          /* in the dirty queue */

    /* touched by every evaluation */
    struct binding binding;
    struct alarm alarm;
    int64_t
        stepped_ns;    /* up to where time was counted; INT64_MIN before the first step */
    int64_t active_ns; /* since when it is active; INT64_MIN: put back, not yet known */
    int64_t began_ns;  /* when what `for` counts became true */
    int64_t blind_ns;  /* since when readings are missing; INT64_MAX: they are not */
    uint8_t event;     /* of this step, enum alarm_event, until it is told */
    bool changed;      /* in the list of changes */
    bool stored;       /* the last change that went out was not the normal state */
    bool blind;        /* for longer than its blind_after */
    bool doubt;        /* readings are missing, or have not come yet */
    bool waiting;      /* in the list of those that wait */
    bool restored;     /* moves only on readings of this run */
    bool told_active;  /* what watchers of active() have seen */
    uint8_t when;      /* enum truth */
    uint8_t standing;  /* enum standing */
    int64_t stored_ms; /* observed_ms of that change */

    /* touched when something happens */
    const struct equipment *equipment;
    struct chatter chatter;
    uint32_t cause;      /* of a symptom, the topmost; else INSTANCE_NONE */
    int64_t raised_ns;   /* INT64_MIN: before this run */
    int64_t returned_ns; /* last; INT64_MIN: not in this run */
    int64_t wait_ns;     /* WAITING: until; REPROVE: since */
    int64_t proof_ns;    /* REPROVE: when it was first seen again; INT64_MIN: not yet */
};

/* The instances of a rule are contiguous. */
struct rule_state {
    const struct rule_settings *rule;
    struct unit *units;
    size_t first;
    size_t count;
};

/* An alarm that could explain another one. */
struct cause_parent {
    uint32_t instance;
    uint16_t row;    /* of config->suppress */
    uint16_t branch; /* with `all`: the member of the relation that it stands for */
};

struct cause_graph {
    uint32_t *first; /* by instance, one more at the end: its run of parents */
    struct cause_parent *parents;
    uint32_t *child_first; /* the same for those it could explain */
    uint32_t *children;
    uint8_t *depth; /* 0: nothing could explain it */
};

/* A virtual point of one equipment. */
struct computed {
    const struct virtual_settings *settings;
    const struct point *point;
    struct ast *ast;
    struct program *program;
    struct rule_settings rule; /* for what a binding asks of a rule: no parameters */
    struct binding binding;
    unsigned start;
    bool dirty;
};

struct engine {
    /* fixed after new */
    const struct config *config;
    struct tz *tz;
    int64_t start_ns;     /* of what is remembered */
    int64_t run_ns;       /* of this run */
    int64_t heard_ns;     /* the newest of what was put back; INT64_MIN: nothing was */
    int64_t stop_ns;      /* from then to this run */
    bool restored;        /* some alarm was put back: see is_heard in engine_eval.c */
    uint32_t *places;     /* by point index: of its track; 0: no rule looks at it */
    struct track *tracks; /* reserve of one for each point, and none at 0 */
    size_t track_count;   /* taken of it, the one at 0 included */
    struct rule_state *rules;
    struct instance *instances;
    size_t instance_count;
    size_t instance_capacity;
    uint32_t *dependents; /* instance indices; each track has a run of them */
    size_t dependent_count;
    uint32_t *watcher_first; /* by instance: its run of those that ask active() of it */
    uint32_t *watchers;
    struct map *by_key; /* "rule\nequipment" to instance */
    struct cause_graph causes;
    struct computed *computed; /* in the order in which they can be computed */
    size_t computed_count;
    uint32_t *blind_first; /* by equipment: its run of instances that ask blind() */
    uint32_t *blind_askers;

    /* moving */
    int64_t now_ns;
    int64_t offset_ns; /* wall minus monotonic, as last seen */
    bool offset_known;
    struct wall_time wall;
    uint32_t *resting; /* by instance: place of the track that is all an idle one looks
                        * at; 0: it is not idle, or looks at more. Asked instead of the
                        * instance, which is not in the cache */
    uint32_t *dirty;   /* ring of items to evaluate, room for all of them */
    size_t dirty_head;
    size_t dirty_count;
    uint32_t *fresh; /* places of tracks that are */
    size_t fresh_count;
    uint32_t *changed; /* instances to tell of at the end of the step */
    size_t changed_count;
    uint32_t *waiting; /* instances that are WAITING or REPROVE, or symptoms of what has
                        * returned */
    size_t waiting_count;
    int64_t waiting_due_ns;
    uint32_t *blind_count;        /* by equipment: instances that are blind */
    uint32_t *doubt_count;        /* and those in doubt */
    struct unknown_time *unknown; /* by instance; NULL: nobody wants to know */
    int64_t unknown_from_ns;
    struct agenda *agenda;
    struct text evidence;
    struct value *stack; /* EVAL_STACK values */
    struct value *trace; /* AST_NODES_MAX each, for explain */
    struct note *notes;
};

static inline size_t engine_items(const struct engine *engine)
{
    return engine->instance_count + engine->computed_count;
}

/* NULL: no rule looks at the point. */
static inline struct track *engine_track(const struct engine *engine, uint32_t point)
{
    uint32_t place = engine->places[point];

    return place == 0 ? NULL : &engine->tracks[place];
}

static inline uint32_t engine_index_of(const struct engine *engine,
                                       const struct instance *instance)
{
    return (uint32_t)(instance - engine->instances);
}

/* Its condition is true for people: a latched alarm has returned. */
static inline bool instance_fires(const struct instance *instance)
{
    return instance->alarm.state == ALARM_ACTIVE ||
           instance->alarm.state == ALARM_CLEARING;
}

/* engine_unit.c */
/* What an expression may name; NULL example: nothing is known about points. */
struct check_scope engine_check_scope(const struct config *config,
                                      const struct rule_settings *rule,
                                      const struct equipment *example);
/* What is being compiled, and where its messages go. */
struct builder {
    struct engine *engine;
    const struct config *config;
    struct config_report *report;
    const struct model *model;
    const struct rule_settings *rule;
    struct rule_state *state;
    struct parts parts; /* as parsed, never typed */
};
/* Parses the rule aloud; false when a part has an error. */
bool unit_parse(struct builder *builder);
/* Checks and compiles the rule for equipment like `example`, silently; see unit.good. */
struct unit *unit_new(struct builder *builder, const struct equipment *example);
void unit_free(struct unit *unit); /* and those behind it; NULL is fine */
/* Says with `example` in mind what is wrong; false when nothing is. Keeps the first
 * error's text in `first`, which may be NULL. */
bool unit_check_aloud(struct builder *builder, const struct equipment *example,
                      bool errors, bool warnings, char first[DIAGNOSIS_TEXT_MAX]);
/* Says in err (ERR_NOT_FOUND) which name of the rule the equipment lacks; -1. */
int engine_missing(const struct engine *engine, const struct rule_settings *rule,
                   const struct equipment *equipment, struct err *err);

/* engine_build.c: compiles and binds all rules. */
void engine_build(struct engine *engine, struct config_report *report);
struct track *engine_track_for(void *context, const struct point *point);
/* Whether the rule is for equipment of this kind. */
bool engine_class_fits(const struct rule_settings *rule,
                       const struct equipment *equipment);

/* engine_index.c: finds what depends on what; everything is to be evaluated first. */
void engine_index(struct engine *engine, struct config_report *report);

/* engine_virtual.c */
void virtual_build(struct engine *engine, struct config_report *report);
void virtual_evaluate(struct engine *engine, uint32_t item, const struct engine_out *out);
void virtual_free(struct engine *engine);

/* engine.c */
void engine_take(struct engine *engine, const struct sample *sample);
/* The instance or NULL. */
struct instance *engine_find(const struct engine *engine, const char *rule,
                             const char *equipment);

/* engine_eval.c */
/* Evaluates what looks at the point before the next reading takes the place of this one:
 * of two readings in one turn the first may be the one that raises. */
void engine_catch_up(struct engine *engine, const struct track *track);
void engine_mark(struct engine *engine, uint32_t item);
/* It is not idle any more. */
void engine_rouse(struct engine *engine, struct instance *instance);
/* What an evaluation with this binding starts with. */
struct eval engine_eval_begin(const struct engine *engine, const struct binding *binding,
                              const struct rule_settings *rule);
/* What the expressions say now; the deadline is in `eval`. */
void engine_truths(struct engine *engine, struct instance *instance, struct eval *eval,
                   struct alarm_truths *truths, uint32_t *marks);

/* engine_blind.c */
/* After an evaluation that left `marks`. */
void blind_watch(struct engine *engine, struct instance *instance, uint32_t marks);
/* When it can be told whether the equipment is blind, for an alarm that was put back; not
 * after now: it can. */
int64_t blind_known_ns(const struct engine *engine, const struct instance *instance);

/* engine_unknown.c: the truth became (un)known, while that is watched. */
void unknown_moved(struct engine *engine, uint32_t index, bool unknown);

/* engine_emit.c */
void engine_tell(struct engine *engine, const struct engine_out *out);
/* Tells of one change now. */
void engine_emit_change(struct engine *engine, struct instance *instance,
                        enum change_kind kind, const struct engine_out *out);

/* engine_gate.c: after an evaluation. `settled`: its truths are decided by bounds. */
void engine_narrow(const struct instance *instance, const struct eval *eval,
                   bool settled);

/* engine_explain.c: writes evidence or explanation; false when it did not fit. */
bool engine_describe(struct engine *engine, const struct instance *instance,
                     struct text *json);

/* cause_graph.c */
void cause_graph_build(struct engine *engine, struct config_report *report);
void cause_graph_free(struct cause_graph *graph);

/* cause.c */
/* Decides what an alarm that has just been raised stands for. */
void cause_raised(struct engine *engine, struct instance *instance);
/* Its own symptoms become symptoms of it; tells of them. */
void cause_spread(struct engine *engine, struct instance *instance,
                  const struct engine_out *out);
/* What it explained must show itself anew; tells of them. */
void cause_returned(struct engine *engine, struct instance *instance,
                    const struct engine_out *out);
/* Looks at those that wait or must be proved; tells of what is decided. `news`: some
 * alarm was raised or returned in this step. */
void cause_settle(struct engine *engine, bool news, const struct engine_out *out);
/* Puts back what was stored. */
void cause_restore(struct engine *engine, struct instance *instance,
                   const struct alarm_memory *memory);
/* When a reading of its was last heard; INT64_MAX when nothing of it is polled. */
int64_t cause_seen_ns(const struct engine *engine, const struct instance *instance);

#endif
