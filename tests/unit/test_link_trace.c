/* test_link_trace.c - adapters/link_trace.c alone and between threads. */
#include "adapters/link_trace.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <pthread.h>
#include <stdatomic.h>

static struct link_trace_frame got[LINK_TRACE_FRAMES];

static void nothing_is_kept_while_nobody_looks(void **state)
{
    struct link_trace *trace = link_trace_new();

    (void)state;
    assert_false(link_trace_on(trace));
    link_trace_frame(trace, LINK_TRACE_SENT, "abc", 3, 0);
    assert_int_equal(link_trace_read(trace, 0, got, 10), 0);
    assert_true(link_trace_on(trace));
    assert_int_equal(link_trace_read(trace, 0, got, 10), 0);
    link_trace_free(trace);
    link_trace_free(NULL);
}

static void frames_come_in_order_once(void **state)
{
    struct link_trace *trace = link_trace_new();

    (void)state;
    (void)link_trace_read(trace, 0, got, 10);
    link_trace_frame(trace, LINK_TRACE_SENT, "abc", 3, 0);
    link_trace_frame(trace, LINK_TRACE_RECEIVED, "defg", 4, 1500);
    link_trace_frame(trace, LINK_TRACE_EVENT, "", 0, 0);
    assert_int_equal(link_trace_read(trace, 0, got, 2), 2);
    assert_int_equal(got[0].sequence, 1);
    assert_int_equal(got[0].kind, LINK_TRACE_SENT);
    assert_int_equal(got[0].length, 3);
    assert_memory_equal(got[0].bytes, "abc", 3);
    assert_true(got[0].time.ns > 0);
    assert_int_equal(got[1].sequence, 2);
    assert_int_equal(got[1].after_us, 1500);
    assert_memory_equal(got[1].bytes, "defg", 4);
    assert_int_equal(link_trace_read(trace, 2, got, 10), 1);
    assert_int_equal(got[0].sequence, 3);
    assert_int_equal(got[0].length, 0);
    assert_int_equal(link_trace_read(trace, 3, got, 10), 0);
    assert_int_equal(link_trace_read(trace, 9999, got, 10), 0);
    link_trace_free(trace);
}

static void the_oldest_go_first_and_the_hole_shows(void **state)
{
    struct link_trace *trace = link_trace_new();

    (void)state;
    (void)link_trace_read(trace, 0, got, 1);
    for (uint32_t i = 1; i <= LINK_TRACE_FRAMES + 100; i++)
        link_trace_frame(trace, LINK_TRACE_SENT, &i, sizeof i, 0);
    assert_int_equal(link_trace_read(trace, 50, got, LINK_TRACE_FRAMES),
                     LINK_TRACE_FRAMES);
    for (uint32_t i = 0; i < LINK_TRACE_FRAMES; i++) {
        uint32_t number = 101 + i;

        assert_int_equal(got[i].sequence, number);
        assert_memory_equal(got[i].bytes, &number, sizeof number);
    }
    link_trace_free(trace);
}

static void long_frames_are_cut(void **state)
{
    struct link_trace *trace = link_trace_new();
    unsigned char bytes[LINK_TRACE_BYTES_MAX + 50];

    (void)state;
    memset(bytes, 0x5a, sizeof bytes);
    (void)link_trace_read(trace, 0, got, 1);
    link_trace_frame(trace, LINK_TRACE_DISCARDED, bytes, sizeof bytes, 0);
    assert_int_equal(link_trace_read(trace, 0, got, 1), 1);
    assert_int_equal(got[0].length, LINK_TRACE_BYTES_MAX);
    assert_memory_equal(got[0].bytes, bytes, LINK_TRACE_BYTES_MAX);
    link_trace_free(trace);
}

/* One lease lasts as long as its name says; the test waits for its end. */
static void a_lease_ends_and_another_begins_with_a_hole(void **state)
{
    struct link_trace *trace = link_trace_new();

    (void)state;
    (void)link_trace_read(trace, 0, got, 1);
    link_trace_frame(trace, LINK_TRACE_SENT, "a", 1, 0);
    assert_int_equal(link_trace_read(trace, 0, got, 1), 1);
    mono_sleep_until(mono_add_ms(mono_now(), LINK_TRACE_LEASE_MS + 20));
    link_trace_frame(trace, LINK_TRACE_SENT, "b", 1, 0);
    assert_false(link_trace_on(trace));
    assert_int_equal(link_trace_read(trace, 1, got, 1), 0);
    link_trace_frame(trace, LINK_TRACE_SENT, "c", 1, 0);
    assert_int_equal(link_trace_read(trace, 1, got, 1), 1);
    assert_int_equal(got[0].sequence, 3);
    assert_memory_equal(got[0].bytes, "c", 1);
    link_trace_free(trace);
}

/* ---- a link and two readers, for the thread sanitizer ---- */

struct busy {
    struct link_trace *trace;
    atomic_bool stop;
};

static void *write_frames(void *context)
{
    struct busy *busy = context;

    for (uint32_t i = 0; !atomic_load(&busy->stop); i++) {
        link_trace_frame(busy->trace, LINK_TRACE_SENT, &i, sizeof i, 0);
        if (i % 64 == 0)
            mono_sleep_until((struct mono_time){mono_now().ns + 100 * 1000});
    }
    return NULL;
}

static void *read_frames(void *context)
{
    struct busy *busy = context;
    struct link_trace_frame *frames = mem_array(64, sizeof *frames);
    struct mono_time until = mono_add_ms(mono_now(), 200);
    uint64_t last = 0;
    size_t faults = 0;

    while (mono_before(mono_now(), until)) {
        size_t count = link_trace_read(busy->trace, last, frames, 64);

        for (size_t i = 0; i < count; i++) {
            faults += frames[i].sequence <= last || frames[i].length != 4;
            last = frames[i].sequence;
        }
    }
    mem_free(frames);
    return faults == 0 && last > 0 ? busy : NULL;
}

static void readers_do_not_disturb_each_other(void **state)
{
    struct busy busy = {.trace = link_trace_new()};
    pthread_t writer;
    pthread_t readers[2];

    (void)state;
    (void)link_trace_read(busy.trace, 0, got, 1);
    assert_int_equal(pthread_create(&writer, NULL, write_frames, &busy), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_frames, &busy), 0);
    for (size_t i = 0; i < 2; i++) {
        void *result;

        assert_int_equal(pthread_join(readers[i], &result), 0);
        assert_non_null(result);
    }
    atomic_store(&busy.stop, true);
    assert_int_equal(pthread_join(writer, NULL), 0);
    link_trace_free(busy.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_kept_while_nobody_looks),
        cmocka_unit_test(frames_come_in_order_once),
        cmocka_unit_test(the_oldest_go_first_and_the_hole_shows),
        cmocka_unit_test(long_frames_are_cut),
        cmocka_unit_test(a_lease_ends_and_another_begins_with_a_hole),
        cmocka_unit_test(readers_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
