/* The client against a device that lies: no lie becomes a value, and the poll after it is
 * clean, over TCP, RTU over TCP and a terminal. */
#include "tests/unit/check.h"

#include "adapters/modbus_client.h"
#include "tests/unit/modbus_peer.h"

#include <errno.h>
#include <sys/resource.h>

enum {
    TIMEOUT_MS = 100,
    SLACK_MS = 80, /* two cores that others use as well */
};

#define NOT_HERE ((enum client_result)99) /* "does not apply" */

static struct peer peer;
static struct client_reply reply;
static atomic_bool stop;

static struct link_settings link_to(const char *address)
{
    return (struct link_settings){
        .id = "test",
        .kind = LINK_MODBUS,
        .modbus = address,
        .timeout_ms = TIMEOUT_MS,
        .baud = 115200,
        .parity = "none",
        .stop_bits = 1,
    };
}

static struct modbus_client *client_of(const struct link_settings *link)
{
    struct err err = {0};
    struct modbus_client *client = modbus_client_new(link, &stop, &err);

    if (client == NULL)
        fail_msg("%s", err.text);
    return client;
}

static enum client_result read_at(struct modbus_client *client, uint16_t start,
                                  struct err *err)
{
    struct modbus_request request = {
        .unit = 5, .table = TABLE_HOLDING, .start = start, .count = 2};

    if (modbus_client_connect(client, err) != 0)
        return CLIENT_LOST;
    return modbus_client_read(client, request, &reply, err);
}

static void check_good(const char *name, struct modbus_client *client, uint16_t start)
{
    struct err err = {0};
    enum client_result result = read_at(client, start, &err);

    if (result != CLIENT_GOOD)
        fail_msg("case '%s': read of %u: %s", name, start, err.text);
    check_case(name, reply.cells[0] == start && reply.cells[1] == start + 1);
}

struct lie {
    const char *name;
    enum peer_wish wish;
    enum client_result tcp; /* what the read that is lied to comes to */
    enum client_result rtu;
};

static const struct lie lies[] = {
    {"late", WISH_LATE, CLIENT_TIMEOUT, CLIENT_TIMEOUT},
    {"wrong unit", WISH_WRONG_UNIT, CLIENT_PROTOCOL, CLIENT_PROTOCOL},
    {"wrong transaction", WISH_WRONG_TRANSACTION, CLIENT_PROTOCOL, CLIENT_GOOD},
    {"wrong function", WISH_WRONG_FUNCTION, CLIENT_PROTOCOL, CLIENT_PROTOCOL},
    {"short count", WISH_SHORT_COUNT, CLIENT_PROTOCOL, CLIENT_PROTOCOL},
    {"long count", WISH_LONG_COUNT, CLIENT_PROTOCOL, CLIENT_PROTOCOL},
    {"garbage", WISH_GARBAGE, CLIENT_PROTOCOL, CLIENT_PROTOCOL},
    {"drip", WISH_DRIP, CLIENT_TIMEOUT, CLIENT_TIMEOUT},
    {"endless", WISH_ENDLESS, CLIENT_PROTOCOL, CLIENT_PROTOCOL},
    {"silence", WISH_SILENCE, CLIENT_TIMEOUT, CLIENT_TIMEOUT},
    {"twice", WISH_TWICE, CLIENT_GOOD, CLIENT_GOOD},
    {"exception", WISH_EXCEPTION, CLIENT_EXCEPTION, CLIENT_EXCEPTION},
    {"wrong length", WISH_WRONG_LENGTH, CLIENT_PROTOCOL, NOT_HERE},
    {"bad checksum", WISH_BAD_CHECKSUM, NOT_HERE, CLIENT_PROTOCOL},
    {"close", WISH_CLOSE, CLIENT_LOST, CLIENT_LOST},
    {"half then close", WISH_HALF_THEN_CLOSE, CLIENT_LOST, CLIENT_LOST},
};

static bool applies(const struct lie *lie, enum peer_kind kind)
{
    bool closes = lie->wish == WISH_CLOSE || lie->wish == WISH_HALF_THEN_CLOSE;

    if (kind == PEER_TCP)
        return lie->tcp != NOT_HERE;
    return lie->rtu != NOT_HERE && !(closes && kind == PEER_PTY);
}

