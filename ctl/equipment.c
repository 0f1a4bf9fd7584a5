/* equipment.c - facilityctl equipment export, import and add.
 *
 * None of them changes what runs: they write text, and a person checks and loads it.
 */
#include "ctl/command.h"

#include "base/file.h"
#include "base/mem.h"
#include "ctl/equipment_text.h"
#include "ctl/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    CSV_MAX = 64 * 1024 * 1024,
    ERRORS_MAX = 64 * 1024,
};

/* Where the text goes: a new file, or standard output. */
static int deliver(const struct context *context, const struct text *text)
{
    const char *path = context->options[OPTION_OUTPUT];
    struct err err = {0};

    if (path == NULL) {
        (void)fputs(text->data, stdout);
        return EX_OK;
    }
    if (context->options[OPTION_FORCE] == NULL && access(path, F_OK) == 0) {
        (void)fprintf(stderr, "facilityctl: %s exists; --force writes over it\n", path);
        return EX_CANTCREAT;
    }
    if (file_replace(path, text->data, text->length, &err) != 0) {
        (void)fprintf(stderr, "facilityctl: %s\n", err.text);
        return EX_CANTCREAT;
    }
    return EX_OK;
}

/* What is still to be done with a file of configuration. */
static void tell_next(const struct context *context, size_t count)
{
    const char *path = context->options[OPTION_OUTPUT];

    if (path == NULL)
        return;
    (void)fprintf(stderr,
                  "facilityctl: %zu equipment in %s; nothing runs with it yet\nNext:\n"
                  "  facilityd --check -c /etc/facilityd/facilityd.cfg\n"
                  "  facilityctl reload\n",
                  count, path);
}

int command_export(struct context *context, size_t count, char **arguments)
{
    struct text answer;
    struct text csv;
    struct json *document;
    int code;

    (void)count;
    (void)arguments;
    document = NULL;
    code = command_fetch(context, "/api/v1/equipment-settings", NULL, &answer, &document);
    if (document != NULL) {
        text_init(&csv, EQUIPMENT_TEXT_MAX);
        equipment_csv(json_member(document, "equipment"), &csv);
        code = deliver(context, &csv);
        text_done(&csv);
    }
    json_free(document);
    text_done(&answer);
    return code;
}

static int import(struct context *context, const char *path, const char *bytes,
                  size_t length)
{
    struct text text;
    struct text errors;
    size_t written = 0;
    int code = EX_DATAERR;

    text_init(&text, EQUIPMENT_TEXT_MAX);
    text_init(&errors, ERRORS_MAX);
    text_addf(&text, "# made from %s by facilityctl equipment import\n",
              strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1);
    if (equipment_from_csv(path, bytes, length, &text, &written, &errors)) {
        code = deliver(context, &text);
        if (code == EX_OK)
            tell_next(context, written);
    } else {
        (void)fputs(errors.data, stderr);
    }
    text_done(&errors);
    text_done(&text);
    return code;
}

int command_import(struct context *context, size_t count, char **arguments)
{
    struct err err = {0};
    size_t length;
    char *bytes = file_read(arguments[0], CSV_MAX, &length, &err);
    int code = EX_NOINPUT;

    (void)count;
    if (bytes == NULL)
        (void)fprintf(stderr, "facilityctl: %s\n", err.text);
    else
        code = import(context, arguments[0], bytes, length);
    mem_free(bytes);
    return code;
}

/* --- one equipment --------------------------------------------------------------------
 */

/* What a name must be among: the ids of a list that the daemon gives. */
static bool is_known(const struct json *list, const char *id, const char *what,
                     const char *how)
{
    size_t best = SIZE_MAX;
    const char *nearest = NULL;

    for (size_t i = 0; i < json_count(list); i++) {
        const char *known = json_member_text(json_item(list, i), "id", "");
        size_t distance = nearest_distance(id, known);

        if (distance < best) {
            best = distance;
            nearest = known;
        }
    }
    if (best == 0)
        return true;
    (void)fprintf(stderr, "facilityctl: there is no %s '%s'", what, id);
    if (nearest != NULL && nearest_is_near(id, best))
        (void)fprintf(stderr, "; did you mean '%s'?\n", nearest);
    else
        (void)fprintf(stderr, "; facilityctl %s lists them\n", how);
    return false;
}

