/* rules_check.c - facilityctl rules check: what is wrong with the rules, and what a
 * colleague would say about them, without a daemon. See rules.h and rules/lint.h. */
#include "ctl/rules.h"

#include "base/clock.h"
#include "base/tz.h"
#include "config/calendar.h"
#include "rules/engine.h"
#include "rules/lint.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    FINDINGS_MAX = 16 * 1024 * 1024, /* bytes */
    FINDINGS_SHOWN = 500,            /* of them; --json has all */
};

/* The rules that are meant, for telling their messages from others. */
struct meant {
    const struct config *config;
    const struct config_report *report;
    const struct lint_wish *wish;
};

/* The last line of a rule: that of its last key, or where a long expression ends. */
static uint32_t last_line(const struct meant *meant, const struct rule_settings *rule)
{
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];
    size_t count = rule_expressions(rule, exprs);
    uint32_t line = rule->last.line;

    for (size_t i = 0; i < count; i++) {
        struct config_pos end =
            config_report_locate(meant->report, exprs[i]->pos, strlen(exprs[i]->text));

        line = end.line > line ? end.line : line;
    }
    return line;
}

static bool is_meant(void *context, const char *code, struct config_pos pos)
{
    const struct meant *meant = context;

    (void)code;
    for (size_t i = 0; i < meant->config->rule_count; i++) {
        const struct rule_settings *rule = &meant->config->rules[i];

        if (lint_wants(meant->wish, rule) && pos.file == rule->first.file &&
            pos.line >= rule->first.line && pos.line <= last_line(meant, rule))
            return true;
    }
    for (size_t i = 0; i < meant->config->test_count; i++) {
        const struct test_settings *test = &meant->config->tests[i];

        for (size_t k = 0; k < meant->wish->id_count; k++)
            if (strcmp(test->rule, meant->wish->ids[k]) == 0 &&
                pos.file == test->pos.file && pos.line == test->pos.line)
                return true;
    }
    return false;
}

/* Without a configuration only the shipped rules are looked at. */
static const char *path_of(const struct context *context)
{
    bool alone = context->options[OPTION_SHIPPED] != NULL &&
                 context->options[OPTION_CONFIG] == NULL;

    return alone ? NULL : rules_config_path(context);
}

/* That nothing is configured is no news then. */
static bool is_news(void *context, const char *code, struct config_pos pos)
{
    (void)context;
    (void)pos;
    return strcmp(code, "W104") != 0;
}

/* The present year at the site. */
static void check_calendar(const struct config *config, struct config_report *report)
{
    struct err err;
    struct tz *tz = tz_load(config->site.timezone, &err);

    if (tz != NULL)
        calendar_check(config, tz_local(tz, wall_now()).year, report);
    tz_free(tz);
}

static void check(const struct config *config, const struct lint_wish *wish,
                  struct config_report *report)
{
    struct meant meant = {config, report, wish};

    check_calendar(config, report);
    engine_free(engine_new(config, mono_now(), report));
    lint_rules(config, wish, report);
    if (wish->id_count > 0 && !config->partial)
        config_report_retain(report, is_meant, &meant);
}

static bool all_there(const struct config *config, const struct lint_wish *wish)
{
    for (size_t i = 0; i < wish->id_count && !config->partial; i++)
        if (rules_find(config, wish->ids[i]) == NULL)
            return false;
    return true;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_sum(const struct context *context, const struct config *config,
                      const struct lint_wish *wish, const struct config_report *report)
{
    size_t rules = 0;
    size_t errors = config_report_errors(report);
    size_t warnings = config_report_warnings(report);
    size_t notes = config_report_notes(report);

    for (size_t i = 0; config != NULL && i < config->rule_count; i++)
        rules += lint_wants(wish, &config->rules[i]);
    (void)printf("%s: %zu rule%s checked: %zu error%s, %zu warning%s, %zu note%s\n",
                 path_of(context) == NULL ? "shipped" : path_of(context), rules,
                 plural(rules), errors, plural(errors), warnings, plural(warnings), notes,
                 plural(notes));
    if (config == NULL)
        (void)printf("the rules themselves are looked at when the rest can be read\n");
}

static void print_findings(const struct context *context,
                           const struct config_report *report)
{
    struct text text;

    text_init(&text, FINDINGS_MAX);
    if (context->json)
        config_report_json(report, &text);
    else
        config_report_print_most(report, command_colour(), FINDINGS_SHOWN, &text);
    (void)fputs(text.data, stdout);
    if (context->json)
        (void)fputc('\n', stdout);
    text_done(&text);
}

int rules_check(struct context *context, size_t count, char **arguments)
{
    const struct lint_wish wish = {
        .shipped = context->options[OPTION_SHIPPED] != NULL,
        .ids = (const char *const *)arguments,
        .id_count = count,
    };
    struct config_report *report = config_report_new();
    struct config *config;
    int code = EX_DATAERR;

    config_report_want_notes(report);
    config = config_load_partial(path_of(context), rules_datadir(context), report);
    if (path_of(context) == NULL)
        config_report_retain(report, is_news, NULL);
    if (config != NULL && !all_there(config, &wish))
        goto out;
    if (config != NULL)
        check(config, &wish, report);
    print_findings(context, report);
    if (!context->json)
        print_sum(context, config, &wish, report);
    code = config_report_errors(report) > 0 ? EX_CONFIG : EX_OK;
out:
    config_free(config);
    config_report_free(report);
    return code;
}
