/* spool_state.h - what a spool knows about its segments and what of them is unsent.
 *
 * Only bookkeeping: the one thing it does to the disk is retiring a segment that nobody
 * needs any more.
 *
 * Invariants:
 *  1. ranges are in order, none is empty, and all end before or where `fresh` begins;
 *  2. `fresh` ends where the newest segment ends;
 *  3. a segment that is not the newest is there only while a range or `fresh` touches it.
 *
 * Threads: the caller's lock.
 */
#ifndef HISTORY_SPOOL_STATE_H
#define HISTORY_SPOOL_STATE_H

#include "history/spool.h"
#include "history/spool_files.h"

struct spool_state {
    const char *folder; /* borrowed */
    struct spool_limits limits;
    struct spool_segment *segments; /* by number */
    size_t count;
    size_t capacity;
    bool writing; /* the last segment is being written */
    uint64_t next_number;
    uint64_t bytes;             /* of all segments */
    struct spool_cursor cursor; /* its ranges are the backlog */
    struct spool_range fresh;
    struct mono_time fresh_since;
    uint64_t dropped;
    uint64_t damaged;
    uint64_t set_aside;
};

/* Scans the folder; everything unsent there is backlog. */
void spool_state_load(struct spool_state *state, const char *folder,
                      struct spool_limits limits, const struct spool_cursor *saved);
void spool_state_done(struct spool_state *state);

/* NULL while there is none. */
struct spool_segment *spool_state_newest(struct spool_state *state);
/* The first segment of at least this number, or NULL. */
struct spool_segment *spool_state_find(struct spool_state *state, uint64_t number);

/* Room for `more` bytes within the bounds. */
void spool_state_keep_bounds(struct spool_state *state, uint64_t more,
                             struct mono_time now);
/* Ends the newest segment and begins another. */
void spool_state_begin(struct spool_state *state, struct spool_segment segment);
/* Room for one more segment in memory: the oldest of them go. */
void spool_state_keep_memory(struct spool_state *state, uint64_t more);
/* A record was written to the newest segment. */
void spool_state_written(struct spool_state *state, uint64_t bytes, uint64_t lines,
                         struct wall_time now, struct mono_time mono);

/* The lane's first range, which begins in a segment that is there and is not read to its
 * end. NULL when the lane is empty. */
struct spool_range *spool_state_first(struct spool_state *state, enum spool_lane lane);
uint64_t spool_state_ack(struct spool_state *state, const struct spool_mark *mark);
void spool_state_skip(struct spool_state *state, bool reading);
void spool_state_sum(const struct spool_state *state, struct spool_status *status);

#endif
