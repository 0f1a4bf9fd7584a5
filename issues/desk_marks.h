/* desk_marks.h - shelves and permits inside the desk; see desk_core.h.
 *
 * Memory holds what runs or is to come. A mark is an object of its own that never moves;
 * its `data` is saved like all memory of a turn, the lists change after commits only.
 */
#ifndef ISSUES_DESK_MARKS_H
#define ISSUES_DESK_MARKS_H

#include "issues/desk_core.h"

enum mark_action {
    MARK_BEGUN,
    MARK_CHANGED,
    MARK_ENDED,
    MARK_REMINDED,
    MARK_ACTIONS
};

struct mark_event {
    enum mark_action action;
    const char *actor;
    struct wall_time time;
};

struct shelf {
    /* fixed */
    int64_t number;
    struct desk_alarm *alarm;
    struct wall_time since;

    char *actor; /* of the latest beginning or change */
    char *reason;
    struct shelf_data {
        struct wall_time until;
        bool reminded;
        bool ended;
    } data;
};

struct permit {
    /* fixed */
    int64_t number;
    char *equipment; /* as written */
    char *place;
    char *class_name;
    char *reason;
    char *holder;
    char *actor;
    struct wall_time from;
    struct wall_time until;
    struct unit **units; /* in its scope, at most PERMIT_SCOPE_MAX */
    size_t unit_count;

    struct permit_data {
        bool running; /* counted in its units */
        bool reminded;
        bool ended;
    } data;
};

/* desk_shelf.c */
bool shelf_is_due(const struct shelf *shelf, struct wall_time now);
int shelf_step(struct desk *desk, struct shelf *shelf, struct err *err);
void shelf_sweep(struct desk *desk); /* after a commit: forgets those that ended */
/* Ends a shelf inside a turn; an alarm that nobody was told of is announced. */
int shelf_end(struct desk *desk, struct shelf *shelf, const char *actor, struct err *err);

/* desk_permit.c */
bool permit_is_due(const struct permit *permit, struct wall_time now);
int permit_step(struct desk *desk, struct permit *permit, struct err *err);
void permit_sweep(struct desk *desk);

/* desk_scope.c */
/* Resolves the scope; `unknown` gets the first id that does not exist, or "". */
void permit_find_scope(struct desk *desk, struct permit *permit, char *unknown,
                       size_t size);
int permit_check_scope(struct desk *desk, struct permit *permit, struct err *err);

/* desk_tell.c: an active alarm that nobody knows of becomes an issue, or is announced. */
int tell_again(struct desk *desk, struct desk_alarm *alarm, struct err *err);

#endif
