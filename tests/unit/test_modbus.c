/* The Modbus adapter as the gateway drives it, against a device that misbehaves. */
#include "tests/unit/check.h"

#include "adapters/identity.h"
#include "tests/unit/modbus_site.h"

#ifndef ON_A_SHARED_THREAD
#define ON_A_SHARED_THREAD false
#endif

/* --- the cases -------------------------------------------------------------------- */

static void test_values(void **state)
{
    struct link_status status;

    (void)state;
    for (int kind = PEER_TCP; kind <= PEER_PTY; kind++) {
        peer_start(&peer, (enum peer_kind)kind);
        site_make(&site, peer.address, 2);
        site.points[4] = point_at(TABLE_INPUT, 0x4142, TYPE_STRING);
        site.points[5] = point_at(TABLE_HOLDING, 20, TYPE_U32);
        site.points[5].invalid[0] = 20 << 16 | 21;
        site.points[5].invalid_count = 1;
        site.profile.point_count = 6;
        open_it();
        run_periods(20);
        for (size_t e = 0; e < 2; e++) {
            assert_true(point_of(e, 0)->last.value == 10);
            assert_true(point_of(e, 1)->last.value == 11);
            assert_true(point_of(e, 2)->last.value == 14);
            assert_true(point_of(e, 3)->last.value == 1);
            assert_string_equal(point_of(e, 4)->text, "ABACADAE");
            assert_true(is_bad(point_of(e, 5), REASON_NOT_AVAILABLE, 0));
            assert_true(point_of(e, 0)->good >= 10 && point_of(e, 0)->bad == 0);
            assert_true(online_of(e)->last.value == 1 && online_of(e)->good == 1);
        }
        assert_true(link_online()->last.value == 1 && link_online()->good == 1);
        status = status_of();
        assert_true(status.connected && status.since.ns > 0 && status.error[0] == '\0');
        assert_int_equal(status.units, 2);
        assert_int_equal(status.requests, status.answers);
        assert_int_equal(status.connects, 1);
        assert_true(status.samples > status.bad_samples && status.bad_samples > 0);
        assert_int_equal(last_result, 0);
        (void)teardown(NULL);
    }
}

/* Three blocks of a unit are three requests, and one batch. */
static void test_one_batch_a_wake_up(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 3);
    open_it();
    run_periods(4);
    mono_sleep_until(modbus_adapter.due(adapter));
    batches = 0;
    step_once();
    assert_int_equal(batches, 1);
}

static void test_a_dead_unit_delays_nobody(void **state)
{
    unsigned before;

    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 3);
    peer_unit(&peer, 2, WISH_SILENCE);
    open_it();
    run_periods(30);
    assert_true(is_bad(point_of(1, 0), REASON_TIMEOUT, 0));
    assert_true(is_bad(point_of(1, 3), REASON_TIMEOUT, 0)); /* all of it */
    assert_true(online_of(1)->last.value == 0 && online_of(1)->good == 1);
    assert_true(link_online()->last.value == 1);
    assert_int_equal(last_result, 0);
    for (size_t e = 0; e <= 2; e += 2)
        assert_true(point_of(e, 0)->good >= 15 && point_of(e, 0)->bad == 0);
    assert_int_equal(status_of().timeouts, 1); /* the first failure opened the breaker */
    assert_int_equal(status_of().units_offline, 1);
    peer_unit(&peer, 2, WISH_HONEST);
    before = point_of(1, 0)->good;
    run_until_more(&point_of(1, 0)->good, before, 4000);
    assert_true(online_of(1)->last.value == 1);
    assert_true(point_of(1, 3)->last.quality == QUALITY_GOOD);
    assert_int_equal(status_of().units_offline, 0);
}

