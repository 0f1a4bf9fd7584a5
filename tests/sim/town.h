/* town.h - a whole site in simulated time: plantsim's building, the links, the rules and,
 * when wanted, the issue desk. No sockets, no sleeps, no threads: a month of the demo at
 * polls of 30 s takes seconds.
 *
 *   plantsim ─► adapters (plans, probes, breakers, decoding; MQTT payloads) ─► live table
 *            ─► engine ─► hook, desk (real SQLite)
 *
 * What is real: the configuration as config_load reads it, everything of adapters/ but
 * the exchange on the wire and the broker, the rules engine, the desk. The order of a
 * turn is that of gateway/pipeline.c.
 *
 * The building's people rest on the holidays of the configuration's calendar.
 *
 * Clocks. `true time` is the building's: it only goes forward, curves and device stamps
 * follow it. The gateway's wall clock is the true time plus a skew that town_skew sets;
 * its monotonic clock goes forward with the true time and begins anew with a restart.
 * Instants are multiples of 1 ms; a town stops at every instant at which something is
 * due.
 *
 * Link a program that uses it with the objects of tests/sim, libplantsim and the flags of
 * the Makefile's TOWN rule (they give the adapters the town's clocks). One town at a
 * time.
 *
 * Threads: one owner.
 */
#ifndef TESTS_SIM_TOWN_H
#define TESTS_SIM_TOWN_H

#include "rules/engine.h"

struct town;
struct desk;

/* Called for every change that the engine tells, before the desk has it. */
typedef void town_change(void *context, struct town *town,
                         const struct alarm_change *change);
/* Called with every batch that the rules get, as they get it. */
typedef void town_samples(void *context, struct town *town, const struct sample *samples,
                          size_t count);

/* The shortest period at which equipment of a class is polled. */
struct town_poll {
    const char *class_name;
    int64_t min_ms;
};

enum {
    TOWN_POLLS_MAX = 8,
};

struct town_options {
    const char *config;  /* a main file; its links are those of plantsim by id */
    const char *shipped; /* folder with profiles, tables, rules; NULL: the tree's own */
    uint64_t seed;       /* of building, noise and misses */
    struct wall_time start; /* true time */
    const char *timezone;   /* in place of the configuration's; NULL: that */
    double missing;         /* part of all exchanges and messages that get lost, 0..1 */
    int64_t poll_min_ms;    /* nothing is polled more often, nor published more often than
                             * three times in it; 0 = as it is */
    struct town_poll
        polls[TOWN_POLLS_MAX]; /* other floors, up to the first without name */
    int32_t world_ms;          /* step of the building, at most 1000; 0: plantsim's own */
    int64_t step_ms;   /* the rules look no more often; 0 = whenever something is due */
    const char *state; /* a folder, made when needed: a desk is kept there; NULL: none */
    town_change *change;   /* NULL: nobody */
    town_samples *samples; /* NULL: nobody */
    void *context;         /* of both */
};

/* NULL with the whole report of the configuration in err when it has errors. */
struct town *town_new(const struct town_options *options, struct err *err);
void town_free(struct town *town); /* NULL is fine */

/* ---- time ---- */

void town_run_ms(struct town *town, int64_t ms);
/* Up to that true time; nothing when it is past. */
void town_run_until(struct town *town, struct wall_time time);
/* Runs until `stop` says so, looked at after every turn, at most `ms`. True when it did.
 */
typedef bool town_stop(void *context, struct town *town);
bool town_run_while(struct town *town, int64_t ms, town_stop *stop, void *context);

struct wall_time town_time(const struct town *town); /* true time */
struct wall_time town_wall(const struct town *town); /* the gateway's */
struct mono_time town_mono(const struct town *town);
/* The gateway's wall clock is so much ahead of the true time from now on. */
void town_skew(struct town *town, int64_t ms);

/* ---- what goes wrong ---- */

/* plantsim's scenarios, without an end of their own; target and variant may be NULL. */
int town_scenario(struct town *town, const char *name, const char *target,
                  const char *variant, struct err *err);
int town_scenario_end(struct town *town, const char *name, const char *target,
                      struct err *err); /* "all" ends all */

enum town_link {
    TOWN_LINK_WELL,
    TOWN_LINK_REFUSES,
    TOWN_LINK_SILENT,
};
/* `id` of a link of the building. */
void town_link(struct town *town, const char *id, enum town_link how);
void town_missing(struct town *town, double part); /* from now on */

/* ---- the gateway ends and begins ---- */

enum town_end {
    TOWN_STOP, /* in order */
    TOWN_KILL, /* kill -9: what was not on disk is lost */
};
/* A new gateway, which gets its alarms back from the desk (without one: begins with
 * nothing). `config` NULL: the same file, read again. It is down for `down_ms`. */
int town_restart(struct town *town, enum town_end how, const char *config,
                 int64_t down_ms, struct err *err);

/* ---- looking ---- */

const struct config *town_config(const struct town *town);
struct engine *town_engine(struct town *town);
struct desk *town_desk(struct town *town); /* NULL: none */
/* The last reading that the rules have of a point; false: none yet. */
bool town_reading(struct town *town, const char *equipment, const char *point,
                  struct sample *sample);
bool town_alarm(struct town *town, const char *rule, const char *equipment,
                struct alarm *alarm); /* false: no such instance */
/* What the instrument itself shows, and when it was looked at last; false: not told. */
bool town_shows(struct town *town, const char *equipment, const char *point,
                double *value, struct wall_time *when);
uint64_t town_turns(const struct town *town);
uint64_t town_sample_count(const struct town *town);

#endif
