/* engine_explain.c - the truth of a rule on an equipment with every value that led to it,
 * as JSON (the shape is in engine.h). The same text is the evidence of a change. */
#include "rules/engine_impl.h"

#include "base/json_out.h"
#include "rules/lookup.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    EXPLAIN_DEPTH_MAX = 10,   /* levels of terms; deeper ones are only a part of a text */
    EXPLAIN_POINTS_MAX = 32,  /* points whose samples are shown */
    EXPLAIN_MEMBERS_MAX = 32, /* members of a group that are listed */
    COMPUTED_DIGITS = 12,     /* of a mean or a sum: beyond is the noise of doubles */
};

struct writer {
    struct json_out json;
    struct engine *engine;
    const struct instance *instance;
    const struct ast *ast; /* of the expression being written */
    const struct program *program;
    unsigned start; /* of its code */
    const struct track *shown[EXPLAIN_POINTS_MAX];
    size_t shown_count;
};

static void put_reasons(struct json_out *json, uint32_t marks)
{
    json_key(json, "reasons");
    json_open(json, '[');
    for (unsigned bit = 0; bit < WHY_COUNT; bit++)
        if ((marks & (1U << bit)) != 0)
            json_string(json, value_reason_name(bit));
    json_close(json, ']');
}

static const char *label_of(const struct point *point, double code)
{
    for (size_t i = 0; point != NULL && i < point->label_count; i++)
        if ((double)point->labels[i].code == code)
            return point->labels[i].name;
    return NULL;
}

/* What was computed of a point carries no more than the point. */
static int digits_of(const struct ast_node *node)
{
    if (node->point != NULL &&
        (node->kind == AST_POINT ||
         (node->point->digits > 0 && node->point->digits < COMPUTED_DIGITS)))
        return node->point->digits;
    return COMPUTED_DIGITS;
}

static void put_value(struct json_out *json, const struct ast_node *node,
                      struct value value)
{
    const char *label =
        node->type == EXPR_ENUM ? label_of(node->point, value.number) : NULL;

    json_key(json, "value");
    if (!value_known(value)) {
        json_null(json);
        put_reasons(json, value.marks);
        return;
    }
    if (node->type == EXPR_BOOL)
        json_bool(json, value.number != 0);
    else if (label != NULL)
        json_string(json, label);
    else
        json_number_digits(json, value.number, digits_of(node));
    if ((value.marks & VALUE_UNCERTAIN) != 0)
        json_put_bool(json, "uncertain", true);
}

static void put_text(struct json_out *json, const struct ast *ast, struct span span)
{
    char text[AST_TEXT_MAX + 1];

    memcpy(text, ast->text + span.offset, span.length);
    text[span.length] = '\0';
    json_put_string(json, "text", text);
}

static void put_unit(struct json_out *json, const struct ast_node *node)
{
    if (node->unit[0] == '\0' || node->type == EXPR_BOOL || node->type == EXPR_ENUM)
        return;
    json_put_string(json, "unit", node->unit);
}

/* The slot of the group function at this node. */
static uint16_t group_slot(const struct writer *w, uint16_t node)
{
    const struct insn *insn = &w->program->code[w->start];

    while (insn->op != OP_END && (insn->op != OP_GROUP || insn->node != node))
        insn++;
    assert(insn->op == OP_GROUP);
    return insn->slot;
}

/* What every member of a group came to. */
static void put_members(struct writer *w, uint16_t node)
{
    uint16_t index = group_slot(w, node);
    const struct program_group *slot = &w->program->groups[index];
    const struct group *group = &w->instance->binding.groups[index];
    uint16_t body = ast_child(w->ast, node, 1);

    json_put_int(&w->json, "member_count", group->count);
    if (body == AST_NONE)
        return;
    json_key(&w->json, "members");
    json_open(&w->json, '[');
    for (uint32_t i = 0; i < group->count && i < EXPLAIN_MEMBERS_MAX; i++) {
        struct eval eval =
            engine_eval_begin(w->engine, &group->members[i], w->instance->unit->rule);

        eval.peek = true;
        json_open(&w->json, '{');
        json_put_string(&w->json, "equipment", group->equipment[i]->id);
        put_value(&w->json, &w->ast->nodes[body], eval_run(&eval, slot->body, 0));
        json_close(&w->json, '}');
    }
    json_close(&w->json, ']');
}

