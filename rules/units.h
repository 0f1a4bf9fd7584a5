/* units.h - whether two units measure the same, and by how much they differ (pure).
 *
 * A unit is a product of powers of a few base quantities and a factor: "kWh" is
 * 3.6e6 kg m2/s2, "m3/h" is 1/3600 m3/s. What is not in the tables is not known, and
 * what is not known is never complained of.
 *
 * Threads: no state.
 */
#ifndef RULES_UNITS_H
#define RULES_UNITS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    UNIT_BASES = 5,     /* metre, kilogram, second, ampere, kelvin */
    UNIT_TEXT_MAX = 24, /* of a unit made by units_times_hour and its like */
};

struct measure {
    bool known;
    int8_t powers[UNIT_BASES];
    double factor;
};

/* "m3/h", "kWh", "°C", "%", "A"; a bare "" is not known. */
struct measure measure_of(const char *unit);

struct measure measure_times(struct measure a, struct measure b);
struct measure measure_over(struct measure a, struct measure b);

enum measure_fit {
    MEASURE_FITS,  /* the same, or not known */
    MEASURE_SCALE, /* the same quantity in another unit */
    MEASURE_OTHER, /* another quantity: it makes no sense */
};
enum measure_fit measure_fit(struct measure a, struct measure b);

/* What a unit is called by time ("m/h") and times hours ("kWh", "m3"). Returns `out`. */
const char *units_per(const char *unit, const char *time, char out[UNIT_TEXT_MAX]);
const char *units_times_hour(const char *unit, char out[UNIT_TEXT_MAX]);

#endif
