/* readings_frame.h - what the files of kept readings are made of (pure).
 *
 * A file is a row of frames: a header of 32 bytes and a payload. All numbers are little
 * endian.
 *
 *    0  magic "FRN1" (names), "FRB1" (a batch) or "FRT1" (rows of the tail)
 *    4  CRC-32C of bytes 8 to 31
 *    8  CRC-32C of the checked part of the payload
 *   12  length of the payload
 *   16  which names its points are numbered by (readings_names.h)
 *   24  length of the checked part: all of it, but of a batch its head and its index
 *   28  zero
 *
 * The payload of a batch is its head, its index and its chunks (reading_codec.h) one
 * behind the other:
 *
 *    0  time of the first reading, ms     16  what the chunks' times count from, ms
 *    8  time of the last one, ms          24  readings
 *                                         32  the tail it was made of
 *   40  for each chunk: how much greater the number of its point is than the last (a
 *       varint), readings, twice its length + 1 when they are not in order of time, and
 *       the CRC-32C of its bytes
 *
 * So a damaged chunk costs a chunk, a damaged index a batch, and behind a damaged header
 * the reader looks for the next good one.
 *
 * Threads: no state.
 */
#ifndef HISTORY_READINGS_FRAME_H
#define HISTORY_READINGS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_HEADER_SIZE = 32,
    FRAME_PAYLOAD_MAX = 512 * 1024 * 1024,
    FRAME_CHECKED_MAX = 64 * 1024 * 1024, /* names or index of a million points */
    BATCH_HEAD_SIZE = 40,
    CHUNK_ENTRY_MAX = 34,
};

enum frame_kind {
    FRAME_NAMES,
    FRAME_BATCH,
    FRAME_ROWS,
};

struct frame {
    enum frame_kind kind;
    uint32_t length;
    uint32_t checked;
    uint32_t crc;
    uint64_t names;
};

void frame_put(unsigned char header[FRAME_HEADER_SIZE], const struct frame *frame);
/* False when it is not the header of a frame. */
bool frame_get(const unsigned char header[FRAME_HEADER_SIZE], struct frame *frame);
/* The first offset from `offset` on where a good header stands; where there are too few
 * bytes left to tell, if there is none. */
size_t frame_find(const unsigned char *bytes, size_t size, size_t offset);

struct batch_head {
    int64_t first_ms;
    int64_t last_ms;
    int64_t base_ms;
    uint64_t readings;
    uint64_t tail;
};

void batch_head_put(unsigned char to[BATCH_HEAD_SIZE], const struct batch_head *head);
/* False when the times make no sense. */
bool batch_head_get(const unsigned char from[BATCH_HEAD_SIZE], struct batch_head *head);

struct chunk_entry {
    uint32_t number; /* of the point */
    uint32_t readings;
    uint32_t length;
    uint32_t crc;
    bool unsorted;
};

/* `last` is the number of the entry before, -1 of none. Returns the bytes it took. */
size_t chunk_entry_put(unsigned char to[CHUNK_ENTRY_MAX], int64_t last,
                       const struct chunk_entry *entry);
/* Moves *at behind it; false when it is cut off or makes no sense. */
bool chunk_entry_get(const unsigned char **at, const unsigned char *end, int64_t last,
                     struct chunk_entry *entry);

#endif
