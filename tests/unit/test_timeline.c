/* Timelines: precedence, clipping, what is one failure; and four lifts in April. */
#include "tests/unit/check.h"

#include "reports/figures.h"
#include "reports/stats.h"
#include "reports/timeline.h"

#include <stdio.h>

static struct wall_time at(const char *text)
{
    struct wall_time time;

    if (!wall_parse(text, &time))
        fail_msg("bad time '%s'", text);
    return time;
}

/* Minutes after an arbitrary start. */
static struct wall_time minute(int64_t minutes)
{
    return (struct wall_time){(INT64_C(1775000000) + minutes * 60) * CLOCK_S};
}

/* "U0-10 F10-20a D20-30": state letter, minutes from-to, one letter of mode. */
static size_t parse(const char *text, struct timeline_interval *intervals)
{
    static const char letters[] = "UDFPEX"; /* X: unknown */
    static const char *const modes[] = {"", "a", "b", "c"};
    size_t count = 0;

    while (*text != '\0') {
        char *end;
        struct timeline_interval *interval = &intervals[count++];

        interval->state = (enum equipment_state)(strchr(letters, *text) - letters);
        interval->from = minute(strtol(text + 1, &end, 10));
        interval->to = minute(strtol(end + 1, &end, 10));
        interval->mode = *end >= 'a' && *end <= 'c' ? modes[*end - 'a' + 1] : "";
        interval->issue = "";
        text = end + strspn(end, "abc ");
    }
    return count;
}

static int64_t minutes_of(const struct timeline *timeline, enum equipment_state state)
{
    return timeline->state_ns[state] / (60 * CLOCK_S);
}

/* "a10-20 b30-35!": failures with their minutes, "!" when restored, "r" when a repeat. */
static void write_failures(const struct timeline *timeline, char out[200])
{
    out[0] = '\0';
    for (size_t i = 0; i < timeline->failure_count; i++) {
        const struct timeline_failure *failure = &timeline->failures[i];

        (void)snprintf(out + strlen(out), 200 - strlen(out), "%s%s%d-%d%s%s",
                       i == 0 ? "" : " ", failure->mode,
                       (int)((failure->start.ns - minute(0).ns) / (60 * CLOCK_S)),
                       (int)((failure->end.ns - minute(0).ns) / (60 * CLOCK_S)),
                       failure->restored ? "!" : "", failure->repeat ? "r" : "");
    }
}

