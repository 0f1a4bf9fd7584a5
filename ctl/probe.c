/* probe.c - facilityctl probe, profiles and reload. */
#include "ctl/command.h"

#include "base/clock.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    LOOK_MS = 200,
    PROBE_PATIENCE_MS = 30 * 1000,  /* a slow bus and every variant of a profile */
    RELOAD_PATIENCE_MS = 60 * 1000, /* the largest sites take ten seconds */
};

/* What a finding means, and what is to be done about it. */
static const struct {
    const char *name;
    const char *meaning;
} findings[] = {
    {"right", "the profile fits the device"},
    {"unjudged", "the device has no value there now; it is read as the profile says"},
    {"wrong_order", "the word order of the profile is wrong for this device"},
    {"wrong_base", "the addresses of the profile are off by one"},
    {"other_variant", "it is another variant than the configuration says"},
    {"ambiguous", "several variants fit; what they share is delivered"},
    {"implausible", "the device does not answer as the profile expects"},
    {"refused", "the device refuses what the profile reads"},
};

static const char *meaning_of(const char *finding)
{
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
        if (strcmp(findings[i].name, finding) == 0)
            return findings[i].meaning;
    return "not probed: no answer that says what it is";
}

static bool delivers(const struct json *probe)
{
    const struct json *value = json_member(probe, "delivers");

    return value != NULL && json_kind(value) == JSON_BOOL && json_truth(value);
}

static int print_probe(const char *equipment, const struct json *probe)
{
    const char *finding = json_member_text(probe, "finding", "none");
    const char *variant = json_member_text(probe, "variant", "");
    const char *text = json_member_text(probe, "text", "");

    (void)printf("%s: %s: %s\n", equipment, finding, meaning_of(finding));
    if (variant[0] != '\0')
        (void)printf("variant %s\n", variant);
    if (text[0] != '\0' && strcmp(text, variant) != 0)
        (void)printf("%s\n", text);
    if (strcmp(finding, "none") == 0) {
        (void)printf("it is probed as soon as it answers\n");
        return EX_TEMPFAIL;
    }
    if (!delivers(probe))
        (void)printf("no values are delivered until that is cured\n");
    return delivers(probe) ? EX_OK : EX_DATAERR;
}

/* Until the finding has another time than `before`. */
static int await_finding(struct context *context, const char *path, const char *id,
                         const char *before)
{
    struct mono_time until = mono_add_ms(mono_now(), PROBE_PATIENCE_MS);
    int code = EX_OK;

    while (mono_before(mono_now(), until)) {
        struct text answer;
        struct json *equipment = command_get(context, path, &answer, &code);
        const struct json *probe =
            equipment == NULL ? NULL : json_member(equipment, "probe");
        const char *time = probe == NULL || json_kind(probe) != JSON_OBJECT
                               ? ""
                               : json_member_text(probe, "time", "");
        bool found = strcmp(time, before) != 0;

        if (found && context->json) {
            (void)fputs(answer.data, stdout);
            code = strcmp(json_member_text(probe, "finding", "none"), "none") == 0
                       ? EX_TEMPFAIL
                   : delivers(probe) ? EX_OK
                                     : EX_DATAERR;
        } else if (found) {
            code = print_probe(id, probe);
        }
        json_free(equipment);
        text_done(&answer);
        if (found || code != EX_OK)
            return code;
        command_pause(LOOK_MS);
    }
    (void)fprintf(stderr,
                  "facilityctl: %s does not answer; it will be probed when it "
                  "does\n",
                  id);
    return EX_TEMPFAIL;
}

int command_probe(struct context *context, size_t count, char **arguments)
{
    char *path = command_path("/api/v1/equipment/", arguments[0], "");
    char *probe_path = command_path("/api/v1/equipment/", arguments[0], "/probe");
    struct text answer;
    struct json *begun = NULL;
    struct err err = {0};
    char before[64] = "";
    int code = EX_OK;

    (void)count;
    if (client_request(context->client, probe_path, "{}", &answer, &err) != 0)
        code = command_failed(&err);
    else
        begun = json_parse(answer.data, answer.length, answer.length, &err);
    if (begun != NULL) {
        (void)snprintf(before, sizeof before, "%s",
                       json_member_text(json_member(begun, "probe"), "time", ""));
        code = await_finding(context, path, arguments[0], before);
    }
    json_free(begun);
    text_done(&answer);
    mem_free(probe_path);
    mem_free(path);
    return code;
}

