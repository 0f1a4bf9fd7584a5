/* bodies.h - what a profile says before it is known for which equipment.
 *
 * Addresses may be formulas, multipliers names, periods classes, names of codes the ids
 * of tables. config/instance.h turns a body into the points of settings.h, once for the
 * profile itself and once for every set of parameters, classes and tables that equipment
 * asks for.
 *
 * Ownership: the arena of the configuration.
 */
#ifndef CONFIG_BODIES_H
#define CONFIG_BODIES_H

#include "config/settings.h"
#include "config/tree.h"

/* Something that is named; NULL when it is not given. */
struct reference {
    const char *name;
    struct config_pos pos;
};

struct address_body {
    const char *formula; /* NULL: the number */
    int64_t number;
    struct config_pos pos; /* of the number, or of the formula's first character */
};

enum poll_class {
    POLL_FAST,
    POLL_NORMAL,
    POLL_SLOW,
    POLL_DAILY,
    POLL_CLASSES,
    POLL_NO_CLASS = POLL_CLASSES, /* the period is given itself */
};

struct poll_body {
    enum poll_class class;
    int64_t ms; /* without a class; -1 = not given */
};

struct point_body {
    /* What needs nothing else. stale_after_ms is -1 when not given. */
    struct point_settings settings;
    struct address_body words[POINT_WORDS_MAX];
    size_t word_count; /* 1: an ordinary address; 0: an MQTT point */
    struct address_body plus;
    int64_t quotient; /* 0 = not given */
    int64_t remainder;
    struct reference number; /* of a row: the name of its number, */
    int64_t number_value;    /* and the number of this point */
    struct poll_body poll;
    struct config_pos stale_pos;
    struct config_pos path_pos;
    struct reference times[POINT_TIMES_MAX];
    size_t time_count;
    struct reference offset; /* a parameter */
    struct reference exponent;
    struct reference factor;
    struct reference labels; /* ids of tables */
    struct reference flags;
};

struct points_body {
    struct point_body *points;
    size_t count;
};

struct probe_body {
    struct probe_settings *checks;
    size_t count;
};

struct variant_body {
    struct config_pos pos;
    const char *id;
    const struct node *node;
    struct points_body own;
    struct probe_body probe; /* count 0: the profile's */
};

/* Patterns that mean "no value" for a type. */
struct invalid_body {
    bool given;
    uint64_t patterns[POINT_INVALID_MAX];
    size_t count;
};

struct profile_body {
    struct profile_settings
        settings; /* its points and variants: of the default instance */
    struct poll_body poll;
    const char *time; /* of MQTT points that say nothing; "" = none */
    const char *sequence;
    struct invalid_body invalid[TYPE_NUMBER + 1];
    struct points_body shared;
    struct variant_body *variants; /* NULL: there is one, without a name */
    size_t variant_count;
    struct probe_body probe;
    size_t rows_used; /* points that rows have become, of all of them */
};

#endif
