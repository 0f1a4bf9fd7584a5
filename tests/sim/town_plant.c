/* town_plant.c - see town_plant.h and town_wire.h. */
#include "tests/sim/town_plant.h"

#include "base/mem.h"
#include "plantsim/payload.h"
#include "tests/sim/town_wire.h"

#include <assert.h>
#include <string.h>

void town_plant_init(struct town_plant *town, uint64_t seed, struct wall_time start,
                     int32_t utc_offset_s)
{
    town->plant = plant_new(seed, start, utc_offset_s);
    town->scenarios = mem_alloc(sizeof *town->scenarios);
}

void town_plant_done(struct town_plant *town)
{
    plant_free(town->plant);
    mem_free(town->scenarios);
    *town = (struct town_plant){0};
}

void town_plant_to(struct town_plant *town, struct wall_time time)
{
    int64_t steps =
        wall_diff_ms(time, town->plant->world.time) / town->plant->world.step_ms;

    if (steps > 0)
        plant_move(town->plant, (uint64_t)steps);
}

int town_plant_link(const char *id)
{
    for (int i = 0; i < PLANT_LINKS; i++)
        if (strcmp(plant_links[i].id, id) == 0)
            return i;
    return -1;
}

bool wire_accepts(const struct town_plant *town, int link)
{
    return link >= 0 &&
           plant_link_state(town->plant, (enum plant_link)link) != LINK_REFUSES;
}

bool wire_up(const struct town_plant *town, int link)
{
    return link >= 0 && plant_link_state(town->plant, (enum plant_link)link) == LINK_WELL;
}

/* Source: S. Vigna, splitmix64. */
double wire_draw(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void unpack(const struct answer *from, const struct wire_question *question,
                   struct wire_answer *answer)
{
    bool bits = question->function <= 2;

    for (size_t i = 0; i < question->count; i++) {
        const uint8_t *at = from->pdu + 2 + (bits ? i / 8 : 2 * i);

        answer->cells[i] = (uint16_t)(bits ? at[0] >> (i % 8) & 1 : at[0] << 8 | at[1]);
    }
}

void wire_ask(struct town_plant *town, const struct wire_question *question,
              struct wire_answer *answer)
{
    const uint8_t pdu[] = {
        question->function,       (uint8_t)(question->start >> 8),
        (uint8_t)question->start, (uint8_t)(question->count >> 8),
        (uint8_t)question->count,
    };
    struct answer from;

    answer->result = WIRE_REFUSED;
    answer->delay_ms = 0;
    if (!wire_accepts(town, question->link))
        return;
    plant_answer(town->plant, (enum plant_link)question->link, question->unit, pdu,
                 sizeof pdu, &from);
    answer->delay_ms = from.delay_ms;
    if (from.kind == ANSWER_NONE) {
        answer->result = WIRE_SILENT;
    } else if (from.kind == ANSWER_BROKEN || from.unit != question->unit) {
        answer->result = WIRE_GARBAGE;
    } else if ((from.pdu[0] & 0x80) != 0) {
        answer->result = WIRE_EXCEPTION;
        answer->exception = from.pdu[1];
    } else {
        answer->result = WIRE_ANSWER;
        unpack(&from, question, answer);
    }
}

/* --- devices that publish ------------------------------------------------------------
 */

static struct device *publisher_at(const struct town_plant *town, size_t publisher)
{
    for (size_t i = 0; i < building_count; i++)
        if (building[i].topic != NULL && publisher-- == 0)
            return &town->plant->devices[i];
    assert(!"a publisher");
    return &town->plant->devices[0];
}

size_t wire_publishers(const struct town_plant *town)
{
    size_t count = 0;

    (void)town;
    for (size_t i = 0; i < building_count; i++)
        count += building[i].topic != NULL ? 1 : 0;
    return count;
}

char *wire_topic(const struct town_plant *town, size_t publisher, const char *site)
{
    const char *topic = publisher_at(town, publisher)->thing->topic;

    return topic[0] == '/' ? mem_format("%s%s", site, topic) : mem_strdup(topic);
}

int64_t wire_period_ms(const struct town_plant *town, size_t publisher)
{
    return publisher_at(town, publisher)->thing->period_ms;
}

int wire_urgent(struct town_plant *town, size_t publisher)
{
    struct device *device = publisher_at(town, publisher);

    if (device->thing->kind != THING_CABLE)
        return 0;
    plant_look(town->plant, device);
    return device->reading.cable.leak ? 1 : 0;
}

bool wire_publish(struct town_plant *town, size_t publisher, struct text *payload)
{
    struct device *device = publisher_at(town, publisher);

    device->requests++;
    if (plant_is_dead(town->plant, device) ||
        plant_link_state(town->plant, device->thing->link) != LINK_WELL)
        return false;
    plant_look(town->plant, device);
    text_clear(payload);
    payload_write(payload, device->thing->payload, &device->reading,
                  plant_clock(town->plant, device));
    device->answers++;
    return true;
}
