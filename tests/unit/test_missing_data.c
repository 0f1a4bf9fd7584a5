/* test_missing_data.c - of each class an alarm is active as its link is cut: it neither
 * clears, nor does anything but the loss of monitoring come; and it goes on when the link
 * is back. */
#include "tests/unit/check.h"

#include "tests/sim/stage.h"
#include "tests/sim/town.h"

#include <stdio.h>

enum {
    MINUTE_MS = STAGE_MINUTE,
    WARM_MS = 3 * MINUTE_MS,
    CUT_MS = 25 * MINUTE_MS, /* longer than blind_after */
    BACK_MS = 4 * MINUTE_MS,
};

struct cut {
    const char *class_name;
    const char *rule;
    const char *equipment;
    const char *scenario;
    const char *target; /* NULL: the equipment */
    const char *link;
    enum town_link how;
    int64_t reach_ms; /* until the alarm is active */
    int64_t over_ms;  /* from the end of the scenario until it is not */
    bool sleepy;      /* a sensor that reports on change: its silence says nothing */
};

/* clang-format off */
static const struct cut cuts[] = {
    {"elevator", "elevator.entrapment", "lift-3", "entrapment", NULL, "dtu-3", TOWN_LINK_REFUSES, 4 * MINUTE_MS, 6 * MINUTE_MS, false},
    {"elevator, contacts", "elevator.supply_lost", "lift-1", "outage", "feeder-2", "riser-a", TOWN_LINK_SILENT, 2 * MINUTE_MS, 4 * MINUTE_MS, false},
    {"elevator, MQTT", "elevator.fault_reported", "lift-6", "lift-code", NULL, "broker", TOWN_LINK_SILENT, 3 * MINUTE_MS, 4 * MINUTE_MS, false},
    {"escalator", "escalator.fault", "escalator-1", "escalator-comb", NULL, "broker", TOWN_LINK_SILENT, 2 * MINUTE_MS, 4 * MINUTE_MS, false},
    {"pump", "pump.dry_run", "pump-1", "dry-run", NULL, "plant-room", TOWN_LINK_REFUSES, 4 * MINUTE_MS, 6 * MINUTE_MS, false},
    {"pump, level", "pump.fail_to_start", "pump-2", "fail-to-start", NULL, "plant-room", TOWN_LINK_SILENT, 2 * MINUTE_MS, 4 * MINUTE_MS, false},
    {"drive", "drive.fault", "drive-1", "drive-fault", NULL, "plant-room", TOWN_LINK_SILENT, 2 * MINUTE_MS, 4 * MINUTE_MS, false},
    {"water_meter", "water.burst", "meter-w1", "burst", NULL, "riser-a", TOWN_LINK_REFUSES, 10 * MINUTE_MS, 25 * MINUTE_MS, false},
    {"water_meter, MQTT", "water.burst", "meter-w3", "burst", NULL, "broker", TOWN_LINK_SILENT, 10 * MINUTE_MS, 25 * MINUTE_MS, false},
    {"electricity_meter", "power.supply_outage", "feeder-2", "outage", NULL, "feeders", TOWN_LINK_REFUSES, MINUTE_MS, 3 * MINUTE_MS, false},
    {"residual_current", "power.residual_current", "residual-1", "insulation", NULL, "feeders", TOWN_LINK_SILENT, 2 * MINUTE_MS, 8 * MINUTE_MS, false},
    {"transformer", "transformer.hot", "trafo-1", "transformer-fan", NULL, "feeders", TOWN_LINK_REFUSES, 180 * MINUTE_MS, 180 * MINUTE_MS, false},
    {"sensor", "sensor.hot", "sensor-1", "cabinet-hot", NULL, "feeders", TOWN_LINK_SILENT, 60 * MINUTE_MS, 60 * MINUTE_MS, false},
    {"fire_panel", "fire.alarm", "fire-1", "fire", NULL, "fire", TOWN_LINK_SILENT, MINUTE_MS, 2 * MINUTE_MS, false},
    {"fire_panel, fault", "fire.panel_fault", "fire-2", "panel-fault", NULL, "fire", TOWN_LINK_REFUSES, 2 * MINUTE_MS, 3 * MINUTE_MS, false},
    {"gateway", "gateway.battery_low", "ups-1", "ups-battery", NULL, "fire", TOWN_LINK_SILENT, 2 * MINUTE_MS, 12 * MINUTE_MS, false},
    {"leak_detector", "leak.cable", "leak-1", "leak-cable", NULL, "riser-a", TOWN_LINK_SILENT, MINUTE_MS, 3 * MINUTE_MS, false},
    {"leak_detector, MQTT", "leak.tamper", "leak-3", "tamper", NULL, "broker", TOWN_LINK_SILENT, 2 * MINUTE_MS, 3 * MINUTE_MS, true},
    {"tank", "tank.low", "tank-1", "tank-low", NULL, "plant-room", TOWN_LINK_REFUSES, 30 * MINUTE_MS, 60 * MINUTE_MS, false},
    {"sump", "sump.high", "sump-1", "sump-blind", NULL, "plant-room", TOWN_LINK_SILENT, 20 * MINUTE_MS, 15 * MINUTE_MS, false},
};
/* clang-format on */

