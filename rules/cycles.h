/* cycles.h - who depends on whom, and whether that ends (pure).
 *
 * Nodes are numbers from 0; what they stand for (rules on equipment, computed points,
 * equipment by one of its relations) and their names are the caller's.
 *
 *   graph = cycles_new(count);
 *   cycles_edge(graph, rule_a, rule_b);       a looks at b
 *   length = cycles_find(graph, path, CYCLES_PATH_MAX);
 *   if (length > 0) "a -> b -> a" is path[0], ..., path[length - 1], path[0]
 *   else cycles_order(graph, order);          who is looked at comes before who looks
 *
 * Threads: one owner.
 */
#ifndef RULES_CYCLES_H
#define RULES_CYCLES_H

#include <stddef.h>
#include <stdint.h>

enum {
    CYCLES_PATH_MAX = 16, /* nodes of a cycle that are told; longer ones are cut */
};

struct cycles;

struct cycles *cycles_new(uint32_t nodes);
void cycles_free(struct cycles *graph); /* NULL is fine */

/* `from` looks at `to`; the same edge may come again. */
void cycles_edge(struct cycles *graph, uint32_t from, uint32_t to);

/* A cycle, the first one met from the lowest node: its nodes in the order of looking, up
 * to `max` of them. Returns how many nodes it has (more than `max` when it was cut); 0
 * when there is none. */
size_t cycles_find(struct cycles *graph, uint32_t *path, size_t max);

/* All nodes, each behind those it looks at; otherwise in the order of their numbers as
 * far as that goes. Only when there is no cycle. */
void cycles_order(struct cycles *graph, uint32_t *order);

#endif
