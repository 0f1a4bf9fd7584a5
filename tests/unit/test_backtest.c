/* test_backtest.c - rules on a past that is written here: the raises, what belongs to the
 * plan, and that a try is what the engine would have said. */
#include "reports/backtest.h"
#include "reports/raise_list.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <math.h>
#include <stdio.h>

enum {
    PUMPS = 3,
    STEP_MS = 5000,
};

static struct plant plant;
static struct config_report *report;
static struct suppress_settings row;
static const char *row_targets[] = {"pump.*"};

static struct wall_time at_s(double s)
{
    struct wall_time noon;

    assert_true(wall_parse("2026-11-24T04:00:00Z", &noon));
    return (struct wall_time){noon.ns + (int64_t)(s * 1e9)};
}

static void set_up(void)
{
    struct equipment *meter;
    struct rule_settings *rule;

    report = config_report_new();
    plant_start(&plant);
    meter = plant_add(&plant, "meter-1", "electricity_meter", "v:n:V:5");
    for (int i = 0; i < PUMPS; i++) {
        char *id = mem_format("pump-%d", i);
        struct equipment *pump =
            plant_add(&plant, id, "pump", "run:b::5 flow:n:m3/h:5 dirt:n::5");

        plant_relate(&plant, pump, "power", (const struct equipment *[]){meter}, 1);
        mem_free(id);
    }
    plant_finish(&plant);
    rule = plant_rule(&plant, "pump.dry", "pump", "run and flow < 1", "flow > 2");
    rule->for_ms = 10000;
    rule->clear_for_ms = 10000;
    (void)plant_rule(&plant, "pump.dirty", "pump", "dirt > 5", "dirt < 4");
    (void)plant_rule(&plant, "pump.late", "pump", "since('pump.dry') > 1m", "");
    (void)plant_rule(&plant, "power.out", "electricity_meter", "v < 100", "v > 200");
    (void)plant_rule(&plant, "other", "electricity_meter", "v > 300", "");
    row = (struct suppress_settings){
        .by = "power.out", .via = "power", .targets = row_targets, .target_count = 1};
    plant.config.suppress = &row;
    plant.config.suppress_count = 1;
}

static void tear_down(void)
{
    plant_done(&plant);
    config_report_free(report);
}

/* What the world was at a second. */
typedef void world(double s, double *flow, double *volts);

struct trip {
    struct backtest *backtest;
    const struct raise *raises;
    size_t count;
};

static struct trip travel(const struct tried_rule *tried, size_t count, double from_s,
                          double to_s, world *what)
{
    struct backtest_settings settings = {
        .config = &plant.config,
        .tried = tried,
        .tried_count = count,
        .from = at_s(from_s),
        .to = at_s(to_s),
        .oldest = at_s(-3600),
    };
    struct trip trip = {.backtest = backtest_new(&settings, report)};
    struct sample samples[400];

    assert_non_null(trip.backtest);
    assert_true(backtest_begin(trip.backtest).ns <= at_s(from_s).ns);
    for (int64_t second = -3600; second < (int64_t)to_s; second += 5) {
        double s = (double)second;
        double flow = 10;
        double volts = 230;
        size_t n = 0;

        what(s, &flow, &volts);
        for (uint32_t i = 0; i < plant.points; i++) {
            const char *name = plant.model->points[i].name;
            struct sample sample = {.point = i, .value = 1, .time = at_s(s)};

            if (strcmp(name, "flow") == 0)
                sample.value = flow;
            if (strcmp(name, "v") == 0)
                sample.value = volts;
            if (backtest_wants(trip.backtest, i) && !isnan(sample.value))
                samples[n++] = sample;
        }
        backtest_put(trip.backtest, samples, n / 2);
        backtest_put(trip.backtest, samples + n / 2, n - n / 2);
    }
    backtest_finish(trip.backtest);
    trip.raises = backtest_raises(trip.backtest, &trip.count);
    assert_int_equal(backtest_lost(trip.backtest), 0);
    return trip;
}

static struct tried_rule rule_of(const char *id)
{
    for (size_t i = 0; i < plant.config.rule_count; i++)
        if (strcmp(plant.rules[i].id, id) == 0)
            return (struct tried_rule){plant.rules[i], plant.rules[i].id};
    fail();
    return (struct tried_rule){.stands_for = NULL};
}

