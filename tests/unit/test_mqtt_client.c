/* test_mqtt_client.c - adapters/mqtt_session.c and mqtt_client.c against a real broker,
 * and against one that misbehaves on purpose. */
#include "adapters/mqtt_payload.h"
#include "adapters/mqtt_session.h"
#include "base/mem.h"
#include "tests/unit/broker.h"
#include "tests/unit/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* One gateway: settings, filters, ring, session, and what has arrived. */
struct gateway {
    struct link_settings settings;
    char url[64];
    char files[5][128];
    struct mqtt_index *filters;
    struct mqtt_ring *ring;
    struct mqtt_session *session;
    char seen[4096]; /* "topic=payload " of every message */
    size_t messages;
};

static void gateway_prepare(struct gateway *gateway, const char *scheme, const char *host,
                            int port)
{
    *gateway = (struct gateway){0};
    (void)snprintf(gateway->url, sizeof gateway->url, "%s://%s:%d", scheme, host, port);
    gateway->settings = (struct link_settings){
        .id = "broker",
        .kind = LINK_MQTT,
        .mqtt = gateway->url,
        .timeout_ms = 1000,
        .client_id = "",
        .username = "",
        .password_file = "",
        .ca_file = "",
        .cert_file = "",
        .key_file = "",
        .keepalive_ms = 10000,
        .qos = 1,
        .status_topic = "",
    };
    gateway->filters = mqtt_index_new();
    gateway->ring = mqtt_ring_new(10000, 1 << 20, MQTT_PAYLOAD_MAX);
}

static const char *in_folder(struct gateway *gateway, int slot,
                             const struct broker *broker, const char *name)
{
    (void)snprintf(gateway->files[slot], sizeof gateway->files[slot], "%s/%s",
                   broker->folder, name);
    return gateway->files[slot];
}

static void gateway_open(struct gateway *gateway)
{
    struct err err = {0};

    gateway->session =
        mqtt_session_new(&gateway->settings, gateway->filters, gateway->ring, &err);
    if (gateway->session == NULL)
        fail_msg("%s", err.text);
}

static void gateway_close(struct gateway *gateway)
{
    mqtt_session_free(gateway->session);
    gateway->session = NULL;
    mqtt_ring_free(gateway->ring);
    mqtt_index_free(gateway->filters);
}

static void pump(struct gateway *gateway)
{
    struct mono_time now = mono_now();
    struct mono_time next = mqtt_session_step(gateway->session, now);
    struct mqtt_message message;

    (void)mqtt_ring_take(gateway->ring, mono_min(next, mono_add_ms(now, 20)));
    while (mqtt_ring_next(gateway->ring, &message)) {
        size_t used = strlen(gateway->seen);

        gateway->messages++;
        (void)snprintf(gateway->seen + used, sizeof gateway->seen - used, "%s=%s ",
                       message.topic, message.payload);
    }
}

static bool gateway_ready(struct gateway *gateway)
{
    struct mqtt_session_state state;

    mqtt_session_state(gateway->session, &state);
    return state.connected && state.subscribed;
}

static bool wait_ready(struct gateway *gateway, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);

    while (!gateway_ready(gateway) && mono_before(mono_now(), until))
        pump(gateway);
    return gateway_ready(gateway);
}

static bool wait_seen(struct gateway *gateway, const char *text, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);

    while (strstr(gateway->seen, text) == NULL && mono_before(mono_now(), until))
        pump(gateway);
    return strstr(gateway->seen, text) != NULL;
}

static bool wait_error(struct gateway *gateway, const char *text, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);
    struct mqtt_session_state state = {0};

    while (strstr(state.error, text) == NULL && mono_before(mono_now(), until)) {
        pump(gateway);
        mqtt_session_state(gateway->session, &state);
    }
    if (strstr(state.error, text) == NULL)
        fail_msg("no '%s' in: %s", text, state.error);
    return true;
}

/* ---- against mosquitto ---- */

static bool have_mosquitto;

static void need_mosquitto(void)
{
    if (have_mosquitto)
        return;
    print_message(
        "         mosquitto, its clients or openssl are not installed: skipped\n");
    skip();
}

