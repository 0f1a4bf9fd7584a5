/* link_load.c - see link_load.h. */
#include "gateway/link_load.h"

#include "adapters/link_cost.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/codes.h"

enum {
    CONSUMERS_NAMED = 3, /* enough to see where to begin */
    HINT_MAX = 600,
    CONSUMERS_MAX = 600,
};

static void name_consumers(const struct link_cost *cost, struct text *out)
{
    for (size_t i = 0; i < cost->unit_count && i < CONSUMERS_NAMED; i++) {
        const struct link_cost_unit *unit = &cost->units[i];

        text_addf(out, "%sunit %u %s %.1f %%", i == 0 ? "" : ", ", unit->id,
                  unit->equipment->id, unit->share * 100);
    }
    if (cost->unit_count > CONSUMERS_NAMED)
        text_addf(out, " and %zu more", cost->unit_count - CONSUMERS_NAMED);
}

/* What helps depends on what there is. */
static void name_ways_out(const struct link_cost *cost, struct text *out)
{
    text_add(out, "poll more slowly");
    if (cost->line.character_ns > 0)
        text_add(out, ", raise the baud rate");
    if (cost->unit_count > 1)
        text_add(out, ", move units to a second link");
    if (cost->guessed)
        text_add(out, ", or say with `latency` how fast the devices really answer");
    text_add(out, "; facilityd --plan shows it all");
}

static void add_message(const struct link_cost *cost, struct config_report *report)
{
    bool refused = link_cost_is_refused(cost);
    char wire[LINK_COST_WIRE_SIZE];
    struct text consumers;
    struct text hint;

    text_init(&consumers, CONSUMERS_MAX);
    text_init(&hint, HINT_MAX);
    name_consumers(cost, &consumers);
    name_ways_out(cost, &hint);
    (void)link_cost_wire(cost, wire);
    config_report_add(
        report, refused ? REPORT_ERROR : REPORT_WARNING,
        refused ? CODE(LINK_LOAD) : CODE(W_LINK_LOAD), cost->settings->pos, hint.data,
        "link \"%s\" is asked for %.1f %% of its time: %.1f requests/s take %.0f ms "
        "of every second%s%s (%s)",
        cost->settings->id, cost->share * 100, cost->requests_per_s, cost->share * 1000,
        wire[0] == '\0' ? "" : " at ", wire, consumers.data);
    text_done(&consumers);
    text_done(&hint);
}

void link_load_check(const struct config *config, struct config_report *report)
{
    for (uint32_t i = 0; i < config->link_count; i++) {
        struct err err = {0};
        struct link_cost *cost;

        if (config->links[i].kind != LINK_MODBUS)
            continue;
        cost = link_cost_new(config, i, &err);
        if (cost == NULL)
            config_report_add(report, REPORT_ERROR, CODE(ADDRESS), config->links[i].pos,
                              NULL, "%s", err.text);
        else if (cost->share * 100 > LINK_COST_WARN_PERCENT)
            add_message(cost, report);
        link_cost_free(cost);
    }
}
