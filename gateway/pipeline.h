/* pipeline.h - what happens to one sample, in order.
 *
 * Link threads hand over batches (pipeline_sink); one thread takes them through the live
 * table, the rules, the issue desk and the history. Alarm changes of a turn are committed
 * together; a turn that cannot be committed is kept and tried again, so nothing that was
 * decided is lost while the disk is full.
 *
 * Threads: pipeline_sink and pipeline_status from any thread; start and stop from main.
 */
#ifndef GATEWAY_PIPELINE_H
#define GATEWAY_PIPELINE_H

#include "history/history.h"
#include "issues/desk.h"
#include "telemetry/live.h"

#include <pthread.h>

enum {
    PIPELINE_QUEUE = 64 * 1024, /* samples: two seconds of the largest plant we measure */
    PIPELINE_BATCH = 2048,      /* samples of one turn: bounds how long a turn takes */
    PIPELINE_PENDING_MAX = 16384, /* changes kept while the desk cannot be written */
    PIPELINE_LATENCIES = 1024,    /* last issues opened, for the percentiles */
};

struct pipeline;

/* The stages it runs through; all borrowed, all outlive the pipeline. */
struct pipeline_stages {
    const struct model *model;
    struct live *live;
    struct engine *engine;
    pthread_mutex_t *engine_mutex;
    struct desk *desk;
    struct history *history;
};

struct pipeline *pipeline_new(const struct pipeline_stages *stages);
void pipeline_start(struct pipeline *pipeline);
/* Takes what is still queued through, then ends the thread. */
void pipeline_stop(struct pipeline *pipeline);
void pipeline_free(struct pipeline *pipeline); /* stopped; NULL is fine */

struct sample_sink pipeline_sink(struct pipeline *pipeline);

struct pipeline_status {
    uint64_t samples;         /* taken through */
    uint64_t samples_bad;     /* of these */
    uint64_t samples_old;     /* refused by the live table: older than what it has */
    uint64_t samples_dropped; /* the queue was full */
    size_t queue_length;
    size_t queue_high_water;
    uint64_t turns;
    uint64_t raised;
    uint64_t returned;
    size_t pending_changes; /* decided, not yet on disk */
    uint64_t lost_changes;  /* given up at PIPELINE_PENDING_MAX */
    int64_t latency_p50_us; /* from the reading to the committed issue */
    int64_t latency_p99_us;
    int64_t latency_max_us;
    uint64_t latencies;
    uint64_t heartbeat; /* grows at least each second */
};
void pipeline_status(struct pipeline *pipeline, struct pipeline_status *status);

#endif
