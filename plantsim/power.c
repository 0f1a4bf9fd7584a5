/* power.c - see power.h. */
#include "plantsim/power.h"

#include "plantsim/curve.h"

#include <math.h>

#define GRID_VOLT    228.0 /* at the incomer, unloaded; 220 V nominal */
#define GRID_HZ      50.0
#define POWER_FACTOR 0.93
#define POOR_FACTOR  0.72 /* without compensation */
#define GRID_THD     2.2  /* percent */
#define BAD_THD      11.0
#define SQRT3        1.7320508075688772
#define RESIDUAL_V   4.0   /* what a dead phase shows through the loads */
#define DROOP_V_KW   0.045 /* per phase */
#define FLOAT_PART   0.19  /* how far a floating star point moves, of the phase voltage */

/* The transformer, dry type of 400 kVA: IEC 60076-12 allows 100 K over 40 degrees. */
#define TRAFO_KW      380.0
#define TRAFO_AIR_C   27.0
#define TRAFO_RISE_C  70.0  /* at full load, with its fan */
#define TRAFO_HEAT_C  135.0 /* more without */
#define TRAFO_TAU_S   2400.0
#define CABINET_C     27.0
#define CABINET_HOT_C 82.0
#define CABINET_TAU_S 900.0

#define RESIDUAL_BAD 420.0

#define BATTERY_LIFE_S (4.0 * 3600)
#define BATTERY_FILL_S (12.0 * 3600)
#define LONG_AGO_S     1e9

/* The consumers on each feeder beside pumps and lifts. */
static const struct {
    enum curve curve;
    double mean_kw;
} homes[FEEDERS] = {
    [FEEDER_PUMPS] = {CURVE_LIGHTING, 0.6}, /* light and controls of the plant room */
    [FEEDER_T1] = {CURVE_POWER_HOME, 42},    [FEEDER_T2] = {CURVE_POWER_HOME, 55},
    [FEEDER_LIGHTING] = {CURVE_LIGHTING, 6}, [FEEDER_CHARGING] = {CURVE_CHARGING, 18},
    [FEEDER_GUARD] = {CURVE_LIGHTING, 0.8},
};

/* 0 where something is fed that is not told. */
static double tapped_kw(const struct feeder *feeder)
{
    return feeder->outage ? 0 : feeder->tapped_kw;
}

void power_init(struct power *power, struct rng rng)
{
    double total = 0;

    *power = (struct power){.rng = rng};
    for (int i = FEEDER_PUMPS; i < FEEDERS; i++) {
        struct feeder *feeder = &power->feeders[i];
        double tilt = rng_between(&power->rng, -0.03, 0.03);

        feeder->share[0] = 1.0 / 3 + tilt;
        feeder->share[1] = 1.0 / 3 - tilt * 0.4;
        feeder->share[2] = 1 - feeder->share[0] - feeder->share[1];
        if (i == FEEDER_GUARD) {
            feeder->share[0] = 1;
            feeder->share[1] = feeder->share[2] = 0;
        }
        feeder->energy_kwh = homes[i].mean_kw * rng_between(&power->rng, 4000, 6000);
        total += feeder->energy_kwh;
    }
    power->feeders[FEEDER_INCOMER].energy_kwh = total;
    power->transformer.temperature_c = 45;
    power->room = (struct room){.temperature_c = CABINET_C, .battery = 1};
    power->returned_s = LONG_AGO_S;
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
    case FEEDER_LIGHTING:
        return load->escalator_kw;
    default:
        return 0;
    }
}

static bool phase_present(const struct power *power, const struct feeder *feeder,
                          int phase)
{
    const struct feeder *incomer = &power->feeders[FEEDER_INCOMER];

    return !power->mains_lost && !incomer->outage && !feeder->outage &&
           incomer->lost_phase != phase + 1 && feeder->lost_phase != phase + 1;
}

static void add_energy(struct feeder *feeder, double step_s)
{
    for (int p = 0; p < PHASES; p++) {
        feeder->phase_energy_kwh[p] += feeder->kw[p] * step_s / 3600;
        feeder->energy_kwh += feeder->kw[p] * step_s / 3600;
    }
}

/* What scenarios add, of the feeder itself and of what feeds it. */
static double shift_v(const struct power *power, const struct feeder *feeder, int phase)
{
    const struct feeder *incomer = &power->feeders[FEEDER_INCOMER];
    double shift = feeder->shift_v + (phase == 0 ? feeder->tilt_v : 0);

    if (feeder != incomer)
        shift += incomer->shift_v + (phase == 0 ? incomer->tilt_v : 0);
    return shift;
}

/* Phases stand at 120 degrees: |a - b| of two neighbours. A star point that floats leaves
 * the voltages between the lines as they are, raises one to it and lowers another. */
