/* readings_month.c - a month of a plant, as a running facilityd would have lived it.
 *
 *   readings_month CONFIG DATADIR DAYS     the state folder is the configuration's
 *
 * Every pump is polled each five seconds, at its own moment and a few milliseconds early
 * or late; flows carry noise, some polls are missing, some pumps run dry now and then.
 * All of it goes through the rules engine, the issue desk and the kept readings with the
 * times in our hands, so that the desk knows what really opened. Ends now. */
#include "base/file.h"
#include "base/mem.h"
#include "config/config.h"
#include "gateway/decisions.h"
#include "history/readings.h"
#include "issues/desk.h"
#include "rules/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PERIOD_MS = 5000,
    JITTER_MS = 9,
    CHANGES_MAX = 100000,
    KEEP_EVERY = 4096, /* samples that go to the readings at once */
    ALIVE_EVERY_MS = 3600 * 1000,
    ROOM = 64,
};

struct plant {
    struct config *config;
    struct engine *engine;
    struct desk *desk;
    struct readings *readings;
    struct decisions *decisions;
    struct engine_out out;
    struct sample *kept;
    size_t kept_count;
    int64_t *dry_until_ms; /* by equipment */
    int64_t now_ms;
    uint64_t seed;
    uint64_t total;
};

static uint64_t dice(struct plant *p, uint64_t sides)
{
    p->seed = p->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (p->seed >> 33) % sides;
}

static void fail(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "readings_month: %s: %s\n", what, err->text);
    exit(1); // NOLINT(concurrency-mt-unsafe)
}

static struct wall_time wall(int64_t ms)
{
    return (struct wall_time){ms * CLOCK_MS};
}

static struct mono_time mono(int64_t ms)
{
    return (struct mono_time){ms * CLOCK_MS};
}

static void commit(struct plant *p, int64_t ms)
{
    struct err err;

    if (decisions_pending(p->decisions) > 0 &&
        decisions_commit(p->decisions, p->desk, wall(ms), &err) != 0)
        fail("desk", &err);
}

static void flush(struct plant *p, int64_t ms)
{
    readings_put(p->readings, p->kept, p->kept_count);
    readings_step(p->readings, wall(ms), mono(ms));
    p->total += p->kept_count;
    p->kept_count = 0;
}

/* As the pipeline: deadlines before, then what came, then one transaction. */
static void turn(struct plant *p, const struct sample *samples, size_t count, int64_t ms)
{
    struct mono_time due;

    while ((due = engine_due(p->engine)).ns < ms * CLOCK_MS) {
        engine_step(p->engine, due, (struct wall_time){due.ns}, &p->out);
        commit(p, due.ns / CLOCK_MS);
    }
    engine_put(p->engine, samples, count);
    engine_step(p->engine, mono(ms), wall(ms), &p->out);
    commit(p, ms);
    for (size_t i = 0; i < count; i++) {
        p->kept[p->kept_count] = samples[i];
        p->kept[p->kept_count++].mono = (struct mono_time){0};
    }
    if (p->kept_count + ROOM > KEEP_EVERY)
        flush(p, ms);
}

static double value_of(struct plant *p, const struct point *point, bool dry)
{
    if (strcmp(point->name, "run") == 0 || point->builtin)
        return 1;
    if (strcmp(point->name, "flow") == 0)
        return (double)(dry ? dice(p, 3) : 114 + dice(p, 21)) * 0.1;
    return (double)(float)(4.2 + (double)dice(p, 1000) * 2e-5);
}

