/* test_plantsim_world.c - the simulated compound obeys its physics. */
#include "tests/unit/check.h"

#include "base/mem.h"
#include "plantsim/curve.h"
#include "plantsim/lift.h"
#include "plantsim/water.h"
#include "plantsim/world.h"

#include <stdio.h>

enum {
    STEPS_HOUR = 3600 * 1000 / WORLD_STEP_MS,
    UTC_OFFSET_S = 8 * 3600,
};

static struct world *new_world(uint64_t seed, const char *start)
{
    struct world *world = mem_alloc(sizeof *world);
    struct wall_time time;

    assert_true(wall_parse(start, &time));
    world_init(world, seed, time, UTC_OFFSET_S);
    return world;
}

static void run_steps(struct world *world, int steps)
{
    for (int i = 0; i < steps; i++)
        world_step(world);
}

static void run_minutes(struct world *world, int minutes)
{
    run_steps(world, minutes * STEPS_HOUR / 60);
}

static void test_same_seed_same_day(void **state)
{
    struct world *first = new_world(7, "2026-11-24T00:00:00+08:00");
    struct world *second = new_world(7, "2026-11-24T00:00:00+08:00");
    struct world *other = new_world(8, "2026-11-24T00:00:00+08:00");

    (void)state;
    run_steps(first, 24 * STEPS_HOUR);
    run_steps(second, 24 * STEPS_HOUR);
    run_steps(other, 24 * STEPS_HOUR);
    assert_memory_equal(first, second, sizeof *first);
    assert_memory_not_equal(first, other, sizeof *first);
    mem_free(first);
    mem_free(second);
    mem_free(other);
}

static double sum_of_submeters(const struct world *world)
{
    double sum = 0;

    for (int i = WATER_T1_U1; i <= WATER_PUBLIC; i++)
        sum += world->water.meters[i].volume_m3;
    return sum;
}

/* In from the city = in the tank + overflow + drained + through the main meter + what
 * the vessel holds; and the main meter = its sub-meters. */
static void test_water_is_conserved(void **state)
{
    static const struct {
        const char *name;
        bool overflow;
        double drain;
        double burst;
    } cases[] = {
        {"a common day", false, 0, 0},
        {"overflow", true, 0, 0},
        {"drained empty", false, 240, 0},
        {"burst", false, 0, 14},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world *world = new_world(3, "2026-11-24T04:00:00+08:00");
        const struct water *water = &world->water;
        double tank = water->tank_level * WATER_TANK_M3;
        double net = water->net_bar * WATER_VESSEL_M3_BAR;
        double city = water->meters[WATER_CITY].volume_m3;
        double used = water->meters[WATER_MAIN].volume_m3;
        double subs = sum_of_submeters(world);

        world->water.fill_stuck_open = cases[i].overflow;
        world->water.drain_m3h = cases[i].drain;
        world->water.fill_stuck_shut = cases[i].drain > 0;
        world->water.meters[WATER_T1_U2].burst_m3h = cases[i].burst;
        run_steps(world, 8 * STEPS_HOUR);
        tank = water->tank_level * WATER_TANK_M3 - tank;
        net = water->net_bar * WATER_VESSEL_M3_BAR - net;
        city = water->meters[WATER_CITY].volume_m3 - city;
        used = water->meters[WATER_MAIN].volume_m3 - used;
        check_near(cases[i].name,
                   city - tank - water->overflow_m3 - water->drained_m3 - used - net, 0,
                   1e-5);
        check_near(cases[i].name, used, sum_of_submeters(world) - subs, 1e-6);
        check_case(cases[i].name, cases[i].overflow == (water->overflow_m3 > 0));
        mem_free(world);
    }
}

