/* fuzz_expr.c - any text as an expression: parse, check, compile, run, explain nothing.
 *
 * The first byte decides what the points read; the rest is the expression. Links with
 * rules/ but engine*.c, config/nearest.c, telemetry/model.c and base/. */
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/plant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];

static void build(void)
{
    const struct equipment *members[2];
    struct equipment *pump;

    plant_start(&plant);
    pump = plant_add(&plant, "p", "pump",
                     "run:b::5 flow:n:m3/h:5 volume:c:m3:60 mode:e::5 x:n y:b label:t");
    members[0] = plant_add(&plant, "m", "water_meter", "volume:c:m3:60 run:b");
    members[1] = plant_add(&plant, "n", "water_meter", "volume:c:m3:60 run:b");
    plant_relate(&plant, pump, "subs", members, 2);
    plant_relate(&plant, pump, "one", members, 1);
    plant_finish(&plant);
}

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

/* A few polls of every point, the values as the byte says. */
static void feed(uint8_t byte)
{
    for (int64_t poll = 0; poll < 4; poll++) {
        for (size_t i = 0; i < plant.points; i++) {
            struct sample sample = {.point = (uint32_t)i};
            int64_t at_ns = poll * 5 * CLOCK_S;

            sample.value =
                (double)((byte >> (i + (size_t)poll) % 8) & 1) * (double)(i + 1);
            sample.quality = byte % 7 == i % 7 ? QUALITY_BAD : QUALITY_GOOD;
            sample.reason = sample.quality == QUALITY_BAD ? REASON_TIMEOUT : REASON_NONE;
            (void)track_put(&tracks[i], &sample, at_ns, at_ns);
        }
    }
}

static void run(const struct ast *ast, const struct program *program,
                const struct binding *binding)
{
    struct value stack[EVAL_STACK];
    struct value trace[AST_NODES_MAX];
    struct note notes[AST_NODES_MAX];

    for (int64_t second = 15; second < 40; second += 7) {
        struct eval eval = {
            .now_ns = second * CLOCK_S,
            .wall = {second * CLOCK_S},
            .min_cover = 0.6,
            .binding = binding,
            .stack = stack,
            .due_ns = INT64_MAX,
            .trace = trace,
            .notes = notes,
        };
        struct value value = eval_run(&eval, program, 0);

        assert(ast->count <= AST_NODES_MAX);
        assert(isfinite(value.number));
        assert(value_known(value) || value.number == 0);
        assert(eval.due_ns > eval.now_ns);
    }
}

static void check_and_run(struct ast *ast, uint8_t byte)
{
    struct param_settings param = {.name = "limit", .value = 2};
    struct rule_settings rule = {.id = "x", .params = &param, .param_count = 1};
    const struct equipment *pump = model_equipment(plant.model, "p");
    struct check_scope scope = {.model = plant.model, .example = pump, .rule = &rule};
    struct bind_scope bind = {.model = plant.model, .rule = &rule, .track = track_of};
    struct diagnosis_sink sink = {0};
    struct program *program;
    struct binding binding;

    if (!check_rule(ast, &scope, &sink))
        return;
    program = program_new(ast->count);
    if (program_compile(program, ast, &sink) == 0) {
        for (size_t i = 0; i < plant.points; i++)
            track_init(&tracks[i], &plant.model->points[i]);
        bind_program(&binding, program, pump, &bind);
        for (size_t i = 0; i < plant.points; i++)
            track_seal(&tracks[i]);
        feed(byte);
        run(ast, program, &binding);
        bind_done(&binding, program);
        for (size_t i = 0; i < plant.points; i++)
            track_done(&tracks[i]);
    }
    program_free(program);
}

/* Every diagnosis must point into the text. */
static void look(void *context, const struct diagnosis *diagnosis)
{
    const char *text = context;

    assert(diagnosis->span.offset <= strlen(text));
    assert(diagnosis->span.length >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[AST_TEXT_MAX + 10];
    struct diagnosis_sink sink = {look, text, 0};
    struct ast *ast;

    if (plant.model == NULL)
        build();
    if (size < 1 || size > sizeof text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    ast = parser_parse(text, &sink);
    assert((ast == NULL) == (sink.errors > 0));
    if (ast != NULL)
        check_and_run(ast, data[0]);
    ast_free(ast);
    return 0;
}
