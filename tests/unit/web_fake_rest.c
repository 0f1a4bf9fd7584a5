/* web_fake_rest.c - history, engine and report without anything behind them; see
 * web_fakes.h. */
#include "base/json_out.h"
#include "base/mem.h"
#include "reports/failure_rate.h"
#include "tests/unit/web_fakes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct history {
    int nothing;
};

size_t history_sinks(const struct history *history)
{
    (void)history;
    return 2;
}

void history_sink_status(struct history *history, size_t sink, struct sink_status *status)
{
    (void)history;
    *status = (struct sink_status){
        .id = sink == 0 ? "vm" : "influx",
        .healthy = sink == 0,
        .lines_accepted = 1204512,
        .lines_sent = sink == 0 ? 1204512 : 1101200,
        .requests = 20412,
        .failures = sink == 0 ? 3 : 412,
        .backlog_bytes = sink == 0 ? 0 : INT64_C(13) << 20,
        .backlog_lines = sink == 0 ? 0 : 103312,
        .last_success = wall_add_ms(wall_now(), sink == 0 ? -800 : -2820000),
    };
    if (sink == 1) {
        status->oldest = wall_add_ms(wall_now(), -2820000);
        (void)snprintf(status->error, sizeof status->error,
                       "POST http://127.0.0.1:8086/write: connection refused");
    }
}

void history_status(struct history *history, struct history_status *status)
{
    (void)history;
    *status = (struct history_status){
        .samples = 90412345, .rows_written = 1503321, .healthy = true};
}

/* A day's wave with a morning and an evening hump, and two holes. */
static double wave(uint32_t point, struct wall_time time)
{
    double hours = (double)time.ns / (double)CLOCK_S / 3600.0;
    double phase = (hours + point) * 2 * M_PI / 24;

    return 12 + point % 7 + 4 * sin(phase) + 2 * sin(2.3 * phase) + 0.4 * sin(37 * phase);
}

/* NOLINTNEXTLINE(readability-function-size): eight parameters, as the contract says */
int history_query(struct history *history, uint32_t point, struct wall_time from,
                  struct wall_time to, int64_t step_ms, struct history_step *steps,
                  size_t max, struct err *err)
{
    size_t count = 0;

    (void)history;
    if (point % 23 == 22)
        return err_set(err, ERR_IO, "history/2026-11.db: disk I/O error");
    for (; from.ns < to.ns && count < max; from = wall_add_ms(from, step_ms), count++) {
        double value = wave(point, from);
        bool gap = (count > 60 && count < 85) || (count > 200 && count < 206) ||
                   from.ns > wall_now().ns;

        if (point % 3 == 0)
            value = value > 14;
        steps[count] = (struct history_step){from,
                                             value - 0.5 * (point % 3 != 0),
                                             value + 0.7 * (point % 3 != 0),
                                             value,
                                             value,
                                             gap ? 0 : 60};
    }
    return (int)count;
}

struct engine {
    const struct config *config;
};

static void put_tree(struct json_out *json)
{
    json_raw(
        json,
        "{\"text\":\"held(run, 1m) and avg(flow, 1m) < $flow_min\",\"value\":true,"
        "\"terms\":[{\"text\":\"held(run, 1m)\",\"value\":true,\"coverage\":1,"
        "\"terms\":[{\"text\":\"run\",\"value\":true}]},"
        "{\"text\":\"avg(flow, 1m) < $flow_min\",\"value\":true,\"terms\":["
        "{\"text\":\"avg(flow, 1m)\",\"value\":0.08,\"unit\":\"m3/h\",\"coverage\":0.97},"
        "{\"text\":\"$flow_min\",\"value\":0.5}]}]}");
}

/* NOLINTNEXTLINE(readability-function-size): as the contract says */
int engine_explain(struct engine *engine, const char *rule, const char *equipment,
                   struct mono_time mono, struct wall_time wall, struct text *json_text,
                   struct err *err)
{
    struct json_out json = json_begin(json_text);

