/* mqtt_rate.c - see mqtt_rate.h.
 *
 * DESIGN: the state of the topics belongs to the receiving thread alone: sets of WAYS
 * neighbours, found by the hash of the topic. The messages that wait are slots under the
 * mutex. A topic remembers its slot; whether the slot is still its own is looked at under
 * the mutex, because the reader empties slots without telling the topic.
 *
 * The rate is kept as one time per topic, after the generic cell rate algorithm (ITU-T
 * I.371): `next` is when the topic would have sent all it has if it kept to its rate, and
 * a message is in order as long as `next` is less than a second ahead.
 */
#include "adapters/mqtt_rate.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

enum {
    WAYS = 8,
    SETS = MQTT_RATE_TOPICS / WAYS,
    BURST_MS = 1000,
    HELD_MAX_MS = 1000,       /* the last word comes within a second */
    CAPACITY_KEPT = 4 * 1024, /* bytes of an empty slot's memory that is kept */
};

struct topic {
    int64_t next_ns;
    int64_t seen_ns;
    uint32_t turn; /* in which its last message passed */
    uint32_t slot; /* 1 + number; 0: none waits */
};

/* The hashes stand together, in one line of the cache. */
struct set {
    uint64_t hashes[WAYS]; /* 0: free */
    struct topic topics[WAYS];
};

struct slot {
    bool used;
    struct mono_time due;
    struct mqtt_message message;
    char *bytes; /* topic, NUL, payload, NUL */
    size_t capacity;
};

struct mqtt_rate {
    /* fixed after new */
    int64_t interval_ns;
    size_t max_bytes;

    /* owned by the receiving thread */
    struct set sets[SETS];

    pthread_mutex_t mutex;

    /* guarded by mutex */
    struct slot slots[MQTT_RATE_HELD];
    uint32_t free[MQTT_RATE_HELD]; /* numbers of slots that are not used */
    size_t free_count;
    size_t bytes;
    struct mono_time due; /* none is due before */

    /* owned by the reading thread */
    char *out;
    size_t out_capacity;
};

struct mqtt_rate *mqtt_rate_new(int64_t per_second, size_t bytes)
{
    struct mqtt_rate *rate = mem_alloc(sizeof *rate);

    assert(per_second > 0);
    rate->interval_ns = CLOCK_S / per_second;
    rate->max_bytes = bytes;
    rate->due = MONO_NEVER;
    for (uint32_t i = 0; i < MQTT_RATE_HELD; i++)
        rate->free[rate->free_count++] = MQTT_RATE_HELD - 1 - i;
    (void)pthread_mutex_init(&rate->mutex, NULL);
    return rate;
}

void mqtt_rate_free(struct mqtt_rate *rate)
{
    if (rate == NULL)
        return;
    for (size_t i = 0; i < MQTT_RATE_HELD; i++)
        mem_free(rate->slots[i].bytes);
    mem_free(rate->out);
    (void)pthread_mutex_destroy(&rate->mutex);
    mem_free(rate);
}

/* ---- topics ---- */

/* Better to forget: one without a message that waits, then the one that was silent
 * longest; a free one is both. */
static bool better(const struct topic *a, const struct topic *b)
{
    if ((a->slot == 0) != (b->slot == 0))
        return a->slot == 0;
    return a->seen_ns < b->seen_ns;
}

static struct topic *find_topic(struct mqtt_rate *rate, uint64_t hash)
{
    struct set *set = &rate->sets[hash % SETS];
    size_t oldest = 0;

    for (size_t way = 0; way < WAYS; way++)
        if (set->hashes[way] == hash)
            return &set->topics[way];
    for (size_t way = 1; way < WAYS; way++)
        if (better(&set->topics[way], &set->topics[oldest]))
            oldest = way;
    set->hashes[oldest] = hash;
    set->topics[oldest] = (struct topic){0};
    return &set->topics[oldest];
}

/* When the topic may send: now, or later. Then it has. */
static struct mono_time take_turn(const struct mqtt_rate *rate, struct topic *topic,
                                  struct mono_time now)
{
    int64_t due_ns;

    if (topic->next_ns < now.ns)
        topic->next_ns = now.ns;
    due_ns = topic->next_ns - (BURST_MS * CLOCK_MS - rate->interval_ns);
    topic->next_ns += rate->interval_ns;
    return (struct mono_time){due_ns > now.ns ? due_ns : now.ns};
}

/* ---- messages that wait ---- */

static size_t length_of(const struct mqtt_message *message)
{
    return message->topic_length + 1 + message->payload_length + 1;
}

/* `bytes` becomes topic and payload of `message`, which is a copy of the original. */
static void copy_into(char *bytes, const struct mqtt_message *from,
                      struct mqtt_message *message)
{
    char *payload = bytes + from->topic_length + 1;

