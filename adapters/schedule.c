/* schedule.c - see schedule.h. */
#include "adapters/schedule.h"

#include <assert.h>

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The stretch that is cut into phases: the second, or a period that does not fit it. */
static int64_t base_ms(int64_t period_ms)
{
    return period_ms % 1000 == 0 ? 1000 : period_ms;
}

static int64_t phases_of(const struct schedule_place *place, int64_t base)
{
    int64_t wanted = place->links / SCHEDULE_LINKS_A_PHASE;
    int64_t room = base / SCHEDULE_GRID_MS;

    return clamp(wanted, 1, room > 1 ? room : 1);
}

static int64_t base_phase_ns(const struct schedule_place *place, int64_t base)
{
    int64_t phases = phases_of(place, base);

    return place->link % phases * (base * CLOCK_MS / phases);
}

int64_t schedule_phase_ns(const struct schedule_place *place, int64_t period_ms)
{
    int64_t base = base_ms(period_ms);
    int64_t turns = period_ms / base;
    int64_t turn = (place->link / phases_of(place, base) + place->unit) % turns;

    assert(period_ms > 0);
    return base_phase_ns(place, base) + turn * base * CLOCK_MS;
}

/* The first instant after `now` of the form phase + k * period. */
static struct mono_time next_slot(int64_t phase_ns, int64_t period_ns,
                                  struct mono_time now)
{
    int64_t since = now.ns - phase_ns;
    int64_t k = since / period_ns + (since < 0 ? 0 : 1);

    return (struct mono_time){phase_ns + k * period_ns};
}

struct mono_time schedule_first(const struct schedule_place *place, int64_t period_ms,
                                struct mono_time now)
{
    int64_t base = base_ms(period_ms) > 1000 ? 1000 : base_ms(period_ms);

    return next_slot(base_phase_ns(place, base), base * CLOCK_MS, now);
}

void schedule_slot_start(struct schedule_slot *slot, const struct schedule_place *place,
                         int64_t period_ms, struct mono_time now)
{
    *slot = (struct schedule_slot){
        .phase_ns = schedule_phase_ns(place, period_ms),
        .period_ns = period_ms * CLOCK_MS,
        .due = schedule_first(place, period_ms, now),
    };
}

enum {
    CROWDED_PART =
        8, /* a slot that comes so soon behind a late poll would say nothing new */
};

int64_t schedule_slot_take(struct schedule_slot *slot, struct mono_time now,
                           uint64_t *missed)
{
    int64_t late_ns = now.ns > slot->due.ns ? now.ns - slot->due.ns : 0;

    *missed += (uint64_t)(late_ns / slot->period_ns);
    slot->due = next_slot(slot->phase_ns, slot->period_ns, now);
    if (slot->due.ns - now.ns < slot->period_ns / CROWDED_PART) {
        slot->due.ns += slot->period_ns;
        (*missed)++;
    }
    return late_ns;
}

void schedule_slot_retry(struct schedule_slot *slot, struct mono_time now,
                         int64_t wait_ms)
{
    slot->due = mono_min(slot->due, mono_add_ms(now, wait_ms));
}

static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

int64_t schedule_jitter(int64_t ms, uint64_t *seed)
{
    int64_t width = ms * JITTER_PERCENT / 100;

    return ms - width + (int64_t)(next_random(seed) % (uint64_t)(2 * width + 1));
}

bool breaker_failed(struct breaker *breaker, struct mono_time now, bool critical,
                    uint64_t *seed)
{
    int64_t longest = critical ? BREAKER_WAIT_CRITICAL_MS : BREAKER_WAIT_MAX_MS;
    bool was_open = breaker->open;

    if (breaker->failures < UINT32_MAX)
        breaker->failures++;
    if (!was_open && breaker->answered && breaker->failures < BREAKER_FAILURES)
        return false;
    breaker->open = true;
    breaker->wait_ms =
        was_open ? least(breaker->wait_ms * 2, longest) : BREAKER_WAIT_MIN_MS;
    breaker->probe_due = mono_add_ms(now, schedule_jitter(breaker->wait_ms, seed));
    return !was_open;
}

bool breaker_answered(struct breaker *breaker)
{
    bool was_open = breaker->open;

    *breaker = (struct breaker){.answered = true};
    return was_open;
}

void probe_budget_spend(struct probe_budget *budget, struct mono_time now,
                        int64_t spent_ns)
{
    budget->allowed.ns =
        now.ns + spent_ns * (100 - PROBE_SHARE_PERCENT) / PROBE_SHARE_PERCENT;
}

void connect_backoff_failed(struct connect_backoff *backoff, struct mono_time now,
                            uint64_t *seed)
{
    backoff->wait_ms = backoff->wait_ms == 0
                           ? BACKOFF_MIN_MS
                           : least(backoff->wait_ms * 2, BACKOFF_MAX_MS);
    backoff->due = mono_add_ms(now, schedule_jitter(backoff->wait_ms, seed));
}

void connect_backoff_reset(struct connect_backoff *backoff)
{
    *backoff = (struct connect_backoff){0};
}
