/* A Sparkplug B host against nodes made of bytes. */
#include "tests/unit/check.h"

#include "adapters/sparkplug.h"
#include "tests/unit/sparkplug_bytes.h"

#include <stdio.h>

enum {
    POINTS = 8,
    UNITS = 4,
    NODE_UNIT = 0,
    DEVICE_UNIT = 1,
};

static struct {
    double number[POINTS];
    enum sparkplug_kind kind[POINTS];
    int64_t time_ms[POINTS];
    int64_t sent_ms[POINTS];
    unsigned readings[POINTS];
    int alive[UNITS]; /* -1: never told */
    unsigned asked;
    char ask_topic[SPARKPLUG_TOPIC_MAX];
} seen;

static void on_reading(void *context, uint32_t point,
                       const struct sparkplug_reading *reading)
{
    (void)context;
    seen.number[point] = reading->number;
    seen.kind[point] = reading->metric->kind;
    seen.time_ms[point] = reading->time_ms;
    seen.sent_ms[point] = reading->sent_ms;
    seen.readings[point]++;
}

static void on_alive(void *context, uint32_t unit, bool alive)
{
    (void)context;
    seen.alive[unit] = alive;
}

static void on_ask(void *context, const char *topic)
{
    (void)context;
    seen.asked++;
    (void)snprintf(seen.ask_topic, sizeof seen.ask_topic, "%s", topic);
}

static const struct sparkplug_events events = {NULL, on_reading, on_alive, on_ask};
static const struct mono_time start = {1000 * CLOCK_S};
static struct sparkplug *host;

static int setup(void **state)
{
    struct err err;

    (void)state;
    memset(&seen, 0, sizeof seen);
    for (size_t i = 0; i < UNITS; i++)
        seen.alive[i] = -1;
    host = sparkplug_new();
    assert_int_equal(sparkplug_add_unit(host, "plant/gw1", NODE_UNIT, &err), 0);
    sparkplug_add_point(host, "cabinet/temperature", 0);
    assert_int_equal(sparkplug_add_unit(host, "plant/gw1/pump-2", DEVICE_UNIT, &err), 0);
    sparkplug_add_point(host, "flow", 1);
    sparkplug_add_point(host, "running", 2);
    sparkplug_add_point(host, "level", 3);
    sparkplug_add_point(host, "flow", 4); /* a second point of the same metric */
    sparkplug_seal(host);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sparkplug_free(host);
    return 0;
}

static void add_metric(struct bytes *payload, const struct bytes *metric)
{
    add_block(payload, 2, metric->data, metric->length);
}

static void send_at(const char *topic, const struct bytes *payload, struct mono_time now)
{
    struct err err = {0};

    const struct sparkplug_message message = {topic, strlen(topic), payload->data,
                                              payload->length};

    if (sparkplug_message(host, &message, now, &events, &err) != 0)
        fail_msg("%s", err.text);
}

static void send(const char *topic, const struct bytes *payload)
{
    send_at(topic, payload, start);
}

static void node_birth(uint64_t bdseq)
{
    struct bytes payload = {.length = 0};
    struct bytes number = {.length = 0};
    struct bytes temperature = {.length = 0};

    add_words(&number, 1, "bdSeq");
    add_number(&number, 4, SPARKPLUG_INT64);
    add_number(&number, 11, bdseq);
    add_words(&temperature, 1, "cabinet/temperature");
    add_number(&temperature, 2, 7); /* alias */
    add_number(&temperature, 3, 1764000000500);
    add_number(&temperature, 4, SPARKPLUG_INT16);
    add_number(&temperature, 10, (uint32_t)-5);
    add_number(&payload, 1, 1764000000000);
    add_metric(&payload, &number);
    add_metric(&payload, &temperature);
    add_number(&payload, 3, 0);
    send("spBv1.0/plant/NBIRTH/gw1", &payload);
}

static void device_birth(unsigned seq)
{
    struct bytes payload = {.length = 0};
    struct bytes flow = {.length = 0};
    struct bytes running = {.length = 0};

    add_words(&flow, 1, "flow");
    add_number(&flow, 2, 11);
    add_number(&flow, 4, SPARKPLUG_FLOAT);
    add_float(&flow, 12, 12.5F);
    add_words(&running, 1, "running");
    add_number(&running, 2, 12);
    add_number(&running, 4, SPARKPLUG_BOOLEAN);
    add_number(&running, 14, 1);
    add_number(&payload, 1, 1764000000000);
    add_metric(&payload, &flow);
    add_metric(&payload, &running);
    add_number(&payload, 3, seq);
    send("spBv1.0/plant/DBIRTH/gw1/pump-2", &payload);
}

static struct bytes flow_by_alias(unsigned seq, double value)
{
    struct bytes payload = {.length = 0};
    struct bytes flow = {.length = 0};

