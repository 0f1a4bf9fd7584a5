/* options.h - the command line of facilityd. Threads: main. */
#ifndef GATEWAY_OPTIONS_H
#define GATEWAY_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *config;  /* path of the main file */
    const char *datadir; /* shipped "profiles" and "rules" */
    const char *socket;  /* unix socket for facilityctl; NULL = the usual place */
    bool check;
    bool plan;
    bool json; /* what --check or --plan prints as JSON */
    bool debug;
};

/* Fills `options` with defaults and what was given. Returns -1 to go on, else the exit
 * code to end with (after --help, --version or a usage error, already told). */
int options_parse(struct options *options, int argc, char **argv);

#endif
