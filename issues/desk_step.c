/* desk_step.c - what time does to marks: shelves and permits end, permits begin, people
 * are reminded, counts and digests are written. Looked at once a second; it costs a walk
 * over the running marks, and a transaction only when something is due. */
#include "issues/desk_marks.h"

static bool is_due(const struct desk *desk, struct wall_time now)
{
    for (size_t i = 0; i < desk->shelf_count; i++)
        if (shelf_is_due(desk->shelves[i], now))
            return true;
    for (size_t i = 0; i < desk->permit_count; i++)
        if (permit_is_due(desk->permits[i], now))
            return true;
    return symptom_log_due(desk, now) || announce_digest_due(desk, now);
}

static int do_due(struct desk *desk, struct wall_time now, struct err *err)
{
    for (size_t i = 0; i < desk->shelf_count; i++)
        if (shelf_is_due(desk->shelves[i], now) &&
            shelf_step(desk, desk->shelves[i], err) != 0)
            return -1;
    for (size_t i = 0; i < desk->permit_count; i++)
        if (permit_is_due(desk->permits[i], now) &&
            permit_step(desk, desk->permits[i], err) != 0)
            return -1;
    if (symptom_log_due(desk, now) && symptom_log(desk, err) != 0)
        return -1;
    return announce_digest_due(desk, now) ? announce_digest(desk, err) : 0;
}

static int step(struct desk *desk, struct wall_time now, struct err *err)
{
    if (turn_begin(desk, now, err) != 0)
        return -1;
    if (do_due(desk, now, err) != 0) {
        turn_rollback(desk);
        return -1;
    }
    if (turn_commit(desk, err) != 0)
        return -1;
    shelf_sweep(desk);
    permit_sweep(desk);
    return 0;
}

int desk_step(struct desk *desk, struct wall_time now, struct err *err)
{
    int result = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    if (is_due(desk, now))
        result = step(desk, now, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
