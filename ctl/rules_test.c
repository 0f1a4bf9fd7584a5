/* rules_test.c - facilityctl rules test: runs the test blocks beside the rules, without a
 * daemon. See rules.h. */
#include "ctl/rules.h"

#include "base/json_out.h"
#include "rules/trial.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    EX_TEST_FAILED = 1,
    JSON_MAX = 16 * 1024 * 1024, /* of all blocks; a failure has some kilobytes */
};

/* What is asked for and what came of it. */
struct run {
    const struct config *config;
    const struct config_report *report;
    char **wanted; /* ids or "pump.*"; none: all */
    size_t wanted_count;
    bool verbose;
    struct json_out *json; /* NULL: people read it */
    size_t passed;
    size_t failed;
    size_t rules; /* of which at least one block was run */
    struct text why;
};

static bool matches(const char *wanted, const char *id)
{
    size_t length = strlen(wanted);

    if (length > 0 && wanted[length - 1] == '*')
        return strncmp(wanted, id, length - 1) == 0;
    return strcmp(wanted, id) == 0;
}

static bool is_wanted(const struct run *run, const char *id)
{
    for (size_t i = 0; i < run->wanted_count; i++)
        if (matches(run->wanted[i], id))
            return true;
    return run->wanted_count == 0;
}

/* Every argument names a rule that has a test; what does not is told. */
static bool all_found(const struct run *run)
{
    for (size_t i = 0; i < run->wanted_count; i++) {
        const char *wanted = run->wanted[i];
        bool found = false;

        for (size_t t = 0; t < run->config->test_count; t++)
            found = found || matches(wanted, run->config->tests[t].rule);
        if (found)
            continue;
        if (strchr(wanted, '*') != NULL || rules_find(run->config, wanted) != NULL)
            (void)fprintf(stderr, "facilityctl: there is no test of '%s'\n", wanted);
        return false;
    }
    return true;
}

static struct config_pos place_of(const struct run *run,
                                  const struct trial_result *result)
{
    return result->offset == 0
               ? result->pos
               : config_report_locate(run->report, result->pos, result->offset);
}

static void print_block(struct run *run, const struct test_settings *test,
                        const struct trial_result *result)
{
    struct config_pos pos = place_of(run, result);
    bool passed = result->verdict == TRIAL_PASSED;

    if (passed && !run->verbose)
        return;
    (void)printf("%-6s  %s%s%s\n", passed ? "ok" : "FAILED", test->rule,
                 test->name[0] == '\0' ? "" : ": ", test->name);
    if (!passed)
        (void)printf("  --> %s:%u:%u\n%s\n", config_report_path(run->report, pos.file),
                     pos.line, pos.column, run->why.data);
}

static void put_block(struct run *run, const struct test_settings *test,
                      const struct trial_result *result)
{
    static const char *const verdicts[] = {
        [TRIAL_PASSED] = "passed",
        [TRIAL_FAILED] = "failed",
        [TRIAL_UNUSABLE] = "unusable",
    };
    bool passed = result->verdict == TRIAL_PASSED;
    struct config_pos pos = passed ? test->pos : place_of(run, result);

    json_open(run->json, '{');
    json_put_string(run->json, "rule", test->rule);
    json_put_string(run->json, "name", test->name);
    json_put_string(run->json, "verdict", verdicts[result->verdict]);
    json_put_int(run->json, "held", (int64_t)result->held);
    json_put_int(run->json, "expected", (int64_t)test->expect_count);
    json_put_string(run->json, "file", config_report_path(run->report, pos.file));
    json_put_int(run->json, "line", pos.line);
    json_put_int(run->json, "column", pos.column);
    if (!passed)
        json_put_string(run->json, "why", run->why.data);
    json_close(run->json, '}');
}

static void run_block(struct run *run, const struct test_settings *test)
{
    struct trial_result result;

    text_clear(&run->why);
    result = trial_run(run->config, test, &run->why);
    if (result.verdict == TRIAL_PASSED)
        run->passed++;
    else
        run->failed++;
    if (run->json != NULL)
        put_block(run, test, &result);
    else
        print_block(run, test, &result);
}

/* In the order of the rules, whatever the files' order is. */
static void run_blocks(struct run *run)
{
    for (size_t r = 0; r < run->config->rule_count; r++) {
        const char *id = run->config->rules[r].id;
        size_t before = run->passed + run->failed;

        if (!is_wanted(run, id))
            continue;
        for (size_t i = 0; i < run->config->test_count; i++)
            if (strcmp(run->config->tests[i].rule, id) == 0)
                run_block(run, &run->config->tests[i]);
        run->rules += run->passed + run->failed > before;
    }
}

static void print_all(struct run *run)
{
    size_t count;

    run_blocks(run);
    count = run->passed + run->failed;
    (void)printf("%zu test%s of %zu rule%s: %zu passed, %zu failed\n", count,
                 count == 1 ? "" : "s", run->rules, run->rules == 1 ? "" : "s",
                 run->passed, run->failed);
}

static void put_all(struct run *run)
{
    struct text text;
    struct json_out json;

    text_init(&text, JSON_MAX);
    json = json_begin(&text);
    run->json = &json;
    json_open(&json, '{');
    json_key(&json, "tests");
    json_open(&json, '[');
    run_blocks(run);
    json_close(&json, ']');
    json_put_int(&json, "rules", (int64_t)run->rules);
    json_put_int(&json, "passed", (int64_t)run->passed);
    json_put_int(&json, "failed", (int64_t)run->failed);
    json_close(&json, '}');
    run->json = NULL;
    (void)puts(text.data);
    text_done(&text);
}

/* Without -c it is about the shipped library, wherever it is run. */
static struct config *load(const struct context *context, struct config_report *report)
{
    if (context->options[OPTION_CONFIG] != NULL)
        return rules_load(context, report);
    return config_load(NULL, rules_datadir(context), report);
}

int rules_test(struct context *context, size_t count, char **arguments)
{
    struct config_report *report = config_report_new();
    struct config *config = load(context, report);
    struct run run = {
        .config = config,
        .report = report,
        .wanted = arguments,
        .wanted_count = count,
        .verbose = context->options[OPTION_VERBOSE] != NULL,
    };
    int code = EX_CONFIG;

    text_init(&run.why, TRIAL_TEXT_MAX);
    if (config == NULL) {
        rules_print_report(context, report);
        goto out;
    }
    code = EX_DATAERR;
    if (!all_found(&run))
        goto out;
    if (context->json)
        put_all(&run);
    else
        print_all(&run);
    code = run.failed > 0 ? EX_TEST_FAILED : EX_OK;
out:
    text_done(&run.why);
    config_free(config);
    config_report_free(report);
    return code;
}
