/* segment.c - see segment.h. */
#include "history/segment.h"

#include "base/crc32c.h"

#include <assert.h>
#include <string.h>

static const char record_magic[4] = "FSR1";
static const char end_magic[4] = "FSE1";

enum {
    AT_HEADER_CRC = 4,
    AT_PAYLOAD_CRC = 8,
    AT_LENGTH = 12,
    AT_LINES = 16,
    AT_TIME = 24,
};

static void put_u32(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t get_u32(const unsigned char *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static uint32_t header_crc(const unsigned char *header)
{
    return crc32c(0, header + AT_PAYLOAD_CRC, SEGMENT_HEADER_SIZE - AT_PAYLOAD_CRC);
}

static void make_header(unsigned char *header, const char *magic, uint32_t payload_crc,
                        size_t length, uint32_t lines)
{
    memset(header, 0, SEGMENT_HEADER_SIZE);
    memcpy(header, magic, sizeof record_magic);
    put_u32(header + AT_PAYLOAD_CRC, payload_crc);
    put_u32(header + AT_LENGTH, (uint32_t)length);
    put_u32(header + AT_LINES, lines);
}

static void finish_header(unsigned char *header, struct wall_time time)
{
    put_u32(header + AT_TIME, (uint32_t)time.ns);
    put_u32(header + AT_TIME + 4, (uint32_t)((uint64_t)time.ns >> 32));
    put_u32(header + AT_HEADER_CRC, header_crc(header));
}

void segment_record_header(unsigned char header[SEGMENT_HEADER_SIZE], const char *payload,
                           size_t length, uint32_t lines, struct wall_time time)
{
    assert(length <= SEGMENT_PAYLOAD_MAX);
    make_header(header, record_magic, crc32c(0, payload, length), length, lines);
    finish_header(header, time);
}

void segment_end_header(unsigned char header[SEGMENT_HEADER_SIZE], uint32_t lines,
                        struct wall_time last)
{
    make_header(header, end_magic, 0, 0, lines);
    finish_header(header, last);
}

static struct wall_time header_time(const unsigned char *header)
{
    uint64_t low = get_u32(header + AT_TIME);
    uint64_t high = get_u32(header + AT_TIME + 4);

    return (struct wall_time){(int64_t)(high << 32 | low)};
}

static bool is_header(const unsigned char *at, const char *magic)
{
    return memcmp(at, magic, sizeof record_magic) == 0 &&
           get_u32(at + AT_HEADER_CRC) == header_crc(at) &&
           get_u32(at + AT_LENGTH) <= SEGMENT_PAYLOAD_MAX;
}

static bool read_header(const unsigned char *header, const char *magic, uint32_t *lines,
                        struct wall_time *time)
{
    if (!is_header(header, magic))
        return false;
    *lines = get_u32(header + AT_LINES);
    *time = header_time(header);
    return true;
}

bool segment_is_end(const unsigned char header[SEGMENT_HEADER_SIZE], uint32_t *lines,
                    struct wall_time *last)
{
    return read_header(header, end_magic, lines, last);
}

bool segment_is_record(const unsigned char header[SEGMENT_HEADER_SIZE], uint32_t *lines,
                       struct wall_time *time)
{
    return read_header(header, record_magic, lines, time);
}

/* The first offset from `offset` on where a good header stands, else where there are too
 * few bytes left to tell. */
static size_t find_header(const unsigned char *bytes, size_t size, size_t offset)
{
    while (size - offset >= SEGMENT_HEADER_SIZE) {
        const unsigned char *found;

        if (is_header(bytes + offset, record_magic) ||
            is_header(bytes + offset, end_magic))
            return offset;
        found = memchr(bytes + offset + 1, record_magic[0], size - offset - 1);
        if (found == NULL)
            return size - SEGMENT_HEADER_SIZE + 1;
        offset = (size_t)(found - bytes);
    }
    return offset;
}

static enum segment_found at_the_end(size_t size, bool last, size_t *offset,
                                     struct segment_damage *damage)
{
    if (!last)
        return SEGMENT_MORE;
    damage->bytes += size - *offset;
    *offset = size;
    return SEGMENT_OVER;
}

enum segment_found segment_next(const unsigned char *bytes, size_t size, bool last,
                                size_t *offset, struct segment_record *record,
                                struct segment_damage *damage)
{
    for (;;) {
        size_t found = find_header(bytes, size, *offset);
        const unsigned char *header = bytes + found;
        size_t length;

        damage->bytes += found - *offset;
        *offset = found;
        if (size - found < SEGMENT_HEADER_SIZE)
            return at_the_end(size, last, offset, damage);
        length = get_u32(header + AT_LENGTH);
        if (length > size - found - SEGMENT_HEADER_SIZE) {
            if (last)
                damage->lines += get_u32(header + AT_LINES);
            return at_the_end(size, last, offset, damage);
        }
        *offset += SEGMENT_HEADER_SIZE + length;
        if (is_header(header, end_magic))
            continue;
        *record = (struct segment_record){
            .offset = found,
            .size = SEGMENT_HEADER_SIZE + length,
            .payload = (const char *)header + SEGMENT_HEADER_SIZE,
            .length = length,
            .lines = get_u32(header + AT_LINES),
            .time = header_time(header),
        };
        if (crc32c(0, record->payload, length) == get_u32(header + AT_PAYLOAD_CRC))
            return SEGMENT_RECORD;
        damage->bytes += record->size;
        damage->lines += record->lines;
    }
}
