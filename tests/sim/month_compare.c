/* month_compare.c - two months side by side; see month.h.
 *
 * How far apart an issue may have been opened: a death costs the delay that runs then the
 * time that the gateway is down (DOWN_MS) and what was not stored of it yet (10 s,
 * CHANGE_PROGRESS), and the readings that come next are up to a poll later. So each death
 * in the three hours before the later of the two openings counts that much (no shipped
 * delay is longer), and four polls are free. Windows of a day move in steps of twelve
 * minutes, which begin anew in each life: a step too early or too late may also begin the
 * delay anew. */
#include "tests/sim/month.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEATH_MS = 20 * 1000 + 10 * 1000, /* and a poll */
    BEFORE_MS = 3 * 60 * 60 * 1000,
    BLIND_MS = 30 * 60 * 1000,
    STEP_MS = 12 * 60 * 1000, /* of a window of a day, rules/buckets.h */
};

/* Rules over windows of a day that are close to their limits for long, and their delays.
 */
static const struct {
    const char *rule;
    int64_t for_ms;
} day_windows[] = {
    {"power.energy_balance", 2 * 60 * 60 * 1000},
    {"quality.level_frozen", 30 * 60 * 1000},
};

static int64_t step_ms(const char *rule)
{
    for (size_t i = 0; i < sizeof day_windows / sizeof *day_windows; i++)
        if (strcmp(day_windows[i].rule, rule) == 0)
            return STEP_MS + day_windows[i].for_ms;
    return 0;
}

static int64_t tolerance_ms(const struct month *month, struct wall_time until,
                            int64_t poll_ms)
{
    int64_t tolerance = 4 * poll_ms;

    for (unsigned i = 0; i < month->death_count; i++) {
        int64_t before_ms = wall_diff_ms(until, month->deaths[i]);

        if (before_ms >= 0 && before_ms <= BEFORE_MS)
            tolerance += DEATH_MS + poll_ms;
    }
    return tolerance;
}

static void name(struct text *out, const struct month_issue *issue)
{
    text_addf(out, "  %s on %s: ", issue->rule, issue->equipment);
}

static size_t compare_times(const struct month_issue *a, const struct month_issue *b,
                            const struct month *other, int64_t poll_ms, struct text *out)
{
    size_t found = 0;

    for (unsigned i = 0; i < a->opened && i < MONTH_OPENED_MAX; i++) {
        int64_t apart_ms = wall_diff_ms(b->times[i], a->times[i]);
        struct wall_time later = apart_ms > 0 ? b->times[i] : a->times[i];
        char first[CLOCK_RFC3339_SIZE];

        if (llabs(apart_ms) <= step_ms(a->rule) + tolerance_ms(other, later, poll_ms))
            continue;
        name(out, a);
        text_addf(out, "opened at %s, and %lld s apart\n",
                  wall_format(a->times[i], first), (long long)apart_ms / 1000);
        found++;
    }
    return found;
}

/* How long nothing could be seen is measured anew in each life. So what is blind for less
 * than twice as long as that takes may be found in one month and not in the other. */
static bool is_explained(const struct month_issue *issue, const struct month *other)
{
    if (strcmp(issue->rule, "equipment.blind") != 0)
        return false;
    for (unsigned i = 0; i < other->death_count; i++) {
        int64_t before_ms = wall_diff_ms(issue->times[0], other->deaths[i]);

        if (before_ms > -BLIND_MS && before_ms < BLIND_MS)
            return true;
    }
    return false;
}

static size_t compare_issue(const struct month_issue *a, const struct month_issue *b,
                            const struct month *other, int64_t poll_ms, struct text *out)
{
    if (is_explained(a, other) || is_explained(b, other))
        return 0;
    if (a->opened == b->opened && a->recurrences == b->recurrences)
        return compare_times(a, b, other, poll_ms, out);
    name(out, a);
    text_addf(out, "%u issues with %u recurrences, and %u with %u\n", a->opened,
              a->recurrences, b->opened, b->recurrences);
    return 1;
}

static int order(const struct month_issue *a, const struct month_issue *b)
{
    int rule = strcmp(a->rule, b->rule);

    return rule != 0 ? rule : strcmp(a->equipment, b->equipment);
}

static size_t only_one(const struct month_issue *issue, const struct month *other,
                       const char *which, struct text *out)
{
    char at[CLOCK_RFC3339_SIZE];

    if (is_explained(issue, other))
        return 0;
    name(out, issue);
    text_addf(out, "only in the %s, opened at %s\n", which,
              wall_format(issue->times[0], at));
    return 1;
}

size_t month_compare(const struct month *whole, const struct month *other,
                     const struct month_options *options, struct text *out)
{
    size_t found = 0;
    size_t i = 0;
    size_t k = 0;

    while (i < whole->count || k < other->count) {
        int which = i == whole->count   ? 1
                    : k == other->count ? -1
                                        : order(&whole->issues[i], &other->issues[k]);

        if (which < 0)
            found += only_one(&whole->issues[i++], other, "first", out);
        else if (which > 0)
            found += only_one(&other->issues[k++], other, "second", out);
        else
            found += compare_issue(&whole->issues[i++], &other->issues[k++], other,
                                   options->poll_ms, out);
    }
    return found;
}
