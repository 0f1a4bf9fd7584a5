/* test_town.c - a site in simulated time: its clocks, its links, its gateway's ends. */
#include "tests/unit/check.h"

#include "issues/desk.h"
#include "tests/sim/town.h"
#include "tests/sim/town_folder.h"

#include <stdio.h>

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
};

/* What was raised and what returned, as "rule@equipment". */
struct log {
    char raised[20][80];
    size_t count;
    size_t returned;
};

static void on_change(void *context, struct town *town, const struct alarm_change *change)
{
    struct log *log = context;

    (void)town;
    log->returned += change->kind == CHANGE_RETURNED ? 1 : 0;
    if (change->kind != CHANGE_RAISED || log->count == 20)
        return;
    (void)snprintf(log->raised[log->count++], sizeof log->raised[0], "%s@%s",
                   change->rule->id, change->equipment->id);
}

static struct town *new_town(struct town_options *options)
{
    struct err err = {0};
    struct town *town;

    options->config = "plantsim/demo/facilityd.cfg";
    options->seed = 3;
    assert_true(wall_parse("2026-11-24T09:00:00+08:00", &options->start));
    town = town_new(options, &err);
    if (town == NULL)
        fail_msg("%s", err.text);
    return town;
}

static bool has(const struct log *log, const char *what)
{
    for (size_t i = 0; i < log->count; i++)
        if (strcmp(log->raised[i], what) == 0)
            return true;
    return false;
}

static void test_a_quiet_hour(void **state)
{
    struct log log = {.count = 0};
    struct town_options options = {.change = on_change, .context = &log};
    struct town *town = new_town(&options);
    struct sample sample;

    (void)state;
    town_run_ms(town, HOUR_MS);
    check_text("nothing", log.count == 0 ? "" : log.raised[0], "");
    check_case("many samples", town_sample_count(town) > 100000);
    assert_true(town_reading(town, "pump-1", "flow", &sample));
    assert_int_equal(sample.quality, QUALITY_GOOD);
    check_case("fresh", wall_diff_ms(town_time(town), sample.time) <= 2000);
    assert_true(town_reading(town, "meter-w0", "volume", &sample));
    assert_int_equal(sample.quality, QUALITY_GOOD);
    assert_int_equal(wall_diff_ms(town_time(town), options.start), HOUR_MS);
    town_free(town);
}

static void test_same_seed_same_hour(void **state)
{
    uint64_t counts[2];
    double volumes[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct town_options options = {.missing = 0.01};
        struct town *town = new_town(&options);
        struct sample sample;

        town_run_ms(town, HOUR_MS);
        counts[i] = town_sample_count(town);
        assert_true(town_reading(town, "meter-w1", "volume", &sample));
        volumes[i] = sample.value;
        town_free(town);
    }
    assert_true(counts[0] == counts[1]);
    check_near("volume", volumes[0], volumes[1], 0);
}

static void test_a_scenario_and_its_end(void **state)
{
    struct log log = {.count = 0};
    struct town_options options = {.change = on_change, .context = &log};
    struct town *town = new_town(&options);

    (void)state;
    town_run_ms(town, 5 * MINUTE_MS);
    assert_int_equal(town_scenario(town, "dry-run", "pump-1", NULL, NULL), 0);
    town_run_ms(town, 5 * MINUTE_MS);
    check_case("raised", has(&log, "pump.dry_run@pump-1"));
    assert_int_equal(town_scenario_end(town, "all", NULL, NULL), 0);
    town_run_ms(town, 10 * MINUTE_MS);
    check_case("returned", log.returned >= 1);
    town_free(town);
}

static void test_a_link_that_is_cut(void **state)
{
    static const enum town_link hows[] = {TOWN_LINK_REFUSES, TOWN_LINK_SILENT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct log log = {.count = 0};
        struct town_options options = {.change = on_change, .context = &log};
        struct town *town = new_town(&options);
        struct sample sample;

        town_run_ms(town, 5 * MINUTE_MS);
        town_link(town, "feeders", hows[i]);
        town_run_ms(town, 5 * MINUTE_MS);
        check_case("link", has(&log, "link.down@feeders"));
        assert_int_equal(log.count, 1);
        assert_true(town_reading(town, "feeder-1", "v_l1", &sample));
        assert_int_equal(sample.quality, QUALITY_BAD);
        town_link(town, "feeders", TOWN_LINK_WELL);
        town_run_ms(town, 5 * MINUTE_MS);
        assert_int_equal(log.returned, 1);
        assert_true(town_reading(town, "feeder-1", "v_l1", &sample));
        assert_int_equal(sample.quality, QUALITY_GOOD);
        town_free(town);
    }
}

static void test_the_wall_clock_is_put_forward_and_back(void **state)
{
    struct log log = {.count = 0};
    struct town_options options = {.change = on_change, .context = &log};
    struct town *town = new_town(&options);
    struct sample sample;

    (void)state;
    town_run_ms(town, 5 * MINUTE_MS);
    for (int hours = 1; hours >= -1; hours -= 2) {
        town_skew(town, hours * HOUR_MS);
        town_run_ms(town, 5 * MINUTE_MS);
        assert_true(town_reading(town, "pump-1", "run", &sample));
        assert_int_equal(sample.quality, QUALITY_GOOD);
        check_case("the gateway's time",
                   wall_diff_ms(town_wall(town), sample.time) <= 2000);
        assert_int_equal(wall_diff_ms(town_wall(town), town_time(town)), hours * HOUR_MS);
    }
    town_free(town);
}

static void count_issue(void *context, const struct issue_view *issue)
{
    (void)issue;
    ++*(int *)context;
}

static int issues(struct town *town)
{
    const struct issue_filter all = {
        .status = -1, .severity = -1, .category = -1, .limit = 100};
    int count = 0;
    struct err err;

    assert_true(desk_list(town_desk(town), &all, count_issue, &count, &err) >= 0);
    return count;
}

/* An alarm lives through a stop and through a kill, as the one issue it was. */
static void test_ends_of_the_gateway(void **state)
{
    char *folder = town_folder();
    struct log log = {.count = 0};
    struct town_options options = {.change = on_change, .context = &log};
    struct town *town;

    (void)state;
    options.state = folder;
    town = new_town(&options);
    town_run_ms(town, 5 * MINUTE_MS);
    assert_int_equal(town_scenario(town, "dry-run", "pump-1", NULL, NULL), 0);
    town_run_ms(town, 5 * MINUTE_MS);
    for (int i = 0; i < 2; i++) {
        struct alarm alarm;

        assert_int_equal(
            town_restart(town, i == 0 ? TOWN_STOP : TOWN_KILL, NULL, 30 * 1000, NULL), 0);
        assert_true(town_alarm(town, "pump.dry_run", "pump-1", &alarm));
        check_case("active", alarm_is_active(&alarm));
        town_run_ms(town, 5 * MINUTE_MS);
        assert_int_equal(issues(town), 1);
    }
    assert_int_equal(log.count, 1);
    town_free(town);
    town_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_quiet_hour),
        cmocka_unit_test(test_same_seed_same_hour),
        cmocka_unit_test(test_a_scenario_and_its_end),
        cmocka_unit_test(test_a_link_that_is_cut),
        cmocka_unit_test(test_the_wall_clock_is_put_forward_and_back),
        cmocka_unit_test(test_ends_of_the_gateway),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
