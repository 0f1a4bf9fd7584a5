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
 * space behind it; a tag that would be empty is left out. The caller's (mem_free). */
char *line_prefix(const struct model *model, const struct equipment *equipment);

/* The escaped field key of a point. A point named "time" becomes "time_", because no
 * database takes a field of that name. The caller's (mem_free). */
char *line_key(const struct point *point);

/* Appends the lines of a batch: one line per run of samples of the same equipment and
 * time, in which no point comes twice. `prefixes` by equipment index, `keys` by point
 * index (escaped field keys). Bad samples, samples without a time, text points and values
 * that are not finite are left out. Returns lines. When `out` is full, out->overflow is
 * set and the last line is whole. */
size_t line_samples(struct text *out, const struct model *model, char *const *prefixes,
                    char *const *keys, const struct sample *samples, size_t count);

/* Appends `text` escaped as tag key, tag value or field key. Control characters and bytes
 * that are not UTF-8 become '_'; so does a backslash before another one, before a
 * character that is escaped, and at the end, because no two databases read it alike. */
void line_escape_tag(struct text *out, const char *text);
/* The same for a measurement, which must not begin with '#' either. */
void line_escape_measurement(struct text *out, const char *text);
/* A field's string with its quotes. Control characters become spaces. */
void line_field_string(struct text *out, const char *text);

#endif
