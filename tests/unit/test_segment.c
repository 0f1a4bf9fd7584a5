/* test_segment.c - whatever happens to a segment's bytes, the other records come out. */
#include "base/mem.h"
#include "history/segment.h"
#include "history/spool_cursor.h"
#include "tests/unit/check.h"

#include <stdio.h>

enum {
    RECORDS = 5,
    BYTES_MAX = 4096,
};

struct built {
    unsigned char bytes[BYTES_MAX];
    size_t size;
    size_t starts[RECORDS + 1]; /* of the records; the last one is where the end begins */
};

static void payload_of(int record, char out[64])
{
    (void)snprintf(out, 64, "pump,equipment=pump-%d flow=%d.5 17640000000000000%02d\n",
                   record, record, record);
}

static void build(struct built *b, bool ended)
{
    memset(b, 0, sizeof *b);
    for (int i = 0; i < RECORDS; i++) {
        char payload[64];

        payload_of(i, payload);
        b->starts[i] = b->size;
        segment_record_header(b->bytes + b->size, payload, strlen(payload), 1,
                              (struct wall_time){1000 + i});
        memcpy(b->bytes + b->size + SEGMENT_HEADER_SIZE, payload, strlen(payload));
        b->size += SEGMENT_HEADER_SIZE + strlen(payload);
    }
    b->starts[RECORDS] = b->size;
    if (ended) {
        segment_end_header(b->bytes + b->size, RECORDS, (struct wall_time){1004});
        b->size += SEGMENT_HEADER_SIZE;
    }
}

/* Reads all; found[i] counts how often record i came out whole. */
static void read_all(const unsigned char *bytes, size_t size, int found[RECORDS],
                     struct segment_damage *damage)
{
    struct segment_record record;
    size_t offset = 0;

    memset(found, 0, RECORDS * sizeof *found);
    *damage = (struct segment_damage){0};
    while (segment_next(bytes, size, true, &offset, &record, damage) == SEGMENT_RECORD) {
        char want[64];
        int i = (int)(record.time.ns - 1000);

        assert_true(i >= 0 && i < RECORDS);
        payload_of(i, want);
        assert_int_equal(record.length, strlen(want));
        assert_memory_equal(record.payload, want, record.length);
        found[i]++;
    }
    assert_int_equal(offset, size);
}

static void test_whole(void **state)
{
    struct built b;
    struct segment_damage damage;
    int found[RECORDS];
    uint32_t lines;
    struct wall_time time;

    (void)state;
    build(&b, true);
    read_all(b.bytes, b.size, found, &damage);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(found[i], 1);
    assert_int_equal(damage.bytes, 0);
    assert_true(segment_is_end(b.bytes + b.starts[RECORDS], &lines, &time));
    assert_int_equal(lines, RECORDS);
    assert_int_equal(time.ns, 1004);
    assert_true(segment_is_record(b.bytes, &lines, &time));
    assert_int_equal(time.ns, 1000);
    assert_false(segment_is_end(b.bytes, &lines, &time));
}

/* Changes one byte; only the record it is in may be lost. */
static void check_damage(size_t at, unsigned char mask)
{
    struct built b;
    struct segment_damage damage;
    int found[RECORDS];

    build(&b, true);
    b.bytes[at] ^= mask;
    read_all(b.bytes, b.size, found, &damage);
    assert_true(damage.bytes > 0);
    for (int i = 0; i < RECORDS; i++) {
        bool hit = at >= b.starts[i] && at < b.starts[i + 1];

        if (found[i] != (hit ? 0 : 1))
            fail_msg("byte %zu: record %d came %d times", at, i, found[i]);
    }
}

static void test_damage_at_every_byte(void **state)
{
    struct built b;

    (void)state;
    build(&b, true);
    for (size_t at = 0; at < b.size; at++) {
        check_damage(at, 0x01);
        check_damage(at, 0x80);
        check_damage(at, 0xff);
    }
}

