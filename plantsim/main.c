/* main.c - plantsim: a simulated residential compound on real protocols. */
#include "plantsim/commands.h"

#include "plantsim/names.h"

#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

volatile sig_atomic_t command_stop;

static void on_signal(int signal_number)
{
    (void)signal_number;
    command_stop = 1;
}

void command_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

int command_fail(const struct err *err)
{
    static const int codes[] = {
        [ERR_NONE] = EX_SOFTWARE,       [ERR_CONFIG] = EX_CONFIG,
        [ERR_TIMEOUT] = EX_UNAVAILABLE, [ERR_IO] = EX_UNAVAILABLE,
        [ERR_PROTOCOL] = EX_PROTOCOL,   [ERR_FULL] = EX_UNAVAILABLE,
        [ERR_INPUT] = EX_USAGE,         [ERR_NOT_FOUND] = EX_USAGE,
        [ERR_STATE] = EX_USAGE,
    };

    (void)fprintf(stderr, "plantsim: %s\n", err->text);
    return codes[err->kind];
}

static int command_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)fputs(
        "plantsim - a simulated residential compound: lifts, pumps, meters, fire panels\n"
        "\n"
        "Examples:\n"
        "  plantsim run                               start it with the usual places\n"
        "  plantsim run --speed 60 --seed 7           an hour in a minute, another day\n"
        "  plantsim scenario --list                   what can go wrong\n"
        "  plantsim scenario burst --for 5m           a riser tears, for five minutes\n"
        "  plantsim scenario dry-run --target pump-2  until it is ended\n"
        "  plantsim scenario dry-run --stop           ends it\n"
        "  plantsim scenario all --stop               ends everything\n"
        "  plantsim scenario dead-link --target fire --variant silent\n"
        "  plantsim status                            what is going on (--json)\n"
        "  plantsim load --devices 500 --registers 50 many plain devices, for "
        "benchmarks\n"
        "  plantsim load step 17 3 9999               one register of device 17 jumps\n"
        "  plantsim load counters                     requests served so far, as JSON\n"
        "  plantsim bus --pty /tmp/bus --dead 4       32 units on a real 9600 baud, 4 "
        "silent\n"
        "  plantsim bus --port 15030 --baud 19200     the same behind a TCP gateway\n"
        "  plantsim bus dead 16                       the last 16 are silent from now "
        "on\n"
        "  plantsim bus counters                      gaps between the reads of each "
        "unit\n"
        "\n"
        "Modbus TCP, RTU over TCP, RTU on a pseudo-terminal and MQTT, on the loopback "
        "only.\n"
        "Without --control, scenario and status look for run/plantsim.sock (of make run) "
        "and\n"
        "then " COMMAND_CONTROL_PATH ".\n"
        "\nrun\n",
        stdout);
    command_run_help(stdout);
    (void)fputs("\nload\n", stdout);
    command_load_help(stdout);
    (void)fputs("\nbus\n", stdout);
    command_bus_help(stdout);
    (void)fputs("\nExit codes: 0 done, 64 wrong usage, 69 not available.\n", stdout);
    return EX_OK;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", command_run},     {"scenario", command_scenario}, {"status", command_status},
    {"load", command_load},   {"bus", command_bus},           {"help", command_help},
    {"--help", command_help}, {"-h", command_help},
};

static const char *command_name(size_t index)
{
    return commands[index].name;
}

static int unknown_command(const char *name)
{
    const size_t count = sizeof commands / sizeof commands[0];
    const char *nearest = names_nearest(name, count, command_name);
    struct err err;

    if (nearest != NULL)
        (void)err_set(&err, ERR_INPUT, "there is no command '%s'; did you mean '%s'?",
                      name, nearest);
    else
        (void)err_set(&err, ERR_INPUT,
                      "there is no command '%s'; all of them: plantsim help", name);
    return command_fail(&err);
}

/* A command followed by --help explains as well. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return command_run(0, NULL);
    if (wants_help(argc, argv))
        return command_help(0, NULL);
    if (strncmp(argv[1], "--", 2) == 0 && strcmp(argv[1], "--help") != 0)
        return command_run(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    return unknown_command(argv[1]);
}
