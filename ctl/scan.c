/* scan.c - facilityctl scan: who answers on a link, and what it may be.
 *
 * The scan runs in the daemon; this begins it, looks at it until it is over, and prints
 * each unit as it is found. A bar on a terminal, nothing of it elsewhere.
 */
#include "ctl/command.h"

#include "base/clock.h"
#include "base/json_out.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    LOOK_MS = 250,
    BAR_CELLS = 30,
    TIMEOUT_MAX_MS = 10 * 1000,
    ANSWER_MAX = 4 * 1024 * 1024,
    BODY_MAX = 256,
    EXIT_INTERRUPTED = 130, /* what shells give for Ctrl-C */
};

struct scanning {
    struct context *context;
    const char *link;
    char *path;
    struct mono_time begun;
    bool bar; /* standard error is a terminal */
    size_t printed;
    size_t useful;  /* units with a profile that fits and that nobody has configured */
    size_t strange; /* units that answer, of which nothing is known */
    char next[512]; /* the command to go on with */
};

static double number(const struct json *object, const char *member)
{
    const struct json *value = json_member(object, member);

    return value != NULL && json_kind(value) == JSON_NUMBER ? json_real(value) : 0;
}

static bool truth(const struct json *object, const char *member)
{
    const struct json *value = json_member(object, member);

    return value != NULL && json_kind(value) == JSON_BOOL && json_truth(value);
}

/* --- the bar ------------------------------------------------------------------------ */

static void clear_bar(const struct scanning *scanning)
{
    if (scanning->bar)
        (void)fputs("\r\033[K", stderr);
}

static void draw_bar(const struct scanning *scanning, const struct json *report)
{
    double done = number(report, "done");
    double total = number(report, "total");
    double share = total > 0 ? done / total : 0;
    double seconds = (double)mono_diff_ms(mono_now(), scanning->begun) / 1000;
    int filled = (int)(share * BAR_CELLS);

    if (!scanning->bar)
        return;
    (void)fprintf(stderr, "\r\033[K[%.*s%.*s] %3.0f of %.0f, unit %.0f", filled,
                  "##############################", BAR_CELLS - filled,
                  "..............................", done, total, number(report, "unit"));
    if (share > 0.02)
        (void)fprintf(stderr, ", %.0f s left", seconds / share - seconds);
    (void)fflush(stderr);
}

/* --- what was found ----------------------------------------------------------------- */

static void print_match(const struct json *match, bool first)
{
    const char *variant = json_member_text(match, "variant", "");
    struct text value;

    text_init(&value, BODY_MAX);
    table_value(json_member(match, "value"), &value);
    (void)printf("%s%s%s%s: %s %s %s", first ? "" : "                         or ",
                 json_member_text(match, "profile", ""), variant[0] == '\0' ? "" : ", ",
                 variant, json_member_text(match, "point", ""), value.data,
                 json_member_text(match, "unit", ""));
    if (number(match, "sampled") > 0)
        (void)printf(", %.0f of %.0f other points make sense", number(match, "sound"),
                     number(match, "sampled"));
    (void)putchar('\n');
    text_done(&value);
}

static void print_configured(const struct json *unit)
{
    const struct json *equipment = json_member(unit, "equipment");

    for (size_t i = 0; i < json_count(equipment); i++)
        (void)printf("%s%s%s", i == 0 ? "                         configured as " : ", ",
                     json_text(json_item(equipment, i)),
                     i + 1 == json_count(equipment) ? "\n" : "");
}

static void print_unmatched(const struct json *unit)
{
    if (strcmp(json_member_text(unit, "answer", ""), "garbled") == 0)
        (void)printf("%s\n", json_member_text(unit, "text", "garbled answers"));
    else if (truth(unit, "lost"))
        (void)printf("answered once, then no more\n");
    else
        (void)printf("no profile that is loaded fits\n");
}

/* The command that looks at it. */
static void note_strange(struct scanning *scanning, const struct json *unit)
{
    if (scanning->strange++ == 0 && scanning->useful == 0)
        (void)snprintf(scanning->next, sizeof scanning->next,
                       "facilityctl read %s %.0f holding 0 10", scanning->link,
                       number(unit, "unit"));
}

/* What the profile cannot know: " --params pt=?,ct=?". */
static void note_required(const struct json *required, struct text *params)
{
    for (size_t i = 0; required != NULL && i < json_count(required); i++)
        text_addf(params, "%s%s=?", i == 0 ? " --params " : ",",
                  json_text(json_item(required, i)));
}

/* The command that makes an equipment of it: "meter-5" of an electricity_meter. */
static void note_next(struct scanning *scanning, const struct json *unit)
{
    const struct json *matches = json_member(unit, "matches");
    const char *class_name;
    const char *last;
    struct text params;

    if (json_count(json_member(unit, "equipment")) > 0)
        return;
    if (json_count(matches) == 0) {
        note_strange(scanning, unit);
        return;
    }
    if (scanning->useful++ > 0)
        return;
    text_init(&params, BODY_MAX);
    class_name = json_member_text(json_item(matches, 0), "class", "equipment");
    note_required(json_member(json_item(matches, 0), "required"), &params);
    last = strrchr(class_name, '_');
    (void)snprintf(
        scanning->next, sizeof scanning->next,
        "facilityctl equipment add %s-%.0f --profile %s --link %s --unit %.0f%s",
        last == NULL ? class_name : last + 1, number(unit, "unit"),
        json_member_text(json_item(matches, 0), "profile", ""), scanning->link,
        number(unit, "unit"), params.data);
    text_done(&params);
}

