/* modbus_readings.c - see modbus_readings.h. */
#include "adapters/modbus_readings.h"

#include "adapters/modbus_decode.h"
#include "base/mem.h"

#include <math.h>

struct guarded {
    struct counter_rule rule; /* its step is set with each reading */
    struct counter_guard guard;
    bool judged;
};

static struct guarded guarded_of(const struct point_settings *point)
{
    struct guarded guarded = {.rule = {.modulus = point->modulus,
                                       .max_rate = point->max_rate,
                                       .resets = point->resets}};

    guarded.judged = point->counter && point->type != TYPE_STRING &&
                     counter_rule_judges(&guarded.rule);
    return guarded;
}

void modbus_readings_init(struct modbus_readings *readings, const struct plan_item *items,
                          size_t count)
{
    *readings = (struct modbus_readings){.items = items, .count = count};
    derive_init(&readings->derive, items, count);
    for (size_t i = 0; i < count; i++) {
        struct guarded guarded = guarded_of(items[i].settings);

        if (!guarded.judged)
            continue;
        if (readings->guarded == NULL)
            readings->guarded = mem_array(count, sizeof *readings->guarded);
        readings->guarded[i] = guarded;
    }
}

void modbus_readings_done(struct modbus_readings *readings)
{
    derive_done(&readings->derive);
    mem_free(readings->guarded);
    *readings = (struct modbus_readings){0};
}

void modbus_readings_lost(struct modbus_readings *readings)
{
    derive_all_bad(&readings->derive);
}

/* A counter that moved as it cannot. */
static void guard(struct guarded *guarded, double step, struct modbus_value *value,
                  struct mono_time time)
{
    if (!guarded->judged || value->quality == QUALITY_BAD)
        return;
    guarded->rule.step = step;
    if (!counter_guard_accepts(&guarded->guard, &guarded->rule, value->value, time))
        *value = (struct modbus_value){.quality = QUALITY_BAD, .reason = REASON_JUMP};
}

static struct modbus_value read_item(struct modbus_readings *readings, uint32_t item,
                                     const uint16_t *cells, struct mono_time time)
{
    const struct point_settings *point = readings->items[item].settings;
    double number = modbus_number(point, cells);
    double multiplier;
    struct modbus_value value;

    if (!derive_multiplier(&readings->derive, item, &multiplier))
        return (struct modbus_value){.quality = QUALITY_BAD, .reason = REASON_DEPENDS};
    value = modbus_scaled(point, number, multiplier);
    if (readings->guarded != NULL)
        guard(&readings->guarded[item],
              fabs(modbus_number_step(point, number) * point->scale * multiplier), &value,
              time);
    return value;
}

static void take(struct modbus_readings *readings, uint32_t item, const uint16_t *cells,
                 struct stamp stamp, struct modbus_out *out)
{
    struct modbus_value value;

    if (readings->items[item].settings->type == TYPE_STRING) {
        modbus_out_text(out, &readings->items[item], cells, stamp);
        return;
    }
    value = read_item(readings, item, cells, stamp.mono);
    derive_put(&readings->derive, item, value.quality == QUALITY_BAD ? NAN : value.value);
    modbus_out_value(out, readings->items[item].point, value, stamp);
}

/* Units whose points need nothing but their cells, as nearly all are. */
static void take_plain(const struct modbus_readings *readings,
                       const struct read_block *block, struct stamp stamp,
                       struct modbus_out *out)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct plan_member *member = &block->members[i];
        const struct plan_item *item = &readings->items[member->item];
        const uint16_t *cells = block->cells + (member->start - block->start);

        if (item->settings->type == TYPE_STRING)
            modbus_out_text(out, item, cells, stamp);
        else
            modbus_out_value(out, item->point, modbus_decode(item->settings, cells),
                             stamp);
    }
}

void modbus_readings_good(struct modbus_readings *readings,
                          const struct read_block *block, struct stamp stamp,
                          struct modbus_out *out)
{
    if (readings->derive.state == NULL && readings->guarded == NULL) {
        take_plain(readings, block, stamp, out);
        return;
    }
    for (uint32_t rank = 0; rank <= readings->derive.rank_max; rank++)
        for (size_t i = 0; i < block->count; i++) {
            const struct plan_member *member = &block->members[i];

            if (derive_rank(&readings->derive, member->item) == rank)
                take(readings, member->item,
                     block->cells + (member->start - block->start), stamp, out);
        }
}

void modbus_readings_bad(struct modbus_readings *readings, const struct read_block *block,
                         struct badness badness, struct stamp stamp,
                         struct modbus_out *out)
{
    for (size_t i = 0; i < block->count; i++) {
        uint32_t item = block->members[i].item;

        derive_put_bad(&readings->derive, item);
        modbus_out_bad(out, readings->items[item].point, badness, stamp);
    }
}
