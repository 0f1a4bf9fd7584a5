/* tools.h - the running site as the tools of a person at the cabinet see it
 * (web/tools.h), and the book of reloads.
 *
 * Threads: new and free from main; source's functions from any (web/web.h); the rest from
 * main.
 */
#ifndef GATEWAY_TOOLS_H
#define GATEWAY_TOOLS_H

#include "gateway/site.h"

struct tools;

/* `site` is where the running one is named; read only between acquire and release. */
struct tools *tools_new(struct site *const *site);
void tools_free(struct tools *tools); /* NULL is fine */

struct web_tools tools_source(struct tools *tools);

/* A reload begins; what was asked for until now is answered by it. Returns its number. */
uint64_t tools_reload_begins(struct tools *tools);
/* `why` is NULL when it was accepted; `messages` is JSON or "". */
void tools_reloaded(struct tools *tools, uint64_t number, bool accepted, const char *why,
                    const char *messages);

#endif
