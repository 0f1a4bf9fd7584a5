/* desk_core.h - what the files of the issue desk share; nobody else includes it.
 *
 * desk.c        open, close
 * desk_start.c  the start of a run
 * desk_restore.c  what the rules engine gets back
 * desk_turn.c   one transaction: begin, commit, roll back file and memory together
 * desk_alarm.c  alarms in memory and on disk
 * desk_unit.c   equipment: its state, and what changes it
 * desk_issue.c  issues and their event log
 * desk_apply.c  a turn of the pipeline
 * desk_tell.c   the issue of an alarm: opens, comes back, returns, gets worse
 * desk_symptom.c  alarms that another one explains
 * desk_chatter.c  alarms that come and go
 * desk_announce.c what people must be told
 * desk_shelf.c, desk_permit.c, desk_step.c, desk_view.c  marks (issues/marks.h)
 * desk_act.c    what people do
 * desk_query.c  lists, pages, counts
 * desk_states.c state changes of a time span, for reports
 * desk_feed.c   followers
 *
 * Invariants:
 * 1. Memory is what the last successful commit says, plus alarm timers that wait for the
 *    next one (dirty). Every change of memory inside a turn is saved first (turn_save),
 * so that a failed commit takes it back.
 * 2. Everything below "guarded by mutex" is touched with the mutex held; the functions of
 *    this header expect it held.
 */
#ifndef ISSUES_DESK_CORE_H
#define ISSUES_DESK_CORE_H

#include "base/map.h"
#include "issues/flood.h"
#include "issues/marks.h"
#include "issues/store.h"
#include "issues/ulid.h"

#include <pthread.h>

enum {
    DESK_TEXT_ID_SIZE = 128, /* ids of rules and equipment, longer ones do not exist */
    DESK_EVIDENCE_MAX = 64 * 1024, /* bytes of JSON; the largest rule makes 6 KiB */
    DESK_SHORT_RUN_MS = 60 * 1000, /* see plan_unit in desk_start.c */
};

struct unit;
struct shelf;
struct permit;

/* The alarm of one rule on one equipment, as stored. */
struct desk_alarm {
    /* fixed */
    char *rule;
    char *equipment;
    struct unit *unit;       /* NULL: the equipment is not in the model any more */
    struct desk_alarm *next; /* of the same unit */
    bool comm; /* its rule is about communication, not about the equipment */

    /* As configured now; NULL until the engine or a change has named it. Borrowed. */
    const struct rule_settings *settings;
    struct shelf *shelf; /* that runs, or NULL; moves after commits only */

    bool listed; /* in the turn's list of dirty alarms */
    struct desk_alarm_data {
        struct alarm alarm;
        struct wall_time raised; /* start of the running activation; 0 = not active */
        uint64_t text_hash;
        struct wall_time unknown_since; /* of the mark; 0 = the truth is known */
        enum severity severity;
        enum standing standing;
        struct desk_alarm *cause; /* of a SYMPTOM; else NULL */
        struct chatter chatter;
        int64_t symptom; /* number of its running row in the table; 0 = none */
        struct desk_alarm *symptom_cause; /* of that row; NULL: it chatters */
        int64_t issue;                    /* number of the latest; 0 = none */
        char issue_id[DESK_ID_SIZE];
        enum severity told_severity; /* when `issue` heard of it last */
        bool told;                   /* this activation is an event of `issue` */
        bool announced;              /* and people were told of it */
        bool failure;
        bool outage;
        bool dirty; /* memory is ahead of the file */
    } data;
};

/* One equipment of the model. */
struct unit {
    /* fixed after open */
    const struct equipment *equipment;
    int64_t key;              /* in the store */
    struct unit **dependents; /* whose `power` relation names this one */
    size_t dependent_count;
    uint32_t visit;               /* the walk up the supplies that saw it last */
    uint32_t walk;                /* the same downwards */
    struct wall_time gateway_row; /* what the start of the run writes; 0 = none */
    bool add_start_row;

