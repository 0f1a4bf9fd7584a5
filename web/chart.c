/* chart.c - see chart.h. */
#include "web/chart.h"

#include "web/html.h"
#include "web/show.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The picture's own units; CSS scales it to the width of the page. */
#define CHART_WIDTH 640.0
#define CHART_LEFT  64.0
#define CHART_RIGHT 632.0
#define CHART_TOP   10.0
#define CHART_BELOW 28.0 /* for the times beneath */

struct frame {
    const struct chart *chart;
    struct text *out;
    double low;
    double high;
    double bottom; /* of the drawing: a line of yes and no needs less height */
};

/* Between two readings such a point keeps the first: a slope would be invented. */
static bool in_steps(const struct chart *chart)
{
    return chart->boolean || chart->code;
}

static double at_x(const struct frame *frame, size_t step)
{
    size_t last = frame->chart->count > 1 ? frame->chart->count - 1 : 1;

    return CHART_LEFT + (CHART_RIGHT - CHART_LEFT) * (double)step / (double)last;
}

static double at_y(const struct frame *frame, double value)
{
    return frame->bottom - (frame->bottom - CHART_TOP) * (value - frame->low) /
                               (frame->high - frame->low);
}

bool chart_range(const struct chart *chart, double *low, double *high)
{
    bool any = false;

    for (size_t i = 0; i < chart->count; i++) {
        const struct history_step *step = &chart->steps[i];

        if (step->count == 0)
            continue;
        *low = !any || step->min < *low ? step->min : *low;
        *high = !any || step->max > *high ? step->max : *high;
        any = true;
    }
    return any;
}

double chart_nice_step(double span, int parts)
{
    double rough = span / parts;
    double power = pow(10, floor(log10(rough)));
    double ratio = rough / power;

    /* A hair above, because 10^x is not exact. */
    if (ratio <= 1.0000001)
        return power;
    if (ratio <= 2.0000001)
        return 2 * power;
    return ratio <= 5.0000001 ? 5 * power : 10 * power;
}

/* Makes room above and below, down to zero where zero is near. */
static double widen(struct frame *frame)
{
    double span = frame->high - frame->low;
    double step;

    if (span < fabs(frame->high) * 1e-6 || span == 0)
        span = frame->high == 0 ? 1 : fabs(frame->high) * 0.1;
    step = chart_nice_step(span, 4);
    if (frame->chart->code && step < 1)
        step = 1;
    if (frame->low > 0 && frame->low < span)
        frame->low = 0;
    frame->low = floor(frame->low / step) * step;
    frame->high = ceil(frame->high / step) * step;
    if (frame->high - frame->low < step / 2)
        frame->high = frame->low + step;
    return step;
}

static int decimals_of(double step)
{
    int decimals = (int)ceil(-log10(step) - 1e-9);

    return decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
}

static void add_y_axis(const struct frame *frame, double step)
{
    double lines = round((frame->high - frame->low) / step);

    for (int i = 0; i <= (int)lines && i <= 12; i++) {
        double value = frame->low + i * step;
        double y = at_y(frame, value);

        text_addf(frame->out,
                  "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text class=\"tick-y\" "
                  "x=\"%.1f\" y=\"%.1f\">",
                  CHART_LEFT, y, CHART_RIGHT, CHART_LEFT - 6, y + 4);
        html_escape(frame->out, show_decimals(value, decimals_of(step), SHOW_ROOM));
        text_add(frame->out, "</text>");
    }
}

/* Distance of the marks below: at most seven, on round local times. */
static int64_t time_step_s(int64_t span_s)
{
    static const int64_t handy[] = {600,   900,   1800,  3600,   7200,   10800,
                                    21600, 43200, 86400, 172800, 432000, 604800};

    for (size_t i = 0; i < sizeof handy / sizeof handy[0]; i++)
        if (span_s / handy[i] <= 7)
            return handy[i];
    return INT64_C(30) * 86400;
}

static void add_x_axis(const struct frame *frame)
{
    const struct chart *chart = frame->chart;
    int64_t from_s = chart->steps[0].start.ns / CLOCK_S;
    int64_t span_s = (int64_t)chart->count * chart->step_ms / 1000;
    int64_t step_s = time_step_s(span_s);
    int64_t offset_s = tz_offset(chart->tz, chart->steps[0].start);
    int64_t mark = (from_s + offset_s + step_s - 1) / step_s * step_s - offset_s;

    for (; mark < from_s + span_s; mark += step_s) {
        struct wall_time time = {mark * CLOCK_S};
        struct local_time local = tz_local(chart->tz, time);
        size_t index = (size_t)((mark - from_s) * 1000 / chart->step_ms);
        double x = at_x(frame, index);
        char text[32];

        if (step_s >= 86400 || (local.hour == 0 && local.minute == 0))
            (void)snprintf(text, sizeof text, "%02d-%02d", local.month, local.day);
        else
            (void)snprintf(text, sizeof text, "%02d:%02d", local.hour, local.minute);
        text_addf(frame->out,
                  "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/><text class=\"tick-x\" "
                  "x=\"%.1f\" y=\"%.1f\">%s</text>",
                  x, CHART_TOP, frame->bottom, x, frame->bottom + 18, text);
    }
}

