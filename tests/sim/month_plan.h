/* month_plan.h - what goes wrong in a month, and when: drawn from the seed.
 *
 * Each stage of tests/sim/stages.c in turn, at a moment when its scenario does not run.
 * Threads: one owner. */
#ifndef TESTS_SIM_MONTH_PLAN_H
#define TESTS_SIM_MONTH_PLAN_H

#include "tests/sim/month.h"
#include "tests/sim/stage.h"
#include "tests/sim/town_plant.h"

enum {
    FAULTS_MAX = 300,
};

struct fault {
    int64_t begin_ms; /* since the start */
    int64_t end_ms;
    const struct stage *stage;
    bool on;
};

struct month_plan {
    const struct month_options *options;
    struct fault faults[FAULTS_MAX];
    size_t fault_count;
    int64_t *reload_ms; /* as many as wished, then never */
};

void month_plan_make(struct month_plan *plan, const struct month_options *options);
void month_plan_done(struct month_plan *plan);

/* Begins and ends what is due; when something is due next. */
void month_plan_set(struct month_plan *plan, struct town_plant *plant, int64_t now_ms);
int64_t month_plan_next_ms(const struct month_plan *plan, int64_t now_ms);

unsigned month_draw(uint64_t *chance, unsigned n); /* below n */

#endif
