/* test_mains_loss.c - a building with 200 equipments loses its mains: one issue within a
 * minute, the rest are its symptoms, three announcements at most; and when the mains are
 * back nothing is announced that is not freshly seen to be wrong.
 *
 * Simulated time, but the configuration, the shipped rules, the engine and the desk are
 * the real ones. Each device is polled every two seconds; a dead one gives bad samples
 * and is offline after three of them, at a time of its own. Of half of the links the
 * converters die with the mains, too; the gateway and the contact of its UPS do not. */
#include "base/mem.h"
#include "config/config.h"
#include "issues/marks.h"
#include "rules/engine.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    LINKS = 4,
    PER_LINK = 50, /* of which the first is the feeder's meter */
    POLL_S = 2,
    STAYS_DEAD = 3, /* do not come back */
    NEVER_S = 1000000,
};

#define MONO_0 INT64_C(7000000000000)
#define WALL_0 INT64_C(1790000000000000000)

struct gathering {
    struct alarm_change *changes;
    size_t count;
};

static struct config *config;
static struct engine *engine;
static struct desk *desk;
static struct gathering gathering;
static char folder[] = "/tmp/test_mains_loss-XXXXXX";
static char *database;
static int now_s;
static uint64_t seed = 7;

static int random_below(int limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)limit);
}

static struct wall_time wall_at(int second)
{
    return (struct wall_time){WALL_0 + second * CLOCK_S};
}

/* What is gathered until the desk has it, as gateway/decisions.c does. */
static void gather(void *context, const struct alarm_change *change)
{
    (void)context;
    gathering.changes =
        mem_resize(gathering.changes, gathering.count + 1, sizeof *gathering.changes);
    gathering.changes[gathering.count] = *change;
    if (change->evidence != NULL)
        gathering.changes[gathering.count].evidence = mem_strdup(change->evidence);
    gathering.count++;
}

static void write_config(const char *path)
{
    static const char *const profiles[] = {"grundfos-cim", "lift-dry-contact",
                                           "fire-dry-contact", "rle-ld", "danfoss-fc102"};
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    (void)fprintf(
        file,
        "site : { id = \"tower\"; name = \"Tower\"; timezone = \"Asia/Shanghai\"; };\n"
        "state_dir = \"%s\";\nlinks = ( { id = \"own\"; modbus = "
        "\"tcp://127.0.0.1:1500\"; }",
        folder);
    for (int i = 0; i < LINKS; i++)
        (void)fprintf(file, ",\n { id = \"bus-%d\"; modbus = \"tcp://127.0.0.1:%d\"; }",
                      i, 1501 + i);
    (void)fprintf(
        file, ");\nequipment = (\n { id = \"ups-1\"; profile = "
              "\"ups-dry-contact\"; link = \"own\"; unit = 1;\n   "
              "relations : { feeds = (\"feeder-0\", \"feeder-1\", \"feeder-2\"); }; }");
    for (int i = 0; i < LINKS; i++)
        for (int k = 0; k < PER_LINK; k++) {
            if (k == 0)
                (void)fprintf(file,
                              ",\n { id = \"feeder-%d\"; profile = \"eastron-sdm630\"; "
                              "link = \"bus-%d\"; unit = 1; relations : { power = "
                              "\"ups-1\"; }; }",
                              i, i);
            else
                (void)fprintf(file,
                              ",\n { id = \"device-%d-%d\"; profile = \"%s\"; link = "
                              "\"bus-%d\"; unit = %d; relations : { power = "
                              "\"feeder-%d\"; }; }",
                              i, k, profiles[k % 5], i, k + 1, i);
        }
    (void)fprintf(file, ");\n");
    assert_int_equal(fclose(file), 0);
}

