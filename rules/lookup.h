/* lookup.h - what a name in a rule means for one equipment.
 *
 * "flow" is a point of its own; "power.v_l1" is one of the equipment that its relation
 * `power` names; several relations may be followed. The relation `link` exists for every
 * equipment and names the stand-in of its link.
 *
 * Threads: no state.
 */
#ifndef RULES_LOOKUP_H
#define RULES_LOOKUP_H

#include "telemetry/model.h"

enum {
    LOOKUP_NAME_MAX = 64, /* bytes of one name */
};

enum lookup_result {
    LOOKUP_FOUND,
    LOOKUP_NO_RELATION,
    LOOKUP_LIST, /* the relation has several members */
    LOOKUP_NO_POINT,
};

struct resolved {
    const struct equipment *equipment; /* where the search ended */
    const struct point *point;         /* NULL unless found */
    char name[LOOKUP_NAME_MAX];        /* the part of the path that decided */
};

enum lookup_result lookup_point(const struct model *model,
                                const struct equipment *equipment, const char *path,
                                struct resolved *out);

/* Members of a relation; NULL and 0 when there is none. */
const uint32_t *lookup_members(const struct model *model,
                               const struct equipment *equipment, const char *relation,
                               size_t *count);

/* What a group function is over: a relation or else a configured group of that name. The
 * equipment itself may be among them. */
const uint32_t *lookup_group(const struct model *model, const struct equipment *equipment,
                             const char *name, size_t *count);

/* The same kind with the same labels: one program serves both. */
bool lookup_alike(const struct point *a, const struct point *b);

#endif
