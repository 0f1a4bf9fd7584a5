/* deadband.h - which readings go into a series of a database (pure).
 *
 * Lines for databases are thinned point by point, as the profile says; rules, pages and
 * the archive see every reading. A reading is written when one of these holds:
 *
 *   - the point has neither deadband, deadband_percent nor heartbeat: all are
 *   - it is the first, or the first after a bad one, or after a silence longer than the
 *     point's stale_after: what happened in between is not known
 *   - it differs from the last written one by the deadband at least; by deadband_percent
 *     of the last written one at least, where both are given by the larger of the two.
 *     Booleans, enumerations and flags have no distance: any change counts
 *   - the last written one is older than the heartbeat
 *   - it is older than the last written one: the clock was put back
 *
 * A heartbeat alone writes every change. Points with `store = false` are never written.
 * The state is that of the running program: after a restart every point is written once.
 *
 * Time is that of the readings, as it stands in the lines.
 *
 * Memory: one byte and an index for each point of the model, 40 bytes for each that is
 * thinned; born with it, never grows. Threads: one owner.
 */
#ifndef HISTORY_DEADBAND_H
#define HISTORY_DEADBAND_H

#include "telemetry/model.h"
#include "telemetry/sample.h"

struct deadband;

/* `model` is borrowed. */
struct deadband *deadband_new(const struct model *model);
void deadband_free(struct deadband *deadband); /* NULL is fine */

/* Whether the sample is to be written, which it is then taken to be. To be called for
 * every sample, bad ones too (they are not), in the order of arrival. */
bool deadband_takes(struct deadband *deadband, const struct sample *sample);

/* Moves what is to be written to the front; returns how many. */
size_t deadband_thin(struct deadband *deadband, struct sample *samples, size_t count);

#endif
