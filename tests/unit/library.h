/* library.h - the shipped rules and their test blocks, read straight from the files. */
#ifndef TESTS_UNIT_LIBRARY_H
#define TESTS_UNIT_LIBRARY_H

#include "base/mem.h"
#include "config/config.h"
#include "config/units.h"

#include "tests/unit/check.h"

#include <glob.h>
#include <libconfig.h>
#include <stdio.h>

enum {
    LIBRARY_RULES_MAX = 300,
    LIBRARY_TESTS_MAX = 1000,
    LIBRARY_FILES_MAX = 40,
};

struct library {
    struct config config;
    struct model *memory; /* owns what is read */
    config_t files[LIBRARY_FILES_MAX];
    size_t file_count;
    struct rule_settings rules[LIBRARY_RULES_MAX];
    struct test_settings tests[LIBRARY_TESTS_MAX];
};

static inline const char *library_text(config_setting_t *setting, const char *key)
{
    const char *text = "";

    (void)config_setting_lookup_string(setting, key, &text);
    return text;
}

static inline int64_t library_ms(config_setting_t *setting, const char *key,
                                 const char *otherwise)
{
    const char *text = library_text(setting, key);
    int64_t ms = 0;

    if (!units_duration(text[0] == '\0' ? otherwise : text, &ms))
        fail_msg("%s:%u: %s is no duration", config_setting_source_file(setting),
                 config_setting_source_line(setting), key);
    return ms;
}

static inline double library_number(config_setting_t *setting)
{
    return config_setting_type(setting) == CONFIG_TYPE_FLOAT
               ? config_setting_get_float(setting)
               : (double)config_setting_get_int64(setting);
}

static inline bool library_bool(config_setting_t *setting, const char *key)
{
    int value = 0;

    return config_setting_lookup_bool(setting, key, &value) == CONFIG_TRUE && value != 0;
}

static inline int library_length(config_setting_t *setting)
{
    return setting == NULL ? 0 : config_setting_length(setting);
}

static inline struct param_settings *
library_params(struct library *library, config_setting_t *setting, size_t *count)
{
    int length = library_length(setting);
    struct param_settings *params =
        model_memory(library->memory, (size_t)length, sizeof *params);

    for (int i = 0; i < length; i++) {
        config_setting_t *param = config_setting_get_elem(setting, (unsigned)i);

        params[i] = (struct param_settings){.name = config_setting_name(param),
                                            .value = library_number(param)};
    }
    *count = (size_t)length;
    return params;
}

static inline void library_levels(struct rule_settings *rule, config_setting_t *levels)
{
    for (int i = 0; i < library_length(levels); i++) {
        config_setting_t *level = config_setting_get_elem(levels, (unsigned)i);
        int severity = severity_from_name(library_text(level, "severity"));

        check_case(rule->id, severity >= 0 && i < RULE_LEVELS_MAX);
        rule->levels[i] = (struct level_settings){
            .severity = (enum severity)severity,
            .when = {library_text(level, "when"), {0}},
        };
    }
    rule->level_count = (size_t)library_length(levels);
    if (rule->level_count > 0)
        rule->severity = rule->levels[0].severity;
}

static inline void library_rule(struct library *library, config_setting_t *setting)
{
    static const char *const kinds[] = {"leak",   "outage",  "fault",
                                        "safety", "quality", "service"};
    struct rule_settings *rule = &library->rules[library->config.rule_count++];
    config_setting_t *title = config_setting_lookup(setting, "title");
    config_setting_t *advice = config_setting_lookup(setting, "advice");
    int category = category_from_name(library_text(setting, "category"));
    int severity = severity_from_name(library_text(setting, "severity"));
    int kind = -1;

    for (int i = 0; i < 6; i++)
        if (strcmp(kinds[i], library_text(setting, "kind")) == 0)
            kind = i;
    *rule = (struct rule_settings){
        .id = library_text(setting, "id"),
        .class_name = library_text(setting, "class"),
        .kind = (enum rule_kind)kind,
        .category = (enum category)category,
        .severity = (enum severity)severity,
        .failure = library_bool(setting, "failure"),
        .latch = library_bool(setting, "latch"),
        .highly_managed = library_bool(setting, "highly_managed"),
        .title_en = title == NULL ? "" : library_text(title, "en"),
        .title_zh = title == NULL ? "" : library_text(title, "zh"),
        .advice_en = advice == NULL ? "" : library_text(advice, "en"),
        .advice_zh = advice == NULL ? "" : library_text(advice, "zh"),
        .when = {library_text(setting, "when"), {0}},
        .clear = {library_text(setting, "clear"), {0}},
        .for_ms = library_ms(setting, "for", "0s"),
        .clear_for_ms = library_ms(setting, "clear_for", "0s"),
        .unknown_grace_ms = library_ms(setting, "unknown_grace", "0s"),
        .blind_after_ms = library_ms(setting, "blind_after", "15m"),
        .every_ms = library_ms(setting, "every", "0s"),
        .min_cover = 0.6,
        .shipped = true,
    };
    (void)config_setting_lookup_float(setting, "min_cover", &rule->min_cover);
    (void)config_setting_lookup_float(setting, "deadband", &rule->deadband);
    library_levels(rule, config_setting_lookup(setting, "levels"));
    rule->params = library_params(library, config_setting_lookup(setting, "params"),
                                  &rule->param_count);
    check_case(rule->id, kind >= 0 && category >= 0);
    check_case(rule->id, severity >= 0 || rule->level_count > 0);
    if (strcmp(library_text(setting, "on_unknown"), "raise") == 0)
        rule->on_unknown = UNKNOWN_RAISE;
}

