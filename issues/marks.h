/* marks.h - what people say about alarms beside working on issues: shelves and permits.
 *
 * A shelf silences one alarm (rule on equipment) for a time that somebody must answer
 * for: at most SHELF_MAX_MS, with a reason, never for a highly managed rule. The alarm
 * goes on, its issue too; it is only not announced.
 *
 * A permit declares planned work: a scope, a person, a reason, an end. While it runs,
 * alarms of its equipment open no issue and are not announced (they are withheld; highly
 * managed ones go out as always), and the equipment is in state PLANNED unless it has
 * failed. When it ends, what is still active opens its issue: work is over when the
 * equipment is back to normal. Its time is planned time in the failure report.
 *
 * Both are events of an append-only table with actor and time, survive restarts, end by
 * themselves and can be ended early.
 *
 * Threads: every function from any thread (the desk's lock).
 */
#ifndef ISSUES_MARKS_H
#define ISSUES_MARKS_H

#include "issues/desk.h"

enum {
    SHELF_DEFAULT_MS = 8 * 3600 * 1000,
    SHELF_MAX_MS = 24 * 3600 * 1000,
    SHELF_REMIND_MS = 15 * 60 * 1000, /* before it ends, the board and the log say so */
    PERMIT_MAX_DAYS = 31,
    PERMIT_AHEAD_DAYS = 366, /* it begins at most so far from now */
    MARK_REASON_MAX = 400,   /* bytes; 1 at least */
    MARKS_MAX = 1000,        /* running at the same time, of each kind */
    PERMIT_SCOPE_MAX = 1000, /* equipment of one permit */
};

struct shelf_view {
    int64_t number;
    const char *rule;
    const char *equipment;
    const char *actor;
    const char *reason;
    struct wall_time since;
    struct wall_time until; /* when it ends, or ended */
    bool ended;
    const char *ended_by; /* "" while it runs; "facilityd" at its end */
};

/* ERR_INPUT names what is wrong: no such pair, highly managed, no reason, too long. A
 * second shelf of the same alarm replaces the end of the first. */
int desk_shelve(struct desk *desk, const char *rule, const char *equipment,
                const char *actor, const char *reason, struct wall_time now,
                struct wall_time until, int64_t *number, struct err *err);
int desk_unshelve(struct desk *desk, int64_t number, const char *actor,
                  struct wall_time now, struct err *err);
typedef void desk_shelf_visit(void *context, const struct shelf_view *shelf);
int desk_shelves(struct desk *desk, bool running_only, desk_shelf_visit *visit,
                 void *context, struct err *err);

struct permit_draft {
    const char *equipment; /* ids separated by commas; "" = by place and class */
    const char *place;     /* prefix by whole parts; "" = any */
    const char *class_name;
    const char *reason;
    const char *holder; /* who does the work */
    struct wall_time from;
    struct wall_time until;
};

struct permit_view {
    int64_t number;
    struct permit_draft draft;
    const char *actor; /* who issued it */
    size_t equipment_count;
    bool running;            /* has begun and not ended */
    struct wall_time closed; /* 0 while it runs or is to come */
    const char *closed_by;
    size_t withheld; /* alarms active in its scope without an issue, now */
};

int desk_permit(struct desk *desk, const struct permit_draft *draft, const char *actor,
                struct wall_time now, int64_t *number, struct err *err);
/* Ends it; `actor` says that the equipment is back in service. */
int desk_permit_close(struct desk *desk, int64_t number, const char *actor,
                      struct wall_time now, struct err *err);
typedef void desk_permit_visit(void *context, const struct permit_view *permit);
int desk_permits(struct desk *desk, bool running_only, desk_permit_visit *visit,
                 void *context, struct err *err);

/* The running permit of an equipment that ends last; false when there is none. */
bool desk_equipment_permit(struct desk *desk, uint32_t equipment,
                           desk_permit_visit *visit, void *context);

/* Ends what is due, opens what permits withheld, reminds; once a second from the
 * pipeline. One transaction, none when nothing is due. */
