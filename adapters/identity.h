/* identity.h - does the profile fit the device? The probe of one equipment; pure.
 *
 * One question at a time: identity_next says what to read, identity_answer takes what
 * came, until identity_done. First the checks of each variant that the configuration
 * allows, in order; a variant's first check that can be judged decides about it:
 *
 *   in range           fits            outside, or no number      does not
 *   sentinel, NaN      cannot be judged: the next check           exception 2, 3 refused
 *
 * When none fits, what the first check reads is looked at closer, to say what is wrong:
 * the other orders on the same registers, the other variants when one is named, the
 * addresses one below and one above, unless they are never read. At most
 * IDENTITY_READS_MAX reads, never a write.
 *
 * Threads: one owner.
 */
#ifndef ADAPTERS_IDENTITY_H
#define ADAPTERS_IDENTITY_H

#include "adapters/finding.h"
#include "config/settings.h"

enum {
    IDENTITY_CELLS_MAX = 125,
    /* Every check of every variant, twice, and two neighbours. */
    IDENTITY_READS_MAX = 2 * PROFILE_VARIANTS_MAX * PROBE_CHECKS_MAX + 2,
    IDENTITY_WAIT_MIN_MS = 10 * 1000, /* until a probe that failed is made again */
    IDENTITY_WAIT_MAX_MS = 10 * 60 * 1000,
};

enum identity_verdict {
    IDENTITY_OPEN, /* not yet judged */
    IDENTITY_FITS,
    IDENTITY_UNJUDGED,
    IDENTITY_MISFIT,
    IDENTITY_REFUSED,
};

struct identity_read {
    enum modbus_table table;
    uint16_t start;
    uint16_t count;
};

struct identity {
    const struct variant_settings
        *variants; /* borrowed; NULL: there is nothing to probe */
    size_t variant_count;
    const struct variant_settings *all; /* of the profile, to say which one would fit */
    size_t all_count;
    const struct never_settings *never; /* the profile's */
    size_t never_count;

    enum {
        IDENTITY_JUDGING,   /* the variants that are allowed */
        IDENTITY_ELSEWHERE, /* the others */
        IDENTITY_BELOW,     /* the address below the first check's */
        IDENTITY_ABOVE,
        IDENTITY_DONE,
    } phase;
    size_t variant; /* under the eye */
    size_t check;
    enum identity_verdict verdicts[PROFILE_VARIANTS_MAX];
    bool refused_before;
    bool has_cells; /* of the first check that did not fit */
    uint16_t cells[IDENTITY_CELLS_MAX];
    size_t odd_variant; /* whose check that was */
    size_t odd_check;
    uint32_t fits; /* variants that fit, one bit each */
    struct finding finding;
};

/* The equipment has a probe. */
bool identity_wanted(const struct equipment_settings *equipment);

/* Forgets everything. `equipment` is borrowed. */
void identity_start(struct identity *identity,
                    const struct equipment_settings *equipment);

bool identity_done(const struct identity *identity);
/* What to read next; not to be called when done. */
struct identity_read identity_next(const struct identity *identity);
/* Takes the answer to it: the cells, or NULL when the device refuses the address. */
void identity_answer(struct identity *identity, const uint16_t *cells);

/* Among several variants that fit, a point of this slot is read alike by all of them (and
 * may be delivered). True when one fits. */
bool identity_agrees(const struct identity *identity, uint32_t slot);

/* The point of a variant with that slot, or NULL. */
const struct point_settings *variant_point(const struct variant_settings *variant,
                                           uint32_t slot);

#endif
