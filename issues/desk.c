/* desk.c - the issue desk: open and close.
 *
 * DESIGN. One SQLite connection and what memory keeps beside it (alarms, states, counts,
 * the feed) stand behind one mutex; every public function takes it, none calls out of
 * the desk while holding it but visitors. The pipeline writes whole turns, web threads
 * write single actions; a turn is one transaction, and followers see it after its commit.
 * A durable commit takes one to two milliseconds on the disks of small machines, which
 * is what a reader waits at most per writer in front of it.
 */
#include "issues/desk_core.h"

#include "base/mem.h"

#include <string.h>

/* Calls `each` for every (supplier, supplied) pair of the `power` relations. */
static void each_supply(struct desk *desk,
                        void (*each)(struct unit *supplier, struct unit *supplied))
{
    for (size_t i = 0; i < desk->model->equipment_count; i++) {
        struct unit *unit = &desk->units[i];
        const struct relation *power = model_relation(unit->equipment, "power");

        for (size_t r = 0; power != NULL && r < power->count; r++)
            each(&desk->units[power->equipment[r]], unit);
    }
}

static void count_supply(struct unit *supplier, struct unit *supplied)
{
    (void)supplied;
    supplier->dependent_count++;
}

static void add_supply(struct unit *supplier, struct unit *supplied)
{
    supplier->dependents[supplier->dependent_count++] = supplied;
}

static void make_units(struct desk *desk)
{
    size_t count = desk->model->equipment_count;
    size_t pairs = 0;

    desk->units = mem_array(count, sizeof *desk->units);
    for (size_t i = 0; i < count; i++)
        desk->units[i].equipment = &desk->model->equipment[i];
    each_supply(desk, count_supply);
    for (size_t i = 0; i < count; i++)
        pairs += desk->units[i].dependent_count;
    desk->dependents = mem_array(pairs, sizeof(struct unit *));
    pairs = 0;
    for (size_t i = 0; i < count; i++) {
        desk->units[i].dependents = desk->dependents + pairs;
        pairs += desk->units[i].dependent_count;
        desk->units[i].dependent_count = 0;
    }
    each_supply(desk, add_supply);
}

static struct desk *try_open(const char *path, const struct model *model,
                             struct wall_time now, struct err *err)
{
    struct desk *desk = mem_alloc(sizeof *desk);

    desk->model = model;
    desk->opened = now;
    desk->turn.now = now;
    desk->alarm_index = map_new();
    desk->rule_index = map_new();
    (void)pthread_mutex_init(&desk->mutex, NULL);
    make_units(desk);
    feed_init(desk, now);
    desk->store = store_open(path, err);
    if (desk->store != NULL && desk_load(desk, err) == 0)
        return desk;
    desk_close(desk);
    return NULL;
}

/* The check at open reads all pages but trusts the indexes; loading may find more. */
static struct desk *open_or_renew(const char *path, const struct model *model,
                                  struct wall_time now, struct err *err)
{
    struct err why = {0};
    struct desk *desk = try_open(path, model, now, &why);
    char *aside;

    if (desk != NULL)
        return desk;
    if (why.kind != ERR_PROTOCOL) {
        (void)err_set(err, why.kind, "%s", why.text);
        return NULL;
    }
    aside = store_set_aside(path, now, err);
    if (aside == NULL)
        return NULL;
    desk = try_open(path, model, now, err);
    if (desk != NULL)
        desk->damage = mem_format("%s; it was set aside as '%s' and a new one begun",
                                  why.text, aside);
    mem_free(aside);
    return desk;
}

struct desk *desk_open(const char *path, const struct model *model, struct wall_time now,
                       struct err *err)
{
    struct desk *desk = open_or_renew(path, model, now, err);

    /* A disk that refuses is no reason not to start; see desk_start.c. */
    if (desk != NULL && turn_begin(desk, now, NULL) == 0)
        (void)turn_commit(desk, NULL);
    return desk;
}

void desk_close(struct desk *desk)
{
    if (desk == NULL)
        return;
    /* Timers that wait for a transaction; without them the next run counts anew. */
    if (desk->turn.dirty_count > 0 && turn_begin(desk, desk->turn.now, NULL) == 0)
        (void)turn_commit(desk, NULL);
    store_close(desk->store);
    turn_free(&desk->turn);
    shelf_free_all(desk);
    permit_free_all(desk);
    alarm_free_all(desk);
    map_free(desk->alarm_index);
    map_free(desk->rule_index);
    mem_free((void *)desk->rules);
    (void)pthread_mutex_destroy(&desk->mutex);
    mem_free(desk->ring);
    mem_free(desk->dependents);
    mem_free(desk->units);
    mem_free(desk->damage);
    mem_free(desk);
}

const char *desk_damage(const struct desk *desk)
{
    return desk->damage;
}

int desk_alive(struct desk *desk, struct wall_time now, struct err *err)
{
    int result;

    (void)pthread_mutex_lock(&desk->mutex);
    result = turn_begin(desk, now, err);
    if (result == 0)
        result = turn_commit(desk, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
