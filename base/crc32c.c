/* crc32c.c - see crc32c.h.
 *
 * Eight bytes a step through eight tables ("slicing by 8"; M. Kounavis and F. Berry,
 * 2005), about 1.5 GB/s: the lines of a value cost 15 ns. The tables are made at first
 * use.
 */
#include "base/crc32c.h"

#include <pthread.h>

enum {
    SLICES = 8,
};

#define POLYNOMIAL UINT32_C(0x82f63b78) /* 0x1EDC6F41 with its bits reversed */

static uint32_t tables[SLICES][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][i] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t crc = tables[slice - 1][i];

            tables[slice][i] = (crc >> 8) ^ tables[0][crc & 0xff];
        }
}

/* Little endian on every machine, as the tables want it. */
static uint32_t word_at(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

uint32_t crc32c(uint32_t before, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint32_t crc = ~before;

    (void)pthread_once(&tables_once, make_tables);
    for (; length >= SLICES; length -= SLICES, at += SLICES) {
        uint32_t low = crc ^ word_at(at);
        uint32_t high = word_at(at + 4);

        crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^
              tables[5][low >> 16 & 0xff] ^ tables[4][low >> 24] ^
              tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
              tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    }
    for (; length > 0; length--)
        crc = (crc >> 8) ^ tables[0][(crc ^ *at++) & 0xff];
    return ~crc;
}
