/* daemon.c - see daemon.h.
 *
 * DESIGN: one site runs at a time. Pages hold it with the read side of `site_lock`; a
 * reload takes the write side while it exchanges sites, so a page sees the old or the
 * new one, never half of each. The main thread does nothing but wait for signals and,
 * once a second, feed the watchdog, log what changed and write the own line.
 */
#include "gateway/daemon.h"

#include "base/file.h"
#include "base/json_out.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/descriptors.h"
#include "gateway/link_load.h"
#include "gateway/lock.h"
#include "gateway/metrics.h"
#include "gateway/notify.h"
#include "gateway/plan_report.h"
#include "gateway/site.h"
#include "gateway/tell.h"
#include "gateway/tools.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,
    OWN_LINE_EVERY_MS = 10 * 1000,
    STOP_MAX_S = 9, /* a stop that takes longer is cut off: systemd would kill at 10 */
    MESSAGES_MAX = 4 * 1024 * 1024,
    PLAN_MAX = 64 * 1024 * 1024,     /* JSON of 20000 units has 8 MB */
    WATCHDOG_DEFAULT_MS = 30 * 1000, /* how often workers are looked at without systemd */
};

struct daemon {
    const struct options *options;
    struct wall_time started;
    pthread_rwlock_t site_lock;
    struct site *site; /* guarded by site_lock */
    struct tell *tell; /* of `site` */
    struct tools *tools;
    struct web *web;
    int lock_fd;
    struct mono_time next_own_line;
    struct mono_time next_watchdog;
    uint64_t generation;
    uint64_t last_web_beat;
    struct log_trouble stuck;
};

static void print_report(const struct config_report *report,
                         const struct options *options)
{
    struct text text;

    text_init(&text, MESSAGES_MAX);
    if (options->json)
        config_report_json(report, &text);
    else
        config_report_print(report, isatty(STDERR_FILENO) != 0, &text);
    (void)fputs(text.data, options->json ? stdout : stderr);
    text_done(&text);
}

static int tell_check(const struct config_report *report, const struct site *site,
                      const struct options *options)
{
    size_t errors = config_report_errors(report);

    if (options->json)
        return site == NULL ? EX_CONFIG : EX_OK;
    if (site == NULL) {
        (void)fprintf(stderr, "%s: %zu error%s\n", options->config, errors,
                      errors == 1 ? "" : "s");
        return EX_CONFIG;
    }
    (void)printf("%s: ok: %zu links, %zu equipment, %zu points, %zu rules on %zu alarms, "
                 "%zu sinks\n",
                 options->config, site->config->link_count, site->config->equipment_count,
                 site->config->model->point_count, site->config->rule_count,
                 engine_instances(site->web.engine), site->config->sink_count);
    return EX_OK;
}

int daemon_check(const struct options *options)
{
    struct config_report *report = config_report_new();
    struct site *site = site_load(options->config, options->datadir, report);
    int code;

    print_report(report, options);
    code = tell_check(report, site, options);
    site_free(site);
    config_report_free(report);
    return code;
}

/* What is overloaded is shown all the more: the table first, then what is wrong. */
int daemon_plan(const struct options *options)
{
    struct config_report *report = config_report_new();
    struct config *config = config_load(options->config, options->datadir, report);
    struct text out;
    int code = EX_OK;

    text_init(&out, PLAN_MAX);
    if (config != NULL)
        link_load_check(config, report);
    if (options->json)
        plan_report_json(config, report, &out);
    else if (config != NULL)
        plan_report_print(config, &out);
    (void)fputs(out.data, stdout);
    (void)fflush(stdout);
    if (!options->json)
        print_report(report, options);
    if (config_report_errors(report) > 0)
        code = EX_CONFIG;
    text_done(&out);
    config_free(config);
    config_report_free(report);
    return code;
}

/* `messages` gets what there is to say about it, as JSON; it may be NULL. */
static struct site *load(const struct options *options, struct text *messages)
{
    struct config_report *report = config_report_new();
    struct site *site = site_load(options->config, options->datadir, report);

    if (config_report_errors(report) + config_report_warnings(report) > 0) {
        print_report(report, options);
        if (messages != NULL)
            config_report_json(report, messages);
    }
    config_report_free(report);
    return site;
}

static const struct web_site *acquire(void *context)
{
    struct daemon *daemon = context;

    (void)pthread_rwlock_rdlock(&daemon->site_lock);
    return &daemon->site->web;
}

static void release(void *context)
{
    struct daemon *daemon = context;

    (void)pthread_rwlock_unlock(&daemon->site_lock);
}

/* What the site offers is called between acquire and release. */
static void lock_engine(void *context)
{
    (void)pthread_mutex_lock(&((struct daemon *)context)->site->engine_mutex);
}

static void unlock_engine(void *context)
{
    (void)pthread_mutex_unlock(&((struct daemon *)context)->site->engine_mutex);
}

static void link_status(void *context, uint32_t link, struct link_status *status)
{
    poll_status(((struct daemon *)context)->site->poll, link, status);
}

static size_t link_units(void *context, uint32_t link, struct unit_status *units,
                         size_t max)
{
    return poll_units(((struct daemon *)context)->site->poll, link, units, max);
}

