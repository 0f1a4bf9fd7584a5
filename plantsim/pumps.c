/* pumps.c - see pumps.h. */
#include "plantsim/pumps.h"

#include "plantsim/water.h"

#include <math.h>

enum {
    BOOSTERS = 3, /* the first pumps of the table */
};

/* What is on the nameplates. Head over flow: head = shut_off - drop * flow^2. */
static const struct {
    double shut_off_bar;
    double duty_m3h;
    double duty_bar;
    double duty_kw;
} plates[PUMPS] = {
    [PUMP_BOOSTER_1] = {6.0, 8.0, 4.5, 1.9},   [PUMP_BOOSTER_2] = {6.0, 8.0, 4.5, 1.9},
    [PUMP_BOOSTER_3] = {6.0, 8.0, 4.5, 1.9},   [PUMP_JOCKEY] = {10.5, 3.6, 8.0, 2.2},
    [PUMP_SUMP_1] = {1.6, 20.0, 1.0, 1.5},     [PUMP_SUMP_2] = {1.6, 20.0, 1.0, 1.5},
    [PUMP_CIRCULATION] = {1.2, 4.0, 0.8, 0.6},
};

/* The controllers' settings. */
static const struct {
    double start_bar;       /* a resting booster set starts below */
    double weak_bar;        /* a helper joins after a while below */
    double gain_m3h_bar;    /* of the pressure control */
    double quiet_m3h;       /* below this the set fills the vessel and then rests */
    double fill_m3h;        /* while it fills */
    double fill_bar;        /* it rests above */
    double suction_stop;    /* tank level */
    double suction_release; /* tank level */
    double jockey_on_bar;
    double jockey_off_bar;
    double sump_on_m;
    double sump_off_m;
    double sump_help_m;
} settings = {4.0, 4.2, 20, 1.0, 2.0, 4.9, 0.06, 0.12, 7.5, 8.5, 0.8, 0.3, 1.1};

#define START_DELAY_S   0.5  /* contactor and soft start */
#define CYCLE_S         20.0 /* of a fluttering pressure switch */
#define CYCLE_ON_S      8.0
#define MOTOR_IDLE_KW   0.25
#define DRY_POWER       0.4 /* of the power with water */
#define JAMMED_POWER    1.6
#define WORN_POWER      1.35
#define HOT_C           150.0
#define STARTED_FOR_S   10.0 /* by whoever starts it, and finds it welded */
#define CREEP_SPEED     0.5
#define ENERGY_TAU_S    1800.0 /* of the mean that the pump's electronics keep */
#define RAMP_PER_S      0.1    /* of the frequency converter */
#define DEMAND_MEMORY_S 30.0

static double drop_of(int index)
{
    return (plates[index].shut_off_bar - plates[index].duty_bar) /
           (plates[index].duty_m3h * plates[index].duty_m3h);
}

static int next_lead(const struct water *water)
{
    if (water->lead_stuck && !water->pumps[water->lead].trip)
        return water->lead;
    for (int k = 1; k <= BOOSTERS; k++) {
        int index = (water->lead + k) % BOOSTERS;

        if (!water->pumps[index].trip)
            return index;
    }
    return water->lead;
}

/* The converter aims at what leaves the set plus what brings the pressure back. With
 * little demand it fills the vessel instead, so that a pump never turns on the spot. */
static void follow_demand(struct water *water, double outflow_m3h, double step_s)
{
    double error = WATER_NOMINAL_BAR - water->net_bar;
    int pumps = water->helpers + 1;
    double each = (outflow_m3h + settings.gain_m3h_bar * error) / pumps;
    bool quiet = water->demand_m3h < settings.quiet_m3h;
    double least = quiet ? settings.fill_m3h : 0.7 * outflow_m3h / pumps;
    double flow = fmin(fmax(each, least), 9.5);
    double head = water->net_bar + drop_of(PUMP_BOOSTER_1) * flow * flow;
    double want = fmin(sqrt(head / plates[PUMP_BOOSTER_1].shut_off_bar), 1);
    double change =
        fmin(fmax(want - water->speed, -RAMP_PER_S * step_s), RAMP_PER_S * step_s);

    water->speed += change;
}

