/* test_config_errors.c - what people do to a configuration, and what is said about it:
 * the cases in config_errors/ (see its README.md), a typo in every key of the example,
 * and hundreds of random mutations. */
#include "tests/unit/check.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/load.h"
#include "config/report_internal.h"
#include "config/scan.h"

#include <stdio.h>

enum {
    FILE_MAX = 1024 * 1024, /* bytes of a file of cases, or of the example */
    EXPECT_MAX = 16,        /* messages of one case */
    MUTATIONS = 500,
};

#define MARK "\xC2\xA6" /* the broken bar */

struct expectation {
    char code[8];
    char fragment[128];
    uint32_t line;
    uint32_t column;
};

struct test_case {
    char name[128];
    struct expectation expect[EXPECT_MAX];
    size_t count;
    bool raw;
    struct text text;
};

static size_t cases_run;
static size_t cases_failed;

/* ---- reading the cases ---- */

static size_t line_length(const char *at)
{
    return strcspn(at, "\n");
}

static const char *next_line(const char *at)
{
    at += line_length(at);
    return *at == '\n' ? at + 1 : at;
}

static void read_expect(struct test_case *c, const char *line)
{
    struct expectation *e = &c->expect[c->count++];
    const char *code = line + strlen("expect ");
    const char *fragment = code + strcspn(code, " ") + 1;

    assert_true(c->count <= EXPECT_MAX);
    (void)snprintf(e->code, sizeof e->code, "%.4s", code);
    (void)snprintf(e->fragment, sizeof e->fragment, "%.*s", (int)line_length(fragment),
                   fragment);
}

/* "<<FF>>" */
static bool is_byte(const char *at)
{
    return strncmp(at, "<<", 2) == 0 && strncmp(at + 4, ">>", 2) == 0;
}

/* Copies the text without its marks and notes where they were. */
static void read_body(struct test_case *c, const char *at, const char *end)
{
    size_t marks = 0;
    uint32_t line = 1;
    uint32_t column = 1;

    while (at < end) {
        char byte = *at;

        if (strncmp(at, MARK, strlen(MARK)) == 0) {
            if (marks < c->count) {
                c->expect[marks].line = line;
                c->expect[marks].column = column;
            }
            marks++;
            at += strlen(MARK);
            continue;
        }
        if (is_byte(at)) {
            byte = (char)strtoul(at + 2, NULL, 16);
            at += 5;
        }
        text_add_char(&c->text, byte);
        at++;
        column = byte == '\n' ? 1 : column + 1;
        line += byte == '\n';
    }
    check_case(c->name, marks == c->count);
    if (!c->raw)
        text_add(&c->text, "site : { id = \"s\"; };\n");
}

static const char *read_case(struct test_case *c, const char *at)
{
    const char *end;

    *c = (struct test_case){0};
    text_init(&c->text, FILE_MAX);
    (void)snprintf(c->name, sizeof c->name, "%.*s", (int)line_length(at) - 4, at + 4);
    for (at = next_line(at);; at = next_line(at)) {
        if (strncmp(at, "expect ", 7) == 0)
            read_expect(c, at);
        else if (strncmp(at, "raw\n", 4) == 0)
            c->raw = true;
        else
            break;
    }
    end = strstr(at, "\n===");
    end = end == NULL ? at + strlen(at) : end + 1;
    read_body(c, at, end);
    return end;
}

/* ---- running them ---- */

static bool matches(const struct report_message *message, const struct expectation *e)
{
    return strcmp(message->code, e->code) == 0 && message->pos.line == e->line &&
           message->pos.column == e->column &&
           (strstr(message->text, e->fragment) != NULL ||
            (message->hint != NULL && strstr(message->hint, e->fragment) != NULL));
}

static void fail_case(const struct test_case *c, const struct config_report *report,
                      const char *what)
{
    struct text text;

    text_init(&text, FILE_MAX);
    config_report_print(report, false, &text);
    for (size_t i = 0; i < c->count; i++)
        print_message("expected %s at %u:%u: %s\n", c->expect[i].code, c->expect[i].line,
                      c->expect[i].column, c->expect[i].fragment);
    print_message("%s\n%s", c->text.data, text.data);
    text_done(&text);
    print_message("case '%s': %s\n\n", c->name, what);
    cases_failed++;
}

