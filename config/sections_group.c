/* sections_group.c - groups of equipment and points that are computed; see sections.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/sections.h"

static schema_parse read_members, read_for, read_title, read_type;

/* clang-format off */
static const struct schema_row group_rows[] = {
    CONFIG_CHECKED(struct group_settings, id, "id", CONFIG_REQUIRED, check_id,
                   "Its name in rules: `gsum('tower-1-lifts', ...)`."),
    CONFIG_STRING(struct group_settings, class_name, "class", CONFIG_OPTIONAL,
                  "Every equipment of this class."),
    CONFIG_STRING(struct group_settings, place, "place", CONFIG_OPTIONAL,
                  "Every equipment there: `\"Building 1\"` also holds `\"Building 1/Unit 2\"`. "
                  "With `class`: of that class."),
    CONFIG_CUSTOM("equipment", CONFIG_OPTIONAL, read_members, "list of ids",
                  "These, instead of `class` and `place`."),
    CONFIG_END,
};

static const struct schema_row virtual_rows[] = {
    CONFIG_CHECKED(struct virtual_settings, name, "name", CONFIG_REQUIRED, check_point_name,
                   "The name of the point, as if it were measured."),
    CONFIG_STRING(struct virtual_settings, class_name, "class", CONFIG_OPTIONAL,
                  "Every equipment of this class has it that has what it is computed from. This "
                  "or `equipment` must be given."),
    CONFIG_CUSTOM("equipment", CONFIG_OPTIONAL, read_for, "an id or a list of ids",
                  "These have it."),
    CONFIG_SECTION("title", CONFIG_OPTIONAL, read_title, "group", &title_section,
                   "As people call it; the name when not given."),
    CONFIG_STRING(struct virtual_settings, unit, "unit", CONFIG_OPTIONAL,
                  "Of the value, such as \"%\"."),
    CONFIG_CUSTOM("type", "number", read_type, "`\"number\"`, `\"bool\"`",
                  "What the value is."),
    CONFIG_EXPR(struct virtual_settings, value, "value", CONFIG_REQUIRED,
                "The value, in the language of rules. Unknown is a missing reading."),
    CONFIG_DURATION(struct virtual_settings, every_ms, "every", "10s", CONFIG_S, CONFIG_DAY,
                    "How often it is computed."),
    CONFIG_DOUBLE(struct virtual_settings, min_cover, "min_cover", "0.6", 0, 1,
                  "Share of a window that must be covered by good values."),
    CONFIG_BOOL(struct virtual_settings, store, "store", "true",
                "Whether it becomes a series."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section group_section = {
    .name = "group",
    .path = "groups",
    .id_key = "id",
    .rows = group_rows,
    .doc =
        "Equipment that functions over groups speak of together, beside the relations.",
};

const struct schema_section virtual_section = {
    .name = "virtual",
    .path = "virtual",
    .id_key = "name",
    .rows = virtual_rows,
    .doc =
        "A point that is computed from others: in rules, on pages and in series like a "
        "measured one.",
};

static bool read_members(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct group_settings *group = out;

    if (!section_words(reader, scope, row->key, node, &group->equipment,
                       &group->equipment_count))
        return false;
    if (group->equipment_count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL,
                           "\"equipment\" is empty");
    return true;
}

bool section_read_group(struct reader *reader, const struct node *node,
                        struct group_settings *group)
{
    static const char both[] = "beside equipment: it names all members";
    bool ok = schema_read(reader, &group_section, NULL, node, group);

    group->pos = schema_id_pos(&group_section, node);
    if (!ok)
        return false;
    if (group->equipment_count > 0)
        return section_refuse(reader, node, "class", both) &&
               section_refuse(reader, node, "place", both);
    if (group->class_name[0] != '\0' || group->place[0] != '\0')
        return true;
    return schema_fail(reader, CODE(GROUP), group->pos,
                       "write class, place or both, or equipment = (\"...\")",
                       "group \"%s\" does not say who belongs to it", group->id);
}

static bool read_for(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    struct virtual_settings *virtual = out;

    if (!section_words(reader, scope, row->key, node, &virtual->equipment,
                       &virtual->equipment_count))
        return false;
    if (virtual->equipment_count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL,
                           "\"equipment\" is empty");
    return true;
}

static bool read_title(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    struct virtual_settings *virtual = out;

    (void)row;
    return section_title(reader, scope, node, &virtual->title_en, &virtual->title_zh);
}

static bool read_type(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    static const struct schema_word words[] = {{"number", 0}, {"bool", 1}, {NULL, 0}};
    struct virtual_settings *virtual = out;
    int type;

    if (!schema_want(reader, scope, row->key, node, NODE_STRING))
        return false;
    type = schema_word(words, node->string);
    virtual->boolean = type == 1;
    if (type >= 0)
        return true;
    return schema_fail(reader, CODE(WORD), node->pos, "one of \"number\", \"bool\"",
                       "\"%.64s\" is no possible \"type\"", node->string);
}

bool section_read_virtual(struct reader *reader, const struct node *node,
                          struct virtual_settings *virtual)
{
    bool ok = schema_read(reader, &virtual_section, NULL, node, virtual);

    virtual->pos = schema_id_pos(&virtual_section, node);
    if (!ok)
        return false;
    if (virtual->boolean && !section_refuse(reader, node, "unit", "for type \"bool\""))
        return false;
    if (virtual->equipment_count > 0)
        return section_refuse(reader, node, "class", "beside equipment");
    if (virtual->class_name[0] != '\0')
        return true;
    return schema_fail(reader, CODE(VIRTUAL), virtual->pos,
                       "write class = \"...\" or equipment = (\"...\")",
                       "nobody has the point \"%s\"", virtual->name);
}
