/* track.h - what the rules remember of one point: its value in force, its last samples
 * and what windows and baselines need.
 *
 * Times here are event times on the engine's axis: monotonic ns, so that a step of the
 * wall clock moves nothing.
 *
 * A bad sample does not end the value in force: it stays until it is older than the
 * point's stale_after. A point without stale_after (it reports on change) has nothing
 * else to end it, so there any bad sample does; and so it is with a computed point, which
 * is as good as what it is computed from.
 *
 * A reading that comes later than two polls (at least TRACK_LATE_NS) is not for rules: a
 * buffered upload after an outage must not raise yesterday's alarms.
 *
 * What every sample touches stands together, because at a million points each line that
 * is not in the cache costs more than all that is done with it; the rest is behind
 * `more`.
 *
 * Threads: one owner.
 */
#ifndef RULES_TRACK_H
#define RULES_TRACK_H

#include "rules/average.h"
#include "rules/gate_range.h"
#include "rules/hours.h"
#include "rules/nights.h"
#include "rules/value.h"
#include "rules/window.h"
#include "telemetry/model.h"
#include "telemetry/sample.h"

enum {
    TRACK_RECENT = 8,                 /* samples kept as evidence */
    TRACK_CHANGE_MS = 60 * 60 * 1000, /* taken for a period of what reports on change */
};

#define HOLD_FOREVER UINT32_MAX

/* Readings are kept for five weeks. */
#define TRACK_REACH_MAX_MS (INT64_C(35) * 24 * 3600 * 1000)

/* Device clocks are believed within 5 s; less would drop a device that is always late. */
#define TRACK_LATE_NS (5 * CLOCK_S)

/* A sample as evidence, 16 bytes. */
struct track_sample {
    double value;
    uint64_t time_ms : 48; /* since 1970, as the device or the gateway stamped it */
    uint64_t quality : 8;
    uint64_t reason : 8;
};

/* The part that a plain comparison does not need. */
struct track_more {
    const struct point *point;
    struct reading_ring *ring; /* NULL when no window needs it */
    int64_t break_ns;          /* when it last broke off; INT64_MIN = never */
    size_t long_count;         /* windows that are not of the ring */
    struct window **long_windows;
    bool past;           /* there are hours, nights or averages */
    unsigned hour_weeks; /* that baselines look at; 0: none */
    struct hours *hours;
    struct nights **nights;
    size_t nights_count;
    struct average *averages; /* list */
    struct window *windows;   /* list of all */
};

/* Three lines of the cache: what every sample touches, and the ring of samples. */
struct track {
    /* the value in force; it stays here when it is not any more, for raw() */
    double value;
    int64_t time_ns;    /* of the last good reading, in force or not; INT64_MIN = never */
    int64_t heard_ns;   /* when the last sample arrived; INT64_MIN = never */
    struct gate gate;   /* which values change nothing */
    uint32_t hold_ms;   /* HOLD_FOREVER: until the next sample */
    bool has_value : 1; /* false before the first good sample and after a break */
    bool ever : 1;      /* `value` is one that was once read */
    bool uncertain : 1;
    bool sampled : 1; /* some program reads more of it than the value in force */
    bool gated : 1;  /* and all that do say which readings do not matter (rules/gate.h) */
    bool fresh : 1;  /* its value has not been evaluated yet */
    uint8_t quality; /* of the last sample, of any quality */
    uint8_t reason;
    uint8_t recent_next : 4;  /* place of the next sample in `recent` */
    uint8_t recent_count : 4; /* places filled */

    uint32_t first_dependent; /* see rules/engine_impl.h */
    uint32_t dependents;
    struct track_more *more;

    struct track_sample recent[TRACK_RECENT]; /* ring */
};

enum track_news {
    TRACK_SAME,    /* nothing that could change an expression's value now */
    TRACK_CHANGED, /* dependents must be evaluated */
};

void track_init(struct track *track, const struct point *point);
void track_done(struct track *track);

/* While programs are bound: the window of that kind, shared; it keeps up what all its
 * functions need (NEED_...). Then once track_seal. */
struct window *track_window(struct track *track, struct window_spec spec, unsigned needs);
void track_hours(struct track *track, unsigned weeks);
struct nights *track_nights(struct track *track, struct nights_spec spec, unsigned count,
                            const struct tz *tz);
struct average *track_average(struct track *track, int64_t tau_ns);
void track_seal(struct track *track);

static inline const struct point *track_point(const struct track *track)
{
    return track->more->point;
}

/* How long a reading stays in force. */
static inline int64_t track_hold_ns(const struct track *track)
{
    return track->hold_ms == HOLD_FOREVER ? INT64_MAX : track->hold_ms * CLOCK_MS;
}

/* Event time of the newest good reading or break; INT64_MIN = never. */
static inline int64_t track_good_ns(const struct track *track)
{
    return track->has_value ? track->time_ns : track->more->break_ns;
}

/* The i-th of the last samples, oldest first, as long as i < track->recent_count. */
static inline const struct track_sample *track_recent(const struct track *track,
                                                      unsigned i)
{
    unsigned oldest = track->recent_count < TRACK_RECENT ? 0 : track->recent_next;

    return &track->recent[(oldest + i) % TRACK_RECENT];
}

/* How far back readings of the point matter: the windows, nights and averages over it, in
 * ms; 0: only the value in force. At most TRACK_REACH_MAX_MS. */
int64_t track_reach_ms(const struct track *track);
/* How far back whole hours matter, for track_hour; 0: not at all. */
int64_t track_hours_ms(const struct track *track);
/* The mean of a whole hour of the past. */
void track_hour(struct track *track, struct wall_time start, double mean);

/* Asks for the memory that the next reading will touch, once the track itself is there;
 * then for what that points to. Inlined always: gcc 12 takes a function that only
 * prefetches for one without effect and drops the call. */
static inline __attribute__((always_inline)) void track_fetch(const struct track *track)
{
    __builtin_prefetch(&track->recent[track->recent_next], 1);
    if (track->sampled)
        __builtin_prefetch(track->more);
}

static inline __attribute__((always_inline)) void
track_fetch_ring(const struct track *track)
{
    if (track->sampled && track->more->ring != NULL)
        __builtin_prefetch(track->more->ring, 1);
}

/* Takes a sample whose reading was true at `event_ns` and arrived at `arrived_ns`. */
enum track_news track_put(struct track *track, const struct sample *sample,
                          int64_t event_ns, int64_t arrived_ns);

static inline bool track_in_force(const struct track *track, int64_t now_ns)
{
    return track->has_value && now_ns - track->time_ns <= track_hold_ns(track);
}

/* Why there is no value in force; the daemon observes since `start_ns`. */
uint32_t track_why(const struct track *track, int64_t now_ns, int64_t start_ns);

size_t track_memory(const struct track *track); /* bytes in windows */

#endif
