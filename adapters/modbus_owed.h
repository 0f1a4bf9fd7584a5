/* modbus_owed.h - RTU: answers that may still come, and whose they could be taken for.
 *
 * An RTU answer has nothing that ties it to its question. One that is late fits every
 * later question to the same unit, by the same function, for as many bytes. A silence
 * after each failure catches those that come soon; this catches the others (a 4G modem
 * may keep them for half a minute):
 *
 *   - A question without an answer is owed one, for OWED_LATE_TIMES response times.
 *   - While a unit owes an answer, a question that this answer would fit is in doubt. A
 *     question of another size is asked first: a device answers in the order in which it
 *     was asked, so with the answer to that nothing older is on its way any more.
 *
 * Left without a remedy is a unit of which only single registers are read and that does
 * not answer the neighbouring function either. It is asked nothing in doubt for
 * OWED_DEAF_TIMES response times, and an answer that is later than that may be mistaken.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MODBUS_OWED_H
#define ADAPTERS_MODBUS_OWED_H

#include "adapters/modbus_frame.h"
#include "base/clock.h"

enum {
    OWED_UNITS = 256,
    OWED_LATE_TIMES = 30,
    OWED_DEAF_TIMES = 4,
    OWED_DEAF_AFTER =
        3, /* neighbouring questions without an answer, and never one with */
    /* Sizes of one unit's questions. One more pushes out the oldest, behind which the
     * unit was silent six times. */
    OWED_MAX = 6,
};

enum owed_remedy {
    OWED_ASK_KNOWN,     /* what the unit has answered before, or a part of the request */
    OWED_ASK_NEIGHBOUR, /* the same address by the neighbouring function */
    OWED_WAIT,          /* there is none */
};

struct owed_question {
    struct mono_time asked; /* the last time */
    int64_t timeout_ms;
    uint16_t start;
    uint16_t count;
    uint8_t table;
    bool several; /* of this size, with different starts */
};

struct owed_unit {
    struct owed_question owed[OWED_MAX]; /* oldest first */
    struct owed_question
        known[2]; /* that it answered, of different sizes; count 0: none */
    uint8_t count;
    uint8_t unheard; /* neighbouring questions in a row without an answer */
    bool hears;      /* it answered one */
};

/* Zeroed to begin with. */
struct owed {
    struct owed_unit units[OWED_UNITS];
};

/* What became of a question that was sent at `asked`. */
void owed_unanswered(struct owed *owed, const struct modbus_request *request,
                     struct mono_time asked, int64_t timeout_ms);
void owed_answered(struct owed *owed, const struct modbus_request *request);
void owed_excepted(struct owed *owed, const struct modbus_request *request,
                   struct mono_time asked, int64_t timeout_ms);
/* Its answer came damaged: it is through, unless that was an older one. */
void owed_damaged(struct owed *owed, const struct modbus_request *request,
                  struct mono_time asked, int64_t timeout_ms);
/* The neighbouring question was answered (even by an exception), or was not. */
void owed_neighbour(struct owed *owed, uint8_t unit, bool heard);

/* True when an answer that is owed could be taken for the one to `request`. Forgets what
 * is no longer owed. */
bool owed_in_doubt(struct owed *owed, const struct modbus_request *request,
                   struct mono_time now);

/* A question to the same unit that no owed answer fits and that does no harm. */
enum owed_remedy owed_other(const struct owed *owed, const struct modbus_request *request,
                            struct modbus_request *other);

#endif
