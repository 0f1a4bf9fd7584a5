/* town.c - see town.h. */
#include "tests/sim/town.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/tz.h"
#include "plantsim/status.h"
#include "tests/sim/town_clock.h"
#include "tests/sim/town_gate.h"
#include "tests/sim/town_plant.h"

#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BOOT_MS = 1000 * 1000, /* a monotonic clock does not begin at 0 */
    IDLE_MS = 60 * 1000,   /* the longest the clocks move at once */
};

struct town {
    /* fixed after new */
    struct town_options options;
    struct town_plant plant;
    /* time */
    struct wall_time time; /* true */
    struct mono_time mono;
    int64_t skew_ms;
    struct wall_time zone_until; /* the zone is looked up again */
    /* the gateway */
    struct gate *gate;
    struct tz *tz;
    char *database; /* NULL: no desk */
    uint64_t lives; /* gateways so far */
    double missing;
    uint64_t turns; /* of gateways before this one */
    uint64_t samples;
};

struct wall_time town_wall(const struct town *town)
{
    return wall_add_ms(town->time, town->skew_ms);
}

static void set_clock(const struct town *town)
{
    town_clock_set(town->mono, town_wall(town));
}

/* ---- birth and death ---- */

static int begin(struct town *town, const char *config, struct err *err)
{
    const struct gate_use use = {
        .options = &town->options,
        .config = config,
        .database = town->database,
        .plant = &town->plant,
        .town = town,
        .seed = town->options.seed * 1000 + ++town->lives * 100,
        .missing = town->missing,
        .mono = town->mono,
        .wall = town_wall(town),
    };

    set_clock(town);
    town->gate = gate_new(&use, err);
    if (town->gate == NULL)
        return -1;
    tz_free(town->tz);
    town->tz = tz_load(gate_config(town->gate)->site.timezone, err);
    town->zone_until = (struct wall_time){0};
    return town->tz == NULL ? -1 : 0;
}

struct town *town_new(const struct town_options *options, struct err *err)
{
    struct town *town = mem_alloc(sizeof *town);
    int32_t offset_s;

    town->options = *options;
    town->time = options->start;
    town->mono = mono_add_ms((struct mono_time){0}, BOOT_MS);
    town->missing = options->missing;
    if (options->state != NULL) {
        (void)mkdir(options->state, 0700);
        town->database = file_join(options->state, "issues.db");
    }
    town_plant_init(&town->plant, options->seed, options->start, 0);
    if (begin(town, options->config, err) != 0) {
        town_free(town);
        return NULL;
    }
    /* Now the zone is known: the same building again, with its curves in place. */
    offset_s = tz_offset(town->tz, options->start);
    plant_free(town->plant.plant);
    town->plant.plant = plant_new(options->seed, options->start, offset_s);
    if (options->world_ms > 0)
        town->plant.plant->world.step_ms = options->world_ms;
    return town;
}

void town_free(struct town *town)
{
    if (town == NULL)
        return;
    gate_free(town->gate);
    tz_free(town->tz);
    town_plant_done(&town->plant);
    mem_free(town->database);
    town_clock_end();
    mem_free(town);
}

/* ---- time ---- */

static bool has_day(const int32_t *days, size_t count, int32_t day)
{
    for (size_t i = 0; i < count; i++)
        if (days[i] == day)
            return true;
    return false;
}

static enum world_day kind_of_day(const struct town *town)
{
    const struct calendar_settings *calendar = &gate_config(town->gate)->calendar;
    struct local_time local = tz_local(town->tz, town->time);
    int32_t day = (int32_t)days_from_civil(local.year, local.month, local.day);

    if (has_day(calendar->workdays, calendar->workday_count, day))
        return WORLD_DAY_WORKED;
    if (has_day(calendar->holidays, calendar->holiday_count, day))
        return WORLD_DAY_FREE;
    return WORLD_DAY_BY_DATE;
}

/* The building's curves follow the zone of the site, summer time included, and its
 * calendar. */
static void follow_zone(struct town *town)
{
    const int64_t look_ns = 15 * 60 * CLOCK_S;

    if (town->time.ns < town->zone_until.ns || town->gate == NULL)
        return;
    town->plant.plant->world.utc_offset_s = tz_offset(town->tz, town->time);
    town->plant.plant->world.day = kind_of_day(town);
    town->zone_until.ns = (town->time.ns / look_ns + 1) * look_ns;
}

static void move(struct town *town, int64_t ms)
{
    town->time = wall_add_ms(town->time, ms);
    town->mono = mono_add_ms(town->mono, ms);
    set_clock(town);
    follow_zone(town);
    town_plant_to(&town->plant, town->time);
}

/* To the next instant at which something is due, at most `left_ms`; returns how far. */
static int64_t advance(struct town *town, int64_t left_ms)
{
    int64_t due_ns = gate_due(town->gate).ns - town->mono.ns;
    int64_t ms = due_ns <= 0 ? 0 : (due_ns + CLOCK_MS - 1) / CLOCK_MS;

    if (ms > IDLE_MS)
        ms = IDLE_MS;
    if (ms > left_ms)
        ms = left_ms;
    /* What is due at once, and again after that, must not hold up time. */
    if (ms == 0 && left_ms > 0)
        ms = 1;
    move(town, ms);
    gate_step(town->gate, town->mono, town_wall(town));
    return ms;
}

