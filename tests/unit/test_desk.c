/* The issue desk: issues from alarms, recurrence, people, lists, the feed, refusals of
 * the store and of the disk. States and restarts: test_desk_states.c. */
#include "tests/unit/desk_fixture.h"

#include "base/db.h"

#include <signal.h>
#include <sys/resource.h>

/* The events of an issue as words: "opened returned recurred". */
static void add_event_name(void *context, const struct issue_event *event)
{
    char *names = context;
    size_t used = strlen(names);

    (void)snprintf(names + used, 256 - used, "%s%s", used == 0 ? "" : " ",
                   issue_action_name(event->action));
}

static void check_events(struct plant *plant, const char *name, const char *want)
{
    char names[256] = "";
    struct err err = {0};

    if (desk_events(plant->desk, name, add_event_name, names, &err) != 0)
        fail_msg("%s", err.text);
    check_text(name, names, want);
}

static int64_t count_issues(struct plant *plant)
{
    struct desk_counts counts;

    desk_counts(plant->desk, &counts);
    return counts.total;
}

static void test_opened(void **state)
{
    struct plant *plant = *state;
    struct seen_issue issue;
    struct desk_counts counts;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    issue = plant_issue(plant, "#1");
    assert_memory_equal(issue.id, "riverside-01K", 13);
    assert_int_equal(strlen(issue.id), 10 + 26);
    assert_int_equal(issue.status, ISSUE_OPEN);
    assert_int_equal(issue.severity, SEVERITY_GENERAL);
    assert_int_equal(issue.category, CATEGORY_FACILITIES);
    assert_string_equal(issue.kind, "fault");
    assert_string_equal(issue.source, "rule");
    assert_string_equal(issue.rule, "pump.dry_run");
    assert_string_equal(issue.equipment, "pump-1");
    assert_string_equal(issue.place, "Plant room B1");
    assert_string_equal(issue.title_zh, "水泵干转");
    assert_string_equal(issue.evidence, "{\"when\":true}");
    assert_true(issue.opened.ns == plant_at(100).ns);
    assert_true(issue.alarm_active);
    assert_int_equal(issue.returned.ns, 0);
    desk_counts(plant->desk, &counts);
    assert_int_equal(counts.unclosed, 1);
    assert_int_equal(counts.by_severity[SEVERITY_GENERAL], 1);
    assert_int_equal(counts.total, 1);
    assert_string_equal(plant_issue(plant, issue.id).id, issue.id);
    check_events(plant, issue.id, "opened");
}

/* The rule's later text does not change what an old issue says. */
static void test_keeps_its_text(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_rules[DRY_RUN].title_zh = "改名";
    plant_reopen(plant, 200);
    assert_string_equal(plant_issue(plant, "#1").title_zh, "水泵干转");
    plant_rules[DRY_RUN].title_zh = "水泵干转";
}

static void test_recurs(void **state)
{
    struct plant *plant = *state;
    struct seen_issue issue;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_return(plant, DRY_RUN, PUMP_1, 160);
    issue = plant_issue(plant, "#1");
    assert_false(issue.alarm_active);
    assert_true(issue.returned.ns == plant_at(160).ns);
    plant_raise(plant, DRY_RUN, PUMP_1, 900000); /* days later, but not closed */
    issue = plant_issue(plant, "#1");
    assert_true(issue.alarm_active);
    assert_int_equal(issue.returned.ns, 0);
    assert_int_equal(issue.recurrences, 1);
    assert_int_equal(issue.status, ISSUE_OPEN);
    assert_int_equal(count_issues(plant), 1);
    plant_raise(plant, DRY_RUN, PUMP_2, 900001); /* another pump is another issue */
    assert_int_equal(count_issues(plant), 2);
    check_events(plant, "#1", "opened returned recurred");
}

static void close_issue(struct plant *plant, const char *name, int64_t second)
{
    plant_act(plant, name, ACTION_RESOLVE, second);
    plant_act(plant, name, ACTION_CLOSE, second + 1);
}

