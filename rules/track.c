/* track.c - see track.h. */
#include "rules/track.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>

enum {
    RING_CHANGE = 32, /* readings of a point that reports on change, to begin with */
};

#define SAMPLE_TIME_MASK ((UINT64_C(1) << 48) - 1)

static_assert(offsetof(struct track, recent) == 64, "one line of the cache");
static_assert(sizeof(struct track) == 192, "and two of samples");

/* Four bytes reach seven weeks; who is heard of less often than that is never stale. */
static uint32_t hold_ms(int64_t stale_after_ms)
{
    return stale_after_ms > 0 && stale_after_ms < HOLD_FOREVER ? (uint32_t)stale_after_ms
                                                               : HOLD_FOREVER;
}

void track_init(struct track *track, const struct point *point)
{
    *track = (struct track){
        .hold_ms = hold_ms(point->stale_after_ms),
        .quality = QUALITY_BAD,
        .reason = REASON_STARTUP,
        .heard_ns = INT64_MIN,
        .time_ns = INT64_MIN,
        .gate = {INFINITY, -INFINITY},
        .more = mem_alloc(sizeof *track->more),
    };
    track->more->point = point;
    track->more->break_ns = INT64_MIN;
}

static void free_windows(struct window *window)
{
    while (window != NULL) {
        struct window *next = window->next;

        window_free(window);
        window = next;
    }
}

static void free_averages(struct average *average)
{
    while (average != NULL) {
        struct average *next = average->next;

        mem_free(average);
        average = next;
    }
}

void track_done(struct track *track)
{
    struct track_more *more = track->more;

    if (more == NULL)
        return;
    free_windows(more->windows);
    free_averages(more->averages);
    for (size_t i = 0; i < more->nights_count; i++)
        nights_free(more->nights[i]);
    mem_free((void *)more->nights);
    mem_free((void *)more->long_windows);
    reading_ring_free(more->ring);
    hours_free(more->hours);
    mem_free(more);
    track->more = NULL;
}

/* ---- what programs ask for ---- */

struct window *track_window(struct track *track, struct window_spec spec, unsigned needs)
{
    struct window **link = &track->more->windows;

    track->sampled = true;
    while (*link != NULL && !window_spec_equal((*link)->spec, spec))
        link = &(*link)->next;
    if (*link == NULL) {
        *link = mem_alloc(sizeof **link);
        (*link)->spec = spec;
        (*link)->track = track;
    }
    (*link)->cache.needs |= (uint16_t)needs;
    return *link;
}

void track_hours(struct track *track, unsigned weeks)
{
    /* The window of the oldest week begins before it, and weeks with another kind of day
     * are passed over. */
    weeks = weeks + 2 < HOURS_WEEKS_MAX ? weeks + 2 : HOURS_WEEKS_MAX;
    if (weeks > track->more->hour_weeks)
        track->more->hour_weeks = weeks;
    track->sampled = track->more->past = true;
}

struct nights *track_nights(struct track *track, struct nights_spec spec, unsigned count,
                            const struct tz *tz)
{
    struct track_more *more = track->more;

    track->sampled = more->past = true;
    for (size_t i = 0; i < more->nights_count; i++) {
        if (nights_spec_equal(nights_spec(more->nights[i]), spec)) {
            nights_widen(more->nights[i], count);
            return more->nights[i];
        }
    }
    more->nights =
        mem_resize((void *)more->nights, more->nights_count + 1, sizeof(struct nights *));
    more->nights[more->nights_count] = nights_new(spec, count, track_hold_ns(track), tz);
    return more->nights[more->nights_count++];
}

struct average *track_average(struct track *track, int64_t tau_ns)
{
    struct average **link = &track->more->averages;

    track->sampled = track->more->past = true;
    while (*link != NULL && (*link)->tau_ns != tau_ns)
        link = &(*link)->next;
    if (*link == NULL) {
        *link = mem_alloc(sizeof **link);
        (*link)->tau_ns = tau_ns;
        (*link)->track = track;
    }
    return *link;
}

static void seal_long(struct track_more *more, struct window *window,
                      struct hold_rule rule)
{
    window->buckets = buckets_new(window->spec.length_ns, window->spec.ago_ns, rule,
                                  window->cache.needs);
    more->long_windows = mem_resize((void *)more->long_windows, more->long_count + 1,
                                    sizeof(struct window *));
    more->long_windows[more->long_count++] = window;
}

/* Half as much again as is expected: polls are not exactly on time. What reports on
 * change begins with little. It grows when more come. */
static size_t ring_room(struct window_spec spec, int64_t period_ms)
{
    size_t readings = window_readings(spec, period_ms);

    if (period_ms == 0 && spec.samples == 0 && readings > RING_CHANGE)
        readings = RING_CHANGE;
    return readings + readings / 2 + READING_RING_BLOCK;
}

