/* bench_alarms.c - what a sample costs with rules on it, beside a bare loop and Lua.
 *
 *   make build/tests/bench/bench_alarms && build/tests/bench/bench_alarms [--json]
 *
 * The same samples go through
 *   bare    compare and hysteresis in a C loop over an array: the least that can be done
 *   lua     the same conditions in Lua 5.4 over tables, looped inside of Lua
 *   engine  a rule `v > 80`, `clear = "v < 70"` on every tag: values in force, alarms,
 *           deadlines for stale readings, all that the daemon does in rules/
 *
 * "random": a million tags in random order, so that nothing is in the cache; "cached": a
 * thousand tags. Then 20,000 points with three rules and two windows each, once a poll.
 * The best of five runs; every number is of the same process, one after the other. */
#include "base/mem.h"
#include "rules/engine.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    RUNS = 5,
    BATCH = 4096, /* as the pipeline takes them */
    POINTS = 2,   /* v, online */
    SAMPLES = 4 * 1000 * 1000,
    MANY_TAGS = 1000 * 1000,
    FEW_TAGS = 1000,
    WINDOW_POINTS = 20000,
    WINDOW_ROUNDS = 40,
};

#define HIGH 80.0
#define LOW  70.0

struct workload {
    size_t tags;
    size_t count;
    uint32_t *tag;
    double *value;
    int64_t step_ns; /* between two samples */
};

static uint64_t seed = 88172645463325252U;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The numbers from 0 to count - 1 in random order. */
static void shuffle(uint32_t *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tags[i] = (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        size_t other = next_random() % i;
        uint32_t tag = tags[i - 1];

        tags[i - 1] = tags[other];
        tags[other] = tag;
    }
}

/* Every tag once a round, in another order each time. One value in a thousand is above
 * the limit, as in a plant. */
static void make_workload(struct workload *load, size_t tags)
{
    load->tags = tags;
    load->count = SAMPLES;
    load->tag = mem_array(load->count, sizeof *load->tag);
    load->value = mem_array(load->count, sizeof *load->value);
    load->step_ns = 5 * CLOCK_S / (int64_t)tags; /* each tag every five seconds */
    for (size_t i = 0; i < load->count; i += tags)
        shuffle(&load->tag[i], tags);
    for (size_t i = 0; i < load->count; i++)
        load->value[i] =
            (double)(next_random() % 600) / 10 + (next_random() % 1000 == 0 ? 25 : 0);
}

static void free_workload(struct workload *load)
{
    mem_free(load->tag);
    mem_free(load->value);
}

/* ---- bare ---- */

struct bare {
    double high;
    double low;
    bool active;
};

static double run_bare(const struct workload *load, uint64_t *raised)
{
    struct bare *state = mem_array(load->tags, sizeof *state);
    double best = 1e9;

    for (size_t i = 0; i < load->tags; i++)
        state[i] = (struct bare){HIGH, LOW, false};
    for (int run = 0; run < RUNS; run++) {
        double begin = seconds();

        *raised = 0;
        for (size_t i = 0; i < load->count; i++) {
            struct bare *tag = &state[load->tag[i]];

            if (!tag->active && load->value[i] > tag->high) {
                tag->active = true;
                (*raised)++;
            } else if (tag->active && load->value[i] < tag->low) {
                tag->active = false;
            }
        }
        if (seconds() - begin < best)
            best = seconds() - begin;
    }
    mem_free(state);
    return best * 1e9 / (double)load->count;
}

/* ---- Lua ---- */

static const char lua_text[] =
    "local tag, value, high, low, active = {}, {}, {}, {}, {}\n"
    "function fill(i, t, v) tag[i] = t; value[i] = v end\n"
    "function limits(n) for t = 1, n do high[t] = 80.0; low[t] = 70.0; active[t] = false "
    "end end\n"
    "function run()\n"
    "  local raised = 0\n"
    "  for i = 1, #tag do\n"
    "    local t, v = tag[i], value[i]\n"
    "    if not active[t] then\n"
    "      if v > high[t] then active[t] = true; raised = raised + 1 end\n"
    "    elseif v < low[t] then active[t] = false end\n"
    "  end\n"
    "  return raised\n"
    "end\n";

static double run_lua(const struct workload *load, uint64_t *raised)
{
    lua_State *lua = luaL_newstate();
    double best = 1e9;

    luaL_openlibs(lua);
    if (luaL_dostring(lua, lua_text) != LUA_OK)
        return -1;
    lua_getglobal(lua, "limits");
    lua_pushinteger(lua, (lua_Integer)load->tags);
    lua_call(lua, 1, 0);
    for (size_t i = 0; i < load->count; i++) {
        lua_getglobal(lua, "fill");
        lua_pushinteger(lua, (lua_Integer)i + 1);
        lua_pushinteger(lua, (lua_Integer)load->tag[i] + 1);
        lua_pushnumber(lua, load->value[i]);
        lua_call(lua, 3, 0);
    }
    for (int run = 0; run < RUNS; run++) {
        double begin = seconds();

        lua_getglobal(lua, "run");
        lua_call(lua, 0, 1);
        *raised = (uint64_t)lua_tointeger(lua, -1);
        lua_pop(lua, 1);
        if (seconds() - begin < best)
            best = seconds() - begin;
    }
    lua_close(lua);
    return best * 1e9 / (double)load->count;
}

