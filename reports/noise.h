/* noise.h - the rules that cry most, and what would make them quieter (pure).
 *
 * Ranks rules by what they told people; makes milder versions of a rule (a longer delay,
 * a wider dead band, another threshold); judges each version by the raises that it leaves
 * (reports/backtest.h).
 *
 * A version is a suggestion only when it spares enough and would not have kept silent
 * about a long alarm.
 *
 * Threads: no state.
 */
#ifndef REPORTS_NOISE_H
#define REPORTS_NOISE_H

#include "reports/opened.h"
#include "reports/raise_list.h"

enum {
    NOISE_SHORT_MS = 5 * 60 * 1000, /* over before anybody has come */
    NOISE_LONG_MS = 30 * 60 * 1000, /* must not be missed */
    NOISE_VERSIONS_MAX = 24,
    NOISE_SPARED_MIN_PERCENT = 20, /* less is not worth a change */
    NOISE_SPARED_GOOD_PERCENT = 50,
    NOISE_TEXT_SIZE = 96,
};

struct noise_rule {
    uint32_t rule; /* index, as in the raises */
    int64_t told;
    int64_t shorts;    /* of them over within NOISE_SHORT_MS */
    int64_t median_ms; /* of how long they were active */
    uint32_t loudest;  /* equipment with the most of them */
    int64_t loudest_told;
};

/* Rules with raises in the list, the noisiest first; the caller's (mem_free). Alarms that
 * are still active count until `to`. */
struct noise_rule *noise_rank(const struct raise *raises, size_t count, size_t rule_count,
                              struct wall_time to, size_t *noisy_count);

/* A milder version of a rule. */
struct noise_version {
    struct tried_rule tried;
    char id[NOISE_TEXT_SIZE];      /* of the tried rule */
    char change[NOISE_TEXT_SIZE];  /* `for = "2m"` */
    char was[NOISE_TEXT_SIZE];     /* `"20s"` */
    struct param_settings *params; /* owned, when one is changed */
};

/* Versions from mild to strong, the rule itself first. `noise` is how far the values of
 * its points move from one reading to the next; NaN when that is not known. */
size_t noise_versions(const struct rule_settings *rule, double noise,
                      struct noise_version versions[NOISE_VERSIONS_MAX]);
void noise_versions_done(struct noise_version *versions, size_t count);

/* What a version leaves of the raises of the rule itself. */
struct noise_verdict {
    size_t version; /* index; 0: no change helps */
    int64_t told;
    int64_t spared;
    int64_t missed; /* longer than NOISE_LONG_MS or serious, of which it says nothing */
};

/* `raises` of a backtest of all versions. The mildest that spares enough and misses
 * nothing; else the one that spares most of those that miss nothing. Fills `verdicts` for
 * all versions, too. */
struct noise_verdict noise_judge(const struct raise *raises, size_t count,
                                 size_t version_count, struct wall_time to,
                                 struct noise_verdict verdicts[NOISE_VERSIONS_MAX]);

#endif
