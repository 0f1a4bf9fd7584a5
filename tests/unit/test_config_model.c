/* test_config_model.c - what comes out of a configuration: the shipped example and
 * profile, the design's sample, points, model. */
#include "tests/unit/config_fixture.h"

/* ---- the shipped files ---- */

static void test_example(void **state)
{
    struct fixture *f = *state;
    const struct config *c;
    const struct link_settings *serial;

    put_copy(f, "facilityd.cfg", "config/facilityd.cfg");
    put_copy(f, "shipped/calendars/cn.cfg", "config/calendars/cn.cfg");
    put_copy(f, "shipped/profiles/sdm630.cfg", "config/profiles/eastron-sdm630.cfg");
    load_clean(f, "facilityd.cfg");
    c = f->config;
    assert_string_equal(c->site.name, "滨江花园");
    assert_string_equal(c->site.language, "zh-CN");
    assert_string_equal(c->web.listen, "127.0.0.1:8080");
    assert_true(c->history.keep_minutes_ms == INT64_C(400) * 86400000);
    assert_string_equal(c->state_dir, "/var/lib/facilityd");
    assert_int_equal(c->link_count, 4);
    serial = &c->links[1];
    assert_int_equal(serial->kind, LINK_MODBUS);
    assert_int_equal(serial->baud, 9600);
    assert_string_equal(serial->parity, "even");
    assert_int_equal(serial->turnaround_ms, 20);
    assert_int_equal(c->links[3].kind, LINK_MQTT);
    assert_string_equal(c->links[3].client_id, "riverside-gw1");
    assert_int_equal(c->equipment_count, 4); /* pump-3 is not enabled */
    assert_int_equal(c->sink_count, 2);
    assert_int_equal(c->sinks[0].spool_max_bytes, 1 << 30);
    assert_int_equal(c->rule_count, 4);
    assert_string_equal(c->rules[1].id, "example.dry_run");
    assert_int_equal(c->rules[1].for_ms, 20000);
    assert_string_equal(c->rules[1].title_zh, "水泵干转");
    assert_int_equal(c->rules[1].param_count, 1);
    assert_int_equal(c->test_count, 2);
    assert_int_equal(c->suppress_count, 1);
    assert_int_equal(c->group_count, 2);
    assert_int_equal(c->virtual_count, 2);
    assert_true(c->history.keep_readings_ms == INT64_C(35) * 86400000);
    assert_true(c->history.readings_max_bytes == INT64_C(4) << 30);
}

static void check_sdm630_points(const struct profile_settings *p)
{
    static const struct {
        const char *name, *unit;
        uint16_t address;
        bool counter;
    } want[] = {
        {"v_l1", "V", 0x0000, false},         {"i_l3", "A", 0x000A, false},
        {"p_l1", "W", 0x000C, false},         {"s_l3", "VA", 0x0016, false},
        {"q_l3", "var", 0x001C, false},       {"pf_l3", "", 0x0022, false},
        {"p_total", "W", 0x0034, false},      {"s_total", "VA", 0x0038, false},
        {"q_total", "var", 0x003C, false},    {"pf_total", "", 0x003E, false},
        {"freq", "Hz", 0x0046, false},        {"e_import", "kWh", 0x0048, true},
        {"e_export", "kWh", 0x004A, true},    {"eq_import", "kvarh", 0x004C, true},
        {"eq_export", "kvarh", 0x004E, true}, {"thd_v_l3", "%", 0x00EE, false},
        {"e_total", "kWh", 0x0156, true},     {"eq_total", "kvarh", 0x0158, true},
        {"e_import_l3", "kWh", 0x015E, true}, {"e_export_l3", "kWh", 0x0164, true},
    };
    size_t found = 0;

    assert_int_equal(p->point_count, 38);
    for (size_t i = 0; i < p->point_count; i++)
        for (size_t k = 0; k < sizeof want / sizeof want[0]; k++) {
            const struct point_settings *point = &p->points[i];

            if (strcmp(point->name, want[k].name) != 0)
                continue;
            found++;
            check_case(point->name, point->table == TABLE_INPUT);
            check_case(point->name, point->address == want[k].address);
            check_case(point->name, point->type == TYPE_F32);
            check_case(point->name, point->order == ORDER_ABCD);
            check_case(point->name, point->registers == 2);
            check_case(point->name, point->counter == want[k].counter);
            check_text(point->name, point->unit, want[k].unit);
        }
    assert_int_equal(found, sizeof want / sizeof want[0]);
    assert_string_equal(p->variants[0].checks[0].point, "freq");
    assert_true(p->variants[0].checks[0].range_low == 45.0 &&
                p->variants[0].checks[0].range_high == 65.0);
}

