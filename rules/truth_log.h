/* truth_log.h - how the truth of one expression went, for held, rises and falls (pure).
 *
 * Only changes are kept, in a ring. What is older than the ring counts as unknown, so a
 * ring that is too small makes `held` unknown, never wrongly true; counts of edges are
 * then "at least" and marked uncertain.
 *
 * Threads: one owner.
 */
#ifndef RULES_TRUTH_LOG_H
#define RULES_TRUTH_LOG_H

#include "rules/value.h"

#include <stddef.h>

enum {
    TRUTH_LOG_HELD = 32,   /* changes for held: more unknown gaps are a broken device */
    TRUTH_LOG_EDGES = 512, /* changes for rises and falls: 8 KB */
};

struct truth_log;

struct truth_log *truth_log_new(size_t changes);
void truth_log_free(struct truth_log *log); /* NULL is fine */
size_t truth_log_memory(const struct truth_log *log);

/* The truth from `now` on; not before the last one. */
void truth_log_put(struct truth_log *log, int64_t now_ns, enum truth truth);

struct truth_span {
    int64_t from_ns;  /* the window is (from, now] */
    int64_t known_ns; /* how much of it was true or false */
    int64_t true_ns;  /* and how much true */
    uint32_t rises;   /* edges between known truths inside it */
    uint32_t falls;
    bool any_false;       /* false at some time inside it */
    int64_t false_end_ns; /* with any_false: when it was last false */
    enum truth now;
    bool lost; /* the ring does not reach back to `from` */
};

struct truth_span truth_log_span(const struct truth_log *log, int64_t now_ns,
                                 int64_t length_ns);

#endif
