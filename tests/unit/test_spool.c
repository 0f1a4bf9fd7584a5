/* test_spool.c - lines in, lines out, whatever happens to the disk between. */
#include "base/file.h"
#include "base/mem.h"
#include "history/segment.h"
#include "history/spool.h"
#include "tests/unit/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUT_MAX = 8 * 1024 * 1024,
};

static const struct spool_limits wide = {.max_bytes = 1 << 30, .max_age_ms = 86400000};

struct fixture {
    char folder[64];
    struct spool *spool;
    struct text out;
};

static void set_up(struct fixture *f)
{
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-spool-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->spool = spool_open(f->folder, wide);
    text_init(&f->out, OUT_MAX);
}

static void tear_down(struct fixture *f)
{
    DIR *dir;
    struct dirent *entry;

    spool_close(f->spool);
    dir = opendir(f->folder);
    while ((entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        char *path = file_join(f->folder, entry->d_name);

        (void)unlink(path);
        mem_free(path);
    }
    (void)closedir(dir);
    assert_int_equal(rmdir(f->folder), 0);
    text_done(&f->out);
}

/* Files whose name ends so. */
static size_t files(const struct fixture *f, const char *ending)
{
    DIR *dir = opendir(f->folder);
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        size_t length = strlen(entry->d_name);
        size_t tail = strlen(ending);

        count += length > tail && strcmp(entry->d_name + length - tail, ending) == 0;
    }
    (void)closedir(dir);
    return count;
}

static void reopen(struct fixture *f, struct spool_limits limits)
{
    spool_close(f->spool);
    f->spool = spool_open(f->folder, limits);
}

/* One record of one line "n\n". */
static int put(struct fixture *f, int n)
{
    char line[16];
    struct err err;

    (void)snprintf(line, sizeof line, "%d\n", n);
    return spool_append(f->spool, line, strlen(line), 1, wall_now(), &err);
}

static void put_range(struct fixture *f, int from, int to)
{
    for (int n = from; n < to; n++)
        assert_int_equal(put(f, n), 0);
}

/* Reads and acknowledges one batch; the text is in f->out. */
static size_t take(struct fixture *f, enum spool_lane lane, size_t max)
{
    struct spool_mark mark;
    size_t lines;

    text_clear(&f->out);
    lines = spool_read(f->spool, lane, max, OUT_MAX / 2, &f->out, &mark);
    if (lines > 0)
        assert_int_equal(spool_ack(f->spool, &mark), lines);
    return lines;
}

static struct spool_status status_of(struct fixture *f)
{
    struct spool_status status;

    spool_status(f->spool, &status);
    return status;
}

static void test_fresh_in_order(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 0);
    put_range(&f, 0, 5);
    assert_int_equal(status_of(&f).fresh_lines, 5);
    assert_true(status_of(&f).oldest.ns > 0 && status_of(&f).bytes == 170);
    assert_int_equal(take(&f, SPOOL_BACKLOG, 10), 0);
    assert_int_equal(take(&f, SPOOL_FRESH, 3), 3);
    check_text("first", f.out.data, "0\n1\n2\n");
    assert_int_equal(take(&f, SPOOL_FRESH, 3), 2);
    check_text("second", f.out.data, "3\n4\n");
    assert_int_equal(take(&f, SPOOL_FRESH, 3), 0);
    assert_int_equal(status_of(&f).lines, 0);
    assert_int_equal(status_of(&f).bytes, 0);
    assert_int_equal(status_of(&f).oldest.ns, 0);
    tear_down(&f);
}

/* An outage: skipped lines come oldest first, behind what is fresh. */
static void test_two_lanes(void **state)
{
    struct fixture f;
    struct spool_mark hand;

    (void)state;
    set_up(&f);
    put_range(&f, 0, 3);
    text_clear(&f.out);
    assert_int_equal(spool_read(f.spool, SPOOL_FRESH, 2, OUT_MAX / 2, &f.out, &hand), 2);
    spool_skip(f.spool); /* the request failed; the batch stays in hand */
    put_range(&f, 3, 5);
    assert_int_equal(spool_ack(f.spool, &hand), 2); /* and was accepted at last */
    spool_skip(f.spool);
    put_range(&f, 5, 6);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
    check_text("fresh", f.out.data, "5\n");
    assert_int_equal(take(&f, SPOOL_BACKLOG, 2), 2);
    check_text("backlog", f.out.data, "2\n3\n");
    put_range(&f, 6, 7);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
    assert_int_equal(take(&f, SPOOL_BACKLOG, 10), 1);
    check_text("rest", f.out.data, "4\n");
    assert_int_equal(take(&f, SPOOL_BACKLOG, 10), 0);
    assert_int_equal(status_of(&f).lines, 0);
    tear_down(&f);
}

