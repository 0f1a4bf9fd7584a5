/* test_alarm_performance.c - figures of months that are counted by hand. */
#include "reports/alarm_performance.h"

#include "base/mem.h"
#include "tests/unit/check.h"

enum {
    TOLD_MAX = 1000,
};

#define DAY_S 86400.0

static struct told list[TOLD_MAX];
static size_t count;

static struct wall_time at_s(double s)
{
    return (struct wall_time){INT64_C(1764000000) * CLOCK_S + (int64_t)(s * 1e9)};
}

/* `how_many` of one source, `apart_s` from each other, each active for `active_s`. */
static void tell(size_t how_many, double from_s, double apart_s, double active_s,
                 uint64_t source)
{
    for (size_t i = 0; i < how_many; i++) {
        double s = from_s + (double)i * apart_s;

        list[count] = (struct told){.time = at_s(s), .source = source};
        if (active_s >= 0)
            list[count].returned = at_s(s + active_s);
        count++;
    }
}

static struct performance compute(double to_s)
{
    struct performance p;

    assert_true(performance_compute(list, count, at_s(0), at_s(to_s), &p));
    count = 0;
    return p;
}

static void nothing(void **unused)
{
    struct performance p = compute(DAY_S);

    (void)unused;
    assert_int_equal(p.periods, 144);
    assert_int_equal(p.classes[0], 144);
    check_near("per day", p.per_day, 0, 0);
    check_near("top", p.share_top, 0, 0);
    assert_false(performance_compute(NULL, 0, at_s(5), at_s(5), &p));
    assert_false(performance_compute(NULL, 0, at_s(5), at_s(4), &p));
    assert_false(performance_compute(NULL, 0, at_s(0), at_s(DAY_S * 366 * 100), &p));
}

static void distribution(void **unused)
{
    struct performance p;

    (void)unused;
    tell(1, 10, 0, 60, 1);
    tell(2, 600, 1, 60, 2);
    tell(3, 1200, 1, 60, 3);
    tell(5, 1800, 1, 60, 4);
    tell(6, 2400, 1, 60, 5);
    tell(10, 3000, 1, 60, 6);
    tell(11, 3600, 1, 60, 7);
    tell(1, -10, 0, 60, 8); /* before and behind do not count */
    tell(1, DAY_S, 0, 60, 8);
    p = compute(DAY_S);
    assert_int_equal(p.told, 38);
    assert_int_equal(p.classes[0], 144 - 7);
    assert_int_equal(p.classes[1], 1);
    assert_int_equal(p.classes[2], 1);
    assert_int_equal(p.classes[3], 2);
    assert_int_equal(p.classes[4], 2);
    assert_int_equal(p.classes[5], 1);
    check_near("per day", p.per_day, 38, 1e-9);
    check_near("per hour", p.per_hour, 38.0 / 24, 1e-9);
    check_near("per period", p.per_period, 38.0 / 144, 1e-9);
    check_near("many", p.share_many, 1.0 / 144, 1e-9);
    check_near("many an hour", p.share_many_hour, 0, 0);
    check_near("top", p.share_top, 1, 0);
}

static void most_of_any_minutes(void **unused)
{
    struct performance p;

    (void)unused;
    tell(4, 500, 1, 1, 1); /* on both sides of the edge */
    tell(4, 900, 1, 1, 2);
    tell(2, 5000, 600, 1, 3); /* exactly ten minutes apart are not together */
    p = compute(DAY_S);
    assert_int_equal(p.most, 8);
    check_near("flood", p.share_flood, 0, 0);
}

/* Twelve in eleven seconds; over when the eighth is ten minutes old. */
static void flood(void **unused)
{
    struct performance p;

    (void)unused;
    tell(12, 1000, 1, 1, 1);
    p = compute(DAY_S);
    check_near("flood", p.share_flood * DAY_S, 1607 - 1009, 1e-6);
    tell(100, DAY_S - 100, 1, 1, 1); /* goes on to the end */
    p = compute(DAY_S);
    check_near("flood to the end", p.share_flood * DAY_S, 91, 1e-6);
}

static void sources(void **unused)
{
    struct performance p;

    (void)unused;
    for (uint64_t source = 1; source <= 20; source++)
        tell(1, (double)source * 1000, 0, 1, source);
    tell(20, 40000, 1000, 1, 21);
    p = compute(DAY_S);
    check_near("top", p.share_top, 29.0 / 40, 1e-9);
}

static void at_once(void **unused)
{
    struct performance p;

    (void)unused;
    tell(3, 0, 10, 100, 1);
    tell(1, 120, 0, 100, 2); /* the first two are over by then */
    tell(1, 1000, 0, -1, 3); /* never returns */
    tell(1, 2000, 0, DAY_S + 1, 4);
    tell(1, 3000, 0, DAY_S, 5); /* a day is not more than a day */
    p = compute(3 * DAY_S);
    assert_int_equal(p.standing_most, 3);
    assert_int_equal(p.stale, 2);
    assert_int_equal(p.stale_most, 2);
}

static void severities(void **unused)
{
    struct performance p;

    (void)unused;
    tell(10, 0, 100, 1, 1);
    list[3].severity = SEVERITY_SERIOUS;
    list[4].severity = list[5].severity = SEVERITY_GENERAL;
    list[6].chattering = true;
    p = compute(DAY_S);
    check_near("minor", p.share_severity[SEVERITY_MINOR], 0.7, 1e-9);
    check_near("general", p.share_severity[SEVERITY_GENERAL], 0.2, 1e-9);
    check_near("serious", p.share_severity[SEVERITY_SERIOUS], 0.1, 1e-9);
    assert_int_equal(p.chattering, 1);
}

static void as_json(void **unused)
{
    struct text text;
    struct json_out json;
    struct performance p;

    (void)unused;
    tell(12, 0, 1, 1, 1);
    p = compute(DAY_S);
    text_init(&text, 10000);
    json = json_begin(&text);
    performance_json(&json, &p);
    assert_non_null(strstr(text.data, "\"periods_by_count\":{\"0\":143,\"1\":0,\"2\":0,"
                                      "\"3-5\":0,\"6-10\":0,\">10\":1}"));
    assert_non_null(
        strstr(text.data, "\"most\":{\"value\":12,\"target\":5,\"kept\":false}"));
    assert_non_null(
        strstr(text.data, "\"per_day\":{\"value\":12,\"target\":72,\"kept\":true}"));
    text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(distribution),
        cmocka_unit_test(most_of_any_minutes),
        cmocka_unit_test(flood),
        cmocka_unit_test(sources),
        cmocka_unit_test(at_once),
        cmocka_unit_test(severities),
        cmocka_unit_test(as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
