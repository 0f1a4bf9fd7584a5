/* test_lint.c - what is said about rules that compile, and what is not. */
#include "tests/unit/check.h"

#include "base/mem.h"
#include "config/load.h"
#include "config/report_internal.h"
#include "rules/lint.h"
#include "rules/satisfy.h"

#include <stdio.h>
#include <string.h>

enum {
    TEXT_MAX = 64 * 1024,
};

/* clang-format off */
/* Two tanks that are polled, one of which has another limit, and one on a broker. */
static const char site[] =
    "site : { id = \"s\"; };\n"
    "links = ( { id = \"l\"; modbus = \"tcp://h\"; }, { id = \"m\"; mqtt = \"mqtt://h\"; } );\n"
    "profiles = (\n"
    "  { id = \"p\"; class = \"tank\"; poll = \"10s\"; points = (\n"
    "    { name = \"level\"; unit = \"%\"; input = 0; range = (0.0, 100.0); },\n"
    "    { name = \"flow\"; unit = \"m3/h\"; input = 1; type = \"f32\"; },\n"
    "    { name = \"inflow\"; unit = \"m3/h\"; input = 3; type = \"f32\"; range = (0.0, 50.0); },\n"
    "    { name = \"volume\"; unit = \"m3\"; input = 5; type = \"u32\"; counter = true; },\n"
    "    { name = \"mode\"; input = 7; enum = ((0, \"auto\"), (1, \"hand\"), (2, \"off\")); },\n"
    "    { name = \"open\"; coil = 0; }, { name = \"shut\"; coil = 1; } ); },\n"
    "  { id = \"q\"; class = \"valve\"; expect_every = \"4h\"; points = (\n"
    "    { name = \"open\"; path = \"o\"; } ); } );\n"
    "equipment = (\n"
    "  { id = \"t1\"; profile = \"p\"; link = \"l\"; unit = 1; },\n"
    "  { id = \"t2\"; profile = \"p\"; link = \"l\"; unit = 2; params : { high = 130; }; },\n"
    "  { id = \"v1\"; profile = \"q\"; link = \"m\"; topic = \"v1\"; } );\n";
/* clang-format on */

/* What the configuration itself says is not looked at here. */
static bool drop(void *context, const char *code, struct config_pos pos)
{
    (void)context;
    (void)code;
    (void)pos;
    return false;
}

static struct config *load(const char *rules, struct config_report *report)
{
    char *text = mem_format("%s%s", site, rules);
    struct config *config;

    config_report_want_notes(report);
    config = config_load_text("case.cfg", text, strlen(text), report);
    mem_free(text);
    if (config == NULL) {
        struct text out;

        text_init(&out, TEXT_MAX);
        config_report_print(report, false, &out);
        print_message("%s", out.data);
        text_done(&out);
    }
    assert_non_null(config);
    config_report_retain(report, drop, NULL);
    return config;
}

/* The codes of all findings, but that there is no test. */
static void codes_of(const struct config_report *report, struct text *out)
{
    const struct report_message **sorted = report_sorted(report);

    for (size_t i = 0; i < report->count; i++)
        if (strcmp(sorted[i]->code, "N301") != 0)
            text_addf(out, "%s ", sorted[i]->code);
    mem_free(sorted);
}

static void lint_of(const char *name, const char *rules, const struct lint_wish *wish,
                    const char *want)
{
    struct config_report *report = config_report_new();
    struct config *config = load(rules, report);
    struct text codes;

    lint_rules(config, wish, report);
    text_init(&codes, TEXT_MAX);
    codes_of(report, &codes);
    check_text(name, codes.data, want);
    text_done(&codes);
    config_free(config);
    config_report_free(report);
}

