/* each.c - see each.h. */
#include "config/each.h"

#include "config/checks.h"
#include "config/codes.h"

#include <stdio.h>
#include <string.h>

enum {
    MARK_SIZE = 72, /* "{name}" of the longest name */
};

bool each_read(struct reader *reader, const struct scope *scope, const struct node *node,
               struct each *each)
{
    const struct node *part = node->children;

    (void)scope;
    if (node->kind != NODE_LIST || node->count != 3 || part[0].kind != NODE_STRING ||
        part[1].kind != NODE_INT || part[2].kind != NODE_INT)
        return schema_fail(reader, CODE(EACH), node->pos, "such as (\"n\", 1, 159)",
                           "\"each\" is a name, the first and the last number");
    if (check_parameter(part[0].string) != NULL)
        return schema_fail(reader, CODE(EACH), part[0].pos,
                           check_parameter(part[0].string),
                           "\"%.64s\" cannot name the number of a row", part[0].string);
    if (part[1].integer < 0 || part[2].integer > 65535 ||
        part[1].integer > part[2].integer)
        return schema_fail(
            reader, CODE(EACH), part[1].integer < 0 ? part[1].pos : part[2].pos,
            part[1].integer > part[2].integer ? "swap them" : NULL,
            "a row counts from its first to its last number, within 0 to 65535");
    *each = (struct each){arena_string(reader->arena, part[0].string), part[1].integer,
                          part[2].integer};
    return true;
}

static void mark_of(const struct each *each, char mark[MARK_SIZE])
{
    (void)snprintf(mark, MARK_SIZE, "{%s}", each->name);
}

bool each_in_text(const struct each *each, const char *text)
{
    char mark[MARK_SIZE];

    mark_of(each, mark);
    return strstr(text, mark) != NULL;
}

static const char *fill(struct arena *arena, const char *text, const struct each *each,
                        int64_t number)
{
    char mark[MARK_SIZE];
    const char *at;

    if (strlen(text) > SCHEMA_TEXT_MAX)
        return text; /* refused when it is read */
    mark_of(each, mark);
    while ((at = strstr(text, mark)) != NULL)
        text = arena_format(arena, "%.*s%lld%s", (int)(at - text), text,
                            (long long)number, at + strlen(mark));
    return text;
}

/* True when a text in it has the number. Recursion is bounded by SCAN_DEPTH_MAX. */
static bool is_marked(const struct node *node, const struct each *each)
{
    if (node->kind == NODE_STRING)
        return each_in_text(each, node->string);
    if (node->kind != NODE_GROUP && node->kind != NODE_LIST)
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (is_marked(&node->children[i], each))
            return true;
    return false;
}

/* What has no number in it is shared: a row may carry a long table of codes. */
const struct node *each_point(struct arena *arena, const struct node *point,
                              const struct each *each, int64_t number)
{
    struct node *copy;
    struct node *children;

    if (!is_marked(point, each))
        return point;
    copy = arena_array(arena, 1, sizeof *copy);
    *copy = *point;
    if (point->kind == NODE_STRING) {
        copy->string = fill(arena, point->string, each, number);
        return copy;
    }
    children = arena_array(arena, point->count, sizeof *children);
    for (size_t i = 0; i < point->count; i++)
        children[i] = *each_point(arena, &point->children[i], each, number);
    copy->children = children;
    return copy;
}
