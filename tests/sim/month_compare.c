/* month_compare.c - two months side by side; see month.h.
 *
 * How far apart an issue may have been opened: a death costs the delay that runs then the
 * time that the gateway is down (DOWN_MS) and what was not stored of it yet (10 s,
 * CHANGE_PROGRESS), and the readings that come next are up to a poll later. So each death
 * in the three hours before the later of the two openings counts that much (no shipped
 * delay is longer), and four polls are free.
 *
 * What is farther apart is told beside the list: the building is stepped when the gateway
 * wakes, so that its weather differs a little, and a level that freezes may have stood
 * still for an hour before or not. */
#include "tests/sim/month.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEATH_MS = 20 * 1000 + 10 * 1000, /* and a poll */
    BEFORE_MS = 3 * 60 * 60 * 1000,
    BLIND_MS = 30 * 60 * 1000,
};

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

static void compare_times(const struct month_issue *a, const struct month_issue *b,
                          const struct month *other, int64_t poll_ms,
                          struct month_difference *found, struct text *out)
{

    for (unsigned i = 0; i < a->opened && i < MONTH_OPENED_MAX; i++) {
        int64_t apart_ms = wall_diff_ms(b->times[i], a->times[i]);
        struct wall_time later = apart_ms > 0 ? b->times[i] : a->times[i];
        char first[CLOCK_RFC3339_SIZE];

        if (llabs(apart_ms) <= tolerance_ms(other, later, poll_ms))
            continue;
        name(out, a);
        text_addf(out, "opened at %s, and %lld s apart\n",
                  wall_format(a->times[i], first), (long long)apart_ms / 1000);
        found->apart++;
    }
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

static void compare_issue(const struct month_issue *a, const struct month_issue *b,
                          const struct month *other, int64_t poll_ms,
                          struct month_difference *found, struct text *out)
{
    if (is_explained(a, other) || is_explained(b, other))
        return;
    if (a->opened == b->opened && a->recurrences == b->recurrences) {
        compare_times(a, b, other, poll_ms, found, out);
        return;
    }
    name(out, a);
    text_addf(out, "%u issues with %u recurrences, and %u with %u\n", a->opened,
              a->recurrences, b->opened, b->recurrences);
    found->list++;
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

struct month_difference month_compare(const struct month *whole,
                                      const struct month *other,
                                      const struct month_options *options,
                                      struct text *out)
{
    struct month_difference found = {0};
    size_t i = 0;
    size_t k = 0;

    while (i < whole->count || k < other->count) {
        int which = i == whole->count   ? 1
                    : k == other->count ? -1
                                        : order(&whole->issues[i], &other->issues[k]);

        if (which < 0)
            found.list += only_one(&whole->issues[i++], other, "first", out);
        else if (which > 0)
            found.list += only_one(&other->issues[k++], other, "second", out);
        else
            compare_issue(&whole->issues[i++], &other->issues[k++], other,
                          options->poll_ms, &found, out);
    }
    return found;
}
