/* reference_case.c - see reference_case.h. */
#include "tests/unit/reference_case.h"

#include "rules/bind.h"
#include "rules/check.h"
#include "rules/parser.h"
#include "rules/program.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"
#include "tests/unit/reference.h"

#include <stdio.h>

enum {
    SAMPLES_MAX = 20000,
    STEPS_MAX = 200000,
};

/* What a row says, taken apart. */
struct scene {
    struct arrival {
        struct sample sample;
        int64_t event_ns;
        int64_t arrived_ns;
    } arrivals[SAMPLES_MAX];
    size_t count;
    int64_t start_ns;
    int64_t wall_ns; /* of second 0 */
    int64_t shift_at_ns;
    int64_t shift_ns;
    double min_cover;
};

static struct plant plant;
static struct track tracks[PLANT_POINTS_MAX];
static struct tz *tz;
static const struct calendar_settings *calendar;
static struct scene scene;
static struct param_settings params[] = {{.name = "limit", .value = 4},
                                         {.name = "own", .value = 1}};
static const struct rule_settings rule = {.id = "x", .params = params, .param_count = 2};

void reference_case_open(const char *timezone)
{
    static const char points[] = "x:n::5 v:c::5 b:b::5";
    const struct equipment *members[3];
    const struct equipment *with_me[2];
    struct equipment *unit;
    struct err err;

    plant_start(&plant);
    members[0] = plant_add(&plant, "m-1", "sensor", points);
    members[1] = plant_add(&plant, "m-2", "sensor", points);
    members[2] = plant_add(&plant, "m-3", "sensor", points);
    unit = plant_add(&plant, "unit", "sensor",
                     "p:n::5 s:n::60 n:n c:c::5 d:c run:b::5 door:b mode:e::5");
    with_me[0] = unit;
    with_me[1] = members[0];
    plant_relate(&plant, unit, "all", members, 3);
    plant_relate(&plant, unit, "pair", members, 2);
    plant_relate(&plant, unit, "with_me", with_me, 2);
    plant_relate(&plant, unit, "nobody", members, 0);
    plant_param(&plant, unit, "own", 3);
    plant_finish(&plant);
    tz = tz_load(timezone, &err);
    assert_non_null(tz);
    calendar = NULL;
}

void reference_case_close(void)
{
    tz_free(tz);
    plant_done(&plant);
}

void reference_case_calendar(const struct calendar_settings *settings)
{
    calendar = settings;
}

/* ---- the words of a row ---- */

static int64_t ns_of(double seconds)
{
    return (int64_t)llround(seconds * 1e9);
}

static uint8_t reason_of(const char *name)
{
    for (unsigned i = 0; i < REASON_COUNT; i++)
        if (strcmp(reason_name((enum reason)i), name) == 0)
            return (uint8_t)i;
    fail_msg("there is no reason '%s'", name);
    return 0;
}

static void take_value(struct sample *sample, const char *word)
{
    if (word[0] == '!') {
        sample->quality = QUALITY_BAD;
        sample->reason = reason_of(word + 1);
        return;
    }
    if (word[0] == '~') {
        sample->quality = QUALITY_UNCERTAIN;
        sample->reason = REASON_CLOCK;
        word++;
    }
    for (size_t i = 0; i < sizeof plant_labels / sizeof plant_labels[0]; i++)
        if (strcmp(plant_labels[i].name, word) == 0) {
            sample->value = (double)plant_labels[i].code;
            return;
        }
    if (strcmp(word, "true") == 0)
        sample->value = 1;
    else if (strcmp(word, "false") != 0)
        sample->value = strtod(word, NULL);
}

static void take_reading(const struct point *point, const char *word)
{
    struct arrival arrival = {.sample = {.point = point->index}};
    char *end;
    size_t place;
    unsigned count;

    arrival.event_ns = arrival.arrived_ns = ns_of(strtod(word, &end));
    if (*end == '@')
        arrival.arrived_ns = ns_of(strtod(end + 1, &end));
    if (*end == '+') { /* so many of them */
        int64_t step_ns = ns_of(strtod(end + 1, &end));

        check_case(word, *end == '*');
        count = (unsigned)strtoul(end + 1, &end, 10);
        for (unsigned i = 0; i + 1 < count; i++) {
            char one[50];

            (void)snprintf(one, sizeof one, "%.9f%s", (double)arrival.event_ns / 1e9,
                           end);
            take_reading(point, one);
            arrival.event_ns += step_ns;
            arrival.arrived_ns = arrival.event_ns;
        }
    }
    check_case(word, *end == '=');
    take_value(&arrival.sample, end + 1);
    place = scene.count++;
    assert_true(scene.count <= SAMPLES_MAX);
    while (place > 0 && scene.arrivals[place - 1].arrived_ns > arrival.arrived_ns) {
        scene.arrivals[place] = scene.arrivals[place - 1];
        place--;
    }
    scene.arrivals[place] = arrival;
}

