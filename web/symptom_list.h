/* symptom_list.h - what an issue explains, as a panel of its page.
 *
 * Threads: one owner.
 */
#ifndef WEB_SYMPTOM_LIST_H
#define WEB_SYMPTOM_LIST_H

#include "web/page.h"

/* Nothing at all when it explains nothing. 0, or -1 with err. */
int symptom_list_put(struct page *page, const struct issue_view *issue, struct err *err);

#endif
