/* test_check.c - which expressions make sense, and what is said about the others. */
#include "rules/check.h"
#include "rules/functions.h"
#include "rules/parser.h"

#include "base/file.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

static struct plant plant;

static int start(void **state)
{
    struct equipment *pump;
    const struct equipment *others[2];

    (void)state;
    plant_start(&plant);
    pump = plant_add(&plant, "pump-1", "pump",
                     "run:b::5 flow:n:m3/h:5 volume:c:m3:60 starts:n::5 mode:e::5 "
                     "other:e::5 label:t hours:n:h:5 discharge:n:bar:5 suction:n:kPa:5 "
                     "load:n:kW:5 energy:c:kWh:60 odd:n:widgets:5");
    others[0] = plant_add(&plant, "feeder-1", "electricity_meter", "v_l1:n:V:5");
    plant_relate(&plant, pump, "power", others, 1);
    others[0] = plant_add(&plant, "meter-1", "water_meter", "volume:c:m3:60");
    others[1] = plant_add(&plant, "meter-2", "water_meter", "volume:c:m3:60");
    plant_relate(&plant, pump, "submeters", others, 2);
    plant_finish(&plant);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    plant_done(&plant);
    return 0;
}

struct seen {
    size_t count;
    struct diagnosis first;
};

static void keep(void *context, const struct diagnosis *diagnosis)
{
    struct seen *seen = context;

    if (seen->count++ == 0)
        seen->first = *diagnosis;
}

/* The first diagnosis of the expression on pump-1; count 0 when it is fine. */
static struct seen check(const char *text)
{
    static const struct param_settings params[] = {{.name = "flow_min", .value = 0.5}};
    struct rule_settings rule = {.id = "x", .params = NULL};
    struct param_settings copy = params[0];
    static const struct rule_settings rules[] = {{.id = "pump.dry_run"},
                                                 {.id = "power.outage"}};
    static const struct season_settings seasons[] = {{.name = "heating"}};
    struct calendar_settings calendar = {.seasons = seasons, .season_count = 1};
    struct check_scope scope = {.model = plant.model,
                                .example = model_equipment(plant.model, "pump-1"),
                                .rule = &rule,
                                .rules = rules,
                                .rule_count = 2,
                                .calendar = &calendar};
    struct seen seen = {0};
    struct diagnosis_sink sink = {keep, &seen, 0};
    struct ast *ast = parser_parse(text, &sink);

    rule.params = &copy;
    rule.param_count = 1;
    if (ast != NULL)
        check_case(text, check_rule(ast, &scope, &sink) == (sink.errors == 0));
    ast_free(ast);
    return seen;
}

