/* fuzz_rules.c - expressions by their grammar, samples as they like to come, and beside
 * the real evaluator the reference (tests/unit/reference.h), which must say the same.
 *
 * The bytes are decisions: first those of the expression, then those of the samples. No
 * value is NaN or infinite, what is unknown has a reason and number 0, nothing is asked
 * to be evaluated again in the past, and looking (eval.peek) changes nothing. */
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/plant.h"
#include "tests/unit/reference.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    DEPTH_MAX = 4,
    TEXT_MAX = 2000,
    STEPS_MAX = 60, /* samples of one course */
    START_S = 100,
};

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];
static struct tz *tz;
static struct param_settings limit = {.name = "limit", .value = 2};
static const struct rule_settings rule = {.id = "x", .params = &limit, .param_count = 1};

/* ---- decisions ---- */

static const uint8_t *bytes;
static size_t left;

static unsigned take(unsigned n)
{
    if (left == 0)
        return 0;
    left--;
    return *bytes++ % n;
}

#define ONE_OF(table) (table)[take(sizeof(table) / sizeof((table)[0]))]

/* ---- expressions ---- */

static void number(struct text *out, unsigned depth);
static void condition(struct text *out, unsigned depth);

static const char *window(void)
{
    static const char *const windows[] = {
        "10s",        "15s",        "1m", "7s", "2m", "5m",
        "30s ago 1m", "1m ago 30s", "#1", "#3", "#7",
    };

    return ONE_OF(windows);
}

static const char *duration(void)
{
    static const char *const durations[] = {"5s", "20s", "1m", "1500ms"};

    return ONE_OF(durations);
}

static const char *number_point(void)
{
    static const char *const points[] = {"flow", "level", "slow", "volume", "energy"};

    return ONE_OF(points);
}

static const char *counter(void)
{
    static const char *const points[] = {"volume", "energy"};

    return ONE_OF(points);
}

static const char *truth_point(void)
{
    static const char *const points[] = {"run", "door", "link.online"};

    return ONE_OF(points);
}

static const char *any_point(void)
{
    return take(2) == 0 ? number_point() : truth_point();
}

static void over_window(struct text *out)
{
    static const char *const functions[] = {"avg",   "min",    "max",  "delta",
                                            "count", "mean",   "sum",  "stddev",
                                            "slope", "median", "used", "rate"};
    const char *name = ONE_OF(functions);

    if (name[0] == 'u' || name[0] == 'r')
        text_addf(out, "%s(%s, %s)", name, counter(), window());
    else if (name[2] == 'd' && name[0] == 'm')
        text_addf(out, "pctl(%s, %s, 0.%u)", number_point(), window(), take(10));
    else
        text_addf(out, "%s(%s, %s)", name, number_point(), window());
}

/* held(x, 1m) and its like, of a point or a condition. */
static void over_truth(struct text *out, const char *name, unsigned depth)
{
    static const char *const lengths[] = {"10s", "30s", "2m"};

    text_addf(out, "%s(", name);
    if (take(2) == 0)
        text_addf(out, "%s, %s)", truth_point(), window());
    else {
        condition(out, depth + 1);
        text_addf(out, ", %s)", ONE_OF(lengths));
    }
}

static void over_group(struct text *out, unsigned depth)
{
    static const char *const functions[] = {"gsum", "gavg", "gmin", "gmax"};
    static const char *const members[] = {"x", "avg(x, 30s)", "used(vol, 1m)", "prev(x)",
                                          "count(vol, 20s)"};

    (void)depth;
    if (take(5) == 0)
        text_add(out, "gsize('subs')");
    else if (take(4) == 0)
        text_add(out, "gcount('subs', b or stale(x))");
    else
        text_addf(out, "%s('%s', %s)", ONE_OF(functions), take(4) == 0 ? "one" : "subs",
                  ONE_OF(members));
}

static void two(struct text *out, const char *before, const char *between, unsigned depth)
{
    text_add(out, before);
    number(out, depth + 1);
    text_add(out, between);
    number(out, depth + 1);
    text_add(out, ")");
}

static void leaf(struct text *out)
{
    switch (take(4)) {
    case 0:
        text_addf(out, "%u", take(200));
        return;
    case 1:
        text_add(out, "$limit");
        return;
    default:
        text_add(out, number_point());
    }
}

