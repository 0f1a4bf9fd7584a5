/* status.h - the state of a running simulator, for people and as JSON. */
#ifndef PLANTSIM_STATUS_H
#define PLANTSIM_STATUS_H

#include "base/text.h"
#include "plantsim/plant.h"
#include "plantsim/scenario.h"

struct status {
    const struct plant *plant;
    const struct scenarios *scenarios;
    const char *site;
    uint64_t seed;
    int64_t speed;
    struct mono_time now;
    struct mono_time started;
    /* of each link: where it answers ("" = off), how many peers */
    const char *where[PLANT_LINKS];
    unsigned peers[PLANT_LINKS];
};

/* What an instrument shows as `name`, as it was read last; false when that is not listed.
 */
bool status_value(const struct device *device, const char *name, double *value);

void status_text(struct text *out, const struct status *status);
void status_json(struct text *out, const struct status *status);

#endif
