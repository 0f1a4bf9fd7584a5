/* test_config_load.c - whole configurations from disk: folders, secrets, replaced
 * definitions, and how long a large one takes. */
#include "tests/unit/config_fixture.h"

#include "base/clock.h"

enum {
    /* A laptop needs a quarter of a second; sanitizers on a shared machine ten times. */
    LARGE_LIMIT_MS = 20000,
};

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

/* Its like that may be silenced stands in its place. */
static void test_replaced_managed_rule(void **state)
{
    static const char managed[] =
        "rules = ( { id = \"a\"; class = \"*\"; when = \"online\"; "
        "highly_managed = true; "
        "title : { en = \"t\"; zh = \"t\"; }; } );\n";
    struct fixture *f = *state;

    put(f, "shipped/rules/a.cfg", managed);
    put(f, "own/a.cfg", managed);
    put(f, "main.cfg", SITE "rule_dir = \"own\";\n");
    load(f, "main.cfg");
    (void)only(f, "W101");
    put(f, "own/a.cfg", "rules = (" RULE("a") ");\n");
    load(f, "main.cfg");
    for (size_t i = 0; i < f->report->count; i++)
        if (strcmp(f->report->messages[i].code, "W108") == 0)
            return;
    fail_msg("W108 is not reported");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_include),
        TEST(test_include_twice),
        TEST(test_include_bounds),
        TEST(test_missing_folders),
        TEST(test_broken_include),
        TEST(test_too_large),
        TEST(test_replaced_profile),
        TEST(test_rules),
        TEST(test_replaced_managed_rule),
        TEST(test_shipped_titles),
        TEST(test_secrets),
        TEST(test_secret_folder),
        TEST(test_credentials),
        TEST(test_secret_of_include),
        TEST(test_zones),
        TEST(test_state_dir),
        TEST(test_same_device),
        TEST(test_disabled_relations),
        TEST(test_large),
        TEST(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