static void test_good(void **state)
{
    static const char *const cases[] = {
        "run",
        "not run",
        "true",
        "unknown",
        "flow > 5",
        "flow + 1 < 2 * $flow_min",
        "held(run, 1m) and avg(flow, 1m) < $flow_min",
        "held(flow > 1 or run, 90s)",
        "mode == 'normal'",
        "'fire_return' != mode",
        "mode == other",
        "run == true",
        "run != link.online",
        "power.v_l1 < 10",
        "age(flow) > 5m",
        "age(flow) + 30s > 2 * 5m",
        "age(flow) / 2m > 1.5",
        "nodata(run, 3m) or not good(flow) or stale(mode) or bad(mode)",
        "used(volume, 1h) == 0",
        "rate(volume, 1h) * 3600 > 5",
        "rises(run, 1h) > 6 or falls(run, 1h) > 6",
        "rises(flow > 1, 1h) == 0",
        "count(mode, 10m) >= 3",
        "prev(flow) < prev(flow, 2)",
        "last(mode) == 'normal' and prev(mode, 3) != 'inspection'",
        "delta(flow, 30s) < -0.2",
        "min(flow, #5) > 1 and max(flow, 1h ago 24h) < 9",
        "maxof(flow, 1, 2, 3) > minof(flow, starts)",
        "maxof(5m, 10m) > age(flow)",
        "abs(flow) > 1 and round(flow, 1) > 2 and round(flow) == 2",
        "if(run, flow, 0) > 3",
        "if(run, true, flow > 1)",
        "near(flow, 5, 0.1)",
        "within('22:00', '05:00')",
        "starts == 5",
        "gsum('submeters', used(volume, 1h)) < used(volume, 1h)",
        "gcount('submeters', online) == gsize('submeters')",
        "gavg('power', v_l1) > 200 and gmin('power', v_l1) > gmax('power', v_l1) - 5",
        "if(unknown, flow, unknown) > 2",
        /* the rest of the table */
        "quality(flow) == 'bad' or reason(flow) != 'none' or reason(run) == 'timeout'",
        "quality(flow) != quality(load)",
        "raw(mode) == 'normal' and raw(flow) > 1",
        "mean(flow, 5m) + sum(flow, 5m) > 2 * stddev(flow, 5m) - coverage(flow, 1m)",
        "pctl(flow, 1h, 0.95) > pctl(flow, 1h ago 24h, $flow_min)",
        "slope(flow, 1h) > 0 and forecast(flow, 1h, 15m) > 3",
        "time_to(flow, 30m, 9) < 1h and time_true(flow > 1, 1h) > 5m",
        "changes(run, 1h) > 6 and ewma(flow, 10m) > 3",
        "baseline(flow, 1h, 4) < avg(flow, 1h) and zscore(flow, 15m, 12) > 4",
        "nights(flow, 1h, '22:00', '05:00', 7, 0.2) > $flow_min",
        "dow() <= 5 and workday() and not holiday() and season('heating')",
        "sqrt(flow) > clamp(flow, 0, 3) or inside(age(flow), 1s, 1m) or outside(flow, 0, "
        "9)",
        "active('pump.dry_run') or active('power.outage', 'power') or "
        "since('pump.dry_run') > 5m",
        "gcount('submeters', active('pump.dry_run')) > 0",
        "poisson_limit(flow, 0.01) < starts or blind()",
        /* units that fit, or are not known */
        "discharge > discharge - 2 * discharge and discharge * 100 > suction",
        "rate(energy, 1h) * 3600 > load or integral(load, 1h) < used(energy, 1h)",
        "used(volume, 1h) - gsum('submeters', used(volume, 1h)) > 0.05 * used(volume, "
        "1h)",
        "integral(flow, 1h) > used(volume, 1h)",
        "load / load > 0.5 and odd > flow and odd + 1 > load",
        "load * 1000 > power.v_l1 * starts",
        "round(discharge, 1) > discharge",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = check(cases[i]);

        if (seen.count != 0)
            fail_msg("'%s': %s %s (%s)", cases[i], seen.first.code, seen.first.text,
                     seen.first.hint);
    }
}