static void test_sdm630_map(void **state)
{
    struct fixture *f = *state;

    put_copy(f, "shipped/profiles/sdm630.cfg", "config/profiles/eastron-sdm630.cfg");
    put(f, "main.cfg",
        SITE "links = ( { id = \"l\"; modbus = \"tcp://h\"; } );\n"
             "equipment = ( { id = \"m\"; profile = \"eastron-sdm630\"; link = \"l\"; "
             "unit = 1; } );\n");
    load_clean(f, "main.cfg");
    check_sdm630_points(f->config->equipment[0].profile);
    assert_string_equal(f->config->equipment[0].class_name, "electricity_meter");
}

/* The sample of the design, with what it refers to; `notify` is not built yet. */
static const char design_sample[] =
    "site : { id = \"riverside\"; name = \"滨江花园\"; timezone = \"Asia/Shanghai\"; "
    "language = \"zh-CN\"; };\n"
    "state_dir = \"/var/lib/facilityd\";\n"
    "web : { listen = \"127.0.0.1:8080\"; };\n"
    "links = (\n"
    "  { id = \"plant-room\"; modbus = \"tcp://192.168.10.20:502\"; timeout = \"1s\"; "
    "},\n"
    "  { id = \"riser-a\"; modbus = \"rtu:///dev/serial/by-id/usb-FTDI-A\"; baud = 9600; "
    "parity = \"even\"; turnaround = \"20ms\"; },\n"
    "  { id = \"dtu-3\"; modbus = \"rtu+tcp://192.168.10.31:4001\"; },\n"
    "  { id = \"broker\"; mqtt = \"mqtts://mqtt.example:8883\"; client_id = \"gw1\"; "
    "username = \"gw1\"; password_file = \"mqtt.password\"; ca_file = \"ca.pem\"; }\n"
    ");\n"
    "equipment = (\n"
    "  { id = \"lift-1\"; name = \"1号楼1单元电梯\"; class = \"elevator\"; "
    "place = \"Building 1/Unit 1\"; profile = \"lift-dry-contact\"; link = \"riser-a\"; "
    "unit = 11; },\n"
    "  { id = \"pump-2\"; name = \"生活水泵2\"; class = \"pump\"; "
    "place = \"Plant room B1\"; profile = \"grundfos-cim\"; link = \"plant-room\"; "
    "unit = 2; params : { flow_min = 0.5; }; relations : { power = \"feeder-1\"; }; },\n"
    "  { id = \"meter-w0\"; class = \"water_meter\"; place = \"Pump house\"; "
    "profile = \"json-water-meter\"; link = \"broker\"; topic = "
    "\"riverside/water/main\"; "
    "relations : { submeters = (\"meter-w1\", \"meter-w2\"); }; },\n"
    "  { id = \"meter-w1\"; profile = \"json-water-meter\"; link = \"broker\"; "
    "topic = \"w1\"; },\n"
    "  { id = \"meter-w2\"; profile = \"json-water-meter\"; link = \"broker\"; "
    "topic = \"w2\"; },\n"
    "  { id = \"feeder-1\"; profile = \"eastron-sdm630\"; link = \"dtu-3\"; unit = 1; }\n"
    ");\n"
    "sinks = (\n"
    "  { id = \"influx\"; type = \"influxdb1\"; url = \"http://127.0.0.1:8086\"; "
    "database = \"facility\"; },\n"
    "  { id = \"central\"; type = \"influxdb2\"; url = \"https://tsdb.example\"; "
    "org = \"estate\"; bucket = \"facility\"; token_file = \"influx.token\"; },\n"
    "  { id = \"vm\"; type = \"victoriametrics\"; url = \"http://127.0.0.1:8428\"; }\n"
    ");\n";

