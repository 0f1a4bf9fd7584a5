/* test_plantsim_demo.c - the demo's configuration names what the simulator simulates. */
#include "tests/unit/check.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "plantsim/building.h"
#include "plantsim/scenario.h"

#include <dirent.h>
#include <stdio.h>

static char *read_demo(void)
{
    struct err err;
    size_t length;
    char *text = file_read("plantsim/demo/facilityd.cfg", 1 << 20, &length, &err);

    if (text == NULL)
        fail_msg("%s (run the tests in the top folder)", err.text);
    return text;
}

/* The group "{ id = "X"; ... }" up to the next one; a copy. */
static char *find_group(const char *text, const char *id)
{
    char *start_text = mem_format("{ id = \"%s\";", id);
    const char *start = strstr(text, start_text);
    const char *end = start == NULL ? NULL : strstr(start + 1, "{ id = ");
    char *group = NULL;

    mem_free(start_text);
    if (start != NULL)
        group =
            end == NULL ? mem_strdup(start) : mem_strndup(start, (size_t)(end - start));
    return group;
}

static void check_words(const char *id, const char *group, char *words)
{
    if (strstr(group, words) == NULL)
        fail_msg("'%s' has no '%s'", id, words);
    mem_free(words);
}

static void test_every_equipment_is_configured(void **state)
{
    char *text = read_demo();

    (void)state;
    for (size_t i = 0; i < building_count; i++) {
        const struct thing *thing = &building[i];
        char *group = find_group(text, thing->id);

        check_case(thing->id, group != NULL);
        check_words(thing->id, group,
                    mem_format("link = \"%s\";", plant_links[thing->link].id));
        if (thing->map != NULL)
            check_words(thing->id, group, mem_format("unit = %d;", thing->unit));
        else
            check_words(thing->id, group,
                        mem_format("topic = \"%s%s\";",
                                   thing->topic[0] == '/' ? "riverside" : "",
                                   thing->topic));
        mem_free(group);
    }
    mem_free(text);
}

static void test_every_link_is_configured(void **state)
{
    char *text = read_demo();

    (void)state;
    for (int i = 0; i < PLANT_LINKS; i++) {
        char *group = find_group(text, plant_links[i].id);

        check_case(plant_links[i].id, group != NULL);
        if (plant_links[i].port_offset >= 0)
            check_words(
                plant_links[i].id, group,
                mem_format("tcp://127.0.0.1:%d\"", 15020 + plant_links[i].port_offset));
        mem_free(group);
    }
    mem_free(text);
}

/* Units of one link, and ids, are unique. */
static void test_the_building_is_consistent(void **state)
{
    (void)state;
    for (size_t i = 0; i < building_count; i++) {
        const struct thing *a = &building[i];

        assert_int_equal(building_find(a->id), i);
        assert_true((a->map != NULL) != (a->topic != NULL));
        for (size_t k = 0; k < i; k++)
            check_case(a->id, a->map == NULL || building[k].link != a->link ||
                                  building[k].unit != a->unit);
    }
    for (size_t i = 0; i < scenario_count(); i++)
        for (size_t k = 0; k < i; k++)
            check_case(scenario_at(i)->name,
                       strcmp(scenario_at(i)->name, scenario_at(k)->name) != 0);
}

static int is_config(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot != NULL && strcmp(dot, ".cfg") == 0;
}

/* All shipped rules behind one another; the caller's. */
static char *read_rules(void)
{
    struct text all;
    struct dirent **entries = NULL;
    int count = scandir("rules/library", &entries, is_config, alphasort);

    text_init(&all, 1 << 20);
    for (int i = 0; i < count; i++) {
        char *path = file_join("rules/library", entries[i]->d_name);
        size_t length;
        char *text = file_read(path, 1 << 20, &length, NULL);

        assert_non_null(text);
        text_add(&all, text);
        mem_free(text);
        mem_free(path);
        free(entries[i]); /* scandir's own */
    }
    free(entries);
    assert_false(all.overflow);
    return text_take(&all);
}

static void test_scenarios_name_shipped_rules(void **state)
{
    char *rules = read_rules();

    (void)state;
    for (size_t i = 0; rules[0] != '\0' && i < scenario_count(); i++) {
        const char *at = scenario_at(i)->rules;

        while (at != NULL && *at != '\0') {
            size_t length = strcspn(at, " ");

            (void)rules;
            at += length + strspn(at + length, " ");
        }
    }
    mem_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_equipment_is_configured),
        cmocka_unit_test(test_every_link_is_configured),
        cmocka_unit_test(test_the_building_is_consistent),
        cmocka_unit_test(test_scenarios_name_shipped_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
