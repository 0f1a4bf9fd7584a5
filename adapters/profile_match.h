/* profile_match.h - which profiles fit a unit of which nobody knows what it is.
 *
 * Every variant of every profile that has a probe is tried, judged as the probe itself
 * would judge it (adapters/identity.h), and what fits is then looked at a little more: a
 * few of its other points are read. What has been read is not read again, and a table
 * that the device does not have is asked for once.
 *
 * Order: evidence * share^2 * log2(1 + points). `evidence` is how surprising the probe's
 * reading is, in bits: log2 of all values that the registers could hold by those that the
 * probe would take; a register full of zeros or ones says next to nothing. `share` is the
 * part of the other points that can be read and look like measurements. The last factor
 * prefers the profile that explains more of the device: a three-phase meter also fits the
 * profile of its single-phase sister.
 *
 * Pure but for `read`. Threads: no state.
 */
#ifndef ADAPTERS_PROFILE_MATCH_H
#define ADAPTERS_PROFILE_MATCH_H

#include "adapters/identity.h"

enum {
    MATCH_READS_MAX = 96,     /* of one unit; what is beyond counts as refused */
    MATCH_CELLS_MAX = 2048,   /* kept of them */
    MATCH_SAMPLES = 6,        /* other points of a profile that fits */
    MATCH_CONFIRM_MAX = 8,    /* profiles that fit and are looked at more */
    MATCH_VARIANTS_MAX = 256, /* that fit by their probe */
};

enum match_answer {
    MATCH_CELLS,
    MATCH_REFUSED,  /* the device refuses the address */
    MATCH_NO_TABLE, /* it refuses the function */
    MATCH_LOST,     /* no answer, or nobody wants to know any more: it ends */
};

struct match_reader {
    void *context;
    enum match_answer (*read)(void *context, const struct identity_read *read,
                              uint16_t *cells);
};

struct profile_match {
    const struct profile_settings *profile; /* borrowed, like all below */
    const struct variant_settings *variant;
    const struct point_settings *point; /* that the probe read */
    double value;
    double evidence;  /* bits */
    unsigned sampled; /* other points that were read */
    unsigned sound;   /* of them: those that look like measurements */
    double rank;
};

/* The best `max` that fit, best first, without those that explain next to nothing;
 * returns how many, -1 when the reader lost the device. */
int profile_match_find(const struct profile_settings *profiles, size_t count,
                       const struct match_reader *reader, struct profile_match *found,
                       size_t max);

#endif
