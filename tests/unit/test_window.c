/* test_window.c - windows against their definitions: cases worked out by hand, and a slow
 * evaluator written straight from the definitions beside the real one on random samples
 * with gaps, breaks, duplicates and late arrivals. */
#include "rules/buckets.h"
#include "rules/reading_ring.h"

#include "tests/unit/check.h"

#include <stdio.h>

#define S INT64_C(1000000000)

enum {
    NEEDS = NEED_STEPS | NEED_MOMENTS | NEED_RANKS,
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double percentile_of(double *values, size_t count, double q)
{
    double place = q * (double)(count - 1);
    size_t below = (size_t)place;

    if (count == 0)
        return NAN;
    qsort(values, count, sizeof *values, by_value);
    if (below + 1 == count)
        return values[below];
    return values[below] + (values[below + 1] - values[below]) * (place - (double)below);
}

static struct window_stats ask_ring(struct reading_ring *ring, int64_t from_ns,
                                    int64_t to_ns, struct ring_cache *cache)
{
    struct window_stats stats;

    reading_ring_window(ring, from_ns, to_ns, cache, &stats);
    return stats;
}

static struct window_stats ask_tail(struct reading_ring *ring, uint32_t count,
                                    int64_t to_ns)
{
    struct ring_cache cache = {.needs = NEEDS};
    struct window_stats stats;

    reading_ring_tail(ring, count, to_ns, &cache, &stats);
    ring_cache_done(&cache);
    return stats;
}

static struct window_stats ask_buckets(struct buckets *buckets, int64_t now_ns)
{
    struct window_stats stats;

