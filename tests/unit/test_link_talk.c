/* test_link_talk.c - adapters/link_talk.c between threads, and the names of findings. */
#include "adapters/finding.h"
#include "adapters/link_talk.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    PATIENCE_MS = 20 * 1000, /* for what must come */
    SHORT_MS = 30,           /* for what must not */
};

static const struct link_question any_question = {
    .unit = 7, .table = TABLE_HOLDING, .start = 100, .count = 2};

/* A thread that asks once. */
struct asking {
    struct link_talk *talk;
    struct link_question question;
    int64_t patience_ms;
    atomic_int kicks;
    pthread_t thread;
    int rc;
    struct err err;
    struct link_answer answer;
};

static void count_kick(void *context)
{
    struct asking *asking = context;

    atomic_fetch_add(&asking->kicks, 1);
}

static void *ask(void *context)
{
    struct asking *asking = context;

    asking->rc = link_talk_ask(
        asking->talk, &asking->question, mono_add_ms(mono_now(), asking->patience_ms),
        (struct link_kick){count_kick, asking}, &asking->answer, &asking->err);
    return NULL;
}

static struct asking *begin(struct link_talk *talk, uint16_t start, int64_t patience_ms)
{
    struct asking *asking = mem_alloc(sizeof *asking);

    asking->talk = talk;
    asking->question = any_question;
    asking->question.start = start;
    asking->patience_ms = patience_ms;
    assert_int_equal(pthread_create(&asking->thread, NULL, ask, asking), 0);
    return asking;
}

/* The kick comes behind the entry into the row. */
static void await_kick(struct asking *asking)
{
    while (atomic_load(&asking->kicks) == 0)
        mono_sleep_until(mono_add_ms(mono_now(), 1));
}

static void end(struct asking *asking)
{
    assert_int_equal(pthread_join(asking->thread, NULL), 0);
    assert_int_equal(atomic_load(&asking->kicks), asking->err.kind == ERR_FULL ? 0 : 1);
}

static void take(struct link_talk *talk, uint16_t start)
{
    struct link_question got = {0};

    assert_true(link_talk_take(talk, &got));
    assert_int_equal(got.start, start);
}

static void answer(struct link_talk *talk, uint16_t cell)
{
    struct link_answer *given = mem_alloc(sizeof *given);

    given->kind = LINK_ANSWER_CELLS;
    given->cells[0] = cell;
    link_talk_answer(talk, given);
    mem_free(given);
}

static void a_question_gets_its_answer(void **state)
{
    struct link_talk *talk = link_talk_new();
    struct link_question got = {0};
    struct asking *asking;

    (void)state;
    assert_false(link_talk_pending(talk));
    assert_false(link_talk_take(talk, &got));
    asking = begin(talk, 100, PATIENCE_MS);
    await_kick(asking);
    assert_true(link_talk_pending(talk));
    assert_true(link_talk_take(talk, &got));
    assert_memory_equal(&got, &any_question, sizeof got);
    assert_false(link_talk_pending(talk));
    answer(talk, 4711);
    end(asking);
    assert_int_equal(asking->rc, 0);
    assert_int_equal(asking->answer.kind, LINK_ANSWER_CELLS);
    assert_int_equal(asking->answer.cells[0], 4711);
    mem_free(asking);
    link_talk_free(talk);
    link_talk_free(NULL);
}

static void one_at_a_time_in_the_order_they_came(void **state)
{
    struct link_talk *talk = link_talk_new();
    struct link_question got;
    struct asking *asking[LINK_TALK_WAITING + 1];
    struct asking *refused;

    (void)state;
    asking[0] = begin(talk, 0, PATIENCE_MS);
    await_kick(asking[0]);
    take(talk, 0);
    for (uint16_t i = 1; i <= LINK_TALK_WAITING; i++) {
        asking[i] = begin(talk, i, PATIENCE_MS);
        await_kick(asking[i]);
    }
    /* Waiting ones are not pending while an answer is owed. */
    assert_false(link_talk_pending(talk));
    assert_false(link_talk_take(talk, &got));
    refused = begin(talk, 99, PATIENCE_MS);
    end(refused);
    assert_int_equal(refused->rc, -1);
    assert_int_equal(refused->err.kind, ERR_FULL);
    for (uint16_t i = 0; i <= LINK_TALK_WAITING; i++) {
        answer(talk, i);
        end(asking[i]);
        assert_int_equal(asking[i]->rc, 0);
        assert_int_equal(asking[i]->answer.cells[0], i);
        mem_free(asking[i]);
        if (i < LINK_TALK_WAITING) {
            assert_true(link_talk_pending(talk));
            take(talk, (uint16_t)(i + 1));
        }
    }
    assert_false(link_talk_pending(talk));
    mem_free(refused);
    link_talk_free(talk);
}

static void who_waits_too_long_withdraws(void **state)
{
    struct link_talk *talk = link_talk_new();
    struct asking *first = begin(talk, 1, PATIENCE_MS);
    struct asking *second;
    struct asking *third;

    (void)state;
    await_kick(first);
    second = begin(talk, 2, SHORT_MS);
    end(second);
    assert_int_equal(second->rc, -1);
    assert_int_equal(second->err.kind, ERR_TIMEOUT);
    third = begin(talk, 3, PATIENCE_MS);
    await_kick(third);
    take(talk, 1);
    answer(talk, 1);
    end(first);
    take(talk, 3);
    answer(talk, 3);
    end(third);
    assert_int_equal(third->answer.cells[0], 3);
    mem_free(first);
    mem_free(second);
    mem_free(third);
    link_talk_free(talk);
}

