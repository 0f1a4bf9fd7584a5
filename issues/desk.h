/* desk.h - the issue desk: issues, their event log, alarm states, equipment states.
 *
 * One SQLite file, one connection, one lock. What belongs together is one transaction:
 * the alarm's new state, the issue it opens or touches, the event and the equipment's new
 * state. A unique partial index makes a second open issue for the same (equipment, rule)
 * impossible. What a call reported as done survives kill -9 and power loss.
 *
 * Symptoms: an alarm that another one explains opens no issue; it is an entry of the
 * issue of its cause (issues/marks.h). An issue that was opened before its cause was
 * known is closed and attached to the cause's; it keeps number and log, and is the
 * alarm's issue again when that stands for itself.
 *
 * Severity: an issue follows the level of its alarm. What a person set is a floor: a
 * level that rises above it is followed, one that falls is followed down to it.
 *
 * Recurrence: while an issue for (equipment, rule) is not closed, the alarm's coming back
 * is an event of it; a closed one is reopened when its alarm had returned to normal less
 * than DESK_RECURRENCE_MS ago; otherwise a new issue opens.
 *
 * Issue ids are made offline, sort by time and are unique across gateways:
 * "<site>-" and a ULID (26 characters of Crockford base 32).
 *
 * Threads: every function from any thread. Visitors are called under the lock and must
 * not call the desk again.
 */
#ifndef ISSUES_DESK_H
#define ISSUES_DESK_H

#include "issues/issue.h"
#include "issues/state.h"
#include "rules/engine.h"

enum {
    DESK_RECURRENCE_MS =
        24 * 3600 * 1000, /* a fault that comes back within a day is the same */
    DESK_ID_SIZE = 96,    /* site id (64), dash, ULID, terminator */
    DESK_TEXT_MAX = 4000, /* a comment; longer ones are refused */
    DESK_ACTOR_MAX = 64,
    DESK_FEED_KEPT = 4096, /* recent events kept for followers */
    DESK_LIST_MAX = 500,   /* issues in one page of a list */
};

struct desk;

/* Opens or makes `path`. The model is borrowed. `now` marks the start of this run: the
 * time since the last sign of life of the previous run counts as not observed. */
struct desk *desk_open(const char *path, const struct model *model, struct wall_time now,
                       struct err *err);
void desk_close(struct desk *desk); /* NULL is fine */

/* A file that was damaged is set aside as "<path>.damaged-<time>" at open and a new one
 * is begun: a sentence that says so, for the journal and the page; NULL when it was
 * sound. Valid as long as the desk. */
const char *desk_damage(const struct desk *desk);

/* Hands every stored alarm to `engine` (engine_restore). Alarms of pairs that do not
 * exist any more are ended; their open issue is closed when the rule was removed and has
 * a note when the equipment was. One whose rule was changed leaves a note and stays.
 * Rules and equipment, here and in changes, must live as long as the desk. The engine has
 * its alarms also when storing that fails. */
int desk_restore(struct desk *desk, struct engine *engine, struct wall_time now,
                 struct err *err);

/* The equipment answered (or not) from `time` on. */
struct online_change {
    uint32_t equipment;
    bool online;
    struct wall_time time;
    bool misfit; /* something answers, but not what its profile describes; not online */
};

/* Stores one turn of the pipeline in one transaction. On failure nothing is stored and
 * the caller tries the same turn again later.
 *
 * A turn of nothing but CHANGE_PROGRESS does not wait for the disk: it only saves timers,
 * which go with the next transaction, desk_alive or desk_close. */
int desk_apply(struct desk *desk, const struct alarm_change *changes, size_t change_count,
               const struct online_change *online, size_t online_count,
               struct wall_time now, struct err *err);

/* A sign of life, each DESK_ALIVE_MS; cheap. */
enum {
    DESK_ALIVE_MS = 10 * 1000,
};
int desk_alive(struct desk *desk, struct wall_time now, struct err *err);

/* What a person opens by hand. */
struct issue_draft {
    const char *equipment; /* id or "" */
    const char *place;     /* "" takes the equipment's */
    const char *title;     /* 1..200 bytes */
    const char *text;      /* may be "" */
    enum severity severity;
    enum category category;
    const char *source; /* "person", "round", "complaint", "survey", "assessment" */
};
int desk_open_issue(struct desk *desk, const struct issue_draft *draft, const char *actor,
                    struct wall_time now, char id[DESK_ID_SIZE], struct err *err);

/* One event by a person. `issue` is an id or a number as "#12". `text` is the comment (""
 * when none; needed for ACTION_COMMENT, and the new severity's name for ACTION_SEVERITY).
 * ERR_NOT_FOUND, ERR_STATE, ERR_INPUT.
 */
int desk_act(struct desk *desk, const char *issue, enum issue_action action,
             const char *actor, const char *text, struct wall_time now, struct err *err);

