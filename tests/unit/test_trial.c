/* test_trial.c - test blocks of rules: the notation, the building, what is compared and
 * what is said when it differs. */
#include "rules/trial.h"
#include "rules/trial_series.h"

#include "base/mem.h"
#include "telemetry/sample.h"

#include "tests/unit/check.h"

#include <stdio.h>

/* ---- series ---- */

/* The first samples of a series in short: a value, '_' or !reason. */
static char *first_samples(const char *text, size_t count)
{
    struct trial_words words = {.count = 0};
    struct trial_series series;
    struct trial_cursor cursor = {0};
    struct err err = {0};
    size_t offset = 0;
    struct text out;

    text_init(&out, 4000);
    if (trial_series_read(&series, text, &words, &offset, &err) != 0) {
        text_addf(&out, "%zu: %s", offset, err.text);
        trial_words_done(&words);
        return text_take(&out);
    }
    for (size_t i = 0; i < count; i++) {
        struct trial_moment moment = trial_series_next(&series, &cursor);

        text_add(&out, i == 0 ? "" : " ");
        if (moment.what == TRIAL_NOTHING)
            text_add(&out, "_");
        else if (moment.what == TRIAL_BAD)
            text_addf(&out, "!%s", reason_name(moment.reason));
        else if (series.kind == POINT_ENUM)
            text_addf(&out, "%s", words.names[(size_t)moment.value]);
        else
            text_addf(&out, "%g%s", moment.value,
                      moment.reason == REASON_NONE ? "" : "?");
    }
    trial_series_done(&series);
    trial_words_done(&words);
    return text_take(&out);
}

static void test_series(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        const char *want;
    } cases[] = {
        {"3x2 0.1x2 _x2 4", 8, "3 3 0.1 0.1 _ _ 4 4"},
        {"  1   x2\n2\t", 4, "1 1 2 2"},
        {"0x3 5", 4, "0 0 0 5"},
        {"-1.5 .5 1e2 1e-1x2 7", 6, "-1.5 0.5 100 0.1 0.1 7"},
        {"2+0.5x4", 6, "2 2.5 3 3.5 3.5 3.5"},
        {"9-2x3 1", 5, "9 7 5 1 1"},
        {"-1-1x2", 3, "-1 -2 -2"},
        {"1e1+1x2", 2, "10 11"},
        {"true x2 false", 4, "1 1 0 0"},
        {"truex2 false", 3, "1 1 0"},
        {"normal x2 inspection normal", 4, "normal normal inspection normal"},
        {"maxx1 max", 2, "max max"},
        {"! !range !commx2 !jump", 6,
         "!not_available !range !timeout !timeout !jump !jump"},
        {"5 !clockx2 6", 4, "5 5? 5? 6"},
        {"1+1x3 !clock", 5, "1 2 3 3? 3?"},
        {"_", 2, "_ _"},
        {"_ x3 true", 4, "_ _ _ 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = first_samples(cases[i].text, cases[i].count);

        check_text(cases[i].text, got, cases[i].want);
        mem_free(got);
    }
}

static void test_series_errors(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* begins with */
    } cases[] = {
        {"", "0: it is empty"},
        {"   ", "0: it is empty"},
        {"3x0", "0: token 1 \"3x0\" (column 1): a count is"},
        {"3x1000001", "0: token 1 \"3x1000001\" (column 1): a count is"},
        {"3 x0", "2: token 2 \"x0\" (column 3): a count is"},
        {"x3", "0: token 1 \"x3\" (column 1): there is nothing in front"},
        {"1x2 x3", "4: token 2 \"x3\" (column 5): there is nothing in front"},
        {"1 2+1", "2: token 2 \"2+1\" (column 3): a ramp needs a count"},
        {"1 3z", "2: token 2 \"3z\" (column 3): not a number"},
        {"1.2.3", "0: token 1 \"1.2.3\" (column 1): not a number"},
        {"1 true", "2: token 2 \"true\" (column 3): numbers, true and false"},
        {"true on", "5: token 2 \"on\" (column 6): numbers, true and false"},
        {"1 !rage", "2: token 2 \"!rage\" (column 3): behind ! stands"},
        {"!clock", "0: token 1 \"!clock\" (column 1): it repeats the value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = first_samples(cases[i].text, 1);

        if (strncmp(got, cases[i].want, strlen(cases[i].want)) != 0)
            fail_msg("case '%s': got %s", cases[i].text, got);
        mem_free(got);
    }
}

