/* test_past.c - kinds of days, means of hours, least flows of nights, means that forget;
 * and the functions that compare with earlier weeks. */
#include "rules/average.h"
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/days.h"
#include "rules/hours.h"
#include "rules/nights.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

#define MINUTE (60 * CLOCK_S)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static struct wall_time at(const char *text)
{
    struct wall_time time;

    assert_true(wall_parse(text, &time));
    return time;
}

static struct wall_time later(struct wall_time time, int64_t ns)
{
    return (struct wall_time){time.ns + ns};
}

/* ---- days ---- */

static int32_t day(int year, int month, int of_month)
{
    return (int32_t)days_from_civil(year, month, of_month);
}

static void test_days(void **state)
{
    /* 1 and 2 October are off, so is Saturday the 10th not. */
    const int32_t holidays[] = {day(2026, 1, 1), day(2026, 10, 1), day(2026, 10, 2)};
    const int32_t workdays[] = {day(2026, 10, 10)};
    const struct calendar_settings calendar = {.country = "cn",
                                               .holidays = holidays,
                                               .holiday_count = 3,
                                               .workdays = workdays,
                                               .workday_count = 1,
                                               .first_year = 2026,
                                               .last_year = 2026};
    const struct {
        const char *name;
        int32_t day;
        int weekday;
        bool holiday;
        bool workday;
        bool uncertain;
    } cases[] = {
        {"a Wednesday", day(2026, 9, 30), 3, false, true, false},
        {"the first", day(2026, 10, 1), 4, true, false, false},
        {"the second", day(2026, 10, 2), 5, true, false, false},
        {"Saturday off", day(2026, 10, 3), 6, false, false, false},
        {"Saturday worked", day(2026, 10, 10), 6, false, true, false},
        {"Sunday", day(2026, 10, 11), 7, false, false, false},
        {"Monday", day(2026, 10, 12), 1, false, true, false},
        {"New Year", day(2026, 1, 1), 4, true, false, false},
        {"next year", day(2027, 1, 1), 5, false, true, true},
        {"before", day(2025, 12, 31), 3, false, true, true},
        {"long ago", day(1960, 2, 29), 1, false, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct day_kind kind = days_kind(&calendar, cases[i].day);

        check_case(cases[i].name, days_weekday(cases[i].day) == cases[i].weekday);
        check_case(cases[i].name, kind.holiday == cases[i].holiday);
        check_case(cases[i].name, kind.workday == cases[i].workday);
        check_case(cases[i].name, kind.uncertain == cases[i].uncertain);
        kind = days_kind(NULL, cases[i].day);
        check_case(cases[i].name, kind.workday == (cases[i].weekday <= 5));
        check_case(cases[i].name, !kind.holiday && !kind.uncertain);
    }
}

static void test_seasons(void **state)
{
    const struct season_settings seasons[] = {
        {.name = "heating",
         .from_month = 11,
         .from_day = 15,
         .to_month = 3,
         .to_day = 15},
        {.name = "flood", .from_month = 6, .from_day = 1, .to_month = 9, .to_day = 30},
    };
    const struct calendar_settings calendar = {.seasons = seasons, .season_count = 2};
    const struct {
        int month;
        int day;
        bool heating;
        bool flood;
    } cases[] = {
        {11, 14, false, false}, {11, 15, true, false}, {12, 31, true, false},
        {1, 1, true, false},    {3, 15, true, false},  {3, 16, false, false},
        {5, 31, false, false},  {6, 1, false, true},   {9, 30, false, true},
        {10, 1, false, false},  {2, 29, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(days_in_season(days_season(&calendar, "heating"), cases[i].month,
                                   cases[i].day) == cases[i].heating);
        assert_true(days_in_season(days_season(&calendar, "flood"), cases[i].month,
                                   cases[i].day) == cases[i].flood);
    }
    assert_null(days_season(&calendar, "heatin"));
    assert_null(days_season(NULL, "heating"));
}

/* ---- hours ---- */

static void test_hours(void **state)
{
    struct hours *hours = hours_new(2, 15 * MINUTE);
    struct wall_time start = at("2026-03-02T10:00:00Z");

    (void)state;
    assert_true(isnan(hours_at(hours, start)));
    hours_put(hours, start, 5);
    assert_true(hours_at(hours, later(start, HOUR - 1)) == 5);
    assert_true(isnan(hours_at(hours, later(start, HOUR))));
    assert_true(isnan(hours_at(hours, later(start, -1))));
    hours_put(hours, later(start, 3 * HOUR + 1), 6); /* somewhere inside is enough */
    assert_true(isnan(hours_at(hours, later(start, 2 * HOUR))));
    assert_true(hours_at(hours, later(start, 3 * HOUR)) == 6);
    hours_put(hours, start, 7);
    assert_true(hours_at(hours, start) == 7);
    /* two weeks later the first is gone, the second not yet */
    hours_put(hours, later(start, 14 * DAY), 8);
    assert_true(isnan(hours_at(hours, start)));
    assert_true(hours_at(hours, later(start, 3 * HOUR)) == 6);
    /* the clock was wrong by years */
    hours_put(hours, at("2020-01-01T00:00:00Z"), 9);
    assert_true(hours_at(hours, at("2020-01-01T00:30:00Z")) == 9);
    assert_true(isnan(hours_at(hours, later(start, 14 * DAY))));
    hours_put(NULL, start, 1);
    hours_free(NULL);
    hours_free(hours);
}

/* Readings each 10 minutes that stay in force for 15. */
static void test_hours_of_readings(void **state)
{
    struct hours *hours = hours_new(2, 15 * MINUTE);
    struct wall_time start = at("2026-03-02T09:20:00Z");

    (void)state;
    for (int i = 0; i <= 28; i++) { /* up to 14:00 */
        struct wall_time time = later(start, i * 10 * MINUTE);
        bool missing = i >= 10 && i < 16; /* from 11:00 on, an hour */

        if (missing)
            continue;
        hours_read(hours, time, i < 10 ? 3 : i % 2 == 0 ? 4 : 8);
    }
    assert_true(hours_at(hours, at("2026-03-02T09:30:00Z")) == 3); /* 40 of 60 minutes */
    assert_true(hours_at(hours, at("2026-03-02T10:30:00Z")) == 3);
    assert_true(isnan(hours_at(hours, at("2026-03-02T11:30:00Z"))));
    check_near("alternating", hours_at(hours, at("2026-03-02T12:30:00Z")), 6, 1e-6);
    check_near("complete", hours_at(hours, at("2026-03-02T13:59:00Z")), 6, 1e-6);
    assert_true(isnan(hours_at(hours, at("2026-03-02T14:00:00Z"))));
    /* a break ends what is in force */
    hours_read(hours, at("2026-03-02T14:10:00Z"), NAN);
    hours_read(hours, at("2026-03-02T15:00:00Z"), 4);
    assert_true(isnan(hours_at(hours, at("2026-03-02T14:30:00Z"))));
    /* an older reading, and a clock that is set back */
    hours_read(hours, at("2026-03-02T14:59:00Z"), 100);
    hours_read(hours, at("2026-03-02T10:00:00Z"), 50);
    for (int i = 1; i <= 6; i++)
        hours_read(hours, later(at("2026-03-02T10:00:00Z"), i * 10 * MINUTE), 50);
    assert_true(hours_at(hours, at("2026-03-02T10:00:00Z")) == 50);
    hours_free(hours);
}

/* ---- nights ---- */

static const struct nights_spec two_to_five = {HOUR, 2 * 60, 5 * 60};

/* Quarters of an hour from `start` on, as digits; '_' nothing is read, '!' a break. */
static void feed(struct nights *nights, struct wall_time start, const char *digits)
{
    for (size_t i = 0; digits[i] != '\0'; i++) {
        struct wall_time time = later(start, (int64_t)i * 15 * MINUTE);

        if (digits[i] != '_')
            nights_put(nights, time, digits[i] == '!' ? NAN : digits[i] - '0');
    }
}

static void test_one_night(void **state)
{
    static const struct {
        const char *name;
        const char *quarters; /* from 02:00 */
        double least;
    } cases[] = {
        {"always the same", "444444444444", 4},
        {"a quiet hour at the begin", "111155555555", 1},
        {"a quiet hour at the end", "555555551111", 1},
        {"a quiet hour that is not a whole one", "555111155555", 1},
        {"only half an hour is quiet", "999911999999", 5},
        {"nothing is known", "____________", NAN},
        {"half an hour is missing: still covered", "4444__444444", 4},
        {"a break is no value", "4444!!!!4444", 4},
        {"too little of any hour", "4___4___4___", NAN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct nights *nights = nights_new(two_to_five, 7, 20 * MINUTE, NULL);
        unsigned known;
        double least;

        nights_put(nights, at("2026-03-02T01:59:00Z"), 9);
        feed(nights, at("2026-03-02T02:00:00Z"), cases[i].quarters);
        least = nights_percentile(nights, at("2026-03-02T04:59:59Z"), 7, 0, &known);
        check_case(cases[i].name, known == 0 && isnan(least)); /* it is not over yet */
        least = nights_percentile(nights, at("2026-03-02T05:00:00Z"), 7, 0, &known);
        check_near(cases[i].name, least, cases[i].least, 1e-9);
        check_case(cases[i].name, known == !isnan(cases[i].least));
        nights_free(nights);
    }
}

static void test_many_nights(void **state)
{
    struct nights *nights = nights_new(two_to_five, 3, 20 * MINUTE, NULL);
    struct wall_time first = at("2026-03-02T02:00:00Z");
    unsigned known;

    (void)state;
    nights_widen(nights, 7);
    for (int i = 0; i < 10; i++) {
        char quarters[] = "999999999999";

        for (int q = 4; q < 8; q++)
            quarters[q] = (char)('0' + i);
        if (i != 8) /* the ninth night is missing */
            feed(nights, later(first, i * DAY), quarters);
    }
    /* Of the last seven, 3 to 9, six are known: 3 4 5 6 7 9. */
    check_near("least",
               nights_percentile(nights, later(first, 9 * DAY + 4 * HOUR), 7, 0, &known),
               3, 1e-9);
    assert_int_equal(known, 6);
    check_near(
        "0.2",
        nights_percentile(nights, later(first, 9 * DAY + 4 * HOUR), 7, 0.2, &known), 4,
        1e-9);
    check_near(
        "last three",
        nights_percentile(nights, later(first, 9 * DAY + 4 * HOUR), 3, 0.5, &known), 8,
        1e-9);
    assert_int_equal(known, 2);
    /* After a silent night nothing is said: the others would seem to have moved. */
    assert_true(isnan(
        nights_percentile(nights, later(first, 10 * DAY + 4 * HOUR), 7, 1, &known)));
    assert_int_equal(known, 0);
    /* A year later nothing is left. */
    assert_true(
        isnan(nights_percentile(nights, later(first, 365 * DAY), 7, 0.5, &known)));
    assert_int_equal(known, 0);
    assert_true(nights_next(nights, first).ns == later(first, 3 * HOUR).ns);
    assert_true(nights_next(nights, later(first, 3 * HOUR)).ns ==
                later(first, DAY + 3 * HOUR).ns);
    nights_free(nights);
}

/* Over midnight and over a change to summer time: the night of 28 to 29 March 2026 in
 * Berlin has one hour less, from 22:00 (21:00 UTC) to 05:00 (03:00 UTC). */
static void test_night_of_summer_time(void **state)
{
    const struct nights_spec spec = {2 * HOUR, 22 * 60, 5 * 60};
    struct err err;
    struct tz *tz = tz_load("Europe/Berlin", &err);
    struct nights *nights = nights_new(spec, 7, 20 * MINUTE, tz);
    unsigned known;

    (void)state;
    assert_non_null(tz);
    assert_true(nights_next(nights, at("2026-03-28T12:00:00Z")).ns ==
                at("2026-03-29T03:00:00Z").ns);
    nights_put(nights, at("2026-03-28T20:45:00Z"), 1);
    feed(nights, at("2026-03-28T21:00:00Z"), "888888883333333355555555");
    nights_put(nights, at("2026-03-29T03:00:00Z"), 0);
    check_near("least",
               nights_percentile(nights, at("2026-03-29T03:00:00Z"), 7, 0, &known), 3,
               1e-9);
    assert_int_equal(known, 1);
    nights_free(nights);
    nights_free(NULL);
    tz_free(tz);
}

/* The clock goes back by a day: the night that was being measured is given up. */
static void test_night_set_back(void **state)
{
    struct nights *nights = nights_new(two_to_five, 7, INT64_MAX, NULL);
    unsigned known;

    (void)state;
    feed(nights, at("2026-03-02T02:00:00Z"), "111111");
    nights_put(nights, at("2026-03-02T03:20:00Z"), 0); /* late by minutes: passed over */
    nights_put(nights, at("2026-03-01T02:30:00Z"), 6);
    check_near("what is left",
               nights_percentile(nights, at("2026-03-01T05:00:00Z"), 7, 0, &known), 6,
               1e-9);
    nights_free(nights);
}

/* ---- the mean that forgets ---- */

static void test_average(void **state)
{
    struct average average = {.tau_ns = MINUTE};

    (void)state;
    average_put(&average, (struct reading){0, NAN, false}, MINUTE);
    assert_false(average.any);
    average_put(&average, (struct reading){0, 10, false}, MINUTE);
    assert_true(average.mean == 10);
    average_put(&average, (struct reading){MINUTE, 20, false}, MINUTE);
    check_near("after tau", average.mean, 20 - 10 * exp(-1), 1e-12);
    average_put(&average, (struct reading){MINUTE, 30, false}, MINUTE); /* it replaces */
    check_near("again", average.mean, 30 - 20 * exp(-1), 1e-12);
    average_put(&average, (struct reading){MINUTE / 2, 99, false}, MINUTE); /* too old */
    check_near("old", average.mean, 30 - 20 * exp(-1), 1e-12);
    assert_true(average.covered_ns == MINUTE);
    average_put(&average, (struct reading){MINUTE + CLOCK_S, NAN, false}, MINUTE);
    assert_true(average.covered_ns == MINUTE + CLOCK_S && !average.holds);
    average_put(&average, (struct reading){HOUR, 5, false}, MINUTE);
    check_near("long after", average.mean, 5, 1e-12);
    assert_true(average.covered_ns == MINUTE + CLOCK_S);
    average_put(&average, (struct reading){2 * HOUR, 5, false}, MINUTE);
    assert_true(average.covered_ns == 2 * MINUTE + CLOCK_S);
    average_put(&average, (struct reading){3 * HOUR, 3.4e38, false},
                MINUTE); /* misread */
    average_put(&average, (struct reading){3 * HOUR + 37 * MINUTE, 5, false}, MINUTE);
    average_put(&average, (struct reading){3 * HOUR + 97 * MINUTE, 5, false}, MINUTE);
    check_near("forgotten", average.mean, 5 + 3.4e38 * exp(-97), 1e-9);
}

/* ---- baselines ---- */

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];
static struct tz *shanghai;

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

struct site {
    struct ast *ast;
    struct program *program;
    struct binding binding;
    struct calendar_settings calendar;
};

static void open_site(struct site *site, const char *text)
{
    static struct rule_settings rule = {.id = "x"};
    const struct equipment *meter;
    struct bind_scope bind = {.rule = &rule, .tz = shanghai, .track = track_of};
    struct check_scope scope = {.rule = &rule};
    struct diagnosis_sink sink = {0};

    plant_start(&plant);
    (void)plant_add(&plant, "meter", "water_meter", "flow:n:m3/h:900");
    plant_finish(&plant);
    meter = model_equipment(plant.model, "meter");
    bind.model = scope.model = plant.model;
    scope.example = meter;
    site->ast = parser_parse(text, &sink);
    assert_non_null(site->ast);
    assert_true(check_value(site->ast, &scope, false, &sink));
    site->program = program_new(site->ast->count);
    assert_int_equal(program_compile(site->program, site->ast, &sink), 0);
    for (size_t i = 0; i < plant.points; i++)
        track_init(&tracks[i], &plant.model->points[i]);
    bind_program(&site->binding, site->program, meter, &bind);
    for (size_t i = 0; i < plant.points; i++)
        track_seal(&tracks[i]);
}

static void close_site(struct site *site)
{
    bind_done(&site->binding, site->program);
    program_free(site->program);
    ast_free(site->ast);
    for (size_t i = 0; i < plant.points; i++)
        track_done(&tracks[i]);
    plant_done(&plant);
}

static struct value ask(const struct site *site, struct wall_time wall)
{
    struct value stack[EVAL_STACK];
    struct eval eval = {
        .now_ns = wall.ns,
        .start_ns = wall.ns - 100 * DAY,
        .wall = wall,
        .tz = shanghai,
        .calendar = &site->calendar,
        .min_cover = 0.6,
        .binding = &site->binding,
        .stack = stack,
        .due_ns = INT64_MAX,
    };

    return eval_run(&eval, site->program, 0);
}

/* The flow of an hour: the week of the year on Mondays, 100 on other worked days, 200 at
 * weekends, plus a tenth of the hour. All in Shanghai. */
static void put_weeks(struct wall_time from, struct wall_time to)
{
    for (struct wall_time t = from; t.ns < to.ns; t.ns += HOUR) {
        struct local_time local = tz_local(shanghai, t);
        double base = local.weekday == 1   ? (double)(t.ns / (7 * DAY) % 100)
                      : local.weekday <= 5 ? 100
                                           : 200;

        track_hour(&tracks[0], t, base + 0.1 * local.hour);
    }
}

static void test_baseline(void **state)
{
    const int32_t holidays[] = {day(2026, 10, 1), day(2026, 10, 2), day(2026, 10, 5)};
    const int32_t workdays[] = {day(2026, 10, 10)};
    const struct {
        const char *name;
        const char *time; /* local */
        double want;
    } cases[] = {
        {"a Monday: the third of five", "2026-09-28T10:30:00+08:00", 57.95},
        {"one whole hour", "2026-09-28T11:00:00+08:00", 58},
        {"a Tuesday", "2026-09-29T10:30:00+08:00", 100.95},
        {"a Saturday", "2026-09-26T10:30:00+08:00", 200.95},
        {"a holiday on Thursday is like Sundays", "2026-10-01T10:30:00+08:00", 200.95},
        {"a worked Saturday is like Fridays", "2026-10-10T10:30:00+08:00", 100.95},
        {"Mondays, one of them a holiday", "2026-10-12T10:30:00+08:00", 58.95},
    };
    struct site site = {.calendar = {.holidays = holidays,
                                     .holiday_count = 3,
                                     .workdays = workdays,
                                     .workday_count = 1,
                                     .first_year = 2026,
                                     .last_year = 2026}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value value;

        open_site(&site, "baseline(flow, 1h, 5)");
        put_weeks(at("2026-08-10T00:00:00Z"), at(cases[i].time));
        value = ask(&site, at(cases[i].time));
        check_case(cases[i].name, value_known(value));
        check_near(cases[i].name, value.number, cases[i].want, 1e-4);
        close_site(&site);
    }
}

static void test_few_weeks(void **state)
{
    struct site site = {.calendar = {.first_year = 0}};
    struct value value;

    (void)state;
    open_site(&site, "baseline(flow, 1h, 5)");
    put_weeks(at("2026-09-14T00:00:00Z"), at("2026-09-29T00:00:00Z"));
    value = ask(&site, at("2026-09-29T02:30:00Z")); /* two weeks of five */
    assert_int_equal(value.marks, WHY_COVERAGE);
    close_site(&site);
    open_site(&site, "baseline(flow, 1h, 3)");
    put_weeks(at("2026-09-14T00:00:00Z"), at("2026-09-29T00:00:00Z"));
    value = ask(&site, at("2026-09-29T02:30:00Z")); /* two of three are 66 % */
    assert_true(value_known(value));
    close_site(&site);
}

static void test_zscore(void **state)
{
    static const double weeks[] = {10, 12, 11, 9, 14};
    struct site site = {.calendar = {.first_year = 0}};
    struct wall_time now = at("2026-09-28T02:00:00Z");
    struct value value;

    (void)state;
    open_site(&site, "zscore(flow, 1h, 5)");
    for (int i = 5; i > 0; i--)
        track_hour(&tracks[0], later(now, -i * 7 * DAY - HOUR), weeks[i - 1]);
    for (int i = 0; i <= 4; i++) {
        struct wall_time time = later(now, (i - 4) * 15 * MINUTE);
        struct sample sample = {.value = 17, .time = time, .mono = {time.ns}};

        (void)track_put(&tracks[0], &sample, time.ns, time.ns);
    }
    value = ask(&site, now);
    assert_true(value_known(value));
    check_near("z", value.number, (17 - 11) / 1.4826, 1e-6); /* distances 1 1 0 2 3 */
    for (int i = 5; i > 0; i--)
        track_hour(&tracks[0], later(now, -i * 7 * DAY - HOUR), 11);
    assert_int_equal(ask(&site, now).marks, WHY_DIV0); /* no spread */
    close_site(&site);
}

static int start(void **state)
{
    struct err err;

    (void)state;
    shanghai = tz_load("Asia/Shanghai", &err);
    return shanghai == NULL ? -1 : 0;
}

static int stop(void **state)
{
    (void)state;
    tz_free(shanghai);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_seasons),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_hours_of_readings),
        cmocka_unit_test(test_one_night),
        cmocka_unit_test(test_many_nights),
        cmocka_unit_test(test_night_of_summer_time),
        cmocka_unit_test(test_night_set_back),
        cmocka_unit_test(test_average),
        cmocka_unit_test(test_baseline),
        cmocka_unit_test(test_few_weeks),
        cmocka_unit_test(test_zscore),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
