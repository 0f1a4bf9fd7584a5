/* bind.c - see bind.h. */
#include "rules/bind.h"

#include "base/mem.h"
#include "rules/lookup.h"

#include <assert.h>
#include <string.h>

double bind_param(const struct rule_settings *rule, const struct equipment *equipment,
                  const char *name, bool *own)
{
    *own = true;
    for (size_t i = 0; i < equipment->param_count; i++)
        if (strcmp(equipment->params[i].name, name) == 0)
            return equipment->params[i].value;
    *own = false;
    for (size_t i = 0; i < rule->param_count; i++)
        if (strcmp(rule->params[i].name, name) == 0)
            return rule->params[i].value;
    assert(!"a checked parameter has a default");
    return 0;
}

static void bind_points(struct binding *binding, const struct program *program,
                        const struct equipment *equipment, struct bind_scope *scope)
{
    for (size_t i = 0; i < program->point_count; i++) {
        struct resolved found;
        enum lookup_result result =
            lookup_point(scope->model, equipment, program->points[i].path, &found);

        assert(result == LOOKUP_FOUND);
        if (found.point->period_ms > scope->period_ms)
            scope->period_ms = found.point->period_ms;
        binding->tracks[i] = scope->track(scope->context, found.point);
    }
}

static void bind_windows(struct binding *binding, const struct program *program,
                         const struct bind_scope *scope)
{
    for (size_t i = 0; i < program->window_count; i++) {
        const struct program_window *w = &program->windows[i];
        struct track *track = binding->tracks[w->point];

        binding->windows[i] = track_window(track, w->spec, w->needs);
        if (w->weeks > 0)
            track_hours(track, w->weeks);
    }
    for (size_t i = 0; i < program->nights_count; i++)
        binding->nights[i] =
            track_nights(binding->tracks[program->nights[i].point],
                         program->nights[i].spec, program->nights[i].count, scope->tz);
    for (size_t i = 0; i < program->average_count; i++)
        binding->averages[i] = track_average(binding->tracks[program->averages[i].point],
                                             program->averages[i].tau_ns);
}

/* Functions of a bare point look at more than its value: age, nodata, bad. */
static void mark_sampled(struct binding *binding, const struct program *program)
{
    for (size_t i = 0; i < program->code_count; i++) {
        const struct insn *insn = &program->code[i];
        const struct function *function = &functions[insn->function];
        char second;

        if (insn->op != OP_CALL || function->args[0] != 'p')
            continue;
        second = function_letter(function, 1);
        if (second == 'w' || second == 'i')
            continue;
        assert(insn->slot < program->point_count && binding->tracks != NULL);
        binding->tracks[insn->slot]->sampled = true;
    }
}

static void bind_group(struct group *group, const struct program_group *slot,
                       const struct equipment *equipment, struct bind_scope *scope)
{
    size_t count;
    const uint32_t *members =
        lookup_group(scope->model, equipment, slot->relation, &count);

    group->equipment = mem_array(count + 1, sizeof(struct equipment *));
    group->members = mem_array(count + 1, sizeof *group->members);
    for (size_t i = 0; i < count; i++) {
        const struct equipment *member = &scope->model->equipment[members[i]];

        if (member == equipment)
            continue;
        group->equipment[group->count] = member;
        bind_program(&group->members[group->count], slot->body, member, scope);
        group->count++;
    }
}

void bind_program(struct binding *binding, const struct program *program,
                  const struct equipment *equipment, struct bind_scope *scope)
{
    bool own;

    *binding = (struct binding){0};
    if (program->point_count > 0)
        binding->tracks = mem_array(program->point_count, sizeof(struct track *));
    if (program->window_count > 0)
        binding->windows = mem_array(program->window_count, sizeof(struct window *));
    if (program->nights_count > 0)
        binding->nights = mem_array(program->nights_count, sizeof(struct nights *));
    if (program->average_count > 0)
        binding->averages = mem_array(program->average_count, sizeof(struct average *));
    if (program->truth_count > 0)
        binding->truths = mem_array(program->truth_count, sizeof(struct truth_log *));
    if (program->param_count > 0) {
        binding->params = mem_array(program->param_count, sizeof *binding->params);
        for (size_t i = 0; i < program->param_count; i++)
            binding->params[i] =
                bind_param(scope->rule, equipment, program->params[i], &own);
    }
    if (program->alarm_count > 0)
        binding->alarms = mem_array(program->alarm_count, sizeof *binding->alarms);
    if (program->group_count > 0)
        binding->groups = mem_array(program->group_count, sizeof *binding->groups);
    bind_points(binding, program, equipment, scope);
    bind_windows(binding, program, scope);
    mark_sampled(binding, program);
    for (size_t i = 0; i < program->truth_count; i++)
        binding->truths[i] = truth_log_new(program->truths[i]);
    for (size_t i = 0; i < program->group_count; i++)
        bind_group(&binding->groups[i], &program->groups[i], equipment, scope);
}

void bind_done(struct binding *binding, const struct program *program)
{
    for (size_t i = 0; i < program->group_count && binding->groups != NULL; i++) {
        for (uint32_t m = 0; m < binding->groups[i].count; m++)
            bind_done(&binding->groups[i].members[m], program->groups[i].body);
        mem_free(binding->groups[i].members);
        mem_free((void *)binding->groups[i].equipment);
    }
    for (size_t i = 0; i < program->truth_count && binding->truths != NULL; i++)
        truth_log_free(binding->truths[i]);
    mem_free((void *)binding->tracks);
    mem_free((void *)binding->windows);
    mem_free((void *)binding->nights);
    mem_free((void *)binding->averages);
    mem_free((void *)binding->truths);
    mem_free(binding->params);
    mem_free(binding->alarms);
    mem_free(binding->groups);
}

/* The one equipment that active('rule', 'relation') is about, or NULL. */
static const struct equipment *alarm_place(const struct model *model,
                                           const struct equipment *equipment,
                                           const char *relation)
{
    const uint32_t *members;
    size_t count;

    if (relation == NULL)
        return equipment;
    members = lookup_members(model, equipment, relation, &count);
    return members != NULL && count == 1 ? &model->equipment[members[0]] : NULL;
}

void bind_alarms(struct binding *binding, const struct program *program,
                 const struct equipment *equipment, const struct model *model,
                 bind_alarm *find, void *context)
{
    for (size_t i = 0; i < program->alarm_count; i++) {
        const struct equipment *place =
            alarm_place(model, equipment, program->alarms[i].relation);

        if (place != NULL)
            binding->alarms[i] = find(context, program->alarms[i].rule, place);
    }
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            bind_alarms(&binding->groups[g].members[m], program->groups[g].body,
                        binding->groups[g].equipment[m], model, find, context);
}

size_t bind_memory(const struct binding *binding, const struct program *program)
{
    size_t bytes = 0;

    for (size_t i = 0; i < program->truth_count; i++)
        bytes += truth_log_memory(binding->truths[i]);
    for (size_t i = 0; i < program->group_count; i++)
        for (uint32_t m = 0; m < binding->groups[i].count; m++)
            bytes += bind_memory(&binding->groups[i].members[m], program->groups[i].body);
    return bytes;
}