static void test_findings(void **state)
{
    static const struct {
        const char *name;
        const char *rule; /* behind class and title */
        const char *want;
    } cases[] = {
        /* never and always */
        {"beyond its range", "when = \"level > 120\"; clear = \"level < 90\";", "W310 "},
        {"at the end of its range", "when = \"level >= 100\"; clear = \"level < 90\";",
         ""},
        {"beyond the end", "when = \"level > 100\"; clear = \"level < 90\";", "W310 "},
        {"below zero", "when = \"avg(level, 5m) < 0\"; clear = \"level > 5\";", "W310 "},
        {"always within", "when = \"level >= 0\"; clear = \"flow > 5\";", "W311 "},
        {"no range", "when = \"flow > 1e9\"; clear = \"flow < 1e8\";", ""},
        {"twice the range", "when = \"2 * level > 150\"; clear = \"2 * level < 140\";",
         ""},
        {"more than twice", "when = \"2 * level > 250\"; clear = \"2 * level < 140\";",
         "W310 "},
        {"a share of it", "when = \"level / 2 > 60\"; clear = \"level < 50\";", "W310 "},
        {"difference", "when = \"level - 1 * inflow > 101\"; clear = \"inflow < 5\";",
         "W310 "},
        {"range of a window",
         "when = \"max(level, 5m) - min(level, 5m) > 101\"; clear = \"level < 50\";",
         "W310 "},
        {"change in a window",
         "when = \"delta(level, 5m) > 101\"; clear = \"level < 50\";", "W310 "},
        {"greatest of several",
         "when = \"maxof(level, 2 * inflow) > 100\"; clear = \"level < 5\";", "W310 "},
        {"count below zero", "when = \"rises(open, 1h) < 0\"; clear = \"open\";",
         "W310 "},
        {"on one equipment only",
         "when = \"level > $high\"; clear = \"level < 50\"; "
         "params : { high = 90; };",
         "W310 "},
        {"both sides", "when = \"level > 60 and level < 50\"; clear = \"level < 5\";",
         "W310 "},
        {"meet in a point",
         "when = \"level >= 60 and level <= 60\"; clear = \"level < 5\";", ""},
        {"do not meet", "when = \"level > 60 and level <= 60\"; clear = \"level < 5\";",
         "W310 "},
        {"the point is excluded",
         "when = \"flow == 5 and flow != 5\"; clear = \"flow < 5\";", "W310 "},
        {"either side", "when = \"level > 60 or level < 70\"; clear = \"open\";",
         "W311 "},
        {"a gap",
         "when = \"level > 70 or level < 60\"; clear = \"level > 62 and level < 68\";",
         ""},
        {"on and off",
         "when = \"open and (level > 5 or shut) and not open\"; clear = \"shut\";",
         "W310 "},
        {"in a branch", "when = \"open and (not open or shut)\"; clear = \"not open\";",
         ""},
        {"false", "when = \"open and false\"; clear = \"not open\";", "W310 "},
        {"unknown", "when = \"open and unknown\"; clear = \"not open\";", "W310 "},
        {"held is open", "when = \"held(open, 1m) and not open\"; clear = \"shut\";",
         "W310 "},
        {"two modes", "when = \"mode == 'auto' and mode == 'hand'\";", "W310 "},
        {"not both modes", "when = \"mode != 'auto' or mode != 'hand'\";", "W311 "},
        {"no mode that has a name",
         "when = \"mode != 'auto' and mode != 'hand' and mode != 'off'\";", ""},
        {"one mode is left", "when = \"mode != 'auto' and mode != 'hand'\";", ""},
        {"two terms", "when = \"flow > inflow and flow < inflow\"; clear = \"open\";",
         "W310 "},
        {"two terms apart",
         "when = \"flow > inflow and open\"; clear = \"flow < inflow - 1\";", ""},
        /* off until somebody knows */
        {"off",
         "when = \"$rated > 0 and flow > 2 * $rated\"; clear = \"flow < $rated\"; "
         "params : { rated = 0; };",
         "N304 "},
        /* clear */
        {"measured, no clear", "when = \"level > 50 and avg(flow, 5m) > 3\";", "W313 "},
        {"counted, no clear", "when = \"rises(open, 1h) > 3\";", ""},
        {"true or not, no clear", "when = \"open and mode == 'auto'\";", ""},
        {"deadband", "when = \"flow > 3\"; deadband = 1.0;", ""},
        {"deadband over the range", "when = \"inflow > 3\"; deadband = 5.0;", "W314 "},
        {"clear out of reach", "when = \"inflow > 3\"; clear = \"inflow < 0\";", "W314 "},
        {"clear above when", "when = \"flow > 3\"; clear = \"flow < 4\";", "W315 "},
        {"clear at the limit", "when = \"flow >= 3\"; clear = \"flow <= 3\";", "W315 "},
        {"clear below", "when = \"flow > 3\"; clear = \"flow < 2\";", ""},
        {"another term", "when = \"flow > 3\"; clear = \"avg(flow, 5m) < 4\";", ""},
        {"one part of two",
         "when = \"flow > 3 and open\"; clear = \"flow < 5 or not open\";", "W315 "},
        {"the other part ends it", "when = \"flow > 3 and open\"; clear = \"not open\";",
         ""},
        {"of a parameter",
         "when = \"flow > $x\"; clear = \"flow < 1.2 * $x\"; params : { x = 5; };",
         "W315 "},
        {"levels",
         "levels = ( { severity = \"minor\"; when = \"flow > 3\"; }, { severity = "
         "\"serious\"; when = \"flow > 8\"; } ); clear = \"flow < 4\";",
         "W315 "},
        {"levels without",
         "levels = ( { severity = \"minor\"; when = \"flow > 3\"; }, { severity "
         "= \"serious\"; when = \"open\"; } );",
         "W313 "},
        {"a level out of reach",
         "levels = ( { severity = \"minor\"; when = \"level > 90\"; }, { "
         "severity = \"serious\"; when = \"level > 110\"; } ); clear = \"level < 80\";",
         "W310 "},
        /* delays */
        {"for below a poll", "when = \"open\"; for = \"5s\";", "W312 "},
        {"for of a poll", "when = \"open\"; for = \"10s\";", ""},
        {"clear_for below", "when = \"open\"; clear_for = \"9s\";", "W312 "},
        {"of the link", "when = \"not online\"; for = \"1s\";", ""},
    };
    static const struct lint_wish own = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *rules =
            mem_format("rules = ( { id = \"r\"; class = \"tank\"; title : { en = "
                       "\"t\"; }; %s } );\n",
                       cases[i].rule);

        lint_of(cases[i].name, rules, &own, cases[i].want);
        mem_free(rules);
    }
}