static void test_loss_shows_at_the_main_meter_only(void **state)
{
    struct world *world = new_world(3, "2026-11-24T10:00:00+08:00");
    double used = world->water.meters[WATER_MAIN].volume_m3;
    double subs = sum_of_submeters(world);

    (void)state;
    world->water.meters[WATER_MAIN].leak_m3h = 2.4;
    run_steps(world, STEPS_HOUR);
    used = world->water.meters[WATER_MAIN].volume_m3 - used;
    subs = sum_of_submeters(world) - subs;
    check_near("an hour of 2.4 m3/h", used - subs, 2.4, 0.1);
    mem_free(world);
}

static void test_incomer_is_the_sum_of_its_feeders(void **state)
{
    struct world *world = new_world(5, "2026-11-24T17:00:00+08:00");
    double before[FEEDERS];
    double sum = 0;

    (void)state;
    for (int i = 0; i < FEEDERS; i++)
        before[i] = world->power.feeders[i].energy_kwh;
    run_steps(world, 3 * STEPS_HOUR);
    for (int i = FEEDER_PUMPS; i < FEEDERS; i++)
        sum += world->power.feeders[i].energy_kwh - before[i];
    check_near("kWh", world->power.feeders[0].energy_kwh - before[0], sum, 1e-6);
    mem_free(world);
}

static void check_counters(const struct world *now, const struct world *before)
{
    for (int i = 0; i < WATER_METERS; i++)
        check_case("water meter",
                   now->water.meters[i].volume_m3 >= before->water.meters[i].volume_m3);
    for (int i = 0; i < PUMPS; i++) {
        check_case("starts", now->water.pumps[i].starts >= before->water.pumps[i].starts);
        check_case("energy",
                   now->water.pumps[i].energy_kwh >= before->water.pumps[i].energy_kwh);
        check_case("hours", now->water.pumps[i].run_s >= before->water.pumps[i].run_s);
    }
    for (int i = 0; i < FEEDERS; i++)
        check_case("feeder", now->power.feeders[i].energy_kwh >=
                                 before->power.feeders[i].energy_kwh);
    for (int i = 0; i < LIFTS; i++) {
        check_case("runs", now->lifts[i].runs >= before->lifts[i].runs);
        check_case("doors", now->lifts[i].door_cycles >= before->lifts[i].door_cycles);
    }
}

/* Everything goes wrong at once, and still no counter falls and no level is negative. */
static void test_invariants_hold_under_faults(void **state)
{
    struct world *world = new_world(11, "2026-11-24T18:00:00+08:00");
    struct world *before = mem_alloc(sizeof *before);

    (void)state;
    world->water.drain_m3h = 240;
    world->water.fill_stuck_shut = true;
    world->water.pumps[PUMP_BOOSTER_1].dry = true;
    world->water.pumps[PUMP_JOCKEY].cycling = true;
    world->water.meters[WATER_T2].burst_m3h = 14;
    for (int minute = 0; minute < 120; minute++) {
        if (minute == 30)
            world->power.feeders[FEEDER_INCOMER].outage = true;
        if (minute == 40)
            world->power.feeders[FEEDER_INCOMER].outage = false;
        *before = *world;
        run_minutes(world, 1);
        check_counters(world, before);
        check_case("tank", world->water.tank_level >= 0 && world->water.tank_level <= 1);
        check_case("pressure", world->water.net_bar >= 0);
        check_case("sump", world->water.sump_m >= 0);
    }
    check_case("the tank is empty", world->water.tank_level < 0.01);
    mem_free(before);
    mem_free(world);
}

static void check_curve(enum curve curve)
{
    double sum = 0;
    double last = curve_at(curve, 0, true);
    char name[32];

    (void)snprintf(name, sizeof name, "curve %d", (int)curve);
    for (int minute = 0; minute < 24 * 60; minute++) {
        double hour = minute / 60.0;
        double weekend = curve_at(curve, hour, true);

        sum += curve_at(curve, hour, false);
        if (weekend < 0 || fabs(weekend - last) > 0.1)
            fail_msg("%s jumps at %.2f", name, hour);
        last = weekend;
    }
    check_near(name, sum / (24 * 60), 1, 0.01);
}

