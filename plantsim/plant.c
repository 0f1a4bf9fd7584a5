/* plant.c - see plant.h. */
#include "plantsim/plant.h"

#include "base/mem.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum {
    WARM_UP_STEPS = 20 * 60 * 1000 / WORLD_STEP_MS,
    FAST_CLOCK_MS = 48 * 3600 * 1000,
};

#define FLAKY_S           240.0
#define FLAKY_GONE_S      60.0
#define FLAKY_LINK_S      300.0
#define FLAKY_LINK_GONE_S 120.0
#define EXCHANGE_S        20.0

struct plant *plant_new(uint64_t seed, struct wall_time start, int32_t utc_offset_s)
{
    struct plant *plant = mem_alloc(sizeof *plant);
    struct wall_time before = wall_add_ms(start, -(int64_t)WARM_UP_STEPS * WORLD_STEP_MS);

    /* Taps are open and lifts under way when the curtain rises. */
    world_init(&plant->world, seed, before, utc_offset_s);
    plant->noise = rng_new(seed, 1000);
    plant->devices = mem_array(building_count, sizeof plant->devices[0]);
    for (size_t i = 0; i < building_count; i++) {
        plant->devices[i].thing = &building[i];
        if (building[i].map != NULL)
            plant->devices[i].image = image_new(building[i].map);
    }
    plant_step(plant, WARM_UP_STEPS);
    return plant;
}

void plant_free(struct plant *plant)
{
    if (plant == NULL)
        return;
    for (size_t i = 0; i < building_count; i++)
        image_free(plant->devices[i].image);
    mem_free(plant->devices);
    mem_free(plant);
}

void plant_move(struct plant *plant, uint64_t steps)
{
    for (uint64_t i = 0; i < steps; i++)
        world_step(&plant->world);
}

/* Seconds of simulated time. */
static double seconds(const struct plant *plant)
{
    return (double)plant->world.elapsed_ms / 1000;
}

/* Part of a period in which something flaky is gone. */
static bool is_gone(const struct plant *plant, double period_s, double gone_s)
{
    return fmod(seconds(plant), period_s) < gone_s;
}

/* After the mains came back, things start in an order that has nothing to do with the
 * list: multiples of 37 modulo 53 visit every number once. */
static bool has_power(const struct plant *plant, enum supply supply, unsigned number,
                      double first_s, double last_s)
{
    double delay_s = first_s + (last_s - first_s) * (number * 37 % 53) / 52;

    return supply == SUPPLY_OWN || plant->world.power.returned_s > delay_s;
}

enum link_fault plant_link_state(const struct plant *plant, enum plant_link link)
{
    if (!has_power(plant, plant_links[link].supply, link, 4, 20) ||
        (plant->flaky[link] && is_gone(plant, FLAKY_LINK_S, FLAKY_LINK_GONE_S)))
        return LINK_SILENT;
    return plant->links[link];
}

bool plant_is_dead(const struct plant *plant, const struct device *device)
{
    unsigned number = (unsigned)(device - plant->devices);

    bool mute = device->thing->kind == THING_PANEL && device->thing->topic != NULL &&
                plant->world.safety.panels[device->thing->index].mute;

    return device->fault.dead || mute ||
           (device->fault.flaky && is_gone(plant, FLAKY_S, FLAKY_GONE_S)) ||
           !has_power(plant, device->thing->supply, number, 6, 55);
}

struct wall_time plant_clock(const struct plant *plant, const struct device *device)
{
    return wall_add_ms(plant->world.time, device->fault.off_clock ? FAST_CLOCK_MS : 0);
}

/* What the sensor of a faulty device shows instead; of each kind the value that it is
 * there for. */
static const struct sensor {
    enum thing_kind kind;
    size_t value; /* freezes, or is off the scale */
    double beyond;
    size_t leaps; /* the value itself, or its counter */
    double leap;
} sensors[] = {
    {THING_PUMP, offsetof(struct pump_reading, pressure_bar), 60,
     offsetof(struct pump_reading, pressure_bar), 3},
    {THING_WATER_METER, offsetof(struct water_reading, flow_m3h), 2e5,
     offsetof(struct water_reading, volume_m3), 4000},
    {THING_FEEDER, offsetof(struct feeder_reading, volt[0]), 900,
     offsetof(struct feeder_reading, e_import), 9000},
    {THING_TANK, offsetof(struct tank_reading, level_mm), 32000,
     offsetof(struct tank_reading, level_mm), -700},
    {THING_SUMP, offsetof(struct tank_reading, level_mm), 32000,
     offsetof(struct tank_reading, level_mm), 500},
};

