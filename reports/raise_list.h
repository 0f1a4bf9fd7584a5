/* raise_list.h - raises of an alarm as people met them: issues, and what differs (pure).
 *
 * Threads: no state.
 */
#ifndef REPORTS_RAISE_LIST_H
#define REPORTS_RAISE_LIST_H

#include "issues/desk.h"
#include "reports/backtest.h"

/* An issue that would have been: one raise, and those that came back within
 * DESK_RECURRENCE_MS of a return. People are thought to close it when it has returned. */
struct would_issue {
    uint32_t rule;
    uint32_t equipment;
    struct wall_time opened;
    struct wall_time returned; /* of the last raise; 0 = still active */
    int64_t raises;
    int64_t active_ms; /* of all, until `to` of one that is still active */
    enum severity severity;
};

/* By time of opening; the caller's (mem_free). Raises that nobody was told of are left
 * out. */
struct would_issue *raise_issues(const struct raise *raises, size_t count,
                                 struct wall_time to, size_t *issue_count);

enum raise_difference {
    RAISE_SAME,
    RAISE_SHIFTED, /* the same trouble, told or over at another time */
    RAISE_ONLY_OLD,
    RAISE_ONLY_NEW,
};

struct raise_pair {
    enum raise_difference kind;
    const struct raise *old; /* NULL for RAISE_ONLY_NEW */
    const struct raise *new; /* NULL for RAISE_ONLY_OLD */
};

/* Sets raises of two lists beside each other, by equipment (rules are taken to be the
 * same one): those that overlap, or begin or end within `tolerance_ms` of each other.
 * Times that differ by no more are the same. Those nobody was told of are left out.
 * In order of time; the caller's (mem_free). */
struct raise_pair *raise_compare(const struct raise *old, size_t old_count,
                                 const struct raise *new, size_t new_count,
                                 int64_t tolerance_ms, size_t *pair_count);

#endif
