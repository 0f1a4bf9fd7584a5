/* commands.c - see command.h. Each command is a request, and either its JSON as it came
 * or a table of some of its members. */
#include "ctl/command.h"

#include "base/json_in.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "ctl/rules.h"
#include "ctl/table.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    BODY_MAX = 16 * 1024,
    PATH_PART_MAX = 1024,
};

static void print_fields(const struct json *object, const struct column *fields,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text value;

        text_init(&value, BODY_MAX);
        table_value(json_path(object, fields[i].path), &value);
        (void)printf("%-12s %s\n", fields[i].head, value.data);
        text_done(&value);
    }
}

/* Requests `path` and prints the array at `member` as a table. */
static int list(struct context *context, const char *path, const char *member,
                const struct column *columns, size_t count)
{
    struct text answer;
    struct json *document;
    int code = command_fetch(context, path, NULL, &answer, &document);

    if (document != NULL)
        command_table(json_member(document, member), columns, count);
    if (document != NULL && json_member_text(document, "next", "")[0] != '\0')
        (void)fprintf(stderr, "facilityctl: there are more; these are the first %zu\n",
                      json_count(json_member(document, member)));
    json_free(document);
    text_done(&answer);
    return code;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct column link_columns[] = {
    {"LINK", "id"},
    {"KIND", "kind"},
    {"CONNECTED", "connected"},
    {"UNITS", "units"},
    {"OFFLINE", "units_offline"},
    {"REQUESTS", "requests"},
    {"ANSWERS", "answers"},
    {"TIMEOUTS", "timeouts"},
    {"ERRORS", "protocol_errors"},
    {"COPIES", "duplicates"},
    {"OVER RATE", "dropped_rate"},
    {"OVERSIZE", "dropped_oversize"},
    {"UNKNOWN", "dropped_unknown"},
    {"LOST", "dropped"},
    {"P99 LATE us", "lateness_p99_us"},
    {"TROUBLE", "error"},
};
static const struct column sink_columns[] = {
    {"SINK", "id"},
    {"TYPE", "type"},
    {"HEALTHY", "healthy"},
    {"SENT", "lines_sent"},
    {"BACKLOG", "backlog_lines"},
    {"REJECTED", "lines_rejected"},
    {"DROPPED", "lines_dropped"},
    {"TROUBLE", "error"},
};

static int run_status(struct context *context, size_t count, char **arguments)
{
    static const struct column fields[] = {
        {"site", "id"},
        {"name", "name"},
        {"time zone", "timezone"},
        {"version", "version"},
        {"uptime s", "uptime_s"},

        {"open issues", "issues.unclosed"},
    };
    struct text answer;
    struct json *site;
    int code = command_fetch(context, "/api/v1/site", NULL, &answer, &site);

    (void)count;
    (void)arguments;
    if (site != NULL) {
        print_fields(site, fields, COUNT(fields));
        (void)putchar('\n');
        command_table(json_member(site, "links"), link_columns, COUNT(link_columns));
        if (json_count(json_member(site, "sinks")) > 0) {
            (void)putchar('\n');
            command_table(json_member(site, "sinks"), sink_columns, COUNT(sink_columns));
        }
    }
    json_free(site);
    text_done(&answer);
    return code;
}

static int run_links(struct context *context, size_t count, char **arguments)
{
    (void)count;
    (void)arguments;
    return list(context, "/api/v1/site", "links", link_columns, COUNT(link_columns));
}

static int run_equipment(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"EQUIPMENT", "id"},  {"NAME", "name"},          {"CLASS", "class"},
        {"PLACE", "place"},   {"STATE", "state"},        {"SINCE", "since"},
        {"REASON", "reason"}, {"ISSUES", "open_issues"},
    };

    (void)count;
    (void)arguments;
    return list(context, "/api/v1/equipment?limit=20000", "equipment", columns,
                COUNT(columns));
}

/* Whether the profile fits, when that can be told. */
static void print_probe(const struct json *equipment)
{
    const struct json *probe = json_member(equipment, "probe");
    const char *text;

    if (probe == NULL || json_kind(probe) != JSON_OBJECT)
        return;
    text = json_member_text(probe, "text", "");
    (void)printf("probe: %s%s%s\n\n", json_member_text(probe, "finding", "none"),
                 text[0] == '\0' ? "" : ": ", text);
}

