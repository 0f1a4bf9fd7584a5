/* test_gate_windows.c - readings that pass a gate change nothing: the same rules over the
 * same readings, once with gates and once beside rules that want every reading. */
#include "rules/engine.h"
#include "rules/engine_impl.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

enum {
    POLLS = 8000,
    TEXT_BYTES = 16 << 20,
};

#define MONO_0 (1000 * CLOCK_S)

static const struct {
    const char *when;
    const char *clear;
    double deadband;
} rules[] = {
    {"avg(x, 1m) < 9.7", "", 0},
    {"avg(x, 1m) > 10.3", "avg(x, 1m) < 10", 0},
    {"held(run, 1m) and avg(x, 1m) < $limit", "not run or avg(x, 1m) > 1.02 * $limit", 0},
    {"$limit < avg(x, 30s)", "$limit - 1 >= min(x, 30s)", 0},
    {"max(y, 1m) >= 11", "max(y, 1m) < 10.5 and x > 9", 0},
    {"min(y, 2m) <= 5 or x > 12", "", 0},
    {"mean(x, 1m) > 10", "", 0.4},
    {"run and avg(y, 10m) > 8", "not run", 0},
    {"x > 11 and avg(x, 20s) > -(-10.5)", "x < 10", 0},
    {"$never > 0 and avg(z, 1m) > $never", "", 0},
    {"avg(z, 1m) > 10 or avg(x, 1m) > 10.2", "avg(x, 1m) < 10", 0},
    {"held(run, 2m)", "not run", 0},
    {"avg(z, 1m) + 0 > 10.2", "", 0},
    {"count(y, 1m) > 8 and x > 10", "", 0},
};

/* What B has more: nothing that ever is true, but it looks at each reading. */
static const char *const eager[] = {"slope(x, 1m) > 1e12", "slope(y, 1m) > 1e12",
                                    "rises(run, 1m) > 1000", "slope(z, 1m) > 1e12"};

struct side {
    struct plant plant;
    struct engine *engine;
    struct text changes;
    struct param_settings params[2];
    uint64_t evaluated;
};

static uint64_t seed;

