/* fake_database.h - a server that speaks just enough HTTP to misbehave on request.
 *
 * One connection at a time, kept alive. Lines look like "m v=17 1": the number is what is
 * counted. What it does is set in the fields of `script` before the thread starts or
 * under the mutex.
 */
#ifndef TESTS_UNIT_FAKE_DATABASE_H
#define TESTS_UNIT_FAKE_DATABASE_H

#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum {
    FAKE_LINES_MAX = 200000,
    FAKE_BODY_MAX = 16 * 1024 * 1024,
};

struct fake_script {
    int first;             /* this many requests get ... */
    int first_status;      /* ... this status, or 0: the connection is reset */
    const char *header;    /* of these, with CRLF; NULL = none */
    int poison_every;      /* numbers divisible by this are refused with 400; 0 = none */
    bool partial;          /* the others of such a request are stored, as InfluxDB does */
    int max_lines;         /* more get 413; 0 = no limit */
    int delay_ms;          /* before each answer */
    bool endless;          /* the answer's body never ends */
    const char *need_auth; /* other requests get 401 */
};

struct fake_database {
    struct fake_script script;
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t mutex;

    /* guarded by mutex */
    bool stopping;
    unsigned char *stored; /* how often each number came */
    int requests;
    int largest; /* lines of a request */
    char last_head[4096];
    struct mono_time times[64]; /* of the first requests */
    int order[4096];            /* first number of each request that was stored */
    int order_count;
};

static inline int fake_number(const char *line)
{
    const char *at = memmem(line, strcspn(line, "\n"), " v=", 3);

    /* Lines of samples have no such field; they share the last slot. */
    return at == NULL ? FAKE_LINES_MAX - 1 : (int)strtol(at + 3, NULL, 10);
}

/* Stores or refuses; returns the status. */
static inline int fake_store(struct fake_database *db, const char *body)
{
    int lines = 0;
    bool poison = false;

    for (const char *at = body; *at != '\0'; at = strchr(at, '\n') + 1, lines++)
        poison = poison || (db->script.poison_every > 0 &&
                            fake_number(at) % db->script.poison_every == 0);
    if (lines > db->largest)
        db->largest = lines;
    if (db->script.max_lines > 0 && lines > db->script.max_lines)
        return 413;
    if (poison && !db->script.partial)
        return 400;
    if (!poison && db->order_count < 4096)
        db->order[db->order_count++] = fake_number(body);
    for (const char *at = body; *at != '\0'; at = strchr(at, '\n') + 1) {
        int number = fake_number(at);

        if (db->script.poison_every == 0 || number % db->script.poison_every != 0)
            db->stored[number]++;
    }
    return poison ? 400 : 204;
}

static inline int fake_decide(struct fake_database *db, const char *body)
{
    if (db->requests < 64)
        db->times[db->requests] = mono_now();
    db->requests++;
    if (db->script.need_auth != NULL &&
        strstr(db->last_head, db->script.need_auth) == NULL)
        return 401;
    if (db->script.first > 0) {
        db->script.first--;
        return db->script.first_status;
    }
    return fake_store(db, body);
}

static inline void fake_answer(const struct fake_script *script, int fd, int status)
{
    static const char words[] =
        "{\"error\":\"partial write: field type conflict: dropped=1\"}\n";
    char text[1024];
    size_t length = status == 204 ? 0 : strlen(words);

    if (script->delay_ms > 0)
        (void)usleep((useconds_t)script->delay_ms * 1000);
    (void)snprintf(
        text, sizeof text, "HTTP/1.1 %d Whatever\r\n%sContent-Length: %zu\r\n\r\n%s",
        status, script->header != NULL ? script->header : "",
        script->endless ? (size_t)1000000000 : length, length > 0 ? words : "");
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return;
    while (script->endless && send(fd, words, sizeof words, MSG_NOSIGNAL) > 0)
        ;
}

static inline char *fake_unpack(const char *body, size_t length)
{
    char *out = mem_alloc(FAKE_BODY_MAX);
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)body,
                       .avail_in = (uInt)length,
                       .next_out = (Bytef *)out,
                       .avail_out = FAKE_BODY_MAX - 1};

    assert_int_equal(inflateInit2(&stream, 31), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)inflateEnd(&stream);
    return out;
}

/* Reads one request; the body is the caller's. NULL when the peer is gone. */
static inline char *fake_read(struct fake_database *db, int fd)
{
    char head[4096];
    size_t used = 0;
    size_t length;
    char *end = NULL;
    char *body;
    size_t have;

    while (end == NULL) {
        ssize_t n = recv(fd, head + used, sizeof head - 1 - used, 0);

        if (n <= 0)
            return NULL;
        used += (size_t)n;
        head[used] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    end[2] = '\0';
    (void)pthread_mutex_lock(&db->mutex);
    (void)snprintf(db->last_head, sizeof db->last_head, "%s", head);
    (void)pthread_mutex_unlock(&db->mutex);
    length = strtoul(strstr(head, "Content-Length: ") + 16, NULL, 10);
    body = mem_alloc(length + 1);
    have = used - (size_t)(end + 4 - head);
    memcpy(body, end + 4, have);
    while (have < length) {
        ssize_t n = recv(fd, body + have, length - have, 0);

        if (n <= 0) {
            mem_free(body);
            return NULL;
        }
        have += (size_t)n;
    }
    if (strstr(head, "Content-Encoding: gzip") != NULL) {
        char *text = fake_unpack(body, length);

        mem_free(body);
        body = text;
    }
    return body;
}

static inline void fake_serve(struct fake_database *db, int fd)
{
    char *body;

    while ((body = fake_read(db, fd)) != NULL) {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        struct fake_script script;
        int status;

        (void)pthread_mutex_lock(&db->mutex);
        script = db->script;
        if (script.first == 0)
            script.header = NULL;
        status = fake_decide(db, body);
        (void)pthread_mutex_unlock(&db->mutex);
        mem_free(body);
        if (status == 0) {
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
            return;
        }
        fake_answer(&script, fd, status);
    }
}

static inline void *fake_run(void *context)
{
    struct fake_database *db = context;

    for (;;) {
        int fd = accept(db->listener, NULL, NULL);

        if (fd < 0)
            return NULL;
        fake_serve(db, fd);
        (void)close(fd);
    }
}

/* `port` 0 takes a free one. */
static inline void fake_start(struct fake_database *db, struct fake_script script,
                              int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int on = 1;

    *db = (struct fake_database){.script = script};
    db->stored = mem_alloc(FAKE_LINES_MAX);
    (void)pthread_mutex_init(&db->mutex, NULL);
    db->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(db->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(db->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(db->listener, 8), 0);
    assert_int_equal(getsockname(db->listener, (struct sockaddr *)&address, &size), 0);
    db->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&db->thread, NULL, fake_run, db), 0);
}

/* Stop the sender first, so that no connection is open. */
static inline void fake_stop(struct fake_database *db)
{
    (void)shutdown(db->listener, SHUT_RDWR);
    (void)pthread_join(db->thread, NULL);
    (void)close(db->listener);
    (void)pthread_mutex_destroy(&db->mutex);
    mem_free(db->stored);
}

#endif
