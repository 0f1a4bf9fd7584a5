/* sections_file.c - what may stand at the top of each kind of file; see drafts.h. */
#include "config/codes.h"
#include "config/drafts.h"

#include <string.h>

enum {
    PROFILES_MAX = 2000, /* shipped and own */
    TABLES_MAX = 2000,
    SUPPRESS_MAX = 1000, /* rows; each has many targets */
};

static schema_parse read_site, read_web, read_history, read_poll, read_folder, read_list,
    read_profile, read_table, read_disabled, read_calendar;

/* clang-format off */
static const struct schema_row main_rows[] = {
    CONFIG_SECTION("site", CONFIG_OPTIONAL, read_site, "group", &site_section,
                   "The building or estate. Must be given once."),
    CONFIG_CUSTOM("state_dir", "/var/lib/facilityd", read_folder, "folder",
                  "Where the daemon keeps what must survive. Main file only."),
    CONFIG_CUSTOM("include_dir", CONFIG_OPTIONAL, read_folder, "folder",
                  "Its `*.cfg` are read in the order of their names as if they were part "
                  "of the main file: lists are appended, a group may be given once in all. "
                  "Main file only."),
    CONFIG_CUSTOM("profile_dir", CONFIG_OPTIONAL, read_folder, "folder",
                  "Profiles of your own, one file each. Main file only."),
    CONFIG_CUSTOM("table_dir", CONFIG_OPTIONAL, read_folder, "folder",
                  "Tables of names of your own, one file each. Main file only."),
    CONFIG_CUSTOM("rule_dir", CONFIG_OPTIONAL, read_folder, "folder",
                  "Rules of your own. Main file only."),
    CONFIG_CUSTOM("rules_disabled", CONFIG_OPTIONAL, read_disabled, "list of ids",
                  "Rules that are not to run."),
    CONFIG_SECTION("links", CONFIG_OPTIONAL, read_list, "list of groups", &link_section,
                   "Wires and peers."),
    CONFIG_SECTION("equipment", CONFIG_OPTIONAL, read_list, "list of groups",
                   &equipment_section, "What is watched."),
    CONFIG_SECTION("profiles", CONFIG_OPTIONAL, read_list, "list of groups",
                   &profile_section, "Models of devices."),
    CONFIG_SECTION("tables", CONFIG_OPTIONAL, read_list, "list of groups", &table_section,
                   "Names of codes and bits."),
    CONFIG_SECTION("poll", CONFIG_OPTIONAL, read_poll, "group", &poll_section,
                   "What the poll classes mean."),
    CONFIG_SECTION("rules", CONFIG_OPTIONAL, read_list, "list of groups", &rule_section,
                   "Conditions to watch."),
    CONFIG_SECTION("suppress", CONFIG_OPTIONAL, read_list, "list of groups",
                   &suppress_section, "Which alarms explain which others."),
    CONFIG_SECTION("tests", CONFIG_OPTIONAL, read_list, "list of groups", &test_section,
                   "Tests of rules."),
    CONFIG_SECTION("groups", CONFIG_OPTIONAL, read_list, "list of groups", &group_section,
                   "Equipment that rules speak of together."),
    CONFIG_SECTION("virtual", CONFIG_OPTIONAL, read_list, "list of groups",
                   &virtual_section, "Points that are computed."),
    CONFIG_SECTION("calendar", CONFIG_OPTIONAL, read_calendar, "group", &calendar_section,
                   "Holidays and seasons."),
    CONFIG_SECTION("sinks", CONFIG_OPTIONAL, read_list, "list of groups", &sink_section,
                   "Time series engines."),
    CONFIG_SECTION("web", CONFIG_OPTIONAL, read_web, "group", &web_section,
                   "The web server."),
    CONFIG_SECTION("history", CONFIG_OPTIONAL, read_history, "group", &history_section,
                   "Series on this machine."),
    CONFIG_REFUSED("notify", "not built yet; remove it for now"),
    CONFIG_REFUSED("devices", "the key is \"equipment\""),
    CONFIG_REFUSED("profile", "profiles = ( { ... } ); or a file in profile_dir"),
    CONFIG_REFUSED("table", "tables = ( { ... } ); or a file in table_dir"),
    CONFIG_END,
};

