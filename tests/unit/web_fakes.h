/* web_fakes.h - a make-believe site for the tests of web/: 24 pieces of equipment in all
 * states, three links, issues with a history, two sinks, rules, a month of past.
 *
 * web_fake_*.c define the functions of issues/desk.h, history/history.h, rules/engine.h
 * and reports/failure_rate.h themselves; linked in front of the library, they stand in
 * for the real ones.
 */
#ifndef TESTS_UNIT_WEB_FAKES_H
#define TESTS_UNIT_WEB_FAKES_H

#include "web/web.h"

struct fake_site;

/* `copies` times the 24 pieces; `name` is put into every name (for the XSS corpus). */
struct fake_site *fake_site_new(size_t copies, const char *name);
void fake_site_free(struct fake_site *site);
struct web_source fake_site_source(struct fake_site *site);
const struct web_site *fake_site_view(struct fake_site *site);

/* Moves every value that is not bad a little, as a second of life would. */
void fake_site_tick(struct fake_site *site);
/* As a reload does. */
void fake_site_reload(struct fake_site *site);
/* Puts an equipment into a state, with an event of the feed. */
void fake_site_set_state(struct fake_site *site, const char *equipment,
                         enum equipment_state state, const char *reason);
void fake_site_set_ready(struct fake_site *site, bool ready);

/* web_fake_links.c */
/* Links and equipment of the configuration, for the first `rows` of the model. */
void fake_links_configure(struct config *config, size_t rows);
void fake_link_status(uint32_t link, struct link_status *status);
size_t fake_link_strangers(uint32_t link,
                           struct link_stranger strangers[LINK_STRANGERS_MAX]);
size_t fake_link_units(uint32_t link, struct unit_status *units, size_t max);

/* web_fake_tools.c: unit 200 takes FAKE_SLOW_MS and says nothing, the others answer with
 * their addresses. */
enum {
    FAKE_SLOW_MS = 2000,
};
unsigned fake_slow_questions(void); /* that are waiting for unit 200; any thread */
struct web_tools fake_tools(void);

/* web_fake_desk.c */
struct desk *fake_desk_new(const struct model *model, struct wall_time now);
void fake_desk_free(struct desk *desk);
void fake_desk_state(struct desk *desk, uint32_t equipment, enum equipment_state state,
                     const char *reason, struct wall_time since);
/* Opens an issue as the system does; returns its index. */
size_t fake_desk_issue(struct desk *desk, const struct issue_view *issue,
                       struct wall_time opened);
/* Pretends that the feed has lost what followers had not read. */
void fake_desk_lose(struct desk *desk);

#endif
