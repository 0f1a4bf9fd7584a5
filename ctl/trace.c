/* trace.c - facilityctl trace: the frames of a link as they come, decoded.
 *
 *   20:29:18.158  unit   3  ask   input 70+2            00 01 00 00 00 06 03 04 ...
 *   20:29:18.159  unit   3  reply 16968 5243   0.9 ms   00 01 00 00 00 07 03 04 ...
 *
 * The daemon records while somebody looks; times are UTC.
 */
#include "ctl/command.h"

#include "base/json_out.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    LOOK_MS = 200,
    VALUES_SHOWN = 8, /* of an answer; the bytes stand behind them in full */
    WORDS_MAX = 1024,
    WORDS_WIDTH = 34,
    LINE_MAX_BYTES = 64 * 1024, /* 2000 bits and 260 bytes in hexadecimal */
};

struct tracing {
    struct context *context;
    char *path;
    int64_t left;  /* frames until the end; -1: none */
    int64_t after; /* the last one that was shown */
    int64_t generation;
    bool begun;
};

static double number(const struct json *object, const char *member, double fallback)
{
    const struct json *value = json_member(object, member);

    return value != NULL && json_kind(value) == JSON_NUMBER ? json_real(value) : fallback;
}

static bool has(const struct json *object, const char *member)
{
    return json_member(object, member) != NULL;
}

/* --- one frame in words ---------------------------------------------------------------
 */

static void say_range(const struct json *frame, struct text *out)
{
    text_addf(out, "%s %.0f", json_member_text(frame, "table", "?"),
              number(frame, "address", 0));
    if (number(frame, "count", 1) > 1)
        text_addf(out, "+%.0f", number(frame, "count", 1));
}

static void say_values(const struct json *frame, struct text *out)
{
    const struct json *values = json_member(frame, "values");
    size_t count = values == NULL ? 0 : json_count(values);

    for (size_t i = 0; i < count && i < VALUES_SHOWN; i++)
        text_addf(out, "%s%.0f", i == 0 ? "" : " ", json_real(json_item(values, i)));
    if (count > VALUES_SHOWN)
        text_addf(out, " ... (%zu)", count);
}

static void say_answer(const struct json *frame, struct text *out)
{
    if (has(frame, "exception"))
        text_addf(out, "exception %.0f: %s", number(frame, "exception", 0),
                  json_member_text(frame, "exception_name", ""));
    else
        say_values(frame, out);
}

static void say_problem(const struct json *frame, struct text *out)
{
    const char *problem = json_member_text(frame, "problem", "");

    if (problem[0] != '\0')
        text_addf(out, "%s! %s", out->length > 0 ? "  " : "", problem);
}

static void say_function(const struct json *frame, struct text *out)
{
    if (has(frame, "table") || !has(frame, "function"))
        return;
    text_addf(out, "function %.0f", number(frame, "function", 0));
}

static const char *say(const struct json *frame, struct text *words)
{
    const char *kind = json_member_text(frame, "kind", "");

    say_function(frame, words);
    if (strcmp(kind, "sent") == 0) {
        if (has(frame, "address"))
            say_range(frame, words);
        say_problem(frame, words);
        return "ask  ";
    }
    if (strcmp(kind, "received") == 0) {
        say_answer(frame, words);
        text_addf(words, "  %.1f ms", number(frame, "after_us", 0) / 1000);
        say_problem(frame, words);
        return "reply";
    }
    if (strcmp(kind, "discarded") == 0) {
        text_add(words, "late or foreign: ");
        say_answer(frame, words);
        say_problem(frame, words);
        return "drop ";
    }
    text_add(words, json_member_text(frame, "text", ""));
    return "     ";
}

static void print_bytes(const char *hex)
{
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
        (void)printf(" %.2s", hex);
}

