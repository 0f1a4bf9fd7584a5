/* mqtt_index.h - which points a topic feeds.
 *
 * Filters are what is subscribed to. A filter of one equipment feeds the points that were
 * added with it. A pattern ("riverside/+/{equipment}/state") is one filter for thousands:
 * the level of the braces is looked up among the ids that were added with it.
 *
 * A leaf is what a filter, or an id of a pattern, feeds. Leaves and points are numbers;
 * points are the caller's.
 *
 * Pure: no clock, no I/O. Threads: read-only once built.
 */
#ifndef ADAPTERS_MQTT_INDEX_H
#define ADAPTERS_MQTT_INDEX_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MQTT_NOWHERE UINT32_MAX /* the topic feeds nothing */

struct mqtt_index;

struct mqtt_index *mqtt_index_new(void);
void mqtt_index_free(struct mqtt_index *index); /* NULL is fine */

/* The filter must have passed mqtt_filter_check. */
void mqtt_index_add(struct mqtt_index *index, const char *filter, uint32_t point);

/* A pattern holds {equipment} as one of its levels. ERR_CONFIG when it does not, or when
 * it is no filter otherwise. */
int mqtt_index_add_pattern(struct mqtt_index *index, const char *pattern, const char *id,
                           uint32_t point, struct err *err);

/* The distinct filters, in the order they were added. Borrowed until the index changes.
 */
size_t mqtt_index_count(const struct mqtt_index *index);
const char *mqtt_index_filter(const struct mqtt_index *index, size_t i);

/* The points of a leaf. */
size_t mqtt_index_points(const struct mqtt_index *index, uint32_t leaf,
                         const uint32_t **points);

/* The first leaf that the topic feeds, or MQTT_NOWHERE; *several when there may be more.
 * One look into a hash for all exact topics, then one comparison per wildcard filter. */
uint32_t mqtt_index_first(const struct mqtt_index *index, const char *topic,
                          size_t length, bool *several);

/* Calls `each` once for every leaf that the topic feeds; returns how many. */
typedef void mqtt_index_visit(void *context, const uint32_t *points, size_t count);
size_t mqtt_index_find(const struct mqtt_index *index, const char *topic, size_t length,
                       mqtt_index_visit *each, void *context);

#endif
