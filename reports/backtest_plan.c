/* backtest_plan.c - see backtest_plan.h. */
#include "reports/backtest_plan.h"

#include "base/mem.h"

#include <string.h>

/* What is taken, by index in the configuration. */
struct taking {
    const struct config *config;
    const struct tried_rule *tried;
    size_t tried_count;
    bool *rules;
    bool *everywhere; /* such a rule is needed on all equipment, not only on what is tried
                       */
    bool *rows;       /* of suppress */
    size_t *queue;    /* rules whose needs have not been looked at */
    size_t queued;
    bool all; /* a rule asks about any other */
};

/* "pump.*" and "*" are patterns. */
static bool fits(const char *pattern, const char *id)
{
    size_t length = strlen(pattern);

    if (length > 0 && pattern[length - 1] == '*')
        return strncmp(pattern, id, length - 1) == 0;
    return strcmp(pattern, id) == 0;
}

static bool is_target(const struct suppress_settings *row, const char *id)
{
    for (size_t i = 0; i < row->target_count; i++)
        if (fits(row->targets[i], id))
            return true;
    return false;
}

static bool is_tried(const struct taking *taking, const char *id)
{
    for (size_t i = 0; i < taking->tried_count; i++)
        if (strcmp(taking->tried[i].stands_for, id) == 0)
            return true;
    return false;
}

/* A tried version with the same id is there already. */
static bool is_shadowed(const struct taking *taking, const char *id)
{
    for (size_t i = 0; i < taking->tried_count; i++)
        if (strcmp(taking->tried[i].rule.id, id) == 0)
            return true;
    return false;
}

static void take(struct taking *taking, size_t rule, bool everywhere)
{
    bool wider = everywhere && !taking->everywhere[rule];

    if ((taking->rules[rule] && !wider) ||
        is_shadowed(taking, taking->config->rules[rule].id))
        return;
    taking->rules[rule] = true;
    taking->everywhere[rule] = taking->everywhere[rule] || everywhere;
    taking->queue[taking->queued++] = rule;
}

static void take_id(struct taking *taking, const char *id, bool everywhere)
{
    for (size_t i = 0; i < taking->config->rule_count; i++)
        if (strcmp(taking->config->rules[i].id, id) == 0)
            take(taking, i, everywhere);
}

/* The text names it as a string: 'pump.dry_run'. What only looks like it costs time and
 * changes nothing. */
static bool names(const char *text, const char *id)
{
    size_t length = strlen(id);

    for (const char *at = strstr(text, id); at != NULL; at = strstr(at + 1, id))
        if (at > text && (at[-1] == '\'' || at[-1] == '"') && at[length] == at[-1])
            return true;
    return false;
}

static void look_at_text(struct taking *taking, const char *text)
{
    taking->all = taking->all || strstr(text, "blind") != NULL;
    if (strchr(text, '\'') == NULL && strchr(text, '"') == NULL)
        return;
    for (size_t i = 0; i < taking->config->rule_count; i++)
        if (names(text, taking->config->rules[i].id))
            take(taking, i, true);
}

/* What could explain alarms of the rule `id`. */
static void look_at_causes(struct taking *taking, const char *id, bool everywhere)
{
    for (size_t i = 0; i < taking->config->suppress_count; i++) {
        const struct suppress_settings *row = &taking->config->suppress[i];

        if (!is_target(row, id))
            continue;
        taking->rows[i] = true;
        take_id(taking, row->by, everywhere || strcmp(row->via, "self") != 0);
    }
}

static void look_at(struct taking *taking, const struct rule_settings *rule,
                    const char *id, bool everywhere)
{
    look_at_text(taking, rule->when.text);
    look_at_text(taking, rule->clear.text);
    for (size_t i = 0; i < rule->level_count; i++)
        look_at_text(taking, rule->levels[i].when.text);
    look_at_causes(taking, id, everywhere);
}