static uint64_t dice(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

static void note(void *context, const struct alarm_change *change)
{
    static const char *const kinds[] = {
        [CHANGE_RAISED] = "raised",     [CHANGE_STANDING] = "standing",
        [CHANGE_LEVEL] = "level",       [CHANGE_RETURNED] = "returned",
        [CHANGE_CHATTERS] = "chatters", [CHANGE_STEADY] = "steady"};
    struct side *side = context;

    if (change->kind != CHANGE_PROGRESS)
        text_addf(&side->changes, "%.3f %s %s %s\n", (double)change->time.ns / 1e9,
                  kinds[change->kind], change->rule->id, change->equipment->id);
}

/* One rule, so that no other one keeps the gates shut for it. */
static void build(struct side *side, size_t i, bool is_eager)
{
    struct rule_settings *rule;
    struct config_report *report = config_report_new();

    memset(side, 0, sizeof *side);
    plant_start(&side->plant);
    (void)plant_add(&side->plant, "p-1", "pump", "x:n::5 y:n::5 z:n::5 run:b::5");
    (void)plant_add(&side->plant, "p-2", "pump", "x:n::60 y:n::5 z:n::5 run:b::5");
    plant_finish(&side->plant);
    side->params[0] = (struct param_settings){.name = "limit", .value = 9.8};
    side->params[1] = (struct param_settings){.name = "never", .value = 0};
    rule = plant_rule(&side->plant, "r", "pump", rules[i].when, rules[i].clear);
    rule->for_ms = (int64_t)(i % 3) * 10000;
    rule->clear_for_ms = (int64_t)(i % 2) * 15000;
    rule->deadband = rules[i].deadband;
    rule->params = side->params;
    rule->param_count = 2;
    for (size_t k = 0; is_eager && k < sizeof eager / sizeof *eager; k++) {
        char *id = mem_format("eager-%zu", k);

        (void)plant_rule(&side->plant, model_string(side->plant.model, id), "pump",
                         eager[k], "");
        mem_free(id);
    }
    side->engine = engine_new(&side->plant.config, (struct mono_time){MONO_0}, report);
    assert_non_null(side->engine);
    text_init(&side->changes, TEXT_BYTES);
    config_report_free(report);
}

static void done(struct side *side)
{
    engine_free(side->engine);
    text_done(&side->changes);
    plant_done(&side->plant);
}

static void feed(struct side *side, const struct sample *samples, size_t count,
                 int64_t ns)
{
    const struct engine_out out = {.emit = note, .context = side};

    while (engine_due(side->engine).ns < ns) {
        struct mono_time due = engine_due(side->engine);

        engine_step(side->engine, due, (struct wall_time){due.ns}, &out);
        side->evaluated++;
    }
    engine_put(side->engine, samples, count);
    side->evaluated += side->engine->dirty_count;
    engine_step(side->engine, (struct mono_time){ns}, (struct wall_time){ns}, &out);
}

/* One poll of a pump: long calm, then near the limits, then trouble. */
static size_t make(struct sample *samples, const struct plant *plant, const char *id,
                   size_t i, int64_t ns)
{
    static const char *const names[] = {"x", "y", "z", "run"};
    static const double levels[] = {10.8, 10.8, 10.1, 9.7, 5, 12, 10.8, 9.2};
    double level = levels[i / 150 % 8];
    size_t count = 0;

    for (size_t k = 0; k < 4; k++) {
        struct sample sample = {.point = plant_find(plant, id, names[k])->index,
                                .value = level + (double)dice(1000) / 1250 - 0.4,
                                .time = {ns},
                                .mono = {ns}};

        if (dice(100) == 0 || (i % 700 > 640 && k == i / 700 % 4))
            continue; /* lost */
        if (k == 2 && i / 2000 % 2 == 0)
            continue; /* never heard of, for long */
        if (k == 3)
            sample.value = i / 60 % 5 == 0 ? 0 : 1;
        if (dice(80) == 0 || (i % 900 > 860 && k == 0)) {
            sample.quality = QUALITY_BAD;
            sample.reason = REASON_TIMEOUT;
        } else if (dice(90) == 0) {
            sample.quality = QUALITY_UNCERTAIN;
            sample.reason = REASON_CLOCK;
        }
        if (dice(70) == 0)
            sample.time.ns -= (int64_t)dice(9000) * CLOCK_MS; /* late */
        samples[count++] = sample;
    }
    return count;
}

static int by_line(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What happens at the same time may be told in any order. */
static void sort(struct text *lines)
{
    static char *list[100000];
    char *copy = mem_strdup(lines->data);
    char *rest = copy;
    char *line;
    size_t count = 0;

    while ((line = strsep(&rest, "\n")) != NULL && count < 100000)
        list[count++] = line;
    qsort(list, count, sizeof *list, by_line);
    text_clear(lines);
    for (size_t i = 0; i < count; i++)
        text_addf(lines, "%s\n", list[i]);
    mem_free(copy);
}

static void gates_change_nothing(void **unused)
{
    static struct side with;
    static struct side without;

    (void)unused;
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        int64_t ns = MONO_0 + CLOCK_S;
        size_t lines = 0;

        seed = r + 11;
        build(&with, r, false);
        build(&without, r, true);
        for (size_t i = 0; i < POLLS; i++) {
            struct sample samples[4];
            const char *id = i % 2 == 0 ? "p-1" : "p-2";
            size_t count = make(samples, &with.plant, id, i / 2, ns);

            feed(&with, samples, count, ns);
            feed(&without, samples, count, ns);
            ns += 2500 * CLOCK_MS + (int64_t)dice(9) * CLOCK_MS;
        }
        for (const char *at = with.changes.data; (at = strchr(at, '\n')) != NULL; at++)
            lines++;
        sort(&with.changes);
        sort(&without.changes);
        print_message("%-50s %5zu changes, %6llu evaluations for %llu\n", rules[r].when,
                      lines, (unsigned long long)with.evaluated,
                      (unsigned long long)without.evaluated);
        if (strcmp(with.changes.data, without.changes.data) != 0)
            fail_msg("'%s' is another rule with gates", rules[r].when);
        check_case(rules[r].when, lines > 10 || strstr(rules[r].when, "never") != NULL);
        done(&with);
        done(&without);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gates_change_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
