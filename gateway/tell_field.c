/* tell_field.c - see tell_field.h. */
#include "gateway/tell_field.h"

#include "adapters/modbus_frame.h"
#include "base/log.h"
#include "base/mem.h"

enum {
    FINDINGS_MS = 5000,
    UNITS_MS = 30 * 1000, /* the numbers of a unit cost a sort */
    UNITS_MAX = 256,      /* a Modbus link has at most 248 */
};

struct tell_field {
    const struct site *site;
    struct mono_time findings_due;
    struct mono_time units_due;
    struct unit_status *units;   /* of the link that is looked at */
    enum finding_kind *findings; /* as last told, by equipment */
    uint64_t *refused;           /* a mark of what was told, by equipment */
};

struct tell_field *tell_field_new(const struct site *site)
{
    struct tell_field *field = mem_alloc(sizeof *field);
    size_t equipment = site->web.model->equipment_count;

    field->site = site;
    field->findings = mem_array(equipment, sizeof *field->findings);
    field->refused = mem_array(equipment, sizeof *field->refused);
    field->units = mem_array(UNITS_MAX, sizeof *field->units);
    return field;
}

void tell_field_free(struct tell_field *field)
{
    if (field == NULL)
        return;
    mem_free(field->findings);
    mem_free(field->refused);
    mem_free(field->units);
    mem_free(field);
}

static void tell_finding(struct tell_field *field, const struct equipment *equipment)
{
    enum finding_kind *told = &field->findings[equipment->index];
    struct finding finding;

    poll_finding(field->site->poll, equipment->link, equipment->index, &finding);
    /* Not probed because nothing answers: told as the link's and the trouble. */
    if (finding.kind == *told || finding.kind == FINDING_NONE)
        return;
    if (!finding_delivers(finding.kind))
        log_warn("equipment=%s probe=%s no values until this is put right: %s",
                 equipment->id, finding_name(finding.kind), finding.text);
    else if (*told != FINDING_NONE || finding.kind != FINDING_RIGHT ||
             finding.text[0] != '\0')
        log_info("equipment=%s probe=%s %s", equipment->id, finding_name(finding.kind),
                 finding.text);
    *told = finding.kind;
}

/* Changes when the ranges do; 0 for none. */
static uint64_t mark_of(const struct unit_status *unit)
{
    uint64_t mark = unit->refused_count;

    for (size_t i = 0; i < unit->refused_count && i < UNIT_REFUSED_MAX; i++)
        mark = mark * 1000003 + ((uint64_t)unit->refused[i].start << 16) +
               unit->refused[i].count + (uint64_t)unit->refused[i].table;
    return mark;
}

static void tell_refused(const char *link, const struct unit_status *unit)
{
    if (unit->refused_count == 0)
        log_info("link=%s unit=%u equipment=%s refuses no address any more", link,
                 unit->id, unit->name);
    for (size_t i = 0; i < unit->refused_count && i < UNIT_REFUSED_MAX; i++)
        log_warn("link=%s unit=%u equipment=%s refuses %s %u+%u; its other points are "
                 "read, this one is tried again, at least daily",
                 link, unit->id, unit->name, modbus_table_name(unit->refused[i].table),
                 unit->refused[i].start, unit->refused[i].count);
    if (unit->refused_count > UNIT_REFUSED_MAX)
        log_warn("link=%s unit=%u equipment=%s refuses further ranges=%zu", link,
                 unit->id, unit->name, unit->refused_count - UNIT_REFUSED_MAX);
}

static void tell_units(struct tell_field *field, const struct link *link)
{
    struct unit_status *units = field->units;
    size_t count = poll_units(field->site->poll, link->index, units, UNITS_MAX);

    for (size_t i = 0; i < count && i < UNITS_MAX; i++) {
        const struct equipment *equipment =
            model_equipment(field->site->web.model, units[i].name);
        uint64_t mark = mark_of(&units[i]);

        if (equipment == NULL || field->refused[equipment->index] == mark)
            continue;
        tell_refused(link->id, &units[i]);
        field->refused[equipment->index] = mark;
    }
}

void tell_field_step(struct tell_field *field)
{
    const struct model *model = field->site->web.model;
    struct mono_time now = mono_now();

    if (!mono_before(now, field->findings_due)) {
        field->findings_due = mono_add_ms(now, FINDINGS_MS);
        for (size_t i = 0; i < model->equipment_count; i++)
            if (!model->equipment[i].is_link)
                tell_finding(field, &model->equipment[i]);
    }
    if (!mono_before(now, field->units_due)) {
        field->units_due = mono_add_ms(now, UNITS_MS);
        for (size_t i = 0; i < model->link_count; i++)
            tell_units(field, &model->links[i]);
    }
}