static void an_answer_that_nobody_awaits_goes_nowhere(void **state)
{
    struct link_talk *talk = link_talk_new();
    struct asking *gone = begin(talk, 1, SHORT_MS);
    struct asking *next;

    (void)state;
    await_kick(gone);
    take(talk, 1);
    end(gone);
    assert_int_equal(gone->err.kind, ERR_TIMEOUT);
    next = begin(talk, 2, PATIENCE_MS);
    await_kick(next);
    /* The link still works on the question that was withdrawn. */
    assert_false(link_talk_pending(talk));
    answer(talk, 1);
    assert_true(link_talk_pending(talk));
    take(talk, 2);
    answer(talk, 2);
    end(next);
    assert_int_equal(next->answer.cells[0], 2);
    mem_free(gone);
    mem_free(next);
    link_talk_free(talk);
}

static void closing_refuses_everybody(void **state)
{
    struct link_talk *talk = link_talk_new();
    struct link_question got;
    struct asking *asking[3];

    (void)state;
    for (uint16_t i = 0; i < 2; i++) {
        asking[i] = begin(talk, i, PATIENCE_MS);
        await_kick(asking[i]);
    }
    take(talk, 0);
    link_talk_close(talk);
    assert_false(link_talk_pending(talk));
    assert_false(link_talk_take(talk, &got));
    answer(talk, 5); /* what it owed */
    asking[2] = begin(talk, 2, PATIENCE_MS);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(asking[i]->thread, NULL), 0);
        assert_int_equal(asking[i]->rc, -1);
        assert_int_equal(asking[i]->err.kind, ERR_STATE);
        mem_free(asking[i]);
    }
    link_talk_free(talk);
}

/* ---- many threads, for the thread sanitizer ---- */

struct crowd {
    struct link_talk *talk;
    atomic_bool stop;
    atomic_int good;
    atomic_int full;
    atomic_int late;
};

static void *serve(void *context)
{
    struct crowd *crowd = context;
    struct link_question got;
    struct link_answer *given = mem_alloc(sizeof *given);

    while (!atomic_load(&crowd->stop)) {
        if (!link_talk_pending(crowd->talk) || !link_talk_take(crowd->talk, &got)) {
            mono_sleep_until((struct mono_time){mono_now().ns + 50 * 1000});
            continue;
        }
        if (got.start % 5 == 0)
            mono_sleep_until(mono_add_ms(mono_now(), 2));
        given->cells[0] = got.start;
        link_talk_answer(crowd->talk, given);
    }
    mem_free(given);
    return NULL;
}

static void no_kick(void *context)
{
    (void)context;
}

static void *ask_much(void *context)
{
    struct crowd *crowd = context;
    struct link_answer *got = mem_alloc(sizeof *got);

    for (uint16_t i = 0; i < 200; i++) {
        struct link_question question = any_question;
        struct err err = {0};

        question.start = i;
        if (link_talk_ask(crowd->talk, &question, mono_add_ms(mono_now(), 1 + i % 3),
                          (struct link_kick){no_kick, NULL}, got, &err) == 0) {
            atomic_fetch_add(&crowd->good, 1);
            if (got->cells[0] != i)
                atomic_store(&crowd->good, -100000);
        } else {
            atomic_fetch_add(err.kind == ERR_FULL ? &crowd->full : &crowd->late, 1);
        }
    }
    mem_free(got);
    return NULL;
}

static void a_crowd_gets_only_its_own_answers(void **state)
{
    struct crowd crowd = {.talk = link_talk_new()};
    pthread_t server;
    pthread_t askers[8];

    (void)state;
    assert_int_equal(pthread_create(&server, NULL, serve, &crowd), 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&askers[i], NULL, ask_much, &crowd), 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_join(askers[i], NULL), 0);
    atomic_store(&crowd.stop, true);
    assert_int_equal(pthread_join(server, NULL), 0);
    assert_true(atomic_load(&crowd.good) > 0);
    assert_int_equal(atomic_load(&crowd.good) + atomic_load(&crowd.full) +
                         atomic_load(&crowd.late),
                     8 * 200);
    link_talk_free(crowd.talk);
}

static void findings_have_names(void **state)
{
    static const struct {
        const char *name;
        enum finding_kind kind;
        bool delivers;
    } cases[] = {
        {"none", FINDING_NONE, true},
        {"right", FINDING_RIGHT, true},
        {"unjudged", FINDING_UNJUDGED, true},
        {"wrong_order", FINDING_WRONG_ORDER, false},
        {"wrong_base", FINDING_WRONG_BASE, false},
        {"other_variant", FINDING_OTHER_VARIANT, false},
        {"ambiguous", FINDING_AMBIGUOUS, true},
        {"implausible", FINDING_IMPLAUSIBLE, false},
        {"refused", FINDING_REFUSED, false},
    };

    (void)state;
    assert_int_equal(sizeof cases / sizeof cases[0], FINDING_KINDS);
    for (size_t i = 0; i < FINDING_KINDS; i++) {
        check_text(cases[i].name, finding_name(cases[i].kind), cases[i].name);
        check_case(cases[i].name, finding_delivers(cases[i].kind) == cases[i].delivers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_gets_its_answer),
        cmocka_unit_test(one_at_a_time_in_the_order_they_came),
        cmocka_unit_test(who_waits_too_long_withdraws),
        cmocka_unit_test(an_answer_that_nobody_awaits_goes_nowhere),
        cmocka_unit_test(closing_refuses_everybody),
        cmocka_unit_test(a_crowd_gets_only_its_own_answers),
        cmocka_unit_test(findings_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
