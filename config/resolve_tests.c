/* resolve_tests.c - tests against the rules they are about; see resolve.h.
 *
 * A series for a point that the rule does not look at, or a parameter that it does not
 * have, is a misspelt one: the test would show nothing. A shipped test can only be wrong
 * by our mistake, which must not stop a site: it is a warning.
 */
#include "config/codes.h"
#include "config/resolve.h"

#include <string.h>

enum {
    WORDS_MAX = 64, /* of one rule, for hints */
};

struct fit {
    struct resolver *resolver;
    const struct test_settings *test;
    const struct rule_settings *rule;
};

static void misfit(struct fit *f, struct config_pos pos, const char *what,
                   const char *name)
{
    struct reader *reader = &f->resolver->drafts->reader;
    const char *words[WORDS_MAX];
    size_t count = vocabulary_words(reader->arena, f->rule, words, WORDS_MAX);

    config_report_add(reader->report, f->test->shipped ? REPORT_WARNING : REPORT_ERROR,
                      f->test->shipped ? CODE(W_TEST) : CODE(TEST), pos,
                      schema_hint(reader, name, words, count, NULL),
                      "rule \"%s\" does not look at the %s \"%.64s\" of this test",
                      f->rule->id, what, name);
}

static void check_equipment(struct fit *f, const struct test_equipment *equipment)
{
    if (equipment->relation[0] != '\0' && equipment->series_count > 0 &&
        !vocabulary_mentions(f->rule, equipment->relation))
        misfit(f, equipment->series[0].pos, "relation", equipment->relation);
    for (size_t i = 0; i < equipment->series_count; i++) {
        const struct test_series *series = &equipment->series[i];

        if (strcmp(series->point, "online") != 0 &&
            !vocabulary_mentions(f->rule, series->point))
            misfit(f, series->pos, "point", series->point);
    }
}

static bool has_series(const struct test_settings *test, const char *point)
{
    for (size_t e = 0; e < test->equipment_count; e++)
        for (size_t i = 0; i < test->equipment[e].series_count; i++)
            if (strcmp(test->equipment[e].series[i].point, point) == 0)
                return true;
    return false;
}

/* What depends on other rules looks at their points, too. */
static bool looks_elsewhere(const struct rule_settings *rule)
{
    return vocabulary_mentions(rule, "active") || vocabulary_mentions(rule, "since") ||
           vocabulary_mentions(rule, "blind");
}

static void check_test(struct fit *f)
{
    for (size_t i = 0; i < f->test->equipment_count; i++)
        check_equipment(f, &f->test->equipment[i]);
    for (size_t i = 0; i < f->test->param_count; i++)
        if (!vocabulary_mentions(f->rule, f->test->params[i].name))
            misfit(f, f->test->params[i].pos, "parameter", f->test->params[i].name);
    for (size_t i = 0; i < f->test->counter_count; i++)
        if (!has_series(f->test, f->test->counters[i]))
            misfit(f, f->test->pos, "counter", f->test->counters[i]);
}

static void no_rule(struct resolver *resolver, const struct test_settings *test)
{
    const struct drafts *drafts = resolver->drafts;

    if (!test->shipped)
        resolve_unknown(
            resolver, "rule", test->rule, test->pos,
            (struct candidates){resolve_rule_names(resolver), drafts->rules.count});
    else if (!drafts->incomplete)
        config_report_add(drafts->reader.report, REPORT_WARNING, CODE(W_TEST), test->pos,
                          NULL, "there is no rule \"%s\" for this test", test->rule);
}

void resolve_tests(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->tests.count; i++) {
        struct test_draft *draft = draft_test(drafts, i);
        struct fit fit = {.resolver = resolver, .test = &draft->settings};
        const struct rule_draft *rule;
        uint32_t index;

        if (draft->dropped)
            continue; /* something in it is reported */
        index = map_get(resolver->rules, draft->settings.rule);
        if (index == MAP_NONE) {
            no_rule(resolver, &draft->settings);
            draft->dropped = true;
            continue;
        }
        rule = draft_rule(drafts, index);
        draft->dropped =
            rule->disabled || (draft->settings.shipped && !rule->settings.shipped);
        fit.rule = &rule->settings;
        if (!draft->dropped && !looks_elsewhere(fit.rule))
            check_test(&fit);
    }
}
