/* The issue desk: shelves, permits, what is announced, floods. */
#include "tests/unit/desk_fixture.h"

enum {
    HOUR = 3600,
};

static int setup(void **state)
{
    int result = plant_setup(state);

    if (result == 0)
        plant_restart(*state, 1);
    return result;
}

/* ---- shelves ---- */

static void test_shelf_is_silent(void **state)
{
    struct plant *plant = *state;
    struct alarm_view view;

    assert_int_equal(plant_shelve(plant, DRY_RUN, PUMP_1, 100, 100 + HOUR), 1);
    plant_raise(plant, DRY_RUN, PUMP_1, 200);
    plant_return(plant, DRY_RUN, PUMP_1, 210);
    plant_raise(plant, DRY_RUN, PUMP_1, 220);
    plant_log(plant, "#1", "opened;returned;recurred");
    plant_said(plant, "");
    assert_true(desk_alarm_view(plant->desk, "pump.dry_run", "pump-1", &view));
    assert_true(view.shelved);
    assert_int_equal(view.shelf, 1);
    assert_true(view.shelved_until.ns == plant_at(100 + HOUR).ns);
    plant_step(plant, 100 + HOUR - 901);
    plant_said(plant, "");
    plant_step(plant, 100 + HOUR - 900);
    plant_said(plant, "reminder#1");
    plant_step(plant, 100 + HOUR - 800);
    plant_said(plant, "reminder#1"); /* once */
    plant_step(plant, 100 + HOUR);
    plant_said(plant, "reminder#1;opened#1"); /* now people have to know */
    assert_true(desk_alarm_view(plant->desk, "pump.dry_run", "pump-1", &view));
    assert_false(view.shelved);
    plant_return(plant, DRY_RUN, PUMP_1, 9000);
    plant_said(plant, "reminder#1;opened#1;returned#1");
}

static void add_shelf(void *context, const struct shelf_view *shelf)
{
    char *list = context;
    size_t used = strlen(list);

    (void)snprintf(list + used, 1024 - used, "%s%lld %s %s by %s until %lld%s%s",
                   used == 0 ? "" : ";", (long long)shelf->number, shelf->rule,
                   shelf->equipment, shelf->actor,
                   (long long)(shelf->until.ns / CLOCK_S - PLANT_START),
                   shelf->ended ? " ended by " : "", shelf->ended_by);
}

static void check_shelves(struct plant *plant, bool running, const char *want)
{
    char list[1024] = "";
    struct err err;

    assert_int_equal(desk_shelves(plant->desk, running, add_shelf, list, &err), 0);
    check_text(running ? "running" : "all", list, want);
}

