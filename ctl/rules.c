/* rules.c - see rules.h. */
#include "ctl/rules.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    MESSAGES_MAX = 4 * 1024 * 1024,
};

const char *rules_config_path(const struct context *context)
{
    const char *path = context->options[OPTION_CONFIG];

    return path == NULL ? "/etc/facilityd/facilityd.cfg" : path;
}

const char *rules_datadir(const struct context *context)
{
    const char *path = context->options[OPTION_DATADIR];

    return path == NULL ? FACILITYD_DATADIR : path;
}

struct config *rules_load(const struct context *context, struct config_report *report)
{
    return config_load(rules_config_path(context), rules_datadir(context), report);
}

void rules_print_report(const struct context *context, const struct config_report *report)
{
    struct text text;

    text_init(&text, MESSAGES_MAX);
    if (context->json)
        config_report_json(report, &text);
    else
        config_report_print(report, isatty(STDERR_FILENO) != 0, &text);
    (void)fputs(text.data, context->json ? stdout : stderr);
    text_done(&text);
}

const struct rule_settings *rules_find(const struct config *config, const char *id)
{
    const char **names;
    const char *nearest;

    for (size_t i = 0; i < config->rule_count; i++)
        if (strcmp(config->rules[i].id, id) == 0)
            return &config->rules[i];
    names = mem_array(config->rule_count, sizeof(const char *));
    for (size_t i = 0; i < config->rule_count; i++)
        names[i] = config->rules[i].id;
    nearest = config_nearest(id, names, config->rule_count);
    mem_free(names);
    (void)fprintf(stderr, "facilityctl: there is no rule '%s'", id);
    if (nearest != NULL)
        (void)fprintf(stderr, "; did you mean '%s'?", nearest);
    (void)fputc('\n', stderr);
    return NULL;
}
