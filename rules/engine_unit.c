/* engine_unit.c - one rule, parsed, checked and compiled for equipment that is alike, and
 * the words for what is wrong with it. */
#include "rules/engine_impl.h"

#include "base/mem.h"
#include "rules/check.h"
#include "rules/settled.h"

#include <stdio.h>
#include <string.h>

/* Where diagnoses of one part go. */
struct voice {
    struct builder *builder;
    enum part part;
    bool errors;
    bool warnings;
    char first[DIAGNOSIS_TEXT_MAX]; /* of the first error, for another message */
    struct diagnosis_sink sink;
};

static void speak(void *context, const struct diagnosis *diagnosis)
{
    struct voice *voice = context;
    const struct rule_settings *rule = voice->builder->rule;
    const struct expr_settings *expr = parts_expr(rule, voice->part);
    bool error = diagnosis->code[0] == 'E';
    bool made = voice->part == PART_CLEAR && rule->deadband > 0;
    struct config_pos pos = expr->pos;
    char name[24];

    if (error && voice->first[0] == '\0')
        (void)snprintf(voice->first, sizeof voice->first, "%s", diagnosis->text);
    if (error ? !voice->errors : !voice->warnings)
        return;
    if (!made) { /* the text of a deadband's clear stands nowhere */
        pos = config_report_locate(voice->builder->report, expr->pos,
                                   diagnosis->span.offset);
        pos.length = diagnosis->span.length;
    }
    config_report_add(
        voice->builder->report, error ? REPORT_ERROR : REPORT_WARNING, diagnosis->code,
        pos, diagnosis->hint[0] == '\0' ? NULL : diagnosis->hint, "rule \"%s\", %s: %s",
        rule->id, parts_name(rule, voice->part, name), diagnosis->text);
}

static void voice_init(struct voice *voice, struct builder *builder, bool errors,
                       bool warnings)
{
    *voice = (struct voice){.builder = builder, .errors = errors, .warnings = warnings};
    voice->sink.add = speak;
    voice->sink.context = voice;
}

static struct diagnosis_sink *begin_part(void *context, enum part part)
{
    struct voice *voice = context;

    voice->part = part;
    return &voice->sink;
}

bool unit_parse(struct builder *builder)
{
    struct voice voice;

    voice_init(&voice, builder, true, false);
    return parts_parse(&builder->parts, builder->rule, begin_part, &voice);
}

struct check_scope engine_check_scope(const struct config *config,
                                      const struct rule_settings *rule,
                                      const struct equipment *example)
{
    return (struct check_scope){
        .model = config->model,
        .example = example,
        .rule = rule,
        .rules = config->rules,
        .rule_count = config->rule_count,
        .calendar = &config->calendar,
    };
}

/* Checks all parts against `example`; NULL: as far as can be told without. */
static bool check_parts(struct parts *parts, const struct equipment *example,
                        struct voice *voice)
{
    const struct check_scope scope =
        engine_check_scope(voice->builder->config, voice->builder->rule, example);
    bool good = true;

    for (enum part part = 0; part < PART_COUNT; part++) {
        bool repeated = part == PART_CLEAR && scope.rule->deadband > 0 && !good;

        if (parts->asts[part] != NULL && !repeated) /* it is made of `when` */
            good = check_rule(parts->asts[part], &scope, begin_part(voice, part)) && good;
    }
    return good;
}

bool unit_check_aloud(struct builder *builder, const struct equipment *example,
                      bool errors, bool warnings, char first[DIAGNOSIS_TEXT_MAX])
{
    struct voice voice;
    struct parts parts;
    bool good;

    voice_init(&voice, builder, errors, warnings);
    (void)parts_parse(&parts, builder->rule, NULL, NULL);
    good = check_parts(&parts, example, &voice);
    if (first != NULL)
        memcpy(first, voice.first, sizeof voice.first);
    parts_free(&parts);
    return !good;
}

