/* schema.c - reading a group by its rows; see schema.h. One value: schema_value.c. */
#include "config/schema.h"

#include "config/codes.h"
#include "config/schema_value.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ROWS_MAX = 64, /* of one section; a point has the most */
    /* Comparing a word with 20000 ids takes milliseconds: not for every one of 20000
     * errors of which nobody sees more than the first REPORT_SHOWN_MAX. */
    HINTS_MAX = 100,
};

bool schema_fail(struct reader *reader, const char *code, struct config_pos pos,
                 const char *hint, const char *format, ...)
{
    char text[512]; /* as much as the report keeps */
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    config_report_add(reader->report, REPORT_ERROR, code, pos, hint, "%s", text);
    return false;
}

char *scope_text(const struct scope *scope, char out[SCOPE_TEXT_MAX])
{
    size_t used = 0;

    out[0] = '\0';
    for (; scope != NULL && used < SCOPE_TEXT_MAX - 1; scope = scope->outer) {
        const char *of = used > 0 ? " of " : "";
        int n;

        if (scope->id != NULL)
            n = snprintf(out + used, SCOPE_TEXT_MAX - used, "%s%s \"%.64s\"", of,
                         scope->what, scope->id);
        else
            n = snprintf(out + used, SCOPE_TEXT_MAX - used, "%s%s", of, scope->what);
        used += n > 0 ? (size_t)n : 0;
    }
    return out;
}

struct scope schema_scope(const struct schema_section *section, const struct scope *outer,
                          const struct node *node)
{
    struct scope scope = {.outer = outer, .what = section->name};
    const struct node *id;

    if (section->id_key == NULL || node->kind != NODE_GROUP)
        return scope;
    id = node_member(node, section->id_key);
    if (id != NULL && id->kind == NODE_STRING)
        scope.id = id->string;
    return scope;
}

struct config_pos schema_pos(const struct node *group, const char *key)
{
    const struct node *member = node_member(group, key);

    return member == NULL ? group->pos : member->pos;
}

struct config_pos schema_id_pos(const struct schema_section *section,
                                const struct node *group)
{
    return section->id_key == NULL ? group->pos : schema_pos(group, section->id_key);
}

int schema_word(const struct schema_word *words, const char *name)
{
    for (; words->name != NULL; words++)
        if (strcmp(words->name, name) == 0)
            return words->value;
    return -1;
}

const char *schema_word_name(const struct schema_word *words, int value)
{
    for (; words->name != NULL; words++)
        if (words->value == value)
            return words->name;
    return "";
}

const char *schema_hint(struct reader *reader, const char *word,
                        const char *const *candidates, size_t count,
                        const char *otherwise)
{
    const char *nearest = NULL;

    if (config_report_errors(reader->report) < HINTS_MAX)
        nearest = config_nearest(word, candidates, count);
    if (nearest == NULL)
        return otherwise;
    return arena_format(reader->arena, "did you mean \"%s\"?", nearest);
}

static const struct schema_row *find_row(const struct schema_section *section,
                                         const char *key)
{
    for (const struct schema_row *row = section->rows; row->key != NULL; row++)
        if (strcmp(row->key, key) == 0)
            return row;
    return NULL;
}

static void unknown_key(struct reader *reader, const struct schema_section *section,
                        const struct scope *scope, const struct node *node)
{
    const char *keys[ROWS_MAX];
    char where[SCOPE_TEXT_MAX];
    size_t count = 0;

    for (const struct schema_row *row = section->rows; row->key != NULL; row++) {
        assert(count < ROWS_MAX);
        if (row->type != SCHEMA_REFUSED)
            keys[count++] = row->key;
    }
    (void)schema_fail(reader, CODE(UNKNOWN_KEY), node->key,
                      schema_hint(reader, node->name, keys, count, NULL),
                      "unknown key \"%.64s\" in %s", node->name,
                      scope_text(scope, where));
}

static bool read_member(struct reader *reader, const struct schema_section *section,
                        const struct scope *scope, const struct node *node, void *out)
{
    const struct schema_row *row = find_row(section, node->name);
    char where[SCOPE_TEXT_MAX];

    if (row == NULL) {
        unknown_key(reader, section, scope, node);
        return false;
    }
    if (row->type == SCHEMA_REFUSED)
        return schema_fail(reader, CODE(UNKNOWN_KEY), node->key, row->doc,
                           "unknown key \"%s\" in %s", node->name,
                           scope_text(scope, where));
    if (row->type == SCHEMA_CUSTOM)
        return row->parse(reader, scope, row, node, out);
    return schema_set(reader, scope, row, node, out);
}

/* A misspelt key explains why its right spelling is missing; saying both is noise. */
static bool is_misspelt(const struct schema_section *section, const struct node *group,
                        const char *key)
{
    for (size_t i = 0; i < group->count; i++)
        if (find_row(section, group->children[i].name) == NULL &&
            config_nearest(group->children[i].name, &key, 1) != NULL)
            return true;
    return false;
}

bool schema_read(struct reader *reader, const struct schema_section *section,
                 const struct scope *outer, const struct node *node, void *out)
{
    struct scope scope = schema_scope(section, outer, node);
    char where[SCOPE_TEXT_MAX];
    bool ok = true;

    for (const struct schema_row *row = section->rows; row->key != NULL; row++)
        schema_default(row, out);
    if (node->kind != NODE_GROUP)
        return schema_want(reader, outer, section->name, node, NODE_GROUP);
    for (size_t i = 0; i < node->count; i++)
        if (!read_member(reader, section, &scope, &node->children[i], out))
            ok = false;
    for (const struct schema_row *row = section->rows; row->key != NULL; row++) {
        if (row->type == SCHEMA_REFUSED || row->fallback != CONFIG_REQUIRED ||
            node_member(node, row->key) != NULL)
            continue;
        ok = false;
        if (!is_misspelt(section, node, row->key))
            (void)schema_fail(reader, CODE(REQUIRED), schema_id_pos(section, node), NULL,
                              "\"%s\" is missing in %s", row->key,
                              scope_text(&scope, where));
    }
    return ok;
}
