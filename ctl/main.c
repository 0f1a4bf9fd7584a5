/* main.c - facilityctl: options, then one row of the command table. */
#include "base/mem.h"
#include "ctl/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char examples[] =
    "Examples:\n"
    "  facilityctl status\n"
    "  facilityctl points pump-2\n"
    "  facilityctl issues\n"
    "  facilityctl issue ack riverside-01KAV3… \"on my way\"\n"
    "  facilityctl --json report 2026-11\n"
    "\n"
    "Usage: facilityctl [--socket PATH|URL] [--json] COMMAND [ARGUMENT ...]\n"
    "\n";

static const char options_text[] =
    "\n"
    "      --socket WHERE  unix socket or URL of the daemon ($FACILITYD_SOCKET, else\n"
    "                      /run/facilityd/facilityd.sock)\n"
    "      --json          the daemon's own JSON instead of a table\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n"
    "\n"
    "Exit codes: 0 ok, 64 usage, 65 no such thing or not allowed now, 69 no daemon "
    "answers,\n"
    "74 the daemon failed, 77 permission.\n";

static void print_help(void)
{
    (void)fputs(examples, stdout);
    for (size_t i = 0; i < command_count; i++) {
        char *call = mem_format("%s %s", commands[i].name, commands[i].arguments);

        if (strlen(call) <= 26)
            (void)printf("  %-26s %s\n", call, commands[i].meaning);
        else
            (void)printf("  %s\n  %-26s %s\n", call, "", commands[i].meaning);
        mem_free(call);
    }
    (void)fputs(options_text, stdout);
}

/* The command whose words stand at the front of `words`; the longest name wins. */
static const struct command *find(size_t count, char **words, size_t *used)
{
    const struct command *found = NULL;

    for (size_t i = 0; i < command_count; i++) {
        const char *space = strchr(commands[i].name, ' ');
        size_t first =
            space == NULL ? strlen(commands[i].name) : (size_t)(space - commands[i].name);
        bool matches =
            strlen(words[0]) == first && strncmp(words[0], commands[i].name, first) == 0;

        if (matches && space != NULL)
            matches = count > 1 && strcmp(words[1], space + 1) == 0;
        if (!matches || (found != NULL && space == NULL))
            continue;
        found = &commands[i];
        *used = space == NULL ? 1 : 2;
    }
    return found;
}

static int unknown_command(size_t count, char **words)
{
    size_t length = strlen(words[0]);

    (void)fprintf(stderr, "facilityctl: no command '%s%s%s'", words[0],
                  count > 1 ? " " : "", count > 1 ? words[1] : "");
    for (size_t i = 0; i < command_count; i++)
        if (strncmp(commands[i].name, words[0], length < 3 ? length : 3) == 0) {
            (void)fprintf(stderr, "; did you mean '%s'?", commands[i].name);
            break;
        }
    (void)fputs("\nTry 'facilityctl --help'.\n", stderr);
    return EX_USAGE;
}

static int run(struct context *context, const char *where, size_t count, char **words)
{
    struct err err = {0};
    size_t used = 0;
    const struct command *command = find(count, words, &used);
    int code;

    if (command == NULL)
        return unknown_command(count, words);
    if (count - used < command->least || count - used > command->most) {
        (void)fprintf(stderr, "usage: facilityctl %s %s\n", command->name,
                      command->arguments);
        return EX_USAGE;
    }
    context->client = client_open(where, &err);
    if (context->client == NULL)
        return command_failed(&err);
    code = command->run(context, count - used, words + used);
    client_close(context->client);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"socket", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    struct context context = {0};
    /* One thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *where = getenv("FACILITYD_SOCKET");
    int option;

    if (where == NULL)
        where = "/run/facilityd/facilityd.sock";
    /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while ((option = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
        if (option == 's') {
            where = optarg;
        } else if (option == 'j') {
            context.json = true;
        } else if (option == 'h') {
            print_help();
            return EX_OK;
        } else if (option == 'V') {
            (void)puts("facilityctl " FACILITYD_VERSION);
            return EX_OK;
        } else {
            (void)fputs("Try 'facilityctl --help'.\n", stderr);
            return EX_USAGE;
        }
    }
    if (optind >= argc || strcmp(argv[optind], "help") == 0) {
        print_help();
        return optind >= argc ? EX_USAGE : EX_OK;
    }
    if (strcmp(argv[optind], "version") == 0) {
        (void)puts("facilityctl " FACILITYD_VERSION);
        return EX_OK;
    }
    return run(&context, where, (size_t)(argc - optind), argv + optind);
}
