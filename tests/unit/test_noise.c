/* test_noise.c - who cries most, and which milder version is worth it. */
#include "reports/noise.h"

#include "base/mem.h"
#include "tests/unit/check.h"

enum {
    RAISES_MAX = 200,
};

static struct raise raises[RAISES_MAX];
static size_t count;

static struct wall_time at_s(double s)
{
    return (struct wall_time){INT64_C(1764000000) * CLOCK_S + (int64_t)(s * 1e9)};
}

static void add(uint32_t rule, uint32_t equipment, double told_s, double active_s)
{
    raises[count++] = (struct raise){
        .rule = rule,
        .equipment = equipment,
        .raised = at_s(told_s),
        .told = at_s(told_s),
        .returned = {active_s < 0 ? 0 : at_s(told_s + active_s).ns},
    };
}

static void ranking(void **unused)
{
    struct noise_rule *list;
    size_t noisy;

    (void)unused;
    count = 0;
    for (int i = 0; i < 5; i++)
        add(2, (uint32_t)i, i * 1000, 60);
    add(2, 3, 7000, 6000);
    add(2, 3, 20000, -1);
    add(0, 1, 0, 299);
    add(0, 1, 1000, 300);
    raises[count - 1].returned.ns += 1;
    add(1, 1, 0, 10);
    raises[count - 1].told.ns = 0; /* a symptom */
    list = noise_rank(raises, count, 3, at_s(30000), &noisy);
    assert_int_equal(noisy, 2);
    assert_int_equal(list[0].rule, 2);
    assert_int_equal(list[0].told, 7);
    assert_int_equal(list[0].shorts, 5);
    assert_int_equal(list[0].median_ms, 60000);
    assert_int_equal(list[0].loudest, 3);
    assert_int_equal(list[0].loudest_told, 3);
    assert_int_equal(list[1].rule, 0);
    assert_int_equal(list[1].shorts, 1);
    mem_free(list);
    assert_int_equal((list = noise_rank(NULL, 0, 3, at_s(0), &noisy)) != NULL, 1);
    assert_int_equal(noisy, 0);
    mem_free(list);
}

static bool has(const struct noise_version *versions, size_t n, const char *change)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(versions[i].change, change) == 0)
            return true;
    return false;
}

static void versions(void **unused)
{
    struct param_settings params[] = {{.name = "flow_min", .value = 0.5}};
    struct rule_settings rule = {.id = "pump.dry",
                                 .for_ms = 60000,
                                 .clear_for_ms = 0,
                                 .when = {.text = "flow < $flow_min"},
                                 .clear = {.text = ""},
                                 .params = params,
                                 .param_count = 1};
    struct noise_version list[NOISE_VERSIONS_MAX];
    size_t n = noise_versions(&rule, 0.0123, list);

    (void)unused;
    check_text("itself", list[0].change, "as it is");
    assert_true(list[0].tried.rule.for_ms == 60000);
    assert_false(has(list, n, "for = \"30s\"")); /* shorter is not milder */
    assert_true(has(list, n, "for = \"2m\""));
    assert_true(has(list, n, "clear_for = \"1m\""));
    assert_true(has(list, n, "deadband = 0.037"));
    assert_true(has(list, n, "flow_min = 0.55"));
    assert_true(has(list, n, "flow_min = 0.38"));
    for (size_t i = 0; i < n; i++) {
        check_text("stands for", list[i].tried.stands_for, "pump.dry");
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(list[i].id, list[k].id);
    }
    assert_true(params[0].value == 0.5);
    noise_versions_done(list, n);
    rule.clear.text = "flow > 2"; /* no dead band beside it */
    n = noise_versions(&rule, NAN, list);
    for (size_t i = 0; i < n; i++)
        assert_true(list[i].tried.rule.deadband == 0);
    noise_versions_done(list, n);
    rule.highly_managed = true; /* nobody is to be told of a fire later */
    n = noise_versions(&rule, NAN, list);
    assert_int_equal(n, 1);
    noise_versions_done(list, n);
}

/* Version 0 is the rule itself with ten short raises and a long one. */
static void fill(void)
{
    count = 0;
    for (int i = 0; i < 10; i++)
        add(0, 0, i * 1000, 120);
    add(0, 0, 20000, 3600);
}

static void verdicts(void **unused)
{
    struct noise_verdict all[NOISE_VERSIONS_MAX];
    struct noise_verdict best;

    (void)unused;
    fill();
    add(2, 0, 20300, 3300); /* 1 spares all and misses the long one, 2 spares ten */
    best = noise_judge(raises, count, 3, at_s(90000), all);
    assert_int_equal(best.version, 2);
    assert_int_equal(best.spared, 10);
    assert_int_equal(all[1].spared, 11);
    assert_int_equal(all[1].missed, 1);
    fill();
    for (uint32_t version = 1; version <= 2; version++) { /* the milder of two */
        add(version, 0, 20300, 3300);
        add(version, 0, 1000, 100);
    }
    assert_int_equal(noise_judge(raises, count, 3, at_s(90000), all).version, 1);
    fill();
    for (int i = 0; i < 10; i++) /* one of eleven is not worth it */
        add(1, 0, i == 9 ? 20000 : i * 1000, 120);
    assert_int_equal(noise_judge(raises, count, 2, at_s(90000), all).version, 0);
    fill();
    raises[3].severity = SEVERITY_SERIOUS; /* short, but must be told */
    add(1, 0, 20300, 3300);
    best = noise_judge(raises, count, 2, at_s(90000), all);
    assert_int_equal(best.version, 0);
    assert_int_equal(all[1].missed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranking),
        cmocka_unit_test(versions),
        cmocka_unit_test(verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
