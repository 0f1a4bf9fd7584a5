/* test_agenda.c - what is due next, against a plain list: nothing is taken late, nothing
 * is lost, and nothing comes more than a slot early. */
#include "rules/agenda.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/check.h"

enum {
    ITEMS = 300,
    TURNS = 200000,
};

static uint64_t seed = 42;

static uint64_t next_random(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 33;
}

/* When each item is wanted; INT64_MAX: not at all. */
static int64_t wanted[ITEMS];

static int64_t first_wanted(void)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < ITEMS; i++)
        first = wanted[i] < first ? wanted[i] : first;
    return first;
}

/* Takes all that comes; what is early is set again, as the engine does. */
static void take_all(struct agenda *agenda, int64_t now)
{
    uint32_t item;
    int guard = 0;

    while (agenda_take(agenda, now, &item)) {
        assert_true(item < ITEMS);
        assert_true(++guard < 100000);
        if (wanted[item] > now)
            agenda_set(agenda, item, wanted[item]);
        else
            wanted[item] = INT64_MAX;
    }
    assert_true(first_wanted() > now);
}

static void test_against_list(void **state)
{
    /* From a millisecond to hours: heap, wheel, and beyond the wheel. */
    static const int64_t spans[] = {CLOCK_MS, 100 * CLOCK_MS, CLOCK_S, 60 * CLOCK_S,
                                    7200 * CLOCK_S};
    int64_t now = -3600 * CLOCK_S;
    struct agenda *agenda = agenda_new(ITEMS, now);

    (void)state;
    for (size_t i = 0; i < ITEMS; i++)
        wanted[i] = INT64_MAX;
    for (int turn = 0; turn < TURNS; turn++) {
        int64_t span = spans[next_random() % 5];
        uint32_t item = (uint32_t)(next_random() % ITEMS);
        int64_t time = now + (int64_t)(next_random() % 1000) * span / 1000;

        agenda_set(agenda, item, time);
        if (time < wanted[item])
            wanted[item] = time;
        assert_true(agenda_next(agenda) <= first_wanted());
        if (next_random() % 3 == 0) {
            now += (int64_t)(next_random() % 1000) * spans[next_random() % 3] / 1000;
            take_all(agenda, now);
        }
    }
    now += 10000 * CLOCK_S;
    take_all(agenda, now);
    assert_true(agenda_next(agenda) == INT64_MAX);
    agenda_free(agenda);
}

/* Waking up only when agenda_next says so is enough, and not idle for ever. */
static void test_next_is_progress(void **state)
{
    struct agenda *agenda = agenda_new(4, 0);
    int64_t now = 0;
    int wakes = 0;

    (void)state;
    for (size_t i = 0; i < ITEMS; i++)
        wanted[i] = INT64_MAX;
    wanted[0] = 500 * CLOCK_S; /* beyond the wheel */
    wanted[1] = 1234 * CLOCK_MS;
    wanted[2] = 1234 * CLOCK_MS;
    for (uint32_t i = 0; i < 3; i++)
        agenda_set(agenda, i, wanted[i]);
    while (first_wanted() != INT64_MAX) {
        int64_t next = agenda_next(agenda);

        assert_true(next != INT64_MAX && ++wakes < 20);
        now = next > now ? next : now;
        take_all(agenda, now);
    }
    assert_true(now == 500 * CLOCK_S);
    agenda_free(agenda);
}

/* Of the same time the lower number first. */
static void test_order(void **state)
{
    struct agenda *agenda = agenda_new(100, 0);
    uint32_t item;

    (void)state;
    for (uint32_t i = 100; i-- > 0;)
        agenda_set(agenda, i, 10 * CLOCK_S + 7);
    while (agenda_take(agenda, 10 * CLOCK_S, &item))
        agenda_set(agenda, item, 10 * CLOCK_S + 7);
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(agenda_take(agenda, 10 * CLOCK_S + 7, &item));
        assert_int_equal(item, i);
    }
    agenda_free(agenda);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_list),
        cmocka_unit_test(test_next_is_progress),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests_name("agenda", tests, NULL, NULL);
}
