/* mqtt_seen.c - see mqtt_seen.h. */
#include "adapters/mqtt_seen.h"

#include "base/mem.h"

enum {
    WAYS = 8,
    SETS = MQTT_SEEN_TOPICS / WAYS,
};

/* What one topic sent last. The hashes stand together: they are all that is looked at for
 * most messages. */
struct history {
    uint64_t topic;
    int64_t at_ns;
    size_t next;                     /* the message that is overwritten next */
    uint64_t hashes[MQTT_SEEN_LAST]; /* of payloads; 0: none yet */
    int64_t times_ns[MQTT_SEEN_LAST];
    bool known[MQTT_SEEN_LAST];        /* it carries its own time or number */
    int64_t stamps_ns[MQTT_SEEN_LAST]; /* of what is known; 0: by a number */
};

struct mqtt_seen {
    struct history *sets[SETS][WAYS]; /* NULL: never used */
    struct history *of_last;          /* of the last message; NULL: it was a copy */
    size_t last;                      /* its place there */
};

struct mqtt_seen *mqtt_seen_new(void)
{
    return mem_alloc(sizeof(struct mqtt_seen));
}

void mqtt_seen_free(struct mqtt_seen *seen)
{
    if (seen == NULL)
        return;
    for (size_t set = 0; set < SETS; set++)
        for (size_t way = 0; way < WAYS; way++)
            mem_free(seen->sets[set][way]);
    mem_free(seen);
}

/* The topic's own, else a free one, else the one silent longest. */
static struct history *find(struct mqtt_seen *seen, uint64_t topic)
{
    struct history **set = seen->sets[topic % SETS];
    struct history *oldest = set[0];

    for (size_t way = 0; way < WAYS; way++) {
        if (set[way] == NULL) {
            set[way] = mem_alloc(sizeof *set[way]);
            set[way]->topic = topic;
            return set[way];
        }
        if (set[way]->topic == topic)
            return set[way];
        if (set[way]->at_ns < oldest->at_ns)
            oldest = set[way];
    }
    *oldest = (struct history){.topic = topic};
    return oldest;
}

static bool is_copy(const struct history *history, size_t i,
                    const struct mqtt_sighting *sighting)
{
    bool latest = (i + 1) % MQTT_SEEN_LAST == history->next;
    int64_t age_ms = (sighting->now.ns - history->times_ns[i]) / CLOCK_MS;
    int64_t last_ns =
        history->stamps_ns[(history->next + MQTT_SEEN_LAST - 1) % MQTT_SEEN_LAST];
    bool known = history->known[i] && (latest || history->stamps_ns[i] == 0 ||
                                       history->stamps_ns[i] != last_ns);

    return known || (sighting->again && age_ms <= MQTT_SEEN_AGAIN_MS) ||
           (sighting->retained && latest);
}

bool mqtt_seen_before(struct mqtt_seen *seen, const struct mqtt_sighting *sighting)
{
    struct history *history = find(seen, sighting->topic);
    size_t next = history->next;

    history->at_ns = sighting->now.ns;
    seen->of_last = NULL;
    for (size_t i = 0; i < MQTT_SEEN_LAST; i++)
        if (history->hashes[i] == sighting->payload && is_copy(history, i, sighting))
            return true;
    history->hashes[next] = sighting->payload;
    history->times_ns[next] = sighting->now.ns;
    history->known[next] = false;
    history->stamps_ns[next] = 0;
    history->next = (next + 1) % MQTT_SEEN_LAST;
    seen->of_last = history;
    seen->last = next;
    return false;
}

void mqtt_seen_known(struct mqtt_seen *seen, int64_t stamp_ns)
{
    if (seen->of_last == NULL)
        return;
    seen->of_last->known[seen->last] = true;
    seen->of_last->stamps_ns[seen->last] = stamp_ns;
}
