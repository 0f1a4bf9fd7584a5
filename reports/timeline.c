/* timeline.c - see timeline.h.
 *
 * 1. Overlaps are resolved into segments that follow each other (resolve).
 * 2. Short up times between two faults of one mode become fault (bridge).
 * 3. Segments are clipped to the span and added up; failures are read off (sum_up,
 *    find_failures).
 */
#include "reports/timeline.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The higher wins. */
static const int precedence[STATE_COUNT] = {
    [STATE_UP] = 0,      [STATE_DEGRADED] = 1, [STATE_UNKNOWN] = 2,
    [STATE_PLANNED] = 3, [STATE_EXTERNAL] = 4, [STATE_FAULT] = 5,
};

struct segments {
    struct timeline_interval *items;
    size_t count;
    size_t capacity;
};

static int by_start(const void *a, const void *b)
{
    const struct timeline_interval *x = *(const struct timeline_interval *const *)a;
    const struct timeline_interval *y = *(const struct timeline_interval *const *)b;

    return (x->from.ns > y->from.ns) - (x->from.ns < y->from.ns);
}

/* Appends, or lengthens the last one when it is the same. */
static void add_segment(struct segments *segments, const struct timeline_interval *what,
                        int64_t from, int64_t to)
{
    struct timeline_interval *last =
        segments->count == 0 ? NULL : &segments->items[segments->count - 1];

    if (last != NULL && last->to.ns == from && last->state == what->state &&
        strcmp(last->mode, what->mode) == 0) {
        last->to.ns = to;
        return;
    }
    if (segments->count == segments->capacity) {
        segments->capacity = segments->capacity == 0 ? 32 : segments->capacity * 2;
        segments->items =
            mem_resize(segments->items, segments->capacity, sizeof *segments->items);
    }
    segments->items[segments->count] = *what;
    segments->items[segments->count].from.ns = from;
    segments->items[segments->count].to.ns = to;
    segments->count++;
}

/* The intervals that hold at one moment; few, as an equipment has few concerns at once.
 */
struct active {
    const struct timeline_interval **items;
    size_t count;
};

static void drop_ended(struct active *active, int64_t at)
{
    size_t kept = 0;

    for (size_t i = 0; i < active->count; i++)
        if (active->items[i]->to.ns > at)
            active->items[kept++] = active->items[i];
    active->count = kept;
}

/* The one with the highest precedence; of equals the one that began first. */
static const struct timeline_interval *find_winner(const struct active *active)
{
    const struct timeline_interval *winner = NULL;

    for (size_t i = 0; i < active->count; i++)
        if (winner == NULL ||
            precedence[active->items[i]->state] > precedence[winner->state])
            winner = active->items[i];
    assert(winner != NULL); /* asked only while something is active */
    return winner;
}

static int64_t next_end(const struct active *active, int64_t limit)
{
    for (size_t i = 0; i < active->count; i++)
        if (active->items[i]->to.ns < limit)
            limit = active->items[i]->to.ns;
    return limit;
}

/* Adds the segments from `at` until `until`, during which no interval begins. */
static void sweep(struct segments *segments, struct active *active, int64_t at,
                  int64_t until)
{
    drop_ended(active, at);
    while (at < until && active->count > 0) {
        int64_t end = next_end(active, until);

        add_segment(segments, find_winner(active), at, end);
        at = end;
        drop_ended(active, at);
    }
}

static void resolve(const struct timeline_interval *intervals, size_t count, int64_t end,
                    struct segments *segments)
{
    const struct timeline_interval **order =
        mem_array(count, sizeof(const struct timeline_interval *));
    struct active active = {
        .items = mem_array(count, sizeof(const struct timeline_interval *))};

    for (size_t i = 0; i < count; i++)
        order[i] = &intervals[i];
    qsort(order, count, sizeof(const struct timeline_interval *), by_start);
    for (size_t i = 0; i < count && order[i]->from.ns < end; i++) {
        int64_t until = i + 1 < count ? order[i + 1]->from.ns : end;

        active.items[active.count++] = order[i];
        sweep(segments, &active, order[i]->from.ns, until < end ? until : end);
    }
    mem_free(active.items);
    mem_free(order);
}

static bool in_service(const struct timeline_interval *segment)
{
    return segment->state == STATE_UP || segment->state == STATE_DEGRADED;
}

/* The fault of the same mode that follows segment `fault` before the equipment was in
 * service for long; 0 when there is none. */
