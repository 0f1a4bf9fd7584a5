/* tree.h - a configuration file as nodes with places; nothing here is libconfig's.
 *
 * tree.c joins what libconfig parsed with the places that the scan found. libconfig only
 * ever sees text that the scan accepted.
 *
 * Ownership: the nodes and their strings live in the arena that is passed in.
 * Threads: one owner.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/arena.h"
#include "config/report.h"
#include "config/scan.h"

enum node_kind {
    NODE_GROUP,
    NODE_LIST, /* ( ) and [ ] */
    NODE_STRING,
    NODE_INT,
    NODE_DOUBLE,
    NODE_BOOL,
};

struct node {
    enum node_kind kind;
    const char *name;      /* "" for an element and for the file itself */
    struct config_pos key; /* where the name stands */
    struct config_pos pos; /* where the value stands */
    union {
        int64_t integer;
        double number;
        bool boolean;
        const char *string;
    };
    const struct node *children; /* of a group or a list */
    size_t count;
};

/* The file as a group. NULL when something was reported. */
const struct node *tree_parse(const char *text, size_t length, uint32_t file,
                              struct arena *arena, struct config_report *report);

/* The member of that name, or NULL. */
const struct node *node_member(const struct node *group, const char *name);

const char *node_kind_name(enum node_kind kind); /* "a group { }", "an integer", ... */

#endif