int desk_step(struct desk *desk, struct wall_time now, struct err *err);

/* How an alarm is to people now; false when it was never active. */
struct alarm_view {
    const char *rule;
    const char *equipment;
    struct alarm alarm;
    enum standing standing;
    const char *cause_rule; /* "" when none */
    const char *cause_equipment;
    char issue[DESK_ID_SIZE]; /* id of its latest own, "" when none */
    int64_t issue_number;
    int64_t cause_issue; /* number of the issue it is a symptom of; 0 = none (yet) */
    enum severity severity;
    struct wall_time raised;        /* 0 when not active */
    struct wall_time unknown_since; /* not observable since then; 0 = it is */
    bool chattering;
    bool shelved;
    int64_t shelf; /* its number; 0 = none */
    struct wall_time shelved_until;
    bool withheld; /* by a permit */
};
bool desk_alarm_view(struct desk *desk, const char *rule, const char *equipment,
                     struct alarm_view *view);
/* All that are active, or shelved, or chattering. */
typedef void desk_alarm_visit(void *context, const struct alarm_view *view);
void desk_active_alarms(struct desk *desk, desk_alarm_visit *visit, void *context);

/* ---- symptoms ---- */

/* What an issue explains: alarms attached to it, oldest first, the latest SYMPTOMS_MAX of
 * them. */
enum {
    SYMPTOMS_MAX = 2000,
};
struct symptom_view {
    const char *rule;
    const char *equipment;
    const char *equipment_name;
    struct wall_time since;
    struct wall_time until; /* 0 while it is active as a symptom */
    const char *issue;      /* its own, opened before its cause was known; "" = none */
    int64_t issue_number;   /* of that; 0 = none */
    int64_t raises;         /* while it chatters they are only counted; else 1 */
};
typedef void desk_symptom_visit(void *context, const struct symptom_view *symptom);
int desk_symptoms(struct desk *desk, const char *issue, desk_symptom_visit *visit,
                  void *context, struct err *err);

/* ---- announcements ---- */

/* What people must be told, in order; later stages deliver it. Made in the transaction of
 * what it is about; append-only.
 *
 * Not announced: symptoms, shelved and withheld alarms, returns of what was not
 * announced, single raises of a chattering alarm. In a flood (more than FLOOD_BEGIN
 * announcements in ten minutes; over below FLOOD_END) minor and general ones wait for a
 * digest, one a ten minutes; serious and highly managed ones go out at once, always. */
enum {
    FLOOD_WINDOW_MS = 10 * 60 * 1000,
    FLOOD_BEGIN = 10,
    FLOOD_END = 5,
};
struct announcement {
    int64_t sequence;
    struct wall_time time;
    enum announcement_kind {
        ANNOUNCE_OPENED,
        ANNOUNCE_RECURRED,
        ANNOUNCE_WORSE, /* a higher severity */
        ANNOUNCE_RETURNED,
        ANNOUNCE_DIGEST,   /* several at once; issue "" */
        ANNOUNCE_REMINDER, /* a shelf or a permit is about to end */
        ANNOUNCE_COUNT
    } kind;
    const char *issue;
    enum severity severity;
    bool highly_managed;
    int64_t count;        /* issues in a digest, else 1 */
    const char *text;     /* of a digest or a reminder, en */
    int64_t issue_number; /* "#12"; 0 = none */
};
const char *announcement_kind_name(enum announcement_kind kind);
typedef void desk_announcement_visit(void *context,
                                     const struct announcement *announcement);
/* Those after `sequence`, at most `limit`. */
int desk_announcements(struct desk *desk, int64_t sequence, size_t limit,
                       desk_announcement_visit *visit, void *context, struct err *err);

/* Whether a flood is on. */
struct flood_view {
    bool active;
    struct wall_time since;  /* 0 when none */
    struct wall_time digest; /* when the next one is due */
    int64_t waiting;         /* announcements that it will hold */
};
void desk_flood(struct desk *desk, struct flood_view *view);

#endif
