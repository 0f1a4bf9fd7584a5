/* client.c - see client.h. */
#include "ctl/client.h"

#include "base/json_in.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <string.h>

enum {
    ANSWER_MAX =
        64 * 1024 * 1024, /* a month's report of the largest site is a tenth of it */
    LINE_MAX_BYTES = 1024 * 1024, /* one event of the stream */
    CONNECT_TIMEOUT_MS = 3000,
    ANSWER_TIMEOUT_MS = 60 * 1000,
};

struct client {
    CURL *handle;
    char *base; /* "http://localhost" or the URL given */
    char *where;
    long status; /* of the last answer */
};

struct follower {
    client_line *each;
    void *context;
    struct text line;
    bool stopped;
};

struct client *client_open(const char *where, struct err *err)
{
    struct client *client = mem_alloc(sizeof *client);
    bool http = strncmp(where, "http://", 7) == 0 || strncmp(where, "https://", 8) == 0;

    client->where = mem_strdup(where);
    client->base = mem_strdup(http ? where : "http://localhost");
    client->handle = curl_easy_init();
    if (client->handle == NULL) {
        (void)err_set(err, ERR_IO, "libcurl cannot start");
        client_close(client);
        return NULL;
    }
    if (!http)
        (void)curl_easy_setopt(client->handle, CURLOPT_UNIX_SOCKET_PATH, where);
    (void)curl_easy_setopt(client->handle, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(client->handle, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(client->handle, CURLOPT_CONNECTTIMEOUT_MS,
                           (long)CONNECT_TIMEOUT_MS);
    return client;
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->handle);
    mem_free(client->base);
    mem_free(client->where);
    mem_free(client);
}

static size_t gather(char *data, size_t size, size_t count, void *context)
{
    struct text *answer = context;

    text_add_bytes(answer, data, size * count);
    return answer->overflow ? 0 : size * count;
}

/* The sentence of a problem document, or the status alone. */
static int refused(long status, const char *body, struct err *err)
{
    static const struct {
        long status;
        enum err_kind kind;
    } kinds[] = {{404, ERR_NOT_FOUND}, {409, ERR_STATE},  {400, ERR_INPUT},
                 {422, ERR_INPUT},     {403, ERR_DENIED}, {503, ERR_FULL},
                 {504, ERR_TIMEOUT}};
    enum err_kind kind = ERR_PROTOCOL;
    struct json *problem = json_parse(body, strlen(body), ANSWER_MAX, NULL);
    const char *detail = NULL;
    const char *hint = "";

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].status == status)
            kind = kinds[i].kind;
    if (problem != NULL && json_kind(problem) == JSON_OBJECT)
        detail =
            json_member_text(problem, "detail", json_member_text(problem, "title", NULL));
    if (detail != NULL)
        hint = json_member_text(problem, "hint", "");
    if (strstr(hint, "/api/") != NULL || hint[0] == '{') /* for those who speak HTTP */
        hint = "";
    if (detail != NULL)
        (void)err_set(err, kind, "%s%s%s", detail, hint[0] == '\0' ? "" : ": ", hint);
    else
        (void)err_set(err, kind, "facilityd answered with status %ld", status);
    json_free(problem);
    return -1;
}

static int failed(const struct client *client, CURLcode code, struct err *err)
{
    if (code == CURLE_COULDNT_CONNECT)
        return err_set(err, ERR_IO,
                       "no facilityd answers at '%s': is it running? (another place: "
                       "--socket PATH or $FACILITYD_SOCKET)",
                       client->where);
    return err_set(err, ERR_IO, "'%s': %s", client->where, curl_easy_strerror(code));
}

int client_request(struct client *client, const char *path, const char *body,
                   struct text *answer, struct err *err)
{
    return client_send(client, body == NULL ? "GET" : "POST", path, body, answer, err);
}

long client_status(const struct client *client)
{
    return client->status;
}

int client_send(struct client *client, const char *method, const char *path,
                const char *body, struct text *answer, struct err *err)
{
    struct curl_slist *headers = curl_slist_append(NULL, "X-Facilityd: 1");
    char *url = mem_format("%s%s", client->base, path);
    CURLcode code;

    client->status = 0;
    text_init(answer, ANSWER_MAX);
    (void)curl_easy_setopt(client->handle, CURLOPT_URL, url);
    (void)curl_easy_setopt(client->handle, CURLOPT_WRITEFUNCTION, gather);
    (void)curl_easy_setopt(client->handle, CURLOPT_WRITEDATA, answer);
    (void)curl_easy_setopt(client->handle, CURLOPT_TIMEOUT_MS, (long)ANSWER_TIMEOUT_MS);
    if (body != NULL) {
        headers = curl_slist_append(headers, "Content-Type: application/json");
        (void)curl_easy_setopt(client->handle, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)strlen(body));
        (void)curl_easy_setopt(client->handle, CURLOPT_POSTFIELDS, body);
    } else {
        (void)curl_easy_setopt(client->handle, CURLOPT_HTTPGET, 1L);
    }
    (void)curl_easy_setopt(client->handle, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, headers);
    code = curl_easy_perform(client->handle);
    (void)curl_easy_setopt(client->handle, CURLOPT_CUSTOMREQUEST, NULL);
    (void)curl_easy_getinfo(client->handle, CURLINFO_RESPONSE_CODE, &client->status);
    curl_slist_free_all(headers);
    mem_free(url);
    if (code != CURLE_OK)
        return failed(client, code, err);
    if (client->status < 200 || client->status > 299)
        return refused(client->status, answer->data, err);
    return 0;
}

static size_t split_lines(char *data, size_t size, size_t count, void *context)
{
    struct follower *follower = context;

    for (size_t i = 0; i < size * count && !follower->stopped; i++) {
        if (data[i] != '\n') {
            text_add_char(&follower->line, data[i]);
            continue;
        }
        follower->stopped = !follower->each(follower->context, follower->line.data);
        text_clear(&follower->line);
    }
    return follower->stopped ? 0 : size * count;
}

int client_follow(struct client *client, const char *path, client_line *each,
                  void *context, struct err *err)
{
    struct follower follower = {.each = each, .context = context};
    char *url = mem_format("%s%s", client->base, path);
    CURLcode code;

    text_init(&follower.line, LINE_MAX_BYTES);
    (void)curl_easy_setopt(client->handle, CURLOPT_URL, url);
    (void)curl_easy_setopt(client->handle, CURLOPT_HTTPGET, 1L);
    (void)curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(client->handle, CURLOPT_WRITEFUNCTION, split_lines);
    (void)curl_easy_setopt(client->handle, CURLOPT_WRITEDATA, &follower);
    (void)curl_easy_setopt(client->handle, CURLOPT_TIMEOUT_MS, 0L);
    code = curl_easy_perform(client->handle);
    text_done(&follower.line);
    mem_free(url);
    if (code == CURLE_OK || follower.stopped)
        return 0;
    return failed(client, code, err);
}
