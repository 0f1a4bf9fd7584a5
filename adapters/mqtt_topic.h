/* mqtt_topic.h - topics and topic filters.
 *
 * Source: MQTT 3.1.1 (OASIS), section 4.7: '/' separates levels, '+' stands for one
 * level, '#' for the rest and only at the end; a filter that begins with a wildcard does
 * not match topics that begin with '$'.
 *
 * Pure: no clock, no I/O. Threads: no state.
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

/* For people: cut at a character, a '?' for what is no text. `size` from 8. */
void mqtt_topic_show(const char *topic, size_t length, char *out, size_t size);

/* "equipment/suffix", or the one that is not empty. The caller's (mem_free). */
char *mqtt_topic_join(const char *equipment_topic, const char *suffix);

#endif
