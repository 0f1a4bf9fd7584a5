/* plan_report.h - what `facilityd --plan` prints: every link with what it is asked for.
 *
 * A table per Modbus link, the busiest link first and in it the greatest consumers first;
 * links to brokers in one line. At most 80 columns. The figures: adapters/link_cost.h.
 *
 * Pure. Threads: no state.
 */
#ifndef GATEWAY_PLAN_REPORT_H
#define GATEWAY_PLAN_REPORT_H

#include "base/text.h"
#include "config/config.h"

/* A link that cannot be planned is left out: gateway/link_load.h has reported it. */
void plan_report_print(const struct config *config, struct text *out);

/* {"links": [...], "messages": [...]}; `config` NULL: only the messages. */
void plan_report_json(const struct config *config, const struct config_report *report,
                      struct text *out);

#endif
