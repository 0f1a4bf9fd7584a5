/* test_library.c - the shipped rules: each speaks both languages, says where it comes
 * from, uses its parameters, and does what its test blocks say. */
#include "rules/trial.h"

#include "tests/tools/rule_list.h"
#include "tests/unit/config_fixture.h"

#include <assert.h>
#include <ctype.h>
#include <glob.h>

static struct fixture *fixture;

static size_t rule_count(void)
{
    return fixture->config->rule_count;
}

static const struct rule_settings *rule_at(size_t i)
{
    return &fixture->config->rules[i];
}

/* ---- what every rule must have ---- */

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((*text & 0x80) != 0)
            return false;
    return true;
}

static void test_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < rule_count(); i++) {
        const struct rule_settings *rule = rule_at(i);

        check_case(rule->id, rule->title_en[0] != '\0' && is_ascii(rule->title_en));
        check_case(rule->id, rule->advice_en[0] != '\0' && is_ascii(rule->advice_en));
        check_case(rule->id, !is_ascii(rule->title_zh));
        check_case(rule->id, !is_ascii(rule->advice_zh));
    }
}

/* What clears an alarm is no mere flip of what raised it. */
static void test_clears(void **state)
{
    (void)state;
    for (size_t i = 0; i < rule_count(); i++)
        check_case(rule_at(i)->id,
                   rule_at(i)->clear.text[0] != '\0' || rule_at(i)->deadband > 0);
}

/* "$name" that is not the beginning of a longer name. */
static bool names_param(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = strchr(text, '$'); at != NULL; at = strchr(at + 1, '$'))
        if (strncmp(at + 1, name, length) == 0 &&
            !isalnum((unsigned char)at[1 + length]) && at[1 + length] != '_')
            return true;
    return false;
}

static void test_params(void **state)
{
    (void)state;
    for (size_t i = 0; i < rule_count(); i++) {
        const struct rule_settings *rule = rule_at(i);

        for (size_t p = 0; p < rule->param_count; p++) {
            const char *name = rule->params[p].name;
            bool used =
                names_param(rule->when.text, name) || names_param(rule->clear.text, name);

            for (size_t l = 0; l < rule->level_count; l++)
                used = used || names_param(rule->levels[l].when.text, name);
            if (!used)
                fail_msg("%s does not use its parameter %s", rule->id, name);
        }
    }
}

/* The comment in front of each rule says where it comes from and how sure that is. */
static void check_file(const char *path)
{
    static const char begin[] = "  { id = \"";
    char line[2000];
    bool said = false;
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "  #", 3) == 0)
            said = said || strstr(line, "Source: ") != NULL ||
                   strstr(line, "onfidence: ") != NULL;
        if (strncmp(line, begin, sizeof begin - 1) != 0)
            continue;
        if (!said)
            fail_msg("%s: neither source nor confidence in front of%s", path, line + 1);
        said = false;
    }
    (void)fclose(file);
}