/* An issue as lists and pages show it. Strings are borrowed for the visitor's call. */
struct issue_view {
    const char *id;
    int64_t number; /* short, of this gateway: "#12" */
    enum issue_status status;
    enum severity severity;
    enum category category;
    const char *kind;      /* rule kind; "" when by hand */
    const char *source;    /* "rule" or the draft's */
    const char *rule;      /* id; "" when by hand */
    const char *equipment; /* id; "" when none */
    const char *equipment_name;
    const char *class_name;
    const char *place;
    const char *title_en;
    const char *title_zh;
    const char *advice_en;
    const char *advice_zh;
    struct wall_time opened;
    struct wall_time changed;  /* last event */
    struct wall_time returned; /* alarm back to normal; 0 while it is active or by hand */
    bool alarm_active;
    int64_t recurrences;
    int64_t attached_to;     /* number of the issue it is a symptom of; 0 = none */
    const char *attached_id; /* and its id; "" = none */
    int64_t symptoms;        /* alarms that it explains or explained */
    int64_t symptoms_active; /* of them now */
    const char *evidence;    /* JSON of the first activation, "" when by hand */
};
typedef void desk_issue_visit(void *context, const struct issue_view *issue);

struct issue_filter {
    int status;            /* enum issue_status; -1 = any */
    bool only_unclosed;    /* everything but CLOSED */
    bool with_attached;    /* also issues that became symptoms of others */
    int severity;          /* -1 = any */
    int category;          /* -1 = any */
    const char *equipment; /* NULL = any */
    const char *rule;      /* NULL = any */
    const char *place;     /* prefix; NULL = any */
    const char *after; /* id of the last issue of the page before; NULL = first page */
    size_t limit;      /* 1..DESK_LIST_MAX */
};
/* Newest first. Returns how many were visited, or -1 with err. */
int desk_list(struct desk *desk, const struct issue_filter *filter,
              desk_issue_visit *visit, void *context, struct err *err);
/* `issue` is an id or a number as "#12". */
int desk_get(struct desk *desk, const char *issue, desk_issue_visit *visit, void *context,
             struct err *err); /* ERR_NOT_FOUND */

struct issue_event {
    int64_t sequence; /* grows over all events of the desk */
    struct wall_time time;
    enum issue_action action;
    const char *issue;
    const char *actor; /* "facilityd" for the system */
    const char *text;
    const char *evidence;     /* JSON or "" */
    enum issue_status status; /* after it */
    int64_t left_out;         /* events before it that are not visited; mostly 0 */
};
typedef void desk_event_visit(void *context, const struct issue_event *event);
/* Oldest first: the first one and the latest DESK_EVENTS_SHOWN. A fault that came back
 * each ten minutes for a month would not fit into an answer. */
enum {
    DESK_EVENTS_SHOWN = 1000,
};
int desk_events(struct desk *desk, const char *issue, desk_event_visit *visit,
                void *context, struct err *err);

/* Present state of an equipment, from memory. */
struct state_view {
    enum equipment_state state;
    struct wall_time since;
    const char *reason;   /* rule id, "comm", "startup", "power"; "" when up. Valid as
                           * long as the desk */
    unsigned open_issues; /* not closed */
    int worst_severity;   /* of the open ones; -1 when none */
};
void desk_state(struct desk *desk, uint32_t equipment, struct state_view *view);

/* State changes in [from, to), one equipment after the other, each oldest first with the
 * one in force at `from` in front (with its own, earlier time); and the gaps in which no
 * facilityd ran, as STATE_UNKNOWN with reason "gateway" for every equipment that existed.
 * Equipment is in scope from its first change on and, once taken out of the
 * configuration, until a STATE_UNKNOWN with reason DESK_REASON_RETIRED. For reports.
 * The lock is held for one equipment at a time. */
#define DESK_REASON_RETIRED "retired"
struct state_event {
    const char *equipment; /* id; also of equipment that is gone */
    const char *class_name;
    const char *name;
    const char *place;
    struct wall_time time;
    enum equipment_state state;
    const char *reason;
    const char *issue; /* "" when none */
};
typedef void desk_state_visit(void *context, const struct state_event *event);
int desk_states(struct desk *desk, struct wall_time from, struct wall_time to,
                desk_state_visit *visit, void *context, struct err *err);

/* What happened lately, for followers (event stream, series). A follower keeps `cursor`
 * (start with desk_feed_now); events older than the feed keeps are skipped and *lost is
 * set. Strings are copies inside the struct. */
struct feed_event {
    uint64_t sequence;
    struct wall_time time;
    enum feed_kind {
        FEED_ISSUE,    /* opened or changed */
        FEED_STATE,    /* an equipment's state changed */
        FEED_ANNOUNCE, /* people are told something: read it with desk_announcements */
    } kind;
    uint32_t equipment; /* index or MODEL_NONE */
    enum equipment_state state;
    char reason[80];
    char issue[DESK_ID_SIZE];
    enum issue_action action;
    enum issue_status status;
    enum severity severity;
    enum category category;
    char rule[80];
    int64_t announcement; /* its sequence */
};
uint64_t desk_feed_now(struct desk *desk);
size_t desk_feed(struct desk *desk, uint64_t *cursor, struct feed_event *events,
                 size_t max, bool *lost);

struct desk_counts {
    int64_t unclosed;
    int64_t by_severity[3]; /* of the unclosed ones */
    int64_t total;
    uint64_t commits;
};
void desk_counts(struct desk *desk, struct desk_counts *counts);

#endif
