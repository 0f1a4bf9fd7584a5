/* building.h - the list of equipment: what it is, and where it answers.
 *
 * Constant data; the demo's configuration names the same ids, links and units.
 */
#ifndef PLANTSIM_BUILDING_H
#define PLANTSIM_BUILDING_H

#include "plantsim/readings.h"
#include "plantsim/regmap.h"

#include <stddef.h>
#include <stdint.h>

enum plant_link {
    LINK_PLANT_ROOM, /* Modbus TCP */
    LINK_FEEDERS,    /* Modbus TCP */
    LINK_FIRE,       /* Modbus TCP */
    LINK_DTU,        /* Modbus RTU in a TCP stream */
    LINK_RISER,      /* Modbus RTU on a pseudo-terminal */
    LINK_BROKER,     /* MQTT */
    PLANT_LINKS
};

/* What keeps electronics alive when the mains of the compound are gone. */
enum supply {
    SUPPLY_MAINS, /* nothing does */
    SUPPLY_OWN,   /* a battery, or the gateway's supply */
};

struct plant_link_info {
    const char *id;
    const char *what;
    int port_offset; /* from the base port; -1 = not TCP */
    enum supply supply;
};

enum payload {
    PAYLOAD_NONE,
    PAYLOAD_WATER_JSON,
    PAYLOAD_ZIGBEE_LEAK,
    PAYLOAD_ESCALATOR,
    PAYLOAD_LIFT,
    PAYLOAD_TRANSMITTER,
};

struct thing {
    const char *id;
    const char *what;
    enum thing_kind kind;
    int index; /* among its kind in the world */
    enum plant_link link;
    uint8_t unit;             /* Modbus */
    const struct regmap *map; /* Modbus, else NULL */
    enum payload payload;     /* MQTT */
    const char *topic;        /* MQTT, behind the site's prefix when it starts with '/' */
    int period_ms;            /* MQTT: publishes at least this often */
    enum supply supply;
};

extern const struct plant_link_info plant_links[PLANT_LINKS];
extern const struct thing building[];
extern const size_t building_count;

const char *thing_kind_name(enum thing_kind kind); /* "pump": the class in profiles */

/* Index in `building`, or -1. */
int building_find(const char *id);

#endif
