/* spool_cursor.h - what of a spool is still to be sent, as ranges (pure).
 *
 * Positions are ordered. The backlog is a list of ranges, oldest first; behind the last
 * one begins what is fresh. On disk it is a few lines of text with a checksum; it may be
 * seconds old or missing, because what is sent twice is stored once.
 *
 * Threads: no state.
 */
#ifndef HISTORY_SPOOL_CURSOR_H
#define HISTORY_SPOOL_CURSOR_H

#include "base/clock.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* An outage makes one or two. When there are so many, nothing is skipped any more and
     * the oldest is drained first. */
    SPOOL_RANGES_MAX = 64,
    SPOOL_CURSOR_BYTES_MAX = SPOOL_RANGES_MAX * 96 + 256,
};

struct spool_position {
    uint64_t segment;
    uint64_t offset;
};

struct spool_range {
    struct spool_position start;
    struct spool_position end;
    uint64_t lines;          /* in it, not on disk */
    struct wall_time oldest; /* not later than its first line, not on disk */
};

struct spool_cursor {
    struct spool_range ranges[SPOOL_RANGES_MAX];
    size_t count;
    struct spool_position fresh;
};

bool spool_before(struct spool_position a, struct spool_position b);
bool spool_same(struct spool_position a, struct spool_position b);

void spool_cursor_print(const struct spool_cursor *cursor, struct text *out);
/* False when the text is not exactly what spool_cursor_print writes. */
bool spool_cursor_parse(const char *text, struct spool_cursor *cursor);

#endif
