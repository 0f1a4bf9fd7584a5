/* modbus_owed.h - RTU: answers that may still come, and whose they could be taken for.
 *
 * An RTU answer has nothing that ties it to its question. One that is late fits every
 * later question to the same unit, by the same function, for as many bytes. A silence
 * after each failure catches those that come soon; this catches the others, however late
 * they are (a 4G modem may keep them for half a minute):
 *
 *   - A question without an answer is owed one.
 *   - While a unit owes an answer, a question that this answer would fit is in doubt. A
 *     question of another size is asked first: a device answers in the order in which it
 *     was asked, so with the answer to that nothing older is on its way any more.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MODBUS_OWED_H
#define ADAPTERS_MODBUS_OWED_H

#include "adapters/modbus_frame.h"

enum {
    OWED_UNITS = 256,
    /* Questions of one unit. A fifth one pushes out the oldest, behind which the unit was
     * silent four times. */
    OWED_MAX = 4,
    OWED_UNSETTLED_MAX = 3,
};

struct owed_question {
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
    uint8_t unsettled; /* other questions in a row that failed */
};

/* Zeroed to begin with. */
struct owed {
    struct owed_unit units[OWED_UNITS];
};

/* What became of a question that was sent. */
void owed_unanswered(struct owed *owed, const struct modbus_request *request);
void owed_answered(struct owed *owed, const struct modbus_request *request);
void owed_excepted(struct owed *owed, const struct modbus_request *request);
/* The other question failed as well. True when that was once too often and everything is
 * forgotten, lest a unit that never answers it is lost for good: OWED_UNSETTLED_MAX times
 * a response time and a silence have passed, and once is enough when the unit
 * need not know the function (`must` is false). */
bool owed_unsettled(struct owed *owed, uint8_t unit, bool must);

/* True when an answer that is owed could be taken for the one to `request`. */
bool owed_in_doubt(const struct owed *owed, const struct modbus_request *request);

/* A question to the same unit that no owed answer fits, and that does no harm: one that
 * the unit has answered before, else a part of `request`. False when there is none; then
 * *other is the same address by the neighbouring function, which not every device
 * answers. */
bool owed_other(const struct owed *owed, const struct modbus_request *request,
                struct modbus_request *other);

#endif
