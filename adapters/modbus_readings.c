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
    const struct plan_item *it = &readings->items[item];
    struct modbus_value value;

    if (it->settings->type == TYPE_STRING) {
        modbus_out_text(out, it, cells, stamp);
        return;
    }
    value = read_item(readings, item, cells, stamp.mono);
    derive_put(&readings->derive, item, value.quality == QUALITY_BAD ? NAN : value.value);
    modbus_out_value(out, it->point, &value, stamp);
}

// Six words that belong together. NOLINTNEXTLINE(readability-function-size)
void modbus_readings_good(struct modbus_readings *readings, struct plan_members members,
                          const uint16_t *cells, uint32_t start, struct stamp stamp,
                          struct modbus_out *out)
{
    for (uint32_t rank = 0; rank <= readings->derive.rank_max; rank++)
        for (size_t i = 0; i < members.count; i++) {
            const struct plan_member *member = &members.list[i];

            if (derive_rank(&readings->derive, member->item) == rank)
                take(readings, member->item, cells + (member->start - start), stamp, out);
        }
}

void modbus_readings_bad(struct modbus_readings *readings, struct plan_members members,
                         struct badness badness, struct stamp stamp,
                         struct modbus_out *out)
{
    for (size_t i = 0; i < members.count; i++) {
        uint32_t item = members.list[i].item;

        derive_put_bad(&readings->derive, item);
        modbus_out_bad(out, readings->items[item].point, badness, stamp);
    }
}