static int run_points(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"POINT", "name"},    {"VALUE", "value"},     {"LABEL", "label"},
        {"UNIT", "unit"},     {"QUALITY", "quality"}, {"REASON", "reason"},
        {"AGE ms", "age_ms"}, {"TIME", "time"},
    };
    char *path = command_path("/api/v1/equipment/", arguments[0], "");
    struct text answer;
    struct json *equipment;
    int code = command_fetch(context, path, NULL, &answer, &equipment);

    (void)count;
    if (equipment != NULL) {
        print_probe(equipment);
        command_table(json_member(equipment, "points"), columns, COUNT(columns));
    }
    json_free(equipment);
    text_done(&answer);
    mem_free(path);
    return code;
}

static bool print_line(void *context, const char *line)
{
    (void)context;
    if (strncmp(line, "data: ", 6) == 0) {
        (void)puts(line + 6);
        (void)fflush(stdout);
    }
    return ferror(stdout) == 0;
}

static int run_watch(struct context *context, size_t count, char **arguments)
{
    struct err err = {0};

    (void)count;
    (void)arguments;
    return client_follow(context->client, "/api/v1/stream", print_line, NULL, &err) == 0
               ? EX_OK
               : command_failed(&err);
}

static int run_issues(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"ISSUE", "id"},          {"STATUS", "status"},
        {"SEVERITY", "severity"}, {"EQUIPMENT", "equipment"},
        {"RULE", "rule"},         {"OPENED", "opened"},
        {"RETURNED", "returned"}, {"AGAIN", "recurrences"},
        {"TITLE", "title_en"},
    };
    bool all = count > 0 && strcmp(arguments[0], "all") == 0;

    if (count > 0 && !all) {
        struct err err = {0};

        (void)err_set(&err, ERR_INPUT, "issues takes nothing or 'all', not '%s'",
                      arguments[0]);
        return command_failed(&err);
    }
    return list(context,
                all ? "/api/v1/issues?limit=500&status=all"
                    : "/api/v1/issues?limit=500&status=unclosed",
                "issues", columns, COUNT(columns));
}

/* The path of an issue. `alarms` and the journal call issues by their number, so 12 is
 * #12; ids are never digits only. */
static char *issue_path(const char *issue, const char *behind)
{
    bool number = issue[0] != '\0' && strspn(issue, "0123456789") == strlen(issue);
    char *named = mem_format("%s%s", number ? "#" : "", issue);
    char *path = command_path("/api/v1/issues/", named, behind);

    mem_free(named);
    return path;
}

static int run_issue_show(struct context *context, size_t count, char **arguments)
{
    static const struct column fields[] = {
        {"issue", "id"},
        {"title", "title_en"},
        {"标题", "title_zh"},
        {"status", "status"},
        {"severity", "severity"},
        {"category", "category"},
        {"equipment", "equipment"},
        {"place", "place"},
        {"rule", "rule"},
        {"source", "source"},
        {"opened", "opened"},
        {"returned", "returned"},
        {"recurrences", "recurrences"},
        {"part of", "attached_to"},
        {"explains", "symptom_count"},
        {"advice", "advice_en"},
    };
    static const struct column symptoms[] = {
        {"EXPLAINS", "rule"}, {"OF", "equipment"},       {"SINCE", "since"},
        {"UNTIL", "until"},   {"ISSUE", "issue_number"}, {"RAISES", "raises"},
    };
    static const struct column events[] = {
        {"TIME", "time"},   {"EVENT", "action"}, {"STATUS", "status"},
        {"ACTOR", "actor"}, {"TEXT", "text"},
    };
    char *path = issue_path(arguments[0], "");
    struct text answer;
    struct json *issue;
    int code = command_fetch(context, path, NULL, &answer, &issue);

    (void)count;
    if (issue != NULL) {
        print_fields(issue, fields, COUNT(fields));
        (void)putchar('\n');
        command_table(json_member(issue, "events"), events, COUNT(events));
        if (json_real(json_member(issue, "events_left_out")) > 0)
            (void)printf("and %.0f more, behind the first\n",
                         json_real(json_member(issue, "events_left_out")));
        if (json_count(json_member(issue, "symptoms")) > 0) {
            (void)putchar('\n');
            command_table(json_member(issue, "symptoms"), symptoms, COUNT(symptoms));
        }
    }
    json_free(issue);
    text_done(&answer);
    mem_free(path);
    return code;
}

