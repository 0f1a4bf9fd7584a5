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
    struct map *groups;
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
/* Rules that replace others or are disabled, and what belongs to rules
 * (resolve_rules.c). */
void resolve_rules(struct resolver *resolver);
void resolve_suppress(struct resolver *resolver);
void resolve_tests(struct resolver *resolver);    /* resolve_tests.c */
void resolve_groups(struct resolver *resolver);   /* resolve_groups.c */
void resolve_virtuals(struct resolver *resolver); /* resolve_virtuals.c */

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
/* Whether the name is a word, or a text in quotes, in one of the rule's expressions. */
bool vocabulary_mentions(const struct rule_settings *rule, const char *name);
/* Those words and texts, at most `max`. */
size_t vocabulary_words(struct arena *arena, const struct rule_settings *rule,
                        const char **words, size_t max);

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

static inline struct suppress_draft *draft_suppress(const struct drafts *drafts, size_t i)
{
    return &((struct suppress_draft *)drafts->suppress.items)[i];
}

static inline struct group_draft *draft_group(const struct drafts *drafts, size_t i)
{
    return &((struct group_draft *)drafts->groups.items)[i];
}

static inline struct virtual_draft *draft_virtual(const struct drafts *drafts, size_t i)
{
    return &((struct virtual_draft *)drafts->virtuals.items)[i];
}

static inline struct test_draft *draft_test(const struct drafts *drafts, size_t i)
{
    return &((struct test_draft *)drafts->tests.items)[i];
}

static inline struct sink_draft *draft_sink(const struct drafts *drafts, size_t i)
{
    return &((struct sink_draft *)drafts->sinks.items)[i];
}

/* Reports that the id of this `what` is taken already, at `first`. */
void resolve_duplicate(struct resolver *resolver, const char *what, const char *id,
                       struct config_pos pos, struct config_pos first);
/* Warns that this `what` replaces a shipped one. */
void resolve_replaced(struct resolver *resolver, const char *what, const char *id,
                      struct config_pos pos, struct config_pos shipped);
/* Names that could have been meant. */
struct candidates {
    const char *const *names;
    size_t count;
};
/* Reports that there is no `what` ("rule", "link") of that id, unless a file is
 * missing. */
void resolve_unknown(struct resolver *resolver, const char *what, const char *id,
                     struct config_pos pos, struct candidates candidates);
/* The ids of all equipment and of all rules, for hints; the arena's. */
const char **resolve_equipment_names(struct resolver *resolver);
const char **resolve_rule_names(struct resolver *resolver);

/* Whether a target of a suppress row ("*", "pump.*", an id) means this rule. */
bool resolve_matches(const char *pattern, const char *id);

/* True when it is a class of the model (and not "link"); else reports. */
bool resolve_class(struct resolver *resolver, const char *name, struct config_pos pos,
                   bool link_too);

#endif
