/* stream.h - the event stream: what changed, once a second, to everybody who listens.
 *
 * A stream is a cursor into the live table and the desk's feed, and at most one batch of
 * events that its reader has not taken yet. While a reader is behind no further batch is
 * made for it: what changed meanwhile is in the next one, each point once. So a slow
 * reader costs one batch and delays nobody; one that takes nothing at all is closed by
 * the server's timeout.
 *
 * Events: hello (first; with resumed = false the client rereads everything), sample,
 * state, issue, beat (each STREAM_BEAT_MS). Ids as in web/sse.h.
 *
 * Threads: a hub has one thread of its own. stream_* from the servers' threads.
 */
#ifndef WEB_STREAM_H
#define WEB_STREAM_H

#include "web/call.h"
#include "web/sse.h"

enum {
    STREAM_MAX = 200,       /* open ones; a browser closes its hidden tabs' */
    STREAM_TICK_MS = 1000,  /* faster than people read */
    STREAM_BEAT_MS = 15000, /* proxies and clients give up after 30 s and more */
    STREAM_RETRY_MS = 3000, /* what browsers wait before they come back */
    STREAM_BATCH_MAX = 8 * 1024 * 1024, /* bytes; about 50000 samples */
};

struct stream;

/* `beat` is called once a second on the hub's thread. All arguments are borrowed. */
struct hub *hub_open(const struct web_source *source, const struct web_options *options,
                     void (*beat)(void *context), void *context, struct err *err);
/* Ends every stream and makes no new ones; the servers may be stopped afterwards. */
void hub_stop(struct hub *hub);
void hub_free(struct hub *hub); /* after hub_stop and the last stream_close; NULL ok */
size_t hub_streams(struct hub *hub);

/* The id of the present moment, for a page that will go on from here. */
void hub_cursor(struct hub *hub, const struct web_site *site, struct sse_cursor *cursor);

/* The handler of GET /api/v1/stream. */
void stream_get(const struct call *call, struct response *response);

/* How the server's connection sleeps and wakes; called under the hub's lock. */
struct stream_carrier {
    void *connection;
    void (*suspend)(void *connection);
    void (*resume)(void *connection);
};
void stream_carry(struct stream *stream, const struct stream_carrier *carrier);

/* Copies at most `max` bytes; 0: nothing yet, the carrier sleeps; -1: the end. */
int stream_read(struct stream *stream, char *buffer, size_t max);
void stream_close(struct stream *stream); /* NULL is fine */

#endif
