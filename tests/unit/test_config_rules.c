/* test_config_rules.c - what stands around rules: levels, suppression, tests, groups,
 * computed points, the calendar; what becomes of it in the snapshot and in the model. */
#include "tests/unit/config_fixture.h"

#include "config/calendar.h"

#include <string.h>

/* clang-format off */
/* Pumps a, b and c (which has no flow) and a ups that feeds the link and a. */
static const char site[] =
    SITE
    "links = ( { id = \"l\"; modbus = \"tcp://h\"; power = \"ups\"; } );\n"
    "profiles = (\n"
    "  { id = \"p\"; class = \"pump\"; points = (\n"
    "    { name = \"run\"; coil = 1; }, { name = \"flow\"; input = 1; } ); },\n"
    "  { id = \"q\"; class = \"pump\"; points = ( { name = \"run\"; coil = 1; } ); },\n"
    "  { id = \"u\"; class = \"gateway\"; points = ( { name = \"mains\"; coil = 1; } ); } );\n"
    "equipment = (\n"
    "  { id = \"a\"; place = \"B1/U1\"; profile = \"p\"; link = \"l\"; unit = 1;\n"
    "    relations : { power = \"ups\"; }; },\n"
    "  { id = \"b\"; place = \"B1\"; profile = \"p\"; link = \"l\"; unit = 2; },\n"
    "  { id = \"c\"; place = \"B10\"; profile = \"q\"; link = \"l\"; unit = 3; },\n"
    "  { id = \"off\"; place = \"B1\"; profile = \"p\"; link = \"l\"; unit = 4;\n"
    "    enabled = false; },\n"
    "  { id = \"ups\"; place = \"B1\"; profile = \"u\"; link = \"l\"; unit = 5; } );\n";
/* clang-format on */

/* Loads the site with more behind it. */
static void load_site(struct fixture *f, const char *more)
{
    char *text = mem_format("%s%s", site, more);

    put(f, "main.cfg", text);
    mem_free(text);
    load(f, "main.cfg");
}

static void load_site_clean(struct fixture *f, const char *more)
{
    load_site(f, more);
    if (f->report->count > 0)
        print_report(f);
    assert_int_equal(f->report->count, 0);
}

static const struct rule_settings *rule_of(const struct fixture *f, const char *id)
{
    for (size_t i = 0; i < f->config->rule_count; i++)
        if (strcmp(f->config->rules[i].id, id) == 0)
            return &f->config->rules[i];
    fail_msg("no rule %s", id);
    return NULL;
}

static void test_rule_fields(void **state)
{
    struct fixture *f = *state;
    const struct rule_settings *rule;
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];

    load_site_clean(
        f, "rules = ( { id = \"lev\"; class = \"pump\"; title : { en = \"t\"; };\n"
           "  levels = ( { severity = \"minor\"; when = \"flow > 1\"; },\n"
           "    { severity = \"serious\"; when = \"flow > 2\"; } ); clear = \"flow < "
           "1\"; },\n"
           "  { id = \"band\"; class = \"pump\"; title : { en = \"t\"; };\n"
           "    when = \"flow > 1\"; deadband = 0.5; highly_managed = true;\n"
           "    blind_after = \"1h\"; },\n"
           "  { id = \"fire\"; class = \"fire_panel\"; title : { en = \"t\"; };\n"
           "    when = \"online\"; } );\n");
    rule = rule_of(f, "lev");
    assert_int_equal(rule->level_count, 2);
    assert_int_equal(rule->severity, SEVERITY_MINOR);
    assert_int_equal(rule->levels[1].severity, SEVERITY_SERIOUS);
    assert_string_equal(rule->levels[1].when.text, "flow > 2");
    assert_string_equal(rule->when.text, "");
    assert_int_equal(rule->blind_after_ms, 15 * 60 * 1000);
    assert_int_equal(rule_expressions(rule, exprs), 3);
    assert_string_equal(exprs[2]->text, "flow < 1");
    rule = rule_of(f, "band");
    assert_true(rule->deadband == 0.5 && rule->highly_managed);
    assert_int_equal(rule->blind_after_ms, 60 * 60 * 1000);
    assert_true(rule_of(f, "lev")->deadband == 0 && !rule_of(f, "lev")->highly_managed);
    assert_int_equal(rule_of(f, "fire")->blind_after_ms, 3 * 60 * 1000);
}

