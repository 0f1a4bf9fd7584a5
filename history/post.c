/* post.c - see post.h. */
#include "history/post.h"

#include "base/mem.h"
#include "base/text.h"
#include "history/gzip.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_MS = 5000,
    LOW_SPEED_BYTES = 16,   /* a second: slower than this for a while is a dead peer */
    LOW_SPEED_S = 30,       /* the while; a database may think for some seconds */
    ANSWER_END = 64 * 1024, /* an answer that goes on longer is cut off here */
    PACKED_MAX = 8 * 1024 * 1024,
    KEEPALIVE_S = 60,
};

struct http {
    /* owned by the caller's thread */
    CURL *curl;
    struct curl_slist *headers;
    struct gzip *gzip;
    struct text packed;
    struct http_answer *answer; /* of the request that runs */
    size_t received;
    char error[CURL_ERROR_SIZE];

    _Atomic int64_t deadline_ns; /* monotonic */
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http *http = context;
    struct http_answer *answer = http->answer;
    size_t length = size * count;
    size_t room = HTTP_ANSWER_MAX - answer->length;
    size_t kept = length < room ? length : room;

    memcpy(answer->body + answer->length, bytes, kept);
    answer->length += kept;
    answer->body[answer->length] = '\0';
    http->received += length;
    return http->received > ANSWER_END ? 0 : length;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    static const char name[] = "retry-after:";
    struct http *http = context;
    size_t length = size * count;
    size_t skip = sizeof name - 1;

    if (length > skip && strncasecmp(bytes, name, skip) == 0) {
        while (skip < length && bytes[skip] == ' ')
            skip++;
        (void)snprintf(http->answer->retry_after, HTTP_RETRY_AFTER_MAX, "%.*s",
                       (int)strcspn(bytes + skip, "\r\n"), bytes + skip);
    }
    return length;
}

/* Curl asks about once a second whether to go on. */
static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d)
{
    struct http *http = context;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return mono_now().ns >= atomic_load(&http->deadline_ns);
}

/* One row per option, so that a refusal is seen. */
static CURLcode set_long(CURLcode before, CURL *curl, CURLoption option, int64_t value)
{
    return before != CURLE_OK ? before : curl_easy_setopt(curl, option, (long)value);
}

static CURLcode set_text(CURLcode before, CURL *curl, CURLoption option,
                         const char *value)
{
    return before != CURLE_OK ? before : curl_easy_setopt(curl, option, value);
}