/* The end of the run of readings that begins at `first`; short holes are inside it. */
static size_t run_end(const struct chart *chart, size_t first)
{
    size_t last = first;

    for (size_t i = first + 1; i < chart->count && i - last <= chart->bridge + 1; i++)
        if (chart->steps[i].count > 0)
            last = i;
    return last + 1;
}

static void add_band(const struct frame *frame, size_t first, size_t end)
{
    const struct history_step *steps = frame->chart->steps;
    const char *move = "M";

    text_add(frame->out, "<path class=\"band\" d=\"");
    for (size_t i = first; i < end; i++)
        if (steps[i].count > 0) {
            text_addf(frame->out, "%s%.1f %.1f", move, at_x(frame, i),
                      at_y(frame, steps[i].max));
            move = "L";
        }
    for (size_t i = end; i-- > first;)
        if (steps[i].count > 0)
            text_addf(frame->out, "L%.1f %.1f", at_x(frame, i),
                      at_y(frame, steps[i].min));
    text_add(frame->out, "Z\"/>");
}

static void add_line(const struct frame *frame, size_t first, size_t end)
{
    const struct chart *chart = frame->chart;
    const char *move = "M";
    double y = 0;

    text_add(frame->out, "<path class=\"mean\" d=\"");
    for (size_t i = first; i < end; i++) {
        if (chart->steps[i].count == 0)
            continue;
        if (in_steps(chart) && move[0] == 'L')
            text_addf(frame->out, "L%.1f %.1f", at_x(frame, i), y);
        y = at_y(frame, in_steps(chart) ? chart->steps[i].last : chart->steps[i].mean);
        text_addf(frame->out, "%s%.1f %.1f", move, at_x(frame, i), y);
        move = "L";
    }
    if (end - first == 1) /* one reading alone: a dot */
        text_addf(frame->out, "h0.1");
    text_add(frame->out, "\"/>");
}

static void add_runs(const struct frame *frame)
{
    const struct chart *chart = frame->chart;

    for (size_t i = 0; i < chart->count;) {
        size_t end;

        if (chart->steps[i].count == 0) {
            i++;
            continue;
        }
        end = run_end(chart, i);
        if (!in_steps(chart))
            add_band(frame, i, end);
        add_line(frame, i, end);
        i = end;
    }
}

/* "12.4,,12.6": what the script reads out; empty where there was no reading. */
static void add_numbers(const struct frame *frame)
{
    const struct chart *chart = frame->chart;

    text_add(frame->out, " data-values=\"");
    for (size_t i = 0; i < chart->count; i++) {
        const struct history_step *step = &chart->steps[i];

        if (i > 0)
            text_add_char(frame->out, ',');
        if (step->count > 0)
            html_escape(frame->out, show_number(in_steps(chart) ? step->last : step->mean,
                                                SHOW_ROOM));
    }
    text_addf(frame->out, "\" data-start=\"%lld\" data-step=\"%lld\"",
              (long long)(chart->steps[0].start.ns / CLOCK_MS),
              (long long)chart->step_ms);
    text_addf(frame->out,
              " data-left=\"%.0f\" data-right=\"%.0f\" data-top=\"%.0f\" "
              "data-bottom=\"%.0f\" data-low=\"%.9g\" data-high=\"%.9g\"",
              CHART_LEFT, CHART_RIGHT, CHART_TOP, frame->bottom, frame->low, frame->high);
}

void chart_svg(const struct chart *chart, struct text *out)
{
    struct frame frame = {.chart = chart,
                          .out = out,
                          .low = 0,
                          .high = 1,
                          .bottom = chart->boolean ? 72 : 182};
    double step = 1;

    if (chart->count == 0)
        return;
    if (!chart->boolean && chart_range(chart, &frame.low, &frame.high))
        step = widen(&frame);
    text_addf(out,
              "<svg class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
              "tabindex=\"0\" aria-label=\"",
              CHART_WIDTH, frame.bottom + CHART_BELOW);
    text_add(out, chart->label);
    text_add_char(out, '"');
    add_numbers(&frame);
    text_add_char(out, '>');
    add_y_axis(&frame, step);
    add_x_axis(&frame);
    add_runs(&frame);
    text_add(out, "</svg>");
}