/* The expression, then what is said about it. */
static const struct {
    const char *text;
    const char *code;
    uint32_t offset;
    uint32_t length;
    const char *message;
    const char *hint;
} bad[] = {
    {"run == 1", "E306", 0, 8, "a boolean is not compared with a number", "write run"},
    {"flow > 1 and run == 0", "E306", 13, 8, "a boolean is not compared with a number",
     "write not run"},
    {"1 != run", "E306", 0, 8, "a boolean is not compared with a number",
     "write not run"},
    {"flw > 5", "E307", 0, 3, "pump \"pump-1\" has no point \"flw\"",
     "did you mean \"flow\"?"},
    {"flow_min > 5", "E307", 0, 8, "pump \"pump-1\" has no point \"flow_min\"",
     "a parameter is written $flow_min"},
    {"tortoise > 5", "E307", 0, 8, "pump \"pump-1\" has no point \"tortoise\"",
     "it has run, flow, volume, starts, mode, other, label, hours and 6 more"},
    {"power > 5", "E307", 0, 5, "pump \"pump-1\" has no point \"power\"",
     "a relation; name a point of it: power.run"},
    {"gsize > 5", "E307", 0, 5, "pump \"pump-1\" has no point \"gsize\"",
     "a function; give it arguments: gsize(...)"},
    {"power.v_l2 > 5", "E307", 0, 10,
     "electricity_meter \"feeder-1\" has no point \"v_l2\"", "did you mean \"v_l1\"?"},
    {"powr.v_l1 > 5", "E308", 0, 9, "pump \"pump-1\" has no relation \"powr\"",
     "did you mean \"power\"?"},
    {"upstream.v_l1 > 5", "E308", 0, 13, "pump \"pump-1\" has no relation \"upstream\"",
     "choose from power, submeters, link"},
    {"submeters.volume > 5", "E308", 0, 16,
     "the relation \"submeters\" is a list; only group functions take it",
     "as in gsum('submeters', ...)"},
    {"avrg(flow, 1m) > 5", "E304", 0, 4, "there is no function \"avrg\"",
     "did you mean \"avg\"?"},
    {"frobnicate(flow) > 5", "E304", 0, 10, "there is no function \"frobnicate\"", ""},
    {"avg(flow) > 5", "E305", 0, 3, "avg takes 2 arguments, not 1", "avg(point, window)"},
    {"maxof() > 5", "E305", 0, 5, "maxof takes 1 or more arguments, not 0",
     "maxof(value, ...)"},
    {"prev() > 5", "E305", 0, 4, "prev takes 1 or more arguments, not 0",
     "prev(point[, n])"},
    {"avg(flow, 5) > 5", "E305", 10, 1,
     "a window is wanted here, as in 5m, #10 or 1h ago 24h", "avg(point, window)"},
    {"avg(flow + 1, 5m) > 5", "E305", 4, 8, "the name of a point is wanted here",
     "avg(point, window)"},
    {"avg(run, 5m) > 5", "E305", 4, 3, "a point that is a number is wanted here",
     "avg(point, window)"},
    {"avg(flow, #2000) > 5", "E305", 10, 5,
     "a window of so many samples is not kept; give a time", "avg(point, window)"},
    {"held(flow, 5m)", "E305", 5, 4, "a condition is wanted here, this is a number",
     "held(condition, window)"},
    {"held(flow > 1, #5)", "E305", 15, 2,
     "over an expression the window is a plain duration", "held(condition, window)"},
    {"used(flow, 5m) > 1", "E305", 5, 4, "\"flow\" is not declared as a counter",
     "set counter = true in the profile, or use delta"},
    {"prev(flow, 17) > 1", "E305", 11, 2, "a whole number from 0 to 16 is wanted here",
     "prev(point[, n])"},
    {"round(flow, 0.5) > 1", "E305", 12, 3, "a whole number from 0 to 16 is wanted here",
     "round(value[, n])"},
    {"within('2:00', '05:00')", "E305", 7, 6,
     "a time of day is wanted here, as in '02:00'", "within('hh:mm', 'hh:mm')"},
    {"within('24:00', '05:00')", "E305", 7, 7,
     "a time of day is wanted here, as in '02:00'", "within('hh:mm', 'hh:mm')"},
    {"nodata(run, 5)", "E305", 12, 1,
     "a duration, as in 5m, is wanted here, this is a number", "nodata(point, duration)"},
    {"if(run, 1, 5m) > 1", "E305", 11, 2,
     "this is a duration, but the one before is a number", "if(condition, value, value)"},
    {"minof(run, flow) > 1", "E305", 6, 3,
     "a number or a duration is wanted here, this is a boolean", "minof(value, ...)"},
    {"gsum('submetrs', volume) > 1", "E308", 5, 10,
     "pump \"pump-1\" has no relation \"submetrs\", and there is no such group",
     "did you mean \"submeters\"?"},
    {"gsum('everything', volume) > 1", "E308", 5, 12,
     "pump \"pump-1\" has no relation \"everything\", and there is no such group",
     "choose from power, submeters, link"},
    {"gsum('submeters', gsum('power', v_l1)) > 1", "E305", 23, 7,
     "groups cannot be nested", "gsum('relation', value)"},
    {"gsum(submeters, volume) > 1", "E305", 5, 9,
     "the name of a relation or group is wanted here, in single quotes",
     "gsum('relation', value)"},
    {"flow > $flow_mn", "E309", 7, 8, "the parameter $flow_mn has no default",
     "did you mean \"flow_min\"?"},
    {"flow > $limit", "E309", 7, 6, "the parameter $limit has no default",
     "add params : { limit = ...; }; to the rule"},
    {"mode == 'normall'", "E310", 8, 9, "\"normall\" is no value of \"mode\"",
     "did you mean \"normal\"?"},
    {"mode != 'zzzzzzzzz'", "E310", 8, 11, "\"zzzzzzzzz\" is no value of \"mode\"",
     "its first value is 'normal'"},
    {"mode == 2", "E306", 5, 2, "\"==\" cannot compare an enum with a number",
     "compare an enum with a name, as in mode == 'normal'"},
    {"mode < 'normal'", "E306", 5, 1, "the values of an enum have no order",
     "use == or !="},
    {"flow == 'normal'", "E306", 5, 2, "\"==\" cannot compare a number with a string",
     "only enums are compared with strings"},
    {"age(flow) > 30", "E306", 10, 1, "\">\" cannot compare a duration with a number",
     "durations have a unit, as in 30s"},
    {"flow + 5m > 3", "E306", 5, 1, "\"+\" cannot join a number and a duration",
     "durations have a unit, as in 30s"},
    {"run + 1 > 3", "E306", 4, 1, "\"+\" cannot join a boolean and a number",
     "if(condition, 1, 0) makes a number of a condition"},
    {"run < true", "E306", 4, 1, "\"<\" cannot compare a boolean with a boolean", ""},
    {"-run", "E306", 0, 4, "a boolean has no negative", ""},
    {"flow", "E306", 0, 4, "a rule must be a condition, this is a number",
     "compare it with something: flow > ..."},
    {"mode and run", "E306", 0, 4,
     "both sides of \"and\" must be a condition, this is an enum",
     "compare it with a name: mode == 'normal'"},
    {"not flow", "E306", 4, 4,
     "what stands behind \"not\" must be a condition, this is a number",
     "compare it with something: flow > ..."},
    {"label == 'x'", "E306", 0, 5, "\"label\" is text; it is shown, rules cannot use it",
     ""},
    /* warnings */
    {"avg(flow, 5s) > 1", "W301", 10, 2, "the window is shorter than two polls",
     "\"flow\" is read every 5 s"},
    {"flow == 5", "W302", 5, 2, "measured values are hardly ever exactly equal",
     "use near(flow, 5, tolerance)"},
    {"avg(starts, 1m) != 0", "W302", 16, 2,
     "measured values are hardly ever exactly equal",
     "use near(avg(starts, 1m), 0, tolerance)"},
    {"starts == 0.5", "W302", 7, 2, "measured values are hardly ever exactly equal",
     "use near(starts, 0.5, tolerance)"},
    /* units */
    {"discharge + load > 1", "E320", 10, 1, "these measure different things",
     "discharge is bar, load is kW"},
    {"flow > load", "E320", 5, 1, "these measure different things",
     "flow is m3/h, load is kW"},
    {"maxof(flow, 0, load) > 1", "E320", 15, 4, "these measure different things",
     "maxof(flow, 0, load) is m3/h, load is kW"},
    {"slope(flow, 1h) > flow", "E320", 16, 1, "these measure different things",
     "slope(flow, 1h) is m3/h/h, flow is m3/h"},
    {"time_to(flow, 1h, load) < 1h", "E320", 18, 4, "these measure different things",
     "flow is m3/h, load is kW"},
    {"discharge > suction", "W316", 10, 1, "bar and kPa are not the same unit",
     "write suction * 0.01"},
    {"integral(load, 1h) - 1 > 3 * 1 + avg(load, 1h)", "E320", 23, 1,
     "these measure different things",
     "integral(load, 1h) - 1 is kWh, 3 * 1 + avg(load, 1h) is kW"},
    {"rate(energy, 1h) > load", "W316", 17, 1, "kWh/s and kW are not the same unit",
     "write load * 0.000277777778"},
    /* names and literals of other functions */
    {"active('pump.dry_rum')", "E318", 7, 14, "there is no rule \"pump.dry_rum\"",
     "did you mean \"pump.dry_run\"?"},
    {"active('pump.cavitates')", "E318", 7, 16, "there is no rule \"pump.cavitates\"",
     "choose from pump.dry_run"},
    {"active('nonsense')", "E318", 7, 10, "there is no rule \"nonsense\"",
     "facilityctl rules lists them"},
    {"active(pump)", "E305", 7, 4, "the id of a rule is wanted here, in single quotes",
     "active('rule'[, 'relation'])"},
    {"since('pump.dry_run', 'powr') > 1m", "E308", 22, 6,
     "pump \"pump-1\" has no relation \"powr\"", "did you mean \"power\"?"},
    {"since('pump.dry_run', 'submeters') > 1m", "E308", 22, 11,
     "the relation \"submeters\" does not lead to one equipment",
     "as in gcount('relation', active('rule')) > 0"},
    {"season('heeting')", "E319", 7, 9, "the calendar has no season \"heeting\"",
     "did you mean \"heating\"?"},
    {"pctl(flow, 1h, 1.5) > 1", "E305", 15, 3, "a number from 0 to 1 is wanted here",
     "pctl(point, window, share)"},
    {"baseline(flow, 1h, 13) > 1", "E305", 19, 2,
     "a number of weeks from 1 to 12 is wanted here", "baseline(point, window, n)"},
    {"baseline(flow, 8d, 3) > 1", "E305", 15, 2, "the window is at most a week here",
     "baseline(point, window, n)"},
    {"nights(flow, 1h, '02:00', '05:00', 32, 0) > 1", "E305", 35, 2,
     "a number of nights from 1 to 31 is wanted here",
     "nights(point, window, 'hh:mm', 'hh:mm', n, share)"},
    {"nights(flow, 4h, '02:00', '05:00', 7, 0) > 1", "E305", 13, 2,
     "the window is longer than the night",
     "nights(point, window, 'hh:mm', 'hh:mm', n, share)"},
    {"nights(flow, 1h ago 1d, '02:00', '05:00', 7, 0) > 1", "E305", 13, 9,
     "\"ago\" makes no sense here: it is about the last nights",
     "nights(point, window, 'hh:mm', 'hh:mm', n, share)"},
    {"ewma(flow, $flow_min) > 1", "E305", 11, 9,
     "a duration is wanted here, written out as in 30m", "ewma(point, duration)"},
    {"quality(flow) == 'god'", "E310", 17, 5, "\"god\" is no value of \"quality\"",
     "did you mean \"good\"?"},
    {"reason(flow)", "E306", 0, 12, "a rule must be a condition, this is an enum",
     "compare it with a name: reason(flow) == 'none'"},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct seen seen = check(bad[i].text);

        check_case(bad[i].text, seen.count > 0);
        check_text(bad[i].text, seen.first.code, bad[i].code);
        check_text(bad[i].text, seen.first.text, bad[i].message);
        check_text(bad[i].text, seen.first.hint, bad[i].hint);
        check_near(bad[i].text, seen.first.span.offset, bad[i].offset, 0);
        check_near(bad[i].text, seen.first.span.length, bad[i].length, 0);
        check_case(bad[i].text, seen.count == 1);
    }
}

