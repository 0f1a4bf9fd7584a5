/* schedule.h - when to ask: periods without drift, dead units left alone, links retried.
 *
 * Slots. A block is due at phase + k * period of the monotonic clock, whatever the polls
 * take. Slots that were missed are counted and never made up for.
 *
 * Phases. What polling costs is waking up (about 20 us), not the request, so links share
 * their instants: a second is cut into clamp(links / 50, 1, 1 s / 20 ms) phases of
 * about fifty links each, and no two phases are closer than 20 ms. Periods of whole
 * seconds use the phases of the second, so that a slow block rides along with a fast one
 * of its link; which second is spread by link and unit, so that slow blocks do not all
 * come together.
 *
 * Breaker, one per unit. Closed, it lets polls through; BREAKER_FAILURES failures in a
 * row open it (the first one of a unit that never answered). Open, the unit is asked for
 * one small block after 2 s, 4 s ... 60 s (10 s when critical), each +-20 %. An answer
 * closes it.
 *
 * Probe budget, one per link: while other units answer, probes take at most 4 % of the
 * link's time.
 *
 * Back-off, one per link: a failed connect is tried again after 1 s, 2 s ... 30 s, each
 * +-20 %.
 *
 * Pure: time and seed come in as arguments; equal seeds give equal jitter. Threads: one
 * owner per struct.
 */
#ifndef ADAPTERS_SCHEDULE_H
#define ADAPTERS_SCHEDULE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SCHEDULE_GRID_MS = 20,       /* phases are at least so far apart */
    SCHEDULE_LINKS_A_PHASE = 50, /* that share one wake-up: a millisecond of work */
    BREAKER_FAILURES = 3,
    BREAKER_WAIT_MIN_MS = 2000,
    BREAKER_WAIT_MAX_MS = 60 * 1000,
    BREAKER_WAIT_CRITICAL_MS = 10 * 1000,
    BACKOFF_MIN_MS = 1000,
    BACKOFF_MAX_MS = 30 * 1000,
    PROBE_SHARE_PERCENT = 4, /* of a link's time: the cycle of the others grows by 4 % */
    JITTER_PERCENT = 20,
};

/* Who asks: the link's place among the polled links, and the unit's on its link. */
struct schedule_place {
    uint32_t link;
    uint32_t links;
    uint32_t unit;
};

/* Nanoseconds from a multiple of the period to the slots of `place`; 0..period-1. */
int64_t schedule_phase_ns(const struct schedule_place *place, int64_t period_ms);

/* The first instant after `now` at which the link wakes up anyway: where a block of any
 * period is read for the first time. At most a second ahead. */
struct mono_time schedule_first(const struct schedule_place *place, int64_t period_ms,
                                struct mono_time now);

struct schedule_slot {
    int64_t phase_ns;
    int64_t period_ns;
    struct mono_time due;
};

void schedule_slot_start(struct schedule_slot *slot, const struct schedule_place *place,
                         int64_t period_ms, struct mono_time now);
/* To be called as a poll begins: moves `due` to the first slot after `now`. Returns how
 * late the poll is in nanoseconds (0 when early) and the slots that it missed. */
int64_t schedule_slot_take(struct schedule_slot *slot, struct mono_time now,
                           uint64_t *missed);
/* Asks again after `wait_ms`, unless the period's own slot comes first. */
void schedule_slot_retry(struct schedule_slot *slot, struct mono_time now,
                         int64_t wait_ms);

struct breaker {
    bool open;
    bool answered; /* ever */
    uint32_t failures;
    int64_t wait_ms;
    struct mono_time probe_due; /* while open */
};

/* True when this failure opened it. */
bool breaker_failed(struct breaker *breaker, struct mono_time now, bool critical,
                    uint64_t *seed);
/* True when the answer closed it. */
bool breaker_answered(struct breaker *breaker);

struct probe_budget {
    struct mono_time allowed; /* no probe before */
};

void probe_budget_spend(struct probe_budget *budget, struct mono_time now,
                        int64_t spent_ns);

struct connect_backoff {
    int64_t wait_ms;
    struct mono_time due; /* no attempt before */
};

void connect_backoff_failed(struct connect_backoff *backoff, struct mono_time now,
                            uint64_t *seed);
void connect_backoff_reset(struct connect_backoff *backoff);

/* `ms` +-JITTER_PERCENT; steps the seed. Source: S. Vigna, splitmix64. */
int64_t schedule_jitter(int64_t ms, uint64_t *seed);

#endif
