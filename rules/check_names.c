/* check_names.c - points, parameters and enum values of an expression. */
#include "rules/check_impl.h"

#include "base/mem.h"
#include "config/report.h"
#include "rules/lookup.h"

#include <stdio.h>
#include <string.h>

const char *check_hint(const char *word, const char *const *candidates, size_t count,
                       char out[DIAGNOSIS_HINT_MAX])
{
    const char *near = count == 0 ? NULL : config_nearest(word, candidates, count);

    if (near == NULL)
        return NULL;
    (void)snprintf(out, DIAGNOSIS_HINT_MAX, "did you mean \"%s\"?", near);
    return out;
}

/* The names of the equipment's points, or of its relations. The caller's (mem_free). */
static const char **names_of(const struct model *model, const struct equipment *equipment,
                             bool relations, size_t *count)
{
    const char **names;

    *count = relations ? equipment->relation_count + 1 : equipment->point_count;
    names = mem_array(*count, sizeof *names);
    for (size_t i = 0; i < *count; i++) {
        if (!relations)
            names[i] = model->points[equipment->first_point + i].name;
        else
            names[i] =
                i < equipment->relation_count ? equipment->relations[i].name : "link";
    }
    return names;
}

/* What else the unknown name may be. */
static const char *point_hint(struct checker *c, const struct resolved *found,
                              char out[DIAGNOSIS_HINT_MAX])
{
    const struct rule_settings *rule = c->scope->rule;
    size_t count;
    const char **names = names_of(c->scope->model, found->equipment, false, &count);
    const char *hint = check_hint(found->name, names, count, out);

    mem_free((void *)names);
    if (hint != NULL)
        return hint;
    for (size_t i = 0; rule != NULL && i < rule->param_count; i++) {
        if (strcmp(rule->params[i].name, found->name) != 0)
            continue;
        (void)snprintf(out, DIAGNOSIS_HINT_MAX, "a parameter is written $%s",
                       found->name);
        return out;
    }
    if (model_relation(found->equipment, found->name) != NULL) {
        (void)snprintf(out, DIAGNOSIS_HINT_MAX, "a relation; name a point of it: %s.run",
                       found->name);
        return out;
    }
    if (function_find(found->name) == NULL)
        return NULL;
    (void)snprintf(out, DIAGNOSIS_HINT_MAX, "a function; give it arguments: %s(...)",
                   found->name);
    return out;
}

static void no_relation(struct checker *c, const struct ast_node *node,
                        const struct resolved *found)
{
    char hint[DIAGNOSIS_HINT_MAX];
    size_t count;
    const char **names = names_of(c->scope->model, found->equipment, true, &count);

    diagnose(c->sink, "E308", node->at, check_hint(found->name, names, count, hint),
             "%s \"%s\" has no relation \"%s\"", found->equipment->class_name,
             found->equipment->id, found->name);
    mem_free((void *)names);
}

static void not_found(struct checker *c, const struct ast_node *node,
                      enum lookup_result result, const struct resolved *found)
{
    char hint[DIAGNOSIS_HINT_MAX];

    switch (result) {
    case LOOKUP_FOUND:
        break;
    case LOOKUP_NO_POINT:
        diagnose(c->sink, "E307", node->at, point_hint(c, found, hint),
                 "%s \"%s\" has no point \"%s\"", found->equipment->class_name,
                 found->equipment->id, found->name);
        break;
    case LOOKUP_NO_RELATION:
        no_relation(c, node, found);
        break;
    case LOOKUP_LIST:
        (void)snprintf(hint, sizeof hint, "as in gsum('%s', ...)", found->name);
        diagnose(c->sink, "E308", node->at, hint,
                 "the relation \"%s\" is a list; only group functions take it",
                 found->name);
        break;
    }
}

void check_point(struct checker *c, uint16_t index)
{
    static const enum expr_type types[] = {
        [POINT_NUMBER] = EXPR_NUMBER, [POINT_BOOL] = EXPR_BOOL,
        [POINT_ENUM] = EXPR_ENUM,     [POINT_TEXT] = EXPR_ANY,
        [POINT_FLAGS] = EXPR_NUMBER,
    };
    struct ast_node *node = &c->ast->nodes[index];
    struct resolved found;
    enum lookup_result result;

    node->type = EXPR_ANY;
    if (c->equipment == NULL)
        return;
    result = lookup_point(c->scope->model, c->equipment, node->name, &found);
    if (result != LOOKUP_FOUND) {
        not_found(c, node, result, &found);
        return;
    }
    node->point = found.point;
    node->type = types[found.point->kind];
    node->unit = found.point->unit == NULL ? "" : found.point->unit;
    node->measure = measure_of(node->unit);
    /* What has a unit was measured; a bare number may be a code or a count. */
    node->floating = found.point->kind == POINT_NUMBER && !found.point->counter &&
                     node->unit[0] != '\0';
    if (found.point->kind == POINT_TEXT)
        diagnose(c->sink, "E306", node->at, NULL,
                 "\"%s\" is text; it is shown, rules cannot use it", node->name);
}

void check_param(struct checker *c, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const struct rule_settings *rule = c->scope->rule;
    char hint[DIAGNOSIS_HINT_MAX];
    const char **names;

    node->type = EXPR_NUMBER;
    if (rule == NULL) {
        diagnose(c->sink, "E309", node->at, "write the number itself",
                 "a computed point has no parameters");
        return;
    }
    for (size_t i = 0; i < rule->param_count; i++)
        if (strcmp(rule->params[i].name, node->name) == 0)
            return;
    names = mem_array(rule->param_count + 1, sizeof *names);
    for (size_t i = 0; i < rule->param_count; i++)
        names[i] = rule->params[i].name;
    if (check_hint(node->name, names, rule->param_count, hint) == NULL)
        (void)snprintf(hint, sizeof hint, "add params : { %s = ...; }; to the rule",
                       node->name);
    diagnose(c->sink, "E309", node->at, hint, "the parameter $%s has no default",
             node->name);
    mem_free((void *)names);
}

void check_label(struct checker *c, uint16_t string, const struct point *point)
{
    struct ast_node *node = &c->ast->nodes[string];
    char hint[DIAGNOSIS_HINT_MAX];
    const char **names;

    if (point == NULL)
        return;
    for (size_t i = 0; i < point->label_count; i++) {
        if (strcmp(point->labels[i].name, node->name) != 0)
            continue;
        node->code = (double)point->labels[i].code;
        node->type = EXPR_ENUM;
        node->point = point;
        return;
    }
    names = mem_array(point->label_count + 1, sizeof *names);
    for (size_t i = 0; i < point->label_count; i++)
        names[i] = point->labels[i].name;
    if (check_hint(node->name, names, point->label_count, hint) == NULL &&
        point->label_count > 0)
        (void)snprintf(hint, sizeof hint, "its first value is '%s'",
                       point->labels[0].name);
    else if (point->label_count == 0)
        hint[0] = '\0';
    diagnose(c->sink, "E310", node->at, hint, "\"%s\" is no value of \"%s\"", node->name,
             point->name);
    mem_free((void *)names);
}
