/* The issue desk: what an alarm means to people. Symptoms and their causes, waiting,
 * levels, chattering, and what of it survives a restart. */
#include "tests/unit/desk_fixture.h"

static const struct plant_news outage_raised = {
    CHANGE_RAISED, OUTAGE, FEEDER, STANDING_ROOT, 0, 0, 0, false};

/* A change of the first pump's or second pump's alarm, as symptom of the outage. */
static void pump(struct plant *plant, enum change_kind kind, enum standing standing,
                 enum plant_equipment which, int64_t second)
{
    const struct plant_news news = {.kind = kind,
                                    .rule = DRY_RUN,
                                    .equipment = which,
                                    .standing = standing,
                                    .cause_rule = OUTAGE,
                                    .cause_equipment = FEEDER};

    plant_tell(plant, &news, second);
}

/* ---- waiting ---- */

static void test_waits(void **state)
{
    struct plant *plant = *state;
    struct alarm_change change;

    plant_online(plant, PUMP_1, true, 10);
    pump(plant, CHANGE_RAISED, STANDING_WAITING, PUMP_1, 100);
    assert_int_equal(plant_issues(plant), 0);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
    plant_restart(plant, 110);
    change = plant_change(plant, CHANGE_STANDING, DRY_RUN, PUMP_1, 120);
    change.standing = STANDING_ROOT;
    change.alarm.state = ALARM_ACTIVE;
    change.evidence = "{\"when\":\"later\"}";
    plant_apply(plant, &change);
    assert_int_equal(plant_issues(plant), 1);
    assert_string_equal(plant_issue(plant, "#1").evidence, "{\"when\":true}");
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    plant_said(plant, "opened#1");
    plant_log(plant, "#1", "opened");
    plant_apply(plant, &change); /* the same turn again */
    plant_log(plant, "#1", "opened");
}

/* A failure begins when it was raised, not when it was known to be one. */
static void test_failure_since_the_raise(void **state)
{
    struct plant *plant = *state;
    struct state_view view;

    plant_online(plant, PUMP_1, true, 10);
    plant_online(plant, PUMP_2, true, 10);
    pump(plant, CHANGE_RAISED, STANDING_WAITING, PUMP_1, 100);
    pump(plant, CHANGE_STANDING, STANDING_ROOT, PUMP_1, 130);
    desk_state(plant->desk, PUMP_1, &view);
    assert_true(view.since.ns == plant_at(100).ns);
    pump(plant, CHANGE_RAISED, STANDING_WAITING, PUMP_2, 200);
    plant_online(plant, PUMP_2, false, 210); /* recorded since: it stays */
    pump(plant, CHANGE_STANDING, STANDING_ROOT, PUMP_2, 230);
    desk_state(plant->desk, PUMP_2, &view);
    assert_true(view.since.ns == plant_at(210).ns);
}

static void test_returns_while_waiting(void **state)
{
    struct plant *plant = *state;

    pump(plant, CHANGE_RAISED, STANDING_WAITING, PUMP_1, 100);
    pump(plant, CHANGE_RETURNED, STANDING_NONE, PUMP_1, 110);
    assert_int_equal(plant_issues(plant), 0);
    plant_said(plant, "");
    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 200);
    plant_log(plant, "#1", "opened");
}

/* ---- symptoms ---- */

static void add_symptom(void *context, const struct symptom_view *symptom)
{
    char *list = context;
    size_t used = strlen(list);

    (void)snprintf(
        list + used, 1024 - used, "%s%s %s %s %lld-%lld#%lld", used == 0 ? "" : ";",
        symptom->rule, symptom->equipment, symptom->equipment_name,
        (long long)(symptom->since.ns / CLOCK_S - PLANT_START),
        symptom->until.ns == 0 ? 0LL
                               : (long long)(symptom->until.ns / CLOCK_S - PLANT_START),
        (long long)symptom->issue_number);
}

static void check_symptoms(struct plant *plant, const char *issue, const char *want)
{
    char list[1024] = "";
    struct err err = {0};

    if (desk_symptoms(plant->desk, issue, add_symptom, list, &err) != 0)
        fail_msg("%s", err.text);
    check_text(issue, list, want);
}

