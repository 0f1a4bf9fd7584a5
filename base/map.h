/* map.h - name to number: an index over strings that are known at load time.
 *
 * Open addressing, grows by doubling. Keys are copied. Meant for a set that is built
 * once from the configuration and then only looked up, so lookups of names that
 * strangers send (topics) cannot fill it.
 *
 * Threads: map_get from any once nobody adds any more.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_NONE UINT32_MAX /* "not there" */

struct map;

struct map *map_new(void);
void map_free(struct map *map); /* NULL is fine */

/* False when the key is already there; its value is not changed. */
bool map_put(struct map *map, const char *key, uint32_t value);
uint32_t map_get(const struct map *map, const char *key); /* MAP_NONE when absent */
uint32_t map_get_bytes(const struct map *map, const char *key, size_t length);
size_t map_count(const struct map *map);

#endif
