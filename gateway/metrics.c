/* metrics.c - see metrics.h. */
#include "gateway/metrics.h"

#include "history/line.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t count = -1; /* the folder's own descriptor */

    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL) // NOLINT(concurrency-mt-unsafe): a stream of our own
        count++;
    (void)closedir(folder);
    return count - 2; /* "." and ".." */
}

/* The number behind a key of /proc/self/status, 0 when it is not there. */
static int64_t status_field(const char *status, const char *key)
{
    const char *at = strstr(status, key);
    long long value = 0;

    if (at == NULL ||
        sscanf(at + strlen(key), "%lld", &value) != 1) // NOLINT(cert-err34-c)
        return 0;
    return value;
}

void metrics_usage(struct process_usage *usage)
{
    char status[4096] = "";
    struct rusage rusage;
    FILE *file = fopen("/proc/self/status", "re");
    size_t n;

    *usage = (struct process_usage){0};
    if (file != NULL) {
        n = fread(status, 1, sizeof status - 1, file);
        status[n] = '\0';
        (void)fclose(file);
    }
    usage->rss_bytes = status_field(status, "VmRSS:") * 1024;
    usage->threads = status_field(status, "Threads:");
    usage->descriptors = count_descriptors();
    if (getrusage(RUSAGE_SELF, &rusage) == 0)
        usage->cpu_s = (double)(rusage.ru_utime.tv_sec + rusage.ru_stime.tv_sec) +
                       (double)(rusage.ru_utime.tv_usec + rusage.ru_stime.tv_usec) / 1e6;
}

static void put(struct text *out, const char *name, const char *type, const char *help,
                double value)
{
    text_addf(out, "# HELP facilityd_%s %s\n# TYPE facilityd_%s %s\nfacilityd_%s %.17g\n",
              name, help, name, type, name, value);
}

static void put_pipeline(const struct pipeline_status *status, struct text *out)
{
    put(out, "samples_total", "counter", "Samples taken through the pipeline.",
        (double)status->samples);
    put(out, "samples_bad_total", "counter", "Bad samples among them.",
        (double)status->samples_bad);
    put(out, "samples_old_total", "counter", "Samples older than what was known.",
        (double)status->samples_old);
    put(out, "samples_dropped_total", "counter", "Samples lost in a full queue.",
        (double)status->samples_dropped);
    put(out, "pipeline_queue_length", "gauge", "Samples waiting.",
        (double)status->queue_length);
    put(out, "pipeline_queue_high_water", "gauge", "Most samples that ever waited.",
        (double)status->queue_high_water);
    put(out, "pipeline_turns_total", "counter", "Turns of the pipeline.",
        (double)status->turns);
    put(out, "alarms_raised_total", "counter", "Alarms that became active.",
        (double)status->raised);
    put(out, "alarms_returned_total", "counter", "Alarms that returned to normal.",
        (double)status->returned);
    put(out, "alarm_changes_pending", "gauge", "Decided, not yet on disk.",
        (double)status->pending_changes);
    put(out, "alarm_changes_lost_total", "counter", "Given up while the disk refused.",
        (double)status->lost_changes);
    put(out, "issue_latency_p50_seconds", "gauge",
        "From the reading to the committed issue, median of the last 1024.",
        (double)status->latency_p50_us / 1e6);
    put(out, "issue_latency_p99_seconds", "gauge",
        "From the reading to the committed issue, 99th percentile of the last 1024.",
        (double)status->latency_p99_us / 1e6);
    put(out, "issue_latency_max_seconds", "gauge",
        "From the reading to the committed issue, longest of the last 1024.",
        (double)status->latency_max_us / 1e6);
}

void metrics_prometheus(struct site *site, struct wall_time started, struct text *out)
{
    struct pipeline_status pipeline;
    struct process_usage usage;

    pipeline_status(site->pipeline, &pipeline);
    metrics_usage(&usage);
    text_addf(
        out,
        "# HELP facilityd_info Version of the program.\n# TYPE facilityd_info gauge\n"
        "facilityd_info{version=\"%s\"} 1\n",
        FACILITYD_VERSION);
    put(out, "uptime_seconds", "gauge", "Time since the start.",
        (double)wall_diff_ms(wall_now(), started) / 1e3);
    put_pipeline(&pipeline, out);
    put(out, "rule_instances", "gauge", "Rules times the equipment they watch.",
        (double)engine_instances(site->web.engine));
    put(out, "rule_memory_bytes", "gauge", "Windows of the rules.",
        (double)engine_memory(site->web.engine));
    put(out, "process_cpu_seconds_total", "counter", "User and system time.",
        usage.cpu_s);
    put(out, "process_resident_bytes", "gauge", "Resident memory.",
        (double)usage.rss_bytes);
    put(out, "process_threads", "gauge", "Threads.", (double)usage.threads);
    put(out, "process_descriptors", "gauge", "Open descriptors.",
        (double)usage.descriptors);
}

static int64_t spool_bytes(struct history *history)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < history_sinks(history); i++) {
        struct sink_status status;

        history_sink_status(history, i, &status);
        bytes += status.backlog_bytes;
    }
    return bytes;
}

void metrics_line(struct site *site, struct wall_time now, struct text *out)
{
    struct pipeline_status pipeline;
    struct history_status history;
    struct desk_counts desk;
    struct process_usage usage;
    uint64_t dropped;

    pipeline_status(site->pipeline, &pipeline);
    history_status(site->web.history, &history);
    dropped = pipeline.samples_dropped + history.samples_dropped;
    desk_counts(site->web.desk, &desk);
    metrics_usage(&usage);
    text_add(out, "facilityd,site=");
    line_escape_tag(out, site->web.model->site_id);
    text_addf(out,
              " bad=%llui,dropped=%llui,issues_open=%lldi,points=%zui,queue=%zui,"
              "rss_bytes=%lldi,samples=%llui,spool_bytes=%lldi,cpu_s=%.6f %lld",
              (unsigned long long)pipeline.samples_bad, (unsigned long long)dropped,
              (long long)desk.unclosed, site->web.model->point_count,
              pipeline.queue_length, (long long)usage.rss_bytes,
              (unsigned long long)pipeline.samples,
              (long long)spool_bytes(site->web.history), usage.cpu_s, (long long)now.ns);
}
