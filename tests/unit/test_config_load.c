/* test_config_load.c - whole configurations from disk: folders, secrets, replaced
 * definitions, and the model that comes out. */
#include "tests/unit/check.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "config/config.h"
#include "config/report_internal.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MAX = 16 * 1024 * 1024, /* bytes of a generated file */
    PATH_SIZE = 256,
    /* A laptop needs a quarter of a second; sanitizers on a shared machine ten times. */
    LARGE_LIMIT_MS = 20000,
};

/* A folder with shipped/profiles and shipped/rules, and the outcome of a load. */
struct fixture {
    char folder[PATH_SIZE];
    struct config_report *report;
    struct config *config;
};

static void put(const struct fixture *f, const char *name, const char *text)
{
    char *path = mem_format("%s/%s", f->folder, name);
    char *folder = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    struct err err;

    assert_int_equal(file_make_folder(folder, 0700, &err), 0);
    assert_int_equal(file_replace(path, text, strlen(text), &err), 0);
    mem_free(folder);
    mem_free(path);
}

static void put_copy(const struct fixture *f, const char *name, const char *from)
{
    size_t length;
    struct err err;
    char *text = file_read(from, FILE_MAX, &length, &err);

    assert_non_null(text);
    put(f, name, text);
    mem_free(text);
}

static void set_mode(const struct fixture *f, const char *name, mode_t mode)
{
    char *path = mem_format("%s/%s", f->folder, name);

    assert_int_equal(chmod(path, mode), 0);
    mem_free(path);
}

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);

    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder)); /* NOLINT(concurrency-mt-unsafe) */
    put(f, "shipped/profiles/none", "not a .cfg: not read");
    put(f, "shipped/rules/.hidden.cfg", "also not read");
    *state = f;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int type,
                        struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static void unload(struct fixture *f)
{
    config_free(f->config);
    config_report_free(f->report);
    f->config = NULL;
    f->report = NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    unload(f);
    (void)nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(f);
    return 0;
}

static void load(struct fixture *f, const char *name)
{
    char *path = mem_format("%s/%s", f->folder, name);
    char *shipped = mem_format("%s/shipped", f->folder);

    unload(f);
    f->report = config_report_new();
    f->config = config_load(path, shipped, f->report);
    assert_int_equal(f->config == NULL, config_report_errors(f->report) > 0);
    mem_free(path);
    mem_free(shipped);
}

static void print_report(const struct fixture *f)
{
    struct text text;

    text_init(&text, FILE_MAX);
    config_report_print(f->report, false, &text);
    print_message("%s", text.data);
    text_done(&text);
}

static void load_clean(struct fixture *f, const char *name)
{
    load(f, name);
    if (config_report_errors(f->report) + config_report_warnings(f->report) > 0)
        print_report(f);
    assert_non_null(f->config);
    assert_int_equal(config_report_warnings(f->report), 0);
}

/* The only message, apart from "nothing is configured". */
static const struct report_message *only(const struct fixture *f, const char *code)
{
    const struct report_message *found = NULL;

    for (size_t i = 0; i < f->report->count; i++) {
        if (strcmp(f->report->messages[i].code, "W104") == 0)
            continue;
        if (found != NULL)
            print_report(f);
        assert_null(found);
        found = &f->report->messages[i];
    }
    if (found == NULL || strcmp(found->code, code) != 0)
        fail_msg("%s is not reported", code);
    return found;
}

#define SITE "site : { id = \"s\"; };\n"
#define PROFILE                                                                          \
    "profile : { id = \"p\"; class = \"pump\"; points = ("                               \
    "{ name = \"run\"; coil = 1; } ); };\n"
#define RULE(id)                                                                         \
    "{ id = \"" id "\"; class = \"pump\"; when = \"run\"; "                              \
    "title : { en = \"t\"; zh = \"t\"; }; }"

/* ---- the shipped files ---- */