static const char *colour_of(const struct json *frame)
{
    const char *kind = json_member_text(frame, "kind", "");

    if (!command_colour())
        return "";
    if (strcmp(kind, "discarded") == 0 || has(frame, "problem") ||
        has(frame, "exception"))
        return "\033[31m"; /* red */
    if (strcmp(kind, "event") == 0)
        return "\033[33m"; /* yellow */
    return "";
}

static void print_frame(const struct json *frame)
{
    const char *time = json_member_text(frame, "time", "");
    const char *hex = json_member_text(frame, "hex", "");
    const char *colour = colour_of(frame);
    struct text words;
    const char *what;

    text_init(&words, WORDS_MAX);
    what = say(frame, &words);
    (void)printf("%s%.12s  ", colour, strlen(time) > 11 ? time + 11 : time);
    if (has(frame, "unit"))
        (void)printf("unit %3.0f  ", number(frame, "unit", 0));
    else
        (void)printf("          ");
    (void)printf("%s %-*s ", what, hex[0] == '\0' ? 0 : WORDS_WIDTH, words.data);
    print_bytes(hex);
    (void)printf("%s\n", colour[0] == '\0' ? "" : "\033[0m");
    text_done(&words);
}

/* --- frame after frame
 * ------------------------------------------------------------------ */

static void print_json(const struct json *frame)
{
    struct text line;
    struct json_out json;

    text_init(&line, LINE_MAX_BYTES);
    json = json_begin(&line);
    command_put_json(&json, frame);
    (void)printf("%s\n", line.data);
    text_done(&line);
}

/* False at the end. */
static bool take_frames(struct tracing *tracing, const struct json *document)
{
    const struct json *frames = json_member(document, "frames");

    for (size_t i = 0; i < json_count(frames) && tracing->left != 0; i++) {
        const struct json *frame = json_item(frames, i);
        int64_t sequence = (int64_t)number(frame, "sequence", 0);

        if (tracing->after > 0 && sequence > tracing->after + 1)
            (void)fprintf(stderr, "facilityctl: %" PRId64 " frames were missed\n",
                          sequence - tracing->after - 1);
        tracing->after = sequence;
        if (tracing->context->json)
            print_json(frame);
        else
            print_frame(frame);
        if (tracing->left > 0)
            tracing->left--;
    }
    (void)fflush(stdout);
    return tracing->left != 0 && ferror(stdout) == 0;
}

/* What was recorded for others before is not ours; a reload counts anew. */
static bool is_new(struct tracing *tracing, const struct json *document)
{
    int64_t generation = (int64_t)number(document, "generation", 0);

    if (tracing->begun && generation == tracing->generation)
        return true;
    if (tracing->begun)
        (void)fprintf(stderr, "facilityctl: the configuration was loaded anew\n");
    tracing->after = tracing->begun ? 0 : (int64_t)number(document, "next", 0);
    tracing->generation = generation;
    tracing->begun = true;
    return false;
}

/* False at the end, with *code. */
static bool look(struct tracing *tracing, int *code)
{
    char *path = mem_format("%s?after=%" PRId64, tracing->path, tracing->after);
    struct text answer;
    struct json *document = command_get(tracing->context, path, &answer, code);
    bool go_on = document != NULL;

    if (go_on && is_new(tracing, document))
        go_on = take_frames(tracing, document);
    json_free(document);
    text_done(&answer);
    mem_free(path);
    return go_on;
}

int command_trace(struct context *context, size_t count, char **arguments)
{
    struct tracing tracing = {.context = context, .left = -1};
    int code = EX_OK;

    (void)count;
    if (!command_number(context, OPTION_COUNT_OF, 1, INT64_MAX, &tracing.left))
        return EX_USAGE;
    tracing.path = command_path("/api/v1/links/", arguments[0], "/trace");
    command_catch_interrupt();
    while (!command_interrupted() && look(&tracing, &code))
        command_pause(LOOK_MS);
    mem_free(tracing.path);
    return code;
}