static void test_curves_average_to_one(void **state)
{
    (void)state;
    for (int curve = 0; curve < CURVES; curve++)
        check_curve((enum curve)curve);
}

static double used_between(struct world *world, int minutes)
{
    double before = world->water.meters[WATER_MAIN].volume_m3;

    run_minutes(world, minutes);
    return (world->water.meters[WATER_MAIN].volume_m3 - before) * 60 / minutes;
}

static void test_a_day_looks_like_a_day(void **state)
{
    struct world *world = new_world(1, "2026-11-24T02:00:00+08:00"); /* a Tuesday */
    double start_m3 = world->water.meters[WATER_MAIN].volume_m3;
    uint32_t runs = world->lifts[0].runs;
    double night = used_between(world, 120);
    double morning;
    double evening;

    (void)state;
    run_minutes(world, 3 * 60);
    morning = used_between(world, 120); /* 7 to 9 */
    run_minutes(world, 10 * 60);
    evening = used_between(world, 120); /* 19 to 21 */
    run_minutes(world, 5 * 60);
    check_case("night minimum", night < 0.6);
    check_case("morning peak", morning > 3 && morning < 8);
    check_case("evening peak", evening > 3 && evening < 8);
    check_near("m3 a day", world->water.meters[WATER_MAIN].volume_m3 - start_m3, 63, 15);
    check_near("lift runs a day", world->lifts[0].runs - runs, 500, 150);
    assert_false(world_weekend(world)); /* Wednesday */
    check_near("the site's hour", world_hour(world), 2, 0.01);
    mem_free(world);
}

/* Water was still for whole hours at some time in the night, behind each sub-meter. */
static void test_flow_stops_at_night_unless_it_leaks(void **state)
{
    static const double leaks[] = {0, 0.9};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct world *world = new_world(2, "2026-11-24T01:00:00+08:00");
        struct water_meter *meter = &world->water.meters[WATER_T1_U1];
        int still = 0;

        meter->leak_m3h = leaks[i];
        for (int step = 0; step < 3 * STEPS_HOUR; step++) {
            world_step(world);
            still += meter->flow_m3h < 0.001 ? 1 : 0;
        }
        if (leaks[i] > 0)
            assert_int_equal(still, 0);
        else
            assert_true(still > STEPS_HOUR);
        mem_free(world);
    }
}

struct pump_watch {
    double since_s;
    double volume_m3;
    uint32_t starts;
};

static void watch_pump(struct pump_watch *watch, const struct pump *pump, bool new_hour)
{
    if (new_hour) {
        check_case("starts an hour",
                   watch->starts == 0 || pump->starts - watch->starts <= 6);
        watch->starts = pump->starts;
    }
    if (!pump->run) {
        watch->since_s = 0;
        watch->volume_m3 = 0;
        return;
    }
    watch->since_s += WORLD_STEP_MS / 1000.0;
    watch->volume_m3 += pump->flow_m3h * WORLD_STEP_MS / 3.6e6;
    check_case("mean flow since the start",
               watch->since_s < 60 || watch->volume_m3 / watch->since_s * 3600 > 0.55);
}

/* A pump that runs delivers, so the dry-run rule has nothing to complain about; and it
 * rests often enough not to be worn out. */
static void test_healthy_pumps_never_run_dry_nor_cycle(void **state)
{
    struct world *world = new_world(4, "2026-11-24T00:00:00+08:00");
    struct pump_watch watches[3] = {{0}};

    (void)state;
    for (int step = 0; step < 24 * STEPS_HOUR; step++) {
        for (int i = 0; i < 3; i++)
            watch_pump(&watches[i], &world->water.pumps[i], step % STEPS_HOUR == 0);
        world_step(world);
    }
    mem_free(world);
}