static void test_comes_back_within_a_day(void **state)
{
    struct plant *plant = *state;
    struct desk_counts counts;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_return(plant, DRY_RUN, PUMP_1, 200);
    close_issue(plant, "#1", 300);
    desk_counts(plant->desk, &counts);
    assert_int_equal(counts.unclosed, 0);
    plant_raise(plant, DRY_RUN, PUMP_1, 200 + 86399);
    assert_int_equal(count_issues(plant), 1);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
    assert_int_equal(plant_issue(plant, "#1").recurrences, 1);
    desk_counts(plant->desk, &counts);
    assert_int_equal(counts.unclosed, 1);
    check_events(plant, "#1", "opened returned resolve close recurred");
}

static void test_new_after_a_day(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_return(plant, DRY_RUN, PUMP_1, 200);
    close_issue(plant, "#1", 300);
    plant_raise(plant, DRY_RUN, PUMP_1, 200 + 86400);
    assert_int_equal(count_issues(plant), 2);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_CLOSED);
    assert_int_equal(plant_issue(plant, "#2").status, ISSUE_OPEN);
    assert_true(strcmp(plant_issue(plant, "#1").id, plant_issue(plant, "#2").id) < 0);
}

/* Closed while the alarm is still there: its return is noted, its coming back reopens. */
static void test_closed_while_active(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    close_issue(plant, "#1", 200);
    assert_true(plant_issue(plant, "#1").alarm_active);
    plant_return(plant, DRY_RUN, PUMP_1, 300);
    assert_false(plant_issue(plant, "#1").alarm_active);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_CLOSED);
    plant_raise(plant, DRY_RUN, PUMP_1, 400);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
    check_events(plant, "#1", "opened resolve close returned recurred");
}

static void test_not_mended(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_act(plant, "#1", ACTION_START, 150);
    plant_return(plant, DRY_RUN, PUMP_1, 200);
    plant_act(plant, "#1", ACTION_RESOLVE, 250);
    plant_raise(plant, DRY_RUN, PUMP_1, 300);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_REOPENED);
}

/* A turn that was stored although it seemed to fail is handed over again. */
static void test_same_turn_twice(void **state)
{
    struct plant *plant = *state;
    struct alarm_change change;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    change = plant_change(plant, CHANGE_RAISED, DRY_RUN, PUMP_1, 100);
    plant_apply(plant, &change);
    check_events(plant, "#1", "opened");
    assert_int_equal(count_issues(plant), 1);
}

static void test_latched(void **state)
{
    struct plant *plant = *state;
    struct alarm_change change;

    plant_online(plant, PUMP_1, true, 50);
    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    change = plant_change(plant, CHANGE_RETURNED, DRY_RUN, PUMP_1, 200);
    change.alarm.state = ALARM_LATCHED;
    change.standing = STANDING_ROOT;
    plant_apply(plant, &change);
    assert_true(plant_issue(plant, "#1").alarm_active);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    change = plant_change(plant, CHANGE_PROGRESS, DRY_RUN, PUMP_1, 300);
    plant_apply(plant, &change); /* a person reset it */
    assert_false(plant_issue(plant, "#1").alarm_active);
    assert_true(plant_issue(plant, "#1").returned.ns == plant_at(200).ns);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
    check_events(plant, "#1", "opened returned note");
}

/* Raised and returned in one turn, together with the first answer. */
static void test_one_turn(void **state)
{
    struct plant *plant = *state;
    struct err err;
    struct alarm_change changes[2];
    struct online_change online = {PUMP_1, true, plant_at(90), false};

    plant->activation = 1;
    changes[0] = plant_change(plant, CHANGE_RAISED, DRY_RUN, PUMP_1, 100);
    changes[1] = plant_change(plant, CHANGE_RETURNED, DRY_RUN, PUMP_1, 110);
    assert_int_equal(desk_apply(plant->desk, changes, 2, &online, 1, plant_at(111), &err),
                     0);
    check_events(plant, "#1", "opened returned");
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
}

/* ---- people ---- */

