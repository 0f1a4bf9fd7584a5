/* calls.h - what each function of an expression computes; rows in rules/functions.c.
 *
 * Threads: no state.
 */
#ifndef RULES_CALLS_H
#define RULES_CALLS_H

#include "rules/eval.h"

/* calls_point.c: the reading itself */
function_eval call_last;
function_eval call_prev;
function_eval call_raw;
function_eval call_age;
function_eval call_good;
function_eval call_stale;
function_eval call_bad;
function_eval call_quality;
function_eval call_reason;
function_eval call_nodata;

/* calls_window.c: what a point did over a window */
function_eval call_avg;
function_eval call_mean;
function_eval call_sum;
function_eval call_integral;
function_eval call_coverage;
function_eval call_min;
function_eval call_max;
function_eval call_count;
function_eval call_delta;
function_eval call_used;
function_eval call_rate;
function_eval call_held;
function_eval call_rises;
function_eval call_falls;
function_eval call_changes;
function_eval call_time_true;

/* calls_trend.c: spread, percentiles and lines */
function_eval call_stddev;
function_eval call_pctl;
function_eval call_slope;
function_eval call_forecast;
function_eval call_time_to;

/* calls_past.c: against earlier weeks and nights */
function_eval call_baseline;
function_eval call_zscore;
function_eval call_nights;
function_eval call_ewma;

/* calls_truth.c: the same over an expression */
function_eval call_held_truth;
function_eval call_rises_truth;
function_eval call_falls_truth;
function_eval call_changes_truth;
function_eval call_time_true_truth;

/* calls_scalar.c */
function_eval call_abs;
function_eval call_round;
function_eval call_minof;
function_eval call_maxof;
function_eval call_if;
function_eval call_near;
function_eval call_sqrt;
function_eval call_clamp;
function_eval call_inside;
function_eval call_outside;
function_eval call_poisson_limit;

/* calls_calendar.c: time of day and kind of day */
function_eval call_within;
function_eval call_dow;
function_eval call_workday;
function_eval call_holiday;
function_eval call_season;

/* calls_alarm.c: the state of other rules */
function_eval call_active;
function_eval call_since;
function_eval call_blind;

/* calls_group.c */
function_group group_total;
function_group group_mean;
function_group group_min;
function_group group_max;
function_group group_count;
function_group group_size;

/* What the window of the call holds and, in *marks, whether that is enough to speak of;
 * sets due and note. */
const struct window_stats *calls_window(struct eval *eval, const struct insn *insn,
                                        uint32_t *marks);

/* When a window of this length is looked at again although no sample came: often
 * enough that a change is seen within 2 % of the window. */
int64_t calls_slide_ns(int64_t length_ns);

/* Too little of a window is known: since the daemon started, or because of a gap. */
uint32_t calls_why_window(const struct eval *eval, int64_t reach_ns);

#endif