static const struct {
    const char *name;
    const char *intervals;
    int64_t from;
    int64_t to;
    int64_t minutes[STATE_COUNT]; /* up degraded fault planned external unknown */
    const char *failures;
} cases[] = {
    {"nothing", "", 0, 100, {0}, ""},
    {"all up", "U0-100", 0, 100, {100}, ""},
    {"scope in part", "U30-70", 0, 100, {40}, ""},
    {"clipped", "U-50-150", 0, 100, {100}, ""},
    {"one fault", "U0-100 F20-30a", 0, 100, {90, 0, 10}, "a20-30!"},
    {"open fault", "U0-100 F80-200a", 0, 100, {80, 0, 20}, "a80-100"},
    {"from before", "U-60-100 F-30-10a", 0, 100, {90, 0, 10}, "a-30-10!"},
    {"fault over external",
     "U0-100 E10-50 F20-30a",
     0,
     100,
     {60, 0, 10, 0, 30},
     "a20-30!"},
    {"external over planned", "U0-100 P0-50 E40-60", 0, 100, {40, 0, 0, 40, 20}, ""},
    {"planned over unknown", "U0-100 X0-50 P40-60", 0, 100, {40, 0, 0, 20, 0, 40}, ""},
    {"unknown over degraded", "U0-100 D0-50 X40-60", 0, 100, {40, 40, 0, 0, 0, 20}, ""},
    {"order of input", "F20-30a U0-100", 0, 100, {90, 0, 10}, "a20-30!"},
    {"two modes at once", "U0-100 F20-40a F30-50b", 0, 100, {70, 0, 30}, "a20-50!"},
    {"same moment", "U0-100 F20-40a F20-50b", 0, 100, {70, 0, 30}, "a20-50!"},
    {"flapping", "U0-100 F20-30a F40-50a", 0, 100, {70, 0, 30}, "a20-50!"},
    {"flapping thrice", "U0-100 F20-21a F25-26a F36-37a", 0, 100, {83, 0, 17}, "a20-37!"},
    {"stable between", "U0-100 F20-30a F41-50a", 0, 100, {81, 0, 19}, "a20-30! a41-50!r"},
    {"other mode soon", "U0-100 F20-30a F35-50b", 0, 100, {75, 0, 25}, "a20-30! b35-50!"},
    {"degraded between", "U0-100 D30-35 F20-30a F35-50a", 0, 100, {70, 0, 30}, "a20-50!"},
    {"gap in the watch",
     "U0-20 F20-30a X30-90 F90-95a U95-100",
     0,
     100,
     {25, 0, 15, 0, 0, 60},
     "a20-95!"},
    {"other mode after the gap",
     "U0-20 F20-30a X30-90 F90-95b U95-100",
     0,
     100,
     {25, 0, 15, 0, 0, 60},
     "a20-30 b90-95!"},
    {"gap and short service",
     "F20-30a X30-60 U60-65 F65-70a U70-100",
     0,
     100,
     {30, 0, 20, 0, 0, 30},
     "a20-70!"},
    {"outage between",
     "U0-20 F20-30a E30-60 F60-70a U70-100",
     0,
     100,
     {50, 0, 20, 0, 30},
     "a20-70!"},
    {"never seen again",
     "U0-20 F20-30a X30-100",
     0,
     100,
     {20, 0, 10, 0, 0, 70},
     "a20-30"},
    {"seen after a gap",
     "U0-20 F20-30a X30-60 U60-100",
     0,
     100,
     {60, 0, 10, 0, 0, 30},
     "a20-30!"},
    {"retired while failed", "U0-20 F20-30a", 0, 100, {20, 0, 10}, "a20-30"},
    {"away and back",
     "U0-20 F20-30a F32-40a U40-100",
     0,
     100,
     {80, 0, 18},
     "a20-30 a32-40!r"},
    {"before the span", "U-100-100 F-50-40a", 50, 60, {10}, "a-50-40!"},
    {"after the span", "U0-200 F150-160a", 0, 100, {100}, ""},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct timeline_interval intervals[8];
        size_t count = parse(cases[i].intervals, intervals);
        struct timeline timeline;
        char failures[200];

        timeline_build(intervals, count, minute(cases[i].from), minute(cases[i].to),
                       &timeline);
        for (int s = 0; s < STATE_COUNT; s++)
            check_near(cases[i].name,
                       (double)minutes_of(&timeline, (enum equipment_state)s),
                       (double)cases[i].minutes[s], 0);
        write_failures(&timeline, failures);
        check_text(cases[i].name, failures, cases[i].failures);
        timeline_done(&timeline);
    }
}

/* ---- four lifts, April 2026 ---- */

struct lift_row {
    int lift; /* 0: all */
    enum equipment_state state;
    const char *from;
    const char *to;
    const char *mode;
};

