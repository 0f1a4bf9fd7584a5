/* series.h - issues, equipment states and the program itself as lines of the history.
 *
 *   equipment_state,class=...,equipment=...,place=...,site=... failure=1i,state=2i ...
 *   issue,category=...,class=...,equipment=...,rule=...,severity=...,site=...
 *         event="opened",issue="...",open=1i ...
 *
 * States are written on change and hourly. Threads: the pipeline's.
 */
#ifndef GATEWAY_SERIES_H
#define GATEWAY_SERIES_H

#include "history/history.h"
#include "issues/desk.h"

struct series;

/* Everything is borrowed. */
struct series *series_new(const struct model *model, struct desk *desk,
                          struct history *history);
void series_free(struct series *series); /* NULL is fine */

/* Writes what the desk has told since the last call, and the hourly states. */
void series_follow(struct series *series, struct wall_time now);

#endif
