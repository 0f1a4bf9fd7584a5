/* modbus_unit.c - see modbus_unit.h. */
#include "adapters/modbus_unit.h"

#include "base/mem.h"

#include <assert.h>

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
                          const struct equipment_settings *settings)
{
    struct unit_equipment *equipment;

    unit->critical = unit->critical || settings->critical;
    if (settings->delay_ms > unit->delay_ms)
        unit->delay_ms = settings->delay_ms;
    if (settings->timeout_ms > unit->timeout_ms)
        unit->timeout_ms = settings->timeout_ms;
    unit->equipment =
        mem_resize(unit->equipment, unit->equipment_count + 1, sizeof *unit->equipment);
    equipment = &unit->equipment[unit->equipment_count++];
    *equipment = (struct unit_equipment){
        .index = model->index,
        .settings = settings,
        .first_point = model->first_point,
        .online = model->first_point + model->point_count - 1,
        .due = MONO_NEVER,
        .read = true,
        .finding = {.variant = -1},
    };
    atomic_init(&equipment->again, false);
    if (!identity_wanted(settings))
        return;
    equipment->identity = mem_alloc(sizeof *equipment->identity);
    identity_start(equipment->identity, settings);
    equipment->read = false;
}

/* The strictest of the profiles that share the unit. */
static struct plan_limits limits_of(const struct config *config,
                                    const struct unit_link *link, uint8_t unit)
{
    struct plan_limits limits = modbus_plan_no_limits();

    for (size_t i = 0; i < config->equipment_count; i++) {
        const struct equipment_settings *equipment = &config->equipment[i];
        struct plan_limits one;

        if (equipment->link != link->link || equipment->unit != unit)
            continue;
        one = modbus_plan_limits(equipment->profile, link->slow);
        modbus_plan_limits_meet(&limits, &one);
    }
    return limits;
}

/* --- plans ------------------------------------------------------------------------- */

/* The variant that is read. */
static const struct variant_settings *variant_of(const struct unit_equipment *equipment)
{
    int variant = equipment->identity == NULL ? 0 : equipment->identity->finding.variant;

    return &equipment->settings->variants[variant < 0 ? 0 : variant];
}

static size_t add_items(struct plan_item *items, size_t count,
                        const struct unit_equipment *equipment)
{
    const struct variant_settings *variant = variant_of(equipment);

    for (size_t i = 0; i < variant->point_count; i++) {
        const struct point_settings *point = &variant->points[i];

        if (equipment->identity == NULL ||
            identity_agrees(equipment->identity, point->slot))
            items[count++] =
                (struct plan_item){point, equipment->first_point + point->slot};
    }
    return count;
}

bool modbus_equipment_has_reads(const struct unit_equipment *equipment)
{
    const struct variant_settings *variant = variant_of(equipment);

    for (size_t i = 0; i < variant->point_count; i++)
        if (equipment->identity == NULL ||
            identity_agrees(equipment->identity, variant->points[i].slot))
            return true;
    return false;
}

/* What the equipment has but its variant does not read. */
static void tell_unread(const struct unit_equipment *equipment, struct stamp stamp,
                        struct modbus_out *out)
{
    const struct variant_settings *variant = variant_of(equipment);

    for (uint32_t slot = 0; slot < equipment->settings->point_count; slot++) {
        struct badness badness = {.reason = REASON_NOT_AVAILABLE};
        bool there = variant_point(variant, slot) != NULL;

        if (there && identity_agrees(equipment->identity, slot))
            continue;
        if (there)
            badness.reason = REASON_PROBE;
        modbus_out_bad(out, equipment->first_point + slot, badness, stamp);
    }
}