#define TITLE "title : { en = \"t\"; zh = \"t\"; }; "

/* What is pointed at, and for whom. */
static void test_places(void **state)
{
    struct config_report *report = config_report_new();
    struct config *config = load("rules = ( { id = \"r\"; class = \"tank\"; " TITLE
                                 "params : { high = 90; };\n"
                                 "when = \"open and \"\n"
                                 "  \"level > $high\"; clear = \"level < 50\"; } );\n",
                                 report);
    static const struct lint_wish own = {0};
    const struct report_message *message;

    (void)state;
    lint_rules(config, &own, report);
    assert_int_equal(report->count, 2); /* the other: no test */
    message = &report->messages[0];
    assert_string_equal(message->code, "W310");
    assert_string_equal(message->text, "rule \"r\", when: this can never be true");
    assert_non_null(strstr(message->hint, "tank \"t2\""));
    assert_int_equal(message->pos.column, 4);
    assert_int_equal(message->pos.length, strlen("level > $high"));
    assert_string_equal(report->messages[1].text, "1 rule without a test: \"r\"");
    assert_int_equal(config_report_notes(report), 1);
    config_free(config);
    config_report_free(report);
}

/* A device that sends by itself may do so at any time. */
static void test_sent(void **state)
{
    static const struct lint_wish own = {0};

    (void)state;
    lint_of("sent",
            "rules = ( { id = \"r\"; class = \"valve\"; " TITLE
            "when = \"open\"; for = \"10s\"; } );\n",
            &own, "");
}

/* Without equipment of its class a rule is judged as far as that goes. */
static void test_nobody(void **state)
{
    static const struct lint_wish own = {0};

    (void)state;
    lint_of("nobody",
            "rules = ( { id = \"r\"; class = \"pump\"; " TITLE
            "when = \"speed > 3 and speed < 2\"; } );\n",
            &own, "W310 ");
    lint_of("nobody, range not known",
            "rules = ( { id = \"r\"; class = \"pump\"; " TITLE
            "when = \"speed > 300\"; clear = \"speed < 250\"; } );\n",
            &own, "");
}

static void test_wish(void **state)
{
    static const char *const ids[] = {"b"};
    static const struct lint_wish own = {0};
    static const struct lint_wish one = {.ids = ids, .id_count = 1};
    static const char rules[] =
        "rules = ( { id = \"a\"; class = \"tank\"; " TITLE "when = \"flow > 3\"; },\n"
        "  { id = \"b\"; class = \"tank\"; " TITLE "when = \"open and not open\"; } );\n";

    (void)state;
    lint_of("all", rules, &own, "W313 W310 ");
    lint_of("one", rules, &one, "W310 ");
}

static void test_suppress(void **state)
{
    static const struct lint_wish own = {0};
    static const char rule[] =
        "rules = ( { id = \"a\"; class = \"tank\"; " TITLE "when = \"open\"; } );\n"
        "suppress = ( { by = \"a\"; via = \"%s\"; targets = (\"a\"); } );\n";
    static const struct {
        const char *via;
        const char *want;
    } cases[] = {{"self", ""}, {"link", ""}, {"feeder", "N303 "}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[400];

        (void)snprintf(text, sizeof text, rule, cases[i].via);
        lint_of(cases[i].via, text, &own, cases[i].want);
    }
}

/* One in twenty may be serious; of few rules a share says nothing. */
static void test_serious(void **state)
{
    static const struct lint_wish own = {0};
    struct text text;

    (void)state;
    for (size_t rules = 19; rules <= 40; rules += 7) { /* 19, 26, 33, 40 */
        text_init(&text, TEXT_MAX);
        text_add(&text, "rules = (");
        for (size_t i = 0; i < rules; i++)
            text_addf(&text,
                      "%s{ id = \"r%zu\"; class = \"tank\"; " TITLE
                      "when = \"open\"; severity = \"%s\"; }",
                      i == 0 ? "" : ",\n", i, i < 2 ? "serious" : "minor");
        text_add(&text, ");\n");
        lint_of("share", text.data, &own, rules == 26 || rules == 33 ? "N302 " : "");
        text_done(&text);
    }
}

/* A rule with a test is not told to have none. */
static void test_tested(void **state)
{
    struct config_report *report = config_report_new();
    struct config *config =
        load("rules = ( { id = \"r\"; class = \"tank\"; " TITLE "when = \"open\"; } );\n"
             "tests = ( { rule = \"r\"; points : { open = \"true\"; };\n"
             "  expect = ( { at = \"1s\"; state = \"active\"; } ); } );\n",
             report);
    static const struct lint_wish own = {0};

    (void)state;
    lint_rules(config, &own, report);
    assert_int_equal(report->count, 0);
    config_free(config);
    config_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings), cmocka_unit_test(test_places),
        cmocka_unit_test(test_sent),     cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_wish),     cmocka_unit_test(test_suppress),
        cmocka_unit_test(test_serious),  cmocka_unit_test(test_tested),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
