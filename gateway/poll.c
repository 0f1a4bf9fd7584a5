/* poll.c - see poll.h.
 *
 * DESIGN: one runner per link. Runners whose link can share are handed to one thread for
 * all of them (gateway/poll_shared.h); every other has a thread of its own, which owns
 * its adapter; `beat` says when the thread last went round its loop. A thread sleeps at
 * most POLL_SLEEP_MAX_MS at a time, so that a beat that stands still means a hang and not
 * a slow poll.
 */
#include "gateway/poll.h"

#include "base/log.h"
#include "base/mem.h"
#include "gateway/poll_shared.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

enum {
    POLL_SLEEP_MAX_MS = 5000,
    POLL_STUCK_MS = 60 * 1000,     /* beyond every timeout that can be configured */
    POLL_STACK_BYTES = 256 * 1024, /* getaddrinfo is the deepest thing a link calls */
};

struct runner {
    /* fixed after new */
    const struct link_settings *settings;
    const struct adapter_ops *ops;
    struct adapter *adapter;
    struct sample_sink sink;
    bool shares; /* the thread of all that can */
    struct poll_shared *shared;
    size_t member; /* of shared */
    pthread_t thread;
    bool running;

    atomic_bool stop;
    _Atomic int64_t beat_ns;

    pthread_mutex_t mutex;
    pthread_cond_t wake; /* with mutex: sleeps between polls */
    bool kicked;         /* guarded by mutex: there is something to do before it is due */

    struct log_trouble trouble; /* owned by the runner's thread */
};

struct poll {
    struct runner *runners;
    size_t count;
    struct poll_shared *shared;
};

static void sleep_until(struct runner *runner, struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};

    (void)pthread_mutex_lock(&runner->mutex);
    while (!atomic_load(&runner->stop) && !runner->kicked)
        if (pthread_cond_timedwait(&runner->wake, &runner->mutex, &at) != 0)
            break;
    runner->kicked = false;
    (void)pthread_mutex_unlock(&runner->mutex);
}

/* Makes the link's thread look at what it has been asked; from any thread. */
static void kick(void *context)
{
    struct runner *runner = context;

    if (runner->shares) {
        poll_shared_kick(runner->shared, runner->member);
        return;
    }
    (void)pthread_mutex_lock(&runner->mutex);
    runner->kicked = true;
    (void)pthread_cond_signal(&runner->wake);
    (void)pthread_mutex_unlock(&runner->mutex);
}

static void step(struct runner *runner, struct mono_time until)
{
    struct err err = {0};

    if (runner->ops->step(runner->adapter, until, &runner->sink, &err) != 0)
        log_trouble(&runner->trouble, "link=%s %s", runner->settings->id, err.text);
    else
        log_trouble_over(&runner->trouble, "link=%s works again", runner->settings->id);
}

static void *run(void *context)
{
    struct runner *runner = context;
    char name[16];

    (void)snprintf(name, sizeof name, "l:%.12s", runner->settings->id);
    (void)prctl(PR_SET_NAME, name);
    while (!atomic_load(&runner->stop)) {
        /* First when it is due, then what time it is: "now" must not lie ahead. */
        struct mono_time due = runner->ops->due(runner->adapter);
        struct mono_time now = mono_now();
        struct mono_time until = mono_add_ms(now, POLL_SLEEP_MAX_MS);

        atomic_store(&runner->beat_ns, now.ns);
        if (mono_before(now, due))
            sleep_until(runner, mono_min(due, until));
        else
            step(runner, until);
    }
    return NULL;
}

static const struct adapter_ops *ops_for(enum link_kind kind)
{
    return kind == LINK_MODBUS ? &modbus_adapter : &mqtt_adapter;
}

static int open_runner(struct runner *runner, const struct config *config, uint32_t link,
                       struct sample_sink sink, struct err *err)
{
    pthread_condattr_t attr;

    runner->settings = &config->links[link];
    runner->ops = ops_for(runner->settings->kind);
    runner->sink = sink;
    atomic_init(&runner->stop, false);
    (void)pthread_mutex_init(&runner->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&runner->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    runner->adapter = runner->ops->open(config, link, err);
    if (runner->adapter == NULL)
        return err_prefix(err, "link '%s'", runner->settings->id);
    runner->shares =
        runner->ops->can_share != NULL && runner->ops->can_share(runner->adapter);
    return 0;
}

struct poll *poll_new(const struct config *config, struct sample_sink sink,
                      struct err *err)
{
    struct poll *poll = mem_alloc(sizeof *poll);

    poll->runners = mem_array(config->link_count, sizeof *poll->runners);
    poll->shared = poll_shared_new(config->link_count, sink, err);
    if (poll->shared == NULL)
        goto fail;
    for (uint32_t i = 0; i < config->link_count; i++) {
        poll->count++;
        if (open_runner(&poll->runners[i], config, i, sink, err) != 0)
            goto fail;
        if (!poll->runners[i].shares)
            continue;
        poll->runners[i].shared = poll->shared;
        poll->runners[i].member =
            poll_shared_add(poll->shared, config->links[i].id, poll->runners[i].ops,
                            poll->runners[i].adapter);
    }
    return poll;
fail:
    poll_free(poll);
    return NULL;
}

int poll_start(struct poll *poll, struct err *err)
{
    pthread_attr_t attr;
    int rc = 0;

    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, POLL_STACK_BYTES);
    for (size_t i = 0; i < poll->count && rc == 0; i++) {
        struct runner *runner = &poll->runners[i];

        if (runner->shares)
            continue;
        atomic_store(&runner->beat_ns, mono_now().ns);
        rc = pthread_create(&runner->thread, &attr, run, runner);
        runner->running = rc == 0;
    }
    (void)pthread_attr_destroy(&attr);
    if (rc == 0 && poll_shared_start(poll->shared, err) == 0)
        return 0;
    poll_stop(poll);
    if (rc == 0)
        return -1;
    return err_set(err, ERR_IO, "cannot start a thread for every link (%zu): %s",
                   poll->count, strerrordesc_np(rc));
}

