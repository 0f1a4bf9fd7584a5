/* modbus_poll.c - one exchange and what its outcome means.
 *
 *   outcome                      samples of the block      the unit     the block
 *   value                        good (or as decoded)      alive        settled
 *   exception 2, 3               none; then ADDRESS        alive        split; then
 * refused exception 5, 6 (busy)        none; then EXCEPTION      alive        asked again
 * soon exception 10, 11 (gateway)   EXCEPTION                 a failure    asked again
 * later other exceptions             EXCEPTION                 alive        next slot
 *   timeout, nonsense, lost      TIMEOUT, PROTOCOL, CONNECT  a failure  asked again later
 *   the link cannot be opened    CONNECT, all of the link  offline      when it is back
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
    return link->unit_count > 0 &&
           (link->offline_units == link->unit_count || link->silent >= SILENT_ATTEMPTS);
}

/* --- what people read ------------------------------------------------------------ */

static void trouble(struct adapter *link, size_t unit, const char *text)
{
    link->trouble_unit = unit;
    (void)snprintf(link->now.error, sizeof link->now.error, "%.*s",
                   (int)sizeof link->now.error - 1, text);
}

static void trouble_over(struct adapter *link, size_t unit)
{
    if (link->trouble_unit == unit)
        link->now.error[0] = '\0';
}

