/* modbus_shared.c - a Modbus TCP link that shares its thread with many others.
 *
 * DESIGN: the same schedule, breakers and outcomes as in modbus.c, but cut at every point
 * where that one would wait. A link has at most one job: connecting, or one question that
 * is on its way. modbus_advance takes what has come of it and begins the next. A pass
 * over the units starts behind the last one that was served, so that none starves; a unit
 * that fails waits until the others were asked. Nothing here blocks: the address is a
 * literal one, sockets do not wait, and libmodbus is called only for a frame that has
 * arrived.
 */
#include "adapters/modbus_link.h"

enum {
    JOBS_AT_ONCE = 8, /* questions that fail on sending before others get the thread */
};

bool modbus_can_share(const struct adapter *link)
{
    return modbus_client_can_share(link->client);
}

/* The unit and block to ask next; false when nothing is due. */
static bool find_poll(const struct adapter *link, struct modbus_job *job)
{
    for (size_t i = 0; i < link->unit_count; i++) {
        size_t index = (link->cursor + i) % link->unit_count;
        const struct modbus_blocks *blocks = &link->units[index].blocks;

        for (size_t b = 0; !link->units[index].breaker.open && b < blocks->count; b++) {
            if (!modbus_has_come(link, blocks->list[b].slot.due))
                continue;
            *job = (struct modbus_job){.unit = index, .block = b};
            return true;
        }
    }
    return false;
}

static bool find_job(const struct adapter *link, struct modbus_job *job)
{
    size_t dead;

    if (find_poll(link, job))
        return true;
    dead = modbus_unit_to_probe(link);
    if (dead == MODBUS_NOBODY)
        return false;
    *job = (struct modbus_job){
        .unit = dead,
        .block = modbus_blocks_smallest(&link->units[dead].blocks),
        .probe = true,
    };
    return true;
}

static void finish(struct adapter *link, enum client_result result, struct err *err)
{
    struct modbus_job job = link->job;
    struct modbus_blocks *blocks = &link->units[job.unit].blocks;

    link->job = (struct modbus_job){.unit = MODBUS_NOBODY};
    link->now.requests++;
    if (modbus_poll_outcome(link, job.unit, job.block, result, err) == POLL_FAILED)
        link->cursor = (job.unit + 1) % link->unit_count;
    if (blocks->changed)
        modbus_blocks_join(blocks);
    if (job.probe)
        modbus_probe_spent(link, job.unit, job.start);
}

static void connect_failed(struct adapter *link, const struct err *err)
{
    link->job = (struct modbus_job){.unit = MODBUS_NOBODY};
    modbus_link_down(link, err);
}

static void start_connect(struct adapter *link)
{
    struct err err = {0};

    if (modbus_client_dial(link->client, &err) != 0) {
        connect_failed(link, &err);
        return;
    }
    link->serial++;
    link->job.state = JOB_CONNECTING;
    link->job.deadline = mono_add_ms(link->clock, link->settings->timeout_ms);
}

/* Sends the job's question. A connection that the device closed meanwhile is made once
 * more: many close idle ones, and may do so as we ask. */
static void ask(struct adapter *link)
{
    struct modbus_job *job = &link->job;
    const struct modbus_unit *unit = &link->units[job->unit];
    struct err err = {0};

    job->start = link->clock;
    if (modbus_client_ask(link->client,
                          modbus_request_of(unit, &unit->blocks.list[job->block]),
                          &err) == CLIENT_GOOD) {
        job->state = JOB_ASKED;
        job->deadline = mono_add_ms(link->clock, link->settings->timeout_ms);
        return;
    }
    if (job->again) {
        finish(link, CLIENT_LOST, &err);
        return;
    }
    job->again = true;
    start_connect(link);
}

static void begin(struct adapter *link)
{
    struct modbus_job job;
    bool connected = modbus_client_connected(link->client);

    if (!connected && mono_before(link->clock, link->backoff.due))
        return;
    if (!connected && link->backoff.wait_ms > 0) {
        /* It was down: first see whether it is back, whatever is due. */
        start_connect(link);
        return;
    }
    if (!find_job(link, &job))
        return;
    link->job = job;
    modbus_take_slot(link, &link->units[job.unit],
                     &link->units[job.unit].blocks.list[job.block]);
    if (connected)
        ask(link);
    else
        start_connect(link);
}

static void connecting(struct adapter *link, bool ready)
{
    bool over = modbus_has_come(link, link->job.deadline);
    struct err err = {0};

    if (!ready && !over)
        return;
    if (!ready) {
        modbus_client_close(link->client);
        (void)err_set(&err, ERR_TIMEOUT, "%s: no answer to the connection attempt",
                      link->settings->modbus);
        connect_failed(link, &err);
        return;
    }
    if (modbus_client_dialled(link->client, &err) != 0) {
        connect_failed(link, &err);
        return;
    }
    link->job.state = JOB_NONE;
    modbus_link_up(link);
    if (link->job.unit != MODBUS_NOBODY)
        ask(link);
}

static void asked(struct adapter *link, bool ready)
{
    bool over = modbus_has_come(link, link->job.deadline);
    enum client_result result;
    struct err err = {0};

    if (!ready && !over)
        return;
    result = modbus_client_take(link->client, over, &link->reply, &err);
    if (result == CLIENT_WAITING)
        return;
    link->clock = link->reply.mono;
    if (result == CLIENT_LOST && !link->job.again) {
        link->job.again = true;
        start_connect(link);
        return;
    }
    finish(link, result, &err);
}

static void go_on(struct adapter *link, bool ready)
{
    switch (link->job.state) {
    case JOB_CONNECTING:
        connecting(link, ready);
        break;
    case JOB_ASKED:
        asked(link, ready);
        break;
    case JOB_NONE:
    default:
        if (ready) /* nothing was asked: a late answer, or the end of the connection */
            modbus_client_tidy(link->client);
        break;
    }
}

static void fill_wait(const struct adapter *link, struct adapter_wait *wait)
{
    wait->fd = modbus_client_fd(link->client);
    wait->serial = link->serial;
    wait->writable = link->job.state == JOB_CONNECTING;
    wait->until = link->job.state == JOB_NONE
                      ? modbus_next_due(link)
                      : mono_min(link->job.deadline, link->heartbeat.due);
}

int modbus_advance(struct adapter *link, bool ready, const struct sample_sink *sink,
                   struct adapter_wait *wait, struct err *err)
{
    bool beat;

    link->out.sink = sink;
    link->clock = mono_now();
    beat = modbus_has_come(link, link->heartbeat.due);
    if (beat)
        modbus_heartbeat(link);
    go_on(link, ready);
    for (int i = 0; i < JOBS_AT_ONCE && link->job.state == JOB_NONE; i++) {
        begin(link);
        if (link->job.unit == MODBUS_NOBODY && link->job.state == JOB_NONE)
            break;
    }
    modbus_tell_link(link, beat);
    modbus_out_flush(&link->out);
    fill_wait(link, wait);
    link->next = wait->until;
    modbus_publish(link);
    return modbus_link_verdict(link, err);
}
