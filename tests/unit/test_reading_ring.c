/* test_reading_ring.c - questions to a ring that are not in order of time: a page asks at
 * a later time than the step that is already on its way. */
#include "rules/reading_ring.h"

#include "base/clock.h"
#include "tests/unit/check.h"

#define S CLOCK_S

static uint32_t count_at(struct reading_ring *ring, struct ring_cache *cache, int64_t now)
{
    struct window_stats stats;

    reading_ring_window(ring, (now - 50) * S, now * S, cache, &stats);
    return stats.sum.count;
}

static void test_back(void **state)
{
    const struct hold_rule rule = {.hold_ns = INT64_MAX};
    struct reading_ring *ring = reading_ring_new(4, 0, rule);
    struct ring_cache cache = {0};

    (void)state;
    for (int64_t t = 97; t <= 100; t++)
        reading_ring_put(ring, (struct reading){t * S, 1, false});
    assert_int_equal(count_at(ring, &cache, 120), 4);
    assert_int_equal(count_at(ring, &cache, 151), 0); /* all have left */
    assert_int_equal(count_at(ring, &cache, 149), 1);
    assert_int_equal(count_at(ring, &cache, 120), 4);
    ring_cache_done(&cache);
    reading_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_back)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
