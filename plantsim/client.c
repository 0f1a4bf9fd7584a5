/* client.c - the commands that speak to a running simulator. */
#include "plantsim/commands.h"

#include "base/text.h"
#include "plantsim/control.h"
#include "plantsim/options.h"
#include "plantsim/paths.h"
#include "plantsim/scenario.h"

#include <string.h>
#include <sysexits.h>

/* Words go through the socket separated by spaces. */
static int check_word(const char *what, const char *word, struct err *err)
{
    if (word[strcspn(word, " \n=")] == '\0' && strlen(word) < 64)
        return 0;
    return err_set(err, ERR_INPUT, "%s '%s' has no spaces, no '=' and at most 63 bytes",
                   what, word);
}

static int ask_and_print(const char *path, const char *line)
{
    struct text answer;
    struct err err;
    int result = EX_OK;

    text_init(&answer, CONTROL_ANSWER_MAX);
    if (control_ask(path, line, &answer, &err) == 0)
        (void)fputs(answer.data, stdout);
    else
        result = command_fail(&err);
    text_done(&answer);
    return result;
}

int command_send(const char *path, const struct option_words *words, bool clear)
{
    char line[CONTROL_LINE_MAX] = "";
    size_t used = 0;

    for (size_t i = 0; i < words->count && used < sizeof line; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s",
                                 i > 0 ? " " : "", words->words[i]);
    if (clear && used < sizeof line)
        (void)snprintf(line + used, sizeof line - used, " clear=1");
    return ask_and_print(path, line);
}

static int print_list(void)
{
    struct text list;

    text_init(&list, CONTROL_ANSWER_MAX);
    scenario_list(&list);
    (void)fputs(list.data, stdout);
    text_done(&list);
    return EX_OK;
}

int command_scenario(int argc, char **argv)
{
    const char *control = paths_first_of(COMMAND_DEMO_PATH, COMMAND_CONTROL_PATH);
    const char *target = "";
    const char *variant = "";
    bool list = false;
    bool stop = false;
    int64_t for_ms = 0;
    const struct option_row rows[] = {
        {"list", NULL, "", OPTION_FLAG, &list, 0, 0},
        {"stop", NULL, "", OPTION_FLAG, &stop, 0, 0},
        {"for", "DURATION", "", OPTION_DURATION, &for_ms, 1, INT64_C(7) * 86400000},
        {"target", "ID", "", OPTION_STRING, &target, 0, 0},
        {"variant", "WORD", "", OPTION_STRING, &variant, 0, 0},
        {"control", "PATH", "", OPTION_STRING, &control, 0, 0},
    };
    struct option_words words;
    char line[CONTROL_LINE_MAX];
    int length;
    struct err err;

    if (options_parse(rows, sizeof rows / sizeof rows[0], argc, argv, &words, &err) != 0)
        return command_fail(&err);
    if (list)
        return print_list();
    if (words.count != 1) {
        (void)err_set(&err, ERR_INPUT,
                      "name one scenario, e.g. 'plantsim scenario burst --for 90s'; all "
                      "of them: plantsim scenario --list");
        return command_fail(&err);
    }
    if (check_word("a scenario's name", words.words[0], &err) != 0 ||
        check_word("a target", target, &err) != 0 ||
        check_word("a variant", variant, &err) != 0)
        return command_fail(&err);
    length = snprintf(line, sizeof line, "%s %s target=%s variant=%s",
                      stop ? "stop" : "start", words.words[0], target, variant);
    if (for_ms > 0 && length > 0)
        (void)snprintf(line + length, sizeof line - (size_t)length, " for=%lldms",
                       (long long)for_ms);
    return ask_and_print(control, line);
}

int command_status(int argc, char **argv)
{
    const char *control = paths_first_of(COMMAND_DEMO_PATH, COMMAND_CONTROL_PATH);
    bool json = false;
    const struct option_row rows[] = {
        {"json", NULL, "", OPTION_FLAG, &json, 0, 0},
        {"control", "PATH", "", OPTION_STRING, &control, 0, 0},
    };
    struct option_words words;
    struct err err;

    if (options_parse(rows, sizeof rows / sizeof rows[0], argc, argv, &words, &err) != 0)
        return command_fail(&err);
    return ask_and_print(control, json ? "status format=json" : "status");
}
