/* bounds.c - see bounds.h. */
#include "rules/bounds.h"

#include "rules/functions.h"
#include "rules/lookup.h"

#include <string.h>

static const struct bounds anything = {-INFINITY, INFINITY};

/* ---- points and parameters ---- */

double bounds_param(const struct bounds_scope *scope, const char *name)
{
    const struct equipment *equipment = scope->equipment;
    const struct rule_settings *rule = scope->rule;

    for (size_t i = 0; equipment != NULL && i < equipment->param_count; i++)
        if (strcmp(equipment->params[i].name, name) == 0)
            return equipment->params[i].value;
    for (size_t i = 0; i < rule->param_count; i++)
        if (strcmp(rule->params[i].name, name) == 0)
            return rule->params[i].value;
    return NAN;
}

/* The range that its profile gives; see config.h for how model and settings agree. */
static struct bounds of_point(const struct config *config, const struct point *point)
{
    const struct equipment_settings *settings;
    size_t index;

    if (point->kind != POINT_NUMBER) /* an enum may have codes that nobody has named */
        return anything;
    if (point->formula != 0 || point->equipment >= config->equipment_count)
        return anything;
    settings = &config->equipment[point->equipment];
    index = point->index - config->model->equipment[point->equipment].first_point;
    if (settings->points == NULL || index >= settings->point_count)
        return anything; /* "online" */
    return (struct bounds){settings->points[index].range_low,
                           settings->points[index].range_high};
}

static struct bounds of_path(const struct bounds_scope *scope,
                             const struct ast_node *node)
{
    struct resolved found;

    if (scope->equipment != NULL && lookup_point(scope->config->model, scope->equipment,
                                                 node->name, &found) == LOOKUP_FOUND)
        return of_point(scope->config, found.point);
    return anything;
}

/* ---- arithmetic ---- */

/* inf - inf and 0 * inf: nothing is known. */
static struct bounds checked(double low, double high)
{
    return isnan(low) || isnan(high) ? anything : (struct bounds){low, high};
}

