/* truth_log.c - see truth_log.h. */
#include "rules/truth_log.h"

#include "base/mem.h"

#include <assert.h>

struct truth_change {
    int64_t time_ns;
    enum truth truth; /* from then on */
};

struct truth_log {
    size_t capacity;
    size_t head;  /* slot of the next change */
    size_t count; /* changes kept */
    bool lost;    /* a change was pushed out */
    struct truth_change changes[];
};

struct truth_log *truth_log_new(size_t changes)
{
    struct truth_log *log;

    assert(changes > 0);
    log = mem_alloc(sizeof *log + changes * sizeof(struct truth_change));
    log->capacity = changes;
    return log;
}

void truth_log_free(struct truth_log *log)
{
    mem_free(log);
}

size_t truth_log_memory(const struct truth_log *log)
{
    return sizeof *log + log->capacity * sizeof(struct truth_change);
}

/* The i-th newest change, from 0. */
static const struct truth_change *newest(const struct truth_log *log, size_t i)
{
    size_t slot = log->head + log->capacity - 1 - i;

    return &log->changes[slot >= log->capacity ? slot - log->capacity : slot];
}

void truth_log_put(struct truth_log *log, int64_t now_ns, enum truth truth)
{
    if (log->count > 0 && newest(log, 0)->truth == truth)
        return;
    if (log->count > 0 && newest(log, 0)->time_ns == now_ns) {
        /* It never held: take it back, and the change before may now be the same. */
        log->head = log->head == 0 ? log->capacity - 1 : log->head - 1;
        log->count--;
        truth_log_put(log, now_ns, truth);
        return;
    }
    log->changes[log->head] = (struct truth_change){now_ns, truth};
    log->head = log->head + 1 == log->capacity ? 0 : log->head + 1;
    if (log->count < log->capacity)
        log->count++;
    else
        log->lost = true;
}

/* Newest to oldest: `last` is the known truth behind the present change. */
static void count_edge(struct truth_span *span, enum truth *last, int64_t *last_ns,
                       const struct truth_change *change)
{
    if (change->truth == TRUTH_UNKNOWN)
        return;
    if (*last != TRUTH_UNKNOWN && *last != change->truth && *last_ns > span->from_ns) {
        span->rises += *last == TRUTH_TRUE;
        span->falls += *last == TRUTH_FALSE;
    }
    *last = change->truth;
    *last_ns = change->time_ns;
}

struct truth_span truth_log_span(const struct truth_log *log, int64_t now_ns,
                                 int64_t length_ns)
{
    struct truth_span span = {
        .from_ns = now_ns - length_ns,
        .false_end_ns = INT64_MIN,
        .now = log->count > 0 ? newest(log, 0)->truth : TRUTH_UNKNOWN,
    };
    int64_t end = now_ns;
    enum truth last = TRUTH_UNKNOWN;
    int64_t last_ns = INT64_MIN;
    size_t i;

    for (i = 0; i < log->count; i++) {
        const struct truth_change *change = newest(log, i);
        int64_t begin = change->time_ns > span.from_ns ? change->time_ns : span.from_ns;

        count_edge(&span, &last, &last_ns, change);
        if (end > span.from_ns && change->truth != TRUTH_UNKNOWN)
            span.known_ns += end - begin;
        if (end > span.from_ns && change->truth == TRUTH_TRUE)
            span.true_ns += end - begin;
        if (change->truth == TRUTH_FALSE && span.false_end_ns == INT64_MIN) {
            span.false_end_ns = end;
            span.any_false = end > span.from_ns;
        }
        end = change->time_ns;
        if (end <= span.from_ns && change->truth != TRUTH_UNKNOWN)
            break; /* known at the left edge: nothing before matters */
    }
    span.lost = log->lost && i == log->count;
    return span;
}
