/* plant.c - see plant.h. */
#include "plantsim/plant.h"

#include "base/mem.h"

enum {
    WARM_UP_STEPS = 20 * 60 * 1000 / WORLD_STEP_MS,
};

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

void plant_look(struct plant *plant, struct device *device)
{
    if (device->fault.stuck || device->read_at == plant->world.steps + 1)
        return;
    device->read_at = plant->world.steps + 1;
    reading_take(&device->reading, &plant->world, device->thing->kind,
                 device->thing->index, &plant->noise);
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

    *answer = (struct answer){.kind = ANSWER_PDU, .unit = unit};
    if (plant->links[link] != LINK_WELL || (device == NULL && !tcp)) {
        answer->kind = ANSWER_NONE;
        return;
    }
    if (device == NULL) {
        answer->length = modbus_exception_answer(answer->pdu, pdu[0], MODBUS_NO_RESPONSE);
        return;
    }
    device->requests++;
    if (device->fault.dead) {
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
    if (device->fault.wrong_unit)
        answer->unit = (uint8_t)(unit + 1);
    if (device->fault.garbage)
        fill_noise(plant, answer);
}
