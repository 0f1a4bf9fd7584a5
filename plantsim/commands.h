/* commands.h - the program's commands. Each takes the arguments behind its name and
 * returns an exit code of sysexits.h. */
#ifndef PLANTSIM_COMMANDS_H
#define PLANTSIM_COMMANDS_H

#include "base/err.h"
#include "plantsim/options.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

int command_run(int argc, char **argv);
int command_scenario(int argc, char **argv);
int command_status(int argc, char **argv);
int command_load(int argc, char **argv);
int command_bus(int argc, char **argv);

/* The options of a command, for its help. */
void command_run_help(FILE *out);
void command_load_help(FILE *out);
void command_bus_help(FILE *out);

/* Prints "plantsim: text" and returns the exit code of its kind. */
int command_fail(const struct err *err);

/* Sends the words to the running simulator at `path`, " clear=1" behind them, and prints
 * its answer. An exit code. */
int command_send(const char *path, const struct option_words *words, bool clear);

/* Set by SIGINT and SIGTERM once command_catch_signals was called. */
extern volatile sig_atomic_t command_stop;
void command_catch_signals(void);

/* A fixed place, so that the commands find a running simulator from any folder. */
#define COMMAND_FOLDER       "/tmp/facilityd-demo/"
#define COMMAND_CONTROL_PATH COMMAND_FOLDER "plantsim.sock"
#define COMMAND_DEMO_PATH    "run/plantsim.sock" /* of make run, from the top folder */
#define COMMAND_LOAD_PATH    COMMAND_FOLDER "plantsim-load.sock"
#define COMMAND_BUS_PATH     COMMAND_FOLDER "plantsim-bus.sock"

#endif
