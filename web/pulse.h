/* pulse.h - proof that a server answers: it is asked once a second from inside.
 *
 * Threads: one owner.
 */
#ifndef WEB_PULSE_H
#define WEB_PULSE_H

#include "web/server.h"

#include <stdbool.h>

struct pulse {
    struct server *server;
    int fd; /* -1: not connected */
    bool waiting;
};

/* Takes the answer to the last question and asks again; never blocks. True when the last
 * question was answered. */
bool pulse_step(struct pulse *pulse);
void pulse_stop(struct pulse *pulse);

#endif