static void test_life_by_hand(void **state)
{
    static const struct {
        const char *text;
        enum issue_action action;
        enum issue_status status;
    } steps[] = {
        {"", ACTION_ACKNOWLEDGE, ISSUE_ACKNOWLEDGED},
        {"等待备件", ACTION_COMMENT, ISSUE_ACKNOWLEDGED},
        {"", ACTION_START, ISSUE_IN_PROGRESS},
        {"serious", ACTION_SEVERITY, ISSUE_IN_PROGRESS},
        {"replaced the seal", ACTION_RESOLVE, ISSUE_RESOLVED},
        {"", ACTION_CLOSE, ISSUE_CLOSED},
        {"thanks", ACTION_COMMENT, ISSUE_CLOSED},
        {"drips again", ACTION_REOPEN, ISSUE_REOPENED},
    };
    struct plant *plant = *state;
    struct state_view view;
    struct err err;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int64_t second = 200 + (int64_t)i;

        check_case(issue_action_name(steps[i].action),
                   desk_act(plant->desk, "#1", steps[i].action, "Li Wei", steps[i].text,
                            plant_at(second), &err) == 0);
        check_case(issue_action_name(steps[i].action),
                   plant_issue(plant, "#1").status == steps[i].status);
        assert_true(plant_issue(plant, "#1").changed.ns == plant_at(second).ns);
    }
    assert_int_equal(plant_issue(plant, "#1").severity, SEVERITY_SERIOUS);
    desk_state(plant->desk, PUMP_1, &view);
    assert_int_equal(view.open_issues, 1);
    assert_int_equal(view.worst_severity, SEVERITY_SERIOUS);
    assert_int_equal(plant_issue(plant, "#1").recurrences, 0);
}

static void test_refused_actions(void **state)
{
    static char long_text[DESK_TEXT_MAX + 2];
    static const struct {
        const char *name;
        const char *issue;
        const char *actor;
        const char *text;
        enum issue_action action;
        enum err_kind kind;
    } cases[] = {
        {"no such issue", "#9", "Li", "x", ACTION_COMMENT, ERR_NOT_FOUND},
        {"no such id", "riverside-01", "Li", "x", ACTION_COMMENT, ERR_NOT_FOUND},
        {"not now", "#1", "Li", "", ACTION_CLOSE, ERR_STATE},
        {"reopen an open one", "#1", "Li", "", ACTION_REOPEN, ERR_STATE},
        {"empty comment", "#1", "Li", " \n", ACTION_COMMENT, ERR_INPUT},
        {"long comment", "#1", "Li", long_text, ACTION_COMMENT, ERR_INPUT},
        {"not UTF-8", "#1", "Li", "\xff", ACTION_COMMENT, ERR_INPUT},
        {"control character", "#1", "Li", "a\x1b[31m", ACTION_COMMENT, ERR_INPUT},
        {"no actor", "#1", "", "", ACTION_ACKNOWLEDGE, ERR_INPUT},
        {"actor of two lines", "#1", "Li\nWei", "", ACTION_ACKNOWLEDGE, ERR_INPUT},
        {"not for people", "#1", "Li", "", ACTION_RECURRED, ERR_INPUT},
        {"no severity", "#1", "Li", "terrible", ACTION_SEVERITY, ERR_INPUT},
        {"same severity", "#1", "Li", "general", ACTION_SEVERITY, ERR_STATE},
    };
    struct plant *plant = *state;

    memset(long_text, 'x', DESK_TEXT_MAX + 1);
    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};

        check_case(cases[i].name,
                   desk_act(plant->desk, cases[i].issue, cases[i].action, cases[i].actor,
                            cases[i].text, plant_at(200), &err) == -1);
        check_case(cases[i].name, err.kind == cases[i].kind);
    }
    check_events(plant, "#1", "opened");
}

