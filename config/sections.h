/* sections.h - the sections of the configuration: their rows, and how a group of each
 * becomes a struct of settings.h.
 *
 * A reader function checks everything that can be told from the group alone. What needs
 * other groups (names, duplicates, kinds) is in config/resolve.h.
 *
 * All return false when something was reported; the struct is complete all the same, so
 * that one mistake does not hide the others.
 */
#ifndef CONFIG_SECTIONS_H
#define CONFIG_SECTIONS_H

#include "config/bodies.h"
#include "config/schema.h"
#include "config/settings.h"
#include "config/vector.h"

extern const struct schema_section site_section;
extern const struct schema_section web_section;
extern const struct schema_section history_section;
extern const struct schema_section link_section;
extern const struct schema_section equipment_section;
extern const struct schema_section profile_section;
extern const struct schema_section point_section;
extern const struct schema_section variant_section;
extern const struct schema_section probe_section;
extern const struct schema_section table_section;
extern const struct schema_section poll_section;           /* of the site */
extern const struct schema_section equipment_poll_section; /* the same without defaults */
extern const struct schema_section rule_section;
extern const struct schema_section level_section;
extern const struct schema_section suppress_section;
extern const struct schema_section group_section;
extern const struct schema_section virtual_section;
extern const struct schema_section calendar_section;
extern const struct schema_section season_section;
extern const struct schema_section test_section;
extern const struct schema_section test_equipment_section;
extern const struct schema_section expect_section;
extern const struct schema_section title_section;
extern const struct schema_section sink_section;

/* The days of a calendar, as they are read. */
struct calendar_body {
    struct calendar_settings settings;
    struct vector holidays; /* int32_t: days since 1970-01-01 */
    struct vector workdays;
    struct vector seasons; /* struct season_settings */
};

bool section_read_site(struct reader *reader, const struct node *node,
                       struct site_settings *site);
bool section_read_web(struct reader *reader, const struct node *node,
                      struct web_settings *web);
bool section_read_history(struct reader *reader, const struct node *node,
                          struct history_settings *history);
bool section_read_link(struct reader *reader, const struct node *node,
                       struct link_settings *link);
bool section_read_profile(struct reader *reader, const struct node *node,
                          struct profile_body *profile);
bool section_read_rule(struct reader *reader, const struct node *node,
                       struct rule_settings *rule);
bool section_read_suppress(struct reader *reader, const struct node *node,
                           struct suppress_settings *suppress);
bool section_read_group(struct reader *reader, const struct node *node,
                        struct group_settings *group);
bool section_read_virtual(struct reader *reader, const struct node *node,
                          struct virtual_settings *virtual);
/* Adds to what the calendar holds; calendar_finish (config/calendar.h) sorts it. */
bool section_read_calendar(struct reader *reader, const struct node *node,
                           struct calendar_body *calendar);
bool section_read_test(struct reader *reader, const struct node *node,
                       struct test_settings *test);
bool section_read_sink(struct reader *reader, const struct node *node,
                       struct sink_settings *sink);

/* The periods of the poll classes. */
struct poll_periods {
    int64_t fast_ms;
    int64_t normal_ms;
    int64_t slow_ms;
    int64_t daily_ms;
};
int64_t poll_period(const struct poll_periods *periods, enum poll_class class);

struct equipment_draft {
    struct equipment_settings settings;
    bool enabled;              /* false leaves it out */
    struct poll_periods poll;  /* 0: the site's */
    const struct node *tables; /* point = "id"; NULL: none */
};
bool section_read_equipment(struct reader *reader, const struct node *node,
                            struct equipment_draft *equipment);

/* Names of codes or bits with a file of their own. */
struct table_settings {
    struct config_pos pos;
    const char *id;
    const char *source;
    const struct enum_settings *rows;
    size_t count;
};
bool section_read_table(struct reader *reader, const struct node *node,
                        struct table_settings *table);

/* With their defaults, when the file does not have them. */
void section_default_web(struct web_settings *web);
void section_default_history(struct history_settings *history);

void section_default_poll(struct poll_periods *poll);

/* Of one profile, after its rows: `mqtt` is known already. */
bool section_read_points(struct reader *reader, const struct scope *scope,
                         const struct node *list, struct profile_body *profile,
                         struct points_body *points);
bool section_read_variants(struct reader *reader, const struct scope *scope,
                           const struct node *list, struct profile_body *profile);
bool section_read_probe(struct reader *reader, const struct scope *scope,
                        const struct node *node, struct probe_body *probe);
/* Names that are there twice, probes without their point. */
bool section_check_variants(struct reader *reader, const struct profile_body *profile);
bool section_range(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, double *low, double *high);

/* Rows' functions that several sections use. */
/* `declare`: () is a parameter without a default. */
bool section_params(struct reader *reader, const struct scope *scope,
                    const struct node *node, bool declare, struct param_settings **params,
                    size_t *count);
/* "10s", or a class. */
bool section_poll(struct reader *reader, const struct scope *scope,
                  const struct schema_row *row, const struct node *node,
                  struct poll_body *poll);
const char *section_type_hint(struct reader *reader, const char *name);
/* One text or a list of texts. */
bool section_words(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, const char ***words, size_t *count);
/* { en = "..."; zh = "..."; }: a missing one is NULL. */
bool section_title(struct reader *reader, const struct scope *scope,
                   const struct node *node, const char **en, const char **zh);

/* Resolves a file that the configuration names (config/paths.h). Makes *path absolute;
 * false when reported. */
bool section_file(struct reader *reader, const struct node *group, const char *key,
                  bool secret, const char **path);

/* Refuses a key that has no meaning for this kind of thing. `why` ends the sentence
 * "\"baud\" has no meaning ...". */
bool section_refuse(struct reader *reader, const struct node *group, const char *key,
                    const char *why);

#endif
