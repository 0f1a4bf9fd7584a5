/* month_plan.c - see month_plan.h. */
#include "tests/sim/month_plan.h"

#include "base/mem.h"
#include "tests/sim/town_wire.h"

#include <stdio.h>
#include <string.h>

#define HOUR_MS        INT64_C(3600000)
#define FAULT_AFTER_MS (25 * INT64_C(60000)) /* a fault lasts longer than it needs */

unsigned month_draw(uint64_t *chance, unsigned n)
{
    return (unsigned)(wire_draw(chance) * n);
}

static int64_t end_ms(const struct month_plan *plan)
{
    return (int64_t)plan->options->days * 24 * HOUR_MS;
}

static int64_t or_else(int64_t value, int64_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static bool is_busy(const struct month_plan *plan, const struct stage *stage,
                    int64_t begin_ms, int64_t end)
{
    for (size_t i = 0; i < plan->fault_count; i++)
        if (strcmp(plan->faults[i].stage->scenario, stage->scenario) == 0 &&
            plan->faults[i].begin_ms <= end + 3 * HOUR_MS &&
            begin_ms <= plan->faults[i].end_ms + 3 * HOUR_MS)
            return true;
    return false;
}

static bool is_fit(const struct month_plan *plan, const struct stage *stage)
{
    /* A second scenario, a season of weeks, or a fault whose own chance decides. */
    if (stage->is_season || stage->also != NULL ||
        (stage->is_long && !plan->options->is_long))
        return false;
    return strncmp(stage->scenario, "flaky", 5) != 0;
}

/* Every stage in turn, at a moment when its scenario does not run. */
static void draw_faults(struct month_plan *plan)
{
    uint64_t chance = plan->options->seed;
    size_t next = month_draw(&chance, (unsigned)stage_count);
    int64_t first_ms = 26 * HOUR_MS; /* a day to look back to */

    for (unsigned tries = 0; tries < 5000 && plan->fault_count < plan->options->faults;
         tries++) {
        const struct stage *stage = &stages[next++ % stage_count];
        int64_t length_ms = or_else(stage->reach_ms, STAGE_MINUTE) + FAULT_AFTER_MS;
        int64_t room_ms = end_ms(plan) - first_ms - length_ms - 6 * HOUR_MS;
        int64_t begin_ms;

        if (!is_fit(plan, stage) || room_ms <= 0)
            continue;
        begin_ms = first_ms + (int64_t)(wire_draw(&chance) * (double)room_ms);
        begin_ms -= begin_ms % 1000;
        if (is_busy(plan, stage, begin_ms, begin_ms + length_ms))
            continue;
        plan->faults[plan->fault_count++] =
            (struct fault){begin_ms, begin_ms + length_ms, stage, false};
        next += month_draw(&chance, 3);
    }
}

static void draw_reloads(struct month_plan *plan)
{
    uint64_t chance = plan->options->seed + 1;

    plan->reload_ms = mem_array(plan->options->reloads + 1, sizeof *plan->reload_ms);
    for (unsigned i = 0; i < plan->options->reloads; i++)
        plan->reload_ms[i] = (int64_t)(((double)i + wire_draw(&chance)) *
                                       (double)end_ms(plan) / plan->options->reloads);
    plan->reload_ms[plan->options->reloads] = INT64_MAX;
}

static void set_fault(struct town_plant *plant, struct fault *fault, bool on)
{
    const struct stage *stage = fault->stage;
    const char *target = stage->target != NULL ? stage->target : stage->equipment;
    const struct scenario_request request = {stage->scenario, target, stage->variant,
                                             MONO_NEVER};
    struct err err = {0};
    int result =
        on ? scenario_start(plant->scenarios, plant->plant, &request, &err)
           : scenario_stop(plant->scenarios, plant->plant, stage->scenario, target, &err);

    fault->on = on;
    if (result != 0)
        (void)fprintf(stderr, "%s of %s: %s\n", stage->scenario, target, err.text);
}

void month_plan_set(struct month_plan *plan, struct town_plant *plant, int64_t now_ms)
{
    for (size_t i = 0; i < plan->fault_count; i++) {
        struct fault *fault = &plan->faults[i];
        bool on = now_ms >= fault->begin_ms && now_ms < fault->end_ms;

        if (on != fault->on)
            set_fault(plant, fault, on);
    }
}

int64_t month_plan_next_ms(const struct month_plan *plan, int64_t now_ms)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < plan->fault_count; i++) {
        int64_t begin_ms = plan->faults[i].begin_ms;
        int64_t over_ms = plan->faults[i].end_ms;

        if (begin_ms > now_ms && begin_ms < next)
            next = begin_ms;
        if (over_ms > now_ms && over_ms < next)
            next = over_ms;
    }
    return next;
}

void month_plan_make(struct month_plan *plan, const struct month_options *options)
{
    *plan = (struct month_plan){.options = options};
    draw_faults(plan);
    draw_reloads(plan);
}

void month_plan_done(struct month_plan *plan)
{
    mem_free(plan->reload_ms);
}
