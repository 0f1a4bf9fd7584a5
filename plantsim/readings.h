/* readings.h - what the instruments show of the world.
 *
 * Between the physics and the wire: noise, resolution, status words, the units of the
 * field. A reading is plain data that register maps and payloads point into.
 *
 * Pure. Threads: one owner.
 */
#ifndef PLANTSIM_READINGS_H
#define PLANTSIM_READINGS_H

#include "plantsim/world.h"

#include <stdbool.h>
#include <stdint.h>

struct lift_reading {
    /* contacts, in the order of the inputs of the I/O module */
    bool power_ok;
    bool in_service; /* fail-safe relay: open while out of service */
    bool inspection;
    bool alarm_button;
    bool moving;
    bool in_door_zone;
    bool door_closed;
    bool safety_chain_closed;
    /* what a controller's interface tells beside them */
    uint32_t mode;      /* GB/T 24476-2017 */
    uint32_t direction; /* 0 stands, 1 up, 2 down */
    double floor;       /* as shown in the car: -1, 1, 2, ... */
    bool passenger_present;
    uint32_t fault_code;
    uint32_t run_count;
    uint32_t run_s;
    uint32_t door_cycles;
    double load_percent;
    /* what the garage lift's collector packs: service and direction, code and its part,
     * a bit field of judgements */
    uint32_t service;
    uint32_t code_100;
    uint32_t judgement;
    /* what monitors tell in JSON */
    uint32_t object_mode;   /* as the BACnet lift object numbers it */
    uint32_t platform_code; /* in the numbers of the platform it is made for */
    uint32_t fault_bits;
    bool fault;
    double hours;
};

struct pump_reading {
    bool run;
    bool cmd;
    bool fault;
    bool automatic;
    double flow_m3h;
    double pressure_bar;
    double current_a;
    double power_w;
    double freq_hz;
    double speed_rpm;
    double speed_percent;
    double motor_k;
    double volume_m3;
    uint32_t alarm_code;
    uint32_t starts;
    uint32_t hours;
    uint32_t energy_kwh;
    double wh_m3; /* used for each cubic metre, now */
    /* what a booster's control tells beside them */
    bool dry_run;
    uint32_t version;   /* of its register map, in thousandths */
    uint32_t pumps;     /* that it has */
    uint32_t pump_mode; /* 1 hand, 2 auto */
};

struct water_reading {
    double flow_m3h;
    double volume_m3;
    double reverse_m3;
    double pressure_mpa;
    double temperature_c;
    double battery_v;
    uint32_t pulses;     /* of 10 litres */
    uint32_t pipe_state; /* 0xAA full, 0x55 empty */
    uint32_t valve;      /* bit 0 open, bit 1 shut, bit 2 fault, bit 3 battery low */
    uint32_t signal;     /* quality, 0 to 99 */
    double pipe_mm;
};

struct feeder_reading {
    double volt[PHASES];
    double amp[PHASES];
    double watt[PHASES];
    double va[PHASES];
    double var[PHASES];
    double pf[PHASES];
    double p_total;
    double s_total;
    double q_total;
    double pf_total;
    double freq;
    double e_import;
    double e_export;
    double e_phase[PHASES];
    double line[PHASES];
    double thd;
};

struct panel_reading {
    bool fire;
    bool fault;
    bool disabled;
    bool supervisory;
    bool normal;
    bool fire_2;
    bool prealarm;
    bool mains_fault;
    bool battery_fault;
    bool link_fault;
    uint32_t in_test;
    uint32_t prealarms;
    uint32_t event;   /* of a single device, as Honeywell numbers them */
    uint32_t fan_rpm; /* of an aspirating detector */
    uint32_t mode;    /* of the same: 3 normal, 2 test */
    uint32_t heartbeat;
    uint32_t fires;
    uint32_t faults;
    uint32_t disablements;
    uint32_t zone;
};

struct cable_reading {
    bool leak;
    bool cable_break;
    bool contamination;
    bool summary;
    double leak_distance; /* m, 0 without a leak */
    uint32_t unit;        /* 0 = m */
    double current_ua;
    double length_m;
    double resistance_ohm;
    double battery_percent;
    double voltage_mv;
    uint32_t link_quality;
    bool battery_low;
    bool tamper;
};

struct tank_reading {
    uint32_t unit_code; /* 16 = metres of water column */
    uint32_t decimals;
    double level_mm;
    double zero;
    double full_mm;
    double level_percent;
    bool fill_open;
};

struct ups_reading {
    bool mains_present;
    bool battery_low;
};

struct drive_reading {
    bool cmd;
    bool ready;
    bool run;
    bool fault;
    bool remote;
    double freq_hz;
    double current_a;
    double power_w;
    double motor_volt;
    double motor_thermal;
    double heatsink_c;
    double dc_volt;
    uint32_t hours;
    uint32_t energy_kwh;
};

struct escalator_reading {
    uint32_t mode;
    bool run;
    uint32_t faults;
    double hours;
};

struct residual_reading {
    double current_ma;
    uint32_t status; /* bit 0 warning, bit 1 alarm, bit 2 broken current transformer */
    uint32_t rated_ma;
    uint32_t warning_ma;
    uint32_t address;
    bool valid;
    bool alarm;
    bool warning;
    bool toroid;
    uint32_t loop_state; /* two bits for each of four loops, the first highest */
    uint32_t loop_last;
};

struct warmth_reading {
    double temperature_c;
};

enum thing_kind {
    THING_LIFT,
    THING_PUMP,
    THING_WATER_METER,
    THING_FEEDER,
    THING_PANEL,
    THING_CABLE,
    THING_TANK,
    THING_SUMP, /* has the reading of a tank */
    THING_UPS,
    THING_DRIVE,
    THING_ESCALATOR,
    THING_RESIDUAL,
    THING_TRANSFORMER, /* these two have the reading of warmth */
    THING_SENSOR,
    THING_KINDS
};

/* Of one equipment; which member is meant is the equipment's kind. */
union reading {
    struct lift_reading lift;
    struct pump_reading pump;
    struct water_reading water;
    struct feeder_reading feeder;
    struct panel_reading panel;
    struct cable_reading cable;
    struct tank_reading tank;
    struct ups_reading ups;
    struct drive_reading drive;
    struct escalator_reading escalator;
    struct residual_reading residual;
    struct warmth_reading warmth;
};

/* Number `index` of that kind, as an instrument shows it now. */
void reading_take(union reading *reading, const struct world *world, enum thing_kind kind,
                  int index, struct rng *noise);

#endif
