/* shelf_form.h - silencing the alarm of an issue, on its page.
 *
 * Threads: one owner.
 */
#ifndef WEB_SHELF_FORM_H
#define WEB_SHELF_FORM_H

#include "web/page.h"

/* The form, or who silenced it until when and the button that ends it. Nothing for an
 * issue without an alarm, or whose alarm is highly managed. */
void shelf_form_put(struct page *page, const struct issue_view *issue);

#endif