static void number(struct text *out, unsigned depth)
{
    static const char *const operators[] = {" + ", " - ", " * ", " / ", " % "};

    switch (depth >= DEPTH_MAX ? 0 : take(12)) {
    case 0:
    case 1:
        leaf(out);
        return;
    case 2:
        text_add(out, "-");
        leaf(out);
        return;
    case 3:
        two(out, take(2) == 0 ? "minof(" : "maxof(", ", ", depth);
        return;
    case 4:
        text_add(out, "if(");
        condition(out, depth + 1);
        text_add(out, ", ");
        two(out, "", ", ", depth);
        return;
    case 5:
        over_group(out, depth);
        return;
    case 6:
        over_truth(out, take(2) == 0 ? "rises" : "falls", depth);
        return;
    case 7:
        text_addf(out, "prev(%s, %u)", number_point(), take(5));
        return;
    case 8:
        text_addf(out, "(age(%s) / 1s)", any_point());
        return;
    case 9:
        two(out, "(", ONE_OF(operators), depth);
        return;
    default:
        over_window(out);
    }
}

static void comparison(struct text *out, unsigned depth)
{
    static const char *const operators[] = {" < ", " <= ", " > ", " >= "};

    number(out, depth + 1);
    text_add(out, ONE_OF(operators));
    number(out, depth + 1);
}

static void condition(struct text *out, unsigned depth)
{
    static const char *const plain[] = {"good", "bad", "stale"};

    switch (depth >= DEPTH_MAX ? take(2) : take(12)) {
    case 0:
        text_add(out, truth_point());
        return;
    case 1:
        text_add(out, take(3) == 0 ? "unknown" : take(2) == 0 ? "true" : "false");
        return;
    case 2:
        text_add(out, "not (");
        condition(out, depth + 1);
        text_add(out, ")");
        return;
    case 3:
    case 4:
        text_add(out, "(");
        condition(out, depth + 1);
        text_add(out, take(2) == 0 ? " and " : " or ");
        condition(out, depth + 1);
        text_add(out, ")");
        return;
    case 5:
        over_truth(out, "held", depth);
        return;
    case 6:
        text_addf(out, "%s(%s)", ONE_OF(plain), any_point());
        return;
    case 7:
        text_addf(out, "nodata(%s, %s)", any_point(), duration());
        return;
    case 8:
        text_addf(out, "near(%s, %s, %u)", number_point(), number_point(), take(50));
        return;
    default:
        text_add(out, "(");
        comparison(out, depth);
        text_add(out, ")");
    }
}

/* ---- the plant ---- */

static void build(void)
{
    const struct equipment *members[3];
    struct equipment *pump;
    struct err err;

    plant_start(&plant);
    members[0] = plant_add(&plant, "m-1", "meter", "x:n::5 vol:c:m3:5 b:b");
    members[1] = plant_add(&plant, "m-2", "meter", "x:n::5 vol:c:m3:5 b:b");
    members[2] = plant_add(&plant, "m-3", "meter", "x:n::5 vol:c:m3:5 b:b");
    pump = plant_add(&plant, "pump", "pump",
                     "flow:n:m3/h:5 level:n slow:n::60 volume:c:m3:5 energy:c run:b::5 "
                     "door:b");
    plant_relate(&plant, pump, "subs", members, 3);
    plant_relate(&plant, pump, "one", members, 1);
    plant_finish(&plant);
    tz = tz_load("UTC", &err);
    assert(tz != NULL);
}

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

struct course {
    struct ast *ast;
    struct program *program;
    struct binding binding;
    struct reference reference;
    int64_t now_ns;
    double min_cover;
};

/* ---- samples ---- */

