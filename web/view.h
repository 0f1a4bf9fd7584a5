/* view.h - the same questions asked by the API, the pages and the event stream.
 *
 * Threads: any; nothing is kept.
 */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include "base/json_out.h"
#include "web/call.h"
#include "web/words.h"

enum {
    VIEW_KEY_POINTS = 4, /* values on a card of the board: more do not fit a phone */
};

/* Why an equipment is in its state: the title of the rule, or the words for "comm"... */
const char *view_reason(const struct web_site *site, enum language language,
                        const char *reason);

/* The rule of that id, or NULL. */
const struct rule_settings *view_rule(const struct web_site *site, const char *id);

/* The points that say most about an equipment of its class; returns how many. */
size_t view_key_points(const struct model *model, const struct equipment *equipment,
                       const struct point *points[VIEW_KEY_POINTS]);

/* Which equipment a list shows. NULL and -1 match all; `place` is a prefix of whole
 * parts. */
struct equipment_filter {
    const char *class_name;
    const char *place;
    int state;
};
bool view_matches(const struct equipment_filter *filter,
                  const struct equipment *equipment, enum equipment_state state);

/* Reads class, place, state of a query. False when one is wrong (set in response). */
bool view_filter(const struct call *call, struct equipment_filter *filter,
                 struct response *response);

/* How bad a state is for somebody who looks for work: the order of the board. */
int view_rank(enum equipment_state state);

/* A point with its present reading as a JSON object. `full` adds titles, periods and the
 * last good reading. */
void view_point_json(struct json_out *json, const struct call *call,
                     const struct point *point, const struct live_cell *cell, bool full);

/* An equipment without its points, as the members of an object. */
void view_equipment_json(struct json_out *json, const struct web_site *site,
                         const struct equipment *equipment);

/* An issue of a list, as the members of an object. */
void view_issue_json(struct json_out *json, const struct issue_view *issue);

/* "minor", "general", "serious", or null for -1. */
void view_severity_json(struct json_out *json, const char *key, int severity);

/* An integer of the query within [low, high]; *value stays when none is given. False when
 * it is wrong (set in response). */
bool view_integer(const struct call *call, const char *name, int64_t low, int64_t high,
                  int64_t *value, struct response *response);

#endif
