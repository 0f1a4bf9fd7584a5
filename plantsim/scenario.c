/* scenario.c - see scenario.h. The table itself: scenario_table.c. */
#include "plantsim/scenario.h"

#include "plantsim/names.h"

#include <stdio.h>
#include <string.h>

static const char *name_at(size_t index)
{
    return scenario_at(index)->name;
}

static const char *thing_at(size_t index)
{
    return building[index].id;
}

static const char *link_at(size_t index)
{
    return plant_links[index].id;
}

static const struct scenario *find(const char *name, struct err *err)
{
    const char *nearest;

    for (size_t i = 0; i < scenario_count(); i++)
        if (strcmp(scenario_at(i)->name, name) == 0)
            return scenario_at(i);
    nearest = names_nearest(name, scenario_count(), name_at);
    if (nearest != NULL)
        (void)err_set(
            err, ERR_NOT_FOUND,
            "there is no scenario '%s'; did you mean '%s'? All of them: plantsim "
            "scenario --list",
            name, nearest);
    else
        (void)err_set(err, ERR_NOT_FOUND,
                      "there is no scenario '%s'; all of them: plantsim scenario --list",
                      name);
    return NULL;
}

static bool fits(const struct scenario *scenario, int index)
{
    if (scenario->area == SCENARIO_LINK)
        return (index == LINK_BROKER) == (strcmp(scenario->target, "broker") == 0);
    if (scenario->kind == SCENARIO_SENSOR)
        return plant_has_main_value(building[index].kind);
    if (scenario->kind == SCENARIO_CLOCK)
        return building[index].payload == PAYLOAD_WATER_JSON ||
               building[index].payload == PAYLOAD_LIFT ||
               building[index].payload == PAYLOAD_ESCALATOR;
    if (scenario->kind < 0)
        return building[index].map != NULL || scenario->kind == SCENARIO_ANY;
    return (int)building[index].kind == scenario->kind;
}

static int target_count(const struct scenario *scenario)
{
    return scenario->area == SCENARIO_LINK ? PLANT_LINKS : (int)building_count;
}

static const char *target_name(const struct scenario *scenario, int index)
{
    return scenario->area == SCENARIO_LINK ? plant_links[index].id : building[index].id;
}

/* "pump-1 pump-2 ...": what may follow --target. */
static void name_targets(const struct scenario *scenario, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i < target_count(scenario); i++) {
        int written;

        if (!fits(scenario, i))
            continue;
        written = snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "",
                           target_name(scenario, i));
        if (written < 0 || (size_t)written >= size - used)
            return;
        used += (size_t)written;
    }
}

/* The target's number, or -1. */
static int find_target(const struct scenario *scenario, const char *target,
                       struct err *err)
{
    char names[400];
    const char *nearest;

    for (int i = 0; i < target_count(scenario); i++)
        if (strcmp(target_name(scenario, i), target) == 0) {
            if (fits(scenario, i))
                return i;
            name_targets(scenario, names, sizeof names);
            return err_set(err, ERR_INPUT, "'%s' cannot hit %s; it can hit: %s, or all",
                           scenario->name, target, names);
        }
    nearest = names_nearest(target, (size_t)target_count(scenario),
                            scenario->area == SCENARIO_LINK ? link_at : thing_at);
    name_targets(scenario, names, sizeof names);
    if (nearest != NULL)
        return err_set(
            err, ERR_NOT_FOUND,
            "there is no target '%s'; did you mean '%s'? '%s' can hit: %s, or all",
            target, nearest, scenario->name, names);
    return err_set(err, ERR_NOT_FOUND,
                   "there is no target '%s'; '%s' can hit: %s, or all", target,
                   scenario->name, names);
}

const char *scenario_first_rule(const struct scenario *scenario, char *out, size_t size)
{
    if (scenario->rules == NULL)
        return NULL;
    (void)snprintf(out, size, "%.*s", (int)strcspn(scenario->rules, " "),
                   scenario->rules);
    return out;
}

const char *scenario_target(const struct scenario_run *run)
{
    return target_name(run->scenario, run->index);
}

static struct scenario_run *find_run(struct scenarios *scenarios,
                                     const struct scenario *scenario, int index)
{
    for (size_t i = 0; i < scenarios->count; i++)
        if (scenarios->runs[i].scenario == scenario && scenarios->runs[i].index == index)
            return &scenarios->runs[i];
    return NULL;
}

