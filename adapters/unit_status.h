/* unit_status.h - one Modbus unit of a link as pages show it. Counters since the start.
 *
 * Threads: plain data.
 */
#ifndef ADAPTERS_UNIT_STATUS_H
#define ADAPTERS_UNIT_STATUS_H

#include "config/settings.h"

enum {
    LINK_ERROR_TEXT_MAX = 256, /* one sentence with an address in it */
    UNIT_REFUSED_MAX = 8, /* refused ranges that are told; what is beyond is counted */
};

struct unit_refused {
    enum modbus_table table;
    uint16_t start;
    uint16_t count;
};

struct unit_status {
    uint8_t id;
    const char *name; /* id of its first equipment; the configuration's */
    int online;       /* -1: not yet heard of */
    bool breaker_open;
    int64_t next_ms; /* until it is asked again while the breaker is open */
    uint64_t requests;
    uint64_t answers;
    uint64_t timeouts;
    uint64_t protocol_errors;
    uint64_t exceptions;
    int64_t answer_p50_us; /* from the request to the complete answer; -1: none yet */
    int64_t answer_p99_us; /* of the last 128 */
    size_t blocks;         /* requests of a whole round */
    struct unit_refused refused[UNIT_REFUSED_MAX];
    size_t refused_count;            /* may be more than are listed */
    char error[LINK_ERROR_TEXT_MAX]; /* its present trouble; "" when there is none */
};

#endif
