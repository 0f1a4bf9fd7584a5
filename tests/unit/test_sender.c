/* test_sender.c - a sender against a database that misbehaves in every known way. */
#include "base/file.h"
#include "base/mem.h"
#include "history/sender.h"
#include "tests/unit/check.h"
#include "tests/unit/fake_database.h"

#include <dirent.h>
#include <sys/stat.h>

enum {
    GRACE_MS = 5000,
    PATIENCE_MS = 20000,
};

struct fixture {
    char folder[64];
    char url[64];
    struct sink_settings settings;
    struct fake_database db;
    struct sender *sender;
};

static void set_up(struct fixture *f, struct fake_script script)
{
    fake_start(&f->db, script, 0);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-sender-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->url, sizeof f->url, "http://127.0.0.1:%d", f->db.port);
    f->settings = (struct sink_settings){.id = "test",
                                         .type = SINK_VICTORIAMETRICS,
                                         .url = f->url,
                                         .flush_ms = 50,
                                         .batch_lines = 1000,
                                         .timeout_ms = 2000,
                                         .spool_max_bytes = INT64_C(64) * 1024 * 1024,
                                         .spool_max_age_ms = 86400000};
    f->sender = NULL;
}

static void open_sender(struct fixture *f)
{
    struct err err;

    f->sender = sender_open(&f->settings, f->folder, &err);
    assert_non_null(f->sender);
}

static void close_sender(struct fixture *f, int64_t grace_ms)
{
    sender_stop(f->sender, mono_add_ms(mono_now(), grace_ms));
    sender_close(f->sender);
    f->sender = NULL;
}

static void tear_down(struct fixture *f)
{
    DIR *dir;
    struct dirent *entry;

    if (f->sender != NULL)
        close_sender(f, 0);
    fake_stop(&f->db);
    dir = opendir(f->folder);
    while ((entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        char *path = file_join(f->folder, entry->d_name);

        (void)unlink(path);
        mem_free(path);
    }
    (void)closedir(dir);
    (void)rmdir(f->folder);
}

/* Lines from..to-1, appended in records of `each`. */
static void put(struct fixture *f, int from, int to, int each)
{
    char *text = mem_alloc((size_t)each * 32);

    for (int n = from; n < to;) {
        size_t used = 0;
        int count = 0;

        for (; n < to && count < each; n++, count++)
            used += (size_t)snprintf(text + used, 32, "m v=%d %d\n", n, n + 1);
        sender_append(f->sender, text, used, (size_t)count, wall_now());
    }
    mem_free(text);
}

static struct sink_status status_of(struct fixture *f)
{
    struct sink_status status;

    sender_status(f->sender, &status);
    return status;
}

/* Waits until the spool is empty. */
static void drain(struct fixture *f)
{
    struct mono_time end = mono_add_ms(mono_now(), PATIENCE_MS);

    while (status_of(f).backlog_lines > 0) {
        if (!mono_before(mono_now(), end))
            fail_msg("%lld lines are left, error '%s'",
                     (long long)status_of(f).backlog_lines, status_of(f).error);
        (void)usleep(10000);
    }
}

static int requests(struct fixture *f)
{
    int count;

    (void)pthread_mutex_lock(&f->db.mutex);
    count = f->db.requests;
    (void)pthread_mutex_unlock(&f->db.mutex);
    return count;
}

static void set_delay(struct fixture *f, int delay_ms)
{
    (void)pthread_mutex_lock(&f->db.mutex);
    f->db.script.delay_ms = delay_ms;
    (void)pthread_mutex_unlock(&f->db.mutex);
}

/* Numbers that came at least once, and the most often one came. */
static int stored(struct fixture *f, int from, int to, int *most)
{
    int count = 0;

    *most = 0;
    for (int n = from; n < to; n++) {
        count += f->db.stored[n] > 0;
        if (f->db.stored[n] > *most)
            *most = f->db.stored[n];
    }
    return count;
}

static void must_balance(struct fixture *f, uint64_t accepted)
{
    struct sink_status s = status_of(f);

    assert_int_equal(s.lines_accepted, accepted);
    assert_int_equal(s.lines_sent + s.lines_rejected + s.lines_dropped +
                         (uint64_t)s.backlog_lines,
                     accepted);
}

static void check_delivery(bool gzip)
{
    struct fixture f;
    struct sink_status status;
    int most;

    set_up(&f, (struct fake_script){0});
    f.settings.gzip = gzip;
    open_sender(&f);
    put(&f, 0, 20000, 170);
    drain(&f);
    status = status_of(&f);
    assert_true(status.healthy && status.error[0] == '\0');
    assert_true(status.last_success.ns > 0 && status.failures == 0);
    assert_int_equal(status.lines_sent, 20000);
    assert_true(requests(&f) <= 40);
    must_balance(&f, 20000);
    assert_int_equal(stored(&f, 0, 20000, &most), 20000);
    assert_int_equal(most, 1);
    assert_true(f.db.largest <= 1000);
    assert_non_null(strstr(f.db.last_head, "POST /write?precision=ns HTTP/1.1"));
    assert_true((strstr(f.db.last_head, "Content-Encoding: gzip") != NULL) == gzip);
    tear_down(&f);
}

static void test_delivers(void **state)
{
    (void)state;
    check_delivery(false);
    check_delivery(true);
}

static void test_retry_after_is_obeyed(void **state)
{
    struct fixture f;
    int most;

    (void)state;
    set_up(&f, (struct fake_script){
                   .first = 1, .first_status = 503, .header = "Retry-After: 2\r\n"});
    open_sender(&f);
    put(&f, 0, 100, 10);
    (void)usleep(1000 * 1000);
    assert_int_equal(requests(&f), 1);
    assert_false(status_of(&f).healthy);
    check_text("error", status_of(&f).error,
               "HTTP 503: {\"error\":\"partial write: field type conflict: dropped=1\"}");
    must_balance(&f, 100);
    drain(&f);
    assert_true(mono_diff_ms(f.db.times[1], f.db.times[0]) >= 2000);
    assert_true(status_of(&f).healthy);
    assert_int_equal(stored(&f, 0, 100, &most), 100);
    assert_int_equal(most, 1);
    tear_down(&f);
}

/* Several statuses that mean "later", and connections that break in the middle. */
static void test_waits(void **state)
{
    static const int statuses[] = {429, 500, 0};

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct fixture f;
        int most;

        set_up(&f, (struct fake_script){.first = 2, .first_status = statuses[i]});
        open_sender(&f);
        put(&f, 0, 3000, 100);
        drain(&f);
        assert_true(mono_diff_ms(f.db.times[1], f.db.times[0]) >= 490);
        assert_true(mono_diff_ms(f.db.times[2], f.db.times[1]) >= 990);
        assert_int_equal(status_of(&f).failures, 2);
        assert_int_equal(stored(&f, 0, 3000, &most), 3000);
        assert_int_equal(most, 1);
        must_balance(&f, 3000);
        tear_down(&f);
    }
}

