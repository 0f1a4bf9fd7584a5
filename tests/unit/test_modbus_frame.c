/* Requests as bytes, and answers of which only the right one passes. */
#include "tests/unit/check.h"

#include "adapters/modbus_endpoint.h"
#include "adapters/modbus_frame.h"

static const struct modbus_request tcp = {
    .transaction = 0x1234,
    .unit = 5,
    .table = TABLE_HOLDING,
    .start = 100,
    .count = 2,
};

static const struct modbus_request rtu = {
    .rtu = true,
    .unit = 5,
    .table = TABLE_HOLDING,
    .start = 100,
    .count = 2,
};

static void test_crc_vectors(void **state)
{
    static const struct {
        uint8_t bytes[6];
        uint8_t crc[2]; /* as they travel */
    } rows[] = {
        {{0x01, 0x04, 0x00, 0x00, 0x00, 0x02}, {0x71, 0xCB}},
        {{0x01, 0x03, 0x5B, 0x00, 0x00, 0x06}, {0xD6, 0xEC}},
        {{0x02, 0x04, 0x00, 0x00, 0x00, 0x09}, {0x30, 0x3F}},
        {{0x01, 0x04, 0x00, 0xC8, 0x00, 0x19}, {0xB0, 0x3E}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint16_t crc = modbus_crc(rows[i].bytes, 6);

        assert_int_equal(crc & 0xFF, rows[i].crc[0]);
        assert_int_equal(crc >> 8, rows[i].crc[1]);
    }
}

static void test_requests(void **state)
{
    static const struct {
        const char *name;
        struct modbus_request request;
        size_t length;
        uint8_t want[12];
    } rows[] = {
        {"tcp holding",
         {false, 0x1234, 5, TABLE_HOLDING, 100, 2, 0, 0},
         12,
         {0x12, 0x34, 0, 0, 0, 6, 5, 3, 0, 100, 0, 2}},
        {"tcp coils",
         {false, 0xFFFF, 255, TABLE_COIL, 0xFFF0, 16, 0, 0},
         12,
         {0xFF, 0xFF, 0, 0, 0, 6, 255, 1, 0xFF, 0xF0, 0, 16}},
        {"rtu input",
         {true, 0, 1, TABLE_INPUT, 0, 2, 0, 0},
         8,
         {1, 4, 0, 0, 0, 2, 0x71, 0xCB}},
        {"tcp discrete, most",
         {false, 0, 1, TABLE_DISCRETE, 0, 2000, 0, 0},
         12,
         {0, 0, 0, 0, 0, 6, 1, 2, 0, 0, 0x07, 0xD0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[MODBUS_FRAME_MAX];

        check_case(rows[i].name,
                   modbus_frame_request(&rows[i].request, out) == rows[i].length);
        check_case(rows[i].name, memcmp(out, rows[i].want, rows[i].length) == 0);
    }
}

static const struct {
    const char *name;
    size_t length;
    uint8_t frame[16];
    enum modbus_verdict want;
    const char *problem;
} tcp_answers[] = {
    {"good", 13, {0x12, 0x34, 0, 0, 0, 7, 5, 3, 4, 1, 2, 3, 4}, MODBUS_GOOD, ""},
    {"exception", 9, {0x12, 0x34, 0, 0, 0, 3, 5, 0x83, 2}, MODBUS_EXCEPTION, ""},
    {"exception 0x63", 9, {0x12, 0x34, 0, 0, 0, 3, 5, 0x83, 0x63}, MODBUS_EXCEPTION, ""},
    {"transaction",
     13,
     {0x12, 0x33, 0, 0, 0, 7, 5, 3, 4, 1, 2, 3, 4},
     MODBUS_WRONG,
     "answer to transaction 4659, asked 4660"},
    {"protocol",
     13,
     {0x12, 0x34, 0, 1, 0, 7, 5, 3, 4, 1, 2, 3, 4},
     MODBUS_WRONG,
     "protocol 1 is not Modbus"},
    {"length lies",
     13,
     {0x12, 0x34, 0, 0, 0, 200, 5, 3, 4, 1, 2, 3, 4},
     MODBUS_WRONG,
     "length field says 200 bytes, 7 came"},
    {"unit",
     13,
     {0x12, 0x34, 0, 0, 0, 7, 77, 3, 4, 1, 2, 3, 4},
     MODBUS_WRONG,
     "answer of unit 77, asked unit 5"},
    {"exception of another unit",
     9,
     {0x12, 0x34, 0, 0, 0, 3, 6, 0x83, 2},
     MODBUS_WRONG,
     "answer of unit 6, asked unit 5"},
    {"function",
     13,
     {0x12, 0x34, 0, 0, 0, 7, 5, 4, 4, 1, 2, 3, 4},
     MODBUS_WRONG,
     "answer to function 4, asked 3"},
    {"exception to another function",
     9,
     {0x12, 0x34, 0, 0, 0, 3, 5, 0x84, 2},
     MODBUS_WRONG,
     "answer to function 132, asked 3"},
    {"short count",
     11,
     {0x12, 0x34, 0, 0, 0, 5, 5, 3, 2, 1, 2},
     MODBUS_WRONG,
     "answer says 2 bytes, asked 4"},
    {"long count",
     15,
     {0x12, 0x34, 0, 0, 0, 9, 5, 3, 6, 1, 2, 3, 4, 5, 6},
     MODBUS_WRONG,
     "answer says 6 bytes, asked 4"},
    {"count lies",
     12,
     {0x12, 0x34, 0, 0, 0, 6, 5, 3, 4, 1, 2, 3},
     MODBUS_WRONG,
     "answer has 3 bytes of data, says 4"},
    {"long exception",
     10,
     {0x12, 0x34, 0, 0, 0, 4, 5, 0x83, 2, 2},
     MODBUS_WRONG,
     "exception of 3 bytes"},
    {"no body", 7, {0x12, 0x34, 0, 0, 0, 1, 5}, MODBUS_WRONG, "answer without a body"},
    {"stub", 6, {0x12, 0x34, 0, 0, 0, 0}, MODBUS_WRONG, "answer of 6 bytes is no frame"},
    {"nothing", 0, {0}, MODBUS_WRONG, "answer of 0 bytes is no frame"},
};

static void test_tcp_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tcp_answers / sizeof tcp_answers[0]; i++) {
        struct modbus_answer answer = {0};

        check_case(tcp_answers[i].name,
                   modbus_frame_check(&tcp, tcp_answers[i].frame, tcp_answers[i].length,
                                      &answer) == tcp_answers[i].want);
        check_text(tcp_answers[i].name, answer.problem, tcp_answers[i].problem);
        if (tcp_answers[i].want == MODBUS_EXCEPTION)
            check_case(tcp_answers[i].name, answer.exception == tcp_answers[i].frame[8]);
    }
}

/* `length` bytes with their checksum behind them. */
static size_t sealed(uint8_t out[32], const uint8_t *bytes, size_t length)
{
    uint16_t crc = modbus_crc(bytes, length);

    memcpy(out, bytes, length);
    out[length] = (uint8_t)(crc & 0xFF);
    out[length + 1] = (uint8_t)(crc >> 8);
    return length + 2;
}

static void test_rtu_answers(void **state)
{
    static const struct {
        const char *name;
        size_t length;
        uint8_t bytes[8];
        enum modbus_verdict want;
    } rows[] = {
        {"good", 7, {5, 3, 4, 1, 2, 3, 4}, MODBUS_GOOD},
        {"exception", 3, {5, 0x83, 11}, MODBUS_EXCEPTION},
        {"unit", 7, {6, 3, 4, 1, 2, 3, 4}, MODBUS_WRONG},
        {"broadcast unit", 7, {0, 3, 4, 1, 2, 3, 4}, MODBUS_WRONG},
        {"function", 7, {5, 4, 4, 1, 2, 3, 4}, MODBUS_WRONG},
        {"count", 5, {5, 3, 2, 1, 2}, MODBUS_WRONG},
        {"count lies", 6, {5, 3, 4, 1, 2, 3}, MODBUS_WRONG},
        {"stub", 1, {5}, MODBUS_WRONG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct modbus_answer answer;
        uint8_t frame[32];
        size_t length = sealed(frame, rows[i].bytes, rows[i].length);

        check_case(rows[i].name,
                   modbus_frame_check(&rtu, frame, length, &answer) == rows[i].want);
    }
}

/* Any single wrong bit, and any cut, is noticed. */
static void test_rtu_every_bit_counts(void **state)
{
    static const uint8_t bytes[] = {5, 3, 4, 1, 2, 3, 4};
    struct modbus_answer answer;
    uint8_t frame[32];
    size_t length = sealed(frame, bytes, sizeof bytes);

    (void)state;
    for (size_t bit = 0; bit < length * 8; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(modbus_frame_check(&rtu, frame, length, &answer), MODBUS_WRONG);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(modbus_frame_check(&rtu, frame, cut, &answer), MODBUS_WRONG);
}

static void test_cells(void **state)
{
    static const uint8_t registers[] = {0, 1, 0,    0,    0,    7,   5,
                                        3, 4, 0xAB, 0xCD, 0x00, 0x01};
    static const uint8_t bits[] = {5, 1, 2, 0xCD, 0x01, 0, 0};
    struct modbus_request request = rtu;
    static const uint16_t want[] = {1, 0, 1, 1, 0, 0, 1, 1, 1};
    uint16_t cells[9];

    (void)state;
    modbus_frame_cells(&tcp, registers, cells);
    assert_int_equal(cells[0], 0xABCD);
    assert_int_equal(cells[1], 1);
    request.table = TABLE_COIL;
    request.count = 9;
    modbus_frame_cells(&request, bits, cells);
    assert_memory_equal(cells, want, sizeof want);
    assert_int_equal(modbus_frame_answer_size(&request), 7);
    assert_int_equal(modbus_frame_answer_size(&tcp), 13);
}

static void test_endpoints(void **state)
{
    static const struct {
        const char *text;
        int result;
        enum endpoint_kind kind;
        const char *host;
        const char *port;
    } rows[] = {
        {"tcp://192.168.10.20:502", 0, ENDPOINT_TCP, "192.168.10.20", "502"},
        {"tcp://meter.example", 0, ENDPOINT_TCP, "meter.example", "502"},
        {"tcp://[fe80::1]:1502", 0, ENDPOINT_TCP, "fe80::1", "1502"},
        {"tcp://[::1]", 0, ENDPOINT_TCP, "::1", "502"},
        {"rtu+tcp://10.0.0.1:4001", 0, ENDPOINT_RTU_TCP, "10.0.0.1", "4001"},
        {"rtu:///dev/serial/by-id/usb-A", 0, ENDPOINT_SERIAL, "/dev/serial/by-id/usb-A",
         ""},
        {"rtu://dev/ttyUSB0", -1, ENDPOINT_TCP, "", ""},
        {"tcp://", -1, ENDPOINT_TCP, "", ""},
        {"tcp://:502", -1, ENDPOINT_TCP, "", ""},
        {"tcp://host:0", -1, ENDPOINT_TCP, "", ""},
        {"tcp://host:65536", -1, ENDPOINT_TCP, "", ""},
        {"tcp://host:+5", -1, ENDPOINT_TCP, "", ""},
        {"tcp://host:502/x", -1, ENDPOINT_TCP, "", ""},
        {"tcp://host/x", -1, ENDPOINT_TCP, "", ""},
        {"tcp://[::1", -1, ENDPOINT_TCP, "", ""},
        {"tcp://[::1]502", -1, ENDPOINT_TCP, "", ""},
        {"udp://host:502", -1, ENDPOINT_TCP, "", ""},
        {"", -1, ENDPOINT_TCP, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct modbus_endpoint got = {0};
        struct err err = {0};

        check_case(rows[i].text,
                   modbus_endpoint_parse(rows[i].text, &got, &err) == rows[i].result);
        check_case(rows[i].text, got.kind == rows[i].kind);
        check_text(rows[i].text, got.host, rows[i].host);
        check_text(rows[i].text, got.port, rows[i].port);
        check_case(rows[i].text, (err.kind == ERR_CONFIG) == (rows[i].result != 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc_vectors),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_tcp_answers),
        cmocka_unit_test(test_rtu_answers),
        cmocka_unit_test(test_rtu_every_bit_counts),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_endpoints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
