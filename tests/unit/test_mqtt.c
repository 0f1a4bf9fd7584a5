/* test_mqtt.c - the MQTT adapter from a broker's messages to samples. */
#include "adapters/adapter.h"
#include "base/mem.h"
#include "tests/unit/broker.h"
#include "tests/unit/check.h"

enum {
    POINTS = 6, /* of a meter, with online */
    METERS = 2,
    LINK_ONLINE = POINTS * METERS,
    ALL = LINK_ONLINE + 1,
    FLOW = 0,
    ENERGY,
    VALVE,
    LEAK,
    LABEL,
    ONLINE,
};

/* "flow" promises to report, the others do not; "leak" has a topic of its own. */
static struct point_settings meter_points[POINTS - 1];

/* A site with one broker and two meters, built by hand, and what the sink got. */
struct site {
    struct broker broker;
    char url[64];
    struct link_settings link;
    struct equipment_settings equipment[METERS];
    struct config config;
    struct adapter *adapter;
    struct sample last[ALL];
    int count[ALL];
    char text[64];
    size_t total;
};

static void set_point(int i, const char *name, const char *topic, const char *path,
                      const char *time)
{
    meter_points[i] = (struct point_settings){
        .name = name,
        .topic = topic,
        .path = path,
        .time = time,
        .sequence = "",
        .scale = 1,
        .range_low = -INFINITY,
        .range_high = INFINITY,
    };
}

static void make_profile(void)
{
    set_point(FLOW, "flow", "", "flow.value", "ts");
    meter_points[FLOW].poll_ms = 1000;
    meter_points[FLOW].stale_after_ms = 60000;
    set_point(ENERGY, "energy", "", "energy", "");
    meter_points[ENERGY].scale = 0.1;
    set_point(VALVE, "valve", "", "valve", "");
    meter_points[VALVE].type = TYPE_BOOL;
    set_point(LEAK, "leak", "leak", "", "");
    meter_points[LEAK].type = TYPE_BOOL;
    set_point(LABEL, "label", "", "label", "");
    meter_points[LABEL].type = TYPE_STRING;
}

static struct model *make_model(void)
{
    static const enum point_kind kinds[] = {POINT_NUMBER, POINT_NUMBER, POINT_BOOL,
                                            POINT_BOOL,   POINT_TEXT,   POINT_BOOL};
    static const char *const ids[] = {"meter-0", "meter-1", "broker"};
    struct model *model = model_new();

    model->points = model_memory(model, ALL, sizeof *model->points);
    model->equipment = model_memory(model, METERS + 1, sizeof *model->equipment);
    model->links = model_memory(model, 1, sizeof *model->links);
    model->point_count = ALL;
    model->equipment_count = METERS + 1;
    model->link_count = 1;
    model->links[0] = (struct link){.id = "broker", .kind = "mqtt", .stand_in = METERS};
    for (uint32_t i = 0; i < ALL; i++)
        model->points[i] = (struct point){
            .index = i,
            .equipment = i / POINTS,
            .name = i == LINK_ONLINE ? "online" : "p",
            .kind = i == LINK_ONLINE ? POINT_BOOL : kinds[i % POINTS],
            .builtin = i == LINK_ONLINE || i % POINTS == ONLINE,
        };
    for (uint32_t i = 0; i <= METERS; i++)
        model->equipment[i] = (struct equipment){
            .index = i,
            .id = ids[i],
            .first_point = i * POINTS,
            .point_count = i == METERS ? 1 : POINTS,
        };
    model_seal(model);
    return model;
}

static void site_make(struct site *site)
{
    static const char *const topics[] = {"site/meter-0", "site/+/meter-1"};

    *site = (struct site){0};
    broker_prepare(&site->broker, "allow_anonymous true\nmax_queued_messages 0");
    (void)snprintf(site->url, sizeof site->url, "mqtt://127.0.0.1:%d", site->broker.port);
    site->link = (struct link_settings){.id = "broker",
                                        .kind = LINK_MQTT,
                                        .mqtt = site->url,
                                        .timeout_ms = 1000,
                                        .client_id = "gw1",
                                        .username = "",
                                        .password_file = "",
                                        .ca_file = "",
                                        .cert_file = "",
                                        .key_file = "",
                                        .keepalive_ms = 10000,
                                        .qos = 1,
                                        .topics = "",
                                        .max_rate = 1000000,
                                        .max_payload_bytes = 256 * 1024,
                                        .sparkplug = "",
                                        .status_topic = ""};
    for (size_t i = 0; i < METERS; i++)
        site->equipment[i] = (struct equipment_settings){
            .id = i == 0 ? "meter-0" : "meter-1",
            .topic = topics[i],
            .points = meter_points,
            .point_count = POINTS - 1,
        };
    site->config = (struct config){.links = &site->link,
                                   .link_count = 1,
                                   .equipment = site->equipment,
                                   .equipment_count = METERS,
                                   .model = make_model()};
}

