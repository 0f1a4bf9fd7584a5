/* link_cost.c - see link_cost.h. */
#include "adapters/link_cost.h"

#include "adapters/modbus_serial.h"
#include "adapters/modbus_unit.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    RTU_REQUEST = 8,
    RTU_ANSWER = 5, /* unit, function, count, checksum; the data beside */
    MBAP_REQUEST = 12,
    MBAP_ANSWER = 9,
};

/* --- one exchange -------------------------------------------------------------- */

static int64_t data_bytes(enum modbus_table table, uint32_t count)
{
    bool bits = table == TABLE_COIL || table == TABLE_DISCRETE;

    return bits ? (count + 7) / 8 : 2 * (int64_t)count;
}

int64_t link_cost_request_bytes(const struct modbus_line *line)
{
    return line->tcp ? MBAP_REQUEST : RTU_REQUEST;
}

int64_t link_cost_answer_bytes(const struct modbus_line *line, enum modbus_table table,
                               uint32_t count)
{
    return (line->tcp ? MBAP_ANSWER : RTU_ANSWER) + data_bytes(table, count);
}

static int64_t gap_of(const struct modbus_line *line, int64_t delay_ms)
{
    return line->gap_ns > delay_ms * CLOCK_MS ? line->gap_ns : delay_ms * CLOCK_MS;
}

int64_t link_cost_latency_ms(const struct modbus_line *line, int64_t latency_ms)
{
    if (latency_ms >= 0)
        return latency_ms;
    return (line->far ? LINK_COST_LATENCY_FAR_MS : 0) +
           (line->character_ns > 0 ? LINK_COST_LATENCY_BUS_MS : LINK_COST_LATENCY_TCP_MS);
}

/* Whatever the framing on our side: on the bus it is RTU. */
static int64_t wire_ns(const struct modbus_line *line, enum modbus_table table,
                       uint32_t count)
{
    return (RTU_REQUEST + RTU_ANSWER + data_bytes(table, count)) * line->character_ns;
}

int64_t link_cost_exchange_ns(const struct modbus_line *line,
                              const struct link_cost_device *device,
                              enum modbus_table table, uint32_t count)
{
    bool bus = line->character_ns > 0;
    int64_t ns = gap_of(line, device->delay_ms);

    ns += link_cost_latency_ms(line, device->latency_ms) * CLOCK_MS;
    if (bus)
        ns += wire_ns(line, table, count) + line->silence_ns;
    if (!line->port)
        ns += line->silence_ns + LINK_COST_ROUND_TRIP_MS * CLOCK_MS;
    return ns;
}

/* --- a unit -------------------------------------------------------------------- */

/* What is read of one unit, and how. */
struct work {
    const struct modbus_unit *unit;
    struct plan_item *items;
    size_t item_count;
    struct link_cost_device device;
    bool guessed; /* the latency */
};

static double share_of(int64_t ns, int64_t period_ms)
{
    return (double)ns / ((double)period_ms * (double)CLOCK_MS);
}

static int variant_share(const struct variant_settings *variant, const struct work *work,
                         const struct modbus_line *line, double *share, struct err *err)
{
    struct plan_item *items = mem_array(variant->point_count + 1, sizeof *items);
    struct plan plan = {0};
    int rc;

    for (size_t i = 0; i < variant->point_count; i++)
        items[i] = (struct plan_item){.settings = &variant->points[i]};
    rc = modbus_plan_build(&plan, items, variant->point_count, &work->unit->limits, err);
    *share = 0;
    for (size_t i = 0; rc == 0 && i < plan.block_count; i++)
        *share +=
            share_of(link_cost_exchange_ns(line, &work->device, plan.blocks[i].table,
                                           plan.blocks[i].count),
                     plan.blocks[i].period_ms);
    modbus_plan_done(&plan);
    mem_free(items);
    return rc;
}

/* The points of the costliest variant that may be meant. */
static int add_points(struct work *work, const struct equipment_settings *equipment,
                      const struct modbus_line *line, struct err *err)
{
    const struct variant_settings *costliest = NULL;
    double most = -1;

    for (size_t i = 0; i < equipment->variant_count; i++) {
        double share;

        if (variant_share(&equipment->variants[i], work, line, &share, err) != 0)
            return err_prefix(err, "equipment '%s'", equipment->id);
        if (share <= most)
            continue;
        most = share;
        costliest = &equipment->variants[i];
    }
    if (costliest == NULL)
        return 0;
    work->items = mem_resize(work->items, work->item_count + costliest->point_count + 1,
                             sizeof *work->items);
    for (size_t i = 0; i < costliest->point_count; i++)
        work->items[work->item_count++] =
            (struct plan_item){.settings = &costliest->points[i]};
    return 0;
}

