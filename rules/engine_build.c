/* engine_build.c - from rules as written to instances that can run.
 *
 * For each rule the equipment of its class that has every point and relation it names is
 * grouped by what those points are (kind, labels): each group is checked and compiled
 * once (a unit), each equipment gets its own binding (an instance).
 *
 * What is said: a rule that does not parse is an error whoever wrote it. A rule of the
 * operator's that fits no equipment although there is equipment of its class is an error;
 * a shipped one is simply not for this site. A rule that makes sense for some equipment
 * and not for other (a point of another kind) is left out there with a warning. */
#include "rules/engine_impl.h"

#include "base/mem.h"
#include "rules/applies.h"
#include "rules/check.h"
#include "rules/parser.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct builder {
    struct engine *engine;
    struct config_report *report;
    const struct model *model;
    const struct rule_settings *rule;
    struct rule_state *state;
    struct ast *when; /* as parsed, never typed */
    struct ast *clear;
};

/* ---- messages ---- */

/* Where diagnoses of one expression go. */
struct voice {
    struct builder *builder;
    const struct expr_settings *expr;
    const char *field;
    bool errors;
    bool warnings;
    char
        first[DIAGNOSIS_TEXT_MAX]; /* of the first error, for a message of another kind */
};

static void speak(void *context, const struct diagnosis *diagnosis)
{
    struct voice *voice = context;
    bool error = diagnosis->code[0] == 'E';
    struct config_pos pos;

    if (error && voice->first[0] == '\0')
        (void)snprintf(voice->first, sizeof voice->first, "%s", diagnosis->text);
    if (error ? !voice->errors : !voice->warnings)
        return;
    pos = config_report_locate(voice->builder->report, voice->expr->pos,
                               diagnosis->span.offset);
    pos.length = diagnosis->span.length;
    config_report_add(
        voice->builder->report, error ? REPORT_ERROR : REPORT_WARNING, diagnosis->code,
        pos, diagnosis->hint[0] == '\0' ? NULL : diagnosis->hint, "rule \"%s\", %s: %s",
        voice->builder->rule->id, voice->field, diagnosis->text);
}

static struct voice voice_of(struct builder *b, const struct expr_settings *expr,
                             bool errors, bool warnings)
{
    return (struct voice){
        .builder = b,
        .expr = expr,
        .field = expr == &b->rule->when ? "when" : "clear",
        .errors = errors,
        .warnings = warnings,
    };
}

/* ---- units ---- */

void engine_unit_free(struct unit *unit)
{
    while (unit != NULL) {
        struct unit *next = unit->next;

        program_free(unit->program);
        ast_free(unit->when);
        ast_free(unit->clear);
        mem_free(unit);
        unit = next;
    }
}

/* Checks one expression against `example`; NULL: as far as can be told without. */
static bool check_one(struct builder *b, struct ast *ast, const struct equipment *example,
                      struct voice *voice)
{
    struct diagnosis_sink sink = {speak, voice, 0};
    struct check_scope scope = {
        .model = b->model,
        .example = example,
        .rule = b->rule,
        .rules = b->engine->config->rules,
        .rule_count = b->engine->config->rule_count,
        .calendar = &b->engine->config->calendar,
    };

    return ast == NULL || check_rule(ast, &scope, &sink);
}

/* Parses silently: the text has been parsed before. */
static struct ast *parse_again(const struct expr_settings *expr)
{
    struct diagnosis_sink silent = {0};

    return expr->text[0] == '\0' ? NULL : parser_parse(expr->text, &silent);
}

/* Says with `example` in mind what is wrong; false when nothing is. Keeps the first
 * error's text in `first`, which may be NULL. */
static bool check_aloud(struct builder *b, const struct equipment *example, bool errors,
                        bool warnings, char first[DIAGNOSIS_TEXT_MAX])
{
    const struct expr_settings *exprs[] = {&b->rule->when, &b->rule->clear};
    bool good = true;

    for (size_t i = 0; i < 2; i++) {
        struct voice voice = voice_of(b, exprs[i], errors, warnings);
        struct ast *ast = parse_again(exprs[i]);

        good = check_one(b, ast, example, &voice) && good;
        ast_free(ast);
        if (first != NULL && first[0] == '\0')
            memcpy(first, voice.first, sizeof voice.first);
    }
    return !good;
}

static bool compile_unit(struct unit *unit)
{
    struct diagnosis_sink silent = {0};
    size_t nodes = unit->when->count + (unit->clear == NULL ? 0 : unit->clear->count);
    int start;

    unit->program = program_new(nodes);
    start = program_compile(unit->program, unit->when, &silent);
    if (start < 0)
        return false;
    unit->when_start = (unsigned)start;
    if (unit->clear == NULL)
        return true;
    start = program_compile(unit->program, unit->clear, &silent);
    unit->clear_start = (unsigned)start;
    return start >= 0;
}