/* An old issue cannot be reopened beside the open one of the same fault. */
static void test_reopen_beside_open(void **state)
{
    struct plant *plant = *state;
    struct err err = {0};

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_return(plant, DRY_RUN, PUMP_1, 200);
    close_issue(plant, "#1", 300);
    plant_raise(plant, DRY_RUN, PUMP_1, 200 + 86400);
    assert_int_equal(
        desk_act(plant->desk, "#1", ACTION_REOPEN, "Li", "", plant_at(100000), &err), -1);
    assert_int_equal(err.kind, ERR_STATE);
    assert_non_null(strstr(err.text, "#2"));
}

static void test_opened_by_hand(void **state)
{
    struct plant *plant = *state;
    struct issue_draft draft = {.equipment = "lift-1",
                                .place = "",
                                .title = "电梯异响",
                                .text = "Noise at floor 3",
                                .severity = SEVERITY_MINOR,
                                .category = CATEGORY_FACILITIES,
                                .source = "complaint"};
    char id[DESK_ID_SIZE];
    struct err err = {0};
    struct seen_issue issue;
    struct state_view view;

    assert_int_equal(
        desk_open_issue(plant->desk, &draft, "Front desk", plant_at(50), id, &err), 0);
    assert_int_equal(
        desk_open_issue(plant->desk, &draft, "Front desk", plant_at(50), id, &err), 0);
    issue = plant_issue(plant, id);
    assert_int_equal(issue.number, 2); /* by hand, two of the same may be open */
    assert_string_equal(issue.source, "complaint");
    assert_string_equal(issue.kind, "");
    assert_string_equal(issue.rule, "");
    assert_string_equal(issue.place, "Building 1/Unit 1");
    assert_string_equal(issue.title_zh, "电梯异响");
    assert_false(issue.alarm_active);
    desk_state(plant->desk, LIFT, &view);
    assert_int_equal(view.open_issues, 2);
    close_issue(plant, id, 60);
    plant_act(plant, id, ACTION_REOPEN, 70); /* no rule, no conflict */
}

static void test_refused_drafts(void **state)
{
    static char long_title[202];
    static const struct issue_draft good = {.equipment = "",
                                            .place = "Gate",
                                            .title = "t",
                                            .text = "",
                                            .severity = SEVERITY_MINOR,
                                            .category = CATEGORY_SECURITY,
                                            .source = "person"};
    struct plant *plant = *state;
    struct issue_draft drafts[6];
    char id[DESK_ID_SIZE] = "untouched";
    struct err err = {0};

    memset(long_title, 'x', 201);
    for (size_t i = 0; i < 6; i++)
        drafts[i] = good;
    drafts[0].title = "";
    drafts[1].title = long_title;
    drafts[2].source = "rule";
    drafts[3].severity = (enum severity)3;
    drafts[4].category = (enum category)5;
    drafts[5].equipment = "lift-9";
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(
            desk_open_issue(plant->desk, &drafts[i], "Li", plant_at(9), id, &err), -1);
        assert_int_equal(err.kind, i == 5 ? ERR_NOT_FOUND : ERR_INPUT);
    }
    assert_string_equal(id, "untouched");
    assert_int_equal(count_issues(plant), 0);
    assert_int_equal(desk_open_issue(plant->desk, &good, "Li", plant_at(9), id, &err), 0);
}

/* ---- lists ---- */

struct page {
    int64_t numbers[16];
    char last[DESK_ID_SIZE];
    size_t count;
};

static void add_to_page(void *context, const struct issue_view *issue)
{
    struct page *page = context;

    page->numbers[page->count++] = issue->number;
    (void)snprintf(page->last, sizeof page->last, "%s", issue->id);
}

/* Ten issues: 1 dry_run pump-1 (closed), 2 dry_run pump-2, 3 vibration pump-1, 4 outage,
 * 5..10 by hand, cleaning, at "Building 5" .. "Building 10". */
