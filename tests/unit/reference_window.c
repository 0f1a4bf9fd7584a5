/* reference_window.c - the functions of windows by their definitions; see reference.h. */
#include "tests/unit/reference.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is in force, piece by piece ---- */

typedef void ref_piece(void *context, const struct ref_reading *row, int64_t ns);

/* Calls `each` for every stretch of the window in which one reading is in force. */
static void pieces(const struct ref_window *window, ref_piece *each, void *context)
{
    const struct ref_series *series = window->series;
    const struct ref_reading *row = window->left != NULL ? window->left : window->in;

    for (; row < window->in + window->in_count; row++) {
        int64_t from = row->time_ns > window->from_ns ? row->time_ns : window->from_ns;
        int64_t until = ref_until(series, row);

        if (until > window->to_ns)
            until = window->to_ns;
        if (!row->gap && until > from)
            each(context, row, until - from);
    }
}

struct totals {
    int64_t covered_ns;
    double area;
    double truth;
    bool any_false;
    bool uncertain;
};

static void total(void *context, const struct ref_reading *row, int64_t ns)
{
    struct totals *totals = context;
    double seconds = (double)ns / 1e9;

    totals->covered_ns += ns;
    totals->area += row->value * seconds;
    totals->truth += row->value != 0 ? seconds : 0;
    totals->any_false = totals->any_false || row->value == 0;
    totals->uncertain = totals->uncertain || row->uncertain;
}

static struct totals totals_of(const struct ref_window *window)
{
    struct totals totals = {0};

    if (window->samples == 0)
        pieces(window, total, &totals);
    for (size_t i = 0; i < window->in_count; i++)
        totals.uncertain = totals.uncertain || window->in[i].uncertain;
    if (window->left != NULL)
        totals.uncertain = totals.uncertain || window->left->uncertain;
    return totals;
}

static double length_s(const struct ref_window *window)
{
    return (double)(window->to_ns - window->from_ns) / 1e9;
}

/* Share of the window during which some value was in force. */
static double coverage(const struct ref_window *window)
{
    if (window->samples > 0)
        return (double)window->count / window->samples;
    return (double)totals_of(window).covered_ns /
           (double)(window->to_ns - window->from_ns);
}

/* ---- too little to say anything ---- */

/* Why nothing is in force now, if so. */
static uint32_t why_now(const struct reference *ref, const struct ref_ask *ask,
                        const struct ref_window *window)
{
    if (ref_in_force(window->series, ask->now_ns) != NULL)
        return 0;
    return ref_why(ref, window->series, ask->now_ns);
}

/* Of what is not there: it may have been before the daemon looked. */
static uint32_t not_covered(const struct ref_window *window)
{
    return window->before ? WHY_STARTUP : WHY_COVERAGE;
}

/* A window that ends now is known while a value is in force now: what happened since the
 * last reading is not. The coverage of the last n readings is how many of them there are.
 */
static uint32_t too_little(const struct reference *ref, const struct ref_ask *ask,
                           const struct ref_window *window)
{
    uint32_t why = why_now(ref, ask, window);
    bool enough = coverage(window) >= ask->min_cover;

    if (window->samples > 0)
        return why | (enough ? 0 : WHY_COVERAGE);
    if (enough)
        return window->past ? 0 : why;
    return not_covered(window) | why;
}

/* ---- the functions ---- */

struct job {
    const struct ref_window *window;
    struct totals totals;
    double argument;
    double *values; /* of the good readings inside */
    double *times;  /* seconds, the end of the window is 0 */
    size_t count;
    uint32_t why_end; /* why nothing is in force at the end of the window, if so */
    bool nothing;     /* out: too few readings */
    uint32_t why;     /* out: why, if it is not that of all windows */
    bool doubt;       /* out: a reset of a counter */
};

typedef double ref_function(struct job *job);

