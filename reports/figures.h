/* figures.h - from timelines to the figures of a report row (pure).
 *
 * Sums are added first, for one equipment, a class or the site; what is divided is
 * derived from the sums at the end.
 *
 * Threads: no state.
 */
#ifndef REPORTS_FIGURES_H
#define REPORTS_FIGURES_H

#include "reports/failure_rate.h"
#include "reports/timeline.h"

/* Adds one equipment's timeline of the span [from, to) in a month of `month_h` hours. */
void figures_add_timeline(struct failure_figures *figures,
                          const struct timeline *timeline, struct wall_time from,
                          struct wall_time to, double month_h);
void figures_add(struct failure_figures *sum, const struct failure_figures *figures);
void figures_derive(struct failure_figures *figures);

/* Whether `one` failed more often than the others of `all` (which includes it): the
 * probability that chance alone does that; NaN when there is nothing to compare. */
double figures_compare(const struct failure_figures *one,
                       const struct failure_figures *all);

#endif