/* The series of one equipment. */
static inline struct test_equipment library_equipment(struct library *library,
                                                      config_setting_t *setting)
{
    config_setting_t *points = config_setting_lookup(setting, "points");
    struct test_equipment equipment = {
        .relation = "",
        .class_name = library_text(setting, "class"),
        .series_count = (size_t)library_length(points),
    };

    equipment.series =
        model_memory(library->memory, equipment.series_count, sizeof *equipment.series);
    for (size_t i = 0; i < equipment.series_count; i++) {
        config_setting_t *point = config_setting_get_elem(points, (unsigned)i);

        equipment.series[i] = (struct test_series){
            .point = config_setting_name(point),
            .text = config_setting_get_string(point),
        };
    }
    return equipment;
}

static inline void library_relation(struct library *library, struct test_settings *test,
                                    config_setting_t *relation)
{
    bool list = config_setting_is_list(relation) == CONFIG_TRUE;
    int count = list ? config_setting_length(relation) : 1;

    for (int i = 0; i < count; i++) {
        struct test_equipment *equipment = &test->equipment[test->equipment_count++];

        *equipment = library_equipment(
            library, list ? config_setting_get_elem(relation, (unsigned)i) : relation);
        equipment->relation = config_setting_name(relation);
        equipment->list = list;
    }
}

static inline void library_test(struct library *library, config_setting_t *setting)
{
    struct test_settings *test = &library->tests[library->config.test_count++];
    config_setting_t *relations = config_setting_lookup(setting, "relations");
    config_setting_t *expect = config_setting_lookup(setting, "expect");
    config_setting_t *counters = config_setting_lookup(setting, "counters");

    *test = (struct test_settings){
        .name = library_text(setting, "name"),
        .rule = library_text(setting, "rule"),
        .step_ms = library_ms(setting, "step", "5s"),
        .start = library_text(setting, "start"),
        .timezone = library_text(setting, "timezone"),
        .counter_count = (size_t)library_length(counters),
        .expect_count = (size_t)library_length(expect),
        .shipped = true,
    };
    test->counters =
        model_memory(library->memory, test->counter_count, sizeof *test->counters);
    for (size_t i = 0; i < test->counter_count; i++)
        test->counters[i] = config_setting_get_string_elem(counters, (int)i);
    test->params = library_params(library, config_setting_lookup(setting, "params"),
                                  &test->param_count);
    test->equipment = model_memory(library->memory, 64, sizeof *test->equipment);
    test->equipment[test->equipment_count++] = library_equipment(library, setting);
    for (int i = 0; i < library_length(relations); i++)
        library_relation(library, test, config_setting_get_elem(relations, (unsigned)i));
    test->expect =
        model_memory(library->memory, test->expect_count, sizeof *test->expect);
    for (size_t i = 0; i < test->expect_count; i++) {
        config_setting_t *one = config_setting_get_elem(expect, (unsigned)i);

        test->expect[i] = (struct test_expect){
            .at_ms = library_ms(one, "at", ""),
            .state = library_text(one, "state"),
            .mark = library_text(one, "mark"),
            .level = library_text(one, "level"),
        };
    }
}

static inline void library_file(struct library *library, const char *path)
{
    config_t *file = &library->files[library->file_count++];
    config_setting_t *rules;
    config_setting_t *tests;

    config_init(file);
    config_set_options(file, CONFIG_OPTION_AUTOCONVERT);
    if (config_read_file(file, path) != CONFIG_TRUE)
        fail_msg("%s:%d: %s", path, config_error_line(file), config_error_text(file));
    rules = config_lookup(file, "rules");
    for (int i = 0; i < library_length(rules); i++)
        library_rule(library, config_setting_get_elem(rules, (unsigned)i));
    tests = config_lookup(file, "tests");
    for (int i = 0; i < library_length(tests); i++)
        library_test(library, config_setting_get_elem(tests, (unsigned)i));
}

static inline void library_read(struct library *library)
{
    glob_t found;

    memset(library, 0, sizeof *library);
    library->memory = model_new();
    library->config.rules = library->rules;
    library->config.tests = library->tests;
    assert_int_equal(glob("rules/library/*.cfg", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        library_file(library, found.gl_pathv[i]);
    globfree(&found);
}

static inline void library_done(struct library *library)
{
    for (size_t i = 0; i < library->file_count; i++)
        config_destroy(&library->files[i]);
    model_free(library->memory);
}

#endif
