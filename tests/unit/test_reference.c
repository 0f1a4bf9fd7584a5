/* test_reference.c - the real evaluator against the reference (tests/unit/reference.h) on
 * random samples: points with periods and on change, counters that wrap, are reset and
 * misread, gaps, breaks, duplicates, readings that come late, NaN and what is no number.
 * Every term of every expression must agree each time that it is asked.
 *
 * REFERENCE_SAMPLES=1000000 takes more than the usual 200,000; REFERENCE_SEED another
 * course of things. */
#include "rules/bind.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"
#include "tests/unit/reference.h"

#include <stdio.h>

#define S INT64_C(1000000000)

enum {
    SAMPLES = 200000,
    ASK_EVERY = 100,     /* samples, on average */
    SOURCES_MAX = 40,    /* points that report */
    DISAGREE_MAX = 1000, /* before giving up; the first of each term is told */
    START_S = 1000,      /* the daemon begins to observe */
};

static const char *const expressions[] = {
    /* what is in force */
    "flow > 50",
    "level + temp * 2 - flow / level > 0 or run and not door",
    "flow % 7 < -temp or minof(flow, level, temp) > maxof(slow, 3) or mode == 'normal'",
    "if(run, flow, temp) > if(door, level, level) and near(flow, temp, 5)",
    "abs(level) > 3 and round(flow, 1) >= 5 and not (temp < $limit)",
    "good(flow) and stale(temp) or bad(level) and not stale(slow)",
    "age(flow) > 1m or age(level) > 10m or age(slow) > 1h",
    "nodata(flow, 1m) or nodata(level, 30s) or nodata(slow, 2h)",
    "prev(flow) > flow or prev(temp, 3) > temp or prev(level, 16) > 0 or prev(run)",
    "link.online and flow > 0",
    /* windows of a polled point */
    "avg(flow, 1m) > 5 or min(flow, 1m) > 5 or max(flow, 1m) > 5 or delta(flow, 1m) > 1",
    "count(flow, 5m) > 20 or avg(flow, 5m ago 10m) > 3 or max(flow, 5m ago 10m) > 3",
    "avg(flow, 1h) > 5 or min(flow, 1h ago 20m) > 5 or delta(flow, 1h) > 0",
    "avg(flow, 10s) > 3 or avg(flow, #5) > 3 or min(flow, #5) > 3 or delta(flow, #9) > 0",
    "count(flow, #100) > 3 or max(flow, #1000) > 5",
    "avg(temp, 10m) > 20 or avg(slow, 6h) > 3 or delta(slow, 4h) > 3",
    /* on change */
    "avg(level, 5m) > 2 or max(level, 15m) > 3 or delta(level, 5m) > 0",
    "min(level, #20) > 0 or avg(level, 3m ago 1h) > 1 or count(level, 10m) > 3",
    /* kept in parts */
    "avg(flow, 1d) > 5 or min(flow, 1d) > 5 or max(flow, 6h) > 5 or count(flow, 6h) > 9",
    "avg(flow, 2h ago 22h) > 3 or avg(level, 3h) > 4 or max(temp, 2d) > 4",
    /* counters */
    "used(volume, 10m) > 5 or rate(volume, 10m) > 0.1 or used(volume, 1h ago 1h) > 3",
    "used(volume, 1d) > 10 or used(energy, 10m) > 3 or rate(energy, 15m) > 1",
    "used(volume, #10) > 3 or rate(volume, #10) > 0.1 or used(energy, #30) > 3",
    /* truths */
    "held(run, 1m) or held(door, 1m) or held(run, 1h)",
    "held(flow > 30, 1m) or rises(flow > 30, 10m) > 2 or falls(flow > 30, 1h) > 2",
    "rises(run, 10m) > 2 or falls(run, 1h) > 1 or rises(door, 15m) > 1",
    "rises(run, #50) > 2 or held(run, #4)",
    "held(flow > 20 and level > 3 or run, 5m)",
    "rises(run, 1d) > 9 or held(run, 3h)",
    /* groups */
    "gsum('subs', x) > 10 or gavg('subs', x) > 3 or gmin('subs', x) > 2",
    "gmax('subs', avg(x, 5m)) > 3 or gcount('subs', b) > 1 or gsize('subs') < 3",
    "used(volume, 1h) - gsum('subs', used(vol, 1h)) > $limit",
    "gcount('subs', stale(x)) > 1 or gcount('subs', held(b, 5m)) > 0",
    "gcount('subs', rises(x > 5, 10m) > 1) > 1",
    /* the clock */
    "within('22:00', '05:30') or within('08:00', '12:15') and flow > 3",
    /* more of windows */
    "mean(flow, 5m) > 3 or sum(flow, 5m) > 30 or stddev(flow, 5m) > 3",
    "mean(level, #7) > 3 or stddev(temp, 1h) > 1 or stddev(flow, #40) > 1",
    "integral(flow, 1h) > 3 or integral(level, 10m ago 1h) > 1 or coverage(flow, 10m) < "
    "1",
    "slope(flow, 10m) > 3 or slope(temp, 1h) > 3 or slope(level, #30) > 3",
    "forecast(temp, 30m, 15m) > 30 or forecast(flow, 5m, 1h) > 3",
    "time_to(temp, 1h, 80) < 1h or time_to(flow, 10m, 100) < 5m",
    "pctl(flow, 10m, 0.95) > 3 or pctl(temp, 2h ago 1h, 0.5) > 3 or pctl(level, #33, 0) "
    "> 1",
    "pctl(flow, 1h, 1) > 3 or pctl(slow, 6h, 0.25) > 3",
    "ewma(flow, 1m) > 3 or ewma(level, 10m) > 3",
    "changes(run, 10m) > 3 or time_true(run, 10m) > 5m or time_true(door, 1h) > 5m",
    "changes(flow > 30, 30m) > 3 or time_true(flow > 30, 30m) > 5m",
    "quality(flow) == 'bad' or quality(level) == 'uncertain' or reason(flow) == "
    "'timeout'",
    "sqrt(level) > 3 or clamp(flow, 3, 9) > 4 or inside(temp, 3, 9) or outside(flow, 1, "
    "9)",
    "mean(flow, 12h) > 3 or sum(flow, 12h) > 5 or stddev(flow, 12h) > 3",
    "integral(flow, 1d) > 3 or slope(flow, 12h) > 3 or forecast(flow, 6h, 1h) > 3",
    "changes(run, 1d) > 4 or time_true(run, 1d) > 3h",
    "pctl(flow, 6h, 0.9) > 3 or pctl(flow, 1d, 0.2) > 3 or pctl(level, 1h, 0.5) > 3",
    "raw(flow) > 3 or raw(level) > 3 or poisson_limit(abs(level), 0.01) > 3",
    "dow() == 3 and workday() or holiday() or avg(slow, 2d) > 4",
};