static int start_one(struct scenarios *scenarios, struct plant *plant,
                     const struct scenario_run *wanted, struct err *err)
{
    struct scenario_run *run = find_run(scenarios, wanted->scenario, wanted->index);

    if (run == NULL && scenarios->count == SCENARIO_RUNS_MAX)
        return err_set(err, ERR_FULL,
                       "%d scenarios run already; end some: plantsim scenario all --stop",
                       SCENARIO_RUNS_MAX);
    if (scenario_apply(wanted->scenario, plant, wanted->index, true, wanted->variant,
                       err) != 0)
        return -1;
    if (run == NULL)
        run = &scenarios->runs[scenarios->count++];
    *run = *wanted;
    return 0;
}

int scenario_start(struct scenarios *scenarios, struct plant *plant,
                   const struct scenario_request *request, struct err *err)
{
    struct scenario_run run = {.scenario = find(request->name, err),
                               .until = request->until};
    const char *target = request->target;

    if (run.scenario == NULL)
        return -1;
    if (target == NULL || target[0] == '\0')
        target = run.scenario->target;
    if (request->variant != NULL)
        (void)snprintf(run.variant, sizeof run.variant, "%s", request->variant);
    if (strcmp(target, "all") != 0) {
        run.index = find_target(run.scenario, target, err);
        return run.index < 0 ? -1 : start_one(scenarios, plant, &run, err);
    }
    for (run.index = 0; run.index < target_count(run.scenario); run.index++)
        if (fits(run.scenario, run.index) && start_one(scenarios, plant, &run, err) != 0)
            return -1;
    return 0;
}

/* Another scenario may hold the same fault of the same target: it is set again. */
static void end_at(struct scenarios *scenarios, struct plant *plant, size_t position)
{
    struct scenario_run run = scenarios->runs[position];

    scenarios->runs[position] = scenarios->runs[--scenarios->count];
    (void)scenario_apply(run.scenario, plant, run.index, false, run.variant, NULL);
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct scenario_run *other = &scenarios->runs[i];

        (void)scenario_apply(other->scenario, plant, other->index, true, other->variant,
                             NULL);
    }
}

int scenario_stop(struct scenarios *scenarios, struct plant *plant, const char *name,
                  const char *target, struct err *err)
{
    bool everything = strcmp(name, "all") == 0;
    bool everywhere = target == NULL || target[0] == '\0' || strcmp(target, "all") == 0;
    const struct scenario *scenario = everything ? NULL : find(name, err);
    bool ended = false;

    if (scenario == NULL && !everything)
        return -1;
    for (size_t i = scenarios->count; i-- > 0;) {
        const struct scenario_run *run = &scenarios->runs[i];

        if (!everything && run->scenario != scenario)
            continue;
        if (!everywhere && strcmp(scenario_target(run), target) != 0)
            continue;
        end_at(scenarios, plant, i);
        ended = true;
    }
    if (!ended && !everything)
        return err_set(err, ERR_STATE,
                       "'%s' is not running%s%s; what is: plantsim status", name,
                       everywhere ? "" : " on ", everywhere ? "" : target);
    return 0;
}

void scenario_expire(struct scenarios *scenarios, struct plant *plant,
                     struct mono_time now)
{
    for (size_t i = scenarios->count; i-- > 0;)
        if (!mono_before(now, scenarios->runs[i].until))
            end_at(scenarios, plant, i);
}

void scenario_list(struct text *out)
{
    for (size_t i = 0; i < scenario_count(); i++) {
        const struct scenario *scenario = scenario_at(i);
        char names[400];

        name_targets(scenario, names, sizeof names);
        text_addf(out, "%-15s %s\n", scenario->name, scenario->text);
        text_addf(out, "%-15s   hits %s (unless --target says otherwise: %s)\n", "",
                  scenario->target, names);
        text_addf(out, "%-15s   %s%s\n", "", scenario->rules == NULL ? "" : "rule ",
                  scenario->rules == NULL ? "no shipped rule" : scenario->rules);
        if (scenario->variants != NULL)
            text_addf(out, "%-15s   --variant %s\n", "", scenario->variants);
    }
}
