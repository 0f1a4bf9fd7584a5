/* modbus_poll.c - what the outcome of an exchange means, for the unit and for the link.
 *
 *   outcome                      samples of the block        the unit    the block
 *   value                        good (or as decoded)        alive       settled
 *   exception 2, 3               none; then ADDRESS          alive       split, then
 * refused exception 5, 6 (busy)        none; then EXCEPTION        alive       asked
 * again soon exception 10, 11 (gateway)   EXCEPTION                   a failure   asked
 * again later other exceptions             EXCEPTION                   alive       next
 * slot timeout, nonsense, lost      TIMEOUT, PROTOCOL, CONNECT  a failure   asked again
 * later the link cannot be opened    CONNECT, all of the link    offline     when it is
 * back
 */
#include "adapters/modbus_link.h"

#include <stdio.h>

enum {
    BUSY_TRIES = 3, /* further questions to a busy device before its points turn bad */
    BUSY_WAIT_MS = 200,
    SILENT_ATTEMPTS =
        8, /* more than a few dead units in a row; none of them is judged by it */
    BLOCK_TRIES =
        3, /* failures in a row until a block of a living unit is asked rarely */
    BLOCK_WAIT_MIN_MS = 2000,
    BLOCK_WAIT_MAX_MS = 60 * 1000,
};

struct stamp modbus_stamp(const struct adapter *link)
{
    return (struct stamp){wall_now(), link->clock};
}

bool modbus_link_in_trouble(const struct adapter *link)
{
    if (link->unit_count == 0) /* only people ask here */
        return link->backoff.wait_ms > 0;
    return link->offline_units == link->unit_count || link->silent >= SILENT_ATTEMPTS;
}

/* --- what people read ------------------------------------------------------------ */

static void set_error(char error[LINK_ERROR_TEXT_MAX], const char *text)
{
    (void)snprintf(error, LINK_ERROR_TEXT_MAX, "%.*s", LINK_ERROR_TEXT_MAX - 1, text);
}

void modbus_trouble(struct adapter *link, size_t unit, const char *text)
{
    link->trouble_unit = unit;
    set_error(link->now.error, text);
    if (unit == MODBUS_NOBODY)
        return;
    (void)pthread_mutex_lock(&link->mutex);
    set_error(link->units[unit].numbers.error, text);
    (void)pthread_mutex_unlock(&link->mutex);
}

void modbus_trouble_over(struct adapter *link, size_t unit)
{
    if (link->trouble_unit == unit)
        link->now.error[0] = '\0';
    if (unit == MODBUS_NOBODY)
        return;
    (void)pthread_mutex_lock(&link->mutex);
    link->units[unit].numbers.error[0] = '\0';
    (void)pthread_mutex_unlock(&link->mutex);
}

int modbus_link_verdict(const struct adapter *link, struct err *err)
{
    if (!modbus_link_in_trouble(link))
        return 0;
    return err_set(err, ERR_IO, "%s",
                   link->now.error[0] != '\0' ? link->now.error : "no unit answers");
}

/* --- online ---------------------------------------------------------------------- */

void modbus_tell_link(struct adapter *link, bool always)
{
    enum unit_state state = link->state;

    if (modbus_link_in_trouble(link))
        state = UNIT_OFFLINE;
    else if (link->online_units > 0)
        state = UNIT_ONLINE;
    if (state == UNIT_UNKNOWN || (state == link->state && !always))
        return;
    link->state = state;
    modbus_out_bool(&link->out, link->online_point, state == UNIT_ONLINE,
                    modbus_stamp(link));
}

static void set_state(struct adapter *link, struct modbus_unit *unit,
                      enum unit_state state, struct stamp stamp)
{
    if (unit->state == state)
        return;
    link->online_units -= unit->state == UNIT_ONLINE;
    link->offline_units -= unit->state == UNIT_OFFLINE;
    link->online_units += state == UNIT_ONLINE;
    link->offline_units += state == UNIT_OFFLINE;
    unit->state = state;
    modbus_unit_tell_online(unit, stamp, &link->out);
}

/* What pages show of its health. */
static void note_health(struct adapter *link, struct modbus_unit *unit)
{
    static const int online[] = {
        [UNIT_UNKNOWN] = -1, [UNIT_ONLINE] = 1, [UNIT_OFFLINE] = 0};

    (void)pthread_mutex_lock(&link->mutex);
    unit->numbers.online = online[unit->state];
    unit->numbers.breaker_open = unit->breaker.open;
    unit->numbers.probe_due = unit->breaker.probe_due;
    (void)pthread_mutex_unlock(&link->mutex);
}

/* --- the link -------------------------------------------------------------------- */

static void set_connected(struct adapter *link, bool connected)
{
    if (link->now.connected == connected && link->now.since.ns != 0)
        return;
    link->now.connected = connected;
    link->now.since = wall_now();
}

/* Whoever waits for a probe. */
static void tell_who_asked(struct adapter *link, const struct err *err)
{
    for (size_t i = 0; i < link->unit_count; i++)
        for (size_t e = 0; e < link->units[i].equipment_count; e++)
            if (link->units[i].equipment[e].asked)
                modbus_identify_unanswered(link, &link->units[i].equipment[e], err->text);
}