static void test_three_failures_open_the_breaker(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 1);
    site.profile.point_count = 3; /* one block */
    open_it();
    run_periods(6);
    assert_true(online_of(0)->last.value == 1);
    for (int i = 0; i < 2; i++) {
        peer_next(&peer, WISH_WRONG_UNIT);
        run_until_more(&point_of(0, 0)->bad, (unsigned)i, 1000);
        assert_true(is_bad(point_of(0, 0), REASON_PROTOCOL, 0));
        run_periods(4);
        assert_true(point_of(0, 0)->last.quality == QUALITY_GOOD);
        assert_true(online_of(0)->good == 1); /* once each: nothing has happened */
    }
    peer_unit(&peer, 1, WISH_SILENCE);
    run_periods(14);
    assert_true(online_of(0)->last.value == 0);
    assert_true(link_online()->last.value == 0); /* every unit is dead */
    assert_int_equal(last_result, -1);
    assert_non_null(strstr(last_err.text, "no answer within 150 ms"));
    assert_non_null(strstr(last_err.text, "unit 1: read holding 10+5"));
    assert_int_equal(status_of().timeouts, 3);
    assert_int_equal(status_of().protocol_errors, 2);
}

static void test_a_refused_register(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    peer_refuse(&peer, 11);
    site_make(&site, peer.address, 1);
    open_it();
    run_periods(10);
    assert_true(point_of(0, 0)->last.value == 10 && point_of(0, 0)->bad == 0);
    assert_true(point_of(0, 2)->last.value == 14 && point_of(0, 2)->bad == 0);
    assert_true(is_bad(point_of(0, 1), REASON_ADDRESS, 2));
    assert_int_equal(point_of(0, 1)->bad, 1); /* and is left alone for a while */
    assert_true(online_of(0)->last.value == 1);
    assert_int_equal(status_of().timeouts, 0);
    assert_int_equal(peer_connections(&peer), 1);
}

static void test_the_gateway_in_between_says_dead(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    peer_exception(&peer, 11);
    site_make(&site, peer.address, 2);
    peer_unit(&peer, 2, WISH_EXCEPTION);
    open_it();
    run_periods(10);
    assert_true(is_bad(point_of(1, 0), REASON_EXCEPTION, 11));
    assert_true(online_of(1)->last.value == 0);
    assert_true(online_of(0)->last.value == 1 && point_of(0, 0)->bad == 0);
    assert_int_equal(peer_connections(&peer), 1); /* the connection is fine */
}

static void test_other_exceptions_are_alive(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    peer_exception(&peer, 4);
    site_make(&site, peer.address, 1);
    peer_unit(&peer, 1, WISH_EXCEPTION);
    open_it();
    run_periods(10);
    assert_true(is_bad(point_of(0, 0), REASON_EXCEPTION, 4));
    assert_true(online_of(0)->last.value == 1 && online_of(0)->good == 1);
    assert_true(status_of().exceptions > 5);
}

static void test_a_busy_device_is_asked_again(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    peer_exception(&peer, 6);
    site_make(&site, peer.address, 1);
    for (size_t i = 0; i < 4; i++)
        site.points[i].poll_ms = 3000;
    peer_next(&peer, WISH_EXCEPTION);
    open_it();
    run_for(1000 + 400); /* the first slot is at most a second away */
    assert_true(point_of(0, 3)->last.quality == QUALITY_GOOD);
    assert_true(point_of(0, 0)->last.quality == QUALITY_GOOD);
    assert_int_equal(point_of(0, 0)->bad + point_of(0, 3)->bad, 0);
    assert_int_equal(status_of().exceptions, 1);
}

static void test_a_connection_that_closes_is_made_again(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 1);
    open_it();
    run_periods(4);
    for (int i = 0; i < 3; i++) {
        peer_next(&peer, WISH_CLOSE);
        run_periods(4);
    }
    assert_int_equal(point_of(0, 0)->bad + point_of(0, 3)->bad, 0); /* asked again */
    assert_int_equal(peer_connections(&peer), 4);
    assert_true(online_of(0)->good == 1);
}

