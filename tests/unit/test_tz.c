/* Time zones: offsets, local times and instants, and files that are damaged. */
#include "tests/unit/check.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/tz.h"
#include "base/tz_rule.h"

static struct tz *load(const char *name)
{
    struct err err = {0};
    struct tz *tz = tz_load(name, &err);

    if (tz == NULL)
        fail_msg("%s", err.text);
    return tz;
}

static struct wall_time parse(const char *text)
{
    struct wall_time time;

    if (!wall_parse(text, &time))
        fail_msg("bad time '%s'", text);
    return time;
}

static void test_offset(void **state)
{
    static const struct {
        const char *zone;
        const char *utc;
        int32_t offset;
    } cases[] = {
        {"UTC", "2026-07-01T00:00:00Z", 0},
        {"Asia/Shanghai", "2026-01-01T00:00:00Z", 8 * 3600},
        {"Asia/Shanghai", "2050-07-01T00:00:00Z", 8 * 3600},
        {"Asia/Shanghai", "1988-07-01T00:00:00Z", 9 * 3600},
        {"Europe/Berlin", "2026-03-29T00:59:59Z", 3600},
        {"Europe/Berlin", "2026-03-29T01:00:00Z", 7200},
        {"Europe/Berlin", "2026-10-25T00:59:59Z", 7200},
        {"Europe/Berlin", "2026-10-25T01:00:00Z", 3600},
        {"Europe/Berlin", "2050-03-27T00:59:59Z", 3600},
        {"Europe/Berlin", "2050-03-27T01:00:00Z", 7200},
        {"Europe/Berlin", "2050-10-30T01:00:00Z", 3600},
        {"Australia/Lord_Howe", "2026-04-04T14:59:59Z", 11 * 3600},
        {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", 10 * 3600 + 1800},
        {"Australia/Lord_Howe", "2026-10-03T15:29:59Z", 10 * 3600 + 1800},
        {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 11 * 3600},
        {"Australia/Lord_Howe", "2051-01-01T00:00:00Z", 11 * 3600},
        {"America/New_York", "2026-03-08T06:59:59Z", -5 * 3600},
        {"America/New_York", "2026-03-08T07:00:00Z", -4 * 3600},
        {"America/New_York", "2026-11-01T06:00:00Z", -5 * 3600},
        {"America/New_York", "2050-07-04T00:00:00Z", -4 * 3600},
        {"America/New_York", "1883-11-18T16:59:59Z", -17762},
        {"Europe/Dublin", "2050-01-15T00:00:00Z", 0},
        {"Europe/Dublin", "2050-07-15T00:00:00Z", 3600},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tz *tz = load(cases[i].zone);

        check_near(cases[i].utc, tz_offset(tz, parse(cases[i].utc)), cases[i].offset, 0);
        tz_free(tz);
    }
}

static void test_local(void **state)
{
    struct tz *tz = load("Asia/Shanghai");
    struct local_time local = tz_local(tz, parse("2026-11-24T16:24:39.999Z"));

    (void)state;
    assert_int_equal(local.year, 2026);
    assert_int_equal(local.month, 11);
    assert_int_equal(local.day, 25);
    assert_int_equal(local.hour, 0);
    assert_int_equal(local.minute, 24);
    assert_int_equal(local.second, 39);
    assert_int_equal(local.weekday, 3); /* a Wednesday */
    tz_free(tz);
    tz = load("UTC");
    local = tz_local(tz, (struct wall_time){-1}); /* a nanosecond before 1970 */
    assert_int_equal(local.year, 1969);
    assert_int_equal(local.second, 59);
    assert_int_equal(local.weekday, 3);
    tz_free(tz);
}

static void test_instant(void **state)
{
    static const struct {
        const char *name;
        const char *zone;
        int64_t year;
        int month;
        int day;
        int hour;
        int minute;
        const char *utc;
    } cases[] = {
        {"plain", "Asia/Shanghai", 2026, 11, 1, 0, 0, "2026-10-31T16:00:00.000Z"},
        {"month 13", "Asia/Shanghai", 2026, 13, 1, 0, 0, "2026-12-31T16:00:00.000Z"},
        {"month 0", "UTC", 2026, 0, 1, 0, 0, "2025-12-01T00:00:00.000Z"},
        {"day 32", "UTC", 2026, 1, 32, 0, 0, "2026-02-01T00:00:00.000Z"},
        {"hour 24", "UTC", 2026, 12, 31, 24, 0, "2027-01-01T00:00:00.000Z"},
        {"minute -1", "UTC", 2026, 1, 1, 0, -1, "2025-12-31T23:59:00.000Z"},
        {"before the gap", "Europe/Berlin", 2026, 3, 29, 1, 59,
         "2026-03-29T00:59:00.000Z"},
        {"gap begins", "Europe/Berlin", 2026, 3, 29, 2, 0, "2026-03-29T01:00:00.000Z"},
        {"in the gap", "Europe/Berlin", 2026, 3, 29, 2, 30, "2026-03-29T01:00:00.000Z"},
        {"after the gap", "Europe/Berlin", 2026, 3, 29, 3, 0, "2026-03-29T01:00:00.000Z"},
        {"overlap, first", "Europe/Berlin", 2026, 10, 25, 2, 30,
         "2026-10-25T00:30:00.000Z"},
        {"after overlap", "Europe/Berlin", 2026, 10, 25, 3, 0,
         "2026-10-25T02:00:00.000Z"},
        {"half an hour", "Australia/Lord_Howe", 2026, 10, 4, 2, 15,
         "2026-10-03T15:30:00.000Z"},
        {"half back", "Australia/Lord_Howe", 2026, 4, 5, 1, 45,
         "2026-04-04T14:45:00.000Z"},
        {"footer gap", "Europe/Berlin", 2050, 3, 27, 2, 30, "2050-03-27T01:00:00.000Z"},
        {"skipped day", "Pacific/Apia", 2011, 12, 30, 12, 0, "2011-12-30T10:00:00.000Z"},
        {"west", "America/New_York", 2026, 7, 4, 12, 0, "2026-07-04T16:00:00.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tz *tz = load(cases[i].zone);
        char text[CLOCK_RFC3339_SIZE];
        struct wall_time time = tz_instant(tz, cases[i].year, cases[i].month,
                                           cases[i].day, cases[i].hour, cases[i].minute);

        check_text(cases[i].name, wall_format(time, text), cases[i].utc);
        tz_free(tz);
    }
}

static void test_extremes(void **state)
{
    struct tz *tz = load("Europe/Berlin");

    (void)state;
    assert_true(tz_instant(tz, INT64_MAX, 12, 31, 0, 0).ns > 0);
    assert_true(tz_instant(tz, INT64_MIN, -1, 1, 0, 0).ns < 0);
    assert_true(tz_instant(tz, 2026, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX).ns > 0);
    (void)tz_local(tz, (struct wall_time){INT64_MAX});
    (void)tz_local(tz, (struct wall_time){INT64_MIN});
    tz_free(tz);
}

static void test_hours_of_month(void **state)
{
    static const struct {
        const char *zone;
        int month;
        double hours;
    } cases[] = {
        {"Europe/Berlin", 2, 672},         {"Europe/Berlin", 3, 743},
        {"Europe/Berlin", 4, 720},         {"Europe/Berlin", 10, 745},
        {"Asia/Shanghai", 3, 744},         {"Asia/Shanghai", 12, 744},
        {"Australia/Lord_Howe", 4, 720.5}, {"Australia/Lord_Howe", 10, 743.5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tz *tz = load(cases[i].zone);
        int64_t from = tz_instant(tz, 2026, cases[i].month, 1, 0, 0).ns;
        int64_t to = tz_instant(tz, 2026, cases[i].month + 1, 1, 0, 0).ns;

        check_near(cases[i].zone, (double)(to - from) / 3.6e12, cases[i].hours, 0);
        tz_free(tz);
    }
}

/* Every local time that an instant reads as leads back to it, or to the first of the two
 * instants that read the same. */
static void check_round_trip(const char *zone)
{
    static const int64_t start_s = 1767225600; /* 2026-01-01 */
    struct tz *tz = load(zone);

    for (int64_t s = start_s; s < start_s + INT64_C(500) * 86400; s += 900) {
        struct local_time local = tz_local(tz, (struct wall_time){s * CLOCK_S});
        struct wall_time back =
            tz_instant(tz, local.year, local.month, local.day, local.hour, local.minute);
        int64_t apart_s = s - back.ns / CLOCK_S;

        check_case(zone, apart_s == 0 || apart_s == 1800 || apart_s == 3600);
    }
    tz_free(tz);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip("Europe/Berlin");
    check_round_trip("Australia/Lord_Howe");
    check_round_trip("America/New_York");
    check_round_trip("Asia/Gaza");
}

static void test_refused_names(void **state)
{
    static const char *const names[] = {
        "",         "/etc/passwd", "../../etc/passwd", "Asia", "Asia/Nowhere",
        "zone.tab", "Asia/../UTC", "tzdata.zi",        "A\nB"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err err = {0};

        check_case(names[i], tz_load(names[i], &err) == NULL);
        check_case(names[i], err.kind == ERR_CONFIG);
    }
}

static void test_rule_strings(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"UTC0", true},
        {"CET-1CEST,M3.5.0,M10.5.0/3", true},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", true},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", true},
        {"XXX3EDT4,0/0,J365/23", true},
        {"", false},
        {"CE-1", false},
        {"CET", false},
        {"CET-25", false},
        {"CET-1CEST", false}, /* the rule that POSIX leaves to the system */
        {"CET-1CEST,M3.5.0", false},
        {"CET-1CEST,M13.5.0,M10.5.0", false},
        {"CET-1CEST,M3.6.0,M10.5.0", false},
        {"CET-1CEST,M3.5.7,M10.5.0", false},
        {"CET-1CEST,M3.5.0/168,M10.5.0", false},
        {"CET-1CEST,M3.5.0,M10.5.0/3x", false},
        {"CET-1CEST,J0,J365", false},
        {"<+1030-10:30", false},
        {"CET-1:60", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tz_rule rule;

        check_case(cases[i].text, tz_rule_parse(cases[i].text, &rule) == cases[i].good);
    }
}

static void test_rule_kinds(void **state)
{
    struct tz_rule rule;

    (void)state;
    /* J60 is March 1 in every year, 59 only in common years; all of EDT all year. */
    assert_true(tz_rule_parse("AAA0BBB,J60/0,J61/0", &rule));
    assert_int_equal(tz_rule_offset(&rule, parse("2028-03-01T00:00:00Z").ns / CLOCK_S),
                     3600);
    assert_int_equal(tz_rule_offset(&rule, parse("2028-02-29T23:59:59Z").ns / CLOCK_S),
                     0);
    assert_true(tz_rule_parse("AAA0BBB,59/0,60/0", &rule));
    assert_int_equal(tz_rule_offset(&rule, parse("2028-02-29T00:00:00Z").ns / CLOCK_S),
                     3600);
    assert_int_equal(tz_rule_offset(&rule, parse("2026-03-01T00:00:00Z").ns / CLOCK_S),
                     3600);
    assert_true(tz_rule_parse("XXX3EDT4,0/0,J365/23", &rule));
    assert_int_equal(tz_rule_offset(&rule, parse("2026-12-31T23:00:00Z").ns / CLOCK_S),
                     -14400);
    assert_int_equal(tz_rule_offset(&rule, parse("2027-01-01T03:00:00Z").ns / CLOCK_S),
                     -14400);
}

/* Cut anywhere or with any byte spoilt, a file is refused or read; it never crashes. */
static void test_damaged(void **state)
{
    struct err err;
    size_t length;
    char *bytes = file_read("/usr/share/zoneinfo/Europe/Berlin", 65536, &length, &err);
    size_t refused = 0;

    (void)state;
    assert_non_null(bytes);
    for (size_t cut = 0; cut < length; cut++) {
        char *part =
            mem_alloc(cut); /* of exact size, so that a sanitizer sees overruns */

        memcpy(part, bytes, cut);
        assert_null(tz_parse(part, cut, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        mem_free(part);
    }
    for (size_t at = 0; at < length; at++) {
        char *copy = mem_alloc(length);
        struct tz *tz;

        memcpy(copy, bytes, length);
        copy[at] = (char)~copy[at];
        tz = tz_parse(copy, length, &err);
        refused += tz == NULL ? 1 : 0;
        if (tz != NULL)
            (void)tz_instant(tz, 2026, 11, 24, 12, 0);
        tz_free(tz);
        mem_free(copy);
    }
    assert_true(refused > 100);
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offset),         cmocka_unit_test(test_local),
        cmocka_unit_test(test_instant),        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_hours_of_month), cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused_names),  cmocka_unit_test(test_rule_strings),
        cmocka_unit_test(test_rule_kinds),     cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
