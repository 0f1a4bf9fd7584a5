/* window.c - see window.h. */
#include "rules/window.h"

#include "base/mem.h"

#include <math.h>

#define NS_PER_MS 1000000

enum {
    /* Of a point that reports on change. Mostly it is silent for hours; one that does not
     * stop is still remembered for an hour, as its ring grows. */
    CHANGE_MS = 4000,
};

size_t window_readings(struct window_spec spec, int64_t period_ms)
{
    int64_t period_ns = (period_ms > 0 ? period_ms : CHANGE_MS) * NS_PER_MS;

    if (spec.samples > 0)
        return spec.samples;
    return (size_t)((spec.length_ns + spec.ago_ns) / period_ns) + 1;
}

void window_free(struct window *window)
{
    if (window == NULL)
        return;
    ring_cache_done(&window->cache);
    buckets_free(window->buckets);
    mem_free(window);
}

/* A long window is told of readings by who puts them in. */
static uint64_t version_of(const struct window *window)
{
    return window->ring == NULL ? 0 : reading_ring_version(window->ring);
}

enum {
    LINE = 64, /* of the cache */
};

void window_fetch(const struct window *window)
{
    const char *at = (const char *)window;

    for (size_t i = 0; i < offsetof(struct window, cache.queue); i += LINE)
        __builtin_prefetch(at + i, 1);
}

void window_fetch_ring(const struct window *window)
{
    if (window->ring != NULL)
        reading_ring_fetch(window->ring);
    else
        __builtin_prefetch(window->buckets);
}

void window_fetch_slots(const struct window *window)
{
    if (window->ring != NULL)
        reading_ring_fetch_slots(window->ring, window->cache.first);
}

const struct window_stats *window_at(struct window *window, int64_t now_ns)
{
    int64_t to_ns = now_ns - window->spec.ago_ns;
    uint64_t version = version_of(window);

    if (window->cached && window->cached_ns == now_ns &&
        window->cached_version == version)
        return &window->stats;
    if (window->spec.samples > 0)
        reading_ring_tail(window->ring, window->spec.samples, to_ns, &window->cache,
                          &window->stats);
    else if (window->buckets != NULL)
        buckets_window(window->buckets, now_ns, &window->stats);
    else
        reading_ring_window(window->ring, to_ns - window->spec.length_ns, to_ns,
                            &window->cache, &window->stats);
    window->cached_ns = now_ns;
    window->cached_version = version;
    window->cached = true;
    return &window->stats;
}

void window_put(struct window *window, struct reading reading)
{
    buckets_put(window->buckets, reading);
    window->cached = false;
}

struct moments window_moments(struct window *window)
{
    if (window->buckets != NULL)
        return buckets_moments(window->buckets);
    return reading_ring_moments(window->ring, &window->cache);
}

double window_percentile(struct window *window, double q)
{
    if (window->buckets != NULL)
        return buckets_percentile(window->buckets, q);
    return reading_ring_percentile(window->ring, &window->cache, q);
}

double window_coverage(const struct window *window, const struct window_stats *stats)
{
    if (window->spec.samples > 0)
        return (double)stats->sum.count / window->spec.samples;
    if (stats->length_ns <= 0)
        return isnan(stats->right) ? 0 : 1;
    return (double)stats->sum.covered_ns / (double)stats->length_ns;
}

size_t window_memory(const struct window *window)
{
    size_t bytes = sizeof *window;

    if (window->buckets != NULL)
        return bytes + buckets_memory(window->buckets);
    return bytes + ring_cache_memory(&window->cache);
}