static void test_example(void **state)
{
    struct fixture *f = *state;
    const struct config *c;
    const struct link_settings *serial;

    put_copy(f, "facilityd.cfg", "config/facilityd.cfg");
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
    assert_int_equal(c->rule_count, 1);
    assert_int_equal(c->rules[0].for_ms, 20000);
    assert_string_equal(c->rules[0].title_zh, "水泵干转");
    assert_int_equal(c->rules[0].param_count, 1);
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
    assert_string_equal(p->probe.point, "freq");
    assert_true(p->probe.range_low == 45.0 && p->probe.range_high == 65.0);
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
    "tests = ( { rule = \"pump.dry_run\"; } );\n";

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
        {"pump-2", "pressure", POINT_NUMBER, 17, 2000, 10000},
        {"pump-2", "fault", POINT_BOOL, 17, 2000, 10000},
        {"pump-2", "stage", POINT_NUMBER, 17, 2000, 10000},
        {"pump-2", "mode", POINT_ENUM, 17, 2000, 10000},
        {"pump-2", "energy", POINT_NUMBER, 17, 60000, 180000},
        {"pump-2", "serial", POINT_TEXT, 17, 3600000, 10800000},
        {"pump-2", "online", POINT_BOOL, 17, 0, 0},
        {"meter-w0", "volume", POINT_NUMBER, 17, 900000, 2700000},
        {"meter-w0", "leak", POINT_BOOL, 17, 900000, 2700000},
        {"riser-a", "online", POINT_BOOL, 17, 0, 0},
    };
    const struct point *mode;

    put_copy(f, "facilityd.cfg", "config/facilityd.cfg");
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
        assert_int_equal(e->point_count, profile->point_count + 1);
        for (size_t p = 0; p < profile->point_count; p++)
            assert_string_equal(m->points[e->first_point + p].name,
                                profile->points[p].name);
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

/* ---- folders ---- */

static void test_include(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg",
        SITE "include_dir = \"conf.d\"; profile_dir = \"profiles.d\";\n"
             "links = ( { id = \"l0\"; modbus = \"tcp://h0\"; } );\n");
    put(f, "conf.d/20.cfg",
        "links = ( { id = \"l2\"; modbus = \"tcp://h2\"; } );\n"
        "equipment = ( { id = \"e2\"; profile = \"p\"; link = \"l1\"; "
        "unit = 2; } );\n");
    put(f, "conf.d/10.cfg",
        "links = ( { id = \"l1\"; modbus = \"tcp://h1\"; } );\n"
        "web : { listen = \"127.0.0.1:81\"; };\n");
    put(f, "conf.d/30.conf", "this is not read");
    put(f, "profiles.d/p.cfg", PROFILE);
    load_clean(f, "main.cfg");
    assert_int_equal(f->config->link_count, 3); /* in the order of the names */
    assert_string_equal(f->config->links[1].id, "l1");
    assert_string_equal(f->config->links[2].id, "l2");
    assert_string_equal(f->config->web.listen, "127.0.0.1:81");
    assert_int_equal(f->config->equipment[0].link, 1);
}

static void test_include_twice(void **state)
{
    struct fixture *f = *state;
    const struct report_message *m;

    put(f, "main.cfg", SITE "include_dir = \"conf.d\"; web : { };\n");
    put(f, "conf.d/a.cfg", "\nweb : { };\n");
    load(f, "main.cfg");
    m = only(f, "E110");
    assert_non_null(strstr(m->text, "main.cfg:2"));
    assert_int_equal(m->pos.line, 2);
    assert_non_null(strstr(config_report_path(f->report, m->pos.file), "conf.d/a.cfg"));
}

static void test_include_bounds(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", SITE "include_dir = \"conf.d\";\n");
    put(f, "conf.d/a.cfg", "state_dir = \"/x\";\n");
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E205")->text, "main file only"));

    put(f, "conf.d/a.cfg", "links = ( { id = \"a\"; modbus = \"tcp://h\"; } );\n");
    put(f, "conf.d/b.cfg", "links = ( { id = \"a\"; modbus = \"tcp://g\"; } );\n");
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E109")->text, "conf.d/a.cfg:1"));
}

static void test_missing_folders(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", SITE "include_dir = \"nowhere\";\n");
    load(f, "main.cfg");
    assert_int_equal(only(f, "E701")->pos.line, 2);
    load(f, "absent.cfg");
    assert_non_null(strstr(only(f, "E701")->text, "absent.cfg"));
}

/* What a broken file may define is not called unknown. */
static void test_broken_include(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg",
        SITE
        "include_dir = \"conf.d\";\n"
        "equipment = ( { id = \"e\"; profile = \"p\"; link = \"l\"; unit = 1; } );\n");
    put(f, "shipped/profiles/p.cfg", PROFILE);
    put(f, "conf.d/a.cfg", "links = ( { id = \"l\" modbus = \"tcp://h\"; } );\n");
    load(f, "main.cfg");
    (void)only(f, "E009");
}

