/* mqtt_wishes.h - which filters are asked for, granted and refused on this connection.
 *
 * Filters are numbers, in batches of neighbours; a batch is one SUBSCRIBE packet and is
 * asked again only after its answer.
 *
 * Pure. Threads: the caller's lock guards it.
 */
#ifndef ADAPTERS_MQTT_WISHES_H
#define ADAPTERS_MQTT_WISHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MQTT_BATCH_MAX = 100,    /* filters in one SUBSCRIBE: a packet of a few kB */
    MQTT_QOS_REFUSED = 0x80, /* the answer "no". Source: MQTT 3.1.1, 3.9.3 */
};

struct mqtt_wishes;

struct mqtt_wishes *mqtt_wishes_new(size_t filters);
void mqtt_wishes_free(struct mqtt_wishes *wishes); /* NULL is fine */

/* A new connection: everything is to be asked for, nothing is under way. */
void mqtt_wishes_reset(struct mqtt_wishes *wishes);

/* What was refused is to be asked for again. */
void mqtt_wishes_reopen(struct mqtt_wishes *wishes);

size_t mqtt_wishes_batches(const struct mqtt_wishes *wishes);

/* Writes what of the batch is to be asked for now and marks it so; returns how many, 0
 * when there is nothing or when an answer is still due. */
size_t mqtt_wishes_ask(struct mqtt_wishes *wishes, size_t batch,
                       uint32_t filters[MQTT_BATCH_MAX]);

/* How many filters of the batch are under way. */
size_t mqtt_wishes_asked(const struct mqtt_wishes *wishes, size_t batch);

/* The broker's answer: a QoS or MQTT_QOS_REFUSED for each filter that was asked. */
void mqtt_wishes_answer(struct mqtt_wishes *wishes, size_t batch, const int *granted);

struct mqtt_wishes_count {
    size_t batches_due; /* without an answer yet */
    size_t granted;
    size_t refused;
    uint32_t first_refused; /* when there is one */
};

struct mqtt_wishes_count mqtt_wishes_count(const struct mqtt_wishes *wishes);

#endif
