/* reading_codec.h - the readings of one point as a chunk of bytes (pure).
 *
 * Nothing is lost but what is below a millisecond. A chunk is a row of tokens; what they
 * say is relative to the reading before:
 *
 *   kkkttttt            k = 0..6: the next reading. Its time is where the period says it
 *     [k bytes]         should be, plus t (zigzag, -16..15 ms); its value is the one
 *                       before plus k bytes (zigzag, little endian)
 *   111 0..8            the same for other times: a varint (zigzag) and 0..8 bytes
 *   111 STEADY n        n more readings, each one period later, of the same value
 *   111 MODE m          from here on values are counted in another way, from 0
 *   111 QUALITY q       from here on readings have this quality and reason
 *   111 DETAIL q d d    the same with a detail
 *   111 NAN, 111 NUMBER from here on the value is NaN; is a number again
 *
 * The period is a running mean of the times between readings, so that polls that are a
 * few milliseconds early or late cost no byte. Values are whole numbers where they can
 * be: counts of 10^-k (a scaled register) or the bits of a float or a double, in an order
 * in which neighbours are neighbours; `mode` says which. So an unchanged reading of a
 * poll takes a byte at most and a noisy one two or three.
 *
 * Threads: no state beside the structs.
 */
#ifndef HISTORY_READING_CODEC_H
#define HISTORY_READING_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    READING_TOKENS_MAX = 48, /* bytes that one reading can add, with all that changes */
    READING_PADDING = 8,     /* readable bytes a chunk needs behind its end */
};

/* One reading of a point, wherever that is known. */
struct kept_reading {
    int64_t ms; /* since 1970-01-01 UTC */
    double value;
    uint16_t detail;
    uint8_t quality; /* enum quality */
    uint8_t reason;
};

/* What both sides keep between readings. */
struct reading_state {
    int64_t ms;
    int64_t period8; /* eighths of a millisecond */
    uint64_t count;  /* of the unit of the mode */
    uint16_t detail;
    uint8_t mode;
    uint8_t quality;
    uint8_t reason;
    bool nan;
};

struct reading_encoder {
    struct reading_state state;
    unsigned char *bytes; /* owned; NULL before the first reading */
    uint32_t length;
    uint32_t capacity;
    uint32_t readings;
    uint32_t steady;     /* readings at the end that are not in bytes yet */
    uint64_t value_bits; /* of the last value */
    uint8_t next_mode;   /* of the chunk before: the next one begins with it */
    uint8_t modes;       /* how often it has changed in this chunk */
    bool unsorted;       /* some reading is older than the one before it */
};

/* An empty chunk whose times count from `base_ms`. A zeroed struct is fine; bytes that it
 * has are used again. */
void reading_encoder_begin(struct reading_encoder *encoder, int64_t base_ms);
void reading_encoder_put(struct reading_encoder *encoder,
                         const struct kept_reading *reading);
/* Completes bytes and length. More readings may follow. */
void reading_encoder_finish(struct reading_encoder *encoder);
void reading_encoder_free(struct reading_encoder *encoder);

struct reading_decoder {
    struct reading_state state;
    const unsigned char *next;
    const unsigned char *end;
    uint64_t steady;
    bool damaged; /* what follows cannot be read */
};

/* `bytes` is borrowed and has READING_PADDING bytes behind its end. */
void reading_decoder_begin(struct reading_decoder *decoder, const unsigned char *bytes,
                           size_t length, int64_t base_ms);
/* The next readings before `until_ms`, at most `max`. Fewer: the chunk is over, damaged,
 * or has come to `until_ms`; asked again with a later time it goes on. */
size_t reading_decoder_next(struct reading_decoder *decoder, int64_t until_ms,
                            struct kept_reading *readings, size_t max);
/* Nothing more will come. */
static inline bool reading_decoder_over(const struct reading_decoder *decoder)
{
    return decoder->damaged || (decoder->steady == 0 && decoder->next == decoder->end);
}

#endif
