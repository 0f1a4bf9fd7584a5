/* test_mqtt_out.c - readings on their way to the sink: order, counts, guarded counters.
 */
#include "adapters/mqtt_out.h"
#include "base/text.h"
#include "tests/unit/check.h"

#include <stdio.h>

static struct text order; /* "point quality/reason value ", texts in quotes */
static unsigned calls;

static void put(void *context, const struct sample *samples, size_t count)
{
    (void)context;
    calls++;
    for (size_t i = 0; i < count; i++)
        text_addf(&order, "%u %s/%s %g; ", samples[i].point,
                  quality_name((enum quality)samples[i].quality),
                  reason_name((enum reason)samples[i].reason), samples[i].value);
}

static void put_text(void *context, const struct sample *sample, const char *text)
{
    (void)context;
    text_addf(&order, "%u '%s'; ", sample->point, text);
}

static const struct sample_sink sink = {NULL, put, put_text};
static struct point_settings settings = {.name = "p"};
static struct mqtt_out out;

static int setup(void **state)
{
    (void)state;
    text_init(&order, 100000);
    out = (struct mqtt_out){0};
    calls = 0;
    mqtt_out_begin(&out, &sink);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    text_done(&order);
    return 0;
}

static struct mqtt_reading good(double value)
{
    struct mqtt_reading reading;

    mqtt_reading_begin(&reading, (struct wall_time){CLOCK_S});
    reading.value = value;
    return reading;
}

static const struct mqtt_message message = {.time = {CLOCK_S}, .mono = {CLOCK_S}};

/* A device that dies and is there again within one turn ends as alive. */
static void a_text_stays_behind_what_is_older(void **state)
{
    struct mqtt_point list[] = {
        {.point = 3, .source = {.settings = &settings, .kind = POINT_NUMBER}},
        {.point = 4, .source = {.settings = &settings, .kind = POINT_TEXT}},
        {.point = 9, .source = {.settings = &settings, .kind = POINT_NUMBER}},
    };
    size_t first[] = {0, 2, 3};
    const struct mqtt_points points = {.points = list, .count = 3, .unit_first = first};
    struct mqtt_reading words = good(0);
    struct mqtt_reading number = good(7);

    (void)state;
    mqtt_out_gone(&out, &points, 0);
    (void)snprintf(words.text, sizeof words.text, "on");
    mqtt_out_reading(&out, &list[1], &message, &words);
    mqtt_out_reading(&out, &list[0], &message, &number);
    mqtt_out_online(&out, 5, true);
    mqtt_out_end(&out);
    check_text(
        "order", order.data,
        "3 bad/offline 0; 4 bad/offline 0; 4 'on'; 3 good/none 7; 5 good/none 1; ");
    assert_true(out.samples == 5 && out.bad_samples == 2 && out.sink == NULL);
}

static void a_batch_is_bounded(void **state)
{
    struct mqtt_point point = {.point = 1, .source = {.settings = &settings}};

    (void)state;
    for (unsigned i = 0; i < MQTT_BATCH_SAMPLES + 1; i++) {
        struct mqtt_reading reading = good(i);

        mqtt_out_reading(&out, &point, &message, &reading);
    }
    assert_int_equal(calls, 1);
    mqtt_out_end(&out);
    assert_int_equal(calls, 2);
    assert_int_equal(out.samples, MQTT_BATCH_SAMPLES + 1);
}

static void counters_are_guarded(void **state)
{
    struct mqtt_point point = {.point = 1,
                               .guarded = true,
                               .rule = {.max_rate = 3600, .step = 1},
                               .source = {.settings = &settings}};
    static const double values[] = {100, 5000, 101};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct mqtt_reading reading = good(values[i]);

        mqtt_out_reading(&out, &point, &message, &reading);
    }
    mqtt_out_end(&out);
    check_text("jump", order.data, "1 good/none 100; 1 bad/jump 5000; 1 good/none 101; ");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_text_stays_behind_what_is_older),
        CASE(a_batch_is_bounded),
        CASE(counters_are_guarded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
