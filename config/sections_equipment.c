/* sections_equipment.c - what is measured and where; see sections.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/sections.h"

static schema_parse read_params, read_relations, read_poll, read_tables;

enum {
    RELATIONS_MAX = 32, /* of one equipment */
};

/* Fields of the settings inside the draft. */
#define DRAFT struct equipment_draft

/* clang-format off */
static const struct schema_row equipment_rows[] = {
    CONFIG_CHECKED(DRAFT, settings.id, "id", CONFIG_REQUIRED, check_id,
                   "Its name in every issue and series; never change it. Links and "
                   "equipment share one set of ids."),
    CONFIG_STRING(DRAFT, settings.name, "name", CONFIG_OPTIONAL,
                  "As people call it; the id when not given."),
    CONFIG_STRING(DRAFT, settings.class_name, "class", CONFIG_OPTIONAL,
                  "One of the classes below; the profile's when not given."),
    CONFIG_STRING(DRAFT, settings.place, "place", CONFIG_OPTIONAL,
                  "Where it stands, from the large to the small: \"Building 1/Unit 1\"."),
    CONFIG_STRING(DRAFT, settings.profile_id, "profile", CONFIG_REQUIRED,
                  "Id of the profile that describes its model."),
    CONFIG_STRING(DRAFT, settings.link_id, "link", CONFIG_REQUIRED,
                  "Id of the link it is reached through."),
    CONFIG_INT(DRAFT, settings.unit, "unit", CONFIG_OPTIONAL, 0, 255,
               "Modbus unit id: 0 to 247, and 255 on tcp. Must be given on a Modbus link."),
    CONFIG_CHECKED(DRAFT, settings.topic, "topic", CONFIG_OPTIONAL,
                   check_topic_filter,
                   "MQTT topic; those of the points are appended to it. Must be given on "
                   "an MQTT link when a point has none of its own."),
    CONFIG_BOOL(DRAFT, settings.critical, "critical", "false",
                "Ask at least every 10 s whether it answers again when it is silent."),
    CONFIG_SECTION("params", CONFIG_OPTIONAL, read_params, "group of numbers", NULL,
                   "Other values for the parameters of the profile and the $names of "
                   "rules."),
    CONFIG_STRING(DRAFT, settings.variant, "variant", CONFIG_OPTIONAL,
                  "Id of the variant of its model; the probe chooses when not given."),
    CONFIG_SECTION("poll", CONFIG_OPTIONAL, read_poll, "group of durations",
                   &poll_section, "Modbus: other periods for the poll classes."),
    CONFIG_CUSTOM("tables", CONFIG_OPTIONAL, read_tables, "group of ids",
                  "Other tables of names, by point: `{ fault_code = \"my-codes\"; }`."),
    CONFIG_DURATION(DRAFT, settings.delay_ms, "delay", CONFIG_OPTIONAL, 0, 10 * CONFIG_S,
                    "Modbus: silence before each request; the profile's when not given."),
    CONFIG_DURATION(DRAFT, settings.latency_ms, "latency", CONFIG_OPTIONAL, 0, 8 * CONFIG_S,
                    "Modbus: how long it usually takes to answer, for `facilityd --plan`; "
                    "the profile's when not given."),
    CONFIG_DURATION(DRAFT, settings.timeout_ms, "timeout", CONFIG_OPTIONAL, 10,
                    8 * CONFIG_S, "Modbus: how long an answer may take; the profile's, "
                    "else the link's."),
    CONFIG_SECTION("relations", CONFIG_OPTIONAL, read_relations,
                   "group of ids or lists of ids", NULL,
                   "Other equipment by the part it plays: `power`, `parent`, "
                   "`submeters`, or what your rules name."),
    CONFIG_BOOL(DRAFT, enabled, "enabled", "true", "false leaves it out."),
    CONFIG_REFUSED("slave", "the key is \"unit\""),
    CONFIG_REFUSED("slave_id", "the key is \"unit\""),
    CONFIG_REFUSED("unit_id", "the key is \"unit\""),
    CONFIG_REFUSED("address", "the key of a Modbus address is \"unit\""),
    CONFIG_REFUSED("location", "the key is \"place\""),
    CONFIG_REFUSED("points", "points belong to a profile"),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section equipment_section = {
    .name = "equipment",
    .path = "equipment",
    .id_key = "id",
    .rows = equipment_rows,
    .doc = "A pump, a meter, a lift: one thing that is watched.",
};

static bool read_params(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct equipment_draft *draft = out;

    (void)row;
    return section_params(reader, scope, node, false, &draft->settings.params,
                          &draft->settings.param_count);
}

static bool read_poll(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct equipment_draft *draft = out;
    int64_t *ms = draft->settings.poll_class_ms;

    (void)row;
    if (!schema_read(reader, &equipment_poll_section, scope, node, &draft->poll))
        return false;
    ms[0] = draft->poll.fast_ms;
    ms[1] = draft->poll.normal_ms;
    ms[2] = draft->poll.slow_ms;
    ms[3] = draft->poll.daily_ms;
    return true;
}

/* The names are looked for when all profiles and tables are known. */
static bool read_tables(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct equipment_draft *draft = out;
    struct word_settings *words;

    if (!schema_want(reader, scope, row->key, node, NODE_GROUP))
        return false;
    words = arena_array(reader->arena, node->count, sizeof *words);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *child = &node->children[i];

        if (!schema_want(reader, scope, child->name, child, NODE_STRING))
            return false;
        words[i] = (struct word_settings){arena_string(reader->arena, child->name),
                                          arena_string(reader->arena, child->string)};
    }
    draft->tables = node;
    draft->settings.tables = words;
    draft->settings.table_count = node->count;
    return true;
}

static bool read_relation(struct reader *reader, const struct scope *scope,
                          const struct node *node, struct relation_settings *relation)
{
    const char *must = check_name(node->name);

    relation->pos = node->key;
    relation->name = arena_string(reader->arena, node->name);
    relation->list = node->kind == NODE_LIST;
    if (must != NULL)
        return schema_fail(reader, CODE(FORM), node->key, must,
                           "\"%s\" is no name of a relation", node->name);
    return section_words(reader, scope, node->name, node, &relation->equipment,
                         &relation->count);
}

static bool read_relations(struct reader *reader, const struct scope *scope,
                           const struct schema_row *row, const struct node *node,
                           void *out)
{
    struct equipment_settings *equipment = &((struct equipment_draft *)out)->settings;
    bool ok = true;

    (void)row;
    if (!schema_want(reader, scope, node->name, node, NODE_GROUP))
        return false;
    if (node->count > RELATIONS_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->key, NULL,
                           "more than %d relations", RELATIONS_MAX);
    equipment->relations =
        arena_array(reader->arena, node->count, sizeof *equipment->relations);
    equipment->relation_count = node->count;
    for (size_t i = 0; i < node->count; i++)
        if (!read_relation(reader, scope, &node->children[i], &equipment->relations[i]))
            ok = false;
    return ok;
}

bool section_read_equipment(struct reader *reader, const struct node *node,
                            struct equipment_draft *equipment)
{
    bool ok;

    equipment->settings.unit = -1; /* not given */
    equipment->settings.delay_ms = -1;
    equipment->settings.latency_ms = -1;
    equipment->settings.timeout_ms = -1;
    ok = schema_read(reader, &equipment_section, NULL, node, equipment);
    equipment->settings.pos = schema_id_pos(&equipment_section, node);
    if (equipment->settings.name[0] == '\0')
        equipment->settings.name = equipment->settings.id;
    return ok;
}
