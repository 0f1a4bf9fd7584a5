/* Answers that are owed: a question they would fit is in doubt until another was
 * answered; and a bus whose answers are late by any time yields no wrong value. */
#include "tests/unit/check.h"

#include "adapters/modbus_owed.h"

#include <string.h>

static struct owed owed;
static struct mono_time now;

enum {
    TIMEOUT_MS = 1000,
};

static struct modbus_request question(enum modbus_table table, uint16_t start,
                                      uint16_t count)
{
    return (struct modbus_request){
        .rtu = true, .unit = 5, .table = table, .start = start, .count = count};
}

static int setup(void **state)
{
    (void)state;
    memset(&owed, 0, sizeof owed);
    now = (struct mono_time){CLOCK_S};
    return 0;
}

static bool doubt(enum modbus_table table, uint16_t start, uint16_t count)
{
    struct modbus_request request = question(table, start, count);

    return owed_in_doubt(&owed, &request, now);
}

static void test_what_is_in_doubt(void **state)
{
    struct modbus_request late = question(TABLE_HOLDING, 100, 2);
    struct modbus_request another = late;

    (void)state;
    assert_false(doubt(TABLE_HOLDING, 200, 2));
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    assert_true(doubt(TABLE_HOLDING, 200, 2));
    assert_false(doubt(TABLE_HOLDING, 100, 2)); /* its own answer, only older */
    assert_false(doubt(TABLE_HOLDING, 200, 3));
    assert_false(doubt(TABLE_INPUT, 200, 2));
    another.unit = 6;
    another.start = 200;
    assert_false(owed_in_doubt(&owed, &another, now));
    another.unit = 5;
    owed_unanswered(&owed, &another, now, TIMEOUT_MS);
    assert_true(doubt(TABLE_HOLDING, 100, 2)); /* whose is it now? */
}

static void test_bits_are_alike_by_bytes(void **state)
{
    struct modbus_request late = question(TABLE_COIL, 0, 3);

    (void)state;
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    assert_true(doubt(TABLE_COIL, 16, 8));
    assert_false(doubt(TABLE_COIL, 16, 9));
}

static void test_an_answer_settles(void **state)
{
    struct modbus_request late = question(TABLE_HOLDING, 100, 2);
    struct modbus_request same = question(TABLE_HOLDING, 100, 2);
    struct modbus_request larger = question(TABLE_HOLDING, 300, 4);

    (void)state;
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    owed_answered(&owed, &same); /* it may be the late one: its own is to come */
    assert_true(doubt(TABLE_HOLDING, 200, 2));
    owed_answered(&owed, &larger);
    assert_false(doubt(TABLE_HOLDING, 200, 2));
}

static void test_an_exception_settles(void **state)
{
    struct modbus_request late = question(TABLE_HOLDING, 100, 2);
    struct modbus_request refused = question(TABLE_HOLDING, 300, 1);
    struct modbus_request coil = question(TABLE_COIL, 300, 1);

    (void)state;
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    owed_excepted(&owed, &refused, now,
                  TIMEOUT_MS); /* whose refusal? either way the late one is through */
    assert_false(doubt(TABLE_HOLDING, 200, 2));
    assert_true(doubt(TABLE_HOLDING, 200, 1));
    owed_excepted(&owed, &coil, now, TIMEOUT_MS);
    assert_false(doubt(TABLE_HOLDING, 200, 1));
}

static void test_the_other_question(void **state)
{
    struct modbus_request late = question(TABLE_HOLDING, 100, 2);
    struct modbus_request next = question(TABLE_HOLDING, 200, 2);
    struct modbus_request single = question(TABLE_HOLDING, 200, 1);
    struct modbus_request known = question(TABLE_INPUT, 40, 7);
    struct modbus_request other;

    (void)state;
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    assert_int_equal(owed_other(&owed, &next, &other), OWED_ASK_KNOWN); /* a part of it */
    assert_int_equal(other.start, 200);
    assert_int_equal(other.count, 1);
    owed_unanswered(&owed, &single, now, TIMEOUT_MS);
    assert_int_equal(owed_other(&owed, &next, &other),
                     OWED_ASK_NEIGHBOUR); /* by the neighbouring function */
    assert_int_equal(other.table, TABLE_INPUT);
    assert_int_equal(other.start, 200);
    assert_int_equal(other.count, 2);
    owed_unanswered(&owed, &other, now, TIMEOUT_MS);
    other.count = 1;
    owed_unanswered(&owed, &other, now, TIMEOUT_MS);
    assert_int_equal(owed_other(&owed, &next, &other), OWED_WAIT);
    setup(NULL);
    owed_answered(&owed, &known);
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    assert_int_equal(owed_other(&owed, &next, &other),
                     OWED_ASK_KNOWN); /* what it has answered before */
    assert_int_equal(other.table, TABLE_INPUT);
    assert_int_equal(other.start, 40);
    assert_int_equal(other.count, 7);
}