static void receives_by_exact_topic_and_wildcard(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true");
    broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    mqtt_index_add(gateway.filters, "site/meter/flow", 0);
    mqtt_index_add(gateway.filters, "site/+/run", 1);
    mqtt_index_add(gateway.filters, "site/tank/#", 2);
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));

    broker_publish(&broker, "site/meter/flow", "12.5", "");
    broker_publish(&broker, "site/pump-2/run", "on", "");
    broker_publish(&broker, "site/tank/level/low", "1", "");
    broker_publish(&broker, "site/meter/other", "no", "");
    broker_publish(&broker, "site/pump-3/run", "off", "");
    assert_true(wait_seen(&gateway, "site/pump-3/run=off", 3000));
    check_text("all", gateway.seen,
               "site/meter/flow=12.5 site/pump-2/run=on site/tank/level/low=1 "
               "site/pump-3/run=off ");
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void subscribes_to_thousands(void **state)
{
    struct broker broker;
    struct gateway gateway;
    char topic[64];

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true");
    broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    for (uint32_t i = 0; i < 2501; i++) {
        (void)snprintf(topic, sizeof topic, "site/meter-%u/value", i);
        mqtt_index_add(gateway.filters, topic, i);
    }
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 10000));
    broker_publish(&broker, "site/meter-0/value", "a", "");
    broker_publish(&broker, "site/meter-2500/value", "b", "");
    assert_true(wait_seen(&gateway, "site/meter-2500/value=b", 3000));
    assert_non_null(strstr(gateway.seen, "site/meter-0/value=a"));
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void comes_back_after_the_broker_was_killed(void **state)
{
    struct broker broker;
    struct gateway gateway;
    struct mqtt_session_state now;

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true"); /* keeps nothing on disk */
    broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    gateway.settings.client_id = "gw1"; /* clean session 0 */
    mqtt_index_add(gateway.filters, "a/#", 0);
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    broker_publish(&broker, "a/b", "before", "");
    assert_true(wait_seen(&gateway, "a/b=before", 3000));

    broker_stop(&broker, SIGKILL);
    assert_true(wait_error(&gateway, "lost", 3000));
    assert_true(wait_error(&gateway, "Connection refused", 5000));
    mqtt_session_state(gateway.session, &now);
    assert_false(now.connected);

    broker_start(&broker);
    assert_true(wait_ready(&gateway, 10000));
    broker_publish(&broker, "a/b", "after", "");
    assert_true(wait_seen(&gateway, "a/b=after", 3000));
    mqtt_session_state(gateway.session, &now);
    assert_int_equal(now.connects, 2);
    check_text("no trouble any more", now.error, "");
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void the_broker_keeps_the_session(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true");
    broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    gateway.settings.client_id = "gw1";
    mqtt_index_add(gateway.filters, "a/#", 0);
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    mqtt_session_free(gateway.session);
    broker_publish(&broker, "a/b", "while away", "");
    gateway_open(&gateway);
    assert_true(wait_seen(&gateway, "a/b=while away", 5000));
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void checks_the_password(void **state)
{
    struct broker broker;
    struct gateway gateway;
    char more[256];

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "");
    (void)snprintf(more, sizeof more,
                   "listener %d 127.0.0.1\nuser root\nallow_anonymous false\n"
                   "password_file %s/users\n",
                   broker.port, broker.folder);
    assert_int_equal(file_replace(broker.config, more, strlen(more), NULL), 0);
    assert_true(broker_shell(broker.folder, "mosquitto_passwd -b -c users gw1 geheim && "
                                            "umask 077 && echo geheim >right && "
                                            "echo falsch >wrong"));
    broker_start(&broker);

    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    gateway.settings.username = "gw1";
    gateway.settings.password_file = in_folder(&gateway, 0, &broker, "wrong");
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "does not let this client in", 5000));
    assert_false(gateway_ready(&gateway));
    mqtt_session_free(gateway.session);

    gateway.settings.password_file = in_folder(&gateway, 0, &broker, "right");
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    gateway_close(&gateway);
    broker_remove(&broker);
}