static void two_dips(double s, double *flow, double *volts)
{
    (void)volts;
    if ((s >= 100 && s < 200) || (s >= 500 && s < 600))
        *flow = 0.2;
}

static void raises_and_returns(void **unused)
{
    struct tried_rule rule;
    struct trip trip;

    (void)unused;
    set_up();
    rule = rule_of("pump.dry");
    trip = travel(&rule, 1, 0, 1000, two_dips);
    assert_int_equal(backtest_instances(trip.backtest), PUMPS);
    assert_int_equal(trip.count, 2 * PUMPS);
    for (size_t i = 0; i < trip.count; i++) {
        const struct raise *raise = &trip.raises[i];
        double begin = i < PUMPS ? 100 : 500;

        assert_true(raise->raised.ns == at_s(begin + 10).ns);
        assert_true(raise->returned.ns == at_s(begin + 110).ns);
        assert_int_equal(raise->standing, STANDING_ROOT);
        /* It waits until the meter is seen in order after the beginning. */
        assert_true(raise->told.ns >= raise->raised.ns &&
                    raise->told.ns <= at_s(begin + 15).ns);
    }
    backtest_free(trip.backtest);
    tear_down();
}

static void what_was_before(void **unused)
{
    struct tried_rule rule;
    struct trip trip;

    (void)unused;
    set_up();
    rule = rule_of("pump.dry");
    trip = travel(&rule, 1, 150, 400, two_dips); /* begins in the middle */
    assert_int_equal(trip.count, PUMPS);
    assert_true(trip.raises[0].raised.ns == at_s(110).ns);
    backtest_free(trip.backtest);
    trip = travel(&rule, 1, 250, 550, two_dips); /* ends in the middle of the second */
    assert_int_equal(trip.count, PUMPS);
    assert_true(trip.raises[0].raised.ns == at_s(510).ns);
    assert_true(trip.raises[0].returned.ns == 0);
    backtest_free(trip.backtest);
    tear_down();
}

static void outage(double s, double *flow, double *volts)
{
    if (s >= 100 && s < 200) {
        *flow = 0;
        *volts = 0;
    }
}

/* The rule that explains comes along, other rules do not. */
static void symptoms(void **unused)
{
    struct backtest_plan plan;
    struct tried_rule rule;
    struct trip trip;

    (void)unused;
    set_up();
    rule = rule_of("pump.dry");
    backtest_plan_make(&plan, &plant.config, &rule, 1);
    assert_int_equal(plan.config.rule_count, 2);
    assert_string_equal(plan.config.rules[1].id, "power.out");
    backtest_plan_done(&plan);
    trip = travel(&rule, 1, 0, 1000, outage);
    assert_int_equal(trip.count, PUMPS);
    for (size_t i = 0; i < trip.count; i++) {
        assert_true(trip.raises[i].told.ns == 0);
        assert_int_equal(trip.raises[i].standing, STANDING_SYMPTOM);
        check_text("cause", trip.raises[i].cause_rule, "power.out");
        check_text("cause", trip.raises[i].cause_equipment, "meter-1");
    }
    backtest_free(trip.backtest);
    tear_down();
}

static void asked_rules(void **unused)
{
    struct backtest_plan plan;
    struct tried_rule rule;
    struct trip trip;

    (void)unused;
    set_up();
    rule = rule_of("pump.late");
    backtest_plan_make(&plan, &plant.config, &rule, 1);
    assert_int_equal(plan.config.rule_count, 3); /* itself, dry, power.out */
    backtest_plan_done(&plan);
    trip = travel(&rule, 1, 0, 1000, two_dips);
    assert_int_equal(trip.count, 2 * PUMPS);
    assert_true(trip.raises[0].raised.ns >= at_s(170).ns &&
                trip.raises[0].raised.ns <= at_s(176).ns);
    backtest_free(trip.backtest);
    tear_down();
}

