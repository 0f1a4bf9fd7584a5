/* test_store.c - minutes and hours, with the clock in our hands. */
#include "base/db.h"
#include "base/file.h"
#include "history/archive.h"
#include "history/period.h"
#include "history/tally.h"
#include "tests/unit/check.h"
#include "tests/unit/small_model.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EQUIPMENT = 4,
    POINTS_EACH = 3,
    STEPS_MAX = 3000,
};

static const struct history_settings settings = {
    .keep_minutes_ms = INT64_C(40) * 86400000,
    .keep_hours_ms = INT64_C(800) * 86400000,
};

struct fixture {
    char folder[64];
    struct model *model;
    struct archive *archive;
    struct wall_time now;
    struct mono_time mono;
    struct history_step steps[STEPS_MAX];
};

static struct wall_time at(const char *text)
{
    struct wall_time time;

    assert_true(wall_parse(text, &time));
    return time;
}

static void set_up(struct fixture *f, const char *now)
{
    memset(f, 0, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-store-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->model = small_model(EQUIPMENT, POINTS_EACH);
    f->now = at(now);
    f->mono = mono_now();
    f->archive = archive_open(f->folder, &settings, f->model, f->now);
}

static size_t files(const struct fixture *f, const char *part, bool remove)
{
    DIR *dir = opendir(f->folder);
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        char *path = file_join(f->folder, entry->d_name);

        if (strstr(entry->d_name, part) != NULL) {
            count++;
            if (remove)
                (void)unlink(path);
        }
        mem_free(path);
    }
    (void)closedir(dir);
    return count;
}

static void tear_down(struct fixture *f)
{
    archive_close(f->archive, f->now);
    (void)files(f, "", true);
    assert_int_equal(rmdir(f->folder), 0);
    model_free(f->model);
}

static void reopen(struct fixture *f)
{
    archive_close(f->archive, f->now);
    f->archive = archive_open(f->folder, &settings, f->model, f->now);
}

static void put_at(struct fixture *f, uint32_t point, double value, struct wall_time time)
{
    struct sample sample = {.point = point, .value = value, .time = time};

    archive_put(f->archive, &sample, 1, f->now);
}

static void put(struct fixture *f, uint32_t point, double value)
{
    put_at(f, point, value, f->now);
}

/* Lets time pass in steps of a second. */
static void pass(struct fixture *f, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        f->now = wall_add_ms(f->now, 1000);
        f->mono = mono_add_ms(f->mono, 1000);
        archive_step(f->archive, f->now, f->mono);
    }
}

static int query(struct fixture *f, uint32_t point, const char *from, const char *to,
                 int64_t step_ms)
{
    struct archive_span span = {at(from), at(to), step_ms};
    struct err err;
    int count = archive_query(f->archive, point, &span, f->steps, STEPS_MAX, &err);

    if (count < 0)
        fail_msg("query: %s", err.text);
    return count;
}

struct want {
    int64_t count;
    double min;
    double max;
    double mean;
    double last;
};

static void check_step(const char *name, const struct history_step *step,
                       struct want want)
{
    if (step->count != want.count)
        fail_msg("case '%s': %lld samples, want %lld", name, (long long)step->count,
                 (long long)want.count);
    check_near(name, step->min, want.min, 0);
    check_near(name, step->max, want.max, 0);
    check_near(name, step->mean, want.mean, 1e-9);
    check_near(name, step->last, want.last, 0);
}

