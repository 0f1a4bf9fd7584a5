/* Where an answer is found among other bytes, given in pieces of any size. */
#include "tests/unit/check.h"

#include "adapters/modbus_stream.h"

#include <string.h>

enum {
    BYTES_MAX = 64,
    NOWHERE = 99, /* "no frame is found" */
};

static const struct stream_packet packets[STREAM_PACKETS] = {{"DTU-17", 6},
                                                             {"\x01\x02", 2}};
static const struct stream_packet none[STREAM_PACKETS];

static const struct modbus_request rtu = {
    .rtu = true, .unit = 1, .table = TABLE_HOLDING, .start = 7, .count = 1};
static const struct modbus_request tcp = {
    .transaction = 0x0107, .unit = 1, .table = TABLE_HOLDING, .start = 7, .count = 1};

/* 01 03 02 00 07 F9 86: register 7 holds 7. */
#define ANSWER     "\x01\x03\x02\x00\x07\xF9\x86"
#define REFUSED    "\x01\x83\x02\xC0\xF1"
#define TCP_ANSWER "\x01\x07\x00\x00\x00\x05\x01\x03\x02\x00\x07"
#define TCP_OLDER  "\x01\x06\x00\x00\x00\x05\x01\x03\x02\x00\x06"

struct row {
    const char *name;
    const char *bytes;
    size_t count;
    enum stream_state state;
    size_t start;
    size_t length;
};

#define BYTES(text) (text), sizeof(text) - 1

static const struct row rtu_rows[] = {
    {"the answer", BYTES(ANSWER), STREAM_FRAME, 0, 7},
    {"an exception", BYTES(REFUSED), STREAM_FRAME, 0, 5},
    {"half of it", BYTES("\x01\x03\x02\x00"), STREAM_WAITING, NOWHERE, 0},
    {"a byte of noise in front", BYTES("\xFF" ANSWER), STREAM_FRAME, 1, 7},
    {"four bytes of noise", BYTES("\x00\xFF\x00\x01" ANSWER), STREAM_FRAME, 4, 7},
    {"five bytes are more than noise", BYTES("\xFF\xFF\xFF\xFF\xFF" ANSWER),
     STREAM_FOREIGN, NOWHERE, 0},
    {"a keepalive packet", BYTES("DTU-17" ANSWER), STREAM_FRAME, 6, 7},
    {"several, and noise", BYTES("DTU-17DTU-17\x01\x02\xFF" ANSWER), STREAM_FRAME, 15, 7},
    {"half a keepalive packet", BYTES("DTU-1"), STREAM_WAITING, NOWHERE, 0},
    {"keepalive packets only", BYTES("DTU-17\x01\x02"), STREAM_WAITING, NOWHERE, 0},
    {"a packet that looks like the unit", BYTES("\x01\x02" ANSWER), STREAM_FRAME, 2, 7},
    {"a packet behind", BYTES(ANSWER "DTU-17"), STREAM_FRAME, 0, 7},
    {"another unit", BYTES("\x02\x03\x02\x00\x07\xBD\x86"), STREAM_FOREIGN, NOWHERE, 0},
    {"another function", BYTES("\x01\x04\x02\x00\x07\xF8\xF2"), STREAM_FOREIGN, NOWHERE,
     0},
    {"another size", BYTES("\x01\x03\x04\x00\x07\x00\x08\x4A\x34"), STREAM_FOREIGN,
     NOWHERE, 0},
    {"a damaged byte", BYTES("\x01\x03\x02\x00\x06\xF9\x86"), STREAM_FRAME, 0, 7},
};

static const struct row tcp_rows[] = {
    {"the answer", BYTES(TCP_ANSWER), STREAM_FRAME, 0, 11},
    {"the head only", BYTES("\x01\x07\x00\x00\x00\x05"), STREAM_WAITING, NOWHERE, 0},
    {"an older answer in front", BYTES(TCP_OLDER TCP_ANSWER), STREAM_FRAME, 0, 11},
    {"a keepalive packet", BYTES("DTU-17" TCP_ANSWER), STREAM_FRAME, 6, 11},
    {"half a keepalive packet", BYTES("DTU-1"), STREAM_WAITING, NOWHERE, 0},
    {"a packet and an older answer", BYTES("DTU-17" TCP_OLDER), STREAM_FRAME, 6, 11},
    {"garbage", BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), STREAM_FOREIGN, NOWHERE, 0},
    {"more than was asked for", BYTES("\x01\x07\x00\x00\x00\x50\x01\x03"), STREAM_FOREIGN,
     NOWHERE, 0},
    {"a length of nothing", BYTES("\x01\x07\x00\x00\x00\x01\x01"), STREAM_FOREIGN,
     NOWHERE, 0},
};

static void check_rows(const struct row *rows, size_t count,
                       const struct modbus_request *request)
{
    for (size_t i = 0; i < count; i++) {
        struct stream_found found = {NOWHERE, 0};

        check_case(rows[i].name,
                   modbus_stream_look(request, packets, (const uint8_t *)rows[i].bytes,
                                      rows[i].count, &found) == rows[i].state);
        check_case(rows[i].name, found.start == rows[i].start);
        check_case(rows[i].name, found.length == rows[i].length);
    }
}

static void test_rtu(void **state)
{
    (void)state;
    check_rows(rtu_rows, sizeof rtu_rows / sizeof rtu_rows[0], &rtu);
}

static void test_tcp(void **state)
{
    (void)state;
    check_rows(tcp_rows, sizeof tcp_rows / sizeof tcp_rows[0], &tcp);
}

/* However it drips, what is found at the end is found before the end never. */
static void check_pieces(const char *name, const struct modbus_request *request,
                         const char *bytes, size_t count)
{
    struct stream_found found;

    for (size_t i = 1; i < count; i++)
        check_case(name, modbus_stream_look(request, packets, (const uint8_t *)bytes, i,
                                            &found) == STREAM_WAITING);
    check_case(name, modbus_stream_look(request, packets, (const uint8_t *)bytes, count,
                                        &found) == STREAM_FRAME);
}

static void test_pieces(void **state)
{
    (void)state;
    check_pieces("rtu", &rtu, BYTES(ANSWER));
    check_pieces("rtu, noise", &rtu, BYTES("\xFF\x00" ANSWER));
    check_pieces("rtu, packet", &rtu, BYTES("DTU-17" ANSWER));
    check_pieces("tcp", &tcp, BYTES(TCP_ANSWER));
    check_pieces("tcp, packet", &tcp, BYTES("DTU-17" TCP_ANSWER));
}

static void test_without_packets(void **state)
{
    struct stream_found found;

    (void)state;
    assert_int_equal(modbus_stream_packets(none, (const uint8_t *)"DTU-17", 6), 0);
    assert_int_equal(modbus_stream_look(&rtu, none, (const uint8_t *)"DTU-17", 6, &found),
                     STREAM_FOREIGN);
    assert_int_equal(modbus_stream_look(&rtu, none, (const uint8_t *)"", 0, &found),
                     STREAM_WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rtu),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_without_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