static void test_too_large(void **state)
{
    struct fixture *f = *state;
    char *path = mem_format("%s/main.cfg", f->folder);

    put(f, "main.cfg", SITE);
    assert_int_equal(truncate(path, CONFIG_FILE_MAX + 1), 0);
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E701")->text, "larger than"));
    mem_free(path);
}

/* ---- shipped and own ---- */

static void test_replaced_profile(void **state)
{
    struct fixture *f = *state;
    const struct report_message *m;

    put(f, "main.cfg",
        SITE
        "profile_dir = \"own\"; links = ( { id = \"l\"; modbus = \"tcp://h\"; } );\n"
        "equipment = ( { id = \"e\"; profile = \"p\"; link = \"l\"; unit = 1; } );\n");
    put(f, "shipped/profiles/p.cfg", PROFILE);
    put(f, "own/p.cfg",
        "profile : { id = \"p\"; class = \"valve\"; points = ( { name = "
        "\"own\"; coil = 1; } ); };\n");
    load(f, "main.cfg");
    m = only(f, "W101");
    assert_non_null(strstr(m->text, "shipped/profiles/p.cfg:1"));
    assert_non_null(strstr(config_report_path(f->report, m->pos.file), "own/p.cfg"));
    assert_string_equal(f->config->equipment[0].profile->points[0].name, "own");
    assert_int_equal(f->config->profile_count, 1);
    assert_string_equal(f->config->equipment[0].class_name, "valve");
}

static void test_rules(void **state)
{
    struct fixture *f = *state;

    put(f, "shipped/rules/a.cfg",
        "rules = (" RULE("a") "," RULE("b") "," RULE("c") ");\n");
    put(f, "own/b.cfg", "rules = (" RULE("b") "," RULE("d") ");\n");
    put(f, "main.cfg", SITE "rule_dir = \"own\"; rules_disabled = (\"c\");\n");
    load(f, "main.cfg");
    (void)only(f, "W101");
    assert_int_equal(f->config->rule_count, 3);
    assert_string_equal(f->config->rules[0].id, "b");
    assert_false(f->config->rules[0].shipped);
    assert_string_equal(f->config->rules[1].id, "d");
    assert_string_equal(f->config->rules[2].id, "a");
    assert_true(f->config->rules[2].shipped);

    put(f, "own/e.cfg", "rules = (" RULE("d") ");\n");
    load(f, "main.cfg");
    assert_int_equal(config_report_errors(f->report), 1); /* two of the operator's */
}

static void test_shipped_titles(void **state)
{
    struct fixture *f = *state;
    static const char one[] = "rules = ( { id = \"r\"; class = \"*\"; when = \"online\"; "
                              "title : { zh = \"标题\"; }; } );\n";
    char *main = mem_format("%s%s", SITE, one);

    put(f, "main.cfg", main);
    load(f, "main.cfg");
    assert_string_equal(f->config->rules[0].title_en, "标题"); /* the other language */
    assert_string_equal(f->config->rules[0].advice_en, "");
    put(f, "main.cfg", SITE);
    put(f, "shipped/rules/r.cfg", one);
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E501")->text, "both en and zh"));
    mem_free(main);
}

/* ---- secrets, zones ---- */

#define SECRET_SINK                                                                      \
    SITE "sinks = ( { id = \"i\"; type = \"influxdb2\"; url = \"https://h\"; org = "     \
         "\"o\"; bucket = \"b\"; token_file = \"token\"; } );\n"

static void test_secrets(void **state)
{
    struct fixture *f = *state;
    const struct report_message *m;

    put(f, "main.cfg", SECRET_SINK);
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E701")->text, "/token: No such file"));

    put(f, "token", "secret\n");
    set_mode(f, "token", 0644);
    load(f, "main.cfg");
    m = only(f, "E702");
    assert_non_null(strstr(m->hint, "chmod 600 '"));
    assert_int_equal(m->pos.line, 2);

    set_mode(f, "token", 0640); /* readable by the group: a deliberate choice */
    load(f, "main.cfg");
    assert_non_null(f->config);
    set_mode(f, "token", 0660);
    load(f, "main.cfg");
    (void)only(f, "E702");

    set_mode(f, "token", 0600);
    load(f, "main.cfg");
    assert_non_null(f->config);
    assert_int_equal(f->config->sinks[0].token_file[0], '/');
}

