/* world.h - the simulated compound: what is physically there and how it behaves.
 *
 * Two towers with two lifts each and a garage lift, a plant room with a suction tank, a
 * booster set of three pumps, a jockey pump for the fire main and two drainage pumps, a
 * garage fan on a drive, an escalator, water and electricity meters, a transformer with
 * its switch room, the gateway's own supply, fire panels and leak sensors. Pure: the
 * state moves in steps of WORLD_STEP_MS of simulated time (unless step_ms says
 * otherwise), and the same seed, start and faults give the same state bit for bit.
 *
 *   city ─► valve ─► tank ─► booster pumps ─► vessel ─► main meter ─► sub-meters ─► taps
 *   grid ─► incomer ─► feeders ─► pumps, lifts, flats, lights, chargers
 *
 * Invariants: counters never fall; 0 <= tank level <= 1; the flow of the main meter is
 * the sum of its sub-meters and of the leak in front of them; the power of the incomer
 * is the sum of the feeders and of what is tapped in front of them.
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
    PUMP_CIRCULATION, /* of the hot water: a closed loop */
    PUMPS
};

enum water_index {
    WATER_MAIN, /* behind the booster set */
    WATER_T1_U1,
    WATER_T1_U2,
    WATER_T2,
    WATER_SHOP, /* a kiosk that needs little */
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
    FEEDER_GUARD, /* the guard house: one phase */
    FEEDERS
};

enum {
    LIFTS = 7, /* 0 and 1 in tower 1, 2 and 3 in tower 2, the others in garage and club
                * house under it */
    RESIDUALS = 3, /* monitors: main switchboard, tower 1, loops of the garage */
    CABLES = 3,    /* two cables and one point sensor */
};

enum panel_index {
    PANEL_T1,
    PANEL_T2,
    PANEL_SMOKE,       /* aspirating detector of the switch room */
    PANEL_LOOP,        /* of the garage, behind a gateway that counts devices */
    PANEL_DEVICE,      /* one detector of it, as the gateway shows it */
    PANEL_TRANSMITTER, /* calls by itself */
    PANELS
};

/* Pump and its motor starter. */
struct pump {
    /* state */
    bool cmd;
    bool run;
    bool trip; /* motor protection has acted */
    double since_cmd_s;
    double cycle_s;
    double welded_s;
    double flow_m3h;
    double pressure_bar; /* discharge */
    double power_kw;
    double speed; /* 0..1 of 50 Hz */
    double wh_m3; /* used for each cubic metre; the mean of the last while it ran */
    double temperature_c;
    /* counters */
    uint32_t starts;
    double run_s;
    double energy_kwh;
    double volume_m3;
    /* faults */
    bool dry;      /* nothing comes in at the suction side */
    bool no_start; /* the contactor does not pull in */
    bool welded;   /* somebody starts it, and the contactor does not drop out again */
    bool cycling;  /* the pressure switch flutters */
    bool tripped;  /* forced trip */
    bool blocked;  /* runs against a closed valve */
    bool jammed;   /* something turns with it: half as much power again */
    bool creeping; /* kept turning too slowly to deliver */
    bool worn;     /* a third more power for the same water */
    bool hot;      /* the winding is not cooled */
    bool by_hand;  /* the switch stands on hand: nothing else changes */
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
    double reverse_m3;
    /* faults, at nominal pressure */
    double leak_m3h;
    double burst_m3h;
    double backflow_m3h; /* comes back through the meter while nothing is drawn */
    bool halted;         /* the counter's wheel is stuck */
    bool weak_signal;    /* of an ultrasonic meter */
    bool valve_fault;
    bool battery_low;
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
    double fill_passing_m3h; /* through the closed valve */
    double drain_m3h;
    bool set_off;    /* the booster set is switched off */
    bool lead_stuck; /* its lead never changes */
    /* fire main and sump */
    double fire_bar;
    double sump_m;
    bool sump_flood;
    bool sump_blind;      /* its switch does not see the water */
    double sump_seep_m3h; /* beside what always comes */
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
    double fitful_s;
    int forced_code; /* of a fault; what is shown for it, 0 = none */
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
    bool door_held;
    bool door_stuck; /* does not open at the landing, with somebody inside */
    bool out_of_service;
    bool inspection;
    bool stalled;   /* stops between floors, empty */
    bool slipping;  /* creeps away with open doors */
    bool shuttling; /* up and down without calls */
    bool asleep;    /* in service, and does not answer calls */
    bool fitful;    /* shows a fault for a moment again and again */
    struct rng rng;
};