    buckets_window(buckets, now_ns, &stats);
    return stats;
}

/* ---- the definitions, slowly ---- */

enum {
    HISTORY_MAX = 4000,
};

/* All readings ever, in order of time. */
struct history {
    struct reading readings[HISTORY_MAX];
    size_t count;
    struct hold_rule rule;
};

static void remember(struct history *history, struct reading reading)
{
    size_t place = history->count;

    while (place > 0 && history->readings[place - 1].time_ns > reading.time_ns)
        place--;
    if (place > 0 && history->readings[place - 1].time_ns == reading.time_ns) {
        history->readings[place - 1] = reading;
        return;
    }
    if (history->count == HISTORY_MAX) {
        memmove(history->readings, history->readings + HISTORY_MAX / 2,
                (HISTORY_MAX - HISTORY_MAX / 2) * sizeof(struct reading));
        history->count -= HISTORY_MAX / 2;
        place -= HISTORY_MAX / 2;
    }
    memmove(&history->readings[place + 1], &history->readings[place],
            (history->count - place) * sizeof(struct reading));
    history->readings[place] = reading;
    history->count++;
}

/* The value in force at `time`, NaN when there is none. */
static double in_force(const struct history *history, int64_t time_ns)
{
    for (size_t i = history->count; i > 0; i--) {
        const struct reading *reading = &history->readings[i - 1];

        if (reading->time_ns > time_ns)
            continue;
        if (time_ns - reading->time_ns > history->rule.hold_ns)
            return NAN;
        return reading->value;
    }
    return NAN;
}

struct truth_of_window {
    double covered_s;
    double area;
    double min;
    double max;
    double left;
    double right;
    double used;
    unsigned count;
    unsigned rises;
    unsigned falls;
};

static void add_value(struct truth_of_window *truth, double value)
{
    truth->min = fmin(truth->min, value);
    truth->max = fmax(truth->max, value);
}

/* What one reading covers of (from, to]. */
static void add_cover(struct truth_of_window *truth, const struct history *history,
                      size_t i, int64_t from_ns, int64_t to_ns)
{
    const struct reading *reading = &history->readings[i];
    int64_t end = i + 1 < history->count ? history->readings[i + 1].time_ns : INT64_MAX;
    int64_t begin = reading->time_ns > from_ns ? reading->time_ns : from_ns;

    if (history->rule.hold_ns != INT64_MAX &&
        end > reading->time_ns + history->rule.hold_ns)
        end = reading->time_ns + history->rule.hold_ns;
    if (end > to_ns)
        end = to_ns;
    if (end <= begin || isnan(reading->value))
        return;
    truth->covered_s += (double)(end - begin) / 1e9;
    truth->area += reading->value * ((double)(end - begin) / 1e9);
}

/* Growth of a counter and edges, reading by reading from the anchor on. */
static void add_steps(struct truth_of_window *truth, const struct history *history,
                      int64_t from_ns, int64_t to_ns)
{
    double last = NAN;
    double up = 0;
    double down = 0;

    for (size_t i = 0; i < history->count && history->readings[i].time_ns <= to_ns; i++) {
        double value = history->readings[i].value;

        if (isnan(value))
            continue;
        if (history->readings[i].time_ns > from_ns && !isnan(last)) {
            truth->rises += last == 0 && value != 0;
            truth->falls += last != 0 && value == 0;
            if (value >= last)
                up += value - last;
            else if (history->rule.modulus > 0 && last > 0.9 * history->rule.modulus &&
                     value < 0.1 * history->rule.modulus)
                up += history->rule.modulus - last + value;
            else
                down += last - value;
        }
        last = value;
    }
    truth->used = up - down >= 0 ? up - down : up;
}

static struct truth_of_window define(const struct history *history, int64_t from_ns,
                                     int64_t to_ns)
{
    struct truth_of_window truth = {.min = INFINITY, .max = -INFINITY};

    truth.left = in_force(history, from_ns);
    truth.right = in_force(history, to_ns);
    if (!isnan(truth.left))
        add_value(&truth, truth.left);
    for (size_t i = 0; i < history->count; i++) {
        const struct reading *reading = &history->readings[i];

        if (reading->time_ns > to_ns)
            break;
        add_cover(&truth, history, i, from_ns, to_ns);
        if (reading->time_ns <= from_ns || isnan(reading->value))
            continue;
        truth.count++;
        add_value(&truth, reading->value);
    }
    add_steps(&truth, history, from_ns, to_ns);
    return truth;
}

static void compare(const char *name, const struct window_stats *got,
                    const struct truth_of_window *want)
{
    double scale = 1 + fabs(want->area);

    check_near(name, got->sum.readings == 0 ? 0 : (double)got->sum.covered_ns / 1e9,
               want->covered_s, 1e-6);
    check_near(name, got->sum.area_ns / 1e9, want->area, 1e-9 * scale);
    check_near(name, got->left, want->left, 0);
    check_near(name, got->right, want->right, 0);
    check_near(name, got->sum.count, want->count, 0);
    if (got->sum.readings == 0)
        return;
    check_near(name, got->sum.rises, want->rises, 0);
    check_near(name, got->sum.falls, want->falls, 0);
    check_near(name, partial_used(&got->sum), want->used, 1e-6 * (1 + want->used));
    if (isfinite(want->min)) {
        check_near(name, got->sum.min, want->min, 0);
        check_near(name, got->sum.max, want->max, 0);
    }
}

/* ---- by hand ---- */

/* Readings "second:value", '_' a break; every case asks for one window. */
static void test_by_hand(void **state)
{
    static const struct {
        const char *name;
        const char *readings;
        int hold_s; /* 0: for ever */
        double modulus;
        int from_s;
        int to_s;
        double covered_s;
        double area;
        double min;
        double max;
        double used;
        unsigned count;
        unsigned rises;
    } cases[] = {
        {"nothing", "", 10, 0, 0, 60, 0, 0, INFINITY, -INFINITY, 0, 0, 0},
        {"one reading inside", "50:2", 10, 0, 0, 60, 10, 20, 2, 2, 0, 1, 0},
        {"at the right edge: in", "60:2", 10, 0, 0, 60, 0, 0, 2, 2, 0, 1, 0},
        {"at the left edge: in force there", "0:2", 100, 0, 0, 60, 60, 120, 2, 2, 0, 0,
         0},
        {"after the right edge", "61:2", 10, 0, 0, 60, 0, 0, INFINITY, -INFINITY, 0, 0,
         0},
        {"held into the window", "-5:2", 10, 0, 0, 60, 5, 10, 2, 2, 0, 0, 0},
        {"held for ever", "-5000:2", 0, 0, 0, 60, 60, 120, 2, 2, 0, 0, 0},
        {"hold ended before", "-50:2", 10, 0, 0, 60, 0, 0, INFINITY, -INFINITY, 0, 0, 0},
        {"a gap", "0:1 10:3 40:1", 10, 0, 0, 60, 30, 50, 1, 3, 0, 2, 0},
        {"a break ends it", "0:1 10:_ 40:3", 0, 0, 0, 60, 30, 70, 1, 3, 2, 1, 0},
        {"weighted by time", "0:0 10:6 20:0", 0, 0, 0, 60, 60, 60, 0, 6, 0, 2, 1},
        {"late one in order", "0:0 20:0 10:6", 0, 0, 0, 60, 60, 60, 0, 6, 0, 2, 1},
        {"duplicates replace", "0:0 10:5 10:6 20:0 20:0", 0, 0, 0, 60, 60, 60, 0, 6, 0, 2,
         1},
        {"a rise behind a gap", "-100:0 30:1", 10, 0, 0, 60, 10, 10, 1, 1, 1, 1, 1},
        {"counter", "0:100 20:120 40:150", 0, 1000, 0, 60, 60, 7400, 100, 150, 50, 2, 0},
        {"counter wraps", "0:950 20:990 40:10", 0, 1000, 0, 60, 60, 39000, 10, 990, 60, 2,
         0},
        {"counter is reset", "0:500 20:520 40:3", 0, 1000, 0, 60, 60, 20460, 3, 520, 20,
         2, 0},
        {"one misread", "0:500 20:0 40:503", 0, 1000, 0, 60, 60, 20060, 0, 503, 3, 2, 1},
        {"no modulus, no wrap", "0:990 20:10", 0, 0, 0, 60, 60, 20200, 10, 990, 0, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hold_rule rule = {cases[i].hold_s == 0 ? INT64_MAX : cases[i].hold_s * S,
                                 cases[i].modulus};
        struct reading_ring *ring = reading_ring_new(100, 0, rule);
        struct ring_cache cache = {.needs = NEEDS};
        const char *p = cases[i].readings;
        struct window_stats stats;
        int used = 0;
        int second;
        char value[20];

        while (sscanf(p, "%d:%19s%n", &second, value, &used) == 2) {
            double number = value[0] == '_' ? NAN : strtod(value, NULL);

            reading_ring_put(ring, (struct reading){second * S, number, false});
            p += used;
        }
        stats = ask_ring(ring, cases[i].from_s * S, cases[i].to_s * S, &cache);
        check_near(cases[i].name, (double)stats.sum.covered_ns / 1e9, cases[i].covered_s,
                   1e-9);
        check_near(cases[i].name, stats.sum.area_ns / 1e9, cases[i].area, 1e-9);
        check_near(cases[i].name, partial_used(&stats.sum), cases[i].used, 1e-9);
        check_near(cases[i].name, stats.sum.count, cases[i].count, 0);
        check_near(cases[i].name, stats.sum.rises, cases[i].rises, 0);
        if (isfinite(cases[i].min)) {
            check_near(cases[i].name, stats.sum.min, cases[i].min, 0);
            check_near(cases[i].name, stats.sum.max, cases[i].max, 0);
        }
        ring_cache_done(&cache);
        reading_ring_free(ring);
    }
}

/* One misread 3.4e38 must leave no trace once it has left the window. */
static void test_recovers(void **state)
{
    struct hold_rule rule = {10 * S, 0};
    struct reading_ring *ring = reading_ring_new(200, 0, rule);
    struct ring_cache cache = {.needs = NEEDS};
    struct buckets *buckets = buckets_new(120 * S, 0, rule, NEEDS);

    (void)state;
    for (int i = 0; i < 600; i++) {
        struct reading reading = {i * S, i == 100 ? 3.4e38 : 2.5, false};

        reading_ring_put(ring, reading);
        buckets_put(buckets, reading);
        if (i > 230) {
            struct window_stats exact = ask_ring(ring, (i - 120) * S, i * S, &cache);
            struct window_stats coarse = ask_buckets(buckets, i * S);

            assert_true(partial_average(&exact.sum) == 2.5);
            assert_true(partial_average(&coarse.sum) == 2.5);
        }
    }
    ring_cache_done(&cache);
    reading_ring_free(ring);
    buckets_free(buckets);
}

/* ---- random ---- */

/* A small generator, so that a failure can be repeated. Source: xorshift64*. */
static uint64_t seed = 88172645463325252U;

static uint64_t next_random(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * 2685821657736338717U;
}

static int64_t between(int64_t low, int64_t high)
{
    return low + (int64_t)(next_random() % (uint64_t)(high - low + 1));
}

/* Mostly every 5 s with jitter, now and then a gap, a break, a wrap. */
static struct reading next_reading(int64_t *time_ns, double *value, int64_t late_s)
{
    struct reading reading;

    *time_ns += between(0, 20) == 0 ? between(0, 60 * S) : between(4 * S, 6 * S);
    if (between(0, 3) == 0)
        *value += (double)between(0, 40);
    if (between(0, 30) == 0)
        *value = between(0, 1) == 0 ? 0 : (double)between(0, 900);
    if (*value >= 1000)
        *value -= 1000;
    reading = (struct reading){*time_ns, *value, between(0, 50) == 0};
    if (between(0, 25) == 0)
        reading.value = NAN;
    if (late_s > 0 && between(0, 10) == 0)
        reading.time_ns -= between(0, late_s) * S;
    return reading;
}

/* Spread, trend and percentile of the readings in (from, to], by their definitions. */
static void compare_more(const char *name, const struct history *history, int64_t from_ns,
                         int64_t to_ns, const struct moments *got, double got_percentile,
                         double error)
{
    double values[HISTORY_MAX];
    double times[HISTORY_MAX];
    double mean = 0;
    double time = 0;
    double vv = 0;
    double tv = 0;
    double tt = 0;
    size_t n = 0;

    for (size_t i = 0; i < history->count; i++) {
        const struct reading *reading = &history->readings[i];

        if (reading->time_ns <= from_ns || reading->time_ns > to_ns ||
            isnan(reading->value))
            continue;
        values[n] = reading->value;
        times[n++] = (double)(reading->time_ns - from_ns) / 1e9;
    }
    assert_int_equal(got->count, n);
    for (size_t i = 0; i < n; i++) {
        mean += values[i] / (double)n;
        time += times[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        vv += (values[i] - mean) * (values[i] - mean);
        tv += (times[i] - time) * (values[i] - mean);
        tt += (times[i] - time) * (times[i] - time);
    }
    if (n >= 2) {
        check_near(name, moments_deviation(got), sqrt(vv / (double)(n - 1)), 1e-7);
        check_near(name, moments_line(got, to_ns).slope, tv / tt, 1e-9);
    }
    check_near(name, got_percentile, percentile_of(values, n, 0.8), error * 1000 + 1e-12);
}

static void compare_ring(const char *name, struct reading_ring *ring,
                         const struct history *history, int64_t from_ns, int64_t to_ns,
                         struct ring_cache *cache)
{
    struct window_stats got = ask_ring(ring, from_ns, to_ns, cache);
    struct truth_of_window want;
    struct moments moments;

    if (got.truncated)
        return;
    want = define(history, from_ns, to_ns);
    compare(name, &got, &want);
    moments = reading_ring_moments(ring, cache);
    compare_more(name, history, from_ns, to_ns, &moments,
                 reading_ring_percentile(ring, cache, 0.8), 0);
}

/* The exact windows of one ring, of many lengths, against the definitions. */
static void test_random_series(void **state)
{
    static const int64_t holds[] = {15 * S, INT64_MAX, 1 * S};
    static struct history history;
    size_t samples = 0;

    (void)state;
    for (size_t turn = 0; turn < 60; turn++) {
        struct hold_rule rule = {holds[turn % 3], turn % 2 == 0 ? 1000 : 0};
        struct reading_ring *ring = reading_ring_new(1500, 0, rule);
        struct ring_cache cache = {
            .needs = NEEDS}; /* of the window of one length that slides */
        int64_t length_ns = between(60, 3000) * S;
        int64_t time_ns = between(-1000, 1000) * S;
        double value = 0;

        struct ring_cache fresh;

        history.count = 0;
        history.rule = rule;
        for (size_t i = 0; i < 2000; i++) {
            struct reading reading = next_reading(&time_ns, &value, 10);
            int64_t now_ns = time_ns + between(0, 8 * S);
            char name[64];

            reading_ring_put(ring, reading);
            remember(&history, reading);
            samples++;
            if (i % 5 != 0)
                continue;
            (void)snprintf(name, sizeof name, "turn %zu sample %zu", turn, i);
            compare_ring(name, ring, &history, now_ns - length_ns, now_ns, &cache);
            fresh = (struct ring_cache){.needs = NEEDS};
            compare_ring(name, ring, &history, now_ns - between(1, 3000) * S, now_ns,
                         &fresh);
            ring_cache_done(&fresh);
        }
        ring_cache_done(&cache);
        reading_ring_free(ring);
    }
    assert_true(samples >= 100000);
}

/* Long windows: exact for the window they say they are, readings in order. */
static void test_random_buckets(void **state)
{
    static const int64_t holds[] = {15 * S, INT64_MAX, 90 * S};
    static struct history history;

    (void)state;
    for (size_t turn = 0; turn < 30; turn++) {
        struct hold_rule rule = {holds[turn % 3], turn % 2 == 0 ? 1000 : 0};
        int64_t length_ns = between(2000, 9000) * S;
        int64_t ago_ns = turn % 4 == 0 ? between(1, 3000) * S : 0;
        struct buckets *buckets = buckets_new(length_ns, ago_ns, rule, NEEDS);
        int64_t width_ns = length_ns / BUCKETS_PER_WINDOW;
        int64_t time_ns = between(-100000, 100000) * S;
        double value = 0;

        history.count = 0;
        history.rule = rule;
        for (size_t i = 0; i < 4000; i++) {
            struct reading reading = next_reading(&time_ns, &value, 0);
            /* Readings arrive a little later than they were true. */
            int64_t now_ns = time_ns + between(0, 60 * S);
            char name[64];

            buckets_put(buckets, reading);
            remember(&history, reading);
            if (i % 40 != 0)
                continue;
            {
                struct window_stats got = ask_buckets(buckets, now_ns);
                int64_t to_ns = now_ns - ago_ns;
                int64_t from_ns;
                struct truth_of_window want;

                if (ago_ns > 0)
                    to_ns -= ((to_ns % width_ns) + width_ns) % width_ns;
                from_ns = to_ns - got.length_ns;
                assert_true(got.length_ns >= length_ns - width_ns);
                assert_true(got.length_ns <= length_ns + width_ns);
                /* Bucket edges belong to the bucket on their right. */
                want = define(&history, from_ns - 1, ago_ns > 0 ? to_ns - 1 : to_ns);
                want.covered_s = round(want.covered_s * 1e6) / 1e6;
                (void)snprintf(name, sizeof name, "turn %zu sample %zu", turn, i);
                check_near(name, (double)got.sum.covered_ns / 1e9, want.covered_s, 1e-5);
                check_near(name, got.sum.area_ns / 1e9, want.area,
                           1e-6 * (1 + want.area));
                check_near(name, got.sum.count, want.count, 0);
                check_near(name, got.right, want.right, 0);
                {
                    struct moments moments = buckets_moments(buckets);

                    compare_more(name, &history, from_ns - 1,
                                 ago_ns > 0 ? to_ns - 1 : to_ns, &moments,
                                 buckets_percentile(buckets, 0.8), SKETCH_ERROR);
                }
                if (got.sum.readings > 0) {
                    check_near(name, got.sum.rises, want.rises, 0);
                    check_near(name, partial_used(&got.sum), want.used,
                               1e-6 * (1 + want.used));
                }
            }
        }
        buckets_free(buckets);
    }
}

/* A point that reports ten times as often as expected: the ring grows, between questions,
 * and knows all of what its windows reach; a flood finds its limit. */
static void test_growth(void **state)
{
    struct hold_rule rule = {INT64_MAX, 0};
    struct reading_ring *ring = reading_ring_new(16, 100 * S, rule);
    struct ring_cache cache = {.needs = NEEDS};
    static struct history history;
    struct window_stats stats;
    int64_t now = 0;

    (void)state;
    history.rule = rule;
    for (int i = 0; i < 3000; i++) {
        struct reading reading = {now += S / 10, i % 17, false};

        if (i % 50 == 49) /* one that comes late */
            reading.time_ns -= S / 20;
        reading_ring_put(ring, reading);
        remember(&history, reading);
        if (i % 7 != 0 || now < 100 * S)
            continue;
        assert_false(ask_ring(ring, now - 100 * S, now, &cache).truncated);
        compare_ring("growing", ring, &history, now - 100 * S, now, &cache);
    }
    assert_true(reading_ring_memory(ring) < 3000 * sizeof(struct reading));
    for (int i = 0; i < 2 * READING_RING_MOST; i++)
        reading_ring_put(ring, (struct reading){now += S / 1000, 1, false});
    stats = ask_ring(ring, now - 100 * S, now, &cache);
    assert_true(stats.truncated && stats.length_ns == 100 * S);
    assert_int_equal(stats.sum.covered_ns, (READING_RING_MOST - 1) * (S / 1000));
    assert_true(reading_ring_memory(ring) <= (READING_RING_MOST + 8) * 16);
    ring_cache_done(&cache);
    reading_ring_free(ring);
}

/* More readings than the ring holds: what is gone is not covered, and it says so. */
static void test_overflow(void **state)
{
    struct hold_rule rule = {INT64_MAX, 0};
    struct reading_ring *ring = reading_ring_new(64, 0, rule);
    struct ring_cache cache = {.needs = NEEDS};
    struct window_stats stats;

    (void)state;
    for (int i = 0; i < 1000; i++)
        reading_ring_put(ring, (struct reading){i * S, i, false});
    stats = ask_ring(ring, 999 * S - 20 * S, 999 * S, &cache);
    assert_false(stats.truncated);
    assert_int_equal(stats.sum.count, 20);
    stats = ask_ring(ring, 0, 999 * S, &cache);
    assert_true(stats.truncated);
    assert_true(stats.sum.max == 999 && stats.sum.min >= 900);
    assert_true(stats.length_ns == 999 * S && stats.sum.covered_ns == 63 * S);
    reading_ring_put(ring, (struct reading){1 * S, 5, false}); /* too old for the ring */
    stats = ask_ring(ring, 0, 999 * S, &cache);
    assert_true(stats.sum.min >= 900);
    ring_cache_done(&cache);
    reading_ring_free(ring);
}

/* By number of samples, and backwards. */
static void test_tail(void **state)
{
    struct hold_rule rule = {10 * S, 0};
    struct reading_ring *ring = reading_ring_new(64, 0, rule);
    struct window_stats stats;
    struct reading reading;

    (void)state;
    for (int i = 0; i < 10; i++)
        reading_ring_put(ring,
                         (struct reading){i * 5 * S, i == 7 ? NAN : (double)i, i == 8});
    stats = ask_tail(ring, 4, 45 * S);
    assert_int_equal(stats.sum.count, 4);
    assert_true(stats.sum.sum == 9 + 8 + 6 + 5);
    assert_true(stats.left == 5 && stats.right == 9);
    assert_int_equal(stats.sum.uncertain, 1);
    assert_int_equal(ask_tail(ring, 20, 45 * S).sum.count, 9);
    assert_true(isnan(ask_tail(ring, 4, 56 * S).right));
    assert_int_equal(ask_tail(ring, 4, -1).sum.count, 0);
    assert_true(reading_ring_back(ring, 0, 45 * S, &reading) && reading.value == 9);
    assert_true(reading_ring_back(ring, 2, 45 * S, &reading) && reading.value == 6);
    assert_true(reading_ring_back(ring, 0, 36 * S, &reading) && reading.value == 6);
    assert_false(reading_ring_back(ring, 9, 45 * S, &reading));
    reading_ring_free(ring);
}

/* In force to the very end of its hold, and from the very instant of its reading. */
static void test_edges(void **state)
{
    struct hold_rule rule = {10 * S, 0};
    struct reading_ring *ring = reading_ring_new(64, 0, rule);
    struct buckets *buckets = buckets_new(1200 * S, 0, rule, NEEDS);
    struct ring_cache cache = {.needs = NEEDS};

    (void)state;
    reading_ring_put(ring, (struct reading){50 * S, 2, false});
    buckets_put(buckets, (struct reading){50 * S, 2, false});
    assert_true(isnan(ask_ring(ring, 0, 50 * S - 1, &cache).right));
    assert_true(ask_ring(ring, 0, 50 * S, &cache).right == 2);
    assert_true(ask_ring(ring, 0, 60 * S, &cache).right == 2);
    assert_true(isnan(ask_ring(ring, 0, 60 * S + 1, &cache).right));
    assert_true(ask_ring(ring, 60 * S, 70 * S, &cache).left == 2);
    assert_true(isnan(ask_ring(ring, 60 * S + 1, 70 * S, &cache).left));
    assert_true(ask_buckets(buckets, 60 * S).right == 2);
    assert_true(isnan(ask_buckets(buckets, 60 * S + 1).right));
    /* One more for a bucket that has been summed up already: 50 s is bucket 5. */
    assert_int_equal(ask_buckets(buckets, 75 * S).sum.count, 1);
    buckets_put(buckets, (struct reading){58 * S, 3, false});
    assert_int_equal(ask_buckets(buckets, 75 * S).sum.count, 2);
    buckets_put(buckets, (struct reading){57 * S, 9, false}); /* late */
    assert_int_equal(ask_buckets(buckets, 75 * S).sum.count, 3);
    assert_true(ask_buckets(buckets, 75 * S).sum.max == 9);
    ring_cache_done(&cache);
    reading_ring_free(ring);
    buckets_free(buckets);
}

static void test_zero_until(void **state)
{
    struct hold_rule rule = {10 * S, 0};
    struct reading_ring *ring = reading_ring_new(64, 0, rule);

    (void)state;
    assert_true(reading_ring_zero_until(ring, 0) == INT64_MIN);
    reading_ring_put(ring, (struct reading){0, 1, false});
    assert_true(reading_ring_zero_until(ring, 5 * S) == INT64_MIN);
    reading_ring_put(ring, (struct reading){10 * S, 0, false});
    assert_true(reading_ring_zero_until(ring, 12 * S) == 12 * S);
    assert_true(reading_ring_zero_until(ring, 50 * S) == 20 * S); /* its hold ended */
    reading_ring_put(ring, (struct reading){15 * S, 1, false});
    assert_true(reading_ring_zero_until(ring, 50 * S) == 15 * S);
    reading_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),       cmocka_unit_test(test_recovers),
        cmocka_unit_test(test_random_series), cmocka_unit_test(test_random_buckets),
        cmocka_unit_test(test_growth),        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_tail),          cmocka_unit_test(test_edges),
        cmocka_unit_test(test_zero_until),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
