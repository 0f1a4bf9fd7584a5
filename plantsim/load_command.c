/* load_command.c - the `load` command: the devices, and the client of its socket. */
#include "plantsim/commands.h"

#include "base/json_out.h"
#include "base/log.h"
#include "plantsim/control.h"
#include "plantsim/load.h"
#include "plantsim/options.h"
#include "plantsim/paths.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    LOAD_ROWS = 11,
};

struct load_run {
    struct load_options options;
    const char *base_address;
    int64_t base_port;
    const char *socket;
    bool clear;
    struct load *load;
};

static void set_defaults(struct load_run *run)
{
    *run = (struct load_run){
        .options = {.devices = 100, .registers = 50, .port = 15020, .slow_ms = 300},
        .base_address = "127.1.0.1",
        .socket = COMMAND_LOAD_PATH};
}

static void fill_rows(struct option_row rows[LOAD_ROWS], struct load_run *run)
{
    struct load_options *load = &run->options;
    const struct option_row filled[LOAD_ROWS] = {
        {"devices", "N", "number of devices (100)", OPTION_NUMBER, &load->devices, 1,
         LOAD_DEVICES_MAX},
        {"registers", "R", "holding registers of each (50)", OPTION_NUMBER,
         &load->registers, 1, LOAD_REGISTERS_MAX},
        {"base-address", "ADDR", "each device an address from here (127.1.0.1)",
         OPTION_STRING, &run->base_address, 0, 0},
        {"port", "P", "their common port (15020)", OPTION_NUMBER, &load->port, 1, 65535},
        {"base-port", "P", "instead: 127.0.0.1, each device a port from here",
         OPTION_NUMBER, &run->base_port, 1, 65535},
        {"dead", "K", "the last K accept and never answer (0)", OPTION_NUMBER,
         &load->dead, 0, LOAD_DEVICES_MAX},
        {"slow", "K", "K before them are slow (0)", OPTION_NUMBER, &load->slow, 0,
         LOAD_DEVICES_MAX},
        {"slow-by", "DURATION", "how slow (300ms)", OPTION_DURATION, &load->slow_ms, 1,
         60000},
        {"lying", "K", "K before them give broken answers (0)", OPTION_NUMBER,
         &load->lying, 0, LOAD_DEVICES_MAX},
        {"trigger-socket", "PATH", "for step, reset, counters (" COMMAND_LOAD_PATH ")",
         OPTION_STRING, &run->socket, 0, 0},
        {"clear", NULL, "with counters: set them to zero afterwards", OPTION_FLAG,
         &run->clear, 0, 0},
    };

    memcpy(rows, filled, sizeof filled);
}

void command_load_help(FILE *out)
{
    struct option_row rows[LOAD_ROWS];
    struct load_run run;

    set_defaults(&run);
    fill_rows(rows, &run);
    options_print(rows, LOAD_ROWS, out);
}

static int check_options(struct load_run *run, struct err *err)
{
    struct load_options *options = &run->options;
    uint32_t first;

    if (options->dead + options->slow + options->lying > options->devices)
        return err_set(err, ERR_INPUT,
                       "--dead, --slow and --lying are more than the %" PRId64 " devices",
                       options->devices);
    if (run->base_port > 0) {
        options->own_ports = true;
        options->port = run->base_port;
        if (options->port + options->devices > 65536)
            return err_set(err, ERR_INPUT, "ports from %" PRId64 " on do not suffice",
                           options->port);
        run->base_address = "127.0.0.1";
    }
    if (inet_pton(AF_INET, run->base_address, &options->base_address) != 1)
        return err_set(err, ERR_INPUT, "--base-address '%s' is not an IPv4 address",
                       run->base_address);
    first = ntohl(options->base_address.s_addr);
    if (first >> 24 != IN_LOOPBACKNET ||
        (first + options->devices) >> 24 != IN_LOOPBACKNET)
        return err_set(
            err, ERR_INPUT,
            "--base-address '%s': the simulator stays on the loopback, 127.x.y.z",
            run->base_address);
    return 0;
}

static bool read_number(const char *text, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

static int execute_step(struct load_run *run, const struct control_words *words,
                        struct text *answer, struct err *err)
{
    struct json_out json = json_begin(answer);
    struct wall_time wall = wall_now();
    struct mono_time stamp;
    int64_t numbers[3];

    for (size_t i = 0; i < 3; i++)
        if (words->count != 4 || !read_number(words->words[i + 1], &numbers[i]))
            return err_set(err, ERR_INPUT, "step wants DEVICE REGISTER VALUE");
    if (load_step(run->load, numbers[0], numbers[1], numbers[2], &stamp, err) != 0)
        return -1;
    json_open(&json, '{');
    json_put_int(&json, "mono_ns", stamp.ns);
    json_put_int(&json, "wall_ns", wall.ns);
    json_close(&json, '}');
    text_add(answer, "\n");
    return 0;
}

static int execute(void *owner, char *line, struct text *answer, struct err *err)
{
    struct load_run *run = owner;
    struct control_words words;
    const char *verb;

    control_split(&words, line);
    verb = words.count > 0 ? words.words[0] : "";
    if (strcmp(verb, "step") == 0)
        return execute_step(run, &words, answer, err);
    if (strcmp(verb, "reset") == 0) {
        load_reset(run->load);
        return 0;
    }
    if (strcmp(verb, "counters") == 0) {
        load_counters(run->load, answer, control_value(&words, "clear") != NULL);
        return 0;
    }
    return err_set(err, ERR_INPUT, "'%s': it is step, reset or counters", verb);
}

static int serve(struct load_run *run, struct err *err)
{
    struct loop *loop = loop_new(err);
    struct control *control = NULL;
    int result = -1;

    if (loop == NULL || paths_make_parent(run->socket, err) != 0)
        goto out;
    control = control_new(loop, run->socket, execute, run, err);
    if (control == NULL)
        goto out;
    run->load = load_new(loop, &run->options, err);
    if (run->load == NULL)
        goto out;
    log_info("event=ready devices=%" PRId64 " registers=%" PRId64 " first=%s:%" PRId64
             " socket=%s",
             run->options.devices, run->options.registers, run->base_address,
             run->options.port, run->socket);
    loop_run(loop, &command_stop);
    result = 0;
out:
    load_free(run->load);
    control_free(control);
    loop_free(loop);
    return result;
}

int command_load(int argc, char **argv)
{
    struct option_row rows[LOAD_ROWS];
    struct option_words words;
    struct load_run run;
    struct err err;

    set_defaults(&run);
    fill_rows(rows, &run);
    if (options_parse(rows, LOAD_ROWS, argc, argv, &words, &err) != 0)
        return command_fail(&err);
    if (words.count > 0)
        return command_send(run.socket, &words, run.clear);
    command_catch_signals();
    if (check_options(&run, &err) != 0 || serve(&run, &err) != 0)
        return command_fail(&err);
    return EX_OK;
}
