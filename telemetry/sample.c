/* sample.c - the words of sample.h. */
#include "telemetry/sample.h"

#include <assert.h>

const char *quality_name(enum quality quality)
{
    static const char *const names[] = {[QUALITY_GOOD] = "good",
                                        [QUALITY_UNCERTAIN] = "uncertain",
                                        [QUALITY_BAD] = "bad"};

    return names[quality];
}

const char *reason_name(enum reason reason)
{
    static const char *const names[REASON_COUNT] = {
        [REASON_NONE] = "none",
        [REASON_STARTUP] = "startup",
        [REASON_STALE] = "stale",
        [REASON_CONNECT] = "connect",
        [REASON_TIMEOUT] = "timeout",
        [REASON_PROTOCOL] = "protocol",
        [REASON_EXCEPTION] = "exception",
        [REASON_ADDRESS] = "address",
        [REASON_NOT_AVAILABLE] = "not_available",
        [REASON_RANGE] = "range",
        [REASON_DECODE] = "decode",
        [REASON_OFFLINE] = "offline",
        [REASON_DEPENDS] = "depends",
        [REASON_JUMP] = "jump",
        [REASON_PROBE] = "probe",
        [REASON_CLOCK] = "clock",
    };

    assert(reason < REASON_COUNT);
    return names[reason];
}
