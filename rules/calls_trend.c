/* calls_trend.c - spread, percentiles and lines of a window of a point. */
#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

#define S_PER_HOUR 3600.0

/* What a line never reaches is this far away: long enough for any comparison. */
#define NEVER_S (365.0 * 24 * 3600)

/* The moments of the window; fewer than two readings say nothing. */
static struct moments look(struct eval *eval, const struct insn *insn, uint32_t *marks)
{
    struct window *window = eval->binding->windows[insn->slot];
    struct moments moments;

    (void)calls_window(eval, insn, marks);
    moments = window_moments(window);
    if (moments.count < 2)
        *marks |= WHY_COVERAGE;
    return moments;
}

struct value call_stddev(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    uint32_t marks;
    struct moments moments = look(eval, insn, &marks);

    (void)args;
    return value_of(moments_deviation(&moments), marks);
}

struct value call_pctl(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    struct window *window = eval->binding->windows[insn->slot];
    double q = args[0].number;
    uint32_t marks;
    const struct window_stats *stats = calls_window(eval, insn, &marks);

    eval->note.method = window->buckets == NULL ? "exact" : "sketch, within 1 %";
    marks |= args[0].marks;
    if (!(q >= 0 && q <= 1))
        marks |= WHY_CONFIG;
    if (stats->sum.count == 0)
        marks |= WHY_COVERAGE;
    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    return value_of(window_percentile(window, q), marks);
}

/* The line at the end of the window. */
static struct moments_line line_of(struct eval *eval, const struct insn *insn,
                                   uint32_t *marks)
{
    const struct window *window = eval->binding->windows[insn->slot];
    struct moments moments = look(eval, insn, marks);
    struct moments_line line = moments_line(&moments, eval->now_ns - window->spec.ago_ns);

    if (isnan(line.slope))
        *marks |= WHY_COVERAGE;
    return line;
}

struct value call_slope(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    uint32_t marks;
    struct moments_line line = line_of(eval, insn, &marks);

    (void)args;
    return value_of(line.slope * S_PER_HOUR, marks);
}

struct value call_forecast(struct eval *eval, const struct insn *insn,
                           const struct value *args)
{
    uint32_t marks;
    struct moments_line line = line_of(eval, insn, &marks);

    return value_of(line.value + line.slope * args[0].number, marks | args[0].marks);
}

/* Only what lies ahead: a line that has passed the limit moves away from it. */
struct value call_time_to(struct eval *eval, const struct insn *insn,
                          const struct value *args)
{
    uint32_t marks;
    struct moments_line line = line_of(eval, insn, &marks);
    double left = args[0].number - line.value;
    double seconds = left == 0 ? 0 : left / line.slope;

    if (!(seconds >= 0 && seconds < NEVER_S)) /* NaN and infinity as well */
        seconds = NEVER_S;
    return value_of(seconds, marks | args[0].marks);
}
