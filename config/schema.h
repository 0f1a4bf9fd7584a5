/* schema.h - a section of the configuration as rows.
 *
 * A row names the key, the field it fills, the default, the bounds, the unit and one
 * sentence of documentation. The same rows read, bound, default, suggest ("did you
 * mean") and print the reference. A row on a field of another type does not compile.
 *
 * Defaults are written as in a file. CONFIG_REQUIRED: the key must be given.
 * CONFIG_OPTIONAL: there is no default; a text is "" and any other field keeps what it
 * held before schema_read.
 *
 * Threads: one owner of a reader.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/arena.h"
#include "config/report.h"
#include "config/tree.h"

#include <stddef.h>

#define CONFIG_REQUIRED ((const char *)0)
#define CONFIG_OPTIONAL ""

/* What reading needs. */
struct reader {
    struct config_report *report;
    struct arena *arena; /* of everything that is read */
    bool disk;           /* may look at files: false when loaded from memory */
};

/* Where in the configuration one is, for messages: a point of a profile. */
struct scope {
    const struct scope *outer; /* NULL at the top */
    const char *what;          /* "point" */
    const char *id;            /* NULL when it has none */
};

enum {
    SCOPE_TEXT_MAX = 200,   /* longer chains of ids are cut in messages */
    SCHEMA_TEXT_MAX = 1000, /* bytes of an ordinary text */
    SCHEMA_EXPR_MAX = 8000, /* bytes of an expression */
};

/* "point "v" of profile "x""; returns `out`. */
char *scope_text(const struct scope *scope, char out[SCOPE_TEXT_MAX]);

struct schema_word {
    const char *name; /* NULL ends the list */
    int value;
};

enum schema_type {
    SCHEMA_STRING,   /* const char * */
    SCHEMA_WORD,     /* const char *, one of a list */
    SCHEMA_CHOICE,   /* an enum, one of a list */
    SCHEMA_INT,      /* int64_t */
    SCHEMA_DOUBLE,   /* double */
    SCHEMA_BOOL,     /* bool */
    SCHEMA_DURATION, /* int64_t, milliseconds */
    SCHEMA_SIZE,     /* int64_t, bytes */
    SCHEMA_EXPR,     /* struct expr_settings */
    SCHEMA_CUSTOM,   /* read by the row's own function */
    SCHEMA_REFUSED,  /* not a key; `doc` says what to do instead */
};

struct schema_row;
struct schema_section;

/* Reads the value into the section's struct. False when something was reported. */
typedef bool schema_parse(struct reader *reader, const struct scope *scope,
                          const struct schema_row *row, const struct node *node,
                          void *out);

struct schema_row {
    const char *key; /* NULL ends the rows */
    enum schema_type type;
    size_t offset;
    const char *fallback;
    double low; /* bounds of numbers; milliseconds, bytes */
    double high;
    const struct schema_word *words;
    const char *(*check)(const char *value); /* NULL, or what the text must be */
    schema_parse *parse;
    const char *form; /* how a custom value is written, for the reference */
    const struct schema_section *section; /* of the groups in it */
    const char *doc;
};

struct schema_section {
    const char *name;   /* "link": one of them, for messages */
    const char *path;   /* "links": heading of the reference */
    const char *id_key; /* whose text names one; NULL when there is only one */
    const struct schema_row *rows;
    const char *doc; /* what it is, for the reference */
};

/* Offset of a field that must have exactly that type. */
#define CONFIG_FIELD_(S, field, T) _Generic(((S *)0)->field, T : offsetof(S, field))

/* clang-format off */
#define CONFIG_STRING(S, field, k, dflt, text)                                           \
    {.key = (k), .type = SCHEMA_STRING, .offset = CONFIG_FIELD_(S, field, const char *), \
     .fallback = (dflt), .doc = (text)}
/* A text that `test` must accept. */
#define CONFIG_CHECKED(S, field, k, dflt, test, text)                                    \
    {.key = (k), .type = SCHEMA_STRING, .offset = CONFIG_FIELD_(S, field, const char *), \
     .fallback = (dflt), .check = (test), .doc = (text)}
#define CONFIG_WORD(S, field, k, dflt, list, text)                                       \
    {.key = (k), .type = SCHEMA_WORD, .offset = CONFIG_FIELD_(S, field, const char *),   \
     .fallback = (dflt), .words = (list), .doc = (text)}
