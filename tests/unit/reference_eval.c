/* reference_eval.c - expressions, term by term; see reference.h. */
#include "tests/unit/reference.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
    ARGS_MAX = 16,
};

/* ---- names ---- */

static const struct equipment *related(const struct reference *ref,
                                       const struct equipment *equipment,
                                       const char *relation, size_t length)
{
    const struct model *model = ref->model;

    if (length == 4 && strncmp(relation, "link", 4) == 0)
        return &model->equipment[model->links[equipment->link].stand_in];
    for (size_t i = 0; i < equipment->relation_count; i++)
        if (strlen(equipment->relations[i].name) == length &&
            strncmp(equipment->relations[i].name, relation, length) == 0)
            return &model->equipment[equipment->relations[i].equipment[0]];
    return NULL;
}

struct ref_series *ref_series_of(struct reference *ref, const struct ref_ask *ask,
                                 const struct ast_node *node)
{
    const char *dot = strchr(node->name, '.');
    const struct equipment *equipment = ask->equipment;
    const struct point *point;

    if (dot != NULL)
        equipment = related(ref, equipment, node->name, (size_t)(dot - node->name));
    assert(equipment != NULL);
    point = model_point(ref->model, equipment, dot != NULL ? dot + 1 : node->name);
    assert(point != NULL);
    return &ref->series[point->index];
}

static struct value param(const struct ref_ask *ask, const char *name)
{
    for (size_t i = 0; i < ask->equipment->param_count; i++)
        if (strcmp(ask->equipment->params[i].name, name) == 0)
            return (struct value){ask->equipment->params[i].value, 0};
    for (size_t i = 0; i < ask->rule->param_count; i++)
        if (strcmp(ask->rule->params[i].name, name) == 0)
            return (struct value){ask->rule->params[i].value, 0};
    assert(false);
    return (struct value){0, 0};
}

/* ---- values ---- */

struct value ref_value(const struct reference *ref, const struct ref_series *series,
                       int64_t now_ns)
{
    const struct ref_reading *row = ref_in_force(series, now_ns);

    if (row == NULL)
        return value_unknown(ref_why(ref, series, now_ns));
    return (struct value){row->value, row->uncertain ? VALUE_UNCERTAIN : 0};
}

/* "Arithmetic and comparison with unknown give unknown"; the union of the reasons and
 * the mark of uncertainty travel with the result. */
struct value ref_computed(double number, struct value a, struct value b)
{
    uint32_t marks = a.marks | b.marks;

    if ((marks & WHY_ALL) != 0)
        return (struct value){0, marks};
    if (!isfinite(number))
        return (struct value){0, marks | WHY_RANGE};
    return (struct value){number, marks};
}

/* The table of `and`; `or` is its mirror image. What decides alone decides the marks. */
static struct value both(struct value a, struct value b, bool decides)
{
    bool a_decides = !ref_unknown(a) && (a.number != 0) == decides;
    bool b_decides = !ref_unknown(b) && (b.number != 0) == decides;

    if (a_decides && b_decides)
        return (struct value){decides, a.marks & b.marks};
    if (a_decides)
        return (struct value){decides, a.marks};
    if (b_decides)
        return (struct value){decides, b.marks};
    return ref_computed(!decides, a, b);
}

static struct value divided(const struct ast_node *node, struct value a, struct value b)
{
    if (!ref_unknown(b) && b.number == 0)
        b = (struct value){0, b.marks | WHY_DIV0};
    if (node->op == TOKEN_SLASH)
        return ref_computed(a.number / b.number, a, b);
    return ref_computed(fmod(a.number, b.number), a, b);
}

static struct value binary(const struct ast_node *node, struct value a, struct value b)
{
    switch ((int)node->op) {
    case TOKEN_AND:
        return both(a, b, false);
    case TOKEN_OR:
        return both(a, b, true);
    case TOKEN_PLUS:
        return ref_computed(a.number + b.number, a, b);
    case TOKEN_MINUS:
        return ref_computed(a.number - b.number, a, b);
    case TOKEN_STAR:
        return ref_computed(a.number * b.number, a, b);
    case TOKEN_LESS:
        return ref_computed(a.number < b.number, a, b);
    case TOKEN_LESS_EQUAL:
        return ref_computed(a.number <= b.number, a, b);
    case TOKEN_GREATER:
        return ref_computed(a.number > b.number, a, b);
    case TOKEN_GREATER_EQUAL:
        return ref_computed(a.number >= b.number, a, b);
    case TOKEN_EQUAL:
        return ref_computed(a.number == b.number, a, b);
    case TOKEN_NOT_EQUAL:
        return ref_computed(a.number != b.number, a, b);
    default:
        return divided(node, a, b);
    }
}

