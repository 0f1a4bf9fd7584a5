/* engine_asked.c - the explanation that a person asked for, or what there is instead. */
#include "rules/engine_impl.h"

#include "base/mem.h"

#include <string.h>

static const struct rule_settings *find_rule(const struct engine *engine, const char *id)
{
    for (size_t i = 0; i < engine->config->rule_count; i++)
        if (strcmp(engine->config->rules[i].id, id) == 0)
            return &engine->config->rules[i];
    return NULL;
}

/* ": did you mean "x"?", or "" ; the caller's (mem_free). */
static char *nearest(const char *word, const char *const *names, size_t count)
{
    const char *found = config_nearest(word, names, count);

    return found == NULL ? mem_strdup("") : mem_format(": did you mean \"%s\"?", found);
}

static int no_rule(const struct config *config, const char *id, struct err *err)
{
    const char **names = mem_array(config->rule_count + 1, sizeof *names);
    char *hint;

    for (size_t i = 0; i < config->rule_count; i++)
        names[i] = config->rules[i].id;
    hint = nearest(id, names, config->rule_count);
    (void)err_set(err, ERR_NOT_FOUND, "there is no rule \"%s\"%s", id, hint);
    mem_free(hint);
    mem_free((void *)names);
    return -1;
}

static int no_equipment(const struct model *model, const char *id, struct err *err)
{
    const char **names = mem_array(model->equipment_count + 1, sizeof *names);
    char *hint;

    for (size_t i = 0; i < model->equipment_count; i++)
        names[i] = model->equipment[i].id;
    hint = nearest(id, names, model->equipment_count);
    (void)err_set(err, ERR_NOT_FOUND, "there is no equipment \"%s\"%s", id, hint);
    mem_free(hint);
    mem_free((void *)names);
    return -1;
}

/* Why there is no such instance. */
static int not_found(const struct engine *engine, const char *rule_id,
                     const char *equipment_id, struct err *err)
{
    const struct rule_settings *rule = find_rule(engine, rule_id);
    const struct equipment *equipment =
        model_equipment(engine->config->model, equipment_id);

    if (rule == NULL)
        return no_rule(engine->config, rule_id, err);
    if (equipment == NULL)
        return no_equipment(engine->config->model, equipment_id, err);
    if (!engine_class_fits(rule, equipment))
        return err_set(err, ERR_NOT_FOUND,
                       "rule \"%s\" is for class %s, \"%s\" is of class %s", rule_id,
                       rule->class_name, equipment_id, equipment->class_name);
    return engine_missing(engine, rule, equipment, err);
}

/* Both clocks, as everywhere else in the engine. */
/* NOLINTNEXTLINE(readability-function-size) */
int engine_explain(struct engine *engine, const char *rule, const char *equipment,
                   struct mono_time mono, struct wall_time wall, struct text *json,
                   struct err *err)
{
    const struct instance *instance = engine_find(engine, rule, equipment);
    int64_t before_ns = engine->now_ns;
    struct wall_time before_wall = engine->wall;

    if (instance == NULL)
        return not_found(engine, rule, equipment, err);
    if (mono.ns > engine->now_ns)
        engine->now_ns = mono.ns;
    engine->wall = wall;
    (void)engine_describe(engine, instance, json);
    engine->now_ns = before_ns;
    engine->wall = before_wall;
    return 0;
}
