/* control.c - see control.h. */
#include "plantsim/control.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    CALLERS_MAX = 8, /* at once; each is served in one go */
    ASK_TIMEOUT_S = 5,
};

struct caller {
    struct loop_source source; /* fd -1 = free */
    struct control *control;
    char line[CONTROL_LINE_MAX];
    size_t length;
};

struct control {
    struct loop *loop;
    struct loop_source listener;
    char *path;
    control_execute *execute;
    void *owner;
    struct caller callers[CALLERS_MAX];
};

static int set_address(struct sockaddr_un *address, const char *path, struct err *err)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return err_set(err, ERR_INPUT, "the path '%s' is too long for a socket", path);
    (void)snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
    return 0;
}

static int connect_to(const char *path, struct err *err)
{
    struct sockaddr_un address;
    int fd;

    if (set_address(&address, path, err) != 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(err, ERR_IO, "socket: %m");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)err_set(err, ERR_IO,
                      "no plantsim at '%s': %m; start one with 'plantsim run', or say "
                      "where it is with --control",
                      path);
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void hang_up(struct caller *caller)
{
    loop_remove(caller->control->loop, &caller->source);
    (void)close(caller->source.fd);
    caller->source.fd = -1;
}

static void answer_line(struct caller *caller)
{
    struct control *control = caller->control;
    struct text answer;
    struct err err;
    size_t sent = 0;

    text_init(&answer, CONTROL_ANSWER_MAX);
    text_add(&answer, "ok\n");
    if (control->execute(control->owner, caller->line, &answer, &err) != 0) {
        text_clear(&answer);
        text_addf(&answer, "error\n%s", err.text);
    }
    /* The timeout of the socket bounds how long a caller that does not read can hold
     * the simulator. */
    while (sent < answer.length) {
        ssize_t part = send(caller->source.fd, answer.data + sent, answer.length - sent,
                            MSG_NOSIGNAL);

        if (part <= 0)
            break;
        sent += (size_t)part;
    }
    text_done(&answer);
    hang_up(caller);
}

static void caller_ready(struct loop_source *source, uint32_t events)
{
    struct caller *caller = source->owner;
    ssize_t got = recv(source->fd, caller->line + caller->length,
                       sizeof caller->line - 1 - caller->length, MSG_DONTWAIT);
    char *end;

    (void)events;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        hang_up(caller);
        return;
    }
    caller->length += (size_t)got;
    caller->line[caller->length] = '\0';
    end = strchr(caller->line, '\n');
    if (end != NULL) {
        *end = '\0';
        answer_line(caller);
    } else if (caller->length == sizeof caller->line - 1) {
        hang_up(caller);
    }
}

static void listener_ready(struct loop_source *source, uint32_t events)
{
    struct control *control = source->owner;
    int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC);
    struct timeval timeout = {.tv_usec = 100000};

    (void)events;
    if (fd < 0)
        return;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    for (size_t i = 0; i < CALLERS_MAX; i++) {
        struct caller *caller = &control->callers[i];

        if (caller->source.fd >= 0)
            continue;
        caller->source =
            (struct loop_source){.fd = fd, .ready = caller_ready, .owner = caller};
        caller->length = 0;
        if (loop_add(control->loop, &caller->source, EPOLLIN, NULL) == 0)
            return;
        caller->source.fd = -1;
        break;
    }
    (void)close(fd);
}

/* Removes the socket of a process that is gone. */
static int clear_path(const char *path, struct err *err)
{
    struct stat there;
    int fd;

    if (lstat(path, &there) != 0)
        return 0;
    if (!S_ISSOCK(there.st_mode))
        return err_set(err, ERR_IO,
                       "'%s' is there and no socket; choose another --control", path);
    fd = connect_to(path, NULL);
    if (fd >= 0) {
        (void)close(fd);
        return err_set(
            err, ERR_IO,
            "another plantsim answers at '%s'; stop it first or choose another "
            "--control",
            path);
    }
    (void)unlink(path);
    return 0;
}

