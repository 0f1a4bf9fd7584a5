/* test_config_profile.c - every key of the profile format, from the text to settings and
 * model: config_errors/complete.cfg. */
#include "tests/unit/config_fixture.h"

#include <math.h>
#include <stdlib.h>

static const struct equipment_settings *find(const struct fixture *f, const char *id)
{
    for (size_t i = 0; i < f->config->equipment_count; i++)
        if (strcmp(f->config->equipment[i].id, id) == 0)
            return &f->config->equipment[i];
    fail_msg("there is no equipment %s", id);
    abort();
}

static const struct point_settings *point_of(const struct point_settings *points,
                                             size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(points[i].name, name) == 0)
            return &points[i];
    fail_msg("there is no point %s", name);
    abort();
}

static const struct point_settings *settings(const struct fixture *f, const char *id,
                                             const char *name)
{
    const struct equipment_settings *e = find(f, id);

    return point_of(e->points, e->point_count, name);
}

static const struct point *model_of(const struct fixture *f, const char *id,
                                    const char *name)
{
    const struct model *model = f->config->model;
    const struct point *point = model_point(model, model_equipment(model, id), name);

    assert_non_null(point);
    return point;
}

static void load_complete(struct fixture *f)
{
    put_copy(f, "main.cfg", "tests/unit/config_errors/complete.cfg");
    load_clean(f, "main.cfg");
}

/* ---- where ---- */

static void test_addresses(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *equipment, *point;
        uint16_t address;
    } want[] = {
        {"usual", "plain", 0},        {"usual", "computed", 12},
        {"other", "computed", 412},   {"usual", "detector_1", 100},
        {"usual", "detector_3", 102}, {"other", "detector_3", 502},
        {"usual", "pair", 311},       {"usual", "neighbours", 20},
        {"usual", "volume", 8},       {"usual", "energy", 39},
    };
    const struct point_settings *pair;

    load_complete(f);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const struct point_settings *p = settings(f, want[i].equipment, want[i].point);

        check_case(want[i].point, p->address == want[i].address);
    }
    pair = settings(f, "usual", "pair");
    assert_int_equal(pair->word_count, 2);
    assert_int_equal(pair->words[0], 311);
    assert_int_equal(pair->words[1], 340);
    assert_int_equal(pair->order, ORDER_ABCD);
    assert_int_equal(settings(f, "usual", "neighbours")->word_count, 0);
    assert_string_equal(settings(f, "usual", "detector_2")->title_zh, "探测器2");
    assert_int_equal(settings(f, "usual", "detector_2")->bit_low, 11);
}

static void test_parts(void **state)
{
    struct fixture *f = *state;
    const struct point_settings *volume;

    load_complete(f);
    volume = settings(f, "usual", "volume");
    assert_true(volume->plus.given);
    assert_int_equal(volume->plus.address, 10);
    assert_int_equal(volume->plus.type, TYPE_F32);
    assert_int_equal(volume->plus.order, ORDER_ABCD);
    assert_int_equal(volume->order, ORDER_CDAB);
    assert_int_equal(settings(f, "usual", "hundreds")->quotient, 100);
    assert_int_equal(settings(f, "usual", "rest")->remainder, 100);
    assert_int_equal(settings(f, "usual", "energy")->type, TYPE_U48);
    assert_int_equal(settings(f, "usual", "energy")->registers, 3);
    assert_int_equal(settings(f, "usual", "digits")->type, TYPE_BCD32);
}

/* ---- what it means ---- */

static void test_depends(void **state)
{
    struct fixture *f = *state;
    const struct point_settings *volume;
    const struct point_settings *level;
    const struct point_settings *power;

    load_complete(f);
    volume = settings(f, "usual", "volume");
    assert_int_equal(volume->exponent, settings(f, "usual", "total_mult")->slot);
    assert_int_equal(volume->exponent_sign, 1);
    assert_int_equal(volume->exponent_offset, -3);
    level = settings(f, "usual", "level");
    assert_int_equal(level->exponent, settings(f, "usual", "decimals")->slot);
    assert_int_equal(level->exponent_sign, -1);
    assert_int_equal(level->factor, settings(f, "usual", "unit_code")->slot);
    assert_int_equal(level->factor_count, 2);
    assert_true(level->factors[0].code == 9 && level->factors[0].factor == 101.972);
    power = settings(f, "usual", "power");
    assert_int_equal(power->time_count, 1);
    assert_int_equal(power->times[0], settings(f, "usual", "decimals")->slot);
    assert_true(fabs(power->scale - 6.0) < 1e-12); /* 0.1 * 1 * 60 */
    assert_true(fabs(settings(f, "other", "power")->scale - 600.0) < 1e-9);
    assert_int_equal(settings(f, "usual", "plain")->exponent, POINT_NOBODY);
    assert_int_equal(settings(f, "usual", "plain")->factor, POINT_NOBODY);
    assert_true(settings(f, "usual", "energy")->modulus == 60000);
    assert_true(settings(f, "gate", "volume")->scale == 10);
}

