/* test_plantsim_bus.c - the paced bus: times of the wire, answers, silence, gaps, and a
 * whole exchange over a pseudo-terminal and through the gateway.
 */
#include "base/json_in.h"
#include "plantsim/bus_gateway.h"
#include "plantsim/bus_line.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t read_two[5] = {3, 0, 0, 0, 2};

/* --- times --------------------------------------------------------------------- */

static const struct {
    const char *name;
    int64_t baud;
    bool parity;
    int64_t stop_bits;
    double character_us;
    double silence_us;
} wires[] = {
    {"9600 8N1", 9600, false, 1, 1041.7, 4010.4},
    {"9600 8E1", 9600, true, 1, 1145.8, 4010.4},
    {"9600 8N2", 9600, false, 2, 1145.8, 4010.4},
    {"19200 8N1", 19200, false, 1, 520.8, 2005.2},
    {"38400 8N1", 38400, false, 1, 260.4, 1750},
};

static void test_wire(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        struct bus_wire wire =
            bus_wire_of(wires[i].baud, wires[i].parity, wires[i].stop_bits, 20);

        check_near(wires[i].name, (double)wire.character_ns / 1000, wires[i].character_us,
                   0.1);
        check_near(wires[i].name, (double)wire.silence_ns / 1000, wires[i].silence_us,
                   0.1);
        assert_int_equal(wire.latency_ns, 20 * CLOCK_MS);
    }
}

/* --- devices ------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t length; /* of the answer; 0 = silence */
    uint8_t unit;
    uint8_t pdu[5];
    uint8_t begins[2];
} questions[] = {
    {"registers", 6, 1, {3, 0, 0, 0, 2}, {3, 4}},
    {"input registers", 22, 3, {4, 0, 40, 0, 10}, {4, 20}},
    {"bits", 4, 2, {1, 0, 1, 0, 9}, {1, 2}},
    {"beyond the last register", 2, 1, {3, 0, 49, 0, 2}, {0x83, 2}},
    {"too many", 2, 1, {3, 0, 0, 0, 126}, {0x83, 3}},
    {"none", 2, 1, {3, 0, 0, 0, 0}, {0x83, 3}},
    {"a write", 2, 1, {6, 0, 0, 0, 1}, {0x86, 1}},
    {"a dead unit", 0, 4, {3, 0, 0, 0, 2}, {0, 0}},
    {"nobody", 0, 5, {3, 0, 0, 0, 2}, {0, 0}},
    {"broadcast", 0, 0, {3, 0, 0, 0, 2}, {0, 0}},
};

static void test_answers(void **state)
{
    struct bus *bus = bus_new(4, 50);
    struct err err = {0};

    (void)state;
    assert_int_equal(bus_set_dead(bus, 1, &err), 0);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        uint8_t out[MODBUS_PDU_MAX] = {0};
        size_t length = bus_answer(bus, questions[i].unit, questions[i].pdu, 5, out);

        check_case(questions[i].name, length == questions[i].length);
        check_case(questions[i].name, memcmp(out, questions[i].begins, 2) == 0);
    }
    assert_int_equal(bus_set_dead(bus, 5, &err), -1);
    assert_int_equal(bus_set_dead(bus, 0, &err), 0);
    assert_true(bus_answer(bus, 4, read_two, 5, (uint8_t[MODBUS_PDU_MAX]){0}) > 0);
    bus_free(bus);
}

static double counter(struct bus *bus, const char *path, bool clear)
{
    struct err err = {0};
    struct text text;
    struct json *json;
    double value = -1;

    text_init(&text, 100000);
    bus_counters(bus, &text, clear);
    json = json_parse(text.data, text.length, 100000, &err);
    if (json == NULL)
        fail_msg("%s: %s", err.text, text.data);
    if (json_path(json, path) != NULL)
        value = json_real(json_path(json, path));
    json_free(json);
    text_done(&text);
    return value;
}

static void test_gaps(void **state)
{
    const uint8_t elsewhere[5] = {3, 0, 8, 0, 2};
    struct bus *bus = bus_new(2, 50);

    (void)state;
    bus_answered(bus, 2, read_two, 5, CLOCK_MS);
    bus_answered(bus, 2, elsewhere, 5, CLOCK_MS);
    bus_answered(bus, 2, read_two, 5, CLOCK_MS);
    assert_int_equal(counter(bus, "units[1].answers", false), 3);
    assert_int_equal(counter(bus, "units[1].gaps", false), 1);
    assert_int_equal(counter(bus, "units[0].gaps", false), 0);
    check_near("wire", counter(bus, "wire_ms", true), 3, 1e-9);
    assert_int_equal(counter(bus, "answers", false), 0);
    bus_answered(bus, 2, read_two, 5, CLOCK_MS); /* the gap goes on over a clear */
    assert_int_equal(counter(bus, "units[1].gaps", false), 1);
    bus_free(bus);
}

/* --- exchanges ----------------------------------------------------------------- */

struct world {
    struct loop *loop;
    struct bus *bus;
    struct bus_line *line;
    struct bus_gateway *gateway;
    char path[64];
    uint16_t port;
    pthread_t thread;
};

static volatile sig_atomic_t stop;

static void *run(void *context)
{
    loop_run(((struct world *)context)->loop, &stop);
    return NULL;
}

