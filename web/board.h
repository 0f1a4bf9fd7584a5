/* board.h - what stands on the live board, worst first, and its cards.
 *
 * Threads: one owner.
 */
#ifndef WEB_BOARD_H
#define WEB_BOARD_H

#include "web/marks_show.h"
#include "web/page.h"
#include "web/view.h"

/* The worst unclosed issue of an equipment, of the newest DESK_LIST_MAX ones. */
struct board_issue {
    char id[DESK_ID_SIZE]; /* "" when none */
    int64_t number;
    enum severity severity;
    char *title;
};

struct board_entry {
    const struct equipment *equipment;
    struct state_view state;
    const char *group; /* the first part of its place, or its class; not terminated */
    size_t group_length;
    int group_rank; /* of the worst in the group */
};

struct board {
    struct board_entry *entries; /* sorted: worst group first, worst in it first */
    size_t count;
    size_t states[STATE_COUNT]; /* of everything that matches class and place */
    size_t equipment;           /* configured, without the stand-ins of links */
    struct board_issue *issues; /* by equipment index */
    struct marks *marks;        /* the same */
    size_t model_equipment;
    bool by_class;
};

/* Gathers what the filter matches; one query of the desk, whatever the size. */
int board_gather(const struct call *call, const struct equipment_filter *filter,
                 bool by_class, struct board *board, struct err *err);
void board_done(struct board *board);

void board_card(struct page *page, const struct board *board,
                const struct board_entry *entry);

#endif
