/* sections_rule.c - rules as written; rules/ compiles their expressions. See sections.h.
 */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/sections.h"

#include <string.h>

static schema_parse read_rule_title, read_rule_advice, read_rule_params, read_levels;

enum {
    BLIND_FIRE_MS =
        3 * 60 * 1000, /* a fire panel that is not heard is looked at sooner */
};

/* clang-format off */
static const struct schema_row rule_rows[] = {
    CONFIG_CHECKED(struct rule_settings, id, "id", CONFIG_REQUIRED, check_rule_id,
                   "Its name, such as \"pump.dry_run\"; never change it."),
    CONFIG_STRING(struct rule_settings, class_name, "class", CONFIG_REQUIRED,
                  "Class of the equipment it watches; \"*\" for every class but link."),
    CONFIG_CHOICE(struct rule_settings, kind, "kind", "fault", rule_kind_words,
                  "What it finds."),
    CONFIG_CHOICE(struct rule_settings, category, "category", "facilities", category_words,
                  "Whose work the issue becomes."),
    CONFIG_CHOICE(struct rule_settings, severity, "severity", "general", severity_words,
                  "How bad it is; decides the deadlines. Not beside `levels`."),
    CONFIG_BOOL(struct rule_settings, failure, "failure", "false",
                "Whether its active time counts as a failure of the equipment."),
    CONFIG_BOOL(struct rule_settings, latch, "latch", "false",
                "Whether it stays until a person resets it."),
    CONFIG_BOOL(struct rule_settings, highly_managed, "highly_managed", "false",
                "For fire, entrapment, gas: never shelved, suppressed, grouped or held "
                "back."),
    CONFIG_SECTION("title", CONFIG_REQUIRED, read_rule_title, "group", &title_section,
                   "What people read; one language may be left out in a rule of your own."),
    CONFIG_SECTION("advice", CONFIG_OPTIONAL, read_rule_advice, "group", &title_section,
                   "What to look at first."),
    CONFIG_EXPR(struct rule_settings, when, "when", CONFIG_OPTIONAL,
                "The condition, in the language of rules (docs/RULES.md). This or `levels` "
                "must be given."),
    CONFIG_SECTION("levels", CONFIG_OPTIONAL, read_levels, "list of groups",
                   &level_section,
                   "Instead of `when` and `severity`: one alarm that becomes worse and "
                   "better. From the mildest to the worst."),
    CONFIG_EXPR(struct rule_settings, clear, "clear", CONFIG_OPTIONAL,
                "The condition of its end; `not (when)` when not given."),
    CONFIG_DOUBLE(struct rule_settings, deadband, "deadband", CONFIG_OPTIONAL, 1e-9, 1e12,
                  "Instead of `clear`, when `when` is one comparison: the value must come "
                  "back behind the limit by so much."),
    CONFIG_DURATION(struct rule_settings, for_ms, "for", "0s", 0, 30 * CONFIG_DAY,
                    "How long `when` must hold."),
    CONFIG_DURATION(struct rule_settings, clear_for_ms, "clear_for", "0s", 0,
                    30 * CONFIG_DAY, "How long `clear` must hold."),
    CONFIG_DURATION(struct rule_settings, unknown_grace_ms, "unknown_grace", "0s", 0,
                    CONFIG_DAY,
                    "A running `for` starts again after so much unknown; 0s: the larger of "
                    "two polls and `for`."),
    CONFIG_DURATION(struct rule_settings, blind_after_ms, "blind_after", "15m",
                    10 * CONFIG_S, 30 * CONFIG_DAY,
                    "Unknown for so long is loss of monitoring; 3m for class fire_panel."),
    CONFIG_CHOICE(struct rule_settings, on_unknown, "on_unknown", "hold", on_unknown_words,
                  "What unknown does to the state."),
    CONFIG_DOUBLE(struct rule_settings, min_cover, "min_cover", "0.6", 0, 1,
                  "Share of a window that must be covered by good values."),
    CONFIG_DURATION(struct rule_settings, every_ms, "every", "0s", 0, CONFIG_DAY,
                    "Evaluate this often; 0s: when something changes or is due."),
    CONFIG_SECTION("params", CONFIG_OPTIONAL, read_rule_params, "group of numbers", NULL,
                   "Defaults of its $names; an equipment may override them."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section rule_section = {
    .name = "rule",
    .path = "rules",
    .id_key = "id",
    .rows = rule_rows,
    .doc = "A condition to watch on every equipment of a class. A rule with the id of a "
           "shipped one replaces it.",
};

/* clang-format off */
static const struct schema_row level_rows[] = {
    CONFIG_CHOICE(struct level_settings, severity, "severity", CONFIG_REQUIRED,
                  severity_words, "How bad it is then."),
    CONFIG_EXPR(struct level_settings, when, "when", CONFIG_REQUIRED,
                "The condition of this level."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section level_section = {
    .name = "level",
    .path = "levels",
    .rows = level_rows,
    .doc = "One severity of a rule. The alarm is as bad as the worst level that is true.",
};

static bool read_rule_title(struct reader *reader, const struct scope *scope,
                            const struct schema_row *row, const struct node *node,
                            void *out)
{
    struct rule_settings *rule = out;

    (void)row;
    return section_title(reader, scope, node, &rule->title_en, &rule->title_zh);
}

static bool read_rule_advice(struct reader *reader, const struct scope *scope,
                             const struct schema_row *row, const struct node *node,
                             void *out)
{
    struct rule_settings *rule = out;

    (void)row;
    return section_title(reader, scope, node, &rule->advice_en, &rule->advice_zh);
}

static bool read_rule_params(struct reader *reader, const struct scope *scope,
                             const struct schema_row *row, const struct node *node,
                             void *out)
{
    struct rule_settings *rule = out;

    (void)row;
    return section_params(reader, scope, node, false, &rule->params, &rule->param_count);
}

static bool read_level(struct reader *reader, const struct scope *scope,
                       const struct node *node, struct rule_settings *rule)
{
    struct level_settings *level = &rule->levels[rule->level_count];
    const struct level_settings *before = level - (rule->level_count > 0);

    if (!schema_read(reader, &level_section, scope, node, level))
        return false;
    level->pos = schema_pos(node, "severity");
    rule->level_count++;
    if (before == level || level->severity > before->severity)
        return true;
    return schema_fail(reader, CODE(LEVELS), level->pos,
                       "from the mildest to the worst: minor, general, serious",
                       "level \"%s\" does not rise above \"%s\" before it",
                       severity_name(level->severity), severity_name(before->severity));
}

static bool read_levels(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct rule_settings *rule = out;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    if (node->count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"levels\" is empty");
    if (node->count > RULE_LEVELS_MAX)
        return schema_fail(reader, CODE(LEVELS), node->key,
                           "one for each of minor, general, serious",
                           "more than %d levels", RULE_LEVELS_MAX);
    for (size_t i = 0; i < node->count; i++)
        if (!read_level(reader, scope, &node->children[i], rule))
            return false;
    return true;
}

/* Falls back to the other language, and to "" when there is neither. */
static void fall_back(const char **en, const char **zh)
{
    const char *other = *en != NULL ? *en : *zh;

    if (other == NULL)
        other = "";
    *en = *en == NULL ? other : *en;
    *zh = *zh == NULL ? other : *zh;
}

static bool finish_title(struct reader *reader, const struct node *node,
                         const struct rule_settings *rule)
{
    const struct node *title = node_member(node, "title");
    int given = (rule->title_en != NULL) + (rule->title_zh != NULL);

    if (title == NULL || title->kind != NODE_GROUP)
        return true; /* already reported */
    if (rule->shipped && given < 2)
        return schema_fail(reader, CODE(TITLE), title->key, NULL,
                           "a shipped rule needs its title in both en and zh");
    if (given == 0)
        return schema_fail(reader, CODE(TITLE), title->key,
                           "write title : { en = \"...\"; zh = \"...\"; };",
                           "the title needs \"en\" or \"zh\"");
    return true;
}

/* What says when it is raised and when it ends, each in one way only. */
static bool finish_conditions(struct reader *reader, const struct node *node,
                              struct rule_settings *rule)
{
    static const char beside[] = "beside levels: each level has its own";
    bool ok;

    if (node_member(node, "levels") == NULL) {
        if (rule->when.text[0] == '\0')
            return schema_fail(reader, CODE(REQUIRED), rule->pos,
                               "write when = \"...\"; or levels = ( ... );",
                               "\"when\" is missing in rule \"%s\"", rule->id);
        return rule->clear.text[0] == '\0' ||
               section_refuse(reader, node, "deadband", "beside clear");
    }
    ok = section_refuse(reader, node, "when", beside);
    ok = section_refuse(reader, node, "severity", beside) && ok;
    ok = section_refuse(reader, node, "deadband", "beside levels: write clear") && ok;
    rule->severity = rule->levels[0].severity;
    return ok;
}

/* The issue desk opens issues of that name for signals that come and go
 * (issues/desk_chatter.c); a rule's would be taken for them. */
static bool finish_id(struct reader *reader, const struct rule_settings *rule)
{
    if (strcmp(rule->id, "signal.chattering") != 0)
        return true;
    return schema_fail(reader, CODE(FORM), rule->pos, "choose another id",
                       "the id \"%s\" is the daemon's own", rule->id);
}

bool section_read_rule(struct reader *reader, const struct node *node,
                       struct rule_settings *rule)
{
    bool ok = schema_read(reader, &rule_section, NULL, node, rule);

    rule->pos = schema_id_pos(&rule_section, node);
    rule->first = rule->last = node->pos;
    if (node->kind == NODE_GROUP && node->count > 0)
        rule->last = node->children[node->count - 1].pos;
    if (ok && !finish_id(reader, rule))
        ok = false;
    if (ok && !finish_title(reader, node, rule))
        ok = false;
    if (ok && !finish_conditions(reader, node, rule))
        ok = false;
    if (node_member(node, "blind_after") == NULL &&
        strcmp(rule->class_name, "fire_panel") == 0)
        rule->blind_after_ms = BLIND_FIRE_MS;
    fall_back(&rule->title_en, &rule->title_zh);
    fall_back(&rule->advice_en, &rule->advice_zh);
    return ok;
}