static const char design_profiles[] =
    "profile : { id = \"eastron-sdm630\"; class = \"electricity_meter\"; "
    "maker = \"Eastron\"; model = \"SDM630\"; order = \"ABCD\"; max_gap = 16;\n"
    "  points = (\n"
    "    { name = \"v_l1\"; unit = \"V\"; input = 0x0000; type = \"f32\"; "
    "range = (0.0, 400.0); },\n"
    "    { name = \"frequency\"; input = 0x46; type = \"f32\"; },\n"
    "    { name = \"e_import\"; unit = \"kWh\"; input = 0x0048; type = \"f32\"; "
    "poll = \"1m\"; counter = true; },\n"
    "    { name = \"run\"; coil = 3; },\n"
    "    { name = \"fault\"; holding = 10; bit = 4; },\n"
    "    { name = \"mode\"; holding = 12; type = \"u16\"; "
    "enum = ((0, \"normal\"), (2, \"inspection\")); }\n"
    "  );\n"
    "  probe = { point = \"frequency\"; range = (45.0, 65.0); };\n"
    "};\n"
    "profiles = (\n"
    "  { id = \"lift-dry-contact\"; class = \"elevator\"; points = ( { name = "
    "\"power_ok\"; "
    "discrete = 0; } ); },\n"
    "  { id = \"grundfos-cim\"; class = \"pump\"; points = ( { name = \"run\"; coil = 0; "
    "}, "
    "{ name = \"flow\"; input = 1; } ); },\n"
    "  { id = \"json-water-meter\"; class = \"water_meter\"; points = ( { name = "
    "\"flow\"; "
    "path = \"flow.value\"; time = \"ts\"; } ); }\n"
    ");\n";

static const char design_rules[] =
    "rules = (\n"
    "  { id = \"pump.dry_run\"; class = \"pump\"; kind = \"fault\"; "
    "category = \"facilities\"; severity = \"general\"; failure = true;\n"
    "    title : { en = \"Pump runs dry\"; zh = \"水泵干转\"; };\n"
    "    advice : { en = \"...\"; zh = \"...\"; };\n"
    "    when = \"held(run, 1m) and avg(flow, 1m) < $flow_min\";  for = \"20s\";\n"
    "    clear = \"not run or avg(flow, 1m) > 1.2 * $flow_min\";   clear_for = \"1m\"; "
    "}\n"
    ");\n"
    "tests = ( { rule = \"pump.dry_run\"; points : { run = \"true x60\"; flow = "
    "\"0.1x60\"; };\n"
    "  expect = ( { at = \"2m\"; state = \"active\"; } ); } );\n";

static void put_design(const struct fixture *f)
{
    put(f, "shipped/profiles/all.cfg", design_profiles);
    put(f, "shipped/rules/pump.cfg", design_rules);
    put(f, "mqtt.password", "secret\n");
    put(f, "influx.token", "secret\n");
    put(f, "ca.pem", "certificate\n");
}

static void test_design_sample(void **state)
{
    struct fixture *f = *state;
    const struct config *c;
    char *path = mem_format("%s/mqtt.password", f->folder);

    put_design(f);
    put(f, "main.cfg", design_sample);
    load_clean(f, "main.cfg");
    c = f->config;
    assert_int_equal(c->equipment_count, 6);
    assert_string_equal(c->links[3].password_file, path); /* absolute */
    assert_true(c->rules[0].shipped);
    assert_string_equal(c->equipment[1].params[0].name, "flow_min");
    assert_true(c->equipment[1].params[0].value == 0.5);
    mem_free(path);
}

static void test_notify(void **state)
{
    struct fixture *f = *state;
    char *text = mem_format("%snotify = ( { id = \"duty\"; } );\n", design_sample);

    put_design(f);
    put(f, "main.cfg", text);
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E104")->hint, "not built yet"));
    mem_free(text);
}

/* ---- the model ---- */

static const struct point *point_of(const struct fixture *f, const char *equipment,
                                    const char *name)
{
    const struct model *m = f->config->model;
    const struct equipment *e = model_equipment(m, equipment);
    const struct point *p;

    assert_non_null(e);
    p = model_point(m, e, name);
    check_case(name, p != NULL);
    return p;
}

