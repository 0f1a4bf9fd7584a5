/* options.h - command lines as tables: parsing, bounds, help.
 *
 * "--name value", "--name=value", flags without a value; everything else is a word.
 *
 * Threads: no state.
 */
#ifndef PLANTSIM_OPTIONS_H
#define PLANTSIM_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,     /* bool * */
    OPTION_STRING,   /* const char **, borrowed from argv */
    OPTION_NUMBER,   /* int64_t *, within low..high */
    OPTION_DURATION, /* int64_t * in ms: "500ms", "90s", "15m", "2h"; within low..high */
};

struct option_row {
    const char *name; /* "speed" */
    const char *meta; /* "N"; NULL for flags */
    const char *help; /* one line, with the default */
    enum option_type type;
    void *value; /* holds the default before */
    int64_t low;
    int64_t high;
};

struct option_words {
    const char *words[8];
    size_t count;
};

/* `argv` from the first argument on. ERR_INPUT names the nearest option or the bounds. */
int options_parse(const struct option_row *rows, size_t count, int argc, char **argv,
                  struct option_words *words, struct err *err);

void options_print(const struct option_row *rows, size_t count, FILE *out);

/* "90s" to milliseconds. */
bool options_duration(const char *text, int64_t *out_ms);

#endif