static void site_open(struct site *site)
{
    struct err err = {0};

    site->adapter = mqtt_adapter.open(&site->config, 0, &err);
    if (site->adapter == NULL)
        fail_msg("%s", err.text);
}

static void site_remove(struct site *site)
{
    mqtt_adapter.close(site->adapter);
    model_free(site->config.model);
    broker_remove(&site->broker);
}

static void put(void *context, const struct sample *samples, size_t count)
{
    struct site *site = context;

    for (size_t i = 0; i < count; i++) {
        site->last[samples[i].point] = samples[i];
        site->count[samples[i].point]++;
    }
    site->total += count;
}

static void put_text(void *context, const struct sample *sample, const char *text)
{
    struct site *site = context;

    put(context, sample, 1);
    (void)snprintf(site->text, sizeof site->text, "%s", text);
}

static void step(struct site *site)
{
    const struct sample_sink sink = {site, put, put_text};

    (void)mqtt_adapter.step(site->adapter, mono_add_ms(mono_now(), 20), &sink, NULL);
}

/* Steps until the point has had so many samples; false after `ms`. */
static bool wait_count(struct site *site, uint32_t point, int count, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);

    while (site->count[point] < count && mono_before(mono_now(), until))
        step(site);
    return site->count[point] >= count;
}

static bool wait_value(struct site *site, uint32_t point, double value, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);
    const struct sample *last = &site->last[point];

    while ((site->count[point] == 0 || last->value != value) &&
           mono_before(mono_now(), until))
        step(site);
    return site->count[point] > 0 && last->value == value;
}

static bool have_mosquitto;

/* The points as they are; with a pattern the meters have no topics of their own. */
static void begin_with_points(struct site *site, const char *topics)
{
    if (!have_mosquitto) {
        print_message("         mosquitto or its clients are not installed: skipped\n");
        skip();
    }
    site_make(site);
    site->link.topics = topics;
    for (size_t i = 0; i < METERS && topics[0] != '\0'; i++)
        site->equipment[i].topic = "";
    broker_start(&site->broker);
    site_open(site);
    assert_true(wait_value(site, LINK_ONLINE, 1, 5000));
}

static void begin_with(struct site *site, const char *topics)
{
    make_profile();
    begin_with_points(site, topics);
}

static void begin(struct site *site)
{
    begin_with(site, "");
}

/* Steps until the link's trouble tells of `text`. */
static bool wait_error(struct site *site, const char *text, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);
    struct link_status status;

    for (;;) {
        step(site);
        mqtt_adapter.status(site->adapter, &status);
        if (strstr(status.error, text) != NULL)
            return true;
        if (!mono_before(mono_now(), until))
            return false;
    }
}

static const struct sample *good(const struct site *site, uint32_t point)
{
    assert_int_equal(site->last[point].quality, QUALITY_GOOD);
    return &site->last[point];
}

static void messages_become_samples(void **state)
{
    struct site site;
    struct link_status status;

    (void)state;
    begin(&site);
    broker_publish(&site.broker, "site/meter-0",
                   "{\"flow\":{\"value\":12.5},\"energy\":100,\"valve\":\"open\","
                   "\"label\":\"Block A\"}",
                   "");
    assert_true(wait_count(&site, VALVE, 1, 3000));
    check_near("flow", good(&site, FLOW)->value, 12.5, 0);
    check_near("energy", good(&site, ENERGY)->value, 10, 1e-9);
    check_near("valve", good(&site, VALVE)->value, 1, 0);
    check_text("label", site.text, "Block A");
    check_near("online", good(&site, ONLINE)->value, 1, 0);
    assert_int_equal(site.count[LEAK], 0);
    assert_int_equal(site.count[POINTS + ONLINE], 0); /* the other one is silent */

    broker_publish(&site.broker, "site/meter-0/leak", "wet", "");
    broker_publish(&site.broker, "site/b1/meter-1", "{\"flow\":{\"value\":null}}", "");
    assert_true(wait_count(&site, POINTS + FLOW, 1, 3000));
    check_near("leak", good(&site, LEAK)->value, 1, 0);
    assert_int_equal(site.last[POINTS + FLOW].reason, REASON_NOT_AVAILABLE);
    check_near("online", good(&site, POINTS + ONLINE)->value, 1, 0);
    assert_int_equal(site.count[VALVE], 1); /* nothing new about it */

    mqtt_adapter.status(site.adapter, &status);
    assert_true(status.connected && status.units == 2 && status.units_offline == 0);
    assert_int_equal(status.requests, 3);
    assert_int_equal(status.answers, 3);
    assert_int_equal(status.bad_samples, 1);
    assert_int_equal(status.samples, site.total);
    check_text("no trouble", status.error, "");
    site_remove(&site);
}