static void test_model_points(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *equipment, *name;
        enum point_kind kind;
        int digits;
        int64_t period_ms, stale_after_ms;
    } want[] = {
        {"pump-2", "run", POINT_BOOL, 17, 2000, 10000},
        {"pump-2", "alarm", POINT_BOOL, 17, 2000, 10000},
        {"pump-2", "flow", POINT_NUMBER, 9, 2000, 30000},
        {"pump-2", "pressure", POINT_NUMBER, 10, 2000, 10000},
        {"pump-2", "fault", POINT_BOOL, 17, 2000, 10000},
        {"pump-2", "stage", POINT_NUMBER, 10, 2000, 10000},
        {"pump-2", "mode", POINT_ENUM, 17, 2000, 10000},
        {"pump-2", "energy", POINT_NUMBER, 12, 60000, 180000},
        {"pump-2", "serial", POINT_TEXT, 17, 3600000, 10800000},
        {"pump-2", "online", POINT_BOOL, 17, 0, 0},
        {"meter-w0", "volume", POINT_NUMBER, 17, 900000, 2700000},
        {"meter-w0", "leak", POINT_BOOL, 17, 900000, 2700000},
        {"riser-a", "online", POINT_BOOL, 17, 0, 0},
    };
    const struct point *mode;

    put_copy(f, "facilityd.cfg", "config/facilityd.cfg");
    put_copy(f, "shipped/calendars/cn.cfg", "config/calendars/cn.cfg");
    put_copy(f, "shipped/profiles/sdm630.cfg", "config/profiles/eastron-sdm630.cfg");
    load_clean(f, "facilityd.cfg");
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const struct point *p = point_of(f, want[i].equipment, want[i].name);

        check_case(want[i].name, p->kind == want[i].kind);
        check_case(want[i].name, p->period_ms == want[i].period_ms);
        check_case(want[i].name, p->stale_after_ms == want[i].stale_after_ms);
        check_case(want[i].name, p->digits == want[i].digits);
        check_case(want[i].name, p->builtin == (strcmp(p->name, "online") == 0));
    }
    mode = point_of(f, "pump-2", "mode");
    assert_int_equal(mode->label_count, 2);
    assert_int_equal(mode->labels[1].code, 2);
    assert_string_equal(mode->labels[1].name, "inspection");
    assert_string_equal(point_of(f, "pump-2", "run")->title_zh, "运行");
    assert_null(point_of(f, "pump-2", "flow")->title_zh);
    assert_true(point_of(f, "pump-2", "energy")->counter);
    check_near("modulus", point_of(f, "pump-2", "energy")->counter_modulus, 429496729.6,
               1e-6);
}

static void test_model_shape(void **state)
{
    struct fixture *f = *state;
    const struct config *c;
    const struct model *m;
    const struct equipment *pump;
    const struct relation *power;

    put_copy(f, "facilityd.cfg", "config/facilityd.cfg");
    put_copy(f, "shipped/calendars/cn.cfg", "config/calendars/cn.cfg");
    put_copy(f, "shipped/profiles/sdm630.cfg", "config/profiles/eastron-sdm630.cfg");
    load_clean(f, "facilityd.cfg");
    c = f->config;
    m = c->model;
    assert_string_equal(m->site_id, "riverside");
    assert_int_equal(m->link_count, 4);
    assert_int_equal(m->equipment_count, c->equipment_count + 4);
    for (size_t i = 0; i < c->equipment_count; i++) {
        const struct equipment *e = &m->equipment[i];
        const struct profile_settings *profile = c->equipment[i].profile;

        assert_string_equal(e->id, c->equipment[i].id);
        assert_false(e->is_link);
        assert_int_equal(e->link, c->equipment[i].link);
        assert_int_equal(e->point_count,
                         profile->point_count + c->equipment[i].virtual_count + 1);
        for (size_t p = 0; p < profile->point_count; p++)
            assert_string_equal(m->points[e->first_point + p].name,
                                profile->points[p].name);
        for (size_t v = 0; v < c->equipment[i].virtual_count; v++) {
            const struct point *p = &m->points[e->first_point + profile->point_count + v];

            assert_int_equal(p->formula, c->equipment[i].virtuals[v] + 1);
            assert_string_equal(p->name, c->virtuals[p->formula - 1].name);
        }
    }
    for (size_t i = 0; i < m->link_count; i++) {
        const struct equipment *e = &m->equipment[m->links[i].stand_in];

        assert_true(e->is_link && e->link == i);
        assert_string_equal(e->id, c->links[i].id);
        assert_string_equal(e->class_name, "link");
        assert_int_equal(e->point_count, 1);
    }
    pump = model_equipment(m, "pump-2");
    power = model_relation(pump, "power");
    assert_non_null(power);
    assert_false(power->list);
    assert_string_equal(m->equipment[power->equipment[0]].id, "meter-main");
    assert_true(model_relation(model_equipment(m, "meter-w0"), "submeters")->list);
    assert_string_equal(pump->params[0].name, "flow_min");
    assert_null(model_equipment(m, "pump-3"));
}

