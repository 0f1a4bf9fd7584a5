/* sparkplug_nodes.h - the nodes and devices that a Sparkplug host watches, and their
 * metrics by name and by alias; private to adapters/sparkplug*.c.
 *
 * Threads: one owner.
 */
#ifndef ADAPTERS_SPARKPLUG_NODES_H
#define ADAPTERS_SPARKPLUG_NODES_H

#include "adapters/sparkplug.h"

struct metric {
    char *name;
    uint32_t point;
    uint32_t type; /* as born */
    bool has_alias;
    uint64_t alias;
};

struct device {
    char *id; /* "" = the node itself */
    uint32_t *units;
    size_t unit_count;
    struct metric *metrics; /* by name once sealed */
    size_t metric_count;
    struct metric **aliases; /* those that have one, by alias */
    size_t alias_count;
    bool alive;
    struct mono_time dead_at; /* its node was born anew and it was not */
};

struct node {
    char *group;
    char *id;
    struct device *devices; /* the first is the node itself */
    size_t device_count;
    bool alive;
    int last; /* sequence; -1: none yet */
    bool has_bdseq;
    uint64_t bdseq;
    struct mono_time ask_at; /* MONO_NEVER: content */
    struct mono_time asked;
    int64_t wait_ms;            /* between requests that bring nothing */
    unsigned unanswered;        /* such requests */
    bool talks;                 /* after the last of them */
    struct mono_time silent_at; /* nothing heard since the connect: dead; or MONO_NEVER */
};

struct sparkplug {
    struct node *nodes;
    size_t count;
    struct device *last; /* added */
    struct sparkplug_counts counts;
    char refusing[SPARKPLUG_TOPIC_MAX];
};

struct part {
    const char *text;
    size_t length;
};

bool sparkplug_part_is(const struct part *part, const char *text);
/* The levels of a topic; 0 when there are more than `max`. */
size_t sparkplug_split(const char *topic, size_t length, struct part *parts, size_t max);

struct node *sparkplug_find_node(const struct sparkplug *sparkplug,
                                 const struct part *group, const struct part *id);
struct device *sparkplug_find_device(struct node *node, const struct part *id);

/* The first metric of that name, several may follow; NULL when nobody wants it. */
struct metric *sparkplug_named(const struct device *device, const char *name);
/* The place of the first metric of that alias; alias_count when nobody wants it. */
size_t sparkplug_alias_place(const struct device *device, uint64_t alias);
/* A birth says anew what each metric is. */
void sparkplug_learn(struct device *device, const struct sparkplug_payload *payload);

#endif