static void step_lines(struct feeder *feeder)
{
    for (int p = 0; p < PHASES; p++) {
        double a = feeder->volt[p];
        double b = feeder->volt[(p + 1) % PHASES];

        feeder->line_volt[p] = sqrt(a * a + b * b + a * b);
    }
    if (!feeder->neutral_lost)
        return;
    feeder->volt[0] *= 1 + FLOAT_PART;
    feeder->volt[1] *= 1 - FLOAT_PART;
}

static void step_voltage(struct power *power, struct feeder *feeder)
{
    bool dead =
        power->mains_lost || feeder->outage || power->feeders[FEEDER_INCOMER].outage;

    feeder->live = true;
    for (int p = 0; p < PHASES; p++) {
        bool present = phase_present(power, feeder, p);
        double grid =
            GRID_VOLT + power->grid_drift_v + 0.6 * (p - 1) + shift_v(power, feeder, p);

        feeder->live = feeder->live && present;
        feeder->volt[p] = present ? grid - DROOP_V_KW * feeder->kw[p] : 0;
    }
    /* With one phase gone the others feed a little back into it. */
    if (!feeder->live && !dead)
        for (int p = 0; p < PHASES; p++)
            if (feeder->volt[p] <= 0)
                feeder->volt[p] = RESIDUAL_V;
    step_lines(feeder);
    feeder->thd_percent =
        dead ? 0 : (feeder->distorted ? BAD_THD : GRID_THD) + 0.2 * feeder->drift;
}

static void step_currents(struct feeder *feeder)
{
    feeder->factor = feeder->uncompensated ? POOR_FACTOR : POWER_FACTOR;
    for (int p = 0; p < PHASES; p++)
        feeder->amp[p] = feeder->volt[p] > 50
                             ? feeder->kw[p] * 1000 / feeder->volt[p] / feeder->factor
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
    for (int p = 0; p < PHASES; p++) {
        double kw = flats * feeder->share[p] +
                    (motors_kw(index, load) + feeder->extra_kw) / PHASES;

        if (p == 0)
            kw += feeder->skew_kw;
        feeder->kw[p] = phase_present(power, feeder, p) ? kw : 0;
    }
}

static void step_incomer(struct power *power)
{
    struct feeder *incomer = &power->feeders[FEEDER_INCOMER];

    for (int p = 0; p < PHASES; p++) {
        incomer->kw[p] = tapped_kw(incomer) / PHASES;
        for (int i = FEEDER_PUMPS; i < FEEDERS; i++)
            incomer->kw[p] += power->feeders[i].kw[p];
    }
}

/* Towards `want` with a time constant. */
static void settle(double *value, double want, double tau_s, double step_s)
{
    *value += (want - *value) * step_s / tau_s;
}

static void step_transformer(struct power *power, double step_s)
{
    const struct feeder *incomer = &power->feeders[FEEDER_INCOMER];
    struct transformer *transformer = &power->transformer;
    double load = (incomer->kw[0] + incomer->kw[1] + incomer->kw[2]) / TRAFO_KW;
    double want = TRAFO_AIR_C + TRAFO_RISE_C * load * load + 12 * (load > 0);

    if (transformer->uncooled)
        want += TRAFO_HEAT_C;
    settle(&transformer->temperature_c, want, TRAFO_TAU_S, step_s);
}

static void step_room(struct power *power, double hour, double step_s)
{
    struct room *room = &power->room;
    double warm = CABINET_C + 2.5 * sin((hour - 9) / 12 * 3.14159265);

    settle(&room->temperature_c, room->hot ? CABINET_HOT_C : warm, CABINET_TAU_S, step_s);
    room->battery +=
        power->mains_lost ? -step_s / BATTERY_LIFE_S : step_s / BATTERY_FILL_S;
    room->battery = fmin(fmax(room->battery, 0), 1);
    power->returned_s = power->mains_lost ? 0 : power->returned_s + step_s;
}

static void step_residuals(struct power *power, double step_s)
{
    static const double usual_ma[RESIDUALS] = {62, 28, 34}; /* filters and cables */

    for (int i = 0; i < RESIDUALS; i++) {
        struct residual *residual = &power->residuals[i];
        double want = usual_ma[i] * (1 + 2 * power->feeders[FEEDER_T1 + i].drift);

        settle(&residual->current_ma, residual->insulation ? RESIDUAL_BAD : want, 5,
               step_s);
        if (power->mains_lost || residual->ct_break)
            residual->current_ma = 0;
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
        feeder->freq_hz =
            feeder->volt[0] > 50 || feeder->volt[1] > 50
                ? GRID_HZ + power->grid_drift_hz + power->feeders[FEEDER_INCOMER].shift_hz
                : 0;
    }
    step_transformer(power, step_s);
    step_residuals(power, step_s);
    step_room(power, load->hour, step_s);
}
