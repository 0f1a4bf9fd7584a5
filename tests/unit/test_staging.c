/* test_staging.c - every shipped rule is staged (tests/sim/stages.c); here those that
 * need minutes, in test_staging_long.c those that look back for hours and days. */
#include "tests/unit/stages.h"

#include "base/text.h"
#include "tests/sim/town.h"

/* A rule without a stage, or that nothing in the demo has the points for, was forgotten.
 */
static void test_every_rule_has_a_stage(void **state)
{
    const struct town_options options = {
        .config = "plantsim/demo/facilityd.cfg",
        .start = stage_time("2026-11-24T09:00"),
    };
    struct err err = {0};
    struct town *town = town_new(&options, &err);
    size_t missing = 0;

    (void)state;
    if (town == NULL)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < town_config(town)->rule_count; i++) {
        const char *id = town_config(town)->rules[i].id;
        bool found = false;

        for (size_t k = 0; k < stage_count; k++)
            found = found || strcmp(stages[k].rule, id) == 0;
        if (!found)
            print_error("%s has no stage\n", id);
        missing += found ? 0 : 1;
    }
    town_free(town);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_rule_has_a_stage)};

    return cmocka_run_group_tests_name("rules", tests, NULL, NULL) +
           stages_run("staging", false);
}
