/* map.c - see map.h. */
#include "base/map.h"

#include "base/mem.h"

#include <string.h>

struct slot {
    char *key; /* NULL: free */
    size_t length;
    uint64_t hash;
    uint32_t value;
};

struct map {
    struct slot *slots;
    size_t capacity; /* a power of two */
    size_t count;
};

/* FNV-1a, 64 bit. Source: the FNV reference, isthe.com/chongo/tech/comp/fnv. */
static uint64_t hash_bytes(const char *key, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < length; i++) {
        hash ^= (unsigned char)key[i];
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

struct map *map_new(void)
{
    struct map *map = mem_alloc(sizeof *map);

    map->capacity = 16;
    map->slots = mem_array(map->capacity, sizeof *map->slots);
    return map;
}

void map_free(struct map *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->capacity; i++)
        mem_free(map->slots[i].key);
    mem_free(map->slots);
    mem_free(map);
}

/* The slot that holds the key, or the free one where it would go. */
static struct slot *find(const struct map *map, const char *key, size_t length,
                         uint64_t hash)
{
    size_t i = hash & (map->capacity - 1);

    for (;; i = (i + 1) & (map->capacity - 1)) {
        struct slot *slot = &map->slots[i];

        if (slot->key == NULL)
            return slot;
        if (slot->hash == hash && slot->length == length &&
            memcmp(slot->key, key, length) == 0)
            return slot;
    }
}

static void grow(struct map *map)
{
    struct map old = *map;

    map->capacity *= 2;
    map->slots = mem_array(map->capacity, sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key != NULL)
            *find(map, old.slots[i].key, old.slots[i].length, old.slots[i].hash) =
                old.slots[i];
    mem_free(old.slots);
}

bool map_put(struct map *map, const char *key, uint32_t value)
{
    size_t length = strlen(key);
    uint64_t hash = hash_bytes(key, length);
    struct slot *slot = find(map, key, length, hash);

    if (slot->key != NULL)
        return false;
    *slot = (struct slot){mem_strndup(key, length), length, hash, value};
    map->count++;
    if (map->count * 2 > map->capacity)
        grow(map);
    return true;
}

uint32_t map_get_bytes(const struct map *map, const char *key, size_t length)
{
    const struct slot *slot = find(map, key, length, hash_bytes(key, length));

    return slot->key == NULL ? MAP_NONE : slot->value;
}

uint32_t map_get(const struct map *map, const char *key)
{
    return map_get_bytes(map, key, strlen(key));
}

size_t map_count(const struct map *map)
{
    return map->count;
}
