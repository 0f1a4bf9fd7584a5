/* readings_rows.c - see readings_rows.h. */
#include "history/readings_rows.h"

#include "history/reading_mode.h"
#include "history/varint.h"

#include <math.h>
#include <string.h>

enum value_form {
    FORM_WHOLE,
    FORM_DECIMAL,
    FORM_FLOAT,
    FORM_DOUBLE,
    FORM_NAN,
};

enum {
    QUALITY_MASK = 3,
    FLAG_REASON = 4,
    FORM_SHIFT = 4,
    FORM_MASK = 7,
    DECIMALS_MAX = 3, /* tried; more digits take as much as a float */
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

/* How a value is written. */
struct written {
    enum value_form form;
    uint8_t mode;
    uint64_t count;
};

static bool is_decimal(double value, struct written *written)
{
    static const enum count_kind kinds[] = {COUNT_DECIMAL, COUNT_SCALED};

    if (!(fabs(value) <= WHOLE_MAX))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (unsigned power = 0; power <= DECIMALS_MAX; power++) {
            written->mode = mode_make(kinds[i], power);
            if (mode_count(written->mode, value, &written->count))
                return true;
        }
    return false;
}

static struct written form_of(double value)
{
    struct written written = {.form = FORM_NAN};

    if (isnan(value))
        return written;
    if (is_decimal(value, &written))
        written.form = written.mode == 0 ? FORM_WHOLE : FORM_DECIMAL;
    else
        written.form = same_bits((double)(float)value, value) ? FORM_FLOAT : FORM_DOUBLE;
    return written;
}

static size_t put_value(unsigned char *to, const struct written *written, double value)
{
    float narrow = (float)value;
    uint32_t bits;

    switch (written->form) {
    case FORM_DECIMAL:
        *to = written->mode;
        return 1 + varint_put(to + 1, zigzag((int64_t)written->count));
    case FORM_WHOLE:
        return varint_put(to, zigzag((int64_t)written->count));
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
    struct written written = form_of(reading->value);
    bool reason = reading->reason != 0 || reading->detail != 0;
    size_t n = varint_put(to, zigzag((int32_t)(number - state->number - 1)));

    n += varint_put(to + n,
                    zigzag((int64_t)((uint64_t)reading->ms - (uint64_t)state->ms)));
    to[n++] =
        (unsigned char)((reading->quality & QUALITY_MASK) | (reason ? FLAG_REASON : 0) |
                        (unsigned)written.form << FORM_SHIFT);
    if (reason) {
        to[n++] = reading->reason;
        n += varint_put(to + n, reading->detail);
    }
    n += put_value(to + n, &written, reading->value);
    *state = (struct rows_state){number, reading->ms};
    return n;
}

static bool get_decimal(const unsigned char **at, const unsigned char *end, uint8_t mode,
                        double *value)
{
    uint64_t count;

    if (!mode_is_valid(mode) || !varint_get(at, end, &count))
        return false;
    count = (uint64_t)unzigzag(count);
    memcpy(value, &count, sizeof *value);
    mode_values(mode, value, sizeof *value, 1);
    return true;
}

static bool get_value(const unsigned char **at, const unsigned char *end, unsigned form,
                      double *value)
{
    unsigned size = form == FORM_FLOAT ? 4 : form == FORM_DOUBLE ? 8 : 0;
    uint64_t bits;
    uint32_t narrow_bits;
    float narrow;

    *value = NAN;
    if (form == FORM_WHOLE)
        return get_decimal(at, end, 0, value);
    if (form == FORM_DECIMAL) {
        if (*at == end)
            return false;
        (*at)++;
        return get_decimal(at, end, (*at)[-1], value);
    }
    if (form > FORM_NAN || (size_t)(end - *at) < size)
        return false;
    bits = number_get(*at, size);
    *at += size;
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
    if (!get_value(at, end, flags >> FORM_SHIFT & FORM_MASK, &reading->value))
        return false;
    *state =
        (struct rows_state){state->number + 1 + (uint32_t)unzigzag(number), reading->ms};
    return true;
}
