/* plan_report.c - see plan_report.h. */
#include "gateway/plan_report.h"

#include "adapters/link_cost.h"
#include "adapters/schedule.h"
#include "base/mem.h"
#include "web/link_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES_WIDTH = 30, /* of equipment and profile together: what 80 columns leave */
    NAME_LEAST = 9,   /* their heads */
    PERIOD_SIZE = 24,
    PAUSE_SIZE = 48,
    COLUMNS = 80,
    MESSAGES_MAX = 4 * 1024 * 1024,
};

/* The costs of all Modbus links that can be planned, the busiest first. */
struct costs {
    struct link_cost **list;
    size_t count;
};

static int compare_costs(const void *left, const void *right)
{
    const struct link_cost *const *a = left;
    const struct link_cost *const *b = right;

    if ((*a)->share != (*b)->share)
        return (*a)->share > (*b)->share ? -1 : 1;
    return strcmp((*a)->settings->id, (*b)->settings->id);
}

static struct costs costs_new(const struct config *config)
{
    struct costs costs = {.count = 0};

    costs.list = mem_array(config->link_count + 1, sizeof(void *));
    for (uint32_t i = 0; i < config->link_count; i++) {
        struct link_cost *cost = NULL;

        if (config->links[i].kind == LINK_MODBUS)
            cost = link_cost_new(config, i, NULL);
        if (cost != NULL)
            costs.list[costs.count++] = cost;
    }
    qsort(costs.list, costs.count, sizeof(void *), compare_costs);
    return costs;
}

static void costs_done(struct costs *costs)
{
    for (size_t i = 0; i < costs->count; i++)
        link_cost_free(costs->list[i]);
    mem_free(costs->list);
}

/* --- text ---------------------------------------------------------------------- */

static char *period_text(int64_t ms, char out[PERIOD_SIZE])
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (ms % units[i].ms != 0)
            continue;
        (void)snprintf(out, PERIOD_SIZE, "%" PRId64 "%s", ms / units[i].ms,
                       units[i].unit);
        break;
    }
    return out;
}

/* What an id takes of its column; longer ones lose their end to a "~". */
static void add_name(struct text *out, const char *name, int width)
{
    int length = (int)strlen(name);

    if (length > width)
        text_addf(out, "%.*s~  ", width - 1, name);
    else
        text_addf(out, "%-*s  ", width, name);
}

static int widest(int width, const char *name)
{
    int length = (int)strlen(name);

    return length > width ? length : width;
}

/* The equipment column gets what it needs as long as the profile's keeps its half. */
static void share_width(const struct link_cost *cost, int *equipment, int *profile)
{
    *equipment = *profile = NAME_LEAST;
    for (size_t i = 0; i < cost->unit_count; i++) {
        *equipment = widest(*equipment, cost->units[i].equipment->id);
        *profile = widest(*profile, cost->units[i].equipment->profile->id);
    }
    if (*equipment + *profile <= NAMES_WIDTH)
        return;
    if (*profile > NAMES_WIDTH / 2)
        *profile =
            *equipment < NAMES_WIDTH / 2 ? NAMES_WIDTH - *equipment : NAMES_WIDTH / 2;
    if (*equipment > NAMES_WIDTH - *profile)
        *equipment = NAMES_WIDTH - *profile;
}

/* A by-id path is long: then the address has a line of its own. */
static void add_head(const struct link_cost *cost, struct text *out)
{
    const struct link_settings *link = cost->settings;
    char wire[LINK_COST_WIRE_SIZE];
    char pause[PAUSE_SIZE] = "";
    size_t width;

    (void)link_cost_wire(cost, wire);
    if (link->turnaround_ms > 0)
        (void)snprintf(pause, sizeof pause, "  turnaround %" PRId64 " ms",
                       link->turnaround_ms);
    width = strlen(link->id) + strlen(link->modbus) + strlen(wire) + strlen(pause) + 9;
    text_addf(out, "link %s", link->id);
    if (width <= COLUMNS)
        text_addf(out, "  %s", link->modbus);
    text_addf(out, "%s%s%s\n", wire[0] == '\0' ? "" : "  ", wire, pause);
    if (width > COLUMNS)
        text_addf(out, "  %s\n", link->modbus);
}