static struct unit *new_unit(struct builder *b, const struct equipment *example)
{
    struct unit *unit = mem_alloc(sizeof *unit);
    struct voice silent = voice_of(b, &b->rule->when, false, false);

    unit->rule = b->rule;
    unit->timing = *b->rule;
    unit->example = example;
    unit->when = parse_again(&b->rule->when);
    unit->clear = parse_again(&b->rule->clear);
    unit->good = check_one(b, unit->when, example, &silent) &&
                 check_one(b, unit->clear, example, &silent) && compile_unit(unit);
    return unit;
}

static bool has_all(const struct builder *b, const struct equipment *equipment)
{
    return applies_has(b->model, b->when, equipment) &&
           (b->clear == NULL || applies_has(b->model, b->clear, equipment));
}

static bool is_alike(const struct builder *b, const struct equipment *equipment,
                     const struct equipment *example)
{
    return applies_alike(b->model, b->when, equipment, example) &&
           (b->clear == NULL || applies_alike(b->model, b->clear, equipment, example));
}

/* The unit that fits the equipment; made when there is none yet. */
static struct unit *unit_for(struct builder *b, const struct equipment *equipment)
{
    struct unit **link = &b->state->units;

    while (*link != NULL) {
        if (is_alike(b, equipment, (*link)->example))
            return *link;
        link = &(*link)->next;
    }
    *link = new_unit(b, equipment);
    return *link;
}

/* ---- instances ---- */

static struct track *track_for(void *context, const struct point *point)
{
    struct engine *engine = context;
    struct track **track = &engine->tracks[point->index];

    if (*track == NULL) {
        *track = mem_alloc(sizeof **track);
        track_init(*track, point);
    }
    return *track;
}

/* The larger of two polls and `for`, unless the rule says otherwise. */
static void widen_grace(struct unit *unit, int64_t period_ms)
{
    int64_t grace =
        2 * period_ms > unit->rule->for_ms ? 2 * period_ms : unit->rule->for_ms;

    if (unit->rule->unknown_grace_ms == 0 && grace > unit->timing.unknown_grace_ms)
        unit->timing.unknown_grace_ms = grace;
}

static void add_instance(struct builder *b, struct unit *unit,
                         const struct equipment *equipment)
{
    struct engine *engine = b->engine;
    struct bind_scope scope = {
        .model = b->model,
        .rule = b->rule,
        .tz = engine->tz,
        .track = track_for,
        .context = engine,
    };
    struct instance *instance;
    char *key;

    if (engine->instance_count == engine->instance_capacity) {
        engine->instance_capacity = 2 * engine->instance_capacity + 64;
        engine->instances = mem_resize(engine->instances, engine->instance_capacity,
                                       sizeof *engine->instances);
    }
    instance = &engine->instances[engine->instance_count];
    *instance = (struct instance){
        .unit = unit,
        .equipment = equipment,
        .alarm = {.observed_ms = -1, .level_ms = -1},
        .stepped_ns = INT64_MIN,
    };
    bind_program(&instance->binding, unit->program, equipment, &scope);
    widen_grace(unit, scope.period_ms);
    key = mem_format("%s\n%s", b->rule->id, equipment->id);
    (void)map_put(engine->by_key, key, (uint32_t)engine->instance_count);
    mem_free(key);
    engine->instance_count++;
    b->state->count++;
}

/* ---- one rule ---- */

/* The equipment of the class for which most of the rule can be found: the one to explain
 * what is missing. NULL when there is none of the class. */
static const struct equipment *best_example(const struct builder *b)
{
    const struct equipment *best = NULL;
    size_t fewest = SIZE_MAX;

    for (size_t i = 0; i < b->model->equipment_count; i++) {
        const struct equipment *equipment = &b->model->equipment[i];
        size_t missing;

        if (!engine_class_fits(b->rule, equipment))
            continue;
        missing = applies_missing(b->model, b->when, equipment);
        if (missing < fewest) {
            fewest = missing;
            best = equipment;
        }
    }
    return best;
}

/* No equipment has what the rule names. */
static void applies_to_none(struct builder *b)
{
    const struct equipment *example = b->rule->shipped ? NULL : best_example(b);

    if (!check_aloud(b, example, true, false, NULL) && example != NULL)
        config_report_add(b->report, REPORT_ERROR, "E312", b->rule->pos, NULL,
                          "rule \"%s\" applies to no equipment: no %s has all the points "
                          "and relations that it names",
                          b->rule->id, b->rule->class_name);
}

