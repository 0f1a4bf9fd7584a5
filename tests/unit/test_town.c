/* test_town.c - a site in simulated time. */
#include "tests/unit/check.h"

#include "tests/sim/town.h"

#include <stdio.h>
#include <time.h>

static void on_change(void *context, struct town *town, const struct alarm_change *change)
{
    char stamp[CLOCK_RFC3339_SIZE];

    (void)context;
    if (change->kind != CHANGE_PROGRESS)
    printf("%s %d %s %s\n", wall_format(town_time(town), stamp), change->kind, change->rule->id, change->equipment->id);
}

int main(int argc, char **argv)
{
    struct town_options options = {.config = "plantsim/demo/facilityd.cfg", .seed = 1, .change = on_change, .poll_min_ms = argc > 2 ? atoi(argv[2]) : 0};
    struct err err;
    struct town *town;

    assert_true(wall_parse("2026-11-02T00:00:00+08:00", &options.start));
    town = town_new(&options, &err);
    if (town == NULL) { printf("%s\n", err.text); return 1; }
    town_run_ms(town, 3600000L * (argc > 1 ? atoi(argv[1]) : 1));
    printf("turns %lu samples %lu\n", town_turns(town), town_sample_count(town));
    town_free(town);
    return 0;
}
