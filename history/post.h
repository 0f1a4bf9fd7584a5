/* post.h - one connection to one database.
 *
 * The one place of the daemon that includes curl/curl.h. A connection is kept and used
 * again; redirects are not followed, because they would carry the secret elsewhere; a
 * proxy of the environment is not used; certificates are always verified.
 *
 * Threads: one owner; http_hurry from any.
 */
#ifndef HISTORY_POST_H
#define HISTORY_POST_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_ANSWER_MAX = 16 * 1024, /* bytes kept of an answer */
    HTTP_RETRY_AFTER_MAX = 64,   /* bytes of the header; a date has 29 */
};

struct http_settings {
    const char *url;      /* complete, with its query */
    const char *ca_file;  /* "" = the system's authorities */
    const char *username; /* "" = none */
    const char *password;
    const char *authorization; /* "Token ..."; "" = none */
    bool gzip;
    int64_t timeout_ms; /* of a whole request */
};

struct http_answer {
    int status;
    size_t length; /* of body */
    char body[HTTP_ANSWER_MAX + 1];
    char retry_after[HTTP_RETRY_AFTER_MAX]; /* as sent; "" = none */
};

struct http;

/* Copies the settings. ERR_CONFIG when curl refuses one of them. */
struct http *http_open(const struct http_settings *settings, struct err *err);
void http_close(struct http *http); /* NULL is fine */

/* Posts the body and waits for the answer. ERR_TIMEOUT or ERR_IO when there was none;
 * ERR_CONFIG when there cannot be one (URL, certificate). */
int http_post(struct http *http, const char *body, size_t length,
              struct http_answer *answer, struct err *err);

/* From now on requests end at `deadline` with ERR_TIMEOUT. Within about a second. */
void http_hurry(struct http *http, struct mono_time deadline);

/* `text` as a part of a URL's query; the caller's (mem_free). */
char *http_escape(const char *text);

#endif
