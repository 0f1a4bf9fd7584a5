/* rules_noise.c - facilityctl rules noise: the rules that cried most, and which change
 * would have made them quieter. See rules.h.
 *
 * What people were told comes from the issue desk's file. For the noisiest rules milder
 * versions are tried on the readings of the same days, all versions of a rule in one go
 * and only on equipment that cried. */
#include "ctl/rules.h"

#include "base/file.h"
#include "base/mem.h"
#include "ctl/backtest_show.h"
#include "ctl/replay.h"
#include "history/readings.h"
#include "reports/noise.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    SHOWN = 10,         /* rules in the list */
    TRIED = 4,          /* of these, with versions; two at a time */
    EQUIPMENT_MAX = 40, /* of a rule, the first that cried */
    DAYS_MAX = 3660,
    CHUNK = 4096,
    JSON_MAX = 16 * 1024 * 1024,
};

#define DAY_MS INT64_C(86400000)

/* One of the rules that are tried. */
struct trial {
    const struct noise_rule *noise;
    struct noise_version versions[NOISE_VERSIONS_MAX];
    size_t version_count;
    bool *only;
    size_t equipment;          /* how many */
    struct backtest *backtest; /* NULL: not tried */
    struct noise_verdict verdicts[NOISE_VERSIONS_MAX];
    struct noise_verdict best;
    bool judged;
};

struct run {
    struct context *context;
    struct config_report *report;
    struct config *config;
    struct tz *tz;
    struct wall_time from;
    struct wall_time to;
    struct wall_time oldest;
    char *folder; /* NULL: there are no readings to try anything on */
    struct opened opened;
    struct noise_rule *noisy;
    size_t noisy_count;
    struct trial trials[TRIED];
    size_t trial_count;
};

static const struct rule_settings *rule_of(const struct run *run,
                                           const struct noise_rule *noise)
{
    return &run->config->rules[noise->rule];
}

static int load(struct run *run)
{
    int64_t days = 30;
    struct err err;

    if (!command_number(run->context, OPTION_DAYS, 1, DAYS_MAX, &days))
        return EX_USAGE;
    run->to = wall_now();
    run->from = wall_add_ms(run->to, -days * DAY_MS);
    run->config = rules_load(run->context, run->report);
    if (run->config == NULL) {
        rules_print_report(run->context, run->report);
        return EX_CONFIG;
    }
    run->tz = tz_load(run->config->site.timezone, &err);
    return run->tz == NULL ? command_failed(&err) : EX_OK;
}

static int read_opened(struct run *run)
{
    const struct config *config = run->config;
    char *path = file_join(config->state_dir, "issues.db");
    const char **ids = mem_array(config->rule_count + 1, sizeof(const char *));
    const struct opened_query query = {
        .path = path,
        .model = config->model,
        .rules = ids,
        .rule_count = config->rule_count,
        .from = run->from,
        .to = run->to,
    };
    struct err err;
    int code = EX_OK;

    for (size_t i = 0; i < config->rule_count; i++)
        ids[i] = config->rules[i].id;
    if (opened_read(&run->opened, &query, &err) != 0) {
        code = command_failed(&err);
    } else if (run->opened.first_run.ns == 0) {
        (void)fprintf(stderr,
                      "facilityctl: there are no issues in '%s'. Is state_dir the one of "
                      "the running facilityd (-c FILE)?\n",
                      path);
        code = EX_NOINPUT;
    }
    mem_free((void *)ids);
    mem_free(path);
    return code;
}

/* ---- trials ---- */

static void choose_equipment(const struct run *run, struct trial *trial)
{
    trial->only = mem_array(run->config->model->equipment_count + 1, sizeof *trial->only);
    for (size_t i = 0; i < run->opened.count && trial->equipment < EQUIPMENT_MAX; i++) {
        const struct raise *raise = &run->opened.raises[i];

        if (raise->rule != trial->noise->rule || trial->only[raise->equipment])
            continue;
        trial->only[raise->equipment] = true;
        trial->equipment++;
    }
}

