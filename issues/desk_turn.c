/* desk_turn.c - one transaction over file and memory.
 *
 * Before memory is changed inside a turn its bytes are copied; when the commit fails the
 * copies are put back in reverse order. The buffers are reused and stay as large as the
 * largest turn, which the pipeline bounds.
 */
#include "issues/desk_core.h"

#include "base/mem.h"

#include <string.h>

int turn_begin(struct desk *desk, struct wall_time now, struct err *err)
{
    struct desk_turn *turn = &desk->turn;

    if (db_begin(store_db(desk->store), err) != 0)
        return -1;
    turn->now = now;
    turn->totals_before = desk->totals;
    turn->undo_count = 0;
    turn->copies_size = 0;
    turn->feed_count = 0;
    if (!desk->started && desk_write_start(desk, err) != 0) {
        turn_rollback(desk);
        return -1;
    }
    return 0;
}

void turn_save(struct desk *desk, void *target, size_t size)
{
    struct desk_turn *turn = &desk->turn;

    if (turn->undo_count == turn->undo_capacity) {
        turn->undo_capacity = turn->undo_capacity == 0 ? 64 : turn->undo_capacity * 2;
        turn->undo = mem_resize(turn->undo, turn->undo_capacity, sizeof *turn->undo);
    }
    if (turn->copies_capacity - turn->copies_size < size) {
        turn->copies_capacity = turn->copies_capacity * 2 + size;
        turn->copies = mem_resize(turn->copies, turn->copies_capacity, 1);
    }
    memcpy(turn->copies + turn->copies_size, target, size);
    turn->undo[turn->undo_count++] = (struct desk_undo){target, size, turn->copies_size};
    turn->copies_size += size;
}

void turn_rollback(struct desk *desk)
{
    struct desk_turn *turn = &desk->turn;

    db_rollback(store_db(desk->store));
    while (turn->undo_count > 0) {
        const struct desk_undo *undo = &turn->undo[--turn->undo_count];

        memcpy(undo->target, turn->copies + undo->offset, undo->size);
    }
    desk->totals = turn->totals_before;
    turn->feed_count = 0;
}

static int store_sign_of_life(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_RUN_ALIVE);

    db_bind_int(query, 1, desk->run);
    db_bind_int(query, 2, desk->turn.now.ns);
    return db_execute(query, err);
}

int turn_commit(struct desk *desk, struct err *err)
{
    struct desk_turn *turn = &desk->turn;

    if (store_sign_of_life(desk, err) != 0 || alarm_store_dirty(desk, err) != 0 ||
        db_commit(store_db(desk->store), err) != 0) {
        turn_rollback(desk);
        return -1;
    }
    desk->started = true;
    desk->commits++;
    for (size_t i = 0; i < turn->dirty_count; i++) {
        turn->dirty[i]->data.dirty = false;
        turn->dirty[i]->listed = false;
    }
    turn->dirty_count = 0;
    feed_publish(desk);
    return 0;
}

void turn_free(struct desk_turn *turn)
{
    mem_free(turn->undo);
    mem_free(turn->copies);
    mem_free(turn->feed);
    mem_free(turn->dirty);
}