static void test_shelf_survives(void **state)
{
    struct plant *plant = *state;
    struct err err;

    (void)plant_shelve(plant, DRY_RUN, PUMP_1, 100, 100 + HOUR);
    (void)plant_shelve(plant, OVERHEAT, PUMP_2, 100, 100 + HOUR);
    assert_int_equal(plant_shelve(plant, DRY_RUN, PUMP_1, 150, 150 + 2 * HOUR), 1);
    plant_restart(plant, 200);
    check_shelves(plant, true,
                  "1 pump.dry_run pump-1 by Li Wei until 7350;"
                  "2 pump.overheat pump-2 by Li Wei until 3700");
    plant_raise(plant, DRY_RUN, PUMP_1, 210);
    plant_said(plant, "");
    assert_int_equal(desk_unshelve(plant->desk, 1, "Zhang", plant_at(300), &err), 0);
    plant_said(plant, "opened#1");
    plant_restart(plant, 4000);
    plant_step(plant, 4001); /* it ended while nobody watched */
    check_shelves(plant, true, "");
    check_shelves(plant, false,
                  "1 pump.dry_run pump-1 by Li Wei until 300 ended by Zhang;"
                  "2 pump.overheat pump-2 by Li Wei until 4001 ended by facilityd");
    assert_int_equal(desk_unshelve(plant->desk, 1, "Zhang", plant_at(300), &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void test_refused_shelves(void **state)
{
    static char long_text[MARK_REASON_MAX + 2];
    static const struct {
        const char *name;
        const char *rule;
        const char *equipment;
        const char *actor;
        const char *reason;
        int64_t until;
        bool exists;
        const char *says;
    } cases[] = {
        {"no rule", "pump.nothing", "pump-1", "Li", "x", HOUR, false, "pump.nothing"},
        {"no equipment", "pump.dry_run", "pump-9", "Li", "x", HOUR, false, "pump-9"},
        {"not its class", "pump.dry_run", "lift-1", "Li", "x", HOUR, true, "class pump"},
        {"highly managed", "lift.entrapment", "lift-1", "Li", "x", HOUR, true, "highly"},
        {"no reason", "pump.dry_run", "pump-1", "Li", " ", HOUR, true, "reason"},
        {"long reason", "pump.dry_run", "pump-1", "Li", long_text, HOUR, true, "reason"},
        {"no actor", "pump.dry_run", "pump-1", "", "x", HOUR, true, "actor"},
        {"too long", "pump.dry_run", "pump-1", "Li", "x", 25 * HOUR, true, "24 hours"},
        {"in the past", "pump.dry_run", "pump-1", "Li", "x", 50, true, "future"},
    };
    struct plant *plant = *state;
    int64_t number = 77;

    memset(long_text, 'x', MARK_REASON_MAX + 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};

        check_case(cases[i].name,
                   desk_shelve(plant->desk, cases[i].rule, cases[i].equipment,
                               cases[i].actor, cases[i].reason, plant_at(100),
                               plant_at(cases[i].until), &number, &err) == -1);
        check_case(cases[i].name,
                   err.kind == (cases[i].exists ? ERR_INPUT : ERR_NOT_FOUND));
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("%s: '%s'", cases[i].name, err.text);
    }
    assert_int_equal(number, 77);
    check_shelves(plant, false, "");
}

/* A clock that was set back by years does not make a shelf longer. */
static void test_shelf_and_clock(void **state)
{
    struct plant *plant = *state;

    (void)plant_shelve(plant, DRY_RUN, PUMP_1, 100, 100 + HOUR);
    plant_step(plant, -1000000);
    check_shelves(plant, true, "");
}

/* ---- permits ---- */

static size_t withheld_now;

static void keep_permit(void *context, const struct permit_view *permit)
{
    struct permit_view *kept = context;

    withheld_now = permit->withheld;
    *kept = *permit;
}

static void test_permit(void **state)
{
    struct plant *plant = *state;
    struct permit_view view = {0};
    struct state_view unit;
    struct err err;

    plant_online(plant, PUMP_1, true, 10);
    assert_int_equal(plant_permit(plant, "pump-1, pump-2", 100, 100 + HOUR), 1);
    assert_int_equal(plant_state(plant, PUMP_1, "permit"), STATE_PLANNED);
    plant_online(plant, PUMP_1, false, 110); /* the work switched it off */
    assert_int_equal(plant_state(plant, PUMP_1, "permit"), STATE_PLANNED);
    plant_raise(plant, VIBRATION, PUMP_1, 120);
    plant_raise(plant, DRY_RUN, PUMP_1, 130);
    assert_int_equal(plant_issues(plant), 0);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    plant_return(plant, VIBRATION, PUMP_1, 140);
    plant_raise(plant, OVERHEAT, PUMP_2, 150);
    plant_said(plant, "");
    plant_restart(plant, 200);
    assert_true(desk_equipment_permit(plant->desk, PUMP_1, keep_permit, &view));
    assert_int_equal(view.equipment_count, 2);
    assert_int_equal(withheld_now, 2);
    assert_false(desk_equipment_permit(plant->desk, LIFT, keep_permit, &view));
    assert_int_equal(desk_permit_close(plant->desk, 1, "Wang", plant_at(300), &err), 0);
    assert_int_equal(plant_issues(plant), 2);
    assert_string_equal(plant_issue(plant, "#1").evidence, "{\"when\":true}");
    desk_state(plant->desk, PUMP_1, &unit);
    assert_int_equal(unit.state, STATE_FAULT);
    assert_int_equal(plant_unclosed(plant), 2);
    assert_int_equal(desk_permit_close(plant->desk, 1, "Wang", plant_at(310), &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

/* It begins and ends by itself; people are reminded. */
static void test_permit_times(void **state)
{
    struct plant *plant = *state;
    const struct permit_draft draft = {.equipment = "",
                                       .place = "Plant room B1",
                                       .class_name = "pump",
                                       .reason = "service",
                                       .holder = "Wang Gang",
                                       .from = plant_at(1000),
                                       .until = plant_at(1000 + HOUR)};
    struct err err;
    int64_t number;

    plant_online(plant, PUMP_1, true, 10);
    assert_int_equal(
        desk_permit(plant->desk, &draft, "Li Wei", plant_at(100), &number, &err), 0);
    plant_step(plant, 999);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
    plant_step(plant, 1000);
    assert_int_equal(plant_state(plant, PUMP_1, "permit"), STATE_PLANNED);
    assert_int_equal(plant_state(plant, FEEDER, "startup"), STATE_UNKNOWN);
    plant_restart(plant, 1100);
    assert_int_equal(plant_state(plant, PUMP_1, "permit"), STATE_PLANNED);
    plant_online(plant, PUMP_1, true, 1110);
    plant_step(plant, 1000 + HOUR - 900);
    plant_said(plant, "reminder");
    plant_restart(plant, 1000 + HOUR - 500);
    plant_step(plant, 1000 + HOUR - 499);
    plant_said(plant, "reminder");
    plant_online(plant, PUMP_1, true, 1000 + HOUR - 400);
    plant_step(plant, 1000 + HOUR);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
}

/* A highly managed alarm goes out as always; an issue that is open hears of it. */
static void test_what_a_permit_does_not_hold(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 50);
    plant_return(plant, DRY_RUN, PUMP_1, 60);
    (void)plant_permit(plant, "lift-1,pump-1", 100, 100 + HOUR);
    plant_raise(plant, ENTRAPMENT, LIFT, 200);
    plant_raise(plant, DRY_RUN, PUMP_1, 210);
    plant_log(plant, "#1", "opened;returned;recurred");
    plant_said(plant, "opened#1;returned#1;opened#2");
    plant_step(plant, 100 + HOUR);
    plant_said(plant, "opened#1;returned#1;opened#2;opened#1");
}

static void test_refused_permits(void **state)
{
    static const struct {
        const char *name;
        const char *equipment;
        const char *place;
        const char *class_name;
        const char *holder;
        int64_t until;
        bool exists;
        const char *says;
    } cases[] = {
        {"no scope", "", "", "", "Wang", HOUR, true, "needs equipment"},
        {"both", "pump-1", "Plant room B1", "", "Wang", HOUR, true, "not both"},
        {"unknown", "pump-1,pump-7", "", "", "Wang", HOUR, false, "pump-7"},
        {"empty place", "", "Roof", "", "Wang", HOUR, false, "no equipment in this"},
        {"half a name", "", "Plant room", "", "Wang", HOUR, false,
         "no equipment in this"},
        {"nobody", "pump-1", "", "", "", HOUR, true, "holder"},
        {"over", "pump-1", "", "", "Wang", 10, true, "future"},
        {"for ever", "pump-1", "", "", "Wang", 32 * 24 * HOUR, true, "31 days"},
    };
    struct plant *plant = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct permit_draft draft = {.equipment = cases[i].equipment,
                                           .place = cases[i].place,
                                           .class_name = cases[i].class_name,
                                           .reason = "service",
                                           .holder = cases[i].holder,
                                           .until = plant_at(cases[i].until)};
        struct err err = {0};
        int64_t number;

        check_case(cases[i].name, desk_permit(plant->desk, &draft, "Li", plant_at(100),
                                              &number, &err) == -1);
        check_case(cases[i].name,
                   err.kind == (cases[i].exists ? ERR_INPUT : ERR_NOT_FOUND));
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("%s: '%s'", cases[i].name, err.text);
    }
}

/* ---- announcements ---- */

/* Comes and goes of minor alarms, more than people can follow. */
static void flap(struct plant *plant, int times, int64_t second)
{
    for (int i = 0; i < times; i++) {
        plant_raise(plant, VIBRATION, i % 2 == 0 ? PUMP_1 : PUMP_2, second + i);
        plant_return(plant, VIBRATION, i % 2 == 0 ? PUMP_1 : PUMP_2, second + i);
    }
}

static void test_flood(void **state)
{
    static const char quiet[] = "opened#1;returned#1;opened#2;returned#2;recurred#1;"
                                "returned#1;recurred#2;returned#2;recurred#1;returned#1";
    struct plant *plant = *state;
    struct flood_view flood;
    char want[512];

    flap(plant, 20, 100);
    plant_said(plant, quiet);
    desk_flood(plant->desk, &flood);
    assert_true(flood.active);
    assert_int_equal(flood.waiting, 30);
    plant_raise(plant, ENTRAPMENT, LIFT, 130); /* at once, always */
    (void)snprintf(want, sizeof want, "%s;opened#3", quiet);
    plant_said(plant, want);
    plant_restart(plant, 200);
    desk_flood(plant->desk, &flood);
    assert_true(flood.active);
    flap(plant, 10, 600);
    plant_step(plant, 710);
    (void)snprintf(want, sizeof want, "%s;opened#3;digest(2)", quiet);
    plant_said(plant, want);
    plant_step(plant, 1300); /* over; nothing waits */
    desk_flood(plant->desk, &flood);
    assert_false(flood.active);
    plant_said(plant, want);
}

static void test_by_hand(void **state)
{
    struct plant *plant = *state;
    const struct issue_draft draft = {.equipment = "lift-1",
                                      .place = "",
                                      .title = "Door squeaks",
                                      .text = "",
                                      .severity = SEVERITY_MINOR,
                                      .category = CATEGORY_FACILITIES,
                                      .source = "person"};
    char id[DESK_ID_SIZE];
    struct err err;

    assert_int_equal(desk_open_issue(plant->desk, &draft, "Li", plant_at(100), id, &err),
                     0);
    plant_said(plant, "opened#1");
}

static void keep_last(void *context, const struct announcement *announcement)
{
    *(struct announcement *)context = *announcement;
}

static void test_pages_of_announcements(void **state)
{
    struct plant *plant = *state;
    struct announcement last = {0};
    struct err err;

    flap(plant, 3, 100);
    assert_int_equal(desk_announcements(plant->desk, 0, 2, keep_last, &last, &err), 0);
    assert_int_equal(last.sequence, 2);
    assert_int_equal(desk_announcements(plant->desk, 2, 100, keep_last, &last, &err), 0);
    assert_int_equal(last.sequence, 6);
    assert_int_equal(last.kind, ANNOUNCE_RETURNED);
    assert_int_equal(last.severity, SEVERITY_MINOR);
    assert_int_equal(last.count, 1);
}

/* ---- what supplies what supplies ---- */

static void test_supply_over_steps(void **state)
{
    struct plant *plant = *state;
    static const uint32_t pump = PUMP_1;
    struct relation *power;

    desk_close(plant->desk); /* the lift hangs on the pump, which hangs on the feeder */
    power = model_memory(plant->model, 1, sizeof *power);
    *power = (struct relation){.name = "power", .equipment = &pump, .count = 1};
    plant->model->equipment[LIFT].relations = power;
    plant->model->equipment[LIFT].relation_count = 1;
    plant_open(plant, 50);
    plant_online(plant, LIFT, true, 60);
    plant_raise(plant, OUTAGE, FEEDER, 100);
    assert_int_equal(plant_state(plant, LIFT, "power"), STATE_EXTERNAL);
    assert_int_equal(plant_state(plant, PUMP_2, "power"), STATE_EXTERNAL);
    plant_return(plant, OUTAGE, FEEDER, 200);
    assert_int_equal(plant_state(plant, LIFT, ""), STATE_UP);
}

/* What seems to be an outage waits for its own cause: nothing is external yet. */
static void test_outage_that_waits(void **state)
{
    struct plant *plant = *state;
    struct plant_news news = {.kind = CHANGE_RAISED,
                              .rule = OUTAGE,
                              .equipment = FEEDER,
                              .standing = STANDING_WAITING};
    struct state_view view;

    plant_online(plant, PUMP_1, true, 60);
    plant_tell(plant, &news, 100);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
    news.kind = CHANGE_STANDING;
    news.standing = STANDING_ROOT;
    plant_tell(plant, &news, 120);
    assert_int_equal(plant_state(plant, PUMP_1, "power"), STATE_EXTERNAL);
    desk_state(plant->desk, PUMP_1, &view);
    assert_true(view.since.ns == plant_at(100).ns);
}

static size_t count_alarms(struct plant *plant);

static void count_one(void *context, const struct alarm_view *view)
{
    assert_true(alarm_is_active(&view->alarm) || view->shelved || view->chattering);
    ++*(size_t *)context;
}

static size_t count_alarms(struct plant *plant)
{
    size_t count = 0;

    desk_active_alarms(plant->desk, count_one, &count);
    return count;
}

static void test_active_alarms(void **state)
{
    struct plant *plant = *state;
    struct alarm_view view;
    struct alarm_change change;

    assert_int_equal(count_alarms(plant), 0);
    plant_raise(plant, DRY_RUN, PUMP_1, 100);
    (void)plant_shelve(plant, VIBRATION, PUMP_1, 110, 110 + HOUR);
    assert_int_equal(count_alarms(plant), 2);
    change = plant_change(plant, CHANGE_PROGRESS, DRY_RUN, PUMP_1, 200);
    change.alarm.state = ALARM_ACTIVE;
    change.alarm.unknown = true;
    change.alarm.unknown_ms = 5000;
    change.standing = STANDING_ROOT;
    plant_apply(plant, &change);
    plant_restart(plant, 300);
    assert_true(desk_alarm_view(plant->desk, "pump.dry_run", "pump-1", &view));
    assert_true(view.unknown_since.ns == plant_at(195).ns);
    assert_int_equal(view.issue_number, 1);
    assert_int_equal(view.severity, SEVERITY_GENERAL);
    assert_true(view.raised.ns == plant_at(100).ns);
    assert_false(desk_alarm_view(plant->desk, "pump.overheat", "pump-1", &view));
}

#define MARKS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, plant_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MARKS_TEST(test_shelf_is_silent),
        MARKS_TEST(test_shelf_survives),
        MARKS_TEST(test_refused_shelves),
        MARKS_TEST(test_shelf_and_clock),
        MARKS_TEST(test_permit),
        MARKS_TEST(test_permit_times),
        MARKS_TEST(test_what_a_permit_does_not_hold),
        MARKS_TEST(test_refused_permits),
        MARKS_TEST(test_flood),
        MARKS_TEST(test_by_hand),
        MARKS_TEST(test_pages_of_announcements),
        MARKS_TEST(test_supply_over_steps),
        MARKS_TEST(test_outage_that_waits),
        MARKS_TEST(test_active_alarms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
