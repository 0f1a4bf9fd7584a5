/* test_eval.c - what expressions come to: the tables of three-valued logic in full,
 * arithmetic, reasons and marks, and every function that needs no long history. */
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

#define S INT64_C(1000000000)

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];
static struct tz *tz;

/* Points: t and f are true and false, u was never heard of; five and zero are numbers,
 * q is 5 but uncertain, n is an unknown number; bad failed after being 7. */
static int start(void **state)
{
    const struct equipment *members[3];
    struct equipment *unit;
    struct err err;

    (void)state;
    plant_start(&plant);
    members[0] = plant_add(&plant, "m-1", "sensor", "x:n b:b");
    members[1] = plant_add(&plant, "m-2", "sensor", "x:n b:b");
    members[2] = plant_add(&plant, "m-3", "sensor", "x:n b:b");
    unit = plant_add(&plant, "unit", "sensor",
                     "t:b f:b u:b five:n zero:n q:n n:n bad:n::10 mode:e::10 big:n");
    plant_relate(&plant, unit, "all", members, 3);
    plant_param(&plant, unit, "own", 3);
    plant_finish(&plant);
    tz = tz_load("Asia/Shanghai", &err);
    assert_non_null(tz);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    tz_free(tz);
    plant_done(&plant);
    return 0;
}

static void put(const struct point *point, enum quality quality, enum reason reason,
                double value, int64_t time_ns)
{
    struct sample sample = {.point = point->index,
                            .quality = (uint8_t)quality,
                            .reason = (uint8_t)reason,
                            .value = value};

    (void)track_put(&tracks[point->index], &sample, time_ns, time_ns);
}

