/* power.c - see power.h. */
#include "plantsim/power.h"

#include "plantsim/curve.h"

#include <math.h>

#define GRID_VOLT    228.0 /* at the incomer, unloaded; 220 V nominal */
#define GRID_HZ      50.0
#define POWER_FACTOR 0.93
#define RESIDUAL_V   4.0   /* what a dead phase shows through the loads */
#define DROOP_V_KW   0.045 /* per phase */

/* The consumers on each feeder beside pumps and lifts. */
static const struct {
    enum curve curve;
    double mean_kw;
} homes[FEEDERS] = {
    [FEEDER_PUMPS] = {CURVE_LIGHTING, 0.6}, /* light and controls of the plant room */
    [FEEDER_T1] = {CURVE_POWER_HOME, 42},    [FEEDER_T2] = {CURVE_POWER_HOME, 55},
    [FEEDER_LIGHTING] = {CURVE_LIGHTING, 6}, [FEEDER_CHARGING] = {CURVE_CHARGING, 18},
};

void power_init(struct power *power, struct rng rng)
{
    double total = 0;

    *power = (struct power){.rng = rng};
    for (int i = FEEDER_PUMPS; i < FEEDERS; i++) {
        struct feeder *feeder = &power->feeders[i];
        double tilt = rng_between(&power->rng, -0.05, 0.05);

        feeder->share[0] = 1.0 / 3 + tilt;
        feeder->share[1] = 1.0 / 3 - tilt * 0.4;
        feeder->share[2] = 1 - feeder->share[0] - feeder->share[1];
        feeder->energy_kwh = homes[i].mean_kw * rng_between(&power->rng, 4000, 6000);
        total += feeder->energy_kwh;
    }
    power->feeders[FEEDER_INCOMER].energy_kwh = total;
    for (int i = 0; i < FEEDERS; i++) {
        struct feeder *feeder = &power->feeders[i];

        feeder->live = true;
        for (int p = 0; p < PHASES; p++)
            feeder->phase_energy_kwh[p] = feeder->energy_kwh / PHASES;
    }
}

static double motors_kw(int index, const struct power_load *load)
{
    switch (index) {
    case FEEDER_PUMPS:
        return load->pumps_kw;
    case FEEDER_T1:
        return load->lifts_kw[0];
    case FEEDER_T2:
        return load->lifts_kw[1];
    default:
        return 0;
    }
}

static bool phase_present(const struct power *power, const struct feeder *feeder,
                          int phase)
{
    const struct feeder *incomer = &power->feeders[FEEDER_INCOMER];

    return !incomer->outage && !feeder->outage && incomer->lost_phase != phase + 1 &&
           feeder->lost_phase != phase + 1;
}

static void add_energy(struct feeder *feeder, double step_s)
{
    for (int p = 0; p < PHASES; p++) {
        feeder->phase_energy_kwh[p] += feeder->kw[p] * step_s / 3600;
        feeder->energy_kwh += feeder->kw[p] * step_s / 3600;
    }
}

static void step_voltage(struct power *power, struct feeder *feeder)
{
    feeder->live = true;
    for (int p = 0; p < PHASES; p++) {
        bool present = phase_present(power, feeder, p);
        double grid = GRID_VOLT + power->grid_drift_v + 0.6 * (p - 1);

        feeder->live = feeder->live && present;
        feeder->volt[p] = present ? grid - DROOP_V_KW * feeder->kw[p] : 0;
    }
    /* With one phase gone the others feed a little back into it. */
    if (!feeder->live)
        for (int p = 0; p < PHASES; p++)
            if (feeder->volt[p] <= 0 && !feeder->outage &&
                !power->feeders[FEEDER_INCOMER].outage)
                feeder->volt[p] = RESIDUAL_V;
}

static void step_currents(struct feeder *feeder)
{
    for (int p = 0; p < PHASES; p++)
        feeder->amp[p] = feeder->volt[p] > 50
                             ? feeder->kw[p] * 1000 / feeder->volt[p] / POWER_FACTOR
                             : 0;
}

static void step_feeder(struct power *power, int index, const struct power_load *load,
                        double step_s)
{
    struct feeder *feeder = &power->feeders[index];
    double factor = curve_at(homes[index].curve, load->hour, load->weekend);
    double flats;

    feeder->drift = rng_drift(&power->rng, feeder->drift, 0.07, 240, step_s);
    flats = homes[index].mean_kw * factor * fmax(1 + feeder->drift, 0.3);
    for (int p = 0; p < PHASES; p++)
        feeder->kw[p] = phase_present(power, feeder, p)
                            ? flats * feeder->share[p] + motors_kw(index, load) / PHASES
                            : 0;
}

static void step_incomer(struct power *power)
{
    struct feeder *incomer = &power->feeders[FEEDER_INCOMER];

    for (int p = 0; p < PHASES; p++) {
        incomer->kw[p] = 0;
        for (int i = FEEDER_PUMPS; i < FEEDERS; i++)
            incomer->kw[p] += power->feeders[i].kw[p];
    }
}

void power_step(struct power *power, const struct power_load *load, double step_s)
{
    power->grid_drift_v = rng_drift(&power->rng, power->grid_drift_v, 1.5, 600, step_s);
    power->grid_drift_hz =
        rng_drift(&power->rng, power->grid_drift_hz, 0.015, 60, step_s);
    for (int i = FEEDER_PUMPS; i < FEEDERS; i++)
        step_feeder(power, i, load, step_s);
    step_incomer(power);
    for (int i = 0; i < FEEDERS; i++) {
        struct feeder *feeder = &power->feeders[i];

        step_voltage(power, feeder);
        step_currents(feeder);
        add_energy(feeder, step_s);
        feeder->freq_hz = feeder->volt[0] > 50 || feeder->volt[1] > 50
                              ? GRID_HZ + power->grid_drift_hz
                              : 0;
    }
}