static void poll_pump(struct plant *p, const struct equipment *equipment, int64_t ms)
{
    struct sample samples[ROOM];
    int64_t *dry_until = &p->dry_until_ms[equipment->index];
    bool missing = dice(p, 1000) == 0;
    size_t count = 0;

    ms += (int64_t)dice(p, JITTER_MS);
    if (*dry_until == 0 && dice(p, 4 * 24 * 720) == 0) /* each four days */
        *dry_until = ms + 60000 + (int64_t)dice(p, 20 * 60000);
    if (*dry_until != 0 && ms > *dry_until)
        *dry_until = 0;
    for (uint32_t i = 0; i < equipment->point_count && count < ROOM; i++) {
        const struct point *point = &p->config->model->points[equipment->first_point + i];

        samples[count++] = (struct sample){
            .point = point->index,
            .quality = missing ? QUALITY_BAD : QUALITY_GOOD,
            .reason = missing ? REASON_TIMEOUT : REASON_NONE,
            .value = value_of(p, point, *dry_until != 0),
            .time = wall(ms),
            .mono = mono(ms),
        };
        if (point->builtin) /* one lost answer is not the loss of a device */
            samples[count - 1].quality = samples[count - 1].reason = 0;
    }
    turn(p, samples, count, ms);
}

static void live(struct plant *p, int64_t from_ms, int64_t to_ms)
{
    size_t pumps = p->config->equipment_count;
    struct err err;

    for (int64_t ms = from_ms; ms < to_ms; ms += PERIOD_MS) {
        for (size_t e = 0; e < pumps; e++) /* each at its moment of the five seconds */
            poll_pump(p, &p->config->model->equipment[e],
                      ms + (int64_t)e * (PERIOD_MS - JITTER_MS) / (int64_t)pumps);
        if (ms / ALIVE_EVERY_MS != (ms + PERIOD_MS) / ALIVE_EVERY_MS &&
            desk_alive(p->desk, wall(ms + PERIOD_MS), &err) != 0)
            fail("desk", &err);
        if (ms / 86400000 != (ms + PERIOD_MS) / 86400000)
            (void)fprintf(stderr, ".");
    }
    flush(p, to_ms);
}

static bool *all_wanted(const struct plant *p)
{
    size_t points = p->config->model->point_count;
    bool *wanted = mem_array(points, sizeof *wanted);

    for (uint32_t i = 0; i < points; i++)
        wanted[i] = engine_reach_ms(p->engine, i) > 0;
    return wanted;
}

static void open_all(struct plant *p, int64_t from_ms)
{
    char *readings = file_join(p->config->state_dir, "readings");
    char *issues = file_join(p->config->state_dir, "issues.db");
    bool *wanted = all_wanted(p);
    struct err err;

    if (file_make_folder(p->config->state_dir, 0700, &err) != 0)
        fail("state folder", &err);
    p->readings = readings_open(readings, &p->config->history, p->config->model, wanted,
                                wall(from_ms));
    p->desk = desk_open(issues, p->config->model, wall(from_ms), &err);
    if (p->desk == NULL || desk_restore(p->desk, p->engine, wall(from_ms), &err) != 0)
        fail("issues.db", &err);
    p->decisions = decisions_new(CHANGES_MAX);
    p->out = (struct engine_out){.emit = decisions_add_change, .context = p->decisions};
    p->kept = mem_array(KEEP_EVERY, sizeof *p->kept);
    p->dry_until_ms =
        mem_array(p->config->model->equipment_count, sizeof *p->dry_until_ms);
    mem_free(readings);
    mem_free(issues);
    mem_free(wanted);
}

int main(int argc, char **argv)
{
    struct plant plant = {.seed = 1};
    struct config_report *report = config_report_new();
    int64_t to_ms = wall_now().ns / CLOCK_MS;
    int64_t from_ms;
    struct text text;

    if (argc != 4)
        return 64;
    from_ms = to_ms - strtoll(argv[3], NULL, 10) * 86400000;
    plant.config = config_load(argv[1], argv[2], report);
    if (plant.config != NULL)
        plant.engine = engine_new(plant.config, mono(from_ms), report);
    if (plant.engine == NULL) {
        text_init(&text, 1 << 20);
        config_report_print(report, false, &text);
        (void)fputs(text.data, stderr);
        return 78;
    }
    open_all(&plant, from_ms);
    live(&plant, from_ms, to_ms);
    readings_close(plant.readings, wall(to_ms));
    desk_close(plant.desk);
    (void)printf("%llu\n", (unsigned long long)plant.total);
    return 0;
}