/* ---- blocks ---- */

static struct param_settings flow_min = {.name = "flow_min", .value = 0.5};

static struct rule_settings rules[] = {
    {.id = "pump.dry_run",
     .class_name = "pump",
     .severity = SEVERITY_GENERAL,
     .when = {"held(run, 1m) and avg(flow, 1m) < $flow_min", {0}},
     .clear = {"not run or avg(flow, 1m) > 1.2 * $flow_min", {0}},
     .for_ms = 20000,
     .clear_for_ms = 60000,
     .min_cover = 0.6,
     .params = &flow_min,
     .param_count = 1},
    {.id = "lift.mode",
     .class_name = "elevator",
     .severity = SEVERITY_MINOR,
     .when = {"mode == 'inspection' and power.v_l1 < 100", {0}},
     .clear = {"mode != 'inspection' and power.v_l1 > 200", {0}},
     .min_cover = 0.6},
    {.id = "water.lost",
     .class_name = "water_meter",
     .severity = SEVERITY_MINOR,
     .when = {"used(volume, 1h) - gsum('submeters', used(volume, 1h)) > 1", {0}},
     .clear = {"used(volume, 1h) - gsum('submeters', used(volume, 1h)) < 0.5", {0}},
     .min_cover = 0.95},
    {.id = "unit.lost",
     .class_name = "*",
     .when = {"not online and link.online", {0}},
     .clear = {"online", {0}},
     .min_cover = 0.6},
    {.id = "link.down",
     .class_name = "link",
     .when = {"not online", {0}},
     .clear = {"online", {0}},
     .min_cover = 0.6},
    {.id = "pump.typo",
     .class_name = "pump",
     .when = {"ran", {0}},
     .clear = {"not ran", {0}},
     .min_cover = 0.6},
    {.id = "water.night",
     .class_name = "water_meter",
     .when = {"within('02:00', '05:00') and flow > 1", {0}},
     .clear = {"flow < 0.5", {0}},
     .min_cover = 0.6},
};

static const struct config config = {.rules = rules,
                                     .rule_count = sizeof rules / sizeof rules[0]};

enum {
    SERIES_MAX = 3,
    EQUIPMENT_MAX = 3,
    EXPECT_MAX = 5,
};

/* A block and what becomes of it. */
struct block {
    const char *name;
    const char *rule;
    int64_t step_ms;
    const char *start;
    struct test_equipment equipment[EQUIPMENT_MAX];
    size_t equipment_count;
    struct test_expect expect[EXPECT_MAX];
    size_t expect_count;
    double flow_min; /* 0: the rule's own */
    enum trial_verdict verdict;
    const char *says; /* a part of what is said; NULL: nothing */
};

#define SERIES(...)                                                                      \
    .series = (struct test_series[]){__VA_ARGS__},                                       \
    .series_count =                                                                      \
        sizeof((struct test_series[]){__VA_ARGS__}) / sizeof(struct test_series)

static const char *counters[] = {"volume"};

