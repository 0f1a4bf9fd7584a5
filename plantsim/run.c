/* run.c - the `run` command: the building in operation. */
#include "plantsim/commands.h"

#include "base/log.h"
#include "plantsim/control.h"
#include "plantsim/options.h"
#include "plantsim/paths.h"
#include "plantsim/publisher.h"
#include "plantsim/scenario.h"
#include "plantsim/serial.h"
#include "plantsim/server.h"
#include "plantsim/status.h"

#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

enum {
    TICK_MS = WORLD_STEP_MS,
    CATCH_UP_STEPS = 20000, /* of one tick; after a longer pause time is lost */
};

struct run {
    /* options */
    int64_t seed;
    int64_t speed;
    int64_t base_port;
    int64_t baud;
    int64_t utc_offset_min;
    const char *pty;
    const char *broker;
    const char *control_path;
    const char *site;
    const char *start;
    /* parts */
    struct loop *loop;
    struct plant *plant;
    struct server *servers[PLANT_LINKS];
    struct serial *serial;
    struct publisher *publisher;
    struct control *control;
    struct scenarios scenarios;
    struct loop_timer tick;
    struct mono_time started;
    struct mono_time stepped; /* the world has been moved up to here */
    char where[PLANT_LINKS][128];
};

enum {
    RUN_OPTIONS = 10,
};

static void fill_rows(struct option_row rows[RUN_OPTIONS], struct run *run)
{
    const struct option_row filled[RUN_OPTIONS] = {
        {"seed", "N", "same seed, same building (1)", OPTION_NUMBER, &run->seed, 0,
         INT64_MAX},
        {"speed", "N", "simulated seconds per second, 1 to 3600 (1)", OPTION_NUMBER,
         &run->speed, 1, 3600},
        {"start", "TIME", "simulated time at the start, RFC 3339 (now)", OPTION_STRING,
         &run->start, 0, 0},
        {"utc-offset", "MIN", "site time east of UTC in minutes (480)", OPTION_NUMBER,
         &run->utc_offset_min, -720, 840},
        {"base-port", "P", "first of four TCP ports on 127.0.0.1 (15020)", OPTION_NUMBER,
         &run->base_port, 1, 65000},
        {"pty", "PATH", "symlink to the serial line, or none (" COMMAND_FOLDER "riser-a)",
         OPTION_STRING, &run->pty, 0, 0},
        {"baud", "N", "speed of the serial line, 0 = no wire time (19200)", OPTION_NUMBER,
         &run->baud, 0, 1000000},
        {"broker", "URL", "MQTT broker, or none (mqtt://127.0.0.1:18883)", OPTION_STRING,
         &run->broker, 0, 0},
        {"site", "ID", "first level of the MQTT topics (riverside)", OPTION_STRING,
         &run->site, 0, 0},
        {"control", "PATH", "control socket (" COMMAND_CONTROL_PATH ")", OPTION_STRING,
         &run->control_path, 0, 0},
    };

    memcpy(rows, filled, sizeof filled);
}

static void set_defaults(struct run *run)
{
    *run = (struct run){.seed = 1,
                        .speed = 1,
                        .base_port = 15020,
                        .baud = 19200,
                        .utc_offset_min = 480,
                        .pty = COMMAND_FOLDER "riser-a",
                        .broker = "mqtt://127.0.0.1:18883",
                        .control_path = COMMAND_CONTROL_PATH,
                        .site = "riverside",
                        .start = ""};
}

void command_run_help(FILE *out)
{
    struct option_row rows[RUN_OPTIONS];
    struct run run;

    set_defaults(&run);
    fill_rows(rows, &run);
    options_print(rows, RUN_OPTIONS, out);
}

static bool is_off(const char *option)
{
    return strcmp(option, "none") == 0;
}

static void on_tick(struct loop_timer *timer)
{
    struct run *run = timer->owner;
    struct mono_time now = mono_now();
    int64_t step_ns = WORLD_STEP_MS * CLOCK_MS / run->speed;
    int64_t steps = (now.ns - run->stepped.ns) / step_ns;

    run->stepped.ns += steps * step_ns;
    if (steps > CATCH_UP_STEPS)
        steps = CATCH_UP_STEPS;
    scenario_expire(&run->scenarios, run->plant, now);
    plant_step(run->plant, (uint64_t)steps);
    for (int i = 0; i < PLANT_LINKS; i++)
        if (run->servers[i] != NULL)
            server_follow(run->servers[i]);
    if (run->publisher != NULL)
        publisher_step(run->publisher, now, wall_now());
    loop_at(run->loop, timer, mono_add_ms(now, TICK_MS));
}

static int execute_status(struct run *run, const struct control_words *words,
                          struct text *answer)
{
    const char *format = control_value(words, "format");
    struct status status = {
        .plant = run->plant,
        .scenarios = &run->scenarios,
        .site = run->site,
        .seed = (uint64_t)run->seed,
        .speed = run->speed,
        .now = mono_now(),
        .started = run->started,
    };

    for (int i = 0; i < PLANT_LINKS; i++) {
        status.where[i] = run->where[i];
        if (run->servers[i] != NULL)
            status.peers[i] = server_peers(run->servers[i]);
    }
    if (run->publisher != NULL)
        status.peers[LINK_BROKER] = publisher_connected(run->publisher) ? 1 : 0;
    if (format != NULL && strcmp(format, "json") == 0)
        status_json(answer, &status);
    else
        status_text(answer, &status);
    return 0;
}