/* ---- groups ---- */

/* The n-th member of a relation or a configured group without the equipment itself. */
static const struct equipment *member(const struct reference *ref,
                                      const struct equipment *equipment, const char *name,
                                      size_t n)
{
    const struct model_group *group = model_group(ref->model, name);
    const struct relation *relation = model_relation(equipment, name);
    const uint32_t *list = relation != NULL ? relation->equipment : group->equipment;
    size_t count = relation != NULL ? relation->count : group->count;

    for (size_t i = 0; i < count; i++)
        if (list[i] != equipment->index && n-- == 0)
            return &ref->model->equipment[list[i]];
    return NULL;
}

struct sum {
    size_t members;
    size_t known;
    size_t truths;
    double sum;
    double min;
    double max;
    uint32_t marks;
};

static void add_member(struct sum *sum, struct value value)
{
    sum->members++;
    sum->marks |= value.marks;
    if (ref_unknown(value))
        return;
    sum->min = sum->known == 0 ? value.number : fmin(sum->min, value.number);
    sum->max = sum->known == 0 ? value.number : fmax(sum->max, value.number);
    sum->known++;
    sum->truths += value.number != 0;
    sum->sum += value.number;
}

static struct value call_group(struct reference *ref, const struct ref_ask *ask,
                               const struct ast_node *call)
{
    const struct ast_node *first = &ask->ast->nodes[call->first];
    const struct equipment *equipment;
    struct sum sum = {0};
    double number;

    for (size_t i = 0; (equipment = member(ref, ask->equipment, first->name, i)) != NULL;
         i++) {
        struct ref_ask inner = *ask;

        inner.equipment = equipment;
        inner.trace = NULL;
        inner.slack = NULL;
        add_member(&sum, first->next == AST_NONE ? (struct value){0, 0}
                                                 : ref_term(ref, &inner, first->next));
    }
    if (strcmp(call->name, "gsize") == 0)
        return (struct value){(double)sum.members, 0};
    if (sum.members == 0 && strcmp(call->name, "gcount") != 0)
        return value_unknown(WHY_CONFIG);
    if ((double)sum.known < ask->min_cover * (double)sum.members)
        return value_unknown(sum.marks);
    if (sum.known < sum.members)
        sum.marks = VALUE_UNCERTAIN;
    if (strcmp(call->name, "gsum") == 0)
        number = sum.sum;
    else if (strcmp(call->name, "gcount") == 0)
        number = (double)sum.truths;
    else if (strcmp(call->name, "gavg") == 0)
        number = sum.sum / (double)sum.known;
    else
        number = strcmp(call->name, "gmin") == 0 ? sum.min : sum.max;
    return (struct value){number, sum.marks & VALUE_UNCERTAIN};
}

/* ---- the calendar ---- */

static int minute_of(const char *text)
{
    return ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] -
           '0';
}

static struct value within(const struct reference *ref, const struct ref_ask *ask,
                           const struct ast_node *first)
{
    struct local_time local = tz_local(ref->tz, ask->wall);
    int now = local.hour * 60 + local.minute;
    int from = minute_of(first->name);
    int to = minute_of(ask->ast->nodes[first->next].name);
    bool inside = from <= to ? now >= from && now < to : now >= from || now < to;

    return (struct value){inside, 0};
}

/* ---- of the past ---- */

static const struct ast_node *argument(const struct ref_ask *ask,
                                       const struct ast_node *call, unsigned n)
{
    const struct ast_node *node = &ask->ast->nodes[call->first];

    while (n-- > 0)
        node = &ask->ast->nodes[node->next];
    return node;
}

static struct value call_nights(struct reference *ref, const struct ref_ask *ask,
                                const struct ast_node *call)
{
    const struct ref_nights spec = {
        .length_ns = (int64_t)llround(argument(ask, call, 1)->number * 1e9),
        .from_min = minute_of(argument(ask, call, 2)->name),
        .to_min = minute_of(argument(ask, call, 3)->name),
        .count = (unsigned)argument(ask, call, 4)->number,
        .quantile = argument(ask, call, 5)->number,
    };

    return ref_call_nights(ref, ask, ref_series_of(ref, ask, argument(ask, call, 0)),
                           &spec);
}

