/* lint.c - see lint.h. Which rules, for which equipment, and what is told. */
#include "rules/lint_impl.h"

#include "base/map.h"
#include "base/mem.h"
#include "rules/applies.h"
#include "rules/check.h"
#include "rules/engine_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    EXAMPLES_MAX = 200,  /* equipment for which one rule is judged */
    SERIOUS_PERCENT = 5, /* of the rules. Source: IEC 62682, distribution of priorities */
    NAMES_SHOWN = 5,     /* rules that one message names */
    NAMES_MAX = 512,
    SERIOUS_RULES_MIN = 20, /* of fewer rules a share says nothing */
};

/* ---- telling ---- */

struct span lint_whole(const struct lint *lint, enum part part)
{
    const struct ast *ast = lint->parts.asts[part];

    return ast->nodes[ast->root].span;
}

static bool is_said(struct lint *lint, const char *code, enum part part, uint32_t offset)
{
    for (size_t i = 0; i < lint->said_count; i++)
        if (strcmp(lint->said[i].code, code) == 0 && lint->said[i].part == part &&
            lint->said[i].offset == offset)
            return true;
    if (lint->said_count == LINT_SAID_MAX)
        return true;
    lint->said[lint->said_count++] = (struct lint_said){code, part, offset};
    return false;
}

/* The clear of a deadband stands nowhere: the whole `when` is pointed at. */
static struct config_pos place(const struct lint *lint, enum part part, struct span span)
{
    const struct expr_settings *expr = parts_expr(lint->rule, part);
    struct config_pos pos = expr->pos;

    if (part == PART_CLEAR && lint->rule->deadband > 0)
        return pos;
    pos = config_report_locate(lint->report, expr->pos, span.offset);
    pos.length = span.length;
    return pos;
}

void lint_say(struct lint *lint, const char *code, enum part part, struct span span,
              const char *hint, const char *format, ...)
{
    char text[DIAGNOSIS_TEXT_MAX];
    char name[24];
    va_list args;

    if (is_said(lint, code, part, span.offset))
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    config_report_add(lint->report, REPORT_WARNING, code, place(lint, part, span), hint,
                      "rule \"%s\", %s: %s", lint->rule->id,
                      parts_name(lint->rule, part, name), text);
}

void lint_note(struct lint *lint, const char *code, const char *hint, const char *format,
               ...)
{
    char text[DIAGNOSIS_TEXT_MAX];
    va_list args;

    if (is_said(lint, code, PART_COUNT, 0))
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    config_report_add(lint->report, REPORT_NOTE, code, lint->rule->pos, hint,
                      "rule \"%s\" %s", lint->rule->id, text);
}

/* ---- one rule for one equipment ---- */

struct voice {
    struct lint *lint;
    enum part part;
    struct diagnosis_sink sink;
};

/* Warnings of the check about a shipped rule, on which the engine is silent. */
static void speak(void *context, const struct diagnosis *diagnosis)
{
    struct voice *voice = context;

    if (diagnosis->code[0] == 'W' && voice->lint->rule->shipped)
        lint_say(voice->lint, diagnosis->code, voice->part, diagnosis->span,
                 diagnosis->hint[0] == '\0' ? NULL : diagnosis->hint, "%s",
                 diagnosis->text);
}

static bool check_parts(struct lint *lint)
{
    const struct check_scope scope =
        engine_check_scope(lint->config, lint->rule, lint->example);
    struct voice voice = {.lint = lint};
    bool good = true;

    voice.sink.add = speak;
    voice.sink.context = &voice;
    for (voice.part = 0; voice.part < PART_COUNT; voice.part++)
        if (lint->parts.asts[voice.part] != NULL)
            good = check_rule(lint->parts.asts[voice.part], &scope, &voice.sink) && good;
    return good;
}

static void judge(struct lint *lint, const struct equipment *example)
{
    lint->example = example;
    lint->scope = (struct bounds_scope){lint->config, lint->rule, example};
    if (parts_parse(&lint->parts, lint->rule, NULL, NULL) && check_parts(lint)) {
        lint_terms(lint);
        lint_logic(lint);
    }
    parts_free(&lint->parts);
}

/* ---- for which equipment ---- */

static bool has_all(const struct lint *lint, const struct parts *parts,
                    const struct equipment *equipment)
{
    for (size_t part = 0; part < PART_COUNT; part++)
        if (parts->asts[part] != NULL &&
            !applies_has(lint->config->model, parts->asts[part], equipment))
            return false;
    return true;
}

static bool overrides(const struct rule_settings *rule, const struct equipment *equipment)
{
    for (size_t i = 0; i < equipment->param_count; i++)
        for (size_t k = 0; k < rule->param_count; k++)
            if (strcmp(equipment->params[i].name, rule->params[k].name) == 0)
                return true;
    return false;
}

/* Equipment of one instance has the same points: one stands for all, but for those that
 * set a parameter of their own. */
static bool is_new(const struct lint *lint, bool *seen, const struct equipment *equipment)
{
    const struct config *config = lint->config;
    uint32_t instance;
    bool first;

    if (overrides(lint->rule, equipment))
        return true;
    if (equipment->index >= config->equipment_count)
        instance = (uint32_t)config->instance_count; /* the stand-ins of links */
    else
        instance = config->equipment[equipment->index].instance;
    first = !seen[instance];
    seen[instance] = true;
    return first;
}