static char *read_rejected(struct fixture *f)
{
    char *path = file_join(f->folder, "rejected.lp");
    size_t length;
    char *text = file_read(path, FAKE_BODY_MAX, &length, NULL);

    assert_non_null(text);
    mem_free(path);
    return text;
}

static void check_poison(bool partial)
{
    struct fixture f;
    char *rejected;
    int most;

    set_up(&f, (struct fake_script){.poison_every = 777, .partial = partial});
    open_sender(&f);
    put(&f, 1, 5000, 100);
    drain(&f);
    assert_int_equal(status_of(&f).lines_rejected, 6);
    assert_int_equal(status_of(&f).lines_sent, 4993);
    must_balance(&f, 4999);
    assert_true(status_of(&f).healthy);
    assert_int_equal(stored(&f, 1, 5000, &most), 4993);
    assert_true(partial || most == 1);
    rejected = read_rejected(&f);
    assert_non_null(strstr(rejected, "\nm v=777 778\n# 20"));
    assert_non_null(strstr(rejected, " HTTP 400: {\"error\":\"partial write: field"));
    assert_non_null(strstr(rejected, "\nm v=4662 4663\n"));
    mem_free(rejected);
    tear_down(&f);
}

static void test_poison(void **state)
{
    (void)state;
    check_poison(false);
    check_poison(true);
}

/* A database that refuses everything is misconfigured: its data is kept. */
static void test_refuses_all(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, (struct fake_script){.poison_every = 1});
    open_sender(&f);
    put(&f, 1, 2000, 100);
    (void)usleep(1000 * 1000);
    assert_false(status_of(&f).healthy);
    assert_int_equal(status_of(&f).lines_rejected, 32);
    assert_true(requests(&f) < 100);
    must_balance(&f, 1999);
    tear_down(&f);
}

static void test_too_large(void **state)
{
    struct fixture f;
    int most;

    (void)state;
    set_up(&f, (struct fake_script){.max_lines = 60});
    open_sender(&f);
    put(&f, 0, 5000, 500);
    drain(&f);
    assert_int_equal(stored(&f, 0, 5000, &most), 5000);
    assert_int_equal(most, 1);
    assert_int_equal(status_of(&f).lines_rejected, 0);
    assert_true(requests(&f) < 250);
    tear_down(&f);
}

static void test_slow(void **state)
{
    struct fixture f;
    int most;

    (void)state;
    set_up(&f, (struct fake_script){.delay_ms = 600});
    f.settings.timeout_ms = 300;
    open_sender(&f);
    put(&f, 0, 10, 10);
    (void)usleep(500 * 1000);
    assert_false(status_of(&f).healthy);
    assert_true(strstr(status_of(&f).error, "timed out") != NULL);
    set_delay(&f, 0);
    drain(&f);
    assert_int_equal(stored(&f, 0, 10, &most), 10);
    tear_down(&f);
}