/* Long windows get their buckets; all others share a ring. */
static void seal_windows(struct track_more *more, struct hold_rule rule)
{
    int64_t period_ms = more->point->period_ms;
    int64_t reach_ns = 0;
    size_t most = 0;

    for (struct window *w = more->windows; w != NULL; w = w->next) {
        size_t room = ring_room(w->spec, period_ms);

        if (window_readings(w->spec, period_ms) > READING_RING_MAX) {
            seal_long(more, w, rule);
            continue;
        }
        most = room > most ? room : most;
        if (w->spec.length_ns + w->spec.ago_ns > reach_ns)
            reach_ns = w->spec.length_ns + w->spec.ago_ns;
    }
    if (most == 0)
        return;
    more->ring = reading_ring_new(most, reach_ns, rule);
    for (struct window *w = more->windows; w != NULL; w = w->next)
        if (w->buckets == NULL)
            w->ring = more->ring;
}

void track_seal(struct track *track)
{
    const struct point *point = track_point(track);
    struct hold_rule rule = {track_hold_ns(track),
                             point->counter ? point->counter_modulus : 0};

    if (track->more->hour_weeks > 0)
        track->more->hours = hours_new(track->more->hour_weeks, track_hold_ns(track));
    seal_windows(track->more, rule);
}

/* ---- samples in ---- */

static void remember(struct track *track, const struct sample *sample)
{
    track->recent[track->recent_next] = (struct track_sample){
        .value = sample->value,
        .time_ms = (uint64_t)(sample->time.ns / CLOCK_MS) & SAMPLE_TIME_MASK,
        .quality = sample->quality,
        .reason = sample->reason,
    };
    track->recent_next = (track->recent_next + 1U) % TRACK_RECENT;
    if (track->recent_count < TRACK_RECENT)
        track->recent_count++;
}

/* Hours and nights are those of the wall clock. */
static void past_reading(struct track *track, struct reading reading,
                         struct wall_time time)
{
    struct track_more *more = track->more;

    for (struct average *a = more->averages; a != NULL; a = a->next)
        average_put(a, reading, track_hold_ns(track));
    if (time.ns == 0)
        return;
    if (more->hours != NULL)
        hours_read(more->hours, time, reading.value);
    for (size_t i = 0; i < more->nights_count; i++)
        nights_put(more->nights[i], time, reading.value);
}

/* For all that looks at more than the value in force: tracks that are `sampled`. */
static void keep_reading(struct track *track, struct reading reading,
                         struct wall_time time)
{
    struct track_more *more = track->more;

    if (more->ring != NULL)
        reading_ring_put(more->ring, reading);
    for (size_t i = 0; i < more->long_count; i++)
        window_put(more->long_windows[i], reading);
    if (more->past)
        past_reading(track, reading, time);
}

/* A bad reading ends the value in force: nothing else would, or the value is computed. */
static bool bad_ends(const struct track *track)
{
    return track->hold_ms == HOLD_FOREVER || track_point(track)->formula != 0;
}

static void keep_break(struct track *track, int64_t event_ns, struct wall_time time)
{
    if (track->sampled)
        keep_reading(track, (struct reading){event_ns, NAN, false}, time);
}

static enum track_news put_bad(struct track *track, uint8_t reason, int64_t event_ns,
                               struct wall_time time)
{
    /* Another bad one is no news, but to nodata(). */
    bool news =
        track->sampled || track->quality != QUALITY_BAD || track->reason != reason;

    if (event_ns < track_good_ns(track)) { /* says nothing about now */
        if (bad_ends(track))
            keep_break(track, event_ns, time);
        return track->sampled ? TRACK_CHANGED : TRACK_SAME;
    }
    track->quality = QUALITY_BAD;
    track->reason = reason;
    if (!bad_ends(track))
        return news ? TRACK_CHANGED : TRACK_SAME;
    track->more->break_ns = event_ns; /* what was true before is over */
    if (!track->has_value)
        return news ? TRACK_CHANGED : TRACK_SAME;
    track->has_value = false;
    keep_break(track, event_ns, time);
    return TRACK_CHANGED;
}

/* A reading from before the newest one or a break: for windows, and the last one when all
 * that is newer broke off. */
static enum track_news put_older(struct track *track, const struct sample *sample,
                                 int64_t event_ns)
{
    int64_t break_ns = track->more->break_ns;
    struct wall_time time = sample->time;

    /* Perhaps between two breaks, of which only the first was kept. */
    if (event_ns < break_ns && track->time_ns != break_ns) {
        if (time.ns != 0)
            time.ns += break_ns - event_ns;
        keep_break(track, break_ns, time);
    }
    if (!track->has_value && event_ns > track->time_ns) {
        track->value = sample->value;
        track->uncertain = sample->quality == QUALITY_UNCERTAIN;
        track->time_ns = event_ns;
        track->ever = true;
    }
    return track->sampled ? TRACK_CHANGED : TRACK_SAME;
}

/* Only what is later than the least bound needs a look at the point. */
static bool is_late(const struct track *track, int64_t lag_ns)
{
    return lag_ns > TRACK_LATE_NS &&
           lag_ns > 2 * track_point(track)->period_ms * CLOCK_MS;
}

