/* test_settled.c - what is said to be settled does not change: random readings, many
 * conditions, looked at between any two readings. */
#include "rules/settled.h"

#include "rules/bind.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#define S  INT64_C(1000000000)
#define MS INT64_C(1000000)

enum {
    READINGS = 1500,
    LOOK_MS = 333,
};

static const struct {
    const char *text;
    bool helps;   /* it is worth asking */
    double least; /* share of the questions that must be answered */
} cases[] = {
    {"avg(x, 1m) < 0.5", true, 0.9},
    {"avg(x, 1m) < 10", true, 0.2},
    {"avg(x, 1m) > 0.98 * avg(y, 2m)", true, 0},
    {"held(run, 1m) and avg(x, 1m) < 9", true, 0.85},
    {"not run or avg(x, 1m) > 1.2 * 9", true, 0.5},
    {"min(x, 30s) > 9", true, 0.9},
    {"max(x, 30s) - min(x, 30s) > 1.5", true, 0.35},
    {"mean(x, 1m) / 2 > 5", true, 0.2},
    {"abs(avg(x, 1m) - 10) > 0.6", true, 0.2},
    {"maxof(avg(x, 1m), avg(y, 30s)) < 9.5", true, 0.8},
    {"minof(avg(x, 1m), y) > 3", true, 0.9},
    {"used(meter, 1m) > 30", true, 0.7},
    {"rises(run, 2m) >= 2", true, 0},
    {"run and slope(x, 1m) > 3", false, 0},
    {"avg(x, 1m) > 9 or held(x > 9, 20s)", true, 0},
    {"held(avg(x, 20s) > 10, 1m)", true, 0},
    {"avg(x, 1m ago 30s) > 10", true, 0},
    {"avg(x, #5) > 10", true, 0},
    {"if(run, avg(x, 1m), 0) > 5", true, 0},
    {"-avg(x, 1m) < -9 and avg(x, 1m) % 3 >= 0", true, 0},
    {"x / (avg(y, 1m) - 10) > 0", true, 0},
    {"run", false, 0},
};

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];
static uint64_t seed;

static uint64_t dice(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

struct condition {
    const char *text;
    struct rule_settings rule;
    struct ast *ast;
    struct program *program;
    struct binding binding;
    int64_t until_ns; /* it is said to be settled until then; 0: it is not */
    enum truth truth;
    uint64_t asked;
    uint64_t answered;
};

static void compile(struct condition *c)
{
    const struct equipment *unit = model_equipment(plant.model, "unit");
    struct check_scope scope = {.model = plant.model, .example = unit, .rule = &c->rule};
    struct bind_scope bind = {.model = plant.model, .rule = &c->rule, .track = track_of};
    struct diagnosis_sink sink = {0};

    c->rule.id = "x";
    c->ast = parser_parse(c->text, &sink);
    check_case(c->text, c->ast != NULL && check_rule(c->ast, &scope, &sink));
    c->program = program_new(c->ast->count);
    assert_int_equal(program_compile(c->program, c->ast, &sink), 0);
    bind_program(&c->binding, c->program, unit, &bind);
}

static void look(struct condition *c, int64_t now_ns)
{
    struct value stack[EVAL_STACK];
    struct eval eval = {.now_ns = now_ns,
                        .min_cover = 0.6,
                        .stack = stack,
                        .due_ns = INT64_MAX,
                        .binding = &c->binding};
    struct settled_until until = {.ns = INT64_MAX};
    enum truth truth = value_truth(eval_run(&eval, c->program, 0));

    if (c->until_ns > now_ns)
        check_case(c->text, truth == c->truth);
    c->truth = truth;
    if (settled(&eval, c->program, 0, &until)) {
        check_case(c->text, truth != TRUTH_UNKNOWN && until.ns > now_ns);
        /* Up to where it says itself that it is looked at again is nothing to ask for. */
        if (until.ns > eval.due_ns && c->until_ns < until.ns)
            c->until_ns = until.ns;
    }
    if (truth == TRUTH_UNKNOWN || eval.due_ns > now_ns + S)
        return;
    c->asked++;
    c->answered += c->until_ns > now_ns + S ? 1 : 0;
}

static void put(const char *name, double value, int64_t now_ns, bool bad)
{
    const struct point *point = plant_find(&plant, "unit", name);
    struct sample sample = {.point = point->index,
                            .quality = bad ? QUALITY_BAD : QUALITY_GOOD,
                            .reason = bad ? REASON_TIMEOUT : REASON_NONE,
                            .value = value};

    (void)track_put(&tracks[point->index], &sample, now_ns, now_ns);
}

/* One poll: noise, steps, now and then nothing or a bad reading, sometimes for minutes.
 */
static void poll(size_t i, int64_t now_ns)
{
    bool bad = dice(50) == 0 || (i / 100 % 7 == 3 && i % 100 < 20);
    double level = i / 80 % 3 == 0 ? 6 : 10;

    if (dice(60) == 0)
        return;
    put("x", level + (double)dice(1000) / 500 - 1, now_ns, bad);
    put("y", level + (double)dice(1000) / 1000, now_ns, bad && dice(2) == 0);
    put("run", i / 25 % 3 == 0 ? 0 : 1, now_ns, false);
    put("meter", (double)(i * 2 % 1000), now_ns, bad);
}

static void nothing_changes_unsaid(void **unused)
{
    static struct condition conditions[sizeof cases / sizeof *cases];
    size_t count = sizeof cases / sizeof *cases;
    int64_t now_ns = 1000 * S;

    (void)unused;
    seed = 3;
    plant_start(&plant);
    (void)plant_add(&plant, "unit", "sensor", "x:n::5 y:n::5 run:b::5 meter:c::5");
    plant_finish(&plant);
    for (size_t i = 0; i < plant.points; i++)
        track_init(&tracks[i], &plant.model->points[i]);
    for (size_t i = 0; i < count; i++) {
        conditions[i].text = cases[i].text;
        compile(&conditions[i]);
        check_case(cases[i].text, settled_helps(conditions[i].program) == cases[i].helps);
    }
    for (size_t i = 0; i < plant.points; i++)
        track_seal(&tracks[i]);
    for (size_t r = 0; r < READINGS; r++) {
        int64_t next_ns = now_ns + 5 * S + (int64_t)dice(20) * MS;

        poll(r, now_ns);
        for (size_t i = 0; i < count; i++)
            conditions[i].until_ns = 0; /* a reading has come */
        for (int64_t t = now_ns; t < next_ns; t += LOOK_MS * MS)
            for (size_t i = 0; i < count; i++)
                look(&conditions[i], t);
        now_ns = next_ns;
    }
    for (size_t i = 0; i < count; i++) {
        const struct condition *c = &conditions[i];

        print_message("%-44s %5.1f %% of %llu\n", c->text,
                      100.0 * (double)c->answered / (double)(c->asked + 1),
                      (unsigned long long)c->asked);
        check_case(c->text, (double)c->answered >= cases[i].least * (double)c->asked);
        bind_done(&conditions[i].binding, c->program);
        program_free(c->program);
        ast_free(c->ast);
    }
    for (size_t i = 0; i < plant.points; i++)
        track_done(&tracks[i]);
    plant_done(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_changes_unsaid)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
