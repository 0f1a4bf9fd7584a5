/* engine_impl.h - the inside of the engine, shared by rules/engine*.c; not for others. */
#ifndef RULES_ENGINE_IMPL_H
#define RULES_ENGINE_IMPL_H

#include "base/map.h"
#include "base/text.h"
#include "rules/agenda.h"
#include "rules/bind.h"
#include "rules/engine.h"

enum {
    /* Evidence of one change: a hundred terms and the samples of thirty points. */
    ENGINE_EVIDENCE_MAX = 128 * 1024,
};

/* One rule, compiled for all equipment whose points are alike. */
struct unit {
    const struct rule_settings *rule;
    struct rule_settings timing; /* the rule with unknown_grace_ms worked out */
    const struct equipment *example;
    struct ast *when;
    struct ast *clear; /* NULL: not (when) */
    struct program *program;
    unsigned when_start;
    unsigned clear_start;
    bool good; /* checked and compiled */
    struct unit *next;
};

/* One rule on one equipment. */
struct instance {
    const struct unit *unit;
    const struct equipment *equipment;
    struct binding binding;
    struct alarm alarm;
    struct chatter chatter;
    int64_t
        stepped_ns;    /* up to where time was counted; INT64_MIN before the first step */
    int64_t due_ns;    /* when it must be evaluated even if nothing comes */
    bool dirty;        /* in the dirty list */
    bool stored;       /* the last change that went out was not the normal state */
    int64_t stored_ms; /* observed_ms of that change */
};

/* The instances of a rule are contiguous. */
struct rule_state {
    const struct rule_settings *rule;
    struct unit *units;
    size_t first;
    size_t count;
};

struct engine {
    /* fixed after new */
    const struct config *config;
    struct tz *tz;
    int64_t start_ns;
    struct track **tracks; /* by point index; NULL: no rule looks at it */
    struct rule_state *rules;
    struct instance *instances;
    size_t instance_count;
    size_t instance_capacity;
    uint32_t *dependents; /* instance indices; each track has a run of them */
    size_t dependent_count;
    struct map *by_key; /* "rule\nequipment" to instance */

    /* moving */
    int64_t now_ns;
    int64_t offset_ns; /* wall minus monotonic, as last seen */
    bool offset_known;
    uint32_t *dirty; /* instances to evaluate */
    size_t dirty_count;
    struct agenda *agenda;
    struct text evidence;
    struct value *stack; /* EVAL_STACK values */
    struct value *trace; /* AST_NODES_MAX each, for explain */
    struct note *notes;
};

/* engine_build.c: compiles and binds all rules. */
void engine_build(struct engine *engine, struct config_report *report);
void engine_unit_free(struct unit *unit); /* and those behind it; NULL is fine */
/* Says in err (ERR_NOT_FOUND) which name of the rule the equipment lacks; -1. */
int engine_missing(const struct engine *engine, const struct rule_settings *rule,
                   const struct equipment *equipment, struct err *err);

/* engine_index.c: finds what depends on what; everything is to be evaluated first. */
void engine_index(struct engine *engine);

/* engine_eval.c */
void engine_mark(struct engine *engine, uint32_t instance);

/* engine_explain.c: writes evidence or explanation; false when it did not fit. */
bool engine_describe(struct engine *engine, const struct instance *instance,
                     struct wall_time wall, struct text *json);

/* The instance or NULL. */
struct instance *engine_find(const struct engine *engine, const char *rule,
                             const char *equipment);

/* What an evaluation of this instance starts with. */
struct eval engine_eval_begin(const struct engine *engine,
                              const struct instance *instance, struct wall_time wall);

/* Whether the rule is for equipment of this kind. */
bool engine_class_fits(const struct rule_settings *rule,
                       const struct equipment *equipment);

#endif
