/* link_talk.h - a person's questions to a device, through the daemon.
 *
 * `facilityctl read` and `scan` never open a second connection: a question is put into
 * the link's mailbox, the link's thread asks it between two polls, in front of whatever
 * else is due, and the asker waits for the answer. One question of a link is under way; a
 * few others wait their turn, further ones are refused.
 *
 * A question says nothing about the health of the unit: neither its breaker nor its
 * readings change by it.
 *
 * Threads: link_talk_ask from any; take and answer from the link's.
 */
#ifndef ADAPTERS_LINK_TALK_H
#define ADAPTERS_LINK_TALK_H

#include "base/clock.h"
#include "base/err.h"
#include "config/settings.h"

enum {
    LINK_TALK_CELLS = 2000, /* bits of one read; registers are at most 125 */
    LINK_TALK_WAITING = 4,  /* askers; a person asks one thing at a time */
    LINK_TALK_TEXT_MAX = 160,
};

struct link_question {
    uint8_t unit;
    enum modbus_table table;
    uint16_t start;
    uint16_t count;
    int64_t timeout_ms; /* 0 = the link's */
};

enum link_answer_kind {
    LINK_ANSWER_CELLS,
    LINK_ANSWER_EXCEPTION, /* the device is there and refuses */
    LINK_ANSWER_TIMEOUT,
    LINK_ANSWER_PROTOCOL, /* something answered, but not this question */
    LINK_ANSWER_DOWN,     /* the link cannot be opened */
};

struct link_answer {
    enum link_answer_kind kind;
    uint8_t exception;
    int64_t took_us;
    char text[LINK_TALK_TEXT_MAX]; /* why not; "" for cells */
    uint16_t cells[LINK_TALK_CELLS];
};

struct link_talk;

/* Makes the link's thread look; called from the asker's. */
struct link_kick {
    void (*kick)(void *context);
    void *context;
};

struct link_talk *link_talk_new(void);
void link_talk_free(struct link_talk *talk); /* nobody waits; NULL is fine */

/* 0 with *answer; -1 with ERR_FULL (too many ask), ERR_TIMEOUT (the link did not come to
 * it before `until`; the question is withdrawn) or ERR_STATE (closing). */
int link_talk_ask(struct link_talk *talk, const struct link_question *question,
                  struct mono_time until, struct link_kick kick,
                  struct link_answer *answer, struct err *err);

/* True with the next question, which the link now owes an answer. */
bool link_talk_take(struct link_talk *talk, struct link_question *question);
bool link_talk_pending(struct link_talk *talk); /* cheap: an atomic */
void link_talk_answer(struct link_talk *talk, const struct link_answer *answer);
/* Every asker gets ERR_STATE, now and from now on. */
void link_talk_close(struct link_talk *talk);

#endif