static void run_case(const struct test_case *c)
{
    struct config_report *report = config_report_new();
    struct config *config =
        config_load_text("case.cfg", c->text.data, c->text.length, report);
    size_t said = 0;
    size_t right = 0;

    for (size_t i = 0; i < c->count; i++) {
        bool found = false;

        for (size_t m = 0; m < report->count; m++)
            found = found || matches(&report->messages[m], &c->expect[i]);
        right += found;
    }
    for (size_t m = 0; m < report->count; m++)
        said += strcmp(report->messages[m].code, "W104") != 0; /* nothing configured */
    if (right < c->count)
        fail_case(c, report, "an expected message is missing");
    else if (said != c->count)
        fail_case(c, report, "more is said than expected");
    check_case(c->name, (config == NULL) == (report->errors > 0));
    config_free(config);
    config_report_free(report);
    cases_run++;
}

static void run_file(const char *name)
{
    char path[128];
    size_t length;
    struct err err;
    char *text;
    const char *at;

    (void)snprintf(path, sizeof path, "tests/unit/config_errors/%s", name);
    text = file_read(path, FILE_MAX, &length, &err);
    assert_non_null(text);
    for (at = text; *at != '\0';) {
        struct test_case c;

        at = read_case(&c, at);
        run_case(&c);
        text_done(&c.text);
    }
    mem_free(text);
}

static void test_cases(void **state)
{
    static const char *const files[] = {
        "syntax.txt",   "values.txt",      "links.txt",  "equipment.txt",
        "profiles.txt", "rules_sinks.txt", "format.txt", "rule_language.txt"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        run_file(files[i]);
    print_message("%zu cases of human error\n", cases_run);
    assert_int_equal(cases_failed, 0);
    assert_true(cases_run >= 100);
}

/* ---- a typo in every key of the example ---- */

static char *read_example(size_t *length)
{
    struct err err;
    char *text = file_read("config/facilityd.cfg", FILE_MAX, length, &err);

    assert_non_null(text);
    return text;
}

/* The profile that the example uses and does not hold comes shipped. */
static char *whole_example(size_t *length)
{
    static const char profile[] =
        "  { id = \"eastron-sdm630\"; class = \"electricity_meter\"; points = (\n"
        "    { name = \"freq\"; input = 0x46; type = \"f32\"; } ); },\n";
    char *example = read_example(length);
    char *at = strstr(example, "profiles = (\n");
    char *whole;

    assert_non_null(at);
    at = strchr(at, '\n') + 1;
    whole = mem_format("%.*s%s%s", (int)(at - example), example, profile, at);
    mem_free(example);
    *length = strlen(whole);
    return whole;
}

static bool said_on_line(const struct config_report *report, uint32_t line)
{
    static const struct {
        const char *code;
        bool anywhere;
    } codes[] = {
        {"E103", false}, {"E104", false}, {"E213", false}, {"E403", false},
        {"E210", false}, {"E415", true},  {"E417", true},  {"E508", false},
    };

    for (size_t m = 0; m < report->count; m++)
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
            if (strcmp(report->messages[m].code, codes[i].code) == 0 &&
                (codes[i].anywhere || report->messages[m].pos.line == line))
                return true;
    return false;
}

/* One letter of a key replaced; the second where there is one. */
static void try_typo(char *text, size_t length, const struct scan_item *item)
{
    size_t at = item->name + (item->name_length > 1 ? 1 : 0);
    char kept = text[at];
    struct config_report *report = config_report_new();
    struct config *config;

    text[at] = kept == 'q' ? 'j' : 'q';
    config = config_load_text("typo.cfg", text, length, report);
    if (config != NULL || !said_on_line(report, item->key.line))
        fail_msg("typo in key '%.*s' of line %u is not found", (int)item->name_length,
                 text + item->name, item->key.line);
    text[at] = kept;
    config_free(config);
    config_report_free(report);
}

/* Takes the text. The number of its keys. */
static size_t try_typos(char *text, size_t length)
{
    struct config_report *report = config_report_new();
    struct config *config = config_load_text("example.cfg", text, length, report);
    struct scan *scan = scan_run(text, length, 0, report);
    size_t keys = 0;

    assert_non_null(config);
    assert_int_equal(config_report_errors(report) + config_report_warnings(report), 0);
    assert_true(scan->ok);
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->items[i].name_length == 0)
            continue;
        try_typo(text, length, &scan->items[i]);
        keys++;
    }
    scan_free(scan);
    config_free(config);
    config_report_free(report);
    mem_free(text);
    return keys;
}

