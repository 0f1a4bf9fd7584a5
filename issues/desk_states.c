/* desk_states.c - the state changes of a time span, for reports.
 *
 * The lock is taken for one equipment at a time: a report over years must not hold up the
 * pipeline.
 */
#include "issues/desk_core.h"

#include "base/mem.h"

struct known {
    int64_t key;
    char *id;
    char *name;
    char *class_name;
    char *place;
};

struct known_list {
    struct known *items;
    size_t count;
    size_t capacity;
};

static void add_known(struct known_list *list, struct db_query *query)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->items = mem_resize(list->items, list->capacity, sizeof *list->items);
    }
    list->items[list->count++] = (struct known){
        .key = db_int(query, 0),
        .id = mem_strdup(db_text(query, 1)),
        .name = mem_strdup(db_text(query, 2)),
        .class_name = mem_strdup(db_text(query, 3)),
        .place = mem_strdup(db_text(query, 4)),
    };
}

static int read_known(struct desk *desk, struct known_list *list, struct err *err)
{
    struct db_query *query;
    int row;

    (void)pthread_mutex_lock(&desk->mutex);
    query = desk_query(desk, STORE_EQUIPMENT_ALL);
    while ((row = db_step(query, err)) == 1)
        add_known(list, query);
    (void)pthread_mutex_unlock(&desk->mutex);
    return row;
}

static void free_known(struct known_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        mem_free(list->items[i].id);
        mem_free(list->items[i].name);
        mem_free(list->items[i].class_name);
        mem_free(list->items[i].place);
    }
    mem_free(list->items);
}

struct span {
    struct wall_time from;
    struct wall_time to;
    desk_state_visit *visit;
    void *context;
};

/* The time of the row in force at `from`; `from` itself when there is none. */
static int find_start(struct desk *desk, int64_t key, struct wall_time *from,
                      struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_STATE_START);
    int row;

    db_bind_int(query, 1, key);
    db_bind_int(query, 2, from->ns);
    row = db_step(query, err);
    if (row == 1 && !db_is_null(query, 0))
        from->ns = db_int(query, 0);
    db_reset(query);
    return row < 0 ? -1 : 0;
}

static int visit_rows(struct desk *desk, const struct known *known,
                      const struct span *span, struct err *err)
{
    struct wall_time from = span->from;
    struct db_query *query;
    int row;

    if (find_start(desk, known->key, &from, err) != 0)
        return -1;
    query = desk_query(desk, STORE_STATE_RANGE);
    db_bind_int(query, 1, known->key);
    db_bind_int(query, 2, from.ns);
    db_bind_int(query, 3, span->to.ns);
    while ((row = db_step(query, err)) == 1) {
        struct state_event event = {
            .equipment = known->id,
            .class_name = known->class_name,
            .name = known->name,
            .place = known->place,
            .time = {db_int(query, 0)},
            .state = (enum equipment_state)store_enum(query, 1, STATE_COUNT),
            .reason = db_text(query, 2),
            .issue = db_text(query, 3),
        };

        span->visit(span->context, &event);
    }
    return row;
}

int desk_states(struct desk *desk, struct wall_time from, struct wall_time to,
                desk_state_visit *visit, void *context, struct err *err)
{
    const struct span span = {from, to, visit, context};
    struct known_list list = {0};
    int result = read_known(desk, &list, err);

    for (size_t i = 0; i < list.count && result == 0; i++) {
        (void)pthread_mutex_lock(&desk->mutex);
        result = visit_rows(desk, &list.items[i], &span, err);
        (void)pthread_mutex_unlock(&desk->mutex);
    }
    free_known(&list);
    return result;
}
