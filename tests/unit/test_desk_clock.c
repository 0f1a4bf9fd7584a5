/* The issue desk: marks under a clock that is wrong, and times that no clock has. */
#include "tests/unit/desk_fixture.h"

enum {
    HOUR = 3600,
};

/* A clock that was set back by years does not withhold alarms for years. */
static void test_permit_and_clock(void **state)
{
    struct plant *plant = *state;

    plant_online(plant, PUMP_1, true, 10);
    (void)plant_permit(plant, "pump-1", 100, 100 + HOUR);
    plant_raise(plant, DRY_RUN, PUMP_1, 200);
    assert_int_equal(plant_issues(plant), 0);
    plant_step(plant, -40 * 24 * HOUR);
    assert_int_equal(plant_issues(plant), 1);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
}

/* Times at both ends of what a stamp can hold. */
static void test_permits_of_other_centuries(void **state)
{
    struct plant *plant = *state;
    static const struct {
        int64_t from_ns;
        int64_t until_ns;
        const char *says;
    } cases[] = {
        {0, INT64_MIN + 1, "future"},
        {INT64_MAX - 1, INT64_MIN + 1, "future"},
        {INT64_MAX - 1, INT64_MAX, "366 days"},
        {0, INT64_MAX, "31 days"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct permit_draft draft = {.equipment = "pump-1",
                                           .place = "",
                                           .class_name = "",
                                           .reason = "service",
                                           .holder = "Wang",
                                           .from = {cases[i].from_ns},
                                           .until = {cases[i].until_ns}};
        struct err err = {0};
        int64_t number;

        assert_int_equal(
            desk_permit(plant->desk, &draft, "Li", plant_at(100), &number, &err), -1);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("case %zu: '%s'", i, err.text);
    }
}

static void test_shelf_of_another_century(void **state)
{
    struct plant *plant = *state;
    const struct wall_time until = {INT64_MIN + 1};
    struct err err = {0};
    int64_t number;

    assert_int_equal(desk_shelve(plant->desk, "pump.dry_run", "pump-1", "Li", "x",
                                 plant_at(100), until, &number, &err),
                     -1);
    assert_non_null(strstr(err.text, "future"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_permit_and_clock),
        PLANT_TEST(test_permits_of_other_centuries),
        PLANT_TEST(test_shelf_of_another_century),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
