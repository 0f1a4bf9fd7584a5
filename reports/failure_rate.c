/* failure_rate.c - see failure_rate.h.
 *
 * The desk gives the states of one equipment after the other; each is turned into
 * intervals, a timeline and figures before the next begins, so that memory holds the rows
 * of one equipment and the results.
 */
#include "reports/failure_rate.h"

#include "base/mem.h"
#include "reports/figures.h"
#include "reports/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_BACK_DAYS = 31, /* a day more than a repeat may lie back */
    YEAR_MIN = 1970,
    YEAR_MAX = 2199, /* stamps end in 2262 */
};

/* What is gathered while the desk speaks. */
struct gather {
    struct failure_report *report;
    double month_h;
    struct timeline_interval *intervals; /* of the present equipment */
    size_t count;
    size_t capacity;
    char *id; /* of the present equipment; NULL before the first */
    char *name;
    char *class_name;
    char *place;
    size_t equipment_capacity;
    size_t event_capacity;
};

static void free_string(const char *string)
{
    /* Const for those who read a report or an interval; duplicated here. */
    union {
        const char *borrowed;
        char *owned;
    } text = {string};

    mem_free(text.owned);
}

static bool is_left_out(const char *class_name)
{
    return strcmp(class_name, "link") == 0 || strcmp(class_name, "gateway") == 0;
}

static void add_event(struct gather *gather, const struct timeline_failure *failure)
{
    struct failure_report *report = gather->report;
    bool closed = failure->restored && failure->end.ns < report->to.ns;

    if (failure->start.ns >= report->to.ns ||
        (closed && failure->end.ns <= report->from.ns))
        return;
    if (report->event_count == FAILURE_EVENTS_MAX) {
        report->events_cut = true;
        return;
    }
    if (report->event_count == gather->event_capacity) {
        gather->event_capacity =
            gather->event_capacity == 0 ? 16 : gather->event_capacity * 2;
        report->events =
            mem_resize(report->events, gather->event_capacity, sizeof *report->events);
    }
    report->events[report->event_count++] = (struct failure_event){
        .equipment = mem_strdup(gather->id),
        .rule = mem_strdup(failure->mode),
        .issue = mem_strdup(failure->issue),
        .start = failure->start,
        .end = closed ? failure->end : (struct wall_time){0},
        .repeat = failure->repeat,
    };
}

static void add_row(struct gather *gather, const struct failure_figures *figures)
{
    struct failure_report *report = gather->report;

    if (report->equipment_count == gather->equipment_capacity) {
        gather->equipment_capacity =
            gather->equipment_capacity == 0 ? 64 : gather->equipment_capacity * 2;
        report->equipment = mem_resize(report->equipment, gather->equipment_capacity,
                                       sizeof *report->equipment);
    }
    report->equipment[report->equipment_count++] = (struct failure_row){
        .id = mem_strdup(gather->id),
        .name = mem_strdup(gather->name),
        .class_name = mem_strdup(gather->class_name),
        .place = mem_strdup(gather->place),
        .figures = *figures,
    };
}

static void clear_intervals(struct gather *gather)
{
    for (size_t i = 0; i < gather->count; i++) {
        free_string(gather->intervals[i].mode);
        free_string(gather->intervals[i].issue);
    }
    gather->count = 0;
}

/* The last equipment is complete: its timeline, its figures. */
static void finish_equipment(struct gather *gather)
{
    struct failure_report *report = gather->report;
    struct failure_figures figures = {0};
    struct timeline timeline;

    if (gather->id == NULL)
        return;
    timeline_build(gather->intervals, gather->count, report->from, report->to, &timeline);
    figures_add_timeline(&figures, &timeline, report->from, report->to, gather->month_h);
    if (figures.units > 0) { /* in scope for at least a part of the month */
        figures_add(&report->total, &figures);
        figures_derive(&figures);
        add_row(gather, &figures);
        for (size_t i = 0; i < timeline.failure_count; i++)
            add_event(gather, &timeline.failures[i]);
    }
    timeline_done(&timeline);
    clear_intervals(gather);
    mem_free(gather->id);
    mem_free(gather->name);
    mem_free(gather->class_name);
    mem_free(gather->place);
    gather->id = NULL;
}

static void begin_equipment(struct gather *gather, const struct state_event *event)
{
    finish_equipment(gather);
    gather->id = mem_strdup(event->equipment);
    gather->name = mem_strdup(event->name);
    gather->class_name = mem_strdup(event->class_name);
    gather->place = mem_strdup(event->place);
}

/* A state holds from its event to the next one of the same equipment. */
static void add_state(void *context, const struct state_event *event)
{
    struct gather *gather = context;
    bool fault = event->state == STATE_FAULT;

    if (is_left_out(event->class_name))
        return;
    if (gather->id == NULL || strcmp(gather->id, event->equipment) != 0)
        begin_equipment(gather, event);
    else if (gather->count > 0 &&
             gather->intervals[gather->count - 1].to.ns > event->time.ns)
        gather->intervals[gather->count - 1].to = event->time;
    if (strcmp(event->reason, DESK_REASON_RETIRED) == 0)
        return; /* out of scope from here on */
    if (gather->count == gather->capacity) {
        gather->capacity = gather->capacity == 0 ? 64 : gather->capacity * 2;
        gather->intervals =
            mem_resize(gather->intervals, gather->capacity, sizeof *gather->intervals);
    }
    gather->intervals[gather->count++] = (struct timeline_interval){
        .state = event->state,
        .from = event->time,
        .to = gather->report->to,
        .mode = mem_strdup(fault ? event->reason : ""),
        .issue = mem_strdup(fault ? event->issue : ""),
    };
}