/* Some equipment has the names, but for it the rule makes no sense. */
static void say_misfits(struct builder *b, bool any_good)
{
    for (const struct unit *unit = b->state->units; unit != NULL; unit = unit->next) {
        char first[DIAGNOSIS_TEXT_MAX] = "";

        if (unit->good)
            continue;
        if (!any_good && !b->rule->shipped) {
            if (!check_aloud(b, unit->example, true, false, NULL))
                config_report_add(b->report, REPORT_ERROR, "E303", b->rule->pos,
                                  "split it into several", "rule \"%s\" is too large",
                                  b->rule->id);
            return;
        }
        (void)check_aloud(b, unit->example, false, false, first);
        config_report_add(b->report, REPORT_WARNING, "W303", b->rule->pos, NULL,
                          "rule \"%s\" is not applied to %s \"%s\" and its like: %s",
                          b->rule->id, unit->example->class_name, unit->example->id,
                          first);
    }
}

/* Warnings about a rule that works; shipped ones are not the operator's to mend. */
static void say_warnings(struct builder *b)
{
    const struct unit *unit = b->state->units;

    if (b->rule->shipped)
        return;
    while (unit != NULL && !unit->good)
        unit = unit->next;
    if (unit != NULL)
        (void)check_aloud(b, unit->example, false, true, NULL);
    if (b->rule->on_unknown == UNKNOWN_CLEAR)
        config_report_add(b->report, REPORT_WARNING, "W305", b->rule->pos,
                          "the default \"hold\" keeps it until it is proven clear",
                          "rule \"%s\" clears its alarm when data is missing",
                          b->rule->id);
}

static struct ast *parse_aloud(struct builder *b, const struct expr_settings *expr)
{
    struct voice voice = voice_of(b, expr, true, false);
    struct diagnosis_sink sink = {speak, &voice, 0};

    return expr->text[0] == '\0' ? NULL : parser_parse(expr->text, &sink);
}

static void bind_equipment(struct builder *b)
{
    for (size_t i = 0; i < b->model->equipment_count; i++) {
        const struct equipment *equipment = &b->model->equipment[i];
        struct unit *unit;

        if (!engine_class_fits(b->rule, equipment) || !has_all(b, equipment))
            continue;
        unit = unit_for(b, equipment);
        /* A group whose members differ does not even fit its own unit. */
        if (unit->good && is_alike(b, equipment, unit->example))
            add_instance(b, unit, equipment);
    }
}

static void build_rule(struct builder *b)
{
    bool any_good = false;

    b->when = parse_aloud(b, &b->rule->when);
    b->clear = parse_aloud(b, &b->rule->clear);
    if (b->when != NULL && (b->clear != NULL || b->rule->clear.text[0] == '\0')) {
        bind_equipment(b);
        for (const struct unit *unit = b->state->units; unit != NULL; unit = unit->next)
            any_good = any_good || unit->good;
        if (b->state->units == NULL)
            applies_to_none(b);
        else
            say_misfits(b, any_good);
        say_warnings(b);
    }
    ast_free(b->when);
    ast_free(b->clear);
    b->when = b->clear = NULL;
}

/* ---- the whole ---- */

/* Keeps the first error's text. */
static void keep_first(void *context, const struct diagnosis *diagnosis)
{
    char *first = context;

    if (first[0] == '\0' && diagnosis->code[0] == 'E')
        (void)snprintf(first, DIAGNOSIS_TEXT_MAX, "%s", diagnosis->text);
}

int engine_missing(const struct engine *engine, const struct rule_settings *rule,
                   const struct equipment *equipment, struct err *err)
{
    const struct expr_settings *exprs[] = {&rule->when, &rule->clear};
    const struct check_scope scope = {
        .model = engine->config->model,
        .example = equipment,
        .rule = rule,
        .rules = engine->config->rules,
        .rule_count = engine->config->rule_count,
        .calendar = &engine->config->calendar,
    };
    char first[DIAGNOSIS_TEXT_MAX] = "";

    for (size_t i = 0; i < 2; i++) {
        struct diagnosis_sink sink = {keep_first, first, 0};
        struct ast *ast = parse_again(exprs[i]);

        if (ast != NULL)
            (void)check_rule(ast, &scope, &sink);
        ast_free(ast);
    }
    return err_set(err, ERR_NOT_FOUND, "rule \"%s\" does not apply to \"%s\": %s",
                   rule->id, equipment->id,
                   first[0] == '\0' ? "the members of a relation differ" : first);
}

void engine_build(struct engine *engine, struct config_report *report)
{
    struct builder builder = {
        .engine = engine, .report = report, .model = engine->config->model};

    for (size_t i = 0; i < engine->config->rule_count; i++) {
        builder.rule = &engine->config->rules[i];
        builder.state = &engine->rules[i];
        builder.state->rule = builder.rule;
        builder.state->first = engine->instance_count;
        build_rule(&builder);
    }
    engine_index(engine);
}
