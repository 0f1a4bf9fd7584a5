/* sender.h - one database: its spool, and the thread that empties it.
 *
 * Fresh lines leave at least every flush_ms, or when there are batch_lines of them; the
 * backlog goes between them, oldest first. What an answer means is in history/parcel.h.
 * A secret that a database refuses is read again before the next attempt, so that a new
 * token needs no restart.
 *
 * Threads: sender_append from the history's writer thread; sender_status from any;
 * sender_stop and sender_close from the thread that opened it.
 */
#ifndef HISTORY_SENDER_H
#define HISTORY_SENDER_H

#include "base/clock.h"
#include "base/err.h"
#include "config/settings.h"
#include "history/history.h"

struct sender;

/* `settings` and the strings in it are borrowed. NULL only when there is no thread to be
 * had; a database that is not there is shown in the status. */
struct sender *sender_open(const struct sink_settings *settings, const char *folder,
                           struct err *err);

/* Whole lines, each with its LF. They are on disk when this returns, or counted. */
void sender_append(struct sender *sender, const char *lines, size_t length, size_t count,
                   struct wall_time now);

void sender_status(struct sender *sender, struct sink_status *status);

/* Lets the thread post what is fresh until `deadline`, if the database is well. Returns
 * at once; the rest stays in the spool. */
void sender_stop(struct sender *sender, struct mono_time deadline);
/* Waits for the thread and frees. Call sender_stop before. NULL is fine. */
void sender_close(struct sender *sender);

#endif
