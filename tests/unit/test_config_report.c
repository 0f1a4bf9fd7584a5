/* test_config_report.c - how messages look, their order, and "did you mean". */
#include "tests/unit/check.h"

#include "base/mem.h"
#include "config/report.h"

#include <stdio.h>

enum {
    OUTPUT_MAX = 1024 * 1024, /* bytes of printed messages */
};

static uint32_t add_file(struct config_report *report, const char *path, const char *text)
{
    return config_report_file(report, path, text, strlen(text));
}

static struct config_pos at(uint32_t file, uint32_t line, uint32_t column,
                            uint32_t length)
{
    return (struct config_pos){file, line, column, length};
}

static void check_print(const char *name, const struct config_report *report, bool color,
                        const char *want)
{
    struct text text;

    text_init(&text, OUTPUT_MAX);
    config_report_print(report, color, &text);
    check_text(name, text.data, want);
    text_done(&text);
}

static void test_shape(void **state)
{
    struct config_report *report = config_report_new();
    uint32_t file = add_file(report, "profiles/sdm630.cfg",
                             "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n    pol = \"1m\";\n");

    (void)state;
    config_report_add(
        report, REPORT_ERROR, "E104", at(file, 17, 5, 3), "did you mean \"poll\"?",
        "unknown key \"%s\" in a point of profile \"%s\"", "pol", "eastron-sdm630");
    check_print("as in report.h", report, false,
                "error[E104]: unknown key \"pol\" in a point of profile "
                "\"eastron-sdm630\"\n"
                "  --> profiles/sdm630.cfg:17:5\n"
                "   |\n"
                "17 |     pol = \"1m\";\n"
                "   |     ^^^ did you mean \"poll\"?\n");
    config_report_free(report);
}

/* Lines of which the caret line must fit the excerpt, whatever is in front. */
static void test_carets(void **state)
{
    static const struct {
        const char *name, *line;
        uint32_t column, length;
        const char *excerpt, *carets;
    } cases[] = {
        {"first column", "abc = 1;", 1, 3, "abc = 1;", "^^^"},
        {"tabs stay", "\tx\ty = 1;", 4, 1, "\tx\ty = 1;", "\t \t^"},
        {"Chinese is wide", "n = \"电表\"; x = 1;", 15, 1, "n = \"电表\"; x = 1;",
         "            ^"},
        {"Chinese underlined", "n = \"电表\";", 6, 6, "n = \"电表\";", "     ^^^^"},
        {"accents are narrow", "n = \"é\"; x", 11, 1, "n = \"é\"; x", "         ^"},
        {"combining marks have no width", "e\xCC\x81x", 4, 1, "e\xCC\x81x", " ^"},
        {"behind the end", "abc", 9, 1, "abc", "   ^"},
        {"longer than the line", "abc", 2, 50, "abc", " ^^"},
        {"carriage return", "abc\r", 2, 1, "abc", " ^"},
        {"controls are harmless", "a\x1B[31mb", 7, 1, "a?[31mb", "      ^"},
        {"broken UTF-8",
         "a\xFF"
         "b",
         3, 1, "a?b", "  ^"},
        {"C1 controls",
         "a\xC2\x9B"
         "b",
         4, 1, "a?b", "  ^"},
        {"length 0", "abc", 2, 0, "abc", " ^"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config_report *report = config_report_new();
        uint32_t file = add_file(report, "f", cases[i].line);
        char *want = mem_format("error[E001]: m\n  --> f:1:%u\n  |\n1 | %s\n  | %s\n",
                                cases[i].column, cases[i].excerpt, cases[i].carets);

        config_report_add(report, REPORT_ERROR, "E001",
                          at(file, 1, cases[i].column, cases[i].length), NULL, "m");
        check_print(cases[i].name, report, false, want);
        mem_free(want);
        config_report_free(report);
    }
}

static void test_long_line(void **state)
{
    struct config_report *report = config_report_new();
    char line[2001];
    struct text text;
    uint32_t file;

    (void)state;
    memset(line, 'x', 2000);
    memcpy(line + 1000, "HERE", 4);
    line[2000] = '\0';
    file = add_file(report, "f", line);
    config_report_add(report, REPORT_ERROR, "E001", at(file, 1, 1001, 4), NULL, "m");
    text_init(&text, OUTPUT_MAX);
    config_report_print(report, false, &text);
    assert_true(text.length < 600);
    assert_non_null(strstr(text.data, "1 | ...xxxx"));
    assert_non_null(strstr(text.data, "xxxx...\n"));
    /* The carets stand below the word. */
    {
        const char *word = strstr(text.data, "HERE");
        const char *carets = strstr(text.data, "^^^^");
        const char *word_line = strstr(text.data, "\n1 | ");
        const char *caret_line = strrchr(text.data, '|');

        assert_non_null(word);
        assert_non_null(carets);
        assert_int_equal(word - (word_line + 3), carets - caret_line);
    }
    text_done(&text);
    config_report_free(report);
}

static void test_order(void **state)
{
    struct config_report *report = config_report_new();
    uint32_t a = add_file(report, "a", "1\n2\n");
    uint32_t b = add_file(report, "b", "1\n");
    static const char *const want[] = {"a:1:1", "a:2:1", "a:2:2", "b:1:1", "a:1:2"};
    struct text text;
    const char *found;

    (void)state;
    config_report_add(report, REPORT_WARNING, "W101", at(a, 1, 2, 1), NULL, "warning");
    config_report_add(report, REPORT_ERROR, "E001", at(b, 1, 1, 1), NULL, "four");
    config_report_add(report, REPORT_ERROR, "E001", at(a, 2, 2, 1), NULL, "three");
    config_report_add(report, REPORT_ERROR, "E001", at(a, 1, 1, 1), NULL, "one");
    config_report_add(report, REPORT_ERROR, "E001", at(a, 2, 1, 1), NULL, "two");
    assert_int_equal(config_report_errors(report), 4);
    assert_int_equal(config_report_warnings(report), 1);
    assert_string_equal(config_report_path(report, b), "b");
    assert_string_equal(config_report_path(report, 7), "");
    text_init(&text, OUTPUT_MAX);
    config_report_print(report, false, &text);
    found = text.data;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        found = strstr(found, want[i]);
        check_case(want[i], found != NULL);
    }
    text_done(&text);
    config_report_free(report);
}

