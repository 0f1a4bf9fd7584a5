/* test_config_schema.c - rows: quantities, defaults, bounds, types, and the reference
 * that is printed from them. */
#include "tests/unit/check.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/codes.h"
#include "config/config.h"
#include "config/report_internal.h"
#include "config/schema.h"
#include "config/units.h"
#include "config/url.h"

#include <stdio.h>

enum {
    DOCUMENT_MAX = 1024 * 1024, /* bytes of the reference */
};

/* ---- quantities ---- */

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: malformed */
    } cases[] = {
        {"500ms", 500},
        {"30s", 30000},
        {"15m", 900000},
        {"2h", 7200000},
        {"7d", 604800000},
        {"1h30m", 5400000},
        {"1w", 604800000},
        {"1d2h3m4s5ms", 93784005},
        {"0s", 0},
        {"90s", 90000},
        {"36525d", INT64_C(3155760000000)},
        {"", -1},
        {"5", -1},
        {"s", -1},
        {"5 s", -1},
        {" 5s", -1},
        {"5s ", -1},
        {"-5s", -1},
        {"1.5s", -1},
        {"5sec", -1},
        {"5S", -1},
        {"1m1h", -1},
        {"1m1m", -1},
        {"36526d", -1},
        {"36525d1s", -1},
        {"9999999999999999s", -1},
        {"5s5", -1},
        {"5µs", -1},
        {"99999999999999w", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;
        bool ok = units_duration(cases[i].text, &ms);

        check_case(cases[i].text, ok == (cases[i].ms >= 0));
        check_case(cases[i].text, ms == cases[i].ms); /* untouched on failure */
    }
}

static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {
        {"1B", 1},
        {"10kB", 10000},
        {"64MiB", 67108864},
        {"1GiB", 1 << 30},
        {"2TB", 2000000000000},
        {"1000TiB", INT64_C(1000) << 40},
        {"1KiB", 1024},
        {"0B", 0},
        {"3MB", 3000000},
        {"4GB", 4000000000},
        {"1001TiB", -1},
        {"10", -1},
        {"10KB", -1},
        {"10k", -1},
        {"1GiB1B", -1},
        {"GiB", -1},
        {"", -1},
        {"-1B", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t bytes = -1;
        bool ok = units_size(cases[i].text, &bytes);

        check_case(cases[i].text, ok == (cases[i].bytes >= 0));
        check_case(cases[i].text, bytes == cases[i].bytes);
    }
}

static void test_formats(void **state)
{
    static const char *const durations[] = {"500ms", "30s",    "15m",    "2h",
                                            "7d",    "1h30m",  "1d1ms",  "0s",
                                            "400d",  "36525d", "1s500ms"};
    static const char *const sizes[] = {"1B",   "1KiB", "64MiB", "1GiB",
                                        "10kB", "0B",   "3MB"};
    char out[UNITS_SIZE];
    int64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        assert_true(units_duration(durations[i], &value));
        check_text(durations[i], units_format_duration(value, out), durations[i]);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_true(units_size(sizes[i], &value));
        check_text(sizes[i], units_format_size(value, out), sizes[i]);
    }
}

/* ---- addresses ---- */