/* How far values move from one reading to the next, on average over the last day: the
 * largest of the points that the rule looks at; NaN when it looks at no number. */
static double measure(const struct run *run, const struct backtest *backtest)
{
    const struct model *model = run->config->model;
    uint32_t *points = mem_array(model->point_count + 1, sizeof *points);
    double *last = mem_array(model->point_count + 1, sizeof *last);
    double *sums = mem_array(model->point_count + 1, sizeof *sums);
    double *counts = mem_array(model->point_count + 1, sizeof *counts);
    struct sample *samples = mem_array(CHUNK, sizeof *samples);
    struct readings_cursor *cursor;
    double noise = NAN;
    size_t count = 0;
    size_t n;

    for (uint32_t i = 0; i < model->point_count; i++) {
        last[i] = NAN;
        if (model->points[i].kind == POINT_NUMBER && !model->points[i].counter &&
            backtest_wants(backtest, i))
            points[count++] = i;
    }
    cursor = readings_cursor_open(run->folder, model, points, count,
                                  wall_add_ms(run->to, -DAY_MS), run->to, NULL);
    while (cursor != NULL && (n = readings_next(cursor, samples, CHUNK)) > 0)
        for (size_t i = 0; i < n; i++) {
            uint32_t point = samples[i].point;

            if (samples[i].quality == QUALITY_BAD)
                continue;
            if (!isnan(last[point])) {
                sums[point] += fabs(samples[i].value - last[point]);
                counts[point]++;
            }
            last[point] = samples[i].value;
        }
    for (size_t i = 0; i < count; i++)
        if (counts[points[i]] > 0)
            noise = fmax(noise, sums[points[i]] / counts[points[i]]);
    readings_cursor_close(cursor);
    mem_free(points);
    mem_free(last);
    mem_free(sums);
    mem_free(counts);
    mem_free(samples);
    return noise;
}

static struct backtest *backtest_of(const struct run *run, const struct tried_rule *tried,
                                    size_t count)
{
    struct backtest_settings settings = {
        .config = run->config,
        .tried = tried,
        .tried_count = count,
        .from = run->from.ns > run->oldest.ns ? run->from : run->oldest,
        .to = run->to,
        .oldest = run->oldest,
    };
    /* What is wrong with a version is no news to anybody. */
    struct config_report *report = config_report_new();
    struct backtest *backtest = backtest_new(&settings, report);

    config_report_free(report);
    return backtest;
}

/* Leaves out versions that make no sense for this rule, a dead band above all. */
static void drop_unsound(const struct run *run, struct trial *trial)
{
    size_t kept = 0;

    for (size_t i = 0; i < trial->version_count; i++) {
        struct noise_version *version = &trial->versions[i];
        struct backtest *backtest = backtest_of(run, &version->tried, 1);

        if (backtest == NULL)
            mem_free(version->params);
        else
            trial->versions[kept++] = *version;
        backtest_free(backtest);
    }
    trial->version_count = kept;
}

/* Ids point into the versions, which have been moved. */
static void make_backtest(const struct run *run, struct trial *trial)
{
    struct tried_rule tried[NOISE_VERSIONS_MAX];

    for (size_t i = 0; i < trial->version_count; i++) {
        trial->versions[i].tried.rule.id = trial->versions[i].id;
        tried[i] = trial->versions[i].tried;
    }
    trial->backtest = backtest_of(run, tried, trial->version_count);
}

static void make_trial(struct run *run, const struct noise_rule *noise)
{
    struct trial *trial = &run->trials[run->trial_count++];
    struct tried_rule itself = {*rule_of(run, noise), rule_of(run, noise)->id};
    struct backtest *first;

    trial->noise = noise;
    choose_equipment(run, trial);
    itself.rule.only = trial->only;
    first = backtest_of(run, &itself, 1);
    if (first == NULL)
        return;
    trial->version_count =
        noise_versions(&itself.rule, measure(run, first), trial->versions);
    backtest_free(first);
    drop_unsound(run, trial);
    if (trial->version_count > 1)
        make_backtest(run, trial);
}

