/* table.c - see table.h. */
#include "ctl/table.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

#include <string.h>

enum {
    CELL_MAX = 4096, /* longer cells are left out: no field of the API is */
};

static bool is_wide(const char *character, size_t length)
{
    const unsigned char *s = (const unsigned char *)character;
    unsigned code;

    if (length < 3)
        return false;
    if (length == 4)
        return true;
    code = ((s[0] & 0x0Fu) << 12) | ((s[1] & 0x3Fu) << 6) | (s[2] & 0x3Fu);
    return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
           (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60);
}

size_t table_width(const char *text)
{
    size_t width = 0;

    while (*text != '\0') {
        size_t length = utf8_length(text);

        if (length == 0)
            length = 1;
        width += is_wide(text, length) ? 2 : 1;
        text += length;
    }
    return width;
}

void table_value(const struct json *value, struct text *out)
{
    char digits[NUMBER_SIZE];

    if (value == NULL) {
        text_add(out, "-");
        return;
    }
    switch (json_kind(value)) {
    case JSON_NULL:
        text_add(out, "-");
        break;
    case JSON_BOOL:
        text_add(out, json_truth(value) ? "yes" : "no");
        break;
    case JSON_NUMBER:
        text_add_bytes(out, digits, number_format(digits, json_real(value)));
        break;
    case JSON_STRING:
        text_add(out, json_text(value)[0] == '\0' ? "-" : json_text(value));
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        text_addf(out, "%zu", json_count(value));
        break;
    }
}

static void pad(struct text *out, size_t cells)
{
    for (size_t i = 0; i < cells; i++)
        text_add_char(out, ' ');
}

static void cell(const struct json *item, const struct column *column, struct text *out)
{
    text_init(out, CELL_MAX);
    table_value(json_path(item, column->path), out);
}

void table_print(const struct json *items, const struct column *columns, size_t count,
                 struct text *out)
{
    size_t *widths = mem_array(count, sizeof *widths);
    size_t rows = json_count(items);

    for (size_t c = 0; c < count; c++)
        widths[c] = table_width(columns[c].head);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < count; c++) {
            struct text text;
            size_t width;

            cell(json_item(items, r), &columns[c], &text);
            width = table_width(text.data);
            widths[c] = width > widths[c] ? width : widths[c];
            text_done(&text);
        }
    for (size_t r = 0; r <= rows; r++) {
        for (size_t c = 0; c < count; c++) {
            struct text text;

            if (r == 0) {
                text_init(&text, CELL_MAX);
                text_add(&text, columns[c].head);
            } else {
                cell(json_item(items, r - 1), &columns[c], &text);
            }
            text_add(out, text.data);
            if (c + 1 < count)
                pad(out, widths[c] - table_width(text.data) + 2);
            text_done(&text);
        }
        text_add_char(out, '\n');
    }
    mem_free(widths);
}
