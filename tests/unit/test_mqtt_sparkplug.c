/* test_mqtt_sparkplug.c - what a metric means to a point, and which messages are read. */
#include "adapters/mqtt_sparkplug.h"
#include "base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/sparkplug_bytes.h"

#include <math.h>

static const struct wall_time arrival = {INT64_C(1795537479000) * CLOCK_MS};

enum {
    NOW_S = 1795537479,
};

static const struct enum_settings labels[] = {{0, "normal"}, {2, "inspection"}};
static const struct point_settings plain = {.name = "p",
                                            .scale = 0.1,
                                            .offset = 1,
                                            .range_low = -1000,
                                            .range_high = 1000,
                                            .labels = labels,
                                            .label_count = 2};

struct source_case {
    const char *name;
    enum point_kind kind;
    struct sparkplug_metric metric;
    double number;
    enum quality quality;
    enum reason reason;
    double value;
    const char *text;
};

#define GOOD_METRIC .quality = SPARKPLUG_QUALITY_GOOD

static const struct source_case values[] = {
    {"number",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     20,
     QUALITY_GOOD,
     REASON_NONE,
     3,
     NULL},
    {"out of range",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     1e6,
     QUALITY_BAD,
     REASON_RANGE,
     0,
     NULL},
    {"NaN",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     NAN,
     QUALITY_BAD,
     REASON_NOT_AVAILABLE,
     0,
     NULL},
    {"infinite",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     INFINITY,
     QUALITY_BAD,
     REASON_RANGE,
     0,
     NULL},
    {"null",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NOTHING, GOOD_METRIC},
     0,
     QUALITY_BAD,
     REASON_NOT_AVAILABLE,
     0,
     NULL},
    {"a data set",
     POINT_NUMBER,
     {.kind = SPARKPLUG_OTHER, GOOD_METRIC},
     0,
     QUALITY_BAD,
     REASON_DECODE,
     0,
     NULL},
    {"digits",
     POINT_NUMBER,
     {.kind = SPARKPLUG_WORDS, .text = "20", GOOD_METRIC},
     0,
     QUALITY_GOOD,
     REASON_NONE,
     3,
     NULL},
    {"words",
     POINT_NUMBER,
     {.kind = SPARKPLUG_WORDS, .text = "much", GOOD_METRIC},
     0,
     QUALITY_BAD,
     REASON_DECODE,
     0,
     NULL},
    {"truth",
     POINT_BOOL,
     {.kind = SPARKPLUG_TRUTH, GOOD_METRIC},
     1,
     QUALITY_GOOD,
     REASON_NONE,
     1,
     NULL},
    {"a number for a truth",
     POINT_BOOL,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     0,
     QUALITY_GOOD,
     REASON_NONE,
     0,
     NULL},
    {"code",
     POINT_ENUM,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     2,
     QUALITY_GOOD,
     REASON_NONE,
     2,
     NULL},
    {"label",
     POINT_ENUM,
     {.kind = SPARKPLUG_WORDS, .text = "inspection", GOOD_METRIC},
     0,
     QUALITY_GOOD,
     REASON_NONE,
     2,
     NULL},
    {"bits",
     POINT_FLAGS,
     {.kind = SPARKPLUG_NUMBER, GOOD_METRIC},
     5,
     QUALITY_GOOD,
     REASON_NONE,
     5,
     NULL},
    {"text",
     POINT_TEXT,
     {.kind = SPARKPLUG_WORDS, .text = "a\tb", GOOD_METRIC},
     0,
     QUALITY_GOOD,
     REASON_NONE,
     0,
     "a b"},
    {"not UTF-8",
     POINT_TEXT,
     {.kind = SPARKPLUG_WORDS, .text = "\xff", GOOD_METRIC},
     0,
     QUALITY_BAD,
     REASON_DECODE,
     0,
     ""},
    {"bad",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, .quality = 0},
     20,
     QUALITY_BAD,
     REASON_NOT_AVAILABLE,
     0,
     NULL},
    {"doubtful",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, .quality = 64},
     20,
     QUALITY_BAD,
     REASON_NOT_AVAILABLE,
     0,
     NULL},
    {"negative quality",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, .quality = -1},
     20,
     QUALITY_BAD,
     REASON_NOT_AVAILABLE,
     0,
     NULL},
    {"good, and more",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, .quality = 216},
     20,
     QUALITY_GOOD,
     REASON_NONE,
     3,
     NULL},
    {"stale",
     POINT_NUMBER,
     {.kind = SPARKPLUG_NUMBER, .quality = 500},
     20,
     QUALITY_BAD,
     REASON_STALE,
     0,
     NULL},
};

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct source_case *c = &values[i];
        const struct mqtt_source source = {.settings = &plain, .kind = c->kind};
        const struct sparkplug_reading from = {&c->metric, c->number, -1, -1};
        struct mqtt_reading reading;

        mqtt_sparkplug_read(&from, &source, arrival, &reading);
        check_case(c->name, reading.quality == c->quality);
        check_case(c->name, reading.reason == c->reason);
        if (c->quality != QUALITY_BAD)
            check_case(c->name, reading.value == c->value);
        if (c->text != NULL)
            check_text(c->name, reading.text, c->text);
        check_case(c->name, reading.time.ns == arrival.ns && !reading.stamped);
        check_case(c->name, (reading.problem != NULL) == (c->reason == REASON_DECODE));
    }
}

