/* vocabulary.c - the parameters and relations that rules know; see resolve.h.
 *
 * Both are named freely in an equipment, so a misspelt one would silently do nothing.
 * What is known are the `params` of the rules, the $names in their expressions, and the
 * names before a dot or in quotes there. Expressions are only looked through for such
 * names; rules/ reads them properly.
 */
#include "base/map.h"
#include "base/mem.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/nearest.h"
#include "config/resolve.h"

#include <stdio.h>
#include <string.h>

enum {
    HINTS = 64, /* names of one class that a word is compared with */
    KEY_SIZE = 160,
};

struct known_param {
    const char *class_name; /* of the rule; "*" for all */
    const char *name;
};

struct vocabulary {
    struct arena *arena; /* the configuration's */
    struct map *params;  /* "class name" */
    struct vector list;  /* struct known_param */
    struct map *relations;
    struct vector relation_list; /* const char * */
};

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

static void param_key(char key[KEY_SIZE], const char *class_name, const char *name)
{
    (void)snprintf(key, KEY_SIZE, "%.70s %.70s", class_name, name);
}

static void add_param(struct vocabulary *v, const char *class_name, const char *name)
{
    struct known_param *param;
    char key[KEY_SIZE];

    param_key(key, class_name, name);
    if (!map_put(v->params, key, 0))
        return;
    param = vector_add(v->arena, &v->list, sizeof *param, SIZE_MAX);
    *param = (struct known_param){class_name, name};
}

/* `suggest`: near misses are typos of it. */
static void add_relation(struct vocabulary *v, const char *name, bool suggest)
{
    const char **slot;

    if (!map_put(v->relations, name, 0) || !suggest)
        return;
    slot = vector_add(v->arena, &v->relation_list, sizeof *slot, SIZE_MAX);
    *slot = name;
}

/* A text in single quotes: perhaps the name of a group. Returns its end. */
static const char *add_quoted(struct vocabulary *v, const char *at)
{
    const char *end = strchr(at + 1, '\'');

    if (end == NULL)
        return at + strlen(at);
    add_relation(v, arena_bytes(v->arena, at + 1, (size_t)(end - at - 1)), false);
    return end + 1;
}

static void add_expression(struct vocabulary *v, const char *class_name, const char *text)
{
    while (*text != '\0') {
        bool param = *text == '$';
        const char *name = text + param;
        size_t length = strspn(name, NAME_CHARS);

        if (*text == '\'') {
            text = add_quoted(v, text);
            continue;
        }
        if (length > 0 && param)
            add_param(v, class_name, arena_bytes(v->arena, name, length));
        else if (length > 0 && name[length] == '.' && (*name < '0' || *name > '9'))
            add_relation(v, arena_bytes(v->arena, name, length), true);
        text = name + (length > 0 || param ? length : 1);
    }
}

static void add_rule(struct vocabulary *v, const struct rule_settings *rule)
{
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];
    size_t count = rule_expressions(rule, exprs);

    for (size_t i = 0; i < count; i++)
        add_expression(v, rule->class_name, exprs[i]->text);
}

/* Computed points, and the relations along which alarms explain each other. */
static void add_others(struct vocabulary *v, const struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->virtuals.count; i++) {
        const struct virtual_settings *virtual = &draft_virtual(drafts, i)->settings;

        add_expression(v, virtual->class_name[0] == '\0' ? "*" : virtual->class_name,
                       virtual->value.text);
    }
    for (size_t i = 0; i < drafts->suppress.count; i++) {
        const struct suppress_settings *row = &draft_suppress(drafts, i)->settings;

        if (row->via != NULL && row->via[0] != '\0')
            add_relation(v, row->via, true);
    }
}

struct vocabulary *vocabulary_new(const struct drafts *drafts)
{
    static const char *const usual[] = {"power", "parent", "submeters"};
    struct vocabulary *v = mem_alloc(sizeof *v);

    v->arena = drafts->reader.arena;
    v->params = map_new();
    v->relations = map_new();
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        add_relation(v, usual[i], true);
    for (size_t i = 0; i < drafts->rules.count; i++) {
        const struct rule_settings *rule = &draft_rule(drafts, i)->settings;

        for (size_t p = 0; p < rule->param_count; p++)
            add_param(v, rule->class_name, rule->params[p].name);
        add_rule(v, rule);
    }
    add_others(v, drafts);
    return v;
}

void vocabulary_free(struct vocabulary *vocabulary)
{
    if (vocabulary == NULL)
        return;
    map_free(vocabulary->params);
    map_free(vocabulary->relations);
    mem_free(vocabulary);
}

static bool knows_param(const struct vocabulary *v, const char *class_name,
                        const char *name)
{
    char own[KEY_SIZE];
    char any[KEY_SIZE];

    param_key(own, class_name, name);
    param_key(any, "*", name);
    return map_get(v->params, own) != MAP_NONE || map_get(v->params, any) != MAP_NONE;
}

static size_t params_of(const struct vocabulary *v, const char *class_name,
                        const char *names[HINTS])
{
    const struct known_param *list = v->list.items;
    size_t count = 0;

    for (size_t i = 0; i < v->list.count && count < HINTS; i++)
        if (strcmp(list[i].class_name, class_name) == 0 ||
            strcmp(list[i].class_name, "*") == 0)
            names[count++] = list[i].name;
    return count;
}

static bool profile_param(const struct profile_settings *profile, const char *name)
{
    for (size_t i = 0; profile != NULL && i < profile->param_count; i++)
        if (strcmp(profile->params[i].name, name) == 0)
            return true;
    return false;
}