void modbus_link_down(struct adapter *link, const struct err *err)
{
    struct badness badness = {.reason = REASON_CONNECT};
    struct stamp stamp;
    bool listens = modbus_client_listens(link->client);
    bool news;

    link->clock = mono_now();
    stamp = modbus_stamp(link);
    news =
        !listens || link->backoff.wait_ms == 0 || !mono_before(link->clock, link->retold);
    if (news) {
        connect_backoff_failed(&link->backoff, link->clock, &link->seed);
        link->retold = link->backoff.due;
    }
    /* Looking for a device that dials in costs nothing, and it may be there. */
    if (listens)
        link->backoff.due = mono_add_ms(link->clock, BACKOFF_MIN_MS);
    set_connected(link, false);
    modbus_trouble(link, MODBUS_NOBODY, err->text);
    for (size_t i = 0; news && i < link->unit_count; i++) {
        modbus_unit_all_bad(&link->units[i], badness, stamp, &link->out);
        set_state(link, &link->units[i], UNIT_OFFLINE, stamp);
        note_health(link, &link->units[i]);
        /* Whatever answers when it is back may be another device. */
        modbus_unit_doubt(&link->units[i], link->clock, stamp, &link->out);
    }
    tell_who_asked(link, err);
}

/* Whatever turned bad while the link was down is asked for at once. */
void modbus_link_up(struct adapter *link)
{
    link->now.connects++;
    set_connected(link, true);
    modbus_trouble_over(link, MODBUS_NOBODY);
    if (link->backoff.wait_ms == 0)
        return;
    connect_backoff_reset(&link->backoff);
    for (size_t i = 0; i < link->unit_count; i++) {
        modbus_blocks_all_due(&link->units[i].blocks, link->clock);
        link->units[i].breaker.probe_due = link->clock;
    }
}

int modbus_connect_link(struct adapter *link, struct err *err)
{
    if (modbus_client_connected(link->client))
        return 0;
    if (mono_before(link->clock, link->backoff.due))
        return -1;
    if (modbus_client_connect(link->client, err) == 0) {
        modbus_link_up(link);
        return 0;
    }
    if (err->kind != ERR_STATE)
        modbus_link_down(link, err);
    return -1;
}

/* --- units ------------------------------------------------------------------------ */

void modbus_unit_alive(struct adapter *link, size_t index, struct stamp stamp)
{
    struct modbus_unit *unit = &link->units[index];
    bool was_dead = modbus_link_in_trouble(link);
    bool news = unit->state != UNIT_ONLINE || unit->breaker.open;

    link->silent = 0;
    unit->after = (struct mono_time){0};
    if (breaker_answered(&unit->breaker))
        modbus_blocks_all_due(&unit->blocks, link->clock);
    set_state(link, unit, UNIT_ONLINE, stamp);
    if (news)
        note_health(link, unit);
    if (!was_dead)
        return;
    /* The first of a dead bus: the others are likely back as well. */
    for (size_t i = 0; i < link->unit_count; i++)
        link->units[i].breaker.probe_due = link->clock;
}

/* At a start all units are due at once. Each dead one costs a timeout, and those that are
 * known to live do not wait for all of them. */
static void let_living_first(struct adapter *link)
{
    for (size_t i = 0; i < link->unit_count; i++)
        if (link->units[i].state == UNIT_UNKNOWN)
            link->units[i].after = link->clock;
}

bool modbus_unit_failed(struct adapter *link, size_t index, struct badness badness,
                        const struct err *err)
{
    struct modbus_unit *unit = &link->units[index];
    struct stamp stamp = modbus_stamp(link);
    bool opened;

    if (!unit->breaker.open) /* a try at a dead one says nothing about the others */
        link->silent++;
    unit->after = link->clock;
    if (unit->state == UNIT_UNKNOWN)
        let_living_first(link);
    modbus_trouble(link, index, err->text);
    opened = breaker_failed(&unit->breaker, link->clock, unit->critical, &link->seed);
    if (opened) {
        modbus_unit_all_bad(unit, badness, stamp, &link->out);
        set_state(link, unit, UNIT_OFFLINE, stamp);
        /* Whatever answers next may be another device. */
        modbus_unit_doubt(unit, link->clock, stamp, &link->out);
    }
    note_health(link, unit);
    return opened;
}

struct badness modbus_badness(enum client_result result)
{
    switch (result) {
    case CLIENT_TIMEOUT:
        return (struct badness){.reason = REASON_TIMEOUT};
    case CLIENT_PROTOCOL:
        return (struct badness){.reason = REASON_PROTOCOL};
    case CLIENT_GOOD:
    case CLIENT_EXCEPTION:
    case CLIENT_LOST:
    case CLIENT_STOPPED:
    case CLIENT_WAITING:
    default:
        return (struct badness){.reason = REASON_CONNECT};
    }
}

/* --- blocks ------------------------------------------------------------------------ */

