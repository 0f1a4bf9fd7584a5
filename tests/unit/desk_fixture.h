/* desk_fixture.h - a small plant, its rules and a desk on a temporary file.
 *
 * feeder-1 supplies pump-1 and pump-2; lift-1 stands alone; plant-room is the stand-in of
 * the link. The rules engine is a fake: the desk only asks it to take alarms back.
 */
#ifndef TESTS_UNIT_DESK_FIXTURE_H
#define TESTS_UNIT_DESK_FIXTURE_H

#include "tests/unit/check.h"

#include "base/mem.h"
#include "issues/marks.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

enum plant_equipment {
    FEEDER,
    PUMP_1,
    PUMP_2,
    LIFT,
    LINK,
    PLANT_SIZE
};

static const struct {
    const char *id;
    const char *name;
    const char *class_name;
    const char *place;
} plant_rows[PLANT_SIZE] = {
    [FEEDER] = {"feeder-1", "Feeder 1", "electricity_meter", "Plant room B1"},
    [PUMP_1] = {"pump-1", "生活水泵1", "pump", "Plant room B1"},
    [PUMP_2] = {"pump-2", "生活水泵2", "pump", "Plant room B1"},
    [LIFT] = {"lift-1", "Lift 1", "elevator", "Building 1/Unit 1"},
    [LINK] = {"plant-room", "plant-room", "link", ""},
};

/* A model of the first `count` rows (the link included when it is all of them). */
static inline struct model *plant_model(size_t count)
{
    struct model *model = model_new();
    static const uint32_t feeder = FEEDER;

    model->site_id = model_string(model, "riverside");
    model->site_name = model_string(model, "滨江花园");
    model->equipment_count = count;
    model->equipment = model_memory(model, count, sizeof *model->equipment);
    model->point_count = count;
    model->points = model_memory(model, count, sizeof *model->points);
    for (uint32_t i = 0; i < count; i++) {
        struct equipment *equipment = &model->equipment[i];

        *equipment = (struct equipment){
            .index = i,
            .id = plant_rows[i].id,
            .name = plant_rows[i].name,
            .class_name = plant_rows[i].class_name,
            .place = plant_rows[i].place,
            .is_link = i == LINK,
            .first_point = i,
            .point_count = 1,
        };
        model->points[i] = (struct point){.index = i,
                                          .equipment = i,
                                          .name = "online",
                                          .kind = POINT_BOOL,
                                          .builtin = true};
        if (i == PUMP_1 || i == PUMP_2) {
            struct relation *power = model_memory(model, 1, sizeof *power);

            *power = (struct relation){.name = "power", .equipment = &feeder, .count = 1};
            equipment->relations = power;
            equipment->relation_count = 1;
        }
    }
    model_seal(model);
    return model;
}

enum plant_rule {
    DRY_RUN,
    OVERHEAT,
    VIBRATION,
    OUTAGE,
    COMM_LOST,
    ENTRAPMENT, /* highly managed */
};

