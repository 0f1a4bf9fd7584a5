/* test_cycles.c - cycles are found with their path, and the order is one in which nobody
 * comes before what it looks at. */
#include "rules/cycles.h"

#include "tests/unit/check.h"

#include "base/mem.h"

#include <stdio.h>

/* Edges as "ab bc": a looks at b, b at c. */
static struct cycles *graph_of(const char *edges, uint32_t nodes)
{
    struct cycles *graph = cycles_new(nodes);

    for (const char *p = edges; p[0] != '\0'; p += p[2] == ' ' ? 3 : 2)
        cycles_edge(graph, (uint32_t)(p[0] - 'a'), (uint32_t)(p[1] - 'a'));
    return graph;
}

static void test_find(void **state)
{
    static const struct {
        const char *edges;
        const char *path; /* "" = none */
    } cases[] = {
        {"", ""},
        {"ab bc cd", ""},
        {"ab ac bd cd", ""},
        {"ab ab ab", ""},
        {"aa", "a"},
        {"ab ba", "ab"},
        {"ab bc cb", "bc"},
        {"ab bc ca", "abc"},
        {"ba cb dc", ""},
        {"ba cb dc ad", "adcb"},
        {"ab ac cd de ec", "cde"},
        {"ef fg gh he", "efgh"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cycles *graph = graph_of(cases[i].edges, 8);
        uint32_t path[CYCLES_PATH_MAX];
        char text[CYCLES_PATH_MAX + 1] = "";
        size_t count = cycles_find(graph, path, CYCLES_PATH_MAX);

        for (size_t k = 0; k < count; k++)
            text[k] = (char)('a' + path[k]);
        check_text(cases[i].edges, text, cases[i].path);
        cycles_free(graph);
    }
}

static void test_order(void **state)
{
    static const struct {
        const char *edges;
        const char *order;
    } cases[] = {
        {"", "abcd"},   {"ab bc cd", "dcba"}, {"ba cb dc", "abcd"},
        {"ad", "dabc"}, {"ac ad bd", "cdab"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cycles *graph = graph_of(cases[i].edges, 4);
        uint32_t order[4];
        char text[5] = "";

        cycles_order(graph, order);
        for (size_t k = 0; k < 4; k++)
            text[k] = (char)('a' + order[k]);
        check_text(cases[i].edges, text, cases[i].order);
        cycles_free(graph);
    }
}

/* A path longer than what is told, and a graph as large as a building's. */
static void test_large(void **state)
{
    enum {
        NODES = 200000
    };
    struct cycles *graph = cycles_new(NODES);
    uint32_t *order = mem_array(NODES, sizeof *order);
    uint32_t path[CYCLES_PATH_MAX];

    (void)state;
    for (uint32_t i = 0; i + 1 < NODES; i++)
        cycles_edge(graph, i, i + 1);
    assert_int_equal(cycles_find(graph, path, CYCLES_PATH_MAX), 0);
    cycles_order(graph, order);
    assert_int_equal(order[0], NODES - 1);
    assert_int_equal(order[NODES - 1], 0);
    cycles_edge(graph, NODES - 1, 0);
    assert_int_equal(cycles_find(graph, path, CYCLES_PATH_MAX), NODES);
    assert_int_equal(path[CYCLES_PATH_MAX - 1], CYCLES_PATH_MAX - 1);
    cycles_free(NULL);
    cycles_free(graph);
    mem_free(order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
