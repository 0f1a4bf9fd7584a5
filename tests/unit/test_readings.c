/* test_readings.c - kept readings on disk: what is put comes back, whatever happens. */
#include "history/readings.h"

#include "base/file.h"
#include "base/mem.h"
#include "tests/unit/check.h"
#include "tests/unit/small_model.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EQUIPMENT = 20,
    POINTS_EACH = 4,
    POINTS = EQUIPMENT * POINTS_EACH,
    READINGS_MAX = 400000,
    NOT_WANTED = 2, /* the point of each equipment that is not kept */
};

static const struct history_settings settings = {
    .keep_readings_ms = INT64_C(35) * 86400000,
    .readings_max_bytes = INT64_C(1) << 32,
};

struct fixture {
    char folder[64];
    struct model *model;
    bool wanted[POINTS];
    struct readings *readings;
    struct wall_time now;
    struct mono_time mono;
    struct sample *put; /* those that are kept, in order of time */
    size_t put_count;
    struct sample *got;
    size_t got_count;
    uint64_t damaged;
};

static struct wall_time at(const char *text)
{
    struct wall_time time;

    assert_true(wall_parse(text, &time));
    return time;
}

static void reopen(struct fixture *f)
{
    f->mono = mono_now();
    f->readings = readings_open(f->folder, &settings, f->model, f->wanted, f->now);
}

static void set_up(struct fixture *f, const char *now)
{
    memset(f, 0, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-readings-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->model = small_model(EQUIPMENT, POINTS_EACH);
    for (size_t i = 0; i < POINTS; i++)
        f->wanted[i] = i % POINTS_EACH != NOT_WANTED;
    f->now = at(now);
    f->put = mem_array(READINGS_MAX, sizeof *f->put);
    f->got = mem_array(READINGS_MAX, sizeof *f->got);
    reopen(f);
}

/* Calls for each file whose name contains `part`. */
static size_t each_file(const struct fixture *f, const char *part,
                        void (*each)(const char *path))
{
    DIR *dir = opendir(f->folder);
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        char *path = file_join(f->folder, entry->d_name);

        if (entry->d_name[0] != '.' && strstr(entry->d_name, part) != NULL) {
            count++;
            if (each != NULL)
                each(path);
        }
        mem_free(path);
    }
    (void)closedir(dir);
    return count;
}

static void remove_path(const char *path)
{
    assert_int_equal(unlink(path), 0);
}

static void tear_down(struct fixture *f)
{
    readings_close(f->readings, f->now);
    (void)each_file(f, "", remove_path);
    assert_int_equal(rmdir(f->folder), 0);
    model_free(f->model);
    mem_free(f->put);
    mem_free(f->got);
}

/* What comes in a second of all points; notes what is to be kept of it. */
static void make_second(struct fixture *f, struct sample samples[POINTS])
{
    for (uint32_t i = 0; i < POINTS; i++) {
        int64_t n = f->now.ns / CLOCK_S + i;

        samples[i] = (struct sample){
            .point = i,
            .value = (double)(n % 7 == 0 ? n % 100 : 12) * 0.1,
            .time = {f->now.ns + (int64_t)(i / POINTS_EACH) * 3 * CLOCK_MS},
        };
        if (n % 50 == 0) {
            samples[i].quality = QUALITY_BAD;
            samples[i].reason = REASON_TIMEOUT;
        }
        if (f->wanted[i])
            f->put[f->put_count++] = samples[i];
    }
    assert_true(f->put_count < READINGS_MAX);
    f->now.ns += CLOCK_S;
}

static void second(struct fixture *f)
{
    struct sample samples[POINTS];

    make_second(f, samples);
    readings_put(f->readings, samples, POINTS);
    f->mono.ns += CLOCK_S;
    readings_step(f->readings, f->now, f->mono);
}

static void seconds(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++)
        second(f);
}