/* Healthy values of the points that rules look at. */
static double healthy(const struct point *point)
{
    static const struct {
        const char *name;
        double value;
    } values[] = {
        {"mains_present", 1}, {"v_l1", 230},
        {"v_l2", 231},        {"v_l3", 229},
        {"v_l12", 399},       {"v_l23", 398},
        {"v_l31", 400},       {"freq", 50},
        {"pf_total", 0.97},   {"flow", 12},
        {"pressure", 4},      {"level", 0.7},
        {"run", 1},           {"cmd", 1},
        {"remote", 1},        {"power_ok", 1},
        {"in_door_zone", 1},  {"door_closed", 1},
        {"speed", 80},        {"performance", 80},
        {"temp_motor", 50},   {"temp_heatsink", 40},
        {"online", 1},        {"safety_chain_closed", 1},
        {"control_ready", 1}, {"ready", 1},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strcmp(values[i].name, point->name) == 0)
            return values[i].value;
    for (size_t i = 0; i < point->label_count; i++)
        if (strcmp(point->labels[i].name, "normal") == 0)
            return (double)point->labels[i].code;
    return 0;
}

/* When each equipment dies and comes back, in seconds; the stand-ins of links, too. */
struct fate {
    int dies;
    int returns;
};
static struct fate *fates;

static struct sample sample_of(const struct point *point, double value)
{
    return (struct sample){
        .point = point->index,
        .value = value,
        .time = wall_at(now_s),
        .mono = {MONO_0 + now_s * CLOCK_S},
    };
}

static void poll_one(const struct equipment *equipment)
{
    const struct fate *fate = &fates[equipment->index];
    bool dead = now_s >= fate->dies && now_s < fate->returns;
    bool offline = now_s >= fate->dies + 3 * POLL_S && now_s < fate->returns;

    for (uint32_t i = 0; i < equipment->point_count; i++) {
        const struct point *point = &config->model->points[equipment->first_point + i];
        struct sample sample = sample_of(point, healthy(point));

        if (strcmp(equipment->id, "ups-1") == 0) { /* lives on, and tells */
            if (strcmp(point->name, "mains_present") == 0)
                sample.value = !dead;
        } else if (point->builtin) {
            sample.value = offline ? 0 : 1;
        } else if (dead) {
            sample.quality = QUALITY_BAD;
            sample.reason = REASON_TIMEOUT;
        }
        engine_put(engine, &sample, 1);
    }
}

static void hand_over(void)
{
    struct err err = {0};

    if (gathering.count > 0 && desk_apply(desk, gathering.changes, gathering.count, NULL,
                                          0, wall_at(now_s), &err) != 0)
        fail_msg("desk_apply: %s", err.text);
    for (size_t i = 0; i < gathering.count; i++)
        mem_free((void *)(uintptr_t)gathering.changes[i].evidence);
    gathering.count = 0;
    if (desk_step(desk, wall_at(now_s), &err) != 0)
        fail_msg("desk_step: %s", err.text);
}

static void run_to(int second)
{
    for (; now_s <= second; now_s++) {
        for (size_t i = 0; i < config->model->equipment_count; i++)
            if ((now_s + (int)i) % POLL_S == 0)
                poll_one(&config->model->equipment[i]);
        engine_step(engine, (struct mono_time){MONO_0 + now_s * CLOCK_S}, wall_at(now_s),
                    &(struct engine_out){.emit = gather});
        hand_over();
    }
}

static void note_head(void *context, const struct issue_view *issue)
{
    text_addf(context, "%s@%s ", issue->rule, issue->equipment);
}

/* Unclosed issues that are nobody's symptom, newest first. */
static void expect_heads(const char *name, const char *want)
{
    struct issue_filter filter = {.status = -1,
                                  .only_unclosed = true,
                                  .severity = -1,
                                  .category = -1,
                                  .limit = DESK_LIST_MAX};
    struct text heads;
    struct err err = {0};

    text_init(&heads, 1 << 16);
    assert_true(desk_list(desk, &filter, note_head, &heads, &err) >= 0);
    check_text(name, heads.data, want);
    text_done(&heads);
}

static void count_one(void *context, const struct announcement *announcement)
{
    (void)announcement;
    (*(int *)context)++;
}

static int announcements(void)
{
    struct err err = {0};
    int count = 0;

    assert_int_equal(desk_announcements(desk, 0, 1000, count_one, &count, &err), 0);
    return count;
}

static void count_symptom(void *context, const struct symptom_view *symptom)
{
    (void)symptom;
    (*(int *)context)++;
}

