/* reference_case.h - tables of what expressions come to, for the tests of functions. Each
 * row is evaluated by rules/ and by the reference (tests/unit/reference.h); both must
 * give what the row wants.
 *
 * Readings are words: "p" names the point that the following ones are of ("m-1.x": of
 * other equipment), "12=3.5" is a reading at second 12, "12@20=3.5" one that arrives at
 * 20, "0+5*60=3.5" are 60 readings each 5 seconds. Values: numbers, true, false, enum
 * words, "~3" uncertain, "!timeout" bad, nan, inf. "start=-10": the daemon observes since
 * then (long ago when not given); "min_cover=0.9"; "wall=2026-03-29T00:30:00Z": what
 * second 0 is (noon in Shanghai when not given); "shift=60:3600": from second 60 on the
 * wall clock is an hour ahead.
 *
 * The equipment "unit" has the points p and s (numbers, every 5 s and every minute), n
 * (on change), c and d (counters of modulus 1000, every 5 s and on change), run and door
 * (booleans, every 5 s and on change), mode (enum, every 5 s), and the relations "all" =
 * m-1, m-2, m-3, "pair" = m-1, m-2, "with_me" = unit, m-1, and "nobody", which is empty.
 * The members have x (number, every 5 s), v (counter, every 5 s) and b (boolean).
 * Parameters: $limit = 4, and $own = 1, which the unit sets to 3.
 *
 * The expression is evaluated whenever a reading arrives or it asks for it itself, as the
 * engine does, and last at `at_s`. `want`: "true", "false", a number, or "?" and the
 * reasons, "?coverage+stale"; a "~" behind: marked as uncertain. */
#ifndef TESTS_UNIT_REFERENCE_CASE_H
#define TESTS_UNIT_REFERENCE_CASE_H

#include <stddef.h>

struct reference_case {
    const char *name;
    const char *readings;
    const char *text;
    double at_s;
    const char *want;
};

void reference_case_open(const char *timezone);
void reference_case_close(void);

/* What the site's calendar holds; NULL: nothing. Borrowed until the next call. */
struct calendar_settings;
void reference_case_calendar(const struct calendar_settings *settings);

/* Fails with the name of the first row that is not as wanted. */
void reference_case_check(const struct reference_case *cases, size_t count);

#endif