static void test_endless_answer(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, (struct fake_script){.endless = true});
    open_sender(&f);
    put(&f, 0, 10, 10);
    drain(&f);
    assert_true(status_of(&f).healthy);
    tear_down(&f);
}

static void write_token(const char *path, const char *token)
{
    assert_int_equal(file_replace(path, token, strlen(token), NULL), 0);
}

/* A wrong token: no hot loop, nothing lost, and the right one is taken at the next try.
 */
static void test_unauthorized(void **state)
{
    struct fixture f;
    char *token;
    int most;

    (void)state;
    set_up(&f, (struct fake_script){.need_auth = "Authorization: Token right\r\n"});
    token = file_join(f.folder, "token");
    f.settings.type = SINK_INFLUXDB2;
    f.settings.org = "o";
    f.settings.bucket = "b";
    f.settings.token_file = token;
    open_sender(&f);
    put(&f, 0, 100, 100);
    (void)usleep(300 * 1000);
    assert_int_equal(requests(&f), 0); /* no secret, no request */
    assert_false(status_of(&f).healthy);
    assert_non_null(strstr(status_of(&f).error, "secret file"));
    close_sender(&f, GRACE_MS);
    write_token(token, "wrong\n");
    open_sender(&f);
    put(&f, 100, 200, 100);
    (void)usleep(700 * 1000);
    assert_int_equal(requests(&f), 1);
    assert_int_equal(status_of(&f).backlog_lines, 200);
    assert_non_null(strstr(status_of(&f).error, "HTTP 401"));
    close_sender(&f, GRACE_MS);
    write_token(token, "right\n");
    open_sender(&f);
    drain(&f);
    assert_int_equal(stored(&f, 0, 200, &most), 200);
    assert_int_equal(most, 1);
    mem_free(token);
    tear_down(&f);
}

/* After an outage the newest lines do not wait for the backlog. */
static void test_fresh_before_backlog(void **state)
{
    struct fixture f;
    int at = -1;
    int most;

    (void)state;
    set_up(&f, (struct fake_script){.first = 2, .first_status = 503, .delay_ms = 2});
    f.settings.batch_lines = 50;
    open_sender(&f);
    put(&f, 0, 30, 10);
    (void)usleep(200 * 1000);
    for (int n = 30; n < 20030; n += 50)
        put(&f, n, n + 50, 50);
    while (!status_of(&f).healthy)
        (void)usleep(1000);
    put(&f, 30000, 30010, 10);
    drain(&f);
    for (int i = 0; i < f.db.order_count && at < 0; i++)
        if (f.db.order[i] == 30000)
            at = i;
    assert_true(f.db.order_count >= 400);
    assert_in_range(at, 1, 100); /* a flush of 50 ms at 2 ms and more a request */
    assert_int_equal(f.db.order[0], 0);
    assert_int_equal(stored(&f, 0, 30010, &most), 20040);
    assert_int_equal(most, 1);
    must_balance(&f, 20040);
    tear_down(&f);
}

/* Closing posts what is fresh; with no time to do so it stays in the spool. */
static void test_close(void **state)
{
    struct fixture f;
    struct mono_time start;
    int most;

    (void)state;
    set_up(&f, (struct fake_script){0});
    f.settings.flush_ms = 60000;
    open_sender(&f);
    put(&f, 0, 100, 100);
    close_sender(&f, GRACE_MS);
    assert_int_equal(stored(&f, 0, 100, &most), 100);
    set_delay(&f, 3000);
    f.settings.timeout_ms = 10000;
    f.settings.flush_ms = 10;
    open_sender(&f);
    put(&f, 100, 200, 100);
    (void)usleep(200 * 1000);
    start = mono_now();
    close_sender(&f, 0);
    assert_true(mono_diff_ms(mono_now(), start) < 2000);
    set_delay(&f, 0);
    open_sender(&f);
    drain(&f);
    assert_int_equal(stored(&f, 0, 200, &most), 200);
    tear_down(&f);
}

static void test_redirect_is_not_followed(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f, (struct fake_script){.first = 1,
                                    .first_status = 307,
                                    .header = "Location: /elsewhere\r\n"});
    open_sender(&f);
    put(&f, 0, 10, 10);
    (void)usleep(500 * 1000);
    assert_int_equal(requests(&f), 1);
    assert_non_null(strstr(status_of(&f).error, "HTTP 307"));
    assert_int_equal(status_of(&f).backlog_lines, 10);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delivers),
        cmocka_unit_test(test_retry_after_is_obeyed),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_poison),
        cmocka_unit_test(test_refuses_all),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_endless_answer),
        cmocka_unit_test(test_unauthorized),
        cmocka_unit_test(test_fresh_before_backlog),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_redirect_is_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
