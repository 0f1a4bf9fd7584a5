/* test_functions_unknown.c - the tables of three-valued logic with every operator, the
 * reasons and marks that travel with a value, what is known whatever happens, and groups
 * with members that are missing. */
#include "tests/unit/reference_case.h"

#include "tests/unit/check.h"

#include <stdio.h>

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

/* At second 20: run true, door false, b of m-1 true, of m-2 false, of m-3 unknown; n 5,
 * d 0, x of the members 1, 5 and unknown; p stale, s offline, c out of range. */
#define READINGS                                                                         \
    "start=-50 run 20=true door 0=false n 20=5 d 0=0 m-1.x 20=1 m-2.x 20=5 m-1.b "       \
    "20=true "                                                                           \
    "m-2.b 20=false p -20=7 s 19=!offline c 20=!range "

static int start(void **state)
{
    (void)state;
    reference_case_open("Asia/Shanghai");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    reference_case_close();
    return 0;
}

/* The nine combinations of each operator, spelled by terms that are T, F and U. */
static void test_tables(void **state)
{
    static const char *const terms[] = {"run", "door", "unknown"};
    static const struct {
        const char *format;
        const char *results; /* TT TF TU FT FF FU UT UF UU */
    } tables[] = {
        {"%s and %s", "TFUFFFUFU"},
        {"%s or %s", "TTTTFUTUU"},
        {"not (%s and %s)", "FTUTTTUTU"},
        {"not %s or not %s", "FTUTTTUTU"},
        {"%s == %s", "TFUFTUUUU"},
        {"%s != %s", "FTUTFUUUU"},
        {"if(true, %s, %s)", "TTTFFFUUU"},
        {"if(false, %s, %s)", "TFUTFUTFU"},
        {"if(unknown, %s, %s)", "TUUUFUUUU"},
        {"if(%s, run, %s)", "TTTTFUTUU"},
        {"if(%s, %s, door)", "TFUFFFUFU"},
    };
    static const char *const wants[] = {"true", "false", "?config"};

    (void)state;
    for (size_t i = 0; i < COUNT(tables); i++) {
        for (size_t k = 0; k < 9; k++) {
            char letter = tables[i].results[k];
            char text[100];
            struct reference_case row = {tables[i].format, READINGS, text, 20, NULL};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            (void)snprintf(text, sizeof text, tables[i].format, terms[k / 3],
                           terms[k % 3]);
#pragma GCC diagnostic pop
            row.want = wants[letter == 'T' ? 0 : letter == 'F' ? 1 : 2];
            reference_case_check(&row, 1);
        }
    }
}

