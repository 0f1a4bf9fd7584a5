/* stage.c - see stage.h. */
#include "tests/sim/stage.h"

#include "base/json_in.h"
#include "base/mem.h"
#include "tests/sim/town_plant.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEED = 7,
    SLACK_MS = 1000, /* what a rule may be late, beside the polls of its points */
    SLOW_STEP_MS = 10 * STAGE_SECOND, /* of the rules, in stages that are polled slowly */
    WARM_MS = 2 * STAGE_MINUTE,
    REACH_MS = STAGE_MINUTE,
    OVER_MS = 3 * STAGE_MINUTE,
    POLL_MS = 10 * STAGE_SECOND,
    EXPLAIN_MAX = 1024 * 1024,
};

/* A stage that is played. */
struct play {
    const struct stage *stage;
    struct town *town;
    struct text *why;
    const struct rule_settings *rule;
    struct wall_time began;   /* the scenario */
    struct wall_time pending; /* the condition, the last time */
    enum alarm_state state;
};

static int64_t step_ms(const struct stage *stage)
{
    return stage->poll_ms >= STAGE_MINUTE ? SLOW_STEP_MS : 0;
}

static int64_t or_else(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static int fail(struct play *play, const char *what)
{
    char stamp[CLOCK_RFC3339_SIZE];

    text_addf(play->why, "%s on %s: %s (%s, %" PRId64 " s into it)\n", play->stage->rule,
              play->stage->equipment, what, wall_format(town_time(play->town), stamp),
              wall_diff_ms(town_time(play->town), play->began) / 1000);
    return -1;
}

struct wall_time stage_time(const char *local)
{
    char *text = mem_format("%s:00+08:00", local);
    struct wall_time time = {0};

    (void)wall_parse(text, &time);
    mem_free(text);
    return time;
}

static const struct rule_settings *find_rule(const struct town *town, const char *id)
{
    const struct config *config = town_config(town);

    for (size_t i = 0; i < config->rule_count; i++)
        if (strcmp(config->rules[i].id, id) == 0)
            return &config->rules[i];
    return NULL;
}

/* ---- scenarios ---- */

static bool names_rule(const char *scenario, const char *rule)
{
    for (size_t i = 0; i < scenario_count(); i++) {
        const char *at = scenario_at(i)->rules;
        size_t length = strlen(rule);

        if (strcmp(scenario_at(i)->name, scenario) != 0 || at == NULL)
            continue;
        for (at = strstr(at, rule); at != NULL; at = strstr(at + 1, rule))
            if ((at == scenario_at(i)->rules || at[-1] == ' ') &&
                (at[length] == ' ' || at[length] == '\0'))
                return true;
    }
    return false;
}

static int begin_scenarios(struct play *play)
{
    const struct stage *stage = play->stage;
    const char *target = stage->target != NULL ? stage->target : stage->equipment;
    struct err err = {0};

    play->began = town_time(play->town);
    if (!names_rule(stage->scenario, stage->rule))
        return fail(play, "the scenario's row does not name the rule");
    if (town_scenario(play->town, stage->scenario, target, stage->variant, &err) != 0)
        return fail(play, err.text);
    if (stage->also != NULL) {
        const char *at = strchr(stage->also, '@');
        char *name = mem_strndup(stage->also, (size_t)(at - stage->also));
        int result = town_scenario(play->town, name, at + 1, NULL, &err);

        mem_free(name);
        if (result != 0)
            return fail(play, err.text);
    }
    return 0;
}

/* ---- the alarm ---- */

static bool look(struct play *play)
{
    struct alarm alarm;

    if (!town_alarm(play->town, play->stage->rule, play->stage->equipment, &alarm))
        return false;
    if (alarm.state == ALARM_PENDING && play->state != ALARM_PENDING)
        play->pending = town_time(play->town);
    play->state = alarm.state;
    return true;
}

static bool is_active(void *context, struct town *town)
{
    struct play *play = context;

    (void)town;
    (void)look(play);
    return play->state == ALARM_ACTIVE;
}

static bool is_over(void *context, struct town *town)
{
    struct play *play = context;

    (void)town;
    (void)look(play);
    return play->state == ALARM_NORMAL || play->state == ALARM_LATCHED;
}

/* The longest period among the points of a rule's evidence. */
static int64_t period_ms(const struct play *play, const struct json *samples)
{
    const struct model *model = town_config(play->town)->model;
    const struct equipment *equipment = model_equipment(model, play->stage->equipment);
    int64_t longest = 0;

    for (size_t i = 0; i < json_count(samples); i++) {
        const char *name = json_member_text(json_item(samples, i), "point", "");
        const char *dot = strchr(name, '.');
        const struct equipment *of = equipment;
        const struct point *point;

        if (dot != NULL) {
            char *id = mem_strndup(name, (size_t)(dot - name));

            of = model_equipment(model, id);
            name = dot + 1;
            mem_free(id);
        }
        point = of == NULL ? NULL : model_point(model, of, name);
        if (point != NULL && point->period_ms > longest)
            longest = point->period_ms;
    }
    return longest;
}

/* ---- what it says ---- */

/* A lift that speaks JSON numbers modes and codes otherwise than plantsim's list does. */
static bool is_other(const char *equipment, const char *point)
{
    int index = building_find(equipment);

    return index >= 0 && building[index].payload == PAYLOAD_LIFT &&
           (strcmp(point, "mode") == 0 || strcmp(point, "fault_code") == 0);
}

/* The value of a sample is what the device showed, when it has not been read since. */
static int check_sample(struct play *play, const struct json *sample, size_t *checked)
{
    const char *name = json_member_text(sample, "point", "");
    const char *dot = strchr(name, '.');
    const char *point = dot == NULL ? name : dot + 1;
    const struct json *value = json_member(sample, "value");
    char *equipment = dot == NULL ? mem_strdup(play->stage->equipment)
                                  : mem_strndup(name, (size_t)(dot - name));
    struct wall_time when;
    struct wall_time time = {0};
    double shown;
    double got = NAN;
    bool same;

    if (value != NULL && json_kind(value) == JSON_NUMBER)
        got = json_real(value);
    if (value != NULL && json_kind(value) == JSON_BOOL)
        got = json_truth(value) ? 1 : 0;
    (void)wall_parse(json_member_text(sample, "time", ""), &time);
    same = !isnan(got) && !is_other(equipment, point) &&
           town_shows(play->town, equipment, point, &shown, &when) &&
           llabs(wall_diff_ms(time, when)) < STAGE_SECOND;
    mem_free(equipment);
    if (!same)
        return 0;
    ++*checked;
    if (fabs(got - shown) <= fmax(0.02 * fabs(shown), 0.06))
        return 0;
    text_addf(play->why, "%s: %s is %g, the device shows %g\n", play->stage->rule, name,
              got, shown);
    return -1;
}

static int check_samples(struct play *play, const struct json *samples)
{
    size_t checked = 0;

    for (size_t i = 0; i < json_count(samples); i++)
        if (check_sample(play, json_item(samples, i), &checked) != 0)
            return -1;
    return 0;
}

static bool is_true(const struct json *term)
{
    const struct json *value = term == NULL ? NULL : json_member(term, "value");

    return value != NULL && json_kind(value) == JSON_BOOL && json_truth(value);
}

/* `when`, or the level that it is at. */
static bool says_why(const struct json *said)
{
    const struct json *levels = json_member(said, "levels");

    if (levels == NULL)
        return is_true(json_member(said, "when"));
    for (size_t i = 0; i < json_count(levels); i++)
        if (is_true(json_member(json_item(levels, i), "when")))
            return true;
    return false;
}

static int check_said(struct play *play, const struct json *said)
{
    const struct json *samples = json_member(said, "samples");
    int64_t late_ms =
        wall_diff_ms(town_time(play->town), play->pending) - play->rule->for_ms;

    if (!says_why(said))
        return fail(play, "it is active and does not say that its condition is true");
    if ((samples == NULL || json_count(samples) == 0) &&
        strstr(play->rule->when.text, "blind()") == NULL)
        return fail(play, "it names no readings");
    if (play->rule->for_ms > 0 &&
        late_ms > SLACK_MS + period_ms(play, samples) + step_ms(play->stage))
        return fail(play, "it comes later than its delay and a second");
    return check_samples(play, samples);
}

static int check_explains(struct play *play)
{
    struct text json;
    struct err err = {0};
    struct json *said;
    int result;

    text_init(&json, EXPLAIN_MAX);
    if (engine_explain(town_engine(play->town), play->stage->rule, play->stage->equipment,
                       town_mono(play->town), town_wall(play->town), &json, &err) != 0) {
        text_done(&json);
        return fail(play, err.text);
    }
    said = json_parse(json.data, json.length, EXPLAIN_MAX, &err);
    result = said == NULL ? fail(play, err.text) : check_said(play, said);
    if (result != 0)
        text_addf(play->why, "%.6000s\n", json.data);
    json_free(said);
    text_done(&json);
    return result;
}

/* ---- the play ---- */

static int raise_alarm(struct play *play)
{
    const struct stage *stage = play->stage;
    int64_t most_ms =
        or_else(stage->reach_ms, REACH_MS) + play->rule->for_ms + SLACK_MS + POLL_MS;

    if (!look(play))
        return fail(play, "there is no such alarm");
    if (play->state != ALARM_NORMAL)
        return fail(play, "it is not normal before anything is wrong");
    if (begin_scenarios(play) != 0)
        return -1;
    if (!town_run_while(play->town, most_ms, is_active, play))
        return fail(play, play->state == ALARM_PENDING ? "it stays pending"
                                                       : "it is not raised");
    return check_explains(play);
}

static int end_alarm(struct play *play)
{
    struct err err = {0};

    if (town_scenario_end(play->town, "all", NULL, &err) != 0)
        return fail(play, err.text);
    play->began = town_time(play->town);
    if (!town_run_while(play->town, or_else(play->stage->over_ms, OVER_MS), is_over,
                        play))
        return fail(play, "it does not go when all is well again");
    if (play->state != ALARM_LATCHED)
        return 0;
    if (!engine_reset(town_engine(play->town), play->stage->rule, play->stage->equipment))
        return fail(play, "it cannot be reset");
    town_run_ms(play->town, STAGE_SECOND);
    (void)look(play);
    return play->state == ALARM_NORMAL ? 0 : fail(play, "a reset does not end it");
}

/* ---- a season ---- */

enum {
    SEASON_MAX = 40, /* stages */
    SEASON_WARM_DAYS = 34,
    SEASON_DAYS = 62, /* from then until the last has come and gone */
    SEASON_POLL_MS = 2 * STAGE_MINUTE,
    SEASON_WORLD_MS = 1000,
};

struct season {
    struct play plays[SEASON_MAX];
    enum season_phase {
        SEASON_BEGUN,
        SEASON_RAISED, /* and its scenario has ended again */
        SEASON_OVER,
    } phases[SEASON_MAX];
    size_t count;
    size_t left;
    size_t failures;
};

/* An alarm has come: it must say why; then all is well again. */
static void take_raised(struct season *season, size_t i)
{
    const struct stage *stage = season->plays[i].stage;

    season->phases[i] = SEASON_RAISED;
    if (check_explains(&season->plays[i]) != 0)
        season->failures++;
    (void)town_scenario_end(season->plays[i].town, stage->scenario, stage->equipment,
                            NULL);
}

static bool follow(void *context, struct town *town)
{
    struct season *season = context;

    for (size_t i = 0; i < season->count; i++) {
        if (season->phases[i] == SEASON_BEGUN && is_active(&season->plays[i], town)) {
            take_raised(season, i);
        } else if (season->phases[i] == SEASON_RAISED &&
                   is_over(&season->plays[i], town)) {
            season->phases[i] = SEASON_OVER;
            season->left--;
        }
    }
    return season->left == 0;
}

static void gather(struct season *season, struct town *town, struct text *why)
{
    for (size_t i = 0; i < stage_count && season->count < SEASON_MAX; i++) {
        struct play *play = &season->plays[season->count];

        if (!stages[i].is_season)
            continue;
        *play = (struct play){.stage = &stages[i], .town = town, .why = why};
        play->began = town_time(town);
        play->rule = find_rule(town, stages[i].rule);
        season->count++;
        if (play->rule == NULL || !look(play) || play->state != ALARM_NORMAL) {
            (void)fail(play, "it is not there and normal before anything is wrong");
            season->failures++;
        } else if (begin_scenarios(play) != 0) {
            season->failures++;
        }
    }
    season->left = season->count;
}

static void run_season(struct season *season, struct town *town)
{
    if (town_run_while(town, (int64_t)SEASON_DAYS * 24 * STAGE_HOUR, follow, season))
        return;
    for (size_t i = 0; i < season->count; i++) {
        if (season->phases[i] == SEASON_OVER)
            continue;
        (void)fail(&season->plays[i], season->phases[i] == SEASON_BEGUN
                                          ? "it is not raised"
                                          : "it does not go when all is well");
        season->failures++;
    }
}

int stage_season(struct text *why)
{
    struct town_options options = {
        .config = "plantsim/demo/facilityd.cfg",
        .seed = SEED,
        .start = stage_time("2026-03-02T00:00"),
        .poll_min_ms = SEASON_POLL_MS,
        .step_ms = SLOW_STEP_MS,
        .world_ms = SEASON_WORLD_MS,
    };
    struct season season = {.count = 0};
    struct err err = {0};
    struct town *town = town_new(&options, &err);

    if (town == NULL) {
        text_addf(why, "%s\n", err.text);
        return -1;
    }
    town_run_ms(town, (int64_t)SEASON_WARM_DAYS * 24 * STAGE_HOUR);
    gather(&season, town, why);
    if (season.failures == 0)
        run_season(&season, town);
    town_free(town);
    return season.failures == 0 ? 0 : -1;
}

static const char *class_of(const char *equipment)
{
    int index = building_find(equipment);

    return index < 0 ? "link" : thing_kind_name(building[index].kind);
}

int stage_run(const struct stage *stage, struct text *why)
{
    struct town_options options = {
        .config = "plantsim/demo/facilityd.cfg",
        .seed = SEED,
        .start = stage_time(stage->start != NULL ? stage->start : "2026-11-24T09:00"),
        .poll_min_ms = or_else(stage->poll_ms, POLL_MS),
        .step_ms = step_ms(stage),
        .polls = {{class_of(stage->equipment), stage->poll_ms}},
    };
    struct play play = {.stage = stage, .why = why};
    struct err err = {0};
    int result = -1;

    play.town = town_new(&options, &err);
    if (play.town == NULL) {
        text_addf(why, "%s: %s\n", stage->rule, err.text);
        return -1;
    }
    play.began = town_time(play.town);
    play.rule = find_rule(play.town, stage->rule);
    town_run_ms(play.town, or_else(stage->warm_ms, WARM_MS));
    if (play.rule == NULL)
        (void)fail(&play, "there is no such rule");
    else if (raise_alarm(&play) == 0)
        result = end_alarm(&play);
    town_free(play.town);
    return result;
}
