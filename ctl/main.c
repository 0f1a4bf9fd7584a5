/* main.c - facilityctl: options, then one row of the command table. */
#include "base/mem.h"
#include "ctl/command.h"
#include "ctl/nearest.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char examples[] =
    "Examples:\n"
    "  facilityctl status\n"
    "  facilityctl scan plant-room\n"
    "  facilityctl read plant-room 5 input 70 2\n"
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
    "  -h, --help          this text; behind a command, that command's\n"
    "  -V, --version       the version\n"
    "\n"
    "Exit codes: 0 ok, 64 usage, 65 no such thing, wrong data or not allowed now,\n"
    "66 a file cannot be read, 69 no daemon answers, 73 a file cannot be written, 74 "
    "the\n"
    "daemon failed, 75 try again (a device is silent, a link down, too many ask), 76 "
    "the\n"
    "device refuses or answers nonsense, 77 permission, 78 the configuration is wrong.\n";

static void print_help(void)
{
    (void)fputs(examples, stdout);
    for (size_t i = 0; i < command_count; i++) {
        char *call = mem_format("%s %s", commands[i].name, commands[i].arguments);

        if (table_width(call) <= 26)
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

/* What stands behind the first word of a command of several ("ack" of "issue ack"); NULL
 * when the command is none of `word`. */
static const char *second_word(const struct command *command, const char *word)
{
    size_t length = strlen(word);

    return strncmp(command->name, word, length) == 0 && command->name[length] == ' '
               ? command->name + length + 1
               : NULL;
}

static void print_usage(const struct command *command, bool first, FILE *out)
{
    (void)fprintf(out, "%s facilityctl %s %s\n", first ? "usage:" : "      ",
                  command->name, command->arguments);
}

/* "issue" alone is no command, but the first word of several. False when of none. */
static bool print_family(const char *word, bool first, FILE *out)
{
    bool found = false;

    for (size_t i = 0; i < command_count; i++) {
        if (second_word(&commands[i], word) == NULL)
            continue;
        print_usage(&commands[i], first && !found, out);
        found = true;
    }
    return found;
}

/* Says what the second word may be: what is near to it, else all there is. */
static void suggest(const char *word, const char *wrong)
{
    size_t all = 0;
    size_t near = 0;
    size_t said = 0;

    for (size_t i = 0; i < command_count; i++) {
        const char *second = second_word(&commands[i], word);

        all += second != NULL;
        near += second != NULL && nearest_is_near(wrong, nearest_distance(wrong, second));
    }
    for (size_t i = 0; i < command_count; i++) {
        const char *second = second_word(&commands[i], word);

        if (second == NULL ||
            (near > 0 && !nearest_is_near(wrong, nearest_distance(wrong, second))))
            continue;
        (void)fprintf(stderr, "%s'%s %s'",
                      said > 0   ? ", "
                      : near > 0 ? "; did you mean "
                      : all == 1 ? "; there is only "
                                 : "; there are ",
                      word, second);
        said++;
    }
    (void)fputs(near > 0 ? "?" : "", stderr);
}

/* "rules bogus": other commands begin with the word, but go on differently. False when
 * none does. */
static bool is_wrong_second(size_t count, char **words, const struct command *command)
{
    if (count < 2 || (command != NULL && command->most > 0))
        return false;
    for (size_t i = 0; i < command_count; i++)
        if (second_word(&commands[i], words[0]) != NULL)
            return command == NULL || strchr(command->name, ' ') == NULL;
    return false;
}

static int unknown_second(char **words)
{
    (void)fprintf(stderr, "facilityctl: no command '%s %s'", words[0], words[1]);
    suggest(words[0], words[1]);
    (void)fprintf(stderr, "\nTry 'facilityctl %s --help'.\n", words[0]);
    return EX_USAGE;
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

static int print_command_help(const struct command *command)
{
    print_usage(command, true, stdout);
    (void)print_family(command->name, false, stdout);
    (void)printf("%s\n\n", command->meaning);
    options_help(command->name);
    return EX_OK;
}

/* False when an option was given that the command does not take (told). */
static bool options_fit(const struct context *context, const struct command *command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (context->options[i] == NULL ||
            options_allowed(command->name, (enum ctl_option)i))
            continue;
        (void)fprintf(stderr, "facilityctl: '%s' takes no --%s\n", command->name,
                      option_rows[i].name);
        return false;
    }
    return true;
}

struct line {
    struct context context;
    const char *where;
    bool help;
    bool version;
};

static int run(struct line *line, size_t count, char **words)
{
    struct context *context = &line->context;
    struct err err = {0};
    size_t used = 0;
    const struct command *command = find(count, words, &used);
    int code;

    if (command == NULL && count == 1 &&
        print_family(words[0], true, line->help ? stdout : stderr))
        return line->help ? EX_OK : EX_USAGE;
    if (is_wrong_second(count, words, command))
        return unknown_second(words);
    if (command == NULL)
        return unknown_command(count, words);
    if (line->help)
        return print_command_help(command);
    if (!options_fit(context, command) || count - used < command->least ||
        count - used > command->most) {
        print_usage(command, true, stderr);
        return EX_USAGE;
    }
    context->client = client_open(line->where, &err);
    if (context->client == NULL)
        return command_failed(&err);
    code = command->run(context, count - used, words + used);
    client_close(context->client);
    return code;
}

enum {
    VALUE_FIRST = 1000, /* getopt's numbers of the commands' options */
    LETTERS_MAX = 2 * OPTION_COUNT + 8,
};

static void list_options(struct option *all, char letters[LETTERS_MAX])
{
    static const struct option common[] = {
        {"socket", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
    };
    size_t count = sizeof common / sizeof common[0];
    size_t length = 2;

    memcpy(all, common, sizeof common);
    memcpy(letters, "hV", 3);
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &option_rows[i];

        all[count++] = (struct option){
            row->name, row->argument != NULL ? required_argument : no_argument, NULL,
            VALUE_FIRST + i};
        if (row->letter == 0)
            continue;
        letters[length++] = row->letter;
        if (row->argument != NULL)
            letters[length++] = ':';
    }
    letters[length] = '\0';
    all[count] = (struct option){NULL, 0, NULL, 0};
}

static void take_value(struct line *line, int option)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option == VALUE_FIRST + i ||
            (option_rows[i].letter != 0 && option == option_rows[i].letter))
            line->context.options[i] = optarg == NULL ? "" : optarg;
}

