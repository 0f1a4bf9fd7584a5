/* segment.h - the format of a spool's files (pure).
 *
 * A segment is a row of records: a header of 32 bytes and the text of some lines, so that
 * `strings` shows what is in it. All numbers are little endian.
 *
 *    0  magic "FSR1" (a record) or "FSE1" (the end: no payload, lines of the segment)
 *    4  CRC-32C of bytes 8 to 31
 *    8  CRC-32C of the payload
 *   12  length of the payload
 *   16  lines in it
 *   20  zero
 *   24  when it was appended, ns since 1970
 *
 * The header has a checksum of its own, so that a damaged payload costs one record, and
 * the reader looks for the next magic behind a damaged header. What was lost is counted.
 *
 * Threads: no state.
 */
#ifndef HISTORY_SEGMENT_H
#define HISTORY_SEGMENT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SEGMENT_HEADER_SIZE = 32,
    SEGMENT_PAYLOAD_MAX = 256 * 1024, /* a reader needs a window of this and a header */
};

struct segment_record {
    size_t offset; /* of the header */
    size_t size;   /* with the header */
    const char *payload;
    size_t length;
    uint32_t lines;
    struct wall_time time;
};

struct segment_damage {
    uint64_t bytes; /* skipped */
    uint64_t lines; /* of records whose header was good; others are not known */
};

void segment_record_header(unsigned char header[SEGMENT_HEADER_SIZE], const char *payload,
                           size_t length, uint32_t lines, struct wall_time time);
void segment_end_header(unsigned char header[SEGMENT_HEADER_SIZE], uint32_t lines,
                        struct wall_time last);
/* False when `header` is not the end of a segment. */
bool segment_is_end(const unsigned char header[SEGMENT_HEADER_SIZE], uint32_t *lines,
                    struct wall_time *last);

/* False when `header` is not that of a record. */
bool segment_is_record(const unsigned char header[SEGMENT_HEADER_SIZE], uint32_t *lines,
                       struct wall_time *time);

enum segment_found {
    SEGMENT_RECORD,
    SEGMENT_MORE, /* show me the bytes from *offset on */
    SEGMENT_OVER,
};

/* The next good record at or behind *offset, which moves behind it; adds what had to be
 * skipped to `damage`. `bytes` may be a part of the file; `last` says that nothing
 * follows it, so that a record that is cut off is torn and not merely out of sight. */
enum segment_found segment_next(const unsigned char *bytes, size_t size, bool last,
                                size_t *offset, struct segment_record *record,
                                struct segment_damage *damage);

#endif