static int gather(struct work *work, const struct modbus_unit *unit,
                  const struct modbus_line *line, struct err *err)
{
    *work = (struct work){.unit = unit, .device = {.delay_ms = unit->delay_ms}};
    for (size_t i = 0; i < unit->equipment_count; i++) {
        int64_t latency_ms = unit->equipment[i].settings->latency_ms;

        work->guessed = work->guessed || latency_ms < 0;
        if (link_cost_latency_ms(line, latency_ms) > work->device.latency_ms)
            work->device.latency_ms = link_cost_latency_ms(line, latency_ms);
    }
    for (size_t i = 0; i < unit->equipment_count; i++)
        if (add_points(work, unit->equipment[i].settings, line, err) != 0)
            return -1;
    return 0;
}

/* --- sums ---------------------------------------------------------------------- */

static struct link_cost_class *class_of(struct link_cost *cost, int64_t period_ms)
{
    for (size_t i = 0; i < cost->class_count; i++)
        if (cost->classes[i].period_ms == period_ms)
            return &cost->classes[i];
    cost->classes =
        mem_resize(cost->classes, cost->class_count + 1, sizeof *cost->classes);
    cost->classes[cost->class_count] = (struct link_cost_class){.period_ms = period_ms};
    return &cost->classes[cost->class_count++];
}

static void add_block(struct link_cost *cost, struct link_cost_unit *sum,
                      const struct plan_block *block, const struct work *work)
{
    const struct modbus_line *line = &cost->line;
    struct link_cost_class *class = class_of(cost, block->period_ms);
    int64_t bytes = link_cost_request_bytes(line) +
                    link_cost_answer_bytes(line, block->table, block->count);
    int64_t ns = link_cost_exchange_ns(line, &work->device, block->table, block->count);
    double share = share_of(ns, block->period_ms);

    class->requests++;
    class->cells += block->count;
    class->bytes += bytes;
    class->ns += ns;
    class->share += share;
    sum->requests++;
    sum->cells += block->count;
    sum->bytes += bytes;
    sum->ns += ns;
    sum->share += share;
    if (sum->fastest_ms == 0 || block->period_ms < sum->fastest_ms)
        sum->fastest_ms = block->period_ms;
}

/* It is asked for its smallest read, and after a failure on RTU the line is kept silent
 * for as long again. */
static void add_death(const struct link_cost *cost, struct link_cost_unit *sum,
                      const struct plan *plan, const struct modbus_unit *unit)
{
    const struct modbus_line *line = &cost->line;
    int64_t timeout_ms =
        unit->timeout_ms > 0 ? unit->timeout_ms : cost->settings->timeout_ms;
    const struct plan_block *smallest = plan->block_count > 0 ? &plan->blocks[0] : NULL;

    sum->dead_wait_ms = unit->critical ? BREAKER_WAIT_CRITICAL_MS : BREAKER_WAIT_MAX_MS;
    if (smallest == NULL)
        return;
    for (size_t i = 1; i < plan->block_count; i++)
        if (plan->blocks[i].count < smallest->count)
            smallest = &plan->blocks[i];
    sum->dead_ns = gap_of(line, unit->delay_ms) + timeout_ms * CLOCK_MS;
    if (line->port)
        sum->dead_ns += wire_ns(line, smallest->table, smallest->count);
    sum->dead_ns +=
        line->tcp ? LINK_COST_ROUND_TRIP_MS * CLOCK_MS : timeout_ms * CLOCK_MS;
}

static int add_unit(struct link_cost *cost, const struct modbus_unit *unit,
                    struct err *err)
{
    struct link_cost_unit *sum = &cost->units[cost->unit_count++];
    struct work work;
    struct plan plan = {0};
    int result = -1;

