/* link_messages.h - what a broker's link does with the messages that come: read, dropped
 * and why, and the topics that nobody has.
 *
 * Threads: any; nothing is kept.
 */
#ifndef WEB_LINK_MESSAGES_H
#define WEB_LINK_MESSAGES_H

#include "adapters/adapter.h"
#include "base/json_out.h"
#include "web/page.h"

/* Members "rejected", "unknown_topics" and perhaps "sparkplug" of a link's object;
 * nothing for a bus. */
void link_messages_json(struct json_out *json, const struct call *call,
                        const struct link *link);

/* Two panels of a link's page; nothing for a bus. */
void link_messages_panels(struct page *page, const struct link *link,
                          const struct link_status *status);

#endif