enum track_news track_put(struct track *track, const struct sample *sample,
                          int64_t event_ns, int64_t arrived_ns)
{
    bool uncertain = sample->quality == QUALITY_UNCERTAIN;
    bool same;

    remember(track, sample);
    track->heard_ns = arrived_ns;
    if (is_late(track, arrived_ns - event_ns)) /* yet nodata() has heard something */
        return track->sampled ? TRACK_CHANGED : TRACK_SAME;
    if (sample->quality == QUALITY_BAD)
        return put_bad(track, sample->reason, event_ns, sample->time);
    if (!isfinite(sample->value))
        return put_bad(track, REASON_RANGE, event_ns, sample->time);
    if (track->sampled)
        keep_reading(track, (struct reading){event_ns, sample->value, uncertain},
                     sample->time);
    if (event_ns < track_good_ns(track)) /* INT64_MIN before the first */
        return put_older(track, sample, event_ns);
    same = !track->sampled && track->value == sample->value &&
           track->quality == sample->quality && track->reason == sample->reason &&
           track_in_force(track, arrived_ns);
    track->value = sample->value;
    track->uncertain = uncertain;
    track->time_ns = event_ns;
    track->has_value = track->ever = true;
    track->quality = sample->quality;
    track->reason = sample->reason;
    return same ? TRACK_SAME : TRACK_CHANGED;
}

void track_hour(struct track *track, struct wall_time start, double mean)
{
    hours_put(track->more->hours, start, mean);
}

/* ---- questions ---- */

/* What a reason of a sample means to an expression. */
static const uint16_t why_of[REASON_COUNT] = {
    [REASON_STARTUP] = WHY_STARTUP, [REASON_STALE] = WHY_STALE,
    [REASON_CONNECT] = WHY_COMM,    [REASON_TIMEOUT] = WHY_COMM,
    [REASON_PROTOCOL] = WHY_COMM,   [REASON_EXCEPTION] = WHY_BAD,
    [REASON_ADDRESS] = WHY_BAD,     [REASON_NOT_AVAILABLE] = WHY_BAD,
    [REASON_RANGE] = WHY_RANGE,     [REASON_DECODE] = WHY_BAD,
    [REASON_OFFLINE] = WHY_COMM,    [REASON_CLOCK] = WHY_BAD,
    [REASON_DEPENDS] = WHY_BAD,     [REASON_JUMP] = WHY_BAD,
    [REASON_PROBE] = WHY_BAD,
};

uint32_t track_why(const struct track *track, int64_t now_ns, int64_t start_ns)
{
    if (track->heard_ns == INT64_MIN) {
        int64_t patience = track_hold_ns(track);

        return now_ns - start_ns <= patience ? WHY_STARTUP : WHY_MISSING;
    }
    if (track->quality == QUALITY_BAD && track->reason < REASON_COUNT &&
        why_of[track->reason] != 0)
        return why_of[track->reason];
    return WHY_STALE;
}

static int64_t window_reach_ns(const struct window *window, int64_t period_ms)
{
    if (window->spec.samples == 0)
        return window->spec.length_ns + window->spec.ago_ns;
    return window->spec.samples * (period_ms > 0 ? period_ms : TRACK_CHANGE_MS) *
           CLOCK_MS;
}

int64_t track_reach_ms(const struct track *track)
{
    const struct track_more *more = track->more;
    int64_t reach_ns = more->hours == NULL ? 0 : HOURS_NS; /* the one that goes on */
    int64_t ns;

    for (const struct window *w = more->windows; w != NULL; w = w->next) {
        ns = window_reach_ns(w, more->point->period_ms);
        reach_ns = ns > reach_ns ? ns : reach_ns;
    }
    for (const struct average *a = more->averages; a != NULL; a = a->next) {
        ns = AVERAGE_REACH * a->tau_ns;
        reach_ns = ns > reach_ns ? ns : reach_ns;
    }
    for (size_t i = 0; i < more->nights_count; i++) {
        ns = nights_reach_ms(more->nights[i]) * CLOCK_MS;
        reach_ns = ns > reach_ns ? ns : reach_ns;
    }
    if (reach_ns > 0 && track->hold_ms != HOLD_FOREVER)
        reach_ns += track_hold_ns(track); /* the value in force at the left edge */
    return reach_ns / CLOCK_MS > TRACK_REACH_MAX_MS ? TRACK_REACH_MAX_MS
                                                    : reach_ns / CLOCK_MS;
}

int64_t track_hours_ms(const struct track *track)
{
    return track->more->hours == NULL ? 0 : hours_reach_ms(track->more->hours);
}

size_t track_memory(const struct track *track)
{
    const struct track_more *more = track->more;
    size_t bytes = more->ring == NULL ? 0 : reading_ring_memory(more->ring);

    for (const struct window *w = more->windows; w != NULL; w = w->next)
        bytes += window_memory(w);
    for (const struct average *a = more->averages; a != NULL; a = a->next)
        bytes += sizeof *a;
    for (size_t i = 0; i < more->nights_count; i++)
        bytes += nights_memory(more->nights[i]);
    if (more->hours != NULL)
        bytes += hours_memory(more->hours);
    return bytes;
}
