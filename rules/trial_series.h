/* trial_series.h - what one point does in a test of a rule, as tokens (pure).
 *
 *   "3x12 0.1x30 _x12 3x12"     12 samples of 3, 30 of 0.1, 12 steps without any, 12 of 3
 *
 *   5   5x12   true   normal    a value, once or so many times; "true x66" is "truex66"
 *   2+0.1x30   9-1x5            so many samples of a ramp: 2, 2.1, 2.2, ...
 *   _                           no sample
 *   !   !range   !comm          a bad sample: not_available, or that reason
 *                               (telemetry/sample.h; comm is timeout)
 *   !clock                      the value before it again, uncertain
 *
 * true and false make a boolean point, other words one with named values, numbers a
 * number; without any value it is what the rule takes it for. A word that ends in x and
 * digits needs its count behind it ("maxx1"). What is over goes on with its last token; a
 * ramp stays where it ended.
 *
 * Threads: one owner.
 */
#ifndef RULES_TRIAL_SERIES_H
#define RULES_TRIAL_SERIES_H

#include "base/err.h"
#include "telemetry/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TRIAL_TOKENS_MAX = 1000,   /* of one series; the longest shipped one has 20 */
    TRIAL_COUNT_MAX = 1000000, /* samples of one token */
    TRIAL_WORDS_MAX = 200,     /* different named values of one test */
    TRIAL_WORD_MAX = 64,       /* bytes of a word */
};

/* Named values of one test; the code of a word is its place. */
struct trial_words {
    char *names[TRIAL_WORDS_MAX];
    size_t count;
};

/* The code of a word, which is added when it is new; -1 when there are too many. */
int trial_word(struct trial_words *words, const char *word, size_t length);
void trial_words_done(struct trial_words *words);

enum trial_what {
    TRIAL_VALUE,
    TRIAL_AGAIN, /* the value before, uncertain */
    TRIAL_BAD,
    TRIAL_NOTHING,
};

struct trial_token {
    enum trial_what what;
    uint8_t reason; /* telemetry/sample.h */
    uint32_t count;
    double value;
    double step; /* of a ramp */
};

struct trial_series {
    enum point_kind kind; /* of its values; POINT_NUMBER when it has none */
    bool valued;          /* it has a value */
    struct trial_token *tokens;
    size_t count;
};

/* What a point does at one step. */
struct trial_moment {
    enum trial_what what; /* never TRIAL_AGAIN: that is a value with a reason */
    uint8_t reason;
    double value;
};

/* ERR_INPUT names the token and its column; *offset is where it starts in the text. */
int trial_series_read(struct trial_series *series, const char *text,
                      struct trial_words *words, size_t *offset, struct err *err);
void trial_series_done(struct trial_series *series);

/* Steps through a series. Begins zeroed. */
struct trial_cursor {
    size_t token;
    uint32_t within; /* samples of the token that are over */
    double last;     /* value of the last sample */
};
struct trial_moment trial_series_next(const struct trial_series *series,
                                      struct trial_cursor *cursor);

#endif
