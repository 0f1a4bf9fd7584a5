/* calls_group.c - functions over the members of a relation. Nothing is extrapolated: a
 * sum is that of the known members, and uncertain when some are missing. */
#include "rules/calls.h"

/* The marks of a result: unknown when too few members are known. */
static uint32_t marks_of(const struct group_sum *sum, double min_cover)
{
    uint32_t marks = sum->marks & VALUE_UNCERTAIN;

    if (sum->known < sum->members)
        marks |= VALUE_UNCERTAIN;
    if (sum->known < min_cover * sum->members)
        marks |= sum->marks & WHY_ALL;
    return marks;
}

/* For what has no meaning without a member. */
static struct value some(const struct group_sum *sum, double min_cover, double number)
{
    uint32_t marks = marks_of(sum, min_cover);

    if (sum->known == 0)
        marks |= sum->members == 0 ? WHY_CONFIG : sum->marks & WHY_ALL;
    return value_of(number, marks);
}

struct value group_total(const struct group_sum *sum, double min_cover)
{
    return some(sum, min_cover, sum->sum);
}

struct value group_mean(const struct group_sum *sum, double min_cover)
{
    return some(sum, min_cover, sum->known == 0 ? 0 : sum->sum / sum->known);
}

struct value group_min(const struct group_sum *sum, double min_cover)
{
    return some(sum, min_cover, sum->min);
}

struct value group_max(const struct group_sum *sum, double min_cover)
{
    return some(sum, min_cover, sum->max);
}

struct value group_count(const struct group_sum *sum, double min_cover)
{
    return value_of(sum->truths, marks_of(sum, min_cover));
}

struct value group_size(const struct group_sum *sum, double min_cover)
{
    (void)min_cover;
    return value_of(sum->members, 0);
}