static void run_block(const struct block *block)
{
    struct param_settings param = {.name = "flow_min", .value = block->flow_min};
    const struct test_settings test = {
        .rule = block->rule,
        .name = block->name,
        .step_ms = block->step_ms,
        .start = block->start,
        .counters = counters,
        .counter_count = 1,
        .params = &param,
        .param_count = block->flow_min != 0,
        .equipment = (struct test_equipment *)(uintptr_t)block->equipment,
        .equipment_count = block->equipment_count,
        .expect = (struct test_expect *)(uintptr_t)block->expect,
        .expect_count = block->expect_count,
    };
    struct trial_result result;
    struct text why;

    text_init(&why, TRIAL_TEXT_MAX);
    result = trial_run(&config, &test, &why);
    if (result.verdict != block->verdict)
        fail_msg("case '%s': verdict %d\n%s", block->name, (int)result.verdict, why.data);
    if (block->says == NULL)
        check_text(block->name, why.data, "");
    else if (strstr(why.data, block->says) == NULL)
        fail_msg("case '%s': it says\n%s", block->name, why.data);
    text_done(&why);
}

static void test_blocks(void **state)
{
    const struct block cases[] = {
        {.name = "runs dry, then readings are missing",
         .rule = "pump.dry_run",
         .step_ms = 5000,
         .equipment = {{SERIES({.point = "run", .text = "true x66"},
                               {.point = "flow", .text = "3x12 0.1x30 _x12 3x12"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 60000, .state = "normal"},
                    {.at_ms = 160000, .state = "active", .level = "general"},
                    {.at_ms = 260000, .state = "active", .mark = "unknown"}},
         .expect_count = 3},
        {.name = "a parameter of the block",
         .rule = "pump.dry_run",
         .step_ms = 5000,
         .flow_min = 0.05,
         .equipment = {{SERIES({.point = "run", .text = "true"},
                               {.point = "flow", .text = "0.1"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 300000, .state = "normal", .mark = "known"}},
         .expect_count = 1},
        {.name = "a delay ends between samples",
         .rule = "pump.dry_run",
         .step_ms = 7000,
         .equipment = {{SERIES({.point = "run", .text = "true"},
                               {.point = "flow", .text = "0.1"})}},
         .equipment_count = 1,
         /* 36 s of cover, 20 s of delay: 56 s, no sample falls there */
         .expect = {{.at_ms = 55900, .state = "pending"},
                    {.at_ms = 56100, .state = "active"}},
         .expect_count = 2},
        {.name = "words of the rule, a relation",
         .rule = "lift.mode",
         .step_ms = 5000,
         .equipment = {{SERIES({.point = "mode", .text = "normal x3 inspection"})},
                       {.relation = "power",
                        .class_name = "electricity_meter",
                        SERIES({.point = "v_l1", .text = "230x6 0"})}},
         .equipment_count = 2,
         .expect = {{.at_ms = 25000, .state = "normal"},
                    {.at_ms = 30000, .state = "active", .level = "minor"}},
         .expect_count = 2},
        {.name = "a list of counters",
         .rule = "water.lost",
         .step_ms = 60000,
         .equipment = {{SERIES({.point = "volume", .text = "100+0.1x100"})},
                       {.relation = "submeters",
                        .list = true,
                        SERIES({.point = "volume", .text = "5+0.05x100"})},
                       {.relation = "submeters",
                        .list = true,
                        SERIES({.point = "volume", .text = "7"})}},
         .equipment_count = 3,
         .expect = {{.at_ms = 30 * 60000, .state = "normal", .mark = "unknown"},
                    {.at_ms = 62 * 60000, .state = "active"}},
         .expect_count = 2},
        {.name = "silent, and not the link",
         .rule = "unit.lost",
         .step_ms = 5000,
         .equipment = {{SERIES({.point = "online", .text = "truex3 false"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 14999, .state = "normal"},
                    {.at_ms = 15000, .state = "active"}},
         .expect_count = 2},
        {.name = "the link is silent as well",
         .rule = "unit.lost",
         .step_ms = 5000,
         .equipment = {{SERIES({.point = "online", .text = "truex3 false"})},
                       {.relation = "link",
                        SERIES({.point = "online", .text = "truex3 false"})}},
         .equipment_count = 2,
         .expect = {{.at_ms = 60000, .state = "normal", .mark = "known"}},
         .expect_count = 1},
        {.name = "a link",
         .rule = "link.down",
         .step_ms = 5000,
         .equipment = {{SERIES({.point = "online", .text = "truex3 falsex3 true"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 15000, .state = "active"},
                    {.at_ms = 30000, .state = "normal"}},
         .expect_count = 2},
        {.name = "the site's night",
         .rule = "water.night",
         .step_ms = 60000,
         .start = "2026-03-02T01:58",
         .equipment = {{SERIES({.point = "flow", .text = "2"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 119999, .state = "normal"},
                    {.at_ms = 120000, .state = "active"}},
         .expect_count = 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_block(&cases[i]);
}

/* What a failure looks like, word for word: it is what people read. */
static void test_explanation(void **state)
{
    const struct block block = {
        .name = "expects too much",
        .rule = "pump.dry_run",
        .step_ms = 5000,
        .equipment = {{SERIES({.point = "run", .text = "true"},
                              {.point = "flow", .text = "3x12 0.1x12 !range"})}},
        .equipment_count = 1,
        .expect = {{.at_ms = 130000, .state = "active", .level = "serious"}},
        .expect_count = 1,
        .verdict = TRIAL_FAILED,
        .says =
            "    at 2m10s expected active serious, got pending (since 1m52s, for 20s)\n"
            "      when     held(run, 1m) and avg(flow, 1m) < $flow_min  true\n"
            "                 held(run, 1m)                              true  "
            "coverage 100 %\n"
            "                 avg(flow, 1m) < $flow_min                  true\n"
            "                   avg(flow, 1m)                            0.1  "
            "coverage 100 %\n"
            "                   $flow_min                                0.5\n",
    };

    (void)state;
    run_block(&block);
}

static void test_unusable(void **state)
{
    const struct block cases[] = {
        {.name = "no such rule",
         .rule = "pump.wet_run",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "run", .text = "true"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 0, .state = "normal"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "    there is no rule \"pump.wet_run\"\n"},
        {.name = "a token",
         .rule = "pump.dry_run",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "run", .text = "true"},
                               {.point = "flow", .text = "3 4y"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 0, .state = "normal"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "    points.flow: token 2 \"4y\" (column 3): not a number"},
        {.name = "a point that the rule wants is not there",
         .rule = "pump.typo",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "run", .text = "true"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 0, .state = "normal"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "\"ran\""},
        {.name = "twice the same point",
         .rule = "pump.dry_run",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "run", .text = "true"},
                               {.point = "run", .text = "false"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 0, .state = "normal"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "two series for the point \"run\""},
        {.name = "backwards",
         .rule = "link.down",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "online", .text = "true"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 5, .state = "normal"}, {.at_ms = 4, .state = "normal"}},
         .expect_count = 2,
         .verdict = TRIAL_UNUSABLE,
         .says = "in the order of time"},
        {.name = "no such state",
         .rule = "link.down",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "online", .text = "true"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 5, .state = "raised"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "a state is normal, pending"},
        {.name = "no such time",
         .rule = "link.down",
         .step_ms = 1000,
         .start = "2026-03-02 01:00",
         .equipment = {{SERIES({.point = "online", .text = "true"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 5, .state = "normal"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "start is written"},
        {.name = "expects nothing",
         .rule = "link.down",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "online", .text = "true"})}},
         .equipment_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "it expects nothing"},
        {.name = "a whole number for online",
         .rule = "link.down",
         .step_ms = 1000,
         .equipment = {{SERIES({.point = "online", .text = "1"})}},
         .equipment_count = 1,
         .expect = {{.at_ms = 5, .state = "normal"}},
         .expect_count = 1,
         .verdict = TRIAL_UNUSABLE,
         .says = "true or false"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_block(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series),   cmocka_unit_test(test_series_errors),
        cmocka_unit_test(test_blocks),   cmocka_unit_test(test_explanation),
        cmocka_unit_test(test_unusable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