static void test_symptom(void **state)
{
    struct plant *plant = *state;
    struct alarm_view view;

    plant_online(plant, PUMP_1, true, 10);
    plant_tell(plant, &outage_raised, 100);
    pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, PUMP_1, 110);
    assert_int_equal(plant_issues(plant), 1);
    plant_log(plant, "#1", "opened;symptom pump.dry_run pump-1");
    check_symptoms(plant, "#1", "pump.dry_run pump-1 生活水泵1 110-0#0");
    assert_int_equal(plant_issue(plant, "#1").symptoms_active, 1);
    assert_int_equal(plant_state(plant, PUMP_1, "power"), STATE_EXTERNAL);
    plant_said(plant, "opened#1");
    assert_true(desk_alarm_view(plant->desk, "pump.dry_run", "pump-1", &view));
    assert_int_equal(view.standing, STANDING_SYMPTOM);
    assert_string_equal(view.cause_rule, "power.outage");
    assert_string_equal(view.cause_equipment, "feeder-1");
    assert_int_equal(view.cause_issue, 1);
    assert_string_equal(view.issue, "");
    pump(plant, CHANGE_RETURNED, STANDING_NONE, PUMP_1, 120);
    check_symptoms(plant, "#1", "pump.dry_run pump-1 生活水泵1 110-120#0");
    assert_int_equal(plant_issue(plant, "#1").symptoms, 1);
    assert_int_equal(plant_issue(plant, "#1").symptoms_active, 0);
    plant_said(plant, "opened#1");
}

/* What was opened before its cause was known becomes part of it. */
static void test_late_cause(void **state)
{
    struct plant *plant = *state;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    plant_tell(plant, &outage_raised, 160);
    assert_int_equal(plant_unclosed(plant), 2);
    pump(plant, CHANGE_STANDING, STANDING_SYMPTOM, PUMP_1, 160);
    assert_int_equal(plant_unclosed(plant), 1);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_CLOSED);
    assert_int_equal(plant_issue(plant, "#1").attached_to, 2);
    assert_int_equal(plant_state(plant, PUMP_1, "power"), STATE_EXTERNAL);
    plant_log(plant, "#1", "opened;attached #2");
    plant_log(plant, "#2", "opened;symptom pump.dry_run pump-1");
    check_symptoms(plant, "#2", "pump.dry_run pump-1 生活水泵1 160-0#1");
    pump(plant, CHANGE_RETURNED, STANDING_NONE, PUMP_1, 170);
    plant_log(plant, "#1", "opened;attached #2;returned");
    assert_false(plant_issue(plant, "#1").alarm_active);
    plant_said(plant, "opened#1;opened#2");
}

static size_t count_listed(struct plant *plant, bool with_attached)
{
    const struct issue_filter filter = {.status = -1,
                                        .severity = -1,
                                        .category = -1,
                                        .with_attached = with_attached,
                                        .limit = 10};
    struct seen_issue seen;
    struct err err;

    return (size_t)desk_list(plant->desk, &filter, see_issue, &seen, &err);
}

static void test_lists_hide_attached(void **state)
{
    struct plant *plant = *state;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    plant_tell(plant, &outage_raised, 160);
    pump(plant, CHANGE_STANDING, STANDING_SYMPTOM, PUMP_1, 160);
    assert_int_equal(count_listed(plant, false), 1);
    assert_int_equal(count_listed(plant, true), 2);
}

/* Its cause returned, a fresh reading proved it: it stands for itself, under its own
 * number when it has one. */
static void test_stands_for_itself(void **state)
{
    struct plant *plant = *state;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    plant_tell(plant, &outage_raised, 160);
    pump(plant, CHANGE_STANDING, STANDING_SYMPTOM, PUMP_1, 160);
    pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, PUMP_2, 161);
    plant_return(plant, OUTAGE, FEEDER, 200);
    pump(plant, CHANGE_STANDING, STANDING_REPROVE, PUMP_1, 200);
    pump(plant, CHANGE_STANDING, STANDING_REPROVE, PUMP_2, 200);
    assert_int_equal(plant_unclosed(plant), 1);
    pump(plant, CHANGE_STANDING, STANDING_ROOT, PUMP_1, 260);
    pump(plant, CHANGE_STANDING, STANDING_ROOT, PUMP_2, 260);
    plant_log(plant, "#1",
              "opened;attached #2;recurred stands for itself; was attached to #2");
    assert_int_equal(plant_issue(plant, "#1").attached_to, 0);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
    assert_true(plant_issue(plant, "#1").alarm_active);
    plant_log(plant, "#3", "opened");
    plant_said(plant, "opened#1;opened#2;returned#2;recurred#1;opened#3");
    assert_int_equal(plant_issue(plant, "#2").symptoms_active, 0);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
}

