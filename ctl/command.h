/* command.h - what facilityctl can do: one row per command. Threads: main. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "base/json_in.h"
#include "ctl/client.h"
#include "ctl/table.h"

#include <stdbool.h>
#include <stddef.h>

struct context {
    struct client *client;
    bool json; /* print the daemon's own JSON */
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

/* `before` + `part` percent-encoded + `behind`; the caller's (mem_free). */
char *command_path(const char *before, const char *part, const char *behind);

/* Requests `path` (a GET when `body` is NULL). Returns the exit code; *document is the
 * answer, the caller's (json_free), or NULL when it has been dealt with: it failed and
 * that was told, or the answer was printed because JSON is wanted. `answer` is the
 * caller's in any case (text_done). */
int command_fetch(struct context *context, const char *path, const char *body,
                  struct text *answer, struct json **document);

/* Prints the items of an array as a table. */
void command_table(const struct json *items, const struct column *columns, size_t count);

/* --- commands with a file of their own ---------------------------------------------- */

int command_link(struct context *context, size_t count, char **arguments);

#endif