static void count_helpers(struct water *water, double outflow_m3h, double step_s)
{
    bool weak = water->active && water->net_bar < settings.weak_bar;
    bool idle = water->helpers > 0 && outflow_m3h < 0.7 * 8 * water->helpers && !weak;

    water->weak_s = weak ? water->weak_s + step_s : 0;
    water->idle_s = idle ? water->idle_s + step_s : 0;
    if (water->weak_s > 15 && water->helpers < BOOSTERS - 1) {
        water->helpers++;
        water->weak_s = 0;
    }
    if (water->idle_s > 30) {
        water->helpers--;
        water->idle_s = 0;
    }
}

static void control_boosters(struct water *water, double outflow_m3h, double step_s)
{
    int ordered = 0;

    if (water->tank_level < settings.suction_stop)
        water->suction_low = true;
    if (water->tank_level > settings.suction_release)
        water->suction_low = false;
    if (!water->active && water->net_bar < settings.start_bar) {
        water->active = true;
        water->helpers = 0;
        water->lead = next_lead(water);
    }
    if (water->pumps[water->lead].trip)
        water->lead = next_lead(water);
    water->demand_m3h += (outflow_m3h - water->demand_m3h) * step_s / DEMAND_MEMORY_S;
    follow_demand(water, outflow_m3h, step_s);
    count_helpers(water, outflow_m3h, step_s);
    if ((water->net_bar > settings.fill_bar && water->demand_m3h < settings.quiet_m3h) ||
        water->suction_low || water->set_off)
        water->active = false;
    for (int k = 0; k < BOOSTERS; k++) {
        struct pump *pump = &water->pumps[(water->lead + k) % BOOSTERS];

        pump->cmd = water->active && !pump->trip && ordered <= water->helpers;
        ordered += pump->trip ? 0 : 1;
    }
}

static void control_jockey(struct water *water)
{
    struct pump *pump = &water->pumps[PUMP_JOCKEY];

    if (water->fire_bar < settings.jockey_on_bar)
        pump->cmd = true;
    if (water->fire_bar > settings.jockey_off_bar)
        pump->cmd = false;
}

/* One pump empties the pit, in turns; the other helps when the water keeps rising. */
static void control_sump(struct water *water)
{
    struct pump *lead = &water->pumps[PUMP_SUMP_1 + water->sump_lead];
    struct pump *other = &water->pumps[PUMP_SUMP_2 - water->sump_lead];

    if (water->sump_blind) {
        lead->cmd = false;
        other->cmd = false;
        return;
    }
    if (water->sump_m > settings.sump_on_m)
        lead->cmd = true;
    if (water->sump_m > settings.sump_help_m)
        other->cmd = true;
    if (water->sump_m < settings.sump_off_m) {
        if (lead->cmd)
            water->sump_lead = 1 - water->sump_lead;
        lead->cmd = false;
        other->cmd = false;
    }
}

/* The hot water goes round while people are awake. */
static void control_circulation(struct water *water, double hour)
{
    water->pumps[PUMP_CIRCULATION].cmd = hour >= 5 && hour < 24;
}

static bool is_sump_pump(int index)
{
    return index == PUMP_SUMP_1 || index == PUMP_SUMP_2;
}

/* Faults that show at the command: somebody or something wants the pump to run. */
static void apply_faults(struct pump *pump, double step_s)
{
    pump->trip = pump->tripped;
    if (pump->dry || pump->no_start || pump->blocked || pump->jammed || pump->creeping)
        pump->cmd = true;
    pump->welded_s = pump->welded ? pump->welded_s + step_s : 0;
    if (pump->welded && pump->welded_s < STARTED_FOR_S)
        pump->cmd = true;
    else if (pump->welded && pump->welded_s < STARTED_FOR_S + step_s)
        pump->cmd = false;
    if (pump->cycling) {
        pump->cycle_s = fmod(pump->cycle_s + step_s, CYCLE_S);
        pump->cmd = pump->cycle_s < CYCLE_ON_S;
    }
    if (pump->trip)
        pump->cmd = false;
}

