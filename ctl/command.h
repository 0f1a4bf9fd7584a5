/* command.h - what facilityctl can do: one row per command. Threads: main. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "base/json_in.h"
#include "base/json_out.h"
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/table.h"

#include <stdbool.h>
#include <stddef.h>

struct context {
    struct client *client;
    bool json;                         /* print the daemon's own JSON */
    const char *options[OPTION_COUNT]; /* values; "" for a flag, NULL when not given */
};

struct command {
    const char *name;      /* "issue ack" */
    const char *arguments; /* "ISSUE [TEXT]" */
    const char *meaning;
    size_t least; /* arguments behind the name */
    size_t most;
    /* The exit code (sysexits). */
    int (*run)(struct context *context, size_t count, char **arguments);
};

extern const struct command commands[];
extern const size_t command_count;

/* Prints `err` and returns the exit code that its kind has. */
int command_failed(const struct err *err);

/* --- what commands are made of ----------------------------------------------------- */

/* A part of a path or a query, percent-encoded. */
void command_encode(struct text *out, const char *part);

/* `before` + `part` percent-encoded + `behind`; the caller's (mem_free). */
char *command_path(const char *before, const char *part, const char *behind);

/* Requests `path` (a GET when `body` is NULL). Returns the exit code; *document is the
 * answer, the caller's (json_free), or NULL when it has been dealt with: it failed and
 * that was told, or the answer was printed because JSON is wanted. `answer` is the
 * caller's in any case (text_done). */
int command_fetch(struct context *context, const char *path, const char *body,
                  struct text *answer, struct json **document);

/* A GET whose answer is wanted even when it shall be printed as JSON: the document, or
 * NULL with *code set and told. */
struct json *command_get(struct context *context, const char *path, struct text *answer,
                         int *code);

/* Writes a value as it was read. */
void command_put_json(struct json_out *json, const struct json *value);

/* The option as a whole number within [low, high]; *value stays when it was not given.
 * False when it is not one (told). */
bool command_number(const struct context *context, enum ctl_option option, int64_t low,
                    int64_t high, int64_t *value);
/* The option as a duration ("300ms", "2s", "1h30m", "300") in milliseconds. */
bool command_duration(const struct context *context, enum ctl_option option,
                      int64_t high_ms, int64_t *value_ms);

/* From now on Ctrl-C ends a pause instead of the program. */
void command_catch_interrupt(void);
bool command_interrupted(void);
void command_pause(int ms); /* shorter when interrupted */

/* Standard output is a terminal that shows colours. */
bool command_colour(void);

/* Prints the items of an array as a table. */
void command_table(const struct json *items, const struct column *columns, size_t count);

/* --- commands with a file of their own ---------------------------------------------- */

int command_link(struct context *context, size_t count, char **arguments);
int command_read(struct context *context, size_t count, char **arguments);
int command_scan(struct context *context, size_t count, char **arguments);
int command_trace(struct context *context, size_t count, char **arguments);
int command_probe(struct context *context, size_t count, char **arguments);
int command_profiles(struct context *context, size_t count, char **arguments);
int command_reload(struct context *context, size_t count, char **arguments);
int command_export(struct context *context, size_t count, char **arguments);
int command_import(struct context *context, size_t count, char **arguments);
int command_add(struct context *context, size_t count, char **arguments);
int command_alarms(struct context *context, size_t count, char **arguments);
int command_shelve(struct context *context, size_t count, char **arguments);
int command_shelves(struct context *context, size_t count, char **arguments);
int command_unshelve(struct context *context, size_t count, char **arguments);
int command_permit(struct context *context, size_t count, char **arguments);
int command_permits(struct context *context, size_t count, char **arguments);
int command_permit_close(struct context *context, size_t count, char **arguments);

#endif