/* Which addresses the device refuses, as pages show it. */
static void note_refused(struct adapter *link, struct modbus_unit *unit)
{
    struct unit_numbers *numbers = &unit->numbers;

    (void)pthread_mutex_lock(&link->mutex);
    numbers->refused_count = 0;
    numbers->blocks = unit->blocks.count;
    for (size_t i = 0; i < unit->blocks.count; i++) {
        const struct modbus_block *block = &unit->blocks.list[i];

        if (!block->refused)
            continue;
        if (numbers->refused_count < UNIT_REFUSED_MAX)
            numbers->refused[numbers->refused_count] =
                (struct unit_refused){block->table, block->start, block->count};
        numbers->refused_count++;
    }
    (void)pthread_mutex_unlock(&link->mutex);
}

static int64_t block_wait_ms(uint32_t failures)
{
    uint32_t doublings = failures > BLOCK_TRIES ? failures - BLOCK_TRIES : 0;
    int64_t wait_ms = (int64_t)BLOCK_WAIT_MIN_MS << (doublings < 8 ? doublings : 8);

    return wait_ms < BLOCK_WAIT_MAX_MS ? wait_ms : BLOCK_WAIT_MAX_MS;
}

/* When a block that failed is asked again. A slow one soon, so that its points are not
 * bad for an hour; one that never answers though its unit does, rarely, because each try
 * costs the link a timeout. */
static void reschedule(struct modbus_block *block, struct mono_time now)
{
    block->failures++;
    if (block->failures < BLOCK_TRIES)
        schedule_slot_retry(&block->slot, now, BLOCK_WAIT_MIN_MS);
    else
        block->slot.due = mono_add_ms(now, block_wait_ms(block->failures));
}

static void failed(struct adapter *link, const struct modbus_job *job,
                   struct badness badness, const struct err *err)
{
    struct modbus_unit *unit = &link->units[job->unit];

    reschedule(&unit->blocks.list[job->block], link->clock);
    if (!modbus_unit_failed(link, job->unit, badness, err))
        modbus_unit_block_bad(unit, &unit->blocks.list[job->block], badness,
                              modbus_stamp(link), &link->out);
}

/* The unit lives; its block keeps the slot it has. */
static struct modbus_block *alive(struct adapter *link, const struct modbus_job *job)
{
    struct modbus_unit *unit = &link->units[job->unit];
    struct modbus_block *block = &unit->blocks.list[job->block];
    struct mono_time due = block->slot.due;

    modbus_unit_alive(link, job->unit, modbus_stamp(link));
    block->slot.due = due;
    return block;
}

static void answered(struct adapter *link, const struct modbus_job *job)
{
    struct modbus_unit *unit = &link->units[job->unit];

    (void)alive(link, job);
    modbus_trouble_over(link, job->unit);
    modbus_blocks_answered(&unit->blocks, job->block);
    if (unit->blocks.changed)
        note_refused(link, unit);
    modbus_unit_block_good(unit, &unit->blocks.list[job->block], link->reply.cells,
                           modbus_stamp(link), &link->out);
}

static bool busy_again(struct adapter *link, struct modbus_block *block)
{
    if (block->busy >= BUSY_TRIES) {
        block->busy = 0;
        return false;
    }
    schedule_slot_retry(&block->slot, link->clock, (int64_t)BUSY_WAIT_MS << block->busy);
    block->busy++;
    return true;
}

static void excepted(struct adapter *link, const struct modbus_job *job,
                     const struct err *err)
{
    struct modbus_unit *unit = &link->units[job->unit];
    struct badness badness = {REASON_EXCEPTION, link->reply.exception};
    struct modbus_block *block;

    switch (link->reply.exception) {
    case MODBUS_GATEWAY_PATH:
    case MODBUS_GATEWAY_TARGET:
        failed(link, job, badness, err);
        return;
    case MODBUS_ACKNOWLEDGE:
    case MODBUS_BUSY:
        block = alive(link, job);
        if (busy_again(link, block))
            return;
        break;
    case MODBUS_ILLEGAL_ADDRESS:
    case MODBUS_ILLEGAL_VALUE:
        block = alive(link, job);
        badness.reason = REASON_ADDRESS;
        if (modbus_blocks_refused(&unit->blocks, job->block, link->clock))
            return;
        note_refused(link, unit);
        break;
    default:
        block = alive(link, job);
        break;
    }
    modbus_trouble(link, job->unit, err->text);
    modbus_unit_block_bad(unit, block, badness, modbus_stamp(link), &link->out);
}

void modbus_poll_done(struct adapter *link, const struct modbus_job *job,
                      enum client_result result, struct err *err)
{
    const struct modbus_unit *unit = &link->units[job->unit];

    if (result == CLIENT_GOOD) {
        answered(link, job);
        return;
    }
    (void)err_prefix(err, "%s: unit %u: read %s %u+%u", unit->name, unit->id,
                     modbus_table_name(job->request.table), job->request.start,
                     job->request.count);
    if (result == CLIENT_EXCEPTION)
        excepted(link, job, err);
    else
        failed(link, job, modbus_badness(result), err);
}