static size_t find_relapse(const struct segments *segments, size_t fault)
{
    const struct timeline_interval *items = segments->items;
    int64_t served = 0;

    for (size_t i = fault + 1; i < segments->count; i++) {
        if (items[i].from.ns != items[i - 1].to.ns)
            return 0; /* out of scope in between */
        if (items[i].state == STATE_FAULT)
            return strcmp(items[i].mode, items[fault].mode) == 0 ? i : 0;
        if (in_service(&items[i]))
            served += items[i].to.ns - items[i].from.ns;
        if (served > TIMELINE_STABLE_MS * CLOCK_MS)
            return 0;
    }
    return 0;
}

/* Marks in `joined` the faults that continue the one before, and turns the service
 * between them into fault. */
static void bridge(struct segments *segments, bool *joined)
{
    for (size_t i = 0; i < segments->count; i++) {
        size_t relapse;

        if (segments->items[i].state != STATE_FAULT)
            continue;
        relapse = find_relapse(segments, i);
        if (relapse == 0)
            continue;
        joined[relapse] = true;
        for (size_t gap = i + 1; gap < relapse; gap++)
            if (in_service(&segments->items[gap])) {
                segments->items[gap].state = STATE_FAULT;
                segments->items[gap].mode = segments->items[i].mode;
                joined[gap] = true;
            }
        i = relapse - 1;
    }
}

static void sum_up(const struct segments *segments, int64_t from, int64_t to,
                   struct timeline *timeline)
{
    for (size_t i = 0; i < segments->count; i++) {
        const struct timeline_interval *segment = &segments->items[i];
        int64_t start = segment->from.ns > from ? segment->from.ns : from;
        int64_t end = segment->to.ns < to ? segment->to.ns : to;

        if (start < end)
            timeline->state_ns[segment->state] += end - start;
    }
}

/* Another mode while the fault goes on is not another failure. */
static bool continues(const struct segments *segments, const bool *joined, size_t i)
{
    return joined[i] || (i > 0 && segments->items[i - 1].state == STATE_FAULT &&
                         segments->items[i - 1].to.ns == segments->items[i].from.ns);
}

static bool is_repeat(const struct timeline *timeline,
                      const struct timeline_interval *fault)
{
    int64_t since = fault->from.ns - INT64_C(86400) * TIMELINE_REPEAT_DAYS * CLOCK_S;

    for (size_t i = timeline->failure_count; i > 0; i--) {
        const struct timeline_failure *before = &timeline->failures[i - 1];

        if (before->start.ns < since)
            return false;
        if (strcmp(before->mode, fault->mode) == 0)
            return true;
    }
    return false;
}

/* Whether the equipment was seen in another state after segment `fault`, before it left
 * the scope. */
static bool is_restored(const struct segments *segments, size_t fault)
{
    const struct timeline_interval *items = segments->items;

    for (size_t i = fault + 1; i < segments->count; i++) {
        if (items[i].from.ns != items[i - 1].to.ns || items[i].state == STATE_FAULT)
            return false;
        if (items[i].state != STATE_UNKNOWN)
            return true;
    }
    return false;
}

static void find_failures(const struct segments *segments, const bool *joined,
                          struct timeline *timeline)
{
    timeline->failures = mem_array(segments->count, sizeof *timeline->failures);
    for (size_t i = 0; i < segments->count; i++) {
        const struct timeline_interval *segment = &segments->items[i];
        struct timeline_failure *failure;

        if (segment->state != STATE_FAULT)
            continue;
        if (!continues(segments, joined, i)) {
            bool repeat = is_repeat(timeline, segment);

            timeline->failures[timeline->failure_count++] =
                (struct timeline_failure){.start = segment->from,
                                          .repeat = repeat,
                                          .mode = segment->mode,
                                          .issue = segment->issue};
        }
        failure = &timeline->failures[timeline->failure_count - 1];
        failure->end = segment->to;
        failure->restored = is_restored(segments, i);
    }
}

void timeline_build(const struct timeline_interval *intervals, size_t count,
                    struct wall_time from, struct wall_time to, struct timeline *timeline)
{
    struct segments segments = {0};
    bool *joined;

    *timeline = (struct timeline){0};
    resolve(intervals, count, to.ns, &segments);
    joined = mem_array(segments.count, sizeof *joined);
    bridge(&segments, joined);
    sum_up(&segments, from.ns, to.ns, timeline);
    find_failures(&segments, joined, timeline);
    mem_free(joined);
    mem_free(segments.items);
}

void timeline_done(struct timeline *timeline)
{
    mem_free(timeline->failures);
    *timeline = (struct timeline){0};
}
