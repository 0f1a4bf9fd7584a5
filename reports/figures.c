/* figures.c - see figures.h. */
#include "reports/figures.h"

#include "reports/stats.h"

#include <math.h>

static const double confidence = FAILURE_CONFIDENCE_PERCENT / 100.0;

static double hours(int64_t ns)
{
    return (double)ns / (3600.0 * (double)CLOCK_S);
}

static bool is_within(struct wall_time time, struct wall_time from, struct wall_time to)
{
    return time.ns >= from.ns && time.ns < to.ns;
}

static void add_failures(struct failure_figures *figures, const struct timeline *timeline,
                         struct wall_time from, struct wall_time to)
{
    for (size_t i = 0; i < timeline->failure_count; i++) {
        const struct timeline_failure *failure = &timeline->failures[i];

        if (is_within(failure->start, from, to)) {
            figures->failures++;
            figures->repeats += failure->repeat ? 1 : 0;
        }
        if (failure->restored && is_within(failure->end, from, to)) {
            figures->restored++;
            figures->repair_h += hours(failure->end.ns - failure->start.ns);
        }
    }
}

void figures_add_timeline(struct failure_figures *figures,
                          const struct timeline *timeline, struct wall_time from,
                          struct wall_time to, double month_h)
{
    const int64_t *ns = timeline->state_ns;
    int64_t all = 0;

    for (int i = 0; i < STATE_COUNT; i++)
        all += ns[i];
    figures->units += all > 0 ? 1 : 0;
    figures->unit_months += hours(all) / month_h;
    figures->up_h += hours(ns[STATE_UP] + ns[STATE_DEGRADED]);
    figures->degraded_h += hours(ns[STATE_DEGRADED]);
    figures->fault_h += hours(ns[STATE_FAULT]);
    figures->planned_h += hours(ns[STATE_PLANNED]);
    figures->external_h += hours(ns[STATE_EXTERNAL]);
    figures->unknown_h += hours(ns[STATE_UNKNOWN]);
    add_failures(figures, timeline, from, to);
}

void figures_add(struct failure_figures *sum, const struct failure_figures *figures)
{
    sum->units += figures->units;
    sum->unit_months += figures->unit_months;
    sum->failures += figures->failures;
    sum->repeats += figures->repeats;
    sum->up_h += figures->up_h;
    sum->degraded_h += figures->degraded_h;
    sum->fault_h += figures->fault_h;
    sum->planned_h += figures->planned_h;
    sum->external_h += figures->external_h;
    sum->unknown_h += figures->unknown_h;
    sum->restored += figures->restored;
    sum->repair_h += figures->repair_h;
}

/* NaN when there is nothing to divide by. */
static double divide(double what, double by)
{
    return by > 0 ? what / by : NAN;
}

void figures_derive(struct failure_figures *f)
{
    struct stats_interval count = stats_poisson(f->failures, confidence);
    double all_h = f->up_h + f->fault_h + f->planned_h + f->external_h + f->unknown_h;

    f->rate = divide((double)f->failures, f->unit_months);
    f->rate_low = divide(count.low, f->unit_months);
    f->rate_high = divide(count.high, f->unit_months);
    f->mtbf_h = divide(f->up_h, (double)f->failures);
    f->mtbf_low_h = f->up_h > 0 ? f->up_h / count.high : NAN;
    f->mttr_h = divide(f->repair_h, (double)f->restored);
    f->mdt_h = divide(f->fault_h, (double)f->failures);
    f->availability = divide(f->up_h, f->up_h + f->fault_h);
    f->availability_planned = divide(f->up_h, f->up_h + f->fault_h + f->planned_h);
    f->coverage = 1 - divide(f->unknown_h, all_h);
}

double figures_compare(const struct failure_figures *one,
                       const struct failure_figures *all)
{
    double rest = all->unit_months - one->unit_months;

    /* Rounding leaves a remainder when there are no others. */
    if (one->unit_months <= 0 || all->units - one->units <= 0 || rest <= 0)
        return NAN;
    return stats_compare(one->failures, one->unit_months, all->failures - one->failures,
                         rest, confidence)
        .p_higher;
}