static void fill(struct plant *plant)
{
    struct issue_draft draft = {.equipment = "",
                                .title = "Dirt",
                                .text = "",
                                .severity = SEVERITY_MINOR,
                                .category = CATEGORY_CLEANING,
                                .source = "round"};
    char id[DESK_ID_SIZE];
    struct err err;

    plant_raise(plant, DRY_RUN, PUMP_1, 1);
    plant_raise(plant, DRY_RUN, PUMP_2, 2);
    plant_raise(plant, VIBRATION, PUMP_1, 3);
    plant_raise(plant, OUTAGE, FEEDER, 4);
    for (int i = 5; i <= 10; i++) {
        char place[32];

        (void)snprintf(place, sizeof place, "Building %d", i);
        draft.place = place;
        assert_int_equal(
            desk_open_issue(plant->desk, &draft, "Li", plant_at(i), id, &err), 0);
    }
    close_issue(plant, "#1", 20);
    plant_act(plant, "#7", ACTION_START, 30);
}

static void test_filters(void **state)
{
#define ANY .status = -1, .severity = -1, .category = -1, .limit = 16
    static const struct {
        const char *name;
        struct issue_filter filter;
        const char *want;
    } cases[] = {
        {"all", {ANY}, "10 9 8 7 6 5 4 3 2 1 "},
        {"first page",
         {.status = -1, .severity = -1, .category = -1, .limit = 3},
         "10 9 8 "},
        {"unclosed", {ANY, .only_unclosed = true}, "10 9 8 7 6 5 4 3 2 "},
        {"closed",
         {.status = ISSUE_CLOSED, .severity = -1, .category = -1, .limit = 9},
         "1 "},
        {"at work",
         {.status = ISSUE_IN_PROGRESS, .severity = -1, .category = -1, .limit = 9},
         "7 "},
        {"closed and unclosed",
         {.status = ISSUE_CLOSED,
          .severity = -1,
          .category = -1,
          .limit = 9,
          .only_unclosed = true},
         ""},
        {"serious",
         {.status = -1, .severity = SEVERITY_SERIOUS, .category = -1, .limit = 9},
         "4 "},
        {"cleaning, minor",
         {.status = -1,
          .severity = SEVERITY_MINOR,
          .category = CATEGORY_CLEANING,
          .limit = 2},
         "10 9 "},
        {"equipment", {ANY, .equipment = "pump-1"}, "3 1 "},
        {"rule", {ANY, .rule = "pump.dry_run"}, "2 1 "},
        {"rule and equipment",
         {ANY, .rule = "pump.dry_run", .equipment = "pump-2"},
         "2 "},
        {"by hand", {ANY, .rule = "", .only_unclosed = true}, "10 9 8 7 6 5 "},
        {"place", {ANY, .place = "Plant room"}, "4 3 2 1 "},
        {"place is no pattern", {ANY, .place = "B%"}, ""},
        {"hostile", {ANY, .equipment = "x' OR 1=1 --"}, ""},
    };
    struct plant *plant = *state;

    fill(plant);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct page page = {0};
        char got[64] = "";
        struct err err;
        int count = desk_list(plant->desk, &cases[i].filter, add_to_page, &page, &err);

        check_case(cases[i].name, count == (int)page.count);
        for (size_t n = 0; n < page.count; n++)
            (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%d ",
                           (int)page.numbers[n]);
        check_text(cases[i].name, got, cases[i].want);
    }
#undef ANY
}

static void test_paging(void **state)
{
    struct plant *plant = *state;
    struct issue_filter filter = {
        .status = -1, .severity = -1, .category = -1, .only_unclosed = true, .limit = 4};
    struct page page = {0};
    struct err err = {0};

    fill(plant);
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), 4);
    filter.after = page.last;
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), 4);
    assert_int_equal(page.numbers[4], 6);
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), 1);
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), 0);
    filter.after = "nothing";
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), -1);
    assert_int_equal(err.kind, ERR_INPUT);
    filter.after = NULL;
    filter.limit = DESK_LIST_MAX + 1;
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), -1);
    filter.limit = 0;
    assert_int_equal(desk_list(plant->desk, &filter, add_to_page, &page, &err), -1);
}