/* False when something is not an option (told). */
static bool read_options(struct line *line, int argc, char **argv)
{
    struct option all[OPTION_COUNT + 5];
    char letters[LETTERS_MAX];
    int option;

    list_options(all, letters);
    /* One thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while ((option = getopt_long(argc, argv, letters, all, NULL)) != -1) {
        if (option == '?') {
            (void)fputs("Try 'facilityctl --help'.\n", stderr);
            return false;
        }
        if (option == 's')
            line->where = optarg;
        else if (option == 'j')
            line->context.json = true;
        else if (option == 'h')
            line->help = true;
        else if (option == 'V')
            line->version = true;
        else
            take_value(line, option);
    }
    return true;
}

int main(int argc, char **argv)
{
    /* One thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    struct line line = {.where = getenv("FACILITYD_SOCKET")};
    size_t count;
    char **words;

    if (line.where == NULL)
        line.where = "/run/facilityd/facilityd.sock";
    if (!read_options(&line, argc, argv))
        return EX_USAGE;
    count = (size_t)(argc - optind);
    words = argv + optind;
    if (count > 0 && strcmp(words[0], "help") == 0) {
        line.help = true;
        count--;
        words++;
    }
    if (line.version || (count > 0 && strcmp(words[0], "version") == 0)) {
        (void)puts("facilityctl " FACILITYD_VERSION);
        return EX_OK;
    }
    if (count > 0)
        return run(&line, count, words);
    print_help();
    return line.help ? EX_OK : EX_USAGE;
}
