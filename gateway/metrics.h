/* metrics.h - the program's own figures: Prometheus text, and a line each 10 s.
 * Threads: any, while the site is held. */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include "gateway/site.h"

struct process_usage {
    double cpu_s; /* user + system since start */
    int64_t rss_bytes;
    int64_t threads;
    int64_t descriptors;
};
void metrics_usage(struct process_usage *usage);

void metrics_prometheus(struct site *site, struct wall_time started, struct text *out);

/* "facilityd,site=... bad=...i,points=...i,..." without its end. */
void metrics_line(struct site *site, struct wall_time now, struct text *out);

#endif
