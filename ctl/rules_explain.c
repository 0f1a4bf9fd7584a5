/* rules_explain.c - facilityctl rules explain: why an alarm is as it is. See rules.h and
 * explain_text.h. */
#include "ctl/explain_text.h"
#include "ctl/rules.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    PATH_MAX_BYTES = 8 * 1024,
    TEXT_MAX_BYTES = 4 * 1024 * 1024,
};

/* Columns of the terminal; 0 when it is none. */
static size_t terminal_width(void)
{
    struct winsize size;

    if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

/* The site's time zone; NULL when it cannot be had, which costs only the hours. */
static struct tz *zone_of(struct context *context)
{
    struct text answer;
    struct json *site = NULL;
    struct tz *tz = NULL;
    struct err err = {0};

    if (client_request(context->client, "/api/v1/site", NULL, &answer, &err) == 0)
        site = json_parse(answer.data, answer.length, TEXT_MAX_BYTES, &err);
    if (site != NULL)
        tz = tz_load(json_member_text(site, "timezone", "UTC"), &err);
    json_free(site);
    text_done(&answer);
    return tz;
}

/* The unclosed issue; the document is the caller's. */
static const struct json *issue_of(struct context *context, char **arguments,
                                   struct json **document)
{
    struct text path;
    struct text answer;
    struct err err = {0};
    const struct json *issues = NULL;

    *document = NULL;
    text_init(&path, PATH_MAX_BYTES);
    text_add(&path, "/api/v1/issues?status=unclosed&limit=1&rule=");
    command_encode(&path, arguments[0]);
    text_add(&path, "&equipment=");
    command_encode(&path, arguments[1]);
    if (client_request(context->client, path.data, NULL, &answer, &err) == 0)
        *document = json_parse(answer.data, answer.length, TEXT_MAX_BYTES, &err);
    if (*document != NULL)
        issues = json_member(*document, "issues");
    text_done(&path);
    text_done(&answer);
    return issues == NULL || json_count(issues) == 0 ? NULL : json_item(issues, 0);
}

static void print_truth(struct context *context, const struct json *truth,
                        char **arguments)
{
    struct tz *tz = zone_of(context);
    struct json *document;
    const struct json *issue = issue_of(context, arguments, &document);
    const struct explain_look look = {
        .tz = tz, .width = terminal_width(), .colour = command_colour()};
    struct text out;

    text_init(&out, TEXT_MAX_BYTES);
    explain_text(truth, issue, &look, &out);
    (void)fputs(out.data, stdout);
    text_done(&out);
    json_free(document);
    tz_free(tz);
}

int rules_explain(struct context *context, size_t count, char **arguments)
{
    struct text path;
    struct text answer;
    struct json *truth;
    int code;

    (void)count;
    text_init(&path, PATH_MAX_BYTES);
    text_add(&path, "/api/v1/rules/");
    command_encode(&path, arguments[0]);
    text_add(&path, "/explain?equipment=");
    command_encode(&path, arguments[1]);
    code = command_fetch(context, path.data, NULL, &answer, &truth);
    if (truth != NULL)
        print_truth(context, truth, arguments);
    json_free(truth);
    text_done(&path);
    text_done(&answer);
    return code;
}
