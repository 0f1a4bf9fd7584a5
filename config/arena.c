/* arena.c - see arena.h. */
#include "config/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    CHUNK_SIZE = 64 * 1024, /* larger requests get a chunk of their own */
};

struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct chunk *chunks; /* the first is the one being filled */
};

struct arena *arena_new(void)
{
    return mem_alloc(sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->chunks != NULL) {
        struct chunk *next = arena->chunks->next;

        mem_free(arena->chunks);
        arena->chunks = next;
    }
    mem_free(arena);
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *chunk;

    assert(size <= SIZE_MAX - sizeof *chunk);
    chunk = mem_alloc(sizeof *chunk + size);
    chunk->size = size;
    return chunk;
}

static void release_chunk(struct chunk **link)
{
    struct chunk *chunk = *link;

    *link = chunk->next;
    mem_free(chunk);
}

static void *carve(struct arena *arena, size_t size, size_t align)
{
    struct chunk *chunk = arena->chunks;
    size_t start = chunk == NULL ? 0 : (chunk->used + align - 1) / align * align;

    if (size > CHUNK_SIZE / 4) {
        /* Behind the first chunk, which goes on being filled. */
        struct chunk *own = chunk_new(size);

        own->used = size;
        if (chunk == NULL) {
            arena->chunks = own;
        } else {
            own->next = chunk->next;
            chunk->next = own;
        }
        return own->bytes;
    }
    if (chunk == NULL || start > chunk->size || size > chunk->size - start) {
        chunk = chunk_new(CHUNK_SIZE);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        start = 0;
    }
    chunk->used = start + size;
    return chunk->bytes + start;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    assert(size == 0 || count <= (SIZE_MAX / 2) / size);
    return carve(arena, count * size, _Alignof(max_align_t));
}

void arena_release(struct arena *arena, const void *array)
{
    struct chunk **link = &arena->chunks;

    while (*link != NULL && (*link)->bytes != array)
        link = &(*link)->next;
    /* A chunk that is still being filled has room, one of its own is full. */
    if (*link == NULL || (*link)->used != (*link)->size ||
        (*link)->size <= CHUNK_SIZE / 4 || (*link)->size == CHUNK_SIZE)
        return;
    release_chunk(link);
}

char *arena_bytes(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = carve(arena, length + 1, 1);

    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
    return arena_bytes(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *copy;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    copy = carve(arena, (size_t)length + 1, 1);
    va_start(args, format);
    (void)vsnprintf(copy, (size_t)length + 1, format, args);
    va_end(args);
    return copy;
}