/* How far back a term looks: its window, and what stands inside of it. */
static int64_t term_reach_ms(const struct ast *ast, uint16_t index)
{
    const struct ast_node *node = &ast->nodes[index];
    int64_t window_ms = 0;
    int64_t inner_ms = 0;

    for (uint16_t child = node->first; child != AST_NONE;
         child = ast->nodes[child].next) {
        const struct ast_node *arg = &ast->nodes[child];
        int64_t reach_ms = term_reach_ms(ast, child);

        if (arg->kind == AST_WINDOW)
            window_ms = (int64_t)((arg->number + arg->ago_s) * 1000);
        else if (arg->kind == AST_DURATION && node->kind == AST_CALL &&
                 strcmp(node->name, "nodata") == 0)
            window_ms = (int64_t)(arg->number * 1000);
        inner_ms = reach_ms > inner_ms ? reach_ms : inner_ms;
    }
    return window_ms + inner_ms;
}

static bool is_plain(const struct program *program)
{
    for (size_t i = 0; i < program->code_count; i++)
        if (program->code[i].op == OP_CALL || program->code[i].op == OP_CALL_TRUTH ||
            program->code[i].op == OP_GROUP)
            return false;
    return program->alarm_count == 0 && !program->blind && !program->calendar;
}

static bool has_log(const struct program *program) // NOLINT(misc-no-recursion)
{
    for (size_t i = 0; i < program->group_count; i++)
        if (has_log(program->groups[i].body))
            return true;
    return program->truth_count > 0;
}

static bool compile(struct unit *unit)
{
    struct diagnosis_sink silent = {0};

    unit->program = program_new(parts_nodes(&unit->parts));
    for (size_t part = 0; part < PART_COUNT; part++) {
        const struct ast *ast = unit->parts.asts[part];
        int64_t reach_ms;
        int start;

        if (ast == NULL)
            continue;
        start = program_compile(unit->program, ast, &silent);
        if (start < 0)
            return false;
        unit->starts[part] = (unsigned)start;
        reach_ms = term_reach_ms(ast, ast->root);
        unit->reach_ms = reach_ms > unit->reach_ms ? reach_ms : unit->reach_ms;
    }
    unit->leaves = gate_leaves(unit->program, &unit->leaf_count);
    unit->logs = has_log(unit->program);
    unit->plain = unit->rule->every_ms == 0 && is_plain(unit->program);
    unit->settles = unit->rule->every_ms == 0 && settled_helps(unit->program);
    unit->windows = gate_windows(unit->program, &unit->window_count);
    return true;
}

struct unit *unit_new(struct builder *builder, const struct equipment *example)
{
    struct unit *unit = mem_alloc(sizeof *unit);
    struct voice silent;

    voice_init(&silent, builder, false, false);
    unit->rule = builder->rule;
    unit->timing = *builder->rule;
    unit->example = example;
    unit->good = parts_parse(&unit->parts, builder->rule, NULL, NULL) &&
                 check_parts(&unit->parts, example, &silent) && compile(unit);
    return unit;
}

void unit_free(struct unit *unit)
{
    while (unit != NULL) {
        struct unit *next = unit->next;

        program_free(unit->program);
        mem_free(unit->windows);
        parts_free(&unit->parts);
        mem_free(unit->leaves);
        mem_free(unit);
        unit = next;
    }
}

int engine_missing(const struct engine *engine, const struct rule_settings *rule,
                   const struct equipment *equipment, struct err *err)
{
    struct builder builder = {
        .config = engine->config, .model = engine->config->model, .rule = rule};
    char first[DIAGNOSIS_TEXT_MAX] = "";

    (void)unit_check_aloud(&builder, equipment, false, false, first);
    return err_set(err, ERR_NOT_FOUND, "rule \"%s\" does not apply to \"%s\": %s",
                   rule->id, equipment->id,
                   first[0] == '\0' ? "the members of a relation differ" : first);
}
