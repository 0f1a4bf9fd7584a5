/* test_history.c - samples in at one end; rows, lines and queries out at the other. */
#include "base/file.h"
#include "history/history.h"
#include "tests/unit/check.h"
#include "tests/unit/fake_database.h"
#include "tests/unit/small_model.h"

#include <ftw.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum {
    EQUIPMENT = 10,
    POINTS_EACH = 5,
    POINTS = EQUIPMENT * POINTS_EACH,
    GRACE_MS = 5000,
};

struct fixture {
    char folder[64];
    char urls[2][64];
    struct fake_database db[2];
    struct sink_settings sinks[2];
    struct config config;
    struct history *history;
};

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void set_up(struct fixture *f, size_t sinks)
{
    struct err err;

    memset(f, 0, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-history-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    for (size_t i = 0; i < sinks; i++) {
        fake_start(&f->db[i], (struct fake_script){0}, 0);
        (void)snprintf(f->urls[i], sizeof f->urls[i], "http://127.0.0.1:%d",
                       f->db[i].port);
        f->sinks[i] = (struct sink_settings){.id = i == 0 ? "first" : "second",
                                             .type = SINK_INFLUXDB1,
                                             .url = f->urls[i],
                                             .database = "facility",
                                             .flush_ms = 100,
                                             .batch_lines = 5000,
                                             .timeout_ms = 5000,
                                             .spool_max_bytes = INT64_C(64) * 1024 * 1024,
                                             .spool_max_age_ms = 86400000};
    }
    f->config = (struct config){
        .state_dir = f->folder,
        .history = {.keep_minutes_ms = 3456000000, .keep_hours_ms = 34560000000},
        .sinks = f->sinks,
        .sink_count = sinks,
        .model = small_model(EQUIPMENT, POINTS_EACH)};
    f->history = history_open(&f->config, NULL, &err);
    assert_non_null(f->history);
}

static void tear_down(struct fixture *f)
{
    history_close(f->history, GRACE_MS);
    for (size_t i = 0; i < f->config.sink_count; i++)
        fake_stop(&f->db[i]);
    // One thread only by now. NOLINTNEXTLINE(concurrency-mt-unsafe)
    assert_int_equal(nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    model_free(f->config.model);
}

static void line(struct fixture *f, int number)
{
    char text[64];

    (void)snprintf(text, sizeof text, "m v=%d %d", number, number + 1);
    history_line(f->history, text);
}

static void test_lines_reach_every_sink(void **state)
{
    static struct fixture f;
    struct sink_status status;
    struct history_status whole;

    (void)state;
    set_up(&f, 2);
    assert_int_equal(history_sinks(f.history), 2);
    for (int n = 0; n < 3000; n++)
        line(&f, n);
    history_line(f.history, "m v=1 1\nm v=2 2");
    history_line(f.history, "");
    history_close(f.history, GRACE_MS);
    for (int i = 0; i < 2; i++)
        for (int n = 0; n < 3000; n++)
            assert_int_equal(f.db[i].stored[n], 1);
    assert_non_null(
        strstr(f.db[0].last_head, "POST /write?db=facility&precision=ns HTTP"));
    f.history = history_open(&f.config, NULL, NULL);
    history_sink_status(f.history, 1, &status);
    check_text("id", status.id, "second");
    assert_true(status.healthy && status.backlog_lines == 0);
    history_status(f.history, &whole);
    assert_true(whole.healthy && whole.samples == 0);
    tear_down(&f);
}

static void put_all(struct fixture *f, struct wall_time time, double value)
{
    struct sample samples[POINTS] = {{0}};

    for (uint32_t i = 0; i < POINTS; i++)
        samples[i] = (struct sample){.point = i, .value = value, .time = time};
    history_put(f->history, samples, POINTS);
}

static void wait_for_turn(struct fixture *f)
{
    uint64_t before = history_heartbeat(f->history);

    for (int i = 0; i < 500 && history_heartbeat(f->history) < before + 2; i++)
        (void)usleep(10000);
    assert_true(history_heartbeat(f->history) >= before + 2);
}

static void test_samples_become_rows(void **state)
{
    static struct fixture f;
    static struct history_step steps[10];
    struct wall_time now = wall_now();
    struct wall_time past = wall_add_ms(now, -600000);
    struct history_status status;
    struct err err;
    int count;

    (void)state;
    set_up(&f, 0);
    assert_int_equal(history_sinks(f.history), 0);
    history_line(f.history, "m v=1 1"); /* nobody is there for it */
    put_all(&f, now, 3);
    put_all(&f, past, 8);
    wait_for_turn(&f);
    wait_for_turn(&f);
    count = history_query(f.history, 7, wall_add_ms(now, -60000), wall_add_ms(now, 60000),
                          60000, steps, 10, &err);
    assert_in_range(count, 2, 4);
    assert_true(steps[1].count == 1 && steps[1].mean == 3);
    history_close(f.history, GRACE_MS);
    f.history = history_open(&f.config, NULL, &err);
    count =
        history_query(f.history, 7, past, wall_add_ms(now, 1), 60000, steps, 10, &err);
    assert_int_equal(count, -1); /* eleven steps do not fit */
    count =
        history_query(f.history, 7, past, wall_add_ms(past, 1), 60000, steps, 10, &err);
    assert_int_equal(count, 1);
    assert_true(steps[0].count == 1 && steps[0].max == 8);
    history_status(f.history, &status);
    assert_true(status.healthy && status.samples_dropped == 0);
    tear_down(&f);
}

/* Sinks get what is new, the archive every reading; a point that is not stored is in
 * neither. */
static void test_series_are_thinned_for_sinks_only(void **state)
{
    static struct fixture f;
    static struct history_step steps[10];
    struct wall_time now = wall_now();
    struct sink_status sink;
    struct err err;
    int count;

    (void)state;
    set_up(&f, 1);
    history_close(f.history, GRACE_MS);
    for (size_t i = 0; i < POINTS; i++) {
        f.config.model->points[i].deadband = 1;
        f.config.model->points[i].store = i != 7;
    }
    f.history = history_open(&f.config, NULL, &err);
    put_all(&f, now, 3);
    put_all(&f, wall_add_ms(now, 1), 3.5); /* booleans have changed, numbers have not */
    put_all(&f, wall_add_ms(now, 2), 3.5);
    wait_for_turn(&f);
    wait_for_turn(&f);
    history_sink_status(f.history, 0, &sink);
    assert_int_equal(sink.lines_accepted, 2 * EQUIPMENT);
    count = history_query(f.history, 6, wall_add_ms(now, -60000), wall_add_ms(now, 60000),
                          60000, steps, 10, &err);
    assert_in_range(count, 2, 4);
    assert_int_equal(steps[1].count + steps[2].count, 3);
    count = history_query(f.history, 7, wall_add_ms(now, -60000), wall_add_ms(now, 60000),
                          60000, steps, 10, &err);
    assert_int_equal(count, -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    tear_down(&f);
}

/* The queue is bounded: what does not fit is counted, and put never waits. */
static void test_full_queue_drops(void **state)
{
    static struct fixture f;
    struct history_status status;
    struct mono_time start;

    (void)state;
    set_up(&f, 0);
    start = mono_now();
    for (int i = 0; i < 20000; i++)
        put_all(&f, wall_now(), i);
    assert_true(mono_diff_ms(mono_now(), start) < 5000);
    history_status(f.history, &status);
    assert_int_equal(status.samples + status.samples_dropped, 20000 * POINTS);
    assert_true(status.samples_dropped > 0);
    tear_down(&f);
}

struct asker {
    struct fixture *f;
    atomic_bool stop;
    int answers;
};

static void *ask(void *context)
{
    struct asker *asker = context;
    static struct history_step steps[100];

    while (!atomic_load(&asker->stop)) {
        struct wall_time now = wall_now();
        struct sink_status sink;
        struct history_status status;

        if (history_query(asker->f->history, 3, wall_add_ms(now, -1800000), now, 60000,
                          steps, 100, NULL) > 0)
            asker->answers++;
        history_sink_status(asker->f->history, 0, &sink);
        history_status(asker->f->history, &status);
    }
    return NULL;
}

/* Pipeline, readers, writer and senders at once; for the thread sanitizer. */
static void test_many_threads(void **state)
{
    static struct fixture f;
    struct asker asker = {.f = &f};
    pthread_t thread;

    (void)state;
    set_up(&f, 2);
    assert_int_equal(pthread_create(&thread, NULL, ask, &asker), 0);
    for (int n = 0; n < 300; n++) {
        struct sample sample = {.point = (uint32_t)n % POINTS,
                                .value = n,
                                .quality = n % 7 == 0 ? QUALITY_BAD : QUALITY_GOOD};

        sample.time = (struct wall_time){wall_now().ns - (n % 3) * INT64_C(40) * CLOCK_S};
        history_put(f.history, &sample, n % 7 == 0 ? 1 : 0);
        put_all(&f, wall_now(), n);
        line(&f, n);
        (void)usleep(3000);
    }
    atomic_store(&asker.stop, true);
    (void)pthread_join(thread, NULL);
    assert_true(asker.answers > 0);
    history_close(f.history, GRACE_MS);
    f.history = NULL;
    for (int n = 0; n < 300; n++)
        assert_true(f.db[0].stored[n] == 1 && f.db[1].stored[n] == 1);
    tear_down(&f);
}

/* Good and bad readings of the points that are wanted, in the order of time. */
static void test_readings_are_kept(void **state)
{
    static struct fixture f;
    bool wanted[POINTS] = {false};
    struct wall_time start = wall_now();
    struct history_status status;
    struct readings_cursor *cursor;
    uint32_t points[POINTS];
    struct sample samples[POINTS];
    char folder[300];
    struct err err;

    (void)state;
    set_up(&f, 0);
    history_close(f.history, GRACE_MS);
    wanted[1] = wanted[3] = true;
    f.history = history_open(&f.config, wanted, &err);
    assert_non_null(f.history);
    put_all(&f, start, 5);
    for (uint32_t i = 0; i < POINTS; i++) {
        points[i] = i;
        samples[i] = (struct sample){.point = i,
                                     .quality = QUALITY_BAD,
                                     .reason = REASON_TIMEOUT,
                                     .time = wall_add_ms(start, 10)};
    }
    history_put(f.history, samples, POINTS);
    for (int i = 0; i < 500; i++) {
        history_status(f.history, &status);
        if (status.readings.kept == 4)
            break;
        (void)usleep(10000);
    }
    assert_int_equal(status.readings.kept, 4);
    check_text("no error", status.readings.error, "");
    history_close(f.history, GRACE_MS);
    (void)snprintf(folder, sizeof folder, "%s/readings", f.folder);
    cursor = readings_cursor_open(folder, f.config.model, points, POINTS, start,
                                  wall_add_ms(start, 1000), &err);
    assert_non_null(cursor);
    assert_int_equal(readings_next(cursor, samples, POINTS), 4);
    assert_true(samples[0].point == 1 && samples[0].value == 5 && samples[1].point == 3);
    assert_true(samples[3].point == 3 && samples[3].quality == QUALITY_BAD &&
                samples[3].reason == REASON_TIMEOUT);
    readings_cursor_close(cursor);
    f.history = history_open(&f.config, NULL, &err);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readings_are_kept),
        cmocka_unit_test(test_lines_reach_every_sink),
        cmocka_unit_test(test_samples_become_rows),
        cmocka_unit_test(test_series_are_thinned_for_sinks_only),
        cmocka_unit_test(test_full_queue_drops),
        cmocka_unit_test(test_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