static void test_minutes(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    put(&f, 0, 2);
    put(&f, 0, 4);
    put(&f, 0, 3);
    put(&f, 4, 7);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:03:00Z", 60000),
                     3);
    check_step("in memory", &f.steps[0], (struct want){3, 2, 4, 3, 3});
    check_step("gap", &f.steps[1], (struct want){0, NAN, NAN, NAN, NAN});
    pass(&f, 60);
    put(&f, 0, 10);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:03:00Z", 60000),
                     3);
    check_step("in the file", &f.steps[0], (struct want){3, 2, 4, 3, 3});
    check_step("next", &f.steps[1], (struct want){1, 10, 10, 10, 10});
    assert_true(f.steps[1].start.ns == at("2026-11-24T10:01:00Z").ns);
    assert_int_equal(query(&f, 4, "2026-11-24T10:00:30Z", "2026-11-24T10:00:31Z", 60000),
                     1);
    check_step("other point", &f.steps[0], (struct want){1, 7, 7, 7, 7});
    assert_int_equal(
        query(&f, 0, "2026-11-24T09:00:00Z", "2026-11-24T11:00:00Z", 7200000), 1);
    check_step("two hours", &f.steps[0], (struct want){4, 2, 10, 19.0 / 4, 10});
    tear_down(&f);
}

