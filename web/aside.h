/* aside.h - a few threads for requests that have to wait for a device.
 *
 * A server has one thread for all its connections; a request that asks a device would
 * hold up everybody's. Such a request sleeps, its handler runs here, and wakes it.
 *
 * Threads: any; stop and free from one.
 */
#ifndef WEB_ASIDE_H
#define WEB_ASIDE_H

#include <stdbool.h>

enum {
    ASIDE_MAX = 8, /* at once: a person waits behind each of them */
};

struct aside;

struct aside *aside_new(void);
/* Runs `work(context)` on a thread of its own; false when too many do, or after a stop.
 */
bool aside_run(struct aside *aside, void (*work)(void *context), void *context);
void aside_stop(struct aside *aside); /* takes no more, waits for those that run */
void aside_free(struct aside *aside); /* stopped; NULL is fine */

#endif
