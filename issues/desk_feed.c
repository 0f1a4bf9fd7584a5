/* desk_feed.c - what happened lately, in a ring that followers read at their own pace.
 *
 * Events of a turn are staged and enter the ring after the commit. The sequence begins
 * with the microseconds of the start, so that a cursor kept over a restart is older than
 * everything in the ring and its follower learns that it lost something.
 */
#include "issues/desk_core.h"

#include "base/mem.h"

void feed_init(struct desk *desk, struct wall_time now)
{
    desk->ring = mem_array(DESK_FEED_KEPT, sizeof *desk->ring);
    desk->feed_first = now.ns > 0 ? (uint64_t)now.ns / 1000 : 1;
    desk->feed_next = desk->feed_first;
}

void feed_stage(struct desk *desk, const struct feed_event *event)
{
    struct desk_turn *turn = &desk->turn;

    if (turn->feed_count == turn->feed_capacity) {
        turn->feed_capacity = turn->feed_capacity == 0 ? 64 : turn->feed_capacity * 2;
        turn->feed = mem_resize(turn->feed, turn->feed_capacity, sizeof *turn->feed);
    }
    turn->feed[turn->feed_count++] = *event;
}

void feed_publish(struct desk *desk)
{
    for (size_t i = 0; i < desk->turn.feed_count; i++) {
        struct feed_event *slot = &desk->ring[desk->feed_next % DESK_FEED_KEPT];

        *slot = desk->turn.feed[i];
        slot->sequence = desk->feed_next++;
    }
    desk->turn.feed_count = 0;
}

uint64_t desk_feed_now(struct desk *desk)
{
    uint64_t last;

    (void)pthread_mutex_lock(&desk->mutex);
    last = desk->feed_next - 1;
    (void)pthread_mutex_unlock(&desk->mutex);
    return last;
}

/* The oldest sequence that the ring still holds. */
static uint64_t oldest(const struct desk *desk)
{
    uint64_t written = desk->feed_next - desk->feed_first;

    return written > DESK_FEED_KEPT ? desk->feed_next - DESK_FEED_KEPT : desk->feed_first;
}

size_t desk_feed(struct desk *desk, uint64_t *cursor, struct feed_event *events,
                 size_t max, bool *lost)
{
    uint64_t next;
    size_t count = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    next = *cursor + 1;
    *lost = next < oldest(desk) || next > desk->feed_next;
    if (*lost)
        next = oldest(desk);
    while (count < max && next < desk->feed_next)
        events[count++] = desk->ring[next++ % DESK_FEED_KEPT];
    *cursor = next - 1;
    (void)pthread_mutex_unlock(&desk->mutex);
    return count;
}
