/* rules_backtest.c - facilityctl rules backtest: what a rule would have done in the past,
 * beside the present rule and beside what really opened. See rules.h. */
#include "ctl/rules.h"

#include "base/file.h"
#include "base/mem.h"
#include "ctl/backtest_show.h"
#include "ctl/replay.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    PRESENT, /* which backtest of a job it is, when there are two */
    TRIED,
    VERSIONS,
    SPLIT_FROM = 8, /* equipment; fewer are not worth a second thread */
    /* Seconds by which the daemon may have been later than the readings say: its turns
     * and what the network took. */
    TOLERANCE_MS = 2000,
    JSON_MAX = 512 * 1024 * 1024, /* of a million raises */
};

struct run {
    struct context *context;
    struct config_report *report; /* of the present configuration */
    struct config_report *tried_report;
    struct config *config;
    struct config *tried_config; /* NULL: nothing is changed */
    struct tz *tz;
    char *folder;
    struct tried_rule versions[VERSIONS];
    bool given[VERSIONS];
    struct replay_job jobs[REPLAY_JOBS_MAX];
    bool *only[REPLAY_JOBS_MAX];
    size_t job_count;
    struct opened opened;
    struct backtest_result result;
};

/* ---- what is asked for ---- */

/* Of a rule in `--rules`: all its configuration must be sound, so that messages point
 * into its own file. */
static int load_tried(struct run *run, const char *rules)
{
    struct engine *engine = NULL;

    run->tried_config =
        config_load_trying(rules_config_path(run->context), rules,
                           rules_datadir(run->context), run->tried_report);
    if (run->tried_config != NULL)
        engine = engine_new(run->tried_config, mono_now(), run->tried_report);
    if (engine == NULL)
        rules_print_report(run->context, run->tried_report);
    engine_free(engine);
    return engine == NULL ? EX_CONFIG : EX_OK;
}

static const struct rule_settings *rule_of(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->rule_count; i++)
        if (strcmp(config->rules[i].id, id) == 0)
            return &config->rules[i];
    return NULL;
}

/* With a mistyped id in the file the present rule would be compared with itself, and all
 * would seem well. */
static bool is_in_file(const struct run *run, const struct rule_settings *rule)
{
    const char *path = run->context->options[OPTION_RULES];

    if (run->tried_config == NULL ||
        strcmp(config_report_path(run->tried_report, rule->first.file), path) == 0)
        return true;
    (void)fprintf(stderr, "facilityctl: '%s' holds no rule '%s'\n", path, rule->id);
    return false;
}

static int find_rule(struct run *run, const char *id)
{
    const struct config *asked =
        run->tried_config != NULL ? run->tried_config : run->config;
    const struct rule_settings *tried = rules_find(asked, id);
    const struct rule_settings *present =
        run->tried_config == NULL ? NULL : rule_of(run->config, id);

    if (tried == NULL || !is_in_file(run, tried))
        return EX_DATAERR;
    run->versions[TRIED] = (struct tried_rule){*tried, tried->id};
    run->given[TRIED] = true;
    if (present != NULL)
        run->versions[PRESENT] = (struct tried_rule){*present, present->id};
    run->given[PRESENT] = present != NULL;
    run->result.rule = tried;
    run->result.changed = present != NULL;
    return EX_OK;
}

static int load(struct run *run, const char *id)
{
    const char *rules = run->context->options[OPTION_RULES];
    struct err err;
    int code = EX_OK;

    run->config = rules_load(run->context, run->report);
    if (run->config == NULL) {
        rules_print_report(run->context, run->report);
        return EX_CONFIG;
    }
    if (rules != NULL)
        code = load_tried(run, rules);
    if (code == EX_OK)
        code = find_rule(run, id);
    if (code != EX_OK)
        return code;
    run->tz = tz_load(run->config->site.timezone, &err);
    if (run->tz == NULL)
        return command_failed(&err);
    if (!replay_span(run->context, run->tz, &run->result.from, &run->result.to))
        return EX_USAGE;
    run->folder = replay_folder(run->config, &run->result.oldest, &code);
    if (code == EX_OK && run->result.to.ns <= run->result.oldest.ns) {
        char oldest[REPLAY_TIME_SIZE];

        (void)fprintf(stderr, "facilityctl: readings are kept only since %s\n",
                      replay_time(run->tz, run->result.oldest, oldest));
        code = EX_NOINPUT;
    }
    if (run->result.from.ns < run->result.oldest.ns)
        run->result.from = run->result.oldest;
    return code;
}

/* ---- jobs ---- */

static bool fits_class(const struct run *run, const struct equipment *equipment)
{
    for (int v = 0; v < VERSIONS; v++) {
        const char *class_name = run->versions[v].rule.class_name;

        if (run->given[v] && (strcmp(class_name, equipment->class_name) == 0 ||
                              (strcmp(class_name, "*") == 0 && !equipment->is_link)))
            return true;
    }
    return false;
}

