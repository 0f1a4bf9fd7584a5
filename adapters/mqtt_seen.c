/* mqtt_seen.c - see mqtt_seen.h. */
#include "adapters/mqtt_seen.h"

#include "base/mem.h"

enum {
    SETS = 4096, /* with the ways 128 KiB: the last 16384 messages, about */
    WAYS = 4,
};

struct mqtt_seen {
    uint64_t hashes[SETS][WAYS]; /* 0: free */
    unsigned char next[SETS];    /* the way that is overwritten next */
};

struct mqtt_seen *mqtt_seen_new(void)
{
    return mem_alloc(sizeof(struct mqtt_seen));
}

void mqtt_seen_free(struct mqtt_seen *seen)
{
    mem_free(seen);
}

/* FNV-1a, 64 bit. Source: the FNV reference, isthe.com/chongo/tech/comp/fnv. */
static uint64_t add_bytes(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        hash ^= (unsigned char)bytes[i];
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

uint64_t mqtt_seen_hash(const char *topic, size_t topic_length, const char *payload,
                        size_t payload_length)
{
    uint64_t hash = add_bytes(UINT64_C(14695981039346656037), topic, topic_length);

    hash = add_bytes(hash, "", 1); /* "ab" + "c" is not "a" + "bc" */
    hash = add_bytes(hash, payload, payload_length);
    return hash == 0 ? 1 : hash;
}

bool mqtt_seen_before(const struct mqtt_seen *seen, uint64_t hash)
{
    const uint64_t *set = seen->hashes[hash % SETS];

    for (size_t way = 0; way < WAYS; way++)
        if (set[way] == hash)
            return true;
    return false;
}

void mqtt_seen_add(struct mqtt_seen *seen, uint64_t hash)
{
    size_t set = hash % SETS;

    seen->hashes[set][seen->next[set]] = hash;
    seen->next[set] = (unsigned char)((seen->next[set] + 1) % WAYS);
}
