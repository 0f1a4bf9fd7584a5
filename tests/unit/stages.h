/* stages.h - a table of stages as a test each. */
#ifndef TESTS_UNIT_STAGES_H
#define TESTS_UNIT_STAGES_H

#include "tests/unit/check.h"

#include "tests/sim/stage.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    STAGES_MAX = 300,
};

#define STAGE(rule_id, on, by, ...)                                                      \
    {                                                                                    \
        .rule = (rule_id), .equipment = (on), .scenario = (by), ##__VA_ARGS__            \
    }

static void run_stage(void **state)
{
    struct text why;
    int result;

    text_init(&why, STAGE_TEXT_MAX);
    result = stage_run(*state, &why);
    if (result != 0)
        print_error("%s", why.data);
    text_done(&why);
    assert_int_equal(result, 0);
}

static inline int stages_run(const char *name, const struct stage *stages, size_t count)
{
    static struct CMUnitTest tests[STAGES_MAX];
    static char names[STAGES_MAX][80];
    const char *only = getenv("STAGE");
    size_t chosen = 0;

    for (size_t i = 0; i < count && i < STAGES_MAX; i++) {
        if (only != NULL && strcmp(only, stages[i].rule) != 0)
            continue;
        (void)snprintf(names[chosen], sizeof names[0], "%s", stages[i].rule);
        tests[chosen] = (struct CMUnitTest){names[chosen], run_stage, NULL, NULL,
                                            (void *)(uintptr_t)&stages[i]};
        chosen++;
    }
    return _cmocka_run_group_tests(name, tests, chosen, NULL, NULL);
}

#endif
