/* http.c - see http.h. */
#include "web/http.h"

#include "base/json_out.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void response_init(struct response *response)
{
    *response = (struct response){.status = 200, .type = "application/json"};
    text_init(&response->body, HTTP_ANSWER_MAX);
}

void response_done(struct response *response)
{
    text_done(&response->body);
}

void response_header(struct response *response, const char *name, const char *format, ...)
{
    char *value;
    va_list args;

    assert(response->header_count < HTTP_RESPONSE_HEADERS);
    response->headers[response->header_count].name = name;
    value = response->headers[response->header_count].value;
    va_start(args, format);
    (void)vsnprintf(value, HTTP_HEADER_VALUE_MAX, format, args);
    va_end(args);
    for (; *value != '\0'; value++)
        if ((unsigned char)*value < 0x20 || *value == 0x7f)
            *value = '_';
    response->header_count++;
}

void response_redirect(struct response *response, const char *location)
{
    assert(location[0] == '/' && location[1] != '/');
    response->status = 303;
    response->type = NULL;
    response_header(response, "Location", "%s", location);
}

static void set_problem(struct response *response, int status, const char *hint,
                        const char *format, va_list args)
{
    assert(status >= 400);
    response->status = status;
    text_clear(&response->body);
    response->problem = (struct problem){0};
    (void)vsnprintf(response->problem.detail, sizeof response->problem.detail, format,
                    args);
    (void)snprintf(response->problem.hint, sizeof response->problem.hint, "%s", hint);
}

void response_problem(struct response *response, int status, const char *hint,
                      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_problem(response, status, hint, format, args);
    va_end(args);
}

void response_bad_parameter(struct response *response, const char *parameter,
                            const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_problem(response, 400, hint, format, args);
    va_end(args);
    (void)snprintf(response->problem.parameter, sizeof response->problem.parameter, "%s",
                   parameter);
}

void response_failed(struct response *response, const struct err *err)
{
    static const int status[] = {
        [ERR_NONE] = 500,   [ERR_CONFIG] = 500,    [ERR_TIMEOUT] = 504,
        [ERR_IO] = 503,     [ERR_PROTOCOL] = 502,  [ERR_FULL] = 503,
        [ERR_INPUT] = 400,  [ERR_NOT_FOUND] = 404, [ERR_STATE] = 409,
        [ERR_DENIED] = 503,
    };

    response_problem(response, status[err->kind], "", "%s", err->text);
}

const char *http_status_name(int status)
{
    static const struct {
        int status;
        const char *name;
    } names[] = {
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == status)
            return names[i].name;
    return "Error";
}

void problem_json(struct response *response)
{
    const struct problem *problem = &response->problem;
    struct json_out json;

    text_clear(&response->body);
    response->type = "application/problem+json";
    json = json_begin(&response->body);
    json_open(&json, '{');
    json_put_string(&json, "type", "about:blank");
    json_put_string(&json, "title", http_status_name(response->status));
    json_put_int(&json, "status", response->status);
    json_put_string(&json, "detail", problem->detail);
    if (problem->parameter[0] != '\0')
        json_put_string(&json, "parameter", problem->parameter);
    if (problem->hint[0] != '\0')
        json_put_string(&json, "hint", problem->hint);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}