/* The cause itself waits: what it explains is kept until it opens. */
static void test_cause_without_issue(void **state)
{
    struct plant *plant = *state;
    struct plant_news outage = outage_raised;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 90);
    outage.standing = STANDING_WAITING;
    plant_tell(plant, &outage, 100);
    pump(plant, CHANGE_STANDING, STANDING_SYMPTOM, PUMP_1, 101);
    pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, PUMP_2, 102);
    assert_int_equal(plant_unclosed(plant), 1); /* nobody would know of it otherwise */
    plant_restart(plant, 110);
    outage.kind = CHANGE_STANDING;
    outage.standing = STANDING_ROOT;
    plant_tell(plant, &outage, 120);
    assert_int_equal(plant_unclosed(plant), 1);
    assert_int_equal(plant_issue(plant, "#1").attached_to, 2);
    assert_int_equal(plant_issue(plant, "#2").symptoms_active, 2);
    plant_log(plant, "#2", "opened;symptom pump.dry_run pump-1");
    plant_step(plant, 130);
    plant_log(plant, "#2", "opened;symptom pump.dry_run pump-1;symptom +1");
}

/* A cause that becomes a symptom itself takes along what hung on it. */
static void test_chain_collapses(void **state)
{
    struct plant *plant = *state;
    const struct plant_news lift = {
        CHANGE_RAISED, ENTRAPMENT, LIFT, STANDING_ROOT, 0, 0, 0, false};
    struct plant_news outage = outage_raised;

    plant_tell(plant, &outage, 100);
    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 101);
    pump(plant, CHANGE_STANDING, STANDING_SYMPTOM, PUMP_1, 102);
    plant_tell(plant, &lift, 110);
    outage.kind = CHANGE_STANDING;
    outage.standing = STANDING_SYMPTOM;
    outage.cause_rule = ENTRAPMENT;
    outage.cause_equipment = LIFT;
    plant_tell(plant, &outage, 110);
    assert_int_equal(plant_issue(plant, "#1").attached_to, 3);
    assert_int_equal(plant_issue(plant, "#2").attached_to, 3);
    assert_int_equal(plant_issue(plant, "#3").symptoms_active, 2);
    pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, PUMP_2, 120); /* of what is no head */
    assert_int_equal(plant_issue(plant, "#3").symptoms_active, 3);
}

/* Two hundred of them leave a log that people can read. */
static void test_many_symptoms(void **state)
{
    struct plant *plant = *state;

    plant_tell(plant, &outage_raised, 100);
    for (int i = 0; i < 100; i++) {
        enum plant_equipment which = i % 2 == 0 ? PUMP_1 : PUMP_2;

        pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, which, 101 + i);
        plant_step(plant, 101 + i);
        pump(plant, CHANGE_RETURNED, STANDING_NONE, which, 101 + i);
    }
    plant_step(plant, 300);
    assert_int_equal(plant_issue(plant, "#1").symptoms, 100);
    plant_log(plant, "#1",
              "opened;symptom pump.dry_run pump-1;symptom +1;symptom +60;symptom +38");
}

static void test_restored(void **state)
{
    struct plant *plant = *state;
    struct engine engine = plant_engine();

    plant_tell(plant, &outage_raised, 100);
    pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, PUMP_1, 110);
    plant_reopen(plant, 120);
    assert_int_equal(plant_state(plant, PUMP_1, "power"), STATE_EXTERNAL);
    engine.unknown_rule = "power.outage"; /* so that the other is the last one asked */
    plant_restore(plant, &engine, 120);
    assert_int_equal(engine.last_standing, STANDING_SYMPTOM);
    assert_string_equal(engine.last_cause, "power.outage feeder-1");
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_CLOSED);
    pump(plant, CHANGE_STANDING, STANDING_ROOT, PUMP_1, 130);
    assert_int_equal(plant_issue(plant, "#1").symptoms_active, 0);
    plant_log(plant, "#2", "opened");
}