static void check_lie(const struct lie *lie, struct modbus_client *client,
                      enum peer_kind kind)
{
    struct err err = {0};
    struct mono_time before;
    enum client_result result;

    check_good(lie->name, client, 100);
    peer_next(&peer, lie->wish);
    before = mono_now();
    result = read_at(client, 200, &err);
    if (result != (kind == PEER_TCP ? lie->tcp : lie->rtu))
        fail_msg("case '%s' (kind %d): result %d: %s", lie->name, (int)kind, (int)result,
                 err.text);
    check_case(lie->name, mono_diff_ms(mono_now(), before) < TIMEOUT_MS + SLACK_MS);
    if (result == CLIENT_GOOD)
        check_case(lie->name, reply.cells[0] == 200 && reply.cells[1] == 201);
    for (uint16_t start = 300; start <= 600; start += 100)
        check_good(lie->name, client, start);
}

static void check_lies(enum peer_kind kind)
{
    struct link_settings link;
    struct modbus_client *client;

    peer_start(&peer, kind);
    peer_late(&peer, TIMEOUT_MS * 14 / 10);
    peer_exception(&peer, 4);
    link = link_to(peer.address);
    client = client_of(&link);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        if (applies(&lies[i], kind))
            check_lie(&lies[i], client, kind);
    modbus_client_free(client);
    peer_stop(&peer);
}

static void test_lies_over_tcp(void **state)
{
    (void)state;
    check_lies(PEER_TCP);
}

static void test_lies_over_rtu_tcp(void **state)
{
    (void)state;
    check_lies(PEER_RTU_TCP);
}

static void test_lies_over_a_terminal(void **state)
{
    (void)state;
    check_lies(PEER_PTY);
}

/* However late the answer to one read is, up to two response times: no later read of the
 * same length is given its value. */
static void test_late_by_any_delay(void **state)
{
    static const enum peer_kind kinds[] = {PEER_TCP, PEER_RTU_TCP, PEER_PTY};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct link_settings link;
        struct modbus_client *client;

        peer_start(&peer, kinds[k]);
        link = link_to(peer.address);
        client = client_of(&link);
        for (int64_t late_ms = 90; late_ms <= 190; late_ms += 10) {
            struct err err = {0};

            peer_late(&peer, late_ms);
            peer_next(&peer, WISH_LATE);
            (void)read_at(client, 100, &err);
            for (uint16_t start = 200; start <= 400; start += 100) {
                enum client_result result = read_at(client, start, &err);

                assert_true(result != CLIENT_GOOD || reply.cells[0] == start);
            }
            check_good("in step again", client, 500);
        }
        modbus_client_free(client);
        peer_stop(&peer);
    }
}

static void test_transactions_differ(void **state)
{
    struct link_settings link;
    struct modbus_client *client;

    (void)state;
    peer_start(&peer, PEER_TCP);
    link = link_to(peer.address);
    client = client_of(&link);
    for (uint16_t i = 0; i < 50; i++)
        check_good("read", client, i);
    assert_int_equal(peer_connections(&peer), 1);
    modbus_client_free(client);
    peer_stop(&peer);
    for (size_t i = 1; i < 50; i++)
        assert_int_equal(peer.log[i].transaction, peer.log[i - 1].transaction + 1);
}

static void test_every_table(void **state)
{
    static const struct {
        enum modbus_table table;
        uint16_t count;
    } rows[] = {{TABLE_COIL, 2000},
                {TABLE_DISCRETE, 13},
                {TABLE_INPUT, 125},
                {TABLE_HOLDING, 125}};

    (void)state;
    for (int kind = PEER_TCP; kind <= PEER_PTY; kind++) {
        struct link_settings link;
        struct modbus_client *client;
        struct err err = {0};

        peer_start(&peer, (enum peer_kind)kind);
        link = link_to(peer.address);
        client = client_of(&link);
        for (size_t i = 0; i < 4; i++) {
            struct modbus_request request = {
                .unit = 9, .table = rows[i].table, .start = 7, .count = rows[i].count};
            bool bits = rows[i].table == TABLE_COIL || rows[i].table == TABLE_DISCRETE;

            assert_int_equal(modbus_client_connect(client, &err), 0);
            if (modbus_client_read(client, request, &reply, &err) != CLIENT_GOOD)
                fail_msg("%s", err.text);
            for (uint32_t c = 0; c < rows[i].count; c++)
                assert_int_equal(reply.cells[c], bits ? (7 + c) & 1 : 7 + c);
        }
        modbus_client_free(client);
        peer_stop(&peer);
    }
}