void pumps_control(struct water *water, double outflow_m3h, double hour, double step_s)
{
    control_boosters(water, outflow_m3h, step_s);
    control_circulation(water, hour);
    control_jockey(water);
    control_sump(water);
    for (int i = 0; i < PUMPS; i++)
        apply_faults(&water->pumps[i], step_s);
}

static void step_starter(struct pump *pump, bool powered, double step_s)
{
    bool was = pump->run;

    pump->since_cmd_s = pump->cmd ? pump->since_cmd_s + step_s : 0;
    pump->run = pump->cmd && powered && !pump->no_start && !pump->trip &&
                pump->since_cmd_s > START_DELAY_S;
    if (pump->welded && powered && (was || pump->run))
        pump->run = true;
    if (pump->run && !was)
        pump->starts++;
}

/* Flow against `against_bar` at the pump's speed; a check valve stops it backwards. */
static double flow_against(const struct pump *pump, int index, double against_bar)
{
    double head = plates[index].shut_off_bar * pump->speed * pump->speed;

    return head <= against_bar ? 0 : sqrt((head - against_bar) / drop_of(index));
}

static void step_motor(struct pump *pump, int index, double step_s)
{
    double load = pump->flow_m3h / plates[index].duty_m3h;
    double cube = pump->speed * pump->speed * pump->speed;
    double warm = 26;

    pump->power_kw = 0;
    if (pump->run) {
        pump->power_kw =
            MOTOR_IDLE_KW + plates[index].duty_kw * cube * (0.45 + 0.55 * load);
        if (pump->dry)
            pump->power_kw *= DRY_POWER;
        if (pump->jammed)
            pump->power_kw *= JAMMED_POWER;
        if (pump->worn)
            pump->power_kw *= WORN_POWER;
        pump->run_s += step_s;
        warm = 45 + 15 * load;
    }
    if (pump->hot)
        warm = HOT_C;
    pump->temperature_c += (warm - pump->temperature_c) * step_s / 900;
    if (pump->flow_m3h > 0.1)
        pump->wh_m3 += (pump->power_kw * 1000 / pump->flow_m3h - pump->wh_m3) * step_s /
                       ENERGY_TAU_S;
    pump->energy_kwh += pump->power_kw * step_s / 3600;
    pump->volume_m3 += pump->flow_m3h * step_s / 3600;
}

double pumps_step(struct water *water, bool powered, double step_s)
{
    double boosted = 0;

    for (int i = 0; i < PUMPS; i++) {
        struct pump *pump = &water->pumps[i];
        double against = i < BOOSTERS ? water->net_bar
                         : i == PUMP_JOCKEY
                             ? water->fire_bar
                             : 0.8; /* drain pipe, or the loop's friction */
        bool empty = pump->dry || pump->blocked ||
                     (i < BOOSTERS && water->tank_level < 0.001) ||
                     (is_sump_pump(i) && water->sump_m < 0.05);

        step_starter(pump, powered, step_s);
        pump->speed = !pump->run ? 0 : i < BOOSTERS ? water->speed : 1;
        if (pump->run && pump->creeping)
            pump->speed = CREEP_SPEED;
        pump->flow_m3h = pump->run && !empty ? flow_against(pump, i, against) : 0;
        pump->pressure_bar = i < PUMP_SUMP_1 ? against : pump->flow_m3h > 0 ? 0.8 : 0.1;
        if (i == PUMP_CIRCULATION)
            pump->pressure_bar += 1.5;  /* what stands on the loop */
        if (pump->run && pump->blocked) /* all it can do, and none of it gets out */
            pump->pressure_bar = plates[i].shut_off_bar * pump->speed * pump->speed;
        step_motor(pump, i, step_s);
        if (i < BOOSTERS)
            boosted += pump->flow_m3h;
    }
    return boosted;
}