static bool take_setting(const char *word)
{
    double at;
    double by;

    if (strncmp(word, "start=", 6) == 0) {
        scene.start_ns = ns_of(strtod(word + 6, NULL));
    } else if (strncmp(word, "min_cover=", 10) == 0) {
        scene.min_cover = strtod(word + 10, NULL);
    } else if (strncmp(word, "wall=", 5) == 0) {
        struct wall_time wall;

        check_case(word, wall_parse(word + 5, &wall));
        scene.wall_ns = wall.ns;
    } else if (sscanf(word, "shift=%lf:%lf", &at, &by) == 2) {
        scene.shift_at_ns = ns_of(at);
        scene.shift_ns = ns_of(by);
    } else {
        return false;
    }
    return true;
}

static const struct point *point_of(const char *word)
{
    char id[20] = "unit";
    const char *dot = strchr(word, '.');

    if (dot != NULL)
        (void)snprintf(id, sizeof id, "%.*s", (int)(dot - word), word);
    return plant_find(&plant, id, dot == NULL ? word : dot + 1);
}

static void take_apart(const char *readings)
{
    const struct point *point = NULL;
    char *copy = strdup(readings);
    char *rest = copy;
    char *word;
    struct wall_time noon;

    assert_true(wall_parse("2026-11-24T04:00:00Z", &noon));
    scene.count = 0;
    scene.start_ns = ns_of(-1e7);
    scene.wall_ns = noon.ns;
    scene.shift_at_ns = INT64_MAX;
    scene.min_cover = 0.6;
    while ((word = strsep(&rest, " ")) != NULL) {
        if (word[0] == '\0' || take_setting(word))
            continue;
        if (strchr(word, '=') != NULL) {
            check_case(word, point != NULL);
            take_reading(point, word);
        } else {
            point = point_of(word);
            check_case(word, point != NULL);
        }
    }
    free(copy);
}

/* ---- running ---- */

struct formula {
    struct ast *ast;
    struct program *program;
    struct binding binding;
    struct reference reference;
};

static struct wall_time wall_at(int64_t now_ns)
{
    int64_t shift_ns = now_ns >= scene.shift_at_ns ? scene.shift_ns : 0;

    return (struct wall_time){scene.wall_ns + shift_ns + now_ns};
}

static struct track *track_of(void *context, const struct point *point)
{
    (void)context;
    return &tracks[point->index];
}

static void complain(void *context, const struct diagnosis *diagnosis)
{
    print_error("%s: %s %s\n", (const char *)context, diagnosis->code, diagnosis->text);
}

/* A condition or a number, whatever it is. */
static struct ast *checked(const char *text)
{
    struct check_scope scope = {.model = plant.model,
                                .example = model_equipment(plant.model, "unit"),
                                .rule = &rule,
                                .calendar = calendar};
    struct diagnosis_sink silent = {0};
    struct diagnosis_sink loud = {complain, (void *)(uintptr_t)text, 0};
    struct ast *ast = parser_parse(text, &loud);

    check_case(text, ast != NULL);
    if (check_rule(ast, &scope, &silent))
        return ast;
    ast_free(ast);
    ast = parser_parse(text, &loud);
    check_case(text, check_value(ast, &scope, false, &loud));
    return ast;
}

static void open_formula(struct formula *formula, const char *text)
{
    struct bind_scope bind = {
        .model = plant.model, .rule = &rule, .tz = tz, .track = track_of};
    struct diagnosis_sink sink = {0};

    formula->ast = checked(text);
    formula->program = program_new(formula->ast->count);
    check_case(text, program_compile(formula->program, formula->ast, &sink) == 0);
    for (size_t i = 0; i < plant.points; i++)
        track_init(&tracks[i], &plant.model->points[i]);
    bind_program(&formula->binding, formula->program,
                 model_equipment(plant.model, "unit"), &bind);
    for (size_t i = 0; i < plant.points; i++)
        track_seal(&tracks[i]);
    ref_open(&formula->reference, &plant.config, tz, scene.start_ns);
    formula->reference.calendar = calendar;
}

