/* The life of an issue: every action in every status. */
#include "tests/unit/check.h"

#include "issues/issue.h"

/* One letter per status after the action: o open, a acknowledged, i in progress,
 * r resolved, c closed, R reopened, '-' refused; columns in the order of issue_status. */
static const struct {
    enum issue_action action;
    const char *after;
} life[] = {
    /*                     oaircR */
    {ACTION_OPENED, "------"},    {ACTION_ACKNOWLEDGE, "a----a"},
    {ACTION_START, "ii---i"},     {ACTION_RESOLVE, "rrr--r"},
    {ACTION_CLOSE, "---c--"},     {ACTION_REOPEN, "---RR-"},
    {ACTION_COMMENT, "oaircR"},   {ACTION_SEVERITY, "oair-R"},
    {ACTION_RETURNED, "oaircR"},  {ACTION_RECURRED, "ooiRRR"},
    {ACTION_NOTE, "oaircR"},      {ACTION_LEVEL, "oaircR"},
    {ACTION_SYMPTOM, "oaircR"},   {ACTION_ATTACHED, "cccccc"},
    {ACTION_WITHDRAWN, "cccccc"},
};

static void check_step(enum issue_status status, enum issue_action action, char want)
{
    static const char letters[] = "oaircR";
    struct err err = {0};
    enum issue_status next = ISSUE_STATUS_COUNT;
    int result = issue_next(status, action, &next, &err);
    const char *name = issue_action_name(action);

    if (want == '-') {
        check_case(name, result == -1 && next == ISSUE_STATUS_COUNT);
        check_case(name, err.kind == ERR_STATE);
        check_case(name, strstr(err.text, issue_status_name(status)) != NULL);
    } else {
        check_case(name, result == 0);
        check_case(name, letters[next] == want);
    }
}

static void test_life(void **state)
{
    (void)state;
    assert_int_equal(sizeof life / sizeof life[0], ACTION_COUNT);
    for (size_t i = 0; i < ACTION_COUNT; i++)
        for (int s = 0; s < ISSUE_STATUS_COUNT; s++)
            check_step((enum issue_status)s, life[i].action, life[i].after[s]);
}

static void test_allowed(void **state)
{
    enum issue_action actions[ACTION_COUNT];
    struct err err;
    enum issue_status next;

    (void)state;
    assert_int_equal(issue_allowed(ISSUE_OPEN, actions), 5);
    assert_int_equal(actions[0], ACTION_ACKNOWLEDGE);
    assert_int_equal(issue_allowed(ISSUE_CLOSED, actions), 2);
    assert_int_equal(actions[0], ACTION_REOPEN);
    assert_int_equal(actions[1], ACTION_COMMENT);
    assert_int_equal(issue_next(ISSUE_CLOSED, ACTION_START, &next, &err), -1);
    assert_non_null(strstr(err.text, "allowed: reopen, comment"));
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < ISSUE_STATUS_COUNT; i++)
        assert_int_equal(issue_status_from_name(issue_status_name((enum issue_status)i)),
                         i);
    for (int i = 0; i < ACTION_COUNT; i++)
        assert_int_equal(issue_action_from_name(issue_action_name((enum issue_action)i)),
                         i);
    assert_int_equal(issue_status_from_name("shut"), -1);
    assert_int_equal(issue_action_from_name("delete"), -1);
    assert_true(issue_action_is_manual(ACTION_COMMENT));
    assert_false(issue_action_is_manual(ACTION_RECURRED));
    assert_false(issue_action_is_manual(ACTION_OPENED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
