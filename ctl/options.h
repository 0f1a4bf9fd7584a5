/* options.h - what some commands take beside their arguments, and their own help.
 *
 * An option means the same wherever it is allowed, so it may stand anywhere on the line.
 *
 * Threads: main.
 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum ctl_option {
    OPTION_TYPE,
    OPTION_FROM,
    OPTION_TO,
    OPTION_TIMEOUT,
    OPTION_COUNT_OF,
    OPTION_STOP,
    OPTION_CSV,
    OPTION_OUTPUT,
    OPTION_FORCE,
    OPTION_PROFILE,
    OPTION_LINK,
    OPTION_UNIT,
    OPTION_TOPIC,
    OPTION_NAME,
    OPTION_CLASS,
    OPTION_PLACE,
    OPTION_VARIANT,
    OPTION_PARAMS,
    OPTION_CONFIG,
    OPTION_DATADIR,
    OPTION_SHIPPED,
    OPTION_VERBOSE,
    OPTION_FOR,
    OPTION_UNTIL,
    OPTION_START,
    OPTION_REASON,
    OPTION_EQUIPMENT,
    OPTION_HOLDER,
    OPTION_ALL,
    OPTION_RULES,
    OPTION_DAYS,
    OPTION_COUNT
};

enum {
    OPTIONS_OF_ONE = 12, /* that a command may have */
};

struct option_row {
    const char *name;     /* "timeout" */
    char letter;          /* or 0 */
    const char *argument; /* NULL: a flag */
    const char *meaning;
};

extern const struct option_row option_rows[OPTION_COUNT];

/* The command takes that option. */
bool options_allowed(const char *command, enum ctl_option option);

/* Prints options and examples of a command; nothing when it has neither. */
void options_help(const char *command);

#endif