/* More outages than there are ranges: nothing is lost, nothing comes twice. */
static void test_many_outages(void **state)
{
    struct fixture f;
    int seen = 0;

    (void)state;
    set_up(&f);
    for (int i = 0; i < 3 * SPOOL_RANGES_MAX; i++) {
        put_range(&f, 2 * i, 2 * i + 1);
        spool_skip(f.spool);
        put_range(&f, 2 * i + 1, 2 * i + 2);
        if (take(&f, SPOOL_FRESH, 1) == 1)
            seen++;
    }
    reopen(&f, wide);
    assert_int_equal(status_of(&f).lines, INT64_C(6) * SPOOL_RANGES_MAX - seen);
    while (take(&f, SPOOL_BACKLOG, 7) > 0)
        for (const char *at = f.out.data; *at != '\0'; at++)
            seen += *at == '\n';
    assert_int_equal(seen, INT64_C(6) * SPOOL_RANGES_MAX);
    tear_down(&f);
}

static void test_reopen(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f);
    put_range(&f, 0, 4);
    assert_int_equal(take(&f, SPOOL_FRESH, 1), 1);
    reopen(&f, wide);
    assert_int_equal(status_of(&f).lines, 3);
    put_range(&f, 4, 5);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
    check_text("fresh", f.out.data, "4\n");
    assert_int_equal(take(&f, SPOOL_BACKLOG, 10), 3);
    check_text("left", f.out.data, "1\n2\n3\n");
    reopen(&f, wide);
    assert_int_equal(status_of(&f).lines, 0);
    assert_int_equal(files(&f, ".spool"), 0);
    tear_down(&f);
}

/* kill -9: everything appended is there, what was acknowledged may come again. */
static void test_killed(void **state)
{
    struct fixture f;
    int status;
    pid_t child;

    (void)state;
    set_up(&f);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int n = 0; n < 1000; n++)
            (void)put(&f, n);
        (void)take(&f, SPOOL_FRESH, 10);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    reopen(&f, wide);
    assert_int_equal(status_of(&f).lines, 1000);
    assert_int_equal(take(&f, SPOOL_BACKLOG, 2000), 1000);
    tear_down(&f);
}

static void test_bytes_bound(void **state)
{
    struct fixture f;
    struct spool_limits narrow = {.max_bytes = INT64_C(256) * 1024,
                                  .max_age_ms = 86400000};
    struct spool_status status;
    uint64_t taken = 0;

    (void)state;
    set_up(&f);
    reopen(&f, narrow);
    for (int n = 0; n < 20000; n++) {
        assert_int_equal(put(&f, n), 0);
        if (n == 100)
            spool_skip(f.spool);
    }
    status = status_of(&f);
    assert_true(status.bytes <= UINT64_C(256) * 1024 &&
                status.bytes > UINT64_C(128) * 1024);
    assert_int_equal(status.lines + status.dropped, 20000);
    assert_true(files(&f, ".spool") <= 4);
    while (take(&f, SPOOL_FRESH, 1000) > 0)
        for (const char *at = f.out.data; *at != '\0'; at++)
            taken += *at == '\n';
    assert_int_equal(taken, status.lines);
    tear_down(&f);
}

/* The bounds may take what is in hand: then nobody counts it twice. */
static void test_evicted_in_hand(void **state)
{
    struct fixture f;
    struct spool_limits narrow = {.max_bytes = INT64_C(256) * 1024,
                                  .max_age_ms = 86400000};
    struct spool_mark mark;

    (void)state;
    set_up(&f);
    reopen(&f, narrow);
    put_range(&f, 0, 100);
    assert_int_equal(spool_read(f.spool, SPOOL_FRESH, 100, OUT_MAX / 2, &f.out, &mark),
                     100);
    put_range(&f, 100, 20000);
    assert_int_equal(spool_ack(f.spool, &mark), 0);
    assert_int_equal(status_of(&f).lines + status_of(&f).dropped, 20000);
    tear_down(&f);
}

