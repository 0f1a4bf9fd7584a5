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

/* Sanitizers make everything ten times as slow: days are left to the plain build. */
static inline bool stage_is_too_long(const struct stage *stage)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return stage->reach_ms + stage->warm_ms > 12 * (int64_t)STAGE_HOUR;
#else
    (void)stage;
    return false;
#endif
}

static inline void run_stage(void **state)
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

/* The long or the short ones; of these only the rule in the environment, if any. */
static inline int stages_run(const char *name, bool is_long)
{
    static struct CMUnitTest tests[STAGES_MAX];
    const char *only = getenv("STAGE");
    size_t chosen = 0;

    for (size_t i = 0; i < stage_count && chosen < STAGES_MAX; i++) {
        const struct stage *stage = &stages[i];

        if (stage->is_season || stage->is_long != is_long ||
            (only != NULL && strcmp(only, stage->rule) != 0) || stage_is_too_long(stage))
            continue;
        tests[chosen++] = (struct CMUnitTest){stage->rule, run_stage, NULL, NULL,
                                              (void *)(uintptr_t)stage};
    }
    return _cmocka_run_group_tests(name, tests, chosen, NULL, NULL);
}

#endif
