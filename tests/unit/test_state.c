/* The state of an equipment from what is known about it. */
#include "tests/unit/check.h"

#include "issues/state.h"

static void test_derive(void **state)
{
    static const struct {
        const char *name;
        struct state_inputs inputs;
        enum equipment_state want;
    } cases[] = {
        {"all well", {0, 0, false, false, true}, STATE_UP},
        {"an alarm", {0, 2, false, false, true}, STATE_DEGRADED},
        {"a failure", {1, 0, false, false, true}, STATE_FAULT},
        {"failure and alarm", {1, 3, false, false, true}, STATE_FAULT},
        {"failure, unseen", {1, 0, false, false, false}, STATE_FAULT},
        {"failure in an outage", {1, 0, true, false, true}, STATE_FAULT},
        {"outage", {0, 0, true, false, true}, STATE_EXTERNAL},
        {"outage, unseen", {0, 0, true, false, false}, STATE_EXTERNAL},
        {"outage and alarm", {0, 1, true, false, true}, STATE_EXTERNAL},
        {"planned work", {0, 2, false, true, true}, STATE_PLANNED},
        {"planned work, unseen", {0, 0, false, true, false}, STATE_PLANNED},
        {"failure in planned work", {1, 0, false, true, true}, STATE_FAULT},
        {"outage in planned work", {0, 0, true, true, true}, STATE_EXTERNAL},
        {"unseen", {0, 0, false, false, false}, STATE_UNKNOWN},
        {"unseen with an alarm", {0, 1, false, false, false}, STATE_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].name, state_derive(&cases[i].inputs) == cases[i].want);
}

static void test_names(void **state)
{
    static const char *const names[] = {"up",      "degraded", "fault",
                                        "planned", "external", "unknown"};

    (void)state;
    for (int i = 0; i < STATE_COUNT; i++) {
        assert_string_equal(equipment_state_name((enum equipment_state)i), names[i]);
        assert_int_equal(equipment_state_from_name(names[i]), i);
    }
    assert_int_equal(equipment_state_from_name("broken"), -1);
    assert_int_equal(equipment_state_from_name(""), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_derive),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
