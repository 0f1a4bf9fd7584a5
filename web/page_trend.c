/* page_trend.c - see page_trend.h. */
#include "web/page_trend.h"

#include "base/mem.h"
#include "web/chart.h"
#include "web/past.h"
#include "web/view.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    TREND_POINTS = 6, /* pictures on one page */
    TREND_ROWS = 48,  /* of the table beneath a picture */
};

static const struct trend_range {
    const char *name;
    enum word title;
    int64_t span_ms;
    int64_t step_ms; /* gives 60 to 360 steps: as many as a phone has pixels */
} ranges[] = {
    {"1h", WORD_RANGE_1H, PAST_HOUR_MS, PAST_MINUTE_MS},
    {"24h", WORD_RANGE_24H, PAST_DAY_MS, 5 * PAST_MINUTE_MS},
    {"7d", WORD_RANGE_7D, 7 * PAST_DAY_MS, 30 * PAST_MINUTE_MS},
    {"30d", WORD_RANGE_30D, 30 * PAST_DAY_MS, 2 * PAST_HOUR_MS},
};

static const struct trend_range *asked_range(const struct call *call)
{
    const char *name = params_get(&call->request->query, "range", "24h");

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (strcmp(ranges[i].name, name) == 0)
            return &ranges[i];
    return NULL;
}

bool page_trend_check(const struct call *call, struct response *response)
{
    if (asked_range(call) != NULL)
        return true;
    response_bad_parameter(response, "range", "1h, 24h, 7d or 30d",
                           "there is no such range");
    return false;
}

/* The points named in the query; without any, those that say most. */
static size_t choose_points(const struct call *call, const struct equipment *equipment,
                            const struct point *chosen[TREND_POINTS])
{
    const struct params *query = &call->request->query;
    const struct point *key[VIEW_KEY_POINTS];
    size_t count = 0;
    size_t keys;

    for (size_t i = 0; i < query->count && count < TREND_POINTS; i++) {
        const struct point *point;

        if (strcmp(query->items[i].name, "points") != 0)
            continue;
        point = model_point(call->site->model, equipment, query->items[i].value);
        if (point != NULL && model_has_series(point))
            chosen[count++] = point;
    }
    if (count > 0)
        return count;
    keys = view_key_points(call->site->model, equipment, key);
    for (size_t i = 0; i < keys; i++)
        if (model_has_series(key[i]))
            chosen[count++] = key[i];
    return count;
}

static bool is_chosen(const struct point *const *chosen, size_t count,
                      const struct point *point)
{
    for (size_t i = 0; i < count; i++)
        if (chosen[i] == point)
            return true;
    return false;
}

static void add_ranges(struct page *page, const struct trend_range *current)
{
    html_put(page->out, "<div class=\"tabs\" role=\"group\" aria-label=\"{}\">",
             page_word(page, WORD_TREND));
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        html_put(page->out, "<a{!} href=\"",
                 &ranges[i] == current ? " aria-current=\"true\"" : "");
        page_link_with(page, "range", ranges[i].name, NULL);
        html_put(page->out, "#trend\">{}</a>", page_word(page, ranges[i].title));
    }
    text_add(page->out, "</div>");
}

static void add_choice(struct page *page, const struct equipment *equipment,
                       const struct trend_range *range, const struct point *const *chosen,
                       size_t count)
{
    html_put(page->out,
             "<details class=\"choice\"><summary>{}</summary><form method=\"get\" "
             "action=\"/equipment/{%}#trend\"><input type=\"hidden\" name=\"range\" "
             "value=\"{}\">",
             page_word(page, WORD_CHOOSE_POINTS), equipment->id, range->name);
    for (uint32_t i = 0; i < equipment->point_count; i++) {
        const struct point *point =
            &page->call->site->model->points[equipment->first_point + i];

        if (model_has_series(point))
            html_put(page->out,
                     "<label class=\"check\"><input type=\"checkbox\" name=\"points\" "
                     "value=\"{}\"{!}> {}</label>",
                     point->name, is_chosen(chosen, count, point) ? " checked" : "",
                     show_point(page->language, point));
    }
    html_put(page->out, "<button>{}</button></form></details>",
             page_word(page, WORD_SHOW_POINTS));
}

/* Several steps as one row of the table. */
static struct history_step merge(const struct history_step *steps, size_t count)
{
    struct history_step all = {.start = steps[0].start, .min = NAN, .max = NAN};
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        if (steps[i].count == 0)
            continue;
        all.min = fmin(all.min, steps[i].min); /* fmin leaves NaN out */
        all.max = fmax(all.max, steps[i].max);
        all.last = steps[i].last;
        all.count += steps[i].count;
        sum += steps[i].mean * (double)steps[i].count;
    }
    all.mean = all.count == 0 ? NAN : sum / (double)all.count;
    if (all.count == 0)
        all.last = NAN;
    return all;
}

