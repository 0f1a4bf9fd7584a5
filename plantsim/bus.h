/* bus.h - the devices of a paced bus: what they answer, who of them is silent, and how
 * often each was read.
 *
 * Units 1 to N hold R registers, which functions 1 to 4 read (a bit is the lowest of its
 * register). Register r of unit u moves by one each second within ten of a fixed value
 * (plantsim/load.h). The last ones may be dead: they never answer. The gap of a unit is
 * the time between two complete answers to a read that begins at address 0.
 *
 * The wire is bus_line.h (a serial port) or bus_gateway.h (a TCP port).
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_BUS_H
#define PLANTSIM_BUS_H

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "plantsim/modbus.h"

enum {
    BUS_UNITS_MAX = 247,
    BUS_REGISTERS_MAX = 10000,
};

/* Times of the wire and of the devices on it. */
struct bus_wire {
    int64_t character_ns; /* start, eight data, parity and stop bits */
    int64_t silence_ns;   /* that ends a frame */
    int64_t latency_ns;   /* from the end of a request to the beginning of its answer */
};

/* Modbus over serial line 1.02, 2.5.1.1: a character has 10 or 11 bits; a frame ends
 * with 3.5 characters of silence, above 19200 baud with 1.75 ms. */
struct bus_wire bus_wire_of(int64_t baud, bool parity, int64_t stop_bits,
                            int64_t latency_ms);

struct bus;

struct bus *bus_new(int64_t units, int64_t registers);
void bus_free(struct bus *bus); /* NULL is fine */

/* The last `dead` units are silent from now on. ERR_INPUT when there are fewer. */
int bus_set_dead(struct bus *bus, int64_t dead, struct err *err);

/* The answer to a request PDU (length at least 1); 0: the unit is silent or not there. */
size_t bus_answer(struct bus *bus, uint8_t unit, const uint8_t *pdu, size_t length,
                  uint8_t out[MODBUS_PDU_MAX]);
/* The answer to it is complete at the client's side. `took_ns`: what the exchange kept
 * the wire busy for, from the first byte of the request on. */
void bus_answered(struct bus *bus, uint8_t unit, const uint8_t *pdu, size_t length,
                  int64_t took_ns);
/* Bytes that came while the line was in use: two masters, or one that did not wait. */
void bus_collision(struct bus *bus);

/* JSON: requests, answers, silent ones, collisions, time of the wire, and per unit its
 * answers and gaps. Sets them to zero afterwards when `clear`. */
void bus_counters(struct bus *bus, struct text *out, bool clear);

#endif
