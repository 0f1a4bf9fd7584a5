/* sections_common.c - what several sections are made of; see sections.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/sections.h"

#include <string.h>

enum {
    PARAMS_MAX = 64,  /* of one rule or equipment */
    TYPES_MAX = 32,   /* value types that a word is compared with */
    WORDS_MAX = 1000, /* of one list of names; submeters of a large building */
};

struct title {
    const char *en;
    const char *zh;
};

static const struct schema_row title_rows[] = {
    CONFIG_STRING(struct title, en, "en", CONFIG_OPTIONAL, "In English."),
    CONFIG_STRING(struct title, zh, "zh", CONFIG_OPTIONAL, "In Chinese (zh-CN)."),
    CONFIG_END,
};

const struct schema_section title_section = {
    .name = "title",
    .path = "title, advice",
    .rows = title_rows,
    .doc = "A text for people in both languages: `{ en = \"...\"; zh = \"...\"; }`.",
};

bool section_title(struct reader *reader, const struct scope *scope,
                   const struct node *node, const char **en, const char **zh)
{
    struct title title = {0};

    if (!schema_read(reader, &title_section, scope, node, &title))
        return false;
    *en = title.en[0] == '\0' ? NULL : title.en;
    *zh = title.zh[0] == '\0' ? NULL : title.zh;
    return true;
}

bool section_params(struct reader *reader, const struct scope *scope,
                    const struct node *node, bool declare, struct param_settings **params,
                    size_t *count)
{
    bool ok = true;

    if (!schema_want(reader, scope, node->name, node, NODE_GROUP))
        return false;
    if (node->count > PARAMS_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->key, NULL,
                           "more than %d parameters", PARAMS_MAX);
    *params = arena_array(reader->arena, node->count, sizeof **params);
    *count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *child = &node->children[i];
        const char *must = check_parameter(child->name);
        struct param_settings *param = &(*params)[i];

        param->pos = child->key;
        param->name = arena_string(reader->arena, child->name);
        if (must != NULL)
            ok = schema_fail(reader, CODE(FORM), child->key, must,
                             "\"%s\" is no name of a parameter", child->name);
        param->required = declare && child->kind == NODE_LIST && child->count == 0;
        if (!param->required &&
            !schema_number(reader, scope, child->name, child, &param->value))
            ok = false;
    }
    return ok;
}

const char *section_type_hint(struct reader *reader, const char *name)
{
    const char *names[TYPES_MAX];
    size_t count = 0;

    for (const struct schema_word *w = value_type_words; w->name != NULL; w++)
        if (count < TYPES_MAX)
            names[count++] = w->name;
    return schema_hint(reader, name, names, count, "such as u16, s32 or f32");
}

bool section_words(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, const char ***words, size_t *count)
{
    bool list = node->kind == NODE_LIST;
    size_t n = list ? node->count : 1;
    bool ok = true;

    if (n > WORDS_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->pos, NULL,
                           "more than %d elements in \"%s\"", WORDS_MAX, what);
    *words = arena_array(reader->arena, n, sizeof **words);
    *count = n;
    for (size_t i = 0; i < n; i++) {
        const struct node *word = list ? &node->children[i] : node;

        (*words)[i] = "";
        if (!schema_text(reader, scope, what, word, &(*words)[i]))
            ok = false;
        else if ((*words)[i][0] == '\0')
            ok = schema_fail(reader, CODE(EMPTY), word->pos, NULL,
                             "an empty text in \"%s\"", what);
    }
    return ok;
}

bool section_file(struct reader *reader, const struct node *group, const char *key,
                  bool secret, const char **path)
{
    const struct node *node = node_member(group, key);

    if (node == NULL || node->kind != NODE_STRING || (*path)[0] == '\0')
        return true;
    return paths_resolve_file(reader, node, secret, path);
}

bool section_refuse(struct reader *reader, const struct node *group, const char *key,
                    const char *why)
{
    const struct node *node = node_member(group, key);

    if (node == NULL)
        return true;
    return schema_fail(reader, CODE(NOT_HERE), node->key, "delete it",
                       "\"%s\" has no meaning %s", key, why);
}
