/* tools.c - see tools.h. */
#include "gateway/tools.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct tools {
    struct site *const *site; /* guarded by the daemon's lock of the site */

    pthread_mutex_t mutex;
    /* guarded by mutex */
    struct reload_report reloads;
    char *messages; /* of the last one; NULL: none yet */
};

struct tools *tools_new(struct site *const *site)
{
    struct tools *tools = mem_alloc(sizeof *tools);

    tools->site = site;
    (void)pthread_mutex_init(&tools->mutex, NULL);
    return tools;
}

void tools_free(struct tools *tools)
{
    if (tools == NULL)
        return;
    (void)pthread_mutex_destroy(&tools->mutex);
    mem_free(tools->messages);
    mem_free(tools);
}

static struct site *site_of(void *context)
{
    const struct tools *tools = context;

    return *tools->site;
}

static int ask(void *context, uint32_t link, const struct link_question *question,
               struct mono_time until, struct link_answer *answer, struct err *err)
{
    return poll_ask(site_of(context)->poll, link, question, until, answer, err);
}

static size_t trace(void *context, uint32_t link, uint64_t after,
                    struct link_trace_frame *frames, size_t max)
{
    return poll_trace(site_of(context)->poll, link, after, frames, max);
}

static void finding(void *context, uint32_t link, uint32_t equipment,
                    struct finding *found)
{
    poll_finding(site_of(context)->poll, link, equipment, found);
}

static void probe_again(void *context, uint32_t link, uint32_t equipment)
{
    poll_probe_again(site_of(context)->poll, link, equipment);
}

static int scan_start(void *context, uint32_t link,
                      const struct bus_scan_options *options, struct err *err)
{
    return scans_start(site_of(context)->scans, link, options, err);
}

static void scan_stop(void *context, uint32_t link)
{
    scans_stop(site_of(context)->scans, link);
}

static bool scan_report(void *context, uint32_t link, struct scan_report *report)
{
    return scans_report(site_of(context)->scans, link, report);
}

/* --- reloads -------------------------------------------------------------------------
 */

/* As if somebody had sent the signal; the main thread does it. */
static uint64_t reload(void *context)
{
    struct tools *tools = context;
    uint64_t number;

    (void)pthread_mutex_lock(&tools->mutex);
    number = ++tools->reloads.asked;
    (void)pthread_mutex_unlock(&tools->mutex);
    (void)kill(getpid(), SIGHUP);
    return number;
}

static void reload_report(void *context, struct reload_report *report,
                          struct text *messages)
{
    struct tools *tools = context;

    (void)pthread_mutex_lock(&tools->mutex);
    *report = tools->reloads;
    if (tools->messages != NULL)
        text_add(messages, tools->messages);
    (void)pthread_mutex_unlock(&tools->mutex);
}

uint64_t tools_reload_begins(struct tools *tools)
{
    uint64_t number;

    (void)pthread_mutex_lock(&tools->mutex);
    number = tools->reloads.asked;
    (void)pthread_mutex_unlock(&tools->mutex);
    return number;
}

void tools_reloaded(struct tools *tools, uint64_t number, bool accepted, const char *why,
                    const char *messages)
{
    struct reload_report *report = &tools->reloads;

    (void)pthread_mutex_lock(&tools->mutex);
    report->done = number;
    report->time = wall_now();
    report->accepted = accepted;
    (void)snprintf(report->why, sizeof report->why, "%s",
                   accepted      ? ""
                   : why != NULL ? why
                                 : "the new configuration could not be started");
    mem_free(tools->messages);
    tools->messages = mem_strdup(messages);
    (void)pthread_mutex_unlock(&tools->mutex);
}

struct web_tools tools_source(struct tools *tools)
{
    return (struct web_tools){
        .context = tools,
        .ask = ask,
        .trace = trace,
        .finding = finding,
        .probe_again = probe_again,
        .scan_start = scan_start,
        .scan_stop = scan_stop,
        .scan_report = scan_report,
        .reload = reload,
        .reload_report = reload_report,
    };
}