static void test_refused_queries(void **state)
{
    static struct fixture f;
    struct wall_time from = at("2026-11-24T10:00:00Z");
    struct wall_time to = at("2026-11-25T10:00:00Z");
    struct archive_span day = {from, to, 60000};
    struct archive_span backwards = {to, from, 60000};
    struct archive_span half_minutes = {from, to, 30000};
    struct err err;

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    assert_int_equal(archive_query(f.archive, 0, &backwards, f.steps, STEPS_MAX, &err),
                     -1);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_int_equal(archive_query(f.archive, 0, &half_minutes, f.steps, STEPS_MAX, &err),
                     -1);
    assert_int_equal(archive_query(f.archive, 0, &day, f.steps, 1439, &err), -1);
    assert_int_equal(archive_query(f.archive, 0, &day, f.steps, 1440, &err), 1440);
    assert_int_equal(archive_query(f.archive, 99, &day, f.steps, 1440, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    tear_down(&f);
}

/* What is bad, not a number or far from now is left out. */
static void test_left_out(void **state)
{
    static struct fixture f;
    struct sample bad = {.quality = QUALITY_BAD, .value = 1};

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    bad.time = f.now;
    archive_put(f.archive, &bad, 1, f.now);
    put(&f, 0, NAN);
    put(&f, 0, INFINITY);
    put_at(&f, 0, 1, at("2036-01-01T00:00:00Z"));
    put_at(&f, 0, 1, at("2020-01-01T00:00:00Z"));
    put_at(&f, 0, 1, (struct wall_time){0});
    pass(&f, 130);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:10:00Z", 600000),
                     1);
    assert_int_equal(f.steps[0].count, 0);
    assert_int_equal(files(&f, "2036", false) + files(&f, "2020", false), 0);
    tear_down(&f);
}

/* Samples at the turn of a minute come mixed; late ones are merged into their rows. */
static void test_late(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T10:00:59Z");
    put(&f, 0, 1);
    put_at(&f, 0, 5, at("2026-11-24T10:01:00.2Z"));
    put_at(&f, 0, 2, at("2026-11-24T10:00:59.9Z"));
    pass(&f, 3);
    put_at(&f, 0, 9, at("2026-11-24T10:00:30Z")); /* its minute is written */
    put_at(&f, 1, 8, at("2026-11-24T09:30:00Z")); /* an hour that is over */
    put_at(&f, 1, 4, at("2026-11-24T09:30:01Z"));
    put_at(&f, 0, 3, at("2026-11-24T10:20:00Z")); /* a clock that is ahead */
    pass(&f, 3);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:02:00Z", 60000),
                     2);
    check_step("merged", &f.steps[0], (struct want){3, 1, 9, 4, 9});
    check_step("next", &f.steps[1], (struct want){1, 5, 5, 5, 5});
    assert_int_equal(query(&f, 1, "2026-11-24T09:30:00Z", "2026-11-24T09:31:00Z", 60000),
                     1);
    check_step("past minute", &f.steps[0], (struct want){2, 4, 8, 6, 4});
    assert_int_equal(
        query(&f, 1, "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z", 3600000), 1);
    check_step("past hour", &f.steps[0], (struct want){2, 4, 8, 6, 4});
    pass(&f, 1150); /* 10:20:15 */
    put(&f, 0, 5);
    pass(&f, 60);
    assert_int_equal(query(&f, 0, "2026-11-24T10:20:00Z", "2026-11-24T10:21:00Z", 60000),
                     1);
    check_step("from the future", &f.steps[0], (struct want){2, 3, 5, 4, 5});
    assert_int_equal(
        query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z", 3600000), 1);
    check_step("hour under way", &f.steps[0], (struct want){6, 1, 9, 25.0 / 6, 5});
    tear_down(&f);
}

/* So many late samples that they must be written while the rows of a large minute are
 * only half in the file. */
static void test_late_flood(void **state)
{
    static struct fixture f;
    static struct sample samples[5000];
    const size_t points = sizeof samples / sizeof samples[0];
    struct archive_status status;

    (void)state;
    set_up(&f, "2026-11-24T10:00:59Z");
    archive_close(f.archive, f.now);
    model_free(f.model);
    f.model = small_model(100, 50);
    f.archive = archive_open(f.folder, &settings, f.model, f.now);
    for (size_t i = 0; i < points; i++)
        samples[i] = (struct sample){.point = (uint32_t)i, .value = 1, .time = f.now};
    archive_put(f.archive, samples, points, f.now);
    pass(&f, 3); /* the first slice is written, the last one is not */
    for (int minute = 10; minute < 14; minute++) {
        for (size_t i = 0; i < points; i++)
            samples[i].time = wall_add_ms(at("2026-11-24T09:00:00Z"), minute * 60000);
        archive_put(f.archive, samples, points, f.now);
    }
    pass(&f, 3);
    archive_status(f.archive, &status);
    assert_string_equal(status.error, "");
    assert_int_equal(status.rows_lost, 0);
    for (uint32_t point = 0; point < points; point += 4999) {
        assert_int_equal(
            query(&f, point, "2026-11-24T10:00:00Z", "2026-11-24T10:01:00Z", 60000), 1);
        check_step("the large minute", &f.steps[0], (struct want){1, 1, 1, 1, 1});
        assert_int_equal(
            query(&f, point, "2026-11-24T09:10:00Z", "2026-11-24T09:11:00Z", 60000), 1);
        check_step("the late ones", &f.steps[0], (struct want){1, 1, 1, 1, 1});
    }
    tear_down(&f);
}

/* An hour's row says the same as its minutes, across a turn of month and year. */
static void test_hours(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-12-31T21:50:00Z");
    for (int minute = 0; minute < 200; minute++) {
        put(&f, 2, minute);
        put(&f, 2, minute + 0.5);
        pass(&f, 60);
    }
    assert_int_equal(files(&f, "2026-12.db", false) > 0, 1);
    assert_int_equal(files(&f, "2027-01.db", false) > 0, 1);
    assert_int_equal(files(&f, "hours-2026.db", false) > 0, 1);
    assert_int_equal(files(&f, "hours-2027.db", false) > 0, 1);
    assert_int_equal(
        query(&f, 2, "2026-12-31T21:00:00Z", "2027-01-01T02:00:00Z", 3600000), 5);
    check_step("first", &f.steps[0], (struct want){20, 0, 9.5, 4.75, 9.5});
    check_step("second", &f.steps[1], (struct want){120, 10, 69.5, 39.75, 69.5});
    check_step("third", &f.steps[2], (struct want){120, 70, 129.5, 99.75, 129.5});
    check_step("fourth", &f.steps[3], (struct want){120, 130, 189.5, 159.75, 189.5});
    check_step("under way", &f.steps[4], (struct want){20, 190, 199.5, 194.75, 199.5});
    (void)files(&f, "20", false);
    /* The same from minutes. */
    assert_int_equal(
        query(&f, 2, "2026-12-31T22:00:00Z", "2027-01-01T01:00:00Z", 1800000), 6);
    check_step("half hour", &f.steps[1], (struct want){60, 40, 69.5, 54.75, 69.5});
    tear_down(&f);
}

/* Restarts in the middle of a minute lose nothing and count nothing twice. */
static void test_restarts(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T09:59:30Z");
    put(&f, 0, 1);
    reopen(&f);
    put(&f, 0, 2);
    reopen(&f);
    reopen(&f);
    put(&f, 0, 6);
    assert_int_equal(query(&f, 0, "2026-11-24T09:59:00Z", "2026-11-24T10:00:00Z", 60000),
                     1);
    check_step("memory", &f.steps[0], (struct want){3, 1, 6, 3, 6});
    pass(&f, 40);
    put(&f, 0, 9);
    reopen(&f);
    assert_int_equal(query(&f, 0, "2026-11-24T09:59:00Z", "2026-11-24T10:01:00Z", 60000),
                     2);
    check_step("file", &f.steps[0], (struct want){3, 1, 6, 3, 6});
    check_step("next", &f.steps[1], (struct want){1, 9, 9, 9, 9});
    assert_int_equal(
        query(&f, 0, "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z", 3600000), 1);
    check_step("hour", &f.steps[0], (struct want){3, 1, 6, 3, 6});
    assert_int_equal(files(&f, "journal", false), 0);
    tear_down(&f);
}

/* Down over the end of an hour: the hour's row is made up for at the next start. */
static void test_hour_made_up(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T09:58:00Z");
    put(&f, 0, 3);
    pass(&f, 70);
    put(&f, 0, 5);
    archive_close(f.archive, f.now);
    f.now = at("2026-11-24T12:10:00Z");
    f.archive = archive_open(f.folder, &settings, f.model, f.now);
    assert_int_equal(
        query(&f, 0, "2026-11-24T08:00:00Z", "2026-11-24T13:00:00Z", 3600000), 5);
    check_step("made up", &f.steps[1], (struct want){2, 3, 5, 4, 5});
    assert_int_equal(f.steps[2].count, 0);
    tear_down(&f);
}

/* Runs `body` in a child that dies of SIGKILL. */
static void in_killed_child(struct fixture *f, void (*body)(struct fixture *))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        f->archive = archive_open(f->folder, &settings, f->model, f->now);
        body(f);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
}