/* ---- the engine ---- */

struct site {
    struct model *model;
    struct config config;
    struct rule_settings rules[3];
};

static struct point make_point(uint32_t index, uint32_t equipment, const char *name)
{
    bool online = strcmp(name, "online") == 0;

    return (struct point){
        .index = index,
        .equipment = equipment,
        .name = name,
        .unit = online ? "" : "V",
        .kind = online ? POINT_BOOL : POINT_NUMBER,
        .period_ms = 5000,
        .stale_after_ms = 15000,
        .builtin = online,
    };
}

static void add_rule(struct site *site, const char *id, const char *when,
                     const char *clear)
{
    site->rules[site->config.rule_count++] = (struct rule_settings){
        .id = id,
        .class_name = "sensor",
        .when = {when, {0, 1, 1, 1}},
        .clear = {clear, {0, 1, 1, 1}},
        .min_cover = 0.6,
        .blind_after_ms = 15 * 60 * 1000,
    };
}

static void build(struct site *site, size_t equipment)
{
    struct model *model = model_new();

    memset(site, 0, sizeof *site);
    site->model = model;
    model->equipment = model_memory(model, equipment, sizeof *model->equipment);
    model->points = model_memory(model, equipment * POINTS, sizeof *model->points);
    for (uint32_t i = 0; i < equipment; i++) {
        char id[32];

        (void)snprintf(id, sizeof id, "sensor-%u", i);
        model->equipment[i] = (struct equipment){
            .index = i,
            .id = model_string(model, id),
            .class_name = "sensor",
            .first_point = i * POINTS,
            .point_count = POINTS,
        };
        model->points[i * POINTS] = make_point(i * POINTS, i, "v");
        model->points[i * POINTS + 1] = make_point(i * POINTS + 1, i, "online");
    }
    model->equipment_count = equipment;
    model->point_count = equipment * POINTS;
    model_seal(model);
    site->config.model = model;
    site->config.rules = site->rules;
    site->config.site.timezone = "UTC";
}

static void count_raise(void *context, const struct alarm_change *change)
{
    uint64_t *raised = context;

    *raised += change->kind == CHANGE_RAISED;
}

static struct engine *start(struct site *site)
{
    struct config_report *report = config_report_new();
    struct engine *engine =
        engine_new(&site->config, (struct mono_time){CLOCK_S}, report);

    config_report_free(report);
    if (engine == NULL)
        (void)fprintf(stderr, "the engine does not start\n");
    return engine;
}

static struct sample make_sample(uint32_t tag, double value, int64_t time_ns)
{
    return (struct sample){
        .point = tag * POINTS,
        .value = value,
        .time = {1764000000 * CLOCK_S + time_ns},
        .mono = {time_ns},
    };
}

static double run_engine(const struct workload *load, uint64_t *raised)
{
    struct site site;
    struct engine *engine;
    struct sample *batch = mem_array(BATCH, sizeof *batch);
    int64_t time_ns = 2 * CLOCK_S;
    double best = 1e9;
    struct engine_out out = {.emit = count_raise, .context = raised};
    /* Of two readings of a tag in one batch only the last would be judged. */
    size_t most = load->tags < BATCH ? load->tags : BATCH;

    build(&site, load->tags);
    add_rule(&site, "bench.high", "v > 80", "v < 70");
    engine = start(&site);
    for (int run = 0; run <= RUNS; run++) { /* the first one warms up */
        double spent = 0;

        *raised = 0;
        for (size_t i = 0; i < load->count; i += most) {
            size_t count = load->count - i < most ? load->count - i : most;
            double begin;

            for (size_t k = 0; k < count; k++) {
                time_ns += load->step_ns;
                batch[k] = make_sample(load->tag[i + k], load->value[i + k], time_ns);
            }
            begin = seconds();
            engine_put(engine, batch, count);
            engine_step(engine, batch[count - 1].mono, batch[count - 1].time, &out);
            spent += seconds() - begin;
        }
        if (run > 0 && spent < best)
            best = spent;
    }
    engine_free(engine);
    model_free(site.model);
    mem_free(batch);
    return best * 1e9 / (double)load->count;
}

struct windows_result {
    double ns_sample; /* with everything */
    double ns_simple; /* the same without the windows */
    double bytes;     /* of memory per window */
    uint64_t raised;
};