static void test_and_more(void **state)
{
    struct config_report *report = config_report_new();
    uint32_t file = add_file(report, "f", "x\n");
    struct text text;
    size_t shown = 0;

    (void)state;
    for (int i = 0; i < REPORT_KEPT_MAX + 500; i++)
        config_report_add(report, REPORT_ERROR, "E001", at(file, 1, 1, 1), NULL, "m%d",
                          i);
    text_init(&text, OUTPUT_MAX);
    config_report_print(report, false, &text);
    for (const char *s = text.data; (s = strstr(s, "error[")) != NULL; s++)
        shown++;
    assert_int_equal(shown, REPORT_SHOWN_MAX);
    assert_non_null(strstr(text.data, "and 1480 more\n"));
    assert_int_equal(config_report_errors(report), 1500);
    text_done(&text);
    config_report_free(report);
}

static void test_nowhere(void **state)
{
    struct config_report *report = config_report_new();

    (void)state;
    config_report_add(report, REPORT_ERROR, "E701", at(UINT32_MAX, 0, 0, 0), "a way out",
                      "open 'x': No such file");
    check_print("no place", report, false,
                "error[E701]: open 'x': No such file\n   = a way out\n");
    config_report_free(report);
}

static void test_colors(void **state)
{
    struct config_report *report = config_report_new();
    uint32_t file = add_file(report, "f", "x");

    (void)state;
    config_report_add(report, REPORT_WARNING, "W101", at(file, 1, 1, 1), "h", "m");
    check_print("colours", report, true,
                "\033[1;33mwarning[W101]\033[0m\033[1m: m\033[0m\n"
                "\033[1;34m  -->\033[0m f:1:1\n"
                "\033[1;34m  |\033[0m\n"
                "\033[1;34m1 |\033[0m x\n"
                "\033[1;34m  |\033[0m \033[1;33m^ h\033[0m\n");
    config_report_free(report);
}

static void test_json(void **state)
{
    struct config_report *report = config_report_new();
    uint32_t file = add_file(report, "a \"b\"", "x");
    struct text text;

    (void)state;
    config_report_add(report, REPORT_WARNING, "W101", at(file, 1, 1, 1), NULL, "w");
    config_report_add(report, REPORT_ERROR, "E104", at(file, 3, 4, 1), "h\n", "m \"x\"");
    text_init(&text, OUTPUT_MAX);
    config_report_json(report, &text);
    assert_string_equal(
        text.data,
        "[{\"severity\":\"error\",\"code\":\"E104\",\"file\":\"a \\\"b\\\"\",\"line\":3,"
        "\"column\":4,\"message\":\"m \\\"x\\\"\",\"hint\":\"h\\n\"},"
        "{\"severity\":\"warning\",\"code\":\"W101\",\"file\":\"a \\\"b\\\"\",\"line\":1,"
        "\"column\":1,\"message\":\"w\",\"hint\":null}]");
    text_done(&text);
    config_report_free(report);
}

