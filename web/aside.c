/* aside.c - see aside.h.
 *
 * DESIGN: a thread per piece of work, because there are seldom any: detached, and counted
 * under the mutex. The last thing that a thread does is to count itself out, so when
 * `running` is 0 no work is under way.
 */
#include "web/aside.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

enum {
    ASIDE_STACK_BYTES = 512 * 1024,
};

struct aside {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    /* guarded by mutex */
    unsigned running;
    bool stopping;
};

struct piece {
    struct aside *aside;
    void (*work)(void *context);
    void *context;
};

struct aside *aside_new(void)
{
    struct aside *aside = mem_alloc(sizeof *aside);

    (void)pthread_mutex_init(&aside->mutex, NULL);
    (void)pthread_cond_init(&aside->ended, NULL);
    return aside;
}

static void count_out(struct aside *aside)
{
    (void)pthread_mutex_lock(&aside->mutex);
    aside->running--;
    (void)pthread_cond_broadcast(&aside->ended);
    (void)pthread_mutex_unlock(&aside->mutex);
}

static bool count_in(struct aside *aside)
{
    bool free;

    (void)pthread_mutex_lock(&aside->mutex);
    free = !aside->stopping && aside->running < ASIDE_MAX;
    aside->running += free;
    (void)pthread_mutex_unlock(&aside->mutex);
    return free;
}

static void *run(void *context)
{
    struct piece *piece = context;
    struct aside *aside = piece->aside;

    (void)prctl(PR_SET_NAME, "web-aside");
    piece->work(piece->context);
    mem_free(piece);
    count_out(aside);
    return NULL;
}

bool aside_run(struct aside *aside, void (*work)(void *context), void *context)
{
    struct piece *piece;
    pthread_attr_t attr;
    pthread_t thread;
    int rc;

    if (!count_in(aside))
        return false;
    piece = mem_alloc(sizeof *piece);
    *piece = (struct piece){aside, work, context};
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, ASIDE_STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(&thread, &attr, run, piece);
    (void)pthread_attr_destroy(&attr);
    if (rc == 0)
        return true;
    mem_free(piece);
    count_out(aside);
    return false;
}

void aside_stop(struct aside *aside)
{
    (void)pthread_mutex_lock(&aside->mutex);
    aside->stopping = true;
    while (aside->running > 0)
        (void)pthread_cond_wait(&aside->ended, &aside->mutex);
    (void)pthread_mutex_unlock(&aside->mutex);
}

void aside_free(struct aside *aside)
{
    if (aside == NULL)
        return;
    assert(aside->running == 0);
    (void)pthread_cond_destroy(&aside->ended);
    (void)pthread_mutex_destroy(&aside->mutex);
    mem_free(aside);
}
