/* shelves.c - facilityctl shelve, shelves, unshelve: an alarm is silent for a while. */
#include "ctl/command.h"

#include "base/mem.h"

#include <stdio.h>
#include <sysexits.h>

enum {
    BODY_MAX = 16 * 1024,
    DAY_MS = 24 * 3600 * 1000,
    FOR_DEFAULT_MS = 8 * 3600 * 1000,
};

static int missing(const char *option)
{
    (void)fprintf(stderr, "facilityctl: --%s is needed\n", option);
    return EX_USAGE;
}

int command_shelve(struct context *context, size_t count, char **arguments)
{
    int64_t for_ms = FOR_DEFAULT_MS;
    struct text body;
    struct text answer;
    struct json *shelf;
    struct json_out json;
    int code;

    (void)count;
    if (context->options[OPTION_REASON] == NULL)
        return missing("reason");
    if (!command_duration(context, OPTION_FOR, DAY_MS, &for_ms))
        return EX_USAGE;
    text_init(&body, BODY_MAX);
    json = json_begin(&body);
    json_open(&json, '{');
    json_put_string(&json, "rule", arguments[0]);
    json_put_string(&json, "equipment", arguments[1]);
    json_put_string(&json, "reason", context->options[OPTION_REASON]);
    json_put_int(&json, "for_ms", for_ms);
    json_close(&json, '}');
    code = command_fetch(context, "/api/v1/shelves", body.data, &answer, &shelf);
    if (shelf != NULL)
        (void)printf("shelf %.0f until %s\n", json_real(json_member(shelf, "number")),
                     json_member_text(shelf, "until", "?"));
    json_free(shelf);
    text_done(&answer);
    text_done(&body);
    return code;
}

int command_shelves(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"SHELF", "number"},  {"RULE", "rule"},         {"EQUIPMENT", "equipment"},
        {"SINCE", "since"},   {"UNTIL", "until"},       {"BY", "actor"},
        {"REASON", "reason"}, {"ENDED BY", "ended_by"},
    };
    bool all = context->options[OPTION_ALL] != NULL;
    struct text answer;
    struct json *document;
    int code = command_fetch(context, all ? "/api/v1/shelves?all=1" : "/api/v1/shelves",
                             NULL, &answer, &document);

    (void)count;
    (void)arguments;
    if (document != NULL) /* who ended it only when some have */
        command_table(json_member(document, "shelves"), columns,
                      sizeof columns / sizeof columns[0] - (all ? 0 : 1));
    json_free(document);
    text_done(&answer);
    return code;
}

int command_unshelve(struct context *context, size_t count, char **arguments)
{
    char *path = command_path("/api/v1/shelves/", arguments[0], "");
    struct text answer;
    struct err err = {0};
    int code = EX_OK;

    (void)count;
    if (client_send(context->client, "DELETE", path, NULL, &answer, &err) != 0)
        code = command_failed(&err);
    else if (context->json)
        (void)printf("%s\n", answer.data);
    else
        (void)printf("shelf %s has ended\n", arguments[0]);
    text_done(&answer);
    mem_free(path);
    return code;
}
