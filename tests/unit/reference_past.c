/* reference_past.c - the calendar, and what was at other times: nights, baseline, zscore;
 * see reference.h. */
#include "tests/unit/reference.h"

#include "base/mem.h"
#include "config/settings.h"

#include <stdlib.h>
#include <string.h>

/* ---- the calendar ---- */

static int64_t day_of(const struct reference *ref, struct wall_time time)
{
    struct local_time local = tz_local(ref->tz, time);

    return days_from_civil(local.year, local.month, local.day);
}

/* 1970-01-01 was a Thursday; 1 = Monday. */
static int weekday_of(int64_t day)
{
    return (int)((day % 7 + 7 + 3) % 7) + 1;
}

static bool listed(const int32_t *days, size_t count, int64_t day)
{
    for (size_t i = 0; i < count; i++)
        if (days[i] == day)
            return true;
    return false;
}

static bool holiday(const struct reference *ref, int64_t day)
{
    return ref->calendar != NULL &&
           listed(ref->calendar->holidays, ref->calendar->holiday_count, day);
}

static bool workday(const struct reference *ref, int64_t day)
{
    if (ref->calendar != NULL &&
        listed(ref->calendar->workdays, ref->calendar->workday_count, day))
        return true;
    return weekday_of(day) <= 5 && !holiday(ref, day);
}

static bool season(const struct reference *ref, int64_t day, const char *name)
{
    int64_t year;
    int month;
    int of_month;
    int today;

    civil_from_days(day, &year, &month, &of_month);
    today = month * 100 + of_month;
    for (size_t i = 0; ref->calendar != NULL && i < ref->calendar->season_count; i++) {
        const struct season_settings *row = &ref->calendar->seasons[i];
        int from = row->from_month * 100 + row->from_day;
        int to = row->to_month * 100 + row->to_day;

        if (strcmp(row->name, name) == 0)
            return from <= to ? today >= from && today <= to
                              : today >= from || today <= to;
    }
    return false;
}

bool ref_call_calendar(const struct reference *ref, const struct ref_ask *ask,
                       const char *name, const char *argument, struct value *out)
{
    int64_t day = day_of(ref, ask->wall);

    if (strcmp(name, "dow") == 0)
        *out = (struct value){weekday_of(day), 0};
    else if (strcmp(name, "workday") == 0)
        *out = (struct value){workday(ref, day), 0};
    else if (strcmp(name, "holiday") == 0)
        *out = (struct value){holiday(ref, day), 0};
    else if (strcmp(name, "season") == 0)
        *out = (struct value){season(ref, day, argument), 0};
    else
        return false;
    return true;
}

/* ---- averages of stretches of wall time ---- */

struct stretch {
    double covered_s;
    double area;
};

static struct stretch stretch_of(const struct ref_series *series, int64_t from_ns,
                                 int64_t to_ns)
{
    int64_t hold_ns = series->point->stale_after_ms * CLOCK_MS;
    struct stretch sum = {0, 0};

    for (size_t i = 0; i < series->count; i++) {
        const struct ref_reading *row = &series->rows[i];
        int64_t begin = row->wall_ns > from_ns ? row->wall_ns : from_ns;
        int64_t end = INT64_MAX;

        if (row->late || row->gap)
            continue;
        for (size_t k = i + 1; k < series->count; k++) {
            if (series->rows[k].late)
                continue;
            end = series->rows[k].wall_ns;
            break;
        }
        if (hold_ns > 0 && end > row->wall_ns + hold_ns)
            end = row->wall_ns + hold_ns;
        end = end > to_ns ? to_ns : end;
        if (end <= begin)
            continue;
        sum.covered_s += (double)(end - begin) / 1e9;
        sum.area += row->value * ((double)(end - begin) / 1e9);
    }
    return sum;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double q)
{
    double place = q * (double)(count - 1);
    size_t below = (size_t)place;

    qsort(values, count, sizeof *values, ascending);
    if (below + 1 >= count)
        return values[count - 1];
    return values[below] + (place - (double)below) * (values[below + 1] - values[below]);
}

/* ---- nights ---- */

enum {
    SLICES = 12,
    NIGHTS = 31,
};

/* The least average of any stretch of the night; NaN when none is covered. */
static double night(const struct ref_series *series, const struct ref_nights *spec,
                    int64_t from_ns, int64_t to_ns)
{
    double least = NAN;

    for (int64_t at = from_ns; at + spec->length_ns <= to_ns;
         at += spec->length_ns / SLICES) {
        struct stretch sum = stretch_of(series, at, at + spec->length_ns);
        double average = sum.area / sum.covered_s;

        if (sum.covered_s < 0.6 * (double)spec->length_ns / 1e9)
            continue;
        least = isnan(least) || average < least ? average : least;
    }
    /* The least of a few hours is not that of the night. */
    return stretch_of(series, from_ns, to_ns).covered_s <
                   0.6 * (double)(to_ns - from_ns) / 1e9
               ? NAN
               : least;
}