static void test_sources(void **state)
{
    glob_t found;

    (void)state;
    assert_int_equal(glob("rules/library/*.cfg", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_file(found.gl_pathv[i]);
    globfree(&found);
}

/* ---- which alarms explain others ---- */

static size_t count_text(const char *path, const char *wanted)
{
    size_t length;
    struct err err;
    char *text = file_read(path, FILE_MAX, &length, &err);
    size_t count = 0;

    assert_non_null(text);
    for (const char *at = strstr(text, wanted); at != NULL; at = strstr(at + 1, wanted))
        count++;
    mem_free(text);
    return count;
}

/* A row of ours that names no rule is left out silently: that must not happen. */
static void test_rows(void **state)
{
    size_t written = 0;
    glob_t found;

    (void)state;
    assert_int_equal(glob("rules/library/*.cfg", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        written += count_text(found.gl_pathv[i], "{ by = \"");
    globfree(&found);
    assert_int_equal(fixture->config->suppress_count, written);
}

static bool fits(const char *pattern, const char *id)
{
    size_t length = strlen(pattern);

    if (pattern[length - 1] == '*')
        return strncmp(pattern, id, length - 1) == 0;
    return strcmp(pattern, id) == 0;
}

/* Every target is the id of a rule, or a pattern that fits one; and no row explains an
 * alarm by itself. */
static void test_targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < fixture->config->suppress_count; i++) {
        const struct suppress_settings *row = &fixture->config->suppress[i];

        for (size_t t = 0; t < row->target_count; t++) {
            bool found = false;

            for (size_t r = 0; r < rule_count(); r++)
                found = found || fits(row->targets[t], rule_at(r)->id);
            if (!found ||
                (strcmp(row->via, "self") == 0 && strcmp(row->by, row->targets[t]) == 0))
                fail_msg("%s via %s: %s", row->by, row->via, row->targets[t]);
        }
    }
}

/* The list of rules for people is the list of rules. */
static void test_list(void **state)
{
    struct text text;
    struct err err;
    size_t length;
    char *written = file_read("docs/RULE-LIBRARY.md", RULE_LIST_MAX, &length, &err);

    (void)state;
    assert_non_null(written);
    text_init(&text, RULE_LIST_MAX);
    rule_list(fixture->config, fixture->report, &text);
    assert_false(text.overflow);
    if (strcmp(text.data, written) != 0)
        fail_msg("docs/RULE-LIBRARY.md is not up to date; run: make docs");
    mem_free(written);
    text_done(&text);
}

/* ---- the test blocks ---- */

static void test_blocks_exist(void **state)
{
    (void)state;
    for (size_t i = 0; i < rule_count(); i++) {
        bool found = false;

        for (size_t t = 0; t < fixture->config->test_count; t++)
            found = found || strcmp(fixture->config->tests[t].rule, rule_at(i)->id) == 0;
        if (!found)
            fail_msg("%s has no test block", rule_at(i)->id);
    }
}

/* One block: a test of its own, named after its rule. */
static void run_block(void **state)
{
    const struct test_settings *test = *state;
    struct text why;

    text_init(&why, TRIAL_TEXT_MAX);
    if (trial_run(fixture->config, test, &why).verdict != TRIAL_PASSED) {
        (void)fputs(why.data, stderr); /* longer than a message of cmocka's can be */
        fail_msg("%s:%u",
                 strrchr(config_report_path(fixture->report, test->pos.file), '/'),
                 test->pos.line);
    }
    text_done(&why);
}

static int run_blocks(void)
{
    size_t count = fixture->config->test_count;
    struct CMUnitTest *blocks = mem_array(count, sizeof *blocks);
    int failed;

    for (size_t i = 0; i < count; i++) {
        struct test_settings *test = &fixture->config->tests[i];

        blocks[i] = (struct CMUnitTest){mem_format("%s: %s", test->rule, test->name),
                                        run_block, NULL, NULL, test};
    }
    failed = _cmocka_run_group_tests("blocks", blocks, count, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        mem_free((void *)(uintptr_t)blocks[i].name);
    mem_free(blocks);
    return failed;
}

static void test_loads(void **state)
{
    glob_t found;

    (void)state;
    assert_int_equal(glob("rules/library/*.cfg", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *name = mem_format("shipped/rules/%s", strrchr(found.gl_pathv[i], '/') + 1);

        put_copy(fixture, name, found.gl_pathv[i]);
        mem_free(name);
    }
    globfree(&found);
    put(fixture, "site.cfg", SITE);
    load(fixture, "site.cfg");
    /* Nothing but that this site has no equipment. */
    if (fixture->config == NULL || config_report_warnings(fixture->report) != 1)
        print_report(fixture);
    assert_non_null(fixture->config);
    assert_int_equal(config_report_warnings(fixture->report), 1);
}

int main(void)
{
    const struct CMUnitTest wholes[] = {
        cmocka_unit_test(test_loads),        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_clears),       cmocka_unit_test(test_params),
        cmocka_unit_test(test_sources),      cmocka_unit_test(test_rows),
        cmocka_unit_test(test_targets),      cmocka_unit_test(test_list),
        cmocka_unit_test(test_blocks_exist),
    };
    void *state;
    int failed;

    assert(setup(&state) == 0);
    fixture = state;
    failed = cmocka_run_group_tests_name("rules", wholes, NULL, NULL);
    if (fixture->config != NULL)
        failed += run_blocks();
    (void)teardown(&state);
    return failed;
}