static struct rule_settings plant_rules[] = {
    [DRY_RUN] = {.id = "pump.dry_run",
                 .class_name = "pump",
                 .kind = RULE_FAULT,
                 .category = CATEGORY_FACILITIES,
                 .severity = SEVERITY_GENERAL,
                 .failure = true,
                 .title_en = "Pump runs dry",
                 .title_zh = "水泵干转",
                 .advice_en = "Check the inlet.",
                 .advice_zh = "检查进水。"},
    [OVERHEAT] = {.id = "pump.overheat",
                  .class_name = "pump",
                  .kind = RULE_FAULT,
                  .category = CATEGORY_FACILITIES,
                  .severity = SEVERITY_SERIOUS,
                  .failure = true,
                  .title_en = "Pump overheats",
                  .title_zh = "水泵过热",
                  .advice_en = "",
                  .advice_zh = ""},
    [VIBRATION] = {.id = "pump.vibration",
                   .class_name = "pump",
                   .kind = RULE_QUALITY,
                   .category = CATEGORY_FACILITIES,
                   .severity = SEVERITY_MINOR,
                   .title_en = "Pump vibrates",
                   .title_zh = "水泵振动",
                   .advice_en = "",
                   .advice_zh = ""},
    [OUTAGE] = {.id = "power.outage",
                .class_name = "electricity_meter",
                .kind = RULE_OUTAGE,
                .category = CATEGORY_FACILITIES,
                .severity = SEVERITY_SERIOUS,
                .title_en = "Power is out",
                .title_zh = "停电",
                .advice_en = "",
                .advice_zh = ""},
    [COMM_LOST] = {.id = "equipment.comm_lost",
                   .class_name = "*",
                   .kind = RULE_SERVICE,
                   .category = CATEGORY_SERVICE,
                   .severity = SEVERITY_MINOR,
                   .failure = true,
                   .title_en = "No answer",
                   .title_zh = "失去通信",
                   .advice_en = "",
                   .advice_zh = ""},
    [ENTRAPMENT] = {.id = "lift.entrapment",
                    .class_name = "elevator",
                    .kind = RULE_SAFETY,
                    .category = CATEGORY_FACILITIES,
                    .severity = SEVERITY_SERIOUS,
                    .failure = true,
                    .highly_managed = true,
                    .title_en = "People are trapped",
                    .title_zh = "电梯困人",
                    .advice_en = "",
                    .advice_zh = ""},
};

/* ---- the fake engine ---- */

struct engine {
    const struct rule_settings *rules[16];
    size_t rule_count;
    const char *unknown_equipment; /* pairs with it are not taken; NULL = none */
    const char *unknown_rule;
    size_t restored;
    size_t resets;
    char last_rule[64];
    struct alarm last_alarm;
    uint64_t last_hash;
    enum standing last_standing;
    char last_cause[128]; /* "rule equipment" */
    struct chatter last_chatter;
};

bool engine_restore(struct engine *engine, const char *rule, const char *equipment,
                    const struct alarm_memory *memory)
{
    if ((engine->unknown_equipment != NULL &&
         strcmp(engine->unknown_equipment, equipment) == 0) ||
        (engine->unknown_rule != NULL && strcmp(engine->unknown_rule, rule) == 0))
        return false;
    engine->restored++;
    (void)snprintf(engine->last_rule, sizeof engine->last_rule, "%s", rule);
    engine->last_alarm = memory->alarm;
    engine->last_hash = memory->text_hash;
    engine->last_standing = memory->standing;
    engine->last_chatter = memory->chatter;
    (void)snprintf(engine->last_cause, sizeof engine->last_cause, "%s %s",
                   memory->cause_rule, memory->cause_equipment);
    return true;
}

bool engine_reset(struct engine *engine, const char *rule, const char *equipment)
{
    (void)rule;
    (void)equipment;
    engine->resets++;
    return true;
}

/* The length of the title stands for the text of the rule. */
uint64_t engine_rule_hash(const struct rule_settings *rule)
{
    return UINT64_C(0xF000000000000000) + strlen(rule->title_en);
}

void engine_visit_rules(const struct engine *engine, engine_rule_visit *each,
                        void *context)
{
    for (size_t i = 0; i < engine->rule_count; i++)
        each(context, engine->rules[i], 1, 0);
}

/* ---- a desk on a file ---- */

struct plant {
    char folder[64];
    char path[96];
    struct model *model;
    struct desk *desk;
    struct wall_time now;
    uint64_t activation;
};

#define PLANT_START INT64_C(1764000000) /* 2025-11-24 16:00 UTC */

static inline struct wall_time plant_at(int64_t second)
{
    return (struct wall_time){(PLANT_START + second) * CLOCK_S};
}

static inline void plant_open(struct plant *plant, int64_t second)
{
    struct err err = {0};

    plant->now = plant_at(second);
    plant->desk = desk_open(plant->path, plant->model, plant->now, &err);
    if (plant->desk == NULL)
        fail_msg("%s", err.text);
}