static void test_torn_at_every_byte(void **state)
{
    struct built b;

    (void)state;
    build(&b, false);
    for (size_t size = 0; size <= b.size; size++) {
        struct segment_damage damage;
        int found[RECORDS];

        read_all(b.bytes, size, found, &damage);
        for (int i = 0; i < RECORDS; i++)
            assert_int_equal(found[i], b.starts[i + 1] <= size ? 1 : 0);
    }
}

/* Noise between the records, with pieces that look like headers. */
static void test_noise_between(void **state)
{
    static const char noise[] = "FSR1FSFSE1\0\0FSR1FSR";
    struct built b;
    unsigned char bytes[2 * BYTES_MAX];
    size_t size = 0;
    struct segment_damage damage;
    int found[RECORDS];

    (void)state;
    build(&b, false);
    for (int i = 0; i < RECORDS; i++) {
        memcpy(bytes + size, noise, sizeof noise);
        size += sizeof noise;
        memcpy(bytes + size, b.bytes + b.starts[i], b.starts[i + 1] - b.starts[i]);
        size += b.starts[i + 1] - b.starts[i];
    }
    read_all(bytes, size, found, &damage);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(found[i], 1);
    assert_int_equal(damage.bytes, RECORDS * sizeof noise);
}

/* A window of any size that holds a record shows all of them. */
static void test_windows(void **state)
{
    struct built b;

    (void)state;
    build(&b, true);
    for (size_t window = 100; window <= b.size; window++) {
        struct segment_damage damage = {0};
        struct segment_record record;
        size_t at = 0;
        int count = 0;

        while (at < b.size) {
            size_t size = b.size - at < window ? b.size - at : window;
            bool last = at + size == b.size;
            size_t offset = 0;
            enum segment_found found;

            while ((found = segment_next(b.bytes + at, size, last, &offset, &record,
                                         &damage)) == SEGMENT_RECORD)
                count++;
            assert_true(found == (last ? SEGMENT_OVER : SEGMENT_MORE));
            assert_true(offset > 0);
            at += offset;
        }
        assert_int_equal(count, RECORDS);
        assert_int_equal(damage.bytes, 0);
    }
}

static void test_cursor(void **state)
{
    struct spool_cursor cursor = {
        .ranges = {{.start = {1, 0}, .end = {2, 500}},
                   {.start = {3, 7}, .end = {UINT64_MAX - 1, 1}}},
        .count = 2,
        .fresh = {UINT64_MAX, UINT64_MAX},
    };
    struct spool_cursor back = {0};
    struct text text;

    (void)state;
    text_init(&text, SPOOL_CURSOR_BYTES_MAX);
    spool_cursor_print(&cursor, &text);
    assert_true(spool_cursor_parse(text.data, &back));
    assert_int_equal(back.count, 2);
    assert_true(spool_same(back.ranges[1].end, cursor.ranges[1].end));
    assert_true(spool_same(back.fresh, cursor.fresh));
    for (size_t at = 0; at < text.length; at++) {
        char old = text.data[at];

        text.data[at] ^= 1;
        assert_false(spool_cursor_parse(text.data, &back));
        text.data[at] = '\0';
        assert_false(spool_cursor_parse(text.data, &back));
        text.data[at] = old;
    }
    text_clear(&text);
    cursor.ranges[1].start = (struct spool_position){2, 499};
    spool_cursor_print(&cursor, &text);
    assert_false(spool_cursor_parse(text.data, &back)); /* ranges overlap */
    text_done(&text);
}

/* The longest cursor fits its bound. */
static void test_cursor_size(void **state)
{
    struct spool_cursor cursor = {.count = SPOOL_RANGES_MAX};
    struct text text;

    (void)state;
    for (size_t i = 0; i < SPOOL_RANGES_MAX; i++)
        cursor.ranges[i] = (struct spool_range){.start = {UINT64_MAX, UINT64_MAX},
                                                .end = {UINT64_MAX, UINT64_MAX}};
    text_init(&text, SPOOL_CURSOR_BYTES_MAX);
    spool_cursor_print(&cursor, &text);
    assert_false(text.overflow);
    text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_damage_at_every_byte),
        cmocka_unit_test(test_torn_at_every_byte),
        cmocka_unit_test(test_noise_between),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_cursor_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
