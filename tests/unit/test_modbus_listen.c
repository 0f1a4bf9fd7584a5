/* Devices that dial in: told apart by what they send first, replaced when they dial
 * again, kept over a reload; what is known to nobody is sent away and told. */
#include "tests/unit/check.h"

#include "adapters/modbus_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TIMEOUT_MS = 300,
    WAIT_MS = 3000,
    SILENT_MAX = 100,
};

static atomic_bool stop;
static char address[64];
static uint16_t port;

/* --- a device ------------------------------------------------------------------- */

struct device {
    bool rtu;
    const char *before; /* what it sends before each answer; NULL: nothing */
    size_t before_length;
    int fd;
    pthread_t thread;
    bool running;
};

static size_t answer_to(const struct device *device, const uint8_t *in, uint8_t *out)
{
    size_t head = device->rtu ? 1 : 7;
    const uint8_t *pdu = in + head;
    size_t registers = pdu[4];
    size_t length = head + 2 + 2 * registers;

    memcpy(out, in, head);
    out[head] = pdu[0];
    out[head + 1] = (uint8_t)(2 * registers);
    for (size_t i = 0; i < registers; i++) { /* a register's value is its address */
        out[head + 2 + 2 * i] = pdu[1];
        out[head + 3 + 2 * i] = (uint8_t)(pdu[2] + i);
    }
    if (device->rtu) {
        uint16_t crc = modbus_crc(out, length);

        out[length] = (uint8_t)(crc & 0xFF);
        out[length + 1] = (uint8_t)(crc >> 8);
        return length + 2;
    }
    out[5] = (uint8_t)(length - 6);
    return length;
}

static void *run(void *context)
{
    struct device *device = context;
    size_t whole = device->rtu ? 8 : 12;
    uint8_t in[64];
    size_t filled = 0;

    for (;;) {
        ssize_t got = recv(device->fd, in + filled, whole - filled, 0);
        uint8_t out[300];

        if (got <= 0)
            return NULL;
        filled += (size_t)got;
        if (filled < whole)
            continue;
        filled = 0;
        if (device->before != NULL)
            (void)send(device->fd, device->before, device->before_length, MSG_NOSIGNAL);
        (void)send(device->fd, out, answer_to(device, in, out), MSG_NOSIGNAL);
    }
}

