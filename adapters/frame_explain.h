/* frame_explain.h - what the bytes of a Modbus frame say, for people who look on.
 *
 * The framing is found by looking: a frame whose checksum fits is RTU, one that begins
 * with a fitting MBAP head is TCP; what is neither is told as what it seems to be, with
 * what is wrong about it. Sources as in modbus_frame.h.
 *
 * Pure. Threads: any.
 */
#ifndef ADAPTERS_FRAME_EXPLAIN_H
#define ADAPTERS_FRAME_EXPLAIN_H

#include "adapters/modbus_frame.h"

#include <stdbool.h>
#include <stddef.h>

struct frame_words {
    bool readable; /* unit and function are known */
    bool rtu;
    uint16_t transaction; /* TCP */
    uint8_t unit;
    uint8_t function;        /* without the flag of an exception */
    enum modbus_table table; /* of functions 1 to 4, else TABLE_NONE */
    bool ranged;             /* start and count are known */
    uint16_t start;
    uint16_t count;
    uint8_t exception; /* 0: none */
    size_t cell_count; /* of an answer */
    uint16_t cells[MODBUS_CELLS_MAX];
    char problem[MODBUS_PROBLEM_MAX]; /* "": it is what it should be */
};

/* A frame that was sent. */
void frame_explain_request(const unsigned char *bytes, size_t length,
                           struct frame_words *words);
/* One that came. `request`, as explained before, says what was asked; NULL: not known. */
void frame_explain_answer(const unsigned char *bytes, size_t length,
                          const struct frame_words *request, struct frame_words *words);

#endif