static struct value call_weeks(struct reference *ref, const struct ref_ask *ask,
                               const struct ast_node *call)
{
    const struct ref_series *series = ref_series_of(ref, ask, argument(ask, call, 0));
    const struct ast_node *length = argument(ask, call, 1);
    struct ref_window window;
    struct value now = {0, 0};

    ref_window(&window, ref, series, length, ask->now_ns);
    (void)ref_call_window(ref, ask, "avg", &window, 0, &now);
    return ref_call_weeks(ref, ask, call->name, series,
                          (int64_t)llround(length->number * 1e9),
                          (unsigned)argument(ask, call, 2)->number, now);
}

/* ---- everything ---- */

static struct value call(struct reference *ref, const struct ref_ask *ask,
                         const struct ast_node *node)
{
    const struct ast_node *first =
        node->first == AST_NONE ? NULL : &ask->ast->nodes[node->first];
    struct value args[ARGS_MAX];
    struct value out;
    size_t count = 0;

    if (ref_is_truth(node->name))
        return ref_call_truth(ref, ask, node);
    if (strcmp(node->name, "within") == 0)
        return within(ref, ask, first);
    if (ref_call_calendar(ref, ask, node->name,
                          node->first == AST_NONE ? NULL : first->name, &out))
        return out;
    if (strcmp(node->name, "nights") == 0)
        return call_nights(ref, ask, node);
    if (strcmp(node->name, "baseline") == 0 || strcmp(node->name, "zscore") == 0)
        return call_weeks(ref, ask, node);
    if (node->name[0] == 'g' && first->kind == AST_STRING)
        return call_group(ref, ask, node);
    if (first->kind == AST_POINT && first->next != AST_NONE &&
        ask->ast->nodes[first->next].kind == AST_WINDOW) {
        const struct ast_node *window_node = &ask->ast->nodes[first->next];
        struct ref_window window;
        double argument = 0;

        if (window_node->next != AST_NONE)
            argument = ref_term(ref, ask, window_node->next).number;
        ref_window(&window, ref, ref_series_of(ref, ask, first), window_node,
                   ask->now_ns);
        if (ask->slack != NULL)
            ask->slack[node - ask->ast->nodes] =
                ref_slack(ask, node->name, &window, argument);
        if (ref_call_window(ref, ask, node->name, &window, argument, &out))
            return out;
    }
    for (uint16_t i = node->first; i != AST_NONE; i = ask->ast->nodes[i].next)
        args[count++] = ref_term(ref, ask, i);
    if (ref_call_plain(node->name, args, count, &out))
        return out;
    if (!ref_call_point(ref, ask, node->name, ref_series_of(ref, ask, first),
                        count > 1 ? args[1].number : 1, &out))
        assert(false);
    return out;
}

static struct value unary(const struct ast_node *node, struct value a)
{
    if (node->op == TOKEN_NOT)
        return ref_computed(a.number == 0, a, a);
    return ref_computed(-a.number, a, a);
}

static struct value term(struct reference *ref, const struct ref_ask *ask,
                         const struct ast_node *node)
{
    switch (node->kind) {
    case AST_NUMBER:
    case AST_DURATION:
    case AST_BOOL:
    case AST_WINDOW: /* a plain duration, as of nodata */
        return (struct value){node->number, 0};
    case AST_STRING:
        return (struct value){node->code, 0};
    case AST_UNKNOWN:
        return value_unknown(WHY_CONFIG);
    case AST_POINT:
        return ref_value(ref, ref_series_of(ref, ask, node), ask->now_ns);
    case AST_PARAM:
        return param(ask, node->name);
    case AST_UNARY:
        return unary(node, ref_term(ref, ask, node->first));
    case AST_BINARY:
        return binary(node, ref_term(ref, ask, node->first),
                      ref_term(ref, ask, ask->ast->nodes[node->first].next));
    case AST_CALL:
        return call(ref, ask, node);
    }
    assert(false);
    return (struct value){0, 0};
}

struct value ref_term(struct reference *ref, const struct ref_ask *ask, uint16_t index)
{
    struct value value = term(ref, ask, &ask->ast->nodes[index]);

    if (ask->trace != NULL)
        ask->trace[index] = value;
    return value;
}

struct value ref_eval(struct reference *ref, const struct ref_ask *ask)
{
    return ref_term(ref, ask, ask->ast->root);
}