/* Between an answer and the next request the line rests. */
static void test_turnaround(void **state)
{
    struct link_settings link;
    struct modbus_client *client;

    (void)state;
    peer_start(&peer, PEER_PTY);
    link = link_to(peer.address);
    link.turnaround_ms = 15;
    client = client_of(&link);
    for (uint16_t i = 0; i < 10; i++)
        check_good("read", client, i);
    modbus_client_free(client);
    peer_stop(&peer);
    for (size_t i = 1; i < 10; i++)
        assert_true(peer.log[i].at_ns - peer.log[i - 1].at_ns >= 15 * CLOCK_MS);
}

static void test_a_port_has_one_owner(void **state)
{
    struct link_settings link;
    struct modbus_client *first;
    struct modbus_client *second;
    struct err err = {0};

    (void)state;
    peer_start(&peer, PEER_PTY);
    link = link_to(peer.address);
    first = client_of(&link);
    second = client_of(&link);
    assert_int_equal(modbus_client_connect(first, &err), 0);
    assert_int_equal(modbus_client_connect(second, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "another program uses it"));
    modbus_client_close(first);
    assert_int_equal(modbus_client_connect(second, &err), 0);
    modbus_client_free(first);
    modbus_client_free(second);
    peer_stop(&peer);
}

static void test_nobody_listens(void **state)
{
    struct link_settings link;
    struct modbus_client *client;
    struct err err = {0};

    (void)state;
    peer_start(&peer, PEER_TCP);
    link = link_to(peer.address);
    client = client_of(&link);
    peer_stop(&peer);
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "Connection refused"));
    modbus_client_free(client);
    link = link_to("rtu:///dev/not-there");
    client = client_of(&link);
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    modbus_client_free(client);
}

/* A full backlog leaves a connection attempt without an answer. */
static void test_connect_keeps_its_deadline(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int fillers[8];
    char address[64];
    struct link_settings link;
    struct modbus_client *client;
    struct err err = {0};
    struct mono_time before;

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    for (size_t i = 0; i < 8; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&at, size);
    }
    (void)snprintf(address, sizeof address, "tcp://127.0.0.1:%u", ntohs(at.sin_port));
    link = link_to(address);
    client = client_of(&link);
    before = mono_now();
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_true(mono_diff_ms(mono_now(), before) >= TIMEOUT_MS);
    assert_true(mono_diff_ms(mono_now(), before) < TIMEOUT_MS + SLACK_MS);
    atomic_store(&stop, true);
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(err.kind, ERR_STATE);
    atomic_store(&stop, false);
    modbus_client_free(client);
    for (size_t i = 0; i < 8; i++)
        (void)close(fillers[i]);
    (void)close(listener);
}

/* libmodbus' select() would end the process; it waits for no socket of ours. */
static void test_high_descriptors_work(void **state)
{
    static const enum peer_kind kinds[] = {PEER_TCP, PEER_RTU_TCP, PEER_PTY};
    static int fds[1100];
    struct rlimit limit;
    size_t count = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 2000)
        skip();
    limit.rlim_cur = 2000;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    do
        fds[count] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (fds[count] < FD_SETSIZE && ++count < 1100);
    for (size_t k = 0; k < 3; k++) {
        struct link_settings link;
        struct modbus_client *client;

        peer_start(&peer, kinds[k]);
        link = link_to(peer.address);
        client = client_of(&link);
        check_good("above 1024", client, 1);
        assert_true(modbus_client_fd(client) >= FD_SETSIZE);
        modbus_client_free(client);
        peer_stop(&peer);
    }
    for (size_t i = 0; i <= count && i < 1100; i++)
        (void)close(fds[i]);
}

