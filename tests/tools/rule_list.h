/* rule_list.h - docs/RULE-LIBRARY.md from the shipped rules: what the configuration has
 * read of them, and the comment in front of each. For the program that writes it (`make
 * docs`) and the test that wants it up to date. */
#ifndef TESTS_TOOLS_RULE_LIST_H
#define TESTS_TOOLS_RULE_LIST_H

#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"
#include "config/config.h"
#include "config/units.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    RULE_LIST_MAX = 4 * 1024 * 1024,  /* bytes of the document */
    RULE_LIST_FILE_MAX = 1024 * 1024, /* of a file of the library */
};

/* The start of the line before the one that starts at `line`; NULL at the top. */
static inline const char *rule_list_before(const char *text, const char *line)
{
    if (line == text)
        return NULL;
    line--;
    while (line > text && line[-1] != '\n')
        line--;
    return line;
}

/* Adds the comment lines right above the line of the rule as one paragraph. */
static inline void rule_list_comment(const char *text, uint32_t number, struct text *out)
{
    static const char mark[] = "  # ";
    const char *rule = text;
    const char *first;

    for (uint32_t i = 1; i < number; i++) {
        rule = strchr(rule, '\n');
        assert(rule != NULL);
        rule++;
    }
    first = rule;
    for (const char *line = rule_list_before(text, rule);
         line != NULL && strncmp(line, mark, strlen(mark)) == 0;
         line = rule_list_before(text, line))
        first = line;
    for (const char *line = first; line != rule; line = strchr(line, '\n') + 1) {
        text_add(out, line == first ? "" : " ");
        text_add_bytes(out, line + strlen(mark), strcspn(line, "\n") - strlen(mark));
    }
    text_add(out, "\n\n");
}

static inline void rule_list_delay(const char *word, int64_t ms, struct text *out)
{
    char written[UNITS_SIZE];

    if (ms > 0)
        text_addf(out, " %s %s", word, units_format_duration(ms, written));
}

static inline void rule_list_conditions(const struct rule_settings *rule,
                                        struct text *out)
{
    if (rule->level_count == 0) {
        text_addf(out, "* when `%s`", rule->when.text);
        rule_list_delay("for", rule->for_ms, out);
        text_add(out, "\n");
    }
    for (size_t i = 0; i < rule->level_count; i++) {
        text_addf(out, "* %s when `%s`", severity_name(rule->levels[i].severity),
                  rule->levels[i].when.text);
        rule_list_delay("for", rule->for_ms, out);
        text_add(out, "\n");
    }
    if (rule->clear.text[0] != '\0')
        text_addf(out, "* clears when `%s`", rule->clear.text);
    else
        text_addf(out, "* clears %g past the limit", rule->deadband);
    rule_list_delay("for", rule->clear_for_ms, out);
    text_add(out, rule->latch ? ", and a person resets it\n" : "\n");
    for (size_t i = 0; i < rule->param_count; i++) {
        char number[NUMBER_SIZE];

        (void)number_format(number, rule->params[i].value);
        text_addf(out, "%s`%s` = %s%s", i == 0 ? "* " : ", ", rule->params[i].name,
                  number, i + 1 == rule->param_count ? "\n" : "");
    }
}

static inline void rule_list_rule(const struct config *config, const char *file,
                                  const struct rule_settings *rule, struct text *out)
{
    size_t tests = 0;

    for (size_t i = 0; i < config->test_count; i++)
        tests += strcmp(config->tests[i].rule, rule->id) == 0;
    text_addf(out, "### `%s`\n\n**%s** · %s\n\n%s, ", rule->id, rule->title_en,
              rule->title_zh, rule_kind_name(rule->kind));
    for (size_t i = 0; i < rule->level_count; i++)
        text_addf(out, "%s%s", i == 0 ? "" : " to ",
                  severity_name(rule->levels[i].severity));
    if (rule->level_count == 0)
        text_add(out, severity_name(rule->severity));
    text_addf(out, "%s%s; %zu test%s. ",
              rule->failure ? ", counts as failure of the equipment" : "",
              rule->highly_managed ? ", highly managed" : "", tests,
              tests == 1 ? "" : "s");
    rule_list_comment(file, rule->pos.line, out);
    rule_list_conditions(rule, out);
    text_add(out, "\n");
}

/* The name of a file of the library, as the heading of its rules. */
static inline void rule_list_heading(const char *path, struct text *out)
{
    const char *name = strrchr(path, '/') + 1;

    text_addf(out, "## %.*s\n\n", (int)(strlen(name) - strlen(".cfg")), name);
}

static inline void rule_list_rows(const struct config *config, struct text *out)
{
    text_add(out,
             "## Which explains which\n\n"
             "| while this is active | on its | these are symptoms |\n|---|---|---|\n");
    for (size_t i = 0; i < config->suppress_count; i++) {
        const struct suppress_settings *row = &config->suppress[i];

        text_addf(out, "| `%s` | %s%s | ", row->by, row->via,
                  row->all ? " (all of them)" : "");
        for (size_t t = 0; t < row->target_count; t++)
            text_addf(out, "%s`%s`", t == 0 ? "" : ", ", row->targets[t]);
        text_add(out, " |\n");
    }
}

/* The whole document, from the library alone (config_load(NULL, ...)). */
static inline void rule_list(const struct config *config,
                             const struct config_report *report, struct text *out)
{
    uint32_t file = UINT32_MAX;
    char *text = NULL;

    text_addf(
        out,
        "# The rule library\n\n"
        "Made by `make docs` from the files in `rules/library`: %zu rules with %zu "
        "tests, by file. A rule is for\nevery equipment of its class that has the "
        "points and relations it names; every `$name` can be set for one\nequipment "
        "(`params`). A rule whose parameter is 0 by default is quiet until it is set."
        " A rule of your own with the\nsame id replaces one of these, "
        "`rules_disabled` switches one off. The language: [RULES.md](RULES.md).\n\n"
        "Confidence: A the maker's or a standard's own definition, B from several "
        "secondary sources, C not checked, engineering\ndefault: ours.\n\n",
        config->rule_count, config->test_count);
    for (size_t i = 0; i < config->rule_count; i++) {
        const struct rule_settings *rule = &config->rules[i];

        if (rule->pos.file != file) {
            size_t length;
            struct err err;

            file = rule->pos.file;
            mem_free(text);
            text = file_read(config_report_path(report, file), RULE_LIST_FILE_MAX,
                             &length, &err);
            assert(text != NULL);
            rule_list_heading(config_report_path(report, file), out);
        }
        rule_list_rule(config, text, rule, out);
    }
    rule_list_rows(config, out);
    mem_free(text);
}

#endif