static void test_age_bound(void **state)
{
    struct fixture f;
    struct spool_limits brief = {.max_bytes = 1 << 30, .max_age_ms = 200};

    (void)state;
    set_up(&f);
    put_range(&f, 0, 10);
    reopen(&f, brief);
    assert_int_equal(status_of(&f).lines, 10);
    (void)usleep(250 * 1000);
    put_range(&f, 10, 11);
    assert_int_equal(status_of(&f).lines, 1);
    assert_int_equal(status_of(&f).dropped, 10);
    tear_down(&f);
}

static char *only_segment(const struct fixture *f)
{
    return mem_format("%s/000000000001.spool", f->folder);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
}

/* One damaged byte of a segment costs one record; the rest comes, the file is set aside.
 */
static void test_damage_at_every_byte(void **state)
{
    struct fixture f;
    char *path;
    char *bytes;
    size_t size;

    (void)state;
    set_up(&f);
    put_range(&f, 0, 4);
    path = only_segment(&f);
    reopen(&f, wide);
    bytes = file_read(path, OUT_MAX, &size, NULL);
    assert_non_null(bytes);
    spool_close(f.spool);
    for (size_t at = 0; at < size; at++) {
        char *cursor = file_join(f.folder, "cursor");
        bool end = at >= size - SEGMENT_HEADER_SIZE;

        bytes[at] ^= 0x10;
        write_file(path, bytes, size);
        bytes[at] ^= 0x10;
        (void)unlink(cursor);
        mem_free(cursor);
        f.spool = spool_open(f.folder, wide);
        assert_int_equal(take(&f, SPOOL_BACKLOG, 10), end ? 4 : 3);
        assert_int_equal(take(&f, SPOOL_BACKLOG, 10), 0);
        assert_int_equal(status_of(&f).lines, 0);
        assert_int_equal(status_of(&f).set_aside, 1);
        put_range(&f, 7, 8);
        assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
        spool_close(f.spool);
    }
    f.spool = NULL;
    mem_free(bytes);
    mem_free(path);
    tear_down(&f);
}

/* Every length that a crash can leave, and files that are no segments. */
static void test_torn_and_foreign(void **state)
{
    struct fixture f;
    char *path;
    char *bytes;
    size_t size;

    (void)state;
    set_up(&f);
    put_range(&f, 0, 4);
    path = only_segment(&f);
    reopen(&f, wide);
    bytes = file_read(path, OUT_MAX, &size, NULL);
    spool_close(f.spool);
    for (size_t length = 0; length < size; length++) {
        char *cursor = file_join(f.folder, "cursor");

        (void)unlink(cursor);
        mem_free(cursor);
        write_file(path, bytes, length);
        f.spool = spool_open(f.folder, wide);
        assert_int_equal(status_of(&f).lines, length / 34 > 4 ? 4 : length / 34);
        spool_close(f.spool);
        (void)unlink(path);
    }
    for (int i = 10; i < 20; i++) {
        char *foreign = mem_format("%s/0000000000%d.spool", f.folder, i);

        write_file(foreign, "hello", 5);
        mem_free(foreign);
    }
    f.spool = spool_open(f.folder, wide);
    assert_int_equal(status_of(&f).set_aside, 10);
    assert_int_equal(files(&f, ".bad"), SPOOL_BAD_MAX);
    put_range(&f, 0, 1);
    assert_int_equal(take(&f, SPOOL_FRESH, 1), 1);
    mem_free(bytes);
    mem_free(path);
    tear_down(&f);
}

/* Someone cuts or removes a segment under our hands. */
static void test_file_vanishes(void **state)
{
    struct fixture f;
    char *path;

    (void)state;
    set_up(&f);
    put_range(&f, 0, 4);
    path = only_segment(&f);
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
    assert_int_equal(status_of(&f).lines, 0);
    put_range(&f, 4, 6);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 2); /* still open */
    put_range(&f, 6, 8);
    reopen(&f, wide);
    assert_int_equal(status_of(&f).lines, 2);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(take(&f, SPOOL_BACKLOG, 10), 0);
    assert_int_equal(status_of(&f).damaged, 2);
    put_range(&f, 8, 9);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
    mem_free(path);
    tear_down(&f);
}