static void judge_all(struct lint *lint)
{
    const struct model *model = lint->config->model;
    bool *seen = mem_array(lint->config->instance_count + 1, sizeof *seen);
    struct parts names;
    size_t count = 0;

    if (parts_parse(&names, lint->rule, NULL, NULL)) {
        for (size_t i = 0; i < model->equipment_count && count < EXAMPLES_MAX; i++) {
            const struct equipment *equipment = &model->equipment[i];

            if (!engine_class_fits(lint->rule, equipment) ||
                !has_all(lint, &names, equipment) || !is_new(lint, seen, equipment))
                continue;
            judge(lint, equipment);
            count++;
        }
        if (count == 0)
            judge(lint, NULL);
    }
    parts_free(&names);
    mem_free(seen);
}

/* ---- rules as a whole ---- */

bool lint_wants(const struct lint_wish *wish, const struct rule_settings *rule)
{
    for (size_t i = 0; i < wish->id_count; i++)
        if (strcmp(wish->ids[i], rule->id) == 0)
            return true;
    return wish->id_count == 0 && (wish->shipped || !rule->shipped);
}

static bool has_test(const struct config *config, const struct rule_settings *rule)
{
    for (size_t i = 0; i < config->test_count; i++)
        if (strcmp(config->tests[i].rule, rule->id) == 0)
            return true;
    return false;
}

/* One note for all of them: it is the same advice. */
static void check_tests(const struct config *config, const struct lint_wish *wish,
                        struct config_report *report)
{
    const struct rule_settings *first = NULL;
    size_t count = 0;
    struct text names;

    text_init(&names, NAMES_MAX);
    for (size_t i = 0; i < config->rule_count; i++) {
        const struct rule_settings *rule = &config->rules[i];

        if (!lint_wants(wish, rule) || has_test(config, rule))
            continue;
        if (count < NAMES_SHOWN)
            text_addf(&names, "%s\"%s\"", count == 0 ? "" : ", ", rule->id);
        first = first == NULL ? rule : first;
        count++;
    }
    if (count > 0)
        config_report_add(
            report, REPORT_NOTE, "N301", first->pos,
            "tests = ( { rule = \"...\"; points : { ... }; expect = ( ... ); } );",
            "%zu rule%s without a test: %s%s", count, count == 1 ? "" : "s", names.data,
            count > NAMES_SHOWN ? ", ..." : "");
    text_done(&names);
}

static bool is_serious(const struct rule_settings *rule)
{
    return rule->severity == SEVERITY_SERIOUS; /* of levels: the mildest */
}

static void check_share(const struct config *config, const struct lint_wish *wish,
                        struct config_report *report)
{
    const struct rule_settings *last = NULL;
    size_t rules = 0;
    size_t serious = 0;

    for (size_t i = 0; i < config->rule_count; i++) {
        if (!lint_wants(wish, &config->rules[i]))
            continue;
        rules++;
        if (is_serious(&config->rules[i])) {
            serious++;
            last = &config->rules[i];
        }
    }
    if (last != NULL && rules >= SERIOUS_RULES_MIN &&
        serious * 100 > rules * SERIOUS_PERCENT)
        config_report_add(report, REPORT_NOTE, "N302", last->pos,
                          "what everything is, nothing is",
                          "%zu of %zu rules are serious, more than %d %%", serious, rules,
                          SERIOUS_PERCENT);
}

/* ---- suppression ---- */

static bool any_rule(const struct config *config, const char *pattern)
{
    size_t length = strlen(pattern);

    for (size_t i = 0; i < config->rule_count; i++) {
        const char *id = config->rules[i].id;

        if (strcmp(pattern, "*") == 0 || strcmp(pattern, id) == 0 ||
            (length > 2 && strcmp(pattern + length - 2, ".*") == 0 &&
             strncmp(pattern, id, length - 1) == 0))
            return true;
    }
    return false;
}

static bool any_relation(const struct model *model, const char *name)
{
    if (strcmp(name, "link") == 0 || strcmp(name, "self") == 0)
        return true;
    for (size_t i = 0; i < model->equipment_count; i++)
        if (model_relation(&model->equipment[i], name) != NULL)
            return true;
    return false;
}

static void check_suppress(const struct config *config, const struct lint_wish *wish,
                           struct config_report *report)
{
    for (size_t i = 0; i < config->suppress_count && wish->id_count == 0; i++) {
        const struct suppress_settings *row = &config->suppress[i];

        if (row->shipped && !wish->shipped)
            continue;
        for (size_t k = 0; k < row->target_count; k++)
            if (!any_rule(config, row->targets[k]))
                config_report_add(report, REPORT_NOTE, "N303", row->pos, NULL,
                                  "no rule is \"%s\", which \"%s\" would explain",
                                  row->targets[k], row->by);
        if (!row->shipped && !any_relation(config->model, row->via))
            config_report_add(report, REPORT_NOTE, "N303", row->pos, NULL,
                              "no equipment has the relation \"%s\", so \"%s\" explains "
                              "nothing",
                              row->via, row->by);
    }
}

void lint_rules(const struct config *config, const struct lint_wish *wish,
                struct config_report *report)
{
    for (size_t i = 0; i < config->rule_count; i++) {
        struct lint lint = {
            .config = config, .report = report, .rule = &config->rules[i]};

        if (!lint_wants(wish, lint.rule))
            continue;
        judge_all(&lint);
    }
    check_tests(config, wish, report);
    check_share(config, wish, report);
    check_suppress(config, wish, report);
}
