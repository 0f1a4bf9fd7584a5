/* instance_parts.h - what instance.c is made of. */
#ifndef CONFIG_INSTANCE_PARTS_H
#define CONFIG_INSTANCE_PARTS_H

#include "config/instance.h"

/* An instance while it is made. */
struct maker {
    struct reader *reader;
    const struct table_source *tables;
    const struct instance_order *order;
    bool lenient; /* a parameter has no value: addresses cannot be judged */
};

/* Reports at `pos` for the profile's own instance; for an equipment at its key `key`,
 * with its name in front. Always false. */
bool maker_fail(const struct maker *maker, const char *code, struct config_pos pos,
                const char *key, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The value of a parameter of the profile; NULL when there is none of that name. */
const double *maker_param(const struct maker *maker, const char *name);

/* Addresses: numbers, within one request, outside of what is never read
 * (instance_address.c). */
bool instance_address(const struct maker *maker, const struct point_body *body,
                      struct point_settings *point);

/* The points of one variant while names become slots. */
struct linking {
    const struct map *slots;                /* name to slot */
    struct point_settings **by_slot;        /* NULL: not in this variant */
    const struct point_body **body_by_slot; /* the same */
    size_t slot_count;
    const char *variant; /* "" = the only one */
};

/* Multipliers, exponents and factors: parameters are folded into the scale, points get
 * their slots; no circles (instance_depends.c). */
bool instance_depends(const struct maker *maker, const struct linking *linking);

#endif