    (void)engine;
    (void)mono;
    if (strcmp(rule, "pump.dry_run") != 0)
        return err_set(err, ERR_NOT_FOUND, "rule \"%s\" does not watch \"%s\"", rule,
                       equipment);
    json_open(&json, '{');
    json_put_string(&json, "rule", rule);
    json_put_string(&json, "equipment", equipment);
    json_put_string(&json, "state", "active");
    json_put_time(&json, "since", wall_add_ms(wall, -5000000));
    json_key(&json, "when");
    put_tree(&json);
    json_key(&json, "clear");
    json_raw(&json, "{\"text\":\"not run or avg(flow, 1m) > 1.2 * $flow_min\",\"value\":"
                    "null,\"reasons\":[\"stale\"]}");
    json_key(&json, "params");
    json_raw(&json, "{\"flow_min\":0.5}");
    json_key(&json, "samples");
    json_raw(
        &json,
        "[{\"point\":\"run\",\"value\":true,\"quality\":\"good\",\"time\":"
        "\"2026-11-24T08:14:05.120Z\"},{\"point\":\"flow\",\"value\":0.11,\"unit\":\"m3/"
        "h\",\"quality\":\"good\",\"time\":\"2026-11-24T08:14:00.000Z\"},{\"point\":"
        "\"flow\",\"value\":0.08,"
        "\"unit\":\"m3/h\",\"quality\":\"good\",\"time\":"
        "\"2026-11-24T08:14:05.120Z\"}]");
    json_close(&json, '}');
    return 0;
}

bool engine_reset(struct engine *engine, const char *rule, const char *equipment)
{
    (void)engine;
    (void)rule;
    (void)equipment;
    return false;
}

void engine_visit_rules(const struct engine *engine, engine_rule_visit *each,
                        void *context)
{
    for (size_t i = 0; i < engine->config->rule_count; i++)
        each(context, &engine->config->rules[i], 4 + i, i % 2);
}

static struct failure_figures figures(int64_t units, int64_t failures, double fault_h)
{
    double hours = 720.0 * (double)units;
    struct failure_figures made = {
        .units = units,
        .unit_months = (double)units,
        .failures = failures,
        .up_h = hours - fault_h - 3,
        .fault_h = fault_h,
        .unknown_h = 3,
        .restored = failures,
        .repair_h = fault_h,
        .rate = (double)failures / (double)units,
        .rate_low = failures == 0 ? 0 : (double)failures * 0.4 / (double)units,
        .rate_high = ((double)failures * 1.7 + 3) / (double)units,
        .mtbf_h = failures == 0 ? NAN : (hours - fault_h) / (double)failures,
        .mtbf_low_h = hours / 3,
        .mttr_h = failures == 0 ? NAN : fault_h / (double)failures,
        .availability = (hours - fault_h) / hours,
        .coverage = 1 - 3 / hours,
    };

    return made;
}

static void add_class(struct failure_row *row, const char *id,
                      struct failure_figures made)
{
    *row = (struct failure_row){.id = id,
                                .name = id,
                                .class_name = id,
                                .place = "",
                                .figures = made,
                                .p_worse = NAN};
}

static void add_equipment(struct failure_report *report, const struct model *model)
{
    report->equipment = mem_array(model->equipment_count, sizeof *report->equipment);
    for (size_t i = 0; i < model->equipment_count; i++) {
        const struct equipment *e = &model->equipment[i];
        bool failed = i % 5 == 0;

        if (e->is_link)
            continue;
        report->equipment[report->equipment_count++] =
            (struct failure_row){.id = e->id,
                                 .name = e->name,
                                 .class_name = e->class_name,
                                 .place = e->place,
                                 .figures = figures(1, failed ? 2 : 0, failed ? 6.5 : 0),
                                 .p_worse = i == 5 ? 0.002 : 0.4};
    }
}