static int execute_start(struct run *run, const struct control_words *words,
                         struct text *answer, struct err *err)
{
    const char *for_text = control_value(words, "for");
    struct scenario_request request = {
        .name = words->words[1],
        .target = control_value(words, "target"),
        .variant = control_value(words, "variant"),
        .until = MONO_NEVER,
    };
    int64_t for_ms;

    if (for_text != NULL) {
        if (!options_duration(for_text, &for_ms))
            return err_set(err, ERR_INPUT, "'%s' is not a duration", for_text);
        request.until = mono_add_ms(mono_now(), for_ms);
    }
    if (scenario_start(&run->scenarios, run->plant, &request, err) != 0)
        return -1;
    for (size_t i = 0; i < run->scenarios.count; i++) {
        const struct scenario_run *active = &run->scenarios.runs[i];

        if (strcmp(active->scenario->name, words->words[1]) == 0)
            text_addf(answer, "%s runs on %s: %s\n  rule: %s\n", active->scenario->name,
                      scenario_target(active), active->scenario->text,
                      active->scenario->rules == NULL ? "none shipped"
                                                      : active->scenario->rules);
    }
    return 0;
}

static int execute(void *owner, char *line, struct text *answer, struct err *err)
{
    struct run *run = owner;
    struct control_words words;
    const char *verb;

    control_split(&words, line);
    verb = words.count > 0 ? words.words[0] : "";
    if (strcmp(verb, "status") == 0)
        return execute_status(run, &words, answer);
    if (strcmp(verb, "start") == 0 && words.count > 1)
        return execute_start(run, &words, answer, err);
    if (strcmp(verb, "stop") == 0 && words.count > 1) {
        if (scenario_stop(&run->scenarios, run->plant, words.words[1],
                          control_value(&words, "target"), err) != 0)
            return -1;
        text_addf(answer, "%s has ended\n", words.words[1]);
        return 0;
    }
    return err_set(err, ERR_INPUT, "unknown request '%s'", verb);
}

static int open_links(struct run *run, struct err *err)
{
    for (int i = 0; i < PLANT_LINKS; i++) {
        uint16_t port;

        if (plant_links[i].port_offset < 0)
            continue;
        port = (uint16_t)(run->base_port + plant_links[i].port_offset);
        run->servers[i] =
            server_new(run->loop, run->plant, (enum plant_link)i, port, err);
        if (run->servers[i] == NULL)
            return -1;
        (void)snprintf(run->where[i], sizeof run->where[i], "127.0.0.1:%u", port);
    }
    if (!is_off(run->pty)) {
        if (paths_make_parent(run->pty, err) != 0)
            return -1;
        run->serial =
            serial_new(run->loop, run->plant, LINK_RISER, run->pty, (int)run->baud, err);
        if (run->serial == NULL)
            return -1;
        (void)snprintf(run->where[LINK_RISER], sizeof run->where[0], "%s", run->pty);
    }
    if (!is_off(run->broker)) {
        run->publisher = publisher_new(run->plant, run->broker, run->site, err);
        if (run->publisher == NULL)
            return -1;
        (void)snprintf(run->where[LINK_BROKER], sizeof run->where[0], "%s", run->broker);
    }
    return 0;
}

static int open_run(struct run *run, struct err *err)
{
    struct wall_time start = wall_now();

    if (run->start[0] != '\0' && !wall_parse(run->start, &start))
        return err_set(err, ERR_INPUT,
                       "--start '%s' is not a time like 2026-11-24T07:30:00+08:00",
                       run->start);
    run->plant =
        plant_new((uint64_t)run->seed, start, (int32_t)(run->utc_offset_min * 60));
    run->loop = loop_new(err);
    if (run->loop == NULL || paths_make_parent(run->control_path, err) != 0)
        return -1;
    run->control = control_new(run->loop, run->control_path, execute, run, err);
    if (run->control == NULL || open_links(run, err) != 0)
        return -1;
    run->started = mono_now();
    run->stepped = run->started;
    run->tick = (struct loop_timer){.fire = on_tick, .owner = run};
    loop_at(run->loop, &run->tick, mono_add_ms(run->started, TICK_MS));
    return 0;
}

static void close_run(struct run *run)
{
    publisher_free(run->publisher);
    serial_free(run->serial);
    for (int i = 0; i < PLANT_LINKS; i++)
        server_free(run->servers[i]);
    control_free(run->control);
    loop_free(run->loop);
    plant_free(run->plant);
}

int command_run(int argc, char **argv)
{
    struct option_row rows[RUN_OPTIONS];
    struct option_words words;
    struct run run;
    struct err err;
    int result = EX_OK;

    set_defaults(&run);
    fill_rows(rows, &run);
    if (options_parse(rows, RUN_OPTIONS, argc, argv, &words, &err) != 0)
        return command_fail(&err);
    if (words.count > 0) {
        (void)err_set(&err, ERR_INPUT, "what is '%s'? All commands: plantsim help",
                      words.words[0]);
        return command_fail(&err);
    }
    command_catch_signals();
    if (open_run(&run, &err) != 0) {
        result = command_fail(&err);
    } else {
        log_info("event=ready site=%s ports=%" PRId64 "-%" PRId64
                 " pty=%s broker=%s control=%s speed=%" PRId64,
                 run.site, run.base_port, run.base_port + 3, run.pty, run.broker,
                 run.control_path, run.speed);
        loop_run(run.loop, &command_stop);
        log_info("event=stopped");
    }
    close_run(&run);
    return result;
}
