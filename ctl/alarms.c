/* alarms.c - facilityctl alarms: what is active, and what it means. */
#include "ctl/command.h"

#include "base/mem.h"

#include <stdio.h>

int command_alarms(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"EQUIPMENT", "equipment"}, {"RULE", "rule"},
        {"STATE", "state"},         {"SEVERITY", "severity"},
        {"RAISED", "raised"},       {"STANDING", "standing"},
        {"CAUSE", "cause.rule"},    {"OF", "cause.equipment"},
        {"ISSUE", "issue_number"},  {"NOT SEEN SINCE", "unknown_since"},
        {"CHATTERS", "chattering"}, {"SHELVED UNTIL", "shelved_until"},
        {"WITHHELD", "withheld"},
    };
    char *path = count > 0 ? command_path("/api/v1/alarms?equipment=", arguments[0], "")
                           : mem_strdup("/api/v1/alarms");
    struct text answer;
    struct json *document;
    int code = command_fetch(context, path, NULL, &answer, &document);

    if (document != NULL) {
        double left_out = json_real(json_member(document, "left_out"));

        command_table(json_member(document, "alarms"), columns,
                      sizeof columns / sizeof columns[0]);
        if (left_out > 0)
            (void)printf("and %.0f more; facilityctl alarms EQUIPMENT\n", left_out);
    }
    json_free(document);
    text_done(&answer);
    mem_free(path);
    return code;
}
