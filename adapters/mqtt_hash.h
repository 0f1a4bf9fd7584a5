/* mqtt_hash.h - 64 bits for topics and payloads that strangers send.
 *
 * With a seed that is drawn at each start, so that nobody can prepare two topics that
 * fall together. Eight bytes a step. Not for anything that is stored.
 *
 * Source of the finish: A. Appleby, MurmurHash3 (public domain), fmix64.
 *
 * Pure. Threads: no state.
 */
#ifndef ADAPTERS_MQTT_HASH_H
#define ADAPTERS_MQTT_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t mqtt_hash_mix(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

/* Never 0, which tables use for "free". */
static inline uint64_t mqtt_hash(const char *bytes, size_t length, uint64_t seed)
{
    uint64_t hash = seed ^ (length * UINT64_C(0x9e3779b97f4a7c15));
    uint64_t word;

    for (; length >= sizeof word; length -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9ddfea08eb382d69);
        hash ^= hash >> 29;
    }
    word = 0;
    if (length > 0)
        memcpy(&word, bytes, length);
    hash = mqtt_hash_mix(hash ^ word);
    return hash == 0 ? 1 : hash;
}

#endif
