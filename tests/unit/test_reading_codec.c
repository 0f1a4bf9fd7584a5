/* test_reading_codec.c - what goes into a chunk comes out of it, bit by bit. */
#include "base/mem.h"
#include "history/reading_codec.h"
#include "telemetry/sample.h"
#include "tests/unit/check.h"

#include <stdio.h>

enum {
    READINGS = 4000,
};

#define BASE_MS INT64_C(1764000000000)

/* A small generator of its own, so that every run is the same. */
static uint64_t seed;

static uint64_t dice(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

static double noise(double width)
{
    return ((double)dice(1000001) / 1000000 - 0.5) * width;
}

static double quiet(size_t i)
{
    return i / 500 % 2 == 0 ? 12.4 : 0;
}

static double boolean(size_t i)
{
    return i / 97 % 2 == 0 ? 1 : 0;
}

static double scaled(size_t i)
{
    (void)i;
    return (double)(2300 + (int)dice(21) - 10) * 0.1;
}

static double text(size_t i)
{
    char digits[32];

    (void)i;
    (void)snprintf(digits, sizeof digits, "%.2f", 7.5 + noise(0.4));
    return strtod(digits, NULL);
}

static double from_float(size_t i)
{
    (void)i;
    return (double)(float)(230.4 + noise(0.6));
}

static double float_scaled(size_t i)
{
    (void)i;
    return (double)(float)(11870 + noise(40)) * 1e-3;
}

static double counter(size_t i)
{
    return 123456.5 + (double)i * 0.5;
}

static double any(size_t i)
{
    (void)i;
    return 3.0 + noise(1) / 3;
}

static double odd(size_t i)
{
    static const double values[] = {0.0, -0.0,  INFINITY, -INFINITY,
                                    NAN, 1e300, -5e-324,  0x1p53,
                                    -1,  1e22,  0.1,      0.30000000000000004};

    return values[(i + dice(3)) % (sizeof values / sizeof *values)];
}

static int64_t steady_ms(size_t i)
{
    return (int64_t)i * 5000;
}

static int64_t jitter_ms(size_t i)
{
    return (int64_t)i * 5000 + (int64_t)dice(9) - 4;
}

static int64_t gaps_ms(size_t i)
{
    return (int64_t)(i + i / 50 * 7) * 1000 + (int64_t)dice(40);
}

static int64_t mixed_ms(size_t i)
{
    return (int64_t)dice(100000000) - 40000000 + (int64_t)i;
}

static struct kept_reading good(int64_t ms, double value)
{
    return (struct kept_reading){.ms = BASE_MS + ms, .value = value};
}

static struct kept_reading some(int64_t ms, double value)
{
    struct kept_reading reading = good(ms, value);

    if (dice(20) != 0)
        return reading;
    reading.quality = (uint8_t)(1 + dice(2));
    reading.reason = (uint8_t)(1 + dice(REASON_COUNT - 1));
    reading.detail = (uint16_t)(dice(3) == 0 ? dice(65536) : 0);
    return reading;
}

static bool equal(const struct kept_reading *a, const struct kept_reading *b)
{
    bool value = isnan(a->value) ? isnan(b->value) : memcmp(&a->value, &b->value, 8) == 0;

    return a->ms == b->ms && value && a->quality == b->quality &&
           a->reason == b->reason && a->detail == b->detail;
}

static const struct {
    const char *name;
    double (*value)(size_t i);
    int64_t (*ms)(size_t i);
    struct kept_reading (*make)(int64_t ms, double value);
    double bytes_max; /* per reading */
    bool unsorted;
} cases[] = {
    {"quiet and steady", quiet, steady_ms, good, 0.05, false},
    {"quiet", quiet, jitter_ms, good, 1.05, false},
    {"boolean", boolean, jitter_ms, good, 1.05, false},
    {"scaled register", scaled, jitter_ms, good, 2.0, false},
    {"decimals of a text", text, jitter_ms, good, 2.05, false},
    {"float", from_float, jitter_ms, good, 3.1, false},
    {"scaled float", float_scaled, jitter_ms, good, 3.3, false},
    {"counter", counter, jitter_ms, good, 2.05, false},
    {"double", any, jitter_ms, good, 9.0, false},
    {"gaps", scaled, gaps_ms, good, 3.5, false},
    {"odd values", odd, jitter_ms, good, 12, false},
    {"qualities", scaled, jitter_ms, some, 3, false},
    {"any times", scaled, mixed_ms, some, 12, true},
};

static struct kept_reading in[READINGS];
static struct kept_reading out[READINGS + 1];

static void fill(size_t c, struct reading_encoder *encoder)
{
    seed = 1;
    for (size_t i = 0; i < READINGS; i++) {
        double value = cases[c].value(i);

        in[i] = cases[c].make(cases[c].ms(i), value);
        reading_encoder_put(encoder, &in[i]);
    }
    reading_encoder_finish(encoder);
}

/* The chunk with its padding; the caller's. */
static unsigned char *copy(const struct reading_encoder *encoder)
{
    unsigned char *bytes = mem_alloc(encoder->length + READING_PADDING);

    memcpy(bytes, encoder->bytes, encoder->length);
    return bytes;
}

static void comes_back(void **unused)
{
    (void)unused;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct reading_encoder encoder = {0};
        struct reading_decoder decoder;
        unsigned char *bytes;
        double each;

        /* The second chunk begins with what the first has learnt. */
        for (int chunk = 0; chunk < 2; chunk++) {
            reading_encoder_begin(&encoder, BASE_MS);
            fill(c, &encoder);
        }
        each = (double)encoder.length / READINGS;
        print_message("%-20s %6.3f bytes per reading\n", cases[c].name, each);
        check_case(cases[c].name, each <= cases[c].bytes_max);
        check_case(cases[c].name, encoder.unsorted == cases[c].unsorted);
        bytes = copy(&encoder);
        reading_decoder_begin(&decoder, bytes, encoder.length, BASE_MS);
        check_case(cases[c].name, reading_decoder_next(&decoder, INT64_MAX, out,
                                                       READINGS + 1) == READINGS);
        check_case(cases[c].name, reading_decoder_over(&decoder) && !decoder.damaged);
        for (size_t i = 0; i < READINGS; i++)
            check_case(cases[c].name, equal(&in[i], &out[i]));
        mem_free(bytes);
        reading_encoder_free(&encoder);
    }
}

