/* reference_calls.c - functions of values and of one point; see reference.h. */
#include "tests/unit/reference.h"

#include <string.h>

/* ---- functions of values ---- */

static struct value fold(const struct value *args, size_t count, bool greatest)
{
    struct value found = args[0];

    for (size_t i = 1; i < count; i++) {
        double number = greatest ? fmax(found.number, args[i].number)
                                 : fmin(found.number, args[i].number);

        found = ref_computed(number, found, args[i]);
    }
    return found;
}

static struct value all_of(double number, const struct value *args, size_t count)
{
    struct value out = ref_computed(number, args[0], args[0]);

    for (size_t i = 1; i < count; i++)
        out = ref_computed(number, out, args[i]);
    return out;
}

static struct value choose(struct value c, struct value a, struct value b)
{
    struct value chosen = c.number != 0 ? a : b;

    if (!ref_unknown(c))
        return ref_computed(chosen.number, c, chosen);
    if (!ref_unknown(a) && !ref_unknown(b) && a.number == b.number)
        return ref_computed(a.number, a, b);
    return (struct value){0, c.marks | a.marks | b.marks};
}

static double rounded(double number, double digits)
{
    double scale = pow(10, digits);

    return isfinite(number * scale) ? round(number * scale) / scale : number;
}

/* The least k with P(X >= k) < q, X being Poisson distributed. */
static double poisson_limit(double mean, double q)
{
    double below = 0;
    double term = exp(-mean);
    double k = 0;

    if (mean > 10000) /* nobody counts so far */
        return INFINITY;
    while (1 - below >= q) {
        below += term;
        k++;
        term *= mean / k;
    }
    return k;
}
bool ref_call_plain(const char *name, const struct value *v, size_t count,
                    struct value *out)
{
    if (strcmp(name, "abs") == 0)
        *out = all_of(fabs(v[0].number), v, 1);
    else if (strcmp(name, "sqrt") == 0)
        *out = all_of(sqrt(v[0].number), v, 1);
    else if (strcmp(name, "poisson_limit") == 0)
        *out = all_of(poisson_limit(v[0].number, v[1].number), v, 2);
    else if (strcmp(name, "round") == 0)
        *out = all_of(rounded(v[0].number, count > 1 ? v[1].number : 0), v, count);
    else if (strcmp(name, "minof") == 0)
        *out = fold(v, count, false);
    else if (strcmp(name, "maxof") == 0)
        *out = fold(v, count, true);
    else if (strcmp(name, "if") == 0)
        *out = choose(v[0], v[1], v[2]);
    else if (strcmp(name, "near") == 0)
        *out = all_of(fabs(v[0].number - v[1].number) <= v[2].number, v, 3);
    else if (strcmp(name, "clamp") == 0)
        *out = all_of(fmin(fmax(v[0].number, v[1].number), v[2].number), v, 3);
    else if (strcmp(name, "inside") == 0)
        *out = all_of(v[0].number >= v[1].number && v[0].number <= v[2].number, v, 3);
    else if (strcmp(name, "outside") == 0)
        *out = all_of(v[0].number < v[1].number || v[0].number > v[2].number, v, 3);
    else
        return false;
    return true;
}

/* ---- functions of one point ---- */

/* The newest that was read, in force or ended by a break. */
static const struct ref_reading *newest_good(const struct ref_series *series)
{
    for (size_t i = series->count; i > 0; i--)
        if (series->rows[i - 1].read)
            return &series->rows[i - 1];
    return NULL;
}

static struct value prev(const struct reference *ref, const struct ref_series *series,
                         const struct ref_ask *ask, unsigned back)
{
    if (ref_in_force(series, ask->now_ns) == NULL)
        return value_unknown(ref_why(ref, series, ask->now_ns));
    for (size_t i = series->count; i > 0; i--) {
        const struct ref_reading *row = &series->rows[i - 1];

        if (row->gap)
            continue;
        if (back-- == 0)
            return (struct value){row->value, row->uncertain ? VALUE_UNCERTAIN : 0};
    }
    return value_unknown(WHY_STARTUP);
}

/* How long values have been in force since the first, as far as `enough`. */
static double covered_s(const struct ref_series *series, int64_t now_ns, double enough)
{
    double sum = 0;

    for (size_t i = 0; i < series->count && sum < enough; i++) {
        const struct ref_reading *row = &series->rows[i];
        int64_t until = ref_until(series, row);

        if (!row->gap)
            sum += (double)((until < now_ns ? until : now_ns) - row->time_ns) / 1e9;
    }
    return sum;
}

/* e += (1 - exp(-dt / tau)) (v - e), reading by reading as they came in order, in the
 * form that does not take two large numbers from each other. What is older than 150 tau
 * weighs less than the last digit, even of a misread 3.4e38. */
