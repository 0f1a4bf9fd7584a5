/* recall.h - what rules remember, put back from disk at a start or a reload.
 *
 * After engine_restore and before the first sample: past hours for baselines from the
 * history, then the readings kept, as far back as each point's rules look. So that a
 * window of a day is whole again a second after kill -9.
 *
 * A start does not wait for it longer than RECALL_BUDGET_MS: when there is more to read
 * than that, the oldest part is left out, and the journal says so. Windows that reach
 * further are uncovered there, as if the daemon had not run.
 *
 * Threads: main, before the pipeline starts.
 */
#ifndef GATEWAY_RECALL_H
#define GATEWAY_RECALL_H

#include "config/config.h"
#include "history/history.h"
#include "rules/engine.h"

enum {
    RECALL_BUDGET_MS = 3000,
};

/* Which points' readings rules want, by point index; the caller's (mem_free). */
bool *recall_wanted(const struct engine *engine, const struct model *model);

void recall(struct engine *engine, const struct config *config, struct history *history);

#endif