/* Two at a time up to some time; returns how many there are by then. */
static size_t take_until(const char *name, struct reading_decoder *decoder,
                         int64_t until_ms, size_t n)
{
    size_t got;

    do {
        got = reading_decoder_next(decoder, until_ms, out + n, 2);
        for (size_t i = n; i < n + got; i++)
            check_case(name, equal(&in[i], &out[i]) && in[i].ms < until_ms);
        n += got;
    } while (got == 2);
    check_case(name, n == READINGS || in[n].ms >= until_ms);
    check_case(name, !decoder->damaged);
    return n;
}

/* A reader that takes a few at a time, up to some time, gets the same. */
static void in_pieces(void **unused)
{
    (void)unused;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct reading_encoder encoder = {0};
        struct reading_decoder decoder;
        unsigned char *bytes;
        size_t n = 0;

        if (cases[c].unsorted)
            continue;
        reading_encoder_begin(&encoder, BASE_MS);
        fill(c, &encoder);
        bytes = copy(&encoder);
        reading_decoder_begin(&decoder, bytes, encoder.length, BASE_MS);
        for (int64_t until = BASE_MS - 4000; n < READINGS; until += 3000)
            n = take_until(cases[c].name, &decoder, until, n);
        check_case(cases[c].name, reading_decoder_over(&decoder));
        mem_free(bytes);
        reading_encoder_free(&encoder);
    }
}

static void cut_off(void **unused)
{
    struct reading_encoder encoder = {0};
    struct reading_decoder decoder;
    unsigned char *bytes;

    (void)unused;
    reading_encoder_begin(&encoder, BASE_MS);
    fill(10, &encoder);
    bytes = copy(&encoder);
    for (uint32_t length = 0; length < 200; length++) {
        size_t n;

        reading_decoder_begin(&decoder, bytes, length, BASE_MS);
        n = reading_decoder_next(&decoder, INT64_MAX, out, READINGS);
        assert_true(reading_decoder_over(&decoder));
        for (size_t i = 0; i < n; i++)
            assert_true(equal(&in[i], &out[i]));
    }
    mem_free(bytes);
    reading_encoder_free(&encoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(in_pieces),
        cmocka_unit_test(cut_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
