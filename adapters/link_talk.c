/* link_talk.c - see link_talk.h.
 *
 * DESIGN: one mutex. An asker stands on its own stack and in the row of those who wait;
 * the link takes the first, works without the lock, and answers. An asker whose patience
 * ends leaves: from the row when it still waits there, else `taken` becomes NULL and the
 * link's answer goes nowhere. `owed` outlives such an asker, because the link still works
 * on the question. `ready` is what pending reads: somebody waits and nothing is owed. It
 * is only ever written under the mutex.
 *
 *   WAITING ──take──► TAKEN ──answer──► DONE
 *      └───────────close─┴────────────► REFUSED
 */
#include "adapters/link_talk.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum asker_state {
    ASKER_WAITING,
    ASKER_TAKEN,
    ASKER_DONE,
    ASKER_REFUSED,
};

struct asker {
    const struct link_question *question;
    struct link_answer *answer;
    enum asker_state state;
};

struct link_talk {
    pthread_mutex_t mutex;
    pthread_cond_t told; /* some asker's state has changed */

    /* guarded by mutex */
    struct asker *row[LINK_TALK_WAITING]; /* first come, first served */
    size_t waiting;
    struct asker *taken; /* NULL also when it has left */
    bool owed;
    bool closed;

    atomic_bool ready;
};

struct link_talk *link_talk_new(void)
{
    struct link_talk *talk = mem_alloc(sizeof *talk);
    pthread_condattr_t attr;

    (void)pthread_mutex_init(&talk->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&talk->told, &attr);
    (void)pthread_condattr_destroy(&attr);
    atomic_init(&talk->ready, false);
    return talk;
}

void link_talk_free(struct link_talk *talk)
{
    if (talk == NULL)
        return;
    assert(talk->waiting == 0 && talk->taken == NULL);
    (void)pthread_cond_destroy(&talk->told);
    (void)pthread_mutex_destroy(&talk->mutex);
    mem_free(talk);
}

static void note_ready(struct link_talk *talk)
{
    atomic_store(&talk->ready, talk->waiting > 0 && !talk->owed);
}

static void leave_row(struct link_talk *talk, const struct asker *asker)
{
    size_t kept = 0;

    for (size_t i = 0; i < talk->waiting; i++)
        if (talk->row[i] != asker)
            talk->row[kept++] = talk->row[i];
    talk->waiting = kept;
}

static int enter_row(struct link_talk *talk, struct asker *asker, struct err *err)
{
    if (talk->closed)
        return err_set(err, ERR_STATE, "the link is being closed");
    if (talk->waiting == LINK_TALK_WAITING)
        return err_set(err, ERR_FULL,
                       "%d others already wait to ask on this link; try again",
                       LINK_TALK_WAITING);
    talk->row[talk->waiting++] = asker;
    note_ready(talk);
    return 0;
}

/* Until it has an answer, the mailbox is closed, or `until` has come. */
static void await(struct link_talk *talk, const struct asker *asker,
                  struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};

    while (asker->state < ASKER_DONE)
        if (pthread_cond_timedwait(&talk->told, &talk->mutex, &at) != 0)
            break;
}

static void withdraw(struct link_talk *talk, const struct asker *asker)
{
    if (talk->taken == asker)
        talk->taken = NULL;
    else
        leave_row(talk, asker);
    note_ready(talk);
}

int link_talk_ask(struct link_talk *talk, const struct link_question *question,
                  struct mono_time until, struct link_kick kick,
                  struct link_answer *answer, struct err *err)
{
    struct asker asker = {.question = question, .answer = answer};
    int rc;

    (void)pthread_mutex_lock(&talk->mutex);
    rc = enter_row(talk, &asker, err);
    (void)pthread_mutex_unlock(&talk->mutex);
    if (rc != 0)
        return rc;

    kick.kick(kick.context);

    (void)pthread_mutex_lock(&talk->mutex);
    await(talk, &asker, until);
    if (asker.state < ASKER_DONE) {
        rc = err_set(err, ERR_TIMEOUT, "the link was too busy to ask in time");
        withdraw(talk, &asker);
    } else if (asker.state == ASKER_REFUSED) {
        rc = err_set(err, ERR_STATE, "the link was closed meanwhile");
    }
    (void)pthread_mutex_unlock(&talk->mutex);
    return rc;
}

bool link_talk_take(struct link_talk *talk, struct link_question *question)
{
    struct asker *asker = NULL;

    (void)pthread_mutex_lock(&talk->mutex);
    if (talk->waiting > 0 && !talk->owed) {
        asker = talk->row[0];
        leave_row(talk, asker);
        asker->state = ASKER_TAKEN;
        *question = *asker->question;
        talk->taken = asker;
        talk->owed = true;
        note_ready(talk);
    }
    (void)pthread_mutex_unlock(&talk->mutex);
    return asker != NULL;
}

bool link_talk_pending(struct link_talk *talk)
{
    return atomic_load(&talk->ready);
}

void link_talk_answer(struct link_talk *talk, const struct link_answer *answer)
{
    (void)pthread_mutex_lock(&talk->mutex);
    assert(talk->owed);
    if (talk->taken != NULL) {
        *talk->taken->answer = *answer;
        talk->taken->state = ASKER_DONE;
        talk->taken = NULL;
    }
    talk->owed = false;
    note_ready(talk);
    (void)pthread_cond_broadcast(&talk->told);
    (void)pthread_mutex_unlock(&talk->mutex);
}

void link_talk_close(struct link_talk *talk)
{
    (void)pthread_mutex_lock(&talk->mutex);
    talk->closed = true;
    for (size_t i = 0; i < talk->waiting; i++)
        talk->row[i]->state = ASKER_REFUSED;
    talk->waiting = 0;
    if (talk->taken != NULL)
        talk->taken->state = ASKER_REFUSED;
    talk->taken = NULL;
    note_ready(talk);
    (void)pthread_cond_broadcast(&talk->told);
    (void)pthread_mutex_unlock(&talk->mutex);
}
