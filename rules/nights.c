/* nights.c - see nights.h. Time is walked through slice by slice; a stretch is the last
 * NIGHTS_SLICES of them, summed anew each time, so that no misread value stays in a
 * sum. */
#include "rules/nights.h"

#include "base/mem.h"
#include "rules/percentile.h"

#include <assert.h>
#include <math.h>

#define DAY_NS (INT64_C(86400) * CLOCK_S)
#define MINUTE (60 * CLOCK_S)

/* A reading older than the last by more than this means that the clock was set back. */
#define BACK_NS (2 * INT64_C(3600) * CLOCK_S)
/* Nothing was kept over a longer gap anyway. */
#define GAP_NS ((NIGHTS_MAX + 2) * DAY_NS)

struct slice {
    double area_ns;
    int64_t covered_ns;
};

struct figure {
    int64_t day;
    double least; /* NaN: not known */
};

struct nights {
    struct nights_spec spec;
    const struct tz *tz;
    int64_t hold_ns;
    unsigned count;
    struct figure *figures; /* of day d in place d % count */

    bool any;
    int64_t last_ns; /* the last reading */
    double value;
    int64_t pos_ns; /* up to where time was walked */

    /* the night that goes on or comes next */
    int64_t day;
    int64_t begin_ns;
    int64_t end_ns;
    int64_t slice;                      /* number of the one that is open */
    struct slice slices[NIGHTS_SLICES]; /* slice n in place n % NIGHTS_SLICES */
    int64_t covered_ns;                 /* of the night */
    double least;
};

bool nights_spec_equal(struct nights_spec a, struct nights_spec b)
{
    return a.length_ns == b.length_ns && a.from_min == b.from_min && a.to_min == b.to_min;
}

struct nights *nights_new(struct nights_spec spec, unsigned count, int64_t hold_ns,
                          const struct tz *tz)
{
    struct nights *nights = mem_alloc(sizeof *nights);

    assert(spec.length_ns >= NIGHTS_SLICES);
    nights->spec = spec;
    nights->tz = tz;
    nights->hold_ns = hold_ns;
    nights_widen(nights, count);
    return nights;
}

void nights_free(struct nights *nights)
{
    if (nights == NULL)
        return;
    mem_free(nights->figures);
    mem_free(nights);
}

struct nights_spec nights_spec(const struct nights *nights)
{
    return nights->spec;
}

void nights_widen(struct nights *nights, unsigned count)
{
    assert(count > 0 && count <= NIGHTS_MAX && !nights->any);
    if (count <= nights->count)
        return;
    mem_free(nights->figures);
    nights->count = count;
    nights->figures = mem_array(count, sizeof *nights->figures);
    for (unsigned i = 0; i < count; i++)
        nights->figures[i] = (struct figure){INT64_MIN, NAN};
}

/* ---- the calendar ---- */

static int64_t day_of(const struct tz *tz, int64_t time_ns)
{
    int64_t offset_s = tz == NULL ? 0 : tz_offset(tz, (struct wall_time){time_ns});
    int64_t local = time_ns + offset_s * CLOCK_S;

    return local / DAY_NS - (local % DAY_NS < 0);
}

static int64_t instant(const struct tz *tz, int64_t day, int minute)
{
    int64_t year;
    int month;
    int of_month;

    if (tz == NULL)
        return day * DAY_NS + minute * MINUTE;
    civil_from_days(day, &year, &month, &of_month);
    return tz_instant(tz, year, month, of_month, minute / 60, minute % 60).ns;
}

static int64_t end_of(const struct nights *nights, int64_t day)
{
    bool over_midnight = nights->spec.to_min <= nights->spec.from_min;

    return instant(nights->tz, over_midnight ? day + 1 : day, nights->spec.to_min);
}

/* The first night that ends after `time`. */
static int64_t night_at(const struct nights *nights, int64_t time_ns)
{
    int64_t day = day_of(nights->tz, time_ns) - 1;

    while (end_of(nights, day) <= time_ns)
        day++;
    return day;
}

struct wall_time nights_next(const struct nights *nights, struct wall_time now)
{
    return (struct wall_time){end_of(nights, night_at(nights, now.ns))};
}

/* ---- time goes by ---- */

static int64_t slice_ns(const struct nights *nights)
{
    return nights->spec.length_ns / NIGHTS_SLICES;
}

static struct slice *slice_at(struct nights *nights, int64_t number)
{
    return &nights->slices[number % NIGHTS_SLICES];
}

/* Goes to the night of `day`, of which nothing is known yet. */
static void start_night(struct nights *nights, int64_t day)
{
    nights->day = day;
    nights->begin_ns = instant(nights->tz, day, nights->spec.from_min);
    nights->end_ns = end_of(nights, day);
    nights->least = NAN;
    nights->covered_ns = 0;
    nights->slice = 0;
    for (size_t i = 0; i < NIGHTS_SLICES; i++)
        nights->slices[i] = (struct slice){0};
}

