/* trial_text.h - the short form of what engine_explain says, for people at a terminal.
 *
 *     when     held(run, 1m) and avg(flow, 1m) < $flow_min  false
 *                held(run, 1m)                              true  coverage 100 %
 *                avg(flow, 1m) < $flow_min                  false
 *                  avg(flow, 1m)                            2.9 m3/h  coverage 100 %
 *                  $flow_min                                0.5
 *     last     flow 3 3 2.9 2.8
 *
 * Threads: no state.
 */
#ifndef RULES_TRIAL_TEXT_H
#define RULES_TRIAL_TEXT_H

#include "base/json_in.h"
#include "base/text.h"

/* Appends the lines, each `indent` blanks in. */
void trial_text(const struct json *explained, unsigned indent, struct text *out);

#endif
