/* vector.c - see vector.h. */
#include "config/vector.h"

#include <string.h>

enum {
    VECTOR_FIRST = 32, /* entries before the array grows */
};

void *vector_add(struct arena *arena, struct vector *vector, size_t size, size_t max)
{
    if (vector->count == max)
        return NULL;
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity == 0 ? VECTOR_FIRST : vector->capacity * 2;
        void *items = arena_array(arena, capacity, size);

        if (vector->count > 0)
            memcpy(items, vector->items, vector->count * size);
        arena_release(arena, vector->items);
        vector->items = items;
        vector->capacity = capacity;
    }
    return (char *)vector->items + vector->count++ * size;
}
