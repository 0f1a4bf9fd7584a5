/* fuzz_mqtt_payload.c - any bytes as the payload of any kind of point.
 *
 * Files: adapters/mqtt_payload.c adapters/mqtt_path.c adapters/mqtt_words.c
 * base/json_in.c base/err.c base/map.c base/mem.c base/number.c base/utf8.c base/clock.c;
 * libraries: jansson, m.
 */
#include "adapters/mqtt_payload.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const struct wall_time arrival = {INT64_C(1795537479123) * CLOCK_MS};
static const struct enum_settings labels[] = {{0, "normal"}, {2, "inspection"}};
static const char *const on[] = {"wet", "1"};
static const char *const off[] = {"dry"};

#define POINT(...)                                                                       \
    {                                                                                    \
        .name = "p", .scale = 0.1, .range_low = -1000, .range_high = 1000, __VA_ARGS__   \
    }

static const struct {
    enum point_kind kind;
    struct point_settings settings;
} points[] = {
    {POINT_NUMBER, POINT(.path = "", .time = "")},
    {POINT_NUMBER,
     POINT(.path = "a.b[1].c", .time = "ts", .invalid = {65535}, .invalid_count = 1)},
    {POINT_NUMBER, POINT(.path = "v", .time = "t.s")},
    {POINT_BOOL,
     POINT(.path = "", .time = "", .on = on, .on_count = 2, .off = off, .off_count = 1)},
    {POINT_BOOL, POINT(.path = "v", .time = "ts")},
    {POINT_ENUM, POINT(.path = "v", .time = "", .labels = labels, .label_count = 2)},
    {POINT_TEXT, POINT(.path = "", .time = "")},
    {POINT_TEXT, POINT(.path = "v", .time = "ts")},
    {POINT_FLAGS, POINT(.path = "v[0]", .time = "")},
    {POINT_NUMBER, POINT(.path = "s[id=7].v", .time = "s[id=7].t")},
    {POINT_NUMBER, POINT(.path = "a[*].b[*].c", .time = "a[*].t", .sequence = "n")},
};

/* What a reading must be, whatever came in. */
static void check(const struct mqtt_reading *reading, enum point_kind kind)
{
    assert(reading->quality <= QUALITY_BAD && reading->reason < REASON_COUNT);
    assert((reading->quality == QUALITY_GOOD) == (reading->reason == REASON_NONE));
    assert((reading->problem != NULL) == (reading->reason == REASON_DECODE));
    assert(strlen(reading->text) < LIVE_TEXT_MAX);
    assert(reading->time.ns <= wall_add_ms(arrival, INT64_C(86400000)).ns);
    assert(reading->time.ns > 0);
    if (reading->quality == QUALITY_BAD)
        return;
    assert(isfinite(reading->value));
    if (kind == POINT_NUMBER)
        assert(reading->value >= -1000 && reading->value <= 1000);
    if (kind == POINT_BOOL)
        assert(reading->value == 0 || reading->value == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mqtt_path *path_of(struct mqtt_paths *paths, const char *text)
{
    const struct mqtt_path *path = NULL;

    if (text != NULL)
        assert(mqtt_paths_get(paths, text, &path, NULL) == 0);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mqtt_paths *paths; /* one set for all inputs */
    struct mqtt_payload payload;
    struct mqtt_reading reading;

    if (paths == NULL)
        paths = mqtt_paths_new();
    mqtt_payload_begin(&payload, (const char *)data, size);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        const struct point_settings *settings = &points[i].settings;
        const struct mqtt_source source = {
            .settings = settings,
            .kind = points[i].kind,
            .path = path_of(paths, settings->path),
            .time = path_of(paths, settings->time),
            .sequence = path_of(paths, settings->sequence),
        };

        if (mqtt_payload_read(&payload, &source, arrival, &reading))
            check(&reading, points[i].kind);
    }
    mqtt_payload_end(&payload);
    return 0;
}
