/* link_cost.h - what a Modbus link is asked for, in bytes and in time.
 *
 * The units and their reads are the daemon's own (adapters/modbus_unit.h). What one of
 * them takes:
 *
 *   serial port      gap + request + silence + latency + answer
 *   bus behind TCP   the same on that bus + the silence that ends the answer + round trip
 *   TCP              gap + latency + round trip
 *
 *   gap      silence before a request: 3.5 characters on a port, the link's `turnaround`,
 *            the device's `delay`; the longest of them
 *   silence  3.5 characters, by which the device knows that the request is complete
 *   latency  the device's own time: `latency` of the equipment or its profile
 *
 * A request is 8 bytes in RTU and 12 in MBAP, an answer 5 + 2 a register or 5 + one for
 * eight bits, MBAP 4 more. Over TCP, a bus counts when its `baud` is given.
 *
 * Of several variants among which a probe will choose, the costliest counts. A round is
 * every read once; the share of the link's time is what all reads take at their periods.
 *
 * Pure: the configuration in, figures out. Threads: any.
 */
#ifndef ADAPTERS_LINK_COST_H
#define ADAPTERS_LINK_COST_H

#include "adapters/modbus_line.h"
#include "base/err.h"
#include "config/config.h"

enum {
    /* Between the end of a request and the beginning of the answer. Meters and drives
     * name 5 to 50 ms on a bus, and a USB adapter keeps what it received for up to 16 ms
     * before it hands it over. */
    LINK_COST_LATENCY_BUS_MS = 20,
    /* Devices with a network port of their own answer in 1 to 10 ms. */
    LINK_COST_LATENCY_TCP_MS = 5,
    LINK_COST_LATENCY_FAR_MS = 60, /* more, through a mobile network */
    LINK_COST_ROUND_TRIP_MS = 1,   /* of a local network with two switches */

    LINK_COST_WARN_PERCENT = 70, /* beyond, no room for retries and dead units */
    LINK_COST_REFUSE_PERCENT = 100,

    LINK_COST_WIRE_SIZE = 32,
};

/* What is asked at one period. */
struct link_cost_class {
    int64_t period_ms;
    size_t requests; /* of one pass */
    int64_t cells;   /* registers or bits */
    int64_t bytes;   /* of both directions */
    int64_t ns;
    double share; /* of the link's time; 1 = all of it */
};

struct link_cost_unit {
    uint8_t id;
    const struct equipment_settings *equipment; /* the first of them */
    size_t equipment_count;
    size_t requests; /* of one round */
    int64_t cells;
    int64_t bytes;
    int64_t ns;
    double share;
    int64_t fastest_ms;   /* its shortest period */
    int64_t dead_ns;      /* one attempt to find out whether it is back */
    int64_t dead_wait_ms; /* between two of them at last */
};

struct link_cost {
    const struct link_settings *settings;
    enum endpoint_kind kind;
    struct modbus_line line;
    bool guessed;                 /* of some unit nobody has said how fast it answers */
    struct link_cost_unit *units; /* greatest share first */
    size_t unit_count;
    struct link_cost_class *classes; /* shortest period first; at most one per request */
    size_t class_count;
    size_t requests; /* of one round of everything */
    int64_t cells;
    int64_t bytes;
    int64_t ns;
    double requests_per_s;
    double bytes_per_s;
    double share;
};

/* Of link `link` of the configuration, which must be a Modbus one. NULL with ERR_CONFIG
 * when its points cannot be read. The configuration is borrowed. */
struct link_cost *link_cost_new(const struct config *config, uint32_t link,
                                struct err *err);
void link_cost_free(struct link_cost *cost); /* NULL is fine */

/* It cannot be carried. Without a bus whose speed is known and without a word about how
 * fast the devices answer all of the time is assumed: that refuses nobody. */
bool link_cost_is_refused(const struct link_cost *cost);

/* One full round of the shortest period, back to back; 0 for a link without reads. */
int64_t link_cost_cycle_ns(const struct link_cost *cost);

/* One unit that does not answer: its part of the link's time once its breaker is open.
 * The probe budget (PROBE_SHARE_PERCENT) bounds it, and all such units together. */
double link_cost_dead_share(const struct link_cost_unit *unit);

/* "9600 8E1", or "" when the link has no bus whose speed is known; returns `out`. */
char *link_cost_wire(const struct link_cost *cost, char out[LINK_COST_WIRE_SIZE]);

/* --- one exchange -------------------------------------------------------------- */

/* A device as far as its time goes. */
struct link_cost_device {
    int64_t delay_ms;
    int64_t latency_ms; /* -1: by the kind of link */
};

/* What is known, or the usual for such a link when it is -1. */
int64_t link_cost_latency_ms(const struct modbus_line *line, int64_t latency_ms);
int64_t link_cost_request_bytes(const struct modbus_line *line);
int64_t link_cost_answer_bytes(const struct modbus_line *line, enum modbus_table table,
                               uint32_t count);
int64_t link_cost_exchange_ns(const struct modbus_line *line,
                              const struct link_cost_device *device,
                              enum modbus_table table, uint32_t count);

#endif
