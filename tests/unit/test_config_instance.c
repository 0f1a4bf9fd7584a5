/* test_config_instance.c - who shares points with whom, tables with files of their own,
 * and a large fleet of one profile. */
#include "tests/unit/config_fixture.h"

#include <time.h>

enum {
    FLEET = 10000,   /* meters of one profile */
    FLEET_MS = 5000, /* far beyond what it takes, even with sanitizers */
};

#define LINK "links = ( { id = \"l\"; modbus = \"tcp://h\"; } );\n"
#define METER                                                                            \
    "profiles = ( { id = \"p\"; class = \"electricity_meter\"; poll = \"fast\";\n"       \
    "  params : { ct = 1; base_address = 10; };\n"                                       \
    "  points = ( { name = \"power\"; holding = \"base_address + 1\"; times = \"ct\"; "  \
    "},\n"                                                                               \
    "    { name = \"fault\"; holding = 3; enum = \"codes\"; poll = \"slow\"; } ); } "    \
    ");\n"
#define CODES                                                                            \
    "tables = ( { id = \"codes\"; rows = ((0, \"ok\")); },\n"                            \
    "  { id = \"mine\"; rows = ((0, \"fine\")); } );\n"

static void load_equipment(struct fixture *f, const char *equipment)
{
    char *text = mem_format(SITE LINK METER CODES "equipment = (\n%s);\n", equipment);

    put(f, "main.cfg", text);
    mem_free(text);
    load_clean(f, "main.cfg");
}

static void test_sharing(void **state)
{
    static const struct {
        const char *extra;
        int like; /* index of the first equipment with the same points; -1: itself */
    } cases[] = {
        {"", -1},
        {"", 0},
        {"params : { ct = 1.0; };", 0}, /* as it is anyhow */
        {"delay = \"1s\";", 0},         /* not of the points */
        {"poll : { fast = \"1s\"; };", 0},
        {"params : { ct = 60; };", -1},
        {"params : { ct = 60; base_address = 10; };", 5},
        {"params : { base_address = 60; };", -1},
        {"params : { base_address = 60; ct = 1; };", 7},
        {"poll : { slow = \"5m\"; };", -1},
        {"poll : { slow = \"5m\"; };", 9},
        {"tables : { fault = \"mine\"; };", -1},
        {"tables : { fault = \"mine\"; };", 11},
        {"tables : { fault = \"mine\"; }; poll : { slow = \"5m\"; };", -1},
    };
    enum {
        COUNT = sizeof cases / sizeof cases[0]
    };
    struct text text;
    struct fixture *f = *state;

    text_init(&text, FILE_MAX);
    for (size_t i = 0; i < COUNT; i++)
        text_addf(&text,
                  "%s{ id = \"e%zu\"; profile = \"p\"; link = \"l\"; unit = %zu; %s }\n",
                  i == 0 ? "" : ",", i, i + 1, cases[i].extra);
    load_equipment(f, text.data);
    text_done(&text);
    for (size_t i = 0; i < COUNT; i++) {
        const struct equipment_settings *e = &f->config->equipment[i];

        for (size_t k = 0; k < COUNT; k++) {
            size_t first = cases[i].like < 0 ? i : (size_t)cases[i].like;
            size_t other = cases[k].like < 0 ? k : (size_t)cases[k].like;
            bool same = e->points == f->config->equipment[k].points;

            assert_int_equal(same, first == other);
            assert_int_equal(same, e->instance == f->config->equipment[k].instance);
        }
        assert_true(e->instance < f->config->instance_count);
    }
    assert_ptr_equal(f->config->equipment[0].points, f->config->profiles[0].points);
    assert_true(f->config->equipment[5].points[0].scale == 60);
    assert_int_equal(f->config->equipment[7].points[0].address, 61);
    assert_int_equal(f->config->equipment[9].points[1].poll_ms, 300000);
    assert_string_equal(f->config->equipment[13].points[1].labels[0].name, "fine");
}

