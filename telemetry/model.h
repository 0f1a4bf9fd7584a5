/* model.h - what is measured: links, equipment and their points.
 *
 * Built once from the configuration, immutable afterwards. Everything is an array and is
 * named by its index; indices are dense, and the points of one equipment are contiguous.
 * Ids are stable across restarts, indices are not: what is stored on disk uses ids.
 *
 * Two kinds of equipment exist: what the operator configured, and one stand-in of class
 * "link" per link, with the id of the link, so that rules and issues can speak of a dead
 * bus as of any other equipment. Every equipment has the built-in point "online", a
 * boolean which its adapter feeds: true while it answers. It is the last of its points,
 * behind the measured and the computed ones.
 *
 * Ownership: the model owns all strings. Threads: read-only after model_seal.
 */
#ifndef TELEMETRY_MODEL_H
#define TELEMETRY_MODEL_H

#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NONE UINT32_MAX

enum point_kind {
    POINT_NUMBER,
    POINT_BOOL,  /* sample value 0 or 1 */
    POINT_ENUM,  /* sample value is the code */
    POINT_TEXT,  /* shown only; not in rules, not in series */
    POINT_FLAGS, /* sample value is the bits; labels name them, code = the bit */
};

struct enum_label {
    int64_t code;
    const char *name; /* "normal"; what expressions compare with */
};

struct point {
    uint32_t index;
    uint32_t equipment;
    const char *name;     /* "flow"; unique in its equipment */
    const char *title_en; /* NULL: the name is shown */
    const char *title_zh;
    const char *unit; /* "m3/h" or "" */
    enum point_kind kind;
    const struct enum_label *labels; /* for POINT_ENUM and POINT_FLAGS */
    size_t label_count;
    bool counter;           /* only grows; see modulus */
    double counter_modulus; /* value after which it starts at 0 again; 0 = none */
    int64_t period_ms;      /* expected time between readings; 0 = on change only */
    int64_t stale_after_ms; /* older than this a reading is not in force; 0 = never */
    int digits;             /* significant digits worth writing (f32: 9); 17 = all */
    bool builtin;           /* the "online" point */
    uint32_t formula;       /* 1 + index of the config's virtual it is computed by; 0: it
                             * is measured */

    /* A counter that cannot move as it seems to: telemetry/counter_guard.h. */
    double counter_max_rate; /* per hour; 0 = any */
    bool counter_resets;     /* may begin at 0 at any time */

    /* What goes into series; rules and pages see every reading. */
    bool store;
    double deadband;         /* absolute; 0 = every reading */
    double deadband_percent; /* of the last written value; 0 = none */
    int64_t heartbeat_ms;    /* written at least so often; 0 = only on change */
};

struct relation {
    const char *name;          /* "power", "submeters" */
    const uint32_t *equipment; /* indices */
    size_t count;
    bool list; /* written as a list: usable in group functions only */
};

struct param {
    const char *name;
    double value;
};

struct equipment {
    uint32_t index;
    const char *id;
    const char *name; /* as shown; the id when none was given */
    const char *class_name;
    const char *place; /* "Building 1/Unit 1"; "" when none */
    uint32_t link;     /* index; for a stand-in its own link */
    bool is_link;      /* the stand-in of a link */
    uint32_t first_point;
    uint32_t point_count; /* with "online", which is the last */
    const struct relation *relations;
    size_t relation_count;
    const struct param *params; /* overrides of rule parameters */
    size_t param_count;
};

struct link {
    uint32_t index;
    const char *id;
    const char *kind;  /* "modbus" or "mqtt" */
    uint32_t stand_in; /* index of its equipment */
};

/* Equipment that a configured group holds; named like a relation in group functions. */
struct model_group {
    const char *name;
    const uint32_t *equipment; /* indices */
    size_t count;
};

struct model {
    const char *site_id;
    const char *site_name;
    struct link *links;
    size_t link_count;
    struct equipment *equipment;
    size_t equipment_count;
    struct point *points;
    size_t point_count;
    const struct model_group *groups;
    size_t group_count;
    struct map *equipment_by_id;
};

/* An empty model; config/ fills it and then calls model_seal once. */
struct model *model_new(void);
void model_free(struct model *model); /* NULL is fine */

/* A copy of `text` that lives as long as the model; NULL stays NULL. */
const char *model_string(struct model *model, const char *text);
/* Memory that lives as long as the model, zeroed. */
void *model_memory(struct model *model, size_t count, size_t size);
/* Builds the index; asserts that indices and ranges are consistent. */
void model_seal(struct model *model);

const struct equipment *model_equipment(const struct model *model,
                                        const char *id); /* or NULL */
/* The point of that name, or NULL. */
const struct point *model_point(const struct model *model,
                                const struct equipment *equipment, const char *name);
/* Whether its readings become series: neither a text nor a helper register. */
bool model_has_series(const struct point *point);
const struct relation *model_relation(const struct equipment *equipment,
                                      const char *name);
/* The configured group of that name, or NULL. */
const struct model_group *model_group(const struct model *model, const char *name);

/* The classes that exist, with their names for people. A class is also the measurement
 * of its lines, so the list only grows. */
struct equipment_class {
    const char *name; /* "pump" */
    const char *en;
    const char *zh;
};
const struct equipment_class *model_class(const char *name); /* NULL when unknown */
const struct equipment_class *model_classes(size_t *count);

#endif