static bool is_literal(const struct ast_node *node)
{
    return node->kind == AST_NUMBER || node->kind == AST_DURATION ||
           node->kind == AST_STRING || node->kind == AST_BOOL ||
           node->kind == AST_WINDOW || node->kind == AST_UNKNOWN;
}

static void put_node(struct writer *w, uint16_t index, unsigned depth);

/* "a and b and c" has three terms, not two of which one has two. */
static void put_chain(struct writer *w, uint16_t index, enum token_kind op,
                      unsigned depth)
{
    const struct ast_node *node = &w->ast->nodes[index];

    if (node->kind == AST_BINARY && node->op == op &&
        (op == TOKEN_AND || op == TOKEN_OR)) {
        put_chain(w, node->first, op, depth);
        put_chain(w, w->ast->nodes[node->first].next, op, depth);
        return;
    }
    put_node(w, index, depth);
}

/* Terms that have a value of their own. The point and window of a call are its own. */
static bool has_terms(const struct ast_node *node, const struct ast_node *first)
{
    if (node->kind == AST_UNARY || node->kind == AST_BINARY)
        return true;
    if (node->kind != AST_CALL || node->function->eval_group != NULL || first == NULL)
        return false;
    return first->kind != AST_POINT || strchr("pPCB", node->function->args[0]) == NULL;
}

static void put_terms(struct writer *w, uint16_t index, unsigned depth)
{
    const struct ast_node *node = &w->ast->nodes[index];
    const struct ast_node *first =
        node->first == AST_NONE ? NULL : &w->ast->nodes[node->first];

    if (depth == EXPLAIN_DEPTH_MAX || !has_terms(node, first))
        return;
    json_key(&w->json, "terms");
    json_open(&w->json, '[');
    for (uint16_t child = node->first; child != AST_NONE;
         child = w->ast->nodes[child].next)
        if (!is_literal(&w->ast->nodes[child]))
            put_chain(w, child, node->kind == AST_BINARY ? node->op : TOKEN_END,
                      depth + 1);
    json_close(&w->json, ']');
}

static void put_node(struct writer *w, uint16_t index, unsigned depth)
{
    const struct ast_node *node = &w->ast->nodes[index];
    const struct note *note = &w->engine->notes[index];

    json_open(&w->json, '{');
    put_text(&w->json, w->ast, node->span);
    put_value(&w->json, node, w->engine->trace[index]);
    put_unit(&w->json, node);
    if (note->window) {
        json_put_number(&w->json, "coverage", round(note->coverage * 1000) / 1000);
        json_put_int(&w->json, "samples", note->samples);
        if (note->method != NULL)
            json_put_string(&w->json, "method", note->method);
    }
    if (node->kind == AST_CALL && node->function->eval_group != NULL)
        put_members(w, index);
    put_terms(w, index, depth);
    json_close(&w->json, '}');
}

/* One expression, evaluated without leaving a trace in its truth logs. */
static void put_expression(struct writer *w, const char *key, enum part part)
{
    const struct ast *ast = w->instance->unit->parts.asts[part];
    unsigned start = w->instance->unit->starts[part];
    struct eval eval =
        engine_eval_begin(w->engine, &w->instance->binding, w->instance->unit->rule);

    memset(w->engine->notes, 0, ast->count * sizeof *w->engine->notes);
    eval.peek = true;
    eval.blind = w->engine->blind_count[w->instance->equipment->index] > 0;
    eval.trace = w->engine->trace;
    eval.notes = w->engine->notes;
    (void)eval_run(&eval, w->program, start);
    w->ast = ast;
    w->start = start;
    json_key(&w->json, key);
    put_node(w, ast->root, 0);
}