/* The model's points are those of the equipment's own instance. */
static void test_model(void **state)
{
    struct fixture *f = *state;
    const struct model *model;

    load_equipment(f, "{ id = \"a\"; profile = \"p\"; link = \"l\"; unit = 1; },\n"
                      "{ id = \"b\"; profile = \"p\"; link = \"l\"; unit = 2;"
                      "  tables : { fault = \"mine\"; }; poll : { slow = \"5m\"; }; }\n");
    model = f->config->model;
    assert_string_equal(
        model_point(model, model_equipment(model, "a"), "fault")->labels[0].name, "ok");
    assert_string_equal(
        model_point(model, model_equipment(model, "b"), "fault")->labels[0].name, "fine");
    assert_int_equal(model_point(model, model_equipment(model, "b"), "fault")->period_ms,
                     300000);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Ten thousand meters with the same ratio have one set of points. */
static void test_fleet(void **state)
{
    struct fixture *f = *state;
    struct text text;
    int64_t begin;

    text_init(&text, FILE_MAX);
    for (int i = 0; i < FLEET; i++)
        text_addf(&text,
                  "%s{ id = \"m%d\"; profile = \"p\"; link = \"l\"; unit = %d; "
                  "params : { ct = %d; }; }\n",
                  i == 0 ? "" : ",", i, i % 247 + 1, i % 2 == 0 ? 60 : 80);
    begin = now_ms();
    load_equipment(f, text.data);
    print_message("%d meters: %lld ms\n", FLEET, (long long)(now_ms() - begin));
    assert_true(now_ms() - begin < FLEET_MS);
    text_done(&text);
    assert_int_equal(f->config->instance_count, 3); /* the profile's own as well */
    for (size_t i = 2; i < FLEET; i++)
        assert_ptr_equal(f->config->equipment[i].points,
                         f->config->equipment[i % 2].points);
}

/* ---- tables in files ---- */

#define USER                                                                             \
    SITE LINK                                                                            \
        "equipment = ( { id = \"e\"; profile = \"p\"; link = \"l\"; unit = 1; } );\n"    \
        "profiles = ( { id = \"p\"; class = \"pump\"; points = (\n"                      \
        "  { name = \"x\"; holding = 1; enum = \"codes\"; } ); } );\n"
#define TABLE(name) "table : { id = \"codes\"; rows = ((0, \"" name "\")); };\n"

static void test_shipped_table(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", USER);
    put(f, "shipped/tables/codes.cfg", TABLE("shipped"));
    load_clean(f, "main.cfg");
    assert_string_equal(f->config->equipment[0].points[0].labels[0].name, "shipped");
}

static void test_replaced_table(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", "table_dir = \"tables.d\";\n" USER);
    put(f, "shipped/tables/codes.cfg", TABLE("shipped"));
    put(f, "tables.d/codes.cfg", TABLE("own"));
    load(f, "main.cfg");
    (void)only(f, "W101");
    assert_string_equal(f->config->equipment[0].points[0].labels[0].name, "own");
}

static void test_table_twice(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", "table_dir = \"tables.d\";\n" USER);
    put(f, "tables.d/a.cfg", TABLE("one"));
    put(f, "tables.d/b.cfg", TABLE("two"));
    load(f, "main.cfg");
    (void)only(f, "E109");
}

/* A key of a profile does not belong in a file of tables. */
static void test_wrong_file(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg", "table_dir = \"tables.d\";\n" SITE);
    put(f, "tables.d/a.cfg", "profile : { id = \"p\"; };\n");
    load(f, "main.cfg");
    (void)only(f, "E104");
}

/* Equipment whose parameters are wrong in the same way is each named. */
static void test_each_is_named(void **state)
{
    struct fixture *f = *state;

    put(f, "main.cfg",
        SITE LINK METER CODES "equipment = (\n"
                              "{ id = \"a\"; profile = \"p\"; link = \"l\"; unit = 1; "
                              "params : { base_address = -20; }; },\n"
                              "{ id = \"b\"; profile = \"p\"; link = \"l\"; unit = 2; "
                              "params : { base_address = -20; }; } );\n");
    load(f, "main.cfg");
    assert_int_equal(config_report_errors(f->report), 2);
    assert_non_null(strstr(f->report->messages[0].text, "equipment \"a\""));
    assert_non_null(strstr(f->report->messages[1].text, "equipment \"b\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sharing),       TEST(test_model),          TEST(test_fleet),
        TEST(test_shipped_table), TEST(test_replaced_table), TEST(test_table_twice),
        TEST(test_wrong_file),    TEST(test_each_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