static void write_and_wait(struct fixture *f)
{
    put(f, 0, 2);
    put(f, 1, 6);
    put(f, 0, 4);
    pass(f, 2);
}

static void test_killed(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    archive_close(f.archive, f.now);
    in_killed_child(&f, write_and_wait);
    in_killed_child(&f, write_and_wait); /* again in the same minute */
    assert_int_equal(files(&f, "journal", false), 1);
    f.archive = archive_open(f.folder, &settings, f.model, f.now);
    put(&f, 0, 9);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:01:00Z", 60000),
                     1);
    check_step("all", &f.steps[0], (struct want){5, 2, 9, 21.0 / 5, 9});
    tear_down(&f);
    /* A whole minute later, and with another model. */
    set_up(&f, "2026-11-24T10:00:10Z");
    archive_close(f.archive, f.now);
    in_killed_child(&f, write_and_wait);
    model_free(f.model);
    f.model = small_model(1, POINTS_EACH);
    f.now = at("2026-11-24T10:05:00Z");
    f.archive = archive_open(f.folder, &settings, f.model, f.now);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:01:00Z", 60000),
                     1);
    check_step("later", &f.steps[0], (struct want){2, 2, 4, 3, 4});
    assert_int_equal(files(&f, "journal", false), 0);
    tear_down(&f);
}

static void keep_journal(struct fixture *f)
{
    char *from = mem_format("%s/journal-000000000001", f->folder);
    char *to = mem_format("%s/kept", f->folder);

    put(f, 0, 2);
    pass(f, 2);
    assert_int_equal(link(from, to), 0);
    pass(f, 60); /* the minute is committed, its journal removed */
    assert_int_equal(rename(to, from), 0);
    mem_free(from);
    mem_free(to);
}

