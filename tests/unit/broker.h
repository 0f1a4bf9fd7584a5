/* broker.h - a real mosquitto for a test: on a free loopback port, in a folder of its
 * own.
 *
 * The tests that need it are skipped, with a word, where mosquitto is not installed.
 */
#ifndef TESTS_UNIT_BROKER_H
#define TESTS_UNIT_BROKER_H

#include "base/clock.h"
#include "base/file.h"
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct broker {
    pid_t pid; /* 0: not running */
    int port;
    char folder[64];
    char config[128]; /* path */
};

/* What a test that failed half-way has left running; ended with the program. */
static pid_t broker_left[64];
static size_t broker_left_count;

static inline void broker_end_left(void)
{
    for (size_t i = 0; i < broker_left_count; i++)
        if (broker_left[i] > 0)
            (void)kill(broker_left[i], SIGKILL);
}

static inline void broker_note(pid_t pid)
{
    if (broker_left_count == 0)
        (void)atexit(broker_end_left);
    if (broker_left_count < sizeof broker_left / sizeof broker_left[0])
        broker_left[broker_left_count++] = pid;
}

static inline void broker_end(pid_t pid, int signal)
{
    if (pid <= 0)
        return;
    (void)kill(pid, signal);
    (void)waitpid(pid, NULL, 0);
    for (size_t i = 0; i < broker_left_count; i++)
        if (broker_left[i] == pid)
            broker_left[i] = 0; /* the number may be somebody else's soon */
}

static inline int broker_free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    (void)close(fd);
    return ntohs(at.sin_port);
}

/* Starts a program in silence; its standard output goes to `output` when it is not NULL.
 */
static inline pid_t broker_spawn(char *const *argv, const char *output)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 1,
                                           output == NULL ? "/dev/null" : output,
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
        pid = -1;
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Runs a program to its end; true when it succeeded. */
static inline bool broker_run(char *const *argv, const char *output)
{
    int status = -1;
    pid_t pid = broker_spawn(argv, output);

    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static inline bool broker_shell(const char *folder, const char *command)
{
    char line[2048];
    char shell[] = "sh";
    char option[] = "-c";
    char *argv[] = {shell, option, line, NULL};

    (void)snprintf(line, sizeof line, "cd '%s' && { %s; } >/dev/null 2>&1", folder,
                   command);
    return broker_run(argv, NULL);
}

static inline bool broker_installed(void)
{
    return broker_shell("/", "command -v mosquitto || test -x /usr/sbin/mosquitto") &&
           broker_shell("/", "command -v mosquitto_pub && command -v openssl");
}

static inline bool broker_answers(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool open = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;

    (void)close(fd);
    return open;
}

static inline void broker_start(struct broker *broker)
{
    char program[] = "/usr/sbin/mosquitto";
    char option[] = "-c";
    char *argv[] = {program, option, broker->config, NULL};

    broker->pid = broker_spawn(argv, NULL);
    assert_true(broker->pid > 0);
    broker_note(broker->pid);
    for (int i = 0; i < 100 && !broker_answers(broker->port); i++)
        mono_sleep_until(mono_add_ms(mono_now(), 50));
    assert_true(broker_answers(broker->port));
}

static inline void broker_stop(struct broker *broker, int signal)
{
    broker_end(broker->pid, signal);
    broker->pid = 0;
}

/* A folder and a port; `more` is added to the configuration. */
static inline void broker_prepare(struct broker *broker, const char *more)
{
    char text[1024];
    int length;

    *broker = (struct broker){.port = broker_free_port()};
    (void)snprintf(broker->folder, sizeof broker->folder, "/tmp/facilityd-broker-XXXXXX");
    assert_non_null(mkdtemp(broker->folder));
    (void)snprintf(broker->config, sizeof broker->config, "%s/mosquitto.conf",
                   broker->folder);
    length = snprintf(text, sizeof text, "listener %d 127.0.0.1\nuser root\n%s\n",
                      broker->port, more);
    assert_int_equal(file_replace(broker->config, text, (size_t)length, NULL), 0);
}

static inline void broker_remove(struct broker *broker)
{
    broker_stop(broker, SIGTERM);
    (void)broker_shell(broker->folder, "rm -f -- *");
    (void)rmdir(broker->folder);
}

/* mosquitto_pub with further options. */
static inline void broker_publish(const struct broker *broker, const char *topic,
                                  const char *payload, const char *options)
{
    char command[1024];

    (void)snprintf(command, sizeof command,
                   "mosquitto_pub -h 127.0.0.1 -p %d -t '%s' -m '%s' -q 1 %s",
                   broker->port, topic, payload, options);
    assert_true(broker_shell(broker->folder, command));
}

/* The next message on the topic within two seconds, usually the retained one. */
static inline bool broker_has(const struct broker *broker, const char *topic,
                              const char *payload)
{
    char command[1024];

    (void)snprintf(command, sizeof command,
                   "test \"$(mosquitto_sub -h 127.0.0.1 -p %d -t '%s' -C 1 -W 2)\" = "
                   "'%s'",
                   broker->port, topic, payload);
    return broker_shell(broker->folder, command);
}

#endif