/* The text names the limit and the remedy, and with room again all is well. */
static void test_no_descriptor_left(void **state)
{
    struct rlimit limit;
    struct rlimit none;
    struct link_settings link;
    struct modbus_client *client;
    struct err err = {0};

    (void)state;
    peer_start(&peer, PEER_TCP);
    link = link_to(peer.address);
    client = client_of(&link);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){3, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(err.kind, ERR_FULL);
    assert_non_null(strstr(err.text, "may have 3 files open"));
    assert_non_null(strstr(err.text, "LimitNOFILE="));
    check_good("with room again", client, 1);
    modbus_client_free(client);
    peer_stop(&peer);
}

/* A stop does not wait for the silence after a failure. */
static void test_stop_ends_the_silence(void **state)
{
    struct link_settings link;
    struct modbus_client *client;
    struct err err = {0};
    struct mono_time before;

    (void)state;
    peer_start(&peer, PEER_PTY);
    link = link_to(peer.address);
    client = client_of(&link);
    peer_next(&peer, WISH_SILENCE);
    assert_int_equal(read_at(client, 1, &err), CLIENT_TIMEOUT);
    atomic_store(&stop, true);
    before = mono_now();
    assert_int_equal(read_at(client, 2, &err), CLIENT_STOPPED);
    assert_true(mono_diff_ms(mono_now(), before) < SLACK_MS);
    atomic_store(&stop, false);
    check_good("afterwards", client, 3);
    modbus_client_free(client);
    peer_stop(&peer);
}

static void test_settings_are_checked(void **state)
{
    static const struct {
        const char *name;
        const char *address;
        int64_t baud;
        const char *parity;
        int64_t stop_bits;
        int64_t timeout_ms;
        bool fine;
    } rows[] = {
        {"serial", "rtu:///dev/x", 9600, "even", 1, 500, true},
        {"a rate libmodbus turns into 9600", "rtu:///dev/x", 14400, "even", 1, 500,
         false},
        {"parity", "rtu:///dev/x", 9600, "mark", 1, 500, false},
        {"stop bits", "rtu:///dev/x", 9600, "none", 3, 500, false},
        {"timeout", "tcp://127.0.0.1", 9600, "none", 1, 0, false},
        {"address", "tcp:/127.0.0.1", 9600, "none", 1, 500, false},
        {"a socket has no rate", "rtu+tcp://127.0.0.1:1", 14400, "none", 1, 500, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct link_settings link = link_to(rows[i].address);
        struct modbus_client *client;
        struct err err = {0};

        link.baud = rows[i].baud;
        link.parity = rows[i].parity;
        link.stop_bits = rows[i].stop_bits;
        link.timeout_ms = rows[i].timeout_ms;
        client = modbus_client_new(&link, &stop, &err);
        check_case(rows[i].name, (client != NULL) == rows[i].fine);
        check_case(rows[i].name, err.kind == (rows[i].fine ? ERR_NONE : ERR_CONFIG));
        modbus_client_free(client);
    }
}

/* A test that failed left its device running. */
static int teardown(void **state)
{
    (void)state;
    peer_stop(&peer);
    atomic_store(&stop, false);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_lies_over_tcp, teardown),
        cmocka_unit_test_teardown(test_lies_over_rtu_tcp, teardown),
        cmocka_unit_test_teardown(test_lies_over_a_terminal, teardown),
        cmocka_unit_test_teardown(test_late_by_any_delay, teardown),
        cmocka_unit_test_teardown(test_transactions_differ, teardown),
        cmocka_unit_test_teardown(test_every_table, teardown),
        cmocka_unit_test_teardown(test_turnaround, teardown),
        cmocka_unit_test_teardown(test_a_port_has_one_owner, teardown),
        cmocka_unit_test_teardown(test_nobody_listens, teardown),
        cmocka_unit_test_teardown(test_connect_keeps_its_deadline, teardown),
        cmocka_unit_test_teardown(test_high_descriptors_work, teardown),
        cmocka_unit_test_teardown(test_no_descriptor_left, teardown),
        cmocka_unit_test_teardown(test_stop_ends_the_silence, teardown),
        cmocka_unit_test_teardown(test_settings_are_checked, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