enum {
    EXPRESSIONS = sizeof expressions / sizeof expressions[0],
};

struct subject {
    const char *text;
    struct ast *ast;
    struct program *program;
    struct binding binding;
    struct value got[AST_NODES_MAX];
    struct value want[AST_NODES_MAX];
    double slack[AST_NODES_MAX];
};

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];
static struct subject subjects[EXPRESSIONS];
static struct reference reference;
static struct tz *tz;
static struct rule_settings rule;
static struct param_settings limit = {.name = "limit", .value = 20};
static uint64_t chance = 1;
static unsigned disagreements;
static unsigned told[EXPRESSIONS][AST_NODES_MAX]; /* how often a term disagreed */

/* ---- chance ---- */

static uint64_t draw(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

static double part(void) /* 0 <= part < 1 */
{
    return (double)(draw() >> 11) / 9007199254740992.0;
}

static bool one_in(unsigned n)
{
    return draw() % n == 0;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* ---- the plant ---- */

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

static void tell(void *context, const struct diagnosis *diagnosis)
{
    if (diagnosis->code[0] == 'E')
        print_error("%s\n%s at %u: %s\n", (const char *)context, diagnosis->code,
                    diagnosis->span.offset, diagnosis->text);
}

static bool prepare(struct subject *subject, const char *text)
{
    const struct equipment *pump = model_equipment(plant.model, "pump");
    struct check_scope scope = {.model = plant.model, .example = pump, .rule = &rule};
    struct bind_scope bind = {.model = plant.model, .rule = &rule, .track = track_of};
    struct diagnosis_sink sink = {tell, (void *)(uintptr_t)text, 0};

    subject->text = text;
    subject->ast = parser_parse(text, &sink);
    if (subject->ast == NULL || !check_rule(subject->ast, &scope, &sink))
        return false;
    subject->program = program_new(subject->ast->count);
    if (program_compile(subject->program, subject->ast, &sink) != 0)
        return false;
    bind_program(&subject->binding, subject->program, pump, &bind);
    return true;
}

static int start(void **state)
{
    const struct equipment *members[3];
    struct equipment *pump;
    struct err err;

    (void)state;
    plant_start(&plant);
    members[0] = plant_add(&plant, "m-1", "meter", "x:n::20 vol:c:m3:60 b:b");
    members[1] = plant_add(&plant, "m-2", "meter", "x:n::20 vol:c:m3:60 b:b");
    members[2] = plant_add(&plant, "m-3", "meter", "x:n::20 vol:c:m3:60 b:b");
    pump = plant_add(&plant, "pump", "pump",
                     "flow:n:m3/h:5 temp:n:C:60 level:n volume:c:m3:30 energy:c run:b::5 "
                     "door:b mode:e::10 slow:n::600");
    plant_relate(&plant, pump, "subs", members, 3);
    plant_finish(&plant);
    tz = tz_load("Europe/Berlin", &err);
    assert_non_null(tz);
    rule = (struct rule_settings){.id = "x", .params = &limit, .param_count = 1};
    for (size_t i = 0; i < plant.points; i++)
        track_init(&tracks[i], &plant.model->points[i]);
    for (size_t i = 0; i < EXPRESSIONS; i++)
        check_case(expressions[i], prepare(&subjects[i], expressions[i]));
    for (size_t i = 0; i < plant.points; i++)
        track_seal(&tracks[i]);
    ref_open(&reference, &plant.config, tz, START_S * S);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    ref_close(&reference);
    for (size_t i = 0; i < EXPRESSIONS; i++) {
        if (subjects[i].program != NULL)
            bind_done(&subjects[i].binding, subjects[i].program);
        program_free(subjects[i].program);
        ast_free(subjects[i].ast);
    }
    for (size_t i = 0; i < plant.points; i++)
        track_done(&tracks[i]);
    tz_free(tz);
    plant_done(&plant);
    return 0;
}

/* ---- what the points report ---- */

struct source {
    const struct point *point;
    int64_t next_ns; /* when the next sample arrives */
    int64_t last_ns; /* event time of the last one */
    double value;
    unsigned bad;  /* samples that stay bad */
    unsigned mood; /* how often a boolean changes: one in so many */
};

static struct source sources[SOURCES_MAX];
static size_t source_count;

static void open_sources(void)
{
    for (size_t i = 0; i < plant.points; i++)
        sources[source_count++] = (struct source){.point = &plant.model->points[i],
                                                  .next_ns = (START_S + 10) * S,
                                                  .last_ns = INT64_MIN,
                                                  .value = 5,
                                                  .mood = 20};
    assert_true(source_count <= SOURCES_MAX);
}

static int64_t pause_of(struct source *source)
{
    int64_t period_ns = source->point->period_ms * CLOCK_MS;

    if (one_in(2000)) /* silence of up to two hours */
        return (int64_t)(part() * 7200) * S;
    if (one_in(200))
        return (int64_t)(part() * 300) * S;
    if (period_ns > 0)
        return one_in(3) ? period_ns
                         : (int64_t)((double)period_ns * (0.8 + part() * 0.4));
    return one_in(2) ? (int64_t)(1 + draw() % 60) * S : (int64_t)(part() * 40e9) + 1;
}

static void move_counter(struct source *source)
{
    if (one_in(3000))
        source->value = 0; /* reset */
    else if (!one_in(3))
        source->value = fmod(source->value + (double)(draw() % 40) / 8, 1000);
}

static void move(struct source *source)
{
    const struct point *point = source->point;

    if (one_in(500))
        source->mood = one_in(2) ? 300 : 3 + (unsigned)(draw() % 30);
    if (point->counter)
        move_counter(source);
    else if (point->kind == POINT_BOOL)
        source->value = one_in(source->mood) ? 1 - source->value : source->value != 0;
    else if (point->kind == POINT_ENUM)
        source->value = one_in(20) ? 2 * (double)(draw() % 3) : source->value;
    else
        source->value += (50 - source->value) * 0.001 + (part() - 0.5) * 8;
}

static double shown(const struct source *source)
{
    if (source->point->counter && one_in(1500))
        return one_in(2) ? 0 : 999;
    /* Not of a counter: of what it stood at, no digit is left beside 3.4e38. */
    if (source->point->kind == POINT_NUMBER && !source->point->counter && one_in(60000))
        return 3.4e38;
    return source->value;
}

/* When what arrives now was true. */
static int64_t event_of(const struct source *source, int64_t now_ns)
{
    if (source->last_ns == INT64_MIN || !one_in(40))
        return one_in(10) ? now_ns - (int64_t)(part() * 2e9) : now_ns;
    if (one_in(3))
        return source->last_ns; /* a duplicate */
    if (one_in(5))
        return now_ns - (int64_t)(part() * 3600) * S;
    return now_ns - (int64_t)(part() * 12) * S;
}

static void report(struct source *source)
{
    struct sample sample = {.point = source->point->index};
    int64_t now_ns = source->next_ns;
    int64_t event_ns = event_of(source, now_ns);

    move(source);
    if (source->bad == 0 && one_in(300))
        source->bad = 1 + (unsigned)(draw() % (one_in(4) ? 200 : 3));
    sample.value = shown(source);
    if (source->bad > 0) {
        source->bad--;
        sample.quality = QUALITY_BAD;
        sample.reason = (uint8_t)(REASON_CONNECT + draw() % (REASON_JUMP - 2));
    } else if (one_in(500)) {
        sample.quality = QUALITY_UNCERTAIN;
        sample.reason = REASON_CLOCK;
    } else if (one_in(2000)) {
        sample.value = one_in(2) ? NAN : INFINITY;
    }
    sample.time = (struct wall_time){event_ns};
    (void)track_put(&tracks[sample.point], &sample, event_ns, now_ns);
    ref_put(&reference, &sample, event_ns, now_ns);
    if (event_ns > source->last_ns)
        source->last_ns = event_ns;
    source->next_ns = now_ns + pause_of(source);
}

static struct source *earliest(void)
{
    struct source *found = &sources[0];

    for (size_t i = 1; i < source_count; i++)
        if (sources[i].next_ns < found->next_ns)
            found = &sources[i];
    return found;
}

/* ---- comparing ---- */

/* Why something is unknown. What there is to say about now must be the same; of the rest
 * of a window it is not told apart, long ago and just after the start, whether its ends
 * or what lies between them is missing. */
static bool same_reasons(uint32_t got, uint32_t want, bool long_ago)
{
    const uint32_t rest = WHY_STARTUP | WHY_COVERAGE;
    uint32_t apart = (got ^ want) & WHY_ALL;

    if ((want & WHY_ALL & ~rest) != 0 || long_ago || (want & WHY_STARTUP) != 0)
        apart &= ~rest;
    return apart == 0;
}

static bool same(struct value got, struct value want, double slack, bool long_ago)
{
    uint32_t mark = slack > 0 ? VALUE_UNCERTAIN : 0;
    double scale = fabs(want.number) + 1000;
    double tolerance = 1e-9;

    if (isinf(slack))
        return true;
    if ((want.marks & WHY_ALL) != 0) /* the mark says nothing then */
        return (got.marks & WHY_ALL) != 0 &&
               same_reasons(got.marks, want.marks, long_ago);
    /* A long window may be marked for what was read just before it. */
    if ((got.marks | mark) != (want.marks | mark))
        return false;
    return fabs(got.number - want.number) <= tolerance * scale + slack;
}

static void disagree(const struct subject *subject, const struct ast_node *node,
                     struct value got, struct value want, int64_t now_ns)
{
    size_t place = (size_t)(subject - subjects);
    size_t index = (size_t)(node - subject->ast->nodes);

    disagreements++;
    if (told[place][index]++ > 0)
        return;
    print_error("at %.9f s: %.*s\n  in %s\n  got %.17g marks %x, want %.17g marks %x\n",
                (double)now_ns / 1e9, (int)node->span.length,
                subject->text + node->span.offset, subject->text, got.number, got.marks,
                want.number, want.marks);
}

/* What stands for a name is no term of its own. */
static bool is_term(const struct ast_node *parent, const struct ast_node *node)
{
    if (node->kind == AST_BINARY || node->kind == AST_UNARY || node->kind == AST_CALL)
        return true;
    return node->kind == AST_POINT && (parent == NULL || parent->kind != AST_CALL);
}

static bool ago(const struct subject *subject, const struct ast_node *node)
{
    return memmem(subject->text + node->span.offset, node->span.length, " ago ", 5) !=
           NULL;
}

/* Returns whether the term may be off. */
static bool compare(const struct subject *subject, uint16_t index,
                    const struct ast_node *parent, int64_t now_ns)
{
    const struct ast_node *node = &subject->ast->nodes[index];
    bool group = node->kind == AST_CALL && node->first != AST_NONE &&
                 subject->ast->nodes[node->first].kind == AST_STRING;
    unsigned before = disagreements;
    double slack = subject->slack[index];
    bool loose = slack > 0;

    for (uint16_t i = node->first; !group && i != AST_NONE;
         i = subject->ast->nodes[i].next)
        loose = compare(subject, i, node, now_ns) || loose;
    /* What a wrong term makes of the whole is told once. */
    if (disagreements == before && is_term(parent, node) && (slack > 0 || !loose) &&
        !same(subject->got[index], subject->want[index], slack, ago(subject, node)))
        disagree(subject, node, subject->got[index], subject->want[index], now_ns);
    return loose;
}

static void ask(int64_t now_ns)
{
    struct value stack[EVAL_STACK];
    struct note notes[AST_NODES_MAX];
    const struct equipment *pump = model_equipment(plant.model, "pump");
    struct wall_time wall;

    assert_true(wall_parse("2026-10-20T00:00:00Z", &wall));
    wall.ns += now_ns;
    for (size_t i = 0; i < EXPRESSIONS; i++) {
        struct subject *subject = &subjects[i];
        struct eval eval = {.now_ns = now_ns,
                            .start_ns = START_S * S,
                            .wall = wall,
                            .tz = tz,
                            .min_cover = 0.6,
                            .binding = &subject->binding,
                            .stack = stack,
                            .due_ns = INT64_MAX,
                            .trace = subject->got,
                            .notes = notes};
        struct ref_ask question = {.ast = subject->ast,
                                   .equipment = pump,
                                   .rule = &rule,
                                   .now_ns = now_ns,
                                   .wall = wall,
                                   .min_cover = 0.6,
                                   .trace = subject->want,
                                   .slack = subject->slack};

        if (subject->program == NULL)
            continue;
        memset(subject->slack, 0, sizeof subject->slack);
        (void)eval_run(&eval, subject->program, 0);
        (void)ref_eval(&reference, &question);
        (void)compare(subject, subject->ast->root, NULL, now_ns);
    }
}

static void test_agrees(void **state)
{
    uint64_t samples = setting("REFERENCE_SAMPLES", SAMPLES);
    uint64_t asked = 0;
    int64_t now_ns = START_S * S;
    int64_t round_ns;

    (void)state;
    chance = setting("REFERENCE_SEED", 88172645463325252);
    open_sources();
    for (uint64_t i = 0; i < samples && disagreements < DISAGREE_MAX; i++) {
        struct source *source = earliest();

        now_ns = source->next_ns;
        report(source);
        if (!one_in(ASK_EVERY))
            continue;
        /* Just then, or at the next full second, when edges of windows meet readings. */
        round_ns = (now_ns / S + 1) * S;
        if (one_in(2) && round_ns < earliest()->next_ns)
            now_ns = round_ns;
        ask(now_ns);
        asked++;
    }
    print_message("%llu samples, %.1f days, asked %llu times\n",
                  (unsigned long long)samples, (double)now_ns / 86400e9,
                  (unsigned long long)asked);
    assert_int_equal(disagreements, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_agrees, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