/* A failed commit takes everything back. */
static void test_no_standing_issue_twice(void **state)
{
    struct plant *plant = *state;

    plant_tell(plant, &outage_raised, 100);
    pump(plant, CHANGE_RAISED, STANDING_SYMPTOM, PUMP_1, 110);
    pump(plant, CHANGE_STANDING, STANDING_SYMPTOM, PUMP_1, 110); /* again */
    assert_int_equal(plant_issue(plant, "#1").symptoms, 1);
}

/* Lost communication explains it: unknown, and neither failed nor external. */
static void test_comm_is_no_outage(void **state)
{
    struct plant *plant = *state;
    struct plant_news news = {CHANGE_RAISED, COMM_LOST, LINK, STANDING_ROOT, 0, 0, 0,
                              false};

    plant_tell(plant, &news, 100);
    plant_online(plant, PUMP_1, false, 101);
    news = (struct plant_news){CHANGE_RAISED, DRY_RUN, PUMP_1, STANDING_SYMPTOM,
                               COMM_LOST,     LINK,    0,      false};
    plant_tell(plant, &news, 102);
    assert_int_equal(plant_state(plant, PUMP_1, "comm"), STATE_UNKNOWN);
    news = (struct plant_news){CHANGE_RAISED, OUTAGE, FEEDER, STANDING_SYMPTOM,
                               COMM_LOST,     LINK,   0,      false};
    plant_tell(plant, &news, 103); /* a silent meter is no outage */
    assert_int_equal(plant_state(plant, PUMP_1, "comm"), STATE_UNKNOWN);
}

/* ---- levels ---- */

static void level(struct plant *plant, enum severity severity, int64_t second)
{
    const struct plant_news news = {.kind = CHANGE_LEVEL,
                                    .rule = DRY_RUN,
                                    .equipment = PUMP_1,
                                    .standing = STANDING_ROOT,
                                    .severity = severity};

    plant_tell(plant, &news, second);
}

static void check_severity(struct plant *plant, enum severity want)
{
    struct desk_counts counts;

    assert_int_equal(plant_issue(plant, "#1").severity, want);
    desk_counts(plant->desk, &counts);
    for (int i = 0; i < 3; i++)
        assert_int_equal(counts.by_severity[i], i == (int)want ? 1 : 0);
}

static void test_level(void **state)
{
    struct plant *plant = *state;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    level(plant, SEVERITY_SERIOUS, 110);
    check_severity(plant, SEVERITY_SERIOUS);
    level(plant, SEVERITY_SERIOUS, 111);
    level(plant, SEVERITY_MINOR, 120);
    check_severity(plant, SEVERITY_MINOR);
    plant_log(plant, "#1", "opened;level serious;level minor");
    plant_said(plant, "opened#1;worse#1");
}

/* What a person set is a floor. */
static void test_level_and_person(void **state)
{
    struct plant *plant = *state;
    struct err err;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    level(plant, SEVERITY_SERIOUS, 110);
    assert_int_equal(desk_act(plant->desk, "#1", ACTION_SEVERITY, "Li", "general",
                              plant_at(111), &err),
                     0);
    level(plant, SEVERITY_MINOR, 120);
    check_severity(plant, SEVERITY_GENERAL);
    level(plant, SEVERITY_SERIOUS, 130);
    check_severity(plant, SEVERITY_SERIOUS);
    level(plant, SEVERITY_MINOR, 140);
    check_severity(plant, SEVERITY_GENERAL);
    plant_restart(plant, 150);
    level(plant, SEVERITY_GENERAL, 160);
    check_severity(plant, SEVERITY_GENERAL);
    plant_said(plant, "opened#1;worse#1;worse#1");
}

/* A person who judged it harmless is not contradicted by each recurrence. */
static void test_level_on_recurrence(void **state)
{
    struct plant *plant = *state;
    struct err err;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    assert_int_equal(
        desk_act(plant->desk, "#1", ACTION_SEVERITY, "Li", "minor", plant_at(111), &err),
        0);
    pump(plant, CHANGE_RETURNED, STANDING_NONE, PUMP_1, 120);
    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 130);
    check_severity(plant, SEVERITY_MINOR);
}

static void test_acknowledgement_expires(void **state)
{
    struct plant *plant = *state;

    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 100);
    plant_act(plant, "#1", ACTION_ACKNOWLEDGE, 110);
    pump(plant, CHANGE_RETURNED, STANDING_NONE, PUMP_1, 120);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_ACKNOWLEDGED);
    pump(plant, CHANGE_RAISED, STANDING_ROOT, PUMP_1, 130);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_OPEN);
}