static void read_back(struct fixture *f, struct wall_time from, struct wall_time to)
{
    uint32_t points[POINTS];
    struct readings_cursor *cursor;
    struct err err;
    size_t n;
    double progress = 0;

    for (uint32_t i = 0; i < POINTS; i++)
        points[i] = i;
    cursor = readings_cursor_open(f->folder, f->model, points, POINTS, from, to, &err);
    assert_non_null(cursor);
    f->got_count = 0;
    do {
        n = readings_next(cursor, f->got + f->got_count, 100);
        f->got_count += n;
        assert_true(readings_progress(cursor) >= progress);
        progress = readings_progress(cursor);
        assert_true(f->got_count < READINGS_MAX - 100);
    } while (n > 0);
    assert_true(progress == 1);
    f->damaged = readings_damaged(cursor);
    readings_cursor_close(cursor);
}

static bool equal(const struct sample *a, const struct sample *b)
{
    return a->point == b->point && a->quality == b->quality && a->reason == b->reason &&
           a->value == b->value && a->time.ns == b->time.ns;
}

/* All of [from, to) that was put, and nothing else, in order. */
static void expect_all(struct fixture *f, struct wall_time from, struct wall_time to)
{
    size_t k = 0;

    read_back(f, from, to);
    for (size_t i = 0; i < f->put_count; i++) {
        if (f->put[i].time.ns < from.ns || f->put[i].time.ns >= to.ns)
            continue;
        assert_true(k < f->got_count);
        assert_true(equal(&f->put[i], &f->got[k]));
        k++;
    }
    assert_int_equal(k, f->got_count);
}

static const struct wall_time never = {INT64_MAX / 4};

static void comes_back(void **unused)
{
    struct fixture f;
    struct wall_time start;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    seconds(&f, 100); /* all of it in the tail */
    assert_int_equal(each_file(&f, "tail-", NULL), 1);
    assert_int_equal(each_file(&f, ".rdg", NULL), 0);
    expect_all(&f, start, never);
    seconds(&f, 4000); /* two batches and a tail */
    assert_int_equal(each_file(&f, "tail-", NULL), 1);
    assert_int_equal(each_file(&f, "2026-11-24.rdg", NULL), 1);
    expect_all(&f, start, never);
    expect_all(&f, wall_add_ms(start, 1000), wall_add_ms(start, 2001));
    expect_all(&f, wall_add_ms(start, 1799500), wall_add_ms(start, 1800500));
    assert_int_equal(readings_oldest(f.folder).ns, start.ns);
    tear_down(&f);
}

static void over_midnight(void **unused)
{
    struct fixture f;
    struct wall_time start;

    (void)unused;
    set_up(&f, "2026-11-24T23:58:00Z");
    start = f.now;
    seconds(&f, 300);
    readings_close(f.readings, f.now);
    assert_int_equal(each_file(&f, "tail-", NULL), 0);
    assert_int_equal(each_file(&f, "2026-11-24.rdg", NULL), 1);
    assert_int_equal(each_file(&f, "2026-11-25.rdg", NULL), 1);
    reopen(&f);
    expect_all(&f, start, never);
    expect_all(&f, at("2026-11-25T00:00:00Z"), never);
    tear_down(&f);
}

