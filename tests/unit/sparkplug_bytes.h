/* sparkplug_bytes.h - Sparkplug payloads byte by byte, without the decoder's library. */
#ifndef TESTS_UNIT_SPARKPLUG_BYTES_H
#define TESTS_UNIT_SPARKPLUG_BYTES_H

#include <stdint.h>
#include <string.h>

struct bytes {
    uint8_t data[2048];
    size_t length;
};

static inline void add_varint(struct bytes *b, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        b->data[b->length++] = (uint8_t)(value | 0x80);
    b->data[b->length++] = (uint8_t)value;
}

static inline void add_number(struct bytes *b, unsigned field, uint64_t value)
{
    add_varint(b, field << 3);
    add_varint(b, value);
}

static inline void add_block(struct bytes *b, unsigned field, const void *data,
                             size_t length)
{
    add_varint(b, field << 3 | 2);
    add_varint(b, length);
    memcpy(b->data + b->length, data, length);
    b->length += length;
}

static inline void add_words(struct bytes *b, unsigned field, const char *text)
{
    add_block(b, field, text, strlen(text));
}

static inline void add_double(struct bytes *b, unsigned field, double value)
{
    add_varint(b, field << 3 | 1);
    memcpy(b->data + b->length, &value, 8); /* little end first, as here */
    b->length += 8;
}

static inline void add_float(struct bytes *b, unsigned field, float value)
{
    add_varint(b, field << 3 | 5);
    memcpy(b->data + b->length, &value, 4);
    b->length += 4;
}

#endif
