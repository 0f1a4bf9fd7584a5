/* mqtt_path.h - where in a JSON document a value is.
 *
 *   flow.value                members by name
 *   sensors[0].value          an element by its position, from 0
 *   sensors[id=28-0316].value the first element whose member has that value
 *   values[*].p_l1            the last element that has what follows
 *
 * A null on the way is what the path finds: {"flow": null} says the same about
 * "flow.value" as {"flow": {"value": null}}. Equal texts share one path, so that two
 * paths are the same when their pointers are.
 *
 * Pure. Threads: read-only once built.
 */
#ifndef ADAPTERS_MQTT_PATH_H
#define ADAPTERS_MQTT_PATH_H

#include "base/err.h"
#include "base/json_in.h"

enum {
    MQTT_PATH_STEPS = 32, /* a document is no deeper (JSON_DEPTH_MAX) */
};

struct mqtt_path;
struct mqtt_paths; /* owns them */

struct mqtt_paths *mqtt_paths_new(void);
void mqtt_paths_free(struct mqtt_paths *paths); /* NULL is fine */

/* *out is NULL for "". ERR_CONFIG when the text is no path. */
int mqtt_paths_get(struct mqtt_paths *paths, const char *text,
                   const struct mqtt_path **out, struct err *err);

/* NULL when the document says nothing about it. */
const struct json *mqtt_path_find(const struct mqtt_path *path, const struct json *root);

#endif
