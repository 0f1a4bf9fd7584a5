/* spool.h - lines on disk until a database has taken them.
 *
 * A folder of numbered segments (history/segment.h) and a cursor. Appending is one write;
 * after kill -9 everything appended is there (the page cache outlives the process), after
 * power loss what was synced. Two lanes: what was just appended is fresh and is read
 * first; spool_skip turns it into backlog, which is read oldest first behind it.
 *
 * At least once: a batch that was read and not acknowledged is read again by the next
 * process. Damage costs the damaged records; the segment is set aside as ".bad", at most
 * SPOOL_BAD_MAX of them, and never stops a start. A disk that is full or read-only is
 * replaced by a few segments in memory and tried again every SPOOL_RETRY_MS.
 *
 * Bounds: bytes and age; the oldest whole segments go first, counted in lines. Ages run
 * on the monotonic clock while the process lives, so that a jump of the wall clock does
 * not throw anything away.
 *
 * Threads: spool_append from one thread, read, ack, skip, save and sync from one other,
 * spool_status from any.
 */
#ifndef HISTORY_SPOOL_H
#define HISTORY_SPOOL_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "history/spool_cursor.h"

enum {
    SPOOL_SEGMENT_BYTES = 4 * 1024 * 1024,
    SPOOL_SEGMENT_BYTES_MIN = 64 * 1024, /* smaller when the bound is small: 1/16 of it */
    SPOOL_SEGMENTS_MAX = 4096,           /* many restarts in a long outage */
    SPOOL_MEMORY_BYTES = 4 * 1024 * 1024, /* while the disk refuses */
    SPOOL_RETRY_MS = 10 * 1000,
    SPOOL_BAD_MAX = 4, /* damaged segments kept for a look */
    SPOOL_ERROR_MAX = 256,
};

struct spool_limits {
    int64_t max_bytes;
    int64_t max_age_ms;
};

struct spool;

/* Never fails: what cannot be read is set aside, what cannot be opened is shown in the
 * status. */
struct spool *spool_open(const char *folder, struct spool_limits limits);
/* Saves the cursor. NULL is fine. */
void spool_close(struct spool *spool);

/* Whole lines, each with its LF. ERR_IO when neither disk nor memory takes them; they are
 * counted as dropped then. */
int spool_append(struct spool *spool, const char *lines, size_t length, size_t count,
                 struct wall_time now, struct err *err);

enum spool_lane {
    SPOOL_FRESH,
    SPOOL_BACKLOG,
};

/* What spool_ack gives back. */
struct spool_mark {
    struct spool_position start;
    struct spool_position end;
    uint64_t lines; /* handed out */
    uint64_t lost;  /* damaged between, as far as known */
    bool damaged;
    struct wall_time time;
};

/* Appends the oldest unsent records of a lane to `out`: at least one, for which `out`
 * must have room, and more while they stay within `max_lines` and about `max_bytes`.
 * Returns lines, 0 when there is nothing. One mark at a time: acknowledge it or throw the
 * lines away before the next read. */
size_t spool_read(struct spool *spool, enum spool_lane lane, size_t max_lines,
                  size_t max_bytes, struct text *out, struct spool_mark *mark);
/* These are dealt with. Returns how many of them were still in the spool; fewer than were
 * read when the bounds took them meanwhile. */
uint64_t spool_ack(struct spool *spool, const struct spool_mark *mark);

/* What is fresh becomes backlog. Nothing happens when there are too many ranges. */
void spool_skip(struct spool *spool);

/* Writes the cursor; rarely, because it syncs. */
int spool_save(struct spool *spool, struct err *err);
/* Pushes the segment that is being written to the platter. */
void spool_sync(struct spool *spool);

struct spool_status {
    uint64_t fresh_lines;
    struct mono_time fresh_since; /* when the oldest fresh line came, about */
    uint64_t lines;               /* all unsent, fresh ones too */
    uint64_t bytes;
    struct wall_time oldest;     /* 0 when there is none */
    uint64_t dropped;            /* lines out of bounds or that nothing could take */
    uint64_t damaged;            /* lines lost to damage, as far as known */
    uint64_t set_aside;          /* segments */
    char error[SPOOL_ERROR_MAX]; /* "" when the disk takes what is written */
};
/* Cheap parts of it. */
uint64_t spool_fresh_lines(struct spool *spool);
uint64_t spool_backlog_lines(struct spool *spool);
void spool_status(struct spool *spool, struct spool_status *status);

#endif
