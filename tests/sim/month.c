/* month.c - see month.h. */
#include "tests/sim/month.h"

#include "base/file.h"
#include "base/mem.h"
#include "gateway/recall.h"
#include "issues/desk.h"
#include "tests/sim/month_plan.h"
#include "tests/sim/town_clock.h"
#include "tests/sim/town_folder.h"
#include "tests/sim/town_gate.h"
#include "tests/sim/town_plant.h"
#include "tests/sim/town_wire.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    BOOT_MS = 1000 * 1000, /* the machine is up for so long at the start */
    IDLE_MS = 60 * 1000,
    LOOK_MS = 5000, /* the rules look no more often */
    DOWN_MAX_MS = 20 * 1000,
    CONFIG_MAX = 1024 * 1024,
    DAY_MS = 24 * 3600 * 1000,
    EVENING_MS = 19 * 3600 * 1000, /* of the day, in UTC: 3 in the morning */
    STARTS_KILLED_EVERY = 10,      /* one kill in so many comes while it starts */
    START_REAL_US = 400 * 1000,    /* a start takes about so long */
    LIVES_MAX = 4000,
};

static const char start_text[] = "2026-11-01T16:00:00Z"; /* midnight in Shanghai */

/* What the child tells; the parent reads it when the child is dead. */
struct shared {
    volatile int64_t now_ms; /* how far the gateway has come */
    volatile int64_t closed_day;
    volatile uint32_t reloads;
    volatile uint32_t turns; /* of this life */
};

struct run {
    const struct month_options *options;
    struct month *month;
    struct shared *shared;
    char *folder;
    char *config;
    struct wall_time start;
    struct town_plant plant;
    struct month_plan plan;
    uint64_t chance; /* of deaths */

    /* of the child */
    struct town_options town;
    struct gate *gate;
    struct readings *readings;
};

static struct wall_time wall_at(const struct run *run, int64_t ms)
{
    return wall_add_ms(run->start, ms);
}

static struct mono_time mono_at(int64_t ms)
{
    return (struct mono_time){(BOOT_MS + ms) * CLOCK_MS};
}

static int64_t end_ms(const struct run *run)
{
    return (int64_t)run->options->days * DAY_MS;
}

/* ---- the building ---- */

/* The building goes on from `from` to `to`. */
static void building_to(struct run *run, int64_t from_ms, int64_t to_ms)
{
    while (from_ms < to_ms) {
        int64_t next_ms = month_plan_next_ms(&run->plan, from_ms);

        from_ms = next_ms < to_ms ? next_ms : to_ms;
        town_plant_to(&run->plant, wall_at(run, from_ms));
        month_plan_set(&run->plan, &run->plant, from_ms);
    }
}

/* ---- the configuration ---- */

static const char extra_rule[] =
    "\nrules = ( { id = \"test.unrelated\"; class = \"pump\"; kind = \"service\"; "
    "category = \"service\"; severity = \"minor\"; when = \"age(flow) > %uh\"; "
    "clear = \"age(flow) < 1m\"; title : { en = \"test\"; zh = "
    "\"\xe6\xb5\x8b\xe8\xaf\x95\"; "
    "}; advice : { en = \"test\"; zh = \"\xe6\xb5\x8b\xe8\xaf\x95\"; }; } );\n";

/* The value of a line "key = ...;" of the text, replaced. */
static void put_instead(struct text *text, const char *key, const char *value)
{
    char *whole = mem_strdup(text->data);
    char *at = strstr(whole, key);

    assert(at != NULL && strchr(at, '\n') != NULL);
    text_clear(text);
    text_addf(text, "%.*s%s = \"%s\";%s", (int)(at - whole), whole, key, value,
              strchr(at, '\n'));
    mem_free(whole);
}

