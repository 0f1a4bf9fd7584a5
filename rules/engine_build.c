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
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/resolve.h"

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
    char first[DIAGNOSIS_TEXT_MAX]; /* of the first error, for a message of another kind */
};

static void speak(void *context, const struct diagnosis *diagnosis)
{
    struct voice *voice = context;
    bool error = diagnosis->code[0] == 'E';
    struct config_pos pos = voice->expr->pos;

    if (error && voice->first[0] == '\0')
        (void)snprintf(voice->first, sizeof voice->first, "%s", diagnosis->text);
    if (error ? !voice->errors : !voice->warnings)
        return;
    pos.column += diagnosis->span.offset;
    pos.length = diagnosis->span.length;
    config_report_add(voice->builder->report, error ? REPORT_ERROR : REPORT_WARNING,
                      diagnosis->code, pos,
                      diagnosis->hint[0] == '\0' ? NULL : diagnosis->hint,
                      "rule \"%s\", %s: %s", voice->builder->rule->id, voice->field,
                      diagnosis->text);
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

/* ---- which equipment has what the rule names ---- */

typedef bool node_test(const struct builder *b, const char *path,
                       const struct equipment *equipment,
                       const struct equipment *example);

static bool is_group(const struct ast_node *node)
{
    const struct function *function =
        node->kind == AST_CALL ? function_find(node->name) : NULL;

    return function != NULL && function->eval_group != NULL;
}

static bool test_node(const struct builder *b, const struct ast *ast, uint16_t index,
                      const struct equipment *equipment, const struct equipment *example,
                      node_test *test);

/* Every member must pass; they are compared with the example's first. */
static bool test_group(const struct builder *b, const struct ast *ast, uint16_t index,
                       const struct equipment *equipment,
                       const struct equipment *example, node_test *test)
{
    uint16_t relation = ast_child(ast, index, 0);
    uint16_t body = ast_child(ast, index, 1);
    const uint32_t *members;
    const uint32_t *others;
    size_t count;
    size_t other_count;

    if (relation == AST_NONE || ast->nodes[relation].kind != AST_STRING)
        return true; /* the check will say so */
    members = resolve_members(b->model, equipment, ast->nodes[relation].name, &count);
    others = resolve_members(b->model, example, ast->nodes[relation].name, &other_count);
    if (members == NULL || others == NULL)
        return false;
    for (size_t i = 0; i < count && body != AST_NONE && other_count > 0; i++)
        if (!test_node(b, ast, body, &b->model->equipment[members[i]],
                       &b->model->equipment[others[0]], test))
            return false;
    return true;
}

static bool test_node(const struct builder *b, const struct ast *ast, uint16_t index,
                      const struct equipment *equipment, const struct equipment *example,
                      node_test *test)
{
    const struct ast_node *node = &ast->nodes[index];

    if (node->kind == AST_POINT)
        return test(b, node->name, equipment, example);
    if (is_group(node))
        return test_group(b, ast, index, equipment, example, test);
    for (uint16_t child = node->first; child != AST_NONE; child = ast->nodes[child].next)
        if (!test_node(b, ast, child, equipment, example, test))
            return false;
    return true;
}

static bool has_point(const struct builder *b, const char *path,
                      const struct equipment *equipment, const struct equipment *example)
{
    struct resolved found;

    (void)example;
    return resolve_point(b->model, equipment, path, &found) == RESOLVE_FOUND;
}

static bool point_alike(const struct builder *b, const char *path,
                        const struct equipment *equipment,
                        const struct equipment *example)
{
    struct resolved one;
    struct resolved other;

    return resolve_point(b->model, equipment, path, &one) == RESOLVE_FOUND &&
           resolve_point(b->model, example, path, &other) == RESOLVE_FOUND &&
           resolve_alike(one.point, other.point);
}

static bool test_rule(const struct builder *b, const struct equipment *equipment,
                      const struct equipment *example, node_test *test)
{
    return test_node(b, b->when, b->when->root, equipment, example, test) &&
           (b->clear == NULL ||
            test_node(b, b->clear, b->clear->root, equipment, example, test));
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
static bool check_one(struct builder *b, struct ast *ast,
                      const struct equipment *example, struct voice *voice)
{
    struct diagnosis_sink sink = {speak, voice, 0};
    struct check_scope scope = {b->model, example, b->rule};

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

/* The unit that fits the equipment; made when there is none yet. */
static struct unit *unit_for(struct builder *b, const struct equipment *equipment)
{
    struct unit **link = &b->state->units;

    while (*link != NULL) {
        if (test_rule(b, equipment, (*link)->example, point_alike))
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
    int64_t grace = 2 * period_ms > unit->rule->for_ms ? 2 * period_ms
                                                       : unit->rule->for_ms;

    if (unit->rule->unknown_grace_ms == 0 && grace > unit->timing.unknown_grace_ms)
        unit->timing.unknown_grace_ms = grace;
}

static void add_instance(struct builder *b, struct unit *unit,
                         const struct equipment *equipment)
{
    struct engine *engine = b->engine;
    struct bind_scope scope = {
        .model = b->model, .rule = b->rule, .track = track_for, .context = engine};
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
        .alarm.observed_ms = -1,
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
 * what is missing. `missing` is set when none has everything. */
static const struct equipment *best_example(const struct builder *b)
{
    const struct equipment *best = NULL;
    size_t fewest = SIZE_MAX;

    for (size_t i = 0; i < b->model->equipment_count; i++) {
        const struct equipment *equipment = &b->model->equipment[i];
        size_t missing = 0;

        if (!engine_class_fits(b->rule, equipment))
            continue;
        for (size_t n = 0; n < b->when->count; n++)
            missing += b->when->nodes[n].kind == AST_POINT &&
                       !has_point(b, b->when->nodes[n].name, equipment, NULL);
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

    if (check_aloud(b, NULL, true, false, NULL) || example == NULL)
        return;
    if (!check_aloud(b, example, true, false, NULL))
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

        if (!engine_class_fits(b->rule, equipment) ||
            !test_rule(b, equipment, equipment, has_point))
            continue;
        unit = unit_for(b, equipment);
        /* A group whose members differ does not even fit its own unit. */
        if (unit->good && test_rule(b, equipment, unit->example, point_alike))
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

static bool known_class(const struct builder *b)
{
    const struct equipment_class *classes;
    const char **names;
    const char *near;
    char hint[DIAGNOSIS_HINT_MAX] = "";
    size_t count;

    if (strcmp(b->rule->class_name, "*") == 0 ||
        model_class(b->rule->class_name) != NULL)
        return true;
    classes = model_classes(&count);
    names = mem_array(count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = classes[i].name;
    near = config_nearest(b->rule->class_name, names, count);
    if (near != NULL)
        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", near);
    config_report_add(b->report, REPORT_ERROR, "E313", b->rule->pos,
                      near == NULL ? NULL : hint, "rule \"%s\": there is no class \"%s\"",
                      b->rule->id, b->rule->class_name);
    mem_free((void *)names);
    return false;
}

static bool param_is_used(const struct config *config, const struct equipment *equipment,
                          const char *name)
{
    for (size_t r = 0; r < config->rule_count; r++) {
        const struct rule_settings *rule = &config->rules[r];

        for (size_t p = 0; engine_class_fits(rule, equipment) && p < rule->param_count; p++)
            if (strcmp(rule->params[p].name, name) == 0)
                return true;
    }
    return false;
}

/* The parameter nearest to the name among the rules for this equipment. */
static const char *nearest_param(const struct config *config,
                                 const struct equipment *equipment, const char *name)
{
    const char *best = NULL;

    for (size_t r = 0; r < config->rule_count && best == NULL; r++) {
        const struct rule_settings *rule = &config->rules[r];

        for (size_t p = 0; engine_class_fits(rule, equipment) && p < rule->param_count &&
                           best == NULL;
             p++) {
            const char *candidate = rule->params[p].name;

            best = config_nearest(name, &candidate, 1);
        }
    }
    return best;
}

/* A misspelt override would silently leave the default in force. */
static void say_unused_params(const struct engine *engine, struct config_report *report)
{
    const struct config *config = engine->config;

    for (size_t i = 0; i < config->equipment_count; i++) {
        const struct equipment_settings *written = &config->equipment[i];
        const struct equipment *equipment = &config->model->equipment[i];

        for (size_t p = 0; p < written->param_count; p++) {
            const struct param_settings *param = &written->params[p];
            const char *near;
            char hint[DIAGNOSIS_HINT_MAX];

            if (param_is_used(config, equipment, param->name))
                continue;
            near = nearest_param(config, equipment, param->name);
            (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?",
                           near == NULL ? "" : near);
            config_report_add(report, REPORT_WARNING, "W304", param->pos,
                              near == NULL ? NULL : hint,
                              "no rule for \"%s\" has a parameter \"%s\"", written->id,
                              param->name);
        }
    }
}

/* Calls `each` for every track of a binding, groups included. */
static void visit_tracks(const struct binding *binding, const struct program *program,
                         void (*each)(void *context, struct track *track), void *context)
{
    for (size_t i = 0; i < program->point_count; i++)
        each(context, binding->tracks[i]);
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            visit_tracks(&binding->groups[g].members[m], program->groups[g].body, each,
                         context);
}

static void count_dependent(void *context, struct track *track)
{
    struct engine *engine = context;

    track->dependents++;
    engine->dependent_count++;
}

struct filling {
    struct engine *engine;
    uint32_t instance;
};

static void fill_dependent(void *context, struct track *track)
{
    struct filling *filling = context;
    uint32_t *run = &filling->engine->dependents[track->first_dependent];

    /* A group may reach a point twice; once is enough. */
    if (track->dependents > 0 && run[track->dependents - 1] == filling->instance)
        return;
    run[track->dependents++] = filling->instance;
}

/* Each track gets a run of the array; two passes, count and fill. */
static void index_dependents(struct engine *engine)
{
    uint32_t first = 0;

    for (size_t i = 0; i < engine->instance_count; i++)
        visit_tracks(&engine->instances[i].binding, engine->instances[i].unit->program,
                     count_dependent, engine);
    engine->dependents = mem_array(engine->dependent_count + 1, sizeof(uint32_t));
    for (size_t i = 0; i < engine->config->model->point_count; i++) {
        struct track *track = engine->tracks[i];

        if (track == NULL)
            continue;
        track->first_dependent = first;
        first += track->dependents;
        track->dependents = 0;
        track_seal(track);
    }
    for (size_t i = 0; i < engine->instance_count; i++) {
        struct filling filling = {engine, (uint32_t)i};

        visit_tracks(&engine->instances[i].binding, engine->instances[i].unit->program,
                     fill_dependent, &filling);
    }
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
        if (known_class(&builder))
            build_rule(&builder);
    }
    say_unused_params(engine, report);
    index_dependents(engine);
    engine->agenda = agenda_new(engine->instance_count);
    engine->dirty = mem_array(engine->instance_count + 1, sizeof *engine->dirty);
    for (size_t i = 0; i < engine->instance_count; i++)
        engine_mark(engine, (uint32_t)i);
}
