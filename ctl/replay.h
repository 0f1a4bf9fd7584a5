/* replay.h - the past of a site, run through rules: what `rules backtest` and `rules
 * noise` share.
 *
 * Readings are read from the state folder, also of a running facilityd, and go through
 * the rules in as many threads as there are jobs; a bar shows how far it is.
 *
 * Threads: main; its own inside.
 */
#ifndef CTL_REPLAY_H
#define CTL_REPLAY_H

#include "base/tz.h"
#include "ctl/command.h"
#include "reports/backtest.h"

enum {
    REPLAY_BACKTESTS_MAX = 2, /* that run beside each other on the same readings */
    REPLAY_JOBS_MAX = 2,      /* a gateway has two cores to spare at best */
};

/* What one thread does. */
struct replay_job {
    struct backtest *backtests[REPLAY_BACKTESTS_MAX];
    size_t count;
    uint64_t readings; /* out */
    uint64_t damaged;  /* out: pieces that could not be read */
};

/* The span that --from and --to name: local times of the site ("2026-11-01",
 * "2026-11-01T08:30"), RFC 3339, or how long ago ("7d"). Without them the last 30 days.
 * False when they make no sense (told). */
bool replay_span(const struct context *context, const struct tz *tz,
                 struct wall_time *from, struct wall_time *to);

/* The readings' folder of the site, the caller's (mem_free), and since when there are
 * any. NULL with *code set and told when there are none or they may not be read. */
char *replay_folder(const struct config *config, struct wall_time *oldest, int *code);

/* Runs all jobs; 0, or the exit code (told). Ctrl-C ends it. */
int replay_run(const struct config *config, const char *folder, struct replay_job *jobs,
               size_t count, struct wall_time to, bool bar);

/* A time as people at the site write it: "2026-11-24 08:30:05". Returns `out`. */
enum {
    REPLAY_TIME_SIZE = 32,
};
char *replay_time(const struct tz *tz, struct wall_time time, char out[REPLAY_TIME_SIZE]);

#endif