    add_number(&flow, 2, 11);
    add_double(&flow, 13, value);
    add_number(&payload, 1, 1764000001000);
    add_metric(&payload, &flow);
    add_number(&payload, 3, seq);
    return payload;
}

static void test_births_and_data(void **state)
{
    struct bytes data;

    (void)state;
    node_birth(4);
    assert_int_equal(seen.alive[NODE_UNIT], 1);
    assert_int_equal(seen.alive[DEVICE_UNIT], -1);
    assert_true(seen.number[0] == -5);
    assert_true(seen.time_ms[0] == 1764000000500);
    device_birth(1);
    assert_int_equal(seen.alive[DEVICE_UNIT], 1);
    assert_true(seen.number[1] == 12.5 && seen.number[4] == 12.5 && seen.number[2] == 1);
    data = flow_by_alias(2, 13.25);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    assert_true(seen.number[1] == 13.25 && seen.number[4] == 13.25);
    assert_true(seen.time_ms[1] == -1); /* the payload's */
    assert_true(seen.sent_ms[1] == 1764000001000);
    (void)sparkplug_step(host, start, &events);
    assert_int_equal(seen.asked, 0);
}

static void test_data_without_birth(void **state)
{
    struct bytes data = flow_by_alias(9, 1);
    struct mono_time due;

    (void)state;
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    assert_int_equal(seen.readings[1], 0);
    due = sparkplug_step(host, start, &events);
    assert_int_equal(seen.asked, 1);
    assert_string_equal(seen.ask_topic, "spBv1.0/plant/NCMD/gw1");
    /* No answer: again, and rarer each time. */
    assert_int_equal(mono_diff_ms(due, start), SPARKPLUG_ASK_MIN_MS);
    due = sparkplug_step(host, due, &events);
    assert_int_equal(seen.asked, 2);
    assert_int_equal(mono_diff_ms(due, start), 3 * SPARKPLUG_ASK_MIN_MS);
    node_birth(1);
    due = sparkplug_step(host, due, &events);
    assert_int_equal(seen.asked, 2);
    assert_true(due.ns == MONO_NEVER.ns);
    /* A device that its node has not announced. */
    data = flow_by_alias(1, 1);
    send_at("spBv1.0/plant/DDATA/gw1/pump-2", &data, mono_add_ms(start, 60000));
    (void)sparkplug_step(host, mono_add_ms(start, 60000), &events);
    assert_int_equal(seen.asked, 3);
    assert_int_equal(seen.readings[1], 0);
}

static void test_sequence(void **state)
{
    struct bytes data;

    (void)state;
    node_birth(1);
    device_birth(1);
    data = flow_by_alias(2, 2);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data); /* twice */
    assert_int_equal(seen.readings[1], 2);
    data = flow_by_alias(4, 4); /* 3 is lost: what came is true all the same */
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    assert_true(seen.number[1] == 4);
    (void)sparkplug_step(host, start, &events);
    assert_int_equal(seen.asked, 1);
    node_birth(1);
    device_birth(1);
    /* A whole turn of the counter, past 255, holds no gap. */
    for (unsigned i = 2; i < 600; i++) {
        data = flow_by_alias(i % 256, i);
        send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    }
    (void)sparkplug_step(host, mono_add_ms(start, 100000), &events);
    assert_int_equal(seen.asked, 1);
    assert_true(seen.number[1] == 599);
}

static struct bytes death(uint64_t bdseq)
{
    struct bytes payload = {.length = 0};
    struct bytes number = {.length = 0};

    add_words(&number, 1, "bdSeq");
    add_number(&number, 11, bdseq);
    add_metric(&payload, &number);
    return payload;
}

static void test_deaths(void **state)
{
    struct bytes will = death(3);
    struct bytes empty = {.length = 0};

    (void)state;
    node_birth(4);
    device_birth(1);
    send("spBv1.0/plant/NDEATH/gw1", &will); /* of the connection before */
    assert_int_equal(seen.alive[NODE_UNIT], 1);
    add_number(&empty, 3, 2);
    send("spBv1.0/plant/DDEATH/gw1/pump-2", &empty);
    assert_int_equal(seen.alive[DEVICE_UNIT], 0);
    assert_int_equal(seen.alive[NODE_UNIT], 1);
    device_birth(3);
    will = death(4);
    send("spBv1.0/plant/NDEATH/gw1", &will);
    assert_int_equal(seen.alive[NODE_UNIT], 0);
    assert_int_equal(seen.alive[DEVICE_UNIT], 0);
}

