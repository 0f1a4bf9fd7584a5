/* reading_codec.c - see reading_codec.h. */
#include "history/reading_codec.h"

#include "base/mem.h"
#include "history/reading_mode.h"
#include "history/varint.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <string.h>

enum {
    SPECIAL = 7, /* the three high bits of a token that is not the usual reading */
    DELTA_BYTES_MAX = 6, /* of a usual one */

    OP_READING_MAX = 8, /* 0..8: a reading with so many bytes of value */
    OP_STEADY,
    OP_MODE,
    OP_QUALITY,
    OP_DETAIL,
    OP_NAN,
    OP_NUMBER,

    OFF_BITS = 5,
    OFF_MIN = -16, /* ms beside the period that cost nothing */
    OFF_MAX = 15,
    /* A time so far from the period begins another one: a poll was missed, or it is the
     * second reading of the chunk. */
    PERIOD_JUMP_MS = 512,

    FIRST_BYTES = 32,
    CHUNK_BYTES_MAX = 1 << 30,
    MODES_MAX = 16, /* changes in a chunk; then it is the one that fits everything */
};

/* Times of damaged chunks may be anything, so all sums wrap. */
static int64_t add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t subtract(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* From the reading before to this one, as far as the period says. */
static int64_t expected_ms(const struct reading_state *state)
{
    return add(state->period8, 4) >> 3;
}

/* The reading comes `off` ms beside where the period says. */
static void advance(struct reading_state *state, int64_t off)
{
    int64_t delta = add(expected_ms(state), off);
    int64_t delta8 = (int64_t)((uint64_t)delta << 3);

    state->ms = add(state->ms, delta);
    if (off > PERIOD_JUMP_MS || off < -PERIOD_JUMP_MS)
        state->period8 = delta8;
    else
        state->period8 = add(state->period8, subtract(delta8, state->period8) >> 3);
}

static struct reading_state first_state(int64_t base_ms)
{
    return (struct reading_state){.ms = base_ms};
}

void reading_encoder_begin(struct reading_encoder *encoder, int64_t base_ms)
{
    /* What fits everything suits nothing well: that one is not begun with. */
    encoder->next_mode = encoder->state.mode == mode_make(COUNT_DOUBLE, 0)
                             ? mode_make(COUNT_DECIMAL, 0)
                             : encoder->state.mode;
    encoder->state = first_state(base_ms);
    encoder->length = 0;
    encoder->readings = 0;
    encoder->steady = 0;
    encoder->value_bits = 0;
    encoder->modes = 0;
    encoder->unsorted = false;
}

static void make_room(struct reading_encoder *encoder)
{
    size_t capacity = encoder->capacity;

    if (encoder->length + READING_TOKENS_MAX <= capacity)
        return;
    assert(capacity < CHUNK_BYTES_MAX);
    capacity += capacity / 2 + FIRST_BYTES + READING_TOKENS_MAX;
    encoder->bytes = mem_resize(encoder->bytes, capacity, 1);
    encoder->capacity = (uint32_t)capacity;
}

static void put_byte(struct reading_encoder *encoder, unsigned byte)
{
    encoder->bytes[encoder->length++] = (unsigned char)byte;
}

static void put_op(struct reading_encoder *encoder, unsigned op)
{
    put_byte(encoder, (unsigned)SPECIAL << OFF_BITS | op);
}

static void put_varint(struct reading_encoder *encoder, uint64_t value)
{
    encoder->length += (uint32_t)varint_put(encoder->bytes + encoder->length, value);
}

static void put_number(struct reading_encoder *encoder, uint64_t value, unsigned bytes)
{
    number_put(encoder->bytes + encoder->length, value, bytes);
    encoder->length += bytes;
}

static unsigned bytes_of(uint64_t value)
{
    return value == 0 ? 0 : (unsigned)(71 - __builtin_clzll(value)) / 8;
}

static void put_quality(struct reading_encoder *encoder,
                        const struct kept_reading *reading)
{
    unsigned both = (unsigned)reading->quality << 6 | (reading->reason & 63U);
    struct reading_state *state = &encoder->state;

    if (state->quality == reading->quality && state->reason == reading->reason &&
        state->detail == reading->detail)
        return;
    put_op(encoder, reading->detail == 0 ? OP_QUALITY : OP_DETAIL);
    put_byte(encoder, both);
    if (reading->detail != 0)
        put_number(encoder, reading->detail, 2);
    state->quality = reading->quality;
    state->reason = reading->reason;
    state->detail = reading->detail;
}

/* Sees to it that the mode fits; gives the value's count in it. */
static uint64_t fit_mode(struct reading_encoder *encoder, double value)
{
    struct reading_state *state = &encoder->state;
    uint64_t count;
    uint8_t mode = state->mode;

    if (encoder->readings == 0 && mode_count(encoder->next_mode, value, &count))
        mode = encoder->next_mode;
    else if (!mode_count(mode, value, &count))
        mode =
            encoder->modes < MODES_MAX ? mode_choose(value) : mode_make(COUNT_DOUBLE, 0);
    (void)mode_count(mode, value, &count);
    if (mode != state->mode) {
        put_op(encoder, OP_MODE);
        put_byte(encoder, mode);
        state->mode = mode;
        state->count = 0;
        encoder->modes++;
    }
    return count;
}

/* What is to be added to the count; tells beforehand what else has changed. */
static uint64_t put_value(struct reading_encoder *encoder, double value)
{
    struct reading_state *state = &encoder->state;
    uint64_t count;
    uint64_t step;

    if (isnan(value) != state->nan) {
        put_op(encoder, isnan(value) ? OP_NAN : OP_NUMBER);
        state->nan = isnan(value);
    }
    if (state->nan)
        return 0;
    count = fit_mode(encoder, value);
    step = count - state->count;
    state->count = count;
    return zigzag((int64_t)step);
}

static void put_reading(struct reading_encoder *encoder, int64_t off, uint64_t step)
{
    unsigned bytes = bytes_of(step);

    if (off >= OFF_MIN && off <= OFF_MAX && bytes <= DELTA_BYTES_MAX) {
        put_byte(encoder, bytes << OFF_BITS | (unsigned)zigzag(off));
    } else {
        put_op(encoder, bytes);
        put_varint(encoder, zigzag(off));
    }
    put_number(encoder, step, bytes);
}

static void put_steady(struct reading_encoder *encoder)
{
    if (encoder->steady == 1) {
        put_byte(encoder, 0);
    } else if (encoder->steady > 1) {
        put_op(encoder, OP_STEADY);
        put_varint(encoder, encoder->steady);
    }
    encoder->steady = 0;
}

void reading_encoder_put(struct reading_encoder *encoder,
                         const struct kept_reading *reading)
{
    struct reading_state *state = &encoder->state;
    int64_t off = subtract(subtract(reading->ms, state->ms), expected_ms(state));
    uint64_t bits;
    uint64_t step = 0;
    bool same;

    memcpy(&bits, &reading->value, sizeof bits);
    same = encoder->readings > 0 && bits == encoder->value_bits &&
           state->quality == reading->quality && state->reason == reading->reason &&
           state->detail == reading->detail;
    encoder->unsorted =
        encoder->unsorted || (encoder->readings > 0 && reading->ms < state->ms);
    if (!same || off != 0) {
        make_room(encoder);
        put_steady(encoder);
        if (!same) {
            put_quality(encoder, reading);
            step = put_value(encoder, reading->value);
        }
        put_reading(encoder, off, step);
    } else {
        encoder->steady++;
    }
    advance(state, off);
    encoder->value_bits = bits;
    encoder->readings++;
}

void reading_encoder_finish(struct reading_encoder *encoder)
{
    make_room(encoder);
    put_steady(encoder);
}

void reading_encoder_free(struct reading_encoder *encoder)
{
    mem_free(encoder->bytes);
    *encoder = (struct reading_encoder){0};
}

void reading_decoder_begin(struct reading_decoder *decoder, const unsigned char *bytes,
                           size_t length, int64_t base_ms)
{
    *decoder = (struct reading_decoder){
        .state = first_state(base_ms), .next = bytes, .end = bytes + length};
}

/* Little endian; reads READING_PADDING bytes whatever `bytes` is. */
static uint64_t masked(const unsigned char *from, unsigned bytes)
{
    static const uint64_t masks[] = {
        0,
        UINT64_C(0xff),
        UINT64_C(0xffff),
        UINT64_C(0xffffff),
        UINT64_C(0xffffffff),
        UINT64_C(0xffffffffff),
        UINT64_C(0xffffffffffff),
        UINT64_C(0xffffffffffffff),
        UINT64_MAX,
    };
    uint64_t value;

    memcpy(&value, from, sizeof value);
    return le64toh(value) & masks[bytes];
}

/* What a token that is not the usual one says. */
struct special {
    unsigned op;
    const unsigned char *behind;
    uint64_t number; /* of a reading: where it is beside the period, zigzag */
    uint64_t step;
};

static bool get_special(const struct reading_decoder *decoder, struct special *special)
{
    const unsigned char *at = decoder->next;
    const unsigned char *end = decoder->end;
    size_t more = 0;

    special->op = *at++ & ((1U << OFF_BITS) - 1);
    if (special->op <= OP_STEADY && !varint_get(&at, end, &special->number))
        return false;
    if (special->op <= OP_READING_MAX)
        more = special->op;
    else if (special->op == OP_MODE || special->op == OP_QUALITY)
        more = 1;
    else if (special->op == OP_DETAIL)
        more = 3;
    if ((size_t)(end - at) < more || special->op > OP_NUMBER)
        return false;
    special->step = masked(at, (unsigned)more);
    special->behind = at + more;
    return true;
}

/* Takes in what is no reading. False when it makes no sense. */
static bool apply(struct reading_decoder *decoder, const struct special *special)
{
    struct reading_state *state = &decoder->state;

    switch (special->op) {
    case OP_STEADY:
        decoder->steady = special->number;
        break;
    case OP_MODE:
        state->mode = (uint8_t)special->step;
        state->count = 0;
        if (!mode_is_valid(state->mode))
            return false;
        break;
    case OP_QUALITY:
    case OP_DETAIL:
        state->quality = (uint8_t)(special->step >> 6 & 3);
        state->reason = (uint8_t)(special->step & 63);
        state->detail = (uint16_t)(special->step >> 8);
        break;
    default:
        state->nan = special->op == OP_NAN;
        break;
    }
    decoder->next = special->behind;
    return true;
}

static void fill(struct kept_reading *reading, const struct reading_state *state)
{
    reading->ms = state->ms;
    memcpy(&reading->value, &state->count, sizeof reading->value);
    reading->detail = state->detail;
    reading->quality = state->quality;
    reading->reason = state->reason;
}

static size_t decode_steady(struct reading_decoder *decoder, int64_t until_ms,
                            struct kept_reading *readings, size_t max)
{
    struct reading_state *state = &decoder->state;
    size_t n = 0;

    while (n < max && decoder->steady > 0 &&
           add(state->ms, expected_ms(state)) < until_ms) {
        advance(state, 0);
        fill(&readings[n++], state);
        decoder->steady--;
    }
    return n;
}

/* Readings of the usual kind in a row; most of the time is spent here, so what moves is
 * kept in locals. */
static size_t decode_usual(struct reading_decoder *decoder, int64_t until_ms,
                           struct kept_reading *readings, size_t max)
{
    struct reading_state state = decoder->state;
    const unsigned char *at = decoder->next;
    const unsigned char *end = decoder->end;
    size_t n = 0;

    while (n < max && at < end) {
        unsigned bytes = *at >> OFF_BITS;
        int64_t off = unzigzag(*at & ((1U << OFF_BITS) - 1));
        int64_t delta = add(expected_ms(&state), off);

        if (bytes == SPECIAL || (size_t)(end - at) <= bytes ||
            add(state.ms, delta) >= until_ms)
            break;
        state.count += (uint64_t)unzigzag(masked(at + 1, bytes));
        state.ms = add(state.ms, delta);
        state.period8 = add(
            state.period8, subtract((int64_t)((uint64_t)delta << 3), state.period8) >> 3);
        fill(&readings[n++], &state);
        at += 1 + bytes;
    }
    decoder->state = state;
    decoder->next = at;
    return n;
}

/* One reading of the other kind; false when it comes later. */
static bool decode_other(struct reading_decoder *decoder, const struct special *special,
                         int64_t until_ms, struct kept_reading *reading)
{
    struct reading_state *state = &decoder->state;
    int64_t off = unzigzag(special->number);

    if (add(state->ms, add(expected_ms(state), off)) >= until_ms)
        return false;
    advance(state, off);
    state->count += (uint64_t)unzigzag(special->step);
    fill(reading, state);
    decoder->next = special->behind;
    return true;
}

/* Readings up to the next token that changes how values are read; *more says that there
 * may be others behind it. */
static size_t decode_alike(struct reading_decoder *decoder, int64_t until_ms,
                           struct kept_reading *readings, size_t max, bool *more)
{
    size_t n = 0;

    *more = false;
    while (n < max) {
        struct special special = {0};

        n += decode_steady(decoder, until_ms, readings + n, max - n);
        if (decoder->steady > 0)
            return n;
        n += decode_usual(decoder, until_ms, readings + n, max - n);
        if (n == max || decoder->next == decoder->end)
            return n;
        if (*decoder->next >> OFF_BITS != SPECIAL) {
            /* It comes later, or its bytes are cut off. */
            decoder->damaged = decoder->end - decoder->next <= *decoder->next >> OFF_BITS;
            return n;
        }
        decoder->damaged = !get_special(decoder, &special);
        if (decoder->damaged)
            return n;
        if (special.op <= OP_READING_MAX) {
            if (!decode_other(decoder, &special, until_ms, &readings[n]))
                return n;
            n++;
            continue;
        }
        if (special.op != OP_STEADY) {
            *more = true;
            return n;
        }
        (void)apply(decoder, &special);
    }
    return n;
}

static void make_values(const struct reading_state *state, struct kept_reading *readings,
                        size_t count)
{
    if (!state->nan) {
        mode_values(state->mode, &readings->value, sizeof *readings, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        readings[i].value = NAN;
}

size_t reading_decoder_next(struct reading_decoder *decoder, int64_t until_ms,
                            struct kept_reading *readings, size_t max)
{
    size_t n = 0;
    bool more = true;

    while (more && n < max && !decoder->damaged) {
        struct special special = {0};
        size_t count = decode_alike(decoder, until_ms, readings + n, max - n, &more);

        if (count > 0)
            make_values(&decoder->state, readings + n, count);
        n += count;
        if (more)
            decoder->damaged =
                !get_special(decoder, &special) || !apply(decoder, &special);
    }
    return n;
}