/* What the loss of monitoring itself may say. */
static const char *const losses[] = {
    "link.down",         "link.intermittent", "equipment.comm_lost",    "fire.panel_lost",
    "fire.panel_silent", "equipment.blind",   "equipment.intermittent",
};

struct watch {
    const struct cut *cut;
    bool cutting; /* the link is cut */
    bool raised;
    bool returned;
    char others[1000];
};

static bool is_loss(const char *rule)
{
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        if (strcmp(losses[i], rule) == 0)
            return true;
    return false;
}

static void on_change(void *context, struct town *town, const struct alarm_change *change)
{
    struct watch *watch = context;
    bool own = strcmp(change->rule->id, watch->cut->rule) == 0 &&
               strcmp(change->equipment->id, watch->cut->equipment) == 0;
    const struct model *model = town_config(town)->model;
    bool behind = strcmp(model->links[change->equipment->link].id, watch->cut->link) == 0;
    size_t used = strlen(watch->others);

    watch->raised = watch->raised || (own && change->kind == CHANGE_RAISED);
    watch->returned = watch->returned || (own && change->kind == CHANGE_RETURNED);
    if (watch->cutting && behind && change->kind == CHANGE_RAISED &&
        !is_loss(change->rule->id))
        (void)snprintf(watch->others + used, sizeof watch->others - used, "%s on %s\n",
                       change->rule->id, change->equipment->id);
}

static bool is_raised(void *context, struct town *town)
{
    (void)town;
    return ((struct watch *)context)->raised;
}

static bool is_returned(void *context, struct town *town)
{
    (void)town;
    return ((struct watch *)context)->returned;
}

static struct alarm alarm_of(struct town *town, const struct cut *cut)
{
    struct alarm alarm = {.state = ALARM_NORMAL};

    assert_true(town_alarm(town, cut->rule, cut->equipment, &alarm));
    return alarm;
}

static void cut_and_mend(struct town *town, struct watch *watch)
{
    const struct cut *cut = watch->cut;

    watch->cutting = true;
    town_link(town, cut->link, cut->how);
    town_run_ms(town, CUT_MS);
    check_case(cut->class_name,
               alarm_is_active(&(struct alarm){.state = alarm_of(town, cut).state}));
    check_case(cut->class_name, alarm_of(town, cut).unknown == !cut->sleepy);
    watch->cutting = false;
    town_link(town, cut->link, TOWN_LINK_WELL);
    town_run_ms(town, BACK_MS);
    check_case(cut->class_name, alarm_of(town, cut).state == ALARM_ACTIVE);
    check_case(cut->class_name, !alarm_of(town, cut).unknown);
    check_case(cut->class_name, !watch->returned);
    check_text(cut->class_name, watch->others, "");
}

static void check_cut(const struct cut *cut)
{
    struct watch watch = {.cut = cut};
    struct town_options options = {
        .config = "plantsim/demo/facilityd.cfg",
        .seed = 5,
        .start = stage_time("2026-11-24T09:00"),
        .change = on_change,
        .context = &watch,
    };
    struct err err = {0};
    struct town *town = town_new(&options, &err);

    if (town == NULL)
        fail_msg("%s", err.text);
    town_run_ms(town, WARM_MS);
    assert_int_equal(town_scenario(town, cut->scenario,
                                   cut->target != NULL ? cut->target : cut->equipment,
                                   NULL, &err),
                     0);
    check_case(cut->class_name, town_run_while(town, cut->reach_ms, is_raised, &watch));
    town_run_ms(town, MINUTE_MS); /* what else there is to say has been said */
    cut_and_mend(town, &watch);
    assert_int_equal(town_scenario_end(town, "all", NULL, &err), 0);
    check_case(cut->class_name, town_run_while(town, cut->over_ms, is_returned, &watch));
    town_free(town);
}

static void run_cut(void **state)
{
    check_cut(*state);
}

int main(void)
{
    static struct CMUnitTest tests[sizeof cuts / sizeof cuts[0]];

    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        tests[i] = (struct CMUnitTest){cuts[i].class_name, run_cut, NULL, NULL,
                                       (void *)(uintptr_t)&cuts[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