#define TEST_OF(rule, name)                                                              \
    "{ rule = \"" rule "\"; name = \"" name "\"; points : { run = \"true\"; };\n"        \
    "  expect = ( { at = \"1m\"; state = \"active\"; } ); }"

/* The operator's rows come behind the shipped ones; tests of a shipped rule that is
 * replaced are not tests of what replaces it. */
static void test_shipped_first(void **state)
{
    struct fixture *f = *state;

    put(f, "shipped/rules/a.cfg",
        "rules = ( " RULE("one") ", " RULE("two") ", " RULE(
            "three") " );\n"
                     "tests = ( " TEST_OF("one", "shipped one") ", " TEST_OF(
                         "two",
                         "shipped two") ", " TEST_OF("three",
                                                     "shipped three") " );\n"
                                                                      "suppress = ( { by "
                                                                      "= \"one\"; via = "
                                                                      "\"power\"; "
                                                                      "targets = "
                                                                      "(\"*\"); },\n"
                                                                      "  { by = "
                                                                      "\"three\"; via = "
                                                                      "\"power\"; "
                                                                      "targets = "
                                                                      "(\"*\"); },\n"
                                                                      "  { by = "
                                                                      "\"not.here\"; via "
                                                                      "= \"power\"; "
                                                                      "targets = "
                                                                      "(\"*\"); } );\n");
    load_site(f, "rules = ( " RULE(
                     "two") " );\nrules_disabled = ( \"three\" );\n"
                            "tests = ( " TEST_OF("two", "own two") ", " TEST_OF(
                                "three", "own three") " );\n"
                                                      "suppress = ( { by = \"two\"; via "
                                                      "= \"self\"; targets = \"one\"; "
                                                      "need = \"all\"; } );\n");
    (void)only(f, "W101");
    assert_int_equal(f->config->test_count, 2);
    assert_string_equal(f->config->tests[0].name, "shipped one");
    assert_string_equal(f->config->tests[1].name, "own two");
    assert_true(f->config->tests[0].shipped && !f->config->tests[1].shipped);
    assert_int_equal(f->config->suppress_count, 2);
    assert_string_equal(f->config->suppress[0].by, "one");
    assert_string_equal(f->config->suppress[1].by, "two");
    assert_true(!f->config->suppress[0].all && f->config->suppress[1].all);
    assert_int_equal(f->config->suppress[1].target_count, 1);
    assert_string_equal(f->config->suppress[1].targets[0], "one");
}

/* A shipped test that does not fit must not stop a site. */
static void test_shipped_misfit(void **state)
{
    struct fixture *f = *state;

    put(f, "shipped/rules/a.cfg",
        "rules = ( " RULE("one") " );\ntests = ( { rule = \"one\"; points : { rnu = "
                                 "\"true\"; }; expect = ( { at = \"1m\"; state = "
                                 "\"active\"; } ); } );\n");
    load_site(f, "");
    assert_non_null(f->config);
    assert_non_null(strstr(only(f, "W107")->hint, "did you mean \"run\"?"));
}

static void test_test_block(void **state)
{
    struct fixture *f = *state;
    const struct test_settings *t;

    load_site_clean(
        f,
        "rules = ( { id = \"r\"; class = \"pump\"; title : { en = \"t\"; };\n"
        "  when = \"run and power.mains and gsum('set', flow) < $low\";\n"
        "  params : { low = 1; }; } );\n"
        "tests = ( { rule = \"r\"; step = \"500ms\"; start = \"2026-03-02T01:00:30\";\n"
        "  timezone = \"UTC\"; params : { low = 2; }; points : { run = \"true x66\"; };\n"
        "  relations : { power : { class = \"gateway\"; points : { mains = \"true\"; }; "
        "};\n"
        "    set : ( { points : { flow = \"1\"; }; }, { points : { flow = \"2\"; }; } ); "
        "};\n"
        "  expect = ( { at = \"0s\"; state = \"normal\"; mark = \"unknown\"; },\n"
        "    { at = \"1m\"; state = \"active\"; level = \"serious\"; } ); } );\n");
    t = &f->config->tests[0];
    assert_int_equal(t->step_ms, 500);
    assert_string_equal(t->start, "2026-03-02T01:00:30");
    assert_int_equal(t->equipment_count, 4);
    assert_string_equal(t->equipment[0].relation, "");
    assert_string_equal(t->equipment[0].series[0].text, "true x66");
    assert_string_equal(t->equipment[1].relation, "power");
    assert_string_equal(t->equipment[1].class_name, "gateway");
    assert_true(!t->equipment[1].list && t->equipment[2].list && t->equipment[3].list);
    assert_string_equal(t->equipment[3].series[0].text, "2");
    assert_true(t->param_count == 1 && t->params[0].value == 2);
    assert_int_equal(t->expect_count, 2);
    assert_string_equal(t->expect[0].mark, "unknown");
    assert_string_equal(t->expect[1].level, "serious");
    assert_int_equal(t->expect[1].at_ms, 60000);
}