/* A node that is born anew without one of its devices. */
static void test_a_device_that_does_not_come_back(void **state)
{
    struct mono_time due;

    (void)state;
    node_birth(1);
    device_birth(1);
    node_birth(2);
    due = sparkplug_step(host, start, &events);
    assert_int_equal(mono_diff_ms(due, start), SPARKPLUG_DEVICE_GRACE_MS);
    assert_int_equal(seen.alive[DEVICE_UNIT], 1);
    (void)sparkplug_step(host, due, &events);
    assert_int_equal(seen.alive[DEVICE_UNIT], 0);
}

static void test_null_quality_and_the_past(void **state)
{
    struct bytes payload = {.length = 0};
    struct bytes flow = {.length = 0};
    struct bytes past = {.length = 0};

    (void)state;
    node_birth(1);
    device_birth(1);
    add_number(&flow, 2, 11);
    add_number(&flow, 7, 1);
    add_number(&past, 2, 12);
    add_number(&past, 5, 1);
    add_number(&past, 14, 0);
    add_metric(&payload, &flow);
    add_metric(&payload, &past);
    add_number(&payload, 3, 2);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &payload);
    assert_int_equal(seen.kind[1], SPARKPLUG_NOTHING);
    assert_true(seen.number[2] == 1); /* the past changes nothing */
}

static void test_types(void **state)
{
    static const struct {
        uint32_t type;
        bool wide;
        uint64_t raw;
        double value;
    } cases[] = {
        {SPARKPLUG_INT8, false, 0xFFFFFFFF, -1},
        {SPARKPLUG_INT16, false, 0xFFFF8000, -32768},
        {SPARKPLUG_INT32, false, 0x80000000, -2147483648.0},
        {SPARKPLUG_INT64, true, UINT64_MAX, -1},
        {SPARKPLUG_UINT8, false, 255, 255},
        {SPARKPLUG_UINT32, false, 0xFFFFFFFF, 4294967295.0},
        {SPARKPLUG_UINT64, true, UINT64_C(1) << 63, 9223372036854775808.0},
        {SPARKPLUG_UNKNOWN, false, 7, 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sparkplug_metric metric = {
            .integer = true, .wide = cases[i].wide, .raw = cases[i].raw};

        assert_true(sparkplug_number(&metric, cases[i].type) == cases[i].value);
    }
}

static void test_rebirth_can_be_read(void **state)
{
    uint8_t bytes[SPARKPLUG_COMMAND_MAX];
    struct sparkplug_payload payload;
    struct err err;
    size_t length = sparkplug_rebirth(1764000000000, bytes);

    (void)state;
    assert_int_equal(sparkplug_payload_read(bytes, length, &payload, &err), 0);
    assert_int_equal(payload.metric_count, 1);
    assert_string_equal(payload.metrics[0].name, "Node Control/Rebirth");
    assert_int_equal(payload.metrics[0].kind, SPARKPLUG_TRUTH);
    assert_true(payload.metrics[0].number == 1);
    sparkplug_payload_free(&payload);
}

/* Nonsense is refused, whatever its bytes promise, and costs a bounded amount of memory.
 */
static void test_nonsense(void **state)
{
    static uint8_t many[256 * 1024];
    struct sparkplug_payload payload;
    struct err err;
    uint32_t dice = 1;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof many; i += 2) {
        many[i] = 2 << 3 | 2; /* a metric of no bytes, 131,072 times */
        many[i + 1] = 0;
    }
    assert_int_equal(sparkplug_payload_read(many, sizeof many, &payload, &err), -1);
    for (int round = 0; round < 20000; round++) {
        uint8_t noise[64];
        size_t length = 0;

        for (; length < (size_t)round % sizeof noise; length++) {
            dice = dice * 1664525 + 1013904223;
            noise[length] = (uint8_t)(dice >> 24);
        }
        if (sparkplug_payload_read(noise, length, &payload, &err) == 0)
            sparkplug_payload_free(&payload);
    }
}

