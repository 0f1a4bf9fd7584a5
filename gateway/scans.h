/* scans.h - scans of links, each on a thread of its own.
 *
 * One of a link at a time, SCANS_AT_ONCE of all. What a scan came to stays until the next
 * one of that link, or until the site ends. Questions travel through the link's mailbox;
 * while the link has living units to poll, a scan rests as long as its question took, so
 * that it never takes more than half of the link's time.
 *
 * Threads: new and free from main; the rest from any.
 */
#ifndef GATEWAY_SCANS_H
#define GATEWAY_SCANS_H

#include "adapters/bus_scan.h"
#include "adapters/scan_report.h"
#include "gateway/poll.h"

enum {
    SCANS_AT_ONCE = 4, /* a person scans one link, perhaps two */
};

struct scans;

/* Both are borrowed. */
struct scans *scans_new(const struct config *config, struct poll *poll);
/* Stops what runs and waits for it. poll_hush must have been called. NULL is fine. */
void scans_free(struct scans *scans);

/* ERR_STATE when one of the link runs or the link has nothing to scan, ERR_FULL when too
 * many run. */
int scans_start(struct scans *scans, uint32_t link,
                const struct bus_scan_options *options, struct err *err);
void scans_stop(struct scans *scans, uint32_t link); /* soon; nothing when none runs */
/* A copy of what it came to so far; false when the link was never scanned. */
bool scans_report(struct scans *scans, uint32_t link, struct scan_report *report);

#endif
