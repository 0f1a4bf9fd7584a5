/* mqtt_retry.c - see mqtt_retry.h. */
#include "adapters/mqtt_retry.h"

enum {
    FIRST_MS = 1000,
    NOBODY_LONGEST_MS = 7500, /* with its jitter less than ten seconds */
    LONGEST_MS = 30 * 1000,
    UNLOVED_LONGEST_MS = 60 * 1000,
    HELD_MS = 30 * 1000, /* this long, and the connection counts as sound */
    UNLOVED_MANY = 3,
};

/* xorshift64*. Source: G. Marsaglia, "Xorshift RNGs"; S. Vigna's multiplier. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state == 0 ? 1 : *state;
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static int64_t grown(int64_t wait_ms, int64_t longest_ms)
{
    if (wait_ms == 0)
        return FIRST_MS;
    return wait_ms * 2 < longest_ms ? wait_ms * 2 : longest_ms;
}

/* A connection that came about and ended. */
static void judge(struct mqtt_retry *retry, enum mqtt_end end, int64_t held_ms)
{
    if (end == MQTT_END_LOST && held_ms < MQTT_RETRY_YOUNG_MS)
        retry->unloved++;
    else if (!mqtt_retry_unloved(retry) || held_ms >= MQTT_RETRY_SOUND_MS)
        retry->unloved = 0;
    if (!mqtt_retry_unloved(retry) && (end == MQTT_END_NOBODY || held_ms >= HELD_MS))
        retry->wait_ms = 0;
}

static int64_t longest(const struct mqtt_retry *retry, enum mqtt_end end)
{
    if (mqtt_retry_unloved(retry))
        return UNLOVED_LONGEST_MS;
    return end == MQTT_END_NOBODY ? NOBODY_LONGEST_MS : LONGEST_MS;
}

int64_t mqtt_retry_next(struct mqtt_retry *retry, enum mqtt_end end, int64_t held_ms)
{
    int64_t jitter;

    if (held_ms >= 0)
        judge(retry, end, held_ms);
    retry->wait_ms = grown(retry->wait_ms, longest(retry, end));
    jitter = (int64_t)(next_random(&retry->random) % 1024) - 512;
    return retry->wait_ms + retry->wait_ms * jitter / 512 / 5;
}

bool mqtt_retry_unloved(const struct mqtt_retry *retry)
{
    return retry->unloved >= UNLOVED_MANY;
}