static void test_times(void **state)
{
    static const int64_t now = INT64_C(1000) * NOW_S;
    const struct {
        const char *name;
        int64_t time_ms;
        int64_t sent_ms;
        int64_t age_ms; /* of the reading */
        bool believed;
    } cases[] = {
        {"none", -1, -1, 0, true},
        {"of the payload", -1, now, 0, true},
        {"of the metric alone", now - 700, -1, 0, true},
        {"just measured", now - 700, now - 100, 600, true},
        {"an old change is true now", now - 3600000, now, 0, true},
        {"at the bound", now - 4000, now, 4000, true},
        {"after what was sent", now + 60000, now, 0, true},
        {"eight hours behind", now - 28800500, now - 28800000, 500, true},
        {"an hour ahead", now + 3600000, now + 3600200, 200, true},
        {"battery lost", 1000, 1500, 500, false},
        {"a day ahead", now + 90000000, now + 90000000, 0, false},
        {"beyond all bounds", 0, INT64_MAX / CLOCK_MS, 0, false},
    };
    const struct mqtt_source source = {.settings = &plain, .kind = POINT_NUMBER};
    const struct sparkplug_metric metric = {.kind = SPARKPLUG_NUMBER, GOOD_METRIC};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct sparkplug_reading from = {&metric, 1, cases[i].time_ms,
                                               cases[i].sent_ms};
        struct mqtt_reading reading;

        mqtt_sparkplug_read(&from, &source, arrival, &reading);
        check_case(cases[i].name, wall_diff_ms(arrival, reading.time) == cases[i].age_ms);
        check_case(cases[i].name, (reading.quality == QUALITY_GOOD) == cases[i].believed);
        check_case(cases[i].name, reading.stamped == (cases[i].age_ms > 0));
        if (!cases[i].believed)
            check_case(cases[i].name, reading.reason == REASON_CLOCK);
    }
}

/* ---- messages ---- */

static struct {
    unsigned readings;
    double value;
    int alive;
} seen;

static void on_reading(void *context, struct mqtt_point *point,
                       struct mqtt_reading *reading)
{
    (void)context;
    assert_int_equal(point->point, 7);
    seen.readings++;
    seen.value = reading->value;
}

static void on_alive(void *context, uint32_t unit, bool alive)
{
    (void)context;
    assert_int_equal(unit, 0);
    seen.alive = alive;
}

static const struct mqtt_sparkplug_use use = {NULL, on_reading, on_alive};

/* One equipment with one point, by its own name. */
static struct mqtt_points *make_points(void)
{
    struct mqtt_points *points = mem_alloc(sizeof *points);

    points->index = mqtt_index_new();
    points->points = mem_array(1, sizeof *points->points);
    points->points[0] = (struct mqtt_point){
        .point = 7, .source = {.settings = &plain, .kind = POINT_NUMBER}};
    points->count = 1;
    points->unit_online = mem_array(1, sizeof *points->unit_online);
    points->unit_first = mem_array(2, sizeof *points->unit_first);
    points->unit_first[1] = 1;
    points->unit_count = 1;
    return points;
}

