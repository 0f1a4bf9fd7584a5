/* readings_frame.c - see readings_frame.h. */
#include "history/readings_frame.h"

#include "base/crc32c.h"
#include "history/varint.h"

#include <string.h>

enum {
    MAGIC_SIZE = 4,
    AT_HEADER_CRC = 4,
    AT_CRC = 8,
    AT_LENGTH = 12,
    AT_NAMES = 16,
    AT_CHECKED = 24,
};

/* Times that are believed: 1900 to 2200, so that nanoseconds fit, too. */
#define MS_MIN INT64_C(-2208988800000)
#define MS_MAX INT64_C(7258118400000)

static const char magics[][MAGIC_SIZE + 1] = {
    [FRAME_NAMES] = "FRN1",
    [FRAME_BATCH] = "FRB1",
    [FRAME_ROWS] = "FRT1",
};

static uint32_t header_crc(const unsigned char *header)
{
    return crc32c(0, header + AT_CRC, FRAME_HEADER_SIZE - AT_CRC);
}

void frame_put(unsigned char header[FRAME_HEADER_SIZE], const struct frame *frame)
{
    memset(header, 0, FRAME_HEADER_SIZE);
    memcpy(header, magics[frame->kind], MAGIC_SIZE);
    number_put(header + AT_CRC, frame->crc, 4);
    number_put(header + AT_LENGTH, frame->length, 4);
    number_put(header + AT_NAMES, frame->names, 8);
    number_put(header + AT_CHECKED, frame->checked, 4);
    number_put(header + AT_HEADER_CRC, header_crc(header), 4);
}

bool frame_get(const unsigned char header[FRAME_HEADER_SIZE], struct frame *frame)
{
    struct frame found;
    size_t kind = 0;

    while (kind < sizeof magics / sizeof *magics &&
           memcmp(header, magics[kind], MAGIC_SIZE) != 0)
        kind++;
    if (kind == sizeof magics / sizeof *magics ||
        number_get(header + AT_HEADER_CRC, 4) != header_crc(header))
        return false;
    found = (struct frame){
        .kind = (enum frame_kind)kind,
        .length = (uint32_t)number_get(header + AT_LENGTH, 4),
        .checked = (uint32_t)number_get(header + AT_CHECKED, 4),
        .crc = (uint32_t)number_get(header + AT_CRC, 4),
        .names = number_get(header + AT_NAMES, 8),
    };
    if (found.length > FRAME_PAYLOAD_MAX || found.checked > found.length ||
        found.checked > FRAME_CHECKED_MAX)
        return false;
    *frame = found;
    return true;
}

size_t frame_find(const unsigned char *bytes, size_t size, size_t offset)
{
    struct frame frame;

    while (size - offset >= FRAME_HEADER_SIZE) {
        const unsigned char *next;

        if (frame_get(bytes + offset, &frame))
            return offset;
        next = memchr(bytes + offset + 1, magics[0][0], size - offset - 1);
        if (next == NULL)
            return size - FRAME_HEADER_SIZE + 1;
        offset = (size_t)(next - bytes);
    }
    return offset;
}

void batch_head_put(unsigned char to[BATCH_HEAD_SIZE], const struct batch_head *head)
{
    number_put(to, (uint64_t)head->first_ms, 8);
    number_put(to + 8, (uint64_t)head->last_ms, 8);
    number_put(to + 16, (uint64_t)head->base_ms, 8);
    number_put(to + 24, head->readings, 8);
    number_put(to + 32, head->tail, 8);
}

bool batch_head_get(const unsigned char from[BATCH_HEAD_SIZE], struct batch_head *head)
{
    *head = (struct batch_head){
        .first_ms = (int64_t)number_get(from, 8),
        .last_ms = (int64_t)number_get(from + 8, 8),
        .base_ms = (int64_t)number_get(from + 16, 8),
        .readings = number_get(from + 24, 8),
        .tail = number_get(from + 32, 8),
    };
    return head->first_ms >= MS_MIN && head->first_ms <= head->last_ms &&
           head->last_ms <= MS_MAX;
}

size_t chunk_entry_put(unsigned char to[CHUNK_ENTRY_MAX], int64_t last,
                       const struct chunk_entry *entry)
{
    size_t n = varint_put(to, (uint64_t)(entry->number - last - 1));

    n += varint_put(to + n, entry->readings);
    n += varint_put(to + n, (uint64_t)entry->length << 1 | entry->unsorted);
    number_put(to + n, entry->crc, 4);
    return n + 4;
}

bool chunk_entry_get(const unsigned char **at, const unsigned char *end, int64_t last,
                     struct chunk_entry *entry)
{
    uint64_t more;
    uint64_t readings;
    uint64_t length;

    if (!varint_get(at, end, &more) || !varint_get(at, end, &readings) ||
        !varint_get(at, end, &length) || end - *at < 4)
        return false;
    if (more > UINT32_MAX || (int64_t)more + last + 1 > UINT32_MAX ||
        readings > UINT32_MAX || length >> 1 > FRAME_PAYLOAD_MAX)
        return false;
    *entry = (struct chunk_entry){
        .number = (uint32_t)((int64_t)more + last + 1),
        .readings = (uint32_t)readings,
        .length = (uint32_t)(length >> 1),
        .crc = (uint32_t)number_get(*at, 4),
        .unsorted = length & 1,
    };
    *at += 4;
    return true;
}