static void add_figures(struct text *out, size_t requests, int64_t cells, int64_t bytes,
                        int64_t ns, double share)
{
    text_addf(out, "%4zu  %5" PRId64 "  %6" PRId64 "  %8.1f  %6.1f%%\n", requests, cells,
              bytes, (double)ns / (double)CLOCK_MS, share * 100);
}

static void add_units(const struct link_cost *cost, struct text *out)
{
    int equipment;
    int profile;

    share_width(cost, &equipment, &profile);
    text_addf(out, "  %4s  %-*s  %-*s  %4s  %5s  %6s  %8s  %7s\n", "UNIT", equipment,
              "EQUIPMENT", profile, "PROFILE", "REQ", "REGS", "BYTES", "MS", "SHARE");
    for (size_t i = 0; i < cost->unit_count; i++) {
        const struct link_cost_unit *unit = &cost->units[i];

        text_addf(out, "  %4u  ", unit->id);
        add_name(out, unit->equipment->id, equipment);
        add_name(out, unit->equipment->profile->id, profile);
        add_figures(out, unit->requests, unit->cells, unit->bytes, unit->ns, unit->share);
    }
    text_addf(out, "  %4zu  ", cost->unit_count);
    add_name(out, "in all", equipment);
    add_name(out, "", profile);
    add_figures(out, cost->requests, cost->cells, cost->bytes, cost->ns, cost->share);
}

static void add_periods(const struct link_cost *cost, struct text *out)
{
    char period[PERIOD_SIZE];

    text_addf(out, "\n  %8s  %4s  %10s  %9s  %10s  %8s  %7s\n", "EVERY", "REQ",
              "REQUESTS/S", "BYTES/S", "MS/SECOND", "ROUND MS", "SHARE");
    for (size_t i = 0; i < cost->class_count; i++) {
        const struct link_cost_class *class = &cost->classes[i];
        double times_per_s = 1000.0 / (double)class->period_ms;

        text_addf(out, "  %8s  %4zu  %10.2f  %9.1f  %10.1f  %8.1f  %6.1f%%\n",
                  period_text(class->period_ms, period), class->requests,
                  times_per_s * (double)class->requests,
                  times_per_s * (double)class->bytes, class->share * 1000,
                  (double)class->ns / (double)CLOCK_MS, class->share * 100);
    }
    if (cost->class_count > 1)
        text_addf(out, "  %8s  %4zu  %10.2f  %9.1f  %10.1f  %8.1f  %6.1f%%\n", "in all",
                  cost->requests, cost->requests_per_s, cost->bytes_per_s,
                  cost->share * 1000, (double)cost->ns / (double)CLOCK_MS,
                  cost->share * 100);
}

/* The unit that costs most when it is dead. */
static void add_death(const struct link_cost *cost, struct text *out)
{
    const struct link_cost_unit *worst = &cost->units[0];
    double attempt_s;
    double share;

    for (size_t i = 0; i < cost->unit_count; i++)
        if (link_cost_dead_share(&cost->units[i]) > link_cost_dead_share(worst))
            worst = &cost->units[i];
    attempt_s = (double)worst->dead_ns / (double)CLOCK_S;
    share = link_cost_dead_share(worst);
    text_addf(
        out,
        "\n  A unit that does not answer costs %.1f s until that is known, then "
        "%.1f s every\n  %.0f s (%.1f %%, unit %u); all such units together at most "
        "%d %%.\n",
        BREAKER_FAILURES * attempt_s, attempt_s, attempt_s / share, share * 100,
        worst->id, PROBE_SHARE_PERCENT);
}