    struct desk_alarm *alarms; /* grows */
    struct unit_data {
        bool reported; /* "online" was heard of in this run */
        bool online;
        bool misfit;
        enum equipment_state state;
        struct wall_time since;
        const char *reason; /* static, or an alarm's rule */
        unsigned open[3];   /* unclosed issues by severity */
        unsigned permits;   /* that run and cover it */
    } data;
};

/* Numbers that only a successful commit may advance. */
struct desk_totals {
    int64_t next_issue;
    int64_t next_event;
    int64_t next_state;
    int64_t next_symptom;
    int64_t next_announcement;
    int64_t next_shelf;
    int64_t next_shelf_row;
    int64_t next_permit;
    int64_t next_permit_row;
    int64_t unlogged; /* symptoms that no event of their issue counts yet */
    int64_t open[3];  /* unclosed issues by severity */
};

struct desk_undo {
    void *target;
    size_t size;
    size_t offset; /* of the copy */
};

struct desk_turn {
    struct wall_time now;
    struct desk_totals totals_before;
    struct desk_undo *undo;
    size_t undo_count;
    size_t undo_capacity;
    char *copies;
    size_t copies_size;
    size_t copies_capacity;
    struct feed_event *feed;
    size_t feed_count;
    size_t feed_capacity;
    struct desk_alarm **dirty;
    size_t dirty_count;
    size_t dirty_capacity;
};

struct desk {
    /* fixed after open */
    const struct model *model;
    struct store *store;
    char *damage;
    struct wall_time opened;
    int64_t run;
    struct wall_time previous_alive; /* last sign of life of the run before; 0 = none */
    struct unit *units;              /* by index of the model */
    struct unit **dependents;        /* the memory behind the units' arrays */

    /* guarded by mutex */
    pthread_mutex_t mutex;
    bool started; /* the start of the run is stored */
    struct map *alarm_index;
    struct desk_alarm **alarms;
    size_t alarm_count;
    size_t alarm_capacity;
    struct map *rule_index; /* id to index of `rules` */
    const struct rule_settings **rules;
    size_t rule_count;
    size_t rule_capacity;
    struct shelf **shelves; /* that run, at most MARKS_MAX */
    size_t shelf_count;
    struct permit **permits; /* that run or are to come, at most MARKS_MAX */
    size_t permit_count;
    struct flood flood;
    struct wall_time symptoms_logged; /* when the counts were written last */
    uint32_t visit;                   /* of the latest walk up the supplies */
    uint32_t walk;                    /* and down */
    struct desk_totals totals;
    struct desk_turn turn;
    struct ulid_source ulid;
    uint64_t commits;
    struct feed_event *ring; /* DESK_FEED_KEPT */
    uint64_t feed_first;     /* sequence of the first event of this run */
    uint64_t feed_next;
};

static inline struct db_query *desk_query(struct desk *desk, enum store_query query)
{
    return store_query(desk->store, query);
}

/* desk_turn.c */
int turn_begin(struct desk *desk, struct wall_time now, struct err *err);
/* Stores dirty alarms and the sign of life, commits, then lets followers see. A failure
 * rolls back. */
int turn_commit(struct desk *desk, struct err *err);
void turn_rollback(struct desk *desk);
void turn_save(struct desk *desk, void *target, size_t size);
void turn_free(struct desk_turn *turn);

/* desk_start.c */
int desk_load(struct desk *desk, struct err *err);
int desk_write_start(struct desk *desk, struct err *err);

/* desk_alarm.c */
int alarm_load_all(struct desk *desk, struct err *err);
/* The alarm of the pair; made when there is none. */
struct desk_alarm *alarm_take(struct desk *desk, const char *rule, const char *equipment);
void alarm_mark_dirty(struct desk *desk, struct desk_alarm *alarm);
int alarm_store_dirty(struct desk *desk, struct err *err);
int alarm_delete(struct desk *desk, struct desk_alarm *alarm, struct err *err);
void alarm_free_all(struct desk *desk);
/* The alarm of the pair, or NULL. */
struct desk_alarm *alarm_find(const struct desk *desk, const char *rule,
                              const char *equipment);