/* Two CAs; a server certificate for "localhost" and 127.0.0.1 and one for another host.
 */
static const char make_certificates[] =
    "for ca in good bad; do "
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
    "-subj /CN=$ca-ca -keyout $ca-ca.key -out $ca-ca.pem || exit 1; done; "
    "sign() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
    "-subj /CN=$1 -keyout $1.key -out $1.csr && "
    "echo \"$2\" >$1.ext && "
    "openssl x509 -req -in $1.csr -CA good-ca.pem -CAkey good-ca.key -CAcreateserial "
    "-days 2 -extfile $1.ext -out $1.pem; }; "
    "sign here subjectAltName=DNS:localhost,IP:127.0.0.1 && "
    "sign elsewhere subjectAltName=DNS:broker.example && "
    "sign client keyUsage=digitalSignature && chmod 644 *.key";

static void start_tls_broker(struct broker *broker, const char *certificate,
                             const char *more)
{
    char text[1024];

    broker_prepare(broker, "");
    assert_true(broker_shell(broker->folder, make_certificates));
    (void)snprintf(text, sizeof text,
                   "listener %d 127.0.0.1\nuser root\nallow_anonymous true\n"
                   "cafile %s/good-ca.pem\ncertfile %s/%s.pem\nkeyfile %s/%s.key\n%s\n",
                   broker->port, broker->folder, broker->folder, certificate,
                   broker->folder, certificate, more);
    assert_int_equal(file_replace(broker->config, text, strlen(text), NULL), 0);
    broker_start(broker);
}

static void tls_trusts_its_ca_only(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    start_tls_broker(&broker, "here", "");
    gateway_prepare(&gateway, "mqtts", "127.0.0.1", broker.port);
    mqtt_index_add(gateway.filters, "a", 0);
    gateway.settings.ca_file = in_folder(&gateway, 0, &broker, "bad-ca.pem");
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "not signed by a CA that is trusted", 5000));
    assert_false(gateway_ready(&gateway));
    mqtt_session_free(gateway.session);

    gateway.settings.ca_file = ""; /* the system's do not know it either */
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "not signed by a CA that is trusted", 5000));
    mqtt_session_free(gateway.session);

    gateway.settings.ca_file = in_folder(&gateway, 0, &broker, "good-ca.pem");
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    mqtt_session_free(gateway.session);

    (void)snprintf(gateway.url, sizeof gateway.url, "mqtts://localhost:%d", broker.port);
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void tls_checks_the_name(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    start_tls_broker(&broker, "elsewhere", "");
    gateway_prepare(&gateway, "mqtts", "localhost", broker.port);
    mqtt_index_add(gateway.filters, "a", 0);
    gateway.settings.ca_file = in_folder(&gateway, 0, &broker, "good-ca.pem");
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "does not carry the name 'localhost'", 5000));
    assert_false(gateway_ready(&gateway));
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void tls_shows_its_own_certificate(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    start_tls_broker(&broker, "here", "require_certificate true");
    gateway_prepare(&gateway, "mqtts", "127.0.0.1", broker.port);
    mqtt_index_add(gateway.filters, "a", 0);
    gateway.settings.ca_file = in_folder(&gateway, 0, &broker, "good-ca.pem");
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "certificate", 8000));
    assert_false(gateway_ready(&gateway));
    mqtt_session_free(gateway.session);

    gateway.settings.cert_file = in_folder(&gateway, 1, &broker, "client.pem");
    gateway.settings.key_file = in_folder(&gateway, 2, &broker, "client.key");
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    gateway_close(&gateway);
    broker_remove(&broker);
}

static void tls_never_becomes_plain_text(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true"); /* without TLS */
    broker_start(&broker);
    gateway_prepare(&gateway, "mqtts", "127.0.0.1", broker.port);
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    assert_true(wait_error(&gateway, "TLS", 8000));
    assert_false(gateway_ready(&gateway));
    gateway_close(&gateway);
    broker_remove(&broker);
}

static char *program; /* this test, to be started again as a gateway that is killed */

