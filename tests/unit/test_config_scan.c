/* test_config_scan.c - the scan and its joining with libconfig: what is accepted, which
 * kinds and places come out. What is refused: test_config_errors.c. */
#include "tests/unit/check.h"

#include "base/mem.h"
#include "config/arena.h"
#include "config/scan.h"
#include "config/tree.h"

#include <stdio.h>

static struct scan *scan_text(const char *text, struct config_report **report)
{
    *report = config_report_new();
    return scan_run(text, strlen(text), config_report_file(*report, "t", text, 0),
                    *report);
}

static void test_places(void **state)
{
    static const char text[] = "# comment\n"
                               "site : {\n"
                               "\tid = \"s\"; /* x */ n = -5;\n"
                               "};\n"
                               "l = ( 1.5, [true, false], \"电b\", { } );\n"
                               "big=0x1FL;\r\n";
    static const struct {
        const char *name;
        enum scan_kind kind;
        uint32_t key_line, key_column;
        uint32_t line, column, length;
        size_t end;
    } want[] = {
        {"site", SCAN_GROUP, 2, 1, 2, 8, 1, 3}, {"id", SCAN_STRING, 3, 2, 3, 7, 3, 2},
        {"n", SCAN_INT, 3, 20, 3, 24, 2, 3},    {"l", SCAN_LIST, 5, 1, 5, 5, 1, 10},
        {"", SCAN_FLOAT, 5, 7, 5, 7, 3, 5},     {"", SCAN_ARRAY, 5, 12, 5, 12, 1, 8},
        {"", SCAN_BOOL, 5, 13, 5, 13, 4, 7},    {"", SCAN_BOOL, 5, 19, 5, 19, 5, 8},
        {"", SCAN_STRING, 5, 27, 5, 27, 6, 9},  {"", SCAN_GROUP, 5, 35, 5, 35, 1, 10},
        {"big", SCAN_INT64, 6, 1, 6, 5, 5, 11},
    };
    struct config_report *report;
    struct scan *scan = scan_text(text, &report);

    (void)state;
    assert_true(scan->ok);
    assert_int_equal(scan->count, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < scan->count; i++) {
        const struct scan_item *item = &scan->items[i];

        assert_int_equal(item->name_length, strlen(want[i].name));
        assert_memory_equal(text + item->name, want[i].name, item->name_length);
        assert_int_equal(item->kind, want[i].kind);
        assert_int_equal(item->key.line, want[i].key_line);
        assert_int_equal(item->key.column, want[i].key_column);
        assert_int_equal(item->value.line, want[i].line);
        assert_int_equal(item->value.column, want[i].column);
        assert_int_equal(item->value.length, want[i].length);
        assert_int_equal(item->end, want[i].end);
    }
    scan_free(scan);
    config_report_free(report);
}

/* All of these are legal; libconfig must read them in the same way. */
static void test_accepted(void **state)
{
    static const char *const texts[] = {
        "",
        "# only a comment without line end",
        "// another",
        "/* a */ /**/ /***/",
        "a = 1",
        "a : 1;",
        "a = { b = 1 }; c = 2;",
        "a = { b = 1; }\nc = 2;",
        "a = ();b = [];c = {};",
        "a = \"\";",
        "a = \"x\\n\\r\\t\\f\\\\\\\"\\x41\";",
        "a = \"one\" # comment\n \"two\" /* c */ \"three\";",
        "a = \"# no comment // neither /* nor this */\";",
        "a = 2147483647; b = -2147483648; c = 0; d = -0; e = +7;",
        "a = 2147483648L; b = -9223372036854775808L; c = 9223372036854775807LL;",
        "a = 0x0; b = 0x7FFFFFFF; c = 0xffffffffL; d = 0XFFFFFFFFFFFFFFFFL;",
        "a = 1.; b = .5; c = -1.5e-3; d = 1e10; e = +0.0; f = 1E+2;",
        "a = TRUE; b = False; c = tRuE;",
        "a-b_c* = 1; *x = 2; trueish = 3;",
        "a = (1, \"x\", 2.5, true, (), {}, [1]);",
        "a = [1, 2]; b = [1.0, 2.0]; c = [\"x\", \"y\"]; d = [1L, 2L]; e = [true];",
        "a = ((((((((((((((((1))))))))))))))));",
        "a\t=\r\n1;\r\n",
        "a = \"\xE7\x94\xB5\xE8\xA1\xA8 \xF0\x9F\x92\xA7\";",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct config_report *report = config_report_new();
        struct arena *arena = arena_new();
        uint32_t file = config_report_file(report, "t", texts[i], strlen(texts[i]));
        const struct node *root =
            tree_parse(texts[i], strlen(texts[i]), file, arena, report);

        check_case(texts[i], root != NULL);
        check_case(texts[i], config_report_errors(report) == 0);
        arena_free(arena);
        config_report_free(report);
    }
}

static const struct node *parse(const char *text, struct arena *arena,
                                struct config_report *report)
{
    uint32_t file = config_report_file(report, "t", text, strlen(text));

    return tree_parse(text, strlen(text), file, arena, report);
}