/* The demo's with folders of its own, and a rule that changes from time to time. */
static void write_config(const struct run *run, unsigned version)
{
    struct err err = {0};
    size_t length;
    char *demo = file_read("plantsim/demo/facilityd.cfg", CONFIG_MAX, &length, &err);
    char *profiles = realpath("plantsim/demo/profiles", NULL);
    struct text text;

    assert(demo != NULL && profiles != NULL);
    text_init(&text, CONFIG_MAX);
    text_add(&text, demo);
    put_instead(&text, "state_dir", run->folder);
    put_instead(&text, "profile_dir", profiles);
    text_addf(&text, extra_rule, 400 + version);
    assert(file_replace(run->config, text.data, text.length, &err) == 0);
    text_done(&text);
    mem_free(demo);
    free(profiles); /* NOLINT: realpath's own */
}

/* ---- the gateway ---- */

static void keep_readings(void *context, struct town *town, const struct sample *samples,
                          size_t count)
{
    struct run *run = context;

    (void)town;
    readings_put(run->readings, samples, count);
}

static void fail(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "the gateway %s: %s\n", what, err->text);
    _exit(3);
}

static void set_clock(const struct run *run, int64_t now_ms)
{
    town_clock_set(mono_at(now_ms), wall_at(run, now_ms));
}

/* In the order of gateway/site.c. */
static void gateway_begins(struct run *run, int64_t now_ms)
{
    char *database = file_join(run->folder, "issues.db");
    char *folder = file_join(run->folder, "readings");
    const struct gate_use use = {
        .options = &run->town,
        .config = run->config,
        .database = database,
        .plant = &run->plant,
        .seed = run->options->seed,
        .mono = mono_at(now_ms),
        .wall = wall_at(run, now_ms),
    };
    const struct config *config;
    struct err err = {0};
    bool *wanted;

    set_clock(run, now_ms);
    run->gate = gate_new(&use, &err);
    if (run->gate == NULL)
        fail("does not start", &err);
    config = gate_config(run->gate);
    wanted = recall_wanted(gate_engine(run->gate), config->model);
    run->readings = readings_open(folder, &config->history, config->model, wanted,
                                  wall_at(run, now_ms));
    mem_free(wanted);
    recall(gate_engine(run->gate), config, NULL);
    mem_free(folder);
    mem_free(database);
}

static void gateway_ends(struct run *run, int64_t now_ms)
{
    readings_close(run->readings, wall_at(run, now_ms)); /* has the configuration's */
    gate_free(run->gate);
}

/* The month files of history/ and their threads are left out, and with them the hours of
 * weeks ago that baselines want. */
/* NOLINTBEGIN: the name is the linker's, the arguments are history.h's */
int __wrap_history_query(struct history *history, uint32_t point, struct wall_time from,
                         struct wall_time to, int64_t step_ms, struct history_step *steps,
                         size_t max, struct err *err);
int __wrap_history_query(struct history *history, uint32_t point, struct wall_time from,
                         struct wall_time to, int64_t step_ms, struct history_step *steps,
                         size_t max, struct err *err)
{
    (void)history, (void)point, (void)from, (void)to;
    (void)step_ms, (void)steps, (void)max, (void)err;
    return 0;
}
/* NOLINTEND */

/* ---- people ---- */

struct evening {
    char ids[DESK_LIST_MAX][DESK_ID_SIZE];
    char rules[DESK_LIST_MAX][64];
    char equipment[DESK_LIST_MAX][64];
    size_t count;
};

static void note_over(void *context, const struct issue_view *issue)
{
    struct evening *evening = context;

    if (issue->returned.ns == 0)
        return;
    (void)snprintf(evening->ids[evening->count], DESK_ID_SIZE, "%s", issue->id);
    (void)snprintf(evening->rules[evening->count], 64, "%s", issue->rule);
    (void)snprintf(evening->equipment[evening->count], 64, "%s", issue->equipment);
    evening->count++;
}