static inline void plant_reopen(struct plant *plant, int64_t second)
{
    desk_close(plant->desk);
    plant_open(plant, second);
}

static inline int plant_setup(void **state)
{
    struct plant *plant = mem_alloc(sizeof *plant);

    (void)snprintf(plant->folder, sizeof plant->folder, "/tmp/test_desk.XXXXXX");
    if (mkdtemp(plant->folder) == NULL)
        return -1;
    (void)snprintf(plant->path, sizeof plant->path, "%s/issues.db", plant->folder);
    plant->model = plant_model(PLANT_SIZE);
    *state = plant;
    plant_open(plant, 0);
    return 0;
}

static inline int plant_teardown(void **state)
{
    struct plant *plant = *state;
    DIR *folder;
    const struct dirent *entry;

    desk_close(plant->desk);
    model_free(plant->model);
    folder = opendir(plant->folder);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char *path = mem_format("%s/%s", plant->folder, entry->d_name);

        (void)unlink(path);
        mem_free(path);
    }
    if (folder != NULL)
        (void)closedir(folder);
    (void)rmdir(plant->folder);
    mem_free(plant);
    return 0;
}

static inline struct alarm_change
plant_change(const struct plant *plant, enum change_kind kind, enum plant_rule rule,
             enum plant_equipment equipment, int64_t second)
{
    return (struct alarm_change){
        .kind = kind,
        .rule = &plant_rules[rule],
        .equipment = &plant->model->equipment[equipment],
        .alarm = {.state = kind == CHANGE_RAISED ? ALARM_ACTIVE : ALARM_NORMAL,
                  .activation = plant->activation,
                  .since = plant_at(second)},
        .time = plant_at(second),
        .severity = plant_rules[rule].severity,
        .standing = kind == CHANGE_RAISED ? STANDING_ROOT : STANDING_NONE,
        .evidence = kind == CHANGE_PROGRESS ? NULL : "{\"when\":true}",
    };
}