static void print_unit(struct scanning *scanning, const struct json *unit, bool any)
{
    const struct json *matches = json_member(unit, "matches");

    clear_bar(scanning);
    if (any)
        (void)printf("one device that answers to every unit id\n");
    (void)printf("unit %3.0f  %-9s  ", number(unit, "unit"),
                 json_member_text(unit, "answer", ""));
    if (number(unit, "exception") > 0)
        (void)printf("%.0f  ", number(unit, "exception"));
    else
        (void)printf("   ");
    if (json_count(matches) == 0)
        print_unmatched(unit);
    for (size_t i = 0; i < json_count(matches); i++)
        print_match(json_item(matches, i), i == 0);
    print_configured(unit);
    note_next(scanning, unit);
    (void)fflush(stdout);
}

static void print_news(struct scanning *scanning, const struct json *report)
{
    const struct json *found = json_member(report, "found");

    for (; scanning->printed < json_count(found); scanning->printed++)
        print_unit(scanning, json_item(found, scanning->printed),
                   truth(report, "any_unit"));
}

/* --- the end ------------------------------------------------------------------------ */

static void print_next(const struct scanning *scanning)
{
    if (scanning->printed == 0) {
        (void)printf(
            "nobody answers: check A and B, baud rate and parity of the link, and "
            "that the device has power; slow devices need --timeout 2s\n");
        return;
    }
    if (scanning->next[0] == '\0')
        return;
    (void)printf("\nNext:\n  %s\n", scanning->next);
}

static int finish(struct scanning *scanning, const struct json *report)
{
    const char *state = json_member_text(report, "state", "");

    clear_bar(scanning);
    if (strcmp(state, "failed") == 0) {
        (void)fprintf(stderr, "facilityctl: the scan ended at unit %.0f: %s\n",
                      number(report, "unit"), json_member_text(report, "error", ""));
        return EX_TEMPFAIL;
    }
    if (strcmp(state, "stopped") == 0)
        (void)fprintf(stderr, "facilityctl: stopped at unit %.0f\n",
                      number(report, "unit"));
    if (!scanning->context->json)
        print_next(scanning);
    if (command_interrupted())
        return EXIT_INTERRUPTED;
    return json_count(json_member(report, "found")) > 0 ? EX_OK : EX_TEMPFAIL;
}

static int stop(struct scanning *scanning)
{
    struct text answer;
    struct err err = {0};
    int rc = client_send(scanning->context->client, "DELETE", scanning->path, NULL,
                         &answer, &err);

    text_done(&answer);
    return rc == 0 ? EX_OK : command_failed(&err);
}

static int follow(struct scanning *scanning)
{
    bool stopped = false;
    int code = EX_OK;

    for (;;) {
        struct text answer;
        struct json *report =
            command_get(scanning->context, scanning->path, &answer, &code);
        bool running = report != NULL &&
                       strcmp(json_member_text(report, "state", ""), "running") == 0;

        if (report != NULL && !scanning->context->json)
            print_news(scanning, report);
        if (running)
            draw_bar(scanning, report);
        else if (report != NULL)
            code = finish(scanning, report);
        if (report != NULL && !running && scanning->context->json)
            (void)fputs(answer.data, stdout);
        json_free(report);
        text_done(&answer);
        if (!running)
            return code;
        if (command_interrupted() && !stopped) {
            stopped = true;
            (void)stop(scanning);
        }
        command_pause(LOOK_MS);
    }
}

static bool put_body(const struct context *context, struct text *body)
{
    int64_t from = -1;
    int64_t to = -1;
    int64_t timeout_ms = -1;
    struct json_out json = json_begin(body);

    if (!command_number(context, OPTION_FROM, 0, 255, &from) ||
        !command_number(context, OPTION_TO, 0, 255, &to) ||
        !command_duration(context, OPTION_TIMEOUT, TIMEOUT_MAX_MS, &timeout_ms))
        return false;
    json_open(&json, '{');
    if (from >= 0)
        json_put_int(&json, "from", from);
    if (to >= 0)
        json_put_int(&json, "to", to);
    if (timeout_ms >= 0)
        json_put_int(&json, "timeout_ms", timeout_ms);
    json_close(&json, '}');
    return true;
}

static int begin(struct scanning *scanning, const char *body)
{
    struct text answer;
    struct err err = {0};
    int code = EX_OK;

    if (client_request(scanning->context->client, scanning->path, body, &answer, &err) !=
        0) {
        code = command_failed(&err);
        if (err.kind == ERR_STATE)
            (void)fprintf(stderr, "facilityctl scan %s --stop ends it\n", scanning->link);
    }
    text_done(&answer);
    return code;
}

int command_scan(struct context *context, size_t count, char **arguments)
{
    struct scanning scanning = {.context = context,
                                .link = arguments[0],
                                .begun = mono_now(),
                                .bar = isatty(STDERR_FILENO) != 0};
    struct text body;
    int code = EX_USAGE;

    (void)count;
    scanning.path = command_path("/api/v1/links/", arguments[0], "/scan");
    text_init(&body, BODY_MAX);
    if (context->options[OPTION_STOP] != NULL) {
        code = stop(&scanning);
    } else if (put_body(context, &body)) {
        command_catch_interrupt();
        code = begin(&scanning, body.data);
        if (code == EX_OK)
            code = follow(&scanning);
    }
    text_done(&body);
    mem_free(scanning.path);
    return code;
}
