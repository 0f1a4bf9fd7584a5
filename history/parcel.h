/* parcel.h - a batch on its way to a database, and what an answer means for it (pure).
 *
 * A batch is posted in pieces. A piece that is refused is halved until the line that the
 * database does not take stands alone; a piece that is too large is halved, too. Lines
 * that are posted twice on the way are stored once.
 *
 * Threads: no state.
 */
#ifndef HISTORY_PARCEL_H
#define HISTORY_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PARCEL_PIECES_MAX = 64, /* halving leaves one piece a level: 2^63 lines */
};

struct parcel_piece {
    const char *text;
    size_t length;
    size_t lines;
};

struct parcel {
    struct parcel_piece pieces[PARCEL_PIECES_MAX]; /* the next one is the last */
    size_t count;
    uint64_t accepted; /* lines */
    uint64_t rejected;
};

/* `text` is borrowed until the batch is done: whole lines, each with its LF. */
void parcel_begin(struct parcel *batch, const char *text, size_t length, size_t lines);
bool parcel_done(const struct parcel *batch);

/* The next piece, cut to at most `limit` lines (at least 1). */
const struct parcel_piece *parcel_next(struct parcel *batch, size_t limit);

/* The next piece was stored. */
void parcel_accept(struct parcel *batch);
/* The next piece was refused. False: it was halved. True: it was a single line, which is
 * in *line and no longer in the batch. */
bool parcel_reject(struct parcel *batch, struct parcel_piece *line);

enum reaction {
    REACTION_OK,        /* stored */
    REACTION_REJECT,    /* something in it is not to be stored: halve */
    REACTION_TOO_LARGE, /* halve, and make the next ones smaller */
    REACTION_CONFIG,    /* keep the data, try again slowly, somebody must mend it */
    REACTION_WAIT,      /* keep the data, try again with growing distance */
};

/* What a status of HTTP asks for. */
enum reaction reaction_to(int status);

enum {
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MAX_MS = 60 * 1000,
    BACKOFF_CONFIG_MS = 30 * 1000,
};

/* How long to wait after the `failures`th failure in a row (from 1): doubling, the upper
 * half of it at random, so that many gateways do not come back at the same moment. */
int64_t backoff_ms(unsigned failures, uint32_t random);

#endif