/* Several versions in one go, on one pump only. */
static void versions(void **unused)
{
    struct tried_rule tried[3];
    bool only[PLANT_EQUIPMENT_MAX] = {false};
    size_t counts[3] = {0};
    struct trip trip;

    (void)unused;
    set_up();
    only[2] = true;
    for (size_t i = 0; i < 3; i++) {
        static const char *const ids[] = {"pump.dry", "v-1", "v-2"};
        static const int64_t delays_ms[] = {10000, 95000, 200000};

        tried[i] = rule_of("pump.dry");
        tried[i].rule.id = ids[i];
        tried[i].rule.for_ms = delays_ms[i];
        tried[i].rule.only = only;
    }
    trip = travel(tried, 3, 0, 1000, two_dips);
    for (size_t i = 0; i < trip.count; i++) {
        counts[trip.raises[i].rule]++;
        assert_int_equal(trip.raises[i].equipment, 2);
    }
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 2);
    assert_int_equal(counts[2], 0);
    backtest_free(trip.backtest);
    /* Shipped suppression speaks of the versions, too. */
    trip = travel(tried, 2, 0, 1000, outage);
    assert_int_equal(trip.count, 2);
    assert_int_equal(trip.raises[1].standing, STANDING_SYMPTOM);
    backtest_free(trip.backtest);
    tear_down();
}

static void comes_and_goes(double s, double *flow, double *volts)
{
    (void)volts;
    if (s >= 0 && s < 600 && (int64_t)s % 20 < 10)
        *flow = 0;
}

static void chattering(void **unused)
{
    struct tried_rule rule;
    struct trip trip;
    size_t told = 0;
    size_t began = 0;

    (void)unused;
    set_up();
    plant.rules[0].for_ms = 0;
    plant.rules[0].clear_for_ms = 0;
    plant.config.suppress_count = 0;
    rule = rule_of("pump.dry");
    trip = travel(&rule, 1, 0, 4000, comes_and_goes);
    for (size_t i = 0; i < trip.count; i++) {
        told += trip.raises[i].told.ns != 0 ? 1 : 0;
        began += trip.raises[i].chattering ? 1 : 0;
    }
    assert_int_equal(told, 3 * PUMPS);
    assert_true(trip.count > (size_t)25 * PUMPS);
    assert_true(began >= PUMPS);
    backtest_free(trip.backtest);
    tear_down();
}

static void latched(void **unused)
{
    struct tried_rule rule;
    struct trip trip;

    (void)unused;
    set_up();
    plant.rules[0].latch = true;
    rule = rule_of("pump.dry");
    trip = travel(&rule, 1, 0, 1000, two_dips);
    assert_int_equal(trip.count, 2 * PUMPS);
    assert_true(trip.raises[0].returned.ns == at_s(210).ns);
    backtest_free(trip.backtest);
    tear_down();
}

static void no_flow(double s, double *flow, double *volts)
{
    (void)volts;
    if (s >= 100 && s < 400)
        *flow = NAN; /* no reading */
}

static void never_any_flow(double s, double *flow, double *volts)
{
    (void)s;
    (void)volts;
    *flow = NAN;
}

/* A rule that knew nothing raises nothing, like one that is quiet. */
static void unknown(void **unused)
{
    struct tried_rule rule;
    struct backtest_unknown seen;
    struct trip trip;

    (void)unused;
    set_up();
    rule = rule_of("pump.dry");
    trip = travel(&rule, 1, 0, 1000, two_dips);
    seen = backtest_unknown(trip.backtest);
    assert_int_equal(seen.ms, 0);
    assert_int_equal(seen.always, 0);
    backtest_free(trip.backtest);
    trip = travel(&rule, 1, 0, 1000, no_flow); /* what was read last holds for a while */
    assert_int_equal(trip.count, 0);
    seen = backtest_unknown(trip.backtest);
    assert_true(seen.ms > (int64_t)PUMPS * 200 * 1000);
    assert_true(seen.ms < (int64_t)PUMPS * 300 * 1000);
    assert_int_equal(seen.always, 0);
    backtest_free(trip.backtest);
    trip = travel(&rule, 1, 0, 1000, never_any_flow);
    assert_int_equal(trip.count, 0);
    seen = backtest_unknown(trip.backtest);
    assert_int_equal(seen.ms, (int64_t)PUMPS * 1000 * 1000);
    assert_int_equal(seen.always, PUMPS);
    backtest_free(trip.backtest);
    tear_down();
}