/* What --equipment names; NULL when nothing does. False when it cannot be tried (told).
 */
static bool find_equipment(const struct run *run, const struct equipment **one)
{
    const char *id = run->context->options[OPTION_EQUIPMENT];

    *one = id == NULL ? NULL : model_equipment(run->config->model, id);
    if (id == NULL || (*one != NULL && fits_class(run, *one)))
        return true;
    if (*one == NULL)
        (void)fprintf(stderr, "facilityctl: there is no equipment '%s'\n", id);
    else
        (void)fprintf(stderr,
                      "facilityctl: rule '%s' does not watch '%s': it is for class %s\n",
                      run->result.rule->id, id, run->result.rule->class_name);
    return false;
}

/* The equipment that the rule is tried on, dealt out to the jobs; neighbours stay
 * together, because their readings lie together. False when there is none (told). */
static bool deal_out(struct run *run)
{
    const struct model *model = run->config->model;
    const struct equipment *one;
    size_t count = 0;
    size_t dealt = 0;

    if (!find_equipment(run, &one))
        return false;
    for (size_t e = 0; e < model->equipment_count; e++)
        count += fits_class(run, &model->equipment[e]) ? 1 : 0;
    run->job_count = one == NULL && count >= SPLIT_FROM ? REPLAY_JOBS_MAX : 1;
    for (size_t j = 0; j < run->job_count; j++)
        run->only[j] = mem_array(model->equipment_count + 1, sizeof **run->only);
    for (size_t e = 0; e < model->equipment_count; e++) {
        if (!fits_class(run, &model->equipment[e]) ||
            (one != NULL && one != &model->equipment[e]))
            continue;
        assert(dealt < count);
        run->only[dealt++ * run->job_count / count][e] = true;
    }
    return true;
}

static int make_jobs(struct run *run)
{
    for (size_t j = 0; j < run->job_count; j++) {
        struct replay_job *job = &run->jobs[j];

        for (int v = 0; v < VERSIONS; v++) {
            struct tried_rule version = run->versions[v];
            struct backtest_settings settings = {
                .config = run->config,
                .tried = &version,
                .tried_count = 1,
                .from = run->result.from,
                .to = run->result.to,
                .oldest = run->result.oldest,
            };

            if (!run->given[v])
                continue;
            version.rule.only = run->only[j];
            job->backtests[job->count] = backtest_new(&settings, run->report);
            if (job->backtests[job->count] == NULL) {
                rules_print_report(run->context, run->report);
                return EX_CONFIG;
            }
            job->count++;
        }
        run->result.instances += backtest_instances(job->backtests[job->count - 1]);
    }
    return EX_OK;
}

/* ---- what came of it ---- */

static int by_raised(const void *a, const void *b)
{
    const struct raise *left = a;
    const struct raise *right = b;

    if (left->raised.ns != right->raised.ns)
        return left->raised.ns < right->raised.ns ? -1 : 1;
    return left->equipment < right->equipment ? -1 : left->equipment > right->equipment;
}

static void find_performance(const struct run *run, struct outcome *outcome)
{
    struct told *told = mem_array(outcome->count + 1, sizeof *told);
    size_t count = 0;

    for (size_t i = 0; i < outcome->count; i++) {
        const struct raise *raise = &outcome->raises[i];

        if (raise->told.ns != 0)
            told[count++] = (struct told){raise->told, raise->returned, raise->severity,
                                          raise->equipment, raise->chattering};
    }
    outcome->performs = performance_compute(told, count, run->result.from, run->result.to,
                                            &outcome->performance);
    mem_free(told);
}

/* Puts together what the jobs' backtests of one version found. */
static void gather(struct run *run, size_t which, struct outcome *outcome)
{
    for (size_t j = 0; j < run->job_count; j++) {
        const struct backtest *backtest = run->jobs[j].backtests[which];
        struct backtest_unknown unknown = backtest_unknown(backtest);
        size_t count;
        const struct raise *raises = backtest_raises(backtest, &count);

        outcome->instances += backtest_instances(backtest);
        outcome->unknown.ms += unknown.ms;
        outcome->unknown.always += unknown.always;
        run->result.lost += backtest_lost(backtest);
        outcome->raises = mem_resize(outcome->raises, outcome->count + count + 1,
                                     sizeof *outcome->raises);
        for (size_t i = 0; i < count; i++)
            outcome->raises[outcome->count++] = raises[i];
    }
    qsort(outcome->raises, outcome->count, sizeof *outcome->raises, by_raised);
    for (size_t i = 0; i < outcome->count; i++) {
        const struct raise *raise = &outcome->raises[i];

        outcome->told += raise->told.ns != 0 ? 1 : 0;
        outcome->symptoms +=
            raise->told.ns == 0 && raise->standing == STANDING_SYMPTOM ? 1 : 0;
        outcome->chattering += raise->chattering ? 1 : 0;
    }
    outcome->issues = raise_issues(outcome->raises, outcome->count, run->result.to,
                                   &outcome->issue_count);
    find_performance(run, outcome);
}