/* A disk that is full: memory takes over, and nothing is lost while it suffices. */
static void test_full_disk(void **state)
{
    struct fixture f;
    struct rlimit old;
    struct rlimit tight;
    uint64_t taken = 0;

    (void)state;
    set_up(&f);
    (void)signal(SIGXFSZ, SIG_IGN);
    put_range(&f, 0, 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = (struct rlimit){.rlim_cur = 110, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    (void)put(&f, 3); /* does not fit; a segment in memory is a file to this limit, too */
    assert_true(status_of(&f).error[0] != '\0');
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    put_range(&f, 4, 1000);
    assert_int_equal(status_of(&f).lines + status_of(&f).dropped, 1000);
    assert_int_equal(files(&f, ".spool"), 1);
    for (size_t n; (n = take(&f, SPOOL_FRESH, 100)) > 0;)
        taken += n;
    assert_true(taken >= 999);
    tear_down(&f);
}

/* A folder that cannot be made: memory only, bounded, newest lines kept. */
static void test_no_folder(void **state)
{
    struct fixture f;
    static char line[100 * 1024];
    struct spool_status status;
    struct err err;

    (void)state;
    set_up(&f);
    spool_close(f.spool);
    f.spool = spool_open("/dev/null/spool", wide);
    assert_true(status_of(&f).error[0] != '\0');
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 200; i++)
        assert_int_equal(spool_append(f.spool, line, sizeof line, 1, wall_now(), &err),
                         0);
    status = status_of(&f);
    assert_true(status.bytes <= SPOOL_MEMORY_BYTES && status.lines > 0);
    assert_int_equal(status.lines + status.dropped, 200);
    while (take(&f, SPOOL_FRESH, 10) > 0)
        ;
    assert_int_equal(status_of(&f).lines, 0);
    tear_down(&f);
}

/* Text larger than a record is cut at line ends; a monstrous line is dropped. */
static void test_large_text(void **state)
{
    struct fixture f;
    size_t size = (size_t)3 * SEGMENT_PAYLOAD_MAX;
    char *lines = mem_alloc(size);
    char *back;
    size_t count = size / 16;
    struct err err;

    (void)state;
    set_up(&f);
    for (size_t i = 0; i < size; i++)
        lines[i] = (char)(i % 16 == 15 ? '\n' : 'a' + (int)(i / 16 % 26));
    assert_int_equal(spool_append(f.spool, lines, size, count, wall_now(), &err), 0);
    back = mem_alloc(size);
    for (size_t used = 0; used < size; used += f.out.length) {
        assert_true(take(&f, SPOOL_FRESH, 1000) > 0);
        memcpy(back + used, f.out.data, f.out.length);
    }
    assert_memory_equal(lines, back, size);
    memset(lines, 'x', size);
    lines[size - 1] = '\n';
    lines[1] = '\n';
    assert_int_equal(spool_append(f.spool, lines, size, 2, wall_now(), &err), 0);
    assert_int_equal(status_of(&f).dropped, 1);
    assert_int_equal(take(&f, SPOOL_FRESH, 10), 1);
    mem_free(lines);
    mem_free(back);
    tear_down(&f);
}

/* A healthy spool does not grow. */
static void test_stays_small(void **state)
{
    struct fixture f;
    char text[1000];
    struct err err;

    (void)state;
    set_up(&f);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\n';
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(spool_append(f.spool, text, sizeof text, 1, wall_now(), &err),
                         0);
        assert_int_equal(take(&f, SPOOL_FRESH, 1), 1);
    }
    assert_int_equal(files(&f, ".spool"), 1);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fresh_in_order),
        cmocka_unit_test(test_two_lanes),
        cmocka_unit_test(test_many_outages),
        cmocka_unit_test(test_reopen),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_bytes_bound),
        cmocka_unit_test(test_evicted_in_hand),
        cmocka_unit_test(test_age_bound),
        cmocka_unit_test(test_damage_at_every_byte),
        cmocka_unit_test(test_torn_and_foreign),
        cmocka_unit_test(test_file_vanishes),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_no_folder),
        cmocka_unit_test(test_large_text),
        cmocka_unit_test(test_stays_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
