/* trial.h - does a rule do what its test block says? (pure but for the time zone's file)
 *
 *   { rule = "pump.dry_run"; step = "5s";
 *     points : { run = "true x66"; flow = "3x12 0.1x30 _x12 3x12"; };
 *     expect = ( { at = "1m"; state = "normal"; }, { at = "2m40s"; state = "active"; } );
 * }
 *
 * Builds a small building from the series of the block (rules/trial_site.h,
 * rules/trial_series.h), compiles the rule for it, lets time pass from sample to sample
 * and deadline to deadline, and compares the alarm with what is expected: each
 * expectation is looked at just after the samples and the deadlines of its `at`, which
 * counts from the first sample. Nothing suppresses the alarm here.
 *
 * Threads: no shared state.
 */
#ifndef RULES_TRIAL_H
#define RULES_TRIAL_H

#include "base/text.h"
#include "config/config.h"

enum {
    TRIAL_STEPS_MAX = 500000,   /* samples of a point: twelve weeks of 15 s */
    TRIAL_LOOKS_MAX = 5000000,  /* evaluations between them; some seconds */
    TRIAL_TEXT_MAX = 64 * 1024, /* what is said of one block */
    TRIAL_EXPLAINED_MAX = 2,    /* expectations with their truth tree; then one line */
};

enum trial_verdict {
    TRIAL_PASSED,
    TRIAL_FAILED,   /* the alarm was not as expected */
    TRIAL_UNUSABLE, /* the block cannot be run: its notation, its rule */
};

struct trial_result {
    enum trial_verdict verdict;
    size_t held; /* expectations that were met */
    /* What is not as it should be: the first expectation that was not met, or what is
     * wrong with the block, `offset` bytes into the text that stands there. */
    struct config_pos pos;
    size_t offset;
};

/* Runs one block with the rules and the calendar of `config`. Why it did not pass is
 * appended to `why` in indented lines for people (each with its LF): what was expected
 * and when, what was, and the terms of the rule with their values at that moment. */
struct trial_result trial_run(const struct config *config,
                              const struct test_settings *test, struct text *why);

#endif
