/* test_healthy_month.c - nothing is wrong for weeks, and nobody is told that something
 * were: sensors are noisy, one poll of a hundred gets lost, people have days, weeks and
 * holidays, and the clocks change. */
#include "tests/unit/check.h"

#include "tests/sim/town.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HOUR_MS = 3600 * 1000,
    NUMBERS_MS = 30 * 1000, /* polls of what is measured */
    STATES_MS = 10 * 1000,  /* and of what runs and moves */
    RULES_MS = 10 * 1000,
    WORLD_MS = 1000,
};

/* `make month` runs the whole of it, `make test` some days. */
static int64_t days(int64_t whole, int64_t some)
{
    return getenv("WHOLE") != NULL ? whole : some;
}

struct told {
    char text[4000];
    size_t count;
};

static void on_change(void *context, struct town *town, const struct alarm_change *change)
{
    struct told *told = context;
    char stamp[CLOCK_RFC3339_SIZE];
    size_t used = strlen(told->text);

    if (change->kind != CHANGE_RAISED && change->kind != CHANGE_CHATTERS)
        return;
    told->count++;
    (void)snprintf(told->text + used, sizeof told->text - used, "%s %s on %s\n",
                   wall_format(town_time(town), stamp), change->rule->id,
                   change->equipment->id);
}

struct weeks {
    const char *name;
    const char *start;
    const char *timezone; /* NULL: the demo's */
    int64_t days;
    int64_t numbers_ms;
    int64_t states_ms;
};

static void check_quiet(const struct weeks *weeks)
{
    struct told told = {.count = 0};
    struct town_options options = {
        .config = "plantsim/demo/facilityd.cfg",
        .seed = 11,
        .timezone = weeks->timezone,
        .missing = 0.01,
        .poll_min_ms = weeks->numbers_ms,
        .polls = {{"pump", weeks->states_ms}, {"elevator", weeks->states_ms}},
        .world_ms = weeks->numbers_ms > 0 ? WORLD_MS : 0,
        .step_ms = weeks->numbers_ms > 0 ? RULES_MS : 0,
        .change = on_change,
        .context = &told,
    };
    struct err err = {0};
    struct town *town;

    if (weeks->days == 0)
        return;
    assert_true(wall_parse(weeks->start, &options.start));
    town = town_new(&options, &err);
    if (town == NULL)
        fail_msg("%s", err.text);
    town_run_ms(town, weeks->days * 24 * HOUR_MS);
    town_free(town);
    if (told.count > 0)
        fail_msg("%s: %zu alarms\n%s", weeks->name, told.count, told.text);
}

/* From Monday 14 September 2026: the mid-autumn holiday, the national day's week, and the
 * Saturdays and Sundays that are worked for it. */
static void test_a_month_with_holidays(void **state)
{
    (void)state;
    check_quiet(&(struct weeks){
        .name = "Shanghai, with the national day",
        .start = "2026-09-14T00:00:00+08:00",
        .days = days(30, 4),
        .numbers_ms = NUMBERS_MS,
        .states_ms = STATES_MS,
    });
}

/* Both changes of the clocks of 2026: 29 March and 25 October. */
static void test_clocks_change(void **state)
{
    const struct weeks changes[] = {
        {"Berlin, into summer", "2026-03-28T00:00:00+01:00", "Europe/Berlin", days(5, 2),
         NUMBERS_MS, STATES_MS},
        {"Berlin, out of summer", "2026-10-24T00:00:00+02:00", "Europe/Berlin",
         days(21, 2), NUMBERS_MS, STATES_MS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        check_quiet(&changes[i]);
}

/* As the demo is polled: each second where it matters. */
static void test_a_day_at_full_rate(void **state)
{
    (void)state;
    if (getenv("WHOLE") == NULL)
        skip();
    check_quiet(&(struct weeks){
        .name = "a Sunday, as configured",
        .start = "2026-11-22T00:00:00+08:00",
        .days = 1,
    });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_month_with_holidays),
        cmocka_unit_test(test_clocks_change),
        cmocka_unit_test(test_a_day_at_full_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
