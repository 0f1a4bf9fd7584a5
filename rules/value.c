/* value.c - see value.h. */
#include "rules/value.h"

#include <assert.h>

const char *value_reason_name(unsigned bit)
{
    static const char *const names[WHY_COUNT] = {
        "missing",  "stale", "bad",   "comm",   "startup",
        "coverage", "div0",  "range", "config",
    };

    assert(bit < WHY_COUNT);
    return names[bit];
}
