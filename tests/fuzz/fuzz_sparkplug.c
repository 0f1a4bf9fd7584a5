/* fuzz_sparkplug.c - any messages of a Sparkplug node, one after another, and what
 * becomes of their metrics at points of every kind.
 *
 * An input is a row of messages: a byte that says which topic, two bytes with the length
 * of the payload (little end first), and the payload.
 *
 * Files: adapters/sparkplug*.c adapters/mqtt_sparkplug.c and what they need, the
 * generated decoder; libraries: protobuf-c, jansson, m.
 */
#include "adapters/mqtt_sparkplug.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const struct wall_time arrival = {INT64_C(1795537479123) * CLOCK_MS};
static const struct enum_settings labels[] = {{0, "normal"}, {2, "inspection"}};
static const struct point_settings settings = {.name = "p",
                                               .scale = 0.1,
                                               .range_low = -1000,
                                               .range_high = 1000,
                                               .labels = labels,
                                               .label_count = 2};

static const char *const metrics[] = {"a", "b", "a", "Current [A]", "b"};
static const enum point_kind kinds[] = {POINT_NUMBER, POINT_BOOL, POINT_ENUM, POINT_TEXT,
                                        POINT_FLAGS};

enum {
    POINTS = sizeof metrics / sizeof metrics[0],
    MESSAGES_MAX = 64, /* of one input */
};

static const char *const topics[] = {
    "spBv1.0/g/NBIRTH/n",   "spBv1.0/g/NDATA/n",   "spBv1.0/g/NDEATH/n",
    "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/DDEATH/n/d",
    "spBv1.0/g/NDATA/m",    "spBv1.0/g/DDATA/n/x",
};

static void check(const struct mqtt_reading *reading, enum point_kind kind)
{
    assert(reading->quality <= QUALITY_BAD && reading->reason < REASON_COUNT);
    assert((reading->quality == QUALITY_GOOD) == (reading->reason == REASON_NONE));
    assert((reading->problem != NULL) == (reading->reason == REASON_DECODE));
    assert(strlen(reading->text) < LIVE_TEXT_MAX);
    assert(wall_diff_ms(arrival, reading->time) >= 0 &&
           wall_diff_ms(arrival, reading->time) <= SPARKPLUG_FRESH_MS);
    if (reading->quality == QUALITY_BAD)
        return;
    assert(isfinite(reading->value));
    if (kind == POINT_NUMBER)
        assert(reading->value >= -1000 && reading->value <= 1000);
    if (kind == POINT_BOOL)
        assert(reading->value == 0 || reading->value == 1);
}

static void on_reading(void *context, uint32_t point,
                       const struct sparkplug_reading *reading)
{
    const struct mqtt_source source = {.settings = &settings, .kind = kinds[point]};
    struct mqtt_reading out;

    (void)context;
    assert(point < POINTS);
    mqtt_sparkplug_read(reading, &source, arrival, &out);
    check(&out, kinds[point]);
}

static void on_alive(void *context, uint32_t unit, bool alive)
{
    (void)context;
    (void)alive;
    assert(unit < 2);
}

static void on_ask(void *context, const char *topic)
{
    unsigned *asked = context;

    assert(strcmp(topic, "spBv1.0/g/NCMD/n") == 0);
    (*asked)++;
}

static struct sparkplug *make_host(void)
{
    struct sparkplug *host = sparkplug_new();
    struct err err;

    assert(sparkplug_add_unit(host, "g/n", 0, &err) == 0);
    for (uint32_t i = 0; i < POINTS; i++) {
        if (i == POINTS / 2)
            assert(sparkplug_add_unit(host, "g/n/d", 1, &err) == 0);
        sparkplug_add_point(host, metrics[i], i);
    }
    sparkplug_seal(host);
    return host;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned asked = 0;
    const struct sparkplug_events events = {&asked, on_reading, on_alive, on_ask};
    struct sparkplug *host = make_host();
    struct mono_time now = {CLOCK_S};
    unsigned messages = 0;

    sparkplug_connected(host, now);
    while (size >= 3 && messages++ < MESSAGES_MAX) {
        const char *topic = topics[data[0] % (sizeof topics / sizeof topics[0])];
        size_t length = data[1] | (size_t)data[2] << 8;
        struct sparkplug_message message = {topic, strlen(topic), data + 3, length};
        struct mono_time due;
        struct err err;

        if (length > size - 3)
            message.size = length = size - 3;
        (void)sparkplug_message(host, &message, now, &events, &err);
        due = sparkplug_step(host, now, &events);
        assert(!mono_before(due, now));
        now = mono_add_ms(now, 100);
        data += 3 + length;
        size -= 3 + length;
    }
    assert(asked <= 1 + (unsigned)(messages * 100 / SPARKPLUG_ASK_MIN_MS));
    assert(sparkplug_counts(host).asked == asked);
    sparkplug_free(host);
    return 0;
}
