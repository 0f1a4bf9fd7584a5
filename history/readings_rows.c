/* readings_rows.c - see readings_rows.h. */
#include "history/readings_rows.h"

#include "history/varint.h"

#include <math.h>
#include <string.h>

enum value_form {
    FORM_WHOLE,
    FORM_FLOAT,
    FORM_DOUBLE,
    FORM_NAN,
};

enum {
    QUALITY_MASK = 3,
    FLAG_REASON = 4,
    FORM_SHIFT = 4,
};

#define WHOLE_MAX 1e9 /* larger ones take no fewer bytes than a float or a double */

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool same_bits(double a, double b)
{
    return bits_of(a) == bits_of(b);
}

static enum value_form form_of(double value)
{
    if (isnan(value))
        return FORM_NAN;
    if (fabs(value) <= WHOLE_MAX && same_bits((double)(int64_t)value, value))
        return FORM_WHOLE;
    return same_bits((double)(float)value, value) ? FORM_FLOAT : FORM_DOUBLE;
}

static size_t put_value(unsigned char *to, enum value_form form, double value)
{
    float narrow = (float)value;
    uint32_t bits;

    switch (form) {
    case FORM_WHOLE:
        return varint_put(to, zigzag((int64_t)value));
    case FORM_FLOAT:
        memcpy(&bits, &narrow, sizeof bits);
        number_put(to, bits, 4);
        return 4;
    case FORM_DOUBLE:
        number_put(to, bits_of(value), 8);
        return 8;
    case FORM_NAN:
        break;
    }
    return 0;
}

size_t rows_row_put(unsigned char to[ROW_BYTES_MAX], struct rows_state *state,
                    uint32_t number, const struct kept_reading *reading)
{
    enum value_form form = form_of(reading->value);
    bool reason = reading->reason != 0 || reading->detail != 0;
    size_t n = varint_put(to, zigzag((int32_t)(number - state->number - 1)));

    n += varint_put(to + n,
                    zigzag((int64_t)((uint64_t)reading->ms - (uint64_t)state->ms)));
    to[n++] = (unsigned char)((reading->quality & QUALITY_MASK) |
                              (reason ? FLAG_REASON : 0) | (unsigned)form << FORM_SHIFT);
    if (reason) {
        to[n++] = reading->reason;
        n += varint_put(to + n, reading->detail);
    }
    n += put_value(to + n, form, reading->value);
    *state = (struct rows_state){number, reading->ms};
    return n;
}

static bool get_value(const unsigned char **at, const unsigned char *end,
                      enum value_form form, double *value)
{
    static const unsigned sizes[] = {[FORM_FLOAT] = 4, [FORM_DOUBLE] = 8, [FORM_NAN] = 0};
    uint64_t bits;
    uint32_t narrow_bits;
    float narrow;

    *value = NAN;
    if (form == FORM_WHOLE) {
        if (!varint_get(at, end, &bits))
            return false;
        *value = (double)unzigzag(bits);
        return true;
    }
    if ((size_t)(end - *at) < sizes[form])
        return false;
    bits = number_get(*at, sizes[form]);
    *at += sizes[form];
    if (form == FORM_DOUBLE) {
        memcpy(value, &bits, sizeof *value);
    } else if (form == FORM_FLOAT) {
        narrow_bits = (uint32_t)bits;
        memcpy(&narrow, &narrow_bits, sizeof narrow);
        *value = (double)narrow;
    }
    return true;
}

bool rows_row_get(const unsigned char **at, const unsigned char *end,
                  struct rows_state *state, struct kept_reading *reading)
{
    uint64_t number;
    uint64_t ms;
    uint64_t detail = 0;
    unsigned flags;

    if (!varint_get(at, end, &number) || !varint_get(at, end, &ms) || *at == end)
        return false;
    *reading = (struct kept_reading){
        .ms = (int64_t)((uint64_t)state->ms + (uint64_t)unzigzag(ms))};
    flags = *(*at)++;
    reading->quality = flags & QUALITY_MASK;
    if ((flags & FLAG_REASON) != 0) {
        if (*at == end)
            return false;
        reading->reason = *(*at)++;
        if (!varint_get(at, end, &detail))
            return false;
        reading->detail = (uint16_t)detail;
    }
    if (!get_value(at, end, (enum value_form)(flags >> FORM_SHIFT & 3), &reading->value))
        return false;
    *state =
        (struct rows_state){state->number + 1 + (uint32_t)unzigzag(number), reading->ms};
    return true;
}