static size_t link_strangers(void *context, uint32_t link,
                             struct link_stranger strangers[LINK_STRANGERS_MAX])
{
    return poll_strangers(((struct daemon *)context)->site->poll, link, strangers);
}

static void metrics(void *context, struct text *out)
{
    struct daemon *daemon = context;

    metrics_prometheus(daemon->site, daemon->started, out);
}

static bool ready(void *context, struct text *reasons)
{
    struct daemon *daemon = context;
    struct pipeline_status pipeline;
    struct history_status history;
    struct json_out json = json_begin(reasons);
    bool desk;

    pipeline_status(daemon->site->pipeline, &pipeline);
    history_status(daemon->site->web.history, &history);
    desk = pipeline.pending_changes == 0;
    json_open(&json, '[');
    if (!desk)
        json_string(&json, "the issue desk cannot be written; changes wait in memory");
    if (!history.healthy)
        json_string(&json, history.error);
    json_close(&json, ']');
    return desk && history.healthy;
}

static char *socket_path(const struct daemon *daemon)
{
    const char *runtime = getenv("RUNTIME_DIRECTORY"); // NOLINT(concurrency-mt-unsafe)

    if (daemon->options->socket != NULL)
        return mem_strdup(daemon->options->socket);
    return file_join(runtime != NULL ? runtime : daemon->site->config->state_dir,
                     "facilityd.sock");
}

static int open_web(struct daemon *daemon, struct err *err)
{
    struct web_source source = {
        .context = daemon,
        .acquire = acquire,
        .release = release,
        .lock_engine = lock_engine,
        .unlock_engine = unlock_engine,
        .link_status = link_status,
        .link_units = link_units,
        .link_strangers = link_strangers,
        .ready = ready,
        .metrics = metrics,
        .tools = tools_source(daemon->tools),
    };
    char *socket = socket_path(daemon);
    struct web_options options = {
        .listen = daemon->site->config->web.listen,
        .socket = socket,
        .version = FACILITYD_VERSION,
        .started = daemon->started,
    };

    daemon->web = web_open(&options, &source, err);
    if (daemon->web != NULL)
        log_info("board=http://%s port=%d socket=%s", options.listen,
                 web_port(daemon->web), socket);
    mem_free(socket);
    return daemon->web == NULL ? -1 : 0;
}

static void tell_running(const struct daemon *daemon)
{
    const struct config *config = daemon->site->config;

    log_info("site=%s links=%zu equipment=%zu points=%zu rules=%zu alarms=%zu sinks=%zu",
             config->site.id, config->link_count, config->equipment_count,
             config->model->point_count, config->rule_count,
             engine_instances(daemon->site->web.engine), config->sink_count);
    notify_status("%zu equipment on %zu links", config->equipment_count,
                  config->link_count);
}

/* Three looks at the workers within the time that systemd gives. */
static void plan_watch(struct daemon *daemon)
{
    int64_t period_ms = notify_watchdog_ms();

    daemon->next_watchdog =
        mono_add_ms(mono_now(), (period_ms == 0 ? WATCHDOG_DEFAULT_MS : period_ms) / 3);
}

/* NULL when it may take the place of the running one, else why not. */
static const char *refusal(const struct site *next, const struct site *old,
                           struct err *err)
{
    if (next == NULL)
        return "the configuration has errors; the old one goes on";
    if (strcmp(next->config->web.listen, old->config->web.listen) != 0 ||
        strcmp(next->config->state_dir, old->config->state_dir) != 0)
        return "web.listen and state_dir change only at a restart";
    if (descriptors_reserve(next->config->link_count, err) != 0)
        return err->text;
    return NULL;
}

/* Exchanges the running site for a new one; when the new one cannot start, the old one
 * starts again. Returns whether the new one runs. */
static bool exchange(struct daemon *daemon, struct site *next)
{
    struct site *old = daemon->site;
    struct err err = {0};
    bool accepted;

    tell_free(daemon->tell); /* with what it still has to say about the old site */
    daemon->tell = NULL;
    site_hush(old); /* nobody holds the site for as long as a device takes */
    (void)pthread_rwlock_wrlock(&daemon->site_lock);
    site_stop(old, true);
    site_carry_values(next, old);
    next->web.generation = ++daemon->generation;
    accepted = site_start(next, &err) == 0;
    if (accepted) {
        daemon->site = next;
        next = old;
        log_info("reloaded");
    } else {
        log_error("reload failed, the old configuration goes on: %s", err.text);
        if (site_start(old, &err) != 0) {
            /* Everything accepted is on disk; a fresh start is the way out. */
            log_error("the old configuration cannot start again: %s", err.text);
            _exit(EX_SOFTWARE);
        }
    }
    (void)pthread_rwlock_unlock(&daemon->site_lock);
    site_free(next);
    daemon->tell = tell_new(daemon->site);
    tell_running(daemon);
    return accepted;
}

