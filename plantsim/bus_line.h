/* bus_line.h - the bus as a serial port: a pseudo-terminal on which every byte takes the
 * time that it takes on a real wire.
 *
 *   idle --bytes--> hearing --silence--> thinking --latency--> talking --last byte-->
 * idle
 *
 * A request is complete 3.5 characters after its last byte, and its bytes take their time
 * too, although a terminal delivers them at once. Of an answer, each byte is written when
 * its time has come. What arrives while a device thinks or talks is a collision and lost.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_BUS_LINE_H
#define PLANTSIM_BUS_LINE_H

#include "plantsim/bus.h"
#include "plantsim/loop.h"

struct bus_line;

/* `bus` is borrowed. ERR_IO as pty_open. */
struct bus_line *bus_line_new(struct loop *loop, struct bus *bus,
                              const struct bus_wire *wire, const char *path,
                              struct err *err);
void bus_line_free(struct bus_line *line); /* NULL is fine */

#endif