static int bind_path(struct control *control, struct err *err)
{
    struct sockaddr_un address;
    int fd;

    if (set_address(&address, control->path, err) != 0 ||
        clear_path(control->path, err) != 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(err, ERR_IO, "socket: %m");
    control->listener =
        (struct loop_source){.fd = fd, .ready = listener_ready, .owner = control};
    if (fchmod(fd, 0600) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(control->path, 0600) != 0 || listen(fd, CALLERS_MAX) != 0)
        return err_set(err, ERR_IO, "cannot listen at '%s': %m; choose another --control",
                       control->path);
    return loop_add(control->loop, &control->listener, EPOLLIN, err);
}

struct control *control_new(struct loop *loop, const char *path, control_execute *execute,
                            void *owner, struct err *err)
{
    struct control *control = mem_alloc(sizeof *control);

    control->loop = loop;
    control->path = mem_strdup(path);
    control->execute = execute;
    control->owner = owner;
    control->listener.fd = -1;
    for (size_t i = 0; i < CALLERS_MAX; i++)
        control->callers[i] = (struct caller){.source.fd = -1, .control = control};
    if (bind_path(control, err) == 0)
        return control;
    if (control->listener.fd >= 0)
        (void)close(control->listener.fd);
    mem_free(control->path);
    mem_free(control);
    return NULL;
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    for (size_t i = 0; i < CALLERS_MAX; i++)
        if (control->callers[i].source.fd >= 0)
            hang_up(&control->callers[i]);
    loop_remove(control->loop, &control->listener);
    (void)close(control->listener.fd);
    (void)unlink(control->path);
    mem_free(control->path);
    mem_free(control);
}

static int read_answer(int fd, struct text *answer, struct err *err)
{
    char bytes[4096];
    ssize_t got;

    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0)
        text_add_bytes(answer, bytes, (size_t)got);
    if (got < 0)
        return err_set(err, ERR_TIMEOUT, "plantsim does not answer: %m");
    if (answer->overflow)
        return err_set(err, ERR_FULL, "plantsim's answer is too long");
    return 0;
}

int control_ask(const char *path, const char *line, struct text *answer, struct err *err)
{
    struct timeval timeout = {.tv_sec = ASK_TIMEOUT_S};
    struct text whole;
    int fd = connect_to(path, err);
    int result = -1;

    if (fd < 0)
        return -1;
    text_init(&whole, CONTROL_ANSWER_MAX);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line) ||
        send(fd, "\n", 1, MSG_NOSIGNAL) != 1) {
        (void)err_set(err, ERR_IO, "plantsim at '%s' hung up: %m", path);
        goto out;
    }
    if (read_answer(fd, &whole, err) != 0)
        goto out;
    if (strncmp(whole.data, "ok\n", 3) == 0) {
        text_add(answer, whole.data + 3);
        result = 0;
    } else if (strncmp(whole.data, "error\n", 6) == 0) {
        (void)err_set(err, ERR_INPUT, "%s", whole.data + 6);
    } else {
        (void)err_set(err, ERR_PROTOCOL, "'%s' is no plantsim's socket", path);
    }
out:
    text_done(&whole);
    (void)close(fd);
    return result;
}

void control_split(struct control_words *words, char *line)
{
    char *at = line;

    words->count = 0;
    while (words->count < sizeof words->words / sizeof words->words[0]) {
        at += strspn(at, " ");
        if (*at == '\0')
            return;
        words->words[words->count++] = at;
        at += strcspn(at, " ");
        if (*at == '\0')
            return;
        *at++ = '\0';
    }
}

const char *control_value(const struct control_words *words, const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < words->count; i++)
        if (strncmp(words->words[i], key, length) == 0 && words->words[i][length] == '=')
            return words->words[i] + length + 1;
    return NULL;
}