static int run_trials(struct run *run)
{
    int code = EX_OK;

    for (size_t i = 0; i < run->trial_count && code == EX_OK; i += REPLAY_JOBS_MAX) {
        struct replay_job jobs[REPLAY_JOBS_MAX] = {0};
        size_t count = 0;

        for (size_t k = i; k < run->trial_count && k < i + REPLAY_JOBS_MAX; k++)
            if (run->trials[k].backtest != NULL)
                jobs[count++] = (struct replay_job){{run->trials[k].backtest}, 1, 0, 0};
        if (count > 0)
            code = replay_run(run->config, run->folder, jobs, count, run->to,
                              !run->context->json);
    }
    for (size_t i = 0; i < run->trial_count && code == EX_OK; i++) {
        struct trial *trial = &run->trials[i];
        const struct raise *raises;
        size_t count;

        if (trial->backtest == NULL)
            continue;
        raises = backtest_raises(trial->backtest, &count);
        trial->best =
            noise_judge(raises, count, trial->version_count, run->to, trial->verdicts);
        trial->judged = true;
    }
    return code;
}

/* ---- what is said ---- */

static const char *loudest_id(const struct run *run, const struct noise_rule *noise)
{
    return run->config->model->equipment[noise->loudest].id;
}

static void show_rules(const struct run *run)
{
    char from[REPLAY_TIME_SIZE];
    char to[REPLAY_TIME_SIZE];

    (void)printf("Rules that cried most, %s to %s\n\n  %-28s %7s %7s %9s %9s %9s  %-12s "
                 "%s\n",
                 replay_time(run->tz, run->from, from), replay_time(run->tz, run->to, to),
                 "RULE", "ISSUES", "RAISES", "< 5 MIN", "CHATTERS", "FALSE", "MEDIAN",
                 "MOST OF");
    for (size_t i = 0; i < run->noisy_count && i < SHOWN; i++) {
        const struct noise_rule *noise = &run->noisy[i];
        const struct opened_rule *opened = &run->opened.rules[noise->rule];
        char median[SHOW_SPAN_SIZE];
        char judged[48] = "-";

        if (opened->closed > 0)
            (void)snprintf(judged, sizeof judged, "%" PRId64 "/%" PRId64,
                           opened->judged_false, opened->closed);
        (void)printf("  %-28s %7" PRId64 " %7" PRId64 " %9" PRId64 " %9" PRId64
                     " %9s  %-12s %s (%" PRId64 ")\n",
                     rule_of(run, noise)->id, opened->issues, noise->told, noise->shorts,
                     opened->chattering, judged, show_span(noise->median_ms, median),
                     loudest_id(run, noise), noise->loudest_told);
    }
    if (run->noisy_count == 0)
        (void)puts("  none: no rule told anybody anything");
}

static void show_trial(const struct run *run, const struct trial *trial)
{
    const char *id = rule_of(run, trial->noise)->id;
    const struct noise_version *version = &trial->versions[trial->best.version];

    if (!trial->judged)
        (void)printf("\n%s: there is nothing to try on it\n", id);
    else if (trial->best.version == 0)
        (void)printf("\n%s: of %zu milder versions none spares a fifth of its raises "
                     "without missing a long one\n",
                     id, trial->version_count - 1);
    else
        (void)printf("\n%s: %s (now %s) would have spared %" PRId64 " of %" PRId64
                     " raises on the %zu equipment it was tried on,\n  and missed none "
                     "longer than %d min. See: facilityctl rules backtest %s --rules "
                     "FILE\n",
                     id, version->change, version->was, trial->best.spared,
                     trial->verdicts[0].told, trial->equipment, NOISE_LONG_MS / 60000,
                     id);
}