static struct mqtt_sparkplug *make(struct mqtt_points *points, const char *topic,
                                   struct err *err)
{
    static struct point_settings point = {.name = "flow", .path = ""};
    static struct link_settings link = {.sparkplug = "host"};
    struct equipment_settings equipment = {
        .id = "e", .topic = topic, .points = &point, .point_count = 1};
    const struct config config = {
        .links = &link, .link_count = 1, .equipment = &equipment, .equipment_count = 1};

    seen.readings = 0;
    seen.alive = -1;
    return mqtt_sparkplug_new(&config, 0, points, &use, err);
}

static struct bytes flow(unsigned seq, unsigned value)
{
    struct bytes payload = {.length = 0};
    struct bytes metric = {.length = 0};

    add_words(&metric, 1, "flow");
    add_number(&metric, 4, SPARKPLUG_UINT16);
    add_number(&metric, 10, value);
    add_block(&payload, 2, metric.data, metric.length);
    add_number(&payload, 3, seq);
    return payload;
}

static int take(struct mqtt_sparkplug *sparkplug, const char *topic,
                const struct bytes *payload, bool retained, bool *copy)
{
    const struct mqtt_message message = {
        .topic = topic,
        .topic_length = strlen(topic),
        .payload = (const char *)payload->data,
        .payload_length = payload->length,
        .retained = retained,
        .time = arrival,
        .mono = {100 * CLOCK_S},
    };
    struct err err;

    return mqtt_sparkplug_message(sparkplug, &message, copy, &err);
}

static void test_messages(void **state)
{
    struct mqtt_points *points = make_points();
    struct err err;
    struct mqtt_sparkplug *sparkplug = make(points, "g/n", &err);
    struct bytes birth = flow(0, 20);
    struct bytes data = flow(1, 30);
    struct bytes junk = {.data = {0xff}, .length = 1};
    struct link_status status = {0};
    bool copy;

    (void)state;
    assert_int_equal(mqtt_index_count(points->index), 7);
    check_text("filter", mqtt_index_filter(points->index, 2), "spBv1.0/g/NDATA/n");
    check_text("filter", mqtt_index_filter(points->index, 3), "spBv1.0/g/DDATA/n/+");
    check_text("filter", mqtt_index_filter(points->index, 6), "spBv1.0/STATE/host");
    assert_int_equal(take(sparkplug, "spBv1.0/g/NBIRTH/n", &birth, true, &copy), 0);
    assert_true(copy && seen.alive == -1); /* the broker's memory */
    assert_int_equal(take(sparkplug, "spBv1.0/g/NBIRTH/n", &birth, false, &copy), 0);
    assert_true(!copy && seen.alive == 1 && seen.value == 3);
    assert_int_equal(take(sparkplug, "spBv1.0/g/NDATA/n", &data, false, &copy), 0);
    assert_true(!copy && seen.value == 4 && seen.readings == 2);
    assert_int_equal(take(sparkplug, "spBv1.0/g/NDATA/n", &data, false, &copy), 0);
    assert_true(copy && seen.readings == 2);
    assert_int_equal(take(sparkplug, "spBv1.0/g/NDATA/n", &junk, false, &copy), -1);
    assert_int_equal(take(sparkplug, "spBv1.0/g/NCMD/n", &junk, false, &copy), 0);
    assert_int_equal(take(sparkplug, "spBv1.0/STATE/host", &junk, false, &copy), 0);
    mqtt_sparkplug_counts(sparkplug, &status);
    assert_true(status.births == 1 && status.deaths == 0 && status.gaps == 0);
    check_text("trouble", mqtt_sparkplug_trouble(sparkplug), "");
    mqtt_sparkplug_free(sparkplug);
    mqtt_points_free(points);
}

static void test_an_address_that_is_none(void **state)
{
    struct mqtt_points *points = make_points();
    struct err err = {0};

    (void)state;
    assert_null(make(points, "g", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.text, "equipment 'e': 'g' is no Sparkplug address"));
    mqtt_points_free(points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_an_address_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
