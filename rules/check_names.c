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

enum {
    LISTED_MAX = 8,
};

const char *check_choice(const char *word, const char *what,
                         const char *const *candidates, size_t count,
                         char out[DIAGNOSIS_HINT_MAX])
{
    size_t used;
    size_t i;

    if (count == 0 || check_hint(word, candidates, count, out) != NULL)
        return count == 0 ? NULL : out;
    used = (size_t)snprintf(out, DIAGNOSIS_HINT_MAX, "%.64s", what);
    for (i = 0; i < count && i < LISTED_MAX; i++) {
        /* room for what comes behind */
        if (used + strlen(candidates[i]) + 32 > DIAGNOSIS_HINT_MAX)
            break;
        used += (size_t)snprintf(out + used, DIAGNOSIS_HINT_MAX - used, "%s%s",
                                 i == 0 ? " " : ", ", candidates[i]);
    }
    if (i < count)
        (void)snprintf(out + used, DIAGNOSIS_HINT_MAX - used, " and %zu more", count - i);
    return out;
}

/* The names of the equipment's points. The caller's (mem_free). */
static const char **points_of(const struct model *model,
                              const struct equipment *equipment, size_t *count)
{
    const char **names = mem_array(equipment->point_count + 1, sizeof *names);

    *count = equipment->point_count;
    for (size_t i = 0; i < *count; i++)
        names[i] = model->points[equipment->first_point + i].name;
    return names;
}

void check_no_relation(struct checker *c, const struct equipment *equipment,
                       struct span at, const char *name, bool groups)
{
    const struct model *model = c->scope->model;
    size_t group_count = groups ? model->group_count : 0;
    const char **names =
        mem_array(equipment->relation_count + group_count + 1, sizeof *names);
    size_t count = 0;
    char hint[DIAGNOSIS_HINT_MAX];

    for (size_t i = 0; i < equipment->relation_count; i++)
        names[count++] = equipment->relations[i].name;
    names[count++] = "link";
    for (size_t i = 0; i < group_count; i++)
        names[count++] = model->groups[i].name;
    diagnose(c->sink, "E308", at, check_choice(name, "choose from", names, count, hint),
             "%s \"%s\" has no relation \"%s\"%s", equipment->class_name, equipment->id,
             name, groups ? ", and there is no such group" : "");
    mem_free((void *)names);
}

/* What else the unknown name may be; false when nothing. */
static bool other_kind(struct checker *c, const struct resolved *found,
                       char out[DIAGNOSIS_HINT_MAX])
{
    const struct rule_settings *rule = c->scope->rule;

    for (size_t i = 0; rule != NULL && i < rule->param_count; i++) {
        if (strcmp(rule->params[i].name, found->name) != 0)
            continue;
        (void)snprintf(out, DIAGNOSIS_HINT_MAX, "a parameter is written $%s",
                       found->name);
        return true;
    }
    if (model_relation(found->equipment, found->name) != NULL)
        (void)snprintf(out, DIAGNOSIS_HINT_MAX, "a relation; name a point of it: %s.run",
                       found->name);
    else if (function_find(found->name) != NULL)
        (void)snprintf(out, DIAGNOSIS_HINT_MAX, "a function; give it arguments: %s(...)",
                       found->name);
    else
        return false;
    return true;
}

static const char *point_hint(struct checker *c, const struct resolved *found,
                              char out[DIAGNOSIS_HINT_MAX])
{
    size_t count;
    const char **names = points_of(c->scope->model, found->equipment, &count);
    const char *hint = check_hint(found->name, names, count, out);

    if (hint == NULL && other_kind(c, found, out))
        hint = out;
    if (hint == NULL)
        hint = check_choice(found->name, "it has", names, count, out);
    mem_free((void *)names);
    return hint;
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
        check_no_relation(c, found->equipment, node->at, found->name, false);
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