static inline bool alarm_is_highly_managed(const struct desk_alarm *alarm)
{
    return alarm->settings != NULL && alarm->settings->highly_managed;
}
/* Active, with nothing to explain it, and a permit keeps its issue back. */
bool alarm_is_withheld(const struct desk_alarm *alarm);
void rule_learn(struct desk *desk, const struct rule_settings *rule);
const struct rule_settings *rule_known(const struct desk *desk, const char *id);

/* desk_unit.c */
/* Adopts the word and writes the new state, when it is one, as of `time`. */
int unit_set_online(struct desk *desk, struct unit *unit,
                    const struct online_change *change, struct err *err);
/* Derives the state again: of the unit, and of those it supplies when `supply`. */
int unit_update(struct desk *desk, struct unit *unit, bool supply, struct wall_time time,
                struct err *err);
/* The same for what has been true since `earliest` but is known only at `time`: the new
 * state holds from `earliest` on, as far as nothing else was recorded since. */
int unit_update_late(struct desk *desk, struct unit *unit, bool supply,
                     struct wall_time earliest, struct wall_time time, struct err *err);
/* The state that follows from alarms and communication, without writing it. `source` is
 * the alarm behind it, or NULL. */
void unit_derive(struct desk *desk, const struct unit *unit, enum equipment_state *state,
                 const char **reason, const struct desk_alarm **source);
/* One row of the append-only table of states. */
struct state_row {
    int64_t equipment; /* its key */
    struct wall_time time;
    enum equipment_state state;
    const char *reason;
    int64_t issue; /* number; 0 = none */
};
int unit_store_state(struct desk *desk, const struct state_row *row, struct err *err);
struct unit *unit_by_id(const struct desk *desk, const char *id); /* or NULL */

/* desk_issue.c */
struct issue_key {
    int64_t number;
    char id[DESK_ID_SIZE];
    enum issue_status status;
    enum severity severity;
    enum category category;
    char equipment[DESK_TEXT_ID_SIZE];
    char rule[DESK_TEXT_ID_SIZE];
    struct wall_time returned;
    int64_t attached; /* number of the issue it is a symptom of; 0 = none */
    int severity_set; /* by a person; -1 = never */
};

struct issue_note {
    enum issue_action action;
    const char *actor;
    const char *text;
    const char *evidence; /* "" = none */
    struct wall_time time;
};

/* Reads the row that `query` (bound) finds: 1, 0 when there is none, -1 with err. */
int issue_find(struct db_query *query, struct issue_key *key, struct err *err);
int issue_find_number(struct desk *desk, int64_t number, struct issue_key *key,
                      struct err *err);
/* Of "#12"; 0, which no issue has, of nonsense. */
int64_t issue_number_of(const char *name);
/* By id, or by number as "#12". */
int issue_find_name(struct desk *desk, const char *name, struct issue_key *key,
                    struct err *err);
/* Adds the issue and its first event. Number and id are set in `key`; the strings of
 * `row` are only read. */
int issue_add(struct desk *desk, const struct issue_view *row,
              const struct issue_note *note, struct issue_key *key, struct err *err);
/* One event: log, status, counts, feed. */
int issue_log(struct desk *desk, struct issue_key *key, const struct issue_note *note,
              struct err *err);
/* `by_person`: what a person set, -1 = nobody did. */
int issue_set_severity(struct desk *desk, struct issue_key *key, enum severity severity,
                       int by_person, struct err *err);
int issue_set_alarm(struct desk *desk, int64_t number, bool active,
                    struct wall_time returned, struct err *err);

/* `head` 0: it stands for itself again. */
int issue_set_attached(struct desk *desk, struct issue_key *key, int64_t head,
                       struct err *err);
/* The issue that a raise at `time` belongs to: the open one, or one whose alarm returned
 * less than DESK_RECURRENCE_MS ago: 1; 0 when it is a new fault. */
int issue_find_same(struct desk *desk, const char *rule, const char *equipment,
                    struct wall_time time, struct issue_key *key, struct err *err);

#define DESK_SYSTEM "facilityd" /* the actor of what nobody did by hand */

/* desk_act.c */
/* UTF-8 of at most `max` bytes without control characters but line ends and tabs. */
int check_text(const char *what, const char *text, size_t max, struct err *err);
/* The same on one line and not empty. */
int check_line(const char *what, const char *text, size_t max, struct err *err);