static void close_formula(struct formula *formula)
{
    ref_close(&formula->reference);
    bind_done(&formula->binding, formula->program);
    program_free(formula->program);
    ast_free(formula->ast);
    for (size_t i = 0; i < plant.points; i++)
        track_done(&tracks[i]);
}

static struct value ask(struct formula *formula, int64_t now_ns, int64_t *due_ns,
                        struct value *wanted)
{
    struct value stack[EVAL_STACK];
    struct eval eval = {.now_ns = now_ns,
                        .start_ns = scene.start_ns,
                        .run_ns = scene.start_ns,
                        .wall = wall_at(now_ns),
                        .tz = tz,
                        .calendar = calendar,
                        .min_cover = scene.min_cover,
                        .binding = &formula->binding,
                        .stack = stack,
                        .due_ns = INT64_MAX};
    struct ref_ask question = {.ast = formula->ast,
                               .equipment = model_equipment(plant.model, "unit"),
                               .rule = &rule,
                               .now_ns = now_ns,
                               .wall = wall_at(now_ns),
                               .min_cover = scene.min_cover};
    struct value got = eval_run(&eval, formula->program, 0);

    *due_ns = eval.due_ns;
    *wanted = ref_eval(&formula->reference, &question);
    return got;
}

static void feed(struct formula *formula, const struct arrival *arrival)
{
    struct sample sample = arrival->sample;

    sample.time.ns =
        wall_at(arrival->arrived_ns).ns - (arrival->arrived_ns - arrival->event_ns);
    sample.mono.ns = arrival->arrived_ns;
    (void)track_put(&tracks[sample.point], &sample, arrival->event_ns,
                    arrival->arrived_ns);
    ref_put(&formula->reference, &sample, arrival->event_ns, arrival->arrived_ns);
}

/* Feeds what has arrived and evaluates as the engine does, up to `at`. */
static struct value play(struct formula *formula, int64_t at_ns, struct value *wanted)
{
    int64_t due_ns = INT64_MAX;
    int64_t now_ns = INT64_MIN;
    size_t next = 0;
    struct value got = {0, 0};

    for (unsigned step = 0; now_ns < at_ns; step++) {
        assert_true(step < STEPS_MAX);
        now_ns = due_ns < at_ns ? due_ns : at_ns;
        if (next < scene.count && scene.arrivals[next].arrived_ns < now_ns)
            now_ns = scene.arrivals[next].arrived_ns;
        while (next < scene.count && scene.arrivals[next].arrived_ns <= now_ns)
            feed(formula, &scene.arrivals[next++]);
        got = ask(formula, now_ns, &due_ns, wanted);
    }
    return got;
}

/* ---- what is wanted ---- */

static void print_value(struct value value, char out[100])
{
    size_t used = 0;

    if (value_known(value))
        used = (size_t)snprintf(out, 100, "%.12g", value.number);
    else
        used = (size_t)snprintf(out, 100, "?");
    for (unsigned bit = 0; bit < WHY_COUNT; bit++)
        if ((value.marks & (1U << bit)) != 0)
            used += (size_t)snprintf(out + used, 100 - used, "%s%s", used > 1 ? "+" : "",
                                     value_reason_name(bit));
    if (value_known(value) && (value.marks & VALUE_UNCERTAIN) != 0)
        (void)snprintf(out + used, 100 - used, "~");
}

static void check_wanted(const struct reference_case *row, const char *who,
                         struct value value)
{
    size_t length = strlen(row->want);
    bool mark = row->want[length - 1] == '~';
    char text[100];
    double number = strtod(row->want, NULL);

    print_value(value, text);
    if (strncmp(row->want, "true", 4) == 0)
        number = 1;
    if (row->want[0] == '?'
            ? strcmp(text, row->want) == 0
            : value_known(value) &&
                  fabs(value.number - number) <= 1e-9 * (1 + fabs(number)) &&
                  mark == ((value.marks & VALUE_UNCERTAIN) != 0))
        return;
    fail_msg("case '%s', %s: %s is %s, want %s", row->name, who, row->text, text,
             row->want);
}

void reference_case_check(const struct reference_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct formula formula;
        struct value wanted;
        struct value got;

        take_apart(cases[i].readings);
        open_formula(&formula, cases[i].text);
        got = play(&formula, ns_of(cases[i].at_s), &wanted);
        check_wanted(&cases[i], "the reference", wanted);
        check_wanted(&cases[i], "rules", got);
        close_formula(&formula);
    }
}
