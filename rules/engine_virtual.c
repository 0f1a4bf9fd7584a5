/* engine_virtual.c - points that are computed: the same language as rules, evaluated on a
 * beat of their own. Their values go into the engine at once and out to the live table
 * and the history like those of a link. A value that is not known is a bad sample. */
#include "rules/engine_impl.h"

#include "base/mem.h"
#include "rules/cycles.h"
#include "rules/parser.h"

#include <string.h>

struct virtual_voice {
    struct config_report *report;
    const struct virtual_settings *settings;
    const struct equipment *equipment;
};

static void speak(void *context, const struct diagnosis *diagnosis)
{
    const struct virtual_voice *voice = context;
    struct config_pos pos = config_report_locate(
        voice->report, voice->settings->value.pos, diagnosis->span.offset);
    bool error = diagnosis->code[0] == 'E';

    pos.length = diagnosis->span.length;
    config_report_add(voice->report, error ? REPORT_ERROR : REPORT_WARNING,
                      diagnosis->code, pos,
                      diagnosis->hint[0] == '\0' ? NULL : diagnosis->hint,
                      "virtual point \"%s\" of \"%s\": %s", voice->settings->name,
                      voice->equipment->id, diagnosis->text);
}

/* Parses, checks and compiles for one equipment; false with messages. */
static bool compile(struct engine *engine, struct computed *computed,
                    const struct equipment *equipment, struct config_report *report)
{
    struct virtual_voice voice = {report, computed->settings, equipment};
    struct diagnosis_sink sink = {speak, &voice, 0};
    const struct check_scope scope = engine_check_scope(engine->config, NULL, equipment);
    int start;

    computed->ast = parser_parse(computed->settings->value.text, &sink);
    if (computed->ast == NULL ||
        !check_value(computed->ast, &scope, computed->settings->boolean, &sink))
        return false;
    computed->program = program_new(computed->ast->count);
    start = program_compile(computed->program, computed->ast, &sink);
    computed->start = start < 0 ? 0 : (unsigned)start;
    return start >= 0;
}

static void add_computed(struct engine *engine, const struct point *point,
                         struct config_report *report)
{
    const struct equipment *equipment =
        &engine->config->model->equipment[point->equipment];
    struct computed *computed = &engine->computed[engine->computed_count];
    struct bind_scope scope = {
        .model = engine->config->model,
        .tz = engine->tz,
        .track = engine_track_for,
        .context = engine,
    };

    computed->settings = &engine->config->virtuals[point->formula - 1];
    computed->point = point;
    computed->rule.min_cover = computed->settings->min_cover;
    scope.rule = &computed->rule;
    engine->computed_count++;
    if (!compile(engine, computed, equipment, report))
        return;
    bind_program(&computed->binding, computed->program, equipment, &scope);
}

/* ---- the order in which they can be computed ---- */

/* The virtual point that computes `track`, or UINT32_MAX. */
static uint32_t computes(const struct engine *engine, const struct track *track)
{
    for (size_t i = 0; track_point(track)->formula != 0 && i < engine->computed_count;
         i++)
        if (engine->computed[i].point == track_point(track))
            return (uint32_t)i;
    return UINT32_MAX;
}

static void add_edges(const struct engine *engine, struct cycles *graph, uint32_t from,
                      const struct binding *binding, const struct program *program)
{
    for (size_t i = 0; i < program->point_count; i++) {
        uint32_t to = computes(engine, binding->tracks[i]);

        if (to != UINT32_MAX)
            cycles_edge(graph, from, to);
    }
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            add_edges(engine, graph, from, &binding->groups[g].members[m],
                      program->groups[g].body);
}

static void say_circle(const struct engine *engine, const uint32_t *path, size_t length,
                       struct config_report *report)
{
    const struct computed *first = &engine->computed[path[0]];
    struct text names;

    text_init(&names, 1024);
    for (size_t i = 0; i < length && i < CYCLES_PATH_MAX; i++) {
        const struct point *point = engine->computed[path[i]].point;

        text_addf(&names, "%s.%s -> ",
                  engine->config->model->equipment[point->equipment].id, point->name);
    }
    config_report_add(report, REPORT_ERROR, "E317", first->settings->pos,
                      "a point cannot be computed from itself",
                      "virtual points need each other in a circle: %s%s", names.data,
                      length > CYCLES_PATH_MAX ? "..." : first->point->name);
    text_done(&names);
}

static void put_in_order(struct engine *engine, struct config_report *report)
{
    size_t count = engine->computed_count;
    struct cycles *graph = cycles_new((uint32_t)count);
    uint32_t path[CYCLES_PATH_MAX];
    size_t length;

    for (size_t i = 0; i < count; i++)
        if (engine->computed[i].binding.tracks != NULL)
            add_edges(engine, graph, (uint32_t)i, &engine->computed[i].binding,
                      engine->computed[i].program);
    length = cycles_find(graph, path, CYCLES_PATH_MAX);
    if (length > 0) {
        say_circle(engine, path, length, report);
    } else {
        uint32_t *order = mem_array(count + 1, sizeof *order);
        struct computed *sorted = mem_array(count + 1, sizeof *sorted);

        cycles_order(graph, order);
        for (size_t i = 0; i < count; i++)
            sorted[i] = engine->computed[order[i]];
        mem_free(engine->computed);
        mem_free(order);
        engine->computed = sorted;
    }
    cycles_free(graph);
}

void virtual_build(struct engine *engine, struct config_report *report)
{
    const struct model *model = engine->config->model;
    size_t errors = config_report_errors(report);
    size_t count = 0;

    for (size_t i = 0; i < model->point_count; i++)
        count += model->points[i].formula != 0;
    engine->computed = mem_array(count + 1, sizeof *engine->computed);
    for (size_t i = 0; i < model->point_count; i++)
        if (model->points[i].formula != 0)
            add_computed(engine, &model->points[i], report);
    if (count > 0 && config_report_errors(report) == errors)
        put_in_order(engine, report);
}

void virtual_free(struct engine *engine)
{
    for (size_t i = 0; i < engine->computed_count; i++) {
        struct computed *computed = &engine->computed[i];

        if (computed->program != NULL)
            bind_done(&computed->binding, computed->program);
        program_free(computed->program);
        ast_free(computed->ast);
    }
    mem_free(engine->computed);
}

/* What to say of a value that is not known. */
static uint8_t reason_of(uint32_t marks)
{
    if ((marks & WHY_STARTUP) != 0)
        return REASON_STARTUP;
    return (marks & WHY_STALE) != 0 ? REASON_STALE : REASON_DEPENDS;
}

void virtual_evaluate(struct engine *engine, uint32_t item, const struct engine_out *out)
{
    struct computed *computed = &engine->computed[item - engine->instance_count];
    struct eval eval = engine_eval_begin(engine, &computed->binding, &computed->rule);
    struct value value = eval_run(&eval, computed->program, computed->start);
    struct sample sample = {
        .point = computed->point->index,
        .quality = QUALITY_GOOD,
        .value = value.number,
        .time = engine->wall,
        .mono = {engine->now_ns},
    };

    computed->dirty = false;
    if (!value_known(value)) {
        sample.quality = QUALITY_BAD;
        sample.reason = reason_of(value.marks);
    } else if ((value.marks & VALUE_UNCERTAIN) != 0) {
        sample.quality = QUALITY_UNCERTAIN;
    }
    agenda_set(engine->agenda, item,
               engine->now_ns + computed->settings->every_ms * CLOCK_MS);
    engine_take(engine, &sample);
    if (out->samples != NULL)
        out->samples(out->context, &sample, 1);
}