static double mean_of(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static double avg(struct job *job)
{
    if (job->window->samples > 0)
        return mean_of(job->values, job->count);
    job->nothing = job->totals.covered_ns <= 0;
    return job->totals.area / ((double)job->totals.covered_ns / 1e9);
}

static double mean(struct job *job)
{
    job->nothing = job->count == 0;
    return mean_of(job->values, job->count);
}

static double sum(struct job *job)
{
    double all = 0;

    for (size_t i = 0; i < job->count; i++)
        all += job->values[i];
    return all;
}

static double count(struct job *job)
{
    return (double)job->count;
}

static double stddev(struct job *job)
{
    double middle = mean_of(job->values, job->count);
    double squares = 0;

    job->nothing = job->count < 2;
    for (size_t i = 0; i < job->count; i++)
        squares += (job->values[i] - middle) * (job->values[i] - middle);
    return sqrt(squares / (double)(job->count - 1));
}

static double least(struct job *job)
{
    double found = INFINITY;

    if (job->window->left != NULL)
        found = job->window->left->value;
    for (size_t i = 0; i < job->count; i++)
        found = fmin(found, job->values[i]);
    job->nothing = !isfinite(found);
    return found;
}

static double greatest(struct job *job)
{
    double found = -INFINITY;

    if (job->window->left != NULL)
        found = job->window->left->value;
    for (size_t i = 0; i < job->count; i++)
        found = fmax(found, job->values[i]);
    job->nothing = !isfinite(found);
    return found;
}

static double integral(struct job *job)
{
    return job->totals.area / 3600;
}

/* Whether a value is in force at both ends. */
static bool anchored(struct job *job)
{
    if (job->window->samples > 0)
        return true;
    job->nothing = job->window->left == NULL || job->window->right == NULL;
    if (job->window->left == NULL)
        job->why |= not_covered(job->window);
    if (job->window->right == NULL)
        job->why |= job->why_end != 0 ? job->why_end : (uint32_t)WHY_COVERAGE;
    return !job->nothing;
}

static double delta(struct job *job)
{
    if (job->window->samples > 0)
        return job->values[job->count - 1] - job->values[0];
    return anchored(job) ? job->window->right->value - job->window->left->value : 0;
}

/* A wrap is from the last tenth of the modulus into the first; any other step down is a
 * misread value that the way back up makes good, or else a reset. */
static double used(struct job *job)
{
    double modulus = job->window->series->point->counter_modulus;
    double up = 0;
    double down = 0;
    size_t first = job->window->samples > 0;
    double last;

    if (!anchored(job))
        return 0;
    last = first == 1 ? job->values[0] : job->window->left->value;
    for (size_t i = first; i < job->count; i++) {
        double value = job->values[i];

        if (value >= last)
            up += value - last;
        else if (modulus > 0 && last > 0.9 * modulus && value < 0.1 * modulus)
            up += modulus - last + value;
        else
            down += last - value;
        last = value;
    }
    job->doubt = down > 0;
    return up >= down ? up - down : up;
}

/* Growth goes on in a gap, so what it is divided by is the time between the two ends. */
static double rate(struct job *job)
{
    double grown = used(job);
    double seconds = length_s(job->window);

    if (job->window->samples > 0)
        seconds = job->times[job->count - 1] - job->times[0];
    job->nothing = job->nothing || seconds <= 0;
    return grown / seconds;
}

/* The line of least squares: its value at the end of the window and its rise by second.
 */
static double line(struct job *job, double *rise)
{
    double time = mean_of(job->times, job->count);
    double value = mean_of(job->values, job->count);
    double xx = 0;
    double xy = 0;

    for (size_t i = 0; i < job->count; i++) {
        xx += (job->times[i] - time) * (job->times[i] - time);
        xy += (job->times[i] - time) * (job->values[i] - value);
    }
    job->nothing = job->count < 2 || xx <= 0;
    *rise = xy / xx;
    return value - *rise * time;
}

static double slope(struct job *job)
{
    double rise;

    (void)line(job, &rise);
    return rise * 3600;
}

static double forecast(struct job *job)
{
    double rise;
    double now = line(job, &rise);

    return now + rise * job->argument;
}

static double time_to(struct job *job)
{
    static const double never = 365 * 86400.0;
    double rise;
    double now = line(job, &rise);
    double seconds = (job->argument - now) / rise;

    if (!isfinite(seconds) || seconds < 0 || seconds > never)
        return never;
    return seconds;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double pctl(struct job *job)
{
    double place = job->argument * (double)(job->count - 1);
    size_t below = (size_t)place;

    job->nothing = job->count == 0;
    if (job->nothing)
        return 0;
    qsort(job->values, job->count, sizeof *job->values, ascending);
    if (below + 1 >= job->count)
        return job->values[job->count - 1];
    return job->values[below] +
           (place - (double)below) * (job->values[below + 1] - job->values[below]);
}

/* ---- the table ---- */

static const struct {
    const char *name;
    ref_function *function;
} rows[] = {
    {"avg", avg},      {"mean", mean},         {"sum", sum},
    {"count", count},  {"stddev", stddev},     {"min", least},
    {"max", greatest}, {"integral", integral}, {"delta", delta},
    {"used", used},    {"rate", rate},         {"slope", slope},
    {"pctl", pctl},    {"forecast", forecast}, {"time_to", time_to},
};

static void collect(struct job *job)
{
    const struct ref_window *window = job->window;

    job->values = mem_array(window->in_count + 1, sizeof *job->values);
    job->times = mem_array(window->in_count + 1, sizeof *job->times);
    for (size_t i = 0; i < window->in_count; i++) {
        if (window->in[i].gap)
            continue;
        job->values[job->count] = window->in[i].value;
        job->times[job->count] = (double)(window->in[i].time_ns - window->to_ns) / 1e9;
        job->count++;
    }
}

static struct value run(const struct reference *ref, const struct ref_ask *ask,
                        ref_function *function, const struct ref_window *window,
                        double argument)
{
    struct job job = {.window = window, .argument = argument};
    uint32_t why = too_little(ref, ask, window);
    double number;

    job.totals = totals_of(window);
    /* Why nothing is in force now is not why nothing was in force long ago. */
    if (!window->past)
        job.why_end = why_now(ref, ask, window);
    collect(&job);
    if (why != 0) {
        mem_free(job.values);
        mem_free(job.times);
        return value_unknown(why);
    }
    number = function(&job);
    mem_free(job.values);
    mem_free(job.times);
    if (job.nothing)
        return value_unknown(job.why != 0 ? job.why : not_covered(window));
    if (!isfinite(number))
        return value_unknown(WHY_RANGE);
    return (struct value){number,
                          job.totals.uncertain || job.doubt ? VALUE_UNCERTAIN : 0};
}

/* The share of a window that late readings can turn over. */
static double late_share(const struct ref_window *window)
{
    int64_t late_ns = 2 * window->series->point->period_ms * CLOCK_MS;

    if (late_ns < 5 * CLOCK_S)
        late_ns = 5 * CLOCK_S;
    return window->late * (double)late_ns / (double)(window->to_ns - window->from_ns);
}

/* What a sketch may be off: 1 % of the two readings that it lies between, near zero 1 %
 * of the greatest (its bins there are joined), and a place for each late reading. */
static double sketch_slack(const struct ref_window *window, double q)
{
    struct job job = {.window = window};
    double slack = 0;

    collect(&job);
    if (job.count > 0) {
        size_t place = (size_t)(q * (double)(job.count - 1));
        size_t low = place > window->late ? place - window->late : 0;
        size_t high = place + 1 + window->late;

        qsort(job.values, job.count, sizeof *job.values, ascending);
        high = high < job.count ? high : job.count - 1;
        slack = 0.01 * fmax(fabs(job.values[0]), fabs(job.values[job.count - 1])) *
                (fabs(job.values[place]) < 1);
        slack += 0.0101 * fmax(fabs(job.values[low]), fabs(job.values[high]));
        slack += window->late > 0 ? job.values[high] - job.values[low] : 0;
    }
    mem_free(job.values);
    mem_free(job.times);
    return slack;
}

/* A reading that came late counts where it belongs in all of these. */
static bool by_reading(const char *name)
{
    static const char *const names[] = {"count",  "sum",   "mean",     "min",    "max",
                                        "stddev", "slope", "forecast", "time_to"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

double ref_slack(const struct ref_ask *ask, const char *name,
                 const struct ref_window *window, double argument)
{
    double share = late_share(window);
    double seconds = length_s(window);
    double least = 0;
    double most = 1;

    if (!window->rounded)
        return 0;
    if (fabs(coverage(window) - ask->min_cover) <= share + 1e-9)
        return INFINITY;
    if (strcmp(name, "pctl") == 0)
        return sketch_slack(window, argument);
    if (window->late == 0 || by_reading(name))
        return 1e-12;
    if (window->left != NULL) { /* a late reading may have cut it short */
        least = fmin(least, window->left->value);
        most = fmax(most, window->left->value);
    }
    for (size_t i = 0; i < window->in_count; i++) {
        least = fmin(least, window->in[i].value);
        most = fmax(most, window->in[i].value);
    }
    if (strcmp(name, "avg") == 0 || strcmp(name, "coverage") == 0)
        return share * (most - least);
    if (strcmp(name, "time_true") == 0)
        return share * seconds;
    if (strcmp(name, "integral") == 0)
        return share * (most - least) * seconds / 3600;
    return window->late * 2 * (most - least);
}

bool ref_call_window(const struct reference *ref, const struct ref_ask *ask,
                     const char *name, const struct ref_window *window, double argument,
                     struct value *out)
{
    if (strcmp(name, "coverage") == 0) {
        *out = (struct value){coverage(window), 0};
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        *out = run(ref, ask, rows[i].function, window, argument);
        return true;
    }
    return false;
}
