/* modbus_owed.c - see modbus_owed.h. */
#include "adapters/modbus_owed.h"

#include <string.h>

static size_t size_of(uint8_t table, uint16_t count)
{
    const struct modbus_request request = {
        .rtu = true, .table = (enum modbus_table)table, .count = count};

    return modbus_frame_answer_size(&request);
}

/* The answers look alike. */
static bool alike(const struct owed_question *a, uint8_t table, uint16_t count)
{
    return a->count > 0 && a->table == table &&
           size_of(a->table, a->count) == size_of(table, count);
}

static struct owed_question *find(struct owed_unit *unit, uint8_t table, uint16_t count)
{
    for (size_t i = 0; i < unit->count; i++)
        if (alike(&unit->owed[i], table, count))
            return &unit->owed[i];
    return NULL;
}

static bool is_owed(const struct owed_unit *unit, uint8_t table, uint16_t count)
{
    for (size_t i = 0; i < unit->count; i++)
        if (alike(&unit->owed[i], table, count))
            return true;
    return false;
}

void owed_unanswered(struct owed *owed, const struct modbus_request *request)
{
    struct owed_unit *unit = &owed->units[request->unit];
    struct owed_question *same = find(unit, (uint8_t)request->table, request->count);

    if (same != NULL) {
        same->several = same->several || same->start != request->start;
        return;
    }
    if (unit->count == OWED_MAX) {
        unit->count--;
        memmove(unit->owed, unit->owed + 1, unit->count * sizeof unit->owed[0]);
    }
    unit->owed[unit->count++] = (struct owed_question){
        .start = request->start,
        .count = request->count,
        .table = (uint8_t)request->table,
    };
}

static void remember(struct owed_unit *unit, const struct modbus_request *request)
{
    const struct owed_question question = {
        .start = request->start,
        .count = request->count,
        .table = (uint8_t)request->table,
    };

    if (unit->known[0].count == 0 ||
        alike(&unit->known[0], question.table, question.count))
        unit->known[0] = question;
    else
        unit->known[1] = question;
}

/* An answer that fits an owed one may be that, and then its own is still to come. */
void owed_answered(struct owed *owed, const struct modbus_request *request)
{
    struct owed_unit *unit = &owed->units[request->unit];

    if (find(unit, (uint8_t)request->table, request->count) == NULL)
        unit->count = 0;
    unit->unsettled = 0;
    remember(unit, request);
}

/* An exception does not say what was asked: it may belong to an older question of the
 * same function, and then this one's answer is still to come, but nothing older. */
void owed_excepted(struct owed *owed, const struct modbus_request *request)
{
    struct owed_unit *unit = &owed->units[request->unit];
    bool older = false;

    for (size_t i = 0; i < unit->count; i++)
        older = older || unit->owed[i].table == (uint8_t)request->table;
    unit->count = 0;
    if (older)
        owed_unanswered(owed, request);
}

bool owed_unsettled(struct owed *owed, uint8_t id, bool must)
{
    struct owed_unit *unit = &owed->units[id];

    if (must && ++unit->unsettled < OWED_UNSETTLED_MAX)
        return false;
    unit->unsettled = 0;
    unit->count = 0;
    return true;
}

bool owed_in_doubt(const struct owed *owed, const struct modbus_request *request)
{
    const struct owed_unit *unit = &owed->units[request->unit];

    for (size_t i = 0; i < unit->count; i++)
        if (alike(&unit->owed[i], (uint8_t)request->table, request->count))
            return unit->owed[i].several || unit->owed[i].start != request->start;
    return false;
}

static bool use_known(const struct owed_unit *unit, struct modbus_request *other)
{
    for (size_t i = 0; i < 2; i++) {
        const struct owed_question *known = &unit->known[i];

        if (known->count == 0 || is_owed(unit, known->table, known->count))
            continue;
        other->table = (enum modbus_table)known->table;
        other->start = known->start;
        other->count = known->count;
        return true;
    }
    return false;
}

static bool use_part(const struct owed_unit *unit, struct modbus_request *other)
{
    for (uint16_t count = other->count; --count > 0;) {
        if (is_owed(unit, (uint8_t)other->table, count))
            continue;
        other->count = count;
        return true;
    }
    return false;
}

bool owed_other(const struct owed *owed, const struct modbus_request *request,
                struct modbus_request *other)
{
    static const enum modbus_table neighbours[] = {
        [TABLE_NONE] = TABLE_NONE,     [TABLE_COIL] = TABLE_DISCRETE,
        [TABLE_DISCRETE] = TABLE_COIL, [TABLE_INPUT] = TABLE_HOLDING,
        [TABLE_HOLDING] = TABLE_INPUT,
    };
    const struct owed_unit *unit = &owed->units[request->unit];

    *other = *request;
    if (use_known(unit, other) || use_part(unit, other))
        return true;
    other->table = neighbours[request->table];
    return false;
}
