/* readings_names.h - which point a number in a file of readings stands for (pure).
 *
 * Equipment by equipment its id and the names of its points, each ended by a NUL, and an
 * empty name behind the last point. Points are numbered in this order from 0. The text is
 * stored once per file; its hash is what batches name it by, so that a table that was
 * damaged in one file may be taken from another.
 *
 * Threads: no state.
 */
#ifndef HISTORY_READINGS_NAMES_H
#define HISTORY_READINGS_NAMES_H

#include "base/text.h"
#include "telemetry/model.h"

enum {
    NAMES_BYTES_MAX = 64 * 1024 * 1024, /* of a million points */
};

/* Writes the names of the wanted points and into numbers[point] their numbers, MODEL_NONE
 * for the others. Returns how many are wanted. */
uint32_t names_make(const struct model *model, const bool *wanted, struct text *names,
                    uint32_t *numbers);

/* How many points there are. */
uint32_t names_count(const char *names, size_t length);

uint64_t names_hash(const char *names, size_t length);

/* The points of `model` by number, MODEL_NONE for those it does not have; the caller's
 * (mem_free). *count is how many numbers there are. */
uint32_t *names_points(const char *names, size_t length, const struct model *model,
                       uint32_t *count);

#endif
