/* number.c - see number.h.
 *
 * A double is fraction / 2^shift with a fraction of 53 bits. Between 1e-5 and 2^53 and
 * with at most 21 decimals, fraction * 10^decimals stays below 2^123, so rounding to a
 * number of digits and the question "does this text still read back as the same value"
 * are exact in 128-bit integers.
 */
#include "base/number.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGNITUDE_MIN 1e-5
#define MAGNITUDE_END 9007199254740992.0 /* 2^53: from here on a double is whole */

enum {
    FRACTION_BITS = 53,
    FLOAT_BITS = 24,
};

struct binary {
    uint64_t fraction; /* 2^52 <= fraction < 2^53 */
    int shift;         /* 0 to 69 */
    int exponent10;    /* 10^exponent10 <= value, up to the rounding of the table below */
};

struct decimal {
    uint64_t digits; /* value = digits / 10^decimals */
    int decimals;    /* negative: zeros in front of the point */
};

static const uint64_t whole_powers[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

static unsigned __int128 power10(int exponent)
{
    assert(exponent >= 0 && exponent <= 22);
    if (exponent <= 19)
        return whole_powers[exponent];
    return (unsigned __int128)whole_powers[19] * whole_powers[exponent - 19];
}

/* Writes the digits without a terminator, two at a time. */
static size_t put_digits(char *out, uint64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char digits[20];
    size_t at = sizeof digits;

    while (value >= 100) {
        at -= 2;
        memcpy(digits + at, pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        at -= 2;
        memcpy(digits + at, pairs + value * 2, 2);
    } else {
        digits[--at] = (char)('0' + value);
    }
    memcpy(out, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

size_t number_format_int(char out[NUMBER_SIZE], int64_t value)
{
    size_t length = 0;

    if (value < 0)
        out[length++] = '-';
    length += put_digits(out + length, value < 0 ? -(uint64_t)value : (uint64_t)value);
    out[length] = '\0';
    return length;
}

static bool is_moderate(double magnitude)
{
    return magnitude >= MAGNITUDE_MIN && magnitude < MAGNITUDE_END;
}

static struct binary take_apart(double magnitude)
{
    static const double powers[] = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1,    1e1,
                                    1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                    1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    struct binary binary;
    uint64_t bits;
    int exponent2;

    memcpy(&bits, &magnitude, sizeof bits);
    exponent2 = (int)(bits >> 52) - 1023;
    binary.fraction = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    binary.shift = 52 - exponent2;
    /* 315653 / 2^20 is log10(2); 17 keeps the dividend positive. */
    binary.exponent10 = (exponent2 + 17) * 315653 / (1 << 20) - 6;
    while (binary.exponent10 < 15 && powers[binary.exponent10 + 1 + 5] <= magnitude)
        binary.exponent10++;
    return binary;
}

/* dividend / 2^shift, rounded half to even. */
static uint64_t shift_round(unsigned __int128 dividend, int shift)
{
    unsigned __int128 half = shift == 0 ? 0 : (unsigned __int128)1 << (shift - 1);
    unsigned __int128 rest = dividend - (dividend >> shift << shift);
    uint64_t quotient = (uint64_t)(dividend >> shift);

    if (shift > 0 && (rest > half || (rest == half && quotient % 2 == 1)))
        quotient++;
    return quotient;
}

static uint64_t divide_round(unsigned __int128 dividend, unsigned __int128 divisor)
{
    uint64_t quotient = (uint64_t)(dividend / divisor);
    unsigned __int128 rest = dividend % divisor;

    if (rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 == 1))
        quotient++;
    return quotient;
}

static struct decimal round_to(struct binary binary, int significant)
{
    struct decimal decimal = {.decimals = significant - 1 - binary.exponent10};

    if (decimal.decimals >= 0)
        decimal.digits =
            shift_round(binary.fraction * power10(decimal.decimals), binary.shift);
    else
        decimal.digits =
            divide_round(binary.fraction, power10(-decimal.decimals) << binary.shift);
    return decimal;
}

/* Drops digits while the text still reads back as the same value of `bits` bits. Starts
 * from all the digits that may be needed; the fewest that are tried is `fewest`. */
static struct decimal shorten(struct binary binary, struct decimal full, int fewest,
                              int significant, int bits)
{
    bool is_power = binary.fraction == UINT64_C(1) << (FRACTION_BITS - 1);
    unsigned __int128 exact;
    unsigned __int128 unit;

    if (full.decimals < 0)
        return full;
    unit = power10(full.decimals);
    exact = binary.fraction * unit;
    unit <<= FRACTION_BITS - bits; /* the distance to the neighbour above */
    for (int digits = fewest; digits < significant; digits++) {
        uint64_t step = whole_powers[significant - digits];
        uint64_t rounded = (full.digits + step / 2) / step * step;
        unsigned __int128 scaled = (unsigned __int128)rounded << binary.shift;
        unsigned __int128 error = scaled > exact ? scaled - exact : exact - scaled;

        /* Below a power of two the neighbour is half as far away. */
        if (error * (scaled < exact && is_power ? 4 : 2) < unit)
            return (struct decimal){rounded, full.decimals};
    }
    return full;
}

static struct decimal without_zeros(struct decimal decimal)
{
    while (decimal.digits % 10000 == 0 && decimal.digits != 0) {
        decimal.digits /= 10000;
        decimal.decimals -= 4;
    }
    while (decimal.digits % 10 == 0 && decimal.digits != 0) {
        decimal.digits /= 10;
        decimal.decimals--;
    }
    return decimal;
}

static size_t put_decimal(char *out, struct decimal decimal)
{
    char digits[20];
    size_t count;
    size_t length = 0;

    decimal = without_zeros(decimal);
    count = put_digits(digits, decimal.digits);
    if (decimal.decimals <= 0) {
        memcpy(out, digits, count);
        length = count;
        for (int i = decimal.decimals; i < 0; i++)
            out[length++] = '0';
    } else if ((size_t)decimal.decimals < count) {
        length = count - (size_t)decimal.decimals;
        memcpy(out, digits, length);
        out[length] = '.';
        memcpy(out + length + 1, digits + length, (size_t)decimal.decimals);
        length = count + 1;
    } else {
        out[length++] = '0';
        out[length++] = '.';
        for (size_t i = count; i < (size_t)decimal.decimals; i++)
            out[length++] = '0';
        memcpy(out + length, digits, count);
        length += count;
    }
    out[length] = '\0';
    return length;
}

/* Zero and the whole numbers below `end`. 0 when it is none of these. */
static size_t put_whole(char *out, double magnitude, double end)
{
    uint64_t whole;
    size_t length;

    if (!(magnitude < end))
        return 0;
    whole = (uint64_t)magnitude;
    if ((double)whole != magnitude)
        return 0;
    length = put_digits(out, whole);
    out[length] = '\0';
    return length;
}

/* Puts the sign in front; returns where the magnitude goes. */
static size_t put_sign(char *out, double value)
{
    out[0] = '-';
    return signbit(value) != 0 ? 1 : 0;
}

size_t number_format(char out[NUMBER_SIZE], double value)
{
    double magnitude = fabs(value);
    size_t sign = put_sign(out, value);
    size_t length = put_whole(out + sign, magnitude, MAGNITUDE_END);

    if (length > 0)
        return sign + length;
    if (is_moderate(magnitude)) {
        struct binary binary = take_apart(magnitude);
        struct decimal full = round_to(binary, NUMBER_DIGITS_DOUBLE);

        return sign +
               put_decimal(out + sign, shorten(binary, full, 15, NUMBER_DIGITS_DOUBLE,
                                               FRACTION_BITS));
    }
    for (int digits = 15; digits <= NUMBER_DIGITS_DOUBLE; digits++) {
        length = (size_t)snprintf(out, NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return length;
}

/* The rare magnitudes, with an exponent. */
static size_t format_digits_far(char *out, double value, int significant)
{
    int first = significant;

    if (significant == NUMBER_DIGITS_FLOAT && fabs(value) <= (double)FLT_MAX &&
        (double)(float)value == value)
        first = 6;
    for (int digits = first;; digits++) {
        size_t length = (size_t)snprintf(out, NUMBER_SIZE, "%.*g", digits, value);

        if (digits < significant && (double)strtof(out, NULL) != value)
            continue;
        /* Rounded up, the largest doubles would become infinite. */
        return isfinite(strtod(out, NULL)) ? length : number_format(out, value);
    }
}

size_t number_format_digits(char out[NUMBER_SIZE], double value, int significant)
{
    double magnitude = fabs(value);
    size_t sign = put_sign(out, value);
    struct binary binary;
    struct decimal decimal;
    size_t length;

    assert(significant >= 1);
    if (significant >= NUMBER_DIGITS_DOUBLE)
        return number_format(out, value);
    length = put_whole(out + sign, magnitude, (double)whole_powers[significant]);
    if (length > 0)
        return sign + length;
    if (!is_moderate(magnitude))
        return format_digits_far(out, value, significant);
    binary = take_apart(magnitude);
    if (significant == NUMBER_DIGITS_FLOAT && (double)(float)magnitude == magnitude) {
        decimal = round_to(binary, NUMBER_DIGITS_FLOAT);
        decimal = shorten(binary, decimal, 6, NUMBER_DIGITS_FLOAT, FLOAT_BITS);
    } else {
        decimal = round_to(binary, significant);
    }
    return sign + put_decimal(out + sign, decimal);
}