/* kill -9 between the commit and the removal of the journal: nothing counts twice. */
static void test_journal_of_committed_minute(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    archive_close(f.archive, f.now);
    in_killed_child(&f, keep_journal);
    assert_true(files(&f, "journal-000000000001", false) == 1);
    f.now = at("2026-11-24T10:05:00Z");
    f.archive = archive_open(f.folder, &settings, f.model, f.now);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:01:00Z", 60000),
                     1);
    check_step("once", &f.steps[0], (struct want){1, 2, 2, 2, 2});
    tear_down(&f);
}

static void damage(struct fixture *f, const char *name)
{
    char *path = file_join(f->folder, name);
    char zeros[4096];
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    memset(zeros, 0x55, sizeof zeros);
    assert_true(fd >= 0 && pwrite(fd, zeros, sizeof zeros, 0) == (ssize_t)sizeof zeros);
    (void)close(fd);
    mem_free(path);
}

static void test_damaged_file(void **state)
{
    struct archive_status status;
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    put(&f, 0, 2);
    pass(&f, 120);
    archive_close(f.archive, f.now);
    damage(&f, "2026-11.db");
    f.archive = archive_open(f.folder, &settings, f.model, f.now);
    assert_int_equal(files(&f, ".damaged-", false), 1);
    archive_status(f.archive, &status);
    assert_int_equal(status.files_damaged, 1);
    put(&f, 0, 5);
    pass(&f, 120);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:04:00Z", 60000),
                     4);
    assert_int_equal(f.steps[0].count, 0);
    check_step("new file", &f.steps[2], (struct want){1, 5, 5, 5, 5});
    tear_down(&f);
}

/* No folder to write to: memory still answers, the status tells, nothing stops. */
static void test_no_folder(void **state)
{
    static struct fixture f;
    struct archive_status status;

    (void)state;
    set_up(&f, "2026-11-24T10:00:10Z");
    archive_close(f.archive, f.now);
    f.archive = archive_open("/dev/null/history", &settings, f.model, f.now);
    put(&f, 0, 2);
    assert_int_equal(query(&f, 0, "2026-11-24T10:00:00Z", "2026-11-24T10:01:00Z", 60000),
                     1);
    check_step("memory", &f.steps[0], (struct want){1, 2, 2, 2, 2});
    pass(&f, 240);
    put(&f, 0, 3);
    archive_status(f.archive, &status);
    assert_true(status.error[0] != '\0');
    assert_int_equal(status.rows_lost, 1);
    assert_int_equal(query(&f, 0, "2026-11-24T10:04:00Z", "2026-11-24T10:05:00Z", 60000),
                     1);
    check_step("later", &f.steps[0], (struct want){1, 3, 3, 3, 3});
    tear_down(&f);
}

/* The clock goes back an hour and forward again. */
static void test_clock_jumps(void **state)
{
    static struct fixture f;

    (void)state;
    set_up(&f, "2026-11-24T10:30:10Z");
    put(&f, 0, 1);
    pass(&f, 5);
    f.now = at("2026-11-24T09:30:20Z");
    pass(&f, 3);
    put(&f, 0, 2);
    pass(&f, 60);
    f.now = at("2026-11-24T10:30:40Z");
    pass(&f, 5);
    put(&f, 0, 3);
    pass(&f, 90);
    assert_int_equal(query(&f, 0, "2026-11-24T10:30:00Z", "2026-11-24T10:31:00Z", 60000),
                     1);
    check_step("both visits", &f.steps[0], (struct want){2, 1, 3, 2, 3});
    assert_int_equal(query(&f, 0, "2026-11-24T09:30:00Z", "2026-11-24T09:31:00Z", 60000),
                     1);
    check_step("back", &f.steps[0], (struct want){1, 2, 2, 2, 2});
    pass(&f, 3600);
    assert_int_equal(
        query(&f, 0, "2026-11-24T09:00:00Z", "2026-11-24T11:00:00Z", 3600000), 2);
    check_step("hour of both", &f.steps[1], (struct want){2, 1, 3, 2, 3});
    tear_down(&f);
}