static void test_nothing_is_owed_for_ever(void **state)
{
    struct modbus_request late = question(TABLE_HOLDING, 100, 1);
    struct modbus_request other;

    (void)state;
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    now = mono_add_ms(now, OWED_LATE_TIMES * TIMEOUT_MS - 1);
    assert_true(doubt(TABLE_HOLDING, 200, 1));
    now = mono_add_ms(now, 1);
    assert_false(doubt(TABLE_HOLDING, 200, 1));
    /* One that has never answered by the neighbouring function is given less time. */
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    late.start = 200;
    for (int i = 0; i < OWED_DEAF_AFTER; i++) {
        assert_int_equal(owed_other(&owed, &late, &other), OWED_ASK_NEIGHBOUR);
        owed_neighbour(&owed, 5, false);
    }
    assert_int_equal(owed_other(&owed, &late, &other), OWED_WAIT);
    assert_true(doubt(TABLE_HOLDING, 200, 1));
    now = mono_add_ms(now, OWED_DEAF_TIMES * TIMEOUT_MS);
    assert_false(doubt(TABLE_HOLDING, 200, 1));
    owed_neighbour(&owed, 5, true); /* it hears after all */
    owed_neighbour(&owed, 5, false);
    owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    assert_int_equal(owed_other(&owed, &late, &other), OWED_ASK_NEIGHBOUR);
}

static void test_many_sizes_are_bounded(void **state)
{
    (void)state;
    for (uint16_t i = 1; i <= 50; i++) {
        struct modbus_request late = question(TABLE_HOLDING, i, i);

        owed_unanswered(&owed, &late, now, TIMEOUT_MS);
    }
    assert_int_equal(owed.units[5].count, OWED_MAX);
    assert_true(doubt(TABLE_HOLDING, 1, 50));
    assert_false(doubt(TABLE_HOLDING, 1, 40));
}

/* --- a bus that answers in order, each answer late by any number of turns ----------- */

enum {
    TURNS = 200000,
    ON_THE_WAY = 64,
};

static uint32_t seed = 1;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % below;
}

static struct {
    struct modbus_request asked[ON_THE_WAY];
    size_t count;
} bus;

/* The device answers what it was asked first, sooner or later; the client takes what has
 * the size it wants. True with *start, the address whose value came. */
static bool ask(const struct modbus_request *request, uint16_t *start)
{
    bool taken = false;

    if (bus.count < ON_THE_WAY)
        bus.asked[bus.count++] = *request;
    for (uint32_t answers = chance(4); answers > 0 && bus.count > 0; answers--) {
        struct modbus_request first = bus.asked[0];

        bus.count--;
        memmove(bus.asked, bus.asked + 1, bus.count * sizeof bus.asked[0]);
        if (taken || first.table != request->table || first.count != request->count)
            continue; /* another size: an error to the client */
        *start = first.start;
        taken = true;
    }
    if (taken)
        owed_answered(&owed, request);
    else
        owed_unanswered(&owed, request, now, TIMEOUT_MS);
    return taken;
}

static void test_no_slip_whatever_the_delay(void **state)
{
    unsigned read = 0;

    (void)state;
    memset(&bus, 0, sizeof bus);
    for (int i = 0; i < TURNS; i++) {
        struct modbus_request request =
            question(TABLE_HOLDING, (uint16_t)chance(8), (uint16_t)(2 + chance(2)));
        struct modbus_request other;
        uint16_t start;

        if (owed_in_doubt(&owed, &request, now)) {
            if (owed_other(&owed, &request, &other) == OWED_WAIT) {
                bus.count = 0; /* the long silence */
                owed.units[5].count = 0;
            } else if (!ask(&other, &start)) {
                continue;
            }
        }
        if (owed_in_doubt(&owed, &request, now) || !ask(&request, &start))
            continue;
        assert_int_equal(start, request.start);
        read++;
    }
    assert_true(read > TURNS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_in_doubt, setup),
        cmocka_unit_test_setup(test_bits_are_alike_by_bytes, setup),
        cmocka_unit_test_setup(test_an_answer_settles, setup),
        cmocka_unit_test_setup(test_an_exception_settles, setup),
        cmocka_unit_test_setup(test_the_other_question, setup),
        cmocka_unit_test_setup(test_nothing_is_owed_for_ever, setup),
        cmocka_unit_test_setup(test_many_sizes_are_bounded, setup),
        cmocka_unit_test_setup(test_no_slip_whatever_the_delay, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
