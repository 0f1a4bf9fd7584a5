/* readings_days.h - the files that batches go to, and their bounds.
 *
 * Threads: one owner.
 */
#ifndef HISTORY_READINGS_DAYS_H
#define HISTORY_READINGS_DAYS_H

#include "base/clock.h"
#include "base/text.h"
#include "config/settings.h"
#include "history/readings_batch.h"

struct days {
    char *folder;
    const struct history_settings *settings;
    char *last_file; /* appended to last, and by which names; NULL: none yet */
    uint64_t last_names;
    int64_t bytes; /* of all files, as last looked */
};

void days_init(struct days *days, const char *folder,
               const struct history_settings *settings);
void days_done(struct days *days);

/* Appends the batch to the file of its day, on disk when it returns 0; otherwise the file
 * is as it was. */
int days_append(struct days *days, struct batch *batch, uint64_t tail,
                const struct text *names, struct err *err);
/* Whether a batch of that day was made of that tail. */
bool days_have(const struct days *days, int64_t day, uint64_t tail);
/* Removes what is over the bound by bytes, oldest first, and, when `aged`, at most one
 * file of a day that is too old. */
void days_keep_bounds(struct days *days, struct wall_time now, bool aged);

/* Whole milliseconds and days since 1970-01-01, rounded down. */
int64_t readings_ms(struct wall_time time);
int64_t readings_day(int64_t ms);

#endif
