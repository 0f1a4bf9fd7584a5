/* test_number.c - numbers to text: exactness against strtod, and the look of it. */
#include "base/number.h"
#include "tests/unit/check.h"

#include <float.h>
#include <stdio.h>

enum {
    RANDOM_VALUES = 1000000, /* of each kind; about a second in all */
};

static uint64_t random_state = 88172645463325252u;

/* xorshift64*, so that a failure can be repeated. Source: S. Vigna, 2014. */
static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * UINT64_C(2685821657736338717);
}

static double from_bits(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_from_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void must_read_back(double value)
{
    char text[NUMBER_SIZE];
    size_t length = number_format(text, value);
    char *end;
    double back = strtod(text, &end);

    if (length != strlen(text) || *end != '\0' || bits_of(back) != bits_of(value))
        fail_msg("%.17g became '%s' = %.17g", value, text, back);
}

static void must_read_back_float(float value)
{
    char text[NUMBER_SIZE];
    size_t length = number_format_digits(text, (double)value, NUMBER_DIGITS_FLOAT);

    if (length != strlen(text) || strtof(text, NULL) != value)
        fail_msg("%.9g became '%s'", (double)value, text);
}

/* Any double, and doubles of the magnitudes that are measured. */
static void test_doubles_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_VALUES; i++) {
        uint64_t bits = next_random();
        uint64_t moderate =
            (bits & ~(UINT64_C(0x7ff) << 52)) | (1023 - 20 + next_random() % 76) << 52;

        if (i % 8 == 0 && isfinite(from_bits(bits)))
            must_read_back(from_bits(bits));
        must_read_back(from_bits(moderate));
        must_read_back((double)(int64_t)(bits % 2000000000000) / 1e6);
        must_read_back((double)float_from_bits((uint32_t)(moderate >> 32) % 0x7f800000u));
    }
}

static void test_floats_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_VALUES; i++) {
        uint64_t bits = next_random();
        float any = float_from_bits((uint32_t)bits);
        float moderate = (float)(int64_t)(bits % 20000000) / 1000.0f;

        if (isfinite(any) && i % 4 == 0)
            must_read_back_float(any);
        must_read_back_float(moderate);
        must_read_back_float(nextafterf(moderate, INFINITY));
    }
}

/* Every power of two and of ten with its neighbours: where estimates go wrong. */
static void test_edges_read_back(void **state)
{
    static const double extremes[] = {DBL_MAX,
                                      DBL_MIN,
                                      5e-324,
                                      9007199254740991.0,
                                      9007199254740992.0,
                                      9007199254740994.0,
                                      1e22,
                                      1e23,
                                      123456789012345678.0};

    (void)state;
    for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
        must_read_back(extremes[i]);
        must_read_back(-extremes[i]);
    }
    for (int e = -1074; e < 1024; e++) {
        double power = ldexp(1.0, e);

        must_read_back(power);
        must_read_back(nextafter(power, 0));
        must_read_back(nextafter(power, INFINITY));
        if (e >= -149 && e < 128)
            must_read_back_float((float)power);
        if (e >= -126 && e < 128)
            must_read_back_float(nextafterf((float)power, 0));
    }
    for (int e = -300; e < 300; e++) {
        char text[NUMBER_SIZE];
        double power;

        (void)snprintf(text, sizeof text, "1e%d", e);
        power = strtod(text, NULL);
        for (int i = 0; i < 20; i++) {
            must_read_back(power);
            power = nextafter(power, i < 10 ? INFINITY : 0);
        }
    }
}

/* Numerically the same as printf gives, for every number of digits. */
static void test_digits_agree_with_printf(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_VALUES; i++) {
        double value = from_bits((next_random() & ~(UINT64_C(0x7ff) << 52)) |
                                 (1023 - 16 + next_random() % 68) << 52);
        int digits = 1 + (int)(next_random() % 16);
        char text[NUMBER_SIZE];
        char want[NUMBER_SIZE];

        if (digits == NUMBER_DIGITS_FLOAT && (double)(float)value == value)
            continue;
        (void)number_format_digits(text, value, digits);
        (void)snprintf(want, sizeof want, "%.*g", digits, value);
        if (strtod(text, NULL) != strtod(want, NULL))
            fail_msg("%.17g in %d digits: '%s', printf says '%s'", value, digits, text,
                     want);
    }
}

static void test_look(void **state)
{
    static const struct {
        double value;
        int digits;
        const char *want;
    } cases[] = {
        {0, 17, "0"},
        {-0.0, 17, "-0"},
        {1, 17, "1"},
        {-1, 9, "-1"},
        {12.4, 17, "12.4"},
        {0.1, 17, "0.1"},
        {100000, 17, "100000"},
        {123456789, 17, "123456789"},
        {0.30000000000000004, 17, "0.30000000000000004"},
        {0.30000000000000004, 15, "0.3"},
        {1e-5, 17, "0.00001"},
        {1e-6, 17, "1e-06"},
        {1.5e300, 17, "1.5e+300"},
        {9007199254740991, 17, "9007199254740991"},
        {12.3999996185302734375, 9, "12.4"},
        {0.0099999997764825820923, 9, "0.01"},
        {16777216, 9, "16777216"},
        {1234567936, 9, "1234567940"},
        {0.3333333432674407958984375, 9, "0.33333334"},
        {3.4028234663852886e38, 9, "3.4028235e+38"},
        {1.401298464324817e-45, 9, "1.4013e-45"},
        {123.456, 4, "123.5"},
        {99.996, 4, "100"},
        {2.5, 1, "2"},
        {3.5, 1, "4"},
        {123456, 2, "120000"},
        {0.000012345, 3, "0.0000123"},
        {-1.7976931348623157e308, 3, "-1.7976931348623157e+308"},
        {123456.015625, 12, "123456.015625"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[NUMBER_SIZE];

        (void)number_format_digits(text, cases[i].value, cases[i].digits);
        check_text(cases[i].want, text, cases[i].want);
    }
}

static void test_integers(void **state)
{
    static const int64_t values[] = {
        0, 1, 9, 10, 99, 100, 101, -1, -10, INT64_MAX, INT64_MIN, 123456789, 1000, 9999};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[NUMBER_SIZE];
        char want[NUMBER_SIZE];

        size_t length = number_format_int(text, values[i]);

        assert_int_equal(length, strlen(text));
        (void)snprintf(want, sizeof want, "%lld", (long long)values[i]);
        check_text(want, text, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_look),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_edges_read_back),
        cmocka_unit_test(test_doubles_read_back),
        cmocka_unit_test(test_floats_read_back),
        cmocka_unit_test(test_digits_agree_with_printf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