static void test_typos(void **state)
{
    size_t length;
    char *text = whole_example(&length);
    size_t keys = try_typos(text, length);

    (void)state;
    print_message("%zu keys of the example, each with a typo\n", keys);
    assert_true(keys > 150);
}

/* Every key of the profile format. */
static char *whole_format(size_t *length)
{
    struct err err;
    char *text =
        file_read("tests/unit/config_errors/complete.cfg", FILE_MAX, length, &err);

    assert_non_null(text);
    return text;
}

/* A misspelt parameter of a profile is said where it is missed. */
static void test_typos_of_format(void **state)
{
    size_t length;
    char *text = whole_format(&length);
    size_t keys = try_typos(text, length);

    (void)state;
    print_message("%zu keys of the profile format, each with a typo\n", keys);
    assert_true(keys > 200);
}

/* ---- random mutations ---- */

/* xorshift64*, so that a failure can be repeated. Source: S. Vigna, 2016. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static size_t random_below(uint64_t *state, size_t n)
{
    return (size_t)(random_next(state) % n);
}

/* A word: letters and digits, or one other byte. */
static size_t word_at(const char *text, size_t at)
{
    size_t n = strspn(text + at, "abcdefghijklmnopqrstuvwxyz_0123456789");

    return n == 0 ? 1 : n;
}

static void mutate(const char *text, size_t length, uint64_t *random, struct text *out)
{
    static const char *const words[] = {
        "{",    "}",  "(",  ")",     "[",  "]",    ";",
        ",",    "=",  ":",  "\"",    "/*", "*/",   "#",
        "\\",   "'",  "0x", "1e999", "-",  "true", "@include \"x\"",
        "\xFF", "；", "\n"};
    size_t at = random_below(random, length);
    bool whole_word = random_below(random, 2) == 0;
    size_t n = whole_word ? word_at(text, at) : 1;

    text_add_bytes(out, text, at);
    switch (random_below(random, 4)) {
    case 0: /* deleted */
        break;
    case 1: /* doubled */
        text_add_bytes(out, text + at, n);
        text_add_bytes(out, text + at, n);
        break;
    case 2: /* replaced */
        text_add(out, words[random_below(random, sizeof words / sizeof words[0])]);
        break;
    default: /* another byte */
        text_add_char(out, (char)random_below(random, 256));
        break;
    }
    text_add_bytes(out, text + at + n, length - at - n);
}

/* The number of those that do no harm. */
static size_t try_mutations(const char *text, size_t length)
{
    uint64_t random = UINT64_C(20261124);
    size_t loaded = 0;

    for (int i = 0; i < MUTATIONS; i++) {
        struct config_report *report = config_report_new();
        struct config *config;
        struct text mutated;

        text_init(&mutated, FILE_MAX);
        mutate(text, length, &random, &mutated);
        config = config_load_text("mutated.cfg", mutated.data, mutated.length, report);
        assert_int_equal(config == NULL, config_report_errors(report) > 0);
        for (size_t m = 0; m < report->count; m++)
            if (strcmp(report->messages[m].code, "E029") == 0)
                fail_msg("mutation %d: the scan and libconfig disagree", i);
        loaded += config != NULL;
        config_free(config);
        config_report_free(report);
        text_done(&mutated);
    }
    print_message("%d mutations, %zu of them harmless\n", MUTATIONS, loaded);
    return loaded;
}

static void test_mutations(void **state)
{
    size_t length;
    char *text = whole_example(&length);

    (void)state;
    assert_true(try_mutations(text, length) < MUTATIONS / 2 + MUTATIONS / 4);
    mem_free(text);
    text = whole_format(&length);
    assert_true(try_mutations(text, length) < MUTATIONS / 2);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_typos),
        cmocka_unit_test(test_typos_of_format),
        cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
