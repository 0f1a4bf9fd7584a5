/* probe_view.h - what the probe of an equipment came to, for API and page.
 *
 * Threads: any; nothing is kept.
 */
#ifndef WEB_PROBE_VIEW_H
#define WEB_PROBE_VIEW_H

#include "base/json_out.h"
#include "web/call.h"

/* Its profile has a probe. False for the stand-in of a link. */
bool probe_view_wanted(const struct web_site *site, const struct equipment *equipment);

/* The finding; its kind is FINDING_NONE when there is none yet. */
void probe_view_get(const struct call *call, const struct equipment *equipment,
                    struct finding *finding);

/* The id of the variant that a finding names, or "". */
const char *probe_view_variant(const struct web_site *site,
                               const struct equipment *equipment,
                               const struct finding *finding);

/* The member "probe" of an object: null when the profile has none. */
void probe_view_json(struct json_out *json, const struct call *call,
                     const struct equipment *equipment);

#endif
