/* options.c - see options.h. */
#include "gateway/options.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

static const char help[] =
    "Examples:\n"
    "  facilityd --check -c /etc/facilityd/facilityd.cfg   check the configuration\n"
    "  facilityd --plan -c /etc/facilityd/facilityd.cfg    what each link is asked for\n"
    "  facilityd -c /etc/facilityd/facilityd.cfg           run in the foreground\n"
    "\n"
    "facilityd watches elevators, pumps, meters and fire panels over Modbus and MQTT,\n"
    "opens an issue by itself when something leaks, stops or breaks, and counts how "
    "often\n"
    "equipment fails. It reads; it is never part of a safety function.\n"
    "\n"
    "Usage: facilityd [-c FILE] [--check | --plan] [--json] [--socket PATH]\n"
    "                 [--datadir DIR] [--debug]\n"
    "\n"
    "  -c, --config FILE    main configuration file (/etc/facilityd/facilityd.cfg)\n"
    "      --check          check configuration and rules, print every error, start "
    "nothing\n"
    "      --plan           print what each link is asked for: requests, bytes, time;\n"
    "                       start nothing\n"
    "      --json           print what --check or --plan found as JSON\n"
    "      --socket PATH    unix socket for facilityctl "
    "($RUNTIME_DIRECTORY/facilityd.sock,\n"
    "                       else facilityd.sock in the state_dir)\n"
    "      --datadir DIR    shipped profiles and rules (" FACILITYD_DATADIR ")\n"
    "      --debug          log debug lines\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "\n"
    "Signals: SIGHUP reloads all or nothing, SIGTERM and SIGINT stop cleanly.\n"
    "Exit codes: 0 ok, 64 usage, 69 another instance or address in use, 74 I/O,\n"
    "77 permission, 78 configuration.\n";

enum {
    OPTION_CHECK = 256,
    OPTION_PLAN,
    OPTION_JSON,
    OPTION_SOCKET,
    OPTION_DATADIR,
    OPTION_DEBUG,
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"plan", no_argument, NULL, OPTION_PLAN},
    {"json", no_argument, NULL, OPTION_JSON},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"datadir", required_argument, NULL, OPTION_DATADIR},
    {"debug", no_argument, NULL, OPTION_DEBUG},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int apply(struct options *options, int option)
{
    switch (option) {
    case 'c':
        options->config = optarg;
        return -1;
    case OPTION_CHECK:
        options->check = true;
        return -1;
    case OPTION_PLAN:
        options->plan = true;
        return -1;
    case OPTION_JSON:
        options->json = true;
        return -1;
    case OPTION_SOCKET:
        options->socket = optarg;
        return -1;
    case OPTION_DATADIR:
        options->datadir = optarg;
        return -1;
    case OPTION_DEBUG:
        options->debug = true;
        return -1;
    case 'h':
        (void)fputs(help, stdout);
        return EX_OK;
    case 'V':
        (void)puts("facilityd " FACILITYD_VERSION);
        return EX_OK;
    default:
        (void)fputs("facilityd: try 'facilityd --help'\n", stderr);
        return EX_USAGE;
    }
}

int options_parse(struct options *options, int argc, char **argv)
{
    int option;

    *options = (struct options){.config = "/etc/facilityd/facilityd.cfg",
                                .datadir = FACILITYD_DATADIR};
    /* Before the first thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while ((option = getopt_long(argc, argv, "c:hV", long_options, NULL)) != -1) {
        int code = apply(options, option);

        if (code >= 0)
            return code;
    }
    if (optind < argc) {
        (void)fprintf(stderr,
                      "facilityd: unexpected argument '%s'; the configuration goes "
                      "behind -c\n",
                      argv[optind]);
        return EX_USAGE;
    }
    if (options->check && options->plan) {
        (void)fputs("facilityd: --check or --plan, not both\n", stderr);
        return EX_USAGE;
    }
    return -1;
}
