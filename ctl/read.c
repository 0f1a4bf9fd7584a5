/* read.c - facilityctl read: registers of a device, through the daemon.
 *
 * Without a type everything that they could mean stands side by side, and what looks like
 * a measurement is marked, so that a person without a manual sees the order at a glance.
 */
#include "ctl/command.h"

#include "base/json_out.h"
#include "base/mem.h"
#include "ctl/registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    REGISTERS_MAX = 125,
    BITS_MAX = 2000,
    TIMEOUT_MAX_MS = 10 * 1000,
    VALUE_MAX = 2 * REGISTERS_MAX + 3, /* a text */
    BODY_MAX = 1024,
    BITS_A_ROW = 10,
};

struct reading {
    const char *link;
    long unit;
    enum register_table table;
    uint16_t address;
    size_t count;
    int64_t timeout_ms;
    int type; /* -1: all */
    uint16_t cells[BITS_MAX];
    double took_ms;
};

/* --- what is asked ------------------------------------------------------------------ */

static int wrong(const char *what, const char *text, const char *should)
{
    (void)fprintf(stderr, "facilityctl: %s '%s': %s\n", what, text, should);
    return EX_USAGE;
}

static bool is_bits(enum register_table table)
{
    return table == REGISTERS_COIL || table == REGISTERS_DISCRETE;
}

/* A number that is all of the text; -1 when it is none. */
static long whole(const char *text, long low, long high)
{
    char *end;
    long value = strtol(text, &end, 10);

    return end == text || *end != '\0' || value < low || value > high ? -1 : value;
}

static size_t usual_count(const struct reading *reading)
{
    if (is_bits(reading->table))
        return BITS_A_ROW;
    if (reading->type < 0)
        return 2;
    return reading->type == REGISTER_STRING
               ? 8
               : register_type_size((enum register_type)reading->type);
}

static int read_count(const char *text, struct reading *reading)
{
    size_t most = is_bits(reading->table) ? BITS_MAX : REGISTERS_MAX;
    size_t least = reading->type < 0 || is_bits(reading->table)
                       ? 1
                       : register_type_size((enum register_type)reading->type);
    char should[80];
    long count;

    reading->count = usual_count(reading);
    if (text == NULL)
        return EX_OK;
    count = whole(text, least == 0 ? 1 : (long)least, (long)most);
    (void)snprintf(should, sizeof should, "%zu to %zu %s", least == 0 ? 1 : least, most,
                   is_bits(reading->table) ? "bits" : "registers");
    if (count < 0)
        return wrong("count", text, should);
    reading->count = (size_t)count;
    return EX_OK;
}

static void note_reference(const char *text, const struct reading *reading)
{
    (void)fprintf(stderr,
                  "facilityctl: %s is %s number %u: address %u (0x%04X) in the request",
                  text, register_table_name(reading->table), reading->address + 1u,
                  reading->address, reading->address);
    if (text[1] != 'x' && text[1] != 'X' && strtoul(text, NULL, 10) <= UINT16_MAX)
        (void)fprintf(stderr, "; for address %s itself write 0x%04lX", text,
                      strtoul(text, NULL, 10));
    (void)fputc('\n', stderr);
}

static int read_arguments(const struct context *context, size_t count, char **arguments,
                          struct reading *reading)
{
    const char *type = context->options[OPTION_TYPE];
    struct register_address address;
    int table = register_table_find(arguments[2]);

    reading->link = arguments[0];
    reading->unit = whole(arguments[1], 0, 255);
    if (reading->unit < 0)
        return wrong("unit", arguments[1], "0 to 255");
    if (table == 0)
        return wrong("table", arguments[2],
                     "holding, input, coil or discrete (or 3, 4, 1, 2)");
    reading->table = (enum register_table)table;
    if (!register_address_read(arguments[3], reading->table, &address))
        return wrong("address", arguments[3], "0 to 65535, 0x0046, 40071 or 4x00071");
    reading->address = address.address;
    reading->type = type == NULL ? -1 : register_type_find(type);
    if (type != NULL && reading->type < 0)
        return wrong("type", type, option_rows[OPTION_TYPE].meaning);
    if (!command_duration(context, OPTION_TIMEOUT, TIMEOUT_MAX_MS, &reading->timeout_ms))
        return EX_USAGE;
    if (address.reference)
        note_reference(arguments[3], reading);
    return read_count(count > 4 ? arguments[4] : NULL, reading);
}

/* --- the answer --------------------------------------------------------------------- */

static int take_answer(const struct json *document, struct reading *reading)
{
    const struct json *cells = json_member(document, "cells");
    const struct json *took = json_member(document, "took_us");

    if (cells == NULL || json_kind(cells) != JSON_ARRAY ||
        json_count(cells) != reading->count)
        return -1;
    for (size_t i = 0; i < reading->count; i++) {
        const struct json *cell = json_item(cells, i);

        if (json_kind(cell) != JSON_NUMBER)
            return -1;
        reading->cells[i] = (uint16_t)json_real(cell);
    }
    if (took != NULL && json_kind(took) == JSON_NUMBER)
        reading->took_ms = json_real(took) / 1000;
    return 0;
}

static void put_body(const struct reading *reading, struct text *body)
{
    struct json_out json = json_begin(body);

    json_open(&json, '{');
    json_put_int(&json, "unit", reading->unit);
    json_put_string(&json, "table", register_table_name(reading->table));
    json_put_int(&json, "address", reading->address);
    json_put_int(&json, "count", (int64_t)reading->count);
    if (reading->timeout_ms > 0)
        json_put_int(&json, "timeout_ms", reading->timeout_ms);
    json_close(&json, '}');
}