static inline void plant_apply(struct plant *plant, const struct alarm_change *change)
{
    struct err err = {0};

    plant->now = change->time;
    if (desk_apply(plant->desk, change, 1, NULL, 0, plant->now, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void plant_raise(struct plant *plant, enum plant_rule rule,
                               enum plant_equipment equipment, int64_t second)
{
    struct alarm_change change;

    plant->activation++;
    change = plant_change(plant, CHANGE_RAISED, rule, equipment, second);
    plant_apply(plant, &change);
}

static inline void plant_return(struct plant *plant, enum plant_rule rule,
                                enum plant_equipment equipment, int64_t second)
{
    struct alarm_change change =
        plant_change(plant, CHANGE_RETURNED, rule, equipment, second);

    plant_apply(plant, &change);
}

static inline void plant_online(struct plant *plant, enum plant_equipment equipment,
                                bool online, int64_t second)
{
    struct online_change change = {equipment, online, plant_at(second), false};
    struct err err = {0};

    plant->now = change.time;
    if (desk_apply(plant->desk, NULL, 0, &change, 1, plant->now, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void plant_act(struct plant *plant, const char *issue,
                             enum issue_action action, int64_t second)
{
    struct err err = {0};

    if (desk_act(plant->desk, issue, action, "Li Wei", "", plant_at(second), &err) != 0)
        fail_msg("%s: %s", issue_action_name(action), err.text);
}

/* A change of an alarm with a standing; of a SYMPTOM with its cause. */
struct plant_news {
    enum change_kind kind;
    enum plant_rule rule;
    enum plant_equipment equipment;
    enum standing standing;
    enum plant_rule cause_rule;
    enum plant_equipment cause_equipment;
    enum severity severity; /* of CHANGE_LEVEL */
    bool chatters;
};

static inline struct alarm_change plant_news_change(const struct plant *plant,
                                                    const struct plant_news *news,
                                                    int64_t second)
{
    struct alarm_change change =
        plant_change(plant, news->kind, news->rule, news->equipment, second);

    change.standing = news->standing;
    change.alarm.state = news->standing == STANDING_NONE ? ALARM_NORMAL : ALARM_ACTIVE;
    change.chatter.active = news->chatters;
    if (news->kind == CHANGE_LEVEL)
        change.severity = news->severity;
    if (news->standing == STANDING_SYMPTOM) {
        change.cause_rule = &plant_rules[news->cause_rule];
        change.cause_equipment = &plant->model->equipment[news->cause_equipment];
    }
    return change;
}

static inline void plant_tell(struct plant *plant, const struct plant_news *news,
                              int64_t second)
{
    struct alarm_change change;

    if (news->kind == CHANGE_RAISED)
        plant->activation++;
    change = plant_news_change(plant, news, second);
    plant_apply(plant, &change);
}

/* An engine that runs all rules. */
static inline struct engine plant_engine(void)
{
    struct engine engine = {.rule_count = sizeof plant_rules / sizeof plant_rules[0]};

    for (size_t i = 0; i < engine.rule_count; i++)
        engine.rules[i] = &plant_rules[i];
    return engine;
}

static inline void plant_restore(struct plant *plant, struct engine *engine,
                                 int64_t second)
{
    struct err err = {0};

    if (desk_restore(plant->desk, engine, plant_at(second), &err) != 0)
        fail_msg("%s", err.text);
}

/* A restart with everything that goes with it. */
static inline void plant_restart(struct plant *plant, int64_t second)
{
    struct engine engine = plant_engine();

    plant_reopen(plant, second);
    plant_restore(plant, &engine, second);
}

/* ---- marks ---- */

static inline int64_t plant_shelve(struct plant *plant, enum plant_rule rule,
                                   enum plant_equipment equipment, int64_t from,
                                   int64_t until)
{
    struct err err = {0};
    int64_t number = 0;

    if (desk_shelve(plant->desk, plant_rules[rule].id, plant_rows[equipment].id, "Li Wei",
                    "spare part is ordered", plant_at(from), plant_at(until), &number,
                    &err) != 0)
        fail_msg("%s", err.text);
    return number;
}

static inline int64_t plant_permit(struct plant *plant, const char *equipment,
                                   int64_t from, int64_t until)
{
    const struct permit_draft draft = {.equipment = equipment,
                                       .place = "",
                                       .class_name = "",
                                       .reason = "yearly service",
                                       .holder = "Wang Gang, Pump Works",
                                       .from = plant_at(from),
                                       .until = plant_at(until)};
    struct err err = {0};
    int64_t number = 0;

    if (desk_permit(plant->desk, &draft, "Li Wei", plant_at(from), &number, &err) != 0)
        fail_msg("%s", err.text);
    return number;
}

static inline void plant_step(struct plant *plant, int64_t second)
{
    struct err err = {0};

    plant->now = plant_at(second);
    if (desk_step(plant->desk, plant->now, &err) != 0)
        fail_msg("%s", err.text);
}

/* A row in every table of marks. */
static inline void plant_mark_all(struct plant *plant, int64_t second)
{
    struct engine engine = plant_engine();

    plant_restore(plant, &engine, second);
    (void)plant_shelve(plant, VIBRATION, PUMP_1, second, second + 3600);
    (void)plant_permit(plant, "lift-1", second, second + 3600);
}

/* ---- what a desk says ---- */

struct seen_issue {
    char id[DESK_ID_SIZE];
    int64_t number;
    enum issue_status status;
    enum severity severity;
    enum category category;
    char kind[16];
    char source[16];
    char rule[64];
    char equipment[64];
    char place[64];
    char title_zh[64];
    char evidence[64];
    struct wall_time opened;
    struct wall_time changed;
    struct wall_time returned;
    bool alarm_active;
    int64_t recurrences;
    int64_t attached_to;
    int64_t symptoms;
    int64_t symptoms_active;
};

static inline void see_issue(void *context, const struct issue_view *issue)
{
    struct seen_issue *seen = context;

    *seen = (struct seen_issue){
        .number = issue->number,
        .status = issue->status,
        .severity = issue->severity,
        .category = issue->category,
        .opened = issue->opened,
        .changed = issue->changed,
        .returned = issue->returned,
        .alarm_active = issue->alarm_active,
        .recurrences = issue->recurrences,
        .attached_to = issue->attached_to,
        .symptoms = issue->symptoms,
        .symptoms_active = issue->symptoms_active,
    };
    (void)snprintf(seen->id, sizeof seen->id, "%s", issue->id);
    (void)snprintf(seen->kind, sizeof seen->kind, "%s", issue->kind);
    (void)snprintf(seen->source, sizeof seen->source, "%s", issue->source);
    (void)snprintf(seen->rule, sizeof seen->rule, "%s", issue->rule);
    (void)snprintf(seen->equipment, sizeof seen->equipment, "%s", issue->equipment);
    (void)snprintf(seen->place, sizeof seen->place, "%s", issue->place);
    (void)snprintf(seen->title_zh, sizeof seen->title_zh, "%s", issue->title_zh);
    (void)snprintf(seen->evidence, sizeof seen->evidence, "%s", issue->evidence);
}

static inline struct seen_issue plant_issue(struct plant *plant, const char *name)
{
    struct seen_issue seen = {0};
    struct err err = {0};

    if (desk_get(plant->desk, name, see_issue, &seen, &err) != 0)
        fail_msg("%s", err.text);
    return seen;
}

/* The events of an issue with their texts: "opened;symptom pump.dry_run pump-1". */
static inline void add_event_text(void *context, const struct issue_event *event)
{
    char *log = context;
    size_t used = strlen(log);

    (void)snprintf(log + used, 1024 - used, "%s%s%s%s", used == 0 ? "" : ";",
                   issue_action_name(event->action), event->text[0] == '\0' ? "" : " ",
                   event->text);
}

static inline void plant_log(struct plant *plant, const char *issue, const char *want)
{
    char log[1024] = "";
    struct err err = {0};

    if (desk_events(plant->desk, issue, add_event_text, log, &err) != 0)
        fail_msg("%s", err.text);
    check_text(issue, log, want);
}

/* All announcements: "opened#1 serious;digest". */
static inline void add_announcement(void *context,
                                    const struct announcement *announcement)
{
    char *log = context;
    size_t used = strlen(log);
    char number[24] = "";

    if (announcement->issue_number != 0)
        (void)snprintf(number, sizeof number, "#%lld",
                       (long long)announcement->issue_number);
    (void)snprintf(log + used, 1024 - used, "%s%s%s", used == 0 ? "" : ";",
                   announcement_kind_name(announcement->kind), number);
    if (announcement->kind == ANNOUNCE_DIGEST)
        (void)snprintf(log + strlen(log), 1024 - strlen(log), "(%lld)",
                       (long long)announcement->count);
}

static inline void plant_said(struct plant *plant, const char *want)
{
    char log[1024] = "";
    struct err err = {0};

    if (desk_announcements(plant->desk, 0, 100, add_announcement, log, &err) != 0)
        fail_msg("%s", err.text);
    check_text("announcements", log, want);
}

static inline int64_t plant_issues(struct plant *plant)
{
    struct desk_counts counts;

    desk_counts(plant->desk, &counts);
    return counts.total;
}

static inline int64_t plant_unclosed(struct plant *plant)
{
    struct desk_counts counts;

    desk_counts(plant->desk, &counts);
    return counts.unclosed;
}

static inline enum equipment_state
plant_state(struct plant *plant, enum plant_equipment equipment, const char *reason)
{
    struct state_view view;

    desk_state(plant->desk, equipment, &view);
    if (strcmp(view.reason, reason) != 0)
        fail_msg("reason '%s', want '%s'", view.reason, reason);
    return view.state;
}

#define PLANT_TEST(test)                                                                 \
    cmocka_unit_test_setup_teardown(test, plant_setup, plant_teardown)

#endif