static const struct {
    const char *text, *host, *path;
    int scheme; /* -1: malformed */
    uint16_t port;
} urls[] = {
    {"tcp://10.0.0.1", "10.0.0.1", "", URL_TCP, 502},
    {"tcp://10.0.0.1:1502/", "10.0.0.1", "", URL_TCP, 1502},
    {"tcp://[fe80::1]", "fe80::1", "", URL_TCP, 502},
    {"tcp://[::1]:503", "::1", "", URL_TCP, 503},
    {"rtu:///dev/ttyUSB0", "", "/dev/ttyUSB0", URL_RTU, 0},
    {"rtu:///dev/serial/by-path/pci-0:1#2", "", "/dev/serial/by-path/pci-0:1#2", URL_RTU,
     0},
    {"rtu+tcp://h:4001", "h", "", URL_RTU_TCP, 4001},
    {"mqtt://broker", "broker", "", URL_MQTT, 1883},
    {"mqtts://mqtt.example:8884", "mqtt.example", "", URL_MQTTS, 8884},
    {"http://h", "h", "", URL_HTTP, 80},
    {"https://h/api/x", "h", "/api/x", URL_HTTPS, 443},
    {"https://h_x-1.example:1/", "h_x-1.example", "", URL_HTTPS, 1},
    {"", "", "", -1, 0},
    {"tcp://", "", "", -1, 0},
    {"tcp:/h", "", "", -1, 0},
    {"TCP://h", "", "", -1, 0},
    {"tcp://h:", "", "", -1, 0},
    {"tcp://h:65536", "", "", -1, 0},
    {"tcp://h:1x", "", "", -1, 0},
    {"tcp://[::1", "", "", -1, 0},
    {"tcp://[x]", "", "", -1, 0},
    {"tcp://::1", "", "", -1, 0},
    {"tcp://1.2.3", "", "", -1, 0},
    {"tcp://a..b", "", "", -1, 0},
    {"tcp://ä", "", "", -1, 0},
    {"rtu://dev/ttyS0", "", "", -1, 0},
    {"rtu+tcp://h", "", "", -1, 0},
    {"mqtt://u:p@h", "", "", -1, 0},
    {"mqtt://h/topic", "", "", -1, 0},
    {"http://h?x=1", "", "", -1, 0},
    {"ftp://h", "", "", -1, 0},
};

static void check_url(const char *text, const struct config_url *url, size_t i)
{
    check_case(text, (int)url->scheme == urls[i].scheme);
    check_text(text, url->host, urls[i].host);
    check_text(text, url->path, urls[i].path);
    check_case(text, url->port == urls[i].port);
}

static void test_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        const char *text = urls[i].text;
        struct config_url url = {0};
        struct err err = {0};
        bool ok = config_url_parse(text, &url, &err) == 0;

        check_case(text, ok == (urls[i].scheme >= 0));
        check_case(text, ok || (err.kind == ERR_CONFIG && err.text[0] != '\0'));
        if (ok)
            check_url(text, &url, i);
    }
}

/* ---- rows ---- */

enum fruit {
    FRUIT_APPLE,
    FRUIT_PEAR,
};

static const struct schema_word fruit_words[] = {
    {"apple", FRUIT_APPLE}, {"pear", FRUIT_PEAR}, {NULL, 0}};

struct sample_settings {
    const char *name;
    const char *word;
    enum fruit fruit;
    int64_t count;
    int64_t optional;
    double ratio;
    bool flag;
    int64_t wait_ms;
    int64_t room_bytes;
    struct expr_settings rule;
};

#define S struct sample_settings

static const struct schema_row sample_rows[] = {
    CONFIG_STRING(S, name, "name", CONFIG_REQUIRED, "A name."),
    CONFIG_WORD(S, word, "word", "pear", fruit_words, "A word."),
    CONFIG_CHOICE(S, fruit, "fruit", "pear", fruit_words, "A choice."),
    CONFIG_INT(S, count, "count", "7", 1, 10, "A count."),
    CONFIG_INT(S, optional, "optional", CONFIG_OPTIONAL, 1, 10, "Perhaps."),
    CONFIG_DOUBLE(S, ratio, "ratio", "0.5", 0, 1, "A share."),
    CONFIG_BOOL(S, flag, "flag", "true", "A flag."),
    CONFIG_DURATION(S, wait_ms, "wait", "1s", 100, CONFIG_MIN, "A time."),
    CONFIG_SIZE(S, room_bytes, "room", "1MiB", 1024, 1e9, "A size."),
    CONFIG_EXPR(S, rule, "rule", CONFIG_OPTIONAL, "An expression."),
    CONFIG_REFUSED("colour", "there are no colours"),
    CONFIG_END,
};

static const struct schema_section sample_section = {
    .name = "sample", .path = "samples", .id_key = "name", .rows = sample_rows};

