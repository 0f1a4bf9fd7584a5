/* test_mqtt_session.c - the pure helpers of a session: address, retry, wishes, trouble,
 * options and the memory of copies. The session itself: test_mqtt_client.c. */
#include "adapters/mqtt_address.h"
#include "adapters/mqtt_options.h"
#include "adapters/mqtt_retry.h"
#include "adapters/mqtt_trouble.h"
#include "adapters/mqtt_wishes.h"
#include "tests/unit/check.h"

static void addresses(void **state)
{
    static const struct {
        const char *url;
        const char *host; /* NULL: refused */
        const char *port;
        bool tls;
        bool ipv6;
    } cases[] = {
        {"mqtt://broker", "broker", "1883", false, false},
        {"mqtts://mqtt.example:8884", "mqtt.example", "8884", true, false},
        {"mqtts://mqtt.example", "mqtt.example", "8883", true, false},
        {"mqtt://127.0.0.1:1", "127.0.0.1", "1", false, false},
        {"mqtt://[::1]:65535", "::1", "65535", false, true},
        {"mqtt://[fe80::1]", "fe80::1", "1883", false, true},
        {"tcp://broker:1883", NULL, NULL, false, false},
        {"broker:1883", NULL, NULL, false, false},
        {"", NULL, NULL, false, false},
        {"mqtt://", NULL, NULL, false, false},
        {"mqtt://:1883", NULL, NULL, false, false},
        {"mqtt://broker:", NULL, NULL, false, false},
        {"mqtt://broker:0", NULL, NULL, false, false},
        {"mqtt://broker:65536", NULL, NULL, false, false},
        {"mqtt://broker:99999999999", NULL, NULL, false, false},
        {"mqtt://broker:18x3", NULL, NULL, false, false},
        {"mqtt://broker:x", NULL, NULL, false, false},
        {"mqtt://broker:1883/path", NULL, NULL, false, false},
        {"mqtt://broker/path", NULL, NULL, false, false},
        {"mqtt://[::1", NULL, NULL, false, false},
        {"mqtt://[::1]x", NULL, NULL, false, false},
        {"mqtt://user:geheim@broker", NULL, NULL, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mqtt_address address = {0};
        struct err err = {0};
        bool taken = mqtt_address_parse(cases[i].url, &address, &err) == 0;

        check_case(cases[i].url, taken == (cases[i].host != NULL));
        check_case(cases[i].url, err.kind == (taken ? ERR_NONE : ERR_CONFIG));
        check_case(cases[i].url, strstr(err.text, "geheim") == NULL);
        check_text(cases[i].url, address.host, taken ? cases[i].host : "");
        check_text(cases[i].url, address.port, taken ? cases[i].port : "");
        check_case(cases[i].url, address.tls == cases[i].tls);
        check_case(cases[i].url, address.ipv6 == cases[i].ipv6);
    }
}

/* Within a fifth of the wanted wait. */
static void check_wait(const char *name, int64_t got_ms, int64_t want_ms)
{
    check_near(name, (double)got_ms, (double)want_ms, (double)want_ms / 5);
}

static void waits_grow_and_start_over(void **state)
{
    struct mqtt_retry retry = {.random = 1};

    (void)state;
    check_wait("first", mqtt_retry_next(&retry, MQTT_END_NOBODY, -1), 1000);
    check_wait("second", mqtt_retry_next(&retry, MQTT_END_NOBODY, -1), 2000);
    for (int i = 0; i < 10; i++) {
        int64_t wait_ms = mqtt_retry_next(&retry, MQTT_END_NOBODY, -1);

        assert_true(wait_ms < 10000); /* back within ten seconds of the broker */
    }
    check_wait("nobody there", mqtt_retry_next(&retry, MQTT_END_NOBODY, -1), 7500);
    for (int i = 0; i < 10; i++)
        (void)mqtt_retry_next(&retry, MQTT_END_REFUSED, -1);
    check_wait("refused", mqtt_retry_next(&retry, MQTT_END_REFUSED, -1), 30000);
    check_wait("not long enough to forget", mqtt_retry_next(&retry, MQTT_END_LOST, 20000),
               30000);
    check_wait("a sound connection", mqtt_retry_next(&retry, MQTT_END_LOST, 30000), 1000);
    assert_false(mqtt_retry_unloved(&retry));
}

static void a_broker_that_restarts_is_no_suspect(void **state)
{
    struct mqtt_retry retry = {.random = 1};

    (void)state;
    for (int i = 0; i < 50; i++) {
        check_wait("after a restart", mqtt_retry_next(&retry, MQTT_END_NOBODY, 500),
                   1000);
        check_wait("not up yet", mqtt_retry_next(&retry, MQTT_END_NOBODY, -1), 2000);
    }
    assert_false(mqtt_retry_unloved(&retry));
}

static void waits_are_not_in_step(void **state)
{
    struct mqtt_retry a = {.random = 1};
    struct mqtt_retry b = {.random = 2};
    int equal = 0;

    (void)state;
    for (int i = 0; i < 20; i++)
        equal += mqtt_retry_next(&a, MQTT_END_NOBODY, -1) ==
                         mqtt_retry_next(&b, MQTT_END_NOBODY, -1)
                     ? 1
                     : 0;
    assert_true(equal < 5);
}

static void young_deaths_are_suspicious(void **state)
{
    struct mqtt_retry retry = {.random = 1};

    (void)state;
    check_wait("once", mqtt_retry_next(&retry, MQTT_END_LOST, 100), 1000);
    check_wait("twice", mqtt_retry_next(&retry, MQTT_END_LOST, 100), 2000);
    assert_false(mqtt_retry_unloved(&retry));
    check_wait("three times", mqtt_retry_next(&retry, MQTT_END_LOST, 9999), 4000);
    assert_true(mqtt_retry_unloved(&retry));
    (void)mqtt_retry_next(&retry, MQTT_END_NOBODY, -1); /* says nothing either way */
    assert_true(mqtt_retry_unloved(&retry));
    for (int i = 0; i < 10; i++)
        (void)mqtt_retry_next(&retry, MQTT_END_LOST, 100);
    check_wait("longest", mqtt_retry_next(&retry, MQTT_END_LOST, 100), 60000);
    /* As long as the other one waits: no reason to hurry back, or they play ping-pong. */
    check_wait("still", mqtt_retry_next(&retry, MQTT_END_LOST, 70000), 60000);
    assert_true(mqtt_retry_unloved(&retry));
    check_wait("over", mqtt_retry_next(&retry, MQTT_END_LOST, MQTT_RETRY_SOUND_MS), 1000);
    assert_false(mqtt_retry_unloved(&retry));
    /* Before there is a suspicion ten seconds are enough. */
    (void)mqtt_retry_next(&retry, MQTT_END_LOST, 100);
    (void)mqtt_retry_next(&retry, MQTT_END_LOST, 100);
    (void)mqtt_retry_next(&retry, MQTT_END_LOST, MQTT_RETRY_YOUNG_MS);
    (void)mqtt_retry_next(&retry, MQTT_END_LOST, 100);
    assert_false(mqtt_retry_unloved(&retry));
}

static void wishes_are_asked_in_batches(void **state)
{
    struct mqtt_wishes *wishes = mqtt_wishes_new(MQTT_BATCH_MAX + 2);
    const int granted[MQTT_BATCH_MAX] = {0, MQTT_QOS_REFUSED, 1};
    uint32_t filters[MQTT_BATCH_MAX];
    struct mqtt_wishes_count count;

    (void)state;
    assert_int_equal(mqtt_wishes_batches(wishes), 2);
    assert_int_equal(mqtt_wishes_ask(wishes, 0, filters), MQTT_BATCH_MAX);
    assert_int_equal(filters[99], 99);
    assert_int_equal(mqtt_wishes_ask(wishes, 0, filters), 0); /* under way */
    assert_int_equal(mqtt_wishes_ask(wishes, 1, filters), 2);
    assert_int_equal(filters[1], 101);
    assert_int_equal(mqtt_wishes_count(wishes).batches_due, 2);

    mqtt_wishes_answer(wishes, 1, granted);
    assert_int_equal(mqtt_wishes_asked(wishes, 1), 0);
    count = mqtt_wishes_count(wishes);
    assert_true(count.batches_due == 1 && count.granted == 1 && count.refused == 1);
    assert_int_equal(count.first_refused, 101);
    mqtt_wishes_answer(wishes, 1, granted); /* a late echo changes nothing */
    count = mqtt_wishes_count(wishes);
    assert_true(count.granted == 1 && count.batches_due == 1);
    assert_int_equal(mqtt_wishes_ask(wishes, 1, filters), 0); /* refused is refused */
    mqtt_wishes_reopen(wishes);
    assert_int_equal(mqtt_wishes_count(wishes).refused, 0);
    assert_int_equal(mqtt_wishes_ask(wishes, 1, filters), 1);
    assert_int_equal(filters[0], 101);
    mqtt_wishes_free(wishes);
}

static void a_new_connection_forgets(void **state)
{
    struct mqtt_wishes *wishes = mqtt_wishes_new(3);
    const int granted[] = {1, 1, MQTT_QOS_REFUSED};
    uint32_t filters[MQTT_BATCH_MAX];
    struct mqtt_wishes_count count;

    (void)state;
    assert_int_equal(mqtt_wishes_ask(wishes, 0, filters), 3);
    mqtt_wishes_answer(wishes, 0, granted);
    mqtt_wishes_reset(wishes);
    count = mqtt_wishes_count(wishes);
    assert_true(count.batches_due == 0 && count.granted == 0 && count.refused == 0);
    assert_int_equal(mqtt_wishes_ask(wishes, 0, filters), 3);
    mqtt_wishes_reset(wishes); /* while an answer is due */
    mqtt_wishes_answer(wishes, 0, granted);
    assert_int_equal(mqtt_wishes_count(wishes).granted, 0);
    mqtt_wishes_free(wishes);
    wishes = mqtt_wishes_new(0);
    assert_int_equal(mqtt_wishes_batches(wishes), 0);
    mqtt_wishes_free(wishes);
    mqtt_wishes_free(NULL);
}

static void words_for_tls(void **state)
{
    static const struct {
        const char *line;
        const char *want; /* its beginning */
    } cases[] = {
        {"00D5:error:0A000086:SSL "
         "routines:tls_post_process_server_certificate:certificate "
         "verify failed:../ssl/statem/statem_clnt.c:1889:\n",
         "TLS: certificate verify failed: the broker's certificate is not signed by"},
        {"00D5:error:0A00010B:SSL routines:ssl3_get_record:wrong version "
         "number:../ssl/record/ssl3_record.c:354:\n",
         "TLS: wrong version number: the port does not speak TLS"},
        {"00D5:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while "
         "reading:../ssl/record/rec_layer_s3.c:303:\n",
         "TLS: unexpected eof while reading"},
        {"something else\n", "TLS: something else"},
        {"a:b\n", "TLS: b"},
        {"", "TLS: "},
        {":::::", "TLS: "},
    };
    char out[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mqtt_trouble_tls(cases[i].line, strlen(cases[i].line), out, sizeof out);
        check_case(cases[i].want,
                   strncmp(out, cases[i].want, strlen(cases[i].want)) == 0);
        check_case(cases[i].want, strchr(out, '\n') == NULL);
    }
    mqtt_trouble_tls(cases[0].line, strlen(cases[0].line), out, 10);
    check_text("cut", out, "TLS: cert");
    assert_null(mqtt_trouble_connack(0));
    assert_null(mqtt_trouble_connack(-1));
    assert_null(mqtt_trouble_connack(6));
    assert_non_null(mqtt_trouble_connack(5));
}

static struct link_settings plain_settings(void)
{
    return (struct link_settings){
        .mqtt = "mqtt://broker",
        .client_id = "",
        .username = "",
        .password_file = "",
        .ca_file = "",
        .cert_file = "",
        .key_file = "",
        .status_topic = "",
        .sparkplug = "",
    };
}

static void options_are_clamped(void **state)
{
    struct link_settings settings = plain_settings();
    struct mqtt_options options;

    (void)state;
    assert_int_equal(mqtt_options_init(&options, &settings, 0xabc, NULL), 0);
    check_text("an id of its own", options.client_id, "facilityd-000000000abc");
    assert_true(options.clean && options.status_topic == NULL &&
                options.password == NULL);
    assert_int_equal(options.keepalive_s, 5);
    assert_int_equal(options.timeout_ms, 5000);
    mqtt_options_done(&options);

    settings.client_id = "gw1";
    settings.keepalive_ms = 100000000;
    settings.timeout_ms = 8000;
    settings.status_topic = "gw1/status";
    assert_int_equal(mqtt_options_init(&options, &settings, 0, NULL), 0);
    check_text("the given id", options.client_id, "gw1");
    assert_true(!options.clean && options.keepalive_s == 65535);
    assert_int_equal(options.timeout_ms, 8000);
    check_text("status", options.status_topic, "gw1/status");
    assert_null(options.state_topic);
    mqtt_options_done(&options);

    settings.status_topic = "";
    settings.sparkplug = "host-1";
    assert_int_equal(mqtt_options_init(&options, &settings, 0, NULL), 0);
    check_text("the given id", options.client_id, "gw1");
    check_text("state", options.state_topic, "spBv1.0/STATE/host-1");
    assert_ptr_equal(options.status_topic, options.state_topic);
    assert_true(options.clean);
    mqtt_options_done(&options);
}

static void options_must_fit_together(void **state)
{
    struct link_settings settings = plain_settings();
    struct mqtt_options options;
    struct err err = {0};

    (void)state;
    settings.password_file = "/nonexistent";
    assert_int_equal(mqtt_options_init(&options, &settings, 0, &err), -1);
    assert_non_null(strstr(err.text, "username"));
    settings.username = "gw1";
    assert_int_equal(mqtt_options_init(&options, &settings, 0, &err), -1);
    assert_non_null(strstr(err.text, "/nonexistent"));
    settings = plain_settings();
    settings.mqtt = "mqtts://broker";
    settings.cert_file = "/etc/hostname";
    assert_int_equal(mqtt_options_init(&options, &settings, 0, &err), -1);
    assert_non_null(strstr(err.text, "key_file"));
    assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(waits_grow_and_start_over),
        cmocka_unit_test(a_broker_that_restarts_is_no_suspect),
        cmocka_unit_test(waits_are_not_in_step),
        cmocka_unit_test(young_deaths_are_suspicious),
        cmocka_unit_test(wishes_are_asked_in_batches),
        cmocka_unit_test(a_new_connection_forgets),
        cmocka_unit_test(words_for_tls),
        cmocka_unit_test(options_are_clamped),
        cmocka_unit_test(options_must_fit_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