    memcpy(bytes, from->topic, from->topic_length);
    payload[-1] = '\0';
    if (from->payload_length > 0)
        memcpy(payload, from->payload, from->payload_length);
    payload[from->payload_length] = '\0';
    *message = *from;
    message->topic = bytes;
    message->payload = payload;
}

static bool fill(struct mqtt_rate *rate, struct slot *slot,
                 const struct mqtt_message *message)
{
    size_t length = length_of(message);
    size_t before = slot->used ? length_of(&slot->message) : 0;

    if (length > rate->max_bytes || rate->bytes - before > rate->max_bytes - length)
        return false;
    if (slot->capacity < length) {
        slot->bytes = mem_resize(slot->bytes, length, 1);
        slot->capacity = length;
    }
    copy_into(slot->bytes, message, &slot->message);
    rate->bytes += length - before;
    slot->used = true;
    return true;
}

static void empty(struct mqtt_rate *rate, uint32_t number)
{
    struct slot *slot = &rate->slots[number];

    rate->bytes -= length_of(&slot->message);
    slot->used = false;
    if (slot->capacity > CAPACITY_KEPT) {
        mem_free(slot->bytes);
        slot->bytes = NULL;
        slot->capacity = 0;
    }
    rate->free[rate->free_count++] = number;
}

/* True with *answer when the topic has a message that waits; this one takes its place. */
static bool replace(struct mqtt_rate *rate, struct topic *topic,
                    const struct mqtt_message *message, enum mqtt_rate_answer *answer)
{
    struct slot *slot = &rate->slots[topic->slot - 1];
    bool own;

    (void)pthread_mutex_lock(&rate->mutex);
    own = slot->used && slot->message.topic_hash == message->topic_hash;
    if (own)
        *answer = fill(rate, slot, message) ? MQTT_RATE_REPLACED : MQTT_RATE_FULL;
    (void)pthread_mutex_unlock(&rate->mutex);
    if (!own)
        topic->slot = 0;
    return own;
}

static enum mqtt_rate_answer hold(struct mqtt_rate *rate, struct topic *topic,
                                  const struct mqtt_message *message,
                                  struct mono_time due)
{
    bool held = false;

    due = mono_min(due, mono_add_ms(message->mono, HELD_MAX_MS));
    (void)pthread_mutex_lock(&rate->mutex);
    if (rate->free_count > 0) {
        uint32_t number = rate->free[rate->free_count - 1];

        held = fill(rate, &rate->slots[number], message);
        if (held) {
            rate->free_count--;
            rate->slots[number].due = due;
            rate->due = mono_min(rate->due, due);
            topic->slot = number + 1;
        }
    }
    (void)pthread_mutex_unlock(&rate->mutex);
    return held ? MQTT_RATE_HELD_NEW : MQTT_RATE_FULL;
}

enum mqtt_rate_answer mqtt_rate_offer(struct mqtt_rate *rate,
                                      const struct mqtt_message *message, bool crowded,
                                      uint32_t turn)
{
    struct topic *topic = find_topic(rate, message->topic_hash);
    enum mqtt_rate_answer answer;
    struct mono_time due;

    topic->seen_ns = message->mono.ns;
    if (topic->slot != 0 && replace(rate, topic, message, &answer))
        return answer;
    due = take_turn(rate, topic, message->mono);
    if (due.ns > message->mono.ns || (crowded && topic->turn == turn))
        return hold(rate, topic, message, due);
    topic->turn = turn;
    return MQTT_RATE_PASS;
}

struct mono_time mqtt_rate_due(struct mqtt_rate *rate)
{
    struct mono_time due;

    (void)pthread_mutex_lock(&rate->mutex);
    due = rate->due;
    (void)pthread_mutex_unlock(&rate->mutex);
    return due;
}

/* The first slot that is due, and when the next one is; -1 when none is due. */
static int first_due(struct mqtt_rate *rate, struct mono_time now)
{
    int found = -1;

    if (mono_before(now, rate->due))
        return -1;
    rate->due = MONO_NEVER;
    for (int i = 0; i < MQTT_RATE_HELD; i++) {
        const struct slot *slot = &rate->slots[i];

        if (!slot->used)
            continue;
        if (found < 0 && !mono_before(now, slot->due))
            found = i;
        else
            rate->due = mono_min(rate->due, slot->due);
    }
    return found;
}

bool mqtt_rate_take(struct mqtt_rate *rate, struct mono_time now,
                    struct mqtt_message *message)
{
    int number;

    (void)pthread_mutex_lock(&rate->mutex);
    number = first_due(rate, now);
    if (number >= 0) {
        const struct mqtt_message *held = &rate->slots[number].message;
        size_t length = length_of(held);

        if (rate->out_capacity < length) {
            rate->out = mem_resize(rate->out, length, 1);
            rate->out_capacity = length;
        }
        copy_into(rate->out, held, message);
        empty(rate, (uint32_t)number);
    }
    (void)pthread_mutex_unlock(&rate->mutex);
    return number >= 0;
}
