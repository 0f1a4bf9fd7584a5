/* sections_where.c - where a Modbus value is: addresses, parts, bits; see point_rows.h.
 */
#include "config/codes.h"
#include "config/names.h"
#include "config/point_rows.h"

#include <string.h>

enum {
    ADDRESS_MAX = 65535,
};

/* ---- tables ---- */

enum modbus_table point_table(const char *key)
{
    static const char *const keys[] = {
        [TABLE_NONE] = "",
        [TABLE_COIL] = "coil",
        [TABLE_DISCRETE] = "discrete",
        [TABLE_INPUT] = "input",
        [TABLE_HOLDING] = "holding",
    };

    for (int table = TABLE_COIL; table <= TABLE_HOLDING; table++)
        if (strcmp(keys[table], key) == 0)
            return (enum modbus_table)table;
    return TABLE_NONE;
}

bool point_is_modbus(const struct node *point)
{
    if (point->kind != NODE_GROUP)
        return false;
    for (size_t i = 0; i < point->count; i++)
        if (point_table(point->children[i].name) != TABLE_NONE)
            return true;
    return false;
}

/* Manuals write 40001 for holding register 0, 30001 for input register 0. */
static void warn_modicon(struct reader *reader, const char *key, const struct node *node,
                         enum modbus_table table)
{
    static const int first[] = {
        [TABLE_DISCRETE] = 10001, [TABLE_INPUT] = 30001, [TABLE_HOLDING] = 40001};
    int64_t from = table == TABLE_COIL ? 0 : first[table];

    if (from == 0 || node->integer < from || node->integer > from + 9998)
        return;
    config_report_add(reader->report, REPORT_WARNING, CODE(W_MODICON), node->pos,
                      arena_format(reader->arena, "then write %s = %lld", key,
                                   (long long)(node->integer - from)),
                      "%lld looks like a reference number of the manual",
                      (long long)node->integer);
}

/* ---- addresses ---- */

static bool is_plain_number(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789xXabcdefABCDEF ")] == '\0' &&
           text[0] >= '0' && text[0] <= '9';
}

static bool read_formula(struct reader *reader, const struct scope *scope,
                         const char *key, const struct node *node,
                         struct address_body *address)
{
    if (!schema_text(reader, scope, key, node, &address->formula))
        return false;
    if (is_plain_number(node->string)) /* no formula, but a number in quotes */
        return schema_want(reader, scope, key, node, NODE_INT);
    address->pos.column++; /* behind the quote */
    return true;
}

static bool read_word(struct reader *reader, const struct scope *scope, const char *key,
                      const struct node *node, struct address_body *address)
{
    *address = (struct address_body){.pos = node->pos};
    if (node->kind == NODE_STRING)
        return read_formula(reader, scope, key, node, address);
    if (!schema_want(reader, scope, key, node, NODE_INT))
        return false;
    if (node->integer < 0 || node->integer > ADDRESS_MAX)
        return schema_fail(reader, CODE(ADDRESS), node->pos,
                           node->integer > 400000 && node->integer <= 465536
                               ? "the address in the request counts from 0"
                               : NULL,
                           "a Modbus address is 0 to %d, not %lld", ADDRESS_MAX,
                           (long long)node->integer);
    address->number = node->integer;
    warn_modicon(reader, key, node, point_table(key));
    return true;
}

static bool read_words(struct reader *reader, const struct scope *scope, const char *key,
                       const struct node *node, struct point_body *point)
{
    if (node->count < 2 || node->count > POINT_WORDS_MAX)
        return schema_fail(reader, CODE(WORDS), node->pos,
                           "such as (311, 340), the first word first",
                           "a list of addresses has one for each register of the value, "
                           "2 to %d",
                           POINT_WORDS_MAX);
    for (size_t i = 0; i < node->count; i++)
        if (!read_word(reader, scope, key, &node->children[i], &point->words[i]))
            return false;
    point->word_count = node->count;
    return true;
}

bool point_read_address(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;

    if (point->settings.table != TABLE_NONE)
        return schema_fail(reader, CODE(TABLE), node->key, NULL,
                           "a point has one of coil, discrete, input, holding");
    point->settings.table = point_table(row->key);
    point->word_count = 1;
    if (node->kind == NODE_LIST)
        return read_words(reader, scope, row->key, node, point);
    return read_word(reader, scope, row->key, node, &point->words[0]);
}

/* ---- the second part of a value ---- */

struct plus_draft {
    struct plus_settings settings;
    struct address_body address;
    enum modbus_table table;
};

static schema_parse read_plus_address;

/* clang-format off */
static const struct schema_row plus_rows[] = {
    CONFIG_CUSTOM("input", CONFIG_OPTIONAL, read_plus_address, "address",
                  "Where it is, when the point is in input registers."),
    CONFIG_CUSTOM("holding", CONFIG_OPTIONAL, read_plus_address, "address",
                  "Where it is, when the point is in holding registers."),
    CONFIG_CHOICE(struct plus_draft, settings.type, "type", "u16", value_type_words,
                  "How it is written there."),
    CONFIG_CHOICE(struct plus_draft, settings.order, "order", CONFIG_OPTIONAL, word_order_words,
                  "Order of its bytes; the point's when not given."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section plus_section = {
    .name = "plus",
    .path = "plus",
    .rows = plus_rows,
    .doc = "The second part of a value, added to the first before scaling. Both are read "
           "in one request.",
};

static bool read_plus_address(struct reader *reader, const struct scope *scope,
                              const struct schema_row *row, const struct node *node,
                              void *out)
{
    struct plus_draft *plus = out;

    if (plus->table != TABLE_NONE)
        return schema_fail(reader, CODE(TABLE), node->key, NULL,
                           "\"plus\" has one of input and holding");
    plus->table = point_table(row->key);
    return read_word(reader, scope, row->key, node, &plus->address);
}

static bool check_plus(struct reader *reader, const struct node *node,
                       const struct point_body *point, const struct plus_draft *plus)
{
    if (plus->table == TABLE_NONE)
        return schema_fail(reader, CODE(TABLE), node->pos, NULL,
                           "\"plus\" needs one of input and holding");
    if (point->settings.table != TABLE_NONE && point->settings.table != plus->table)
        return schema_fail(reader, CODE(TABLE), node->pos, NULL,
                           "both parts of a value are in one table, read in one request");
    if (value_type_registers(plus->settings.type) == 0)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"), NULL,
                           "the type of \"plus\" is a number of registers");
    return true;
}

bool point_read_plus(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;
    struct plus_draft plus = {0};

    (void)row;
    if (!schema_read(reader, &plus_section, scope, node, &plus) ||
        !check_plus(reader, node, point, &plus))
        return false;
    point->settings.plus = plus.settings;
    point->settings.plus.given = true;
    point->plus = plus.address;
    return true;
}

/* ---- bits ---- */

bool point_read_bits(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = &((struct point_body *)out)->settings;

    (void)scope;
    if (node->kind != NODE_LIST || node->count != 2 ||
        node->children[0].kind != NODE_INT || node->children[1].kind != NODE_INT)
        return schema_fail(reader, CODE(TYPE), node->pos, "such as (8, 11)",
                           "\"%s\" must be two integers", row->key);
    point->bit_low = node->children[0].integer;
    point->bit_high = node->children[1].integer;
    if (point->bit_low < 0 || point->bit_high > 63 || point->bit_low > point->bit_high)
        return schema_fail(reader, CODE(BITS), node->pos,
                           point->bit_low > point->bit_high ? "swap them" : NULL,
                           "\"bits\" are the lowest and the highest, within 0 to 63");
    return true;
}