static void add_table(struct page *page, const struct chart *chart)
{
    size_t each = (chart->count + TREND_ROWS - 1) / TREND_ROWS;

    html_put(page->out,
             "<details class=\"data\"><summary>{}</summary><table class=\"grid-table\">"
             "<thead><tr><th>{}</th><th class=\"n\">{}</th><th class=\"n\">{}</th>"
             "<th class=\"n\">{}</th><th class=\"n\">{}</th></tr></thead><tbody>",
             page_word(page, WORD_TREND_TABLE), page_word(page, WORD_TIME),
             page_word(page, WORD_MINIMUM), page_word(page, WORD_MEAN),
             page_word(page, WORD_MAXIMUM), page_word(page, WORD_LAST));
    for (size_t i = 0; i < chart->count; i += each) {
        size_t count = chart->count - i < each ? chart->count - i : each;
        struct history_step row = merge(&chart->steps[i], count);

        text_add(page->out, "<tr><td>");
        page_time(page, row.start);
        html_put(page->out,
                 "</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                 "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                 show_number(row.min, SHOW_ROOM), show_number(row.mean, SHOW_ROOM),
                 show_number(row.max, SHOW_ROOM), show_number(row.last, SHOW_ROOM));
    }
    text_add(page->out, "</tbody></table></details>");
}

static double last_value(const struct chart *chart)
{
    for (size_t i = chart->count; i-- > 0;)
        if (chart->steps[i].count > 0)
            return chart->steps[i].last;
    return NAN;
}

/* How many empty steps are only the pace of a slow reading. */
static size_t bridge_of(const struct point *point, int64_t step_ms, size_t count)
{
    int64_t quiet_ms = point->stale_after_ms;

    if (quiet_ms == 0) /* reported on change: silence means unchanged */
        return count;
    return (size_t)(quiet_ms / step_ms);
}

static void add_picture(struct page *page, const struct point *point, struct chart *chart)
{
    struct text label;
    double low = NAN;
    double high = NAN;
    bool any = chart_range(chart, &low, &high);

    text_init(&label, 1024);
    if (any)
        html_put(&label, page_word(page, WORD_TREND_SUMMARY),
                 show_point(page->language, point), show_number(low, SHOW_ROOM),
                 show_number(high, SHOW_ROOM), show_number(last_value(chart), SHOW_ROOM),
                 page_unit(point->unit));
    chart->label = label.data;
    html_put(page->out,
             "<figure class=\"trend\" data-unit=\"{}\"><figcaption><b>{}</b> "
             "<span class=\"unit\">{}</span><output></output></figcaption>",
             page_unit(point->unit), show_point(page->language, point),
             page_unit(point->unit));
    if (any) {
        chart_svg(chart, page->out);
        html_put(page->out, "<p class=\"note\">{!}</p>", label.data);
        add_table(page, chart);
    } else {
        html_put(page->out, "<p class=\"empty\">{}</p>",
                 page_word(page, WORD_TREND_EMPTY));
    }
    text_add(page->out, "</figure>");
    text_done(&label);
}

static void add_trend(struct page *page, const struct trend_range *range,
                      const struct point *point, struct history_step *steps)
{
    const struct call *call = page->call;
    struct wall_time to =
        past_floor(wall_add_ms(call->now, range->step_ms), range->step_ms);
    struct wall_time from = wall_add_ms(to, -range->span_ms);
    struct chart chart = {.steps = steps,
                          .step_ms = range->step_ms,
                          .tz = call->site->tz,
                          .boolean = point->kind == POINT_BOOL,
                          .code =
                              point->kind == POINT_ENUM || point->kind == POINT_FLAGS};
    struct err err;
    int count = history_query(call->site->history, point->index, from, to, range->step_ms,
                              steps, HISTORY_STEPS_MAX, &err);

    if (count < 0) {
        html_put(page->out, "<p class=\"alert\">{}: {}</p>",
                 show_point(page->language, point), err.text);
        return;
    }
    chart.count = (size_t)count;
    chart.bridge = bridge_of(point, range->step_ms, chart.count);
    add_picture(page, point, &chart);
}

void page_trend(struct page *page, const struct equipment *equipment)
{
    const struct trend_range *range = asked_range(page->call);
    const struct point *chosen[TREND_POINTS];
    size_t count = choose_points(page->call, equipment, chosen);
    struct history_step *steps;

    assert(range != NULL); /* page_trend_check() let it pass */
    html_put(page->out,
             "<section class=\"panel\" id=\"trend\"><div class=\"panel-head\">"
             "<h2>{}</h2>",
             page_word(page, WORD_TREND));
    add_ranges(page, range);
    text_add(page->out, "</div>");
    if (count == 0) {
        html_put(page->out, "<p class=\"empty\">{}</p></section>",
                 page_word(page, WORD_TREND_NONE));
        return;
    }
    add_choice(page, equipment, range, chosen, count);
    steps = mem_array(HISTORY_STEPS_MAX, sizeof *steps);
    text_add(page->out, "<div class=\"trends\">");
    for (size_t i = 0; i < count; i++)
        add_trend(page, range, chosen[i], steps);
    mem_free(steps);
    html_put(page->out,
             "</div><p class=\"note\">{} <span class=\"js\">{}</span></p>"
             "</section>\n",
             page_word(page, WORD_TREND_GAPS), page_word(page, WORD_TREND_HINT));
}