/* --- what is shown ------------------------------------------------------------------ */

static void print_head(const struct reading *reading)
{
    (void)printf("%s, unit %ld: %s %u", reading->link, reading->unit,
                 register_table_name(reading->table), reading->address);
    if (reading->count > 1)
        (void)printf(" to %zu", reading->address + reading->count - 1);
    (void)printf(", answered in %.1f ms\n\n", reading->took_ms);
}

static void print_bits(const struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (i % BITS_A_ROW == 0)
            (void)printf("%5zu  0x%04zX  ", reading->address + i, reading->address + i);
        (void)printf(" %u", reading->cells[i]);
        if (i % BITS_A_ROW == BITS_A_ROW - 1 || i + 1 == reading->count)
            (void)putchar('\n');
    }
}

static void print_registers(const struct reading *reading)
{
    (void)printf("ADDRESS          HEX     U16     S16  TEXT\n");
    for (size_t i = 0; i < reading->count; i++) {
        uint16_t cell = reading->cells[i];
        size_t address = reading->address + i;
        struct text text;

        text_init(&text, VALUE_MAX);
        (void)register_show(REGISTER_STRING, 0, &cell, 1, &text);
        (void)printf("%5zu  0x%04zX  %04X  %6u  %6d  %s\n", address, address, cell, cell,
                     (int16_t)cell, text.data);
        text_done(&text);
    }
}

/* How wide a value of the type is at most, with its star. */
static int width_of(enum register_type type)
{
    return register_type_size(type) > 2 ? 21 : 16;
}

/* What is likely has a star and stands out. */
static void print_value(const char *value, int width, bool likely)
{
    int gap = width - 1 - (int)strlen(value);

    (void)printf("  %s%*s%s%s%s", likely && command_colour() ? "\033[1m" : "",
                 gap > 0 ? gap : 0, "", likely ? "*" : " ", value,
                 likely && command_colour() ? "\033[0m" : "");
}

/* One value in all orders; a star at the one that looks likeliest. Returns whether there
 * is one. */
static bool print_value_orders(enum register_type type, const uint16_t *cells,
                               size_t count)
{
    struct text texts[REGISTER_ORDERS];
    double least = REGISTER_ODD;
    size_t likely = REGISTER_ORDERS;

    for (size_t order = 0; order < REGISTER_ORDERS; order++) {
        double odd;

        text_init(&texts[order], VALUE_MAX);
        odd = register_show(type, order, cells, count, &texts[order]);
        if (odd < least) {
            least = odd;
            likely = order;
        }
    }
    for (size_t order = 0; order < REGISTER_ORDERS; order++) {
        print_value(texts[order].data, width_of(type), order == likely);
        text_done(&texts[order]);
    }
    (void)putchar('\n');
    return likely < REGISTER_ORDERS;
}

static void print_orders(enum register_type type)
{
    (void)printf("ADDRESS  TYPE  ");
    for (size_t i = 0; i < REGISTER_ORDERS; i++)
        (void)printf("  %*s", width_of(type), register_orders[i]);
    (void)putchar('\n');
}

/* The value at each `step` registers, one line. Returns how many look likely. */
static size_t print_type(const struct reading *reading, enum register_type type)
{
    size_t size = register_type_size(type);
    size_t marked = 0;

    if (size == 0)
        size = reading->count;
    for (size_t i = 0; i + size <= reading->count; i += size) {
        (void)printf("%7zu  %-6s", reading->address + i, register_type_name(type));
        marked += print_value_orders(type, reading->cells + i, size);
    }
    return marked;
}

/* Types of the same width below one head. */
static size_t print_types(const struct reading *reading, const enum register_type *types,
                          size_t count)
{
    size_t marked = 0;

    if (reading->count < register_type_size(types[0]))
        return 0;
    (void)putchar('\n');
    print_orders(types[0]);
    for (size_t i = 0; i < count; i++)
        marked += print_type(reading, types[i]);
    return marked;
}

static void print_all_types(const struct reading *reading)
{
    static const enum register_type two[] = {REGISTER_U32, REGISTER_S32, REGISTER_F32};
    static const enum register_type four[] = {REGISTER_U64, REGISTER_S64, REGISTER_F64};
    size_t marked;

    print_registers(reading);
    marked = print_types(reading, two, 3);
    marked += print_types(reading, four, 3);
    if (marked > 0)
        (void)printf("\n* the likeliest of its row, if it is such a number at all\n");
}

static void show(const struct reading *reading)
{
    print_head(reading);
    if (is_bits(reading->table)) {
        print_bits(reading);
    } else if (reading->type < 0) {
        print_all_types(reading);
    } else {
        print_orders((enum register_type)reading->type);
        (void)print_type(reading, (enum register_type)reading->type);
    }
}

int command_read(struct context *context, size_t count, char **arguments)
{
    struct reading *reading = mem_alloc(sizeof *reading);
    struct json *document = NULL;
    struct text body;
    struct text answer;
    char *path = NULL;
    int code = read_arguments(context, count, arguments, reading);

    if (code != EX_OK)
        goto out;
    text_init(&body, BODY_MAX);
    put_body(reading, &body);
    path = command_path("/api/v1/links/", reading->link, "/read");
    code = command_fetch(context, path, body.data, &answer, &document);
    if (client_status(context->client) == 502)
        code = EX_PROTOCOL;
    if (document != NULL && take_answer(document, reading) == 0)
        show(reading);
    json_free(document);
    text_done(&answer);
    text_done(&body);
out:
    mem_free(path);
    mem_free(reading);
    return code;
}
