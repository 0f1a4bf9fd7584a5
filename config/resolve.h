/* resolve.h - what can only be told from the configuration as a whole: ids, names of
 * other things, kinds that must match.
 *
 * After an unreadable file names are not called unknown: they may be in it.
 *
 * Threads: one owner.
 */
#ifndef CONFIG_RESOLVE_H
#define CONFIG_RESOLVE_H

#include "base/map.h"
#include "config/drafts.h"

struct resolver {
    struct drafts *drafts;
    struct map *links;     /* id to index in the drafts */
    struct map *equipment; /* with the disabled ones */
    struct map *profiles;  /* without the replaced ones */
    struct map *tables;    /* the same */
    struct map *rules;
    size_t instance_count; /* of points and variants */
};

/* Reports everything that is wrong; marks what is replaced or disabled, and fills the
 * resolved fields of equipment and links. */
void resolve_all(struct resolver *resolver);
void resolve_done(struct resolver *resolver);

/* ---- its parts ---- */

void resolve_links(struct resolver *resolver);     /* resolve_links.c */
void resolve_equipment(struct resolver *resolver); /* resolve_equipment.c */
/* One equipment on a broker (resolve_mqtt.c); the profile may be NULL. */
void resolve_mqtt(struct resolver *resolver, const struct equipment_entry *entry,
                  struct profile_draft *profile, const struct link_settings *link);
/* After all of them: paths into JSON, of profiles that are not for Sparkplug B alone. */
void resolve_mqtt_paths(struct resolver *resolver);
void resolve_cycles(struct resolver *resolver); /* resolve_relations.c */

/* Points as equipment has them (resolve_profiles.c). */
struct instances;
struct instances *instances_new(struct resolver *resolver);
void instances_free(struct instances *instances); /* NULL is fine */
size_t instances_count(const struct instances *instances);
/* The profile's own; its settings get their points. */
void instances_profile(struct instances *instances, struct drafts *drafts,
                       struct profile_draft *draft);
/* The equipment's: its points are NULL when something was reported. */
void instances_equipment(struct instances *instances, const struct drafts *drafts,
                         struct equipment_entry *entry,
                         const struct profile_draft *profile);

/* The parameters and relations that rules know, whether they run or not. */
struct vocabulary;
struct vocabulary *vocabulary_new(const struct drafts *drafts);
void vocabulary_free(struct vocabulary *vocabulary); /* NULL is fine */
void vocabulary_check(const struct vocabulary *vocabulary, struct reader *reader,
                      const struct equipment_settings *equipment);
/* Defaults of a rule that its own expressions do not use. */
void vocabulary_check_rule(struct reader *reader, const struct rule_settings *rule);

static inline struct link_draft *draft_link(const struct drafts *drafts, size_t i)
{
    return &((struct link_draft *)drafts->links.items)[i];
}

static inline struct profile_draft *draft_profile(const struct drafts *drafts, size_t i)
{
    return &((struct profile_draft *)drafts->profiles.items)[i];
}

static inline struct table_draft *draft_table(const struct drafts *drafts, size_t i)
{
    return &((struct table_draft *)drafts->tables.items)[i];
}

static inline struct equipment_entry *draft_equipment(const struct drafts *drafts,
                                                      size_t i)
{
    return &((struct equipment_entry *)drafts->equipment.items)[i];
}

static inline struct rule_draft *draft_rule(const struct drafts *drafts, size_t i)
{
    return &((struct rule_draft *)drafts->rules.items)[i];
}

static inline struct sink_draft *draft_sink(const struct drafts *drafts, size_t i)
{
    return &((struct sink_draft *)drafts->sinks.items)[i];
}

/* True when it is a class of the model (and not "link"); else reports. */
bool resolve_class(struct resolver *resolver, const char *name, struct config_pos pos,
                   bool link_too);

#endif