static void put_params(struct writer *w)
{
    const struct rule_settings *rule = w->instance->unit->rule;
    const struct program *program = w->program;
    struct json_out *json = &w->json;
    bool own;

    json_key(json, "params");
    json_open(json, '{');
    for (size_t i = 0; i < program->param_count; i++)
        json_put_number(
            json, program->params[i],
            bind_param(rule, w->instance->equipment, program->params[i], &own));
    json_close(json, '}');
    json_key(json, "overridden");
    json_open(json, '[');
    for (size_t i = 0; i < program->param_count; i++) {
        (void)bind_param(rule, w->instance->equipment, program->params[i], &own);
        if (own)
            json_string(json, program->params[i]);
    }
    json_close(json, ']');
}

static void put_sample(struct json_out *json, const char *name, const struct point *point,
                       const struct track_sample *sample)
{
    json_open(json, '{');
    json_put_string(json, "point", name);
    json_put_time(json, "time", (struct wall_time){(int64_t)sample->time_ms * CLOCK_MS});
    json_put_string(json, "quality", quality_name(sample->quality));
    if (sample->quality == QUALITY_BAD) {
        json_key(json, "value");
        json_null(json);
        json_put_string(json, "reason", reason_name(sample->reason));
    } else {
        json_key(json, "value");
        json_number_digits(json, sample->value, point->digits);
        json_put_string(json, "unit", point->unit);
    }
    json_close(json, '}');
}

/* The samples, oldest first. A point of other equipment stands with its id. */
static void put_track(struct writer *w, const struct track *track)
{
    const struct point *point = track_point(track);
    const struct equipment *equipment =
        &w->engine->config->model->equipment[point->equipment];
    char name[2 * LOOKUP_NAME_MAX];

    if (equipment == w->instance->equipment)
        (void)snprintf(name, sizeof name, "%s", point->name);
    else
        (void)snprintf(name, sizeof name, "%s.%s", equipment->id, point->name);
    for (unsigned i = 0; i < track->recent_count; i++)
        put_sample(&w->json, name, point, track_recent(track, i));
}

static void put_tracks(struct writer *w, const struct binding *binding,
                       const struct program *program)
{
    for (size_t i = 0; i < program->point_count; i++) {
        bool again = false;

        for (size_t k = 0; k < w->shown_count; k++)
            again = again || w->shown[k] == binding->tracks[i];
        if (again || w->shown_count == EXPLAIN_POINTS_MAX)
            continue;
        w->shown[w->shown_count++] = binding->tracks[i];
        put_track(w, binding->tracks[i]);
    }
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            put_tracks(w, &binding->groups[g].members[m], program->groups[g].body);
}

/* The alarm as it would be were it stepped now: its delays run on while nothing comes. */
static struct alarm alarm_now(const struct engine *engine,
                              const struct instance *instance)
{
    struct alarm alarm = instance->alarm;
    bool held = alarm.unknown && instance->unit->rule->on_unknown == UNKNOWN_HOLD;
    int64_t since_ms = instance->stepped_ns == INT64_MIN
                           ? 0
                           : (engine->now_ns - instance->stepped_ns) / CLOCK_MS;

    if (alarm.observed_ms < 0)
        alarm.observed_ms = 0;
    else if (!held)
        alarm.observed_ms += since_ms;
    if (alarm.unknown)
        alarm.unknown_ms += since_ms;
    return alarm;
}

static void put_alarm(struct writer *w)
{
    const struct instance *instance = w->instance;
    struct alarm now = alarm_now(w->engine, instance);
    const struct alarm *alarm = &now;
    struct json_out *json = &w->json;

    json_put_string(json, "rule", instance->unit->rule->id);
    json_put_string(json, "equipment", instance->equipment->id);
    json_put_string(json, "state", alarm_state_name(alarm->state));
    json_put_time(json, "since", alarm->since);
    json_put_time(json, "time", w->engine->wall);
    json_put_bool(json, "unknown", alarm->unknown);
    json_put_int(json, "unknown_ms", alarm->unknown_ms);
    json_put_int(json, "observed_ms", alarm->observed_ms);
    json_put_int(json, "for_ms", instance->unit->rule->for_ms);
    json_put_int(json, "clear_for_ms", instance->unit->rule->clear_for_ms);
    json_put_int(json, "activation", (int64_t)alarm->activation);
}

