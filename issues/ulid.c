/* ulid.c - see ulid.h. */
#include "issues/ulid.h"

#include <stdbool.h>
#include <string.h>

/* Adds one to a big-endian number; false when it overflowed. */
static bool count_up(unsigned char number[ULID_RANDOM])
{
    for (int i = ULID_RANDOM - 1; i >= 0; i--)
        if (++number[i] != 0)
            return true;
    return false;
}

/* Writes `bits` of a big-endian number, five at a time from the top. */
static char *encode(const unsigned char *bytes, int size, int skip_bits, char *out)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned value = 0;
    int held = skip_bits; /* leading zeros, so that the bits come out even */

    for (int i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
        for (held += 8; held >= 5; held -= 5)
            *out++ = alphabet[value >> (held - 5) & 31];
        value &= (1U << held) - 1;
    }
    return out;
}

void ulid_make(struct ulid_source *source, int64_t ms,
               const unsigned char fresh[ULID_RANDOM], char out[ULID_SIZE])
{
    unsigned char stamp[6];
    char *end;

    if (ms < 0)
        ms = 0; /* a clock before 1970 */
    if (ms != source->last_ms || !count_up(source->random)) {
        /* After 2^80 ids in one millisecond the next begins early. */
        source->last_ms = ms == source->last_ms ? ms + 1 : ms;
        memcpy(source->random, fresh, ULID_RANDOM);
    }
    for (int i = 0; i < 6; i++)
        stamp[i] = (unsigned char)((uint64_t)source->last_ms >> (40 - 8 * i));
    end = encode(stamp, sizeof stamp, 2, out); /* 48 bits and 2 zeros: 10 characters */
    end = encode(source->random, ULID_RANDOM, 0, end);
    *end = '\0';
}
