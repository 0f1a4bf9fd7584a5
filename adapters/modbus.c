/* modbus.c - the adapter of a Modbus link.
 *
 * DESIGN: everything runs on the link's thread, one exchange at a time, as a bus wants
 * it. A step is one pass: every unit that is well is asked for every block that is
 * due, back to back; a unit that fails is left for the next pass, behind the others; then
 * at most one dead unit is probed. The pass remembers where it stopped, so that no
 * unit starves when the bus cannot keep up. Between steps the thread sleeps until due().
 *
 * The one thing other threads touch is `stop` (an atomic that ends waits) and, under the
 * mutex, the copy of the counters and the ring of lateness.
 */
#include "adapters/modbus_link.h"

#include "base/mem.h"

#include <string.h>

enum {
    HEARTBEAT_MS = 60 * 1000, /* "online" is said at least so often */
    LATE_PART = 10,           /* a poll is late beyond a tenth of its period */
    SEED_MIX = 0x5851F42D,    /* so that links do not jitter alike */
};

/* The link's place among the Modbus links, for the phases. */
static struct unit_link place_of(const struct config *config, uint32_t link)
{
    struct unit_link place = {.link = link};

    for (uint32_t i = 0; i < config->link_count; i++) {
        if (config->links[i].kind != LINK_MODBUS)
            continue;
        place.place += i < link;
        place.places++;
    }
    return place;
}

static size_t points_of(const struct adapter *link)
{
    size_t points = 1;

    for (size_t i = 0; i < link->unit_count; i++)
        points += link->units[i].item_count + link->units[i].online_count;
    return points;
}

static void close_link(struct adapter *link)
{
    if (link == NULL)
        return;
    modbus_client_free(link->client);
    modbus_units_free(link->units, link->unit_count);
    modbus_out_done(&link->out);
    (void)pthread_mutex_destroy(&link->mutex);
    mem_free(link);
}

static void start_schedule(struct adapter *link, const struct unit_link *place,
                           struct mono_time now)
{
    const struct schedule_place at = {place->place, place->places, 0};

    link->clock = now;
    link->next = schedule_first(&at, HEARTBEAT_MS, now);
    /* Rides along with the polls; what was said at first is said again a minute later. */
    link->heartbeat = (struct schedule_slot){
        .phase_ns = link->next.ns % (HEARTBEAT_MS * CLOCK_MS),
        .period_ns = HEARTBEAT_MS * CLOCK_MS,
        .due = mono_add_ms(link->next, HEARTBEAT_MS),
    };
    if (link->unit_count == 0)
        link->next = MONO_NEVER;
    for (size_t i = 0; i < link->unit_count; i++)
        link->next = mono_min(link->next, modbus_blocks_due(&link->units[i].blocks));
}

static struct adapter *open_link(const struct config *config, uint32_t index,
                                 struct err *err)
{
    struct adapter *link = mem_alloc(sizeof *link);
    struct unit_link place = place_of(config, index);
    const struct equipment *stand_in =
        &config->model->equipment[config->model->links[index].stand_in];
    struct mono_time now = mono_now();

    link->settings = &config->links[index];
    link->online_point = stand_in->first_point + stand_in->point_count - 1;
    link->seed = ((uint64_t)index + 1) * SEED_MIX;
    link->trouble_unit = MODBUS_NOBODY;
    link->job.unit = MODBUS_NOBODY;
    atomic_init(&link->stop, false);
    (void)pthread_mutex_init(&link->mutex, NULL);
    link->client = modbus_client_new(link->settings, &link->stop, err);
    if (link->client == NULL)
        goto fail;
    link->tcp = modbus_client_is_tcp(link->client);
    place.tcp = link->tcp;
    place.slow = modbus_client_is_slow(link->client);
    link->units = modbus_units_new(config, &place, now, &link->unit_count, err);
    if (link->units == NULL)
        goto fail;
    modbus_out_init(&link->out, points_of(link));
    start_schedule(link, &place, now);
    link->now.units = link->unit_count;
    link->status = link->now;
    return link;
fail:
    close_link(link);
    return NULL;
}

/* --- when ------------------------------------------------------------------------ */

static struct mono_time unit_due(const struct adapter *link,
                                 const struct modbus_unit *unit)
{
    struct mono_time due = unit->breaker.probe_due;

    if (!unit->breaker.open)
        return modbus_blocks_due(&unit->blocks);
    if (link->online_units > 0 && mono_before(due, link->budget.allowed))
        return link->budget.allowed;
    return due;
}

struct mono_time modbus_next_due(const struct adapter *link)
{
    struct mono_time due = MONO_NEVER;

    if (link->unit_count == 0)
        return MONO_NEVER;
    if (link->backoff.wait_ms > 0)
        return mono_min(link->backoff.due, link->heartbeat.due);
    for (size_t i = 0; i < link->unit_count; i++)
        due = mono_min(due, unit_due(link, &link->units[i]));
    return mono_min(due, link->heartbeat.due);
}

static struct mono_time due(const struct adapter *link)
{
    return link->next;
}

/* --- what ------------------------------------------------------------------------ */

bool modbus_has_come(const struct adapter *link, struct mono_time time)
{
    return time.ns <= link->clock.ns;
}

/* Only the polls of what is well say whether the link keeps its plan. */
void modbus_take_slot(struct adapter *link, const struct modbus_unit *unit,
                      struct modbus_block *block)
{
    uint64_t missed = 0;
    int64_t late_ns = schedule_slot_take(&block->slot, link->clock, &missed);

