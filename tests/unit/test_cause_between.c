/* test_cause_between.c - causes of causes whose rows do not lead from the topmost to the
 * last: mains -> feeder -> pump, and nothing from the mains to the pump. */
#include "rules/engine.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#define MONO_0 INT64_C(5000000000000)
#define WALL_0 INT64_C(1790000000000000000)

static struct plant plant;
static struct engine *engine;
static struct text trace;
static int now_s;

static void keep_standing(void *context, const struct alarm_change *change)
{
    (void)context;
    if (change->kind == CHANGE_STANDING || change->kind == CHANGE_RETURNED)
        text_addf(&trace, "%d %s %s %s\n", now_s, change->rule->id,
                  standing_name(change->standing),
                  change->cause_rule == NULL ? "-" : change->cause_rule->id);
}

/* Polls everything each second up to `second`. */
static void run_to(int second, double mains, double feeder, double pump)
{
    const struct {
        const char *equipment;
        double value;
    } readings[] = {{"ups-1", mains}, {"feeder-1", feeder}, {"pump-1", pump}};

    for (; now_s <= second; now_s++) {
        struct mono_time mono = {MONO_0 + now_s * CLOCK_S};
        struct wall_time wall = {WALL_0 + now_s * CLOCK_S};

        for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
            const struct sample sample = {
                .point = plant_find(&plant, readings[i].equipment, "ok")->index,
                .value = readings[i].value,
                .time = wall,
                .mono = mono,
            };

            engine_put(engine, &sample, 1);
        }
        engine_step(engine, mono, wall, &(struct engine_out){.emit = keep_standing});
    }
}

static void build(void)
{
    static const char *targets[] = {"feeder.outage", "pump.fault"};
    static struct suppress_settings rows[] = {
        {.by = "site.outage", .via = "power", .target_count = 1},
        {.by = "feeder.outage", .via = "power", .target_count = 1}};
    struct config_report *report = config_report_new();
    const struct equipment *ups;
    struct equipment *feeder;

    plant_start(&plant);
    ups = plant_add(&plant, "ups-1", "gateway", "ok:b::1");
    feeder = plant_add(&plant, "feeder-1", "electricity_meter", "ok:b::1");
    plant_relate(&plant, feeder, "power", &ups, 1);
    ups = feeder;
    plant_relate(&plant, plant_add(&plant, "pump-1", "pump", "ok:b::1"), "power", &ups,
                 1);
    plant_finish(&plant);
    plant_rule(&plant, "site.outage", "gateway", "not ok", "ok")->for_ms = 2000;
    plant_rule(&plant, "feeder.outage", "electricity_meter", "not ok", "ok")->for_ms =
        3000;
    plant_rule(&plant, "pump.fault", "pump", "not ok", "ok")->for_ms = 5000;
    for (size_t i = 0; i < 2; i++) {
        rows[i].pos = (struct config_pos){0, 1, 1, 1};
        rows[i].targets = &targets[i];
    }
    plant.config.suppress = rows;
    plant.config.suppress_count = 2;
    engine = engine_new(&plant.config, (struct mono_time){MONO_0}, report);
    assert_non_null(engine);
    config_report_free(report);
    text_init(&trace, 1 << 16);
    now_s = 0;
}

/* The topmost returns while what stands between goes on: what was its symptom is then the
 * symptom of that, and no longer of what is over. */
static void test_between(void **state)
{
    (void)state;
    build();
    run_to(20, 0, 0, 0);
    text_clear(&trace);
    run_to(40, 1, 0, 0);
    check_text("the feeder is still out", trace.data,
               "21 site.outage root -\n"
               "21 feeder.outage reprove -\n"
               "21 pump.fault symptom feeder.outage\n"
               "25 feeder.outage root -\n");
    text_clear(&trace);
    run_to(60, 1, 1, 0);
    check_text("then the pump must show itself", trace.data,
               "41 feeder.outage root -\n"
               "41 pump.fault reprove -\n"
               "47 pump.fault root -\n");
    engine_free(engine);
    text_done(&trace);
    plant_done(&plant);
}

/* A cause that is written over the members of a relation, of which nothing has been read:
 * it cannot be said to be in order. */
static void test_group(void **state)
{
    static const char *targets[] = {"pump.fault"};
    static struct suppress_settings row = {
        .by = "feeder.outage", .via = "power", .target_count = 1, .targets = targets};
    struct config_report *report = config_report_new();
    const struct equipment *meters[2];
    const struct equipment *power;
    struct equipment *feeder;

    (void)state;
    plant_start(&plant);
    feeder = plant_add(&plant, "feeder-1", "electricity_meter", "");
    meters[0] = plant_add(&plant, "ups-1", "sensor", "ok:b::1");
    meters[1] = plant_add(&plant, "ups-2", "sensor", "ok:b::1");
    plant_relate(&plant, feeder, "meters", meters, 2);
    power = feeder;
    plant_relate(&plant, plant_add(&plant, "pump-1", "pump", "ok:b::1"), "power", &power,
                 1);
    plant_finish(&plant);
    plant_rule(&plant, "feeder.outage", "electricity_meter",
               "gcount('meters', not ok) >= 2", "");
    plant_rule(&plant, "pump.fault", "pump", "not ok", "");
    row.pos = (struct config_pos){0, 1, 1, 1};
    plant.config.suppress = &row;
    plant.config.suppress_count = 1;
    engine = engine_new(&plant.config, (struct mono_time){MONO_0}, report);
    assert_non_null(engine);
    config_report_free(report);
    text_init(&trace, 1 << 16);
    for (now_s = 0; now_s < 40; now_s++) {
        struct mono_time mono = {MONO_0 + now_s * CLOCK_S};
        struct wall_time wall = {WALL_0 + now_s * CLOCK_S};
        const struct sample sample = {
            .point = plant_find(&plant, "pump-1", "ok")->index,
            .time = wall,
            .mono = mono,
        };

        engine_put(engine, &sample, 1);
        engine_step(engine, mono, wall, &(struct engine_out){.emit = keep_standing});
    }
    check_text("half a minute for what is not seen", trace.data,
               "30 pump.fault root -\n");
    engine_free(engine);
    text_done(&trace);
    plant_done(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_between),
                                       cmocka_unit_test(test_group)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
