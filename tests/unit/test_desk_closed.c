/* The issue desk: what becomes of an issue that a person closed while its alarm went on.
 */
#include "tests/unit/desk_fixture.h"

static void level(struct plant *plant, enum severity severity, int64_t second)
{
    const struct plant_news news = {.kind = CHANGE_LEVEL,
                                    .rule = DRY_RUN,
                                    .equipment = PUMP_1,
                                    .standing = STANDING_ROOT,
                                    .severity = severity};

    plant_tell(plant, &news, second);
}

static void raise_and_close(struct plant *plant)
{
    const struct plant_news raised = {.kind = CHANGE_RAISED,
                                      .rule = DRY_RUN,
                                      .equipment = PUMP_1,
                                      .standing = STANDING_ROOT};

    plant_tell(plant, &raised, 100);
    level(plant, SEVERITY_MINOR, 105);
    plant_act(plant, "#1", ACTION_RESOLVE, 110);
    plant_act(plant, "#1", ACTION_CLOSE, 111);
}

/* It was minor then; that it is serious now is news. */
static void test_worse(void **state)
{
    struct plant *plant = *state;

    raise_and_close(plant);
    level(plant, SEVERITY_SERIOUS, 120);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
    assert_int_equal(plant_issue(plant, "#1").severity, SEVERITY_SERIOUS);
    plant_log(plant, "#1", "opened;level minor;resolve;close;recurred");
    plant_said(plant, "opened#1;recurred#1");
    plant_act(plant, "#1", ACTION_RESOLVE, 130);
    plant_act(plant, "#1", ACTION_CLOSE, 131);
    level(plant, SEVERITY_MINOR, 140); /* better, and as bad as they judged: no news */
    level(plant, SEVERITY_SERIOUS, 150);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_CLOSED);
    plant_said(plant, "opened#1;recurred#1");
}

static void test_worse_in_planned_work(void **state)
{
    struct plant *plant = *state;
    struct err err;

    raise_and_close(plant);
    (void)plant_permit(plant, "pump-1", 150, 4000);
    level(plant, SEVERITY_SERIOUS, 160);
    plant_said(plant, "opened#1");
    assert_int_equal(desk_permit_close(plant->desk, 1, "Wang", plant_at(170), &err), 0);
    plant_said(plant, "opened#1;opened#2");
    plant_return(plant, DRY_RUN, PUMP_1, 180);
    plant_said(plant, "opened#1;opened#2;returned#2");
}

static void test_worse_on_a_shelf(void **state)
{
    struct plant *plant = *state;
    struct err err;

    raise_and_close(plant);
    (void)plant_shelve(plant, DRY_RUN, PUMP_1, 150, 4000);
    level(plant, SEVERITY_SERIOUS, 160);
    plant_said(plant, "opened#1");
    assert_int_equal(desk_unshelve(plant->desk, 1, "Wang", plant_at(170), &err), 0);
    plant_said(plant, "opened#1;recurred#1");
}

/* ---- latched alarms ---- */

static size_t resets_of_restart(struct plant *plant, int64_t second)
{
    struct engine engine = plant_engine();

    plant_reopen(plant, second);
    plant_restore(plant, &engine, second);
    return engine.resets;
}

static void latch(struct plant *plant, int64_t second)
{
    struct alarm_change change =
        plant_change(plant, CHANGE_RETURNED, ENTRAPMENT, LIFT, second);

    change.alarm.state = ALARM_LATCHED;
    change.standing = STANDING_ROOT;
    plant_apply(plant, &change);
}

/* A kill between a person's word and the alarm that follows it. */
static void test_reset_and_a_kill(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, ENTRAPMENT, LIFT, 100);
    assert_int_equal(resets_of_restart(plant, 105), 0);
    latch(plant, 110);
    assert_int_equal(resets_of_restart(plant, 115), 0);
    plant_act(plant, "#1", ACTION_RESOLVE, 120);
    assert_int_equal(resets_of_restart(plant, 125), 1);
    plant_act(plant, "#1", ACTION_REOPEN, 130);
    assert_int_equal(resets_of_restart(plant, 135), 0);
}

/* Resolved while people were still in the lift: that resets nothing. */
static void test_resolved_too_early(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, ENTRAPMENT, LIFT, 100);
    plant_act(plant, "#1", ACTION_RESOLVE, 110);
    latch(plant, 120);
    assert_int_equal(resets_of_restart(plant, 125), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_worse),
        PLANT_TEST(test_worse_in_planned_work),
        PLANT_TEST(test_worse_on_a_shelf),
        PLANT_TEST(test_reset_and_a_kill),
        PLANT_TEST(test_resolved_too_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