static void test_not_found(void **state)
{
    struct plant *plant = *state;
    struct seen_issue seen;
    char names[256] = "";
    struct err err = {0};

    assert_int_equal(desk_get(plant->desk, "riverside-0", see_issue, &seen, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(desk_get(plant->desk, "#1", see_issue, &seen, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(desk_events(plant->desk, "x", add_event_name, names, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

/* ---- the feed ---- */

static void test_feed(void **state)
{
    struct plant *plant = *state;
    uint64_t cursor = desk_feed_now(plant->desk);
    struct feed_event events[8];
    bool lost = true;

    assert_int_equal(desk_feed(plant->desk, &cursor, events, 8, &lost), 0);
    assert_false(lost);
    plant_online(plant, PUMP_1, true, 10);
    plant_raise(plant, DRY_RUN, PUMP_1, 20);
    assert_int_equal(desk_feed(plant->desk, &cursor, events, 1, &lost), 1);
    assert_int_equal(events[0].kind, FEED_STATE);
    assert_int_equal(events[0].state, STATE_UP);
    assert_int_equal(events[0].equipment, PUMP_1);
    assert_int_equal(desk_feed(plant->desk, &cursor, events, 8, &lost), 3);
    assert_int_equal(events[0].kind, FEED_ISSUE);
    assert_int_equal(events[0].action, ACTION_OPENED);
    assert_string_equal(events[0].rule, "pump.dry_run");
    assert_int_equal(events[1].kind, FEED_ANNOUNCE);
    assert_int_equal(events[1].announcement, 1);
    assert_int_equal(events[2].kind, FEED_STATE);
    assert_int_equal(events[2].state, STATE_FAULT);
    assert_string_equal(events[2].reason, "pump.dry_run");
    assert_string_equal(events[2].issue, events[0].issue);
    assert_int_equal(events[2].sequence, cursor);
    assert_int_equal(desk_feed(plant->desk, &cursor, events, 8, &lost), 0);
}

static void test_feed_lost(void **state)
{
    struct plant *plant = *state;
    static struct feed_event events[DESK_FEED_KEPT + 1];
    uint64_t cursor = desk_feed_now(plant->desk);
    uint64_t old = cursor;
    struct online_change online[100];
    struct err err;
    bool lost = false;

    for (int turn = 0; turn < 50; turn++) {
        for (int i = 0; i < 100; i++)
            online[i] = (struct online_change){PUMP_1, i % 2 == 0, plant_at(turn), false};
        assert_int_equal(
            desk_apply(plant->desk, NULL, 0, online, 100, plant_at(turn), &err), 0);
    }
    assert_int_equal(desk_feed(plant->desk, &cursor, events, DESK_FEED_KEPT + 1, &lost),
                     DESK_FEED_KEPT);
    assert_true(lost);
    assert_int_equal(cursor, desk_feed_now(plant->desk));
    cursor += 1000; /* from nowhere */
    (void)desk_feed(plant->desk, &cursor, events, 1, &lost);
    assert_true(lost);
    plant_reopen(plant, 100);
    (void)desk_feed(plant->desk, &old, events, 1, &lost); /* of the run before */
    assert_true(lost);
}

/* ---- what the store refuses ---- */

static int run_beside(const struct plant *plant, const char *sql, struct err *err)
{
    struct db *db = db_open(plant->path, DB_JOURNAL, err);
    int result;

    assert_non_null(db);
    result = db_run(db, sql, err);
    db_close(db);
    return result;
}

static void test_one_open_issue(void **state)
{
    static const char second[] =
        "INSERT INTO issue SELECT 99, 'riverside-x', 0, severity, category, kind, "
        "source, "
        "rule, equipment, equipment_name, class, place, title_en, title_zh, advice_en, "
        "advice_zh, evidence, opened, changed, returned, alarm_active, attached, "
        "severity_set FROM issue WHERE number = 1";
    struct plant *plant = *state;
    struct err err = {0};

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    assert_int_equal(run_beside(plant, second, &err), -1);
    assert_non_null(strstr(err.text, "UNIQUE"));
    close_issue(plant, "#1", 200);
    assert_int_equal(run_beside(plant, second, &err), 0); /* beside a closed one it may */
}

static void test_append_only(void **state)
{
    static const char *const statements[] = {
        "UPDATE event SET actor = 'me'",
        "DELETE FROM event",
        "UPDATE equipment_state SET state = 0",
        "DELETE FROM equipment_state",
        "DELETE FROM issue",
        "UPDATE announcement SET kind = 0",
        "DELETE FROM announcement",
        "DELETE FROM shelf",
        "UPDATE shelf SET until = 0",
        "DELETE FROM permit",
        "UPDATE permit SET until = 0",
    };
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    plant_mark_all(plant, 110);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        struct err err = {0};

        check_case(statements[i], run_beside(plant, statements[i], &err) == -1);
    }
}

/* ---- a disk that is full ---- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_full_disk(void **state)
{
    struct plant *plant = *state;
    struct alarm_change change;
    struct online_change online = {PUMP_1, true, plant_at(90), false};
    struct desk_counts counts;
    struct err err = {0};
    uint64_t feed = desk_feed_now(plant->desk);

    plant->activation = 1;
    change = plant_change(plant, CHANGE_RAISED, DRY_RUN, PUMP_1, 100);
    limit_files(512);
    assert_int_equal(desk_apply(plant->desk, &change, 1, &online, 1, plant_at(101), &err),
                     -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(plant_state(plant, PUMP_1, "startup"), STATE_UNKNOWN);
    desk_counts(plant->desk, &counts);
    assert_int_equal(counts.total, 0);
    assert_int_equal(counts.unclosed, 0);
    assert_int_equal(desk_feed_now(plant->desk), feed);
    assert_int_equal(desk_alive(plant->desk, plant_at(102), &err), -1);
    limit_files(0);
    /* The same turn again, as the pipeline does. */
    assert_int_equal(desk_apply(plant->desk, &change, 1, &online, 1, plant_at(103), &err),
                     0);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    check_events(plant, "#1", "opened");
    assert_int_equal(count_issues(plant), 1);
}

static void test_full_disk_by_hand(void **state)
{
    struct plant *plant = *state;
    struct err err = {0};

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    limit_files(512);
    assert_int_equal(
        desk_act(plant->desk, "#1", ACTION_RESOLVE, "Li", "", plant_at(200), &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    limit_files(0);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_OPEN);
    close_issue(plant, "#1", 300);
    check_events(plant, "#1", "opened resolve close");
}

/* A run that begins on a full disk works from memory and stores its start later. */
static void test_start_on_full_disk(void **state)
{
    struct plant *plant = *state;
    struct err err = {0};

    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    desk_close(plant->desk);
    limit_files(512);
    plant_open(plant, 200);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_OPEN);
    assert_int_equal(desk_alive(plant->desk, plant_at(210), &err), -1);
    limit_files(0);
    assert_int_equal(desk_alive(plant->desk, plant_at(220), &err), 0);
    plant_act(plant, "#1", ACTION_ACKNOWLEDGE, 230);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_opened),
        PLANT_TEST(test_keeps_its_text),
        PLANT_TEST(test_recurs),
        PLANT_TEST(test_comes_back_within_a_day),
        PLANT_TEST(test_new_after_a_day),
        PLANT_TEST(test_closed_while_active),
        PLANT_TEST(test_not_mended),
        PLANT_TEST(test_same_turn_twice),
        PLANT_TEST(test_latched),
        PLANT_TEST(test_one_turn),
        PLANT_TEST(test_life_by_hand),
        PLANT_TEST(test_refused_actions),
        PLANT_TEST(test_reopen_beside_open),
        PLANT_TEST(test_opened_by_hand),
        PLANT_TEST(test_refused_drafts),
        PLANT_TEST(test_filters),
        PLANT_TEST(test_paging),
        PLANT_TEST(test_not_found),
        PLANT_TEST(test_feed),
        PLANT_TEST(test_feed_lost),
        PLANT_TEST(test_one_open_issue),
        PLANT_TEST(test_append_only),
        PLANT_TEST(test_full_disk),
        PLANT_TEST(test_full_disk_by_hand),
        PLANT_TEST(test_start_on_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
