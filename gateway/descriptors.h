/* descriptors.h - enough open files for every link, or a clear word before anything
 * starts.
 *
 * A process that runs out of descriptors fails at random places: a link here, a page
 * there, the database last. So the limit is raised as far as it may be, and a
 * configuration that cannot work with it is refused.
 *
 * Threads: main.
 */
#ifndef GATEWAY_DESCRIPTORS_H
#define GATEWAY_DESCRIPTORS_H

#include "base/err.h"

#include <stddef.h>

enum {
    DESCRIPTORS_PER_LINK = 2, /* a serial port and its lock; most need one */
    DESCRIPTORS_OTHER = 192,  /* pages, databases, spools, what is being reconnected */
};

/* 0, or -1 with ERR_CONFIG: the text names the limit and the remedy. */
int descriptors_reserve(size_t links, struct err *err);

#endif