    *sum = (struct link_cost_unit){.id = unit->id,
                                   .equipment = unit->equipment[0].settings,
                                   .equipment_count = unit->equipment_count};
    if (gather(&work, unit, &cost->line, err) != 0)
        goto out;
    if (modbus_plan_build(&plan, work.items, work.item_count, &unit->limits, err) != 0) {
        (void)err_prefix(err, "equipment '%s'", unit->name);
        goto out;
    }
    for (size_t i = 0; i < plan.block_count; i++)
        add_block(cost, sum, &plan.blocks[i], &work);
    add_death(cost, sum, &plan, unit);
    cost->guessed = cost->guessed || work.guessed;
    result = 0;
out:
    modbus_plan_done(&plan);
    mem_free(work.items);
    return result;
}

static int compare_units(const void *left, const void *right)
{
    const struct link_cost_unit *a = left;
    const struct link_cost_unit *b = right;

    if (a->share != b->share)
        return a->share > b->share ? -1 : 1;
    return (int)a->id - (int)b->id;
}

static int compare_classes(const void *left, const void *right)
{
    const struct link_cost_class *a = left;
    const struct link_cost_class *b = right;

    return a->period_ms < b->period_ms ? -1 : a->period_ms > b->period_ms;
}

static void sum_up(struct link_cost *cost)
{
    qsort(cost->units, cost->unit_count, sizeof *cost->units, compare_units);
    if (cost->class_count > 0)
        qsort(cost->classes, cost->class_count, sizeof *cost->classes, compare_classes);
    for (size_t i = 0; i < cost->class_count; i++) {
        const struct link_cost_class *class = &cost->classes[i];
        double times_per_s = 1000.0 / (double)class->period_ms;

        cost->requests += class->requests;
        cost->cells += class->cells;
        cost->bytes += class->bytes;
        cost->ns += class->ns;
        cost->share += class->share;
        cost->requests_per_s += times_per_s * (double)class->requests;
        cost->bytes_per_s += times_per_s * (double)class->bytes;
    }
}

struct link_cost *link_cost_new(const struct config *config, uint32_t link,
                                struct err *err)
{
    const struct mono_time now = {0}; /* nothing here depends on when it is read */
    struct link_cost *cost = mem_alloc(sizeof *cost);
    struct unit_link at = {.link = link, .places = 1};
    struct modbus_unit *units = NULL;
    size_t unit_count = 0;
    struct modbus_endpoint endpoint;
    bool done = false;

    cost->settings = &config->links[link];
    if (modbus_endpoint_parse(cost->settings->modbus, &endpoint, err) != 0)
        goto out;
    cost->kind = endpoint.kind;
    modbus_line_of(cost->settings, endpoint.kind, &cost->line);
    at.tcp = cost->line.tcp;
    at.slow = cost->line.slow;
    units = modbus_units_new(config, &at, now, &unit_count, err);
    if (units == NULL)
        goto out;
    cost->units = mem_array(unit_count + 1, sizeof *cost->units);
    for (size_t i = 0; i < unit_count; i++)
        if (add_unit(cost, &units[i], err) != 0)
            goto out;
    sum_up(cost);
    done = true;
out:
    modbus_units_free(units, unit_count);
    if (done)
        return cost;
    link_cost_free(cost);
    return NULL;
}

void link_cost_free(struct link_cost *cost)
{
    if (cost == NULL)
        return;
    mem_free(cost->units);
    mem_free(cost->classes);
    mem_free(cost);
}

bool link_cost_is_refused(const struct link_cost *cost)
{
    return cost->share * 100 > LINK_COST_REFUSE_PERCENT &&
           (!cost->guessed || cost->line.character_ns > 0);
}

int64_t link_cost_cycle_ns(const struct link_cost *cost)
{
    return cost->class_count == 0 ? 0 : cost->classes[0].ns;
}

double link_cost_dead_share(const struct link_cost_unit *unit)
{
    const double most = PROBE_SHARE_PERCENT / 100.0;
    double share = share_of(unit->dead_ns, unit->dead_wait_ms);

    return share < most ? share : most;
}

char *link_cost_wire(const struct link_cost *cost, char out[LINK_COST_WIRE_SIZE])
{
    const struct link_settings *link = cost->settings;

    out[0] = '\0';
    if (cost->line.character_ns > 0)
        (void)snprintf(out, LINK_COST_WIRE_SIZE, "%lld 8%c%lld", (long long)link->baud,
                       modbus_serial_parity(link->parity), (long long)link->stop_bits);
    return out;
}
