/* Which readings go into a series. */
#include "tests/unit/check.h"

#include "history/deadband.h"

#include <stdio.h>

enum {
    STEPS_MAX = 12,
};

#define B (-1e300) /* a bad reading */

static struct model *model_of(struct point point)
{
    struct model *m = model_new();

    m->equipment_count = 1;
    m->equipment = model_memory(m, 1, sizeof *m->equipment);
    m->equipment[0] = (struct equipment){.id = "e", .point_count = 2};
    m->point_count = 2;
    m->points = model_memory(m, 2, sizeof *m->points);
    point.name = "p";
    m->points[0] = point;
    m->points[1] = (struct point){.index = 1, .name = "online", .builtin = true};
    model_seal(m);
    return m;
}

/* One reading a second unless said otherwise; 'w' written, '.' left out. */
static const struct {
    const char *name;
    struct point point;
    double values[STEPS_MAX];
    const char *want;
    int64_t step_ms;
} rows[] = {
    {"all", {.store = true}, {5, 5, 5, B, 5}, "www.w", 1000},
    {"none", {.deadband = 1}, {5, 50, 500}, "...", 1000},
    {"none of a text", {.store = true, .kind = POINT_TEXT}, {5, 50}, "..", 1000},
    {"deadband",
     {.store = true, .deadband = 0.5},
     {10, 10.4, 9.6, 10.5, 10.9, 11, 10.5},
     "w..w.ww",
     1000},
    {"of the last written one, not of the last",
     {.store = true, .deadband = 1},
     {0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4},
     "w..w..w",
     1000},
    {"steps of the resolution",
     {.store = true, .deadband = 0.1},
     {20.1, 20.2, 20.3, 20.4, 20.4},
     "wwww.",
     1000},
    {"percent",
     {.store = true, .deadband_percent = 1},
     {200, 201, 202, 203, 204.1, -204.1},
     "w.w.ww",
     1000},
    {"percent of nothing",
     {.store = true, .deadband_percent = 1},
     {0, 0, 0.001, 0},
     "w.ww",
     1000},
    {"the larger of both",
     {.store = true, .deadband = 5, .deadband_percent = 1},
     {1000, 1006, 1010, 10, 14, 15},
     "w.ww.w",
     1000},
    {"heartbeat",
     {.store = true, .deadband = 5, .heartbeat_ms = 3000},
     {1, 1, 1, 1, 1, 1, 1, 9, 9},
     "w..w..ww.",
     1000},
    {"heartbeat of late readings",
     {.store = true, .deadband = 5, .heartbeat_ms = 3000},
     {1, 1, 1, 1},
     "w.w.",
     2000},
    {"no heartbeat: only on change",
     {.store = true, .deadband = 5},
     {1, 1, 1, 7},
     "w..w",
     86400000},
    {"heartbeat alone writes every change",
     {.store = true, .heartbeat_ms = 5000},
     {1, 1, 1.001, 1.001},
     "w.w.",
     1000},
    {"after a bad one",
     {.store = true, .deadband = 5, .heartbeat_ms = 60000},
     {1, 1, B, 1, 1, B, B, 1},
     "w..w...w",
     1000},
    {"bad from the start", {.store = true, .deadband = 5}, {B, B, 1, 1}, "..w.", 1000},
    {"after a silence",
     {.store = true, .deadband = 5, .stale_after_ms = 10000},
     {1, 1},
     "ww",
     11000},
    {"no silence",
     {.store = true, .deadband = 5, .stale_after_ms = 10000},
     {1, 1},
     "w.",
     10000},
    {"a boolean",
     {.store = true, .kind = POINT_BOOL, .deadband = 1, .heartbeat_ms = 4000},
     {0, 0, 1, 1, 0, 0, 0, 0, 0},
     "w.w.w...w",
     1000},
    {"an enumeration",
     {.store = true, .kind = POINT_ENUM, .deadband = 10},
     {0, 1, 1, 2},
     "ww.w",
     1000},
    {"flags",
     {.store = true, .kind = POINT_FLAGS, .deadband = 10},
     {4, 4, 5},
     "w.w",
     1000},
    {"the clock was put back",
     {.store = true, .deadband = 5, .heartbeat_ms = 60000},
     {1, 1, 1},
     "www",
     -1000},
    {"not finite is bad", {.store = true, .deadband = 5}, {1, INFINITY, 1}, "w.w", 1000},
};

static struct sample sample_of(double value, int64_t ms)
{
    return (struct sample){.quality = value == B ? QUALITY_BAD : QUALITY_GOOD,
                           .value = value,
                           .time = {INT64_C(1764000000) * CLOCK_S + ms * CLOCK_MS}};
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model *model = model_of(rows[i].point);
        struct deadband *deadband = deadband_new(model);
        char got[STEPS_MAX + 1] = "";

        for (size_t s = 0; rows[i].want[s] != '\0'; s++) {
            struct sample sample =
                sample_of(rows[i].values[s], (int64_t)s * rows[i].step_ms);

            got[s] = deadband_takes(deadband, &sample) ? 'w' : '.';
        }
        check_text(rows[i].name, got, rows[i].want);
        deadband_free(deadband);
        model_free(model);
    }
}

static void test_thin(void **state)
{
    struct model *model = model_of((struct point){.store = true, .deadband = 1});
    struct deadband *deadband = deadband_new(model);
    struct sample samples[] = {sample_of(1, 0), sample_of(1, 1), sample_of(B, 2),
                               sample_of(1, 3), sample_of(3, 4), sample_of(3, 5)};

    (void)state;
    assert_int_equal(deadband_thin(deadband, samples, 6), 3);
    check_near("first", samples[0].value, 1, 0);
    check_near("after the bad one", (double)(samples[1].time.ns - samples[0].time.ns),
               3e6, 0);
    check_near("moved", samples[2].value, 3, 0);
    assert_int_equal(deadband_thin(deadband, samples, 0), 0);
    deadband_free(deadband);
    deadband_free(NULL);
    model_free(model);
}

/* Whatever comes: what a reader of the series believes is off by less than the deadband,
 * and never older than the heartbeat. */
static void test_a_series_never_lies(void **state)
{
    const struct point point = {.store = true, .deadband = 2, .heartbeat_ms = 30000};
    struct model *model = model_of(point);
    struct deadband *deadband = deadband_new(model);
    uint64_t seed = 3;
    double value = 50;
    double believed = NAN;
    int64_t written_ms = 0;
    int64_t ms = 0;
    int written = 0;

    (void)state;
    for (int i = 0; i < 50000; i++) {
        struct sample sample;

        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        ms += 100 + (int64_t)(seed >> 33) % 2000;
        value += (double)(seed >> 45 & 1023) / 1023 - 0.5;
        sample = sample_of(value, ms);
        if (deadband_takes(deadband, &sample)) {
            believed = value;
            written_ms = ms;
            written++;
        }
        assert_true(fabs(value - believed) < 2);
        assert_true(ms - written_ms < 30000);
    }
    assert_true(written < 10000);
    deadband_free(deadband);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_thin),
        cmocka_unit_test(test_a_series_never_lies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
