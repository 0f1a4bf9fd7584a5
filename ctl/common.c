/* common.c - what commands are made of; see command.h. */
#include "ctl/command.h"

#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum {
    OUTPUT_MAX = 64 * 1024 * 1024,
    PATH_PART_MAX = 1024,
};

int command_failed(const struct err *err)
{
    static const int codes[] = {[ERR_IO] = EX_UNAVAILABLE, [ERR_NOT_FOUND] = EX_DATAERR,
                                [ERR_STATE] = EX_DATAERR,  [ERR_INPUT] = EX_USAGE,
                                [ERR_PROTOCOL] = EX_IOERR, [ERR_DENIED] = EX_NOPERM,
                                [ERR_FULL] = EX_TEMPFAIL,  [ERR_TIMEOUT] = EX_TEMPFAIL,
                                [ERR_CONFIG] = EX_DATAERR};

    (void)fprintf(stderr, "facilityctl: %s\n", err->text);
    return (size_t)err->kind < sizeof codes / sizeof codes[0] && codes[err->kind] != 0
               ? codes[err->kind]
               : EX_SOFTWARE;
}

/* RFC 3986: the unreserved characters stay. */
void command_encode(struct text *out, const char *part)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        "0123456789-._~";

    for (; *part != '\0'; part++) {
        if (strchr(unreserved, *part) != NULL)
            text_add_char(out, *part);
        else
            text_addf(out, "%%%02X", (unsigned char)*part);
    }
}

char *command_path(const char *before, const char *part, const char *behind)
{
    struct text path;

    text_init(&path, PATH_PART_MAX * (size_t)4);
    text_add(&path, before);
    command_encode(&path, part);
    text_add(&path, behind);
    return text_take(&path);
}

int command_fetch(struct context *context, const char *path, const char *body,
                  struct text *answer, struct json **document)
{
    struct err err = {0};

    *document = NULL;
    if (client_request(context->client, path, body, answer, &err) != 0)
        return command_failed(&err);
    if (context->json) {
        (void)printf("%s\n", answer->data);
        return EX_OK;
    }
    *document = json_parse(answer->data, answer->length, OUTPUT_MAX, &err);
    return *document == NULL ? command_failed(&err) : EX_OK;
}

struct json *command_get(struct context *context, const char *path, struct text *answer,
                         int *code)
{
    struct json *document = NULL;
    struct err err = {0};

    *code = EX_OK;
    if (client_request(context->client, path, NULL, answer, &err) == 0)
        document = json_parse(answer->data, answer->length, OUTPUT_MAX, &err);
    if (document == NULL)
        *code = command_failed(&err);
    return document;
}

static void put_member(void *context, const char *key, const struct json *value)
{
    struct json_out *json = context;

    json_key(json, key);
    command_put_json(json, value);
}

void command_put_json(struct json_out *json, const struct json *value)
{
    switch (json_kind(value)) {
    case JSON_NULL:
        json_null(json);
        break;
    case JSON_BOOL:
        json_bool(json, json_truth(value));
        break;
    case JSON_NUMBER:
        json_number(json, json_real(value));
        break;
    case JSON_STRING:
        json_string(json, json_text(value));
        break;
    case JSON_ARRAY:
        json_open(json, '[');
        for (size_t i = 0; i < json_count(value); i++)
            command_put_json(json, json_item(value, i));
        json_close(json, ']');
        break;
    case JSON_OBJECT:
        json_open(json, '{');
        json_each(value, put_member, json);
        json_close(json, '}');
        break;
    }
}

static bool option_wrong(enum ctl_option option, const char *what)
{
    (void)fprintf(stderr, "facilityctl: --%s is %s\n", option_rows[option].name, what);
    return false;
}

bool command_number(const struct context *context, enum ctl_option option, int64_t low,
                    int64_t high, int64_t *value)
{
    const char *text = context->options[option];
    char what[80];
    char *end;
    long long number;

    if (text == NULL)
        return true;
    errno = 0;
    number = strtoll(text, &end, 0);
    if (errno == 0 && end != text && *end == '\0' && number >= low && number <= high) {
        *value = number;
        return true;
    }
    (void)snprintf(what, sizeof what, "a number from %" PRId64 " to %" PRId64, low, high);
    return option_wrong(option, what);
}

/* "90s", "1h30m", "1.5h". -1 when it is none. */
static double read_duration_ms(const char *text)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000.0}, {"d", 86400000.0}};
    double sum = 0;

    while (*text != '\0') {
        size_t digits = strspn(text, "0123456789.");
        size_t length = strspn(text + digits, "smhd");
        char *end;
        double number = strtod(text, &end);
        double ms = -1;

        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
            if (strlen(units[i].name) == length &&
                memcmp(units[i].name, text + digits, length) == 0)
                ms = units[i].ms;
        /* strtod() takes signs, exponents and hexadecimals, too. */
        if (digits == 0 || end != text + digits || ms < 0)
            return -1;
        sum += number * ms;
        text += digits + length;
    }
    return sum;
}

/* A device has milliseconds to answer, and for that a bare number means them; a shelf for
 * "30" would be over before anybody saw it. */
static double read_option_ms(enum ctl_option option, const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (option == OPTION_TIMEOUT && digits > 0 && text[digits] == '\0')
        return strtod(text, NULL);
    return read_duration_ms(text);
}

bool command_duration(const struct context *context, enum ctl_option option,
                      int64_t high_ms, int64_t *value_ms)
{
    const char *text = context->options[option];
    char what[120];
    double number;

    if (text == NULL)
        return true;
    number = read_option_ms(option, text);
    if (number >= 1 && number <= (double)high_ms) {
        *value_ms = (int64_t)number;
        return true;
    }
    (void)snprintf(what, sizeof what,
                   "a duration as \"300ms\", \"2s\" or \"1h30m\", at most %" PRId64 " %s",
                   high_ms % 3600000 == 0 ? high_ms / 3600000 : high_ms / 1000,
                   high_ms % 3600000 == 0 ? "h" : "s");
    return option_wrong(option, what);
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void command_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = note_interrupt};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool command_interrupted(void)
{
    return interrupted != 0;
}

void command_pause(int ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    (void)nanosleep(&wait, NULL);
}

bool command_colour(void)
{
    /* One thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    return isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL;
}

void command_table(const struct json *items, const struct column *columns, size_t count)
{
    struct text out;

    text_init(&out, OUTPUT_MAX);
    table_print(items, columns, count, &out);
    (void)fputs(out.data, stdout);
    text_done(&out);
}