/* Nothing is computed from what is not known, whatever stands beside it. */
static void test_arithmetic(void **state)
{
    static const struct reference_case cases[] = {
        {"0 * unknown", READINGS, "0 * p", 20, "?stale"},
        {"unknown * 0", READINGS, "p * 0", 20, "?stale"},
        {"unknown - itself", READINGS, "p - p", 20, "?stale"},
        {"+", READINGS, "n + p", 20, "?stale"},
        {"/", READINGS, "p / n", 20, "?stale"},
        {"%", READINGS, "n % p", 20, "?stale"},
        {"-", READINGS, "-p", 20, "?stale"},
        {"x / 0", READINGS, "n / d", 20, "?div0"},
        {"0 / 0", READINGS, "d / d", 20, "?div0"},
        {"x % 0", READINGS, "n % d", 20, "?div0"},
        {"unknown / 0", READINGS, "p / d", 20, "?stale+div0"},
        {"0 / unknown", READINGS, "d / p", 20, "?stale"},
        {"too great for a double", READINGS, "n * 1e308 * 10", 20, "?range"},
        {"unknown < itself", READINGS, "p < p", 20, "?stale"},
        {"unknown == itself", READINGS, "not (p >= p and p <= p)", 20, "?stale"},
        {"<", READINGS, "n < p", 20, "?stale"},
        {">=", READINGS, "p >= n", 20, "?stale"},
        {"minof: it could be less", READINGS, "minof(n, p)", 20, "?stale"},
        {"maxof", READINGS, "maxof(p, n, 1e9)", 20, "?stale"},
        {"abs", READINGS, "abs(p)", 20, "?stale"},
        {"round", READINGS, "round(p)", 20, "?stale"},
        {"near", READINGS, "near(n, p, 1e9)", 20, "?stale"},
        {"near itself", READINGS, "near(p, p, 1)", 20, "?stale"},
        {"near by what is not known", READINGS, "near(n, n, p)", 20, "?stale"},
        {"near", READINGS, "near(n, n + 2, 2)", 20, "true"},
        {"not near", READINGS, "near(n, n + 2.1, 2)", 20, "false"},
        {"if chooses by a number", READINGS, "if(n > 3, n, p)", 20, "5"},
        {"if of what is not known", READINGS, "if(n < 3, n, p)", 20, "?stale"},
        {"both ways the same", READINGS, "if(p > 3, n, n)", 20, "5"},
        {"both ways unknown", READINGS, "if(p > 3, c, c)", 20, "?stale+range"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_reasons(void **state)
{
    static const struct reference_case cases[] = {
        {"stale", READINGS, "p > 1", 20, "?stale"},
        {"offline", READINGS, "s > 1", 20, "?comm"},
        {"out of range", READINGS, "c > 1", 20, "?range"},
        {"never heard", READINGS, "mode == 'normal'", 20, "?missing"},
        {"the union", READINGS, "p + s > c", 20, "?stale+comm+range"},
        {"of and", READINGS, "p > 1 and s > 1", 20, "?stale+comm"},
        {"of or", READINGS, "p > 1 or s > 1 or door", 20, "?stale+comm"},
        {"what decides alone is known", READINGS, "p > 1 or s > 1 or run", 20, "true"},
        {"written so", READINGS, "unknown or p > 1", 20, "?stale+config"},
        {"the marks of what decides", "n 0=~5 door 0=false run 0=true", "n > 1 and run",
         0, "true~"},
        {"uncertain, and so the sum", "n 0=~5 d 0=1", "n + d", 0, "6~"},
        {"a false that is certain", "n 0=~5 door 0=false", "n > 1 and door", 0, "false"},
        {"a true that is certain", "n 0=~5 run 0=true", "n > 1 or run", 0, "true"},
        {"an uncertain condition", "n 0=~5 d 0=1", "if(n > 1, d, 2)", 0, "1~"},
        {"an uncertain one that is not chosen", "n 0=~5 d 0=1", "if(d > 0, d, n)", 0,
         "1"},
        {"within a window", "n 0=5 10=~6 20=7", "max(n, 20s)", 20, "7~"},
        {"before the window", "n 0=~5 10=6 20=7", "max(n, 10s)", 20, "7"},
        {"in force at its left edge", "n 0=~5 15=6 20=7", "max(n, 10s)", 20, "7~"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_metadata(void **state)
{
    static const struct reference_case cases[] = {
        {"good", READINGS, "good(n) and good(run) and not good(p) and not good(s)", 20,
         "true"},
        {"uncertain is good", "n 0=~1", "good(n)", 5, "true"},
        {"bad", READINGS, "bad(s) and bad(c) and not bad(p) and not bad(n)", 20, "true"},
        {"never heard is not bad", READINGS, "bad(mode)", 20, "false"},
        {"stale", READINGS, "stale(p) and not stale(run) and not stale(n)", 20, "true"},
        {"never heard and stale", READINGS, "stale(mode)", 20, "true"},
        {"not yet stale", "p 0=1", "stale(p)", 15, "false"},
        {"stale", "p 0=1", "stale(p)", 15.000000001, "true"},
        {"age", "p 0=1", "age(p) / 1s", 33.5, "33.5"},
        {"age since the start", "start=-7", "age(p) / 1s", 3, "10"},
        {"age of the last good one", "p 0=1 5=!range 10=!range", "age(p) / 1s", 12, "12"},
        {"what broke off was not read", "n 0=1 10=!offline", "age(n) / 1s", 12, "12"},
        {"a late one does not make it older", "p 0=1 10=2 8@12=3", "age(p) / 1s", 13,
         "3"},
        {"nodata", "p 0=1", "nodata(p, 20s)", 20, "true"},
        {"not quite", "p 0=1", "nodata(p, 20s)", 19.999999999, "false"},
        {"a bad one is data", "p 0=1 10=!range", "nodata(p, 20s)", 20, "false"},
        {"up for too short", "start=0", "nodata(p, 20s)", 19, "?startup"},
        {"long enough", "start=0", "nodata(p, 20s)", 20, "true"},
        {"up for too short, but something came", "start=0 p 5=1", "nodata(p, 20s)", 10,
         "false"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_groups(void **state)
{
    static const struct reference_case cases[] = {
        {"two of three are enough", READINGS, "gsum('all', x)", 20, "6~"},
        {"mean of the known", READINGS, "gavg('all', x)", 20, "3~"},
        {"least", READINGS, "gmin('all', x)", 20, "1~"},
        {"greatest", READINGS, "gmax('all', x)", 20, "5~"},
        {"true ones", READINGS, "gcount('all', b)", 20, "1~"},
        {"size", READINGS, "gsize('all')", 20, "3"},
        {"one of three is not", "m-1.x 20=1", "gsum('all', x)", 20, "?missing"},
        {"with its reason", "m-1.x 20=1 m-2.x 19=!timeout m-3.x 0=1", "gavg('all', x)",
         20, "?stale+comm"},
        {"exactly min_cover", "min_cover=0.5 m-1.x 20=1", "gsum('pair', x)", 20, "1~"},
        {"less", "min_cover=0.51 m-1.x 20=1", "gsum('pair', x)", 20, "?missing"},
        {"all of them", "min_cover=1 m-1.x 20=1 m-2.x 20=2", "gsum('pair', x)", 20, "3"},
        {"an uncertain member", "m-1.x 20=1 m-2.x 20=~2", "gsum('pair', x)", 20, "3~"},
        {"without the equipment itself", "m-1.b 20=true", "gsize('with_me')", 20, "1"},
        {"nobody", "n 20=1", "gsize('nobody')", 20, "0"},
        {"a condition on members", READINGS, "gcount('all', x > 2)", 20, "1~"},
        {"an unknown condition on a member that decides", READINGS,
         "gcount('all', x > 2 or true)", 20, "3"},
        {"metadata of members is known", READINGS, "gcount('all', good(x))", 20, "2"},
        {"a window over members",
         "m-1.x 0=1 5=1 10=1 m-2.x 0=2 5=2 10=2 m-3.x 0=3 5=3 10=3",
         "gsum('all', avg(x, 10s))", 10, "6"},
        {"a window over members, one with a gap",
         "m-1.x 0=1 5=1 10=1 m-2.x 0=2 5=2 10=2 m-3.x 10=3", "gsum('all', avg(x, 10s))",
         10, "3~"},
        {"a counter over members", "m-1.v 0=990 5=995 10=5 m-2.v 0=1 5=2 10=3",
         "gsum('pair', used(v, 10s))", 10, "17"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

/* A group without members is a mistake of the configuration: were its sum 0, all the
 * water of a main without submeters would be lost. */
static void test_nobody(void **state)
{
    static const struct reference_case cases[] = {
        {"sum", "n 20=1", "gsum('nobody', x)", 20, "?config"},
        {"count", "n 20=1", "gcount('nobody', b)", 20, "0"},
        {"mean", "n 20=1", "gavg('nobody', x)", 20, "?config"},
        {"least", "n 20=1", "gmin('nobody', x)", 20, "?config"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),  cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_reasons), cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_nobody),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
