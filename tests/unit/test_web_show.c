/* test_web_show.c - numbers, ages, times, steps and charts as people see them. */
#include "tests/unit/check.h"
#include "web/chart.h"
#include "web/month.h"
#include "web/past.h"
#include "web/show.h"

static void test_number(void **state)
{
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {12, "12"},
        {12.4, "12.40"},
        {0.412, "0.412"},
        {231.42, "231.4"},
        {99.999, "100.00"},
        {48213, "48213"},
        {84213.6, "84214"},
        {-3.5, "-3.50"},
        {0.00042, "0.00042"},
        {1e20, "1e+20"},
        {128344.25, "128344"},
        {NAN, "–"},
        {INFINITY, "–"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_text(cases[i].want, show_number(cases[i].value, SHOW_ROOM), cases[i].want);
}

static void test_value(void **state)
{
    static const struct enum_label labels[] = {
        {0, "normal"}, {2, "inspection"}, {7, "own-code"}};
    const struct point on_off = {.kind = POINT_BOOL};
    const struct point mode = {.kind = POINT_ENUM, .labels = labels, .label_count = 3};
    const struct point panel = {.kind = POINT_TEXT};

    (void)state;
    assert_string_equal(show_value(LANGUAGE_ZH, &on_off, 1, NULL, SHOW_ROOM), "是");
    assert_string_equal(show_value(LANGUAGE_EN, &on_off, 0, NULL, SHOW_ROOM), "no");
    assert_string_equal(show_value(LANGUAGE_EN, &mode, 2, NULL, SHOW_ROOM), "Inspection");
    assert_string_equal(show_value(LANGUAGE_ZH, &mode, 2, NULL, SHOW_ROOM), "检修");
    assert_string_equal(show_value(LANGUAGE_ZH, &mode, 7, NULL, SHOW_ROOM), "own-code");
    assert_string_equal(show_value(LANGUAGE_EN, &mode, 9, NULL, SHOW_ROOM), "9");
    assert_string_equal(show_value(LANGUAGE_EN, &panel, 0, "F12", SHOW_ROOM), "F12");
}

static void test_flags(void **state)
{
    static const struct enum_label labels[] = {
        {0, "filter"}, {4, "own_run"}, {52, "top"}};
    const struct point point = {.kind = POINT_FLAGS, .labels = labels, .label_count = 3};
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0, "none"},
        {1, "Filter"},
        {17, "Filter, own_run"},
        {144, "own_run, bit 7"},
        {4503599627370496.0, "top"},
        {9007199254740992.0, "none"}, /* beyond what single bits can be told of */
        {-1, "none"},
        {NAN, "none"},
    };
    char *all;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_text(cases[i].want,
                   show_value(LANGUAGE_EN, &point, cases[i].value, NULL, SHOW_ROOM),
                   cases[i].want);
    check_text("zh", show_value(LANGUAGE_ZH, &point, 0, NULL, SHOW_ROOM), "无");
    all = show_value(LANGUAGE_EN, &point, 4503599627370495.0, NULL, SHOW_ROOM);
    assert_true(strlen(all) < SHOW_SIZE);
    assert_string_equal(all + strlen(all) - 3, "…");
}

