/* The issue desk: a log that is too long for one answer, and names of issues. */
#include "tests/unit/desk_fixture.h"

#include "base/mem.h"

struct tally {
    int64_t visited;
    int64_t left_out;
    int64_t last; /* sequence */
    enum issue_action first;
};

static void count_event(void *context, const struct issue_event *event)
{
    struct tally *tally = context;

    if (tally->visited++ == 0)
        tally->first = event->action;
    assert_true(event->sequence > tally->last);
    tally->last = event->sequence;
    tally->left_out += event->left_out;
}

/* So many events of #1, in one turn. */
static void raise_and_return(struct plant *plant, size_t events)
{
    struct alarm_change *changes = mem_array(events, sizeof *changes);
    struct err err;

    for (size_t i = 0; i < events; i++) {
        plant->activation += i % 2 == 0 ? 1 : 0;
        changes[i] = plant_change(plant, i % 2 == 0 ? CHANGE_RAISED : CHANGE_RETURNED,
                                  DRY_RUN, PUMP_1, 100 + (int64_t)i);
    }
    if (desk_apply(plant->desk, changes, events, NULL, 0, plant_at(100000), &err) != 0)
        fail_msg("%s", err.text);
    mem_free(changes);
}

static struct tally read_log(struct plant *plant)
{
    struct tally tally = {0};
    struct err err;

    assert_int_equal(desk_events(plant->desk, "#1", count_event, &tally, &err), 0);
    return tally;
}

static void test_log_that_just_fits(void **state)
{
    struct plant *plant = *state;
    struct tally tally;

    raise_and_return(plant, DESK_EVENTS_SHOWN + 1);
    tally = read_log(plant);
    assert_int_equal(tally.visited, DESK_EVENTS_SHOWN + 1);
    assert_int_equal(tally.left_out, 0);
}

static void test_long_log(void **state)
{
    struct plant *plant = *state;
    struct tally tally;

    raise_and_return(plant, 3 * DESK_EVENTS_SHOWN);
    tally = read_log(plant);
    assert_int_equal(tally.first, ACTION_OPENED);
    assert_int_equal(tally.visited, DESK_EVENTS_SHOWN + 1);
    assert_int_equal(tally.left_out, 2 * DESK_EVENTS_SHOWN - 1);
    assert_int_equal(tally.last, 3 * DESK_EVENTS_SHOWN);
}

static void test_names(void **state)
{
    static const char *const names[] = {
        "#", "#1x", "# 1", "#+1", "#1 and #2", "#0x1", "##1", "#99999999999999999999"};
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err err = {0};

        check_case(names[i], desk_act(plant->desk, names[i], ACTION_ACKNOWLEDGE, "Li", "",
                                      plant_at(110), &err) == -1);
        check_case(names[i], err.kind == ERR_NOT_FOUND);
    }
    plant_act(plant, "#1", ACTION_ACKNOWLEDGE, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_log_that_just_fits),
        PLANT_TEST(test_long_log),
        PLANT_TEST(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
