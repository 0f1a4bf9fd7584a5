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
function_eval call_age;
function_eval call_good;
function_eval call_stale;
function_eval call_bad;
function_eval call_nodata;

/* calls_window.c: what a point did over a window */
function_eval call_avg;
function_eval call_min;
function_eval call_max;
function_eval call_count;
function_eval call_delta;
function_eval call_used;
function_eval call_rate;
function_eval call_held;
function_eval call_rises;
function_eval call_falls;

/* calls_truth.c: the same over an expression */
function_eval call_held_truth;
function_eval call_rises_truth;
function_eval call_falls_truth;

/* calls_scalar.c */
function_eval call_abs;
function_eval call_round;
function_eval call_minof;
function_eval call_maxof;
function_eval call_if;
function_eval call_near;
function_eval call_within;

/* calls_group.c */
function_group group_total;
function_group group_mean;
function_group group_min;
function_group group_max;
function_group group_count;
function_group group_size;

/* When a window of this length is looked at again although no sample came: often
 * enough that a change is seen within 2 % of the window. */
int64_t calls_slide_ns(int64_t length_ns);

/* Too little of a window is known: since the daemon started, or because of a gap. */
uint32_t calls_why_window(const struct eval *eval, int64_t reach_ns);

#endif