static void put_version(struct json_out *json, const struct noise_version *version,
                        const struct noise_verdict *verdict)
{
    json_open(json, '{');
    json_put_string(json, "change", version->change);
    json_put_string(json, "now", version->was);
    json_put_int(json, "raises", verdict->told);
    json_put_int(json, "spared", verdict->spared);
    json_put_int(json, "missed", verdict->missed);
    json_close(json, '}');
}

static void put_trial(struct json_out *json, const struct trial *trial)
{
    json_key(json, "suggestion");
    if (trial->judged && trial->best.version > 0)
        put_version(json, &trial->versions[trial->best.version], &trial->best);
    else
        json_null(json);
    json_key(json, "tried");
    json_open(json, '[');
    for (size_t i = 0; trial->judged && i < trial->version_count; i++)
        put_version(json, &trial->versions[i], &trial->verdicts[i]);
    json_close(json, ']');
}

static void put_rule(const struct run *run, struct json_out *json, size_t index)
{
    const struct noise_rule *noise = &run->noisy[index];
    const struct opened_rule *opened = &run->opened.rules[noise->rule];

    json_open(json, '{');
    json_put_string(json, "rule", rule_of(run, noise)->id);
    json_put_int(json, "issues", opened->issues);
    json_put_int(json, "raises", noise->told);
    json_put_int(json, "short", noise->shorts);
    json_put_int(json, "chattering", opened->chattering);
    json_put_int(json, "closed", opened->closed);
    json_put_int(json, "judged_false", opened->judged_false);
    json_put_int(json, "median_ms", noise->median_ms);
    json_put_string(json, "loudest", loudest_id(run, noise));
    json_put_int(json, "loudest_raises", noise->loudest_told);
    for (size_t i = 0; i < run->trial_count; i++)
        if (run->trials[i].noise == noise)
            put_trial(json, &run->trials[i]);
    json_close(json, '}');
}

static void show_json(const struct run *run)
{
    struct text text;
    struct json_out json;

    text_init(&text, JSON_MAX);
    json = json_begin(&text);
    json_open(&json, '{');
    json_put_time(&json, "from", run->from);
    json_put_time(&json, "to", run->to);
    json_put_time(&json, "readings_since", run->oldest);
    json_key(&json, "rules");
    json_open(&json, '[');
    for (size_t i = 0; i < run->noisy_count; i++)
        put_rule(run, &json, i);
    json_close(&json, ']');
    json_close(&json, '}');
    (void)puts(text.data);
    text_done(&text);
}

static void show(const struct run *run)
{
    if (run->context->json) {
        show_json(run);
        return;
    }
    show_rules(run);
    for (size_t i = 0; i < run->trial_count; i++)
        show_trial(run, &run->trials[i]);
}

static int work(struct run *run)
{
    int code = load(run);

    if (code == EX_OK)
        code = read_opened(run);
    if (code != EX_OK)
        return code;
    run->noisy = noise_rank(run->opened.raises, run->opened.count,
                            run->config->rule_count, run->to, &run->noisy_count);
    /* Without readings the list is all that there is; why was told. */
    run->folder = replay_folder(run->config, &run->oldest, &code);
    for (size_t i = 0; run->folder != NULL && i < run->noisy_count && i < TRIED; i++)
        make_trial(run, &run->noisy[i]);
    code = run_trials(run);
    if (code == EX_OK)
        show(run);
    return code;
}

static void done(struct run *run)
{
    for (size_t i = 0; i < run->trial_count; i++) {
        backtest_free(run->trials[i].backtest);
        noise_versions_done(run->trials[i].versions, run->trials[i].version_count);
        mem_free(run->trials[i].only);
    }
    opened_done(&run->opened);
    mem_free(run->noisy);
    mem_free(run->folder);
    tz_free(run->tz);
    config_free(run->config);
    config_report_free(run->report);
}

int rules_noise(struct context *context, size_t count, char **arguments)
{
    struct run *run = mem_alloc(sizeof *run); /* its versions are large */
    int code;

    (void)count;
    (void)arguments;
    run->context = context;
    run->report = config_report_new();
    code = work(run);
    done(run);
    mem_free(run);
    return code;
}