static void sample_comes(struct course *course)
{
    static const double values[] = {0, 1, 2, 3, 7, 10, 50, 100, 900, 950, 999, -4, 1e9};
    static const int64_t late_ms[] = {0, 0, 0, 0, 1000, 4000, 5000, 9000, 60000};
    static const int64_t pause_ms[] = {0, 1000, 1000, 5000, 5000, 4999, 15000, 40000};
    const struct point *point;
    struct sample sample = {0};
    int64_t event_ns;

    course->now_ns += ONE_OF(pause_ms) * CLOCK_MS;
    sample.point = take((unsigned)plant.points);
    point = &plant.model->points[sample.point];
    sample.value = ONE_OF(values);
    if (point->kind == POINT_BOOL)
        sample.value = sample.value > 3;
    switch (take(16)) {
    case 0:
        sample.quality = QUALITY_BAD;
        sample.reason = (uint8_t)(REASON_CONNECT + take(REASON_CLOCK - REASON_CONNECT));
        break;
    case 1:
        sample.quality = QUALITY_UNCERTAIN;
        sample.reason = REASON_CLOCK;
        break;
    case 2:
        sample.value = take(2) == 0 ? NAN : -INFINITY;
        break;
    default:
        break;
    }
    event_ns = course->now_ns - ONE_OF(late_ms) * CLOCK_MS;
    sample.time.ns = event_ns;
    sample.mono.ns = course->now_ns;
    (void)track_put(&tracks[sample.point], &sample, event_ns, course->now_ns);
    ref_put(&course->reference, &sample, event_ns, course->now_ns);
}

/* ---- evaluating ---- */

static struct value run(struct course *course, bool peek)
{
    struct value stack[EVAL_STACK];
    struct value trace[AST_NODES_MAX];
    struct note notes[AST_NODES_MAX];
    struct eval eval = {.now_ns = course->now_ns,
                        .start_ns = START_S * CLOCK_S,
                        .wall = {course->now_ns},
                        .tz = tz,
                        .min_cover = course->min_cover,
                        .binding = &course->binding,
                        .stack = stack,
                        .due_ns = INT64_MAX,
                        .peek = peek,
                        .trace = trace,
                        .notes = notes};
    struct value value = eval_run(&eval, course->program, 0);

    assert(isfinite(value.number));
    assert(value_known(value) || value.number == 0);
    assert(eval.due_ns > eval.now_ns);
    return value;
}

static void compare(struct course *course, const char *text)
{
    struct ref_ask ask = {.ast = course->ast,
                          .equipment = model_equipment(plant.model, "pump"),
                          .rule = &rule,
                          .now_ns = course->now_ns,
                          .wall = {course->now_ns},
                          .min_cover = course->min_cover};
    struct value got = run(course, false);
    struct value looked = run(course, true);
    struct value want = ref_eval(&course->reference, &ask);

    if (value_known(looked) == value_known(got) && looked.number == got.number &&
        value_known(got) == value_known(want) && got.number == want.number)
        return;
    (void)fprintf(stderr, "%s\nat %.3f s: looked %g %x, got %g %x, want %g %x\n", text,
                  (double)course->now_ns / 1e9, looked.number, looked.marks, got.number,
                  got.marks, want.number, want.marks);
    abort();
}

static bool open_course(struct course *course, const char *text)
{
    static const double covers[] = {0.6, 0.6, 0.01, 0.3, 0.95, 1};
    const struct equipment *pump = model_equipment(plant.model, "pump");
    struct check_scope scope = {.model = plant.model, .example = pump, .rule = &rule};
    struct bind_scope bind = {
        .model = plant.model, .rule = &rule, .tz = tz, .track = track_of};
    struct diagnosis_sink sink = {0};

    course->now_ns = START_S * CLOCK_S;
    course->min_cover = ONE_OF(covers);
    course->ast = parser_parse(text, &sink);
    if (course->ast == NULL || !check_rule(course->ast, &scope, &sink))
        return false;
    course->program = program_new(course->ast->count);
    if (program_compile(course->program, course->ast, &sink) != 0)
        return false;
    for (size_t i = 0; i < plant.points; i++)
        track_init(&tracks[i], &plant.model->points[i]);
    bind_program(&course->binding, course->program, pump, &bind);
    for (size_t i = 0; i < plant.points; i++)
        track_seal(&tracks[i]);
    ref_open(&course->reference, &plant.config, tz, START_S * CLOCK_S);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct course course = {0};
    struct text text;

    if (plant.model == NULL)
        build();
    bytes = data;
    left = size;
    text_init(&text, TEXT_MAX);
    condition(&text, 0);
    if (open_course(&course, text.data)) {
        for (unsigned step = 0; left > 0 && step < STEPS_MAX; step++) {
            sample_comes(&course);
            compare(&course, text.data);
        }
        ref_close(&course.reference);
        bind_done(&course.binding, course.program);
        for (size_t i = 0; i < plant.points; i++)
            track_done(&tracks[i]);
    }
    program_free(course.program);
    ast_free(course.ast);
    text_done(&text);
    return 0;
}