static const struct schema_row profile_file_rows[] = {
    CONFIG_SECTION("profile", CONFIG_OPTIONAL, read_profile, "group", &profile_section,
                   "The profile of this file."),
    CONFIG_SECTION("profiles", CONFIG_OPTIONAL, read_list, "list of groups",
                   &profile_section, "Several in one file."),
    CONFIG_END,
};

static const struct schema_row table_file_rows[] = {
    CONFIG_SECTION("table", CONFIG_OPTIONAL, read_table, "group", &table_section,
                   "The table of this file."),
    CONFIG_SECTION("tables", CONFIG_OPTIONAL, read_list, "list of groups", &table_section,
                   "Several in one file."),
    CONFIG_END,
};

static const struct schema_row rule_file_rows[] = {
    CONFIG_SECTION("rules", CONFIG_OPTIONAL, read_list, "list of groups", &rule_section,
                   "The rules of this file."),
    CONFIG_SECTION("suppress", CONFIG_OPTIONAL, read_list, "list of groups",
                   &suppress_section, "Which alarms explain which others."),
    CONFIG_SECTION("tests", CONFIG_OPTIONAL, read_list, "list of groups", &test_section,
                   "Tests of the rules."),
    CONFIG_END,
};

static const struct schema_row calendar_file_rows[] = {
    CONFIG_SECTION("calendar", CONFIG_OPTIONAL, read_calendar, "group", &calendar_section,
                   "The days of a country."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section main_section = {
    .name = "the configuration",
    .path = "Main file",
    .rows = main_rows,
    .doc = "The file the daemon is started with, and the files of `include_dir`.",
};

const struct schema_section profile_file_section = {
    .name = "a profile file",
    .path = "Files of profile_dir",
    .rows = profile_file_rows,
    .doc = "A file with `profile : { ... };`.",
};

const struct schema_section table_file_section = {
    .name = "a table file",
    .path = "Files of table_dir",
    .rows = table_file_rows,
    .doc = "A file with `table : { ... };`.",
};

const struct schema_section rule_file_section = {
    .name = "a rules file",
    .path = "Files of rule_dir",
    .rows = rule_file_rows,
    .doc = "A file with `rules = ( { ... } );`.",
};

const struct schema_section calendar_file_section = {
    .name = "a calendar file",
    .path = "Shipped calendars",
    .rows = calendar_file_rows,
    .doc = "A file with `calendar : { ... };`.",
};

/* ---- what may be given once ---- */

static bool once(struct reader *reader, const struct node **slot, const struct node *node)
{
    if (*slot == NULL) {
        *slot = node;
        return true;
    }
    return schema_fail(reader, CODE(TWICE), node->key, NULL,
                       "\"%s\" is already given in %s:%u", node->name,
                       config_report_path(reader->report, (*slot)->key.file),
                       (*slot)->key.line);
}

static bool read_site(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct drafts *drafts = out;

    (void)scope;
    (void)row;
    return once(reader, &drafts->site_node, node) &&
           section_read_site(reader, node, &drafts->site);
}

static bool read_web(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    struct drafts *drafts = out;

    (void)scope;
    (void)row;
    return once(reader, &drafts->web_node, node) &&
           section_read_web(reader, node, &drafts->web);
}

static bool read_history(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct drafts *drafts = out;

    (void)scope;
    (void)row;
    return once(reader, &drafts->history_node, node) &&
           section_read_history(reader, node, &drafts->history);
}

static bool read_poll(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct drafts *drafts = out;

    (void)row;
    return once(reader, &drafts->poll_node, node) &&
           schema_read(reader, &poll_section, scope, node, &drafts->poll);
}

/* A country's days add to the site's own, which say what the calendar is. */
static bool read_country(struct reader *reader, const struct node *node,
                         struct calendar_body *calendar)
{
    struct calendar_settings own = calendar->settings;
    bool ok = section_read_calendar(reader, node, calendar);

    calendar->settings = own;
    return ok;
}

static bool read_calendar(struct reader *reader, const struct scope *scope,
                          const struct schema_row *row, const struct node *node,
                          void *out)
{
    struct drafts *drafts = out;

    (void)scope;
    (void)row;
    if (drafts->source == SOURCE_SHIPPED)
        return read_country(reader, node, &drafts->calendar);
    return once(reader, &drafts->calendar_node, node) &&
           section_read_calendar(reader, node, &drafts->calendar);
}

static bool read_folder(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct drafts *drafts = out;
    const struct {
        const char *key;
        const struct node **slot;
    } folders[] = {
        {"state_dir", &drafts->state_dir},     {"include_dir", &drafts->include_dir},
        {"profile_dir", &drafts->profile_dir}, {"rule_dir", &drafts->rule_dir},
        {"table_dir", &drafts->table_dir},
    };
    const char *text;

    (void)scope;
    if (drafts->source != SOURCE_MAIN)
        return schema_fail(reader, CODE(NOT_HERE), node->key, "move it to the main file",
                           "\"%s\" can be given in the main file only", row->key);
    if (!schema_text(reader, NULL, row->key, node, &text))
        return false;
    if (text[0] == '\0')
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"%s\" is empty",
                           row->key);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (strcmp(row->key, folders[i].key) == 0)
            *folders[i].slot = node;
    return true;
}

/* ---- lists ---- */

static bool add_link(struct drafts *drafts, const struct node *node, void *entry)
{
    struct link_draft *draft = entry;

    draft->node = node;
    return section_read_link(&drafts->reader, node, &draft->settings);
}

static bool add_equipment(struct drafts *drafts, const struct node *node, void *entry)
{
    struct equipment_entry *equipment = entry;

    equipment->node = node;
    equipment->broken = !section_read_equipment(&drafts->reader, node, &equipment->draft);
    return !equipment->broken;
}

static bool add_sink(struct drafts *drafts, const struct node *node, void *entry)
{
    struct sink_draft *draft = entry;

    draft->node = node;
    return section_read_sink(&drafts->reader, node, &draft->settings);
}

static bool add_rule(struct drafts *drafts, const struct node *node, void *entry)
{
    struct rule_draft *draft = entry;

    draft->node = node;
    draft->tried = drafts->source == SOURCE_TRIED;
    draft->settings.shipped = drafts->source == SOURCE_SHIPPED;
    draft->broken = !section_read_rule(&drafts->reader, node, &draft->settings);
    return !draft->broken;
}

static bool add_profile(struct drafts *drafts, const struct node *node, void *entry)
{
    struct profile_draft *draft = entry;

    draft->node = node;
    draft->shipped = drafts->source == SOURCE_SHIPPED;
    draft->broken = !section_read_profile(&drafts->reader, node, &draft->body);
    return !draft->broken;
}

static bool add_table(struct drafts *drafts, const struct node *node, void *entry)
{
    struct table_draft *draft = entry;

    draft->node = node;
    draft->shipped = drafts->source == SOURCE_SHIPPED;
    return section_read_table(&drafts->reader, node, &draft->settings);
}

static bool add_suppress(struct drafts *drafts, const struct node *node, void *entry)
{
    struct suppress_draft *draft = entry;

    draft->node = node;
    draft->settings.shipped = drafts->source == SOURCE_SHIPPED;
    draft->broken = !section_read_suppress(&drafts->reader, node, &draft->settings);
    return !draft->broken;
}

static bool add_group(struct drafts *drafts, const struct node *node, void *entry)
{
    struct group_draft *draft = entry;

    draft->node = node;
    draft->broken = !section_read_group(&drafts->reader, node, &draft->settings);
    return !draft->broken;
}

static bool add_virtual(struct drafts *drafts, const struct node *node, void *entry)
{
    struct virtual_draft *draft = entry;

    draft->node = node;
    draft->broken = !section_read_virtual(&drafts->reader, node, &draft->settings);
    return !draft->broken;
}

static bool add_test(struct drafts *drafts, const struct node *node, void *entry)
{
    struct test_draft *draft = entry;

    draft->node = node;
    draft->settings.shipped = drafts->source == SOURCE_SHIPPED;
    draft->dropped = !section_read_test(&drafts->reader, node, &draft->settings);
    return !draft->dropped;
}

static const struct list_kind {
    const char *key;
    const struct schema_section *section;
    size_t vector; /* offset in the drafts */
    size_t size;
    size_t max;
    bool (*add)(struct drafts *drafts, const struct node *node, void *entry);
} list_kinds[] = {
    {"links", &link_section, offsetof(struct drafts, links), sizeof(struct link_draft),
     CONFIG_LINKS_MAX, add_link},
    {"equipment", &equipment_section, offsetof(struct drafts, equipment),
     sizeof(struct equipment_entry), CONFIG_EQUIPMENT_MAX, add_equipment},
    {"sinks", &sink_section, offsetof(struct drafts, sinks), sizeof(struct sink_draft),
     CONFIG_SINKS_MAX, add_sink},
    {"rules", &rule_section, offsetof(struct drafts, rules), sizeof(struct rule_draft),
     CONFIG_RULES_MAX, add_rule},
    {"suppress", &suppress_section, offsetof(struct drafts, suppress),
     sizeof(struct suppress_draft), SUPPRESS_MAX, add_suppress},
    {"groups", &group_section, offsetof(struct drafts, groups),
     sizeof(struct group_draft), CONFIG_GROUPS_MAX, add_group},
    {"virtual", &virtual_section, offsetof(struct drafts, virtuals),
     sizeof(struct virtual_draft), CONFIG_VIRTUALS_MAX, add_virtual},
    {"tests", &test_section, offsetof(struct drafts, tests), sizeof(struct test_draft),
     CONFIG_TESTS_MAX, add_test},
    {"profiles", &profile_section, offsetof(struct drafts, profiles),
     sizeof(struct profile_draft), PROFILES_MAX, add_profile},
    {"tables", &table_section, offsetof(struct drafts, tables),
     sizeof(struct table_draft), TABLES_MAX, add_table},
};

static const struct list_kind *list_kind(const char *key)
{
    size_t i = 0;

    while (strcmp(list_kinds[i].key, key) != 0)
        i++; /* every row that comes here has its kind */
    return &list_kinds[i];
}

static bool read_one(struct drafts *drafts, const struct list_kind *kind,
                     const struct node *node)
{
    struct vector *vector = (struct vector *)((char *)drafts + kind->vector);
    struct reader *reader = &drafts->reader;
    void *entry;

    if (!schema_want(reader, NULL, kind->section->name, node, NODE_GROUP))
        return false;
    entry = vector_add(reader->arena, vector, kind->size, kind->max);
    return entry != NULL && kind->add(drafts, node, entry);
}

static bool read_list(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    const struct list_kind *kind = list_kind(row->key);
    struct drafts *drafts = out;
    const struct vector *vector =
        (const struct vector *)((const char *)drafts + kind->vector);
    bool ok = true;

    (void)scope;
    if (!schema_want(reader, NULL, row->key, node, NODE_LIST))
        return false;
    if (node->count > kind->max - vector->count)
        return schema_fail(reader, CODE(TOO_MANY), node->key,
                           "what is beyond is a second gateway",
                           "more than %zu in \"%s\"", kind->max, row->key);
    for (size_t i = 0; i < node->count; i++)
        if (!read_one(drafts, kind, &node->children[i]))
            ok = false;
    return ok;
}

static bool read_profile(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    (void)reader;
    (void)scope;
    (void)row;
    return read_one(out, list_kind("profiles"), node);
}

static bool read_table(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    (void)reader;
    (void)scope;
    (void)row;
    return read_one(out, list_kind("tables"), node);
}

static bool read_disabled(struct reader *reader, const struct scope *scope,
                          const struct schema_row *row, const struct node *node,
                          void *out)
{
    struct drafts *drafts = out;
    bool ok = true;

    (void)scope;
    if (!schema_want(reader, NULL, row->key, node, NODE_LIST))
        return false;
    for (size_t i = 0; i < node->count; i++) {
        const struct node **slot;

        if (!schema_want(reader, NULL, row->key, &node->children[i], NODE_STRING)) {
            ok = false;
            continue;
        }
        slot = vector_add(reader->arena, &drafts->disabled, sizeof(const struct node *),
                          CONFIG_RULES_MAX);
        if (slot == NULL)
            return schema_fail(reader, CODE(TOO_MANY), node->key, NULL,
                               "more than %d in \"%s\"", CONFIG_RULES_MAX, row->key);
        *slot = &node->children[i];
    }
    return ok;
}