/* ---- chattering ---- */

static void chatter(struct plant *plant, enum change_kind kind, enum standing standing,
                    bool chatters, int64_t second)
{
    const struct plant_news news = {.kind = kind,
                                    .rule = DRY_RUN,
                                    .equipment = PUMP_1,
                                    .standing = standing,
                                    .chatters = chatters};

    plant_tell(plant, &news, second);
}

static void begin_to_chatter(struct plant *plant)
{
    chatter(plant, CHANGE_RAISED, STANDING_ROOT, false, 100);
    chatter(plant, CHANGE_RETURNED, STANDING_NONE, false, 110);
    chatter(plant, CHANGE_RAISED, STANDING_ROOT, false, 120);
    chatter(plant, CHANGE_RETURNED, STANDING_NONE, false, 130);
    chatter(plant, CHANGE_RAISED, STANDING_ROOT, true, 140);
    chatter(plant, CHANGE_CHATTERS, STANDING_ROOT, true, 140);
}

static void test_chatters(void **state)
{
    struct plant *plant = *state;
    struct seen_issue signal;

    begin_to_chatter(plant);
    assert_int_equal(plant_unclosed(plant), 1);
    signal = plant_issue(plant, "#2");
    assert_string_equal(signal.rule, "signal.chattering");
    assert_string_equal(signal.kind, "quality");
    assert_string_equal(signal.equipment, "pump-1");
    assert_string_equal(signal.title_zh, "信号不稳定：水泵干转");
    assert_int_equal(signal.severity, SEVERITY_MINOR);
    assert_int_equal(plant_issue(plant, "#1").attached_to, 2);
    for (int i = 0; i < 5; i++) {
        chatter(plant, CHANGE_RETURNED, STANDING_NONE, true, 150 + 10 * i);
        chatter(plant, CHANGE_RAISED, STANDING_ROOT, true, 155 + 10 * i);
    }
    plant_restart(plant, 250);
    chatter(plant, CHANGE_RETURNED, STANDING_NONE, true, 300);
    chatter(plant, CHANGE_RAISED, STANDING_ROOT, true, 310);
    chatter(plant, CHANGE_RETURNED, STANDING_NONE, true, 320);
    assert_int_equal(plant_issues(plant), 2);
    plant_said(plant, "opened#1;returned#1;recurred#1;returned#1;opened#2");
    chatter(plant, CHANGE_STEADY, STANDING_NONE, false, 2200);
    plant_log(plant, "#2",
              "opened pump.dry_run;symptom pump.dry_run pump-1;"
              "returned pump.dry_run: steady after 6 raises");
    assert_false(plant_issue(plant, "#2").alarm_active);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_CLOSED);
}

/* Steady and still there: now it is a fault like any other. */
static void test_steady_and_active(void **state)
{
    struct plant *plant = *state;

    begin_to_chatter(plant);
    chatter(plant, CHANGE_STEADY, STANDING_ROOT, false, 2200);
    assert_int_equal(plant_issue(plant, "#1").attached_to, 0);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
    assert_false(plant_issue(plant, "#2").alarm_active);
    plant_said(
        plant,
        "opened#1;returned#1;recurred#1;returned#1;opened#2;returned#2;recurred#1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_waits),
        PLANT_TEST(test_failure_since_the_raise),
        PLANT_TEST(test_returns_while_waiting),
        PLANT_TEST(test_symptom),
        PLANT_TEST(test_late_cause),
        PLANT_TEST(test_lists_hide_attached),
        PLANT_TEST(test_stands_for_itself),
        PLANT_TEST(test_cause_without_issue),
        PLANT_TEST(test_chain_collapses),
        PLANT_TEST(test_many_symptoms),
        PLANT_TEST(test_restored),
        PLANT_TEST(test_no_standing_issue_twice),
        PLANT_TEST(test_comm_is_no_outage),
        PLANT_TEST(test_level),
        PLANT_TEST(test_level_and_person),
        PLANT_TEST(test_level_on_recurrence),
        PLANT_TEST(test_acknowledgement_expires),
        PLANT_TEST(test_chatters),
        PLANT_TEST(test_steady_and_active),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
