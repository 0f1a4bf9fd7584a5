/* bus_command.c - the `bus` command: a paced bus, and the client of its socket. */
#include "plantsim/commands.h"

#include "base/log.h"
#include "base/mem.h"
#include "plantsim/bus_gateway.h"
#include "plantsim/bus_line.h"
#include "plantsim/control.h"
#include "plantsim/options.h"
#include "plantsim/paths.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    BUS_ROWS = 14,
};

struct bus_run {
    const char *pty;
    const char *parity;
    const char *socket;
    int64_t baud;
    int64_t stop_bits;
    int64_t units;
    int64_t registers;
    int64_t dead;
    int64_t latency_ms;
    int64_t for_ms;
    struct gateway_options gateway;
    bool clear;
    struct bus *bus;
};

static void set_defaults(struct bus_run *run)
{
    *run = (struct bus_run){.pty = "",
                            .parity = "none",
                            .socket = COMMAND_BUS_PATH,
                            .baud = 9600,
                            .stop_bits = 1,
                            .units = 32,
                            .registers = 50,
                            .latency_ms = 20,
                            .for_ms = 10 * INT64_C(60000),
                            .gateway = {.timeout_ms = 500}};
}

static void fill_rows(struct option_row rows[BUS_ROWS], struct bus_run *run)
{
    const struct option_row filled[BUS_ROWS] = {
        {"pty", "PATH", "the bus is a serial port at this path ...", OPTION_STRING,
         &run->pty, 0, 0},
        {"port", "P", "... or stands behind a gateway, 127.0.0.1 and this port",
         OPTION_NUMBER, &run->gateway.port, 1, 65535},
        {"baud", "N", "of the wire (9600)", OPTION_NUMBER, &run->baud, 300, 4000000},
        {"parity", "WORD", "none, even or odd (none)", OPTION_STRING, &run->parity, 0, 0},
        {"stop-bits", "N", "1 or 2 (1)", OPTION_NUMBER, &run->stop_bits, 1, 2},
        {"units", "N", "units 1 to N (32)", OPTION_NUMBER, &run->units, 1, BUS_UNITS_MAX},
        {"registers", "R", "registers of each (50)", OPTION_NUMBER, &run->registers, 1,
         BUS_REGISTERS_MAX},
        {"dead", "K", "the last K never answer (0)", OPTION_NUMBER, &run->dead, 0,
         BUS_UNITS_MAX},
        {"latency", "DURATION", "until an answer begins (20ms)", OPTION_DURATION,
         &run->latency_ms, 0, 60000},
        {"gateway-timeout", "TIME", "of the gateway for a dead unit (500ms)",
         OPTION_DURATION, &run->gateway.timeout_ms, 1, 60000},
        {"gateway-exception", NULL, "the gateway says 0x0B then, else nothing",
         OPTION_FLAG, &run->gateway.exception, 0, 0},
        {"for", "DURATION", "ends by itself then (10m)", OPTION_DURATION, &run->for_ms,
         1000, INT64_C(86400000)},
        {"control", "PATH", "for dead, counters (" COMMAND_BUS_PATH ")", OPTION_STRING,
         &run->socket, 0, 0},
        {"clear", NULL, "with counters: set them to zero afterwards", OPTION_FLAG,
         &run->clear, 0, 0},
    };

    memcpy(rows, filled, sizeof filled);
}

void command_bus_help(FILE *out)
{
    struct option_row rows[BUS_ROWS];
    struct bus_run run;

    set_defaults(&run);
    fill_rows(rows, &run);
    options_print(rows, BUS_ROWS, out);
}

static int check_options(const struct bus_run *run, struct err *err)
{
    static const char *const parities[] = {"none", "even", "odd"};
    bool known = false;

    for (size_t i = 0; i < sizeof parities / sizeof parities[0]; i++)
        known = known || strcmp(run->parity, parities[i]) == 0;
    if (!known)
        return err_set(err, ERR_INPUT, "--parity '%s' is not none, even or odd",
                       run->parity);
    if ((run->pty[0] == '\0') == (run->gateway.port == 0))
        return err_set(err, ERR_INPUT, "a bus wants either --pty or --port");
    return 0;
}

static int set_dead(struct bus_run *run, const struct control_words *words,
                    struct err *err)
{
    char *end;
    long long dead;

    if (words->count != 2)
        return err_set(err, ERR_INPUT, "dead wants a number of units");
    errno = 0;
    dead = strtoll(words->words[1], &end, 10);
    if (errno != 0 || end == words->words[1] || *end != '\0')
        return err_set(err, ERR_INPUT, "'%s' is not a number", words->words[1]);
    return bus_set_dead(run->bus, dead, err);
}

static int execute(void *owner, char *line, struct text *answer, struct err *err)
{
    struct bus_run *run = owner;
    struct control_words words;
    const char *verb;

    control_split(&words, line);
    verb = words.count > 0 ? words.words[0] : "";
    if (strcmp(verb, "dead") == 0)
        return set_dead(run, &words, err);
    if (strcmp(verb, "counters") == 0) {
        bus_counters(run->bus, answer, control_value(&words, "clear") != NULL);
        return 0;
    }
    return err_set(err, ERR_INPUT, "'%s': it is dead or counters", verb);
}

static void time_is_over(struct loop_timer *timer)
{
    (void)timer;
    command_stop = 1;
}

static int serve(struct bus_run *run, struct err *err)
{
    const struct bus_wire wire = bus_wire_of(run->baud, strcmp(run->parity, "none") != 0,
                                             run->stop_bits, run->latency_ms);
    struct loop_timer end = {.fire = time_is_over};
    struct loop *loop = loop_new(err);
    struct control *control = NULL;
    struct bus_line *line = NULL;
    struct bus_gateway *gateway = NULL;
    int result = -1;

    run->bus = bus_new(run->units, run->registers);
    if (bus_set_dead(run->bus, run->dead, err) != 0 || loop == NULL ||
        paths_make_parent(run->socket, err) != 0)
        goto out;
    control = control_new(loop, run->socket, execute, run, err);
    if (control == NULL)
        goto out;
    if (run->pty[0] != '\0')
        line = bus_line_new(loop, run->bus, &wire, run->pty, err);
    else
        gateway = bus_gateway_new(loop, run->bus, &wire, &run->gateway, err);
    if (line == NULL && gateway == NULL)
        goto out;
    loop_at(loop, &end, mono_add_ms(mono_now(), run->for_ms));
    log_info("event=ready units=%" PRId64 " dead=%" PRId64 " baud=%" PRId64 " socket=%s",
             run->units, run->dead, run->baud, run->socket);
    loop_run(loop, &command_stop);
    loop_cancel(loop, &end);
    result = 0;
out:
    bus_line_free(line);
    bus_gateway_free(gateway);
    control_free(control);
    loop_free(loop);
    bus_free(run->bus);
    return result;
}

int command_bus(int argc, char **argv)
{
    struct option_row rows[BUS_ROWS];
    struct option_words words;
    struct bus_run run;
    struct err err;

    set_defaults(&run);
    fill_rows(rows, &run);
    if (options_parse(rows, BUS_ROWS, argc, argv, &words, &err) != 0)
        return command_fail(&err);
    if (words.count > 0)
        return command_send(run.socket, &words, run.clear);
    command_catch_signals();
    if (check_options(&run, &err) != 0 || serve(&run, &err) != 0)
        return command_fail(&err);
    return EX_OK;
}
