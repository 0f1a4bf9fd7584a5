/* modbus.c - the adapter of a Modbus link.
 *
 * DESIGN: everything runs on the link's thread, one exchange at a time, as a bus wants
 * it. A step does one job after the other (modbus_jobs.c) while something is due; between
 * steps the thread sleeps until due(). A link that shares its thread does the same jobs
 * in pieces (modbus_shared.c).
 *
 * What other threads touch: `stop` (an atomic that ends waits), the mailbox, the ring of
 * frames, and under the mutex the copies of the counters and what pages show of a unit.
 */
#include "adapters/modbus_link.h"

#include "base/mem.h"

#include <string.h>

enum {
    HEARTBEAT_MS = 60 * 1000, /* "online" is said at least so often */
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
        for (size_t e = 0; e < link->units[i].equipment_count; e++)
            points += link->units[i].equipment[e].settings->point_count + 1;
    return points;
}

static void close_link(struct adapter *link)
{
    if (link == NULL)
        return;
    link_talk_close(link->talk);
    link_talk_free(link->talk);
    modbus_client_free(link->client);
    link_trace_free(link->trace);
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
        link->next =
            mono_min(link->next, mono_min(modbus_blocks_due(&link->units[i].blocks),
                                          link->units[i].identify_due));
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
    link->talk = link_talk_new();
    link->trace = link_trace_new();
    link->opened = now;
    atomic_init(&link->stop, false);
    atomic_init(&link->again, false);
    (void)pthread_mutex_init(&link->mutex, NULL);
    link->client = modbus_client_new(link->settings, &link->stop, err);
    if (link->client == NULL)
        goto fail;
    modbus_client_set_trace(link->client, link->trace);
    link->tcp = modbus_client_is_tcp(link->client);
    place.tcp = link->tcp;
    place.slow = modbus_client_is_slow(link->client);
    link->units = modbus_units_new(config, &place, now, &link->unit_count, err);
    if (link->units == NULL)
        goto fail;
    modbus_out_init(&link->out, points_of(link));
    start_schedule(link, &place, now);
    for (size_t i = 0; i < link->unit_count; i++) {
        link->units[i].numbers.online = -1;
        link->units[i].numbers.blocks = link->units[i].blocks.count;
    }
    link->now.units = link->unit_count;
    link->status = link->now;
    return link;
fail:
    close_link(link);
    return NULL;
}

static struct mono_time due(const struct adapter *link)
{
    return modbus_is_wanted(link) ? link->clock : link->next;
}

/* --- one job after the other ---------------------------------------------------------
 */

/* On a bus an exchange takes long, and a unit in trouble may take a timeout: what was
 * read and counted before does not wait for it. */
static void hand_over_early(struct adapter *link, const struct modbus_job *job)
{
    if (job->unit != MODBUS_NOBODY && link->tcp &&
        link->units[job->unit].breaker.failures == 0 &&
        link->units[job->unit].state == UNIT_ONLINE)
        return;
    modbus_out_flush(&link->out);
    modbus_publish(link);
}

/* What a device says that has dialled in again is not believed before it was probed. */
static bool is_a_stranger(struct adapter *link, const struct modbus_job *job)
{
    if (!modbus_client_take_redialled(link->client))
        return false;
    for (size_t i = 0; i < link->unit_count; i++)
        modbus_unit_doubt(&link->units[i], link->clock, modbus_stamp(link), &link->out);
    return job->unit != MODBUS_NOBODY && modbus_unit_is_probed(&link->units[job->unit]);
}

/* False when the link went down or a stop was asked for. */
static bool run(struct adapter *link, const struct modbus_job *job)
{
    enum client_result result = CLIENT_LOST;
    struct err err = {0};

    hand_over_early(link, job);
    /* Twice: devices close idle connections, and may do so as we ask. */
    for (int i = 0; i < 2 && result == CLIENT_LOST; i++) {
        if (modbus_connect_link(link, &err) != 0) {
            result = CLIENT_STOPPED;
            break;
        }
        result = modbus_client_read(link->client, job->request, &link->reply, &err);
        link->clock = link->reply.mono;
    }
    if (result != CLIENT_STOPPED && is_a_stranger(link, job))
        return true;
    if (result != CLIENT_STOPPED)
        modbus_job_done(link, job, result, &err);
    else if (job->kind == JOB_QUESTION)
        modbus_give_up_question(link, job, &err);
    return result != CLIENT_STOPPED;
}

static void work(struct adapter *link, struct mono_time until)
{
    struct modbus_job job;
    struct err err;
    bool beat;

    link->clock = mono_now();
    beat = modbus_has_come(link, link->heartbeat.due) && link->unit_count > 0;
    if (beat)
        modbus_heartbeat(link);
    modbus_identify_again(link); /* also while it is down, or it would be due for ever */
    /* A link that was down is tried whether something is due or not. */
    if (link->backoff.wait_ms > 0 && modbus_connect_link(link, &err) != 0)
        modbus_refuse_question(link);
    while (link->backoff.wait_ms == 0 && modbus_next_job(link, &job)) {
        if (!run(link, &job))
            break;
        modbus_tell_link(link, false);
        if (atomic_load_explicit(&link->stop, memory_order_relaxed) ||
            modbus_has_come(link, until))
            break;
    }
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

static struct link_talk *talk(struct adapter *link)
{
    return link->talk;
}

static struct link_trace *trace(struct adapter *link)
{
    return link->trace;
}

const struct adapter_ops modbus_adapter = {
    .kind = LINK_MODBUS,
    .open = open_link,
    .due = due,
    .step = step,
    .can_share = modbus_can_share,
    .advance = modbus_advance,
    .wake = wake,
    .status = modbus_status,
    .units = modbus_unit_statuses,
    .finding = modbus_finding,
    .probe_again = modbus_probe_again,
    .talk = talk,
    .trace = trace,
    .close = close_link,
};
