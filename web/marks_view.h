/* marks_view.h - shelves, permits, alarms, symptoms and announcements as JSON.
 *
 * Each writes one object. Threads: no state.
 */
#ifndef WEB_MARKS_VIEW_H
#define WEB_MARKS_VIEW_H

#include "base/json_out.h"
#include "issues/marks.h"
#include "web/call.h"

void marks_shelf_json(struct json_out *json, const struct shelf_view *shelf);
void marks_permit_json(struct json_out *json, const struct permit_view *permit);
void marks_alarm_json(struct json_out *json, const struct web_site *site,
                      const struct alarm_view *alarm);
void marks_symptom_json(struct json_out *json, const struct symptom_view *symptom);
void marks_announcement_json(struct json_out *json,
                             const struct announcement *announcement);
/* The same as the members of an object. */
void marks_announcement_members(struct json_out *json,
                                const struct announcement *announcement);

/* "state": pending until it begins, running, ended. */
const char *marks_permit_state(const struct permit_view *permit);

/* A number of a path ("7"); 0 when it is none. */
int64_t marks_number(const char *text);

#endif