/* A message longer than its bound ends with a whole character. */
static void test_cut(void **state)
{
    struct config_report *report = config_report_new();
    char name[601];
    struct text text;

    (void)state;
    for (int i = 0; i < 600; i += 3)
        memcpy(name + i, "\xE7\x94\xB5", 3);
    name[600] = '\0';
    for (int lead = 0; lead < 3; lead++)
        config_report_add(report, REPORT_ERROR, "E001", at(UINT32_MAX, 0, 0, 0), NULL,
                          "%.*s%s", lead, "xx", name);
    text_init(&text, OUTPUT_MAX);
    config_report_print(report, false, &text);
    assert_null(strchr(text.data, '?'));
    text_done(&text);
    config_report_free(report);
}

static void test_nearest(void **state)
{
    static const char *const words[] = {"poll",  "baud",      "profile", "timeout",
                                        "qos",   "unit",      "scale",   "stale_after",
                                        "range", "registers", "on",      "off"};
    static const struct {
        const char *word, *want;
    } cases[] = {
        {"pol", "poll"},
        {"polll", "poll"},
        {"plol", "poll"},
        {"Poll", "poll"},
        {"buad", "baud"},
        {"proflie", "profile"},
        {"porfile", "profile"},
        {"time_out", "timeout"},
        {"timeot", "timeout"},
        {"stale", "scale"},
        {"staleafter", "stale_after"},
        {"qso", "qos"},
        {"register", "registers"},
        {"of", "on"},
        {"zigzag", NULL},
        {"", NULL},
        {"x", NULL},
        {"interval", NULL},
        {"ab", NULL},
        {"unti", "unit"},
    };
    char longest[100];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got =
            config_nearest(cases[i].word, words, sizeof words / sizeof words[0]);

        check_text(cases[i].word, got == NULL ? "(none)" : got,
                   cases[i].want == NULL ? "(none)" : cases[i].want);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(config_nearest(longest, words, sizeof words / sizeof words[0]));
    assert_null(config_nearest("poll", words, 0));
}

static bool is_first_line(void *context, const char *code, struct config_pos pos)
{
    (void)context;
    (void)code;
    return pos.line == 1;
}

/* Notes are kept by those who want them, stand last, and are counted by themselves. */
static void test_notes(void **state)
{
    struct config_report *report = config_report_new();
    uint32_t file = add_file(report, "a.cfg", "x\ny\n");

    (void)state;
    config_report_add(report, REPORT_NOTE, "N301", at(file, 1, 1, 1), NULL, "dropped");
    assert_int_equal(config_report_notes(report), 0);
    config_report_want_notes(report);
    config_report_add(report, REPORT_NOTE, "N301", at(file, 1, 1, 1), NULL, "a note");
    config_report_add(report, REPORT_WARNING, "W101", at(file, 2, 1, 1), NULL,
                      "a warning");
    assert_int_equal(config_report_notes(report), 1);
    assert_int_equal(config_report_warnings(report), 1);
    assert_int_equal(config_report_errors(report), 0);
    check_print("notes last", report, false,
                "warning[W101]: a warning\n  --> a.cfg:2:1\n  |\n2 | y\n  | ^\n"
                "note[N301]: a note\n  --> a.cfg:1:1\n  |\n1 | x\n  | ^\n");
    config_report_retain(report, is_first_line, NULL);
    assert_int_equal(config_report_notes(report), 1);
    assert_int_equal(config_report_warnings(report), 0);
    check_print("only the first line", report, false,
                "note[N301]: a note\n  --> a.cfg:1:1\n  |\n1 | x\n  | ^\n");
    config_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes),   cmocka_unit_test(test_shape),
        cmocka_unit_test(test_carets),  cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_order),   cmocka_unit_test(test_and_more),
        cmocka_unit_test(test_nowhere), cmocka_unit_test(test_colors),
        cmocka_unit_test(test_json),    cmocka_unit_test(test_cut),
        cmocka_unit_test(test_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
