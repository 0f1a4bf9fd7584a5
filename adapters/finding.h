/* finding.h - what the probe of a profile came to; see docs/PROFILES.md.
 *
 * Threads: plain data.
 */
#ifndef ADAPTERS_FINDING_H
#define ADAPTERS_FINDING_H

#include "base/clock.h"

#include <stdbool.h>

enum finding_kind {
    FINDING_NONE,     /* the profile has no probe, or the device did not answer yet */
    FINDING_RIGHT,    /* `variant` says which, when there are several */
    FINDING_UNJUDGED, /* the device has no value there now */
    FINDING_WRONG_ORDER,
    FINDING_WRONG_BASE,
    FINDING_OTHER_VARIANT, /* not the one that the configuration names */
    FINDING_AMBIGUOUS,     /* several variants fit */
    FINDING_IMPLAUSIBLE,
    FINDING_REFUSED, /* the device refuses the probe's address */
    FINDING_KINDS,
};

enum {
    FINDING_TEXT_MAX = 200,
};

struct finding {
    enum finding_kind kind;
    struct wall_time time; /* when it was found; 0: never */
    int variant;           /* index among the equipment's variants; -1: none chosen */
    /* One sentence with the remedy: "freq reads 6.7e-38 Hz, but 50.02 as CDAB: set order
     * =
     * \"CDAB\" in the profile". English; pages put the kind into words themselves. */
    char text[FINDING_TEXT_MAX];
};

const char *finding_name(enum finding_kind kind); /* "right", "wrong_order", ... */
/* The values of the equipment are delivered. */
bool finding_delivers(enum finding_kind kind);

#endif