static void compare(const struct run *run, const struct raise *old, size_t old_count,
                    const struct outcome *outcome, struct comparison *comparison)
{
    comparison->pairs = raise_compare(old, old_count, outcome->raises, outcome->count,
                                      TOLERANCE_MS, &comparison->count);
    for (size_t i = 0; i < comparison->count; i++) {
        const struct raise_pair *pair = &comparison->pairs[i];

        comparison->kinds[pair->kind]++;
        if (pair->kind == RAISE_ONLY_NEW && opened_is_gap(&run->opened, pair->new->told))
            comparison->gaps++;
    }
}

/* Only of the equipment that the rule was tried on. */
static void keep_dealt(struct run *run)
{
    struct opened *opened = &run->opened;
    size_t kept = 0;

    for (size_t i = 0; i < opened->count; i++) {
        bool dealt = false;

        for (size_t j = 0; j < run->job_count; j++)
            dealt = dealt || run->only[j][opened->raises[i].equipment];
        if (dealt)
            opened->raises[kept++] = opened->raises[i];
    }
    opened->count = kept;
}

/* Raises that were told before the span are known to the desk only: of both sides those
 * count that touch it. */
static void compare_with_opened(struct run *run)
{
    const char *ids[] = {run->result.rule->id};
    char *path = file_join(run->config->state_dir, "issues.db");
    const struct opened_query query = {
        .path = path,
        .model = run->config->model,
        .rules = ids,
        .rule_count = 1,
        .from = run->result.from,
        .to = run->result.to,
    };
    struct err err;

    if (opened_read(&run->opened, &query, &err) != 0)
        (void)fprintf(stderr, "facilityctl: what really opened is not known: %s\n",
                      err.text);
    else if (run->opened.first_run.ns != 0)
        keep_dealt(run);
    mem_free(path);
    if (run->opened.first_run.ns != 0)
        compare(run, run->opened.raises, run->opened.count,
                run->result.changed ? &run->result.present : &run->result.tried,
                &run->result.against_opened);
}

static void show(struct run *run)
{
    struct text text;

    run->result.all = run->context->options[OPTION_VERBOSE] != NULL;
    if (!run->context->json) {
        backtest_show(&run->result);
        return;
    }
    text_init(&text, JSON_MAX);
    backtest_show_json(&run->result, &text);
    (void)puts(text.data);
    text_done(&text);
}

static int work(struct run *run, const char *id)
{
    struct backtest_result *result = &run->result;
    int code = load(run, id);

    if (code == EX_OK && !deal_out(run))
        code = EX_DATAERR;
    if (code == EX_OK)
        code = make_jobs(run);
    if (code == EX_OK)
        code = replay_run(run->config, run->folder, run->jobs, run->job_count, result->to,
                          !run->context->json);
    if (code != EX_OK)
        return code;
    result->model = run->config->model;
    result->tz = run->tz;
    for (size_t j = 0; j < run->job_count; j++) {
        result->readings += run->jobs[j].readings;
        result->damaged += run->jobs[j].damaged;
    }
    gather(run, run->jobs[0].count - 1, &result->tried);
    if (result->changed) {
        gather(run, 0, &result->present);
        compare(run, result->present.raises, result->present.count, &result->tried,
                &result->against_present);
    }
    if (run->tried_config == NULL || result->changed)
        compare_with_opened(run);
    show(run);
    return EX_OK;
}

static void outcome_done(struct outcome *outcome)
{
    mem_free(outcome->raises);
    mem_free(outcome->issues);
}

static void done(struct run *run)
{
    for (size_t j = 0; j < REPLAY_JOBS_MAX; j++) {
        for (size_t i = 0; i < run->jobs[j].count; i++)
            backtest_free(run->jobs[j].backtests[i]);
        mem_free(run->only[j]);
    }
    outcome_done(&run->result.tried);
    outcome_done(&run->result.present);
    mem_free(run->result.against_present.pairs);
    mem_free(run->result.against_opened.pairs);
    opened_done(&run->opened);
    mem_free(run->folder);
    tz_free(run->tz);
    config_free(run->tried_config);
    config_free(run->config);
    config_report_free(run->tried_report);
    config_report_free(run->report);
}

int rules_backtest(struct context *context, size_t count, char **arguments)
{
    struct run run = {
        .context = context,
        .report = config_report_new(),
        .tried_report = config_report_new(),
    };
    int code = work(&run, arguments[0]);

    (void)count;
    done(&run);
    return code;
}
