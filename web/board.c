/* board.c - what stands on the board, sorted; see board.h. */
#include "web/board.h"
#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct collect {
    const struct call *call;
    struct board *board;
};

static void collect_issue(void *context, const struct issue_view *issue)
{
    struct collect *collect = context;
    const struct equipment *equipment =
        model_equipment(collect->call->site->model, issue->equipment);
    struct board_issue *slot;

    if (equipment == NULL)
        return;
    slot = &collect->board->issues[equipment->index];
    if (slot->id[0] != '\0' && slot->severity >= issue->severity)
        return;
    (void)snprintf(slot->id, sizeof slot->id, "%s", issue->id);
    slot->number = issue->number;
    slot->severity = issue->severity;
    mem_free(slot->title);
    slot->title =
        mem_strdup(collect->call->request->language == LANGUAGE_ZH ? issue->title_zh
                                                                   : issue->title_en);
}

/* Stand-ins of links are shown when something is wrong with them, or when asked for. */
static bool belongs(const struct equipment_filter *filter,
                    const struct equipment *equipment, enum equipment_state state)
{
    if (!equipment->is_link)
        return true;
    return state != STATE_UP ||
           (filter->class_name != NULL && strcmp(filter->class_name, "link") == 0);
}

static void set_group(struct board_entry *entry, bool by_class)
{
    const struct equipment *equipment = entry->equipment;

    entry->group =
        by_class || equipment->is_link ? equipment->class_name : equipment->place;
    entry->group_length = strcspn(entry->group, "/");
}

static void add_entries(const struct call *call, const struct equipment_filter *filter,
                        struct board *board)
{
    const struct model *model = call->site->model;
    struct equipment_filter any_state = *filter;

    any_state.state = -1;
    for (size_t i = 0; i < model->equipment_count; i++) {
        struct board_entry entry = {.equipment = &model->equipment[i]};

        desk_state(call->site->desk, (uint32_t)i, &entry.state);
        board->equipment += !entry.equipment->is_link;
        if (!view_matches(&any_state, entry.equipment, entry.state.state) ||
            !belongs(filter, entry.equipment, entry.state.state))
            continue;
        board->states[entry.state.state]++;
        if (filter->state >= 0 && filter->state != (int)entry.state.state)
            continue;
        set_group(&entry, board->by_class);
        board->entries[board->count++] = entry;
    }
}

static int compare_groups(const struct board_entry *a, const struct board_entry *b)
{
    size_t shorter =
        a->group_length < b->group_length ? a->group_length : b->group_length;
    int order = memcmp(a->group, b->group, shorter);

    if (order != 0)
        return order;
    if (a->group_length != b->group_length)
        return a->group_length < b->group_length ? -1 : 1;
    return (int)a->equipment->is_link - (int)b->equipment->is_link;
}

static int by_group(const void *left, const void *right)
{
    const struct board_entry *a = left;
    const struct board_entry *b = right;
    int order = compare_groups(a, b);

    if (order == 0)
        order = view_rank(a->state.state) - view_rank(b->state.state);
    return order != 0 ? order
                      : (a->equipment->index > b->equipment->index) -
                            (a->equipment->index < b->equipment->index);
}

static int by_rank(const void *left, const void *right)
{
    const struct board_entry *a = left;
    const struct board_entry *b = right;
    int order = a->group_rank - b->group_rank;

    if (order == 0)
        order = compare_groups(a, b);
    if (order == 0)
        order = view_rank(a->state.state) - view_rank(b->state.state);
    if (order == 0)
        order = b->state.worst_severity - a->state.worst_severity;
    return order != 0 ? order
                      : (a->equipment->index > b->equipment->index) -
                            (a->equipment->index < b->equipment->index);
}

/* First by group, to learn the worst of each; then the worst groups to the front. */
static void sort_entries(struct board *board)
{
    struct board_entry *entries = board->entries;
    int rank = 0;

    if (board->count == 0)
        return;
    qsort(entries, board->count, sizeof *entries, by_group);
    for (size_t i = 0; i < board->count; i++) {
        if (i == 0 || compare_groups(&entries[i - 1], &entries[i]) != 0)
            rank = view_rank(entries[i].state.state);
        entries[i].group_rank = rank;
    }
    qsort(entries, board->count, sizeof *entries, by_rank);
}

int board_gather(const struct call *call, const struct equipment_filter *filter,
                 bool by_class, struct board *board, struct err *err)
{
    const struct issue_filter unclosed = {.status = -1,
                                          .only_unclosed = true,
                                          .severity = -1,
                                          .category = -1,
                                          .limit = DESK_LIST_MAX};
    size_t room = call->site->model->equipment_count;
    struct collect collect = {call, board};

    *board = (struct board){.by_class = by_class, .model_equipment = room};
    board->entries = mem_array(room + 1, sizeof *board->entries);
    board->issues = mem_array(room + 1, sizeof *board->issues);
    if (desk_list(call->site->desk, &unclosed, collect_issue, &collect, err) < 0) {
        board_done(board);
        return -1;
    }
    board->marks = marks_gather(call);
    add_entries(call, filter, board);
    sort_entries(board);
    return 0;
}

void board_done(struct board *board)
{
    for (size_t i = 0; board->issues != NULL && i < board->model_equipment; i++)
        mem_free(board->issues[i].title);
    mem_free(board->issues);
    mem_free(board->marks);
    mem_free(board->entries);
    *board = (struct board){0};
}
