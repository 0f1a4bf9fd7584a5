/* cycles.c - see cycles.h. One walk in depth without recursion: there may be as many
 * nodes as there are alarms. */
#include "rules/cycles.h"

#include "base/mem.h"

#include <stdbool.h>
#include <string.h>

#define NO_EDGE UINT32_MAX

/* Of one node. */
enum colour {
    UNSEEN,
    OPEN, /* on the way down to the present node */
    DONE,
};

struct edge {
    uint32_t to;
    uint32_t next; /* of the same node */
};

struct cycles {
    uint32_t nodes;
    uint32_t *first; /* edge of each node */
    uint32_t *last;
    struct edge *edges;
    size_t edge_count;
    size_t edge_capacity;

    /* of a walk */
    uint8_t *colours;
    uint32_t *stack;  /* the way down */
    uint32_t *resume; /* edge at which a node on it goes on */
};

struct cycles *cycles_new(uint32_t nodes)
{
    struct cycles *graph = mem_alloc(sizeof *graph);
    size_t room = (size_t)nodes + 1;

    graph->nodes = nodes;
    graph->first = mem_array(room, sizeof *graph->first);
    graph->last = mem_array(room, sizeof *graph->last);
    graph->colours = mem_array(room, sizeof *graph->colours);
    graph->stack = mem_array(room, sizeof *graph->stack);
    graph->resume = mem_array(room, sizeof *graph->resume);
    memset(graph->first, 0xFF, room * sizeof *graph->first);
    return graph;
}

void cycles_free(struct cycles *graph)
{
    if (graph == NULL)
        return;
    mem_free(graph->first);
    mem_free(graph->last);
    mem_free(graph->edges);
    mem_free(graph->colours);
    mem_free(graph->stack);
    mem_free(graph->resume);
    mem_free(graph);
}

void cycles_edge(struct cycles *graph, uint32_t from, uint32_t to)
{
    uint32_t edge = (uint32_t)graph->edge_count;

    if (graph->first[from] != NO_EDGE && graph->edges[graph->last[from]].to == to)
        return;
    if (graph->edge_count == graph->edge_capacity) {
        graph->edge_capacity = 2 * graph->edge_capacity + 64;
        graph->edges =
            mem_resize(graph->edges, graph->edge_capacity, sizeof *graph->edges);
    }
    graph->edges[graph->edge_count++] = (struct edge){to, NO_EDGE};
    if (graph->first[from] == NO_EDGE)
        graph->first[from] = edge;
    else
        graph->edges[graph->last[from]].next = edge;
    graph->last[from] = edge;
}

/* What a walk is for; either may be NULL. */
struct walk {
    uint32_t *path;
    size_t path_max;
    size_t path_length; /* of the cycle; ends the walk when it is not 0 */
    uint32_t *order;
    size_t ordered;
};

/* The nodes from `node` to the end of the stack are a cycle. */
static void take_cycle(const struct cycles *graph, struct walk *walk, uint32_t node,
                       size_t depth)
{
    size_t from = depth;

    while (graph->stack[from - 1] != node)
        from--;
    from--;
    walk->path_length = depth - from;
    for (size_t i = 0; i < walk->path_length && i < walk->path_max; i++)
        walk->path[i] = graph->stack[from + i];
}

static void enter(struct cycles *graph, uint32_t node, size_t *depth)
{
    graph->colours[node] = OPEN;
    graph->stack[*depth] = node;
    graph->resume[*depth] = graph->first[node];
    (*depth)++;
}

static void walk_from(struct cycles *graph, uint32_t start, struct walk *walk)
{
    size_t depth = 0;

    enter(graph, start, &depth);
    while (depth > 0 && walk->path_length == 0) {
        uint32_t edge = graph->resume[depth - 1];
        uint32_t to;

        if (edge == NO_EDGE) {
            uint32_t node = graph->stack[--depth];

            graph->colours[node] = DONE;
            if (walk->order != NULL)
                walk->order[walk->ordered++] = node;
            continue;
        }
        to = graph->edges[edge].to;
        graph->resume[depth - 1] = graph->edges[edge].next;
        if (graph->colours[to] == UNSEEN)
            enter(graph, to, &depth);
        else if (graph->colours[to] == OPEN)
            take_cycle(graph, walk, to, depth);
    }
}

static void walk_all(struct cycles *graph, struct walk *walk)
{
    memset(graph->colours, UNSEEN, graph->nodes);
    for (uint32_t i = 0; i < graph->nodes && walk->path_length == 0; i++)
        if (graph->colours[i] == UNSEEN)
            walk_from(graph, i, walk);
}

size_t cycles_find(struct cycles *graph, uint32_t *path, size_t max)
{
    struct walk walk = {.path = path, .path_max = max};

    walk_all(graph, &walk);
    return walk.path_length;
}

void cycles_order(struct cycles *graph, uint32_t *order)
{
    struct walk walk = {.order = order};

    walk_all(graph, &walk);
}