static struct bounds product(struct bounds a, struct bounds b)
{
    double corners[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    double low = corners[0];
    double high = corners[0];

    for (size_t i = 1; i < 4; i++) {
        if (isnan(corners[i]))
            return anything;
        low = fmin(low, corners[i]);
        high = fmax(high, corners[i]);
    }
    return checked(low, high);
}

static struct bounds of_binary(const struct bounds_scope *scope, const struct ast *ast,
                               const struct ast_node *node)
{
    struct bounds a = bounds_of(scope, ast, node->first);
    struct bounds b = bounds_of(scope, ast, ast->nodes[node->first].next);

    switch ((int)node->op) {
    case TOKEN_PLUS:
        return checked(a.low + b.low, a.high + b.high);
    case TOKEN_MINUS:
        return checked(a.low - b.high, a.high - b.low);
    case TOKEN_STAR:
        return product(a, b);
    case TOKEN_SLASH:
        if (b.low <= 0 && b.high >= 0)
            return anything;
        return product(a, (struct bounds){1 / b.high, 1 / b.low});
    default:
        return anything;
    }
}

/* ---- functions ---- */

typedef struct bounds call_bounds(const struct bounds_scope *scope, const struct ast *ast,
                                  const struct ast_node *node);

static struct bounds arg(const struct bounds_scope *scope, const struct ast *ast,
                         const struct ast_node *node, unsigned n)
{
    uint16_t child = node->first;

    while (n-- > 0 && child != AST_NONE)
        child = ast->nodes[child].next;
    return child == AST_NONE ? anything : bounds_of(scope, ast, child);
}

/* One of the values that its argument has, or a mean of them. */
static struct bounds of_first(const struct bounds_scope *scope, const struct ast *ast,
                              const struct ast_node *node)
{
    return arg(scope, ast, node, 0);
}

static struct bounds not_negative(const struct bounds_scope *scope, const struct ast *ast,
                                  const struct ast_node *node)
{
    (void)scope;
    (void)ast;
    (void)node;
    return (struct bounds){0, INFINITY};
}

static struct bounds share(const struct bounds_scope *scope, const struct ast *ast,
                           const struct ast_node *node)
{
    (void)scope;
    (void)ast;
    (void)node;
    return (struct bounds){0, 1};
}

static struct bounds weekday(const struct bounds_scope *scope, const struct ast *ast,
                             const struct ast_node *node)
{
    (void)scope;
    (void)ast;
    (void)node;
    return (struct bounds){1, 7};
}

static struct bounds difference(const struct bounds_scope *scope, const struct ast *ast,
                                const struct ast_node *node)
{
    struct bounds a = arg(scope, ast, node, 0);

    return checked(a.low - a.high, a.high - a.low);
}

static struct bounds spread(const struct bounds_scope *scope, const struct ast *ast,
                            const struct ast_node *node)
{
    struct bounds a = arg(scope, ast, node, 0);

    return checked(0, a.high - a.low);
}

/* How long something was so within a window. */
static struct bounds in_window(const struct bounds_scope *scope, const struct ast *ast,
                               const struct ast_node *node)
{
    const struct ast_node *window = &ast->nodes[ast->nodes[node->first].next];

    (void)scope;
    return (struct bounds){0, window->samples > 0 ? INFINITY : window->number};
}

static struct bounds absolute(const struct bounds_scope *scope, const struct ast *ast,
                              const struct ast_node *node)
{
    struct bounds a = arg(scope, ast, node, 0);
    double high = fmax(fabs(a.low), fabs(a.high));

    if (a.low <= 0 && a.high >= 0)
        return (struct bounds){0, high};
    return (struct bounds){fmin(fabs(a.low), fabs(a.high)), high};
}

static struct bounds least(const struct bounds_scope *scope, const struct ast *ast,
                           const struct ast_node *node)
{
    struct bounds all = arg(scope, ast, node, 0);

    for (unsigned n = 1; n < node->count; n++) {
        struct bounds a = arg(scope, ast, node, n);

        all = (struct bounds){fmin(all.low, a.low), fmin(all.high, a.high)};
    }
    return all;
}

static struct bounds greatest(const struct bounds_scope *scope, const struct ast *ast,
                              const struct ast_node *node)
{
    struct bounds all = arg(scope, ast, node, 0);

    for (unsigned n = 1; n < node->count; n++) {
        struct bounds a = arg(scope, ast, node, n);

        all = (struct bounds){fmax(all.low, a.low), fmax(all.high, a.high)};
    }
    return all;
}

static struct bounds either(const struct bounds_scope *scope, const struct ast *ast,
                            const struct ast_node *node)
{
    struct bounds a = arg(scope, ast, node, 1);
    struct bounds b = arg(scope, ast, node, 2);

    return (struct bounds){fmin(a.low, b.low), fmax(a.high, b.high)};
}

static struct bounds clamped(const struct bounds_scope *scope, const struct ast *ast,
                             const struct ast_node *node)
{
    return (struct bounds){arg(scope, ast, node, 1).low, arg(scope, ast, node, 2).high};
}

/* What is not here can be anything. */
static const struct {
    const char *name;
    call_bounds *bounds;
} calls[] = {
    {"last", of_first},       {"prev", of_first},
    {"avg", of_first},        {"mean", of_first},
    {"min", of_first},        {"max", of_first},
    {"pctl", of_first},       {"ewma", of_first},
    {"baseline", of_first},   {"nights", of_first},
    {"delta", difference},    {"stddev", spread},
    {"count", not_negative},  {"rises", not_negative},
    {"falls", not_negative},  {"changes", not_negative},
    {"used", not_negative},   {"rate", not_negative},
    {"age", not_negative},    {"since", not_negative},
    {"gcount", not_negative}, {"gsize", not_negative},
    {"sqrt", not_negative},   {"poisson_limit", not_negative},
    {"time_true", in_window}, {"coverage", share},
    {"dow", weekday},         {"abs", absolute},
    {"minof", least},         {"maxof", greatest},
    {"if", either},           {"clamp", clamped},
};

static struct bounds of_call(const struct bounds_scope *scope, const struct ast *ast,
                             const struct ast_node *node)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].name, node->name) == 0)
            return node->count == 0 && calls[i].bounds != weekday
                       ? anything
                       : calls[i].bounds(scope, ast, node);
    return anything;
}

struct bounds bounds_of(const struct bounds_scope *scope, const struct ast *ast,
                        uint16_t index)
{
    const struct ast_node *node = &ast->nodes[index];
    struct bounds a;
    double value;

    switch (node->kind) {
    case AST_NUMBER:
    case AST_DURATION:
        return (struct bounds){node->number, node->number};
    case AST_WINDOW:
        return node->samples > 0 ? anything : (struct bounds){node->number, node->number};
    case AST_STRING:
        return node->type == EXPR_ENUM ? (struct bounds){node->code, node->code}
                                       : anything;
    case AST_PARAM:
        value = bounds_param(scope, node->name);
        return checked(value, value);
    case AST_POINT:
        return of_path(scope, node);
    case AST_UNARY:
        a = bounds_of(scope, ast, node->first);
        return (struct bounds){-a.high, -a.low};
    case AST_BINARY:
        return of_binary(scope, ast, node);
    case AST_CALL:
        return of_call(scope, ast, node);
    case AST_BOOL:
    case AST_UNKNOWN:
        break;
    }
    return anything;
}
