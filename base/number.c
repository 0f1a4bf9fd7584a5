/* number.c - see number.h. */
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t put_unsigned(char *out, uint64_t value)
{
    char digits[20];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    out[count] = '\0';
    return count;
}

size_t number_format_int(char out[NUMBER_SIZE], int64_t value)
{
    if (value >= 0)
        return put_unsigned(out, (uint64_t)value);
    out[0] = '-';
    return 1 + put_unsigned(out + 1, -(uint64_t)value);
}

/* `scaled` is value * 10^decimals, a whole number. */
static size_t put_decimal(char *out, uint64_t scaled, int decimals)
{
    uint64_t unit = 1;
    size_t length;

    while (decimals > 0 && scaled % 10 == 0) {
        scaled /= 10;
        decimals--;
    }
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    length = put_unsigned(out, scaled / unit);
    if (decimals == 0)
        return length;
    out[length++] = '.';
    for (uint64_t rest = scaled % unit, u = unit / 10; u > 0; u /= 10)
        out[length++] = (char)('0' + rest / u % 10);
    out[length] = '\0';
    return length;
}

/* Up to six decimals and 2^53 in all: m / 10^k with both exact in a double is correctly
 * rounded, so comparing it with the value proves that the text reads back the same. */
static size_t format_short(char *out, double magnitude)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

    for (int decimals = 0; decimals <= 6; decimals++) {
        double scaled = nearbyint(magnitude * powers[decimals]);

        if (scaled > 9007199254740992.0)
            return 0;
        if (scaled / powers[decimals] == magnitude)
            return put_decimal(out, (uint64_t)scaled, decimals);
    }
    return 0;
}

size_t number_format(char out[NUMBER_SIZE], double value)
{
    size_t sign = signbit(value) != 0 ? 1 : 0;
    size_t length;

    out[0] = '-';
    length = format_short(out + sign, fabs(value));
    if (length > 0)
        return sign + length;
    for (int digits = 15; digits <= 17; digits++) {
        length = (size_t)snprintf(out, NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return length;
}
