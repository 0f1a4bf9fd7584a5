/* chart.h - one point's past as an SVG picture (pure).
 *
 * A band from lowest to highest and a line through the means; yes/no points as steps. A
 * time without readings is a break in the line, never a straight one across. The values
 * stand in data attributes too, so that the page's script can read them out; without the
 * script the picture is complete.
 *
 * Threads: no state.
 */
#ifndef WEB_CHART_H
#define WEB_CHART_H

#include "base/text.h"
#include "base/tz.h"
#include "history/history.h"

struct chart {
    const struct history_step *steps;
    size_t count;
    int64_t step_ms;
    const struct tz *tz;
    const char *label; /* what the picture shows, in words; escaped for HTML */
    bool boolean;      /* 0 or 1; drawn as steps, with less height */
    bool code;         /* of an enum: drawn as steps, marks at whole numbers */
    size_t bridge;     /* so many empty steps in a row are no gap (slow readings) */
};

/* Lowest and highest of the shown values; false when there is none. */
bool chart_range(const struct chart *chart, double *low, double *high);

/* A step of 1, 2 or 5 times a power of ten that cuts `span` into at most `parts`. */
double chart_nice_step(double span, int parts);

void chart_svg(const struct chart *chart, struct text *out);

#endif