/* Asks for a list; NULL when no daemon answers, which is no reason to fail. */
static struct json *ask_list(struct context *context, const char *path)
{
    struct text answer;
    struct err err = {0};
    struct json *document = NULL;

    if (client_request(context->client, path, NULL, &answer, &err) == 0)
        document = json_parse(answer.data, answer.length, CSV_MAX, &err);
    text_done(&answer);
    return document;
}

static int check_names(struct context *context, const char *id)
{
    struct json *profiles = ask_list(context, "/api/v1/profiles");
    struct json *site = ask_list(context, "/api/v1/site");
    char *path = command_path("/api/v1/equipment/", id, "");
    struct json *same = profiles == NULL ? NULL : ask_list(context, path);
    int code = EX_OK;

    if (profiles == NULL || site == NULL) {
        (void)fprintf(stderr, "facilityctl: no daemon answers: link and profile are not "
                              "checked\n");
    } else if (!is_known(json_member(profiles, "profiles"),
                         context->options[OPTION_PROFILE], "profile", "profiles") ||
               !is_known(json_member(site, "links"), context->options[OPTION_LINK],
                         "link", "links")) {
        code = EX_DATAERR;
    } else if (same != NULL) {
        (void)fprintf(stderr, "facilityctl: there is an equipment '%s' already\n", id);
        code = EX_DATAERR;
    }
    mem_free(path);
    json_free(same);
    json_free(site);
    json_free(profiles);
    return code;
}

static bool check_given(const struct context *context)
{
    static const enum ctl_option needed[] = {OPTION_PROFILE, OPTION_LINK};

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (context->options[needed[i]] != NULL)
            continue;
        (void)fprintf(stderr, "facilityctl: --%s is missing\n",
                      option_rows[needed[i]].name);
        return false;
    }
    if (context->options[OPTION_UNIT] != NULL || context->options[OPTION_TOPIC] != NULL)
        return true;
    (void)fprintf(stderr, "facilityctl: --unit (Modbus) or --topic (MQTT) is missing\n");
    return false;
}

int command_add(struct context *context, size_t count, char **arguments)
{
    const char *const values[COLUMNS] = {
        [COLUMN_ID] = arguments[0],
        [COLUMN_NAME] = context->options[OPTION_NAME],
        [COLUMN_CLASS] = context->options[OPTION_CLASS],
        [COLUMN_PLACE] = context->options[OPTION_PLACE],
        [COLUMN_PROFILE] = context->options[OPTION_PROFILE],
        [COLUMN_LINK] = context->options[OPTION_LINK],
        [COLUMN_UNIT] = context->options[OPTION_UNIT],
        [COLUMN_TOPIC] = context->options[OPTION_TOPIC],
        [COLUMN_VARIANT] = context->options[OPTION_VARIANT],
    };
    struct text text;
    struct text errors;
    int code;

    (void)count;
    if (!check_given(context))
        return EX_USAGE;
    text_init(&text, EQUIPMENT_TEXT_MAX);
    text_init(&errors, ERRORS_MAX);
    code = equipment_one(values, context->options[OPTION_PARAMS], &text, &errors)
               ? check_names(context, arguments[0])
               : EX_USAGE;
    if (errors.length > 0)
        (void)fprintf(stderr, "facilityctl: %s", errors.data);
    if (code == EX_OK && context->options[OPTION_OUTPUT] != NULL)
        (void)fputs(text.data, stdout);
    if (code == EX_OK)
        code = deliver(context, &text);
    if (code == EX_OK)
        tell_next(context, 1);
    text_done(&errors);
    text_done(&text);
    return code;
}