static void finish_night(struct nights *nights)
{
    int64_t count = nights->count;
    int64_t length_ns = nights->end_ns - nights->begin_ns;

    /* The least of a few hours is not that of the night. */
    if ((double)nights->covered_ns < NIGHTS_COVER * (double)length_ns)
        nights->least = NAN;
    nights->figures[(nights->day % count + count) % count] =
        (struct figure){nights->day, nights->least};
    start_night(nights, nights->day + 1);
}

/* The open slice is full: with those before it it may be a stretch. */
static void finish_slice(struct nights *nights)
{
    struct slice sum = {0};
    double average;

    for (size_t i = 0; i < NIGHTS_SLICES; i++) {
        sum.area_ns += nights->slices[i].area_ns;
        sum.covered_ns += nights->slices[i].covered_ns;
    }
    average = sum.area_ns / (double)sum.covered_ns;
    if (nights->slice >= NIGHTS_SLICES - 1 &&
        (double)sum.covered_ns >= NIGHTS_COVER * (double)nights->spec.length_ns &&
        !(average >= nights->least)) /* NaN as well */
        nights->least = average;
    nights->slice++;
    *slice_at(nights, nights->slice) = (struct slice){0};
}

/* Until when the value holds. */
static int64_t held_until(const struct nights *nights)
{
    if (isnan(nights->value))
        return INT64_MIN;
    return nights->hold_ns == INT64_MAX ? INT64_MAX : nights->last_ns + nights->hold_ns;
}

/* One step inside the night, at most to `to`. */
static void walk_slice(struct nights *nights, int64_t to_ns)
{
    int64_t since = nights->pos_ns - nights->begin_ns;
    int64_t slice_end;
    int64_t until = held_until(nights);

    while (since >= (nights->slice + 1) * slice_ns(nights))
        finish_slice(nights); /* those before the first reading */
    slice_end = nights->begin_ns + (nights->slice + 1) * slice_ns(nights);
    to_ns = to_ns < slice_end ? to_ns : slice_end;
    if (until > nights->pos_ns) {
        int64_t span = (until < to_ns ? until : to_ns) - nights->pos_ns;
        struct slice *slice = slice_at(nights, nights->slice);

        slice->area_ns += nights->value * (double)span;
        slice->covered_ns += span;
        nights->covered_ns += span;
    }
    nights->pos_ns = to_ns;
    if (to_ns == slice_end)
        finish_slice(nights);
}

static void walk(struct nights *nights, int64_t to_ns)
{
    if (to_ns - nights->pos_ns > GAP_NS) {
        nights->pos_ns = to_ns;
        start_night(nights, night_at(nights, to_ns));
    }
    while (nights->pos_ns < to_ns) {
        if (nights->pos_ns >= nights->end_ns)
            finish_night(nights);
        else if (nights->pos_ns < nights->begin_ns)
            nights->pos_ns = to_ns < nights->begin_ns ? to_ns : nights->begin_ns;
        else
            walk_slice(nights, to_ns < nights->end_ns ? to_ns : nights->end_ns);
    }
    while (nights->pos_ns >= nights->end_ns)
        finish_night(nights);
}

static void begin_at(struct nights *nights, int64_t time_ns)
{
    nights->any = true;
    nights->pos_ns = time_ns;
    start_night(nights, night_at(nights, time_ns));
}

void nights_put(struct nights *nights, struct wall_time time, double value)
{
    if (!nights->any || time.ns < nights->last_ns - BACK_NS)
        begin_at(nights, time.ns);
    else if (time.ns <= nights->last_ns)
        return;
    else
        walk(nights, time.ns);
    nights->last_ns = time.ns;
    nights->value = value;
}

/* ---- questions ---- */

/* Puts a value where it belongs among the `count` before it. */
static void insert(double *values, unsigned count, double value)
{
    unsigned place = count;

    for (; place > 0 && values[place - 1] > value; place--)
        values[place] = values[place - 1];
    values[place] = value;
}

static bool knows(const struct nights *nights, int64_t day)
{
    int64_t count = nights->count;
    const struct figure *figure;

    assert(count > 0);
    figure = &nights->figures[(day % count + count) % count];
    return figure->day == day && !isnan(figure->least);
}

double nights_percentile(struct nights *nights, struct wall_time now, unsigned count,
                         double q, unsigned *known)
{
    double values[NIGHTS_MAX];

    *known = 0;
    if (!nights->any)
        return NAN;
    assert(count <= nights->count);
    /* Readings may still be on their way: time is only walked when a night is over. */
    if (now.ns >= nights->end_ns)
        walk(nights, now.ns);
    for (unsigned i = 0; i < nights->count; i++) {
        const struct figure *figure = &nights->figures[i];

        if (figure->day < nights->day && figure->day >= nights->day - count &&
            !isnan(figure->least))
            insert(values, (*known)++, figure->least);
    }
    if (!knows(nights, nights->day - 1))
        *known = 0;
    return percentile_at(values, *known, q);
}

int64_t nights_reach_ms(const struct nights *nights)
{
    return (nights->count + 1) * (DAY_NS / CLOCK_MS);
}

size_t nights_memory(const struct nights *nights)
{
    return sizeof *nights + nights->count * sizeof *nights->figures;
}