static void test_a_link_that_is_down(void **state)
{
    uint16_t port;
    struct link_status status;

    (void)state;
    peer_start(&peer, PEER_TCP);
    port = peer.port;
    site_make(&site, peer.address, 2);
    peer_stop(&peer);
    open_it();
    run_for(500);
    assert_int_equal(last_result, -1);
    assert_non_null(strstr(last_err.text, "Connection refused"));
    for (size_t e = 0; e < 2; e++) {
        assert_true(is_bad(point_of(e, 0), REASON_CONNECT, 0));
        assert_int_equal(point_of(e, 3)->bad, 1);
        assert_true(online_of(e)->last.value == 0);
    }
    assert_true(link_online()->good == 1 && link_online()->last.value == 0);
    status = status_of();
    assert_true(!status.connected && status.since.ns > 0);
    assert_int_equal(status.requests, 0);
    assert_non_null(strstr(status.error, "Connection refused"));
    peer_start_at(&peer, PEER_TCP, port);
    run_until_more(&point_of(1, 3)->good, 0, 3000);
    run_periods(2);
    assert_true(link_online()->last.value == 1 && online_of(1)->last.value == 1);
    status = status_of();
    assert_true(status.connected && status.error[0] == '\0');
    assert_true(status.lateness_p99_us < 100000); /* an outage is no lateness */
    assert_int_equal(last_result, 0);
}

/* Slow points that turned bad with the link are good with it again, not an hour later. */
static void test_slow_points_come_back_with_the_link(void **state)
{
    uint16_t port;

    (void)state;
    peer_start(&peer, PEER_TCP);
    port = peer.port;
    site_make(&site, peer.address, 1);
    site.points[3].poll_ms = INT64_C(3600000);
    open_it();
    run_until_more(&point_of(0, 3)->good, 0, 1500);
    peer_stop(&peer);
    run_until_more(&point_of(0, 3)->bad, 0, 1500);
    peer_start_at(&peer, PEER_TCP, port);
    run_until_more(&point_of(0, 3)->good, 1, 3000);
}

static void test_two_equipment_on_one_unit(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 2);
    site.equipment[1].unit = 1;
    open_it();
    run_periods(5);
    assert_int_equal(status_of().units, 1);
    for (size_t e = 0; e < 2; e++) {
        assert_true(point_of(e, 0)->last.value == 10 && point_of(e, 0)->good > 1);
        assert_true(online_of(e)->last.value == 1);
    }
    assert_int_equal(status_of().requests, 2 * point_of(0, 0)->good);
}

static void test_polls_keep_their_period(void **state)
{
    int64_t first_ns = 0;
    size_t reads = 0;

    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 1);
    site.profile.point_count = 1;
    open_it();
    run_periods(20);
    peer_stop(&peer);
    for (size_t i = 0; i < peer.requests; i++) {
        int64_t since_ns;

        first_ns = i == 0 ? peer.log[i].at_ns : first_ns;
        since_ns = peer.log[i].at_ns - first_ns;
        reads += since_ns / CLOCK_MS % PERIOD_MS < 15 ||
                 since_ns / CLOCK_MS % PERIOD_MS > PERIOD_MS - 15;
    }
    assert_true(peer.requests >= 18 && peer.requests <= 21);
    assert_true(reads >= peer.requests - 3); /* no drift; the machine may stumble */
    assert_true(status_of().lateness_p50_us >= 0);
    assert_true(status_of().lateness_p50_us < 10000);
}

static void *wake_soon(void *context)
{
    (void)context;
    mono_sleep_until(mono_add_ms(mono_now(), 30));
    modbus_adapter.wake(adapter);
    for (int i = 0; i < 100; i++)
        (void)status_of(); /* from another thread than steps */
    return NULL;
}

/* A stop costs at most the answer that is being waited for. */
static void test_wake(void **state)
{
    pthread_t thread;
    struct mono_time before;

    (void)state;
    peer_start(&peer, PEER_RTU_TCP);
    site_make(&site, peer.address, 4);
    for (uint8_t unit = 1; unit <= 4; unit++)
        peer_unit(&peer, unit, WISH_SILENCE);
    open_it();
    mono_sleep_until(modbus_adapter.due(adapter));
    (void)pthread_create(&thread, NULL, wake_soon, NULL);
    before = mono_now();
    step_once();
    assert_true(mono_diff_ms(mono_now(), before) < 300); /* not 4 times 400 */
    (void)pthread_join(thread, NULL);
    before = mono_now();
    modbus_adapter.wake(adapter);
    step_once();
    assert_true(mono_diff_ms(mono_now(), before) < 30);
}