static void check_group(const struct fixture *f, const char *name, const char *ids)
{
    const struct model_group *group = model_group(f->config->model, name);
    struct text text;

    assert_non_null(group);
    text_init(&text, PATH_SIZE);
    for (size_t i = 0; i < group->count; i++)
        text_addf(&text, "%s ", f->config->model->equipment[group->equipment[i]].id);
    check_text(name, text.data, ids);
    text_done(&text);
}

static void test_groups(void **state)
{
    struct fixture *f = *state;

    load_site_clean(f,
                    "groups = ( { id = \"all\"; class = \"pump\"; },\n"
                    "  { id = \"tower\"; place = \"B1\"; },\n"
                    "  { id = \"both\"; place = \"B1\"; class = \"pump\"; },\n"
                    "  { id = \"named\"; equipment = (\"ups\", \"off\", \"a\"); } );\n");
    check_group(f, "all", "a b c ");
    check_group(f, "tower", "a b ups ");
    check_group(f, "both", "a b ");
    check_group(f, "named", "a ups ");
    assert_null(model_group(f->config->model, "none"));
}

static void test_virtuals(void **state)
{
    struct fixture *f = *state;
    const struct model *m;
    const struct equipment *a;
    const struct point *p;

    load_site_clean(
        f, "virtual = ( { name = \"twice\"; class = \"pump\"; unit = \"m3/h\";\n"
           "    title : { zh = \"z\"; }; value = \"2 * flow\"; every = \"30s\"; },\n"
           "  { name = \"dry\"; equipment = \"a\"; type = \"bool\"; store = false;\n"
           "    value = \"run and flow < 1\"; every = \"2s\"; } );\n");
    m = f->config->model;
    a = model_equipment(m, "a");
    assert_int_equal(a->point_count, 5); /* run, flow, twice, dry, online */
    p = &m->points[a->first_point];
    assert_string_equal(p[2].name, "twice");
    assert_true(p[2].formula == 1 && p[2].kind == POINT_NUMBER && p[2].store);
    assert_true(p[2].period_ms == 30000 && p[2].stale_after_ms == 90000);
    assert_string_equal(p[2].unit, "m3/h");
    assert_string_equal(p[2].title_zh, "z");
    assert_null(p[2].title_en);
    assert_string_equal(p[3].name, "dry");
    assert_true(p[3].formula == 2 && p[3].kind == POINT_BOOL && !p[3].store);
    assert_true(p[3].period_ms == 2000 && p[3].stale_after_ms == 10000);
    assert_true(p[4].builtin && p[4].formula == 0 && p[1].formula == 0);
    assert_null(model_point(m, model_equipment(m, "b"), "dry"));
    assert_non_null(model_point(m, model_equipment(m, "b"), "twice"));
    assert_int_equal(model_equipment(m, "ups")->point_count, 2);
    assert_int_equal(model_equipment(m, "l")->point_count, 1);
    assert_string_equal(f->config->virtuals[1].value.text, "run and flow < 1");
}

/* A class gives its computed point to those that have what it needs; when nobody has,
 * everybody gets it, so that what is misspelt is said. */
