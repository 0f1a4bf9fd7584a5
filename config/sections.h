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

#include "config/schema.h"
#include "config/settings.h"

extern const struct schema_section site_section;
extern const struct schema_section web_section;
extern const struct schema_section history_section;
extern const struct schema_section link_section;
extern const struct schema_section equipment_section;
extern const struct schema_section profile_section;
extern const struct schema_section point_section;
extern const struct schema_section probe_section;
extern const struct schema_section rule_section;
extern const struct schema_section title_section;
extern const struct schema_section sink_section;

bool section_read_site(struct reader *reader, const struct node *node,
                       struct site_settings *site);
bool section_read_web(struct reader *reader, const struct node *node,
                      struct web_settings *web);
bool section_read_history(struct reader *reader, const struct node *node,
                          struct history_settings *history);
bool section_read_link(struct reader *reader, const struct node *node,
                       struct link_settings *link);
bool section_read_profile(struct reader *reader, const struct node *node,
                          struct profile_settings *profile);
bool section_read_rule(struct reader *reader, const struct node *node,
                       struct rule_settings *rule);
bool section_read_sink(struct reader *reader, const struct node *node,
                       struct sink_settings *sink);

/* `enabled = false` leaves an equipment out. */
struct equipment_draft {
    struct equipment_settings settings;
    bool enabled;
};
bool section_read_equipment(struct reader *reader, const struct node *node,
                            struct equipment_draft *equipment);

/* With their defaults, when the file does not have them. */
void section_default_web(struct web_settings *web);
void section_default_history(struct history_settings *history);

/* Of one profile, after its rows (sections_point.c). `mqtt` is already known. */
bool section_read_points(struct reader *reader, const struct scope *scope,
                         const struct node *list, struct profile_settings *profile);
/* True when one of the keys names a Modbus table. */
bool section_point_is_modbus(const struct node *point);
bool section_range(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, double *low, double *high);

/* Rows' functions that several sections use. */
bool section_params(struct reader *reader, const struct scope *scope,
                    const struct node *node, struct param_settings **params,
                    size_t *count);
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
