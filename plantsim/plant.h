/* plant.h - the building as the network sees it: devices with registers, and how they
 * misbehave.
 *
 * Joins the world, the instruments and the register maps. No sockets: a request PDU goes
 * in, and what to send (if anything), when and how comes out.
 *
 * Threads: one owner.
 */
#ifndef PLANTSIM_PLANT_H
#define PLANTSIM_PLANT_H

#include "plantsim/building.h"
#include "plantsim/modbus.h"
#include "plantsim/world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How one device misbehaves on the wire, or its sensor; all zero = well. */
struct device_fault {
    bool dead;
    bool flaky; /* dead for a minute of every four */
    bool garbage;
    bool wrong_unit;
    bool foreign;      /* another device stands there after a pause */
    bool stuck;        /* answers, but the values stand still */
    bool frozen;       /* its main value stands still, its counter goes on */
    bool off_scale;    /* its main value is beyond what there can be */
    bool leapt;        /* its main value or its counter has made a leap */
    bool off_clock;    /* its clock is two days fast */
    int delay_ms;      /* answers so much later */
    uint8_t exception; /* answers every request with this code */
};

enum link_fault {
    LINK_WELL,
    LINK_REFUSES, /* nobody listens */
    LINK_SILENT,  /* connects, never answers */
};

struct device {
    const struct thing *thing;
    struct image *image; /* NULL for MQTT */
    union reading reading;
    struct device_fault fault;
    uint64_t read_at; /* step of the world that the reading shows, plus 1; 0: none yet */
    double held;      /* the main value as it froze */
    uint64_t
        changed; /* when something foreign was put there, in ms of the world; 0: never */
    uint64_t requests;
    uint64_t answers; /* or messages published */
};

struct plant {
    struct world world;
    struct rng noise;       /* of instruments and garbage: not part of the world */
    struct device *devices; /* in the order of `building` */
    enum link_fault links[PLANT_LINKS];
    bool flaky[PLANT_LINKS]; /* silent for two minutes of every five */
};

struct plant *plant_new(uint64_t seed, struct wall_time start, int32_t utc_offset_s);
void plant_free(struct plant *plant); /* NULL is fine */

/* Moves the world by `steps` steps and reads the instruments. */
void plant_step(struct plant *plant, uint64_t steps);

/* The same in two parts, for who looks at a few instruments of each moment only: moves
 * the world; reads one instrument unless it shows the present already. An answer looks.
 */
void plant_move(struct plant *plant, uint64_t steps);
void plant_look(struct plant *plant, struct device *device);

/* How a link is, and whether a device does nothing: by a fault, or for want of power.
 * When the mains come back everything is there again within a minute, in an order of its
 * own. */
enum link_fault plant_link_state(const struct plant *plant, enum plant_link link);
bool plant_is_dead(const struct plant *plant, const struct device *device);
/* Whether things of that kind have a main value, which a faulty sensor shows wrong. */
bool plant_has_main_value(enum thing_kind kind);
/* What the device's clock shows. */
struct wall_time plant_clock(const struct plant *plant, const struct device *device);

struct device *plant_device(struct plant *plant, const char *id); /* NULL: no such one */

enum answer_kind {
    ANSWER_NONE,   /* silence */
    ANSWER_PDU,    /* to be framed under `unit` */
    ANSWER_BROKEN, /* the frame is to arrive damaged */
};

struct answer {
    enum answer_kind kind;
    int delay_ms;
    uint8_t unit;
    size_t length;
    uint8_t pdu[MODBUS_PDU_MAX];
};

/* What the link answers to a request. A missing unit is exception 11 on Modbus TCP and
 * silence on a serial line. */
void plant_answer(struct plant *plant, enum plant_link link, uint8_t unit,
                  const uint8_t *pdu, size_t length, struct answer *answer);

#endif
