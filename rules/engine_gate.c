/* engine_gate.c - which readings need no evaluation (rules/gate.h): each evaluation
 * narrows the gates of the points it looked at. */
#include "rules/engine_impl.h"

static void narrow_groups(const struct binding *binding, const struct program *program)
{
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            for (size_t i = 0; i < program->groups[g].body->point_count; i++) {
                struct track *track = binding->groups[g].members[m].tracks[i];

                gate_narrow(&track->gate, OP_POINT, 0, track->value);
            }
}

/* Up to where values may move before this instance must be evaluated again. */
static void narrow_gates(const struct instance *instance)
{
    const struct unit *unit = instance->unit;
    const struct binding *binding = &instance->binding;

    for (size_t i = 0; i < unit->leaf_count; i++) {
        const struct gate_leaf *leaf = &unit->leaves[i];
        struct track *track = binding->tracks[leaf->point];
        double limit = leaf->param ? binding->params[leaf->limit]
                                   : unit->program->constants[leaf->limit];

        gate_narrow(&track->gate, leaf->op, limit, track->value);
    }
    narrow_groups(binding, unit->program);
}

/* The same for windows; those that are not settled must hear of each reading. */
static void narrow_windows(const struct instance *instance, const struct eval *eval,
                           bool settled)
{
    const struct unit *unit = instance->unit;

    for (size_t i = 0; settled && i < unit->window_count; i++)
        gate_narrow_window(eval, unit->program, &unit->windows[i]);
    for (size_t i = 0; !settled && i < unit->program->point_count; i++) {
        struct track *track = instance->binding.tracks[i];

        if (track->gated)
            gate_shut(&track->gate);
    }
}

void engine_narrow(const struct instance *instance, const struct eval *eval, bool settled)
{
    narrow_gates(instance);
    if (!instance->unit->plain)
        narrow_windows(instance, eval, settled);
}