static CURLcode set_limits(struct http *http, const struct http_settings *settings)
{
    CURL *curl = http->curl;
    int64_t connect_ms = settings->timeout_ms < CONNECT_TIMEOUT_MS ? settings->timeout_ms
                                                                   : CONNECT_TIMEOUT_MS;
    CURLcode rc = CURLE_OK;

    rc = set_long(rc, curl, CURLOPT_NOSIGNAL, 1);
    rc = set_long(rc, curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    rc = set_long(rc, curl, CURLOPT_TIMEOUT_MS, settings->timeout_ms);
    rc = set_long(rc, curl, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
    rc = set_long(rc, curl, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
    rc = set_long(rc, curl, CURLOPT_FOLLOWLOCATION, 0);
    rc = set_long(rc, curl, CURLOPT_TCP_KEEPALIVE, 1);
    rc = set_long(rc, curl, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
    rc = set_long(rc, curl, CURLOPT_NOPROGRESS, 0);
    rc = set_text(rc, curl, CURLOPT_PROTOCOLS_STR, "http,https");
    rc = set_text(rc, curl, CURLOPT_PROXY, "");
    return rc;
}

static CURLcode set_callbacks(struct http *http)
{
    CURL *curl = http->curl;
    CURLcode rc = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);

    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_HEADERDATA, http);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
    if (rc == CURLE_OK)
        rc = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error);
    return rc;
}

static CURLcode set_request(struct http *http, const struct http_settings *settings)
{
    CURL *curl = http->curl;
    CURLcode rc = CURLE_OK;

    rc = set_text(rc, curl, CURLOPT_URL, settings->url);
    rc = set_text(rc, curl, CURLOPT_USERAGENT, "facilityd/" FACILITYD_VERSION);
    if (settings->ca_file[0] != '\0')
        rc = set_text(rc, curl, CURLOPT_CAINFO, settings->ca_file);
    if (settings->username[0] != '\0') {
        rc = set_text(rc, curl, CURLOPT_USERNAME, settings->username);
        rc = set_text(rc, curl, CURLOPT_PASSWORD, settings->password);
        rc = set_long(rc, curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    }
    return rc != CURLE_OK ? rc
                          : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, http->headers);
}

static void add_headers(struct http *http, const struct http_settings *settings)
{
    http->headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
    /* No waiting for "100 Continue": not every server sends it. */
    http->headers = curl_slist_append(http->headers, "Expect:");
    if (settings->gzip)
        http->headers = curl_slist_append(http->headers, "Content-Encoding: gzip");
    if (settings->authorization[0] != '\0') {
        char *header = mem_format("Authorization: %s", settings->authorization);

        http->headers = curl_slist_append(http->headers, header);
        mem_free(header);
    }
}

struct http *http_open(const struct http_settings *settings, struct err *err)
{
    struct http *http = mem_alloc(sizeof *http);
    CURLcode rc;

    (void)pthread_once(&global_once, global_init);
    atomic_init(&http->deadline_ns, INT64_MAX);
    if (settings->gzip) {
        http->gzip = gzip_new();
        text_init(&http->packed, PACKED_MAX);
    }
    http->curl = curl_easy_init();
    if (http->curl == NULL) {
        (void)err_set(err, ERR_IO, "curl cannot start");
        http_close(http);
        return NULL;
    }
    add_headers(http, settings);
    rc = set_limits(http, settings);
    if (rc == CURLE_OK)
        rc = set_callbacks(http);
    if (rc == CURLE_OK)
        rc = set_request(http, settings);
    if (rc != CURLE_OK) {
        (void)err_set(err, ERR_CONFIG, "%s", curl_easy_strerror(rc));
        http_close(http);
        return NULL;
    }
    return http;
}

void http_close(struct http *http)
{
    if (http == NULL)
        return;
    if (http->curl != NULL)
        curl_easy_cleanup(http->curl);
    curl_slist_free_all(http->headers);
    if (http->gzip != NULL)
        text_done(&http->packed);
    gzip_free(http->gzip);
    mem_free(http);
}

static int failed(const struct http *http, CURLcode rc, struct err *err)
{
    enum err_kind kind = ERR_IO;

    if (rc == CURLE_OPERATION_TIMEDOUT || rc == CURLE_ABORTED_BY_CALLBACK)
        kind = ERR_TIMEOUT;
    if (rc == CURLE_URL_MALFORMAT || rc == CURLE_UNSUPPORTED_PROTOCOL ||
        rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE)
        kind = ERR_CONFIG;
    return err_set(err, kind, "%s",
                   http->error[0] != '\0' ? http->error : curl_easy_strerror(rc));
}

int http_post(struct http *http, const char *body, size_t length,
              struct http_answer *answer, struct err *err)
{
    long status = 0;
    CURLcode rc;

    if (http->gzip != NULL) {
        if (gzip_pack(http->gzip, body, length, &http->packed, err) != 0)
            return -1;
        body = http->packed.data;
        length = http->packed.length;
    }
    answer->status = 0;
    answer->length = 0;
    answer->body[0] = '\0';
    answer->retry_after[0] = '\0';
    http->answer = answer;
    http->received = 0;
    http->error[0] = '\0';
    (void)curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    (void)curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, body);
    rc = curl_easy_perform(http->curl);
    http->answer = NULL;
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    /* An answer that we cut off ourselves is one. */
    if (rc != CURLE_OK && !(rc == CURLE_WRITE_ERROR && http->received > ANSWER_END))
        return failed(http, rc, err);
    answer->status = (int)status;
    return 0;
}

void http_hurry(struct http *http, struct mono_time deadline)
{
    atomic_store(&http->deadline_ns, deadline.ns);
}

char *http_escape(const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        "0123456789-._~"; /* RFC 3986, section 2.3 */
    char *out = mem_alloc(strlen(text) * 3 + 1);
    char *to = out;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (strchr(unreserved, c) != NULL) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    return out;
}
