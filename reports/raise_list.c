/* raise_list.c - see raise_list.h. */
#include "reports/raise_list.h"

#include "base/mem.h"

#include <stdlib.h>

/* Rule, equipment, time. */
static int by_place(const void *a, const void *b)
{
    const struct raise *left = *(const struct raise *const *)a;
    const struct raise *right = *(const struct raise *const *)b;

    if (left->rule != right->rule)
        return left->rule < right->rule ? -1 : 1;
    if (left->equipment != right->equipment)
        return left->equipment < right->equipment ? -1 : 1;
    if (left->told.ns != right->told.ns)
        return left->told.ns < right->told.ns ? -1 : 1;
    return 0;
}

/* Those that people were told of, sorted; the caller's (mem_free). */
static const struct raise **told(const struct raise *raises, size_t count, size_t *kept)
{
    const struct raise **list = mem_array(count + 1, sizeof(const struct raise *));

    *kept = 0;
    for (size_t i = 0; i < count; i++)
        if (raises[i].told.ns != 0)
            list[(*kept)++] = &raises[i];
    if (*kept > 1)
        qsort(list, *kept, sizeof(const struct raise *), by_place);
    return list;
}

/* ---- issues ---- */

static bool continues(const struct would_issue *issue, const struct raise *raise)
{
    return issue->rule == raise->rule && issue->equipment == raise->equipment &&
           (issue->returned.ns == 0 ||
            wall_diff_ms(raise->told, issue->returned) < DESK_RECURRENCE_MS);
}

static void add_to(struct would_issue *issue, const struct raise *raise,
                   struct wall_time to)
{
    struct wall_time end = raise->returned.ns != 0 ? raise->returned : to;

    issue->returned = raise->returned;
    issue->raises++;
    issue->active_ms += wall_diff_ms(end, raise->raised);
    if (raise->severity > issue->severity)
        issue->severity = raise->severity;
}

static int by_opening(const void *a, const void *b)
{
    const struct would_issue *left = a;
    const struct would_issue *right = b;

    if (left->opened.ns != right->opened.ns)
        return left->opened.ns < right->opened.ns ? -1 : 1;
    return left->equipment < right->equipment ? -1 : left->equipment > right->equipment;
}

struct would_issue *raise_issues(const struct raise *raises, size_t count,
                                 struct wall_time to, size_t *issue_count)
{
    size_t told_count;
    const struct raise **list = told(raises, count, &told_count);
    struct would_issue *issues = mem_array(told_count + 1, sizeof *issues);
    size_t n = 0;

    for (size_t i = 0; i < told_count; i++) {
        if (n == 0 || !continues(&issues[n - 1], list[i]))
            issues[n++] = (struct would_issue){.rule = list[i]->rule,
                                               .equipment = list[i]->equipment,
                                               .opened = list[i]->told};
        add_to(&issues[n - 1], list[i], to);
    }
    if (n > 1)
        qsort(issues, n, sizeof *issues, by_opening);
    mem_free((void *)list);
    *issue_count = n;
    return issues;
}

/* ---- what differs ---- */

static int64_t end_of(const struct raise *raise)
{
    return raise->returned.ns == 0 ? INT64_MAX : raise->returned.ns;
}

static bool is_near(int64_t a, int64_t b, int64_t tolerance_ms)
{
    if (a == INT64_MAX || b == INT64_MAX)
        return a == b;
    return (a > b ? a - b : b - a) <= tolerance_ms * CLOCK_MS;
}

/* <0: the old one is over before the new one; >0: the other way round; 0: they meet. */
static int meet(const struct raise *old, const struct raise *new, int64_t tolerance_ms)
{
    int64_t slack = tolerance_ms * CLOCK_MS;

    if (old->equipment != new->equipment)
        return old->equipment < new->equipment ? -1 : 1;
    if (end_of(old) != INT64_MAX && end_of(old) + slack < new->told.ns)
        return -1;
    if (end_of(new) != INT64_MAX && end_of(new) + slack < old->told.ns)
        return 1;
    return 0;
}

static struct raise_pair pair_of(const struct raise *old, const struct raise *new,
                                 int64_t tolerance_ms)
{
    bool same = is_near(old->told.ns, new->told.ns, tolerance_ms) &&
                is_near(end_of(old), end_of(new), tolerance_ms);

    return (struct raise_pair){same ? RAISE_SAME : RAISE_SHIFTED, old, new};
}

static int64_t time_of(const struct raise_pair *pair)
{
    return pair->old != NULL ? pair->old->told.ns : pair->new->told.ns;
}

static int by_time(const void *a, const void *b)
{
    int64_t left = time_of(a);
    int64_t right = time_of(b);

    return left < right ? -1 : left > right;
}

struct raise_pair *raise_compare(const struct raise *old, size_t old_count,
                                 const struct raise *new, size_t new_count,
                                 int64_t tolerance_ms, size_t *pair_count)
{
    const struct raise **a = told(old, old_count, &old_count);
    const struct raise **b = told(new, new_count, &new_count);
    struct raise_pair *pairs = mem_array(old_count + new_count + 1, sizeof *pairs);
    size_t i = 0;
    size_t k = 0;
    size_t n = 0;

    while (i < old_count || k < new_count) {
        int order = i == old_count   ? 1
                    : k == new_count ? -1
                                     : meet(a[i], b[k], tolerance_ms);

        if (order < 0)
            pairs[n++] = (struct raise_pair){RAISE_ONLY_OLD, a[i++], NULL};
        else if (order > 0)
            pairs[n++] = (struct raise_pair){RAISE_ONLY_NEW, NULL, b[k++]};
        else
            pairs[n++] = pair_of(a[i++], b[k++], tolerance_ms);
    }
    if (n > 1)
        qsort(pairs, n, sizeof *pairs, by_time);
    mem_free((void *)a);
    mem_free((void *)b);
    *pair_count = n;
    return pairs;
}
