/* pulse.c - see pulse.h. */
#include "web/pulse.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char question[] = "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

void pulse_stop(struct pulse *pulse)
{
    if (pulse->fd >= 0)
        (void)close(pulse->fd);
    pulse->fd = -1;
    pulse->waiting = false;
}

/* True when the whole head of an answer has come; it has no body. */
static bool take_answer(struct pulse *pulse)
{
    char answer[4096];
    ssize_t length = recv(pulse->fd, answer, sizeof answer, 0);

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (length <= 0) {
        pulse_stop(pulse);
        return false;
    }
    pulse->waiting = false;
    return (size_t)length > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0;
}

bool pulse_step(struct pulse *pulse)
{
    bool answered = pulse->fd >= 0 && pulse->waiting && take_answer(pulse);

    if (pulse->fd < 0)
        pulse->fd = server_connect(pulse->server);
    if (pulse->fd >= 0 && !pulse->waiting) {
        if (send(pulse->fd, question, sizeof question - 1, MSG_NOSIGNAL) ==
            (ssize_t)(sizeof question - 1))
            pulse->waiting = true;
        else
            pulse_stop(pulse);
    }
    return answered;
}
