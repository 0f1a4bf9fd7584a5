/* drafts.h - everything that was read, before names are resolved.
 *
 * What the files say is gathered here in the order of reading; resolve.h checks it as a
 * whole and makes a struct config of it. Each entry keeps its node, so that a message
 * can point at any of its keys.
 */
#ifndef CONFIG_DRAFTS_H
#define CONFIG_DRAFTS_H

#include "config/config.h"
#include "config/sections.h"

#include "base/map.h"

struct link_draft {
    struct link_settings settings;
    const struct node *node;
};

struct profile_draft {
    struct profile_body body;
    const struct node *node;
    bool shipped;
    bool replaced;     /* by an operator's of the same id */
    bool broken;       /* something in it is reported */
    bool metrics;      /* equipment on a Sparkplug link has it */
    bool json;         /* equipment on another MQTT link has it */
    uint32_t instance; /* its own; UINT32_MAX: it cannot be made */
};

struct table_draft {
    struct table_settings settings;
    const struct node *node;
    bool shipped;
    bool replaced;
};

struct rule_draft {
    struct rule_settings settings;
    const struct node *node;
    bool tried; /* takes the place of the configured one */
    bool replaced;
    bool disabled;
    bool broken; /* something in it is reported */
};

struct suppress_draft {
    struct suppress_settings settings;
    const struct node *node;
    bool broken;  /* something in it is reported */
    bool dropped; /* the rule that it speaks of does not run */
};

struct group_draft {
    struct group_settings settings;
    const struct node *node;
    bool broken;
};

struct virtual_draft {
    struct virtual_settings settings;
    const struct node *node;
    bool broken;
    bool orphan; /* no equipment of its class has what it is computed from */
};

struct test_draft {
    struct test_settings settings;
    const struct node *node;
    bool dropped; /* its rule does not run, or is not the one it was written for */
};

struct sink_draft {
    struct sink_settings settings;
    const struct node *node;
};

struct equipment_entry {
    struct equipment_draft draft;
    const struct node *node;
    bool broken; /* something in it is reported: what is missing may be that */
    const uint32_t *virtuals; /* of its computed points, in their order */
    size_t virtual_count;
};

enum draft_source {
    SOURCE_TRIED,    /* a file of rules to be tried; read first */
    SOURCE_MAIN,     /* the main file */
    SOURCE_INCLUDED, /* of include_dir */
    SOURCE_OPERATOR, /* of profile_dir, table_dir or rule_dir */
    SOURCE_SHIPPED,
};

struct drafts {
    struct reader reader;
    enum draft_source source; /* of the file that is being read */
    bool incomplete;          /* a file could not be read: names may be missing */

    struct site_settings site;
    struct web_settings web;
    struct history_settings history;
    struct poll_periods poll;
    struct calendar_body calendar;
    const struct node *site_node; /* NULL: not given */
    const struct node *web_node;
    const struct node *history_node;
    const struct node *poll_node;
    const struct node *calendar_node;
    const struct node *state_dir;
    const struct node *include_dir;
    const struct node *profile_dir;
    const struct node *rule_dir;
    const struct node *table_dir;

    struct vector links;     /* struct link_draft */
    struct vector profiles;  /* struct profile_draft */
    struct vector tables;    /* struct table_draft */
    struct vector equipment; /* struct equipment_entry */
    struct vector rules;     /* struct rule_draft */
    struct vector suppress;  /* struct suppress_draft */
    struct vector groups;    /* struct group_draft */
    struct vector virtuals;  /* struct virtual_draft */
    struct vector tests;     /* struct test_draft */
    struct vector sinks;     /* struct sink_draft */
    struct vector disabled;  /* const struct node *: ids in rules_disabled */
};

/* The sections that a whole file is: out = struct drafts. */
extern const struct schema_section main_section;
extern const struct schema_section profile_file_section;
extern const struct schema_section table_file_section;
extern const struct schema_section rule_file_section;
extern const struct schema_section calendar_file_section;

#endif