struct value ref_call_nights(const struct reference *ref, const struct ref_ask *ask,
                             const struct ref_series *series,
                             const struct ref_nights *spec)
{
    double values[NIGHTS];
    size_t known = 0;
    unsigned nights = 0;

    for (int64_t day = day_of(ref, ask->wall); nights < spec->count; day--) {
        int64_t year;
        int month;
        int of_month;
        struct wall_time from;
        struct wall_time to;
        double least;

        civil_from_days(day, &year, &month, &of_month);
        from = tz_instant(ref->tz, year, month, of_month, 0, spec->from_min);
        to = tz_instant(ref->tz, year, month, of_month + (spec->to_min <= spec->from_min),
                        0, spec->to_min);
        if (to.ns > ask->wall.ns)
            continue;
        nights++;
        least = night(series, spec, from.ns, to.ns);
        if (!isnan(least))
            values[known++] = least;
        else if (nights == 1)
            return value_unknown(WHY_COVERAGE); /* the last one is not known */
    }
    if (known == 0 || (double)known < ask->min_cover * spec->count)
        return value_unknown(WHY_COVERAGE);
    return (struct value){quantile(values, known, spec->quantile), 0};
}

/* ---- the same time of other weeks ---- */

#define HOUR_NS (3600 * CLOCK_S)

/* The mean of (from, to] by whole hours of UTC; NaN when too little of it is known. */
static double by_hours(const struct ref_ask *ask, const struct ref_series *series,
                       int64_t from_ns, int64_t to_ns)
{
    double area = 0;
    double known = 0;

    for (int64_t hour = from_ns / HOUR_NS * HOUR_NS; hour < to_ns; hour += HOUR_NS) {
        int64_t begin = hour > from_ns ? hour : from_ns;
        int64_t end = hour + HOUR_NS < to_ns ? hour + HOUR_NS : to_ns;
        struct stretch sum = stretch_of(series, hour, hour + HOUR_NS);

        if (sum.covered_s < 0.6 * 3600)
            continue;
        area += sum.area / sum.covered_s * (double)(end - begin);
        known += (double)(end - begin);
    }
    if (known < ask->min_cover * (double)(to_ns - from_ns))
        return NAN;
    return area / known;
}

/* The same time of day `back` days ago. */
static struct wall_time days_ago(const struct reference *ref, struct wall_time now,
                                 int64_t back)
{
    struct local_time local = tz_local(ref->tz, now);
    struct wall_time then = tz_instant(ref->tz, local.year, local.month,
                                       local.day - (int)back, local.hour, local.minute);

    then.ns += local.second * CLOCK_S + now.ns % CLOCK_S;
    return then;
}

/* What the window came to in earlier weeks; days off are compared with days off. */
static size_t weeks_of(const struct reference *ref, const struct ref_ask *ask,
                       const struct ref_series *series, int64_t length_ns, unsigned weeks,
                       double *values)
{
    int64_t today = day_of(ref, ask->wall);
    bool work = workday(ref, today);
    int64_t back = 0;
    size_t known = 0;
    unsigned taken = 0;

    if (work && weekday_of(today) > 5)
        back = weekday_of(today) - 12; /* as on the last Friday */
    else if (!work && weekday_of(today) <= 5)
        back = weekday_of(today) - 7; /* as on the last Sunday */
    for (unsigned k = 1; k <= weeks + 2 && taken < weeks; k++) {
        struct wall_time end = days_ago(ref, ask->wall, back + 7 * (int64_t)k);
        double value;

        if (workday(ref, day_of(ref, end)) != work)
            continue;
        taken++;
        value = by_hours(ask, series, end.ns - length_ns, end.ns);
        if (!isnan(value))
            values[known++] = value;
    }
    return (double)known >= ask->min_cover * weeks ? known : 0;
}

struct value ref_call_weeks(const struct reference *ref, const struct ref_ask *ask,
                            const char *name, const struct ref_series *series,
                            int64_t length_ns, unsigned weeks, struct value now)
{
    double values[16];
    size_t known = weeks_of(ref, ask, series, length_ns, weeks, values);
    double median;

    if (strcmp(name, "zscore") == 0 && (now.marks & WHY_ALL) != 0)
        return now;
    if (known == 0 || (strcmp(name, "zscore") == 0 && known < 3))
        return value_unknown(WHY_COVERAGE);
    median = quantile(values, known, 0.5);
    if (strcmp(name, "baseline") == 0)
        return (struct value){median, 0};
    for (size_t i = 0; i < known; i++)
        values[i] = fabs(values[i] - median);
    values[0] = quantile(values, known, 0.5);
    if (values[0] == 0)
        return value_unknown(WHY_DIV0);
    return (struct value){(now.number - median) / (1.4826 * values[0]),
                          now.marks & VALUE_UNCERTAIN};
}