static int connect_to(int family)
{
    struct sockaddr_in four = {.sin_family = AF_INET,
                               .sin_port = htons(port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons(port),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    int rc = family == AF_INET ? connect(fd, (struct sockaddr *)&four, sizeof four)
                               : connect(fd, (struct sockaddr *)&six, sizeof six);

    assert_int_equal(rc, 0);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* `pieces` of the registration, the last with what is left. */
static void dial(struct device *device, const char *registration, size_t pieces)
{
    size_t length = strlen(registration);

    device->fd = connect_to(AF_INET);
    for (size_t i = 0; i < pieces; i++) {
        size_t from = length * i / pieces;

        assert_true(send(device->fd, registration + from,
                         length * (i + 1) / pieces - from, 0) > 0);
        if (i + 1 < pieces)
            (void)usleep(20 * 1000);
    }
    device->running = pthread_create(&device->thread, NULL, run, device) == 0;
}

static void hang_up(struct device *device)
{
    if (!device->running)
        return;
    (void)shutdown(device->fd, SHUT_RDWR);
    (void)pthread_join(device->thread, NULL);
    (void)close(device->fd);
    device->running = false;
}

/* --- the gateway's side ----------------------------------------------------------- */

static void free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    port = ntohs(at.sin_port);
    (void)close(fd);
}

static struct link_settings link_at(const char *scheme, const char *host,
                                    const char *registration)
{
    (void)snprintf(address, sizeof address, "%s://%s:%u", scheme, host, port);
    return (struct link_settings){
        .id = "dtu",
        .modbus = address,
        .timeout_ms = TIMEOUT_MS,
        .parity = "none",
        .stop_bits = 1,
        .registration = registration,
        .registration_length = strlen(registration),
        .keepalive_packet = "\x01HB",
        .keepalive_packet_length = 3,
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

static void connect_soon(struct modbus_client *client)
{
    struct mono_time end = mono_add_ms(mono_now(), WAIT_MS);
    struct err err = {0};

    while (modbus_client_connect(client, &err) != 0) {
        if (!mono_before(mono_now(), end))
            fail_msg("%s", err.text);
        (void)usleep(5 * 1000);
    }
}

static enum client_result read_at(struct modbus_client *client, uint16_t start)
{
    static struct client_reply reply;
    struct modbus_request request = {
        .unit = 1, .table = TABLE_HOLDING, .start = start, .count = 2};
    struct err err = {0};
    enum client_result result = modbus_client_read(client, request, &reply, &err);

    if (result == CLIENT_GOOD)
        assert_int_equal(reply.cells[0], start);
    return result;
}

/* Until the text of a failed connect contains `what`. */
static void await_trouble(struct modbus_client *client, const char *what)
{
    struct mono_time end = mono_add_ms(mono_now(), WAIT_MS);
    struct err err = {0};

    do {
        assert_int_equal(modbus_client_connect(client, &err), -1);
        assert_int_equal(err.kind, ERR_IO);
        (void)usleep(5 * 1000);
    } while (strstr(err.text, what) == NULL && mono_before(mono_now(), end));
    if (strstr(err.text, what) == NULL)
        fail_msg("'%s' is not in: %s", what, err.text);
}

static void test_told_apart(void **state)
{
    static const char *const schemes[] = {"listen+rtu", "listen+tcp"};

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct device devices[2] = {{.rtu = s == 0}, {.rtu = s == 0}};
        struct link_settings a;
        struct link_settings b;
        struct modbus_client *first;
        struct modbus_client *second;

        free_port();
        a = link_at(schemes[s], "0.0.0.0", "DTU-A");
        b = link_at(schemes[s], "0.0.0.0", "DTU-B");
        first = client_of(&a);
        second = client_of(&b);
        await_trouble(first, "no device has dialled in since");
        await_trouble(second, "no device has dialled in since");
        dial(&devices[1], "DTU-B", 1);
        dial(&devices[0], "DTU-A and more", 3);
        connect_soon(second);
        connect_soon(first);
        assert_int_equal(read_at(first, 7), CLIENT_GOOD);
        assert_int_equal(read_at(second, 8), CLIENT_GOOD);
        hang_up(&devices[0]);
        assert_int_equal(read_at(first, 9), CLIENT_LOST);
        assert_int_equal(read_at(second, 9), CLIENT_GOOD);
        await_trouble(first, "dialled in again since");
        hang_up(&devices[1]);
        modbus_client_free(first);
        modbus_client_free(second);
    }
}

/* One registration is the beginning of another, and comes in pieces. */
static void test_the_longer_one(void **state)
{
    struct device one = {.rtu = true};
    struct device twelve = {.rtu = true};
    struct link_settings a;
    struct link_settings b;
    struct modbus_client *first;
    struct modbus_client *second;

    (void)state;
    free_port();
    a = link_at("listen+rtu", "127.0.0.1", "DTU-1");
    b = link_at("listen+rtu", "127.0.0.1", "DTU-12");
    first = client_of(&a);
    second = client_of(&b);
    await_trouble(first, "since");
    await_trouble(second, "since");
    dial(&twelve, "DTU-12", 6);
    connect_soon(second);
    await_trouble(first, "no device has dialled in since");
    dial(&one, "DTU-1", 1);
    connect_soon(first);
    hang_up(&one);
    hang_up(&twelve);
    modbus_client_free(first);
    modbus_client_free(second);
}

static void test_keepalive_packets(void **state)
{
    static const char *const schemes[] = {"listen+rtu", "listen+tcp"};

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct device device = {
            .rtu = s == 0, .before = "\x01HB\x01HBDTU-A", .before_length = 11};
        struct link_settings link;
        struct modbus_client *client;
        struct mono_time start;

        free_port();
        link = link_at(schemes[s], "127.0.0.1", "DTU-A");
        client = client_of(&link);
        await_trouble(client, "since");
        dial(&device, "DTU-A", 1);
        connect_soon(client);
        assert_int_equal(read_at(client, 1), CLIENT_GOOD);
        start = mono_now();
        for (uint16_t i = 0; i < 20; i++) {
            (void)send(device.fd, "\x01HB\x01HB", 6, MSG_NOSIGNAL); /* between answers */
            assert_int_equal(read_at(client, i), CLIENT_GOOD);
        }
        /* None of them made it wait for silence. */
        assert_true(mono_diff_ms(mono_now(), start) < TIMEOUT_MS);
        hang_up(&device);
        modbus_client_free(client);
    }
}

static void test_strangers(void **state)
{
    struct device device = {.rtu = true};
    struct link_settings link;
    struct modbus_client *client;
    struct pollfd item = {.events = POLLIN};
    char byte;

    (void)state;
    free_port();
    link = link_at("listen+rtu", "127.0.0.1", "DTU-A");
    client = client_of(&link);
    await_trouble(client, "since");
    item.fd = connect_to(AF_INET);
    assert_true(send(item.fd, "DTU-C", 5, 0) == 5);
    assert_int_equal(poll(&item, 1, WAIT_MS), 1);
    assert_true(recv(item.fd, &byte, 1, 0) <= 0); /* closed */
    (void)close(item.fd);
    await_trouble(client, "1 other connection, the last");
    await_trouble(client, "is unknown, it sent 44 54 55 2D 43");
    dial(&device, "DTU-A", 1);
    connect_soon(client);
    hang_up(&device);
    modbus_client_free(client);
}

/* More than there is room for, and none says a word. */
static void test_silent_guests_make_room(void **state)
{
    struct device device = {.rtu = true};
    struct link_settings link;
    struct modbus_client *client;
    int fds[SILENT_MAX];

    (void)state;
    free_port();
    link = link_at("listen+rtu", "127.0.0.1", "DTU-A");
    client = client_of(&link);
    await_trouble(client, "since");
    for (size_t i = 0; i < SILENT_MAX; i++)
        fds[i] = connect_to(AF_INET);
    await_trouble(client, "was pushed out, it sent nothing");
    dial(&device, "DTU-A", 1);
    connect_soon(client);
    assert_int_equal(read_at(client, 3), CLIENT_GOOD);
    for (size_t i = 0; i < SILENT_MAX; i++)
        (void)close(fds[i]);
    hang_up(&device);
    modbus_client_free(client);
}

static void *read_on(void *context)
{
    struct modbus_client *client = context;

    for (uint16_t i = 0; i < 100; i++) {
        (void)read_at(client, i);
        (void)usleep(10 * 1000);
    }
    return NULL;
}

/* Its old connection looks alive for as long as nobody tells. */
static void test_dialling_again_replaces_at_once(void **state)
{
    struct device old = {.rtu = true};
    struct device new = {.rtu = true};
    struct link_settings link;
    struct modbus_client *client;
    pthread_t reader;

    (void)state;
    free_port();
    link = link_at("listen+rtu", "127.0.0.1", "DTU-A");
    client = client_of(&link);
    await_trouble(client, "since");
    dial(&old, "DTU-A", 1);
    connect_soon(client);
    assert_int_equal(pthread_create(&reader, NULL, read_on, client), 0);
    dial(&new, "DTU-A", 1);
    (void)pthread_join(old.thread, NULL); /* the gateway hung up on it */
    (void)close(old.fd);
    (void)pthread_join(reader, NULL);
    assert_int_equal(read_at(client, 2), CLIENT_GOOD);
    hang_up(&new);
    modbus_client_free(client);
}

/* A reload frees one client and makes the next: nobody has to dial. */
static void test_a_reload_keeps_the_connection(void **state)
{
    struct device device = {.rtu = false};
    struct link_settings link;
    struct modbus_client *client;
    struct err err = {0};

    (void)state;
    free_port();
    link = link_at("listen+tcp", "127.0.0.1", "DTU-A");
    client = client_of(&link);
    await_trouble(client, "since");
    dial(&device, "DTU-A", 1);
    connect_soon(client);
    assert_int_equal(read_at(client, 1), CLIENT_GOOD);
    modbus_client_free(client);
    client = client_of(&link);
    assert_int_equal(modbus_client_connect(client, &err), 0);
    assert_int_equal(read_at(client, 2), CLIENT_GOOD);
    hang_up(&device);
    modbus_client_free(client);
}

static void test_ipv6_and_ipv4(void **state)
{
    static const int families[] = {AF_INET6, AF_INET};
    struct link_settings link;
    struct modbus_client *client;

    (void)state;
    free_port();
    link = link_at("listen+rtu", "[::]", "DTU-A");
    client = client_of(&link);
    await_trouble(client, "since");
    for (size_t i = 0; i < 2; i++) {
        int fd = connect_to(families[i]);

        assert_true(send(fd, "DTU-A", 5, 0) == 5);
        connect_soon(client);
        modbus_client_close(client);
        (void)close(fd);
    }
    modbus_client_free(client);
}

static void test_what_cannot_be_listened_at(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int other = socket(AF_INET, SOCK_STREAM, 0);
    struct link_settings link;
    struct modbus_client *client;
    struct err err = {0};

    (void)state;
    free_port();
    at.sin_port = htons(port);
    assert_int_equal(bind(other, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(other, 1), 0);
    link = link_at("listen+rtu", "127.0.0.1", "DTU-A");
    client = client_of(&link);
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "listen at 127.0.0.1 port"));
    assert_non_null(strstr(err.text, "Address already in use"));
    (void)close(other); /* and later it can */
    await_trouble(client, "no device has dialled in");
    modbus_client_free(client);
    link = link_at("listen+rtu", "192.0.2.77", "DTU-A");
    client = client_of(&link);
    assert_int_equal(modbus_client_connect(client, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    modbus_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told_apart),
        cmocka_unit_test(test_the_longer_one),
        cmocka_unit_test(test_keepalive_packets),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_silent_guests_make_room),
        cmocka_unit_test(test_dialling_again_replaces_at_once),
        cmocka_unit_test(test_a_reload_keeps_the_connection),
        cmocka_unit_test(test_ipv6_and_ipv4),
        cmocka_unit_test(test_what_cannot_be_listened_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