static void begin(void)
{
    struct config_report *report = config_report_new();
    struct text messages;
    struct err err = {0};
    char *path;

    assert_non_null(mkdtemp(folder));
    path = mem_format("%s/facilityd.cfg", folder);
    database = mem_format("%s/issues.db", folder);
    write_config(path);
    config = config_load(path, TOWN_SHARE, report);
    if (config != NULL)
        engine = engine_new(config, (struct mono_time){MONO_0}, report);
    text_init(&messages, 1 << 16);
    config_report_json(report, &messages);
    if (engine == NULL)
        fail_msg("%s", messages.data);
    text_done(&messages);
    config_report_free(report);
    desk = desk_open(database, config->model, wall_at(0), &err);
    if (desk == NULL || desk_restore(desk, engine, wall_at(0), &err) != 0)
        fail_msg("%s", err.text);
    fates = mem_array(config->model->equipment_count, sizeof *fates);
    for (size_t i = 0; i < config->model->equipment_count; i++)
        fates[i] = (struct fate){NEVER_S, NEVER_S};
    (void)unlink(path);
    mem_free(path);
}

static void end(void)
{
    desk_close(desk);
    engine_free(engine);
    config_free(config);
    mem_free(fates);
    mem_free(gathering.changes);
    (void)unlink(database);
    (void)rmdir(folder);
    mem_free(database);
}

static bool is_own(const struct equipment *equipment)
{
    return config->model->links[equipment->link].index == 0;
}

/* Half of the links have converters that hang on the gateway's UPS. */
static bool is_kept(const struct equipment *equipment)
{
    return equipment->is_link && equipment->link <= LINKS / 2;
}

static void lose_mains(int at)
{
    for (size_t i = 0; i < config->model->equipment_count; i++) {
        const struct equipment *equipment = &config->model->equipment[i];

        if (strcmp(equipment->id, "ups-1") == 0)
            fates[i].dies = at;
        else if (!is_own(equipment) &&
                 !is_kept(equipment)) /* supplies hold for a moment */
            fates[i].dies = at + random_below(equipment->is_link ? 3 : 8);
    }
}

static void restore_mains(int at)
{
    int dead = 0;

    for (size_t i = 0; i < config->model->equipment_count; i++) {
        const struct equipment *equipment = &config->model->equipment[i];

        if (strcmp(equipment->id, "ups-1") == 0)
            fates[i].returns = at;
        else if (equipment->is_link)
            fates[i].returns = at + 5 + random_below(15);
        else if (fates[i].dies != NEVER_S &&
                 (strstr(equipment->id, "-7") == NULL || dead++ >= STAYS_DEAD))
            fates[i].returns = at + 20 + random_below(60);
    }
}

static void test_mains_loss(void **state)
{
    struct err err = {0};
    int symptoms = 0;
    int before;

    (void)state;
    begin();
    run_to(1200);
    expect_heads("a healthy building", "");
    lose_mains(1200);
    run_to(1260);
    before = announcements();
    print_message("a minute after the loss: %d announcements\n", before);
    expect_heads("one issue within a minute", "power.site_outage@ups-1 ");
    run_to(1800);
    expect_heads("and after ten", "power.site_outage@ups-1 ");
    assert_int_equal(desk_symptoms(desk, "#1", count_symptom, &symptoms, &err), 0);
    print_message("%d symptoms, %d announcements\n", symptoms, announcements());
    assert_true(symptoms >= LINKS / 2 * (PER_LINK + 1)); /* devices here, links there */
    assert_true(announcements() <= 3);

    restore_mains(1800);
    before = announcements();
    run_to(2100); /* five minutes to come back */
    print_message("five minutes after the return: %d announcements more\n",
                  announcements() - before);
    assert_true(announcements() - before <= 1); /* the return */
    run_to(2400);
    /* What is still dead has been seen to be, for its own time, after the others were
     * given theirs. */
    expect_heads("what is still wrong",
                 "fire.panel_lost@device-2-7 fire.panel_lost@device-1-7 "
                 "fire.panel_lost@device-0-7 power.site_outage@ups-1 ");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mains_loss)};

    return cmocka_run_group_tests_name("mains_loss", tests, NULL, NULL);
}
