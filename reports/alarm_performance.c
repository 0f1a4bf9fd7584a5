/* alarm_performance.c - see alarm_performance.h. */
#include "reports/alarm_performance.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    PERIODS_AN_HOUR = 6,
};

static const struct {
    int64_t least;
    const char *name;
} classes[PERFORMANCE_CLASSES] = {
    {0, "0"}, {1, "1"}, {2, "2"}, {3, "3-5"}, {6, "6-10"}, {11, ">10"},
};

/* Half of what the standards give for a control room (see the header). 0: no target. */
static const struct target {
    const char *key;
    double most;
} targets[] = {
    {"per_period", 0.5},   {"per_hour", 3},      {"per_day", 72},
    {"most", 5},           {"share_many", 0.01}, {"share_many_hour", 0.01},
    {"share_flood", 0.01}, {"share_top", 0.05},  {"chattering", 0},
    {"stale_most", 2},     {"standing_most", 5}, {"share_serious", 0.05},
};

static int by_time(const void *a, const void *b)
{
    int64_t left = ((const struct told *)a)->time.ns;
    int64_t right = ((const struct told *)b)->time.ns;

    return left < right ? -1 : left > right;
}

static int by_source(const void *a, const void *b)
{
    uint64_t left = ((const struct told *)a)->source;
    uint64_t right = ((const struct told *)b)->source;

    return left < right ? -1 : left > right;
}

static int descending(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return left > right ? -1 : left < right;
}

static int ascending(const void *a, const void *b)
{
    return descending(b, a);
}

/* Those within the span; their number. */
static size_t copy_span(struct told *to, const struct told *told, size_t count,
                        struct wall_time from, struct wall_time until)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (told[i].time.ns >= from.ns && told[i].time.ns < until.ns)
            to[n++] = told[i];
    if (n > 1)
        qsort(to, n, sizeof *to, by_time);
    return n;
}

static void count_periods(const struct told *told, size_t count, struct wall_time from,
                          struct performance *performance)
{
    size_t periods = (size_t)performance->periods;
    int64_t *counts = mem_array(periods + 1, sizeof *counts);
    int64_t many = 0;
    int64_t many_hours = 0;
    int64_t hours = 0;

    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)(wall_diff_ms(told[i].time, from) / PERFORMANCE_PERIOD_MS);

        counts[at < periods ? at : periods - 1]++; /* the last one may be cut short */
    }
    for (size_t i = 0; i < periods; i++) {
        size_t class = PERFORMANCE_CLASSES - 1;

        while (classes[class].least > counts[i])
            class --;
        performance->classes[class]++;
        many += counts[i] > PERFORMANCE_MANY ? 1 : 0;
    }
    for (size_t i = 0; i < periods; i += PERIODS_AN_HOUR) {
        int64_t sum = 0;

        for (size_t k = i; k < i + PERIODS_AN_HOUR && k < periods; k++)
            sum += counts[k];
        many_hours += sum > PERFORMANCE_MANY_HOUR ? 1 : 0;
        hours++;
    }
    performance->share_many = (double)many / (double)periods;
    performance->share_many_hour = (double)many_hours / (double)hours;
    mem_free(counts);
}

/* A flood begins with the tenth within ten minutes and is over when fewer than five are.
 * Looked at when one comes and when one is ten minutes old. */
static void count_floods(const struct told *told, size_t count, struct wall_time to,
                         struct performance *performance)
{
    size_t oldest = 0; /* within the ten minutes */
    int64_t since = 0; /* of the flood; 0 = none */
    int64_t flood_ns = 0;
    int64_t window_ns = PERFORMANCE_PERIOD_MS * CLOCK_MS;

    for (size_t i = 0; i <= count; i++) {
        int64_t now = i < count ? told[i].time.ns : to.ns;

        while (oldest < i && told[oldest].time.ns + window_ns <= now) {
            int64_t left = told[oldest].time.ns + window_ns;

            oldest++;
            if (since != 0 && i - oldest < PERFORMANCE_FLOOD_END) {
                flood_ns += left - since;
                since = 0;
            }
        }
        if (i == count)
            break;
        if ((int64_t)(i + 1 - oldest) > performance->most)
            performance->most = (int64_t)(i + 1 - oldest);
        if (since == 0 && i + 1 - oldest >= PERFORMANCE_FLOOD_BEGIN)
            since = now;
    }
    if (since != 0)
        flood_ns += to.ns - since;
    performance->share_flood = (double)flood_ns;
}

/* The most of [time, returned) of alarms, from `after_ms` of their age on, that run at
 * the same time; their number. */