static const struct sensor *sensor_of(enum thing_kind kind)
{
    for (size_t i = 0; i < sizeof sensors / sizeof sensors[0]; i++)
        if (sensors[i].kind == kind)
            return &sensors[i];
    return NULL;
}

bool plant_has_main_value(enum thing_kind kind)
{
    return sensor_of(kind) != NULL;
}

static double *value_at(struct device *device, size_t offset)
{
    return (double *)(void *)((unsigned char *)&device->reading + offset);
}

static void distort(struct device *device)
{
    const struct sensor *sensor = sensor_of(device->thing->kind);

    if (sensor == NULL)
        return;
    if (device->fault.frozen)
        *value_at(device, sensor->value) = device->held;
    device->held = *value_at(device, sensor->value);
    if (device->fault.off_scale)
        *value_at(device, sensor->value) = sensor->beyond;
    if (device->fault.leapt)
        *value_at(device, sensor->leaps) += sensor->leap;
    if (device->thing->kind == THING_WATER_METER)
        device->reading.water.pulses = (uint32_t)(device->reading.water.volume_m3 * 100);
}

/* Somebody takes the device away and puts another one there, whose registers are all
 * 0x3F80: about 1 as a float. */
static bool is_foreign(struct plant *plant, struct device *device)
{
    if (!device->fault.foreign) {
        device->changed = 0;
        return false;
    }
    if (device->changed == 0)
        device->changed = plant->world.elapsed_ms;
    return true;
}

static bool is_exchanged(const struct plant *plant, const struct device *device)
{
    return (double)(plant->world.elapsed_ms - device->changed) / 1000 > EXCHANGE_S;
}

void plant_look(struct plant *plant, struct device *device)
{
    if (device->fault.stuck || device->read_at == plant->world.steps + 1)
        return;
    device->read_at = plant->world.steps + 1;
    reading_take(&device->reading, &plant->world, device->thing->kind,
                 device->thing->index, &plant->noise);
    distort(device);
    if (device->image != NULL)
        image_refresh(device->image, &device->reading);
}

void plant_step(struct plant *plant, uint64_t steps)
{
    plant_move(plant, steps);
    for (size_t i = 0; i < building_count; i++)
        plant_look(plant, &plant->devices[i]);
}

struct device *plant_device(struct plant *plant, const char *id)
{
    int index = building_find(id);

    return index < 0 ? NULL : &plant->devices[index];
}

static struct device *find_unit(struct plant *plant, enum plant_link link, uint8_t unit)
{
    for (size_t i = 0; i < building_count; i++)
        if (building[i].link == link && building[i].unit == unit)
            return &plant->devices[i];
    return NULL;
}

static void fill_noise(struct plant *plant, struct answer *answer)
{
    answer->kind = ANSWER_BROKEN;
    for (size_t i = 1; i < answer->length; i++)
        answer->pdu[i] = (uint8_t)rng_next(&plant->noise);
}

void plant_answer(struct plant *plant, enum plant_link link, uint8_t unit,
                  const uint8_t *pdu, size_t length, struct answer *answer)
{
    struct device *device = find_unit(plant, link, unit);
    bool tcp = plant_links[link].port_offset >= 0 && link != LINK_DTU;
    bool foreign;

    *answer = (struct answer){.kind = ANSWER_PDU, .unit = unit};
    if (plant_link_state(plant, link) != LINK_WELL || (device == NULL && !tcp)) {
        answer->kind = ANSWER_NONE;
        return;
    }
    if (device == NULL) {
        answer->length = modbus_exception_answer(answer->pdu, pdu[0], MODBUS_NO_RESPONSE);
        return;
    }
    device->requests++;
    foreign = is_foreign(plant, device);
    if (plant_is_dead(plant, device) || (foreign && !is_exchanged(plant, device))) {
        answer->kind = ANSWER_NONE;
        return;
    }
    device->answers++;
    plant_look(plant, device);
    answer->delay_ms = device->fault.delay_ms;
    if (device->fault.exception != 0)
        answer->length = modbus_exception_answer(
            answer->pdu, pdu[0], (enum modbus_exception)device->fault.exception);
    else
        answer->length = modbus_answer(answer->pdu, pdu, length, device->image);
    for (size_t i = 2; foreign && (answer->pdu[0] & 0x80) == 0 && i < answer->length; i++)
        answer->pdu[i] = i % 2 == 0 ? 0x3F : 0x80;
    if (device->fault.wrong_unit)
        answer->unit = (uint8_t)(unit + 1);
    if (device->fault.garbage)
        fill_noise(plant, answer);
}
