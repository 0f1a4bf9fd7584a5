/* The issue desk under kill -9: what it reported as done is there, once.
 *
 * A child applies numbered turns and actions as fast as it can and says over a pipe which
 * number is done; the parent kills it at a random moment, opens the file and counts. */
#include "tests/unit/desk_fixture.h"

#include "base/db.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum {
    ROUNDS = 60,
    LIFE_MAX_MS = 60,
    NUMBERS_MAX = 200000, /* far more than the rounds get to */
};

/* Number n: every third is a comment, the others a turn in which the alarm of a pair
 * returns and comes again and the pump goes off line or on. Each leaves one event that
 * carries its number. */
static int do_number(struct plant *plant, int n, struct err *err)
{
    enum plant_equipment pump = n / 3 % 2 == 0 ? PUMP_1 : PUMP_2;
    enum plant_rule rule = n % 3 == 1 ? DRY_RUN : VIBRATION;
    struct online_change online = {pump, n % 2 == 0, plant_at(n), false};
    struct alarm_change changes[2];
    char text[32];

    (void)snprintf(text, sizeof text, "{\"n\":%d}", n);
    if (n > 3 && n % 3 == 0)
        return desk_act(plant->desk, "#1", ACTION_COMMENT, "Li Wei", text, plant_at(n),
                        err);
    plant->activation = (uint64_t)n;
    changes[0] = plant_change(plant, CHANGE_RETURNED, rule, pump, n);
    changes[0].evidence = "{}";
    changes[1] = plant_change(plant, CHANGE_RAISED, rule, pump, n);
    changes[1].evidence = text;
    return desk_apply(plant->desk, changes, 2, &online, 1, plant_at(n), err);
}

static void child(struct plant *plant, int first, int pipe_end)
{
    struct err err;

    plant->desk = desk_open(plant->path, plant->model, plant_at(first), &err);
    if (plant->desk == NULL || desk_damage(plant->desk) != NULL)
        _exit(1);
    for (int n = first; n < NUMBERS_MAX; n++) {
        if (do_number(plant, n, &err) != 0)
            _exit(2);
        if (write(pipe_end, &n, sizeof n) != (ssize_t)sizeof n)
            _exit(3);
    }
    _exit(4);
}

/* Lets a child live for a while; returns the last number it reported. */
static int run_and_kill(struct plant *plant, int first, long life_us)
{
    struct timespec life = {.tv_nsec = life_us * 1000};
    int ends[2];
    int done = first - 1;
    int number;
    int status;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(plant, first, ends[1]);
    (void)close(ends[1]);
    (void)nanosleep(&life, NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status))
        fail_msg("the child gave up with status %d", WEXITSTATUS(status));
    while (read(ends[0], &number, sizeof number) == (ssize_t)sizeof number)
        done = number;
    (void)close(ends[0]);
    return done;
}

struct tally {
    unsigned char *seen; /* by number */
    int highest;
};

static void count_event(void *context, const struct issue_event *event)
{
    struct tally *tally = context;
    const char *text = event->evidence[0] != '\0' ? event->evidence : event->text;
    int n;

    if (sscanf(text, "{\"n\":%d}", &n) != 1) // NOLINT(cert-err34-c): our own digits
        return;
    assert_in_range(n, 1, NUMBERS_MAX - 1);
    tally->seen[n]++;
    tally->highest = n > tally->highest ? n : tally->highest;
}

static void check_file(const struct plant *plant)
{
    struct err err = {0};
    struct db *db = db_open(plant->path, DB_READ, &err);
    int64_t value = -1;

    assert_non_null(db);
    assert_int_equal(db_read_int(db,
                                 "SELECT count(*) FROM pragma_integrity_check "
                                 "WHERE integrity_check <> 'ok'",
                                 &value, &err),
                     0);
    assert_int_equal(value, 0);
    assert_int_equal(
        db_read_int(db, "SELECT count(*) FROM pragma_foreign_key_check", &value, &err),
        0);
    assert_int_equal(value, 0);
    /* Alarm, issue and event of a turn are of the same turn. */
    assert_int_equal(db_read_int(db,
                                 "SELECT count(*) FROM alarm a WHERE a.activation <> "
                                 "(SELECT json_extract(evidence, '$.n') FROM event e "
                                 " WHERE e.issue = a.issue AND evidence LIKE '{\"n\"%' "
                                 " ORDER BY sequence DESC LIMIT 1)",
                                 &value, &err),
                     0);
    assert_int_equal(value, 0);
    db_close(db);
}

/* Every number up to the last reported one is there once; the next may be. Returns the
 * highest that is there. */
static int check_numbers(struct plant *plant, int done)
{
    struct tally tally = {mem_alloc(NUMBERS_MAX), 0};
    struct desk_counts counts;
    struct err err;

    desk_counts(plant->desk, &counts);
    for (int64_t i = 1; i <= counts.total; i++) {
        char name[24];

        (void)snprintf(name, sizeof name, "#%lld", (long long)i);
        assert_int_equal(desk_events(plant->desk, name, count_event, &tally, &err), 0);
    }
    for (int n = 1; n <= tally.highest; n++)
        if (tally.seen[n] != 1)
            fail_msg("number %d is there %d times; %d were reported", n, tally.seen[n],
                     done);
    mem_free(tally.seen);
    assert_in_range(tally.highest, done, done + 1);
    assert_int_equal(counts.total, counts.unclosed); /* nobody closes any */
    return tally.highest;
}

/* How long a child lives at most: enough for some turns on this disk, now. */
static long longest_life_us(struct plant *plant)
{
    struct mono_time begin = mono_now();
    long longest_us;

    plant_reopen(plant, 0);
    plant_online(plant, FEEDER, true, 0);
    longest_us = (long)((mono_now().ns - begin.ns) / 1000) * 3;
    return longest_us > LIFE_MAX_MS * 1000L ? longest_us : LIFE_MAX_MS * 1000L;
}

static void test_kill(void **state)
{
    struct plant *plant = *state;
    unsigned seed = (unsigned)time(NULL);
    long longest_us = longest_life_us(plant);
    int highest = 0;

    print_message("seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < ROUNDS; round++) {
        long life_us = 500 + rand() % longest_us; // NOLINT: a test
        int done;

        desk_close(plant->desk);
        plant->desk = NULL;
        done = run_and_kill(plant, highest + 1, life_us);
        plant_open(plant, NUMBERS_MAX);
        assert_null(desk_damage(plant->desk));
        check_file(plant);
        highest = check_numbers(plant, done);
    }
    print_message("%d turns and actions in %d lives\n", highest, ROUNDS);
    assert_true(highest > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kill, plant_setup, plant_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
