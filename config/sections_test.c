/* sections_test.c - tests of rules, written beside them; see sections.h. What a series
 * of readings means is rules/trial.h. */
#include "config/calendar.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/sections.h"

#include <string.h>

enum {
    SERIES_MAX = 64,    /* points of one equipment */
    EQUIPMENT_MAX = 64, /* of one test */
    EXPECT_MAX = 200,   /* of one test */
    COUNTERS_MAX = 16,
};

static schema_parse read_counters, read_params, read_points, read_relations, read_expect;
static schema_parse read_related_points;

static const struct schema_word state_words[] = {
    {"normal", 0},   {"pending", 1}, {"active", 2},
    {"clearing", 3}, {"latched", 4}, {NULL, 0},
};

static const struct schema_word mark_words[] = {
    {"known", 0},
    {"unknown", 1},
    {NULL, 0},
};

/* clang-format off */
static const struct schema_row test_rows[] = {
    CONFIG_CHECKED(struct test_settings, rule, "rule", CONFIG_REQUIRED, check_rule_id,
                   "Id of the rule it is about."),
    CONFIG_STRING(struct test_settings, name, "name", CONFIG_OPTIONAL,
                  "What it shows, for people."),
    CONFIG_DURATION(struct test_settings, step_ms, "step", "5s", 100, CONFIG_DAY,
                    "Time from one reading to the next."),
    CONFIG_STRING(struct test_settings, start, "start", CONFIG_OPTIONAL,
                  "When it begins, local time: `\"2026-03-02T01:00\"`; a Monday noon when not "
                  "given."),
    CONFIG_STRING(struct test_settings, timezone, "timezone", CONFIG_OPTIONAL,
                  "IANA name; `Asia/Shanghai` when not given."),
    CONFIG_CUSTOM("counters", CONFIG_OPTIONAL, read_counters, "list of names",
                  "Points that are counters."),
    CONFIG_CUSTOM("params", CONFIG_OPTIONAL, read_params, "group of numbers",
                  "Other values for the $names of the rule."),
    CONFIG_CUSTOM("points", CONFIG_REQUIRED, read_points, "group of texts",
                  "Readings by point: `{ flow = \"3x12 0.1x30 _x12\"; }`, as described in "
                  "docs/RULES.md."),
    CONFIG_SECTION("relations", CONFIG_OPTIONAL, read_relations,
                   "group of groups, or of lists of groups", &test_equipment_section,
                   "Other equipment, by relation."),
    CONFIG_SECTION("expect", CONFIG_REQUIRED, read_expect, "list of groups",
                   &expect_section, "What must be true of the alarm, in order of time."),
    CONFIG_END,
};

static const struct schema_row equipment_rows[] = {
    CONFIG_STRING(struct test_equipment, class_name, "class", CONFIG_OPTIONAL,
                  "Its class; that of the rule when not given."),
    CONFIG_CUSTOM("points", CONFIG_REQUIRED, read_related_points, "group of texts",
                  "Its readings by point."),
    CONFIG_END,
};