static void nonsense_is_told(void **state)
{
    struct site site;
    struct link_status status;

    (void)state;
    begin(&site);
    broker_publish(&site.broker, "site/meter-0", "{\"flow\":", "");
    assert_true(wait_count(&site, VALVE, 1, 3000));
    assert_int_equal(site.last[FLOW].quality, QUALITY_BAD);
    assert_int_equal(site.last[FLOW].reason, REASON_DECODE);
    assert_int_equal(site.count[LABEL], 1);
    check_near("it speaks, if nonsense", good(&site, ONLINE)->value, 1, 0);
    mqtt_adapter.status(site.adapter, &status);
    assert_int_equal(status.protocol_errors, 1);
    assert_non_null(strstr(status.error, "site/meter-0"));
    assert_non_null(strstr(status.error, "line 1"));

    assert_true(
        broker_shell(site.broker.folder, "head -c 300000 /dev/zero | tr '\\0' 1 >large"));
    {
        char command[256];

        (void)snprintf(command, sizeof command,
                       "mosquitto_pub -h 127.0.0.1 -p %d -t site/meter-0/leak -f large",
                       site.broker.port);
        assert_true(broker_shell(site.broker.folder, command));
    }
    assert_true(wait_error(&site, "300000 bytes", 3000));
    mqtt_adapter.status(site.adapter, &status);
    assert_int_equal(status.dropped_oversize, 1);
    assert_int_equal(site.count[LEAK], 0); /* not even looked at */

    broker_publish(&site.broker, "site/meter-0/leak", "", ""); /* retained, deleted */
    broker_publish(&site.broker, "site/meter-0/leak", "wet", "");
    assert_true(wait_count(&site, LEAK, 1, 3000));
    (void)good(&site, LEAK);
    mqtt_adapter.status(site.adapter, &status);
    assert_int_equal(status.rejected[PAYLOAD_SYNTAX], 1);
    assert_int_equal(status.rejected[PAYLOAD_EMPTY], 1);
    assert_int_equal(status.protocol_errors, 2);
    assert_int_equal(status.requests, 3);
    assert_int_equal(status.answers, 1);
    site_remove(&site);
}

static void a_pattern_gives_topics(void **state)
{
    struct site site;
    struct link_status status;
    struct link_stranger list[LINK_STRANGERS_MAX];

    (void)state;
    begin_with(&site, "plant/+/{equipment}/state");
    broker_publish(&site.broker, "plant/b1/meter-0/state", "{\"energy\":10}", "");
    broker_publish(&site.broker, "plant/b2/meter-1/state", "{\"energy\":20}", "");
    broker_publish(&site.broker, "plant/b1/meter-7/state", "{\"energy\":30}", "");
    broker_publish(&site.broker, "plant/b1/meter-0/state/leak", "wet", "");
    assert_true(wait_count(&site, LEAK, 1, 3000));
    check_near("by its id", good(&site, ENERGY)->value, 1, 1e-9);
    check_near("by its id", good(&site, POINTS + ENERGY)->value, 2, 1e-9);
    assert_int_equal(site.count[POINTS + LEAK], 0);
    mqtt_adapter.status(site.adapter, &status);
    assert_int_equal(status.requests, 3);
    assert_int_equal(status.dropped_unknown, 1);
    assert_int_equal(mqtt_adapter.strangers(site.adapter, list), 1);
    check_text("what a new device sends", list[0].topic, "plant/b1/meter-7/state");
    site_remove(&site);
}

