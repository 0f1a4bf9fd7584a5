/* api_metrics.c - Prometheus text format, version 0.0.4.
 *
 * The program's own counters come first (source->metrics); links, sinks, history, desk
 * and streams are added here. Tables of (name, type, help, member), so that a metric is
 * one row.
 */
#include "web/handlers.h"
#include "web/stream.h"

#include <inttypes.h>
#include <string.h>

struct metric {
    const char *name;
    const char *type;
    const char *help;
    size_t offset;
    enum {
        MEMBER_U64,
        MEMBER_I64,
        MEMBER_SIZE,
        MEMBER_BOOL,
    } member;
};

#define ROW(owner, field, kind, name, type, help)                                        \
    {                                                                                    \
        name, type, help, offsetof(struct owner, field), MEMBER_##kind                   \
    }

/* clang-format off */
static const struct metric link_metrics[] = {
    ROW(link_status, connected, BOOL, "facilityd_link_connected", "gauge", "1 while the link is up."),
    ROW(link_status, requests, U64, "facilityd_link_requests_total", "counter", "Modbus requests, MQTT messages."),
    ROW(link_status, answers, U64, "facilityd_link_answers_total", "counter", "Good answers."),
    ROW(link_status, timeouts, U64, "facilityd_link_timeouts_total", "counter", "Requests without an answer in time."),
    ROW(link_status, protocol_errors, U64, "facilityd_link_protocol_errors_total", "counter", "Garbled answers and payloads."),
    ROW(link_status, exceptions, U64, "facilityd_link_exceptions_total", "counter", "Modbus exception answers."),
    ROW(link_status, connects, U64, "facilityd_link_connects_total", "counter", "Successful connects."),
    ROW(link_status, dropped, U64, "facilityd_link_dropped_total", "counter", "Messages lost in a full ring."),
    ROW(link_status, dropped_rate, U64, "facilityd_link_dropped_rate_total", "counter", "Messages of topics beyond max_rate."),
    ROW(link_status, dropped_oversize, U64, "facilityd_link_dropped_oversize_total", "counter", "Messages beyond max_payload."),
    ROW(link_status, dropped_unknown, U64, "facilityd_link_dropped_unknown_total", "counter", "Messages on topics that no equipment has."),
    ROW(link_status, duplicates, U64, "facilityd_link_duplicates_total", "counter", "Messages that came before."),
    ROW(link_status, samples, U64, "facilityd_link_samples_total", "counter", "Samples handed on."),
    ROW(link_status, bad_samples, U64, "facilityd_link_bad_samples_total", "counter", "Samples of bad quality."),
    ROW(link_status, late, U64, "facilityd_link_late_total", "counter", "Polls begun more than a tenth of their period late."),
    ROW(link_status, lateness_p99_us, I64, "facilityd_link_lateness_p99_microseconds", "gauge", "Of the last 256 polls."),
    ROW(link_status, units, SIZE, "facilityd_link_units", "gauge", "Units on the link."),
    ROW(link_status, units_offline, SIZE, "facilityd_link_units_offline", "gauge", "Units that do not answer."),
};
static const struct metric sink_metrics[] = {
    ROW(sink_status, healthy, BOOL, "facilityd_sink_healthy", "gauge", "1 while the last request was accepted."),
    ROW(sink_status, lines_accepted, U64, "facilityd_sink_lines_accepted_total", "counter", "Lines handed to the spool."),
    ROW(sink_status, lines_sent, U64, "facilityd_sink_lines_sent_total", "counter", "Lines acknowledged by the database."),
    ROW(sink_status, lines_rejected, U64, "facilityd_sink_lines_rejected_total", "counter", "Lines in the dead-letter file."),
    ROW(sink_status, lines_dropped, U64, "facilityd_sink_lines_dropped_total", "counter", "Lines out of the spool's bounds."),
    ROW(sink_status, requests, U64, "facilityd_sink_requests_total", "counter", "HTTP requests."),
    ROW(sink_status, failures, U64, "facilityd_sink_failures_total", "counter", "HTTP requests that failed."),
    ROW(sink_status, backlog_bytes, I64, "facilityd_sink_backlog_bytes", "gauge", "Waiting in the spool."),
    ROW(sink_status, backlog_lines, I64, "facilityd_sink_backlog_lines", "gauge", "Waiting in the spool."),
};
static const struct metric history_metrics[] = {
    ROW(history_status, healthy, BOOL, "facilityd_history_healthy", "gauge", "1 while the month file accepts writes."),
    ROW(history_status, samples, U64, "facilityd_history_samples_total", "counter", "Samples taken in."),
    ROW(history_status, samples_dropped, U64, "facilityd_history_samples_dropped_total", "counter", "Samples lost in a full queue."),
    ROW(history_status, rows_written, U64, "facilityd_history_rows_written_total", "counter", "Rows in the month files."),
    ROW(history_status, rows_lost, U64, "facilityd_history_rows_lost_total", "counter", "Rows that the disk refused for too long."),
    ROW(history_status, readings.kept, U64, "facilityd_readings_kept_total", "counter", "Readings kept for rules."),
    ROW(history_status, readings.lost, U64, "facilityd_readings_lost_total", "counter", "Readings that the disk refused for too long."),
    ROW(history_status, readings.bytes, I64, "facilityd_readings_bytes", "gauge", "Of kept readings on disk."),
    ROW(history_status, lines_dropped, U64, "facilityd_history_lines_dropped_total", "counter", "Lines refused before the spool."),
};
static const struct metric desk_metrics[] = {
    ROW(desk_counts, unclosed, I64, "facilityd_issues_unclosed", "gauge", "Issues that are not closed."),
    ROW(desk_counts, total, I64, "facilityd_issues", "gauge", "Issues in the store."),
    ROW(desk_counts, commits, U64, "facilityd_desk_commits_total", "counter", "Transactions of the issue store."),
};
/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static void add_head(struct text *out, const struct metric *metric)
{
    text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
              metric->name, metric->type);
}

