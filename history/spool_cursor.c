/* spool_cursor.c - see spool_cursor.h. */
#include "history/spool_cursor.h"

#include "base/crc32c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char first_line[] = "facilityd spool 1\n";

bool spool_before(struct spool_position a, struct spool_position b)
{
    return a.segment < b.segment || (a.segment == b.segment && a.offset < b.offset);
}

bool spool_same(struct spool_position a, struct spool_position b)
{
    return a.segment == b.segment && a.offset == b.offset;
}

void spool_cursor_print(const struct spool_cursor *cursor, struct text *out)
{
    text_add(out, first_line);
    for (size_t i = 0; i < cursor->count; i++)
        text_addf(out, "unsent %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                  cursor->ranges[i].start.segment, cursor->ranges[i].start.offset,
                  cursor->ranges[i].end.segment, cursor->ranges[i].end.offset);
    text_addf(out, "fresh %" PRIu64 " %" PRIu64 "\n", cursor->fresh.segment,
              cursor->fresh.offset);
    text_addf(out, "crc %08" PRIx32 "\n", crc32c(0, out->data, out->length));
}

static bool read_word(const char **at, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool read_number(const char **at, uint64_t *value)
{
    const char *start;

    if (!read_word(at, " "))
        return false;
    *value = 0;
    for (start = *at; **at >= '0' && **at <= '9'; ++*at) {
        uint64_t digit = (uint64_t)(**at - '0');

        if (*value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return *at > start;
}

static bool read_position(const char **at, struct spool_position *position)
{
    return read_number(at, &position->segment) && read_number(at, &position->offset);
}

static bool read_range(const char **at, struct spool_range *range)
{
    *range = (struct spool_range){0};
    return read_position(at, &range->start) && read_position(at, &range->end) &&
           read_word(at, "\n") && spool_before(range->start, range->end);
}

/* Ranges must be in order and must not overlap. */
static bool is_sorted(const struct spool_cursor *cursor)
{
    for (size_t i = 1; i < cursor->count; i++)
        if (spool_before(cursor->ranges[i].start, cursor->ranges[i - 1].end))
            return false;
    return cursor->count == 0 ||
           !spool_before(cursor->fresh, cursor->ranges[cursor->count - 1].end);
}

bool spool_cursor_parse(const char *text, struct spool_cursor *cursor)
{
    const char *at = text;
    char end[16];

    cursor->count = 0;
    if (!read_word(&at, first_line))
        return false;
    while (read_word(&at, "unsent")) {
        if (cursor->count == SPOOL_RANGES_MAX ||
            !read_range(&at, &cursor->ranges[cursor->count]))
            return false;
        cursor->count++;
    }
    if (!read_word(&at, "fresh") || !read_position(&at, &cursor->fresh) ||
        !read_word(&at, "\n"))
        return false;
    (void)snprintf(end, sizeof end, "crc %08" PRIx32 "\n",
                   crc32c(0, text, (size_t)(at - text)));
    return strcmp(at, end) == 0 && is_sorted(cursor);
}
