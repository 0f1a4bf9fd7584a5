/* load.h - many plain Modbus TCP devices on one thread, for benchmarks.
 *
 * Device i listens on an address of its own (base address + i) or on a port of its own
 * (base port + i) and holds R holding registers, which functions 3 and 4 read. Each
 * register moves by one each second within ten of a fixed value below 2,000, so that
 * nothing is constant and nothing crosses a limit by itself; a step sets one register to
 * any value until it is reset.
 *
 * The last devices misbehave: first the dead (accept, never answer), then the slow, then
 * the lying (other unit, short data, noise in turns).
 *
 * Made to cost little: no allocation and no copy beyond the answer per request.
 * Threads: the loop's.
 */
#ifndef PLANTSIM_LOAD_H
#define PLANTSIM_LOAD_H

#include "base/err.h"
#include "base/text.h"
#include "plantsim/loop.h"

#include <netinet/in.h>
#include <stdint.h>

enum {
    LOAD_DEVICES_MAX = 4000, /* descriptors: two for each device */
    LOAD_REGISTERS_MAX = 10000,
    LOAD_GAPS = 10000, /* histogram of 1 ms classes, the last one open */
};

struct load_options {
    int64_t devices;
    int64_t registers;
    struct in_addr base_address; /* network order; own address for each device ... */
    bool own_ports;              /* ... or 127.0.0.1 with ports from `port` on */
    int64_t port;
    int64_t dead;
    int64_t slow;
    int64_t slow_ms;
    int64_t lying;
};

struct load;

struct load *load_new(struct loop *loop, const struct load_options *options,
                      struct err *err);
void load_free(struct load *load); /* NULL is fine */

/* Sets one register until load_reset; `stamp` is the moment from which it is served.
 * ERR_INPUT when there is no such register. */
int load_step(struct load *load, int64_t device, int64_t reg, int64_t value,
              struct mono_time *stamp, struct err *err);
void load_reset(struct load *load);

/* JSON: requests, answers, exceptions, connections, gaps between the reads of address 0
 * of the healthy devices. Sets them to zero afterwards when `clear`. */
void load_counters(struct load *load, struct text *out, bool clear);

/* What a register shows at `second` of the monotonic clock when it was not stepped. */
uint16_t load_value(int64_t device, int64_t reg, int64_t second);

#endif
