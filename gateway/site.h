/* site.h - one loaded configuration and the stages that run on it.
 *
 * Loading checks everything and starts nothing; starting opens files, threads and links
 * in the order of the data's path, stopping goes the other way. A reload loads a new site
 * first and only then exchanges it for the running one.
 *
 * Threads: main; site_status and site_link_status from any while the caller keeps the
 * site from being stopped (gateway/daemon.c does so with a lock).
 */
#ifndef GATEWAY_SITE_H
#define GATEWAY_SITE_H

#include "gateway/pipeline.h"
#include "gateway/poll.h"
#include "gateway/scans.h"
#include "web/web.h"

struct site {
    struct web_site web; /* what pages may see */
    struct config *config;
    pthread_mutex_t engine_mutex;
    struct pipeline *pipeline;
    struct poll *poll;
    struct scans *scans;
    uint64_t last_pipeline_beat; /* of the watchdog */
    uint64_t last_history_beat;
    bool recalled; /* the engine has its past back */
    bool running;
};

/* Reads and checks the configuration. NULL when it has errors; all is in `report`. */
struct site *site_load(const char *path, const char *shipped_dir,
                       struct config_report *report);
void site_free(struct site *site); /* stopped; NULL is fine */

/* Opens the desk and the history, restores alarms and the rules' past, starts the
 * threads. On failure everything is stopped again and the site may be started another
 * time. */
int site_start(struct site *site, struct err *err);
/* A reload gives senders less time for what they have in hand. */
void site_stop(struct site *site, bool for_reload);

/* Whoever waits for an answer of a device stops waiting, and so do scans: before a stop,
 * from any thread that keeps the site. */
void site_hush(struct site *site);

/* Takes the latest readings of `from` over for points that exist in both. */
void site_carry_values(struct site *site, const struct site *from);

/* True when every worker has moved since the last call; else `who` names one that did
 * not. */
bool site_moves(struct site *site, const char **who);

#endif
