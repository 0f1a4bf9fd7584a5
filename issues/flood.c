/* flood.c - see flood.h. */
#include "issues/flood.h"

#include <inttypes.h>
#include <stdlib.h>

static unsigned count_recent(const struct flood *flood, struct wall_time now)
{
    unsigned count = 0;

    for (unsigned i = 0; i < FLOOD_RING; i++) {
        int64_t age_ms = wall_diff_ms(now, flood->recent[i]);

        count += flood->recent[i].ns != 0 && age_ms >= 0 && age_ms < FLOOD_WINDOW_MS;
    }
    return count;
}

bool flood_offer(struct flood *flood, struct wall_time now, bool urgent)
{
    flood->recent[flood->next] = now;
    flood->next = (uint8_t)((flood->next + 1) % FLOOD_RING);
    if (!flood->active && count_recent(flood, now) > FLOOD_BEGIN) {
        flood->active = true;
        flood->since = now;
        flood->digest = wall_add_ms(now, FLOOD_WINDOW_MS);
    }
    if (!flood->active || urgent)
        return true;
    flood->waiting++;
    return false;
}

bool flood_step(struct flood *flood, struct wall_time now)
{
    int64_t wait_ms = wall_diff_ms(flood->digest, now);

    if (flood->active && count_recent(flood, now) < FLOOD_END) {
        flood->active = false;
        flood->since = (struct wall_time){0};
    }
    /* A digest that is further away than a window was set by another clock. */
    return flood->waiting > 0 &&
           (!flood->active || wait_ms <= 0 || wait_ms > FLOOD_WINDOW_MS);
}

void flood_told(struct flood *flood, struct wall_time now)
{
    flood->waiting = 0;
    flood->digest = wall_add_ms(now, FLOOD_WINDOW_MS);
}

void flood_print(const struct flood *flood, struct text *out)
{
    text_addf(out, "%d %" PRId64 " %" PRId64 " %" PRId64, flood->active ? 1 : 0,
              flood->since.ns, flood->digest.ns, flood->waiting);
    for (unsigned i = 0; i < FLOOD_RING; i++) {
        struct wall_time time = flood->recent[(flood->next + i) % FLOOD_RING];

        if (time.ns != 0)
            text_addf(out, " %" PRId64, time.ns);
    }
}

static bool take(const char **text, int64_t *value)
{
    char *end;

    *value = strtoll(*text, &end, 10);
    if (end == *text || (*end != ' ' && *end != '\0') || *value < 0)
        return false;
    *text = *end == ' ' ? end + 1 : end;
    return true;
}

bool flood_parse(struct flood *flood, const char *text)
{
    struct flood parsed = {0};
    int64_t active;
    unsigned count = 0;

    if (!take(&text, &active) || active > 1 || !take(&text, &parsed.since.ns) ||
        !take(&text, &parsed.digest.ns) || !take(&text, &parsed.waiting))
        return false;
    parsed.active = active == 1;
    while (*text != '\0') {
        if (count == FLOOD_RING || !take(&text, &parsed.recent[count].ns))
            return false;
        count++;
    }
    parsed.next = (uint8_t)(count % FLOOD_RING);
    *flood = parsed;
    return true;
}
