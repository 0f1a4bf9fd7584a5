/* test_frame_explain.c - frames of both framings in words. */
#include "adapters/frame_explain.h"
#include "tests/unit/check.h"

static const struct modbus_request asked = {
    .transaction = 7, .unit = 17, .table = TABLE_INPUT, .start = 70, .count = 2};

static size_t frame(const struct modbus_request *request, bool rtu,
                    unsigned char out[MODBUS_FRAME_MAX])
{
    struct modbus_request as = *request;

    as.rtu = rtu;
    return modbus_frame_request(&as, out);
}

static void requests_of_both_framings(void **state)
{
    (void)state;
    for (int rtu = 0; rtu <= 1; rtu++) {
        unsigned char bytes[MODBUS_FRAME_MAX];
        size_t length = frame(&asked, rtu == 1, bytes);
        struct frame_words words;

        frame_explain_request(bytes, length, &words);
        assert_true(words.readable);
        assert_int_equal(words.rtu, rtu);
        assert_int_equal(words.transaction, rtu ? 0 : 7);
        assert_int_equal(words.unit, 17);
        assert_int_equal(words.function, 4);
        assert_int_equal(words.table, TABLE_INPUT);
        assert_true(words.ranged);
        assert_int_equal(words.start, 70);
        assert_int_equal(words.count, 2);
        check_text("problem", words.problem, "");
    }
}

/* An answer with the wire's bytes; `crc`: the checksum is put behind it. */
static const struct answer_case {
    const char *name;
    bool rtu;
    unsigned char bytes[16];
    size_t length;
    bool crc;
    unsigned exception;
    size_t cells;
    uint16_t first;
    const char *problem; /* a part of it */
} answers[] = {
    {"tcp",
     false,
     {0, 7, 0, 0, 0, 7, 17, 4, 4, 0x42, 0x48, 0x14, 0x7B},
     13,
     false,
     0,
     2,
     0x4248,
     ""},
    {"rtu", true, {17, 4, 4, 0x42, 0x48, 0x14, 0x7B}, 7, true, 0, 2, 0x4248, ""},
    {"tcp exception", false, {0, 7, 0, 0, 0, 3, 17, 0x84, 2}, 9, false, 2, 0, 0, ""},
    {"rtu exception", true, {17, 0x84, 2}, 3, true, 2, 0, 0, ""},
    {"other transaction",
     false,
     {0, 6, 0, 0, 0, 7, 17, 4, 4, 1, 2, 3, 4},
     13,
     false,
     0,
     2,
     0x0102,
     "transaction 6, asked 7"},
    {"other unit",
     true,
     {18, 4, 4, 1, 2, 3, 4},
     7,
     true,
     0,
     2,
     0x0102,
     "unit 18, asked unit 17"},
    {"cut",
     false,
     {0, 7, 0, 0, 0, 7, 17, 4, 4, 0x42},
     10,
     false,
     0,
     0,
     0,
     "length field says 7 bytes, 4 came"},
    {"bad checksum",
     true,
     {17, 4, 4, 1, 2, 3, 4, 9, 9},
     9,
     false,
     0,
     2,
     0x0102,
     "checksum"},
    {"one byte", true, {0x11}, 1, false, 0, 0, 0, "no frame"},
    {"another function",
     true,
     {17, 3, 4, 1, 2, 3, 4},
     7,
     true,
     0,
     2,
     0x0102,
     "function 3, asked 4"},
};

static void answers_are_compared_with_what_was_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct answer_case *c = &answers[i];
        unsigned char out[MODBUS_FRAME_MAX];
        unsigned char bytes[32];
        size_t length = c->length;
        struct frame_words request;
        struct frame_words words;

        memcpy(bytes, c->bytes, length);
        if (c->crc) {
            uint16_t crc = modbus_crc(bytes, length);

            bytes[length++] = (unsigned char)crc;
            bytes[length++] = (unsigned char)(crc >> 8);
        }
        frame_explain_request(out, frame(&asked, c->rtu, out), &request);
        frame_explain_answer(bytes, length, &request, &words);
        check_case(c->name, words.exception == c->exception);
        check_case(c->name, words.cell_count == c->cells);
        if (c->cells > 0)
            check_case(c->name, words.cells[0] == c->first);
        check_case(c->name, (c->problem[0] == '\0') == (words.problem[0] == '\0'));
        if (strstr(words.problem, c->problem) == NULL)
            fail_msg("%s: %s", c->name, words.problem);
        check_case(c->name, words.ranged == (c->problem[0] == '\0'));
    }
}

static void bits_are_as_many_as_were_asked(void **state)
{
    static const struct modbus_request coils = {
        .transaction = 1, .unit = 1, .table = TABLE_COIL, .start = 3, .count = 10};
    static const unsigned char bytes[] = {0, 1, 0, 0, 0, 5, 1, 1, 2, 0x05, 0x02};
    unsigned char out[MODBUS_FRAME_MAX];
    struct frame_words request;
    struct frame_words words;

    (void)state;
    frame_explain_request(out, frame(&coils, false, out), &request);
    frame_explain_answer(bytes, sizeof bytes, &request, &words);
    assert_int_equal(words.cell_count, 10);
    assert_int_equal(words.cells[0], 1);
    assert_int_equal(words.cells[1], 0);
    assert_int_equal(words.cells[2], 1);
    assert_int_equal(words.cells[9], 1);
    frame_explain_answer(bytes, sizeof bytes, NULL, &words);
    assert_int_equal(words.cell_count, 16);
}

/* Whatever comes, nothing is read beyond its end (the sanitizers look). */
static void garbage_of_every_length(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (size_t length = 0; length <= 264; length++) {
        unsigned char *bytes = malloc(length == 0 ? 1 : length);
        struct frame_words words;

        for (size_t round = 0; round < 20; round++) {
            for (size_t i = 0; i < length; i++) {
                seed = seed * 1664525U + 1013904223U;
                bytes[i] = (unsigned char)(seed >> 24);
            }
            if (length > 8 && round % 2 == 0)
                memcpy(bytes, (unsigned char[]){0, 1, 0, 0, 0, 200, 1, 3, 250}, 9);
            frame_explain_request(bytes, length, &words);
            frame_explain_answer(bytes, length, NULL, &words);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_both_framings),
        cmocka_unit_test(answers_are_compared_with_what_was_asked),
        cmocka_unit_test(bits_are_as_many_as_were_asked),
        cmocka_unit_test(garbage_of_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