/* Closes what is over; a death in between leaves the rest for the next life. */
static void close_issues(struct run *run, struct wall_time now)
{
    static struct evening evening;
    const struct issue_filter filter = {.status = -1,
                                        .only_unclosed = true,
                                        .severity = -1,
                                        .category = -1,
                                        .limit = DESK_LIST_MAX};
    struct desk *desk = gate_desk(run->gate);
    struct err err = {0};

    evening.count = 0;
    if (desk_list(desk, &filter, note_over, &evening, &err) < 0)
        fail("cannot list its issues", &err);
    for (size_t i = 0; i < evening.count; i++) {
        (void)desk_act(desk, evening.ids[i], ACTION_RESOLVE, "ref", "", now, &err);
        if (desk_act(desk, evening.ids[i], ACTION_CLOSE, "ref", "", now, &err) != 0)
            fail("cannot close an issue", &err);
        (void)engine_reset(gate_engine(run->gate), evening.rules[i],
                           evening.equipment[i]);
    }
}

/* ---- one life ---- */

static int64_t advance(struct run *run, int64_t now_ms)
{
    int64_t due_ms = (gate_due(run->gate).ns + CLOCK_MS - 1) / CLOCK_MS - BOOT_MS;
    int64_t fault_ms = month_plan_next_ms(&run->plan, now_ms);
    int64_t next_ms = now_ms + IDLE_MS;

    next_ms = due_ms < next_ms ? due_ms : next_ms;
    next_ms = fault_ms < next_ms ? fault_ms : next_ms;
    next_ms = next_ms > end_ms(run) ? end_ms(run) : next_ms;
    next_ms = next_ms <= now_ms ? now_ms + 1 : next_ms;
    building_to(run, now_ms, next_ms);
    set_clock(run, next_ms);
    gate_step(run->gate, mono_at(next_ms), wall_at(run, next_ms));
    readings_step(run->readings, wall_at(run, next_ms), mono_at(next_ms));
    return next_ms;
}

static void reload(struct run *run, int64_t now_ms)
{
    gateway_ends(run, now_ms);
    write_config(run, run->shared->reloads / 3); /* the rule changes each third time */
    gateway_begins(run, now_ms);
    run->shared->reloads++;
}

/* Never returns: until the end of the month, or death. */
static void live(struct run *run, int64_t now_ms)
{
    gateway_begins(run, now_ms);
    while (now_ms < end_ms(run)) {
        int64_t day = (now_ms - EVENING_MS) / DAY_MS;

        now_ms = advance(run, now_ms);
        if ((now_ms - EVENING_MS) / DAY_MS > run->shared->closed_day) {
            close_issues(run, wall_at(run, now_ms));
            run->shared->closed_day = day + 1;
        }
        if (now_ms >= run->plan.reload_ms[run->shared->reloads])
            reload(run, now_ms);
        run->shared->now_ms = now_ms;
        run->shared->turns++;
    }
    gateway_ends(run, now_ms);
    _exit(0);
}

/* ---- deaths ---- */

static void pause_us(int64_t us)
{
    const struct timespec time = {us / 1000000, us % 1000000 * 1000};

    (void)nanosleep(&time, NULL);
}

/* Waits until the child has come to the moment of its death, or has ended. */
static bool wait_for_death(struct run *run, pid_t child, int64_t until_ms, int *status)
{
    bool starting = month_draw(&run->chance, STARTS_KILLED_EVERY) == 0;

    if (starting) {
        pause_us((int64_t)month_draw(&run->chance, START_REAL_US));
        return waitpid(child, status, WNOHANG) == child;
    }
    while (run->shared->now_ms < until_ms || run->shared->turns == 0) {
        if (waitpid(child, status, WNOHANG) == child)
            return true;
        pause_us(200);
    }
    pause_us((int64_t)month_draw(&run->chance, 3000));
    return waitpid(child, status, WNOHANG) == child;
}

