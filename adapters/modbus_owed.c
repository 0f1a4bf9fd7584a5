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

void owed_unanswered(struct owed *owed, const struct modbus_request *request,
                     struct mono_time asked, int64_t timeout_ms)
{
    struct owed_unit *unit = &owed->units[request->unit];
    struct owed_question *same = find(unit, (uint8_t)request->table, request->count);

    if (same != NULL) {
        same->several = same->several || same->start != request->start;
        same->asked = asked;
        return;
    }
    if (unit->count == OWED_MAX) {
        unit->count--;
        memmove(unit->owed, unit->owed + 1, unit->count * sizeof unit->owed[0]);
    }
    unit->owed[unit->count++] = (struct owed_question){
        .asked = asked,
        .timeout_ms = timeout_ms,
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
    remember(unit, request);
}

/* An exception does not say what was asked: it may belong to an older question of the
 * same function, and then this one's answer is still to come, but nothing older. */
void owed_excepted(struct owed *owed, const struct modbus_request *request,
                   struct mono_time asked, int64_t timeout_ms)
{
    struct owed_unit *unit = &owed->units[request->unit];
    bool older = false;

    for (size_t i = 0; i < unit->count; i++)
        older = older || unit->owed[i].table == (uint8_t)request->table;
    unit->count = 0;
    if (older)
        owed_unanswered(owed, request, asked, timeout_ms);
}

void owed_damaged(struct owed *owed, const struct modbus_request *request,
                  struct mono_time asked, int64_t timeout_ms)
{
    if (owed->units[request->unit].count > 0)
        owed_unanswered(owed, request, asked, timeout_ms);
}

void owed_neighbour(struct owed *owed, uint8_t unit, bool heard)
{
    struct owed_unit *u = &owed->units[unit];

    u->hears = u->hears || heard;
    u->unheard = heard ? 0 : (uint8_t)(u->unheard + (u->unheard < UINT8_MAX));
}

static bool is_deaf(const struct owed_unit *unit)
{
    return !unit->hears && unit->unheard >= OWED_DEAF_AFTER;
}

static void forget_old(struct owed_unit *unit, struct mono_time now)
{
    int64_t times = is_deaf(unit) ? OWED_DEAF_TIMES : OWED_LATE_TIMES;
    uint8_t kept = 0;

    for (size_t i = 0; i < unit->count; i++) {
        const struct owed_question *question = &unit->owed[i];

        if (mono_before(now, mono_add_ms(question->asked, times * question->timeout_ms)))
            unit->owed[kept++] = *question;
    }
    unit->count = kept;
}

bool owed_in_doubt(struct owed *owed, const struct modbus_request *request,
                   struct mono_time now)
{
    struct owed_unit *unit = &owed->units[request->unit];
    const struct owed_question *same;

    if (unit->count == 0)
        return false;
    forget_old(unit, now);
    same = find(unit, (uint8_t)request->table, request->count);
    return same != NULL && (same->several || same->start != request->start);
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

/* The largest part from `count` on down that cannot be mistaken. */
static bool use_part(const struct owed_unit *unit, uint16_t count,
                     struct modbus_request *other)
{
    for (; count > 0; count--) {
        if (is_owed(unit, (uint8_t)other->table, count))
            continue;
        other->count = count;
        return true;
    }
    return false;
}

enum owed_remedy owed_other(const struct owed *owed, const struct modbus_request *request,
                            struct modbus_request *other)
{
    static const enum modbus_table neighbours[] = {
        [TABLE_NONE] = TABLE_NONE,     [TABLE_COIL] = TABLE_DISCRETE,
        [TABLE_DISCRETE] = TABLE_COIL, [TABLE_INPUT] = TABLE_HOLDING,
        [TABLE_HOLDING] = TABLE_INPUT,
    };
    const struct owed_unit *unit = &owed->units[request->unit];

    *other = *request;
    if (use_known(unit, other) || use_part(unit, request->count, other))
        return OWED_ASK_KNOWN;
    other->table = neighbours[request->table];
    return !is_deaf(unit) && use_part(unit, request->count, other) ? OWED_ASK_NEIGHBOUR
                                                                   : OWED_WAIT;
}
