/* world.c - see world.h. */
#include "plantsim/world.h"

#include "plantsim/lift.h"
#include "plantsim/machines.h"
#include "plantsim/power.h"
#include "plantsim/safety.h"
#include "plantsim/water.h"

#define DAY_S INT64_C(86400)

/* One random stream for each part. */
enum stream {
    STREAM_WATER = 1,
    STREAM_POWER,
    STREAM_SAFETY,
    STREAM_LIFT, /* and LIFTS - 1 more */
    STREAM_MACHINES = 40,
};

static int64_t local_seconds(const struct world *world)
{
    return world->time.ns / CLOCK_S + world->utc_offset_s;
}

double world_hour(const struct world *world)
{
    int64_t second = local_seconds(world) % DAY_S;

    return (double)second / 3600;
}

bool world_weekend(const struct world *world)
{
    int64_t days = local_seconds(world) / DAY_S;
    int64_t weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday; 0 = Monday */

    if (world->day != WORLD_DAY_BY_DATE)
        return world->day == WORLD_DAY_FREE;
    return weekday >= 5;
}

void world_init(struct world *world, uint64_t seed, struct wall_time start,
                int32_t utc_offset_s)
{
    *world = (struct world){
        .time = start, .utc_offset_s = utc_offset_s, .step_ms = WORLD_STEP_MS};
    water_init(&world->water, rng_new(seed, STREAM_WATER));
    power_init(&world->power, rng_new(seed, STREAM_POWER));
    safety_init(&world->safety, rng_new(seed, STREAM_SAFETY));
    machines_init(&world->machines, rng_new(seed, STREAM_MACHINES));
    for (int i = 0; i < LIFTS; i++)
        lift_init(&world->lifts[i], i, rng_new(seed, STREAM_LIFT + (uint64_t)i));
}

static void step_lifts(struct world *world, double hour, bool weekend, double step_s)
{
    for (int i = 0; i < LIFTS; i++) {
        int tower = i < 2 ? 0 : 1;
        struct lift_around around = {
            .hour = hour,
            .weekend = weekend,
            .powered = world->power.feeders[tower == 0 ? FEEDER_T1 : FEEDER_T2].live,
            .fire = world->safety.panels[tower == 0 ? PANEL_T1 : PANEL_T2].alarm,
        };

        lift_step(&world->lifts[i], &around, step_s);
    }
}

static double sum_pump_kw(const struct water *water)
{
    double sum = 0;

    for (int i = 0; i < PUMPS; i++)
        sum += water->pumps[i].power_kw;
    return sum;
}

static double sum_lift_kw(const struct world *world, int first, int end)
{
    double sum = 0;

    for (int i = first; i < end; i++)
        sum += world->lifts[i].power_kw;
    return sum;
}

void world_step(struct world *world)
{
    const double step_s = world->step_ms / 1000.0;
    double hour = world_hour(world);
    bool weekend = world_weekend(world);
    const struct feeder *feeders = world->power.feeders;
    struct power_load load;

    water_step(&world->water, hour, weekend, world->power.feeders[FEEDER_PUMPS].live,
               step_s);
    step_lifts(world, hour, weekend, step_s);
    machines_step(&world->machines,
                  &(struct machines_around){
                      .hour = hour,
                      .fan_powered = feeders[FEEDER_PUMPS].live,
                      .escalator_powered = feeders[FEEDER_LIGHTING].live,
                  },
                  step_s);
    load = (struct power_load){
        .pumps_kw = sum_pump_kw(&world->water) + world->machines.drive.power_kw,
        .lifts_kw = {sum_lift_kw(world, 0, 2), sum_lift_kw(world, 2, LIFTS)},
        .escalator_kw = world->machines.escalator.power_kw,
        .hour = hour,
        .weekend = weekend,
    };
    power_step(&world->power, &load, step_s);
    safety_step(&world->safety, step_s);
    world->time = wall_add_ms(world->time, world->step_ms);
    world->elapsed_ms += (uint64_t)world->step_ms;
    world->steps++;
}