static void add_events(struct failure_report *report, const struct model *model,
                       struct wall_time now)
{
    report->events = mem_array(3, sizeof *report->events);
    for (size_t i = 0; i < 3; i++)
        report->events[i] = (struct failure_event){
            .equipment = model->equipment[i * 3].id,
            .rule = i == 1 ? "pump.dry_run" : "lift.fault",
            .issue = "riverside-01JDFAKE000000000000000001",
            .start = wall_add_ms(now, -(int64_t)(i + 1) * 40000000),
            .end = i == 0 ? (struct wall_time){0}
                          : wall_add_ms(now, -(int64_t)(i + 1) * 30000000),
            .repeat = i == 2};
}

/* NOLINTNEXTLINE(readability-function-size): as the contract says */
struct failure_report *failure_report_make(struct desk *desk, const struct model *model,
                                           const struct tz *tz, const char *timezone,
                                           const char *month, struct wall_time now,
                                           struct err *err)
{
    struct failure_report *report;
    struct local_time local = tz_local(tz, now);
    long year = 0;
    long number = 0;

    (void)desk;
    if (strlen(month) == 7 && month[4] == '-') {
        year = strtol(month, NULL, 10);
        number = strtol(month + 5, NULL, 10);
    }
    if (number < 1 || number > 12) {
        (void)err_set(err, ERR_INPUT, "\"%s\" is not a month such as 2026-11", month);
        return NULL;
    }
    if (year * 12 + number > local.year * 12 + local.month) {
        (void)err_set(err, ERR_NOT_FOUND, "%s lies in the future", month);
        return NULL;
    }
    report = mem_alloc(sizeof *report);
    *report = (struct failure_report){.site_id = model->site_id,
                                      .site_name = model->site_name,
                                      .timezone = timezone,
                                      .year = year,
                                      .month = (int)number,
                                      .from = tz_instant(tz, year, (int)number, 1, 0, 0),
                                      .to = now,
                                      .made = now,
                                      .complete = number != local.month,
                                      .class_count = 4,
                                      .event_count = 3};
    report->classes = mem_array(4, sizeof *report->classes);
    add_class(&report->classes[0], "elevator", figures(6, 5, 21.4));
    add_class(&report->classes[1], "pump", figures(6, 2, 9.3));
    add_class(&report->classes[2], "water_meter", figures(4, 0, 0));
    add_class(&report->classes[3], "fire_panel", figures(2, 0, 0));
    report->total = figures(18, 7, 30.7);
    add_equipment(report, model);
    add_events(report, model, now);
    return report;
}

void failure_report_free(struct failure_report *report)
{
    if (report == NULL)
        return;
    mem_free(report->classes);
    mem_free(report->equipment);
    mem_free(report->events);
    mem_free(report);
}

void failure_report_json(const struct failure_report *report, struct text *out)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    json_put_string(&json, "site", report->site_id);
    json_close(&json, '}');
}

void failure_report_csv(const struct failure_report *report, const char *language,
                        struct text *out)
{
    (void)report;
    text_add(out, "\xEF\xBB\xBF"
                  "equipment;failures\r\n");
    text_add(out, language);
    text_add(out, "\r\n");
}

const struct report_definition *failure_definitions(const char *language, size_t *count)
{
    static const struct report_definition en[] = {
        {"Failure", "The start of a fault state: an alarm of a rule that is marked as a "
                    "failure became active. Alarms of one cause count once."},
        {"Unit-months",
         "In-service time of all units, divided by the hours of the month."},
        {"Availability",
         "Up time divided by up time and fault time; planned work, outages "
         "of the supply and unobserved time are left out."},
        {"90 % interval", "Exact Poisson limits: with few failures the true rate may lie "
                          "anywhere between them."},
    };
    static const struct report_definition zh[] = {
        {"故障",
         "设备进入故障状态的一次开始：标记为“故障”的规则触发。同一原因只计一次。"},
        {"台月", "所有设备在役时间之和除以当月小时数。"},
        {"可用率",
         "正常时间除以正常时间与故障时间之和；计划检修、外部停供和无数据时间不计入。"},
        {"90 % 置信区间",
         "泊松分布精确界限：故障次数较少时，真实故障率可能落在其间任何位置。"},
    };

    *count = 4;
    return strcmp(language, "en") == 0 ? en : zh;
}