/* The readings of all points up to 100 s. */
static void fill(void)
{
    static const struct {
        const char *equipment;
        const char *point;
        double value;
    } rows[] = {
        {"unit", "t", 1},    {"unit", "f", 0},    {"unit", "five", 5},
        {"unit", "zero", 0}, {"unit", "mode", 2}, {"m-1", "x", 1},
        {"m-2", "x", 5},     {"m-1", "b", 1},     {"unit", "big", 1e308},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        put(plant_find(&plant, rows[i].equipment, rows[i].point), QUALITY_GOOD,
            REASON_NONE, rows[i].value, 95 * S);
    put(plant_find(&plant, "unit", "q"), QUALITY_UNCERTAIN, REASON_CLOCK, 5, 95 * S);
    put(plant_find(&plant, "unit", "bad"), QUALITY_GOOD, REASON_NONE, 7, 50 * S);
    put(plant_find(&plant, "unit", "bad"), QUALITY_BAD, REASON_TIMEOUT, 0, 96 * S);
}

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

struct outcome {
    struct value value;
    int64_t due_ns;
};

/* Evaluates "EXPR" at 100 s; 12:00:00 in Shanghai. */
static struct outcome run(const char *text)
{
    struct param_settings param = {.name = "limit", .value = 4};
    struct param_settings params[] = {param, {.name = "own", .value = 1}};
    struct rule_settings rule = {.id = "x", .params = params, .param_count = 2};
    const struct equipment *unit = model_equipment(plant.model, "unit");
    struct check_scope scope = {.model = plant.model, .example = unit, .rule = &rule};
    struct bind_scope bind = {.model = plant.model, .rule = &rule, .track = track_of};
    struct diagnosis_sink sink = {0};
    struct ast *ast = parser_parse(text, &sink);
    struct program *program;
    struct binding binding;
    struct wall_time noon;
    struct value stack[EVAL_STACK];
    struct eval eval = {
        .now_ns = 100 * S, .min_cover = 0.6, .stack = stack, .due_ns = INT64_MAX};
    struct outcome out;

    assert_true(wall_parse("2026-11-24T04:00:00Z", &noon));
    check_case(text, ast != NULL);
    check_case(text, check_rule(ast, &scope, &sink));
    program = program_new(ast->count);
    assert_int_equal(program_compile(program, ast, &sink), 0);
    for (size_t i = 0; i < plant.points; i++)
        track_init(&tracks[i], &plant.model->points[i]);
    bind_program(&binding, program, unit, &bind);
    for (size_t i = 0; i < plant.points; i++)
        track_seal(&tracks[i]);
    fill();
    eval.binding = &binding;
    eval.wall = noon;
    eval.tz = tz;
    out.value = eval_run(&eval, program, 0);
    out.due_ns = eval.due_ns;
    bind_done(&binding, program);
    program_free(program);
    ast_free(ast);
    for (size_t i = 0; i < plant.points; i++)
        track_done(&tracks[i]);
    return out;
}

static void test_logic(void **state)
{
    static const struct {
        const char *text;
        enum truth truth;
    } cases[] = {
        {"t and t", TRUTH_TRUE},
        {"t and f", TRUTH_FALSE},
        {"t and u", TRUTH_UNKNOWN},
        {"f and t", TRUTH_FALSE},
        {"f and f", TRUTH_FALSE},
        {"f and u", TRUTH_FALSE},
        {"u and t", TRUTH_UNKNOWN},
        {"u and f", TRUTH_FALSE},
        {"u and u", TRUTH_UNKNOWN},
        {"t or t", TRUTH_TRUE},
        {"t or f", TRUTH_TRUE},
        {"t or u", TRUTH_TRUE},
        {"f or t", TRUTH_TRUE},
        {"f or f", TRUTH_FALSE},
        {"f or u", TRUTH_UNKNOWN},
        {"u or t", TRUTH_TRUE},
        {"u or f", TRUTH_UNKNOWN},
        {"u or u", TRUTH_UNKNOWN},
        {"not t", TRUTH_FALSE},
        {"not f", TRUTH_TRUE},
        {"not u", TRUTH_UNKNOWN},
        {"unknown or t", TRUTH_TRUE},
        {"unknown and t", TRUTH_UNKNOWN},
        /* arithmetic and comparison with unknown */
        {"0 * n == 0", TRUTH_UNKNOWN},
        {"n - n == 0", TRUTH_UNKNOWN},
        {"n < 5", TRUTH_UNKNOWN},
        {"not (n < 5)", TRUTH_UNKNOWN},
        {"n != n", TRUTH_UNKNOWN},
        {"-n < 5", TRUTH_UNKNOWN},
        {"five / zero > 1", TRUTH_UNKNOWN},
        {"five % zero > 1", TRUTH_UNKNOWN},
        {"zero / zero > 1", TRUTH_UNKNOWN},
        {"u == t", TRUTH_UNKNOWN},
        /* if */
        {"if(t, five > 1, n > 1)", TRUTH_TRUE},
        {"if(f, n > 1, five > 9)", TRUTH_FALSE},
        {"if(t, n > 1, five > 9)", TRUTH_UNKNOWN},
        {"if(u, five > 1, five > 2)", TRUTH_TRUE},
        {"if(u, five > 1, five > 9)", TRUTH_UNKNOWN},
        {"if(u, n > 1, n > 1)", TRUTH_UNKNOWN},
        /* comparisons */
        {"five == 5 and five != 4 and five < 6 and five <= 5", TRUTH_TRUE},
        {"five > 4 and five >= 5", TRUTH_TRUE},
        {"five > 5 or five < 5 or five == 4", TRUTH_FALSE},
        {"mode == 'inspection'", TRUTH_TRUE},
        {"mode == 'normal'", TRUTH_FALSE},
        {"mode != 'normal'", TRUTH_TRUE},
        {"t == true and f != t", TRUTH_TRUE},
        {"five > $limit", TRUTH_TRUE},
        {"five > $own + 1 and five < $own + 3", TRUTH_TRUE}, /* its own 3, not 1 */
        /* metadata is never unknown */
        {"good(five) and good(q) and not good(n) and not good(bad)", TRUTH_TRUE},
        {"bad(bad) and not bad(five) and not bad(n)", TRUTH_TRUE},
        {"stale(bad) and not stale(mode)", TRUTH_TRUE},
        {"age(five) == 5s and age(bad) == 50s and age(n) == 100s", TRUTH_TRUE},
        {"nodata(n, 99s) and not nodata(bad, 5s) and nodata(bad, 4s)", TRUTH_TRUE},
        {"nodata(n, 101s)", TRUTH_UNKNOWN},
        /* groups: m-3 is unknown, two of three are enough */
        {"gsum('all', x) == 6 and gavg('all', x) == 3", TRUTH_TRUE},
        {"gmin('all', x) == 1 and gmax('all', x) == 5", TRUTH_TRUE},
        {"gsize('all') == 3 and gcount('all', x > 2) == 1", TRUTH_TRUE},
        {"gcount('all', b) == 1", TRUTH_UNKNOWN}, /* one of three known */
        {"gcount('all', good(x)) == 2", TRUTH_TRUE},
        /* noon */
        {"within('12:00', '13:00') and not within('11:00', '12:00')", TRUTH_TRUE},
        {"within('22:00', '12:01') and not within('22:00', '12:00')", TRUTH_TRUE},
        {"within('12:00', '12:00')", TRUTH_FALSE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome out = run(cases[i].text);

        check_near(cases[i].text, value_truth(out.value), cases[i].truth, 0);
    }
}

/* "near(EXPR, want, 1e-12)" would hide marks: numbers are compared through a window of
 * two conditions. */
static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"five + 2 * 3 - 1", 10},
        {"(five + 2) * 3", 21},
        {"-five + 1", -4},
        {"7 % 4 + -7 % 4", 0},
        {"five / 2", 2.5},
        {"abs(-five)", 5},
        {"round(2.5) + round(-2.5)", 0},
        {"round(1.2345, 2)", 1.23},
        {"round(1e300)", 1e300},
        {"minof(five, 3, 9)", 3},
        {"maxof(five, 3, 9)", 9},
        {"if(t, 1, 2) + if(f, 10, 20)", 21},
        {"if(near(five, 5.05, 0.1), 1, 0)", 1},
        {"if(near(five, 5.2, 0.1), 1, 0)", 0},
        {"1h30m / 1m", 90},
        {"500ms / 1s", 0.5},
        {"count(five, #1)", 1},
        {"last(five)", 5},
        {"sqrt(five + 4)", 3},
        {"clamp(five, 6, 9) + clamp(five, 1, 3) + clamp(five, 4, 6)", 14},
        {"if(inside(five, 5, 6) and not inside(five, 5.1, 6), 1, 0)", 1},
        {"if(outside(five, 5.1, 6) and not outside(five, 4, 5), 1, 0)", 1},
        {"raw(bad)", 7}, /* its last value, though it has failed since */
        {"dow()", 2},    /* 24 November 2026 is a Tuesday */
        /* the least count that comes by chance with less than 1 % (0.1 %) */
        {"poisson_limit(0.5, 0.01) + 100 * poisson_limit(0.5, 0.001)", 504},
        {"poisson_limit(1, 0.01) + 100 * poisson_limit(1, 0.001)", 605},
        {"poisson_limit(2, 0.01) + 100 * poisson_limit(2, 0.001)", 907},
        {"poisson_limit(3, 0.01) + 100 * poisson_limit(3, 0.001)", 1109},
        {"poisson_limit(5, 0.01) + 100 * poisson_limit(5, 0.001)", 1412},
        {"poisson_limit(8, 0.01) + 100 * poisson_limit(8, 0.001)", 1916},
        {"poisson_limit(12, 0.01) + 100 * poisson_limit(12, 0.001)", 2522},
        {"poisson_limit(20, 0.01) + 100 * poisson_limit(20, 0.001)", 3632},
        {"poisson_limit(0.25, 0.01) + 100 * poisson_limit(2.5, 0.01)", 803},
        {"poisson_limit(0, 0.01) + poisson_limit(10000, 0.01)", 10235},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];

        (void)snprintf(text, sizeof text, "abs((%s) - (%.17g)) < 1e-9", cases[i].text,
                       cases[i].want);
        check_near(cases[i].text, value_truth(run(text).value), TRUTH_TRUE, 0);
    }
}

