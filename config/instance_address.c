/* instance_address.c - addresses of an instance; see instance_parts.h. */
#include "config/codes.h"
#include "config/formula.h"
#include "config/instance_parts.h"
#include "config/names.h"

enum {
    ADDRESS_MAX = 65535,
    NAMES_MAX = 65, /* parameters of a profile (64) and the number of a row */
};

static const char *formula_hint(const struct maker *maker, const struct err *err,
                                const char *formula, const struct formula_place *place,
                                const struct formula_name *names, size_t count)
{
    const char *candidates[NAMES_MAX];

    if (err->kind != ERR_NOT_FOUND)
        return NULL;
    for (size_t i = 0; i < count; i++)
        candidates[i] = names[i].name;
    return schema_hint(
        maker->reader,
        arena_bytes(maker->reader->arena, formula + place->at, place->length), candidates,
        count, "a formula knows the params of its profile");
}

static bool evaluate(const struct maker *maker, const struct point_body *body,
                     const struct address_body *address, int64_t *value)
{
    const struct profile_settings *profile = &maker->order->profile->settings;
    struct formula_name names[NAMES_MAX];
    size_t count = 0;
    struct formula_place place;
    struct config_pos pos;
    struct err err;

    for (; count < profile->param_count; count++)
        names[count] = (struct formula_name){profile->params[count].name,
                                             maker->order->params[count]};
    if (body->number.name != NULL)
        names[count++] =
            (struct formula_name){body->number.name, (double)body->number_value};
    if (formula_eval(address->formula, names, count, value, &place, &err) == 0)
        return true;
    if (maker->lenient && err.kind != ERR_NOT_FOUND)
        return true;
    pos = config_report_locate(maker->reader->report, address->pos, place.at);
    pos.length = place.length > 0 ? (uint32_t)place.length : 1;
    return maker_fail(maker, CODE(FORMULA), pos, "params",
                      formula_hint(maker, &err, address->formula, &place, names, count),
                      "the address \"%.100s\" of point \"%s\": %s", address->formula,
                      body->settings.name, err.text);
}

/* As it travels in the request: counted from 0. */
static bool number_of(const struct maker *maker, const struct point_body *body,
                      const struct address_body *address, uint16_t *number)
{
    int64_t base = maker->order->profile->settings.base;
    int64_t value = address->number;

    *number = 0;
    if (address->formula != NULL && !evaluate(maker, body, address, &value))
        return false;
    if (value >= base && value <= ADDRESS_MAX) {
        *number = (uint16_t)(value - base);
        return true;
    }
    if (maker->lenient && address->formula != NULL)
        return true;
    if (address->formula == NULL || value == 0)
        return maker_fail(maker, CODE(ADDRESS), body->settings.pos, "params", NULL,
                          "address 0 does not exist when base is 1");
    return maker_fail(maker, CODE(FORMULA), address->pos, "params", NULL,
                      "the address \"%.100s\" of point \"%s\" is %lld, not 0 to %d",
                      address->formula, body->settings.name, (long long)value,
                      ADDRESS_MAX);
}

/* ---- a value is read in one request ---- */

struct span {
    uint32_t first;
    uint32_t last;
};

static void widen(struct span *span, uint32_t first, int64_t registers)
{
    uint32_t last = first + (uint32_t)registers - 1;

    if (first < span->first)
        span->first = first;
    if (last > span->last)
        span->last = last;
}

/* Addresses in messages are those that were written. */
static unsigned written(const struct maker *maker, uint32_t address)
{
    return address + (unsigned)maker->order->profile->settings.base;
}

static bool check_never(const struct maker *maker, const struct point_settings *point,
                        const struct span *span)
{
    const struct profile_settings *profile = &maker->order->profile->settings;

    for (size_t i = 0; i < profile->never_count; i++) {
        const struct never_settings *never = &profile->never[i];

        if (never->table == point->table && never->first <= span->last &&
            never->last >= span->first)
            return maker_fail(maker, CODE(NEVER), point->pos, "params",
                              "a value is read in one request, with all that is between",
                              "point \"%s\" is at %u to %u, and %u to %u are never read",
                              point->name, written(maker, span->first),
                              written(maker, span->last), written(maker, never->first),
                              written(maker, never->last));
    }
    return true;
}

static bool check_span(const struct maker *maker, const struct point_settings *point)
{
    int64_t max = maker->order->profile->settings.max_span;
    struct span span = {UINT32_MAX, 0};

    if (point->word_count == 0)
        widen(&span, point->address, point->registers);
    for (size_t i = 0; i < point->word_count; i++)
        widen(&span, point->words[i], 1);
    if (point->plus.given)
        widen(&span, point->plus.address, value_type_registers(point->plus.type));
    if (maker->lenient)
        return true;
    if (span.last > ADDRESS_MAX)
        return maker_fail(maker, CODE(ADDRESS), point->pos, "params", NULL,
                          "%u registers from %u run past 65535",
                          span.last - span.first + 1, written(maker, span.first));
    if (span.last - span.first + 1 > max)
        return maker_fail(maker, CODE(WORDS), point->pos, "params", NULL,
                          "the registers of point \"%s\" are %u to %u; one request has "
                          "at most %lld",
                          point->name, written(maker, span.first),
                          written(maker, span.last), (long long)max);
    return check_never(maker, point, &span);
}

/* ---- a point ---- */

/* Neighbours in their order are an ordinary address. */
static void set_words(struct point_settings *point, const uint16_t *words, size_t count)
{
    bool neighbours = true;

    point->address = words[0];
    for (size_t i = 0; i < count; i++) {
        point->words[i] = words[i];
        if (words[i] < point->address)
            point->address = words[i];
        neighbours = neighbours && words[i] == words[0] + i;
    }
    point->word_count = neighbours ? 0 : count;
}

bool instance_address(const struct maker *maker, const struct point_body *body,
                      struct point_settings *point)
{
    uint16_t words[POINT_WORDS_MAX];

    if (body->word_count == 0)
        return true; /* an MQTT point */
    for (size_t i = 0; i < body->word_count; i++) {
        if (!number_of(maker, body, &body->words[i], &words[i]))
            return false;
        for (size_t k = 0; k < i && !maker->lenient; k++)
            if (words[k] == words[i])
                return maker_fail(maker, CODE(WORDS), body->words[i].pos, "params", NULL,
                                  "point \"%s\" has the address %u twice", point->name,
                                  written(maker, words[i]));
    }
    set_words(point, words, body->word_count);
    if (body->settings.plus.given &&
        !number_of(maker, body, &body->plus, &point->plus.address))
        return false;
    return check_span(maker, point);
}