static void test_inputs(void **state)
{
    static const struct {
        const char *value;
        const char *who; /* of a (with relation `power`), b, and c without flow */
    } cases[] = {
        {"1 + 1", "a b c "},
        {"2 * flow", "a b "},
        {"avg(flow, 5m) > 2 and not run", "a b "},
        {"power.mains and run", "a "},
        {"link.online and run and online", "a b c "},
        {"gsum('set', (flow) + 'f)') > $flow and run == 'flow'", "a b c "},
        {"if(flow, 1h30m, 2e1)", "a b "},
        {"run or twice > 1", "a b "},
        {"mains", "a b c "},
        {"folw > 1", "a b c "},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *more = mem_format(
            "virtual = ( { name = \"twice\"; class = \"pump\"; value = \"2 * flow\"; },\n"
            "  { name = \"it\"; class = \"pump\"; value = \"%s\"; } );\n",
            cases[i].value);
        struct text who;

        text_init(&who, PATH_SIZE);
        load_site(f, more);
        assert_non_null(f->config);
        for (size_t k = 0; k < f->config->equipment_count; k++) {
            const struct equipment *e = &f->config->model->equipment[k];

            if (model_point(f->config->model, e, "it") != NULL)
                text_addf(&who, "%s ", e->id);
        }
        check_text(cases[i].value, who.data, cases[i].who);
        text_done(&who);
        mem_free(more);
    }
}

static void test_power_of_link(void **state)
{
    struct fixture *f = *state;
    const struct model *m;
    const struct relation *power;

    load_site_clean(f, "");
    m = f->config->model;
    power = model_relation(model_equipment(m, "l"), "power");
    assert_non_null(power);
    assert_true(power->count == 1 && !power->list);
    assert_string_equal(m->equipment[power->equipment[0]].id, "ups");
    assert_null(model_relation(model_equipment(m, "b"), "power"));
}

/* Errors leave what is good, so that the expressions of rules can be looked at, too. */
static void test_partial(void **state)
{
    static const struct {
        const char *name;
        const char *more;
        const char *code;      /* that is reported */
        const char *equipment; /* what is left; NULL: nothing to look at */
        size_t rules;
    } cases[] = {
        {"nothing wrong", "", NULL, "a b c ups ", 1},
        {"misspelt key of a rule",
         "rules = ( { id = \"x\"; class = \"pump\"; title : { en = \"t\"; }; wen = "
         "\"run\"; } );\n",
         "E104", "a b c ups ", 0},
        {"unknown class of a rule",
         "rules = ( { id = \"x\"; class = \"pmup\"; title : { en = \"t\"; }; when = "
         "\"run\"; } );\n",
         "E212", "a b c ups ", 0},
        {"equipment with an unknown relation",
         "equipment = ( { id = \"d\"; profile = \"p\"; link = \"l\"; unit = 6; relations "
         ": "
         "{ power = \"upps\"; }; } );\n",
         "E210", "a b c ups ", 1},
        {"equipment that leads to broken one",
         "equipment = ( { id = \"d\"; profile = \"p\"; link = \"l\"; unit = 6; relations "
         ": "
         "{ power = \"e\"; }; }, { id = \"e\"; profile = \"none\"; link = \"l\"; unit = "
         "7; "
         "} );\n",
         "E210", "a b c ups ", 1},
        {"a file that cannot be read as a whole", "rules = ;\n", "E021", NULL, 0},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool rule = strstr(cases[i].more, "rules = ") == NULL;
        char *text = mem_format("%sinclude_dir = \"more\";\n%s", site,
                                rule ? "rules = ( " RULE("r") " );\n" : "");
        char *path = mem_format("%s/main.cfg", f->folder);
        struct text left;

        put(f, "main.cfg", text);
        put(f, "more/more.cfg", cases[i].more);
        unload(f);
        f->report = config_report_new();
        f->config = config_load_partial(path, NULL, f->report);
        check_case(cases[i].name, (f->config == NULL) == (cases[i].equipment == NULL));
        if (cases[i].code != NULL)
            (void)only(f, cases[i].code);
        if (f->config != NULL) {
            text_init(&left, PATH_SIZE);
            for (size_t k = 0; k < f->config->equipment_count; k++)
                text_addf(&left, "%s ", f->config->equipment[k].id);
            check_text(cases[i].name, left.data, cases[i].equipment);
            check_case(cases[i].name, f->config->rule_count == cases[i].rules);
            check_case(cases[i].name, f->config->partial == (cases[i].code != NULL));
            check_case(cases[i].name, f->config->lacking ==
                                          (strstr(cases[i].more, "equipment") != NULL));
            text_done(&left);
        }
        mem_free(path);
        mem_free(text);
    }
}

/* ---- the calendar ---- */

