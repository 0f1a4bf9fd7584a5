/* vector.h - an array that grows in an arena. Threads: one owner. */
#ifndef CONFIG_VECTOR_H
#define CONFIG_VECTOR_H

#include "config/arena.h"

struct vector {
    void *items; /* the arena's */
    size_t count;
    size_t capacity;
};

/* A new zeroed entry of `size` bytes; NULL when `max` are there already. Entries move
 * when the array grows. */
void *vector_add(struct arena *arena, struct vector *vector, size_t size, size_t max);

#endif
