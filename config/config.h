/* config.h - a configuration as an immutable snapshot.
 *
 * config_load reads the main file, the folder it names, the shipped and the operator's
 * profiles and rules, checks everything that can be checked without a network, resolves
 * names to indices and builds the model. It never stops at the first error. Expressions
 * are only carried here; rules/ compiles them and reports through the same report.
 *
 * Correspondence with the model: model->equipment[i] for i < equipment_count was written
 * as equipment[i], and its points are equipment[i].points in the same order, then the
 * computed ones (virtuals[equipment[i].virtuals[k]]), then "online". Behind them stand
 * the stand-ins of the links, in link order; a link's `power` is a relation of its
 * stand-in. model->groups[i] is groups[i], its members in the order of their indices.
 *
 * Threads: read-only after loading.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/report.h"
#include "config/settings.h"
#include "telemetry/model.h"

enum {
    /* Bounds of one gateway; links: the unit's TasksMax allows a thread for each. */
    CONFIG_LINKS_MAX = 1000,
    CONFIG_EQUIPMENT_MAX = 20000,
    CONFIG_POINTS_MAX = 1000000,
    CONFIG_RULES_MAX = 2000,
    CONFIG_TESTS_MAX = 4000,
    CONFIG_VIRTUALS_MAX = 1000,
    CONFIG_GROUPS_MAX = 1000,
    CONFIG_SINKS_MAX = 16,
    CONFIG_FILE_MAX = 16 * 1024 * 1024, /* bytes of one file */
};

struct config {
    struct site_settings site;
    struct web_settings web;
    struct history_settings history;
    const char *state_dir; /* absolute */
    struct link_settings *links;
    size_t link_count;
    struct profile_settings *profiles;
    size_t profile_count;
    struct equipment_settings *equipment;
    size_t equipment_count;
    size_t instance_count; /* of points and variants; equipment[i].instance is below */
    struct rule_settings *rules; /* without the disabled ones */
    size_t rule_count;
    struct suppress_settings *suppress;
    size_t suppress_count;
    struct group_settings *groups;
    size_t group_count;
    struct virtual_settings *virtuals;
    size_t virtual_count;
    struct calendar_settings calendar;
    struct test_settings *tests; /* of shipped and own rules */
    size_t test_count;
    struct sink_settings *sinks;
    size_t sink_count;
    struct model *model;
    bool partial; /* there were errors; what had some is left out */
    bool lacking; /* equipment or computed points are among that */
};

/* Loads `path`; NULL: nothing but what is shipped, as if for a site that has no equipment
 * yet. `shipped_dir` holds the shipped "profiles", "tables" and "rules" folders.
 * NULL when there is an error; what was wrong (and every warning) is in `report`. */
struct config *config_load(const char *path, const char *shipped_dir,
                           struct config_report *report);
/* The same, but errors leave what is good of it (`partial` is set): only to look for more
 * errors in that, as long as there are few. NULL when there is nothing to look at. */
struct config *config_load_partial(const char *path, const char *shipped_dir,
                                   struct config_report *report);
/* The same with the rules of another file, which take the place of those with the same
 * id: to try a change before it is made. */
struct config *config_load_trying(const char *path, const char *rules,
                                  const char *shipped_dir, struct config_report *report);
void config_free(struct config *config); /* NULL is fine */

/* The reference of every key: name, type, bounds, default, meaning. As Markdown. */
void config_reference(struct text *out);

#endif
