/* link_view.h - a link as it was measured, for the API and the page.
 *
 * Threads: any; nothing is kept.
 */
#ifndef WEB_LINK_VIEW_H
#define WEB_LINK_VIEW_H

#include "adapters/link_cost.h"
#include "base/json_out.h"
#include "web/call.h"

/* Averages since the link was started; NaN for what has not been measured. */
struct link_measured {
    double seconds;
    double requests_per_s;
    double bytes_per_s;
    double request_ms; /* one request, with the gap before it */
    double share;      /* of the link's time; 1 = all of it */
    double dead_share; /* of it, on units that do not answer */
};

void link_measure(const struct link_status *status, struct link_measured *measured);

/* The link of that id, or NULL. */
const struct link *link_find(const struct model *model, const char *id);

/* The units of the link, at most UNITS_OF_LINK_MAX; returns how many. The caller frees
 * *units. */
enum {
    UNITS_OF_LINK_MAX = 256, /* an id is a byte */
};
size_t link_units(const struct call *call, uint32_t link, struct unit_status **units);

/* What was planned for a Modbus link; NULL for others. The caller frees it. */
struct link_cost *link_planned(const struct call *call, uint32_t link);

/* "tcp://host:502": as the configuration writes it. */
const char *link_address(const struct call *call, uint32_t link);

/* The counters of a link as the members of an object. */
void link_json(struct json_out *json, const struct call *call, const struct link *link);

#endif
