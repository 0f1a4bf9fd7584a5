/* mqtt_seen.c - see mqtt_seen.h. */
#include "adapters/mqtt_seen.h"

#include "base/mem.h"

enum {
    WAYS = 8,
    SETS = MQTT_SEEN_TOPICS / WAYS,
};

struct message {
    uint64_t hash; /* 0: none yet */
    int64_t at_ns;
    bool known; /* it carries its own time or number */
};

/* What one topic sent last. */
struct history {
    uint64_t topic; /* 0: free */
    int64_t at_ns;
    size_t next; /* the message that is overwritten next */
    struct message messages[MQTT_SEEN_LAST];
};

struct mqtt_seen {
    struct history *sets[SETS][WAYS]; /* NULL: never used */
    struct message *last;             /* of the last mqtt_seen_before; NULL: a copy */
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
    const struct message *message = &history->messages[i];
    bool latest = (i + 1) % MQTT_SEEN_LAST == history->next;
    int64_t age_ms = (sighting->now.ns - message->at_ns) / CLOCK_MS;

    if (message->hash != sighting->payload)
        return false;
    return message->known || (sighting->again && age_ms <= MQTT_SEEN_AGAIN_MS) ||
           (sighting->retained && latest);
}

bool mqtt_seen_before(struct mqtt_seen *seen, const struct mqtt_sighting *sighting)
{
    struct history *history = find(seen, sighting->topic);

    history->at_ns = sighting->now.ns;
    seen->last = NULL;
    for (size_t i = 0; i < MQTT_SEEN_LAST; i++)
        if (is_copy(history, i, sighting))
            return true;
    seen->last = &history->messages[history->next];
    *seen->last = (struct message){.hash = sighting->payload,
                                   .at_ns = sighting->now.ns};
    history->next = (history->next + 1) % MQTT_SEEN_LAST;
    return false;
}

void mqtt_seen_known(struct mqtt_seen *seen)
{
    if (seen->last != NULL)
        seen->last->known = true;
}