/* Without an example every name will do, but not every shape. */
static void test_without_example(void **state)
{
    struct rule_settings rule = {.id = "x"};
    struct check_scope scope = {.model = plant.model, .rule = &rule};
    struct diagnosis_sink sink = {0};
    struct ast *good = parser_parse("avg(anything, 5m) > 1 and some.mode == 'x' and "
                                    "gsum('whoever', used(v, 1h)) > 1",
                                    &sink);
    struct ast *wrong = parser_parse("avg(anything) > 1", &sink);

    (void)state;
    assert_true(check_rule(good, &scope, &sink));
    assert_int_equal(sink.errors, 0);
    assert_false(check_rule(wrong, &scope, &sink));
    ast_free(good);
    ast_free(wrong);
}

/* The expression of a virtual point: its result, and no parameters. */
static void test_values(void **state)
{
    static const struct {
        const char *text;
        bool boolean;
        const char *message; /* "" = it is fine */
    } cases[] = {
        {"load / flow", false, ""},
        {"flow > 1 and run", true, ""},
        {"held(run, 1m)", true, ""},
        {"if(run, flow, 0)", false, ""},
        {"flow > 1", false, "a computed point must be a number, this is a boolean"},
        {"flow", true, "a boolean point must be a condition, this is a number"},
        {"age(flow)", false, "a computed point must be a number, this is a duration"},
        {"age(flow) / 1s", false, ""},
        {"mode", false, "a computed point must be a number, this is an enum"},
        {"flow * $k", false, "a computed point has no parameters"},
    };
    struct check_scope scope = {.model = plant.model,
                                .example = model_equipment(plant.model, "pump-1")};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        struct diagnosis_sink sink = {keep, &seen, 0};
        struct ast *ast = parser_parse(cases[i].text, &sink);

        check_case(cases[i].text, check_value(ast, &scope, cases[i].boolean, &sink) ==
                                      (cases[i].message[0] == '\0'));
        check_text(cases[i].text, seen.first.text, cases[i].message);
        ast_free(ast);
    }
}

