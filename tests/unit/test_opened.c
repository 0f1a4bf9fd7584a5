/* test_opened.c - raises out of what a desk wrote. */
#include "reports/opened.h"

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

static struct opened read_back(const struct plant *plant)
{
    static const char *const rules[] = {"pump.dry_run"};
    const struct opened_query query = {.path = plant->path,
                                       .model = plant->model,
                                       .rules = rules,
                                       .rule_count = 1,
                                       .from = plant_at(0),
                                       .to = plant_at(10000)};
    struct opened opened;
    struct err err;

    if (opened_read(&opened, &query, &err) != 0)
        fail_msg("%s", err.text);
    return opened;
}

static void expect(const struct raise *raise, int64_t raised_s, int64_t returned_s)
{
    assert_true(raise->raised.ns == plant_at(raised_s).ns);
    assert_true(raise->returned.ns == plant_at(returned_s).ns);
}

static void comes_and_goes(void **state)
{
    struct plant *plant = *state;
    struct opened opened;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_return(plant, DRY_RUN, PUMP_1, 150);
    plant_raise(plant, DRY_RUN, PUMP_1, 200); /* the same issue */
    plant_return(plant, DRY_RUN, PUMP_1, 260);
    opened = read_back(plant);
    assert_int_equal(opened.count, 2);
    assert_int_equal(opened.rules[0].issues, 1);
    expect(&opened.raises[0], 100, 150);
    expect(&opened.raises[1], 200, 260);
    opened_done(&opened);
}

/* The issue comes back because its alarm got worse: the alarm never went. */
static void worse_behind_a_closed_issue(void **state)
{
    struct plant *plant = *state;
    struct opened opened;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    level(plant, SEVERITY_MINOR, 105);
    plant_act(plant, "#1", ACTION_RESOLVE, 110);
    plant_act(plant, "#1", ACTION_CLOSE, 111);
    level(plant, SEVERITY_SERIOUS, 120);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
    plant_return(plant, DRY_RUN, PUMP_1, 200);
    opened = read_back(plant);
    assert_int_equal(opened.count, 1);
    expect(&opened.raises[0], 100, 200);
    opened_done(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(comes_and_goes),
        PLANT_TEST(worse_behind_a_closed_issue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