void town_run_ms(struct town *town, int64_t ms)
{
    while (ms > 0)
        ms -= advance(town, ms);
}

void town_run_until(struct town *town, struct wall_time time)
{
    town_run_ms(town, wall_diff_ms(time, town->time));
}

bool town_run_while(struct town *town, int64_t ms, town_stop *stop, void *context)
{
    while (ms > 0) {
        ms -= advance(town, ms);
        if (stop(context, town))
            return true;
    }
    return false;
}

struct wall_time town_time(const struct town *town)
{
    return town->time;
}

struct mono_time town_mono(const struct town *town)
{
    return town->mono;
}

void town_skew(struct town *town, int64_t ms)
{
    town->skew_ms = ms;
    set_clock(town);
}

/* ---- what goes wrong ---- */

int town_scenario(struct town *town, const char *name, const char *target,
                  const char *variant, struct err *err)
{
    const struct scenario_request request = {name, target, variant, MONO_NEVER};

    return scenario_start(town->plant.scenarios, town->plant.plant, &request, err);
}

int town_scenario_end(struct town *town, const char *name, const char *target,
                      struct err *err)
{
    return scenario_stop(town->plant.scenarios, town->plant.plant, name, target, err);
}

void town_link(struct town *town, const char *id, enum town_link how)
{
    static const enum link_fault faults[] = {
        [TOWN_LINK_WELL] = LINK_WELL,
        [TOWN_LINK_REFUSES] = LINK_REFUSES,
        [TOWN_LINK_SILENT] = LINK_SILENT,
    };
    int link = town_plant_link(id);

    assert(link >= 0);
    town->plant.plant->links[link] = faults[how];
}

void town_missing(struct town *town, double part)
{
    town->missing = part;
    gate_missing(town->gate, part);
}

/* ---- the gateway ends and begins ---- */

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rbe");
    FILE *out = in == NULL ? NULL : fopen(to, "wbe");
    char block[65536];
    size_t got;

    while (out != NULL && (got = fread(block, 1, sizeof block, in)) > 0)
        assert(fwrite(block, 1, got, out) == got);
    if (out != NULL)
        assert(fclose(out) == 0);
    else
        (void)unlink(to);
    if (in != NULL)
        (void)fclose(in);
}

/* What a kill leaves on disk is what is there now, the journal of an open transaction
 * included; closing the desk would write more. So the next gateway gets a copy. */
static void set_aside(struct town *town)
{
    char *next = mem_format("%s/issues-%llu.db", town->options.state,
                            (unsigned long long)town->lives);
    char *journal = mem_format("%s-journal", town->database);
    char *next_journal = mem_format("%s-journal", next);

    copy_file(town->database, next);
    copy_file(journal, next_journal);
    gate_free(town->gate);
    town->gate = NULL;
    (void)unlink(town->database);
    mem_free(journal);
    mem_free(next_journal);
    mem_free(town->database);
    town->database = next;
}

int town_restart(struct town *town, enum town_end how, const char *config,
                 int64_t down_ms, struct err *err)
{
    town->turns = town_turns(town);
    town->samples = town_sample_count(town);
    if (how == TOWN_KILL && town->database != NULL)
        set_aside(town);
    gate_free(town->gate);
    town->gate = NULL;
    if (down_ms > 0)
        move(town, down_ms);
    return begin(town, config != NULL ? config : town->options.config, err);
}

/* ---- looking ---- */

const struct config *town_config(const struct town *town)
{
    return gate_config(town->gate);
}

struct engine *town_engine(struct town *town)
{
    return gate_engine(town->gate);
}

struct desk *town_desk(struct town *town)
{
    return gate_desk(town->gate);
}

bool town_reading(struct town *town, const char *equipment, const char *point,
                  struct sample *sample)
{
    return gate_reading(town->gate, equipment, point, sample);
}

bool town_alarm(struct town *town, const char *rule, const char *equipment,
                struct alarm *alarm)
{
    return engine_alarm(gate_engine(town->gate), rule, equipment, alarm);
}

bool town_shows(struct town *town, const char *equipment, const char *point,
                double *value, struct wall_time *when)
{
    const struct device *device = plant_device(town->plant.plant, equipment);
    const struct world *world = &town->plant.plant->world;

    if (device == NULL || device->read_at == 0 || !status_value(device, point, value))
        return false;
    *when = wall_add_ms(world->time,
                        -(int64_t)(world->steps + 1 - device->read_at) * world->step_ms);
    return true;
}

uint64_t town_turns(const struct town *town)
{
    return town->turns + (town->gate == NULL ? 0 : gate_turns(town->gate));
}

uint64_t town_sample_count(const struct town *town)
{
    return town->samples + (town->gate == NULL ? 0 : gate_samples(town->gate));
}