static void test_bad_settings_are_refused(void **state)
{
    static const struct {
        const char *name;
        const char *address;
        int64_t unit;
        bool fine;
    } rows[] = {
        {"unit 0 over TCP", "tcp://127.0.0.1:1", 0, true},
        {"unit 255 over TCP", "tcp://127.0.0.1:1", 255, true},
        {"unit 248", "tcp://127.0.0.1:1", 248, false},
        {"the broadcast", "rtu:///dev/x", 0, false},
        {"unit 255 over RTU", "rtu+tcp://127.0.0.1:1", 255, false},
        {"address", "127.0.0.1", 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {0};

        site_make(&site, rows[i].address, 1);
        site.equipment[0].unit = rows[i].unit;
        site_number(&site);
        adapter = modbus_adapter.open(&site.config, 0, &err);
        check_case(rows[i].name, (adapter != NULL) == rows[i].fine);
        check_case(rows[i].name, err.kind == (rows[i].fine ? ERR_NONE : ERR_CONFIG));
        modbus_adapter.close(adapter);
        adapter = NULL;
    }
}

static void test_a_link_with_nothing_on_it(void **state)
{
    (void)state;
    site_make(&site, "tcp://127.0.0.1:1", 0);
    open_it();
    assert_true(modbus_adapter.due(adapter).ns == MONO_NEVER.ns);
    step_once();
    assert_int_equal(last_result, 0);
    assert_true(modbus_adapter.due(adapter).ns == MONO_NEVER.ns);
}

/* Polls until the link is said to be so; on a busy machine an answer may be late. */
static void run_until_online(double online, int64_t ms)
{
    struct mono_time end = mono_add_ms(mono_now(), ms);

    while ((link_online()->good == 0 || link_online()->last.value != online) &&
           mono_before(mono_now(), end))
        run_for(10);
    assert_true(link_online()->last.value == online);
}

/* A bus on which nobody answers is known to be dead before each of its units is. */
static void test_a_silent_link_is_told_early(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 4);
    site.profile.point_count = 3; /* one block */
    open_it();
    run_until_online(1, 8000);
    for (uint8_t unit = 1; unit <= 4; unit++)
        peer_unit(&peer, unit, WISH_SILENCE);
    run_until_online(0, 9 * TIMEOUT_MS);
    assert_int_equal(last_result, -1);
    for (uint8_t unit = 1; unit <= 4; unit++)
        peer_unit(&peer, unit, WISH_HONEST);
    run_until_online(1, 8000);
    assert_int_equal(last_result, 0);
}

/* Whatever the device does, a value is one that it holds, and the next poll is clean. */
static void test_lies_are_never_values(void **state)
{
    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 1);
    site.profile.point_count = 3;
    open_it();
    run_periods(4);
    for (int wish = WISH_HONEST; wish < WISH_EXCEPTION; wish++) {
        unsigned good = point_of(0, 0)->good;

        peer_late(&peer, TIMEOUT_MS + 30);
        peer_next(&peer, (enum peer_wish)wish);
        run_until_more(&point_of(0, 0)->good, good + 3, 8000);
        assert_true(point_of(0, 0)->last.value == 10);
        assert_true(point_of(0, 1)->last.value == 11);
        assert_true(point_of(0, 2)->last.value == 14);
    }
}

/* --- probes and questions ----------------------------------------------------------- */

static struct probe_settings check;

static void probe_for(double expected)
{
    check = (struct probe_settings){
        .point = "p", .slot = 0, .range_low = expected, .range_high = expected};
    site.variant.checks = &check;
    site.variant.check_count = 1;
    site.profile.variants = &site.variant;
    site.profile.variant_count = 1;
}

static struct finding finding_of(uint32_t equipment)
{
    struct finding finding;

    modbus_adapter.finding(adapter, equipment, &finding);
    return finding;
}