static int64_t count_at_once(const struct told *told, size_t count, struct wall_time to,
                             int64_t after_ms, int64_t *most)
{
    int64_t *begins = mem_array(count + 1, sizeof *begins);
    int64_t *ends = mem_array(count + 1, sizeof *ends);
    size_t n = 0;
    size_t over = 0;

    *most = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t end = told[i].returned.ns != 0 ? told[i].returned.ns : to.ns;
        int64_t begin = told[i].time.ns + after_ms * CLOCK_MS;

        if (begin >= end)
            continue;
        begins[n] = begin;
        ends[n++] = end;
    }
    if (n > 1) {
        qsort(begins, n, sizeof *begins, ascending);
        qsort(ends, n, sizeof *ends, ascending);
    }
    for (size_t i = 0; i < n; i++) {
        while (ends[over] <= begins[i])
            over++;
        if ((int64_t)(i + 1 - over) > *most)
            *most = (int64_t)(i + 1 - over);
    }
    mem_free(begins);
    mem_free(ends);
    return (int64_t)n;
}

/* Sorts by source. */
static void count_sources(struct told *told, size_t count,
                          struct performance *performance)
{
    int64_t *counts = mem_array(count + 1, sizeof *counts);
    size_t sources = 0;
    int64_t top = 0;

    qsort(told, count, sizeof *told, by_source);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || told[i].source != told[i - 1].source)
            sources++;
        counts[sources - 1]++;
    }
    qsort(counts, sources, sizeof *counts, descending);
    for (size_t i = 0; i < sources && i < PERFORMANCE_TOP; i++)
        top += counts[i];
    performance->share_top = (double)top / (double)count;
    mem_free(counts);
}

bool performance_compute(const struct told *told, size_t count, struct wall_time from,
                         struct wall_time to, struct performance *performance)
{
    int64_t span_ms = wall_diff_ms(to, from);
    int64_t periods = (span_ms + PERFORMANCE_PERIOD_MS - 1) / PERFORMANCE_PERIOD_MS;
    struct performance result = {.periods = periods};
    struct told *own;

    if (span_ms <= 0 || periods > PERFORMANCE_PERIODS_MAX)
        return false;
    own = mem_array(count + 1, sizeof *own);
    count = copy_span(own, told, count, from, to);
    result.told = (int64_t)count;
    result.per_period = (double)count * PERFORMANCE_PERIOD_MS / (double)span_ms;
    result.per_hour = result.per_period * PERIODS_AN_HOUR;
    result.per_day = result.per_hour * 24;
    count_periods(own, count, from, &result);
    count_floods(own, count, to, &result);
    result.share_flood /= (double)(to.ns - from.ns);
    (void)count_at_once(own, count, to, 0, &result.standing_most);
    result.stale =
        count_at_once(own, count, to, PERFORMANCE_STALE_MS, &result.stale_most);
    for (size_t i = 0; i < count; i++) {
        result.share_severity[own[i].severity] += 1.0 / (double)count;
        result.chattering += own[i].chattering ? 1 : 0;
    }
    if (count > 0)
        count_sources(own, count, &result);
    mem_free(own);
    *performance = result;
    return true;
}

const char *performance_class_name(size_t index)
{
    return classes[index].name;
}

static void put_figure(struct json_out *json, const char *key, double value)
{
    json_key(json, key);
    json_open(json, '{');
    json_key(json, "value");
    json_number_digits(json, value, 6);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (strcmp(targets[i].key, key) != 0)
            continue;
        json_put_number(json, "target", targets[i].most);
        json_put_bool(json, "kept", value <= targets[i].most);
    }
    json_close(json, '}');
}

void performance_json(struct json_out *json, const struct performance *performance)
{
    json_open(json, '{');
    json_put_int(json, "announced", performance->told);
    json_put_int(json, "periods", performance->periods);
    json_key(json, "periods_by_count");
    json_open(json, '{');
    for (size_t i = 0; i < PERFORMANCE_CLASSES; i++)
        json_put_int(json, classes[i].name, performance->classes[i]);
    json_close(json, '}');
    put_figure(json, "per_period", performance->per_period);
    put_figure(json, "per_hour", performance->per_hour);
    put_figure(json, "per_day", performance->per_day);
    put_figure(json, "most", (double)performance->most);
    put_figure(json, "share_many", performance->share_many);
    put_figure(json, "share_many_hour", performance->share_many_hour);
    put_figure(json, "share_flood", performance->share_flood);
    put_figure(json, "share_top", performance->share_top);
    put_figure(json, "chattering", (double)performance->chattering);
    put_figure(json, "stale", (double)performance->stale);
    put_figure(json, "stale_most", (double)performance->stale_most);
    put_figure(json, "standing_most", (double)performance->standing_most);
    put_figure(json, "share_minor", performance->share_severity[SEVERITY_MINOR]);
    put_figure(json, "share_general", performance->share_severity[SEVERITY_GENERAL]);
    put_figure(json, "share_serious", performance->share_severity[SEVERITY_SERIOUS]);
    json_close(json, '}');
}
