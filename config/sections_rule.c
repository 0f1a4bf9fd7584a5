/* sections_rule.c - rules as written; rules/ compiles their expressions. See sections.h.
 */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/sections.h"

static schema_parse read_rule_title, read_rule_advice, read_rule_params;

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
                  "How bad it is; decides the deadlines."),
    CONFIG_BOOL(struct rule_settings, failure, "failure", "false",
                "Whether its active time counts as a failure of the equipment."),
    CONFIG_BOOL(struct rule_settings, latch, "latch", "false",
                "Whether it stays until a person resets it."),
    CONFIG_SECTION("title", CONFIG_REQUIRED, read_rule_title, "group", &title_section,
                   "What people read; one language may be left out in a rule of your own."),
    CONFIG_SECTION("advice", CONFIG_OPTIONAL, read_rule_advice, "group", &title_section,
                   "What to look at first."),
    CONFIG_EXPR(struct rule_settings, when, "when", CONFIG_REQUIRED,
                "The condition, in the language of rules."),
    CONFIG_EXPR(struct rule_settings, clear, "clear", CONFIG_OPTIONAL,
                "The condition of its end; `not (when)` when not given."),
    CONFIG_DURATION(struct rule_settings, for_ms, "for", "0s", 0, 30 * CONFIG_DAY,
                    "How long `when` must hold."),
    CONFIG_DURATION(struct rule_settings, clear_for_ms, "clear_for", "0s", 0,
                    30 * CONFIG_DAY, "How long `clear` must hold."),
    CONFIG_DURATION(struct rule_settings, unknown_grace_ms, "unknown_grace", "0s", 0,
                    CONFIG_DAY,
                    "A running `for` starts again after so much unknown; 0s: the larger of "
                    "two polls and `for`."),
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

bool section_read_rule(struct reader *reader, const struct node *node,
                       struct rule_settings *rule)
{
    bool ok = schema_read(reader, &rule_section, NULL, node, rule);

    rule->pos = schema_id_pos(&rule_section, node);
    if (ok && !finish_title(reader, node, rule))
        ok = false;
    fall_back(&rule->title_en, &rule->title_zh);
    fall_back(&rule->advice_en, &rule->advice_zh);
    return ok;
}
