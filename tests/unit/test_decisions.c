/* A turn keeps what it was given until it is on disk, and gives up notes first. */
#include "base/mem.h"
#include "gateway/decisions.h"
#include "gateway/percentile.h"
#include "tests/unit/check.h"

static struct {
    int fail;
    size_t changes;
    size_t online;
    char evidence[64];
} desk_seen;

/* The desk's part of the contract that a turn uses. */
int desk_apply(struct desk *desk, const struct alarm_change *changes, size_t change_count,
               const struct online_change *online, size_t online_count,
               struct wall_time now, struct err *err)
{
    (void)desk;
    (void)online;
    (void)now;
    if (desk_seen.fail != 0)
        return err_set(err, ERR_IO, "disk full");
    desk_seen.changes = change_count;
    desk_seen.online = online_count;
    if (change_count > 0 && changes[0].evidence != NULL)
        (void)strncpy(desk_seen.evidence, changes[0].evidence,
                      sizeof desk_seen.evidence - 1);
    return 0;
}

static struct alarm_change change(enum change_kind kind, const char *evidence)
{
    return (struct alarm_change){.kind = kind, .evidence = evidence};
}

static void keeps_until_committed(void **state)
{
    struct decisions *decisions = decisions_new(10);
    char evidence[] = "{\"a\":1}";
    struct alarm_change raised = change(CHANGE_RAISED, evidence);
    struct err err = {0};

    (void)state;
    memset(&desk_seen, 0, sizeof desk_seen);
    decisions_add_change(decisions, &raised);
    decisions_add_online(decisions,
                         (struct online_change){.equipment = 1, .online = true});
    memset(evidence, 'x', sizeof evidence - 1); /* the turn has its own copy */
    desk_seen.fail = 1;
    assert_int_equal(decisions_commit(decisions, NULL, (struct wall_time){1}, &err), -1);
    assert_int_equal(decisions_pending(decisions), 2);
    assert_int_equal(decisions_raised(decisions), 1);
    desk_seen.fail = 0;
    assert_int_equal(decisions_commit(decisions, NULL, (struct wall_time){1}, &err), 0);
    assert_int_equal(desk_seen.changes, 1);
    assert_int_equal(desk_seen.online, 1);
    assert_string_equal(desk_seen.evidence, "{\"a\":1}");
    assert_int_equal(decisions_pending(decisions), 0);
    decisions_free(decisions);
}

static void gives_up_progress_first(void **state)
{
    struct decisions *decisions = decisions_new(3);
    struct alarm_change raised = change(CHANGE_RAISED, "{}");
    struct alarm_change progress = change(CHANGE_PROGRESS, NULL);

    (void)state;
    decisions_add_change(decisions, &raised);
    decisions_add_change(decisions, &progress);
    decisions_add_change(decisions, &progress);
    decisions_add_change(decisions, &raised);
    decisions_add_change(decisions, &raised);
    assert_int_equal(decisions_raised(decisions), 3);
    assert_int_equal(decisions_lost(decisions), 0);
    decisions_add_change(decisions, &raised);
    assert_int_equal(decisions_lost(decisions), 1);
    decisions_free(decisions);
}

/* While the disk is full each alarm that stands for itself is told once. */
static void tells_what_waits_once(void **state)
{
    struct decisions *decisions = decisions_new(4);
    struct alarm_change progress = change(CHANGE_PROGRESS, NULL);
    struct alarm_change symptom = change(CHANGE_RAISED, "{}");
    struct alarm_change root = change(CHANGE_RAISED, "{}");
    struct alarm_change later = change(CHANGE_STANDING, "{}");
    struct err err = {0};

    (void)state;
    memset(&desk_seen, 0, sizeof desk_seen);
    symptom.standing = STANDING_SYMPTOM;
    root.standing = later.standing = STANDING_ROOT;
    decisions_add_change(decisions, &progress);
    decisions_add_change(decisions, &symptom);
    decisions_add_change(decisions, &root);
    assert_int_equal(decisions_untold(decisions)->kind, CHANGE_RAISED);
    assert_null(decisions_untold(decisions));
    decisions_add_change(decisions, &symptom);
    decisions_add_change(decisions, &later); /* the note makes room */
    assert_int_equal(decisions_untold(decisions)->kind, CHANGE_STANDING);
    assert_null(decisions_untold(decisions));
    assert_int_equal(decisions_commit(decisions, NULL, (struct wall_time){1}, &err), 0);
    decisions_add_change(decisions, &root);
    assert_non_null(decisions_untold(decisions));
    decisions_free(decisions);
}

static void percentiles_are_nearest_ranks(void **state)
{
    struct percentile set = {0};

    (void)state;
    assert_int_equal(percentile_get(&set, 0.99), 0);
    for (int64_t i = 1; i <= 100; i++)
        percentile_add(&set, 101 - i);
    assert_int_equal(percentile_get(&set, 0.5), 50);
    assert_int_equal(percentile_get(&set, 0.99), 99);
    assert_int_equal(percentile_get(&set, 1), 100);
    for (int64_t i = 0; i < PERCENTILE_KEPT; i++)
        percentile_add(&set, 7);
    assert_int_equal(percentile_get(&set, 1), 7); /* the old ones are forgotten */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_until_committed),
        cmocka_unit_test(gives_up_progress_first),
        cmocka_unit_test(tells_what_waits_once),
        cmocka_unit_test(percentiles_are_nearest_ranks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
