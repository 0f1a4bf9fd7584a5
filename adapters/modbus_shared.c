/* modbus_shared.c - a Modbus TCP link that shares its thread with many others.
 *
 * DESIGN: the same jobs as in modbus.c, but cut at every point where that one would wait.
 * A link has at most one job: connecting, or one request that is on its way.
 * modbus_advance takes what has come of it and begins the next. Nothing here blocks: the
 * address is a literal one and sockets do not wait.
 */
#include "adapters/modbus_link.h"

enum {
    JOBS_AT_ONCE = 8, /* questions that fail on sending before others get the thread */
};

bool modbus_can_share(const struct adapter *link)
{
    return modbus_client_can_share(link->client);
}

static int64_t timeout_ms(const struct adapter *link)
{
    const struct modbus_request *request = &link->job.request;

    return request->timeout_ms > 0 ? request->timeout_ms : link->settings->timeout_ms;
}

static void forget_job(struct adapter *link)
{
    link->job = (struct modbus_job){.kind = JOB_NONE, .unit = MODBUS_NOBODY};
}

static void finish(struct adapter *link, enum client_result result, struct err *err)
{
    struct modbus_job job = link->job;

    forget_job(link);
    modbus_job_done(link, &job, result, err);
}

static void connect_failed(struct adapter *link, const struct err *err)
{
    struct modbus_job job = link->job;

    forget_job(link);
    modbus_link_down(link, err);
    if (job.kind == JOB_QUESTION)
        modbus_give_up_question(link, &job, err);
}

static void start_connect(struct adapter *link)
{
    struct err err = {0};

    if (modbus_client_dial(link->client, &err) != 0) {
        connect_failed(link, &err);
        return;
    }
    link->serial++;
    link->job.phase = PHASE_CONNECTING;
    link->job.deadline = mono_add_ms(link->clock, link->settings->timeout_ms);
}

/* Sends the job's request. A connection that the device closed meanwhile is made once
 * more: many close idle ones, and may do so as we ask. */
static void ask(struct adapter *link)
{
    struct modbus_job *job = &link->job;
    struct mono_time quiet = mono_add_ms(link->last, job->request.gap_ms);
    struct err err = {0};

    if (!modbus_has_come(link, quiet)) {
        job->phase = PHASE_GAP;
        job->deadline = quiet;
        return;
    }
    if (modbus_client_ask(link->client, job->request, &err) == CLIENT_GOOD) {
        job->phase = PHASE_ASKED;
        job->deadline = mono_add_ms(link->clock, timeout_ms(link));
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
    bool connected = modbus_client_connected(link->client);

    modbus_identify_again(link); /* also while it is down, or it would be due for ever */
    if (!connected && mono_before(link->clock, link->backoff.due)) {
        modbus_refuse_question(link);
        return;
    }
    if (!connected && link->backoff.wait_ms > 0) {
        /* It was down: first see whether it is back, whatever is due. */
        start_connect(link);
        return;
    }
    if (!modbus_next_job(link, &link->job))
        return;
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
    link->job.phase = PHASE_IDLE;
    modbus_link_up(link);
    if (link->job.kind != JOB_NONE)
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
    switch (link->job.phase) {
    case PHASE_CONNECTING:
        connecting(link, ready);
        break;
    case PHASE_ASKED:
        asked(link, ready);
        break;
    case PHASE_GAP:
        if (ready)
            modbus_client_tidy(link->client);
        if (!modbus_client_connected(link->client))
            start_connect(link);
        else
            ask(link);
        break;
    case PHASE_IDLE:
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
    wait->writable = link->job.phase == PHASE_CONNECTING;
    wait->until = link->job.phase == PHASE_IDLE
                      ? modbus_next_due(link)
                      : mono_min(link->job.deadline, link->heartbeat.due);
}

int modbus_advance(struct adapter *link, bool ready, const struct sample_sink *sink,
                   struct adapter_wait *wait, struct err *err)
{
    bool beat;

    link->out.sink = sink;
    link->clock = mono_now();
    beat = modbus_has_come(link, link->heartbeat.due) && link->unit_count > 0;
    if (beat)
        modbus_heartbeat(link);
    go_on(link, ready);
    for (int i = 0; i < JOBS_AT_ONCE && link->job.phase == PHASE_IDLE; i++) {
        begin(link);
        if (link->job.kind == JOB_NONE && link->job.phase == PHASE_IDLE)
            break;
    }
    modbus_tell_link(link, beat);
    modbus_out_flush(&link->out);
    fill_wait(link, wait);
    link->next = wait->until;
    modbus_publish(link);
    return modbus_link_verdict(link, err);
}