static void test_values(void **state)
{
    struct config_report *report = config_report_new();
    struct arena *arena = arena_new();
    const struct node *root =
        parse("i = -5; h = 0xFFFFFFFFL; u = 0xFFFFFFFFFFFFFFFFL; m = 2147483648L;\n"
              "f = 1.5e3; t = true; s = \"a\\x41\\n\" \"b\"; l = [1, 2]; e = \"\";\n"
              "g : { x = 1; };",
              arena, report);

    (void)state;
    assert_non_null(root);
    assert_int_equal(root->count, 10);
    assert_int_equal(node_member(root, "i")->integer, -5);
    assert_true(node_member(root, "h")->integer == INT64_C(0xFFFFFFFF));
    assert_true(node_member(root, "u")->integer == -1);
    assert_true(node_member(root, "m")->integer == INT64_C(2147483648));
    assert_true(node_member(root, "f")->number == 1500.0);
    assert_true(node_member(root, "t")->boolean);
    assert_string_equal(node_member(root, "s")->string, "aA\nb");
    assert_string_equal(node_member(root, "e")->string, "");
    assert_int_equal(node_member(root, "l")->kind, NODE_LIST);
    assert_int_equal(node_member(root, "l")->children[1].integer, 2);
    assert_int_equal(node_member(root, "g")->kind, NODE_GROUP);
    assert_null(node_member(root, "x"));
    assert_int_equal(node_member(root, "t")->pos.line, 2);
    assert_int_equal(node_member(root, "t")->pos.column, 16);
    arena_free(arena);
    config_report_free(report);
}

/* A byte of a value back to its place, through escapes and joined texts. */
static void test_locate(void **state)
{
    static const char text[] = "when = \"a\\x41b\" # c \"d\"\n"
                               "       /* \"no\" */ \"cd\\n\"\n"
                               "  \"e\";\n";
    static const struct {
        size_t offset;
        uint32_t line, column;
    } want[] = {
        {0, 1, 9},  {1, 1, 10}, {2, 1, 14}, {3, 2, 20},
        {4, 2, 21}, {5, 2, 22}, {6, 3, 4},  {7, 3, 5}, /* behind the last */
    };
    struct config_report *report = config_report_new();
    uint32_t file = config_report_file(report, "t", text, strlen(text));
    struct config_pos start = {file, 1, 9, 1};

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct config_pos pos = config_report_locate(report, start, want[i].offset);

        assert_int_equal(pos.line, want[i].line);
        assert_int_equal(pos.column, want[i].column);
    }
    config_report_free(report);
}

static void test_error_limit(void **state)
{
    struct text text;
    struct config_report *report;
    struct scan *scan;

    (void)state;
    text_init(&text, 100000);
    for (int i = 0; i < 1000; i++)
        text_add(&text, "a = b;\n");
    scan = scan_text(text.data, &report);
    assert_false(scan->ok);
    assert_int_equal(config_report_errors(report), 101); /* and "more errors" */
    scan_free(scan);
    config_report_free(report);
    text_done(&text);
}

static void test_many_members(void **state)
{
    struct text text;
    struct config_report *report;
    struct scan *scan;

    (void)state;
    text_init(&text, 100000);
    for (int i = 0; i < SCAN_MEMBERS_MAX; i++)
        text_addf(&text, "a%d = 1;\n", i);
    scan = scan_text(text.data, &report);
    assert_true(scan->ok);
    scan_free(scan);
    config_report_free(report);
    text_add(&text, "b = 1; c = 1;\n");
    scan = scan_text(text.data, &report);
    assert_false(scan->ok);
    assert_int_equal(config_report_errors(report), 1); /* said once */
    scan_free(scan);
    config_report_free(report);
    text_done(&text);
}

static void test_many_items(void **state)
{
    struct text text;
    struct config_report *report;
    struct scan *scan;

    (void)state;
    text_init(&text, 16000000);
    text_add(&text, "x = (");
    for (int i = 0; i < SCAN_ITEMS_MAX - 2; i++)
        text_add(&text, "1,");
    text_add(&text, "1");
    text_add(&text, ");");
    scan = scan_text(text.data, &report);
    assert_true(scan->ok);
    scan_free(scan);
    config_report_free(report);
    text_add(&text, "y = 1; z = 2;");
    scan = scan_text(text.data, &report);
    assert_false(scan->ok);
    assert_int_equal(config_report_errors(report), 1);
    scan_free(scan);
    config_report_free(report);
    text_done(&text);
}

/* Every beginning of a good file is handled, whatever it cuts in two. */
static void test_prefixes(void **state)
{
    static const char text[] = "site : { id = \"s\\x41\" \"b\"; }; /* c */ # d\n"
                               "l = ( [1, 2], { a = 1.5e3; }, \"\xE7\x94\xB5\" );\n"
                               "@include \"x\"\n";

    (void)state;
    for (size_t n = 0; n <= strlen(text); n++) {
        char *copy = mem_strndup(text, n);
        struct config_report *report;
        struct scan *scan = scan_text(copy, &report);

        assert_int_equal(scan->ok, config_report_errors(report) == 0);
        scan_free(scan);
        config_report_free(report);
        mem_free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),      cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_values),      cmocka_unit_test(test_locate),
        cmocka_unit_test(test_error_limit), cmocka_unit_test(test_many_members),
        cmocka_unit_test(test_many_items),  cmocka_unit_test(test_prefixes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
