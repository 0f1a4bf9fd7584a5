/* mqtt_topic.h - topics, topic filters, and which points a topic feeds.
 *
 * Source: MQTT 3.1.1 (OASIS), section 4.7: '/' separates levels, '+' stands for one
 * level,
 * '#' for the rest and only at the end; a filter that begins with a wildcard does not
 * match topics that begin with '$'.
 *
 * Pure: no clock, no I/O. Threads: an index is read-only once built.
 */
#ifndef ADAPTERS_MQTT_TOPIC_H
#define ADAPTERS_MQTT_TOPIC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MQTT_TOPIC_MAX = 65535, /* bytes, by the protocol's 16-bit length */
};

/* ERR_CONFIG with what is wrong. A topic is a filter without wildcards. Shared
 * subscriptions ("$share/...") are refused: one gateway must see every message. */
int mqtt_filter_check(const char *filter, struct err *err);
int mqtt_topic_check(const char *topic, struct err *err);

bool mqtt_filter_is_wild(const char *filter);

/* Both must be well formed; the topic need not be terminated. */
bool mqtt_filter_matches(const char *filter, const char *topic, size_t length);

/* "equipment/suffix", or the one that is not empty. The caller's (mem_free). */
char *mqtt_topic_join(const char *equipment_topic, const char *suffix);

/* Filters, each with the points it feeds. Points are numbers of the caller's. */
struct mqtt_index;

struct mqtt_index *mqtt_index_new(void);
void mqtt_index_free(struct mqtt_index *index); /* NULL is fine */

/* The filter must have passed mqtt_filter_check. */
void mqtt_index_add(struct mqtt_index *index, const char *filter, uint32_t point);

/* The distinct filters, in the order they were added. Borrowed until the index changes.
 */
size_t mqtt_index_count(const struct mqtt_index *index);
const char *mqtt_index_filter(const struct mqtt_index *index, size_t i);

/* Calls `each` once for every filter that matches; returns how many did. One look into a
 * hash for all exact topics, then one comparison per wildcard filter. */
typedef void mqtt_index_visit(void *context, const uint32_t *points, size_t count);
size_t mqtt_index_find(const struct mqtt_index *index, const char *topic, size_t length,
                       mqtt_index_visit *each, void *context);

#endif
