/* The issue desk from many threads at once; meant for the thread sanitizer. */
#include "tests/unit/desk_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    TURNS = 120,
    COMMENTS = 60,
};

struct crew {
    struct plant *plant;
    atomic_bool done;
    atomic_int failures;
    size_t followed;
};

static void *run_pipeline(void *context)
{
    struct crew *crew = context;
    struct plant *plant = crew->plant;
    struct err err;

    for (int i = 1; i <= TURNS; i++) {
        enum change_kind kind = i % 2 == 1 ? CHANGE_RAISED : CHANGE_RETURNED;
        struct alarm_change change = plant_change(plant, kind, DRY_RUN, PUMP_1, i);
        struct online_change online = {PUMP_2, i % 2 == 0, plant_at(i), false};

        change.alarm.activation = (uint64_t)i;
        if (desk_apply(plant->desk, &change, 1, &online, 1, plant_at(i), &err) != 0 ||
            desk_alive(plant->desk, plant_at(i), &err) != 0)
            atomic_fetch_add(&crew->failures, 1);
    }
    return NULL;
}

static void *run_person(void *context)
{
    struct crew *crew = context;
    struct err err;
    char id[DESK_ID_SIZE];
    struct issue_draft draft = {.equipment = "lift-1",
                                .place = "",
                                .title = "Noise",
                                .text = "",
                                .category = CATEGORY_FACILITIES,
                                .source = "person"};

    for (int i = 0; i < COMMENTS; i++)
        if (desk_open_issue(crew->plant->desk, &draft, "Li", plant_at(i), id, &err) !=
                0 ||
            desk_act(crew->plant->desk, id, ACTION_COMMENT, "Li", "x", plant_at(i),
                     &err) != 0)
            atomic_fetch_add(&crew->failures, 1);
    return NULL;
}

static void count_visit(void *context, const struct issue_view *issue)
{
    *(int64_t *)context += issue->number > 0;
}

static void count_state(void *context, const struct state_event *event)
{
    *(int64_t *)context += event->state < STATE_COUNT;
}

static void *run_page(void *context)
{
    struct crew *crew = context;
    struct desk *desk = crew->plant->desk;
    struct issue_filter filter = {
        .status = -1, .severity = -1, .category = -1, .limit = 50};
    struct err err;

    while (!atomic_load(&crew->done)) {
        struct state_view view;
        struct desk_counts counts;
        int64_t seen = 0;

        desk_state(desk, PUMP_1, &view);
        desk_counts(desk, &counts);
        if (desk_list(desk, &filter, count_visit, &seen, &err) < 0 ||
            desk_states(desk, plant_at(0), plant_at(9999), count_state, &seen, &err) != 0)
            atomic_fetch_add(&crew->failures, 1);
    }
    return NULL;
}

static void count_alarm(void *context, const struct alarm_view *view)
{
    *(int64_t *)context += view->rule[0] != '\0';
}

static void count_shelf(void *context, const struct shelf_view *shelf)
{
    *(int64_t *)context += shelf->number > 0;
}

static void count_permit(void *context, const struct permit_view *permit)
{
    *(int64_t *)context += permit->number > 0;
}

/* Shelves and permits come and go while the alarm does. */
static void *run_foreman(void *context)
{
    struct crew *crew = context;
    struct desk *desk = crew->plant->desk;
    struct permit_draft draft = {.equipment = "lift-1,pump-2",
                                 .place = "",
                                 .class_name = "",
                                 .reason = "service",
                                 .holder = "Wang"};
    struct err err;

    for (int i = 0; i < COMMENTS; i++) {
        int64_t shelf = 0;
        int64_t permit = 0;
        int64_t seen = 0;

        draft.until = plant_at(i + 3600);
        if (desk_shelve(desk, "pump.dry_run", "pump-1", "Li", "x", plant_at(i),
                        plant_at(i + 60), &shelf, &err) != 0 ||
            desk_permit(desk, &draft, "Li", plant_at(i), &permit, &err) != 0 ||
            desk_step(desk, plant_at(i + 1), &err) != 0 ||
            desk_shelves(desk, i % 2 == 0, count_shelf, &seen, &err) != 0 ||
            desk_permits(desk, i % 2 == 0, count_permit, &seen, &err) != 0 ||
            desk_permit_close(desk, permit, "Li", plant_at(i + 1), &err) != 0 ||
            desk_unshelve(desk, shelf, "Li", plant_at(i + 1), &err) != 0)
            atomic_fetch_add(&crew->failures, 1);
        desk_active_alarms(desk, count_alarm, &seen);
    }
    return NULL;
}

static void *run_follower(void *context)
{
    struct crew *crew = context;
    uint64_t cursor = desk_feed_now(crew->plant->desk);
    struct feed_event events[16];
    bool last = false;
    bool lost;

    while (!last) {
        size_t count;

        last = atomic_load(&crew->done);
        do {
            count = desk_feed(crew->plant->desk, &cursor, events, 16, &lost);
            crew->followed += count;
        } while (count > 0);
    }
    return NULL;
}

static void test_threads(void **state)
{
    void *(*const roles[])(void *) = {run_pipeline, run_person, run_person,
                                      run_foreman,  run_page,   run_follower};
    struct crew crew = {.plant = *state};
    struct desk_counts counts;
    pthread_t threads[6];

    plant_restart(crew.plant, 0);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, roles[i], &crew), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    atomic_store(&crew.done, true);
    for (size_t i = 4; i < 6; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(crew.failures, 0);
    desk_counts(crew.plant->desk, &counts);
    assert_int_equal(counts.total, 1 + 2 * COMMENTS);
    /* The follower began at some moment, but no later than the first few. */
    assert_true(crew.followed > COMMENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_threads, plant_setup, plant_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
