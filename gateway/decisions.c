/* decisions.c - see decisions.h. */
#include "gateway/decisions.h"

#include "base/mem.h"

#include <string.h>

struct decisions {
    size_t max;
    struct alarm_change *changes;
    size_t change_count;
    size_t change_capacity;
    struct online_change *online;
    size_t online_count;
    size_t online_capacity;
    size_t untold; /* the first change that decisions_untold has not looked at */
    uint64_t lost;
};

struct decisions *decisions_new(size_t max_changes)
{
    struct decisions *decisions = mem_alloc(sizeof *decisions);

    decisions->max = max_changes;
    return decisions;
}

static void free_evidence(struct alarm_change *change)
{
    mem_free((void *)(uintptr_t)change->evidence);
    change->evidence = NULL;
}

static void clear(struct decisions *decisions)
{
    for (size_t i = 0; i < decisions->change_count; i++)
        free_evidence(&decisions->changes[i]);
    decisions->change_count = 0;
    decisions->online_count = 0;
    decisions->untold = 0;
}

void decisions_free(struct decisions *decisions)
{
    if (decisions == NULL)
        return;
    clear(decisions);
    mem_free(decisions->changes);
    mem_free(decisions->online);
    mem_free(decisions);
}

/* Makes room at the bound by giving up the oldest note about progress. */
static bool drop_progress(struct decisions *decisions)
{
    for (size_t i = 0; i < decisions->change_count; i++) {
        if (decisions->changes[i].kind != CHANGE_PROGRESS)
            continue;
        free_evidence(&decisions->changes[i]);
        decisions->change_count--;
        decisions->untold -= i < decisions->untold ? 1 : 0;
        memmove(&decisions->changes[i], &decisions->changes[i + 1],
                (decisions->change_count - i) * sizeof *decisions->changes);
        return true;
    }
    return false;
}

void decisions_add_change(void *context, const struct alarm_change *change)
{
    struct decisions *decisions = context;
    struct alarm_change *copy;

    if (decisions->change_count == decisions->max && !drop_progress(decisions)) {
        decisions->lost++;
        return;
    }
    if (decisions->change_count == decisions->change_capacity) {
        decisions->change_capacity =
            decisions->change_capacity == 0 ? 16 : decisions->change_capacity * 2;
        decisions->changes = mem_resize(decisions->changes, decisions->change_capacity,
                                        sizeof *decisions->changes);
    }
    copy = &decisions->changes[decisions->change_count++];
    *copy = *change;
    copy->evidence = change->evidence == NULL ? NULL : mem_strdup(change->evidence);
}

void decisions_add_online(struct decisions *decisions, struct online_change change)
{
    if (decisions->online_count == decisions->max) {
        decisions->lost++;
        return;
    }
    if (decisions->online_count == decisions->online_capacity) {
        decisions->online_capacity =
            decisions->online_capacity == 0 ? 16 : decisions->online_capacity * 2;
        decisions->online = mem_resize(decisions->online, decisions->online_capacity,
                                       sizeof *decisions->online);
    }
    decisions->online[decisions->online_count++] = change;
}

size_t decisions_pending(const struct decisions *decisions)
{
    return decisions->change_count + decisions->online_count;
}

static uint64_t count_kind(const struct decisions *decisions, enum change_kind kind)
{
    uint64_t count = 0;

    for (size_t i = 0; i < decisions->change_count; i++)
        count += decisions->changes[i].kind == kind ? 1 : 0;
    return count;
}

uint64_t decisions_raised(const struct decisions *decisions)
{
    return count_kind(decisions, CHANGE_RAISED);
}

uint64_t decisions_returned(const struct decisions *decisions)
{
    return count_kind(decisions, CHANGE_RETURNED);
}

uint64_t decisions_lost(const struct decisions *decisions)
{
    return decisions->lost;
}

static bool is_announced(const struct alarm_change *change)
{
    return (change->kind == CHANGE_RAISED || change->kind == CHANGE_STANDING) &&
           change->standing == STANDING_ROOT;
}

const struct alarm_change *decisions_untold(struct decisions *decisions)
{
    while (decisions->untold < decisions->change_count) {
        const struct alarm_change *change = &decisions->changes[decisions->untold++];

        if (is_announced(change))
            return change;
    }
    return NULL;
}

int decisions_commit(struct decisions *decisions, struct desk *desk, struct wall_time now,
                     struct err *err)
{
    if (desk_apply(desk, decisions->changes, decisions->change_count, decisions->online,
                   decisions->online_count, now, err) != 0)
        return -1;
    clear(decisions);
    return 0;
}
