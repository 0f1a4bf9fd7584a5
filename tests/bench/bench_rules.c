/* bench_rules.c - what a sample costs in rules/: ns per sample, the best of five runs.
 *
 *   make build/tests/bench/bench_rules && build/tests/bench/bench_rules
 *
 * "eval" is the program alone; "engine" is put and step of a batch of one sample of every
 * equipment: last values, windows, evaluation, alarm, deadlines. */
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/engine.h"
#include "rules/parser.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

enum {
    RUNS = 5,
    POINTS = 3, /* flow, run, online */
};

struct site {
    struct model *model;
    struct config config;
    struct rule_settings rule;
    size_t equipment;
};

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct point make_point(uint32_t index, uint32_t equipment, const char *name,
                               enum point_kind kind)
{
    return (struct point){
        .index = index,
        .equipment = equipment,
        .name = name,
        .unit = kind == POINT_NUMBER ? "m3/h" : "",
        .kind = kind,
        .period_ms = 5000,
        .stale_after_ms = 15000,
        .builtin = strcmp(name, "online") == 0,
    };
}

static void build(struct site *site, size_t equipment, const char *when)
{
    struct model *model = model_new();

    memset(site, 0, sizeof *site);
    site->model = model;
    site->equipment = equipment;
    model->equipment = model_memory(model, equipment, sizeof *model->equipment);
    model->points = model_memory(model, equipment * POINTS, sizeof *model->points);
    for (uint32_t i = 0; i < equipment; i++) {
        char id[32];

        (void)snprintf(id, sizeof id, "pump-%u", i);
        model->equipment[i] = (struct equipment){
            .index = i,
            .id = model_string(model, id),
            .class_name = "pump",
            .first_point = i * POINTS,
            .point_count = POINTS,
        };
        model->points[i * POINTS] = make_point(i * POINTS, i, "flow", POINT_NUMBER);
        model->points[i * POINTS + 1] = make_point(i * POINTS + 1, i, "run", POINT_BOOL);
        model->points[i * POINTS + 2] =
            make_point(i * POINTS + 2, i, "online", POINT_BOOL);
    }
    model->equipment_count = equipment;
    model->point_count = equipment * POINTS;
    model_seal(model);
    site->rule = (struct rule_settings){
        .id = "bench",
        .class_name = "pump",
        .when = {when, {0, 1, 1, 1}},
        .clear = {"", {0}},
        .for_ms = 60000,
        .min_cover = 0.6,
    };
    site->config.model = model;
    site->config.rules = &site->rule;
    site->config.rule_count = 1;
    site->config.site.timezone = "UTC";
}

static void ignore(void *context, const struct alarm_change *change)
{
    (void)context;
    (void)change;
}

/* Rounds of one sample of every equipment, 5 s apart; the last `rounds` are timed. */
static void bench_engine(const char *name, size_t equipment, const char *when, int warm,
                         int rounds)
{
    struct config_report *report = config_report_new();
    struct site site;
    struct engine *engine;
    struct sample *samples = mem_array(equipment, sizeof *samples);
    double best = 1e9;
    int64_t time = CLOCK_S;

    build(&site, equipment, when);
    engine = engine_new(&site.config, (struct mono_time){time}, report);
    for (int run = 0; run <= RUNS; run++) {
        int count = run == 0 ? warm : rounds;
        int64_t spent = 0;

        for (int round = 0; round < count; round++) {
            int64_t begin;

            time += 5 * CLOCK_S;
            for (size_t i = 0; i < equipment; i++)
                samples[i] = (struct sample){
                    .point = (uint32_t)(i * POINTS),
                    .value = (double)((i * 7 + (size_t)round) % 11) / 10,
                    .time = {1764000000 * CLOCK_S + time},
                    .mono = {time},
                };
            begin = now_ns();
            engine_put(engine, samples, equipment);
            engine_step(engine, samples[0].mono, samples[0].time,
                        &(struct engine_out){.emit = ignore});
            spent += now_ns() - begin;
        }
        if (run > 0 && (double)spent / count / (double)equipment < best)
            best = (double)spent / count / (double)equipment;
    }
    printf("engine  %-34s %8zu instances  %7.1f ns/sample  %7.1f KiB windows\n", name,
           engine_instances(engine), best, (double)engine_memory(engine) / 1024);
    engine_free(engine);
    config_report_free(report);
    model_free(site.model);
    mem_free(samples);
}

static struct track tracks[POINTS];

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

/* The program alone, over and over on warm data. */
static void bench_eval(const char *when)
{
    enum {
        TURNS = 2000000
    };
    struct site site;
    struct diagnosis_sink sink = {0};
    struct ast *ast = parser_parse(when, &sink);
    struct program *program = program_new(ast->count);
    struct bind_scope bind = {.track = track_of};
    struct binding binding;
    struct value stack[EVAL_STACK];
    struct eval eval = {
        .now_ns = 100 * CLOCK_S, .min_cover = 0.6, .binding = &binding, .stack = stack};
    double best = 1e9;
    double sum = 0;

    build(&site, 1, when);
    (void)check_rule(ast,
                     &(struct check_scope){.model = site.model,
                                           .example = site.model->equipment,
                                           .rule = &site.rule},
                     &sink);
    (void)program_compile(program, ast, &sink);
    for (size_t i = 0; i < POINTS; i++)
        track_init(&tracks[i], &site.model->points[i]);
    bind.model = site.model;
    bind.rule = &site.rule;
    bind_program(&binding, program, site.model->equipment, &bind);
    for (uint32_t i = 0; i < POINTS; i++) {
        struct sample sample = {.point = i, .value = 1};

        track_seal(&tracks[i]);
        (void)track_put(&tracks[i], &sample, 99 * CLOCK_S, 99 * CLOCK_S);
    }
    for (int run = 0; run < RUNS; run++) {
        int64_t begin = now_ns();

        for (int turn = 0; turn < TURNS; turn++) {
            eval.due_ns = INT64_MAX;
            tracks[0].value = turn & 7;
            sum += eval_run(&eval, program, 0).number;
        }
        if ((double)(now_ns() - begin) / TURNS < best)
            best = (double)(now_ns() - begin) / TURNS;
    }
    printf("eval    %-34s %8d             %7.1f ns/sample  (%.0f true)\n", when, 1, best,
           sum);
    bind_done(&binding, program);
    for (size_t i = 0; i < POINTS; i++)
        track_done(&tracks[i]);
    program_free(program);
    ast_free(ast);
    model_free(site.model);
}

int main(void)
{
    bench_eval("flow > 5");
    bench_eval("flow > 5 and not run");
    bench_eval("flow + 1 > 2 * flow - 3 and run");
    bench_engine("flow > 5", 1000, "flow > 5", 20, 200);
    bench_engine("flow > 5", 100000, "flow > 5", 3, 5);
    bench_engine("avg(flow, 1m): 12 readings", 1000, "avg(flow, 1m) > 5", 20, 100);
    bench_engine("avg(flow, 1h): 720 readings", 1000, "avg(flow, 1h) > 5", 800, 50);
    bench_engine("avg(flow, 24h): 120 buckets", 1000, "avg(flow, 24h) > 5", 400, 50);
    bench_engine("held(flow > 5, 1m)", 1000, "held(flow > 5, 1m)", 20, 100);
    bench_engine("dry run", 1000, "held(run, 1m) and avg(flow, 1m) < 0.5", 20, 100);
    return 0;
}
