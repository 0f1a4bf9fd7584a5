/* test_mqtt_bad_broker.c - adapters/mqtt_session.c and mqtt_client.c against a broker
 * that misbehaves on purpose, none at all, and bad settings. */
#include "tests/unit/broker.h"
#include "tests/unit/check.h"
#include "tests/unit/mqtt_gateway.h"

#include <pthread.h>
#include <stdatomic.h>

struct bad_broker {
    int listener;
    int port;
    pthread_t thread;
    atomic_int stop;
    /* what it does */
    unsigned char connack; /* return code */
    bool hang_up;          /* right after CONNACK */
    bool silent;           /* takes the connection and says nothing */
    bool refuse_second;    /* in SUBACK; else everything is granted */
    bool no_suback;
};

static bool read_exactly(int fd, unsigned char *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, to + done, size - done);

        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Reads one packet into `body` (its first byte is returned), or -1. */
static int read_packet(int fd, unsigned char *body, size_t *length)
{
    unsigned char byte;
    int type;

    if (!read_exactly(fd, &byte, 1))
        return -1;
    type = byte;
    *length = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (!read_exactly(fd, &byte, 1))
            return -1;
        *length |= (size_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    return *length > 4096 || !read_exactly(fd, body, *length) ? -1 : type;
}

static void answer_subscribe(const struct bad_broker *broker, int fd,
                             const unsigned char *body, size_t length)
{
    unsigned char answer[128] = {0x90, 2, body[0], body[1]};
    size_t count = 0;

    for (size_t at = 2; at + 2 < length; count++) {
        answer[4 + count] = broker->refuse_second && count == 1 ? 0x80 : 1;
        at += 3 + ((size_t)body[at] << 8 | body[at + 1]);
    }
    answer[1] = (unsigned char)(2 + count);
    (void)!write(fd, answer, 4 + count);
}

static void serve_one(const struct bad_broker *broker, int fd)
{
    unsigned char body[4096];
    const unsigned char connack[] = {0x20, 2, 0, broker->connack};
    size_t length;
    int type;

    while ((type = read_packet(fd, body, &length)) >= 0) {
        if (broker->silent)
            continue;
        if (type == 0x10)
            (void)!write(fd, connack, sizeof connack);
        if (broker->hang_up || broker->connack != 0)
            return;
        if (type == 0x82 && !broker->no_suback)
            answer_subscribe(broker, fd, body, length);
    }
}

static void *serve(void *argument)
{
    struct bad_broker *broker = argument;

    while (atomic_load(&broker->stop) == 0) {
        int fd = accept(broker->listener, NULL, NULL);

        if (fd < 0)
            break;
        serve_one(broker, fd);
        (void)close(fd);
    }
    return NULL;
}

static void bad_broker_start(struct bad_broker *broker)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;

    broker->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(broker->listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(broker->listener, 8), 0);
    assert_int_equal(getsockname(broker->listener, (struct sockaddr *)&at, &size), 0);
    broker->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&broker->thread, NULL, serve, broker), 0);
}

static void bad_broker_stop(struct bad_broker *broker)
{
    atomic_store(&broker->stop, 1);
    (void)shutdown(broker->listener, SHUT_RDWR);
    (void)pthread_join(broker->thread, NULL);
    (void)close(broker->listener);
}

static void says_why_the_broker_refuses(void **state)
{
    static const char *const words[] = {
        [1] = "MQTT 3.1.1",
        [2] = "client id",
        [3] = "not available",
        [4] = "password",
        [5] = "does not let this client in",
    };

    (void)state;
    for (unsigned char code = 1; code <= 5; code++) {
        struct bad_broker broker = {.connack = code};
        struct gateway gateway;

        bad_broker_start(&broker);
        gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
        mqtt_index_add(gateway.filters, "a", 0);
        gateway_open(&gateway);
        assert_true(wait_error(&gateway, words[code], 5000));
        gateway_close(&gateway);
        bad_broker_stop(&broker);
    }
}

static void tells_a_refused_subscription(void **state)
{
    struct bad_broker broker = {.refuse_second = true};
    struct gateway gateway;

    (void)state;
    bad_broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    mqtt_index_add(gateway.filters, "allowed", 0);
    mqtt_index_add(gateway.filters, "forbidden", 1);
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "refuses the subscription to 'forbidden'", 5000));
    assert_true(gateway_ready(&gateway)); /* the other one works */
    gateway_close(&gateway);
    bad_broker_stop(&broker);
}

static void waits_for_the_answer_to_subscribe(void **state)
{
    struct bad_broker broker = {.no_suback = true};
    struct gateway gateway;
    struct mqtt_session_state now;

    (void)state;
    bad_broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    assert_false(wait_ready(&gateway, 1000));
    mqtt_session_state(gateway.session, &now);
    assert_true(now.connected && !now.subscribed);
    gateway_close(&gateway);
    bad_broker_stop(&broker);
}

static void suspects_another_with_its_id(void **state)
{
    struct bad_broker broker = {.hang_up = true};
    struct gateway gateway;

    (void)state;
    bad_broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    gateway.settings.client_id = "gw1";
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "client id 'gw1' is in use elsewhere", 10000));
    gateway_close(&gateway);
    bad_broker_stop(&broker);
}

static void says_that_nobody_listens(void **state)
{
    struct gateway gateway;

    (void)state;
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker_free_port());
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "Connection refused", 5000));
    gateway_close(&gateway);
}

static void refuses_bad_settings(void **state)
{
    struct gateway gateway;
    struct err err = {0};

    (void)state;
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", 1883);
    gateway.settings.ca_file = "/etc/hostname";
    assert_null(
        mqtt_session_new(&gateway.settings, gateway.filters, gateway.inbox, &err));
    assert_non_null(strstr(err.text, "mqtts://"));
    (void)snprintf(gateway.url, sizeof gateway.url, "mqtts://127.0.0.1");
    gateway.settings.ca_file = "/nonexistent/ca.pem";
    assert_null(
        mqtt_session_new(&gateway.settings, gateway.filters, gateway.inbox, &err));
    assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
    gateway.settings.ca_file = "";
    gateway.settings.status_topic = "gw/+";
    assert_null(
        mqtt_session_new(&gateway.settings, gateway.filters, gateway.inbox, &err));
    assert_non_null(strstr(err.text, "status_topic"));
    assert_int_equal(err.kind, ERR_CONFIG);
    gateway_close(&gateway);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_why_the_broker_refuses),
        cmocka_unit_test(tells_a_refused_subscription),
        cmocka_unit_test(waits_for_the_answer_to_subscribe),
        cmocka_unit_test(suspects_another_with_its_id),
        cmocka_unit_test(says_that_nobody_listens),
        cmocka_unit_test(refuses_bad_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