static const struct schema_row expect_rows[] = {
    CONFIG_DURATION(struct test_expect, at_ms, "at", CONFIG_REQUIRED, 0, 400 * CONFIG_DAY,
                    "When it is looked at, counted from the first reading."),
    CONFIG_WORD(struct test_expect, state, "state", CONFIG_REQUIRED, state_words,
                "The state of the alarm."),
    CONFIG_WORD(struct test_expect, mark, "mark", CONFIG_OPTIONAL, mark_words,
                "Whether the truth of the rule is known then."),
    CONFIG_WORD(struct test_expect, level, "level", CONFIG_OPTIONAL, severity_words,
                "How bad it is then, for a rule with levels."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section test_section = {
    .name = "test",
    .path = "tests",
    .id_key = "name",
    .rows = test_rows,
    .doc = "A test of a rule: what its points read, and what its alarm must be then. "
           "`facilityctl rules test` runs them; the daemon does not look at them.",
};

const struct schema_section test_equipment_section = {
    .name = "test_equipment",
    .path = "relations of a test",
    .rows = equipment_rows,
    .doc = "Equipment of a test that a relation leads to.",
};

const struct schema_section expect_section = {
    .name = "expect",
    .path = "expect",
    .rows = expect_rows,
    .doc = "One look at the alarm.",
};

static bool read_counters(struct reader *reader, const struct scope *scope,
                          const struct schema_row *row, const struct node *node,
                          void *out)
{
    struct test_settings *test = out;

    if (!section_words(reader, scope, row->key, node, &test->counters,
                       &test->counter_count))
        return false;
    if (test->counter_count > COUNTERS_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->key, NULL,
                           "more than %d counters", COUNTERS_MAX);
    return true;
}

static bool read_params(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct test_settings *test = out;

    (void)row;
    return section_params(reader, scope, node, false, &test->params, &test->param_count);
}

static bool read_series(struct reader *reader, const struct scope *scope,
                        const struct node *node, struct test_equipment *equipment)
{
    bool ok = true;

    if (!schema_want(reader, scope, node->name, node, NODE_GROUP))
        return false;
    if (node->count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"points\" is empty");
    if (node->count > SERIES_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->key, NULL, "more than %d points",
                           SERIES_MAX);
    equipment->series =
        arena_array(reader->arena, node->count, sizeof(struct test_series));
    equipment->series_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *child = &node->children[i];
        struct test_series *series = &equipment->series[i];

        *series = (struct test_series){.pos = child->pos,
                                       .point = arena_string(reader->arena, child->name),
                                       .text = ""};
        if (!schema_want(reader, scope, child->name, child, NODE_STRING))
            ok = false;
        else if (child->string[0] == '\0')
            ok = schema_fail(reader, CODE(EMPTY), child->pos, NULL, "\"%s\" is empty",
                             child->name);
        else
            series->text = arena_string(reader->arena, child->string);
    }
    return ok;
}

static bool read_points(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    (void)row;
    return read_series(reader, scope, node, &((struct test_settings *)out)->equipment[0]);
}

static bool read_related_points(struct reader *reader, const struct scope *scope,
                                const struct schema_row *row, const struct node *node,
                                void *out)
{
    (void)row;
    return read_series(reader, scope, node, out);
}

/* One relation: a group, or a list of them. */
static bool read_relation(struct reader *reader, const struct scope *scope,
                          const struct node *node, struct test_settings *test)
{
    bool list = node->kind == NODE_LIST;
    size_t count = list ? node->count : 1;
    const char *must = check_name(node->name);
    bool ok = true;

    if (must != NULL)
        return schema_fail(reader, CODE(FORM), node->key, must,
                           "\"%s\" is no name of a relation", node->name);
    if (count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, "leave the relation out",
                           "\"%s\" is empty", node->name);
    if (test->equipment_count + count > EQUIPMENT_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->key, NULL,
                           "more than %d equipment in one test", EQUIPMENT_MAX);
    for (size_t i = 0; i < count; i++) {
        struct test_equipment *member = &test->equipment[test->equipment_count++];

        if (!schema_read(reader, &test_equipment_section, scope,
                         list ? &node->children[i] : node, member))
            ok = false;
        member->relation = arena_string(reader->arena, node->name);
        member->list = list;
    }
    return ok;
}

static bool read_relations(struct reader *reader, const struct scope *scope,
                           const struct schema_row *row, const struct node *node,
                           void *out)
{
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_GROUP))
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (!read_relation(reader, scope, &node->children[i], out))
            ok = false;
    return ok;
}

static bool read_expect(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct test_settings *test = out;
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    if (node->count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"expect\" is empty");
    if (node->count > EXPECT_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->key, NULL,
                           "more than %d looks in one test", EXPECT_MAX);
    test->expect = arena_array(reader->arena, node->count, sizeof *test->expect);
    test->expect_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        struct test_expect *expect = &test->expect[i];

        expect->pos = node->children[i].pos;
        if (!schema_read(reader, &expect_section, scope, &node->children[i], expect))
            ok = false;
        else if (ok && i > 0 && expect->at_ms < test->expect[i - 1].at_ms)
            ok = schema_fail(reader, CODE(TEST), schema_pos(&node->children[i], "at"),
                             NULL, "what is expected stands in order of time");
    }
    return ok;
}

/* "2026-03-02T01:00", with seconds if need be. */
static bool is_start(const char *text)
{
    char date[11];
    int32_t day;
    size_t length = strlen(text);

    if ((length != 16 && length != 19) || text[10] != 'T' || text[13] != ':')
        return false;
    memcpy(date, text, 10);
    date[10] = '\0';
    if (!calendar_parse_day(date, &day) ||
        strspn(text + 11, "0123456789:") != length - 11)
        return false;
    if (length == 19 && (text[16] != ':' || text[17] > '5'))
        return false;
    return strncmp(text + 11, "24", 2) < 0 && text[14] < '6';
}

/* At most: the equipment itself and what its relations name. */
static size_t count_equipment(const struct node *node)
{
    const struct node *relations = node_member(node, "relations");
    size_t count = 1;

    if (relations == NULL || relations->kind != NODE_GROUP)
        return count;
    for (size_t i = 0; i < relations->count; i++) {
        const struct node *relation = &relations->children[i];

        count += relation->kind == NODE_LIST ? relation->count : 1;
    }
    return count < EQUIPMENT_MAX ? count : EQUIPMENT_MAX;
}

bool section_read_test(struct reader *reader, const struct node *node,
                       struct test_settings *test)
{
    bool ok;

    test->equipment =
        arena_array(reader->arena, count_equipment(node), sizeof *test->equipment);
    test->equipment[0] = (struct test_equipment){.relation = "", .class_name = ""};
    test->equipment_count = 1;
    test->pos = schema_pos(node, "rule");
    ok = schema_read(reader, &test_section, NULL, node, test);
    if (test->start != NULL && test->start[0] != '\0' && !is_start(test->start))
        ok = schema_fail(reader, CODE(DATE), schema_pos(node, "start"),
                         "such as \"2026-03-02T01:00\"", "\"%.64s\" is no time",
                         test->start);
    if (test->timezone[0] != '\0' &&
        !paths_check_timezone(reader, schema_pos(node, "timezone"), test->timezone))
        ok = false;
    return ok;
}