static void test_reasons(void **state)
{
    static const struct {
        const char *text;
        uint32_t marks;
    } cases[] = {
        {"n > 1", WHY_STARTUP},
        {"bad > 1", WHY_COMM},
        {"bad > n", WHY_COMM | WHY_STARTUP},
        {"five / zero > 1", WHY_DIV0},
        {"n / zero > 1", WHY_STARTUP | WHY_DIV0},
        {"big * 10 > 1", WHY_RANGE},
        {"unknown", WHY_CONFIG},
        {"u or unknown", WHY_STARTUP | WHY_CONFIG},
        {"t or u", 0},
        {"q > 1", VALUE_UNCERTAIN},
        {"q > 1 and t", VALUE_UNCERTAIN},
        {"q > 9 and t", VALUE_UNCERTAIN},
        {"q > 9 and f", 0}, /* false for certain, whatever q is */
        {"q > 1 or t", 0},
        {"q + n > 1", VALUE_UNCERTAIN | WHY_STARTUP},
        {"if(q > 1, t, f)", VALUE_UNCERTAIN},
        {"gsum('all', x) > 1", VALUE_UNCERTAIN}, /* a member is missing */
        {"gsum('all', if(b, 1, 0)) > 1", VALUE_UNCERTAIN | WHY_STARTUP},
        {"avg(bad, 1m) > 1", WHY_COVERAGE | WHY_COMM},
        {"avg(five, 1m) > 1", WHY_COVERAGE}, /* on change, but heard of 5 s ago only */
        {"avg(five, 5m) > 1", WHY_STARTUP},
        {"held(t, 4s)", 0},
        {"prev(five) > 1", WHY_STARTUP},
        {"prev(bad) > 1", WHY_COMM},
        {"sqrt(-five) > 1", WHY_RANGE},
        {"clamp(five, 3, 1) > 1", WHY_CONFIG},
        {"raw(n) > 1", WHY_STARTUP},
        {"raw(q) > 1", VALUE_UNCERTAIN},
        {"poisson_limit(-five, 0.5) > 1", WHY_RANGE},
        {"poisson_limit(five, zero) > 1", WHY_RANGE},
        {"poisson_limit(5, 1) > 1", WHY_RANGE},
        {"pctl(five, #1, five) > 1", WHY_CONFIG},
        {"stddev(five, #1) > 1", WHY_COVERAGE}, /* one reading has no spread */
        {"slope(five, #1) > 1", WHY_COVERAGE},
        {"ewma(five, 4s) > 1", 0},
        {"ewma(five, 30s) > 1", WHY_COVERAGE}, /* heard of 5 s ago only */
        {"season('heating')", WHY_CONFIG},     /* there is no calendar */
        {"coverage(n, 1m) == 0", 0},
        {"quality(n) == 'bad' and reason(n) == 'startup'", 0},
        {"quality(bad) == 'bad' and reason(bad) == 'timeout'", 0},
        {"quality(q) == 'uncertain' and reason(q) == 'clock'", 0},
        {"quality(five) == 'good' and reason(five) == 'none'", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_near(cases[i].text, run(cases[i].text).value.marks, cases[i].marks, 0);
}

/* When the result may change although nothing comes, in ms from now. */
/* The state of other rules, as the engine fills it in. */
static void test_alarms(void **state)
{
    static const struct {
        const char *text;
        enum alarm_state state;
        bool missing; /* there is no such rule there */
        bool blind;
        double want;
    } cases[] = {
        {"active('x')", ALARM_NORMAL, false, false, 0},
        {"active('x')", ALARM_PENDING, false, false, 0},
        {"active('x')", ALARM_ACTIVE, false, false, 1},
        {"active('x')", ALARM_CLEARING, false, false, 1},
        {"active('x')", ALARM_LATCHED, false, false, 1},
        {"active('x')", ALARM_ACTIVE, true, false, 0},
        {"since('x') == 90s", ALARM_CLEARING, false, false, 1},
        {"since('x') < 1s", ALARM_PENDING, false, false, 1},
        {"since('x') < 1s", ALARM_ACTIVE, true, false, 1},
        {"blind()", ALARM_NORMAL, true, true, 1},
        {"not blind()", ALARM_NORMAL, true, false, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diagnosis_sink sink = {0};
        struct check_scope scope = {.model = plant.model};
        struct ast *ast = parser_parse(cases[i].text, &sink);
        struct program *program = program_new(ast->count);
        struct alarm alarm = {.state = cases[i].state, .since = {195 * S}};
        int64_t active_ns = 10 * S;
        struct alarm_ref ref = {cases[i].missing ? NULL : &alarm, &active_ns};
        struct binding binding = {.alarms = &ref};
        struct value stack[EVAL_STACK];
        struct eval eval = {.now_ns = 100 * S,
                            .wall = {200 * S},
                            .binding = &binding,
                            .stack = stack,
                            .blind = cases[i].blind};
        struct value value;

        check_case(cases[i].text, check_rule(ast, &scope, &sink));
        assert_int_equal(program_compile(program, ast, &sink), 0);
        assert_int_equal(program->blind, strstr(cases[i].text, "blind") != NULL);
        value = eval_run(&eval, program, 0);
        check_near(cases[i].text, value.number, cases[i].want, 0);
        check_near(cases[i].text, value.marks, 0, 0);
        program_free(program);
        ast_free(ast);
    }
}

static void test_due(void **state)
{
    static const struct {
        const char *text;
        double due_ms; /* -1: never */
    } cases[] = {
        {"five > 1", -1}, /* on change: no staleness */
        {"mode == 'normal'", 25000 + 1e-6},
        {"stale(mode)", 25000 + 1e-6},
        {"nodata(mode, 20s)", 15000},
        {"age(five) > 1m", 1000},
        {"within('12:30', '13:00')", 1800000},
        {"within('10:00', '11:30')", 22 * 3600000.0},
        {"avg(five, 1m) > 1", 1000},
        {"avg(five, 10m) > 1", 10000},
        {"avg(five, 2d) > 1", 60000},
        {"avg(n, 1m) > 1", -1}, /* nothing there to slide out */
        {"gcount('all', b) > 0 and nodata(n, 200s)", 100000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome out = run(cases[i].text);
        double due_ms =
            out.due_ns == INT64_MAX ? -1 : (double)(out.due_ns - 100 * S) / 1e6;

        check_near(cases[i].text, due_ms, cases[i].due_ms, 1e-9);
    }
}

/* Nesting that needs more values at once than the stack has is refused when compiling. */
static void test_stack(void **state)
{
    struct rule_settings rule = {.id = "x"};
    struct check_scope scope = {.model = plant.model, .rule = &rule};
    struct diagnosis_sink sink = {0};
    struct text text;
    struct ast *ast;
    struct program *program;

    (void)state;
    text_init(&text, AST_TEXT_MAX);
    for (int i = 0; i < 14; i++)
        text_add(&text, "maxof(1, 2, 3, 4, ");
    text_add(&text, "5");
    for (int i = 0; i < 14; i++)
        text_add(&text, ")");
    text_add(&text, " > 1");
    ast = parser_parse(text.data, &sink);
    assert_non_null(ast);
    assert_true(check_rule(ast, &scope, &sink));
    program = program_new(ast->count);
    assert_int_equal(program_compile(program, ast, &sink), -1);
    assert_int_equal(sink.errors, 1);
    program_free(program);
    ast_free(ast);
    text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logic),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_reasons), cmocka_unit_test(test_due),
        cmocka_unit_test(test_stack),   cmocka_unit_test(test_alarms),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
