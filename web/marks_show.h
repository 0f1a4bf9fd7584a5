/* marks_show.h - the marks of equipment, as cards and the equipment's page show them.
 *
 * Gathered once for a page, by equipment index. Threads: one owner.
 */
#ifndef WEB_MARKS_SHOW_H
#define WEB_MARKS_SHOW_H

#include "web/page.h"

enum {
    MARKS_HOLDER_MAX = 200, /* bytes of who does the work; longer ones do not exist */
};

struct marks {
    struct wall_time unknown_since; /* of an active alarm; 0 = all are observable */
    struct wall_time shelved_until; /* the last to end; 0 = none is */
    struct wall_time planned_until; /* 0 = no permit runs */
    char holder[MARKS_HOLDER_MAX + 1];
    unsigned chattering;
    unsigned symptoms; /* explained by alarms elsewhere */
    unsigned waiting;  /* not yet known to be symptoms or not */
    unsigned withheld;
};

/* Of all equipment of the model; the caller's (mem_free). */
struct marks *marks_gather(const struct call *call);
/* A line of what there is to say; nothing at all when nothing is. */
void marks_put(struct page *page, const struct marks *marks);

/* The sentence about a flood, or nothing. */
void marks_flood(struct page *page);

#endif
