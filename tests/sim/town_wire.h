/* town_wire.h - what runs over the wires between a town's devices and its gateway.
 *
 * Implemented on top of plantsim (town_plant.c), used by the links (town_bus.c,
 * town_broker.c): plantsim and adapters/ have names in common, so neither header includes
 * the other's. Threads: one owner.
 */
#ifndef TESTS_SIM_TOWN_WIRE_H
#define TESTS_SIM_TOWN_WIRE_H

#include "base/clock.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct town_plant;

enum wire_result {
    WIRE_ANSWER,
    WIRE_EXCEPTION,
    WIRE_SILENT,
    WIRE_REFUSED, /* nobody accepts a connection */
    WIRE_GARBAGE, /* also under another unit id */
};

struct wire_question {
    int link; /* town_plant_link */
    uint8_t unit;
    uint8_t function; /* 1 to 4 */
    uint16_t start;
    uint16_t count;
};

struct wire_answer {
    enum wire_result result;
    uint8_t exception;
    int64_t delay_ms;
    uint16_t cells[2000]; /* registers, or bits as 0 and 1 */
};

void wire_ask(struct town_plant *town, const struct wire_question *question,
              struct wire_answer *answer);

bool wire_accepts(const struct town_plant *town, int link); /* can be connected to */
bool wire_up(const struct town_plant *town, int link);      /* and is well */

/* For draws of its own, apart from the building's. 0 <= x < 1. */
double wire_draw(uint64_t *seed);

/* --- devices that publish ------------------------------------------------------------
 */

size_t wire_publishers(const struct town_plant *town);
/* Its topic, the site's name in front where it belongs; a copy. */
char *wire_topic(const struct town_plant *town, size_t publisher, const char *site);
int64_t wire_period_ms(const struct town_plant *town, size_t publisher);
/* What it reports at once when it changes: an alarm; 0 for the others. */
int wire_urgent(struct town_plant *town, size_t publisher);
/* Its message now; false when it is dead, or its link. */
bool wire_publish(struct town_plant *town, size_t publisher, struct text *payload);

#endif
