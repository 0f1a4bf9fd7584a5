/* fuzz_spool.c - any bytes as a segment and as a cursor. */
#include "base/mem.h"
#include "history/segment.h"
#include "history/spool_cursor.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whole and in windows, the same records must come out. */
static uint64_t read_all(const uint8_t *data, size_t size, size_t window)
{
    struct segment_damage damage = {0};
    struct segment_record record;
    uint64_t sum = 0;
    size_t at = 0;

    while (at < size) {
        size_t part = size - at < window ? size - at : window;
        bool last = at + part == size;
        size_t offset = 0;

        while (segment_next(data + at, part, last, &offset, &record, &damage) ==
               SEGMENT_RECORD) {
            assert(record.size == SEGMENT_HEADER_SIZE + record.length);
            assert(record.offset + record.size <= part);
            sum = sum * 31 + record.lines + record.length;
        }
        assert(offset <= part);
        if (offset == 0) { /* a record larger than this window */
            window *= 2;
            continue;
        }
        at += offset;
    }
    assert(damage.bytes <= size);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spool_cursor cursor;
    char *text = mem_strndup((const char *)data, size);

    assert(read_all(data, size, size) == read_all(data, size, 64));
    if (spool_cursor_parse(text, &cursor)) {
        struct text out;

        text_init(&out, SPOOL_CURSOR_BYTES_MAX);
        spool_cursor_print(&cursor, &out);
        text_done(&out);
    }
    mem_free(text);
    return 0;
}
