/* readings_rows.h - readings of many points in the order in which they came (pure).
 *
 * What the tail holds: about six bytes a reading. Each frame stands by itself.
 *
 *   point    varint, zigzag: how much greater its number is than the last's + 1
 *   time     varint, zigzag: ms after the last's
 *   flags    bits 0-1 quality, bit 2 a reason (a byte) and a detail (a varint) follow,
 *            bits 4-6 what the value is: a whole number (a varint, zigzag), a decimal
 * (its mode of history/reading_mode.h and a varint), a float, a double, NaN (nothing)
 *
 * Threads: no state.
 */
#ifndef HISTORY_READINGS_ROWS_H
#define HISTORY_READINGS_ROWS_H

#include "history/reading_codec.h"

enum {
    ROW_BYTES_MAX = 36,
};

struct rows_state {
    uint32_t number; /* of the last reading's point */
    int64_t ms;
};

/* The state of the first row of a frame. */
#define ROWS_BEGIN ((struct rows_state){.number = UINT32_MAX})

/* Returns the bytes it took. */
size_t rows_row_put(unsigned char to[ROW_BYTES_MAX], struct rows_state *state,
                    uint32_t number, const struct kept_reading *reading);
/* Moves *at behind it; false when it is cut off. */
bool rows_row_get(const unsigned char **at, const unsigned char *end,
                  struct rows_state *state, struct kept_reading *reading);

#endif
