/* tools.h - what a person at the cabinet asks of the program; see web_source.
 *
 * Ownership: gateway/ fills it. Threads: as the rest of web_source; all but `reload` are
 * called between acquire and release.
 */
#ifndef WEB_TOOLS_H
#define WEB_TOOLS_H

#include "adapters/finding.h"
#include "adapters/link_talk.h"
#include "adapters/link_trace.h"
#include "adapters/scan_report.h"
#include "base/text.h"

/* What became of the last request to load the configuration anew. */
struct reload_report {
    uint64_t asked; /* how often, since the start */
    uint64_t done;  /* of them: those that are through; the last one came to: */
    struct wall_time time;
    bool accepted;
    char why[128]; /* not; "" when it was */
};

struct web_tools {
    void *context;
    /* Waits until there is an answer or `until` has come; see link_talk_ask. */
    int (*ask)(void *context, uint32_t link, const struct link_question *question,
               struct mono_time until, struct link_answer *answer, struct err *err);
    size_t (*trace)(void *context, uint32_t link, uint64_t after,
                    struct link_trace_frame *frames, size_t max);
    void (*finding)(void *context, uint32_t link, uint32_t equipment,
                    struct finding *finding);
    void (*probe_again)(void *context, uint32_t link, uint32_t equipment);
    int (*scan_start)(void *context, uint32_t link,
                      const struct bus_scan_options *options, struct err *err);
    void (*scan_stop)(void *context, uint32_t link);
    /* False when the link was never scanned. */
    bool (*scan_report)(void *context, uint32_t link, struct scan_report *report);
    /* Asks for a reload, which comes soon; returns its number. */
    uint64_t (*reload)(void *context);
    /* `messages`: JSON of the last one's errors and warnings, "" when there are none. */
    void (*reload_report)(void *context, struct reload_report *report,
                          struct text *messages);
};

#endif
