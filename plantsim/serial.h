/* serial.h - the serial line: a pseudo-terminal whose far end has a path of our choice.
 *
 * The line is raw. Requests and answers take the time they would take at `baud`, so that
 * a gateway meets a real bus. A symlink at `path` leads to the terminal; it is removed at
 * the end.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_SERIAL_H
#define PLANTSIM_SERIAL_H

#include "base/err.h"
#include "plantsim/loop.h"
#include "plantsim/plant.h"

struct serial;

/* `baud` 0: no wire time. ERR_IO when `path` is something else than an old symlink. */
struct serial *serial_new(struct loop *loop, struct plant *plant, enum plant_link link,
                          const char *path, int baud, struct err *err);
void serial_free(struct serial *serial); /* NULL is fine */

#endif