static const struct lift_row lift_rows[] = {
    {0, STATE_UP, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z", ""},
    {0, STATE_EXTERNAL, "2026-04-18T13:00:00Z", "2026-04-18T14:00:00Z", ""},
    {1, STATE_FAULT, "2026-03-31T22:00:00Z", "2026-04-01T02:30:00Z", "brake"},
    {1, STATE_FAULT, "2026-04-10T08:15:00Z", "2026-04-10T11:15:00Z", "door"},
    {1, STATE_FAULT, "2026-04-12T19:00:00Z", "2026-04-12T20:30:00Z", "door"},
    {2, STATE_PLANNED, "2026-04-15T09:00:00Z", "2026-04-15T11:00:00Z", ""},
    {2, STATE_FAULT, "2026-04-15T10:30:00Z", "2026-04-15T14:00:00Z", "drive"},
    {3, STATE_UNKNOWN, "2026-04-20T00:00:00Z", "2026-04-20T06:00:00Z", ""},
    {3, STATE_FAULT, "2026-04-29T23:00:00Z", "2026-06-01T00:00:00Z", "drive"},
    {4, STATE_PLANNED, "2026-03-30T00:00:00Z", "2026-04-03T12:00:00Z", ""},
    {4, STATE_FAULT, "2026-04-22T18:05:00Z", "2026-04-22T19:05:00Z", "door"},
};

static void build_lift(int lift, struct timeline *timeline)
{
    struct timeline_interval intervals[sizeof lift_rows / sizeof lift_rows[0]];
    size_t count = 0;

    for (size_t i = 0; i < sizeof lift_rows / sizeof lift_rows[0]; i++)
        if (lift_rows[i].lift == 0 || lift_rows[i].lift == lift)
            intervals[count++] = (struct timeline_interval){
                .state = lift_rows[i].state,
                .from = at(lift_rows[i].from),
                .to = at(lift_rows[i].to),
                .mode = lift_rows[i].mode,
                .issue = "",
            };
    timeline_build(intervals, count, at("2026-04-01T00:00:00Z"),
                   at("2026-05-01T00:00:00Z"), timeline);
}

static void add_lift(int lift, struct failure_figures *figures)
{
    struct timeline timeline;

    build_lift(lift, &timeline);
    figures_add_timeline(figures, &timeline, at("2026-04-01T00:00:00Z"),
                         at("2026-05-01T00:00:00Z"), 720);
    timeline_done(&timeline);
}

static void test_lift_hours(void **state)
{
    static const double want[5][5] = {
        /* up, fault, planned, external, unknown */
        [1] = {712, 7, 0, 1, 0},
        [2] = {714, 3.5, 1.5, 1, 0},
        [3] = {688, 25, 0, 1, 6},
        [4] = {658, 1, 60, 1, 0},
    };

    (void)state;
    for (int lift = 1; lift <= 4; lift++) {
        struct failure_figures figures = {0};
        char name[16];

        (void)snprintf(name, sizeof name, "E%d", lift);
        add_lift(lift, &figures);
        check_near(name, figures.up_h, want[lift][0], 1e-9);
        check_near(name, figures.fault_h, want[lift][1], 1e-9);
        check_near(name, figures.planned_h, want[lift][2], 1e-9);
        check_near(name, figures.external_h, want[lift][3], 1e-9);
        check_near(name, figures.unknown_h, want[lift][4], 1e-9);
    }
}

/* Mean repair time of the failures that both began and ended in April. */
static double mttr_within_april(void)
{
    struct wall_time from = at("2026-04-01T00:00:00Z");
    double hours = 0;
    int count = 0;

    for (int lift = 1; lift <= 4; lift++) {
        struct timeline timeline;

        build_lift(lift, &timeline);
        for (size_t i = 0; i < timeline.failure_count; i++) {
            const struct timeline_failure *failure = &timeline.failures[i];

            if (!failure->restored || failure->start.ns < from.ns)
                continue;
            hours += (double)(failure->end.ns - failure->start.ns) / 3.6e12;
            count++;
        }
        timeline_done(&timeline);
    }
    return hours / count;
}

static void test_lifts(void **state)
{
    struct failure_figures f = {0};
    struct stats_interval at_95 = stats_poisson(5, 0.95);
    struct stats_interval at_90 = stats_poisson(5, 0.90);

    (void)state;
    for (int lift = 1; lift <= 4; lift++)
        add_lift(lift, &f);
    figures_derive(&f);
    check_near("up", f.up_h, 2772, 1e-9);
    check_near("fault", f.fault_h, 36.5, 1e-9);
    check_near("planned", f.planned_h, 61.5, 1e-9);
    check_near("external", f.external_h, 4, 1e-9);
    check_near("unknown", f.unknown_h, 6, 1e-9);
    check_near("failures", (double)f.failures, 5, 0);
    check_near("units", (double)f.units, 4, 0);
    check_near("unit-months", f.unit_months, 4, 1e-9);
    check_near("availability", f.availability, 0.987003739, 5e-10);
    check_near("with planned", f.availability_planned, 0.965853659, 5e-10);
    check_near("fault stop rate", 1 - f.availability, 0.012996261, 5e-10);
    check_near("mtbf", f.mtbf_h, 554.4, 1e-9);
    check_near("mtbf low 90", f.mtbf_low_h, 263.673, 5e-4);
    check_near("mtbf high 90", f.up_h / at_90.low, 1407.000, 5e-4);
    check_near("mtbf low 95", f.up_h / at_95.high, 237.566, 5e-4);
    check_near("mtbf high 95", f.up_h / at_95.low, 1707.437, 5e-4);
    check_near("per 1000 h", 5000 / f.up_h, 1.803752, 1e-6);
    check_near("per 1000 h low 90", 1000 * at_90.low / f.up_h, 0.710732, 1e-6);
    check_near("per 1000 h high 90", 1000 * at_90.high / f.up_h, 3.792581, 1e-6);
    check_near("per 1000 h low 95", 1000 * at_95.low / f.up_h, 0.585673, 1e-6);
    check_near("per 1000 h high 95", 1000 * at_95.high / f.up_h, 4.209355, 1e-6);
    check_near("per unit-month", f.rate, 1.25, 1e-9);
    check_near("rate low", f.rate_low, at_90.low / 4, 1e-12);
    check_near("rate high", f.rate_high, at_90.high / 4, 1e-12);
    check_near("of 730.5 h", 5 / f.up_h * 730.5, 1.317641, 1e-6);
    check_near("mean down time", f.mdt_h, 7.3, 1e-9);
    check_near("restored", (double)f.restored, 5, 0);
    check_near("mttr", f.mttr_h, 2.7, 1e-9);
    check_near("mttr within", mttr_within_april(), 2.25, 1e-9);
    check_near("inherent", f.mtbf_h / (f.mtbf_h + mttr_within_april()), 0.995957963,
               5e-10);
    check_near("repeats", (double)f.repeats / (double)f.failures, 0.2, 1e-12);
    check_near("coverage", f.coverage, 0.9979, 5e-5);
}

static void test_nothing_to_divide(void **state)
{
    struct failure_figures none = {0};
    struct failure_figures up = {.units = 1, .unit_months = 8, .up_h = 5760};

    (void)state;
    figures_derive(&none);
    assert_true(isnan(none.rate) && isnan(none.mtbf_h) && isnan(none.availability));
    assert_true(isnan(none.coverage) && isnan(none.mtbf_low_h));
    figures_derive(&up);
    check_near("rate", up.rate, 0, 0);
    check_near("high", up.rate_high, 0.374467, 1e-6);
    assert_true(isnan(up.mtbf_h) && isnan(up.mttr_h));
    check_near("mtbf low", up.mtbf_low_h, 5760 / 2.995732, 1e-3);
}

static void test_compare(void **state)
{
    struct failure_figures one = {.units = 1, .unit_months = 40, .failures = 7};
    struct failure_figures all = {.units = 13, .unit_months = 520, .failures = 45};

    (void)state;
    check_near("worse", figures_compare(&one, &all), 0.054782, 1e-6);
    assert_true(isnan(figures_compare(&one, &one)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),   cmocka_unit_test(test_lift_hours),
        cmocka_unit_test(test_lifts),   cmocka_unit_test(test_nothing_to_divide),
        cmocka_unit_test(test_compare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