static void broken(void **unused)
{
    struct tried_rule rule;
    struct backtest_settings settings = {
        .tried = &rule, .tried_count = 1, .from = at_s(0), .to = at_s(10)};

    (void)unused;
    set_up();
    settings.config = &plant.config;
    rule = rule_of("pump.dry");
    rule.rule.when.text = "flow <";
    assert_null(backtest_new(&settings, report));
    assert_true(config_report_errors(report) > 0);
    tear_down();
}

/* ---- lists ---- */

static struct raise raise_of(uint32_t equipment, double told_s, double returned_s)
{
    struct raise raise = {.equipment = equipment,
                          .raised = at_s(told_s),
                          .told = at_s(told_s),
                          .returned = at_s(returned_s)};

    if (returned_s < 0)
        raise.returned.ns = 0;
    return raise;
}

static void issues(void **unused)
{
    struct raise raises[] = {
        raise_of(1, 0, 60),       raise_of(1, 3600, 3660), raise_of(1, 3 * 86400, -1),
        raise_of(0, 10, 86400.0), raise_of(0, 20, 30),
    };
    size_t count;
    struct would_issue *list;

    (void)unused;
    raises[1].severity = SEVERITY_SERIOUS;
    raises[4].told.ns = 0; /* a symptom */
    list = raise_issues(raises, 5, at_s(3 * 86400 + 100), &count);
    assert_int_equal(count, 3);
    assert_int_equal(list[0].equipment, 1);
    assert_int_equal(list[0].raises, 2);
    assert_int_equal(list[0].active_ms, 120000);
    assert_int_equal(list[0].severity, SEVERITY_SERIOUS);
    assert_true(list[0].returned.ns == at_s(3660).ns);
    assert_int_equal(list[1].equipment, 0);
    assert_int_equal(list[2].equipment, 1);
    assert_int_equal(list[2].active_ms, 100000);
    assert_true(list[2].returned.ns == 0);
    mem_free(list);
}

static void differences(void **unused)
{
    static const struct {
        const char *name;
        double old[3]; /* equipment, told, returned; equipment < 0: none */
        double new[3];
        int kinds[4];
    } cases[] = {
        {"the same", {0, 10, 50}, {0, 11, 50.5}, {1, 0, 0, 0}},
        {"earlier", {0, 10, 50}, {0, 5, 50}, {0, 1, 0, 0}},
        {"longer", {0, 10, 50}, {0, 10, 90}, {0, 1, 0, 0}},
        {"does not end", {0, 10, 50}, {0, 10, -1}, {0, 1, 0, 0}},
        {"both go on", {0, 10, -1}, {0, 10, -1}, {1, 0, 0, 0}},
        {"apart", {0, 10, 50}, {0, 60, 90}, {0, 0, 1, 1}},
        {"elsewhere", {0, 10, 50}, {1, 10, 50}, {0, 0, 1, 1}},
        {"gone", {0, 10, 50}, {-1, 0, 0}, {0, 0, 1, 0}},
        {"new", {-1, 0, 0}, {0, 10, 50}, {0, 0, 0, 1}},
    };

    (void)unused;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double *o = cases[c].old;
        const double *n = cases[c].new;
        struct raise old = raise_of((uint32_t)(o[0] < 0 ? 0 : o[0]), o[1], o[2]);
        struct raise new = raise_of((uint32_t)(n[0] < 0 ? 0 : n[0]), n[1], n[2]);
        int kinds[4] = {0};
        size_t count;
        struct raise_pair *pairs =
            raise_compare(&old, o[0] < 0 ? 0 : 1, &new, n[0] < 0 ? 0 : 1, 2000, &count);

        for (size_t i = 0; i < count; i++)
            kinds[pairs[i].kind]++;
        check_case(cases[c].name, memcmp(kinds, cases[c].kinds, sizeof kinds) == 0);
        mem_free(pairs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raises_and_returns),
        cmocka_unit_test(what_was_before),
        cmocka_unit_test(symptoms),
        cmocka_unit_test(asked_rules),
        cmocka_unit_test(versions),
        cmocka_unit_test(chattering),
        cmocka_unit_test(latched),
        cmocka_unit_test(unknown),
        cmocka_unit_test(broken),
        cmocka_unit_test(issues),
        cmocka_unit_test(differences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
