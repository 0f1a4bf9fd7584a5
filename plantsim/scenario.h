/* scenario.h - named faults that can be started and ended.
 *
 * A scenario acts on one target (an equipment or a link) and may run on several at once.
 * Starting one that runs already renews its end. Ending restores what was set.
 *
 * Threads: one owner.
 */
#ifndef PLANTSIM_SCENARIO_H
#define PLANTSIM_SCENARIO_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "plantsim/plant.h"

enum {
    SCENARIO_RUNS_MAX = 64, /* at the same time; a demo uses three or four */
    SCENARIO_VARIANT_SIZE = 16,
};

enum {
    SCENARIO_ANY_MODBUS = -1,
    SCENARIO_ANY = -2,    /* MQTT devices as well */
    SCENARIO_SENSOR = -3, /* whatever has one main value */
    SCENARIO_CLOCK = -4,  /* whatever stamps its messages */
};

enum scenario_area {
    SCENARIO_EQUIPMENT, /* the target is an equipment */
    SCENARIO_LINK,      /* the target is a link */
};

enum scenario_field {
    SCENARIO_FLAG,
    SCENARIO_NUMBER,
};

struct scenario {
    const char *name;
    const char *text; /* one sentence: what happens */
    /* Which shipped rules should open an issue, ids with blanks between them; the first
     * is what it is there for. NULL = none does. */
    const char *rules;
    enum scenario_area area;
    int kind;             /* enum thing_kind of its targets, or one of those above */
    const char *target;   /* when none is given */
    const char *variants; /* for people; NULL = none */
    /* What is set: either one field of the target (of its part of the world, or of its
     * struct device_fault when any device may be hit) ... */
    struct {
        size_t offset;
        enum scenario_field type;
        double amount; /* of a number */
    } field;
    /* ... or what this does to target number `index` (in `building` or a link).
     * ERR_INPUT when the variant is not one of those. */
    int (*set)(struct plant *plant, int index, bool on, const char *variant,
               struct err *err);
};

/* Copies the first of its rules to `out` and returns that; NULL when there is none. */
const char *scenario_first_rule(const struct scenario *scenario, char *out, size_t size);

size_t scenario_count(void);
const struct scenario *scenario_at(size_t index);

/* Sets or clears the scenario's fault on one target. */
int scenario_apply(const struct scenario *scenario, struct plant *plant, int index,
                   bool on, const char *variant, struct err *err);

struct scenario_run {
    const struct scenario *scenario;
    int index;
    struct mono_time until; /* MONO_NEVER = until it is ended */
    char variant[SCENARIO_VARIANT_SIZE];
};

struct scenarios {
    struct scenario_run runs[SCENARIO_RUNS_MAX];
    size_t count;
};

const char *scenario_target(const struct scenario_run *run);

struct scenario_request {
    const char *name;
    const char *target;  /* NULL or "": the usual one; "all": every one that fits */
    const char *variant; /* NULL or "": the usual one */
    struct mono_time until;
};

/* ERR_NOT_FOUND names the nearest name, ERR_INPUT the targets that fit. */
int scenario_start(struct scenarios *scenarios, struct plant *plant,
                   const struct scenario_request *request, struct err *err);

/* No target: ends it everywhere; name "all": ends everything. ERR_STATE when it was not
 * running. */
int scenario_stop(struct scenarios *scenarios, struct plant *plant, const char *name,
                  const char *target, struct err *err);

/* Ends what is due. */
void scenario_expire(struct scenarios *scenarios, struct plant *plant,
                     struct mono_time now);

/* The table for people. */
void scenario_list(struct text *out);

#endif
