/* fuzz_readings.c - any bytes as a chunk, as rows of a tail, as frames, names and an
 * index; and any readings through the codec. */
#include "base/mem.h"
#include "history/reading_codec.h"
#include "history/readings_frame.h"
#include "history/readings_names.h"
#include "history/readings_rows.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    READINGS = 512,
};

/* Decoding in pieces must give what decoding at once gives. */
static void chunk(const uint8_t *data, size_t size)
{
    unsigned char *bytes = mem_array(size + READING_PADDING, 1);
    static struct kept_reading once[READINGS];
    static struct kept_reading pieces[READINGS];
    struct reading_decoder decoder;
    size_t count;
    size_t n = 0;
    size_t got;

    memcpy(bytes, data, size);
    reading_decoder_begin(&decoder, bytes, size, 0);
    count = reading_decoder_next(&decoder, INT64_MAX, once, READINGS);
    reading_decoder_begin(&decoder, bytes, size, 0);
    do {
        size_t room = READINGS - n < 3 ? READINGS - n : 3;

        got = room == 0 ? 0 : reading_decoder_next(&decoder, INT64_MAX, pieces + n, room);
        n += got;
    } while (got > 0);
    assert(n == count);
    for (size_t i = 0; i < n; i++)
        assert(once[i].ms == pieces[i].ms && once[i].quality == pieces[i].quality &&
               (memcmp(&once[i].value, &pieces[i].value, sizeof once[i].value) == 0 ||
                (isnan(once[i].value) && isnan(pieces[i].value))));
    mem_free(bytes);
}

/* The bytes as readings, 13 each: what goes in comes out, from chunks and from rows. */
static void round_trip(const uint8_t *data, size_t size)
{
    struct reading_encoder encoder = {0};
    struct reading_decoder decoder;
    struct rows_state put_state = ROWS_BEGIN;
    struct rows_state get_state = ROWS_BEGIN;
    static struct kept_reading in[READINGS];
    static struct kept_reading out[READINGS];
    unsigned char *bytes;
    size_t count = 0;
    int64_t ms = INT64_C(1764000000000);

    reading_encoder_begin(&encoder, ms);
    for (; count < READINGS && (count + 1) * 13 <= size; count++) {
        const uint8_t *at = data + count * 13;
        int16_t step;

        memcpy(&step, at, sizeof step);
        memcpy(&in[count].value, at + 2, sizeof in[count].value);
        if (at[10] < 128) /* a measured value */
            in[count].value = (double)at[2] * 0.1;
        ms += step;
        in[count].ms = ms;
        in[count].quality = at[11] % 3;
        in[count].reason = at[11] / 3 % 16;
        in[count].detail = at[12] < 200 ? 0 : at[12];
        reading_encoder_put(&encoder, &in[count]);
    }
    reading_encoder_finish(&encoder);
    bytes = mem_array(encoder.length + READING_PADDING, 1);
    memcpy(bytes, encoder.bytes, encoder.length);
    reading_decoder_begin(&decoder, bytes, encoder.length, INT64_C(1764000000000));
    assert(reading_decoder_next(&decoder, INT64_MAX, out, READINGS) == count);
    assert(!decoder.damaged && reading_decoder_over(&decoder));
    for (size_t i = 0; i < count; i++) {
        unsigned char row[ROW_BYTES_MAX];
        size_t length = rows_row_put(row, &put_state, (uint32_t)(i * 7), &in[i]);
        const unsigned char *at = row;
        struct kept_reading again;

        assert(length <= ROW_BYTES_MAX);
        assert(rows_row_get(&at, row + length, &get_state, &again) && at == row + length);
        assert(get_state.number == (uint32_t)(i * 7));
        for (int side = 0; side < 2; side++) {
            const struct kept_reading *got = side == 0 ? &out[i] : &again;

            assert(got->ms == in[i].ms && got->quality == in[i].quality &&
                   got->reason == in[i].reason && got->detail == in[i].detail);
            assert(memcmp(&got->value, &in[i].value, sizeof in[i].value) == 0 ||
                   (isnan(got->value) && isnan(in[i].value)));
        }
    }
    mem_free(bytes);
    reading_encoder_free(&encoder);
}

static void others(const uint8_t *data, size_t size)
{
    const unsigned char *at = data;
    struct rows_state state = ROWS_BEGIN;
    struct kept_reading reading;
    struct chunk_entry entry;
    struct frame frame;
    int64_t last = -1;
    size_t offset = 0;

    while (at < data + size && rows_row_get(&at, data + size, &state, &reading))
        ;
    at = data;
    while (at < data + size && chunk_entry_get(&at, data + size, last, &entry))
        last = entry.number;
    while (size - offset >= FRAME_HEADER_SIZE) {
        offset = frame_find(data, size, offset);
        if (size - offset >= FRAME_HEADER_SIZE)
            assert(frame_get(data + offset++, &frame));
    }
    (void)names_count((const char *)data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    chunk(data, size);
    round_trip(data, size);
    others(data, size);
    return 0;
}
