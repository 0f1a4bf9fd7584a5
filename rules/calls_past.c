/* calls_past.c - the present against earlier weeks, nights and a mean that forgets.
 *
 * A baseline is made of the averages over the same window of the day in earlier weeks,
 * from whole hours: an hour that the window covers in part counts in part. Days are of
 * two kinds, worked and off. Weeks in which the day was of the other kind are passed
 * over; a holiday in the week is compared with Sundays, a worked weekend with Fridays. */
#include "rules/calls.h"
#include "rules/days.h"
#include "rules/program.h"

#include <math.h>
#include <string.h>

enum {
    WEEKS_EXTRA = 2,  /* looked at beyond those asked for */
    ZSCORE_WEEKS = 3, /* the least that has a spread */
};

/* The scatter of a normal distribution in medians of distance. */
#define MAD_SCALE 1.4826

struct weeks {
    double values[HOURS_WEEKS_MAX]; /* in order */
    unsigned count;
};

/* The mean of (from, to] from whole hours; NaN when too little of it is known. */
static double mean_of(const struct hours *hours, int64_t from_ns, int64_t to_ns,
                      double min_cover)
{
    double area = 0;
    double covered = 0;

    for (int64_t at = from_ns; at < to_ns;) {
        int64_t end = at / HOURS_NS * HOURS_NS + HOURS_NS;
        double mean = hours_at(hours, (struct wall_time){at});
        double span = (double)((end < to_ns ? end : to_ns) - at);

        if (!isnan(mean)) {
            area += mean * span;
            covered += span;
        }
        at = end;
    }
    if (covered <= 0 || covered < min_cover * (double)(to_ns - from_ns))
        return NAN;
    return area / covered;
}

static void insert(struct weeks *weeks, double value)
{
    unsigned place = weeks->count++;

    for (; place > 0 && weeks->values[place - 1] > value; place--)
        weeks->values[place] = weeks->values[place - 1];
    weeks->values[place] = value;
}

/* How many days before a day of this kind the first one to compare with lies. */
static int first_day_back(int weekday, bool workday)
{
    if (workday && weekday > 5)
        return weekday - 5;
    if (!workday && weekday <= 5)
        return weekday;
    return 7;
}

/* The averages of up to `wanted` earlier weeks that are known. */
static struct weeks collect(const struct eval *eval, const struct window *window,
                            unsigned wanted)
{
    const struct hours *hours = window->track->more->hours;
    int64_t to_ns = eval->wall.ns - window->spec.ago_ns;
    struct local_time local = tz_local(eval->tz, (struct wall_time){to_ns});
    int64_t day = days_from_civil(local.year, local.month, local.day);
    bool workday = days_kind(eval->calendar, day).workday;
    int back = first_day_back(local.weekday, workday);
    int64_t rest_ns = to_ns - tz_instant(eval->tz, local.year, local.month, local.day,
                                         local.hour, local.minute)
                                  .ns;
    struct weeks weeks = {.count = 0};
    unsigned found = 0;

    if (rest_ns < 0 || rest_ns >= 60 * CLOCK_S)
        rest_ns = 0; /* the second of two equal hours in autumn */
    for (unsigned i = 0; i < wanted + WEEKS_EXTRA && found < wanted; i++, back += 7) {
        struct wall_time then;
        double mean;

        if (days_kind(eval->calendar, day - back).workday != workday)
            continue;
        found++;
        then = tz_instant(eval->tz, local.year, local.month, local.day - back, local.hour,
                          local.minute);
        then.ns += rest_ns;
        mean = mean_of(hours, then.ns - window->spec.length_ns, then.ns, eval->min_cover);
        if (!isnan(mean))
            insert(&weeks, mean);
    }
    return weeks;
}

static double median(const double *values, unsigned count)
{
    return percentile_at(values, count, 0.5);
}

/* The weeks, if there are enough of them. */
static struct weeks look(struct eval *eval, const struct insn *insn,
                         const struct value *args, unsigned least, uint32_t *marks)
{
    const struct window *window = eval->binding->windows[insn->slot];
    unsigned wanted = (unsigned)args[0].number;
    struct weeks weeks = {.count = 0};

    *marks = 0;
    if (eval->tz == NULL) {
        *marks = WHY_CONFIG;
        return weeks;
    }
    weeks = collect(eval, window, wanted);
    eval_due(eval, eval->now_ns + calls_slide_ns(window->spec.length_ns));
    eval->note = (struct note){
        .window = true,
        .coverage = (double)weeks.count / wanted,
        .samples = weeks.count,
    };
    if (weeks.count < least || weeks.count < eval->min_cover * wanted)
        *marks = calls_why_window(eval, (int64_t)wanted * HOURS_A_WEEK * HOURS_NS);
    return weeks;
}

struct value call_baseline(struct eval *eval, const struct insn *insn,
                           const struct value *args)
{
    uint32_t marks;
    struct weeks weeks = look(eval, insn, args, 1, &marks);

    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    return value_of(median(weeks.values, weeks.count), marks);
}

struct value call_zscore(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    struct value now = call_avg(eval, insn, args);
    struct weeks distances = {.count = 0};
    uint32_t marks;
    struct weeks weeks = look(eval, insn, args, ZSCORE_WEEKS, &marks);
    double middle;
    double spread;

    marks |= now.marks;
    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    middle = median(weeks.values, weeks.count);
    for (unsigned i = 0; i < weeks.count; i++)
        insert(&distances, fabs(weeks.values[i] - middle));
    spread = MAD_SCALE * median(distances.values, distances.count);
    if (spread == 0)
        return value_unknown(marks | WHY_DIV0);
    return value_of((now.number - middle) / spread, marks);
}

/* args: how many nights, the share. */
struct value call_nights(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    struct nights *nights = eval->binding->nights[insn->slot];
    unsigned wanted = (unsigned)args[0].number;
    unsigned known;
    uint32_t marks = args[1].marks;
    double q = args[1].number;
    double figure;

    if (!(q >= 0 && q <= 1))
        return value_unknown(marks | WHY_CONFIG);
    figure = nights_percentile(nights, eval->wall, wanted, q, &known);
    eval_due(eval, eval->now_ns + nights_next(nights, eval->wall).ns - eval->wall.ns);
    eval->note = (struct note){
        .window = true, .coverage = (double)known / wanted, .samples = known};
    if (known == 0 || known < eval->min_cover * wanted)
        marks |= calls_why_window(eval, (int64_t)wanted * 24 * HOURS_NS);
    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    return value_of(figure, marks);
}

/* Known once the readings were in force for min_cover of tau: the first ones weigh too
 * much. */
struct value call_ewma(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    const struct average *average = eval->binding->averages[insn->slot];
    const struct track *track = average->track;
    struct value now = eval_track(eval, track);
    int64_t covered_ns = average->covered_ns;

    (void)args;
    if (!value_known(now))
        return now;
    if (average->holds)
        covered_ns += eval->now_ns - average->last_ns; /* in force, as was just asked */
    if ((double)covered_ns < eval->min_cover * (double)average->tau_ns) {
        eval_due(eval, eval->now_ns + calls_slide_ns(average->tau_ns));
        return value_unknown(calls_why_window(eval, average->tau_ns));
    }
    return value_of(average->mean, now.marks);
}
