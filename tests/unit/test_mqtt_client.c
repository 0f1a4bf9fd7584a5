/* test_mqtt_client.c - adapters/mqtt_session.c and mqtt_client.c against a real broker.
 */
#include "tests/unit/broker.h"
#include "tests/unit/check.h"
#include "tests/unit/mqtt_gateway.h"

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
    assert_true(wait_error(&gateway, "made out to another name than the address", 5000));
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
    broker_note(pid);
    assert_true(wait_has(&broker, "gw/status", "online"));
    broker_end(pid, SIGKILL);
    assert_true(wait_has(&broker, "gw/status", "offline"));
    broker_remove(&broker);
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
    };

    if (argc == 3 && strcmp(argv[1], "gateway") == 0)
        be_a_gateway(argv[2]);
    program = argv[0];
    have_mosquitto = broker_installed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
