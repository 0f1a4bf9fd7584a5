/* town_plant.h - plantsim's building for a town: questions in words of the adapters.
 *
 * The one file that knows plantsim beside town.c (their headers share names with those of
 * the adapters). Threads: one owner.
 */
#ifndef TESTS_SIM_TOWN_PLANT_H
#define TESTS_SIM_TOWN_PLANT_H

#include "base/err.h"
#include "base/text.h"
#include "plantsim/plant.h"
#include "plantsim/scenario.h"

struct town_plant {
    struct plant *plant;
    struct scenarios *scenarios;
};

void town_plant_init(struct town_plant *town, uint64_t seed, struct wall_time start,
                     int32_t utc_offset_s);
void town_plant_done(struct town_plant *town);

/* Moves the world up to `time`, rounded down to its step. */
void town_plant_to(struct town_plant *town, struct wall_time time);

int town_plant_link(const char *id); /* -1: the building has no such link */

#endif
