/* site.c - see site.h. */
#include "gateway/site.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/calendar.h"
#include "gateway/link_load.h"
#include "gateway/recall.h"

#include <string.h>

enum {
    STOP_GRACE_MS = 3000,  /* for requests in hand at a stop; the rest stays spooled */
    RELOAD_GRACE_MS = 200, /* at a reload pages wait for it */
};

struct site *site_load(const char *path, const char *shipped_dir,
                       struct config_report *report)
{
    struct site *site = mem_alloc(sizeof *site);
    struct err err = {0};

    (void)pthread_mutex_init(&site->engine_mutex, NULL);
    site->config = config_load_partial(path, shipped_dir, report);
    if (site->config == NULL)
        goto fail;
    if (!site->config->partial)
        link_load_check(site->config, report);
    site->web.config = site->config;
    site->web.model = site->config->model;
    site->web.tz = tz_load(site->config->site.timezone, &err);
    if (site->web.tz == NULL && site->config->partial)
        goto fail; /* it has been said */
    if (site->web.tz == NULL) {
        config_report_add(report, REPORT_ERROR, "E704", site->config->site.pos, NULL,
                          "%s", err.text);
        goto fail;
    }
    calendar_check(site->config, tz_local(site->web.tz, wall_now()).year, report);
    site->web.engine = engine_new(site->config, mono_now(), report);
    if (site->web.engine == NULL || config_report_errors(report) > 0)
        goto fail;
    site->web.live = live_new(site->config->model->point_count);
    return site;
fail:
    site_free(site);
    return NULL;
}

void site_free(struct site *site)
{
    if (site == NULL)
        return;
    live_free(site->web.live);
    engine_free(site->web.engine);
    tz_free(site->web.tz);
    config_free(site->config);
    (void)pthread_mutex_destroy(&site->engine_mutex);
    mem_free(site);
}

static int open_desk(struct site *site, struct err *err)
{
    char *path = file_join(site->config->state_dir, "issues.db");
    struct wall_time now = wall_now();

    site->web.desk = desk_open(path, site->config->model, now, err);
    mem_free(path);
    if (site->web.desk == NULL)
        return err_prefix(err, "issue desk");
    if (desk_restore(site->web.desk, site->web.engine, now, err) != 0)
        return err_prefix(err, "stored alarms");
    return 0;
}

/* The history, and the rules' memory out of it. An engine that has run already has its
 * own. */
static int open_history(struct site *site, struct err *err)
{
    bool *wanted = recall_wanted(site->web.engine, site->config->model);

    site->web.history = history_open(site->config, wanted, err);
    mem_free(wanted);
    if (site->web.history == NULL)
        return err_prefix(err, "history");
    if (!site->recalled)
        recall(site->web.engine, site->config, site->web.history);
    site->recalled = true;
    return 0;
}

static int start_stages(struct site *site, struct err *err)
{
    struct pipeline_stages stages;

    if (open_desk(site, err) != 0 || open_history(site, err) != 0)
        return -1;
    stages = (struct pipeline_stages){
        .model = site->config->model,
        .live = site->web.live,
        .engine = site->web.engine,
        .engine_mutex = &site->engine_mutex,
        .desk = site->web.desk,
        .history = site->web.history,
    };
    site->pipeline = pipeline_new(&stages);
    site->poll = poll_new(site->config, pipeline_sink(site->pipeline), err);
    if (site->poll == NULL)
        return -1;
    site->scans = scans_new(site->config, site->poll);
    pipeline_start(site->pipeline);
    return poll_start(site->poll, err);
}

int site_start(struct site *site, struct err *err)
{
    if (start_stages(site, err) != 0) {
        site_stop(site, false);
        return -1;
    }
    site->running = true;
    return 0;
}

void site_hush(struct site *site)
{
    if (site->poll != NULL)
        poll_hush(site->poll);
}

void site_stop(struct site *site, bool for_reload)
{
    site_hush(site);
    scans_free(site->scans);
    site->scans = NULL;
    if (site->poll != NULL)
        poll_stop(site->poll);
    if (site->pipeline != NULL)
        pipeline_stop(site->pipeline);
    history_close(site->web.history, for_reload ? RELOAD_GRACE_MS : STOP_GRACE_MS);
    site->web.history = NULL;
    poll_free(site->poll);
    site->poll = NULL;
    pipeline_free(site->pipeline);
    site->pipeline = NULL;
    desk_close(site->web.desk);
    site->web.desk = NULL;
    site->running = false;
}

/* A bad reading leaves the last good one behind it, and that the first one of its value,
 * so these go in first. */
static void carry(struct live *live, uint32_t point, const struct live_cell *cell)
{
    struct sample same = cell->last;
    struct sample good;
    struct sample last = cell->last;

    same.point = last.point = point;
    same.quality = QUALITY_GOOD;
    same.reason = REASON_NONE;
    same.value = cell->good_value;
    same.time = cell->same_since;
    good = same;
    good.time = cell->good_time;
    if (cell->good_time.ns != 0)
        live_put(live, (struct sample[]){same, good}, 2, NULL);
    live_put(live, &last, 1, NULL);
}

void site_carry_values(struct site *site, const struct site *from)
{
    char text[LIVE_TEXT_MAX];

    for (size_t i = 0; i < site->web.model->point_count; i++) {
        const struct point *point = &site->web.model->points[i];
        const struct equipment *equipment = &site->web.model->equipment[point->equipment];
        const struct equipment *old_equipment =
            model_equipment(from->web.model, equipment->id);
        const struct point *old =
            old_equipment == NULL
                ? NULL
                : model_point(from->web.model, old_equipment, point->name);
        struct live_cell cell;

        if (old == NULL || point->builtin || old->kind != point->kind)
            continue;
        live_get(from->web.live, old->index, 1, &cell);
        if (cell.sequence == 0)
            continue;
        carry(site->web.live, point->index, &cell);
        if (point->kind == POINT_TEXT) {
            live_get_text(from->web.live, old->index, text);
            live_put_text(site->web.live, point->index, text);
        }
    }
}

bool site_moves(struct site *site, const char **who)
{
    struct pipeline_status pipeline;
    uint64_t history = history_heartbeat(site->web.history);
    uint32_t link = poll_stuck(site->poll, mono_now());

    pipeline_status(site->pipeline, &pipeline);
    *who = NULL;
    if (pipeline.heartbeat == site->last_pipeline_beat)
        *who = "pipeline";
    else if (history == site->last_history_beat)
        *who = "history writer";
    else if (link != MODEL_NONE)
        *who = site->config->links[link].id;
    site->last_pipeline_beat = pipeline.heartbeat;
    site->last_history_beat = history;
    return *who == NULL;
}