/* Register 10 holds 10: a probe that expects 10 lets the values through, one that expects
 * 2560 finds the bytes swapped, one that expects 11 the address one too low. */
static void test_a_probe_decides(void **state)
{
    static const struct {
        double expected;
        enum finding_kind finding;
    } cases[] = {{77, FINDING_IMPLAUSIBLE},
                 {2560, FINDING_WRONG_ORDER},
                 {11, FINDING_WRONG_BASE},
                 {9, FINDING_WRONG_BASE},
                 {10, FINDING_RIGHT}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool right = cases[i].finding == FINDING_RIGHT;

        if (i > 0)
            (void)teardown(NULL);
        peer_start(&peer, PEER_TCP);
        site_make(&site, peer.address, 2);
        probe_for(cases[i].expected);
        open_it();
        run_until_more(&online_of(1)->good, 0, 8000);
        run_periods(10);
        assert_int_equal(finding_of(0).kind, cases[i].finding);
        assert_int_equal(finding_of(1).kind, cases[i].finding);
        if (right)
            assert_true(point_of(1, 2)->last.value == 14);
        else
            assert_true(is_bad(point_of(1, 2), REASON_PROBE, 0));
        assert_true(right || point_of(0, 2)->good == 0);
        if (right)
            assert_true(online_of(0)->last.value == 1);
        else
            assert_true(is_bad(online_of(0), REASON_PROBE, 0));
    }
}

/* Another device may stand there after a silence. */
static void test_a_silence_is_a_doubt(void **state)
{
    struct wall_time first;

    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 2);
    probe_for(10);
    open_it();
    run_until_more(&point_of(0, 0)->good, 2, 8000);
    first = finding_of(0).time;
    peer_unit(&peer, 1, WISH_SILENCE);
    run_until_more(&online_of(0)->good, online_of(0)->good, 8000);
    assert_true(online_of(0)->last.value == 0);
    assert_true(is_bad(point_of(0, 0), REASON_TIMEOUT, 0));
    peer_unit(&peer, 1, WISH_HONEST);
    run_until_more(&point_of(0, 0)->good, point_of(0, 0)->good, 8000);
    assert_true(finding_of(0).time.ns > first.ns);
    first = finding_of(1).time;
    modbus_adapter.probe_again(adapter, 1);
    run_periods(10);
    assert_true(finding_of(1).time.ns > first.ns);
    assert_true(point_of(1, 0)->last.quality == QUALITY_GOOD);
}

/* A link that waits for its device looks each second, but has no news each second. */
static void test_a_device_that_has_not_dialled_in(void **state)
{
    char address[64];

    (void)state;
    peer_start(&peer, PEER_TCP);
    (void)snprintf(address, sizeof address, "listen+tcp://127.0.0.1:%u", peer.port);
    peer_stop(&peer);
    site_make(&site, address, 1);
    site.link.registration = "box";
    site.link.registration_length = 3;
    open_it();
    run_until_more(&point_of(0, 3)->bad, 0, 3000);
    run_for(5000);
    assert_in_range(point_of(0, 3)->bad, 2, 3); /* after 1 s, after 2 s more */
    assert_true(online_of(0)->last.value == 0);
}

/* Two variants fit and share no reading: nothing is delivered, and the unit is asked
 * again as one whose probe failed, or nobody would notice its death. */
static void test_variants_that_share_nothing(void **state)
{
    struct variant_settings variants[2];
    struct point_settings other;
    struct unit_status unit;

    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 1);
    site.profile.point_count = 1;
    site_number(&site);
    probe_for(10);
    check.range_high = 11;
    other = site.points[0];
    other.address = 11;
    variants[0] = variants[1] = site.variant;
    variants[0].id = "a";
    variants[1].id = "b";
    variants[1].points = &other;
    site.profile.variants = variants;
    site.equipment[0].variants = variants;
    site.profile.variant_count = site.equipment[0].variant_count = 2;
    open_it();
    run_until_more(&point_of(0, 0)->bad, 0, 3000);
    assert_int_equal(finding_of(0).kind, FINDING_AMBIGUOUS);
    assert_true(is_bad(point_of(0, 0), REASON_PROBE, 0));
    (void)modbus_adapter.units(adapter, &unit, 1);
    assert_non_null(strstr(unit.error, "several variants fit"));
    assert_true(mono_diff_ms(modbus_adapter.due(adapter), mono_now()) <=
                IDENTITY_WAIT_MIN_MS);
}