/* desk_tell.c */
/* The running activation becomes an issue, or an event of one; withheld while a permit
 * runs. `evidence` is used when none was kept at the raise. */
int tell_raise(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
               const char *evidence, struct err *err);
/* An alarm that was a symptom or chattered stands for itself. */
int tell_root(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
              const char *evidence, struct err *err);
int tell_return(struct desk *desk, struct desk_alarm *alarm,
                const struct alarm_change *change, struct err *err);
/* A latched alarm that a person reset: it returned before, now it is active no longer. */
int tell_release(struct desk *desk, struct desk_alarm *alarm,
                 const struct alarm_change *change, struct err *err);
/* It has another severity now. */
int tell_level(struct desk *desk, struct desk_alarm *alarm,
               const struct alarm_change *change, struct err *err);
/* Keeps the evidence of a raise until it is known what becomes of it. */
int tell_keep_evidence(struct desk *desk, const struct desk_alarm *alarm,
                       struct wall_time time, const char *evidence, struct err *err);
int tell_drop_evidence(struct desk *desk, const struct desk_alarm *alarm,
                       struct err *err);
const char *tell_evidence(const struct alarm_change *change); /* never NULL */

/* desk_symptom.c */
int symptom_load(struct desk *desk, struct err *err);
/* The alarm is explained by data.cause from `time` on. */
int symptom_begin(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                  struct err *err);
int symptom_end(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                struct err *err);
/* The issue of `cause` has opened: symptoms that waited for it are attached. */
int symptom_adopt(struct desk *desk, const struct desk_alarm *cause,
                  const struct issue_key *head, struct wall_time time, struct err *err);
/* Adds the alarm to what `head` explains; its own issue, when open, is attached. */
int symptom_attach(struct desk *desk, struct desk_alarm *alarm, const char *cause_rule,
                   const struct issue_key *head, struct wall_time time, struct err *err);
/* Events with the counts of symptoms since the last ones. */
int symptom_log(struct desk *desk, struct err *err);
bool symptom_log_due(const struct desk *desk, struct wall_time now);

/* desk_chatter.c */
#define CHATTER_RULE "signal.chattering"
/* Whether its raises are only counted: it chatters and is not highly managed. */
bool chatter_holds(const struct desk_alarm *alarm);
int chatter_begin(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                  struct err *err);
/* It chatters and no issue says so: a permit ran when it began. */
bool chatter_is_withheld(const struct desk_alarm *alarm);
int chatter_count_raise(struct desk *desk, const struct desk_alarm *alarm,
                        struct err *err);
int chatter_over(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                 const char *evidence, struct err *err);

/* desk_announce.c */
int announce_load(struct desk *desk, struct err *err);
/* Whether nobody is told of what the alarm does: shelved, withheld, chattering. */
bool announce_is_quiet(const struct desk_alarm *alarm);
/* About an issue. In a flood it may wait for the digest. */
int announce_issue(struct desk *desk, enum announcement_kind kind,
                   const struct issue_key *key, bool highly_managed,
                   struct wall_time time, struct err *err);
/* About an alarm's issue, unless it is quiet; notes that people know of it. */
int announce_alarm(struct desk *desk, struct desk_alarm *alarm,
                   enum announcement_kind kind, const struct issue_key *key,
                   struct wall_time time, struct err *err);
/* A shelf or a permit is about to end. `issue` is a number, 0 = none. */
int announce_reminder(struct desk *desk, int64_t issue, const char *text,
                      struct err *err);
bool announce_digest_due(const struct desk *desk, struct wall_time now);
int announce_digest(struct desk *desk, struct err *err);

/* desk_shelf.c, desk_permit.c */
int shelf_load(struct desk *desk, struct err *err);
void shelf_free_all(struct desk *desk);
int permit_load(struct desk *desk, struct err *err);
void permit_free_all(struct desk *desk);

/* desk_feed.c */
void feed_init(struct desk *desk, struct wall_time now);
void feed_stage(struct desk *desk, const struct feed_event *event);
void feed_publish(struct desk *desk); /* after the commit */

#endif