int command_profiles(struct context *context, size_t count, char **arguments)
{
    static const struct column columns[] = {
        {"PROFILE", "id"},  {"CLASS", "class"},      {"MAKER", "maker"},
        {"MODEL", "model"}, {"OVER", "protocol"},    {"POINTS", "points"},
        {"PROBE", "probe"}, {"TRUST", "confidence"},
    };
    char *path = count == 0 ? mem_strdup("/api/v1/profiles")
                            : command_path("/api/v1/profiles?class=", arguments[0], "");
    struct text answer;
    struct json *document;
    int code = command_fetch(context, path, NULL, &answer, &document);

    if (document != NULL)
        command_table(json_member(document, "profiles"), columns,
                      sizeof columns / sizeof columns[0]);
    json_free(document);
    text_done(&answer);
    mem_free(path);
    return code;
}

/* --- reload ---------------------------------------------------------------------------
 */

static double number(const struct json *object, const char *member)
{
    const struct json *value = json_member(object, member);

    return value != NULL && json_kind(value) == JSON_NUMBER ? json_real(value) : 0;
}

static void print_messages(const struct json *messages)
{
    size_t count =
        messages == NULL || json_kind(messages) != JSON_ARRAY ? 0 : json_count(messages);

    for (size_t i = 0; i < count; i++) {
        const struct json *message = json_item(messages, i);
        const char *hint = json_member_text(message, "hint", "");

        (void)fprintf(stderr, "%s:%.0f:%.0f: %s[%s]: %s\n",
                      json_member_text(message, "file", ""), number(message, "line"),
                      number(message, "column"),
                      json_member_text(message, "severity", ""),
                      json_member_text(message, "code", ""),
                      json_member_text(message, "message", ""));
        if (hint[0] != '\0')
            (void)fprintf(stderr, "  %s\n", hint);
    }
}

static int print_reload(const struct json *report)
{
    const struct json *accepted = json_member(report, "accepted");

    print_messages(json_member(report, "messages"));
    if (accepted != NULL && json_kind(accepted) == JSON_BOOL && json_truth(accepted)) {
        (void)printf("reloaded\n");
        return EX_OK;
    }
    (void)fprintf(stderr, "facilityctl: reload refused: %s\n",
                  json_member_text(report, "why", ""));
    return EX_CONFIG;
}

static int await_reload(struct context *context, double asked)
{
    struct mono_time until = mono_add_ms(mono_now(), RELOAD_PATIENCE_MS);
    int code = EX_OK;

    while (mono_before(mono_now(), until) && code == EX_OK) {
        struct text answer;
        struct json *report = command_get(context, "/api/v1/reload", &answer, &code);
        bool done = report != NULL && number(report, "done") >= asked;

        if (done && context->json)
            (void)fputs(answer.data, stdout);
        if (done)
            code = context->json ? EX_OK : print_reload(report);
        json_free(report);
        text_done(&answer);
        if (done)
            return code;
        command_pause(LOOK_MS);
    }
    if (code == EX_OK) {
        (void)fprintf(stderr, "facilityctl: the reload takes longer than it should\n");
        code = EX_TEMPFAIL;
    }
    return code;
}

int command_reload(struct context *context, size_t count, char **arguments)
{
    struct text answer;
    struct json *begun = NULL;
    struct err err = {0};
    int code = EX_OK;

    (void)count;
    (void)arguments;
    if (client_request(context->client, "/api/v1/reload", "{}", &answer, &err) != 0)
        code = command_failed(&err);
    else
        begun = json_parse(answer.data, answer.length, answer.length, &err);
    if (begun != NULL)
        code = await_reload(context, number(begun, "number"));
    json_free(begun);
    text_done(&answer);
    return code;
}