/* Enums are unsigned for gcc and clang as long as no name is negative. */
#define CONFIG_CHOICE(S, field, k, dflt, list, text)                                     \
    {.key = (k), .type = SCHEMA_CHOICE, .offset = CONFIG_FIELD_(S, field, unsigned),     \
     .fallback = (dflt), .words = (list), .doc = (text)}
#define CONFIG_INT(S, field, k, dflt, min, max, text)                                    \
    {.key = (k), .type = SCHEMA_INT, .offset = CONFIG_FIELD_(S, field, int64_t),         \
     .fallback = (dflt), .low = (min), .high = (max), .doc = (text)}
#define CONFIG_DOUBLE(S, field, k, dflt, min, max, text)                                 \
    {.key = (k), .type = SCHEMA_DOUBLE, .offset = CONFIG_FIELD_(S, field, double),       \
     .fallback = (dflt), .low = (min), .high = (max), .doc = (text)}
#define CONFIG_BOOL(S, field, k, dflt, text)                                             \
    {.key = (k), .type = SCHEMA_BOOL, .offset = CONFIG_FIELD_(S, field, bool),           \
     .fallback = (dflt), .doc = (text)}
#define CONFIG_DURATION(S, field, k, dflt, min, max, text)                               \
    {.key = (k), .type = SCHEMA_DURATION, .offset = CONFIG_FIELD_(S, field, int64_t),    \
     .fallback = (dflt), .low = (min), .high = (max), .doc = (text)}
#define CONFIG_SIZE(S, field, k, dflt, min, max, text)                                   \
    {.key = (k), .type = SCHEMA_SIZE, .offset = CONFIG_FIELD_(S, field, int64_t),        \
     .fallback = (dflt), .low = (min), .high = (max), .doc = (text)}
#define CONFIG_EXPR(S, field, k, dflt, text)                                             \
    {.key = (k), .type = SCHEMA_EXPR,                                                    \
     .offset = CONFIG_FIELD_(S, field, struct expr_settings),                            \
     .fallback = (dflt), .doc = (text)}
#define CONFIG_CUSTOM(k, dflt, function, written, text)                                  \
    {.key = (k), .type = SCHEMA_CUSTOM, .fallback = (dflt), .parse = (function),         \
     .form = (written), .doc = (text)}
/* Groups of a section of their own, read by `function`. */
#define CONFIG_SECTION(k, dflt, function, written, sect, text)                           \
    {.key = (k), .type = SCHEMA_CUSTOM, .fallback = (dflt), .parse = (function),         \
     .form = (written), .section = (sect), .doc = (text)}
#define CONFIG_REFUSED(k, instead)                                                       \
    {.key = (k), .type = SCHEMA_REFUSED, .doc = (instead)}
#define CONFIG_END {.key = NULL}
/* clang-format on */

/* Milliseconds, for the bounds of durations. */
#define CONFIG_S    1000.0
#define CONFIG_MIN  60000.0
#define CONFIG_HOUR 3600000.0
#define CONFIG_DAY  86400000.0

/* Fills `out` (the struct of the section's rows) with the defaults and then with what
 * the group says. False when something was reported; `out` is then complete, but what
 * was wrong has its default. */
bool schema_read(struct reader *reader, const struct schema_section *section,
                 const struct scope *outer, const struct node *node, void *out);

/* The scope of a group of that section. */
struct scope schema_scope(const struct schema_section *section, const struct scope *outer,
                          const struct node *node);

/* ---- for custom rows and for checks across keys ---- */

/* Reports an error at `pos`; always returns false. */
bool schema_fail(struct reader *reader, const char *code, struct config_pos pos,
                 const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The value's place when the key is given, else the group's. */
struct config_pos schema_pos(const struct node *group, const char *key);
/* The id's place when there is one, else the group's. */
struct config_pos schema_id_pos(const struct schema_section *section,
                                const struct node *group);
/* True when it is of that kind; otherwise reports. `what` names it in the message. */
bool schema_want(struct reader *reader, const struct scope *scope, const char *what,
                 const struct node *node, enum node_kind kind);
/* A number, written with or without a point. */
bool schema_number(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, double *out);
/* A text without control characters, at most SCHEMA_TEXT_MAX bytes. */
bool schema_text(struct reader *reader, const struct scope *scope, const char *what,
                 const struct node *node, const char **out);
/* "did you mean "x"?" in the arena, or `otherwise`. */
const char *schema_hint(struct reader *reader, const char *word,
                        const char *const *candidates, size_t count,
                        const char *otherwise);
/* The value of a word, or -1. */
int schema_word(const struct schema_word *words, const char *name);
const char *schema_word_name(const struct schema_word *words, int value);

#endif
