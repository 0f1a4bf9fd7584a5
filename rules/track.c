/* track.c - see track.h. */
#include "rules/track.h"

#include "base/mem.h"

#include <math.h>

void track_init(struct track *track, const struct point *point)
{
    *track = (struct track){
        .hold_ns =
            point->stale_after_ms > 0 ? point->stale_after_ms * CLOCK_MS : INT64_MAX,
        .quality = QUALITY_BAD,
        .reason = REASON_STARTUP,
        .heard_ns = INT64_MIN,
        .good_ns = INT64_MIN,
        .time_ns = INT64_MIN,
        .point = point,
    };
}

void track_done(struct track *track)
{
    while (track->windows != NULL) {
        struct window *next = track->windows->next;

        buckets_free(track->windows->buckets);
        mem_free(track->windows);
        track->windows = next;
    }
    reading_ring_free(track->ring);
    track->ring = NULL;
    hours_free(track->hours);
    track->hours = NULL;
}

struct window *track_window(struct track *track, struct window_spec spec)
{
    struct window **link = &track->windows;

    track->sampled = true;
    while (*link != NULL) {
        if (window_spec_equal((*link)->spec, spec))
            return *link;
        link = &(*link)->next;
    }
    *link = mem_alloc(sizeof **link);
    (*link)->spec = spec;
    (*link)->track = track;
    return *link;
}

void track_seal(struct track *track)
{
    struct hold_rule rule = {track->hold_ns,
                             track->point->counter ? track->point->counter_modulus : 0};
    size_t most = 0;

    for (struct window *w = track->windows; w != NULL; w = w->next) {
        size_t readings = window_readings(w->spec, track->point->period_ms);

        if (readings > READING_RING_MAX)
            w->buckets = buckets_new(w->spec.length_ns, w->spec.ago_ns, rule);
        else if (readings > most)
            most = readings;
    }
    if (most == 0)
        return;
    /* Half as much again: polls are not exactly on time. On change: any rate may come. */
    track->ring = reading_ring_new(
        track->point->period_ms > 0 ? most + most / 2 : READING_RING_MAX, rule);
    for (struct window *w = track->windows; w != NULL; w = w->next)
        if (w->buckets == NULL)
            w->ring = track->ring;
}

static void remember(struct track *track, const struct sample *sample)
{
    track->recent[track->recent_count % TRACK_RECENT] = (struct track_sample){
        sample->time, sample->value, sample->quality, sample->reason};
    track->recent_count++;
}

static void window_reading(struct track *track, struct reading reading)
{
    if (track->ring != NULL)
        reading_ring_put(track->ring, reading);
    for (struct window *w = track->windows; w != NULL; w = w->next) {
        w->cached = false;
        if (w->buckets != NULL)
            buckets_put(w->buckets, reading);
    }
}

/* A bad reading ends the value in force: nothing else would, or the value is computed. */
static bool bad_ends(const struct track *track)
{
    return track->hold_ns == INT64_MAX || track->point->formula != 0;
}

static enum track_news put_bad(struct track *track, uint8_t reason, int64_t event_ns)
{
    bool news = track->quality != QUALITY_BAD || track->reason != reason;

    if (event_ns < track->good_ns) { /* says nothing about now */
        if (bad_ends(track))
            window_reading(track, (struct reading){event_ns, NAN, false});
        return track->sampled ? TRACK_CHANGED : TRACK_SAME;
    }
    track->quality = QUALITY_BAD;
    track->reason = reason;
    if (!bad_ends(track))
        return news ? TRACK_CHANGED : TRACK_SAME;
    track->good_ns = event_ns; /* what was true before the break is over */
    if (!track->has_value)
        return news ? TRACK_CHANGED : TRACK_SAME;
    track->has_value = false;
    window_reading(track, (struct reading){event_ns, NAN, false});
    return TRACK_CHANGED;
}

static bool is_late(const struct track *track, int64_t event_ns, int64_t arrived_ns)
{
    int64_t two_polls = 2 * track->point->period_ms * CLOCK_MS;

    return arrived_ns - event_ns >
           (two_polls > TRACK_LATE_NS ? two_polls : TRACK_LATE_NS);
}

enum track_news track_put(struct track *track, const struct sample *sample,
                          int64_t event_ns, int64_t arrived_ns)
{
    struct reading reading = {event_ns, sample->value,
                              sample->quality == QUALITY_UNCERTAIN};
    bool same;

    remember(track, sample);
    track->heard_ns = arrived_ns;
    if (is_late(track, event_ns, arrived_ns))
        return TRACK_SAME;
    if (sample->quality == QUALITY_BAD)
        return put_bad(track, sample->reason, event_ns);
    if (!isfinite(sample->value))
        return put_bad(track, REASON_RANGE, event_ns);
    window_reading(track, reading);
    if (event_ns < track->good_ns) {
        if (!track->has_value) /* between two breaks of which only the first is kept */
            window_reading(track, (struct reading){track->good_ns, NAN, false});
        return track->sampled ? TRACK_CHANGED : TRACK_SAME;
    }
    same = track_in_force(track, arrived_ns) && track->value == sample->value &&
           track->quality == sample->quality && track->reason == sample->reason &&
           track->uncertain == reading.uncertain && !track->sampled;
    track->value = sample->value;
    track->uncertain = reading.uncertain;
    track->time_ns = track->good_ns = event_ns;
    track->has_value = true;
    track->quality = sample->quality;
    track->reason = sample->reason;
    return same ? TRACK_SAME : TRACK_CHANGED;
}

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
        int64_t patience = track->hold_ns == INT64_MAX ? INT64_MAX : track->hold_ns;

        return now_ns - start_ns <= patience ? WHY_STARTUP : WHY_MISSING;
    }
    if (track->quality == QUALITY_BAD && track->reason < REASON_COUNT &&
        why_of[track->reason] != 0)
        return why_of[track->reason];
    return WHY_STALE;
}

int64_t track_reach_ms(const struct track *track)
{
    int64_t reach_ns = 0;

    for (const struct window *w = track->windows; w != NULL; w = w->next) {
        int64_t ns = w->spec.length_ns + w->spec.ago_ns;

        if (w->spec.samples > 0)
            ns = w->spec.samples *
                 (track->point->period_ms > 0 ? track->point->period_ms
                                              : TRACK_CHANGE_MS) *
                 CLOCK_MS;
        if (ns > reach_ns)
            reach_ns = ns;
    }
    if (reach_ns > 0 && track->hold_ns != INT64_MAX)
        reach_ns += track->hold_ns; /* the value in force at the left edge */
    return reach_ns / CLOCK_MS > TRACK_REACH_MAX_MS ? TRACK_REACH_MAX_MS
                                                    : reach_ns / CLOCK_MS;
}

int64_t track_hours_ms(const struct track *track)
{
    return track->hours == NULL ? 0 : hours_reach_ms(track->hours);
}

size_t track_memory(const struct track *track)
{
    size_t bytes = track->ring == NULL ? 0 : reading_ring_memory(track->ring);

    for (const struct window *w = track->windows; w != NULL; w = w->next) {
        bytes += sizeof *w;
        if (w->buckets != NULL)
            bytes += buckets_memory(w->buckets);
    }
    return bytes;
}