static bool is_among(const int32_t *days, size_t count, const char *day)
{
    int32_t wanted;

    assert_true(calendar_parse_day(day, &wanted));
    for (size_t i = 0; i < count; i++)
        if (days[i] == wanted)
            return true;
    return false;
}

static void test_country(void **state)
{
    struct fixture *f = *state;
    const struct calendar_settings *c;

    put_copy(f, "shipped/calendars/cn.cfg", "config/calendars/cn.cfg");
    load_site_clean(f, "calendar : { country = \"cn\"; holidays = (\"2026-12-24\");\n"
                       "  seasons = ( { name = \"heating\"; from = \"11-15\"; "
                       "to = \"03-15\"; } ); };\n");
    c = &f->config->calendar;
    /* 2025: 1+8+3+5+3+8; 2026: 3+9+3+5+3+3+7; and the site's own */
    assert_int_equal(c->holiday_count, 28 + 33 + 1);
    assert_int_equal(c->workday_count, 5 + 6);
    for (size_t i = 1; i < c->holiday_count; i++)
        assert_true(c->holidays[i - 1] < c->holidays[i]);
    assert_true(is_among(c->holidays, c->holiday_count, "2026-02-23"));
    assert_false(is_among(c->holidays, c->holiday_count, "2026-02-24"));
    assert_true(is_among(c->holidays, c->holiday_count, "2026-12-24"));
    assert_true(is_among(c->workdays, c->workday_count, "2025-10-11"));
    assert_true(c->first_year == 2025 && c->last_year == 2026);
    assert_string_equal(c->country, "cn");
    assert_true(c->season_count == 1 && c->seasons[0].from_month == 11 &&
                c->seasons[0].to_day == 15);
}

static void test_unknown_country(void **state)
{
    struct fixture *f = *state;

    put_copy(f, "shipped/calendars/cn.cfg", "config/calendars/cn.cfg");
    load_site(f, "calendar : { country = \"cm\"; };\n");
    assert_non_null(strstr(only(f, "E509")->hint, "did you mean \"cn\"?"));
    load_site(f, "calendar : { country = \"../rules/x\"; };\n");
    (void)only(f, "E509");
}

static void test_days(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"2026-02-28", true},  {"2026-02-29", false}, {"2028-02-29", true},
        {"2026-13-01", false}, {"2026-00-01", false}, {"2026-01-00", false},
        {"2026-1-01", false},  {"1969-12-31", false}, {"2026-01-01x", false},
        {"", false},           {"2026-01-1 ", false},
    };
    int month;
    int day;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t days;

        check_case(cases[i].text,
                   calendar_parse_day(cases[i].text, &days) == cases[i].good);
    }
    assert_true(calendar_month_day("02-29", &month, &day) && month == 2 && day == 29);
    assert_false(calendar_month_day("02-30", &month, &day));
    assert_false(calendar_month_day("2-03", &month, &day));
}

/* Only who asks for holidays is told that a year is missing. */
static void test_year(void **state)
{
    static const char asking[] =
        "rules = ( { id = \"r\"; class = \"pump\"; title : { en = \"t\"; };\n"
        "  levels = ( { severity = \"minor\"; when = \"run and not workday()\"; } ); } "
        ");\n";
    static const struct {
        const char *name;
        const char *text;
        int64_t year;
        size_t warnings;
    } cases[] = {
        {"nobody asks", "", 2026, 0},
        {"no calendar", asking, 2026, 1},
        {"covered", "calendar : { holidays = (\"2026-10-01\"); };\n", 2026, 0},
        {"over", "calendar : { holidays = (\"2026-10-01\"); };\n", 2027, 1},
        {"not yet", "calendar : { holidays = (\"2026-10-01\"); };\n", 2025, 1},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = mem_format("%s%s", cases[i].text, i > 1 ? asking : "");

        load_site_clean(f, text);
        calendar_check(f->config, cases[i].year, f->report);
        check_case(cases[i].name, config_report_warnings(f->report) == cases[i].warnings);
        mem_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rule_fields), TEST(test_shipped_first),   TEST(test_shipped_misfit),
        TEST(test_test_block),  TEST(test_groups),          TEST(test_virtuals),
        TEST(test_inputs),      TEST(test_power_of_link),   TEST(test_partial),
        TEST(test_country),     TEST(test_unknown_country), TEST(test_days),
        TEST(test_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