    if (unit->breaker.failures > 0 || unit->state != UNIT_ONLINE || block->failures > 0)
        return;
    if (late_ns > block->slot.period_ns / LATE_PART)
        link->now.late++;
    (void)pthread_mutex_lock(&link->mutex);
    lateness_add(&link->lateness, late_ns);
    (void)pthread_mutex_unlock(&link->mutex);
}

/* Reads the blocks that are due until one fails. False when the link went down or a stop
 * was asked for. */
static bool poll_unit(struct adapter *link, size_t index)
{
    struct modbus_blocks *blocks = &link->units[index].blocks;
    enum poll_result result = POLL_ANSWERED;

    for (size_t i = 0; i < blocks->count && result == POLL_ANSWERED; i++) {
        size_t before = blocks->count;

        if (!modbus_has_come(link, blocks->list[i].slot.due))
            continue;
        modbus_take_slot(link, &link->units[index], &blocks->list[i]);
        result = modbus_poll_block(link, index, i);
        i += blocks->count - before; /* halves wait for the next pass */
    }
    if (blocks->changed)
        modbus_blocks_join(blocks);
    return result != POLL_NOTHING;
}

static void poll_units(struct adapter *link, struct mono_time until)
{
    size_t first = link->cursor;

    for (size_t i = 0; i < link->unit_count; i++) {
        size_t index = (first + i) % link->unit_count;

        if (link->units[index].breaker.open)
            continue;
        if (!poll_unit(link, index))
            return;
        if (atomic_load_explicit(&link->stop, memory_order_relaxed) ||
            modbus_has_come(link, until)) {
            link->cursor = (index + 1) % link->unit_count;
            return;
        }
    }
}

/* The dead unit whose probe has been due for longest, or MODBUS_NOBODY. */
size_t modbus_unit_to_probe(const struct adapter *link)
{
    struct mono_time earliest = {link->clock.ns + 1};
    size_t found = MODBUS_NOBODY;

    if (link->online_units > 0 && !modbus_has_come(link, link->budget.allowed))
        return MODBUS_NOBODY;
    for (size_t i = 0; i < link->unit_count; i++) {
        const struct breaker *breaker = &link->units[i].breaker;

        if (!breaker->open || !mono_before(breaker->probe_due, earliest))
            continue;
        earliest = breaker->probe_due;
        found = i;
    }
    return found;
}

void modbus_probe_spent(struct adapter *link, size_t unit, struct mono_time start)
{
    int64_t spent_ns = link->clock.ns - start.ns;

    /* On RTU the silence after a failure is the probe's cost, too. */
    if (link->units[unit].breaker.open && !link->tcp)
        spent_ns += link->settings->timeout_ms * CLOCK_MS;
    probe_budget_spend(&link->budget, link->clock, spent_ns);
}

static void probe(struct adapter *link)
{
    size_t index = modbus_unit_to_probe(link);
    struct mono_time start = link->clock;
    struct modbus_blocks *blocks;
    uint64_t missed = 0;
    size_t block;

    if (index == MODBUS_NOBODY)
        return;
    blocks = &link->units[index].blocks;
    block = modbus_blocks_smallest(blocks);
    (void)schedule_slot_take(&blocks->list[block].slot, link->clock, &missed);
    if (modbus_poll_block(link, index, block) == POLL_NOTHING)
        return;
    if (blocks->changed)
        modbus_blocks_join(blocks);
    modbus_probe_spent(link, index, start);
}

void modbus_heartbeat(struct adapter *link)
{
    struct stamp stamp = modbus_stamp(link);
    uint64_t missed = 0;

    (void)schedule_slot_take(&link->heartbeat, link->clock, &missed);
    for (size_t i = 0; i < link->unit_count; i++)
        modbus_unit_tell_online(&link->units[i], stamp, &link->out);
}

static void work(struct adapter *link, struct mono_time until)
{
    struct err err;
    bool beat;

    link->clock = mono_now();
    beat = modbus_has_come(link, link->heartbeat.due);
    if (beat)
        modbus_heartbeat(link);
    /* A link that was down is tried whether something is due or not. */
    if (link->backoff.wait_ms == 0 || modbus_connect_link(link, &err) == 0)
        poll_units(link, until);
    if (link->backoff.wait_ms == 0)
        probe(link);
    modbus_tell_link(link, beat);
}

static int step(struct adapter *link, struct mono_time until,
                const struct sample_sink *sink, struct err *err)
{
    link->out.sink = sink;
    if (!atomic_load(&link->stop))
        work(link, until);
    modbus_out_flush(&link->out);
    link->next = modbus_next_due(link);
    atomic_store(&link->stop, false);
    modbus_publish(link);
    return modbus_link_verdict(link, err);
}

static void wake(struct adapter *link)
{
    atomic_store(&link->stop, true);
}

static void status(struct adapter *link, struct link_status *out)
{
    struct lateness copy;

    (void)pthread_mutex_lock(&link->mutex);
    *out = link->status;
    copy = link->lateness;
    (void)pthread_mutex_unlock(&link->mutex);
    out->lateness_p50_us = lateness_percentile_us(&copy, 50);
    out->lateness_p99_us = lateness_percentile_us(&copy, 99);
}

const struct adapter_ops modbus_adapter = {
    .kind = LINK_MODBUS,
    .open = open_link,
    .due = due,
    .step = step,
    .can_share = modbus_can_share,
    .advance = modbus_advance,
    .wake = wake,
    .status = status,
    .close = close_link,
};
