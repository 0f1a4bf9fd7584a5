/* labels.c - see labels.h. */
#include "config/labels.h"

#include "config/codes.h"

#include <string.h>

enum {
    LABELS_MAX = 1000, /* of one point or table; fault code tables have hundreds */
};

static bool read_label(struct reader *reader, const struct scope *scope, const char *what,
                       const struct node *node, struct enum_settings *label)
{
    label->name = "";
    if (node->kind != NODE_LIST || node->count != 2 ||
        node->children[0].kind != NODE_INT || node->children[1].kind != NODE_STRING)
        return schema_fail(reader, CODE(LABELS), node->pos, NULL,
                           "an element of \"%s\" is (code, \"name\")", what);
    label->code = node->children[0].integer;
    if (!schema_text(reader, scope, what, &node->children[1], &label->name))
        return false;
    if (label->name[0] == '\0' || strchr(label->name, '\'') != NULL)
        return schema_fail(reader, CODE(LABELS), node->children[1].pos, NULL,
                           "a name in \"%s\" is not empty and has no '", what);
    return true;
}

/* Codes and names must be told apart. The table is small enough to look through. */
static bool check_label(struct reader *reader, const struct node *node,
                        const struct enum_settings *labels, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (labels[k].code == labels[i].code)
            return schema_fail(reader, CODE(LABELS), node->children[0].pos, NULL,
                               "code %lld is already \"%s\"", (long long)labels[i].code,
                               labels[k].name);
        if (strcmp(labels[k].name, labels[i].name) == 0)
            return schema_fail(reader, CODE(LABELS), node->children[1].pos, NULL,
                               "\"%s\" is already code %lld", labels[i].name,
                               (long long)labels[k].code);
    }
    return true;
}

bool labels_read(struct reader *reader, const struct scope *scope, const char *what,
                 const struct node *list, const struct enum_settings **labels,
                 size_t *count)
{
    struct enum_settings *read;
    bool ok = true;

    if (!schema_want(reader, scope, what, list, NODE_LIST))
        return false;
    if (list->count == 0 || list->count > LABELS_MAX)
        return schema_fail(reader, CODE(LABELS), list->pos,
                           "such as ((0, \"normal\"), (2, \"inspection\"))",
                           "\"%s\" has 1 to %d elements", what, LABELS_MAX);
    read = arena_array(reader->arena, list->count, sizeof *read);
    for (size_t i = 0; i < list->count; i++)
        if (!read_label(reader, scope, what, &list->children[i], &read[i]) ||
            !check_label(reader, &list->children[i], read, i))
            ok = false;
    *labels = read;
    *count = list->count;
    return ok;
}

const struct enum_settings *labels_beyond(const struct enum_settings *labels,
                                          size_t count, int bits)
{
    for (size_t i = 0; i < count; i++)
        if (labels[i].code < 0 || labels[i].code >= bits)
            return &labels[i];
    return NULL;
}