static int act(struct context *context, const char *action, size_t count,
               char **arguments)
{
    char *path = issue_path(arguments[0], "/events");
    struct text body;
    struct text answer;
    struct json *issue;
    struct json_out json;
    int code;

    text_init(&body, BODY_MAX);
    json = json_begin(&body);
    json_open(&json, '{');
    json_put_string(&json, "action", action);
    json_put_string(&json, "text", count > 1 ? arguments[1] : "");
    json_close(&json, '}');
    code = command_fetch(context, path, body.data, &answer, &issue);
    if (issue != NULL)
        (void)printf("%s: %s\n", arguments[0], json_member_text(issue, "status", "done"));
    json_free(issue);
    text_done(&answer);
    text_done(&body);
    mem_free(path);
    return code;
}

static int run_ack(struct context *context, size_t count, char **arguments)
{
    return act(context, "acknowledge", count, arguments);
}

static int run_start(struct context *context, size_t count, char **arguments)
{
    return act(context, "start", count, arguments);
}

static int run_resolve(struct context *context, size_t count, char **arguments)
{
    return act(context, "resolve", count, arguments);
}

static int run_close(struct context *context, size_t count, char **arguments)
{
    return act(context, "close", count, arguments);
}

static int run_reopen(struct context *context, size_t count, char **arguments)
{
    return act(context, "reopen", count, arguments);
}

static int run_comment(struct context *context, size_t count, char **arguments)
{
    return act(context, "comment", count, arguments);
}

static int run_severity(struct context *context, size_t count, char **arguments)
{
    return act(context, "severity", count, arguments);
}

static int run_open(struct context *context, size_t count, char **arguments)
{
    struct text body;
    struct text answer;
    struct json *issue;
    struct json_out json;
    int code;

    text_init(&body, BODY_MAX);
    json = json_begin(&body);
    json_open(&json, '{');
    json_put_string(&json, "equipment",
                    strcmp(arguments[0], "-") == 0 ? "" : arguments[0]);
    json_put_string(&json, "severity", arguments[1]);
    json_put_string(&json, "title", arguments[2]);
    json_put_string(&json, "text", count > 3 ? arguments[3] : "");
    json_close(&json, '}');
    code = command_fetch(context, "/api/v1/issues", body.data, &answer, &issue);
    if (issue != NULL)
        (void)printf("%s\n", json_member_text(issue, "id", "opened"));
    json_free(issue);
    text_done(&answer);
    text_done(&body);
    return code;
}

static int run_rules(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"RULE", "id"},           {"CLASS", "class"},       {"KIND", "kind"},
        {"SEVERITY", "severity"}, {"WATCHES", "instances"}, {"ACTIVE", "active"},
        {"TITLE", "title_en"},
    };

    (void)count;
    (void)arguments;
    return list(context, "/api/v1/rules", "rules", columns, COUNT(columns));
}

static int run_report(struct context *context, size_t count, char **arguments)
{
    struct text path;
    struct text answer;
    struct err err = {0};

    text_init(&path, PATH_PART_MAX);
    text_add(&path, "/api/v1/reports/failure-rate?format=");
    text_add(&path, context->json ? "json" : "csv");
    if (count > 0) {
        text_add(&path, "&month=");
        command_encode(&path, arguments[0]);
    }
    if (client_request(context->client, path.data, NULL, &answer, &err) == 0)
        (void)fputs(answer.data, stdout);
    text_done(&path);
    text_done(&answer);
    return err.kind == ERR_NONE ? EX_OK : command_failed(&err);
}

