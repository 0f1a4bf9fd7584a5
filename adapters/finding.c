/* finding.c - see finding.h. */
#include "adapters/finding.h"

#include <assert.h>
#include <stddef.h>

/* `delivers`: what several variants share is delivered while it is open which one it is,
 * and a profile without a probe is taken at its word. */
static const struct {
    const char *name;
    bool delivers;
} kinds[FINDING_KINDS] = {
    [FINDING_NONE] = {"none", true},
    [FINDING_RIGHT] = {"right", true},
    [FINDING_UNJUDGED] = {"unjudged", true},
    [FINDING_WRONG_ORDER] = {"wrong_order", false},
    [FINDING_WRONG_BASE] = {"wrong_base", false},
    [FINDING_OTHER_VARIANT] = {"other_variant", false},
    [FINDING_AMBIGUOUS] = {"ambiguous", true},
    [FINDING_IMPLAUSIBLE] = {"implausible", false},
    [FINDING_REFUSED] = {"refused", false},
};

const char *finding_name(enum finding_kind kind)
{
    assert((size_t)kind < FINDING_KINDS);
    return kinds[kind].name;
}

bool finding_delivers(enum finding_kind kind)
{
    assert((size_t)kind < FINDING_KINDS);
    return kinds[kind].delivers;
}
