/* command.h - what facilityctl can do: one row per command. Threads: main. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "ctl/client.h"

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

#endif
