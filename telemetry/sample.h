/* sample.h - one reading of one point, and how far to trust it.
 *
 * Quality follows OPC UA: GOOD may be used, UNCERTAIN may be used but marks what is
 * computed from it, BAD has no value and says why. A bad sample is shown and counted; it
 * never enters a window, a series or a calculation.
 *
 * Threads: plain data.
 */
#ifndef TELEMETRY_SAMPLE_H
#define TELEMETRY_SAMPLE_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

enum quality {
    QUALITY_GOOD,
    QUALITY_UNCERTAIN,
    QUALITY_BAD,
};

/* Why a sample is not good. Stable: names are shown, stored and scripted. */
enum reason {
    REASON_NONE,
    REASON_STARTUP,       /* nothing received since the daemon started */
    REASON_STALE,         /* no reading for longer than stale_after */
    REASON_CONNECT,       /* the link cannot be opened or the peer refuses */
    REASON_TIMEOUT,       /* no answer within the deadline */
    REASON_PROTOCOL,      /* wrong unit, transaction, length, checksum or garbage */
    REASON_EXCEPTION,     /* the device answered with an exception; detail = its code */
    REASON_ADDRESS,       /* the device refuses this address (exception 2 or 3) */
    REASON_NOT_AVAILABLE, /* the device says "no value" (sentinel, NaN, JSON null) */
    REASON_RANGE,         /* outside the plausible range of the profile */
    REASON_DECODE,        /* the payload does not hold what the profile expects */
    REASON_OFFLINE,       /* the device or its broker said that it is gone */
    REASON_DEPENDS,       /* a register that gives its scale or unit has no value */
    REASON_JUMP,          /* a counter that moved as it cannot */
    REASON_PROBE,         /* the profile does not fit the device */
    REASON_CLOCK,         /* the time stamp of the device is not believable (uncertain) */
    REASON_COUNT
};

/* 32 bytes; copied in batches from link threads to the pipeline. */
struct sample {
    uint32_t point; /* index in the model */
    uint8_t quality;
    uint8_t reason;
    uint16_t detail;       /* exception code, else 0 */
    double value;          /* booleans 0 or 1, enums their code; meaningless when bad */
    struct wall_time time; /* when the reading was true */
    struct mono_time mono; /* when the gateway received it */
};

const char *quality_name(enum quality quality); /* "good", "uncertain", "bad" */
const char *reason_name(enum reason reason);    /* "timeout", "range", ... */

/* Where an adapter puts what it read. put takes a batch of samples of one exchange; it
 * copies and never blocks. put_text stores the text of a point of kind POINT_TEXT beside
 * its (good) sample. */
struct sample_sink {
    void *context;
    void (*put)(void *context, const struct sample *samples, size_t count);
    void (*put_text)(void *context, const struct sample *sample, const char *text);
};

#endif