static void test_invalid(void **state)
{
    struct fixture *f = *state;
    const struct point_settings *p;

    load_complete(f);
    p = settings(f, "usual", "rest"); /* u16: the profile's */
    assert_true(p->invalid_count == 1 && p->invalid[0] == 0xFFFF);
    p = settings(f, "usual", "volume"); /* s32 */
    assert_true(p->invalid_count == 2 && p->invalid[1] == 0xFFFFFFFE);
    p = settings(f, "usual", "neighbours"); /* () */
    assert_int_equal(p->invalid_count, 0);
    p = settings(f, "usual", "computed"); /* s16: nothing is said */
    assert_int_equal(p->invalid_count, 0);
}

static void test_names(void **state)
{
    struct fixture *f = *state;
    const struct point *point;

    load_complete(f);
    point = model_of(f, "usual", "fault");
    assert_int_equal(point->kind, POINT_ENUM);
    assert_string_equal(point->labels[1].name, "open");
    point = model_of(f, "other", "fault");
    assert_true(point->labels[1].code == 7);
    assert_string_equal(point->labels[1].name, "closed");
    assert_string_equal(model_of(f, "other", "hundreds")->labels[1].name, "open");
    point = model_of(f, "usual", "states");
    assert_int_equal(point->kind, POINT_FLAGS);
    assert_int_equal(point->label_count, 2);
    assert_string_equal(point->labels[1].name, "dry_run");
    assert_int_equal(model_of(f, "usual", "more")->kind, POINT_FLAGS);
    assert_int_equal(model_of(f, "gate", "bits")->kind, POINT_FLAGS);
}

static void test_counters(void **state)
{
    struct fixture *f = *state;
    const struct point *energy;

    load_complete(f);
    energy = model_of(f, "usual", "energy");
    assert_true(energy->counter && energy->counter_resets);
    assert_true(energy->counter_max_rate == 120 && energy->counter_modulus == 60000);
}

/* ---- when ---- */

static void test_periods(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *equipment, *point;
        int64_t period_ms, stale_ms;
    } want[] = {
        {"usual", "plain", 2000, 10000},
        {"usual", "total_mult", 43200000, 129600000},
        {"usual", "unit_code", 120000, 360000},
        {"usual", "digits", 7000, 21000},
        {"usual", "level", 2000, 60000},
        {"other", "plain", 5000, 15000},
        {"other", "total_mult", 86400000, 259200000},
        {"other", "unit_code", 600000, 1800000},
        {"other", "digits", 7000, 21000},
        {"gate", "leak", 900000, 2700000},
        {"gate", "volume", 3600000, 10800000},
    };

    load_complete(f);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const struct point *point = model_of(f, want[i].equipment, want[i].point);

        check_case(want[i].point, point->period_ms == want[i].period_ms &&
                                      point->stale_after_ms == want[i].stale_ms);
    }
}

static void test_series(void **state)
{
    struct fixture *f = *state;

    load_complete(f);
    assert_false(model_of(f, "usual", "unit_code")->store);
    assert_true(model_of(f, "usual", "level")->store);
    assert_true(model_of(f, "usual", "level")->deadband == 0.5);
    assert_int_equal(model_of(f, "usual", "level")->heartbeat_ms, 300000);
    assert_true(model_of(f, "usual", "power")->deadband_percent == 1);
    assert_true(model_of(f, "usual", "power")->deadband == 0);
}

static void test_timing(void **state)
{
    struct fixture *f = *state;
    const struct equipment_settings *e;

    load_complete(f);
    e = find(f, "usual");
    assert_true(e->delay_ms == 50 && e->latency_ms == 30 && e->timeout_ms == 2000);
    e = find(f, "other");
    assert_true(e->delay_ms == 70 && e->latency_ms == 40 && e->timeout_ms == 3000);
    assert_true(e->profile->single);
    assert_int_equal(e->profile->max_gap, 0);
    assert_int_equal(e->profile->max_span, 60);
    assert_int_equal(e->profile->never_count, 2);
    assert_int_equal(e->profile->never[0].table, TABLE_HOLDING);
    assert_int_equal(e->profile->never[0].first, 600);
    assert_int_equal(e->profile->never[0].last, 603);
    assert_int_equal(e->profile->never[1].first, 8999);
    assert_int_equal(e->profile->never[1].last, 8999);
    assert_string_equal(e->profile->confidence, "A");
    assert_int_equal(e->profile->param_count, 3);
    assert_true(e->profile->params[2].required);
    assert_true(find(f, "gate")->latency_ms == -1);
}