static void after_a_kill(void **unused)
{
    struct fixture f;
    struct wall_time start;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    for (int i = 0; i < 5; i++) {
        struct sample samples[POINTS];
        pid_t child;
        int status;

        fflush(NULL);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            seconds(&f, 700);
            (void)raise(SIGKILL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        for (int s = 0; s < 700; s++) /* here only to know what it was */
            make_second(&f, samples);
        assert_int_equal(each_file(&f, "tail-", NULL), 1);
        expect_all(&f, start, never);
        readings_close(f.readings, f.now);
        reopen(&f);
        assert_int_equal(each_file(&f, "tail-", NULL), 0);
        expect_all(&f, start, never);
    }
    assert_int_equal(f.damaged, 0);
    tear_down(&f);
}

static char *saved;
static size_t saved_length;
static char *saved_path;

static void save(const char *path)
{
    struct err err;

    saved = file_read(path, 1 << 28, &saved_length, &err);
    assert_non_null(saved);
    saved_path = mem_strdup(path);
}

static void put_back(size_t length)
{
    struct err err;

    assert_int_equal(file_replace(saved_path, saved, length, &err), 0);
}

static void forget_saved(void)
{
    mem_free(saved);
    mem_free(saved_path);
}

/* A death after the batch is on disk and before the tail is removed. */
static void not_twice(void **unused)
{
    struct fixture f;
    struct wall_time start;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    seconds(&f, 50);
    assert_int_equal(each_file(&f, "tail-", save), 1);
    readings_close(f.readings, f.now);
    assert_int_equal(each_file(&f, "tail-", NULL), 0);
    put_back(saved_length);
    expect_all(&f, start, never);
    reopen(&f);
    assert_int_equal(each_file(&f, "tail-", NULL), 0);
    expect_all(&f, start, never);
    seconds(&f, 50);
    expect_all(&f, start, never);
    forget_saved();
    tear_down(&f);
}

/* Every reading that came back was put; returns how many of those did not. */
static size_t missing(const struct fixture *f)
{
    size_t k = 0;

    for (size_t i = 0; i < f->put_count && k < f->got_count; i++)
        if (equal(&f->put[i], &f->got[k]))
            k++;
    assert_int_equal(k, f->got_count);
    return f->put_count - k;
}

static void torn_tail(void **unused)
{
    struct fixture f;
    struct wall_time start;
    size_t a_second = POINTS * 3 / 4;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    seconds(&f, 50);
    assert_int_equal(each_file(&f, "tail-", save), 1);
    for (size_t cut = 1; cut < 100; cut += 7) {
        put_back(saved_length - cut);
        read_back(&f, start, never);
        assert_int_equal(missing(&f), a_second);
    }
    /* In the middle it costs the second, too. */
    saved[saved_length / 2] ^= 1;
    put_back(saved_length);
    read_back(&f, start, never);
    assert_int_equal(missing(&f), a_second);
    assert_int_equal(f.damaged, 1);
    forget_saved();
    tear_down(&f);
}

/* A batch that is torn is cut off; batches behind it and before it stay. */
static void torn_batch(void **unused)
{
    struct fixture f;
    struct wall_time start;
    size_t before;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    seconds(&f, 1805);
    assert_int_equal(each_file(&f, ".rdg", save), 1);
    before = f.put_count;
    readings_close(f.readings, f.now);
    put_back(saved_length - 10);
    read_back(&f, start, never);
    assert_true(f.got_count < 10 * (size_t)POINTS);
    reopen(&f);
    seconds(&f, 100);
    readings_close(f.readings, f.now);
    reopen(&f);
    read_back(&f, wall_add_ms(start, INT64_C(1806) * 1000), never);
    assert_int_equal(f.got_count, f.put_count - before - POINTS * 3 / 4);
    forget_saved();
    tear_down(&f);
}

static void any_damage(void **unused)
{
    struct fixture f;
    struct wall_time start;
    uint64_t seed = 7;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    seconds(&f, 300);
    readings_close(f.readings, f.now);
    reopen(&f);
    seconds(&f, 300);
    readings_close(f.readings, f.now);
    assert_int_equal(each_file(&f, ".rdg", save), 1);
    for (int i = 0; i < 300; i++) {
        size_t where;

        seed = seed * UINT64_C(6364136223846793005) + 1;
        where = (seed >> 20) % saved_length;
        saved[where] ^= (char)(1 << (seed >> 60 & 7));
        put_back(saved_length);
        saved[where] ^= (char)(1 << (seed >> 60 & 7));
        read_back(&f, start, never);
        assert_true(missing(&f) < f.put_count);
        assert_true(missing(&f) == 0 || f.damaged > 0);
    }
    put_back(saved_length);
    reopen(&f);
    expect_all(&f, start, never);
    forget_saved();
    tear_down(&f);
}

static void bounds_by_age(void **unused)
{
    struct fixture f;

    (void)unused;
    set_up(&f, "2026-10-01T10:00:00Z");
    for (int day = 0; day < 40; day++) {
        second(&f);
        f.now = wall_add_ms(f.now, 86400000);
        f.mono = mono_add_ms(f.mono, 1000);
        readings_step(f.readings, f.now, f.mono);
    }
    second(&f);
    assert_int_equal(each_file(&f, ".rdg", NULL), 40);
    for (int hour = 0; hour < 3; hour++) { /* one file an hour */
        f.mono = mono_add_ms(f.mono, INT64_C(3600) * 1000);
        readings_step(f.readings, f.now, f.mono);
    }
    assert_int_equal(each_file(&f, ".rdg", NULL), 38);
    for (int hour = 0; hour < 30; hour++) {
        f.mono = mono_add_ms(f.mono, INT64_C(3600) * 1000);
        readings_step(f.readings, f.now, f.mono);
    }
    assert_int_equal(each_file(&f, ".rdg", NULL), 36);
    assert_int_equal(each_file(&f, "2026-10-06.rdg", NULL), 1);
    tear_down(&f);
}

static void bounds_by_bytes(void **unused)
{
    const struct history_settings small = {.keep_readings_ms = settings.keep_readings_ms,
                                           .readings_max_bytes = 200 * 1000};
    struct fixture f;
    struct readings_status status;

    (void)unused;
    set_up(&f, "2026-11-24T00:00:00Z");
    for (int i = 0; i < 20; i++) {
        readings_close(f.readings, f.now);
        f.mono = mono_now();
        f.readings = readings_open(f.folder, &small, f.model, f.wanted, f.now);
        seconds(&f, 300);
    }
    assert_true(each_file(&f, ".rdg", NULL) > 3);
    readings_status(f.readings, &status);
    assert_true(status.bytes < 300 * 1000);
    assert_true(status.kept == 300 * POINTS * 3 / 4 && status.lost == 0);
    read_back(&f, (struct wall_time){0}, never);
    assert_int_equal(f.damaged, 0);
    assert_true(f.got_count > 50000);
    assert_true(equal(&f.got[f.got_count - 1], &f.put[f.put_count - 1]));
    assert_true(readings_oldest(f.folder).ns == f.got[0].time.ns);
    tear_down(&f);
}

static void refused(void **unused)
{
    struct fixture f;
    struct wall_time start;
    struct readings_status status;
    struct err err;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    assert_int_equal(rmdir(f.folder), 0);
    seconds(&f, 100); /* a tail cannot be made */
    readings_status(f.readings, &status);
    assert_string_not_equal(status.error, "");
    assert_int_equal(file_make_folder(f.folder, 0700, &err), 0);
    seconds(&f, 1800);
    readings_status(f.readings, &status);
    assert_string_equal(status.error, "");
    assert_int_equal(status.lost, 0);
    expect_all(&f, start, never);
    tear_down(&f);
}

static char *tail_path;

static void note_tail(const char *path)
{
    tail_path = mem_strdup(path);
}

/* A tail that cannot be opened may hold readings: it stays until it can. */
static void unopened_tail(void **unused)
{
    struct fixture f;
    struct wall_time start;
    struct readings_status status;
    char *aside;
    pid_t child;
    struct sample samples[POINTS];

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        seconds(&f, 100);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    for (int s = 0; s < 100; s++)
        make_second(&f, samples);
    readings_close(f.readings, f.now);
    assert_int_equal(each_file(&f, "tail-", note_tail), 1);
    aside = file_join(f.folder, "aside");
    assert_int_equal(rename(tail_path, aside), 0);
    assert_int_equal(symlink(tail_path, tail_path), 0); /* ELOOP, for root, too */
    reopen(&f);
    assert_int_equal(each_file(&f, "tail-", NULL), 1);
    seconds(&f, 100);
    readings_status(f.readings, &status);
    assert_string_equal(status.error, "");
    assert_non_null(strstr(status.left, tail_path));
    readings_close(f.readings, f.now);
    assert_int_equal(rename(aside, tail_path), 0);
    reopen(&f);
    readings_status(f.readings, &status);
    assert_string_equal(status.left, "");
    assert_int_equal(each_file(&f, "tail-", NULL), 0);
    expect_all(&f, start, never);
    mem_free(aside);
    mem_free(tail_path);
    tear_down(&f);
}

/* Points are known by their names. */
static void other_model(void **unused)
{
    struct fixture f;
    struct wall_time start;
    struct model *old;
    uint32_t points[] = {5};
    struct readings_cursor *cursor;
    struct err err;

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    seconds(&f, 10);
    old = f.model;
    f.model = small_model(3, 3); /* e1.p2 is e1.online, there is no p3 */
    cursor = readings_cursor_open(f.folder, f.model, points, 1, start, never, &err);
    assert_non_null(cursor);
    f.got_count = readings_next(cursor, f.got, 100);
    readings_cursor_close(cursor);
    assert_int_equal(f.got_count, 10);
    assert_int_equal(f.got[0].point, 5);
    /* It was the seventh point of the second equipment before. */
    assert_true(f.got[0].time.ns == start.ns + 3 * CLOCK_MS);
    model_free(f.model);
    f.model = old;
    tear_down(&f);
}

/* As rules take them: too late is not kept, the future is now, an older one behind a
 * newer one is in its place. */
static void times(void **unused)
{
    struct fixture f;
    struct wall_time start;
    static const struct {
        int64_t arrives_ms;
        int64_t time_ms;
        int64_t kept_ms; /* -1: not */
    } cases[] = {
        {1000, 1000, 1000}, {2000, 1500, 1500}, {3000, 9000, 3000},
        {4000, 2500, 2500}, {9000, 3000, -1},   {10000, 7000, 7000},
    };
    static const int64_t order[] = {1000, 1500, 2500, 3000, 7000};

    (void)unused;
    set_up(&f, "2026-11-24T10:00:00Z");
    start = f.now;
    readings_step(f.readings, f.now, f.mono);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample sample = {.point = 4,
                                .value = (double)i,
                                .time = wall_add_ms(start, cases[i].time_ms),
                                .mono = mono_add_ms(f.mono, cases[i].arrives_ms)};

        readings_put(f.readings, &sample, 1);
    }
    readings_step(f.readings, wall_add_ms(f.now, 11000), mono_add_ms(f.mono, 11000));
    read_back(&f, start, never);
    assert_int_equal(f.got_count, sizeof order / sizeof *order);
    for (size_t i = 0; i < f.got_count; i++)
        assert_true(f.got[i].time.ns == start.ns + order[i] * CLOCK_MS);
    tear_down(&f);
}

static void no_folder(void **unused)
{
    struct model *model = small_model(1, 2);
    uint32_t points[] = {0};
    struct sample sample;
    struct err err;
    struct readings_cursor *cursor = readings_cursor_open(
        "/nonexistent/readings", model, points, 1, (struct wall_time){0}, never, &err);

    (void)unused;
    assert_non_null(cursor);
    assert_int_equal(readings_next(cursor, &sample, 1), 0);
    readings_cursor_close(cursor);
    assert_int_equal(readings_oldest("/nonexistent/readings").ns, 0);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),      cmocka_unit_test(over_midnight),
        cmocka_unit_test(after_a_kill),    cmocka_unit_test(not_twice),
        cmocka_unit_test(torn_tail),       cmocka_unit_test(torn_batch),
        cmocka_unit_test(any_damage),      cmocka_unit_test(bounds_by_age),
        cmocka_unit_test(bounds_by_bytes), cmocka_unit_test(refused),
        cmocka_unit_test(other_model),     cmocka_unit_test(times),
        cmocka_unit_test(no_folder),       cmocka_unit_test(unopened_tail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