struct rig {
    struct reader reader;
    struct config_report *report;
};

static struct rig rig_new(void)
{
    struct rig rig = {.report = config_report_new()};

    rig.reader = (struct reader){.report = rig.report, .arena = arena_new()};
    return rig;
}

static void rig_free(struct rig *rig)
{
    arena_free(rig->reader.arena);
    config_report_free(rig->report);
}

static bool rig_read(struct rig *rig, const char *text, S *settings)
{
    uint32_t file = config_report_file(rig->report, "t", text, strlen(text));
    const struct node *root =
        tree_parse(text, strlen(text), file, rig->reader.arena, rig->report);

    assert_non_null(root);
    return schema_read(&rig->reader, &sample_section, NULL, root, settings);
}

static void test_defaults(void **state)
{
    struct rig rig = rig_new();
    S s = {.optional = -1};

    (void)state;
    assert_true(rig_read(&rig, "name = \"n\";", &s));
    assert_string_equal(s.name, "n");
    assert_string_equal(s.word, "pear");
    assert_int_equal(s.fruit, FRUIT_PEAR);
    assert_int_equal(s.count, 7);
    assert_int_equal(s.optional, -1); /* what it was before */
    assert_true(s.ratio == 0.5);
    assert_true(s.flag);
    assert_int_equal(s.wait_ms, 1000);
    assert_int_equal(s.room_bytes, 1 << 20);
    assert_string_equal(s.rule.text, "");
    rig_free(&rig);
}

static void test_given(void **state)
{
    struct rig rig = rig_new();
    S s = {0};

    (void)state;
    assert_true(rig_read(&rig,
                         "name = \"a\" \"b\"; word = \"apple\"; fruit = \"apple\";\n"
                         "count = 10; optional = 3; ratio = 1; flag = false;\n"
                         "wait = \"1m\"; room = \"10kB\";\n"
                         "rule = \"x > 1\";",
                         &s));
    assert_string_equal(s.name, "ab");
    assert_string_equal(s.word, "apple");
    assert_int_equal(s.fruit, FRUIT_APPLE);
    assert_int_equal(s.count, 10);
    assert_int_equal(s.optional, 3);
    assert_true(s.ratio == 1.0);
    assert_false(s.flag);
    assert_int_equal(s.wait_ms, 60000);
    assert_int_equal(s.room_bytes, 10000);
    assert_string_equal(s.rule.text, "x > 1");
    assert_int_equal(s.rule.pos.line, 4);
    assert_int_equal(s.rule.pos.column, 9); /* behind the quote */
    assert_int_equal(s.rule.pos.length, 5);
    rig_free(&rig);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text, *code, *message, *hint;
    } cases[] = {
        {"optional = 5;", "E103", "\"name\" is missing in sample", NULL},
        {"name = \"n\"; cuont = 5;", "E104", "unknown key \"cuont\" in sample \"n\"",
         "did you mean \"count\"?"},
        {"nam = \"n\";", "E104", "unknown key \"nam\" in sample",
         "did you mean \"name\"?"},
        {"name = \"n\"; colour = 5;", "E104", "unknown key \"colour\" in sample \"n\"",
         "there are no colours"},
        {"name = \"n\"; colou = 5;", "E104", "unknown key \"colou\" in sample \"n\"",
         NULL},
        {"name = \"n\"; count = \"5\";", "E101",
         "\"count\" of sample \"n\" must be an integer, not a text", "remove the quotes"},
        {"name = \"n\"; count = \"five\";", "E101",
         "\"count\" of sample \"n\" must be an integer, not a text", NULL},
        {"name = \"n\"; count = 5.0;", "E101",
         "\"count\" of sample \"n\" must be an integer, not a number",
         "write it without a point"},
        {"name = \"n\"; count = 0;", "E102", "\"count\" must be 1 to 10, not 0", NULL},
        {"name = \"n\"; count = 5000000000L;", "E102",
         "\"count\" must be 1 to 10, not 5000000000", NULL},
        {"name = \"n\"; ratio = 1.5;", "E102", "\"ratio\" must be 0 to 1, not 1.5", NULL},
        {"name = \"n\"; ratio = true;", "E101",
         "\"ratio\" of sample \"n\" must be a number, not true or false", NULL},
        {"name = \"n\"; flag = 1;", "E101",
         "\"flag\" of sample \"n\" must be true or false, not an integer", "write true"},
        {"name = \"n\"; flag = \"false\";", "E101",
         "\"flag\" of sample \"n\" must be true or false, not a text",
         "remove the quotes"},
        {"name = \"n\"; wait = \"50ms\";", "E102",
         "\"wait\" must be 100ms to 1m, not 50ms", NULL},
        {"name = \"n\"; room = \"1B\";", "E102", "\"room\" must be 1KiB to 1GB, not 1B",
         NULL},
        {"name = \"n\"; fruit = \"aple\";", "E107", "\"aple\" is no possible \"fruit\"",
         "did you mean \"apple\"?"},
        {"name = \"n\"; word = \"nut\";", "E107", "\"nut\" is no possible \"word\"",
         "one of \"apple\", \"pear\""},
        {"name = \"n\"; fruit = 1;", "E101",
         "\"fruit\" of sample \"n\" must be a text, not an integer", "put it in quotes"},
        {"name = (\"n\");", "E101", "\"name\" of sample must be a text, not a list ( )",
         NULL},
        {"name = \"\";", "E111", "\"name\" is empty", NULL},
        {"name = \"n\"; rule = \"\";", "E111", "\"rule\" is empty", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rig rig = rig_new();
        S s = {0};
        const struct report_message *m;

        check_case(cases[i].text, !rig_read(&rig, cases[i].text, &s));
        check_case(cases[i].text, rig.report->count == 1);
        m = &rig.report->messages[0];
        check_text(cases[i].text, m->code, cases[i].code);
        check_text(cases[i].text, m->text, cases[i].message);
        check_text(cases[i].text, m->hint == NULL ? "(none)" : m->hint,
                   cases[i].hint == NULL ? "(none)" : cases[i].hint);
        check_case(cases[i].text, s.count == 7); /* what is wrong has its default */
        rig_free(&rig);
    }
}

