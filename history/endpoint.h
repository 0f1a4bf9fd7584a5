/* endpoint.h - how each kind of database wants to be asked.
 *
 * Threads: no state.
 */
#ifndef HISTORY_ENDPOINT_H
#define HISTORY_ENDPOINT_H

#include "base/err.h"
#include "config/settings.h"
#include "history/post.h"

/* The address lines are posted to; the caller's (mem_free). */
char *endpoint_url(const struct sink_settings *settings);

/* Reads the secrets and opens a connection. ERR_CONFIG when a secret cannot be read or an
 * address is wrong. */
struct http *endpoint_open(const struct sink_settings *settings, struct err *err);

#endif