/* Every variant can be planned: what is found later never makes a plan fail. */
static int check_plans(const struct modbus_unit *unit, struct err *err)
{
    for (size_t e = 0; e < unit->equipment_count; e++) {
        const struct equipment_settings *settings = unit->equipment[e].settings;

        for (size_t v = 0; v < settings->variant_count; v++) {
            const struct variant_settings *variant = &settings->variants[v];
            struct plan_item *items = mem_array(variant->point_count + 1, sizeof *items);
            struct plan plan;
            int rc;

            for (size_t i = 0; i < variant->point_count; i++)
                items[i] = (struct plan_item){&variant->points[i], 0};
            rc =
                modbus_plan_build(&plan, items, variant->point_count, &unit->limits, err);
            mem_free(items);
            if (rc != 0)
                return err_prefix(err, "equipment '%s'", settings->id);
            modbus_plan_done(&plan);
        }
    }
    return 0;
}

static size_t points_of(const struct modbus_unit *unit)
{
    size_t points = 0;

    for (size_t i = 0; i < unit->equipment_count; i++)
        points += unit->equipment[i].settings->point_count;
    return points;
}

/* A scale is read before what it scales, which would have no value until its next turn.
 */
static void rank_blocks(struct modbus_unit *unit)
{
    struct mono_time last = {0};

    for (size_t b = 0; b < unit->blocks.count; b++) {
        struct modbus_block *block = &unit->blocks.list[b];
        const struct plan_member *members = &unit->blocks.members[block->first];

        for (uint32_t i = 0; i < block->members; i++) {
            uint32_t rank = derive_rank(&unit->readings->derive, members[i].item);

            if (rank > block->rank)
                block->rank = rank;
        }
        if (block->rank == 0 && mono_before(last, block->slot.due))
            last = block->slot.due;
    }
    for (size_t b = 0; last.ns > 0 && b < unit->blocks.count; b++)
        if (unit->blocks.list[b].rank > 0)
            unit->blocks.list[b].slot.due = mono_add_ms(last, unit->blocks.list[b].rank);
}

/* Forgets which addresses were refused: they are another device's now. */
static void plan_reads(struct modbus_unit *unit, struct mono_time now)
{
    struct plan plan;
    struct err err = {0};
    int rc;

    if (unit->items == NULL) {
        unit->items = mem_array(points_of(unit) + 1, sizeof *unit->items);
        unit->readings = mem_alloc(sizeof *unit->readings);
    }
    unit->item_count = 0;
    for (size_t i = 0; i < unit->equipment_count; i++)
        if (unit->equipment[i].read)
            unit->item_count =
                add_items(unit->items, unit->item_count, &unit->equipment[i]);
    rc = modbus_plan_build(&plan, unit->items, unit->item_count, &unit->limits, &err);
    assert(rc == 0); /* check_plans */
    modbus_readings_done(unit->readings);
    modbus_readings_init(unit->readings, unit->items, unit->item_count);
    modbus_blocks_done(&unit->blocks);
    modbus_blocks_init(&unit->blocks, &plan, &unit->place, now);
    rank_blocks(unit);
}

void modbus_unit_plan(struct modbus_unit *unit, struct mono_time now, struct stamp stamp,
                      struct modbus_out *out)
{
    plan_reads(unit, now);
    for (size_t i = 0; i < unit->equipment_count; i++)
        if (unit->equipment[i].read && unit->equipment[i].identity != NULL)
            tell_unread(&unit->equipment[i], stamp, out);
}

static int plan_units(struct modbus_unit *units, size_t count,
                      const struct config *config, const struct unit_link *link,
                      struct mono_time now, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        units[i].limits = limits_of(config, link, units[i].id);
        units[i].place = (struct schedule_place){link->place, link->places, (uint32_t)i};
        if (check_plans(&units[i], err) != 0)
            return -1;
        for (size_t e = 0; e < units[i].equipment_count; e++)
            if (units[i].equipment[e].identity != NULL)
                units[i].equipment[e].due =
                    schedule_first(&units[i].place, CLOCK_S / CLOCK_MS, now);
        modbus_unit_note_due(&units[i]);
        plan_reads(&units[i], now);
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
        for (size_t e = 0; e < units[i].equipment_count; e++)
            mem_free(units[i].equipment[e].identity);
        modbus_blocks_done(&units[i].blocks);
        if (units[i].readings != NULL)
            modbus_readings_done(units[i].readings);
        mem_free(units[i].readings);
        mem_free(units[i].items);
        mem_free(units[i].equipment);
    }
    mem_free(units);
}

