/* water.c - see water.h. */
#include "plantsim/water.h"

#include "plantsim/curve.h"
#include "plantsim/pumps.h"

#include <math.h>

#define HOUR_S 3600.0

/* How many people draw water behind each sub-meter, and when. */
static const struct {
    enum curve curve;
    double draws_a_day; /* one draw is about 11 litres */
} zones[WATER_METERS] = {
    [WATER_T1_U1] = {CURVE_WATER_HOME, 1400},   [WATER_T1_U2] = {CURVE_WATER_HOME, 1350},
    [WATER_T2] = {CURVE_WATER_HOME, 2200},      [WATER_SHOP] = {CURVE_WATER_PUBLIC, 14},
    [WATER_PUBLIC] = {CURVE_WATER_PUBLIC, 900},
};

static const struct {
    double fill_m3h;      /* of the open valve */
    double open_below;    /* tank level */
    double shut_above;    /* tank level */
    double sump_inflow;   /* m3/h, car wash and condensate */
    double sump_flood;    /* m3/h, of the fault; the pumps lift 40 */
    double burst_to_sump; /* the part of a burst that ends in the pit */
    double sump_area_m2;
    double fire_leak_m3_s; /* of the fire main's fittings */
    double fire_vessel_m3_bar;
} plant = {9.0, 0.78, 0.90, 0.25, 70, 0.3, 2.0, 0.002e-3, 0.020};

void water_init(struct water *water, struct rng rng)
{
    *water = (struct water){.rng = rng,
                            .net_bar = WATER_NOMINAL_BAR,
                            .active = true,
                            .speed = 0.9,
                            .tank_level = 0.86,
                            .fire_bar = 8.2,
                            .sump_m = 0.45};
    for (int i = 0; i < PUMPS; i++) {
        struct pump *pump = &water->pumps[i];

        /* They take turns, so their hours are alike. */
        pump->starts = 900u + (uint32_t)rng_below(&water->rng, 4000);
        pump->run_s = rng_between(&water->rng, 3300, 3700) * HOUR_S;
        pump->energy_kwh = pump->run_s / HOUR_S * 1.2;
        pump->volume_m3 = pump->run_s / HOUR_S * 3.1;
        pump->temperature_c = 28;
        pump->wh_m3 = 320;
    }
    for (int i = WATER_T1_U1; i <= WATER_PUBLIC; i++) {
        water->meters[i].volume_m3 = rng_between(&water->rng, 2000, 9000);
        water->meters[WATER_MAIN].volume_m3 += water->meters[i].volume_m3;
    }
    water->meters[WATER_CITY].volume_m3 = water->meters[WATER_MAIN].volume_m3 + 31.4;
}

/* Taps are opened at random, more often at the curve's peaks, and closed again. */
static double step_taps(struct water_meter *meter, struct rng *rng, double draws_a_day,
                        double step_s)
{
    double flow = 0;

    if (meter->draw_count < DRAWS_MAX && rng_chance(rng, draws_a_day / 86400 * step_s))
        meter->draws[meter->draw_count++] =
            (struct draw){.flow_m3h = rng_between(rng, 0.25, 0.9),
                          .left_s = fmin(rng_exponential(rng, 70), 600)};
    for (int i = 0; i < meter->draw_count;) {
        struct draw *draw = &meter->draws[i];

        flow += draw->flow_m3h;
        draw->left_s -= step_s;
        if (draw->left_s <= 0)
            *draw = meter->draws[--meter->draw_count];
        else
            i++;
    }
    return flow;
}

/* An opening lets through the square root of the pressure in front of it. */
static double at_pressure(double nominal_m3h, double bar)
{
    return bar <= 0 ? 0 : nominal_m3h * sqrt(bar / WATER_NOMINAL_BAR);
}

/* What comes back is counted apart. */
static void add_volume(struct water_meter *meter, double step_s)
{
    double volume = meter->flow_m3h * step_s / HOUR_S;

    if (meter->halted)
        return;
    if (volume > 0)
        meter->volume_m3 += volume;
    else
        meter->reverse_m3 -= volume;
}