static void reload(struct daemon *daemon)
{
    uint64_t asked = tools_reload_begins(daemon->tools);
    struct text messages;
    struct site *next;
    struct err err = {0};
    const char *why;
    bool accepted = false;

    text_init(&messages, MESSAGES_MAX);
    next = load(daemon->options, &messages);
    why = refusal(next, daemon->site, &err);
    notify_reloading();
    if (why == NULL) {
        accepted = exchange(daemon, next);
    } else {
        log_error("reload refused: %s", why);
        site_free(next);
    }
    tools_reloaded(daemon->tools, asked, accepted, why, messages.data);
    text_done(&messages);
    notify_ready();
    /* This thread moved, and the new workers get a whole period. */
    notify_watchdog();
    plan_watch(daemon);
}

static void own_line(struct daemon *daemon, struct mono_time now)
{
    struct text line;

    if (mono_before(now, daemon->next_own_line))
        return;
    daemon->next_own_line = mono_add_ms(now, OWN_LINE_EVERY_MS);
    text_init(&line, 1024);
    metrics_line(daemon->site, wall_now(), &line);
    history_line(daemon->site->web.history, line.data);
    text_done(&line);
}

/* Feeds the watchdog only when every worker has moved since the last time. */
static void watch(struct daemon *daemon, struct mono_time now)
{
    const char *who;
    uint64_t web = web_heartbeat(daemon->web);

    if (mono_before(now, daemon->next_watchdog))
        return;
    plan_watch(daemon);
    if (!site_moves(daemon->site, &who)) {
        log_trouble(&daemon->stuck, "worker=\"%s\" does not move", who);
    } else if (web == daemon->last_web_beat) {
        log_trouble(&daemon->stuck, "worker=web does not move");
    } else {
        log_trouble_over(&daemon->stuck, "every worker moves again");
        notify_watchdog();
    }
    daemon->last_web_beat = web;
}

static void block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGHUP);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ,
                 SIG_IGN); /* a file limit is a full disk: an error, not an end */
}

static void serve(struct daemon *daemon, const sigset_t *set)
{
    for (;;) {
        struct timespec wait = {.tv_sec = TICK_MS / 1000};
        int signal = sigtimedwait(set, NULL, &wait);
        struct mono_time now = mono_now();

        if (signal == SIGTERM || signal == SIGINT)
            return;
        if (signal == SIGHUP)
            reload(daemon);
        tell_step(daemon->tell);
        own_line(daemon, now);
        watch(daemon, now);
    }
}

/* A worker that does not end must not keep the machine from shutting down: what was
 * accepted is on disk, so cutting off is safe. */
static void cut_off(int signal)
{
    static const char text[] = "<3>a worker did not stop in time; cut off\n";

    (void)signal;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EX_SOFTWARE);
}

static void stop(struct daemon *daemon)
{
    notify_stopping();
    (void)signal(SIGALRM, cut_off);
    (void)alarm(STOP_MAX_S);
    log_info("stopping");
    site_hush(daemon->site);
    tell_free(daemon->tell);
    daemon->tell = NULL;
    web_close(daemon->web);
    if (daemon->site->running)
        site_stop(daemon->site, false);
    (void)alarm(0);
    log_info("stopped");
}

static int exit_code(const struct err *err)
{
    static const int codes[] = {[ERR_CONFIG] = EX_CONFIG,
                                [ERR_STATE] = EX_UNAVAILABLE,
                                [ERR_IO] = EX_IOERR,
                                [ERR_DENIED] = EX_NOPERM};

    return (size_t)err->kind < sizeof codes / sizeof codes[0] && codes[err->kind] != 0
               ? codes[err->kind]
               : EX_SOFTWARE;
}

static int start(struct daemon *daemon, struct err *err)
{
    /* Workers get a whole period before they are looked at for the first time. */
    plan_watch(daemon);
    if (descriptors_reserve(daemon->site->config->link_count, err) != 0)
        return -1;
    daemon->lock_fd = lock_state_dir(daemon->site->config->state_dir, err);
    if (daemon->lock_fd < 0)
        return -1;
    if (site_start(daemon->site, err) != 0)
        return -1;
    if (open_web(daemon, err) != 0) {
        site_stop(daemon->site, false);
        return -1;
    }
    return 0;
}

int daemon_run(const struct options *options)
{
    struct daemon daemon = {.options = options, .started = wall_now(), .lock_fd = -1};
    struct err err = {0};
    sigset_t set;
    int code = EX_OK;

    block_signals(&set);
    (void)pthread_rwlock_init(&daemon.site_lock, NULL);
    daemon.site = load(options, NULL);
    if (daemon.site == NULL)
        return EX_CONFIG;
    daemon.tools = tools_new(&daemon.site);
    if (start(&daemon, &err) == 0) {
        daemon.tell = tell_new(daemon.site);
        tell_running(&daemon);
        notify_ready();
        serve(&daemon, &set);
        stop(&daemon);
    } else {
        log_error("cannot start: %s", err.text);
        code = exit_code(&err);
    }
    site_free(daemon.site);
    tools_free(daemon.tools);
    if (daemon.lock_fd >= 0)
        (void)close(daemon.lock_fd);
    (void)pthread_rwlock_destroy(&daemon.site_lock);
    return code;
}