static void test_modbus_points(void **state)
{
    struct fixture *f = *state;
    const struct point_settings *p;

    put(f, "main.cfg",
        SITE
        "profiles = ( { id = \"p\"; class = \"pump\"; base = 1; order = \"CDAB\"; points "
        "= (\n"
        "  { name = \"a\"; holding = 1; invalid = -1; },\n"
        "  { name = \"b\"; holding = 2; type = \"s32\"; invalid = (0x80000000L, -2); },\n"
        "  { name = \"c\"; input = 9; type = \"u64\"; order = \"HGFEDCBA\"; "
        "invalid = 0xFFFFFFFFFFFFFFFFL; },\n"
        "  { name = \"d\"; holding = 65536; }\n"
        ");}, { id = \"q\"; class = \"pump\"; points = (\n"
        "  { name = \"a\"; holding = 65532; type = \"f64\"; },\n"
        "  { name = \"b\"; holding = 0; type = \"bool\"; bit = 15; },\n"
        "  { name = \"c\"; holding = 0; bits = (4, 4); }, "
        "{ name = \"s\"; holding = 0; type = \"string\"; registers = 125; }\n"
        "); } );\n");
    load(f, "main.cfg");
    assert_string_equal(only(f, "E402")->text,
                        "a Modbus address is 0 to 65535, not 65536");

    put(f, "main.cfg",
        SITE
        "profiles = ( { id = \"p\"; class = \"pump\"; base = 1; order = \"CDAB\"; points "
        "= (\n"
        "  { name = \"a\"; holding = 1; invalid = -1; },\n"
        "  { name = \"b\"; holding = 2; type = \"s32\"; invalid = (0x80000000L, -2); },\n"
        "  { name = \"c\"; input = 9; type = \"u64\"; order = \"HGFEDCBA\"; "
        "invalid = 0xFFFFFFFFFFFFFFFFL; },\n"
        "  { name = \"d\"; holding = 3; type = \"bool\"; bit = 15; },\n"
        "  { name = \"e\"; coil = 4; }, "
        "{ name = \"s\"; holding = 5; type = \"string\"; registers = 125; }\n"
        "); } );\n");
    load(f, "main.cfg");
    assert_non_null(f->config);
    p = f->config->profiles[0].points;
    assert_int_equal(p[0].address, 0); /* base subtracted */
    assert_true(p[0].invalid[0] == 0xFFFF && p[0].invalid_count == 1);
    assert_int_equal(p[0].type, TYPE_U16);
    assert_int_equal(p[0].order, ORDER_CDAB);
    assert_int_equal(p[0].poll_ms, 10000);
    assert_true(p[1].invalid[0] == 0x80000000U && p[1].invalid[1] == 0xFFFFFFFEU);
    assert_true(p[2].invalid[0] == UINT64_MAX);
    assert_int_equal(p[2].order, ORDER_DCBA);
    assert_int_equal(p[2].registers, 4);
    assert_int_equal(p[3].type, TYPE_U16);
    assert_true(p[3].bit_low == 15 && p[3].bit_high == 15);
    assert_int_equal(p[4].type, TYPE_BOOL);
    assert_true(p[4].bit_low == -1 && isinf(p[4].range_low));
    assert_int_equal(p[5].registers, 125);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_example),       TEST(test_sdm630_map),   TEST(test_design_sample),
        TEST(test_notify),        TEST(test_model_points), TEST(test_model_shape),
        TEST(test_modbus_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