void modbus_publish(struct adapter *link)
{
    link->now.samples = link->out.passed;
    link->now.bad_samples = link->out.bad;
    link->now.units_offline = link->offline_units;
    (void)pthread_mutex_lock(&link->mutex);
    link->status = link->now;
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

/* --- the link -------------------------------------------------------------------- */

static void set_connected(struct adapter *link, bool connected)
{
    if (link->now.connected == connected && link->now.since.ns != 0)
        return;
    link->now.connected = connected;
    link->now.since = wall_now();
}

void modbus_link_down(struct adapter *link, const struct err *err)
{
    struct badness badness = {.reason = REASON_CONNECT};
    struct stamp stamp;

    link->clock = mono_now();
    stamp = modbus_stamp(link);
    connect_backoff_failed(&link->backoff, link->clock, &link->seed);
    set_connected(link, false);
    trouble(link, MODBUS_NOBODY, err->text);
    for (size_t i = 0; i < link->unit_count; i++) {
        modbus_unit_all_bad(&link->units[i], badness, stamp, &link->out);
        set_state(link, &link->units[i], UNIT_OFFLINE, stamp);
    }
}

/* Whatever turned bad while the link was down is asked for at once. */
void modbus_link_up(struct adapter *link)
{
    link->now.connects++;
    set_connected(link, true);
    trouble_over(link, MODBUS_NOBODY);
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

/* --- one exchange ---------------------------------------------------------------- */

static enum client_result exchange(struct adapter *link, const struct modbus_unit *unit,
                                   const struct modbus_block *block, struct err *err)
{
    const struct modbus_request request = modbus_request_of(unit, block);
    enum client_result result = CLIENT_LOST;

    /* Twice: devices close idle connections, and may do so as we ask. */
    for (int i = 0; i < 2 && result == CLIENT_LOST; i++) {
        if (modbus_connect_link(link, err) != 0)
            return CLIENT_STOPPED;
        result = modbus_client_read(link->client, request, &link->reply, err);
        link->clock = link->reply.mono;
        link->now.requests += result != CLIENT_STOPPED;
    }
    return result;
}

/* --- outcomes -------------------------------------------------------------------- */

/* The unit has shown that it lives. After a pause everything else of it is due. */
static void alive(struct adapter *link, size_t index, size_t at, struct stamp stamp)
{
    struct modbus_unit *unit = &link->units[index];
    struct schedule_slot *slot = &unit->blocks.list[at].slot;
    struct mono_time due = slot->due;
    bool was_dead = modbus_link_in_trouble(link);

    link->silent = 0;
    if (breaker_answered(&unit->breaker))
        modbus_blocks_all_due(&unit->blocks, link->clock);
    slot->due = due;
    set_state(link, unit, UNIT_ONLINE, stamp);
    if (!was_dead)
        return;
    /* The first of a dead bus: the others are likely back as well. */
    for (size_t i = 0; i < link->unit_count; i++)
        link->units[i].breaker.probe_due = link->clock;
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

static enum poll_result failed(struct adapter *link, size_t index, size_t at,
                               struct badness badness, const struct err *err)
{
    struct modbus_unit *unit = &link->units[index];
    struct modbus_block *block = &unit->blocks.list[at];
    struct stamp stamp = modbus_stamp(link);

    if (!unit->breaker.open) /* a probe of a dead one says nothing about the others */
        link->silent++;
    trouble(link, index, err->text);
    reschedule(block, link->clock);
    if (!breaker_failed(&unit->breaker, link->clock, unit->critical, &link->seed)) {
        modbus_unit_block_bad(unit, block, badness, stamp, &link->out);
        return POLL_FAILED;
    }
    modbus_unit_all_bad(unit, badness, stamp, &link->out);
    set_state(link, unit, UNIT_OFFLINE, stamp);
    return POLL_FAILED;
}

static enum poll_result answered(struct adapter *link, size_t index, size_t at)
{
    struct modbus_unit *unit = &link->units[index];
    struct stamp stamp = modbus_stamp(link);

    link->now.answers++;
    alive(link, index, at, stamp);
    trouble_over(link, index);
    modbus_blocks_answered(&unit->blocks, at);
    modbus_unit_block_good(unit, &unit->blocks.list[at], link->reply.cells, stamp,
                           &link->out);
    return POLL_ANSWERED;
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

static enum poll_result excepted(struct adapter *link, size_t index, size_t at,
                                 const struct err *err)
{
    struct modbus_unit *unit = &link->units[index];
    struct modbus_block *block = &unit->blocks.list[at];
    struct badness badness = {REASON_EXCEPTION, link->reply.exception};
    struct stamp stamp = modbus_stamp(link);

    link->now.exceptions++;
    switch (link->reply.exception) {
    case MODBUS_GATEWAY_PATH:
    case MODBUS_GATEWAY_TARGET:
        return failed(link, index, at, badness, err);
    case MODBUS_ACKNOWLEDGE:
    case MODBUS_BUSY:
        alive(link, index, at, stamp);
        if (busy_again(link, block))
            return POLL_ANSWERED;
        break;
    case MODBUS_ILLEGAL_ADDRESS:
    case MODBUS_ILLEGAL_VALUE:
        alive(link, index, at, stamp);
        badness.reason = REASON_ADDRESS;
        if (modbus_blocks_refused(&unit->blocks, at, link->clock))
            return POLL_ANSWERED;
        break;
    default:
        alive(link, index, at, stamp);
        break;
    }
    trouble(link, index, err->text);
    modbus_unit_block_bad(unit, block, badness, stamp, &link->out);
    return POLL_ANSWERED;
}

/* On a bus an exchange takes long, and a unit in trouble may take a timeout: what was
 * read and counted before does not wait for it. */
static void hand_over_early(struct adapter *link, const struct modbus_unit *unit)
{
    if (link->tcp && unit->breaker.failures == 0 && unit->state == UNIT_ONLINE)
        return;
    modbus_out_flush(&link->out);
    modbus_publish(link);
}

struct modbus_request modbus_request_of(const struct modbus_unit *unit,
                                        const struct modbus_block *block)
{
    return (struct modbus_request){
        .unit = unit->id,
        .table = block->table,
        .start = block->start,
        .count = block->count,
    };
}

enum poll_result modbus_poll_outcome(struct adapter *link, size_t index, size_t at,
                                     enum client_result result, struct err *err)
{
    const struct modbus_unit *unit = &link->units[index];
    const struct modbus_block *block = &unit->blocks.list[at];
    struct badness badness = {.reason = REASON_CONNECT};

    if (result == CLIENT_GOOD)
        return answered(link, index, at);
    (void)err_prefix(err, "%s: unit %u: read %s %u+%u", unit->name, unit->id,
                     modbus_table_name(block->table), block->start, block->count);
    if (result == CLIENT_EXCEPTION)
        return excepted(link, index, at, err);
    if (result == CLIENT_TIMEOUT) {
        link->now.timeouts++;
        badness.reason = REASON_TIMEOUT;
    } else if (result == CLIENT_PROTOCOL) {
        link->now.protocol_errors++;
        badness.reason = REASON_PROTOCOL;
    }
    return failed(link, index, at, badness, err);
}

enum poll_result modbus_poll_block(struct adapter *link, size_t index, size_t at)
{
    struct modbus_unit *unit = &link->units[index];
    struct err err = {0};
    enum client_result result;

    hand_over_early(link, unit);
    result = exchange(link, unit, &unit->blocks.list[at], &err);
    if (result == CLIENT_STOPPED)
        return POLL_NOTHING;
    return modbus_poll_outcome(link, index, at, result, &err);
}