/* Sets the flow of every meter behind the booster set; returns their sum. */
static double step_zones(struct water *water, double hour, bool weekend, double step_s)
{
    struct water_meter *main_meter = &water->meters[WATER_MAIN];
    double sum =
        at_pressure(main_meter->leak_m3h + main_meter->burst_m3h, water->net_bar);
    /* People notice a weak shower only below half the pressure. */
    double share = fmin(fmax(water->net_bar, 0) / (WATER_NOMINAL_BAR / 2), 1);

    for (int i = WATER_T1_U1; i <= WATER_PUBLIC; i++) {
        struct water_meter *meter = &water->meters[i];
        double rate = zones[i].draws_a_day * curve_at(zones[i].curve, hour, weekend);

        meter->flow_m3h = share * step_taps(meter, &water->rng, rate, step_s) +
                          at_pressure(meter->leak_m3h + meter->burst_m3h, water->net_bar);
        if (meter->flow_m3h <= 0)
            meter->flow_m3h = -meter->backflow_m3h;
        add_volume(meter, step_s);
        sum += meter->flow_m3h;
    }
    main_meter->flow_m3h = sum;
    add_volume(main_meter, step_s);
    return sum;
}

static void step_tank(struct water *water, double out_m3h, double step_s)
{
    struct water_meter *city = &water->meters[WATER_CITY];
    double drain = water->tank_level > 0 ? water->drain_m3h : 0;
    double hours = step_s / HOUR_S;
    double volume = water->tank_level * WATER_TANK_M3;

    if (water->tank_level < plant.open_below)
        water->fill_open = true;
    if (water->tank_level > plant.shut_above)
        water->fill_open = false;
    if (water->fill_stuck_open)
        water->fill_open = true;
    if (water->fill_stuck_shut)
        water->fill_open = false;
    /* A filler stuck open at full city pressure passes far more than the float valve. */
    city->flow_m3h = !water->fill_open        ? water->fill_passing_m3h
                     : water->fill_stuck_open ? 8 * plant.fill_m3h
                                              : plant.fill_m3h;
    volume += (city->flow_m3h - out_m3h) * hours;
    /* A leak between the city meter and the tank never gets there. */
    city->flow_m3h += city->leak_m3h + city->burst_m3h;
    add_volume(city, step_s);
    if (drain * hours > volume)
        drain = fmax(volume, 0) / hours;
    volume -= drain * hours;
    water->drained_m3 += drain * hours;
    if (volume > WATER_TANK_M3) {
        water->overflow_m3 += volume - WATER_TANK_M3;
        volume = WATER_TANK_M3;
    }
    water->tank_level = fmax(volume, 0) / WATER_TANK_M3;
    water->pumped_m3 += out_m3h * hours;
}

static void step_sump(struct water *water, double step_s)
{
    double inflow = plant.sump_inflow + water->sump_seep_m3h +
                    (water->sump_flood ? plant.sump_flood : 0);
    double out = water->pumps[PUMP_SUMP_1].flow_m3h + water->pumps[PUMP_SUMP_2].flow_m3h;

    for (int i = WATER_MAIN; i <= WATER_PUBLIC; i++)
        inflow +=
            plant.burst_to_sump * at_pressure(water->meters[i].burst_m3h, water->net_bar);
    water->sump_m += (inflow - out) * step_s / HOUR_S / plant.sump_area_m2;
    water->sump_m = fmin(fmax(water->sump_m, 0), 2.5);
}

static void step_fire_main(struct water *water, double step_s)
{
    const struct pump *jockey = &water->pumps[PUMP_JOCKEY];
    double change_m3 = (jockey->flow_m3h / HOUR_S - plant.fire_leak_m3_s) * step_s;

    /* The safety valve of the fire main opens at 9 bar. */
    water->fire_bar = fmin(water->fire_bar + change_m3 / plant.fire_vessel_m3_bar, 9);
    water->fire_bar = fmax(water->fire_bar, 0);
}

void water_step(struct water *water, double hour, bool weekend, bool powered,
                double step_s)
{
    double used = step_zones(water, hour, weekend, step_s);
    double pumped;

    pumps_control(water, used, hour, step_s);
    pumped = pumps_step(water, powered, step_s);
    water->net_bar += (pumped - used) * step_s / HOUR_S / WATER_VESSEL_M3_BAR;
    water->net_bar = fmax(water->net_bar, 0);
    step_tank(water, pumped, step_s);
    step_sump(water, step_s);
    step_fire_main(water, step_s);
}