static void test_long_text(void **state)
{
    struct rig rig = rig_new();
    char text[SCHEMA_TEXT_MAX + 32];
    S s = {0};

    (void)state;
    (void)snprintf(text, sizeof text, "name = \"%0*d\";", SCHEMA_TEXT_MAX + 1, 1);
    assert_false(rig_read(&rig, text, &s));
    assert_string_equal(rig.report->messages[0].code, "E108");
    rig_free(&rig);
}

/* ---- codes and reference ---- */

static void test_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CODE_COUNT; i++) {
        const char *code = config_codes[i].code;

        check_case(code, strlen(code) == 4 && (code[0] == 'E' || code[0] == 'W'));
        check_case(code, strncmp(code, "E30", 3) != 0); /* kept for expressions */
        for (size_t k = 0; k < i; k++)
            check_case(code, strcmp(code, config_codes[k].code) != 0);
    }
    assert_string_equal(CODE(UNKNOWN_KEY), "E104");
}

static void test_reference(void **state)
{
    struct text text;
    struct err err;
    size_t length;
    char *written;

    (void)state;
    text_init(&text, DOCUMENT_MAX);
    config_reference(&text);
    assert_false(text.overflow);
    written = file_read("docs/CONFIGURATION.md", DOCUMENT_MAX, &length, &err);
    assert_non_null(written);
    if (strcmp(text.data, written) != 0)
        fail_msg("docs/CONFIGURATION.md is not up to date; run: make docs");
    mem_free(written);
    text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_formats),   cmocka_unit_test(test_urls),
        cmocka_unit_test(test_defaults),  cmocka_unit_test(test_given),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_codes),     cmocka_unit_test(test_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
