/* turn.c - see turn.h. */
#include "gateway/turn.h"

#include "base/mem.h"

#include <string.h>

struct turn {
    size_t max;
    struct alarm_change *changes;
    size_t change_count;
    size_t change_capacity;
    struct online_change *online;
    size_t online_count;
    size_t online_capacity;
    uint64_t lost;
};

struct turn *turn_new(size_t max_changes)
{
    struct turn *turn = mem_alloc(sizeof *turn);

    turn->max = max_changes;
    return turn;
}

static void free_evidence(struct alarm_change *change)
{
    mem_free((void *)(uintptr_t)change->evidence);
    change->evidence = NULL;
}

static void clear(struct turn *turn)
{
    for (size_t i = 0; i < turn->change_count; i++)
        free_evidence(&turn->changes[i]);
    turn->change_count = 0;
    turn->online_count = 0;
}

void turn_free(struct turn *turn)
{
    if (turn == NULL)
        return;
    clear(turn);
    mem_free(turn->changes);
    mem_free(turn->online);
    mem_free(turn);
}

/* Makes room at the bound by giving up the oldest note about progress. */
static bool drop_progress(struct turn *turn)
{
    for (size_t i = 0; i < turn->change_count; i++) {
        if (turn->changes[i].kind != CHANGE_PROGRESS)
            continue;
        free_evidence(&turn->changes[i]);
        turn->change_count--;
        memmove(&turn->changes[i], &turn->changes[i + 1],
                (turn->change_count - i) * sizeof *turn->changes);
        return true;
    }
    return false;
}

void turn_add_change(void *context, const struct alarm_change *change)
{
    struct turn *turn = context;
    struct alarm_change *copy;

    if (turn->change_count == turn->max && !drop_progress(turn)) {
        turn->lost++;
        return;
    }
    if (turn->change_count == turn->change_capacity) {
        turn->change_capacity =
            turn->change_capacity == 0 ? 16 : turn->change_capacity * 2;
        turn->changes =
            mem_resize(turn->changes, turn->change_capacity, sizeof *turn->changes);
    }
    copy = &turn->changes[turn->change_count++];
    *copy = *change;
    copy->evidence = change->evidence == NULL ? NULL : mem_strdup(change->evidence);
}

void turn_add_online(struct turn *turn, struct online_change change)
{
    if (turn->online_count == turn->max) {
        turn->lost++;
        return;
    }
    if (turn->online_count == turn->online_capacity) {
        turn->online_capacity =
            turn->online_capacity == 0 ? 16 : turn->online_capacity * 2;
        turn->online =
            mem_resize(turn->online, turn->online_capacity, sizeof *turn->online);
    }
    turn->online[turn->online_count++] = change;
}

size_t turn_pending(const struct turn *turn)
{
    return turn->change_count + turn->online_count;
}

static uint64_t count_kind(const struct turn *turn, enum change_kind kind)
{
    uint64_t count = 0;

    for (size_t i = 0; i < turn->change_count; i++)
        count += turn->changes[i].kind == kind ? 1 : 0;
    return count;
}

uint64_t turn_raised(const struct turn *turn)
{
    return count_kind(turn, CHANGE_RAISED);
}

uint64_t turn_returned(const struct turn *turn)
{
    return count_kind(turn, CHANGE_RETURNED);
}

uint64_t turn_lost(const struct turn *turn)
{
    return turn->lost;
}

int turn_commit(struct turn *turn, struct desk *desk, struct wall_time now,
                struct err *err)
{
    if (desk_apply(desk, turn->changes, turn->change_count, turn->online,
                   turn->online_count, now, err) != 0)
        return -1;
    clear(turn);
    return 0;
}