/* 19200 8N1 with 60 ms of latency: 8 + 9 characters, two silences on the port. */
static void open_world(struct world *world, bool gateway)
{
    const struct bus_wire wire = bus_wire_of(19200, false, 1, 60);
    struct err err = {0};

    *world = (struct world){.loop = loop_new(&err), .bus = bus_new(2, 50)};
    assert_int_equal(bus_set_dead(world->bus, 1, &err), 0);
    (void)snprintf(world->path, sizeof world->path, "/tmp/test_bus_%d", getpid());
    for (world->port = 21000; gateway && world->gateway == NULL && world->port < 21100;
         world->port++) {
        const struct gateway_options options = {
            .port = world->port, .timeout_ms = 50, .exception = true};

        world->gateway = bus_gateway_new(world->loop, world->bus, &wire, &options, &err);
        if (world->gateway != NULL)
            break;
    }
    if (!gateway)
        world->line = bus_line_new(world->loop, world->bus, &wire, world->path, &err);
    if (world->line == NULL && world->gateway == NULL)
        fail_msg("%s", err.text);
    stop = 0;
    assert_int_equal(pthread_create(&world->thread, NULL, run, world), 0);
}

static void close_world(struct world *world)
{
    stop = 1; /* the loop looks at it once a second at least */
    assert_int_equal(pthread_join(world->thread, NULL), 0);
    bus_line_free(world->line);
    bus_gateway_free(world->gateway);
    loop_free(world->loop);
    bus_free(world->bus);
}

/* Milliseconds until `length` bytes have come, or -1 when they have not in 500. */
static double listen_for(int fd, uint8_t *bytes, size_t length)
{
    struct mono_time start = mono_now();
    size_t got = 0;

    while (got < length) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        ssize_t part;

        if (poll(&item, 1, 500) <= 0)
            return -1;
        part = read(fd, bytes + got, length - got);
        if (part <= 0)
            return -1;
        got += (size_t)part;
    }
    return (double)(mono_now().ns - start.ns) / (double)CLOCK_MS;
}

static void test_line(void **state)
{
    uint8_t request[MODBUS_FRAME_MAX];
    uint8_t answer[MODBUS_FRAME_MAX] = {0};
    struct world world = {0};
    struct mono_time begin;
    size_t length;
    int fd;

    (void)state;
    open_world(&world, false);
    fd = open(world.path, O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    length = modbus_rtu_wrap(request, 1, read_two, sizeof read_two);
    begin = mono_now();
    assert_int_equal(write(fd, request, length), length);
    assert_true(listen_for(fd, answer, 9) > 0);
    /* 17 characters of 0.52 ms, 2.0 ms of silence, 60 ms of latency; never sooner. */
    assert_true(mono_now().ns - begin.ns >= 70800 * CLOCK_MS / 1000);
    assert_int_equal(answer[2], 4);
    assert_int_equal(modbus_wire_crc(answer, 7), answer[7] | answer[8] << 8);
    length = modbus_rtu_wrap(request, 2, read_two, sizeof read_two);
    assert_int_equal(write(fd, request, length), length);
    assert_true(listen_for(fd, answer, 1) < 0);
    (void)close(fd);
    close_world(&world);
    assert_int_equal(access(world.path, F_OK), -1);
}

static void test_collision(void **state)
{
    uint8_t request[MODBUS_FRAME_MAX];
    uint8_t answer[MODBUS_FRAME_MAX] = {0};
    struct world world = {0};
    bool soon = false;
    size_t length;
    int fd;

    (void)state;
    open_world(&world, false);
    fd = open(world.path, O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    length = modbus_rtu_wrap(request, 1, read_two, sizeof read_two);
    for (int i = 0; i < 20; i++) { /* until this process was not put off */
        struct mono_time begin = mono_now();

        assert_int_equal(write(fd, request, length), length);
        mono_sleep_until(mono_add_ms(mono_now(), 25)); /* the device thinks now */
        assert_int_equal(write(fd, request, length), length);
        soon = mono_diff_ms(mono_now(), begin) < 50;
        assert_true(listen_for(fd, answer, 9) > 0);
        if (soon)
            break;
        (void)listen_for(fd, answer, 9); /* the second, too */
    }
    assert_true(soon);
    assert_true(listen_for(fd, answer, 1) < 0); /* the second was lost */
    (void)close(fd);
    close_world(&world);
}

static void test_gateway(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint8_t request[2 * MODBUS_FRAME_MAX];
    uint8_t answer[MODBUS_FRAME_MAX] = {0};
    struct world world = {0};
    struct mono_time begin;
    size_t length;
    int fd;

    (void)state;
    memset(request, 0, sizeof request);
    open_world(&world, true);
    address.sin_port = htons(world.port);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    /* Asked together, the dead unit first: served one after the other. */
    length = modbus_tcp_wrap(request, 7, 2, read_two, sizeof read_two);
    length += modbus_tcp_wrap(request + length, 8, 1, read_two, sizeof read_two);
    begin = mono_now();
    assert_int_equal(write(fd, request, length), length);
    assert_true(listen_for(fd, answer, 9) > 0);
    assert_true(mono_diff_ms(mono_now(), begin) >= 50);
    assert_int_equal(answer[1], 7);
    assert_int_equal(answer[7], 0x83);
    assert_int_equal(answer[8], MODBUS_NO_RESPONSE);
    /* Since it was asked: who was slow to take the first answer waits less for this one.
     */
    assert_true(listen_for(fd, answer, 13) > 0);
    assert_true(mono_diff_ms(mono_now(), begin) >= 120);
    assert_int_equal(answer[1], 8);
    assert_int_equal(answer[8], 4);
    (void)close(fd);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire),      cmocka_unit_test(test_answers),
        cmocka_unit_test(test_gaps),      cmocka_unit_test(test_line),
        cmocka_unit_test(test_collision), cmocka_unit_test(test_gateway),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
