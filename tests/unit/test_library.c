/* test_library.c - the shipped rules: each speaks both languages, says where it comes
 * from, uses its parameters, and does what its test blocks say. */
#include "rules/trial.h"

#include "tests/unit/library.h"

#include <ctype.h>

static struct library library;

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
    for (size_t i = 0; i < library.config.rule_count; i++) {
        const struct rule_settings *rule = &library.rules[i];

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
    for (size_t i = 0; i < library.config.rule_count; i++) {
        const struct rule_settings *rule = &library.rules[i];

        check_case(rule->id, rule->clear.text[0] != '\0' || rule->deadband > 0);
        check_case(rule->id, (rule->when.text[0] != '\0') != (rule->level_count > 0));
    }
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
    for (size_t i = 0; i < library.config.rule_count; i++) {
        const struct rule_settings *rule = &library.rules[i];

        for (size_t p = 0; p < rule->param_count; p++) {
            bool used = names_param(rule->when.text, rule->params[p].name) ||
                        names_param(rule->clear.text, rule->params[p].name);

            for (size_t l = 0; l < rule->level_count; l++)
                used =
                    used || names_param(rule->levels[l].when.text, rule->params[p].name);
            if (!used)
                fail_msg("%s does not use its parameter %s", rule->id,
                         rule->params[p].name);
        }
    }
}

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < library.config.rule_count; i++)
        for (size_t k = 0; k < i; k++)
            check_case(library.rules[i].id,
                       strcmp(library.rules[i].id, library.rules[k].id) != 0);
}

/* Rules from before there were test blocks, still to get theirs: the list only shrinks.
 */
static const char *const older[] = {
    "equipment.comm_lost",
    "equipment.wrong_device",
    "link.down",
    "elevator.entrapment",
    "elevator.entrapment_contacts",
    "elevator.entrapment_reported",
    "fire.alarm",
    "fire.panel_fault",
    "fire.alarm_second_level",
    "fire.loop_alarm",
    "fire.loop_fault",
    "fire.device_alarm",
    "leak.cable",
    "leak.cable_break",
    "power.supply_outage",
    "power.phase_loss",
    "pump.fail_to_start",
    "pump.short_cycling",
    "water.night_leak",
    "water.burst",
};

/* The text begins with the id of one of them. */
static bool is_older(const char *text)
{
    for (size_t i = 0; i < sizeof older / sizeof older[0]; i++)
        if (strncmp(text, older[i], strlen(older[i])) == 0)
            return true;
    return false;
}

/* The comment in front of each rule says where it comes from and how sure that is. */
static void test_sources(void **state)
{
    (void)state;
    for (size_t f = 0; f < library.file_count; f++) {
        config_setting_t *rules = config_lookup(&library.files[f], "rules");
        char line[2000];
        bool source = false;
        FILE *file;

        if (library_length(rules) == 0)
            continue;
        file = fopen(config_setting_source_file(config_setting_get_elem(rules, 0)), "re");
        assert_non_null(file);
        while (fgets(line, sizeof line, file) != NULL) {
            if (strstr(line, "# Source: ") != NULL ||
                strstr(line, "onfidence:") != NULL || strstr(line, "onfidence ") != NULL)
                source = true;
            if (strncmp(line, "  { id = \"", 10) != 0)
                continue;
            if (!source && !is_older(line + 10))
                fail_msg("no source in front of %s", line);
            source = false;
        }
        (void)fclose(file);
    }
}

/* ---- the test blocks ---- */

static void test_blocks_exist(void **state)
{
    (void)state;
    for (size_t i = 0; i < library.config.rule_count; i++) {
        const char *id = library.rules[i].id;
        bool found = false;

        for (size_t t = 0; t < library.config.test_count; t++)
            found = found || strcmp(library.tests[t].rule, id) == 0;
        if (!found && !is_older(id))
            fail_msg("%s has no test block", id);
    }
}

/* One block: a test of its own, named after its rule. */
static void run_block(void **state)
{
    const struct test_settings *test = *state;
    struct text why;

    text_init(&why, TRIAL_TEXT_MAX);
    if (trial_run(&library.config, test, &why).verdict != TRIAL_PASSED)
        fail_msg("%s, %s:\n%s", test->rule, test->name, why.data);
    text_done(&why);
}

int main(void)
{
    const struct CMUnitTest wholes[] = {
        cmocka_unit_test(test_languages), cmocka_unit_test(test_clears),
        cmocka_unit_test(test_params),    cmocka_unit_test(test_ids),
        cmocka_unit_test(test_sources),   cmocka_unit_test(test_blocks_exist),
    };
    static struct CMUnitTest blocks[LIBRARY_TESTS_MAX];
    static char names[LIBRARY_TESTS_MAX][160];
    int failed;

    library_read(&library);
    failed = cmocka_run_group_tests_name("rules", wholes, NULL, NULL);
    for (size_t i = 0; i < library.config.test_count; i++) {
        struct test_settings *test = &library.tests[i];

        (void)snprintf(names[i], sizeof names[i], "%s: %s", test->rule, test->name);
        blocks[i] = (struct CMUnitTest){names[i], run_block, NULL, NULL, test};
    }
    /* The table's size is its number of blocks. */
    if (library.config.test_count > 0)
        failed += _cmocka_run_group_tests("blocks", blocks, library.config.test_count,
                                          NULL, NULL);
    library_done(&library);
    return failed;
}