static void test_dry_run(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");
    struct pump *pump = &world->water.pumps[PUMP_BOOSTER_1];
    double wet_kw;

    (void)state;
    run_minutes(world, 5);
    wet_kw = 1.5;
    pump->dry = true;
    run_minutes(world, 5);
    assert_true(pump->run);
    check_near("flow", pump->flow_m3h, 0, 0);
    assert_true(pump->power_kw < 0.6 * wet_kw);
    /* The others keep the pressure. */
    check_case("pressure", world->water.net_bar > 3.9);
    pump->dry = false;
    run_minutes(world, 5);
    check_case("over", !pump->run || pump->flow_m3h > 0);
    mem_free(world);
}

static void test_fail_to_start_and_trip(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");
    struct pump *pumps = world->water.pumps;

    (void)state;
    pumps[PUMP_BOOSTER_2].no_start = true;
    pumps[PUMP_BOOSTER_3].tripped = true;
    run_minutes(world, 2);
    assert_true(pumps[PUMP_BOOSTER_2].cmd);
    assert_false(pumps[PUMP_BOOSTER_2].run);
    assert_true(pumps[PUMP_BOOSTER_3].trip);
    assert_false(pumps[PUMP_BOOSTER_3].run);
    run_minutes(world, 30);
    check_case("pump 1 carries on alone", world->water.net_bar > 3.9);
    mem_free(world);
}

static void test_short_cycling_counts_starts(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");
    struct pump *pump = &world->water.pumps[PUMP_JOCKEY];
    uint32_t starts = pump->starts;

    (void)state;
    pump->cycling = true;
    run_minutes(world, 10);
    check_near("3 a minute", pump->starts - starts, 30, 2);
    mem_free(world);
}

static void test_burst_lowers_pressure_and_fills_the_sump(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");
    double lowest = 9;
    uint32_t sump =
        world->water.pumps[PUMP_SUMP_1].starts + world->water.pumps[PUMP_SUMP_2].starts;

    (void)state;
    run_minutes(world, 5);
    world->water.meters[WATER_T1_U1].burst_m3h = 14;
    for (int i = 0; i < STEPS_HOUR; i++) {
        world_step(world);
        lowest = fmin(lowest, world->water.net_bar);
    }
    check_case("pressure drops", lowest < 4.2);
    check_case("flow", world->water.meters[WATER_T1_U1].flow_m3h > 12);
    check_case("sump pumps", world->water.pumps[PUMP_SUMP_1].starts +
                                     world->water.pumps[PUMP_SUMP_2].starts >
                                 sump);
    mem_free(world);
}

static void test_outage_stops_everything_on_the_feeder(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");
    const struct feeder *feeder = &world->power.feeders[FEEDER_T2];

    (void)state;
    run_minutes(world, 2);
    world->power.feeders[FEEDER_INCOMER].outage = true;
    run_minutes(world, 3);
    for (int p = 0; p < PHASES; p++) {
        check_near("V", feeder->volt[p], 0, 0);
        check_near("A", feeder->amp[p], 0, 0);
    }
    for (int i = 0; i < PUMPS; i++)
        assert_false(world->water.pumps[i].run);
    assert_int_equal(world->lifts[0].mode, LIFT_OUT_OF_SERVICE);
    assert_int_equal(world->lifts[3].mode, LIFT_EMERGENCY_POWER);
    /* The battery has brought the other two to a floor. */
    assert_true(lift_in_zone(&world->lifts[2]) && lift_in_zone(&world->lifts[3]));
    world->power.feeders[FEEDER_INCOMER].outage = false;
    run_minutes(world, 5);
    for (int i = 0; i < LIFTS; i++) {
        assert_int_equal(world->lifts[i].mode, LIFT_NORMAL);
        assert_int_equal(world->lifts[i].fault_code, 0);
    }
    check_case("pressure is back", world->water.net_bar > 4);
    mem_free(world);
}