void poll_stop(struct poll *poll)
{
    poll_shared_stop(poll->shared);
    for (size_t i = 0; i < poll->count; i++) {
        struct runner *runner = &poll->runners[i];

        (void)pthread_mutex_lock(&runner->mutex);
        atomic_store(&runner->stop, true);
        (void)pthread_cond_signal(&runner->wake);
        (void)pthread_mutex_unlock(&runner->mutex);
        runner->ops->wake(runner->adapter);
    }
    for (size_t i = 0; i < poll->count; i++) {
        if (poll->runners[i].running)
            (void)pthread_join(poll->runners[i].thread, NULL);
        poll->runners[i].running = false;
    }
}

void poll_free(struct poll *poll)
{
    if (poll == NULL)
        return;
    for (size_t i = 0; i < poll->count; i++) {
        struct runner *runner = &poll->runners[i];

        runner->ops->close(runner->adapter);
        (void)pthread_cond_destroy(&runner->wake);
        (void)pthread_mutex_destroy(&runner->mutex);
    }
    poll_shared_free(poll->shared);
    mem_free(poll->runners);
    mem_free(poll);
}

void poll_status(struct poll *poll, uint32_t link, struct link_status *status)
{
    struct runner *runner = &poll->runners[link];

    runner->ops->status(runner->adapter, status);
}

size_t poll_units(struct poll *poll, uint32_t link, struct unit_status *units, size_t max)
{
    struct runner *runner = &poll->runners[link];

    return runner->ops->units == NULL ? 0
                                      : runner->ops->units(runner->adapter, units, max);
}

size_t poll_strangers(struct poll *poll, uint32_t link,
                      struct link_stranger strangers[LINK_STRANGERS_MAX])
{
    struct runner *runner = &poll->runners[link];

    return runner->ops->strangers == NULL
               ? 0
               : runner->ops->strangers(runner->adapter, strangers);
}

/* --- what people want to know ---------------------------------------------------- */

static struct link_talk *talk_of(const struct runner *runner)
{
    return runner->ops->talk == NULL ? NULL : runner->ops->talk(runner->adapter);
}

static int check_question(const struct link_question *question, struct err *err)
{
    bool bits = question->table == TABLE_COIL || question->table == TABLE_DISCRETE;
    int most = bits ? LINK_TALK_CELLS : 125; /* of one request: Modbus V1.1b3, 6.1-6.4 */

    if (question->table == TABLE_NONE)
        return err_set(err, ERR_INPUT, "a table is coil, discrete, input or holding");
    if (question->count < 1 || question->count > most)
        return err_set(err, ERR_INPUT, "one request reads 1 to %d %s", most,
                       bits ? "bits" : "registers");
    if ((uint32_t)question->start + question->count > UINT16_MAX + 1)
        return err_set(err, ERR_INPUT, "addresses end at %d", UINT16_MAX);
    return 0;
}

int poll_ask(struct poll *poll, uint32_t link, const struct link_question *question,
             struct mono_time until, struct link_answer *answer, struct err *err)
{
    struct runner *runner = &poll->runners[link];
    struct link_talk *talk = talk_of(runner);

    if (talk == NULL)
        return err_set(err, ERR_STATE, "link '%s' has no registers to read",
                       runner->settings->id);
    if (check_question(question, err) != 0)
        return -1;
    return link_talk_ask(talk, question, until, (struct link_kick){kick, runner}, answer,
                         err);
}

void poll_hush(struct poll *poll)
{
    for (size_t i = 0; i < poll->count; i++)
        if (talk_of(&poll->runners[i]) != NULL)
            link_talk_close(talk_of(&poll->runners[i]));
}

size_t poll_trace(struct poll *poll, uint32_t link, uint64_t after,
                  struct link_trace_frame *frames, size_t max)
{
    const struct runner *runner = &poll->runners[link];

    if (runner->ops->trace == NULL)
        return 0;
    return link_trace_read(runner->ops->trace(runner->adapter), after, frames, max);
}

void poll_finding(struct poll *poll, uint32_t link, uint32_t equipment,
                  struct finding *finding)
{
    const struct runner *runner = &poll->runners[link];

    *finding = (struct finding){.kind = FINDING_NONE, .variant = -1};
    if (runner->ops->finding != NULL)
        runner->ops->finding(runner->adapter, equipment, finding);
}

void poll_probe_again(struct poll *poll, uint32_t link, uint32_t equipment)
{
    struct runner *runner = &poll->runners[link];

    if (runner->ops->probe_again == NULL)
        return;
    runner->ops->probe_again(runner->adapter, equipment);
    kick(runner);
}

static struct mono_time beat_of(const struct poll *poll, const struct runner *runner)
{
    if (runner->shares)
        return poll_shared_beat(poll->shared);
    return (struct mono_time){atomic_load(&runner->beat_ns)};
}

uint32_t poll_stuck(struct poll *poll, struct mono_time now)
{
    for (uint32_t i = 0; i < poll->count; i++)
        if (mono_diff_ms(now, beat_of(poll, &poll->runners[i])) > POLL_STUCK_MS)
            return i;
    return MODEL_NONE;
}
