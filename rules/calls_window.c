/* calls_window.c - functions of a window of a point (rules/window.h). */
#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

int64_t calls_slide_ns(int64_t length_ns)
{
    int64_t step = length_ns / 60;

    if (step < CLOCK_S)
        return CLOCK_S;
    return step > 60 * CLOCK_S ? 60 * CLOCK_S : step;
}

uint32_t calls_why_window(const struct eval *eval, int64_t reach_ns)
{
    return eval->now_ns - eval->start_ns < reach_ns ? WHY_STARTUP : WHY_COVERAGE;
}

/* Whether something was read since the window began: of a window in the past it may come
 * in although nothing is in it yet. */
static bool is_ahead(const struct eval *eval, const struct window *window)
{
    int64_t newest_ns = window->track->time_ns;

    return window->spec.ago_ns > 0 && newest_ns != INT64_MIN &&
           eval->now_ns - newest_ns < window->spec.ago_ns + window->spec.length_ns;
}

/* When what is in the window changes without a sample. */
static void set_due(struct eval *eval, const struct window *window,
                    const struct window_stats *stats)
{
    const struct track *track = window->track;

    if (window->spec.samples == 0) {
        if ((stats->sum.readings > 0 &&
             (stats->sum.covered_ns > 0 || stats->sum.count > 0)) ||
            is_ahead(eval, window))
            eval_due(eval, eval->now_ns + calls_slide_ns(window->spec.length_ns));
    } else if (track_in_force(track, eval->now_ns) && track->hold_ms != HOLD_FOREVER) {
        eval_due(eval, track->time_ns + track_hold_ns(track) + 1);
    }
}

/* Whether values were in force for long enough; without a division in the usual case. */
static bool is_covered(const struct eval *eval, const struct window *window,
                       const struct window_stats *stats)
{
    if (window->spec.samples == 0 && stats->length_ns > 0)
        return stats->sum.covered_ns > 0 &&
               (double)stats->sum.covered_ns >=
                   eval->min_cover * (double)stats->length_ns;
    return stats->sum.readings > 0 && window_coverage(window, stats) > 0 &&
           window_coverage(window, stats) >= eval->min_cover;
}

const struct window_stats *calls_window(struct eval *eval, const struct insn *insn,
                                        uint32_t *marks)
{
    struct window *window = eval->binding->windows[insn->slot];
    const struct window_stats *stats = window_at(window, eval->now_ns);
    bool in_force = track_in_force(window->track, eval->now_ns);

    set_due(eval, window, stats);
    if (eval->notes != NULL)
        eval->note = (struct note){.window = true,
                                   .coverage = window_coverage(window, stats),
                                   .samples = stats->sum.count};
    *marks = stats->truncated || stats->sum.uncertain > 0 ? VALUE_UNCERTAIN : 0;
    /* What has happened since the last reading is not known, however well the rest is:
     * a window that slides over a gap would count less and less. */
    if (window->spec.ago_ns == 0 && !in_force)
        *marks |= eval_why(eval, window->track);
    if (is_covered(eval, window, stats))
        return stats;
    *marks |= calls_why_window(eval, window->spec.length_ns + window->spec.ago_ns);
    if (!in_force)
        *marks |= eval_why(eval, window->track);
    return stats;
}

/* Time-weighted over a length; over a number of samples each counts the same. */
struct value call_avg(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);
    bool by_count = eval->binding->windows[insn->slot]->spec.samples > 0;

    (void)args;
    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    return value_of(by_count ? partial_mean(&stats->sum) : partial_average(&stats->sum),
                    marks);
}

struct value call_mean(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    if (stats->sum.count == 0)
        marks |= WHY_COVERAGE;
    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    return value_of(partial_mean(&stats->sum), marks);
}

struct value call_sum(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.sum, marks);
}

#define NS_PER_HOUR 3.6e12

struct value call_integral(struct eval *eval, const struct insn *insn,
                           const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.area_ns / NS_PER_HOUR, marks);
}

struct value call_coverage(struct eval *eval, const struct insn *insn,
                           const struct value *args)
{
    const struct window *window = eval->binding->windows[insn->slot];
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(fmin(window_coverage(window, stats), 1), 0);
}

struct value call_min(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.min, marks);
}

struct value call_max(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.max, marks);
}

struct value call_count(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.count, marks);
}

/* The window if there is a value in force at both of its ends. */
static const struct window_stats *look_ends(struct eval *eval, const struct insn *insn,
                                            uint32_t *marks)
{
    const struct window *window = eval->binding->windows[insn->slot];
    const struct window_stats *stats = calls_window(eval, insn, marks);

    if (isnan(stats->left))
        *marks |= calls_why_window(eval, window->spec.length_ns + window->spec.ago_ns);
    if (isnan(stats->right))
        *marks |= window->spec.ago_ns > 0 ? calls_why_window(eval, window->spec.ago_ns)
                                          : eval_why(eval, window->track);
    return stats;
}

struct value call_delta(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = look_ends(eval, insn, &marks);

    (void)args;
    return value_of(stats->right - stats->left, marks);
}

struct value call_used(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = look_ends(eval, insn, &marks);

    (void)args;
    if (stats->sum.drop > 0)
        marks |= VALUE_UNCERTAIN;
    return value_of(partial_used(&stats->sum), marks);
}

/* The growth between the two ends is that of the whole time between them: gaps inside
 * count as time. */
struct value call_rate(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    const struct window *window = eval->binding->windows[insn->slot];
    struct value used = call_used(eval, insn, args);
    int64_t length_ns;

    if (!value_known(used))
        return used;
    length_ns = window->stats.length_ns;
    if (length_ns <= 0)
        return value_unknown(used.marks | WHY_COVERAGE);
    return value_of(used.number / ((double)length_ns / 1e9), used.marks);
}

/* Exactly when the last false reading will have left the window. */
static void held_due(struct eval *eval, const struct window *window)
{
    int64_t until;

    if (window->ring == NULL || window->spec.samples > 0)
        return;
    until = reading_ring_zero_until(window->ring, eval->now_ns - window->spec.ago_ns);
    if (until != INT64_MIN) {
        int64_t due = until + window->spec.length_ns + window->spec.ago_ns;

        eval_due(eval, due > eval->now_ns ? due : eval->now_ns + 1);
    }
}

/* True throughout (unknown up to 1 - min_cover of it) and true at its end. */
struct value call_held(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    const struct window *window = eval->binding->windows[insn->slot];
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    if (stats->sum.readings > 0 && stats->sum.min == 0) {
        if (stats->right != 0) /* NaN as well */
            held_due(eval, window);
        return value_of(0, marks & VALUE_UNCERTAIN);
    }
    if (isnan(stats->right))
        marks |= eval_why(eval, window->track);
    return value_of(1, marks);
}

struct value call_rises(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.rises, marks);
}

struct value call_falls(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.falls, marks);
}

struct value call_changes(struct eval *eval, const struct insn *insn,
                          const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.rises + stats->sum.falls, marks);
}

/* A boolean is 0 or 1, so its area is the time it was true. */
struct value call_time_true(struct eval *eval, const struct insn *insn,
                            const struct value *args)
{
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    (void)args;
    return value_of(stats->sum.area_ns / (double)CLOCK_S, marks);
}