static void test_secret_folder(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", SECRET_SINK);
    put(f, "token/x", "");
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E701")->text, "not a regular file"));
}

static void test_credentials(void **state)
{
    struct fixture *f = *state;
    char *folder = mem_format("%s/credentials", f->folder);
    char *token = mem_format("%s/token", folder);

    put(f, "main.cfg", SECRET_SINK);
    put(f, "token", "the wrong one\n");
    put(f, "credentials/token", "secret\n");
    set_mode(f, "credentials/token", 0444); /* systemd sees to who can read it */
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0); /* NOLINT */
    load(f, "main.cfg");
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0); /* NOLINT */
    assert_non_null(f->config);
    assert_string_equal(f->config->sinks[0].token_file, token);
    mem_free(token);
    mem_free(folder);
}

/* From the folder of the file that names it, not from the main file's. */
static void test_secret_of_include(void **state)
{
    struct fixture *f = *state;
    char *token = mem_format("%s/conf.d/token", f->folder);

    put(f, "main.cfg", SITE "include_dir = \"conf.d\";\n");
    put(f, "conf.d/s.cfg",
        "sinks = ( { id = \"i\"; type = \"influxdb2\"; url = \"https://h\"; org = \"o\"; "
        "bucket = \"b\"; token_file = \"token\"; } );\n");
    put(f, "conf.d/token", "secret\n");
    load(f, "main.cfg");
    assert_non_null(f->config);
    assert_string_equal(f->config->sinks[0].token_file, token);
    mem_free(token);
}

static void test_zones(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *zone, *hint; /* NULL: fine */
    } cases[] = {
        {"UTC", NULL},
        {"Asia/Shanghai", NULL},
        {"America/Argentina/Ushuaia", NULL},
        {"Asia/Shangai", "did you mean \"Asia/Shanghai\"?"},
        {"Asia/Beijing", "use \"Asia/Shanghai\""},
        {"UTC+8", "use \"Asia/Shanghai\""},
        {"Asia", "an IANA name"},
        {"Mars/Olympus", "an IANA name"},
        {"/etc/passwd", "an IANA name"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text =
            mem_format("site : { id = \"s\"; timezone = \"%s\"; };\n", cases[i].zone);

        put(f, "main.cfg", text);
        load(f, "main.cfg");
        check_case(cases[i].zone, (f->config != NULL) == (cases[i].hint == NULL));
        if (cases[i].hint != NULL)
            check_case(cases[i].zone,
                       strstr(only(f, "E704")->hint, cases[i].hint) != NULL);
        mem_free(text);
    }
}

static void test_state_dir(void **state)
{
    struct fixture *f = *state;
    char *want = mem_format("%s/state", f->folder);

    put(f, "main.cfg", SITE "state_dir = \"state\";\n");
    load(f, "main.cfg");
    assert_string_equal(f->config->state_dir, want);
    mem_free(want);
}

/* Two names of one serial device are one wire. */
static void test_same_device(void **state)
{
    struct fixture *f = *state;
    char *device = mem_format("%s/tty", f->folder);
    char *alias = mem_format("%s/by-id", f->folder);
    char *text = mem_format(SITE "links = ( { id = \"a\"; modbus = \"rtu://%s\"; },\n"
                                 "  { id = \"b\"; modbus = \"rtu://%s\"; } );\n",
                            device, alias);

    put(f, "tty", "");
    assert_int_equal(symlink(device, alias), 0);
    put(f, "main.cfg", text);
    load(f, "main.cfg");
    (void)only(f, "E204");
    mem_free(text);
    mem_free(alias);
    mem_free(device);
}

