/* issue_rows.h - a list of issues, as the issue page's list and an equipment's page show
 * it.
 *
 * Threads: one owner.
 */
#ifndef WEB_ISSUE_ROWS_H
#define WEB_ISSUE_ROWS_H

#include "web/page.h"

struct issue_rows {
    struct page *page;
    bool with_equipment; /* says in each row what and where it is */
    size_t count;
    char last[DESK_ID_SIZE]; /* id of the last one, to go on from */
};

/* Writes the rows that `filter` finds as a list; nothing at all when there is none.
 * Returns how many, or -1 with err. */
int issue_rows_put(struct issue_rows *rows, const struct issue_filter *filter,
                   struct err *err);

/* A copy with all its strings in one block (mem_free), for use after the visitor. */
struct issue_view *issue_copy(const struct issue_view *issue);

const char *issue_title(enum language language, const struct issue_view *issue);

#endif
