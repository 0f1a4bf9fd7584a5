/* units.c - see units.h. */
#include "rules/units.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct symbol {
    const char *name;
    double factor;
    int8_t powers[UNIT_BASES]; /* m kg s A K */
    bool prefixes;             /* k, M, m and so on may stand before it */
} symbols[] = {
    {"m", 1, {1, 0, 0, 0, 0}, true},
    {"ft", 0.3048, {1, 0, 0, 0, 0}, false},
    {"l", 1e-3, {3, 0, 0, 0, 0}, true},
    {"L", 1e-3, {3, 0, 0, 0, 0}, true},
    {"gal", 3.785411784e-3, {3, 0, 0, 0, 0}, false},
    {"g", 1e-3, {0, 1, 0, 0, 0}, true},
    {"t", 1e3, {0, 1, 0, 0, 0}, false},
    {"s", 1, {0, 0, 1, 0, 0}, true},
    {"min", 60, {0, 0, 1, 0, 0}, false},
    {"h", 3600, {0, 0, 1, 0, 0}, false},
    {"d", 86400, {0, 0, 1, 0, 0}, false},
    {"Hz", 1, {0, 0, -1, 0, 0}, true},
    {"rpm", 1.0 / 60, {0, 0, -1, 0, 0}, false},
    {"A", 1, {0, 0, 0, 1, 0}, true},
    {"Ah", 3600, {0, 0, 1, 1, 0}, true},
    {"V", 1, {2, 1, -3, -1, 0}, true},
    {"ohm", 1, {2, 1, -3, -2, 0}, true},
    {"Ω", 1, {2, 1, -3, -2, 0}, true},
    {"W", 1, {2, 1, -3, 0, 0}, true},
    {"VA", 1, {2, 1, -3, 0, 0}, true},
    {"var", 1, {2, 1, -3, 0, 0}, true},
    {"J", 1, {2, 1, -2, 0, 0}, true},
    {"Wh", 3600, {2, 1, -2, 0, 0}, true},
    {"VAh", 3600, {2, 1, -2, 0, 0}, true},
    {"varh", 3600, {2, 1, -2, 0, 0}, true},
    {"N", 1, {1, 1, -2, 0, 0}, true},
    {"Pa", 1, {-1, 1, -2, 0, 0}, true},
    {"bar", 1e5, {-1, 1, -2, 0, 0}, true},
    {"psi", 6894.757293, {-1, 1, -2, 0, 0}, false},
    {"K", 1, {0, 0, 0, 0, 1}, true},
    {"°C", 1, {0, 0, 0, 0, 1}, false},
    {"degC", 1, {0, 0, 0, 0, 1}, false},
    {"°F", 5.0 / 9, {0, 0, 0, 0, 1}, false},
    {"%", 0.01, {0, 0, 0, 0, 0}, false},
    {"ppm", 1e-6, {0, 0, 0, 0, 0}, false},
    {"1", 1, {0, 0, 0, 0, 0}, false},
};

static const struct prefix {
    const char *name;
    double factor;
} prefixes[] = {
    {"n", 1e-9}, {"u", 1e-6}, {"µ", 1e-6}, {"m", 1e-3}, {"c", 1e-2},
    {"d", 1e-1}, {"h", 1e2},  {"k", 1e3},  {"M", 1e6},  {"G", 1e9},
};

static const struct symbol *find_symbol(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        if (strlen(symbols[i].name) == length &&
            memcmp(symbols[i].name, name, length) == 0)
            return &symbols[i];
    return NULL;
}

/* A symbol with or without a prefix; the whole name goes first: "min" is a minute. */
static struct measure measure_of_name(const char *name, size_t length)
{
    const struct symbol *symbol = find_symbol(name, length);
    struct measure measure = {.known = symbol != NULL, .factor = 1};

    for (size_t i = 0; symbol == NULL && i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t skip = strlen(prefixes[i].name);

        if (skip >= length || memcmp(prefixes[i].name, name, skip) != 0)
            continue;
        symbol = find_symbol(name + skip, length - skip);
        if (symbol != NULL && !symbol->prefixes)
            symbol = NULL;
        measure.known = symbol != NULL;
        measure.factor = prefixes[i].factor;
    }
    if (symbol == NULL)
        return (struct measure){0};
    memcpy(measure.powers, symbol->powers, sizeof measure.powers);
    measure.factor *= symbol->factor;
    return measure;
}

static struct measure measure_power(struct measure measure, int power)
{
    struct measure result = {.known = measure.known, .factor = 1};

    for (int i = 0; i < power; i++)
        result = measure_times(result, measure);
    return result;
}

/* One factor, "m3" or "m³": a name and an exponent. */
static struct measure measure_of_factor(const char *text, size_t length)
{
    int power = 1;

    if (length > 2 && memcmp(text + length - 2, "²", 2) == 0) {
        power = 2;
        length -= 2;
    } else if (length > 2 && memcmp(text + length - 2, "³", 2) == 0) {
        power = 3;
        length -= 2;
    } else if (length > 1 && (text[length - 1] == '2' || text[length - 1] == '3')) {
        power = text[length - 1] - '0';
        length--;
    }
    return measure_power(measure_of_name(text, length), power);
}

/* Bytes up to the next sign between factors. */
static size_t factor_length(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0' && strchr("/*. ", text[length]) == NULL &&
           strncmp(text + length, "·", 2) != 0)
        length++;
    return length;
}

struct measure measure_of(const char *unit)
{
    struct measure result = {.known = true, .factor = 1};
    bool over = false;

    if (unit[0] == '\0')
        return (struct measure){0};
    for (;;) {
        size_t length = factor_length(unit);
        struct measure factor = measure_of_factor(unit, length);

        result = over ? measure_over(result, factor) : measure_times(result, factor);
        unit += length;
        if (unit[0] == '\0' || !result.known)
            return result;
        over = unit[0] == '/';
        unit += unit[0] == '\xC2' ? 2 : 1;
    }
}

static struct measure combine(struct measure a, struct measure b, int sign)
{
    struct measure result = {.known = a.known && b.known};

    if (!result.known)
        return result;
    for (size_t i = 0; i < UNIT_BASES; i++)
        result.powers[i] = (int8_t)(a.powers[i] + sign * b.powers[i]);
    result.factor = sign > 0 ? a.factor * b.factor : a.factor / b.factor;
    return result;
}

struct measure measure_times(struct measure a, struct measure b)
{
    return combine(a, b, 1);
}

struct measure measure_over(struct measure a, struct measure b)
{
    return combine(a, b, -1);
}

enum measure_fit measure_fit(struct measure a, struct measure b)
{
    if (!a.known || !b.known)
        return MEASURE_FITS;
    if (memcmp(a.powers, b.powers, sizeof a.powers) != 0)
        return MEASURE_OTHER;
    return fabs(a.factor / b.factor - 1) < 1e-9 ? MEASURE_FITS : MEASURE_SCALE;
}

const char *units_per(const char *unit, const char *time, char out[UNIT_TEXT_MAX])
{
    (void)snprintf(out, UNIT_TEXT_MAX, "%s/%s", unit, time);
    return out;
}

const char *units_times_hour(const char *unit, char out[UNIT_TEXT_MAX])
{
    size_t length = strlen(unit);

    if (length > 2 && strcmp(unit + length - 2, "/h") == 0)
        (void)snprintf(out, UNIT_TEXT_MAX, "%.*s", (int)length - 2, unit);
    else
        (void)snprintf(out, UNIT_TEXT_MAX, "%sh", unit); /* kWh, Ah */
    return out;
}