/* Rounds of one reading of every point, five seconds apart. */
static double run_rounds(struct engine *engine, int warm, uint64_t *raised)
{
    struct engine_out out = {.emit = count_raise, .context = raised};
    struct sample *batch = mem_array(BATCH, sizeof *batch);
    int64_t time_ns = 2 * CLOCK_S;
    double best = 1e9;

    for (int run = 0; run <= RUNS; run++) {
        int rounds = run == 0 ? warm : WINDOW_ROUNDS;
        double spent = 0;

        for (int round = 0; round < rounds; round++) {
            time_ns += 5 * CLOCK_S;
            for (size_t i = 0; i < WINDOW_POINTS; i += BATCH) {
                size_t count = WINDOW_POINTS - i < BATCH ? WINDOW_POINTS - i : BATCH;
                double begin;

                for (size_t k = 0; k < count; k++)
                    batch[k] = make_sample((uint32_t)(i + k),
                                           (double)(next_random() % 600) / 10, time_ns);
                begin = seconds();
                engine_put(engine, batch, count);
                engine_step(engine, batch[0].mono, batch[0].time, &out);
                spent += seconds() - begin;
            }
        }
        if (run > 0 && spent / rounds < best)
            best = spent / rounds;
    }
    mem_free(batch);
    return best * 1e9 / WINDOW_POINTS;
}

static void run_windows(struct windows_result *result)
{
    struct site site;
    struct engine *engine;

    build(&site, WINDOW_POINTS);
    add_rule(&site, "bench.high", "v > 80", "v < 70");
    add_rule(&site, "bench.mean", "avg(v, 5m) > 75", "avg(v, 5m) < 70");
    add_rule(&site, "bench.peak", "max(v, 1h) > 95 and avg(v, 5m) > 60",
             "max(v, 1h) < 90");
    engine = start(&site);
    result->ns_sample = run_rounds(engine, 740, &result->raised);
    result->bytes = (double)engine_memory(engine) / (2.0 * WINDOW_POINTS);
    engine_free(engine);
    site.config.rule_count = 1;
    engine = start(&site);
    result->ns_simple = run_rounds(engine, 20, &result->raised);
    engine_free(engine);
    model_free(site.model);
}

struct row {
    const char *name;
    double bare;
    double lua;
    double engine;
    bool agree;
};

static struct row measure(const char *name, size_t tags)
{
    struct workload load;
    struct row row = {.name = name};
    uint64_t raised[3];

    make_workload(&load, tags);
    row.bare = run_bare(&load, &raised[0]);
    row.lua = run_lua(&load, &raised[1]);
    row.engine = run_engine(&load, &raised[2]);
    /* The last of equal runs begins where the one before ended, as for the others. */
    row.agree = raised[0] == raised[1] && raised[1] == raised[2];
    free_workload(&load);
    return row;
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    bool only = argc > 1 && strcmp(argv[1], "windows") == 0;
    struct row rows[2] = {0};
    struct windows_result windows = {0};
    size_t count = only ? 0 : 2;

    if (!only) {
        rows[0] = measure("random", MANY_TAGS);
        rows[1] = measure("cached", FEW_TAGS);
    }
    if (argc < 2 || json || only)
        run_windows(&windows);
    if (json) {
        (void)printf("{");
        for (size_t i = 0; i < count; i++)
            (void)printf("\"%s\": {\"bare_ns\": %.2f, \"lua_ns\": %.2f, \"engine_ns\": "
                         "%.2f, \"agree\": %s}, ",
                         rows[i].name, rows[i].bare, rows[i].lua, rows[i].engine,
                         rows[i].agree ? "true" : "false");
        (void)printf("\"windows\": {\"points\": %d, \"sample_ns\": %.1f, \"simple_ns\": "
                     "%.1f, \"window_ns\": %.1f, \"window_bytes\": %.0f}}\n",
                     WINDOW_POINTS, windows.ns_sample, windows.ns_simple,
                     (windows.ns_sample - windows.ns_simple) / 2, windows.bytes);
        return 0;
    }
    (void)printf("%-8s %10s %10s %10s  ns per sample\n", "", "bare", "lua", "engine");
    for (size_t i = 0; i < count; i++)
        (void)printf("%-8s %10.2f %10.2f %10.2f  %s\n", rows[i].name, rows[i].bare,
                     rows[i].lua, rows[i].engine,
                     rows[i].agree ? "same alarms" : "NOT THE SAME ALARMS");
    (void)printf(
        "windows  %d points, 3 rules and 2 windows each: %.1f ns per sample, %.1f "
        "without windows,\n         %.1f per window; %.0f bytes per window\n",
        WINDOW_POINTS, windows.ns_sample, windows.ns_simple,
        (windows.ns_sample - windows.ns_simple) / 2, windows.bytes);
    return 0;
}
