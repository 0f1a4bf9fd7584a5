/* world.h - the simulated compound: what is physically there and how it behaves.
 *
 * Two towers with two lifts each, a plant room with a suction tank, a booster set of
 * three pumps, a jockey pump for the fire main and two drainage pumps, water and
 * electricity meters, two fire panels and leak sensors. Pure: the state moves in steps
 * of WORLD_STEP_MS of simulated time, and the same seed, start and faults give the same
 * state bit for bit.
 *
 *   city ─► valve ─► tank ─► booster pumps ─► vessel ─► main meter ─► sub-meters ─► taps
 *   grid ─► incomer ─► feeders ─► pumps, lifts, flats, lights, chargers
 *
 * Invariants: counters never fall; 0 <= tank level <= 1; the flow of the main meter is
 * the sum of its sub-meters and of the leak in front of them; the power of the incomer
 * is the sum of the feeders.
 *
 * Units: bar for pressure inside, m3/h, kW, s; readings.h converts to what instruments
 * show. Threads: one owner.
 */
#ifndef PLANTSIM_WORLD_H
#define PLANTSIM_WORLD_H

#include "base/clock.h"
#include "plantsim/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    WORLD_STEP_MS = 200,
    DRAWS_MAX = 64, /* open taps behind one meter; the evening peak stays below 15 */
    CALLS_MAX = 8,  /* waiting lift calls; more people walk */
    PHASES = 3,
};

enum pump_index {
    PUMP_BOOSTER_1,
    PUMP_BOOSTER_2,
    PUMP_BOOSTER_3,
    PUMP_JOCKEY,
    PUMP_SUMP_1,
    PUMP_SUMP_2,
    PUMPS
};

enum water_index {
    WATER_MAIN, /* behind the booster set */
    WATER_T1_U1,
    WATER_T1_U2,
    WATER_T2,
    WATER_PUBLIC,
    WATER_CITY, /* in front of the tank */
    WATER_METERS
};

enum feeder_index {
    FEEDER_INCOMER,
    FEEDER_PUMPS,
    FEEDER_T1,
    FEEDER_T2,
    FEEDER_LIGHTING,
    FEEDER_CHARGING,
    FEEDERS
};

enum {
    LIFTS = 4,  /* 0 and 1 in tower 1, 2 and 3 in tower 2 */
    PANELS = 2, /* one for each tower */
    CABLES = 3, /* two cables and one point sensor */
};

/* Pump and its motor starter. */
struct pump {
    /* state */
    bool cmd;
    bool run;
    bool trip; /* motor protection has acted */
    double since_cmd_s;
    double cycle_s;
    double flow_m3h;
    double pressure_bar; /* discharge */
    double power_kw;
    double speed; /* 0..1 of 50 Hz */
    double temperature_c;
    /* counters */
    uint32_t starts;
    double run_s;
    double energy_kwh;
    double volume_m3;
    /* faults */
    bool dry;      /* nothing comes in at the suction side */
    bool no_start; /* the contactor does not pull in */
    bool cycling;  /* the pressure switch flutters */
    bool tripped;  /* forced trip */
};

/* One open tap. */
struct draw {
    double flow_m3h;
    double left_s;
};

struct water_meter {
    struct draw draws[DRAWS_MAX];
    int draw_count;
    double flow_m3h;
    double volume_m3;
    /* faults, at nominal pressure */
    double leak_m3h;
    double burst_m3h;
};

struct water {
    struct pump pumps[PUMPS];
    struct water_meter meters[WATER_METERS];
    double net_bar; /* behind the booster set */
    /* booster control */
    bool active;
    bool suction_low; /* the low-level switch has stopped the set */
    int lead;
    int helpers; /* pumps beside the lead */
    double speed;
    double demand_m3h; /* smoothed */
    double weak_s;
    double idle_s;
    /* tank */
    double tank_level; /* 0..1 */
    bool fill_open;
    double overflow_m3;
    double drained_m3;
    double pumped_m3;
    bool fill_stuck_open;
    bool fill_stuck_shut;
    double drain_m3h;
    /* fire main and sump */
    double fire_bar;
    double sump_m;
    bool sump_flood;
    int sump_lead;
    struct rng rng;
};

enum lift_state {
    LIFT_IDLE,
    LIFT_OPENING,
    LIFT_OPEN,
    LIFT_CLOSING,
    LIFT_MOVING,
    LIFT_HALTED, /* stopped by a fault or for want of power */
};

/* GB/T 24476-2017 service modes. */
enum lift_mode {
    LIFT_OUT_OF_SERVICE = 0,
    LIFT_NORMAL = 1,
    LIFT_INSPECTION = 2,
    LIFT_FIRE_RETURN = 3,
    LIFT_FIREFIGHTER = 4,
    LIFT_EMERGENCY_POWER = 5,
    LIFT_EARTHQUAKE = 6,
    LIFT_MODE_UNKNOWN = 7,
};

struct lift_call {
    int from; /* floor index, 0 = lowest */
    int to;
};

struct lift {
    /* fixed */
    int floors;
    bool rescue; /* battery drive to the next floor when the mains fail */
    /* state */
    enum lift_state state;
    enum lift_mode mode;
    double state_s;
    double position_m; /* above the lowest floor */
    double speed_ms;
    int target;
    int passengers;
    bool boarding; /* the next stop is where they get in */
    struct lift_call calls[CALLS_MAX];
    int call_count;
    int fault_code; /* GB/T 24476-2017 code, 0 = none */
    bool alarm_button;
    double trapped_s;
    bool powered;
    double power_kw;
    int reopenings;
    /* counters */
    uint32_t runs;
    uint32_t door_cycles;
    double run_s;
    /* faults */
    bool entrapment;
    bool door_fault;
    bool out_of_service;
    bool inspection;
    struct rng rng;
};

struct feeder {
    double volt[PHASES];
    double amp[PHASES];
    double kw[PHASES];
    double freq_hz;
    double energy_kwh;
    double phase_energy_kwh[PHASES];
    double drift; /* of the load, relative */
    double share[PHASES];
    bool live; /* all three phases there */
    /* faults */
    bool outage;
    int lost_phase; /* 0 = none, 1..3 */
};

struct power {
    struct feeder feeders[FEEDERS];
    double grid_drift_v;
    double grid_drift_hz;
    struct rng rng;
};

struct panel {
    bool fire;
    bool fault;
    bool disabled;
    bool supervisory;
    uint32_t heartbeat;
    double beat_s;
    int zone; /* of the first fire, 0 = none */
};

struct cable {
    bool leak;
    bool broken;
    double distance_m;
    double current_ua;
    double length_m;
    double battery;
};

struct safety {
    struct panel panels[PANELS];
    struct cable cables[CABLES];
    struct rng rng;
};

struct world {
    struct wall_time time; /* simulated */
    int32_t utc_offset_s;
    uint64_t steps;
    struct water water;
    struct lift lifts[LIFTS];
    struct power power;
    struct safety safety;
};

/* `utc_offset_s` east of UTC: the daily curves follow the site's time. */
void world_init(struct world *world, uint64_t seed, struct wall_time start,
                int32_t utc_offset_s);

/* One step of WORLD_STEP_MS. */
void world_step(struct world *world);

/* The site's clock. */
double world_hour(const struct world *world); /* 0 <= h < 24 */
bool world_weekend(const struct world *world);

#endif
