/* rules_explain.c - facilityctl rules explain: why an alarm is as it is. See rules.h. */
#include "ctl/rules.h"

#include <stdio.h>
#include <sysexits.h>

enum {
    PATH_PART_MAX = 1024,
};

int rules_explain(struct context *context, size_t count, char **arguments)
{
    struct text path;
    struct text answer;
    struct err err = {0};

    (void)count;
    text_init(&path, PATH_PART_MAX * (size_t)8);
    text_add(&path, "/api/v1/rules/");
    command_encode(&path, arguments[0]);
    text_add(&path, "/explain?equipment=");
    command_encode(&path, arguments[1]);
    if (client_request(context->client, path.data, NULL, &answer, &err) == 0)
        (void)printf("%s\n", answer.data);
    text_done(&path);
    text_done(&answer);
    return err.kind == ERR_NONE ? EX_OK : command_failed(&err);
}
