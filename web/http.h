/* http.h - a request and its response, without the library that carried them.
 *
 * server.c fills a struct request and sends a struct response; everything between speaks
 * only these. Limits of what is accepted stand here, with their reasons.
 *
 * Ownership: the request borrows from the server for the call; the response owns its
 * body. Threads: one owner.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/text.h"
#include "web/params.h"

#include <stddef.h>

enum {
    HTTP_URL_MAX = 4096,          /* path and query: a list of filters and point names */
    HTTP_HEADERS_MAX = 16 * 1024, /* all of them; browsers with fat cookies need 8 KiB */
    HTTP_BODY_MAX = 64 * 1024,    /* a comment has 4000 bytes; escaping may triple it */
    HTTP_ANSWER_MAX = 32 * 1024 * 1024, /* a board of 20000 equipment has 20 MB */
    HTTP_ACTOR_SIZE = 64,
    HTTP_RESPONSE_HEADERS = 8,
    HTTP_HEADER_VALUE_MAX = 512,
};

enum language {
    LANGUAGE_EN,
    LANGUAGE_ZH,
    LANGUAGE_COUNT
};

struct request {
    const char *method;     /* "GET" for HEAD as well: the server leaves the body out */
    const char *path;       /* as sent, still escaped; begins with '/' */
    const char *query_text; /* as sent; "" when none */
    struct params query;
    const char *body; /* terminated; "" when none */
    size_t body_length;

    /* headers; "" when absent */
    const char *host;
    const char *origin;
    const char *fetch_site; /* Sec-Fetch-Site */
    const char *guard;      /* X-Facilityd */
    const char *content_type;
    const char *accept;
    const char *accept_encoding;
    const char *accept_language;
    const char *cookie;
    const char *last_event_id;

    bool local; /* over the unix socket */
    char actor[HTTP_ACTOR_SIZE];
    enum language language; /* set by language_choose before routing */
    char theme[8];          /* "dark", "light" or "" = as the system */
};

struct stream; /* web/stream.h */

struct problem {
    char detail[ERR_TEXT_MAX];
    char parameter[64]; /* which one is wrong; "" when none is */
    char hint[256];     /* the way out; "" when there is none */
};

struct response {
    int status;
    const char *type; /* of the body; static */
    struct text body;
    const unsigned char *fixed; /* instead of body: bytes that live for ever */
    size_t fixed_length;
    struct stream *stream;  /* instead of body: an event stream, the server's now */
    const char *cache;      /* Cache-Control; static */
    struct problem problem; /* rendered by the dispatcher when status >= 400 and the body
                             * is empty */
    size_t header_count;
    struct {
        const char *name; /* static */
        char value[HTTP_HEADER_VALUE_MAX];
    } headers[HTTP_RESPONSE_HEADERS];
};

void response_init(struct response *response);
void response_done(struct response *response);

/* Adds a header; control characters in the value become '_'. */
void response_header(struct response *response, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 303 to `location`, which must begin with '/'. */
void response_redirect(struct response *response, const char *location);

/* Makes it a problem: what is wrong and the way out ("" when there is none). */
void response_problem(struct response *response, int status, const char *hint,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same for a request parameter. */
void response_bad_parameter(struct response *response, const char *parameter,
                            const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A failed call of a stage: its kind gives the status. */
void response_failed(struct response *response, const struct err *err);

/* RFC 9457. */
void problem_json(struct response *response);

/* "Not Found"; "Error" for a status nobody here uses. */
const char *http_status_name(int status);

#endif