/* A probe of a link that is down makes it try at once, tells what came of it, and then
 * the link sleeps until its next attempt. */
static void test_a_probe_of_a_link_that_is_down(void **state)
{
    uint16_t port;

    (void)state;
    peer_start(&peer, PEER_TCP);
    port = peer.port;
    site_make(&site, peer.address, 1);
    probe_for(10);
    peer_stop(&peer);
    open_it();
    run_until_more(&online_of(0)->good, 0, 3000);
    assert_int_equal(last_result, -1);
    modbus_adapter.probe_again(adapter, 0);
    if (shared)
        waiting.until = mono_now(); /* kicked */
    run_for(50);
    assert_non_null(strstr(finding_of(0).text, "Connection refused"));
    assert_true(
        mono_before(mono_now(), shared ? waiting.until : modbus_adapter.due(adapter)));
    peer_start_at(&peer, PEER_TCP, port);
    run_until_more(&point_of(0, 0)->good, 2, 5000);
    assert_int_equal(finding_of(0).kind, FINDING_RIGHT);
}

struct asker {
    pthread_t thread;
    struct link_question question;
    struct link_answer answer;
    struct err err;
    int result;
    atomic_bool done;
};

static void kick(void *context)
{
    (void)context; /* the test's loop looks often enough */
}

static void *ask(void *context)
{
    struct asker *asker = context;

    asker->result = link_talk_ask(
        modbus_adapter.talk(adapter), &asker->question, mono_add_ms(mono_now(), 8000),
        (struct link_kick){kick, NULL}, &asker->answer, &asker->err);
    atomic_store(&asker->done, true);
    return NULL;
}

static void have_asked(struct asker *asker)
{
    atomic_init(&asker->done, false);
    (void)pthread_create(&asker->thread, NULL, ask, asker);
    while (!atomic_load(&asker->done))
        run_for(10);
    (void)pthread_join(asker->thread, NULL);
}

static void test_a_question_in_between(void **state)
{
    static struct asker asker;

    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 1);
    open_it();
    run_until_more(&point_of(0, 0)->good, 2, 8000);
    asker.question =
        (struct link_question){.unit = 1, .table = TABLE_INPUT, .start = 300, .count = 3};
    have_asked(&asker);
    assert_int_equal(asker.result, 0);
    assert_int_equal(asker.answer.kind, LINK_ANSWER_CELLS);
    assert_int_equal(asker.answer.cells[2], 302);
    /* A silent unit harms nobody but the asker. */
    peer_unit(&peer, 9, WISH_SILENCE);
    asker.question.unit = 9;
    have_asked(&asker);
    assert_int_equal(asker.answer.kind, LINK_ANSWER_TIMEOUT);
    assert_true(asker.answer.text[0] != '\0');
    run_periods(6);
    assert_int_equal(point_of(0, 0)->last.quality, QUALITY_GOOD);
    assert_int_equal(point_of(0, 0)->bad, 0);
}

