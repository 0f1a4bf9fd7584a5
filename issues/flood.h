/* flood.h - when so much is to be said at once that it is said together (pure).
 *
 * A flood begins with more than FLOOD_BEGIN announcements in FLOOD_WINDOW_MS and is over
 * when fewer than FLOOD_END have come in that time. While it lasts what can wait is
 * gathered into a digest, one a FLOOD_WINDOW_MS and one at its end; what is urgent goes
 * out at once, always. Both count.
 *
 * Wall times, because it survives restarts: what lies in the future of a clock that was
 * set back does not count. Threads: plain data.
 */
#ifndef ISSUES_FLOOD_H
#define ISSUES_FLOOD_H

#include "base/clock.h"
#include "base/text.h"
#include "issues/marks.h"

enum {
    FLOOD_RING = FLOOD_BEGIN + 1, /* as far back as anybody looks */
    FLOOD_TEXT_MAX = 320,         /* bytes of flood_print */
};

struct flood {
    struct wall_time recent[FLOOD_RING]; /* ring; 0 = none yet */
    uint8_t next;
    bool active;
    struct wall_time since;  /* of the flood; 0 when none */
    struct wall_time digest; /* when the next one is due */
    int64_t waiting;         /* announcements for it */
};

/* Something is to be said now. False when it waits for the digest. */
bool flood_offer(struct flood *flood, struct wall_time now, bool urgent);
/* Time goes on; the flood may end. True when what waits is to be said now: the caller
 * says it and calls flood_told. */
bool flood_step(struct flood *flood, struct wall_time now);
void flood_told(struct flood *flood, struct wall_time now);

/* As it is stored. Parse returns false for nonsense. */
void flood_print(const struct flood *flood, struct text *out);
bool flood_parse(struct flood *flood, const char *text);

#endif