static double forgetting_mean(const struct ref_series *series, int64_t now_ns,
                              double tau_s)
{
    const struct ref_reading *before = NULL;
    size_t first = series->count;
    long double mean = 0; /* a misread 3.4e38 must not leave its rounding behind */

    while (first > 0 &&
           (double)(now_ns - series->rows[first - 1].time_ns) / 1e9 < 150 * tau_s)
        first--;
    for (size_t i = first - (first > 0); i < series->count; i++) {
        const struct ref_reading *row = &series->rows[i];

        if (!row->read || row->behind)
            continue;
        if (before == NULL)
            mean = row->in_order;
        else
            mean =
                row->in_order + (mean - row->in_order) *
                                    expl((before->time_ns - row->time_ns) / 1e9L / tau_s);
        before = row;
    }
    return (double)mean;
}

static struct value ewma(const struct reference *ref, const struct ref_series *series,
                         const struct ref_ask *ask, double tau_s)
{
    struct value now = ref_value(ref, series, ask->now_ns);
    double enough = ask->min_cover * tau_s;

    if ((now.marks & WHY_ALL) == 0 && covered_s(series, ask->now_ns, enough) < enough)
        return value_unknown((double)(ask->now_ns - ref->start_ns) / 1e9 < tau_s
                                 ? WHY_STARTUP
                                 : WHY_COVERAGE);
    return ref_computed(forgetting_mean(series, ask->now_ns, tau_s), now, now);
}

static struct value nodata(const struct reference *ref, const struct ref_series *series,
                           const struct ref_ask *ask, double seconds)
{
    int64_t from_ns = ask->now_ns - (int64_t)llround(seconds * 1e9);

    if (series->heard && series->heard_ns > from_ns)
        return (struct value){0, 0};
    if (from_ns < ref->start_ns)
        return value_unknown(WHY_STARTUP);
    return (struct value){1, 0};
}

static struct value age(const struct reference *ref, const struct ref_series *series,
                        const struct ref_ask *ask)
{
    const struct ref_reading *row = newest_good(series);
    int64_t since = row == NULL ? ref->start_ns : row->time_ns;

    return (struct value){(double)(ask->now_ns - since) / 1e9, 0};
}

/* The last value that was read, however old. */
static struct value raw(const struct reference *ref, const struct ref_series *series)
{
    const struct ref_reading *row = newest_good(series);

    if (row == NULL)
        return value_unknown(ref_why(ref, series, ref->start_ns));
    return (struct value){row->last, row->last_uncertain ? VALUE_UNCERTAIN : 0};
}

static bool stale(const struct reference *ref, const struct ref_series *series,
                  const struct ref_ask *ask)
{
    const struct ref_reading *row = newest_good(series);
    int64_t since = row == NULL ? ref->start_ns : row->time_ns;

    return series->point->stale_after_ms > 0 &&
           ask->now_ns - since > series->point->stale_after_ms * CLOCK_MS;
}

static bool too_old(const struct ref_series *series, const struct ref_ask *ask)
{
    return series->quality != QUALITY_BAD && ref_in_force(series, ask->now_ns) == NULL;
}

static double quality(const struct ref_series *series, const struct ref_ask *ask)
{
    return too_old(series, ask) ? QUALITY_BAD : series->quality;
}

static double reason(const struct ref_series *series, const struct ref_ask *ask)
{
    return too_old(series, ask) ? REASON_STALE : series->reason;
}

bool ref_call_point(const struct reference *ref, const struct ref_ask *ask,
                    const char *name, const struct ref_series *series, double argument,
                    struct value *out)
{
    if (strcmp(name, "last") == 0)
        *out = ref_value(ref, series, ask->now_ns);
    else if (strcmp(name, "prev") == 0)
        *out = prev(ref, series, ask, (unsigned)argument);
    else if (strcmp(name, "ewma") == 0)
        *out = ewma(ref, series, ask, argument);
    else if (strcmp(name, "nodata") == 0)
        *out = nodata(ref, series, ask, argument);
    else if (strcmp(name, "raw") == 0)
        *out = raw(ref, series);
    else if (strcmp(name, "age") == 0)
        *out = age(ref, series, ask);
    else if (strcmp(name, "good") == 0)
        *out = (struct value){!ref_unknown(ref_value(ref, series, ask->now_ns)) &&
                                  series->quality != QUALITY_BAD,
                              0};
    else if (strcmp(name, "bad") == 0)
        *out = (struct value){series->heard && series->quality == QUALITY_BAD, 0};
    else if (strcmp(name, "stale") == 0)
        *out = (struct value){stale(ref, series, ask), 0};
    else if (strcmp(name, "quality") == 0)
        *out = (struct value){quality(series, ask), 0};
    else if (strcmp(name, "reason") == 0)
        *out = (struct value){reason(series, ask), 0};
    else
        return false;
    return true;
}