/* A label value escapes backslash, quote and line end. */
static void add_label(struct text *out, const char *name, const char *value)
{
    text_addf(out, "{%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"')
            text_add(out, "\\");
        text_add_bytes(out, *value == '\n' ? " " : value, 1);
    }
    text_add(out, "\"}");
}

static void add_value(struct text *out, const struct metric *metric, const void *owner)
{
    const char *at = (const char *)owner + metric->offset;
    uint64_t u64 = 0;
    int64_t i64 = 0;
    size_t size = 0;
    bool truth = false;

    switch (metric->member) {
    case MEMBER_U64:
        memcpy(&u64, at, sizeof u64);
        break;
    case MEMBER_I64:
        memcpy(&i64, at, sizeof i64);
        break;
    case MEMBER_SIZE:
        memcpy(&size, at, sizeof size);
        break;
    case MEMBER_BOOL:
        memcpy(&truth, at, sizeof truth);
        break;
    }
    if (metric->member == MEMBER_I64)
        text_addf(out, " %" PRId64 "\n", i64);
    else
        text_addf(out, " %" PRIu64 "\n", u64 + size + truth);
}

/* Samples of a metric stand together, so: all owners of a row, then the next row. */
static void add_links(struct text *out, const struct call *call)
{
    const struct model *model = call->site->model;

    for (size_t m = 0; m < COUNT(link_metrics) && model->link_count > 0; m++) {
        add_head(out, &link_metrics[m]);
        for (size_t i = 0; i < model->link_count; i++) {
            struct link_status status = {0};

            call->source->link_status(call->source->context, (uint32_t)i, &status);
            text_add(out, link_metrics[m].name);
            add_label(out, "link", model->links[i].id);
            add_value(out, &link_metrics[m], &status);
        }
    }
}

/* One row per broker and reason. */
static void add_rejected(struct text *out, const struct call *call)
{
    static const struct metric metric = {"facilityd_link_rejected_total", "counter",
                                         "Payloads that were not understood, by reason.",
                                         0, MEMBER_U64};
    const struct config *config = call->site->config;
    bool head = false;

    for (uint32_t i = 0; i < config->link_count; i++) {
        struct link_status status = {0};

        if (config->links[i].kind != LINK_MQTT)
            continue;
        call->source->link_status(call->source->context, i, &status);
        if (!head)
            add_head(out, &metric);
        head = true;
        for (enum payload_fault fault = 0; fault < PAYLOAD_FAULTS; fault++)
            text_addf(out, "%s{link=\"%s\",reason=\"%s\"} %" PRIu64 "\n", metric.name,
                      config->links[i].id, payload_fault_name(fault),
                      status.rejected[fault]);
    }
}

static void add_sinks(struct text *out, struct history *history)
{
    size_t sinks = history_sinks(history);

    for (size_t m = 0; m < COUNT(sink_metrics) && sinks > 0; m++) {
        add_head(out, &sink_metrics[m]);
        for (size_t i = 0; i < sinks; i++) {
            struct sink_status status = {0};

            history_sink_status(history, i, &status);
            text_add(out, sink_metrics[m].name);
            add_label(out, "sink", status.id);
            add_value(out, &sink_metrics[m], &status);
        }
    }
}

static void add_single(struct text *out, const struct metric *rows, size_t count,
                       const void *owner)
{
    for (size_t i = 0; i < count; i++) {
        add_head(out, &rows[i]);
        text_add(out, rows[i].name);
        add_value(out, &rows[i], owner);
    }
}

static void add_states(struct text *out, const struct web_site *site)
{
    uint64_t counts[STATE_COUNT] = {0};

    for (size_t i = 0; i < site->model->equipment_count; i++) {
        struct state_view view;

        desk_state(site->desk, (uint32_t)i, &view);
        counts[view.state]++;
    }
    text_add(out, "# HELP facilityd_equipment Equipment in each state.\n"
                  "# TYPE facilityd_equipment gauge\n");
    for (int i = 0; i < STATE_COUNT; i++)
        text_addf(out, "facilityd_equipment{state=\"%s\"} %" PRIu64 "\n",
                  equipment_state_name((enum equipment_state)i), counts[i]);
}

static void add_issues(struct text *out, const struct desk_counts *counts)
{
    text_add(out,
             "# HELP facilityd_issues_open Issues that are not closed, by severity.\n"
             "# TYPE facilityd_issues_open gauge\n");
    for (int i = SEVERITY_MINOR; i <= SEVERITY_SERIOUS; i++)
        text_addf(out, "facilityd_issues_open{severity=\"%s\"} %" PRId64 "\n",
                  severity_name((enum severity)i), counts->by_severity[i]);
}

void api_metrics(const struct call *call, struct response *response)
{
    const struct web_site *site = call->site;
    struct text *out = &response->body;
    struct history_status history = {0};
    struct desk_counts counts = {0};

    response->type = "text/plain; version=0.0.4; charset=utf-8";
    call->source->metrics(call->source->context, out);
    add_links(out, call);
    add_rejected(out, call);
    add_sinks(out, site->history);
    history_status(site->history, &history);
    add_single(out, history_metrics, COUNT(history_metrics), &history);
    desk_counts(site->desk, &counts);
    add_single(out, desk_metrics, COUNT(desk_metrics), &counts);
    add_issues(out, &counts);
    add_states(out, site);
    text_addf(out,
              "# HELP facilityd_streams Event streams that are open.\n"
              "# TYPE facilityd_streams gauge\nfacilityd_streams %zu\n",
              hub_streams(call->hub));
}