/* The expressions: `when` or the levels, and `clear`. */
static void put_parts(struct writer *w)
{
    const struct rule_settings *rule = w->instance->unit->rule;

    if (rule->level_count == 0) {
        put_expression(w, "when", PART_WHEN);
    } else {
        json_key(&w->json, "levels");
        json_open(&w->json, '[');
        for (size_t i = 0; i < rule->level_count; i++) {
            json_open(&w->json, '{');
            json_put_string(&w->json, "severity",
                            severity_name(rule->levels[i].severity));
            put_expression(w, "when", (enum part)(PART_LEVEL + i));
            json_close(&w->json, '}');
        }
        json_close(&w->json, ']');
    }
    if (w->instance->unit->parts.asts[PART_CLEAR] != NULL)
        put_expression(w, "clear", PART_CLEAR);
}

/* The wall time of a monotonic instant. */
static void put_mono_time(struct json_out *json, const char *key, int64_t mono_ns,
                          const struct engine *engine)
{
    json_put_time(json, key, (struct wall_time){mono_ns + engine->offset_ns});
}

/* What could explain it. */
static void put_parents(struct writer *w)
{
    const struct engine *engine = w->engine;
    const struct cause_graph *graph = &engine->causes;
    uint32_t index = engine_index_of(engine, w->instance);
    struct json_out *json = &w->json;

    json_key(json, "parents");
    json_open(json, '[');
    for (uint32_t i = graph->first[index];
         i < graph->first[index + 1] && i - graph->first[index] < EXPLAIN_MEMBERS_MAX;
         i++) {
        const struct instance *parent = &engine->instances[graph->parents[i].instance];
        int64_t seen_ns = cause_seen_ns(engine, parent);

        if (parent == w->instance)
            continue;
        json_open(json, '{');
        json_put_string(json, "rule", parent->unit->rule->id);
        json_put_string(json, "equipment", parent->equipment->id);
        json_put_string(json, "state", alarm_state_name(parent->alarm.state));
        json_put_bool(json, "unknown", parent->alarm.unknown);
        if (seen_ns != INT64_MAX && seen_ns != INT64_MIN)
            put_mono_time(json, "seen", seen_ns, engine);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void put_cause(struct writer *w)
{
    const struct instance *instance = w->instance;
    struct json_out *json = &w->json;

    json_put_string(
        json, "severity",
        severity_name(alarm_severity(&instance->alarm, instance->unit->rule)));
    json_put_string(json, "standing", standing_name((enum standing)instance->standing));
    json_key(json, "cause");
    if (instance->standing == STANDING_SYMPTOM && instance->cause != INSTANCE_NONE) {
        const struct instance *cause = &w->engine->instances[instance->cause];

        json_open(json, '{');
        json_put_string(json, "rule", cause->unit->rule->id);
        json_put_string(json, "equipment", cause->equipment->id);
        json_close(json, '}');
    } else {
        json_null(json);
    }
    json_put_bool(json, "chattering", instance->chatter.active);
}

bool engine_describe(struct engine *engine, const struct instance *instance,
                     struct text *json)
{
    size_t before = json->length;
    struct writer w = {
        .json = json_begin(json),
        .engine = engine,
        .instance = instance,
        .program = instance->unit->program,
    };

    json_open(&w.json, '{');
    put_alarm(&w);
    put_cause(&w);
    put_parts(&w);
    put_params(&w);
    put_parents(&w);
    json_key(&w.json, "samples");
    json_open(&w.json, '[');
    put_tracks(&w, &instance->binding, instance->unit->program);
    json_close(&w.json, ']');
    json_close(&w.json, '}');
    if (!json->overflow)
        return true;
    /* Half a document helps nobody: say at least what it is about. */
    json->overflow = false;
    json->length = before;
    json->data[before] = '\0';
    w.json = json_begin(json);
    json_open(&w.json, '{');
    put_alarm(&w);
    json_put_bool(&w.json, "cut", true);
    json_close(&w.json, '}');
    return false;
}
