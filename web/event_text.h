/* event_text.h - what an event of an issue says, in the reader's language.
 *
 * Texts of the system are English or plain ids in the log; what is known here is said in
 * words and with links. What people wrote stays as it is. Threads: no state.
 */
#ifndef WEB_EVENT_TEXT_H
#define WEB_EVENT_TEXT_H

#include "web/page.h"

/* Writes the paragraph beneath an event's heading; nothing when it says nothing. */
void event_text_put(struct page *page, const struct issue_event *event);

/* "#12" as a link to that issue. */
void event_text_issue(struct page *page, const char *number);

#endif
