/* test_clock.c - dates, RFC 3339 and sleeping of base/clock.c. */
#include "base/clock.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define S CLOCK_S

static void civil_days_go_there_and_back(void **state)
{
    static const struct {
        int64_t year;
        int month;
        int day;
        int64_t days;
    } cases[] = {
        {1970, 1, 1, 0},     {1969, 12, 31, -1},    {2000, 2, 29, 11016},
        {2000, 3, 1, 11017}, {2026, 11, 24, 20781}, {1900, 3, 1, -25508},
        {1, 1, 1, -719162},  {2262, 4, 11, 106751}, {1677, 9, 21, -106752},
        {0, 3, 1, -719468},  {-400, 3, 1, -865565},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t year;
        int month;
        int day;

        assert_int_equal(days_from_civil(cases[i].year, cases[i].month, cases[i].day),
                         cases[i].days);
        civil_from_days(cases[i].days, &year, &month, &day);
        assert_true(year == cases[i].year && month == cases[i].month &&
                    day == cases[i].day);
    }
}

static void every_day_of_six_centuries(void **state)
{
    int64_t last_year = 1678;
    int last_day = 0;

    (void)state;
    for (int64_t days = days_from_civil(1678, 1, 1); days < days_from_civil(2262, 1, 1);
         days++) {
        int64_t year;
        int month;
        int day;

        civil_from_days(days, &year, &month, &day);
        assert_int_equal(days_from_civil(year, month, day), days);
        assert_true(day == last_day + 1 || day == 1);
        assert_true(year == last_year || year == last_year + 1);
        last_day = day;
        last_year = year;
    }
}

static void formats_and_reads_back(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {INT64_C(1764000000123000000), "2025-11-24T16:00:00.123Z"},
        {CLOCK_MS, "1970-01-01T00:00:00.001Z"},
        {-CLOCK_MS, "1969-12-31T23:59:59.999Z"},
        {INT64_C(-86400000) * CLOCK_MS, "1969-12-31T00:00:00.000Z"},
        {INT64_C(951782399999000000), "2000-02-28T23:59:59.999Z"},
        {INT64_C(951782400000000000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(4102444799) * S, "2099-12-31T23:59:59.000Z"},
    };
    char out[CLOCK_RFC3339_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wall_time back = {0};

        check_text("format", wall_format((struct wall_time){cases[i].ns}, out),
                   cases[i].text);
        check_case(cases[i].text, wall_parse(cases[i].text, &back));
        check_case(cases[i].text, back.ns == cases[i].ns);
    }
    check_text("never", wall_format((struct wall_time){0}, out), "");
    assert_true(strlen(wall_format((struct wall_time){INT64_MAX}, out)) == 24);
    assert_true(strlen(wall_format((struct wall_time){INT64_MIN}, out)) == 24);
}

static void reads_rfc3339(void **state)
{
    static const struct {
        const char *text;
        int64_t ns; /* INT64_MIN: refused */
    } cases[] = {
        {"2026-11-24T16:24:39Z", INT64_C(1795537479) * S},
        {"2026-11-24t16:24:39z", INT64_C(1795537479) * S},
        {"2026-11-24 16:24:39Z", INT64_C(1795537479) * S},
        {"2026-11-25T00:24:39+08:00", INT64_C(1795537479) * S},
        {"2026-11-24T10:54:39-05:30", INT64_C(1795537479) * S},
        {"2026-11-24T16:24:39-00:00", INT64_C(1795537479) * S},
        {"2026-11-24T16:24:39.5Z", INT64_C(1795537479) * S + 500000000},
        {"2026-11-24T16:24:39.123456789Z", INT64_C(1795537479) * S + 123456789},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800) * S},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800) * S},
        {"2023-02-29T00:00:00Z", INT64_MIN},
        {"1900-02-29T00:00:00Z", INT64_MIN},
        {"2026-11-24T16:24:39.Z", INT64_MIN},
        {"2026-11-24T16:24:39.1234567890Z", INT64_MIN},
        {"2026-11-24T16:24:39", INT64_MIN},
        {"2026-11-24T16:24Z", INT64_MIN},
        {"2026-11-24T24:00:00Z", INT64_MIN},
        {"2026-11-24T16:60:00Z", INT64_MIN},
        {"2026-11-24T16:24:61Z", INT64_MIN},
        {"2026-13-01T00:00:00Z", INT64_MIN},
        {"2026-00-01T00:00:00Z", INT64_MIN},
        {"2026-04-31T00:00:00Z", INT64_MIN},
        {"2026-04-00T00:00:00Z", INT64_MIN},
        {"2026-11-24T16:24:39+0800", INT64_MIN},
        {"2026-11-24T16:24:39+24:00", INT64_MIN},
        {"2026-11-24T16:24:39+08:60", INT64_MIN},
        {"2026-11-24T16:24:39Zx", INT64_MIN},
        {" 2026-11-24T16:24:39Z", INT64_MIN},
        {"26-11-24T16:24:39Z", INT64_MIN},
        {"1677-12-31T23:59:59Z", INT64_MIN},
        {"2262-01-01T00:00:00Z", INT64_MIN},
        {"2026-1-24T16:24:39Z", INT64_MIN},
        {"", INT64_MIN},
        {"2026", INT64_MIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wall_time time = {-7};
        bool taken = wall_parse(cases[i].text, &time);

        check_case(cases[i].text, taken == (cases[i].ns != INT64_MIN));
        check_case(cases[i].text, time.ns == (taken ? cases[i].ns : -7));
    }
}

static void durations(void **state)
{
    struct mono_time start = mono_now();
    struct mono_time end = mono_add_ms(start, 20);

    (void)state;
    assert_int_equal(mono_diff_ms(end, start), 20);
    assert_true(mono_before(start, end) && !mono_before(end, start));
    assert_int_equal(mono_min(start, end).ns, start.ns);
    assert_int_equal(mono_min(end, start).ns, start.ns);
    mono_sleep_until(end);
    assert_false(mono_before(mono_now(), end));
    mono_sleep_until(start); /* past: at once */
    assert_int_equal(
        wall_diff_ms(wall_add_ms((struct wall_time){S}, -5), (struct wall_time){S}), -5);
    assert_true(wall_now().ns > INT64_C(1700000000) * S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_days_go_there_and_back),
        cmocka_unit_test(every_day_of_six_centuries),
        cmocka_unit_test(formats_and_reads_back),
        cmocka_unit_test(reads_rfc3339),
        cmocka_unit_test(durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