static void a_counter_that_jumps_is_refused(void **state)
{
    struct site site;

    (void)state;
    make_profile();
    meter_points[ENERGY].counter = true;
    meter_points[ENERGY].max_rate = 10;
    begin_with_points(&site, "");
    broker_publish(&site.broker, "site/meter-0", "{\"energy\":1000}", "");
    assert_true(wait_count(&site, ENERGY, 1, 3000));
    check_near("first", good(&site, ENERGY)->value, 100, 1e-9);
    broker_publish(&site.broker, "site/meter-0", "{\"energy\":9000000}", "");
    assert_true(wait_count(&site, ENERGY, 2, 3000));
    assert_int_equal(site.last[ENERGY].reason, REASON_JUMP);
    broker_publish(&site.broker, "site/meter-0", "{\"energy\":1001}", "");
    assert_true(wait_count(&site, ENERGY, 3, 3000));
    check_near("as before", good(&site, ENERGY)->value, 100.1, 1e-9);
    site_remove(&site);
}

static void a_topic_that_floods_is_thinned(void **state)
{
    struct site site;
    struct link_status status;
    char command[256];
    struct mono_time start;

    (void)state;
    begin(&site);
    mqtt_adapter.close(site.adapter);
    site.link.max_rate = 10;
    site_open(&site);
    memset(site.count, 0, sizeof site.count);
    assert_true(wait_value(&site, LINK_ONLINE, 1, 5000));
    (void)snprintf(command, sizeof command,
                   "seq 5000 | sed 's/.*/{\"energy\":&0}/' | "
                   "mosquitto_pub -h 127.0.0.1 -p %d -t site/meter-0 -q 0 -l",
                   site.broker.port);
    assert_true(broker_shell(site.broker.folder, command));
    start = mono_now();
    assert_true(wait_value(&site, ENERGY, 5000, 3000)); /* the last word */
    assert_true(mono_diff_ms(mono_now(), start) < 2000);
    mqtt_adapter.status(site.adapter, &status);
    assert_true(status.requests < 1000 && status.dropped == 0);
    assert_int_equal(status.requests + status.dropped_rate, 5000);
    site_remove(&site);
}

static void copies_are_dropped(void **state)
{
    struct site site;
    struct link_status status;
    char stamped[128];

    (void)state;
    begin(&site);
    (void)snprintf(stamped, sizeof stamped, "{\"flow\":{\"value\":1},\"ts\":%lld}",
                   (long long)(wall_now().ns / CLOCK_S));
    broker_publish(&site.broker, "site/meter-0", stamped, "");
    broker_publish(&site.broker, "site/meter-0", stamped, "");
    broker_publish(&site.broker, "site/meter-0", "{\"energy\":5}", "");
    broker_publish(&site.broker, "site/meter-0", "{\"energy\":5}", "");
    broker_publish(&site.broker, "site/meter-0/leak", "off", "");
    assert_true(wait_count(&site, LEAK, 1, 3000));
    assert_int_equal(site.count[FLOW], 1);
    assert_int_equal(site.count[ENERGY], 2); /* without a time equal is not the same */
    mqtt_adapter.status(site.adapter, &status);
    assert_int_equal(status.duplicates, 1);
    assert_int_equal(status.requests, status.answers + 1);
    site_remove(&site);
}

static void what_the_broker_remembers_is_doubted(void **state)
{
    struct site site;

    (void)state;
    begin(&site);
    broker_publish(&site.broker, "site/meter-0", "{\"flow\":{\"value\":3},\"energy\":5}",
                   "-r");
    broker_publish(&site.broker, "site/x/meter-1",
                   "{\"flow\":{\"value\":3},\"ts\":1700000000}", "-r");
    broker_publish(&site.broker, "site/meter-0/leak", "dry", "-r");
    assert_true(wait_count(&site, LEAK, 1, 3000)); /* or the session brings it as news */
    mqtt_adapter.close(site.adapter);
    memset(site.count, 0, sizeof site.count);
    site_open(&site);
    assert_true(wait_count(&site, LEAK, 1, 5000));
    assert_true(wait_count(&site, POINTS + FLOW, 1, 5000));
    assert_int_equal(site.last[FLOW].quality, QUALITY_UNCERTAIN);
    assert_int_equal(site.last[FLOW].reason, REASON_CLOCK);
    (void)good(&site, ENERGY);
    (void)good(&site, LEAK);
    assert_int_equal(site.last[POINTS + FLOW].quality, QUALITY_BAD);
    assert_int_equal(site.last[POINTS + FLOW].reason, REASON_STALE);
    assert_int_equal(site.count[ONLINE], 0); /* flow promised to report; has it? */
    site_remove(&site);
}