static void test_phase_loss(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");
    const struct feeder *feeder = &world->power.feeders[FEEDER_T1];

    (void)state;
    world->power.feeders[FEEDER_T1].lost_phase = 2;
    run_minutes(world, 1);
    check_case("the others stay", feeder->volt[0] > 200 && feeder->volt[2] > 200);
    check_case("the lost one", feeder->volt[1] < 0.7 * 220);
    check_near("its current", feeder->amp[1], 0, 0);
    check_case("the lifts stop", world->lifts[0].mode == LIFT_OUT_OF_SERVICE);
    check_case("the other tower does not", world->lifts[2].mode == LIFT_NORMAL);
    mem_free(world);
}

static void test_entrapment_and_rescue(void **state)
{
    (void)state;
    for (int i = 0; i < LIFTS; i++) {
        struct world *world = new_world(4, "2026-11-24T03:00:00+08:00");
        struct lift *lift = &world->lifts[i];
        bool pressed = false;

        run_minutes(world, 1 + i);
        lift->entrapment = true;
        run_minutes(world, 1);
        for (int step = 0; step < STEPS_HOUR / 60; step++) {
            world_step(world);
            pressed = pressed || lift->alarm_button;
            assert_int_equal(lift->state, LIFT_HALTED);
            assert_false(lift_in_zone(lift));
        }
        assert_true(pressed);
        assert_true(lift->passengers > 0);
        assert_int_equal(lift->mode, LIFT_NORMAL);
        assert_int_equal(lift->fault_code, 4);
        lift->entrapment = false;
        run_minutes(world, 2);
        assert_true(lift_in_zone(lift));
        assert_int_equal(lift->passengers, 0);
        assert_int_equal(lift->fault_code, 0);
        mem_free(world);
    }
}

static void test_fire_recalls_the_lifts_of_its_tower(void **state)
{
    struct world *world = new_world(4, "2026-11-24T08:00:00+08:00");

    (void)state;
    run_minutes(world, 10);
    world->safety.panels[1].fire = true;
    run_minutes(world, 3);
    for (int i = 2; i < LIFTS; i++) {
        assert_int_equal(world->lifts[i].mode, LIFT_FIRE_RETURN);
        assert_int_equal(lift_label(lift_floor(&world->lifts[i])), 1);
    }
    assert_int_equal(world->lifts[0].mode, LIFT_NORMAL);
    world->safety.panels[1].fire = false;
    run_minutes(world, 1);
    assert_int_equal(world->lifts[2].mode, LIFT_NORMAL);
    mem_free(world);
}

static void test_door_fault_opens_again_and_again(void **state)
{
    struct world *world = new_world(4, "2026-11-24T03:00:00+08:00");
    struct lift *lift = &world->lifts[3];
    uint32_t cycles = lift->door_cycles;
    uint32_t runs;

    (void)state;
    lift->door_fault = true;
    run_minutes(world, 1);
    runs = lift->runs;
    run_minutes(world, 5);
    check_case("cycles", lift->door_cycles - cycles >= 20);
    assert_int_equal(lift->runs, runs);
    mem_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_day),
        cmocka_unit_test(test_water_is_conserved),
        cmocka_unit_test(test_loss_shows_at_the_main_meter_only),
        cmocka_unit_test(test_incomer_is_the_sum_of_its_feeders),
        cmocka_unit_test(test_invariants_hold_under_faults),
        cmocka_unit_test(test_curves_average_to_one),
        cmocka_unit_test(test_a_day_looks_like_a_day),
        cmocka_unit_test(test_flow_stops_at_night_unless_it_leaks),
        cmocka_unit_test(test_healthy_pumps_never_run_dry_nor_cycle),
        cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_fail_to_start_and_trip),
        cmocka_unit_test(test_short_cycling_counts_starts),
        cmocka_unit_test(test_burst_lowers_pressure_and_fills_the_sump),
        cmocka_unit_test(test_outage_stops_everything_on_the_feeder),
        cmocka_unit_test(test_phase_loss),
        cmocka_unit_test(test_entrapment_and_rescue),
        cmocka_unit_test(test_fire_recalls_the_lifts_of_its_tower),
        cmocka_unit_test(test_door_fault_opens_again_and_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