/* --- identification ------------------------------------------------------------------
 */

void modbus_unit_note_due(struct modbus_unit *unit)
{
    unit->identify_due = MONO_NEVER;
    for (size_t i = 0; i < unit->equipment_count; i++)
        unit->identify_due = mono_min(unit->identify_due, unit->equipment[i].due);
}

struct unit_equipment *modbus_unit_to_identify(const struct modbus_unit *unit,
                                               struct mono_time now)
{
    for (size_t i = 0; i < unit->equipment_count; i++)
        if (!mono_before(now, unit->equipment[i].due))
            return &unit->equipment[i];
    return NULL;
}

bool modbus_unit_is_probed(const struct modbus_unit *unit)
{
    for (size_t i = 0; i < unit->equipment_count; i++)
        if (unit->equipment[i].identity != NULL)
            return true;
    return false;
}

void modbus_unit_doubt(struct modbus_unit *unit, struct mono_time now, struct stamp stamp,
                       struct modbus_out *out)
{
    bool changed = false;

    for (size_t i = 0; i < unit->equipment_count; i++) {
        struct unit_equipment *equipment = &unit->equipment[i];

        if (equipment->identity == NULL)
            continue;
        changed = changed || equipment->read;
        equipment->read = false;
        equipment->due = now;
        identity_start(equipment->identity, equipment->settings);
    }
    modbus_unit_note_due(unit);
    if (changed)
        modbus_unit_plan(unit, now, stamp, out);
}

/* --- samples --------------------------------------------------------------------------
 */

void modbus_equipment_bad(const struct unit_equipment *equipment, struct badness badness,
                          struct stamp stamp, struct modbus_out *out)
{
    for (uint32_t slot = 0; slot < equipment->settings->point_count; slot++)
        modbus_out_bad(out, equipment->first_point + slot, badness, stamp);
}

void modbus_unit_all_bad(const struct modbus_unit *unit, struct badness badness,
                         struct stamp stamp, struct modbus_out *out)
{
    modbus_readings_lost(unit->readings);
    for (size_t i = 0; i < unit->equipment_count; i++)
        modbus_equipment_bad(&unit->equipment[i], badness, stamp, out);
}

static struct read_block read_block_of(const struct modbus_unit *unit,
                                       const struct modbus_block *block,
                                       const uint16_t *cells)
{
    return (struct read_block){&unit->blocks.members[block->first], block->members,
                               block->start, cells};
}

void modbus_unit_block_bad(const struct modbus_unit *unit,
                           const struct modbus_block *block, struct badness badness,
                           struct stamp stamp, struct modbus_out *out)
{
    struct read_block read = read_block_of(unit, block, NULL);

    modbus_readings_bad(unit->readings, &read, badness, stamp, out);
}

void modbus_unit_block_good(const struct modbus_unit *unit,
                            const struct modbus_block *block, const uint16_t *cells,
                            struct stamp stamp, struct modbus_out *out)
{
    struct read_block read = read_block_of(unit, block, cells);

    modbus_readings_good(unit->readings, &read, stamp, out);
}

void modbus_unit_tell_online(const struct modbus_unit *unit, struct stamp stamp,
                             struct modbus_out *out)
{
    if (unit->state == UNIT_UNKNOWN)
        return;
    for (size_t i = 0; i < unit->equipment_count; i++) {
        const struct unit_equipment *equipment = &unit->equipment[i];

        if (unit->state == UNIT_ONLINE && equipment->misfit)
            modbus_out_bad(out, equipment->online,
                           (struct badness){.reason = REASON_PROBE}, stamp);
        else
            modbus_out_bool(out, equipment->online, unit->state == UNIT_ONLINE, stamp);
    }
}
