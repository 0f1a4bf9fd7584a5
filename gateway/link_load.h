/* link_load.h - whether the links have the time for what is asked of them.
 *
 * More than LINK_COST_REFUSE_PERCENT of a link's time is an error (E220), more than
 * LINK_COST_WARN_PERCENT a warning (W120); a warning, too, what rests on nothing but an
 * assumed latency. Both name the link, its share, who takes most
 * of it, and the way out. Part of every load: at --check, at the start, at a reload.
 *
 * Threads: main.
 */
#ifndef GATEWAY_LINK_LOAD_H
#define GATEWAY_LINK_LOAD_H

#include "config/config.h"

void link_load_check(const struct config *config, struct config_report *report);

#endif