static void a_dead_broker_takes_all_offline(void **state)
{
    struct site site;
    struct link_status status;
    struct mono_time start;

    (void)state;
    begin(&site);
    broker_publish(&site.broker, "site/meter-0", "{\"flow\":{\"value\":1}}", "");
    assert_true(wait_value(&site, ONLINE, 1, 3000));
    broker_stop(&site.broker, SIGKILL);
    start = mono_now();
    assert_true(wait_value(&site, LINK_ONLINE, 0, 6000));
    assert_true(mono_diff_ms(mono_now(), start) >= 1900);
    check_near("meter-0", site.last[ONLINE].value, 0, 0);
    assert_int_equal(site.count[POINTS + ONLINE], 0); /* meter-1 was never heard of */
    (void)good(&site, FLOW);                          /* stays until it is stale */
    mqtt_adapter.status(site.adapter, &status);
    assert_true(!status.connected && status.units_offline == 2);
    assert_true(status.error[0] != '\0');

    broker_start(&site.broker);
    assert_true(wait_value(&site, LINK_ONLINE, 1, 10000));
    broker_publish(&site.broker, "site/meter-0", "{\"flow\":{\"value\":2}}", "");
    assert_true(wait_value(&site, FLOW, 2, 3000));
    check_near("back", good(&site, ONLINE)->value, 1, 0);
    mqtt_adapter.status(site.adapter, &status);
    assert_true(status.connected && status.connects == 2);
    site_remove(&site);
}

static void thousands_at_once(void **state)
{
    struct site site;
    struct link_status status;
    char command[256];

    (void)state;
    begin(&site);
    (void)snprintf(command, sizeof command,
                   "seq 20000 | sed 's/.*/{\"energy\":&0,\"valve\":1}/' | "
                   "mosquitto_pub -h 127.0.0.1 -p %d -t site/meter-0 -q 1 -l",
                   site.broker.port);
    assert_true(broker_shell(site.broker.folder, command));
    assert_true(wait_count(&site, ENERGY, 20000, 20000));
    check_near("the last", good(&site, ENERGY)->value, 20000, 1e-6);
    assert_int_equal(site.count[ENERGY], 20000);
    assert_int_equal(site.count[VALVE], 20000);
    mqtt_adapter.status(site.adapter, &status);
    assert_int_equal(status.dropped, 0);
    assert_int_equal(status.answers, 20000);
    site_remove(&site);
}

static void refuses_bad_points(void **state)
{
    struct site site;
    struct err err = {0};

    (void)state;
    make_profile();
    site_make(&site);
    meter_points[VALVE].path = "a..b";
    assert_null(mqtt_adapter.open(&site.config, 0, &err));
    assert_non_null(strstr(err.text, "equipment 'meter-0', point 'valve': 'a..b'"));
    make_profile();
    site.equipment[1].topic = "a/#";
    assert_null(mqtt_adapter.open(&site.config, 0, &err));
    assert_non_null(strstr(err.text, "last level"));
    site.equipment[1].topic = "";
    assert_null(mqtt_adapter.open(&site.config, 0, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    site_remove(&site);
}

static void wake_ends_a_step(void **state)
{
    struct site site;
    const struct sample_sink sink = {&site, put, put_text};
    struct mono_time start = mono_now();

    (void)state;
    make_profile();
    site_make(&site);
    site_open(&site);
    mqtt_adapter.wake(site.adapter);
    (void)mqtt_adapter.step(site.adapter, mono_add_ms(start, 10000), &sink, NULL);
    assert_true(mono_diff_ms(mono_now(), start) < 5000);
    site_remove(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_samples),
        cmocka_unit_test(nonsense_is_told),
        cmocka_unit_test(a_pattern_gives_topics),
        cmocka_unit_test(a_counter_that_jumps_is_refused),
        cmocka_unit_test(a_topic_that_floods_is_thinned),
        cmocka_unit_test(copies_are_dropped),
        cmocka_unit_test(what_the_broker_remembers_is_doubted),
        cmocka_unit_test(a_dead_broker_takes_all_offline),
        cmocka_unit_test(thousands_at_once),
        cmocka_unit_test(refuses_bad_points),
        cmocka_unit_test(wake_ends_a_step),
    };

    have_mosquitto = broker_installed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
