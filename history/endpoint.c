/* endpoint.c - see endpoint.h. */
#include "history/endpoint.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

enum {
    URL_MAX = 8 * 1024,
};

/* The dialects differ in the path, in the names of two parameters and in the word before
 * a token. */
static const struct dialect {
    const char *path;
    const char *token_word;
} dialects[] = {
    [SINK_INFLUXDB1] = {"/write", "Bearer"},
    [SINK_INFLUXDB2] = {"/api/v2/write", "Token"},
    [SINK_VICTORIAMETRICS] = {"/write", "Bearer"},
};

static void add_parameter(struct text *url, const char *name, const char *value)
{
    char *escaped;

    if (value == NULL || value[0] == '\0')
        return;
    escaped = http_escape(value);
    text_add_char(url, strchr(url->data, '?') == NULL ? '?' : '&');
    text_add(url, name);
    text_add_char(url, '=');
    text_add(url, escaped);
    mem_free(escaped);
}

char *endpoint_url(const struct sink_settings *settings)
{
    size_t length = strlen(settings->url);
    struct text url;

    while (length > 0 && settings->url[length - 1] == '/')
        length--;
    text_init(&url, URL_MAX);
    text_add_bytes(&url, settings->url, length);
    text_add(&url, dialects[settings->type].path);
    if (settings->type == SINK_INFLUXDB2) {
        add_parameter(&url, "org", settings->org);
        add_parameter(&url, "bucket", settings->bucket);
    } else {
        add_parameter(&url, "db", settings->database);
    }
    /* Always said: a database that guesses by magnitude may guess wrong. */
    add_parameter(&url, "precision", "ns");
    return text_take(&url);
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

struct http *endpoint_open(const struct sink_settings *settings, struct err *err)
{
    char *url = endpoint_url(settings);
    char *password = NULL;
    char *token = NULL;
    char *authorization = NULL;
    struct http *http = NULL;

    if (is_given(settings->password_file)) {
        password = file_read_secret(settings->password_file, err);
        if (password == NULL)
            goto out;
    }
    if (is_given(settings->token_file)) {
        token = file_read_secret(settings->token_file, err);
        if (token == NULL)
            goto out;
        authorization = mem_format("%s %s", dialects[settings->type].token_word, token);
    }
    http = http_open(
        &(struct http_settings){
            .url = url,
            .ca_file = is_given(settings->ca_file) ? settings->ca_file : "",
            .username = is_given(settings->username) ? settings->username : "",
            .password = password != NULL ? password : "",
            .authorization = authorization != NULL ? authorization : "",
            .gzip = settings->gzip,
            .timeout_ms = settings->timeout_ms,
        },
        err);
out:
    mem_free(authorization);
    mem_free(token);
    mem_free(password);
    mem_free(url);
    return http;
}