static void test_unit_numbers(void **state)
{
    struct unit_status units[4];

    (void)state;
    peer_start(&peer, PEER_TCP);
    site_make(&site, peer.address, 2);
    open_it();
    peer_unit(&peer, 2, WISH_SILENCE);
    run_until_more(&online_of(1)->good, 0, 8000);
    run_periods(4);
    assert_int_equal(modbus_adapter.units(adapter, units, 4), 2);
    assert_int_equal(units[0].online, 1);
    assert_true(units[0].answers > 0 && units[0].answer_p99_us >= 0);
    assert_int_equal(units[1].online, 0);
    assert_true(units[1].breaker_open && units[1].timeouts > 0);
    assert_non_null(strstr(units[1].error, "unit 2"));
    assert_true(status_of().busy_ns > 0 && status_of().since_ns > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_values, teardown),
        cmocka_unit_test_teardown(test_one_batch_a_wake_up, teardown),
        cmocka_unit_test_teardown(test_a_dead_unit_delays_nobody, teardown),
        cmocka_unit_test_teardown(test_three_failures_open_the_breaker, teardown),
        cmocka_unit_test_teardown(test_a_silent_link_is_told_early, teardown),
        cmocka_unit_test_teardown(test_a_refused_register, teardown),
        cmocka_unit_test_teardown(test_the_gateway_in_between_says_dead, teardown),
        cmocka_unit_test_teardown(test_other_exceptions_are_alive, teardown),
        cmocka_unit_test_teardown(test_a_busy_device_is_asked_again, teardown),
        cmocka_unit_test_teardown(test_a_connection_that_closes_is_made_again, teardown),
        cmocka_unit_test_teardown(test_a_link_that_is_down, teardown),
        cmocka_unit_test_teardown(test_slow_points_come_back_with_the_link, teardown),
        cmocka_unit_test_teardown(test_two_equipment_on_one_unit, teardown),
        cmocka_unit_test_teardown(test_polls_keep_their_period, teardown),
        cmocka_unit_test_teardown(test_wake, teardown),
        cmocka_unit_test_teardown(test_bad_settings_are_refused, teardown),
        cmocka_unit_test_teardown(test_a_link_with_nothing_on_it, teardown),
        cmocka_unit_test_teardown(test_a_probe_decides, teardown),
        cmocka_unit_test_teardown(test_a_silence_is_a_doubt, teardown),
        cmocka_unit_test_teardown(test_a_probe_of_a_link_that_is_down, teardown),
        cmocka_unit_test_teardown(test_a_device_that_has_not_dialled_in, teardown),
        cmocka_unit_test_teardown(test_variants_that_share_nothing, teardown),
        cmocka_unit_test_teardown(test_a_question_in_between, teardown),
        cmocka_unit_test_teardown(test_unit_numbers, teardown),
    };

    /* The same device, the same outcomes, on a thread that must not wait. */
    const struct CMUnitTest on_a_shared_thread[] = {
        cmocka_unit_test_teardown(test_values, teardown),
        cmocka_unit_test_teardown(test_a_dead_unit_delays_nobody, teardown),
        cmocka_unit_test_teardown(test_three_failures_open_the_breaker, teardown),
        cmocka_unit_test_teardown(test_a_silent_link_is_told_early, teardown),
        cmocka_unit_test_teardown(test_a_refused_register, teardown),
        cmocka_unit_test_teardown(test_the_gateway_in_between_says_dead, teardown),
        cmocka_unit_test_teardown(test_other_exceptions_are_alive, teardown),
        cmocka_unit_test_teardown(test_a_busy_device_is_asked_again, teardown),
        cmocka_unit_test_teardown(test_a_connection_that_closes_is_made_again, teardown),
        cmocka_unit_test_teardown(test_a_link_that_is_down, teardown),
        cmocka_unit_test_teardown(test_slow_points_come_back_with_the_link, teardown),
        cmocka_unit_test_teardown(test_two_equipment_on_one_unit, teardown),
        cmocka_unit_test_teardown(test_polls_keep_their_period, teardown),
        cmocka_unit_test_teardown(test_lies_are_never_values, teardown),
        cmocka_unit_test_teardown(test_a_probe_decides, teardown),
        cmocka_unit_test_teardown(test_a_silence_is_a_doubt, teardown),
        cmocka_unit_test_teardown(test_a_probe_of_a_link_that_is_down, teardown),
        cmocka_unit_test_teardown(test_variants_that_share_nothing, teardown),
        cmocka_unit_test_teardown(test_a_question_in_between, teardown),
        cmocka_unit_test_teardown(test_unit_numbers, teardown),
    };

    /* Two programs, because most of each is waiting: test_modbus_shared.c. */
    shared = ON_A_SHARED_THREAD;
    return shared ? cmocka_run_group_tests(on_a_shared_thread, NULL, NULL)
                  : cmocka_run_group_tests(tests, NULL, NULL);
}