/* "YYYY-MM" */
static bool parse_month(const char *text, int64_t *year, int *month)
{
    for (size_t i = 0; i < 7; i++)
        if (i == 4 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    *year = strtol(text, NULL, 10);
    *month = (text[5] - '0') * 10 + text[6] - '0';
    return text[7] == '\0' && *year >= YEAR_MIN && *year <= YEAR_MAX && *month >= 1 &&
           *month <= 12;
}

static int by_class_and_id(const void *a, const void *b)
{
    const struct failure_row *x = a;
    const struct failure_row *y = b;
    int order = strcmp(x->class_name, y->class_name);

    return order != 0 ? order : strcmp(x->id, y->id);
}

static int by_start(const void *a, const void *b)
{
    const struct failure_event *x = a;
    const struct failure_event *y = b;

    if (x->start.ns != y->start.ns)
        return x->start.ns < y->start.ns ? -1 : 1;
    return strcmp(x->equipment, y->equipment);
}

/* Equipment is sorted by class: sums each run of a class into a row of its own. */
static void add_classes(struct failure_report *report)
{
    report->classes = mem_array(report->equipment_count, sizeof *report->classes);
    for (size_t i = 0; i < report->equipment_count; i++) {
        const struct failure_row *row = &report->equipment[i];

        if (i == 0 || strcmp(row->class_name, row[-1].class_name) != 0)
            report->classes[report->class_count++] = (struct failure_row){
                .id = mem_strdup(row->class_name),
                .name = mem_strdup(row->class_name),
                .class_name = mem_strdup(row->class_name),
                .place = mem_strdup(""),
                .p_worse = NAN,
            };
        figures_add(&report->classes[report->class_count - 1].figures, &row->figures);
    }
}

static void compare_equipment(struct failure_report *report)
{
    size_t class_index = 0;

    for (size_t i = 0; i < report->equipment_count; i++) {
        struct failure_row *row = &report->equipment[i];

        if (strcmp(row->class_name, report->classes[class_index].id) != 0)
            class_index++;
        row->p_worse =
            figures_compare(&row->figures, &report->classes[class_index].figures);
    }
}

/* Empty arrays stay NULL, which qsort does not take. */
static void finish_report(struct failure_report *report)
{
    if (report->equipment_count > 0)
        qsort(report->equipment, report->equipment_count, sizeof *report->equipment,
              by_class_and_id);
    if (report->event_count > 0)
        qsort(report->events, report->event_count, sizeof *report->events, by_start);
    add_classes(report);
    compare_equipment(report);
    for (size_t i = 0; i < report->class_count; i++)
        figures_derive(&report->classes[i].figures);
    figures_derive(&report->total);
}

static int gather_states(struct desk *desk, struct failure_report *report, double month_h,
                         struct err *err)
{
    struct gather gather = {.report = report, .month_h = month_h};
    struct wall_time from =
        wall_add_ms(report->from, -INT64_C(86400000) * LOOK_BACK_DAYS);
    int result = desk_states(desk, from, report->to, add_state, &gather, err);

    finish_equipment(&gather);
    mem_free(gather.intervals);
    return result;
}

/* NOLINTNEXTLINE(readability-function-size): what a report is made of */
struct failure_report *failure_report_make(struct desk *desk, const struct model *model,
                                           const struct tz *tz, const char *timezone,
                                           const char *month, struct wall_time now,
                                           struct err *err)
{
    struct failure_report *report = mem_alloc(sizeof *report);
    struct failure_report *result = NULL;
    struct wall_time end;

    if (!parse_month(month, &report->year, &report->month)) {
        (void)err_set(err, ERR_INPUT, "month '%.20s': it is written YYYY-MM", month);
        goto out;
    }
    report->from = tz_instant(tz, report->year, report->month, 1, 0, 0);
    end = tz_instant(tz, report->year, report->month + 1, 1, 0, 0);
    if (report->from.ns > now.ns) {
        (void)err_set(err, ERR_NOT_FOUND, "month %s has not begun yet", month);
        goto out;
    }
    report->complete = end.ns <= now.ns;
    report->to = report->complete ? end : now;
    report->made = now;
    report->site_id = mem_strdup(model->site_id);
    report->site_name = mem_strdup(model->site_name);
    report->timezone = mem_strdup(timezone);
    if (gather_states(desk, report, (double)(end.ns - report->from.ns) / 3.6e12, err) !=
        0)
        goto out;
    finish_report(report);
    result = report;
    report = NULL;
out:
    failure_report_free(report);
    return result;
}

static void free_rows(struct failure_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free_string(rows[i].id);
        free_string(rows[i].name);
        free_string(rows[i].class_name);
        free_string(rows[i].place);
    }
    mem_free(rows);
}

void failure_report_free(struct failure_report *report)
{
    if (report == NULL)
        return;
    free_rows(report->classes, report->class_count);
    free_rows(report->equipment, report->equipment_count);
    for (size_t i = 0; i < report->event_count; i++) {
        free_string(report->events[i].equipment);
        free_string(report->events[i].rule);
        free_string(report->events[i].issue);
    }
    mem_free(report->events);
    free_string(report->site_id);
    free_string(report->site_name);
    free_string(report->timezone);
    mem_free(report);
}