/* A gateway in a process of its own, until it is killed. */
static _Noreturn void be_a_gateway(const char *port)
{
    struct gateway gateway;

    gateway_prepare(&gateway, "mqtt", "127.0.0.1", (int)strtol(port, NULL, 10));
    gateway.settings.status_topic = "gw/status";
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    for (;;)
        pump(&gateway);
}

static bool wait_has(const struct broker *broker, const char *topic, const char *payload)
{
    for (int i = 0; i < 20; i++) {
        if (broker_has(broker, topic, payload))
            return true;
        mono_sleep_until(mono_add_ms(mono_now(), 100));
    }
    return false;
}

static void tells_its_status(void **state)
{
    struct broker broker;
    struct gateway gateway;

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true");
    broker_start(&broker);
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", broker.port);
    gateway.settings.status_topic = "gw/status";
    mqtt_index_add(gateway.filters, "a", 0);
    gateway_open(&gateway);
    assert_true(wait_ready(&gateway, 5000));
    assert_true(wait_has(&broker, "gw/status", "online"));
    gateway_close(&gateway);
    assert_true(wait_has(&broker, "gw/status", "offline"));
    broker_remove(&broker);
}

static void leaves_a_will(void **state)
{
    struct broker broker;
    char port[8];
    char word[] = "gateway";
    char *argv[] = {program, word, port, NULL};
    pid_t pid;

    (void)state;
    need_mosquitto();
    broker_prepare(&broker, "allow_anonymous true");
    broker_start(&broker);
    (void)snprintf(port, sizeof port, "%d", broker.port);
    pid = broker_spawn(argv, NULL);
    assert_true(pid > 0);
    assert_true(wait_has(&broker, "gw/status", "online"));
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    assert_true(wait_has(&broker, "gw/status", "offline"));
    broker_remove(&broker);
}

/* ---- against a broker that misbehaves ---- */

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

/* ---- settings ---- */

static void refuses_bad_settings(void **state)
{
    struct gateway gateway;
    struct err err = {0};

    (void)state;
    gateway_prepare(&gateway, "mqtt", "127.0.0.1", 1883);
    gateway.settings.ca_file = "/etc/hostname";
    assert_null(mqtt_session_new(&gateway.settings, gateway.filters, gateway.ring, &err));
    assert_non_null(strstr(err.text, "mqtts://"));
    (void)snprintf(gateway.url, sizeof gateway.url, "mqtts://127.0.0.1");
    gateway.settings.ca_file = "/nonexistent/ca.pem";
    assert_null(mqtt_session_new(&gateway.settings, gateway.filters, gateway.ring, &err));
    assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
    gateway.settings.ca_file = "";
    gateway.settings.status_topic = "gw/+";
    assert_null(mqtt_session_new(&gateway.settings, gateway.filters, gateway.ring, &err));
    assert_non_null(strstr(err.text, "status_topic"));
    assert_int_equal(err.kind, ERR_CONFIG);
    gateway_close(&gateway);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receives_by_exact_topic_and_wildcard),
        cmocka_unit_test(subscribes_to_thousands),
        cmocka_unit_test(comes_back_after_the_broker_was_killed),
        cmocka_unit_test(the_broker_keeps_the_session),
        cmocka_unit_test(checks_the_password),
        cmocka_unit_test(tls_trusts_its_ca_only),
        cmocka_unit_test(tls_checks_the_name),
        cmocka_unit_test(tls_shows_its_own_certificate),
        cmocka_unit_test(tls_never_becomes_plain_text),
        cmocka_unit_test(tells_its_status),
        cmocka_unit_test(leaves_a_will),
        cmocka_unit_test(says_why_the_broker_refuses),
        cmocka_unit_test(tells_a_refused_subscription),
        cmocka_unit_test(waits_for_the_answer_to_subscribe),
        cmocka_unit_test(suspects_another_with_its_id),
        cmocka_unit_test(says_that_nobody_listens),
        cmocka_unit_test(refuses_bad_settings),
    };

    if (argc == 3 && strcmp(argv[1], "gateway") == 0)
        be_a_gateway(argv[2]);
    program = argv[0];
    have_mosquitto = broker_installed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