/* What quality() and reason() can be is what telemetry/sample.h says. */
static void test_labels(void **state)
{
    const struct point *quality = function_labels(RESULT_QUALITY);
    const struct point *reason = function_labels(RESULT_REASON);

    (void)state;
    assert_int_equal(quality->label_count, QUALITY_BAD + 1);
    for (int i = 0; i <= QUALITY_BAD; i++)
        check_text("quality", quality->labels[i].name, quality_name((enum quality)i));
    assert_int_equal(reason->label_count, REASON_COUNT);
    for (size_t i = 0; i < REASON_COUNT; i++)
        check_text("reason", reason->labels[i].name,
                   reason_name((enum reason)reason->labels[i].code));
    assert_null(function_labels(RESULT_NUMBER));
}

/* The page for operators names every function there is. */
static void test_documented(void **state)
{
    size_t length;
    size_t count;
    char *page = file_read("docs/RULES.md", 1 << 20, &length, NULL);
    const struct function *rows = function_rows(&count);

    (void)state;
    assert_non_null(page);
    for (size_t i = 0; i < count; i++) {
        char call[40];

        (void)snprintf(call, sizeof call, "`%s(", rows[i].name);
        check_case(rows[i].name, strstr(page, call) != NULL);
        check_case(rows[i].name, rows[i].doc[0] != '\0');
    }
    mem_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_without_example),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_documented),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