static void test_addresses(void **state)
{
    static const char *const wrong[] = {"",   "plant", "a/b/c/d", "a//b",
                                        "/b", "a/",    "a/+",     "a/b/#"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(sparkplug_add_unit(host, wrong[i], 0, &err), -1);
}

/* Only what is of a node is read at all. */
static void test_topics(void **state)
{
    static const struct {
        const char *topic;
        bool ours;
    } cases[] = {
        {"spBv1.0/plant/NDATA/gw1", true},    {"spBv1.0/plant/DDATA/gw1/other", true},
        {"spBv1.0/plant/NDATA/gw2", false},   {"spBv1.0/other/NDATA/gw1", false},
        {"spBv1.0/plant/NDATA/gw1/x", false}, {"spBv1.0/plant/DDATA/gw1", false},
        {"spAv1.0/plant/NDATA/gw1", false},   {"spBv1.0/plant/NCMD/gw1", false},
        {"spBv1.0/STATE/facilityd", false},   {"spBv1.0/plant/DDATA/gw1/x/y", false},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct sparkplug_message message = {cases[i].topic, strlen(cases[i].topic),
                                                  "\xff", 1};

        check_case(cases[i].topic, sparkplug_message(host, &message, start, &events,
                                                     &err) == (cases[i].ours ? -1 : 0));
    }
}

/* After a connect a node must be heard of. */
static void test_silence(void **state)
{
    struct bytes data = flow_by_alias(9, 1);
    struct mono_time due;
    struct mono_time now;

    (void)state;
    sparkplug_connected(host, start);
    due = sparkplug_step(host, start, &events);
    assert_int_equal(mono_diff_ms(due, start), 2000);
    (void)sparkplug_step(host, due, &events);
    assert_int_equal(seen.asked, 1);
    assert_int_equal(seen.alive[NODE_UNIT], -1);
    now = mono_add_ms(start, 2000 + SPARKPLUG_SILENCE_MS);
    (void)sparkplug_step(host, mono_add_ms(now, -1), &events);
    assert_int_equal(seen.alive[NODE_UNIT], -1);
    (void)sparkplug_step(host, now, &events);
    assert_int_equal(seen.alive[NODE_UNIT], 0);
    assert_int_equal(seen.alive[DEVICE_UNIT], 0);
    /* One that speaks is there, born or not. */
    node_birth(1);
    device_birth(1);
    sparkplug_connected(host, now);
    send_at("spBv1.0/plant/DDATA/gw1/pump-2", &data, now);
    assert_int_equal(seen.readings[1], 2);
    (void)sparkplug_step(host, mono_add_ms(now, 60000), &events);
    assert_int_equal(seen.alive[NODE_UNIT], 1);
    assert_int_equal(sparkplug_counts(host).gaps, 0);
}

static void test_a_node_that_refuses(void **state)
{
    struct bytes data = flow_by_alias(9, 1);
    struct mono_time now = start;

    (void)state;
    for (unsigned i = 0; i < SPARKPLUG_REFUSED; i++) {
        assert_null(sparkplug_refusing(host));
        send_at("spBv1.0/plant/DDATA/gw1/pump-2", &data, now);
        now = sparkplug_step(host, now, &events);
    }
    assert_null(sparkplug_refusing(host)); /* gone, perhaps */
    send_at("spBv1.0/plant/DDATA/gw1/pump-2", &data, now);
    check_text("refusing", sparkplug_refusing(host), "plant/gw1");
    node_birth(1);
    assert_null(sparkplug_refusing(host));
    assert_int_equal(sparkplug_counts(host).asked, seen.asked);
}

static void test_counts(void **state)
{
    struct bytes data = flow_by_alias(2, 1);
    struct bytes will = death(3);
    struct sparkplug_counts counts;

    (void)state;
    node_birth(4);
    device_birth(1);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    data = flow_by_alias(5, 1);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &data);
    send("spBv1.0/plant/NDEATH/gw1", &will); /* an old one */
    will = death(4);
    send("spBv1.0/plant/NDEATH/gw1", &will);
    counts = sparkplug_counts(host);
    assert_true(counts.births == 2 && counts.deaths == 1 && counts.gaps == 1 &&
                counts.repeated == 1 && counts.asked == 0);
    /* A dead node is not asked: it is born by itself when it comes back. */
    assert_true(sparkplug_step(host, start, &events).ns == MONO_NEVER.ns);
}

static void test_kinds_of_values(void **state)
{
    struct bytes payload = {.length = 0};
    struct bytes flow = {.length = 0};
    struct bytes level = {.length = 0};

    (void)state;
    node_birth(1);
    device_birth(1);
    add_words(&flow, 1, "flow");
    add_block(&flow, 17, "\x08\x01", 2); /* a data set */
    add_words(&level, 1, "level");       /* no value at all */
    add_number(&level, 3, UINT64_MAX);
    add_metric(&payload, &flow);
    add_metric(&payload, &level);
    add_number(&payload, 3, 2);
    send("spBv1.0/plant/DDATA/gw1/pump-2", &payload);
    assert_int_equal(seen.kind[1], SPARKPLUG_OTHER);
    assert_int_equal(seen.kind[3], SPARKPLUG_NOTHING);
    assert_true(seen.time_ms[3] == INT64_MAX / CLOCK_MS);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_births_and_data),
        CASE(test_data_without_birth),
        CASE(test_sequence),
        CASE(test_deaths),
        CASE(test_a_device_that_does_not_come_back),
        CASE(test_null_quality_and_the_past),
        CASE(test_types),
        CASE(test_rebirth_can_be_read),
        CASE(test_nonsense),
        CASE(test_addresses),
        CASE(test_topics),
        CASE(test_silence),
        CASE(test_a_node_that_refuses),
        CASE(test_counts),
        CASE(test_kinds_of_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