static void add_notes(const struct link_cost *cost, struct text *out)
{
    bool shared = false;

    for (size_t i = 0; i < cost->unit_count; i++)
        shared = shared || cost->units[i].equipment_count > 1;
    if (shared)
        text_add(out, "  Some units carry several equipment; the first is named.\n");
    if (cost->guessed)
        text_addf(out,
                  "  Devices without `latency` are taken to answer after %" PRId64
                  " ms.\n",
                  link_cost_latency_ms(&cost->line, -1));
    if (cost->kind != ENDPOINT_SERIAL && cost->line.character_ns == 0 &&
        (cost->unit_count > 1 || !cost->line.tcp))
        text_add(out, "  Is there a bus behind it? Then `baud` makes its time count.\n");
    if (link_cost_is_refused(cost))
        text_add(out, "  REFUSED: more than the link can carry.\n");
    else if (cost->share * 100 > LINK_COST_WARN_PERCENT)
        text_addf(out, "  WARNING: more than %d %%: little room for retries.\n",
                  LINK_COST_WARN_PERCENT);
}

static void add_link(const struct link_cost *cost, struct text *out)
{
    add_head(cost, out);
    if (cost->unit_count == 0) {
        text_add(out, "  nothing is read here\n\n");
        return;
    }
    add_units(cost, out);
    add_periods(cost, out);
    add_death(cost, out);
    add_notes(cost, out);
    text_add_char(out, '\n');
}

static void add_brokers(const struct config *config, struct text *out)
{
    size_t column = 0;

    for (size_t i = 0; i < config->link_count; i++) {
        const struct link_settings *link = &config->links[i];
        size_t length = strlen(link->id) + strlen(link->mqtt) + 5;

        if (link->kind != LINK_MQTT)
            continue;
        if (column == 0)
            text_add(out, "not polled, MQTT:");
        column += column == 0 ? strlen("not polled, MQTT:") : 0;
        if (column + length > COLUMNS) {
            text_add(out, "\n ");
            column = 1;
        }
        text_addf(out, " %s (%s)", link->id, link->mqtt);
        column += length;
    }
    if (column > 0)
        text_add_char(out, '\n');
}

void plan_report_print(const struct config *config, struct text *out)
{
    struct costs costs = costs_new(config);

    for (size_t i = 0; i < costs.count; i++)
        add_link(costs.list[i], out);
    add_brokers(config, out);
    if (config->link_count == 0)
        text_add(out, "there are no links\n");
    costs_done(&costs);
}

/* --- JSON ---------------------------------------------------------------------- */

static void put_links(struct json_out *json, const struct config *config)
{
    struct costs costs = costs_new(config);

    for (size_t i = 0; i < costs.count; i++) {
        json_open(json, '{');
        json_put_string(json, "id", costs.list[i]->settings->id);
        json_put_string(json, "kind", "modbus");
        json_put_string(json, "address", costs.list[i]->settings->modbus);
        json_key(json, "planned");
        link_plan_json(json, costs.list[i]);
        json_close(json, '}');
    }
    for (size_t i = 0; i < config->link_count; i++) {
        if (config->links[i].kind != LINK_MQTT)
            continue;
        json_open(json, '{');
        json_put_string(json, "id", config->links[i].id);
        json_put_string(json, "kind", "mqtt");
        json_put_string(json, "address", config->links[i].mqtt);
        json_close(json, '}');
    }
    costs_done(&costs);
}

void plan_report_json(const struct config *config, const struct config_report *report,
                      struct text *out)
{
    struct json_out json = json_begin(out);
    struct text messages;

    text_init(&messages, MESSAGES_MAX);
    config_report_json(report, &messages);
    json_open(&json, '{');
    json_key(&json, "links");
    json_open(&json, '[');
    if (config != NULL)
        put_links(&json, config);
    json_close(&json, ']');
    json_key(&json, "messages");
    json_raw(&json, messages.data);
    json_close(&json, '}');
    text_add_char(out, '\n');
    text_done(&messages);
}
