/* permits.c - facilityctl permit, permits, permit close: planned work. */
#include "ctl/command.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    BODY_MAX = 128 * 1024, /* a thousand ids */
    FOR_MAX_HOURS = 31 * 24,
};

/* A member for an option that was given. */
static void put_option(struct json_out *json, const struct context *context,
                       enum ctl_option option, const char *member)
{
    if (context->options[option] != NULL)
        json_put_string(json, member, context->options[option]);
}

/* False when something that must be said is not (told). */
static bool is_complete(const struct context *context)
{
    const char *const *options = context->options;
    const char *wrong = NULL;

    if (options[OPTION_EQUIPMENT] == NULL && options[OPTION_PLACE] == NULL &&
        options[OPTION_CLASS] == NULL)
        wrong = "--equipment, --place or --class is needed";
    else if (options[OPTION_HOLDER] == NULL)
        wrong = "--holder is needed: who does the work";
    else if (options[OPTION_REASON] == NULL)
        wrong = "--reason is needed";
    else if (options[OPTION_FOR] == NULL && options[OPTION_UNTIL] == NULL)
        wrong = "--for or --until is needed";
    else if (options[OPTION_FOR] != NULL && options[OPTION_UNTIL] != NULL)
        wrong = "--for and --until say the same thing";
    if (wrong != NULL)
        (void)fprintf(stderr, "facilityctl: %s\n", wrong);
    return wrong == NULL;
}

int command_permit(struct context *context, size_t count, char **arguments)
{
    int64_t for_ms = 0;
    struct text body;
    struct text answer;
    struct json *permit;
    struct json_out json;
    int code;

    (void)count;
    (void)arguments;
    if (!is_complete(context) ||
        !command_duration(context, OPTION_FOR, (int64_t)FOR_MAX_HOURS * 3600000, &for_ms))
        return EX_USAGE;
    text_init(&body, BODY_MAX);
    json = json_begin(&body);
    json_open(&json, '{');
    put_option(&json, context, OPTION_EQUIPMENT, "equipment");
    put_option(&json, context, OPTION_PLACE, "place");
    put_option(&json, context, OPTION_CLASS, "class");
    put_option(&json, context, OPTION_HOLDER, "holder");
    put_option(&json, context, OPTION_REASON, "reason");
    put_option(&json, context, OPTION_START, "from");
    put_option(&json, context, OPTION_UNTIL, "until");
    if (for_ms > 0)
        json_put_int(&json, "for_ms", for_ms);
    json_close(&json, '}');
    code = command_fetch(context, "/api/v1/permits", body.data, &answer, &permit);
    if (permit != NULL)
        (void)printf("permit %.0f for %.0f equipment until %s\n",
                     json_real(json_member(permit, "number")),
                     json_real(json_member(permit, "equipment_count")),
                     json_member_text(permit, "until", "?"));
    json_free(permit);
    text_done(&answer);
    text_done(&body);
    return code;
}

int command_permits(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"PERMIT", "number"}, {"STATE", "state"},       {"EQUIPMENT", "equipment"},
        {"PLACE", "place"},   {"CLASS", "class"},       {"COUNT", "equipment_count"},
        {"HOLDER", "holder"}, {"REASON", "reason"},     {"FROM", "from"},
        {"UNTIL", "until"},   {"WITHHELD", "withheld"}, {"CLOSED", "closed"},
        {"BY", "closed_by"},
    };
    bool all = context->options[OPTION_ALL] != NULL;
    struct text answer;
    struct json *document;
    int code = command_fetch(context, all ? "/api/v1/permits?all=1" : "/api/v1/permits",
                             NULL, &answer, &document);

    (void)count;
    (void)arguments;
    if (document != NULL) /* how it ended only when some have */
        command_table(json_member(document, "permits"), columns,
                      sizeof columns / sizeof columns[0] - (all ? 0 : 2));
    json_free(document);
    text_done(&answer);
    return code;
}

int command_permit_close(struct context *context, size_t count, char **arguments)
{
    char *path = command_path("/api/v1/permits/", arguments[0], "/close");
    struct text answer;
    struct json *permit;
    int code = command_fetch(context, path, "{}", &answer, &permit);

    (void)count;
    if (permit != NULL)
        (void)printf("permit %s is closed; what is still active becomes an issue\n",
                     arguments[0]);
    json_free(permit);
    text_done(&answer);
    mem_free(path);
    return code;
}
