/* sparkplug.h - a Sparkplug B host: which nodes and devices are alive, and what their
 * metrics say.
 *
 * A node says with its birth which metrics it has, and may call them by number (alias)
 * from then on. Its messages carry a sequence number: a hole means that something was
 * lost, and the node is asked to be born again, as it is when it speaks without a birth.
 * A death that the broker sends for it counts only when its number (bdSeq) is that of the
 * birth in force: a node that has come back is not killed by the will of its last
 * connection.
 *
 *   birth                        readings, alive
 *   data                         readings
 *   data of one never born       asked to be born
 *   hole in the sequence         readings, and asked to be born
 *   the sequence before          dropped: it came twice
 *   death                        dead, with its devices
 *   silence after a connect      asked to be born; dead when nothing comes
 *
 * Metrics marked as historical are about the past and are not taken.
 *
 * Source: Eclipse Sparkplug specification 3.0. Pure: time comes in, events go out.
 * Threads: one owner.
 */
#ifndef ADAPTERS_SPARKPLUG_H
#define ADAPTERS_SPARKPLUG_H

#include "adapters/sparkplug_payload.h"
#include "base/clock.h"

#define SPARKPLUG_NAMESPACE   "spBv1.0"
#define SPARKPLUG_STATE_TOPIC SPARKPLUG_NAMESPACE "/STATE/%s" /* of a host, by its id */

enum {
    SPARKPLUG_TOPIC_MAX = 256, /* bytes of a topic, with its namespace */
    SPARKPLUG_ASK_MIN_MS = 5 * 1000,
    SPARKPLUG_ASK_MAX_MS = 5 * 60 * 1000,  /* between two requests to one node */
    SPARKPLUG_DEVICE_GRACE_MS = 10 * 1000, /* for a device's birth after its node's */
    SPARKPLUG_SILENCE_MS = 20 * 1000,      /* of a node after a connect: it is dead */
    SPARKPLUG_REFUSED = 3, /* requests without an answer while the node goes on talking */
};

struct sparkplug_reading {
    const struct sparkplug_metric *metric;
    double number;   /* of numbers and truths */
    int64_t time_ms; /* of the metric, since 1970 by the node's clock; -1: not given */
    int64_t sent_ms; /* of the payload, by the same clock; -1: not given */
};

struct sparkplug_message {
    const char *topic; /* need not be terminated */
    size_t length;
    const void *payload;
    size_t size;
};

struct sparkplug_events {
    void *context;
    void (*reading)(void *context, uint32_t point,
                    const struct sparkplug_reading *reading);
    /* Told at every birth and death, whether it is news or not. */
    void (*alive)(void *context, uint32_t unit, bool alive);
    /* Publish sparkplug_rebirth() there, QoS 0, not retained. */
    void (*ask_rebirth)(void *context, const char *topic);
};

/* Since the start. */
struct sparkplug_counts {
    uint64_t births;
    uint64_t deaths;   /* that counted; of nodes and of devices */
    uint64_t gaps;     /* in sequences */
    uint64_t repeated; /* messages that came twice */
    uint64_t asked;    /* requests to be born again */
};

struct sparkplug;

struct sparkplug *sparkplug_new(void);
void sparkplug_free(struct sparkplug *sparkplug); /* NULL is fine */

/* "group/node" or "group/node/device". `unit` is the caller's number. ERR_CONFIG. */
int sparkplug_add_unit(struct sparkplug *sparkplug, const char *address, uint32_t unit,
                       struct err *err);
/* A metric of the unit that was added last; `point` is the caller's number. */
void sparkplug_add_point(struct sparkplug *sparkplug, const char *metric, uint32_t point);
/* Once, after the last one. */
void sparkplug_seal(struct sparkplug *sparkplug);

/* Every topic filter to subscribe, through `each`; six per node. */
void sparkplug_filters(const struct sparkplug *sparkplug,
                       void (*each)(void *context, const char *filter), void *context);

/* A topic that is of no node that was added is no news. A payload that cannot be read is
 * ERR_INPUT. */
int sparkplug_message(struct sparkplug *sparkplug,
                      const struct sparkplug_message *message, struct mono_time now,
                      const struct sparkplug_events *events, struct err *err);

/* The broker is there (again): whatever was said meanwhile is lost, all are asked. */
void sparkplug_connected(struct sparkplug *sparkplug, struct mono_time now);
/* Does what is due, while the broker is there; returns when it wants to be called next.
 */
struct mono_time sparkplug_step(struct sparkplug *sparkplug, struct mono_time now,
                                const struct sparkplug_events *events);

struct sparkplug_counts sparkplug_counts(const struct sparkplug *sparkplug);

/* A node that goes on talking and is not born however often it is asked, as "group/node";
 * NULL when there is none. Borrowed until the next call of any. */
const char *sparkplug_refusing(struct sparkplug *sparkplug);

#endif
