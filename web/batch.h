/* batch.h - what changed since a cursor, as events of the stream.
 *
 * A struct batch remembers what it made for one cursor and filter, so that the streams
 * that are in step cost one making. It notices by itself that the site has another
 * generation.
 *
 * Threads: one owner (the hub, under its lock).
 */
#ifndef WEB_BATCH_H
#define WEB_BATCH_H

#include "web/call.h"
#include "web/sse.h"

/* What a stream wants to hear of samples; states and issues it always hears. */
struct batch_filter {
    enum language language;       /* of the samples' "text" */
    bool key_only;                /* only what the board shows */
    char equipment[CALL_ID_SIZE]; /* only of this one; "" = of all */
};

struct batch;

struct batch *batch_new(const char *version); /* borrows */
void batch_free(struct batch *batch);         /* NULL is fine */

/* Forgets what was made: a new tick. */
void batch_begin(struct batch *batch, struct mono_time mono);

/* Makes the events after `cursor` and moves it. Too much, or more than the feed keeps,
 * becomes a hello with resumed = false. */
void batch_make(struct batch *batch, const struct web_site *site,
                const struct batch_filter *filter, struct sse_cursor *cursor);
void batch_hello(struct batch *batch, const struct sse_cursor *cursor, bool resumed);
void batch_beat(struct batch *batch);

/* What was made last; borrowed until the next call. */
const struct text *batch_events(const struct batch *batch);

#endif
