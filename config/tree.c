/* tree.c - see tree.h. The only file that knows libconfig. */
#include "config/tree.h"

#include "base/mem.h"
#include "config/codes.h"

#include <libconfig.h>
#include <string.h>

struct joiner {
    const char *text;
    const struct scan *scan;
    size_t next; /* the scan item that the next setting must be */
    struct arena *arena;
};

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
        [NODE_GROUP] = "a group { }", [NODE_LIST] = "a list ( )",
        [NODE_STRING] = "a text",     [NODE_INT] = "an integer",
        [NODE_DOUBLE] = "a number",   [NODE_BOOL] = "true or false",
    };

    return names[kind];
}

const struct node *node_member(const struct node *group, const char *name)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->children[i].name, name) == 0)
            return &group->children[i];
    return NULL;
}

/* libconfig's type of what the scan saw. */
static int type_of(enum scan_kind kind)
{
    static const int types[] = {
        [SCAN_GROUP] = CONFIG_TYPE_GROUP, [SCAN_LIST] = CONFIG_TYPE_LIST,
        [SCAN_ARRAY] = CONFIG_TYPE_ARRAY, [SCAN_STRING] = CONFIG_TYPE_STRING,
        [SCAN_INT] = CONFIG_TYPE_INT,     [SCAN_INT64] = CONFIG_TYPE_INT64,
        [SCAN_FLOAT] = CONFIG_TYPE_FLOAT, [SCAN_BOOL] = CONFIG_TYPE_BOOL,
    };

    return types[kind];
}

static bool same_name(const struct joiner *joiner, const struct scan_item *item,
                      const char *name)
{
    size_t length = name == NULL ? 0 : strlen(name);

    return length == item->name_length &&
           (length == 0 || memcmp(joiner->text + item->name, name, length) == 0);
}

static void set_scalar(struct joiner *joiner, struct node *node,
                       const config_setting_t *setting)
{
    const char *string;

    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
        node->kind = NODE_INT;
        node->integer = config_setting_get_int(setting);
        break;
    case CONFIG_TYPE_INT64:
        node->kind = NODE_INT;
        node->integer = config_setting_get_int64(setting);
        break;
    case CONFIG_TYPE_FLOAT:
        node->kind = NODE_DOUBLE;
        node->number = config_setting_get_float(setting);
        break;
    case CONFIG_TYPE_BOOL:
        node->kind = NODE_BOOL;
        node->boolean = config_setting_get_bool(setting) != 0;
        break;
    default:
        string = config_setting_get_string(setting);
        node->kind = NODE_STRING;
        node->string = string == NULL ? "" : arena_string(joiner->arena, string);
        break;
    }
}

static bool join_children(struct joiner *joiner, struct node *node,
                          const config_setting_t *setting);

/* Recursion is bounded by SCAN_DEPTH_MAX. */
static bool join(struct joiner *joiner, struct node *node,
                 const config_setting_t *setting)
{
    const struct scan_item *item;
    const char *name = config_setting_name(setting);

    if (joiner->next >= joiner->scan->count)
        return false;
    item = &joiner->scan->items[joiner->next++];
    if (type_of(item->kind) != config_setting_type(setting) ||
        !same_name(joiner, item, name))
        return false;
    node->name = name == NULL ? "" : arena_string(joiner->arena, name);
    node->key = item->key;
    node->pos = item->value;
    if (item->kind <= SCAN_ARRAY)
        return join_children(joiner, node, setting);
    set_scalar(joiner, node, setting);
    return true;
}

static bool join_children(struct joiner *joiner, struct node *node,
                          const config_setting_t *setting)
{
    int count = config_setting_length(setting);
    struct node *children;

    node->kind = config_setting_is_group(setting) ? NODE_GROUP : NODE_LIST;
    node->count = (size_t)count;
    children = arena_array(joiner->arena, node->count, sizeof *children);
    node->children = children;
    for (int i = 0; i < count; i++)
        if (!join(joiner, &children[i], config_setting_get_elem(setting, (unsigned)i)))
            return false;
    return true;
}

/* A copy for libconfig: its scanner knows a comment only with the end of its line. */
static char *text_for_libconfig(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 2);

    memcpy(copy, text, length);
    copy[length] = '\n';
    return copy;
}

static bool parse(struct joiner *joiner, size_t length, struct node *root)
{
    char *copy = text_for_libconfig(joiner->text, length);
    config_t parsed;
    bool ok;

    config_init(&parsed);
    config_set_auto_convert(&parsed, CONFIG_FALSE); /* the schema converts */
    ok = config_read_string(&parsed, copy) == CONFIG_TRUE &&
         join_children(joiner, root, config_root_setting(&parsed)) &&
         joiner->next == joiner->scan->count;
    config_destroy(&parsed);
    mem_free(copy);
    return ok;
}

const struct node *tree_parse(const char *text, size_t length, uint32_t file,
                              struct arena *arena, struct config_report *report)
{
    struct scan *scan = scan_run(text, length, file, report);
    struct joiner joiner = {.text = text, .scan = scan, .arena = arena};
    struct node *root = NULL;

    if (!scan->ok)
        goto out;
    root = arena_array(arena, 1, sizeof *root);
    root->name = "";
    root->pos = root->key = (struct config_pos){file, 1, 1, 1};
    if (!parse(&joiner, length, root)) {
        struct config_pos pos = joiner.next > 0 && joiner.next <= scan->count
                                    ? scan->items[joiner.next - 1].key
                                    : root->pos;

        config_report_add(report, REPORT_ERROR, CODE(DISAGREE), pos,
                          "please report this with the file",
                          "the parser disagrees with the check before it");
        root = NULL;
    }
out:
    scan_free(scan);
    return root;
}
