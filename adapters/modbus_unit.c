/* modbus_unit.c - see modbus_unit.h. */
#include "adapters/modbus_unit.h"

#include "base/mem.h"

static const struct equipment *model_of(const struct config *config, size_t index)
{
    return &config->model->equipment[index];
}

static int check_unit(const struct equipment_settings *equipment, bool tcp,
                      struct err *err)
{
    bool fine = equipment->unit >= 1 && equipment->unit <= 247;

    if (fine || (tcp && (equipment->unit == 0 || equipment->unit == 255)))
        return 0;
    return err_set(err, ERR_CONFIG, "equipment '%s': unit %lld is not %s", equipment->id,
                   (long long)equipment->unit,
                   tcp ? "0 to 247 or 255" : "1 to 247 (0 is the broadcast)");
}

static struct modbus_unit *find_or_add(struct modbus_unit *units, size_t *count,
                                       const struct equipment_settings *equipment)
{
    for (size_t i = 0; i < *count; i++)
        if (units[i].id == equipment->unit)
            return &units[i];
    units[*count] = (struct modbus_unit){
        .id = (uint8_t)equipment->unit,
        .name = equipment->id,
    };
    return &units[(*count)++];
}

static void add_equipment(struct modbus_unit *unit, const struct equipment *model,
                          const struct equipment_settings *equipment)
{
    unit->critical = unit->critical || equipment->critical;
    unit->online = mem_resize(unit->online, unit->online_count + 1, sizeof *unit->online);
    unit->online[unit->online_count++] = model->first_point + model->point_count - 1;
    unit->items = mem_resize(unit->items, unit->item_count + equipment->point_count + 1,
                             sizeof *unit->items);
    for (size_t i = 0; i < equipment->point_count; i++)
        unit->items[unit->item_count++] = (struct plan_item){
            &equipment->points[i], model->first_point + equipment->points[i].slot};
}

/* The strictest of the profiles that share the unit. */
static struct plan_limits limits_of(const struct config *config,
                                    const struct unit_link *link, uint8_t unit)
{
    struct plan_limits limits = {MODBUS_REGISTERS_MAX, MODBUS_REGISTERS_MAX};

    for (size_t i = 0; i < config->equipment_count; i++) {
        const struct equipment_settings *equipment = &config->equipment[i];
        struct plan_limits one;

        if (equipment->link != link->link || equipment->unit != unit)
            continue;
        one = modbus_plan_limits(equipment->profile, link->slow);
        if (one.max_gap < limits.max_gap)
            limits.max_gap = one.max_gap;
        if (one.max_span < limits.max_span)
            limits.max_span = one.max_span;
    }
    return limits;
}

static int plan_units(struct modbus_unit *units, size_t count,
                      const struct config *config, const struct unit_link *link,
                      struct mono_time now, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct plan_limits limits = limits_of(config, link, units[i].id);
        struct schedule_place place = {link->place, link->places, (uint32_t)i};
        struct plan plan;

        if (modbus_plan_build(&plan, units[i].items, units[i].item_count, &limits, err) !=
            0)
            return err_prefix(err, "equipment '%s'", units[i].name);
        modbus_blocks_init(&units[i].blocks, &plan, &place, now);
    }
    return 0;
}

struct modbus_unit *modbus_units_new(const struct config *config,
                                     const struct unit_link *link, struct mono_time now,
                                     size_t *count, struct err *err)
{
    /* Unit ids are a byte: there are never more than 256. */
    struct modbus_unit *units = mem_array(256, sizeof *units);
    size_t found = 0;

    for (size_t i = 0; i < config->equipment_count; i++) {
        const struct equipment_settings *equipment = &config->equipment[i];

        if (equipment->link != link->link)
            continue;
        if (check_unit(equipment, link->tcp, err) != 0)
            goto fail;
        add_equipment(find_or_add(units, &found, equipment), model_of(config, i),
                      equipment);
    }
    if (plan_units(units, found, config, link, now, err) != 0)
        goto fail;
    *count = found;
    return mem_resize(units, found + 1, sizeof *units);
fail:
    modbus_units_free(units, found);
    return NULL;
}

void modbus_units_free(struct modbus_unit *units, size_t count)
{
    if (units == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        modbus_blocks_done(&units[i].blocks);
        mem_free(units[i].items);
        mem_free(units[i].online);
    }
    mem_free(units);
}

void modbus_unit_all_bad(const struct modbus_unit *unit, struct badness badness,
                         struct stamp stamp, struct modbus_out *out)
{
    for (size_t i = 0; i < unit->item_count; i++)
        modbus_out_bad(out, unit->items[i].point, badness, stamp);
}

void modbus_unit_block_bad(const struct modbus_unit *unit,
                           const struct modbus_block *block, struct badness badness,
                           struct stamp stamp, struct modbus_out *out)
{
    const struct plan_member *members = &unit->blocks.members[block->first];

    for (uint32_t i = 0; i < block->members; i++)
        modbus_out_bad(out, unit->items[members[i].item].point, badness, stamp);
}

void modbus_unit_block_good(const struct modbus_unit *unit,
                            const struct modbus_block *block, const uint16_t *cells,
                            struct stamp stamp, struct modbus_out *out)
{
    const struct plan_member *members = &unit->blocks.members[block->first];

    for (uint32_t i = 0; i < block->members; i++)
        modbus_out_reading(out, &unit->items[members[i].item],
                           cells + (members[i].start - block->start), stamp);
}

void modbus_unit_tell_online(const struct modbus_unit *unit, struct stamp stamp,
                             struct modbus_out *out)
{
    if (unit->state == UNIT_UNKNOWN)
        return;
    for (size_t i = 0; i < unit->online_count; i++)
        modbus_out_bool(out, unit->online[i], unit->state == UNIT_ONLINE, stamp);
}
