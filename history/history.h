/* history.h - samples become series: month files here, line protocol elsewhere.
 *
 * history_put copies accepted samples into a bounded queue. The writer thread
 *  - keeps min, max, mean, last and count of each point per minute and hour and writes
 *    them to the month file when the minute is over (and a short journal of the present
 *    minute, so that kill -9 loses at most a second);
 *  - keeps every reading, good or bad, of the points that rules look at
 *    (history/readings.h);
 *  - encodes lines once and hands them to each sink's spool. Only here are readings left
 *    out that say nothing new (deadband, heartbeat: history/deadband.h); the month files
 *    keep the minimum, maximum and mean of every reading.
 *
 * A point with `store = false` is in neither: it has no series.
 *
 * A sender thread per sink posts fresh lines first and the backlog behind them.
 *
 * Nothing here ever blocks the caller: a full queue drops and counts.
 *
 * Threads: history_put and history_line from the pipeline thread; the rest from any.
 */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include "base/err.h"
#include "config/config.h"
#include "history/readings.h"
#include "telemetry/sample.h"

struct history;

/* Opens files and starts the threads. `config` is borrowed. `wanted` says by point index
 * whose readings to keep (borrowed for the call; NULL: none). A disk or a database that
 * refuses is shown in the statuses and tried again; NULL only when there is no thread. */
struct history *history_open(const struct config *config, const bool *wanted,
                             struct err *err);
/* Writes everything out and stops the threads; gives senders at most `grace_ms` for what
 * they have in hand. NULL is fine. */
void history_close(struct history *history, int64_t grace_ms);

/* Samples as accepted by the live table. Bad ones are in no series, but the first good
 * one behind them goes to every sink. */
void history_put(struct history *history, const struct sample *samples, size_t count);

/* One complete line without its end, already encoded (history/line.h). */
void history_line(struct history *history, const char *line);

/* One step of a point's past. Without a reading in the step: count = 0, values NaN. */
struct history_step {
    struct wall_time start;
    double min;
    double max;
    double mean;
    double last;
    int64_t count;
};

enum {
    HISTORY_STEPS_MAX = 5000, /* of one query: more than a screen has pixels */
};

/* Fills `steps` for [from, to) in steps of `step_ms` (a multiple of one minute; of one
 * hour where only hours are kept). The first step begins at the minute of `from`, or at
 * its hour (UTC) when the step is a multiple of one. `point` is the model's index.
 * Returns how many, or -1: ERR_INPUT for more than `max` or HISTORY_STEPS_MAX,
 * ERR_NOT_FOUND for a point without series. The mean is that of the samples, not weighted
 * by time.
 */
int history_query(struct history *history, uint32_t point, struct wall_time from,
                  struct wall_time to, int64_t step_ms, struct history_step *steps,
                  size_t max, struct err *err);

enum {
    SINK_ERROR_TEXT_MAX = 256,
};

struct sink_status {
    const char *id;
    bool healthy;              /* the last request was accepted */
    uint64_t lines_accepted;   /* handed to the sink's spool */
    uint64_t lines_sent;       /* acknowledged by the database */
    uint64_t lines_rejected;   /* in the dead-letter file */
    uint64_t lines_dropped;    /* out of the spool's bounds */
    uint64_t segments_damaged; /* of the spool; set aside as "<segment>.bad" */
    uint64_t requests;
    uint64_t failures;
    int64_t backlog_bytes;
    int64_t backlog_lines;
    struct wall_time oldest; /* of the backlog; 0 when there is none */
    struct wall_time last_success;
    char error[SINK_ERROR_TEXT_MAX]; /* "" when healthy */
};
size_t history_sinks(const struct history *history);
void history_sink_status(struct history *history, size_t sink,
                         struct sink_status *status);

struct history_status {
    uint64_t samples;
    uint64_t samples_dropped; /* the writer's queue was full */
    uint64_t lines_dropped;   /* of history_line: too many at once, or malformed */
    uint64_t rows_written;
    uint64_t rows_lost;     /* the disk refused them for longer than a minute */
    uint64_t files_damaged; /* set aside as "history/<file>.damaged-<time>" */
    bool healthy;           /* the month file accepts writes */
    char error[SINK_ERROR_TEXT_MAX];
    struct readings_status readings;
};
void history_status(struct history *history, struct history_status *status);

/* Grows whenever the writer has done a turn; the watchdog looks at it. */
uint64_t history_heartbeat(struct history *history);

#endif