const struct command commands[] = {
    {"status", "", "the site, its links and sinks", 0, 0, run_status},
    {"links", "", "links with their counters and troubles", 0, 0, run_links},
    {"link", "LINK", "its time, measured and planned, and every unit on it", 1, 1,
     command_link},
    {"equipment", "", "all equipment with state and reason", 0, 0, run_equipment},
    {"equipment export", "", "as CSV, to be edited and imported", 0, 0, command_export},
    {"equipment import", "FILE.csv", "makes configuration of it; changes nothing", 1, 1,
     command_import},
    {"equipment add", "ID --profile P --link L --unit U",
     "makes the configuration of one equipment", 1, 1, command_add},
    {"points", "EQUIPMENT", "its points: value, unit, quality, reason, age", 1, 1,
     run_points},
    {"probe", "EQUIPMENT", "whether its profile fits the device, asked anew", 1, 1,
     command_probe},
    {"read", "LINK UNIT TABLE ADDRESS [COUNT]",
     "registers of a device, in all orders side by side", 4, 5, command_read},
    {"scan", "LINK", "which units answer, and which profiles fit them", 1, 1,
     command_scan},
    {"trace", "LINK", "the frames of a link as they come, decoded", 1, 1, command_trace},
    {"profiles", "[CLASS]", "the profiles that are loaded", 0, 1, command_profiles},
    {"reload", "", "loads the configuration anew, all or nothing", 0, 0, command_reload},
    {"watch", "", "samples, states and issues as they come, JSON per line", 0, 0,
     run_watch},
    {"issues", "[all]", "issues that are not closed, or all", 0, 1, run_issues},
    {"issue show", "ISSUE", "one issue with its log", 1, 1, run_issue_show},
    {"issue open", "EQUIPMENT|- SEVERITY TITLE [TEXT]",
     "opens one by hand; '-' for no equipment; minor, general or serious", 3, 4,
     run_open},
    {"issue ack", "ISSUE [TEXT]", "I have seen it", 1, 2, run_ack},
    {"issue start", "ISSUE [TEXT]", "work has begun", 1, 2, run_start},
    {"issue resolve", "ISSUE [TEXT]", "done; to be checked", 1, 2, run_resolve},
    {"issue close", "ISSUE [TEXT]", "checked and good", 1, 2, run_close},
    {"issue reopen", "ISSUE [TEXT]", "not solved after all", 1, 2, run_reopen},
    {"issue comment", "ISSUE TEXT", "adds to its log", 2, 2, run_comment},
    {"issue severity", "ISSUE SEVERITY", "minor, general or serious", 2, 2, run_severity},
    {"alarms", "[EQUIPMENT]", "what is active, and what explains it", 0, 1,
     command_alarms},
    {"shelve", "RULE EQUIPMENT --reason TEXT [--for 2h]", "silences an alarm for a while",
     2, 2, command_shelve},
    {"shelves", "", "alarms that are silent, by whom and why", 0, 0, command_shelves},
    {"unshelve", "SHELF", "ends that now", 1, 1, command_unshelve},
    {"permit", "--equipment IDS --holder NAME --reason TEXT --for 4h",
     "declares planned work", 0, 0, command_permit},
    {"permit close", "PERMIT", "the equipment is back in service", 1, 1,
     command_permit_close},
    {"permits", "", "planned work that runs or is to come", 0, 0, command_permits},
    {"rules", "", "rules, how much they watch, what is active", 0, 0, run_rules},
    {"rules check", "[RULE ...]", "what is wrong with the rules; needs no daemon", 0,
     1000, rules_check},
    {"rules explain", "RULE EQUIPMENT", "its present truth with every value", 2, 2,
     rules_explain},
    {"rules test", "[RULE ...]", "runs the tests beside the rules; needs no daemon", 0,
     1000, rules_test},
    {"rules backtest", "RULE", "what it would have done in the past; needs no daemon", 1,
     1, rules_backtest},
    {"rules noise", "", "the rules that cry most, and what would help; needs no daemon",
     0, 0, rules_noise},
    {"report", "[YYYY-MM]", "failure rate of a month (this one) as CSV", 0, 1,
     run_report},
};
const size_t command_count = COUNT(commands);
