/* line.h - InfluxDB line protocol (pure).
 *
 *   measurement,tag=value,... field=value,... nanoseconds
 *
 * Tags sorted, special characters escaped, LF only, never NaN or Inf, integers with 'i'.
 * A field's type comes from its point and never changes: numbers are floats, booleans and
 * enums integers.
 *
 * Source: InfluxDB line protocol reference (1.x and 2.x agree on what is used here).
 * Threads: no state.
 */
#ifndef HISTORY_LINE_H
#define HISTORY_LINE_H

#include "base/text.h"
#include "telemetry/model.h"
#include "telemetry/sample.h"

/* "pump,class=pump,equipment=pump-2,place=...,site=..." of one equipment, without the
 * space behind it. The caller's (mem_free). */
char *line_prefix(const struct model *model, const struct equipment *equipment);

/* Appends the lines of a batch: one line per run of samples of the same equipment and
 * time. `prefixes` by equipment index, `keys` by point index (escaped field keys).
 * Bad samples, text points and values that are not finite are left out. Returns lines. */
size_t line_samples(struct text *out, const struct model *model, char *const *prefixes,
                    char *const *keys, const struct sample *samples, size_t count);

/* Appends `text` escaped as tag key, tag value or field key. Control characters become
 * '_' and a trailing backslash is doubled away, because no database takes them. */
void line_escape_tag(struct text *out, const char *text);
void line_escape_measurement(struct text *out, const char *text);
void line_field_string(struct text *out, const char *text); /* with its quotes */

#endif
