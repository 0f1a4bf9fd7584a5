/* rules.h - facilityctl rules: one file per subcommand, and what they share.
 *
 * `check`, `test` and `backtest` need no daemon: they load the configuration themselves,
 * as `facilityd --check` does, from `-c FILE` and the shipped files (`--datadir`).
 *
 * Threads: main.
 */
#ifndef CTL_RULES_H
#define CTL_RULES_H

#include "config/config.h"
#include "ctl/command.h"

/* Subcommands; the exit code (sysexits). */
int rules_check(struct context *context, size_t count, char **arguments);
int rules_explain(struct context *context, size_t count, char **arguments);
int rules_test(struct context *context, size_t count, char **arguments);
int rules_backtest(struct context *context, size_t count, char **arguments);
int rules_noise(struct context *context, size_t count, char **arguments);

/* ---- shared by those that load a configuration ---- */

/* The main file and the folder of shipped files that the options name, or the usual
 * ones. */
const char *rules_config_path(const struct context *context);
const char *rules_datadir(const struct context *context);

/* Loads them. NULL when there is an error; everything that is to be said is in `report`,
 * and nothing is printed. */
struct config *rules_load(const struct context *context, struct config_report *report);

/* Prints the report on standard error, in colour on a terminal; with --json as JSON on
 * standard output. */
void rules_print_report(const struct context *context,
                        const struct config_report *report);

/* The rule of that id; NULL when there is none, which is told with the nearest id. */
const struct rule_settings *rules_find(const struct config *config, const char *id);

#endif
