/* test_units.c - what units measure, and which of them fit each other. */
#include "rules/units.h"

#include "tests/unit/check.h"

#include <stdio.h>

static void test_fit(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        enum measure_fit fit;
        double factor; /* of b in a, for the same quantity */
    } cases[] = {
        {"V", "V", MEASURE_FITS, 1},
        {"V", "A", MEASURE_OTHER, 0},
        {"V", "kV", MEASURE_SCALE, 1000},
        {"mA", "A", MEASURE_SCALE, 1000},
        {"uA", "µA", MEASURE_FITS, 1},
        {"kWh", "Wh", MEASURE_SCALE, 0.001},
        {"kWh", "kW", MEASURE_OTHER, 0},
        {"kWh/h", "kW", MEASURE_FITS, 1},
        {"GJ/h", "kW", MEASURE_SCALE, 0.0036},
        {"var", "W", MEASURE_FITS, 1},
        {"kVA", "kW", MEASURE_FITS, 1},
        {"bar", "kPa", MEASURE_SCALE, 0.01},
        {"MPa", "bar", MEASURE_SCALE, 0.1},
        {"mbar", "hPa", MEASURE_FITS, 1},
        {"m3/h", "L/min", MEASURE_SCALE, 0.06},
        {"m3/h", "l/s", MEASURE_SCALE, 3.6},
        {"m3", "m³", MEASURE_FITS, 1},
        {"m3/h", "m3", MEASURE_OTHER, 0},
        {"m/s", "m", MEASURE_OTHER, 0},
        {"mm", "m", MEASURE_SCALE, 1000},
        {"min", "s", MEASURE_SCALE, 1.0 / 60},
        {"ms", "s", MEASURE_SCALE, 1000},
        {"Hz", "rpm", MEASURE_SCALE, 1.0 / 60},
        {"°C", "K", MEASURE_FITS, 1},
        {"%", "ppm", MEASURE_SCALE, 1e-4},
        {"ohm", "kΩ", MEASURE_SCALE, 1000},
        {"Wh/m3", "kWh/m3", MEASURE_SCALE, 1000},
        {"N·m", "J", MEASURE_FITS, 1},
        {"ohm/ft", "ohm/m", MEASURE_SCALE, 0.3048},
        /* not known: nothing is said */
        {"", "V", MEASURE_FITS, 0},
        {"widgets", "V", MEASURE_FITS, 0},
        {"V/", "A", MEASURE_FITS, 0},
        {"/h", "A", MEASURE_FITS, 0},
        {"kmin", "A", MEASURE_FITS, 0},
        {"3", "A", MEASURE_FITS, 0},
        {"\xC2", "A", MEASURE_FITS, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct measure a = measure_of(cases[i].a);
        struct measure b = measure_of(cases[i].b);

        check_case(cases[i].a, measure_fit(a, b) == cases[i].fit);
        check_case(cases[i].a, measure_fit(b, a) == cases[i].fit);
        if (cases[i].factor != 0)
            check_near(cases[i].a, b.factor / a.factor, cases[i].factor,
                       1e-9 * cases[i].factor);
    }
}

static void test_join(void **state)
{
    struct measure volt = measure_of("V");
    struct measure none = measure_of("");

    (void)state;
    assert_int_equal(measure_fit(measure_times(volt, measure_of("A")), measure_of("W")),
                     MEASURE_FITS);
    assert_int_equal(measure_fit(measure_over(measure_of("W"), volt), measure_of("A")),
                     MEASURE_FITS);
    assert_false(measure_times(volt, none).known);
    assert_false(measure_over(none, volt).known);
}

static void test_names(void **state)
{
    char out[UNIT_TEXT_MAX];

    (void)state;
    check_text("per s", units_per("m3", "s", out), "m3/s");
    check_text("per h", units_per("°C", "h", out), "°C/h");
    check_text("power", units_times_hour("kW", out), "kWh");
    check_text("flow", units_times_hour("m3/h", out), "m3");
    check_text("long", units_times_hour("a unit that is very long", out),
               "a unit that is very lon");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
