/* check.h - the few words every unit test uses, over cmocka. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fails with the name of the row of a table of cases. */
#define check_case(name, condition)                                                      \
    do {                                                                                 \
        if (!(condition))                                                                \
            fail_msg("case '%s': %s", (name), #condition);                               \
    } while (0)

/* Equal within `tolerance`, or both NaN. */
#define check_near(name, got, want, tolerance)                                           \
    do {                                                                                 \
        double got_ = (got);                                                             \
        double want_ = (want);                                                           \
        if (!(fabs(got_ - want_) <= (tolerance)) && !(isnan(got_) && isnan(want_)))      \
            fail_msg("case '%s': got %.17g, want %.17g", (name), got_, want_);           \
    } while (0)

#define check_text(name, got, want)                                                      \
    do {                                                                                 \
        const char *got_ = (got);                                                        \
        const char *want_ = (want);                                                      \
        if (strcmp(got_, want_) != 0)                                                    \
            fail_msg("case '%s':\n got  %s\n want %s", (name), got_, want_);             \
    } while (0)

#endif
