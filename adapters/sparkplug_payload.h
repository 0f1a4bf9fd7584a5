/* sparkplug_payload.h - the protobuf payload of a Sparkplug B message, as plain data.
 *
 * The one place that knows the generated code and the library. Memory of a payload is
 * bounded (SPARKPLUG_MEMORY_MAX), however its bytes lie about their contents.
 *
 * Pure. Threads: any.
 */
#ifndef ADAPTERS_SPARKPLUG_PAYLOAD_H
#define ADAPTERS_SPARKPLUG_PAYLOAD_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Of one decoded payload, or so many times its length when that is more: a metric
     * takes 12 bytes or more on the wire and some 200 here. */
    SPARKPLUG_MEMORY_MAX = 8 * 1024 * 1024,
    SPARKPLUG_MEMORY_TIMES = 32,
    SPARKPLUG_COMMAND_MAX = 64,   /* bytes of a rebirth request */
    SPARKPLUG_QUALITY_GOOD = 192, /* property "Quality"; as in OPC */
    SPARKPLUG_QUALITY_STALE = 500,
};

/* Of a metric; source: Sparkplug 3.0, 6.4.16. */
enum sparkplug_type {
    SPARKPLUG_UNKNOWN = 0,
    SPARKPLUG_INT8 = 1,
    SPARKPLUG_INT16 = 2,
    SPARKPLUG_INT32 = 3,
    SPARKPLUG_INT64 = 4,
    SPARKPLUG_UINT8 = 5,
    SPARKPLUG_UINT16 = 6,
    SPARKPLUG_UINT32 = 7,
    SPARKPLUG_UINT64 = 8,
    SPARKPLUG_FLOAT = 9,
    SPARKPLUG_DOUBLE = 10,
    SPARKPLUG_BOOLEAN = 11,
    SPARKPLUG_STRING = 12,
    SPARKPLUG_DATETIME = 13, /* milliseconds since 1970 */
    SPARKPLUG_TEXT = 14,
};

enum sparkplug_kind {
    SPARKPLUG_NOTHING, /* null, or no value at all */
    SPARKPLUG_NUMBER,
    SPARKPLUG_TRUTH,
    SPARKPLUG_WORDS,
    SPARKPLUG_OTHER, /* a data set, a template, bytes */
};

struct sparkplug_metric {
    const char *name; /* NULL: only its alias is known */
    bool has_alias;
    uint64_t alias;
    int64_t time_ms; /* since 1970; -1: not given, the payload's holds */
    uint32_t type;   /* enum sparkplug_type; 0: as at its birth */
    bool historical; /* about the past: no news about now */
    int quality;     /* of the property; SPARKPLUG_QUALITY_GOOD when not given */
    enum sparkplug_kind kind;
    /* Of numbers as they travel: integers are unsigned until their type is known. */
    bool integer;
    bool wide; /* 64 bits */
    uint64_t raw;
    double number;
    const char *text;
};

struct sparkplug_payload {
    int64_t time_ms; /* -1: not given */
    int seq;         /* 0 to 255; -1: not given */
    size_t metric_count;
    struct sparkplug_metric *metrics;
    void *owned; /* the decoder's */
};

/* ERR_INPUT when the bytes are no payload. A time stamp that is beyond all bounds reads
 * as the latest that nanoseconds can hold. */
int sparkplug_payload_read(const void *bytes, size_t length,
                           struct sparkplug_payload *payload, struct err *err);
void sparkplug_payload_free(struct sparkplug_payload *payload); /* zeroed is fine */

/* The number of a metric that was born with `type`. */
double sparkplug_number(const struct sparkplug_metric *metric, uint32_t type);

/* The payload that asks a node to be born again; returns its length. */
size_t sparkplug_rebirth(int64_t time_ms, uint8_t out[SPARKPLUG_COMMAND_MAX]);

#endif