static void test_duration(void **state)
{
    static const struct {
        int64_t ms;
        const char *en;
        const char *zh;
    } cases[] = {
        {-5, "0 s", "0 秒"},
        {999, "0 s", "0 秒"},
        {59999, "59 s", "59 秒"},
        {60000, "1 min", "1 分钟"},
        {3600000, "1 h", "1 小时"},
        {7980000, "2 h 13 min", "2 小时 13 分"},
        {86400000, "1 d", "1 天"},
        {INT64_C(442800000), "5 d 3 h", "5 天 3 小时"},
        {INT64_C(2595600000), "30 d", "30 天"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_text(cases[i].en, show_duration(LANGUAGE_EN, cases[i].ms, SHOW_ROOM),
                   cases[i].en);
        check_text(cases[i].zh, show_duration(LANGUAGE_ZH, cases[i].ms, SHOW_ROOM),
                   cases[i].zh);
    }
}

static struct wall_time at(const char *text)
{
    struct wall_time time;

    assert_true(wall_parse(text, &time));
    return time;
}

static void test_time(void **state)
{
    struct tz *tz = tz_load("Asia/Shanghai", NULL);
    struct wall_time now = at("2026-11-24T17:30:00Z"); /* the 25th there */

    (void)state;
    assert_non_null(tz);
    assert_string_equal(show_time(tz, at("2026-11-24T16:05:09Z"), now, SHOW_ROOM),
                        "00:05:09");
    assert_string_equal(show_time(tz, at("2026-11-24T15:59:59Z"), now, SHOW_ROOM),
                        "11-24 23:59");
    assert_string_equal(show_time(tz, at("2025-12-31T15:59:00Z"), now, SHOW_ROOM),
                        "2025-12-31 23:59");
    assert_string_equal(show_time(tz, (struct wall_time){0}, now, SHOW_ROOM), "–");
    assert_string_equal(show_full_time(tz, now, SHOW_ROOM), "2026-11-25 01:30:00");
    tz_free(tz);
}

static void test_amounts(void **state)
{
    (void)state;
    assert_string_equal(show_bytes(0, SHOW_ROOM), "0 B");
    assert_string_equal(show_bytes(1023, SHOW_ROOM), "1023 B");
    assert_string_equal(show_bytes(INT64_C(13) << 20, SHOW_ROOM), "13.0 MiB");
    assert_string_equal(show_count(0, SHOW_ROOM), "0");
    assert_string_equal(show_count(1204512, SHOW_ROOM), "1\xE2\x80\xAF"
                                                        "204\xE2\x80\xAF"
                                                        "512");
    assert_string_equal(show_percent(0.9953, SHOW_ROOM), "99.53 %");
    assert_string_equal(show_percent(1, SHOW_ROOM), "100 %");
    assert_string_equal(show_percent(NAN, SHOW_ROOM), "–");
}

static void test_steps(void **state)
{
    int64_t ms;
    static const char *const wrong[] = {"",   "m",   "0m",   "-1m",         "1",
                                        "1x", "1mm", "1.5h", "99999999999h"};

    (void)state;
    assert_int_equal(past_step_ms(PAST_HOUR_MS, 1500), PAST_MINUTE_MS);
    assert_int_equal(past_step_ms(30 * PAST_DAY_MS, 1500), 30 * PAST_MINUTE_MS);
    assert_int_equal(past_step_ms(4000 * PAST_DAY_MS, 1500), 7 * PAST_DAY_MS);
    assert_true(past_parse_step("15m", &ms));
    assert_int_equal(ms, 15 * PAST_MINUTE_MS);
    assert_true(past_parse_step("1d", &ms));
    assert_int_equal(ms, PAST_DAY_MS);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        check_case(wrong[i], !past_parse_step(wrong[i], &ms));
    assert_int_equal(past_floor((struct wall_time){125 * CLOCK_S}, PAST_MINUTE_MS).ns,
                     120 * CLOCK_S);
    assert_int_equal(past_floor((struct wall_time){-1}, PAST_MINUTE_MS).ns,
                     -60 * CLOCK_S);
}

static void test_months(void **state)
{
    char out[MONTH_SIZE];

    (void)state;
    assert_string_equal(month_format(2026, 1, -1, out), "2025-12");
    assert_string_equal(month_format(2026, 12, 1, out), "2027-01");
    assert_string_equal(month_format(2026, 11, 0, out), "2026-11");
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
        count++;
    return count;
}

static void test_chart_breaks_at_gaps(void **state)
{
    struct history_step steps[10];
    struct tz *tz = tz_load("UTC", NULL);
    struct chart chart = {
        .steps = steps, .count = 10, .step_ms = PAST_MINUTE_MS, .tz = tz, .label = "x"};
    struct text out;

    (void)state;
    for (size_t i = 0; i < 10; i++)
        steps[i] = (struct history_step){{(int64_t)(i + 1) * 60 * CLOCK_S}, 1, 3, 2, 2,
                                         i == 4 || i == 5 ? 0 : 1};
    text_init(&out, 100000);
    chart_svg(&chart, &out);
    assert_int_equal(count_of(out.data, "class=\"mean\""), 2);
    assert_non_null(strstr(out.data, "data-values=\"2,2,2,2,,,2,2,2,2\""));
    assert_null(strstr(out.data, "nan"));
    text_clear(&out);
    chart.bridge = 2; /* a slow reading: two empty steps are its pace */
    chart_svg(&chart, &out);
    assert_int_equal(count_of(out.data, "class=\"mean\""), 1);
    text_done(&out);
    tz_free(tz);
}

static void test_chart_scale(void **state)
{
    double low;
    double high;
    struct history_step flat = {{CLOCK_S}, 5, 5, 5, 5, 1};
    struct history_step none = {{CLOCK_S}, NAN, NAN, NAN, NAN, 0};
    struct chart chart = {.steps = &none, .count = 1, .step_ms = 60000};

    (void)state;
    assert_false(chart_range(&chart, &low, &high));
    chart.steps = &flat;
    assert_true(chart_range(&chart, &low, &high));
    assert_true(low == 5 && high == 5);
    check_near("1", chart_nice_step(4, 4), 1, 1e-9);
    check_near("2", chart_nice_step(7, 4), 2, 1e-9);
    check_near("5", chart_nice_step(19, 4), 5, 1e-9);
    check_near("0.05", chart_nice_step(0.2, 4), 0.05, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_chart_breaks_at_gaps),
        cmocka_unit_test(test_chart_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
