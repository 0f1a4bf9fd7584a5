/* sse.h - server-sent events as bytes, and the ids to resume from (pure).
 *
 * An id is "<run>.<generation>.<live>.<feed>" in hexadecimal: the start of this process,
 * the loaded configuration, the live table's sequence and the desk's feed cursor that
 * the client has seen. Another run or generation means that nothing of it counts.
 *
 * Source: HTML Living Standard, 9.2 "Server-sent events". Threads: no state.
 */
#ifndef WEB_SSE_H
#define WEB_SSE_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SSE_ID_SIZE = 4 * 16 + 3 + 1,
};

struct sse_cursor {
    uint64_t run;
    uint64_t generation;
    uint64_t live;
    uint64_t feed;
};

char *sse_format_id(const struct sse_cursor *cursor, char out[SSE_ID_SIZE]);
bool sse_parse_id(const char *text, struct sse_cursor *cursor);

/* Appends one event; `cursor` may be NULL (no id). Line ends in `data` start new data
 * lines, as the format wants. */
void sse_event(struct text *out, const char *name, const struct sse_cursor *cursor,
               const char *data);

#endif