/* One child, up to its death or the end. Returns 1 at the end of the month. */
static int one_life(struct run *run, int64_t until_ms, struct err *err)
{
    int status = 0;
    pid_t child;
    bool ended;

    run->shared->turns = 0;
    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        return err_set(err, ERR_IO, "fork: %m");
    if (child == 0)
        live(run, run->shared->now_ms);
    if (until_ms == INT64_MAX)
        ended = waitpid(child, &status, 0) == child;
    else
        ended = wait_for_death(run, child, until_ms, &status);
    if (!ended) {
        (void)kill(child, SIGKILL);
        (void)waitpid(child, &status, 0);
        run->month->deaths[run->month->death_count++] = wall_at(run, run->shared->now_ms);
        run->month->kills++;
        run->month->starts_killed += run->shared->turns == 0;
        return 0;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(err, ERR_STATE, "a gateway ended by itself (%d), at %lld s",
                       status, (long long)run->shared->now_ms / 1000);
    return 1;
}

static int all_lives(struct run *run, struct err *err)
{
    const struct month_options *options = run->options;
    int64_t building_ms = 0;
    int result = 0;

    while (result == 0) {
        unsigned kills = run->month->kills;
        int64_t left_ms = end_ms(run) - run->shared->now_ms;
        int64_t until_ms = INT64_MAX;

        if (kills < options->kills)
            until_ms = run->shared->now_ms +
                       (int64_t)(wire_draw(&run->chance) * 2 * (double)left_ms /
                                 (options->kills - kills));
        if (until_ms > end_ms(run) - STAGE_HOUR && until_ms != INT64_MAX)
            until_ms = end_ms(run) - STAGE_HOUR;
        result = one_life(run, until_ms, err);
        if (++run->month->lives >= LIVES_MAX)
            return err_set(err, ERR_STATE, "it does not come to an end");
        if (result != 0)
            break;
        run->shared->now_ms +=
            1000 + (int64_t)month_draw(&run->chance, DOWN_MAX_MS - 1000);
        building_to(run, building_ms, run->shared->now_ms);
        building_ms = run->shared->now_ms;
        if (options->verbose && run->month->kills % 50 == 0)
            (void)fprintf(stderr, "%u kills, day %lld\n", run->month->kills,
                          (long long)run->shared->now_ms / DAY_MS);
    }
    return result < 0 ? -1 : 0;
}

/* ---- all of it ---- */

/* A kill leaves what the system has taken over, so no disk is needed. */
static char *folder_in_memory(void)
{
    char *folder = mem_strdup("/dev/shm/month-XXXXXX");

    if (mkdtemp(folder) != NULL)
        return folder;
    mem_free(folder);
    return town_folder();
}

static void open_run(struct run *run)
{
    const struct month_options *options = run->options;

    assert(wall_parse(start_text, &run->start));
    run->folder = folder_in_memory();
    run->config = file_join(run->folder, "facilityd.cfg");
    run->shared = mmap(NULL, sizeof *run->shared, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(run->shared != MAP_FAILED);
    run->chance = options->seed + 2;
    run->month->deaths =
        mem_array(options->kills + options->reloads + 1, sizeof *run->month->deaths);
    town_plant_init(&run->plant, options->seed, run->start, 8 * 3600);
    run->plant.plant->world.step_ms = 1000;
    run->town = (struct town_options){.poll_min_ms = options->poll_ms,
                                      .step_ms = options->look_ms != 0 ? options->look_ms
                                                                       : LOOK_MS,
                                      .samples = keep_readings,
                                      .context = run};
    month_plan_make(&run->plan, options);
    write_config(run, 0);
}

static void close_run(struct run *run)
{
    run->month->reloads = run->shared->reloads;
    for (unsigned i = 0; i < run->month->reloads; i++)
        run->month->deaths[run->month->death_count++] =
            wall_at(run, run->plan.reload_ms[i]);
    town_plant_done(&run->plant);
    (void)munmap(run->shared, sizeof *run->shared);
    month_plan_done(&run->plan);
    mem_free(run->config);
    town_folder_remove(run->folder);
}

int month_run(const struct month_options *options, struct month *month, struct err *err)
{
    struct run run = {.options = options, .month = month};
    int result;

    *month = (struct month){0};
    open_run(&run);
    result = all_lives(&run, err);
    if (result == 0)
        result = month_read(month, run.folder, wall_at(&run, end_ms(&run)), err);
    close_run(&run);
    return result;
}

void month_done(struct month *month)
{
    mem_free(month->deaths);
}