struct feeder {
    double volt[PHASES];
    double amp[PHASES];
    double kw[PHASES];
    double line_volt[PHASES]; /* L1-L2, L2-L3, L3-L1 */
    double thd_percent;
    double factor; /* of the power */
    double freq_hz;
    double energy_kwh;
    double phase_energy_kwh[PHASES];
    double drift; /* of the load, relative */
    double share[PHASES];
    bool live; /* all three phases there */
    /* faults */
    bool outage;
    int lost_phase;     /* 0 = none, 1..3 */
    bool neutral_lost;  /* the star point floats with the load */
    double shift_v;     /* of all phases, and of what is behind */
    double tilt_v;      /* of the first phase, too */
    double extra_kw;    /* more load than usual, over all phases */
    double skew_kw;     /* the same on the first phase alone */
    bool uncompensated; /* reactive power is not compensated */
    bool distorted;     /* harmonics */
    double tapped_kw;   /* of the incomer: taken in front of the feeders */
    double shift_hz;    /* of the incomer: the grid's */
};

struct transformer {
    double temperature_c;
    bool uncooled; /* its fan stands still */
};

/* What flows back another way than through the neutral. */
struct residual {
    double current_ma;
    /* faults */
    bool insulation; /* a cable has lost it */
    bool ct_break;
};

/* The switch room: the supply of the gateway in it, and what guards it. */
struct room {
    double temperature_c; /* in the cabinet */
    bool hot;
    double battery; /* of the gateway's supply, 0..1 */
    bool battery_dead;
};

struct power {
    struct feeder feeders[FEEDERS];
    struct transformer transformer;
    struct room room;
    struct residual residuals[RESIDUALS];
    double grid_drift_v;
    double grid_drift_hz;
    bool mains_lost;   /* of the whole compound */
    double returned_s; /* since they came back */
    struct rng rng;
};

/* Garage fan and its drive. */
struct drive {
    bool cmd;
    bool run;
    double freq_hz;
    double current_a;
    double power_kw;
    double heatsink_c;
    double motor_thermal; /* percent */
    double run_s;
    double energy_kwh;
    /* faults */
    bool tripped;
    bool dusty;      /* the heatsink */
    bool overloaded; /* the motor */
    bool local;      /* somebody has switched it to its own panel */
};

/* As the BACnet escalator object numbers them. */
enum escalator_mode {
    ESCALATOR_STOP = 1,
    ESCALATOR_UP = 2,
    ESCALATOR_BARRED = 5,
};

struct escalator {
    enum escalator_mode mode;
    bool run;
    uint32_t fault_bits;
    double power_kw;
    double run_s;
    /* faults */
    bool stopped; /* somebody pressed the button */
    bool comb;    /* the comb plate's switch */
    bool barred;  /* taken out of service */
};

struct machines {
    struct drive drive;
    struct escalator escalator;
    struct rng rng;
};

struct panel {
    bool fire;
    bool fire_2;
    bool prealarm;
    bool fault;
    bool disabled;
    bool supervisory;
    bool testing;
    bool battery_fault;
    bool link_fault;
    bool alarm;    /* what it tells: fire, or what it takes for one */
    bool nuisance; /* takes steam for fire, 20 minutes of every six hours */
    double nuisance_s;
    bool mute;      /* a transmitter that does not call */
    bool mains_off; /* the fuse of its supply has gone */
    bool gas;       /* carbon monoxide */
    uint32_t heartbeat;
    double beat_s;
    int zone; /* of the first fire, 0 = none */
};

struct cable {
    bool leak;
    bool broken;
    bool dirty;
    bool tampered;
    bool battery_low;
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

/* What kind of day it is to people. */
enum world_day {
    WORLD_DAY_BY_DATE, /* Saturday and Sunday are free */
    WORLD_DAY_FREE,
    WORLD_DAY_WORKED,
};

struct world {
    struct wall_time time; /* simulated */
    int32_t utc_offset_s;
    enum world_day day; /* set from outside, where a calendar is known */
    int32_t step_ms;    /* of one step; set from outside, at most a second */
    uint64_t steps;
    uint64_t elapsed_ms;
    struct water water;
    struct lift lifts[LIFTS];
    struct power power;
    struct machines machines;
    struct safety safety;
};

/* `utc_offset_s` east of UTC: the daily curves follow the site's time. */
void world_init(struct world *world, uint64_t seed, struct wall_time start,
                int32_t utc_offset_s);

/* One step of step_ms, which is WORLD_STEP_MS at first. */
void world_step(struct world *world);

/* The site's clock. */
double world_hour(const struct world *world);  /* 0 <= h < 24 */
bool world_weekend(const struct world *world); /* a free day */

#endif