/* ---- variants ---- */

static void test_variants(void **state)
{
    struct fixture *f = *state;
    const struct equipment_settings *e;

    load_complete(f);
    e = find(f, "usual");
    assert_int_equal(e->variant_count, 2);
    assert_string_equal(e->variants[0].id, "rs485");
    assert_int_equal(e->point_count, e->variants[0].point_count);
    assert_int_equal(e->variants[1].point_count, e->point_count - 1);
    for (size_t v = 0; v < e->variant_count; v++)
        for (size_t i = 0; i < e->variants[v].point_count; i++) {
            const struct point_settings *p = &e->variants[v].points[i];

            assert_string_equal(e->points[p->slot].name, p->name);
        }
    assert_int_equal(settings(f, "usual", "freq")->address, 55); /* the first variant's */
    assert_int_equal(
        point_of(e->variants[1].points, e->variants[1].point_count, "freq")->address, 51);
    assert_int_equal(e->variants[0].check_count, 2);
    assert_true(e->variants[0].checks[0].range_low == 71 &&
                e->variants[0].checks[0].range_high == 71);
    assert_int_equal(e->variants[0].checks[1].slot, settings(f, "usual", "freq")->slot);
    assert_int_equal(e->variants[1].check_count, 1); /* the profile's */
    assert_true(e->variants[1].checks[0].range_low == 44);
}

/* An equipment that names its variant has the points of that one only. */
static void test_named_variant(void **state)
{
    struct fixture *f = *state;
    const struct equipment_settings *e;

    load_complete(f);
    e = find(f, "other");
    assert_int_equal(e->variant_count, 1);
    assert_string_equal(e->variants[0].id, "e1");
    assert_int_equal(e->variants[0].point_count, e->point_count);
    assert_int_equal(settings(f, "other", "freq")->address, 51);
    for (size_t i = 0; i < e->point_count; i++)
        assert_int_equal(e->points[i].slot, i);
    assert_null(model_point(f->config->model, model_equipment(f->config->model, "other"),
                            "extra"));
}

/* ---- MQTT and links ---- */

static void test_mqtt(void **state)
{
    struct fixture *f = *state;
    const struct point_settings *p;

    load_complete(f);
    p = settings(f, "gate", "volume");
    assert_string_equal(p->path, "values[*].total");
    assert_string_equal(p->time, "ts");
    assert_string_equal(p->sequence, "n");
    p = settings(f, "gate", "t_supply");
    assert_string_equal(p->time, "at");
    assert_string_equal(p->sequence, "seq");
    p = settings(f, "gate", "leak"); /* no JSON: nothing to look in */
    assert_string_equal(p->time, "");
    assert_string_equal(p->sequence, "");
}

static void test_links(void **state)
{
    struct fixture *f = *state;
    const struct link_settings *links;

    load_complete(f);
    links = f->config->links;
    assert_int_equal(links[0].registration_length, 0);
    assert_string_equal(links[0].registration, "");
    assert_int_equal(links[1].registration_length, 8);
    assert_memory_equal(links[1].registration, "DTU-0017", 8);
    assert_int_equal(links[1].keepalive_packet_length, 3);
    assert_memory_equal(links[1].keepalive_packet, "\xFE\xFE\0", 3);
    assert_int_equal(links[1].baud, 9600);
    assert_int_equal(links[2].registration_length, 4);
    assert_memory_equal(links[2].registration, "\0DTU", 4);
    assert_int_equal(links[2].baud, 0);
    assert_string_equal(links[3].topics, "riverside/+/{equipment}/state");
    assert_int_equal(links[3].max_rate, 20);
    assert_int_equal(links[3].max_payload_bytes, 65536);
    assert_string_equal(links[4].sparkplug, "facilityd");
    assert_int_equal(links[4].max_rate, 100);
    assert_int_equal(links[4].max_payload_bytes, 256 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_addresses), TEST(test_parts),         TEST(test_depends),
        TEST(test_invalid),   TEST(test_names),         TEST(test_counters),
        TEST(test_periods),   TEST(test_series),        TEST(test_timing),
        TEST(test_variants),  TEST(test_named_variant), TEST(test_mqtt),
        TEST(test_links),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