static void take_needed(struct taking *taking)
{
    const struct config *config = taking->config;

    for (size_t i = 0; i < taking->tried_count; i++)
        look_at(taking, &taking->tried[i].rule, taking->tried[i].stands_for, false);
    for (size_t i = 0; i < config->virtual_count; i++)
        look_at_text(taking, config->virtuals[i].value.text);
    while (taking->queued > 0) {
        size_t rule = taking->queue[--taking->queued];

        look_at(taking, &config->rules[rule], config->rules[rule].id,
                taking->everywhere[rule]);
    }
    for (size_t i = 0; taking->all && i < config->rule_count; i++)
        if (!is_tried(taking, config->rules[i].id))
            taking->rules[i] = taking->everywhere[i] = true;
    for (size_t i = 0; taking->all && i < config->suppress_count; i++)
        taking->rows[i] = true;
}

/* The equipment on which all tried rules are; NULL: all, or not the same. */
static const bool *only_of(const struct taking *taking)
{
    const bool *only = taking->tried_count == 0 ? NULL : taking->tried[0].rule.only;

    for (size_t i = 1; i < taking->tried_count; i++)
        if (taking->tried[i].rule.only != only)
            return NULL;
    return only;
}

static void copy_rules(struct backtest_plan *plan, const struct taking *taking)
{
    size_t count = taking->tried_count;

    plan->rules = mem_array(taking->config->rule_count + count + 1, sizeof *plan->rules);
    for (size_t i = 0; i < count; i++)
        plan->rules[i] = taking->tried[i].rule;
    for (size_t i = 0; i < taking->config->rule_count; i++) {
        if (!taking->rules[i])
            continue;
        plan->rules[count] = taking->config->rules[i];
        if (!taking->everywhere[i])
            plan->rules[count].only = only_of(taking);
        count++;
    }
    plan->config.rules = plan->rules;
    plan->config.rule_count = count;
}

/* Rows speak of tried rules by the ids they have here. */
static void copy_rows(struct backtest_plan *plan, const struct taking *taking)
{
    size_t count = 0;

    plan->suppress =
        mem_array(taking->config->suppress_count + 1, sizeof *plan->suppress);
    plan->targets = mem_array(taking->config->suppress_count + 1, sizeof(const char **));
    for (size_t i = 0; i < taking->config->suppress_count; i++) {
        const struct suppress_settings *from = &taking->config->suppress[i];
        struct suppress_settings *row = &plan->suppress[count];
        const char **targets;

        if (!taking->rows[i])
            continue;
        targets =
            mem_array(from->target_count + taking->tried_count + 1, sizeof(const char *));
        *row = *from;
        row->targets = targets;
        plan->targets[count++] = targets;
        for (size_t k = 0; k < from->target_count; k++)
            targets[k] = from->targets[k];
        for (size_t k = 0; k < taking->tried_count; k++)
            if (is_target(from, taking->tried[k].stands_for))
                targets[row->target_count++] = taking->tried[k].rule.id;
    }
    plan->config.suppress = plan->suppress;
    plan->config.suppress_count = count;
}

void backtest_plan_make(struct backtest_plan *plan, const struct config *config,
                        const struct tried_rule *tried, size_t count)
{
    struct taking taking = {
        .config = config,
        .tried = tried,
        .tried_count = count,
        .rules = mem_array(config->rule_count + 1, sizeof *taking.rules),
        .everywhere = mem_array(config->rule_count + 1, sizeof *taking.everywhere),
        .rows = mem_array(config->suppress_count + 1, sizeof *taking.rows),
        .queue = mem_array(2 * config->rule_count + 1, sizeof *taking.queue),
    };

    *plan = (struct backtest_plan){.config = *config, .tried = count};
    take_needed(&taking);
    copy_rules(plan, &taking);
    copy_rows(plan, &taking);
    plan->config.sink_count = 0;
    plan->config.test_count = 0;
    mem_free(taking.rules);
    mem_free(taking.everywhere);
    mem_free(taking.rows);
    mem_free(taking.queue);
}

void backtest_plan_done(struct backtest_plan *plan)
{
    for (size_t i = 0; i < plan->config.suppress_count; i++)
        mem_free(plan->targets[i]);
    mem_free(plan->targets);
    mem_free(plan->suppress);
    mem_free(plan->rules);
    *plan = (struct backtest_plan){0};
}
