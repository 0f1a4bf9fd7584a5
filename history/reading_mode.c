/* reading_mode.c - see reading_mode.h. */
#include "history/reading_mode.h"

#include <math.h>
#include <string.h>

/* Both are the nearest doubles: dividing by the one is not multiplying by the other. */
static const double powers[MODE_POWER_MAX + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
static const double scales[MODE_POWER_MAX + 1] = {1,    1e-1, 1e-2, 1e-3,
                                                  1e-4, 1e-5, 1e-6, 1e-7};

#define COUNT_MAX 4503599627370496.0 /* 2^52: every whole number below is a double */

enum {
    /* Beyond, a decimal takes as many bytes as the float it came from. */
    SHORT_POWER_MAX = 4,
};

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The bits of a number as a whole number that grows with it: negative ones count down
 * from -1. Its own inverse. */
static int32_t ordered32(int32_t bits)
{
    return bits < 0 ? bits ^ INT32_MAX : bits;
}

static int64_t ordered64(int64_t bits)
{
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

static uint64_t float_count(float value)
{
    int32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (uint64_t)(int64_t)ordered32(bits);
}

static float float_of(uint64_t count)
{
    int32_t bits = ordered32((int32_t)(uint32_t)count);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static double value_of(uint8_t mode, uint64_t count)
{
    unsigned power = mode % 8;

    switch ((enum count_kind)(mode / 8)) {
    case COUNT_DECIMAL:
        return (double)(int64_t)count / powers[power];
    case COUNT_SCALED:
        return (double)(int64_t)count * scales[power];
    case COUNT_SHORT:
        return (double)(float)((double)(int64_t)count / powers[power]);
    case COUNT_FLOAT:
        return (double)float_of(count);
    case COUNT_FLOAT_SCALED:
        return (double)float_of(count) * scales[power];
    case COUNT_DOUBLE:
    case COUNT_KINDS:
        break;
    }
    return double_of((uint64_t)ordered64((int64_t)count));
}

bool mode_count(uint8_t mode, double value, uint64_t *count)
{
    unsigned power = mode % 8;
    double number = value;

    switch ((enum count_kind)(mode / 8)) {
    case COUNT_DECIMAL:
    case COUNT_SCALED:
    case COUNT_SHORT:
        number = value * powers[power];
        if (!(fabs(number) < COUNT_MAX))
            return false;
        *count = (uint64_t)llrint(number);
        break;
    case COUNT_FLOAT_SCALED:
        number = value * powers[power];
        *count = float_count((float)number);
        break;
    case COUNT_FLOAT:
        *count = float_count((float)value);
        break;
    case COUNT_DOUBLE:
    case COUNT_KINDS:
        *count = (uint64_t)ordered64((int64_t)bits_of(value));
        return true;
    }
    return bits_of(value_of(mode, *count)) == bits_of(value);
}

uint8_t mode_choose(double value)
{
    static const struct {
        enum count_kind kind;
        unsigned first;
        unsigned last;
    } tries[] = {
        {COUNT_DECIMAL, 0, MODE_POWER_MAX}, {COUNT_SCALED, 1, MODE_POWER_MAX},
        {COUNT_SHORT, 1, SHORT_POWER_MAX},  {COUNT_FLOAT, 0, 0},
        {COUNT_FLOAT_SCALED, 1, 6},
    };
    uint64_t count;

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        for (unsigned power = tries[i].first; power <= tries[i].last; power++)
            if (mode_count(mode_make(tries[i].kind, power), value, &count))
                return mode_make(tries[i].kind, power);
    return mode_make(COUNT_DOUBLE, 0);
}

#define IN_PLACE(VALUE)                                                                  \
    for (size_t i = 0; i < count; i++) {                                                 \
        double *at = (void *)((char *)first + i * stride);                               \
        uint64_t n = bits_of(*at);                                                       \
        *at = (VALUE);                                                                   \
    }                                                                                    \
    break

/* One loop for each kind, so that none has to ask. */
void mode_values(uint8_t mode, double *first, size_t stride, size_t count)
{
    double power = powers[mode % 8];
    double scale = scales[mode % 8];

    switch ((enum count_kind)(mode / 8)) {
    case COUNT_DECIMAL:
        if (mode % 8 == 0) {
            IN_PLACE((double)(int64_t)n);
        }
        IN_PLACE((double)(int64_t)n / power);
    case COUNT_SCALED:
        IN_PLACE((double)(int64_t)n * scale);
    case COUNT_SHORT:
        IN_PLACE((double)(float)((double)(int64_t)n / power));
    case COUNT_FLOAT:
        IN_PLACE((double)float_of(n));
    case COUNT_FLOAT_SCALED:
        IN_PLACE((double)float_of(n) * scale);
    case COUNT_DOUBLE:
    case COUNT_KINDS:
        IN_PLACE(double_of((uint64_t)ordered64((int64_t)n)));
    }
}
