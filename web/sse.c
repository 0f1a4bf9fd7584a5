/* sse.c - see sse.h. */
#include "web/sse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *sse_format_id(const struct sse_cursor *cursor, char out[SSE_ID_SIZE])
{
    (void)snprintf(out, SSE_ID_SIZE, "%" PRIx64 ".%" PRIx64 ".%" PRIx64 ".%" PRIx64,
                   cursor->run, cursor->generation, cursor->live, cursor->feed);
    return out;
}

/* One hexadecimal number of 1 to 16 lower-case digits. */
static const char *take_hex(const char *text, uint64_t *value)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strspn(text, digits);

    if (length == 0 || length > 16)
        return NULL;
    *value = 0;
    for (size_t i = 0; i < length; i++)
        *value = *value << 4 | (uint64_t)(strchr(digits, text[i]) - digits);
    return text + length;
}

bool sse_parse_id(const char *text, struct sse_cursor *cursor)
{
    uint64_t parts[4];

    for (size_t i = 0; i < 4; i++) {
        text = take_hex(text, &parts[i]);
        if (text == NULL || *text != (i < 3 ? '.' : '\0'))
            return false;
        text++;
    }
    *cursor = (struct sse_cursor){parts[0], parts[1], parts[2], parts[3]};
    return true;
}

void sse_event(struct text *out, const char *name, const struct sse_cursor *cursor,
               const char *data)
{
    char id[SSE_ID_SIZE];

    text_add(out, "event: ");
    text_add(out, name);
    if (cursor != NULL) {
        text_add(out, "\nid: ");
        text_add(out, sse_format_id(cursor, id));
    }
    do {
        size_t line = strcspn(data, "\r\n");

        text_add(out, "\ndata: ");
        text_add_bytes(out, data, line);
        data += line;
        data += data[0] == '\r' && data[1] == '\n' ? 2 : data[0] != '\0' ? 1 : 0;
    } while (*data != '\0');
    text_add(out, "\n\n");
}