static void test_retention(void **state)
{
    static struct fixture f;
    static const char *const old[] = {"2026-08.db",
                                      "2026-08.db-wal",
                                      "2026-09.db",
                                      "2026-10.db",
                                      "hours-2024.db",
                                      "hours-2023.db",
                                      "2026-08.db.damaged-2026-08-02T00:00:00.000Z"};

    (void)state;
    set_up(&f, "2026-11-24T10:00:00Z");
    for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
        char *path = file_join(f.folder, old[i]);

        assert_int_equal(file_replace(path, "", 0, NULL), 0);
        mem_free(path);
    }
    pass(&f, 660);
    assert_int_equal(files(&f, "2026-08", false), 0); /* the oldest one first */
    assert_int_equal(files(&f, "2026-09", false), 1);
    assert_int_equal(files(&f, "hours-2023", false), 0);
    f.mono = mono_add_ms(f.mono, 86400000);
    pass(&f, 1);
    assert_int_equal(files(&f, "2026-09", false), 0);
    f.mono = mono_add_ms(f.mono, 86400000);
    pass(&f, 1);
    assert_int_equal(files(&f, "2026-10", false), 1); /* 40 days are not over */
    assert_int_equal(files(&f, "hours-2024", false), 1);
    tear_down(&f);
}

static void test_periods(void **state)
{
    static const struct {
        const char *time;
        const char *month;
        const char *year;
    } cases[] = {
        {"1970-01-01T00:00:00Z", "1970-01.db", "hours-1970.db"},
        {"2024-02-29T23:59:59Z", "2024-02.db", "hours-2024.db"},
        {"2026-12-31T23:59:59Z", "2026-12.db", "hours-2026.db"},
        {"2027-01-01T00:00:00Z", "2027-01.db", "hours-2027.db"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[PERIOD_NAME_SIZE];
        int64_t minute = period_minute(at(cases[i].time));
        int64_t month = period_of(PERIOD_MONTH, minute);
        int64_t year = period_of(PERIOD_YEAR, period_hour(at(cases[i].time)));
        enum period_kind kind;
        int64_t parsed;

        period_name(PERIOD_MONTH, month, name);
        check_text(cases[i].time, name, cases[i].month);
        assert_true(period_parse(name, &kind, &parsed));
        assert_true(kind == PERIOD_MONTH && parsed == month);
        period_name(PERIOD_YEAR, year, name);
        check_text(cases[i].time, name, cases[i].year);
        assert_true(period_parse(name, &kind, &parsed));
        assert_true(kind == PERIOD_YEAR && parsed == year);
        assert_true(period_start(PERIOD_MONTH, month) <= minute &&
                    minute < period_start(PERIOD_MONTH, month + 1));
    }
    for (int64_t month = 1970 * INT64_C(12); month < 2100 * INT64_C(12); month++)
        assert_int_equal(period_of(PERIOD_MONTH, period_start(PERIOD_MONTH, month)),
                         month);
}

static void test_names_that_are_none(void **state)
{
    static const char *const names[] = {
        "",          "kept",        "2026-13.db", "2026-1.db", "2026.db",
        "hours-.db", "hours-26.db", "0026-11.db", "journal-1", "2026-11.dx"};
    enum period_kind kind;
    int64_t period;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_case(names[i], !period_parse(names[i], &kind, &period));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_minutes),
        cmocka_unit_test(test_refused_queries),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_late_flood),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_hour_made_up),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_journal_of_committed_minute),
        cmocka_unit_test(test_damaged_file),
        cmocka_unit_test(test_no_folder),
        cmocka_unit_test(test_clock_jumps),
        cmocka_unit_test(test_retention),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_names_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
