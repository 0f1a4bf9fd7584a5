/* varint.h - small numbers in few bytes (pure).
 *
 * Seven bits a byte, the lowest first, the high bit says that more follow; zigzag makes
 * small negative numbers small, too. Both as in Protocol Buffers and DWARF.
 *
 * Threads: no state.
 */
#ifndef HISTORY_VARINT_H
#define HISTORY_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VARINT_MAX = 10, /* bytes of 64 bits */
};

static inline uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ -(value & 1));
}

/* Returns how many bytes it took. */
static inline size_t varint_put(unsigned char *to, uint64_t value)
{
    size_t n = 0;

    for (; value >= 0x80; value >>= 7)
        to[n++] = (unsigned char)(value | 0x80);
    to[n++] = (unsigned char)value;
    return n;
}

/* Moves *at behind it; false when it runs over the end. */
static inline bool varint_get(const unsigned char **at, const unsigned char *end,
                              uint64_t *value)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < VARINT_MAX && *at < end; i++) {
        unsigned byte = *(*at)++;

        sum |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = sum;
            return true;
        }
    }
    return false;
}

/* Little endian. */
static inline void number_put(unsigned char *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static inline uint64_t number_get(const unsigned char *from, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

#endif
