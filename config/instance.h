/* instance.h - the points of a profile as one equipment has them.
 *
 * A profile's body (config/bodies.h) with parameters, poll classes, tables and perhaps
 * one variant put in: addresses are numbers, multipliers are folded or have slots, names
 * of codes are there. Equipment that asks for the same shares one instance.
 *
 * Threads: one owner.
 */
#ifndef CONFIG_INSTANCE_H
#define CONFIG_INSTANCE_H

#include "config/sections.h"

#include "base/map.h"

/* One of `tables : { fault_code = "my-codes"; }` of an equipment. */
struct table_choice {
    const char *point;
    const struct table_settings *table;
    struct config_pos pos;
};

/* What is put in. */
struct instance_order {
    const struct profile_body *profile;
    const double *params; /* of each of the profile's */
    struct poll_periods poll;
    const struct table_choice *tables;
    size_t table_count;
    const struct variant_body *variant; /* NULL: all of them */
    /* Whose it is, for messages; NULL for the profile's own. Parameters without a
     * default have no value there: what cannot be computed is 0 and not checked. */
    const char *equipment;
    const struct node *node; /* of the equipment */
};

/* Tables by id; NULL when there is none. Reports nothing. */
struct table_source {
    const struct map *ids;
    const struct table_settings *const *tables;
    const char **names; /* for hints */
    size_t count;
};

struct instance {
    struct point_settings *points;
    size_t point_count;
    struct variant_settings *variants;
    size_t variant_count;
};

/* False when something was reported; *instance is then not touched. */
bool instance_make(struct reader *reader, const struct table_source *tables,
                   const struct instance_order *order, struct instance *instance);

#endif