static void test_disabled_relations(void **state)
{
    struct fixture *f = *state;
    const struct equipment *e;

    put(f, "shipped/profiles/p.cfg", PROFILE);
    put(f, "main.cfg",
        SITE
        "links = ( { id = \"l\"; modbus = \"tcp://h\"; } );\n"
        "equipment = (\n"
        "{ id = \"a\"; profile = \"p\"; link = \"l\"; unit = 1; enabled = false; },\n"
        "{ id = \"b\"; profile = \"p\"; link = \"l\"; unit = 2; },\n"
        "{ id = \"c\"; profile = \"p\"; link = \"l\"; unit = 2; relations : "
        "{ submeters = (\"a\", \"b\"); power = \"a\"; parent = \"b\"; }; } );\n");
    load(f, "main.cfg");
    (void)only(f, "W103");
    e = model_equipment(f->config->model, "c");
    assert_int_equal(e->relation_count, 2);
    assert_int_equal(model_relation(e, "submeters")->count, 1);
    assert_int_equal(model_relation(e, "parent")->equipment[0], 0);
    assert_null(model_relation(e, "power"));
}

/* ---- large ---- */

static void add_large(struct text *text, const char *profile)
{
    text_add(text, SITE "links = (\n");
    for (int i = 0; i < CONFIG_LINKS_MAX; i++)
        text_addf(text, "%s{ id = \"l-%d\"; modbus = \"tcp://10.0.%d.%d\"; }\n",
                  i == 0 ? "" : ",", i, i / 250, i % 250);
    text_add(text, ");\nequipment = (\n");
    for (int i = 0; i < CONFIG_EQUIPMENT_MAX; i++)
        text_addf(
            text,
            "%s{ id = \"e-%d\"; name = \"泵 %d\"; place = \"B%d\"; profile = \"%s\"; "
            "link = \"l-%d\"; unit = %d; relations : { power = \"e-%d\"; }; }\n",
            i == 0 ? "" : ",", i, i, i / 100, profile, i % CONFIG_LINKS_MAX,
            i / CONFIG_LINKS_MAX + 1, i == CONFIG_EQUIPMENT_MAX - 1 ? 0 : i + 1);
    text_add(text, ");\n");
}

static void test_large(void **state)
{
    struct fixture *f = *state;
    struct text text;
    int64_t ms[2];

    put_copy(f, "shipped/profiles/p.cfg", "config/profiles/eastron-sdm630.cfg");
    for (int wrong = 0; wrong < 2; wrong++) {
        struct mono_time start;

        text_init(&text, FILE_MAX);
        add_large(&text, wrong ? "eastron-sdm360" : "eastron-sdm630");
        put(f, "main.cfg", text.data);
        start = mono_now();
        load(f, "main.cfg");
        ms[wrong] = mono_diff_ms(mono_now(), start);
        text_done(&text);
        /* All feed the next and the last feeds the first: one circle of 20000. */
        assert_int_equal(config_report_errors(f->report),
                         wrong ? CONFIG_EQUIPMENT_MAX + 1 : 1);
    }
    print_message(
        "1000 links, 20000 equipment, 780000 points: %lld ms; with 20000 errors: "
        "%lld ms\n",
        (long long)ms[0], (long long)ms[1]);
    assert_true(ms[0] < LARGE_LIMIT_MS && ms[1] < LARGE_LIMIT_MS);
}

static void test_too_many(void **state)
{
    struct fixture *f = *state;
    struct text text;

    text_init(&text, FILE_MAX);
    text_add(&text, SITE "links = (\n");
    for (int i = 0; i <= CONFIG_LINKS_MAX; i++)
        text_addf(&text, "%s{ id = \"l-%d\"; modbus = \"tcp://h%d\"; }\n",
                  i == 0 ? "" : ",", i, i);
    text_add(&text, ");\n");
    put(f, "main.cfg", text.data);
    load(f, "main.cfg");
    assert_non_null(strstr(only(f, "E112")->text, "more than 1000"));
    text_done(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_example),         TEST(test_sdm630_map),
        TEST(test_design_sample),   TEST(test_notify),
        TEST(test_model_points),    TEST(test_model_shape),
        TEST(test_modbus_points),   TEST(test_include),
        TEST(test_include_twice),   TEST(test_include_bounds),
        TEST(test_missing_folders), TEST(test_broken_include),
        TEST(test_too_large),       TEST(test_replaced_profile),
        TEST(test_rules),           TEST(test_shipped_titles),
        TEST(test_secrets),         TEST(test_secret_folder),
        TEST(test_credentials),     TEST(test_secret_of_include),
        TEST(test_zones),           TEST(test_state_dir),
        TEST(test_same_device),     TEST(test_disabled_relations),
        TEST(test_large),           TEST(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