/* Behind those that are there. */
static size_t profile_params(const struct profile_settings *profile,
                             const char *names[HINTS], size_t count)
{
    for (size_t i = 0; profile != NULL && i < profile->param_count && count < HINTS; i++)
        names[count++] = profile->params[i].name;
    return count;
}

/* One letter beside a name that exists is a mistake; anything else may be meant for a
 * rule that is still to come. */
static void check_param(const struct vocabulary *v, struct reader *reader,
                        const struct equipment_settings *equipment,
                        const struct param_settings *param)
{
    const char *names[HINTS];
    size_t count;
    const char *nearest;
    bool typo;

    if (knows_param(v, equipment->class_name, param->name) ||
        profile_param(equipment->profile, param->name))
        return;
    count = params_of(v, equipment->class_name, names);
    count = profile_params(equipment->profile, names, count);
    nearest = config_nearest(param->name, names, count);
    typo = nearest != NULL && config_one_typo(nearest, param->name);
    config_report_add(reader->report, typo ? REPORT_ERROR : REPORT_WARNING,
                      typo ? CODE(NO_EFFECT) : CODE(W_NO_EFFECT), param->pos,
                      schema_hint(reader, param->name, names, count, NULL),
                      "neither its profile nor a rule for class \"%s\" knows the "
                      "parameter \"%s\"",
                      equipment->class_name, param->name);
}

static void check_relation(const struct vocabulary *v, struct reader *reader,
                           const struct relation_settings *relation)
{
    const char *const *list = v->relation_list.items;

    if (map_get(v->relations, relation->name) != MAP_NONE)
        return;
    for (size_t i = 0; i < v->relation_list.count; i++) {
        if (!config_one_typo(list[i], relation->name))
            continue;
        (void)schema_fail(reader, CODE(NO_EFFECT), relation->pos,
                          arena_format(reader->arena, "did you mean \"%s\"?", list[i]),
                          "no rule knows the relation \"%s\"", relation->name);
        return;
    }
}

/* ---- the defaults of a rule ---- */

/* The $names of an expression, behind those that are there. */
static size_t used_names(struct arena *arena, const char *text, const char *names[HINTS],
                         size_t count)
{
    while ((text = strchr(text, '$')) != NULL && count < HINTS) {
        size_t length = strspn(++text, NAME_CHARS);

        names[count++] = arena_bytes(arena, text, length);
        text += length;
    }
    return count;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void vocabulary_check_rule(struct reader *reader, const struct rule_settings *rule)
{
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];
    size_t expr_count = rule_expressions(rule, exprs);
    const char *names[HINTS];
    size_t count = 0;

    if (rule->param_count == 0)
        return;
    for (size_t i = 0; i < expr_count; i++)
        count = used_names(reader->arena, exprs[i]->text, names, count);
    for (size_t i = 0; i < rule->param_count; i++) {
        const struct param_settings *param = &rule->params[i];
        const char *nearest = config_nearest(param->name, names, count);
        bool typo = nearest != NULL && config_one_typo(nearest, param->name);

        if (is_among(param->name, names, count) || count == HINTS ||
            check_parameter(param->name) != NULL)
            continue;
        config_report_add(reader->report, typo ? REPORT_ERROR : REPORT_WARNING,
                          typo ? CODE(NO_EFFECT) : CODE(W_NO_EFFECT), param->pos,
                          schema_hint(reader, param->name, names, count, NULL),
                          "rule \"%s\" does not use $%s", rule->id, param->name);
    }
}

/* ---- the words of a rule ---- */

/* The next word or text in quotes from `text` on, its length in *length; NULL at the
 * end. */
static const char *next_word(const char *text, size_t *length)
{
    while (*text != '\0') {
        *length = *text == '\'' ? strcspn(text + 1, "'") : strspn(text, NAME_CHARS);
        if (*length > 0)
            return text + (*text == '\'');
        text++;
    }
    return NULL;
}

/* Where to go on behind a word. */
static const char *behind(const char *word, size_t length)
{
    return word + length + (word[length] == '\'');
}

bool vocabulary_mentions(const struct rule_settings *rule, const char *name)
{
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];
    size_t count = rule_expressions(rule, exprs);
    size_t wanted = strlen(name);
    size_t length;

    for (size_t i = 0; i < count; i++)
        for (const char *word = next_word(exprs[i]->text, &length); word != NULL;
             word = next_word(behind(word, length), &length))
            if (length == wanted && memcmp(word, name, length) == 0)
                return true;
    return false;
}

size_t vocabulary_words(struct arena *arena, const struct rule_settings *rule,
                        const char **words, size_t max)
{
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];
    size_t expr_count = rule_expressions(rule, exprs);
    size_t count = 0;
    size_t length;

    for (size_t i = 0; i < expr_count; i++)
        for (const char *word = next_word(exprs[i]->text, &length);
             word != NULL && count < max; word = next_word(behind(word, length), &length))
            words[count++] = arena_bytes(arena, word, length);
    return count;
}

/* ---- equipment ---- */

void vocabulary_check(const struct vocabulary *vocabulary, struct reader *reader,
                      const struct equipment_settings *equipment)
{
    for (size_t i = 0; i < equipment->param_count; i++)
        check_param(vocabulary, reader, equipment, &equipment->params[i]);
    for (size_t i = 0; i < equipment->relation_count; i++)
        check_relation(vocabulary, reader, &equipment->relations[i]);
}
