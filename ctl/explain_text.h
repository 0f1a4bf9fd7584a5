/* explain_text.h - the truth of a rule on an equipment, as a person reads it.
 *
 *   pump.dry_run on pump-2: active since 02:14:05 (3m20s), general
 *   issue 17, open
 *   when
 *     ✓ all of
 *       ✓ held(run, 1m)                                 covered 100 %, 12 readings
 *       ✓ avg(flow, 1m) = 0.08 m3/h < 0.5 ($flow_min, set for pump-2)   covered 97 %, ...
 *   for 20s: satisfied
 *   ...
 *
 * From the JSON of rules/engine.h. Pure. Threads: main.
 */
#ifndef CTL_EXPLAIN_TEXT_H
#define CTL_EXPLAIN_TEXT_H

#include "base/json_in.h"
#include "base/text.h"
#include "base/tz.h"

struct explain_look {
    const struct tz *tz; /* of the times; NULL: UTC */
    size_t width;        /* of the terminal; 0: lines are as long as they are */
    bool colour;
};

/* `issue` is the unclosed issue of this rule and equipment, or NULL. */
void explain_text(const struct json *truth, const struct json *issue,
                  const struct explain_look *look, struct text *out);

#endif
