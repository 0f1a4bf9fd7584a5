/* test_journal.c - frames come back whole or not at all. */
#include "base/file.h"
#include "base/mem.h"
#include "history/journal.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FRAMES = 3,
    RECORDS = 2, /* of a frame */
    BYTES_MAX = 1 << 20,
    FRAME_SIZE = JOURNAL_HEADER_SIZE + RECORDS * 16,
};

/* A file of FRAMES frames; frame i holds the values 10 * i and 10 * i + 1. */
static unsigned char *make_file(size_t *size)
{
    char folder[] = "/tmp/facilityd-journal-XXXXXX";
    struct journal journal;
    unsigned char *bytes;
    uint64_t *ids;
    size_t count;
    struct err err;

    assert_non_null(mkdtemp(folder));
    journal_init(&journal);
    assert_int_equal(journal_begin(&journal, folder, 7, 29400000, &err), 0);
    for (uint32_t i = 0; i < FRAMES; i++) {
        for (uint32_t r = 0; r < RECORDS; r++)
            assert_false(journal_add(&journal, i + 1, r, 10.0 * i + r));
        assert_int_equal(journal_flush(&journal, &err), 0);
        assert_int_equal(journal_flush(&journal, &err), 0); /* nothing waits */
    }
    ids = journal_list(folder, &count);
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], 7);
    bytes = (unsigned char *)file_read(journal.path, BYTES_MAX, size, &err);
    assert_non_null(bytes);
    journal_remove(&journal);
    journal_done(&journal);
    mem_free(ids);
    assert_int_equal(rmdir(folder), 0);
    return bytes;
}

/* found[i] counts how often frame i came out whole. */
static void read_all(const unsigned char *bytes, size_t size, int found[FRAMES])
{
    static struct journal_record records[JOURNAL_FRAME_RECORDS];
    size_t offset = 0;
    size_t count;
    int64_t minute;

    memset(found, 0, FRAMES * sizeof *found);
    while (journal_next(bytes, size, &offset, &minute, records, &count)) {
        assert_int_equal(minute, 29400000);
        assert_int_equal(count, RECORDS);
        assert_in_range(records[0].series, 1, FRAMES);
        assert_true(records[1].value == 10.0 * (records[0].series - 1) + 1);
        found[records[0].series - 1]++;
    }
    assert_int_equal(offset, size);
}

static void test_whole(void **state)
{
    size_t size;
    unsigned char *bytes = make_file(&size);
    int found[FRAMES];

    (void)state;
    assert_int_equal(size, FRAMES * FRAME_SIZE);
    read_all(bytes, size, found);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(found[i], 1);
    mem_free(bytes);
}

static void test_damage_at_every_byte(void **state)
{
    size_t size;
    unsigned char *bytes = make_file(&size);

    (void)state;
    for (size_t at = 0; at < size; at++) {
        int found[FRAMES];

        bytes[at] ^= 0x40;
        read_all(bytes, size, found);
        bytes[at] ^= 0x40;
        for (size_t i = 0; i < FRAMES; i++)
            assert_int_equal(found[i], at / FRAME_SIZE == i ? 0 : 1);
    }
    mem_free(bytes);
}

static void test_torn_at_every_byte(void **state)
{
    size_t size;
    unsigned char *bytes = make_file(&size);

    (void)state;
    for (size_t length = 0; length <= size; length++) {
        int found[FRAMES];

        read_all(bytes, length, found);
        for (size_t i = 0; i < FRAMES; i++)
            assert_int_equal(found[i], (i + 1) * FRAME_SIZE <= length ? 1 : 0);
    }
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_damage_at_every_byte),
        cmocka_unit_test(test_torn_at_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
