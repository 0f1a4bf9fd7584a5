/* modbus_status.c - what other threads may know of a Modbus link. Everything is copied
 * under the link's mutex, sorting and naming come after. */
#include "adapters/modbus_link.h"

#include <stdio.h>

void modbus_publish(struct adapter *link)
{
    struct client_counts counts;

    link->now.samples = link->out.passed;
    link->now.bad_samples = link->out.bad;
    link->now.units_offline = link->offline_units;
    link->now.since_ns = link->clock.ns - link->opened.ns;
    modbus_client_counts(link->client, &counts);
    link->now.bytes_sent = counts.sent;
    link->now.bytes_received = counts.received;
    (void)pthread_mutex_lock(&link->mutex);
    link->status = link->now;
    link->revivals = link->online_units > 0 ? link->budget.allowed : link->clock;
    (void)pthread_mutex_unlock(&link->mutex);
}

void modbus_status(struct adapter *link, struct link_status *status)
{
    struct lateness copy;

    (void)pthread_mutex_lock(&link->mutex);
    *status = link->status;
    copy = link->lateness;
    (void)pthread_mutex_unlock(&link->mutex);
    status->lateness_p50_us = lateness_percentile_us(&copy, 50);
    status->lateness_p99_us = lateness_percentile_us(&copy, 99);
}

static void fill(const struct modbus_unit *unit, struct unit_numbers *numbers,
                 struct mono_time revivals, struct unit_status *status)
{
    struct mono_time now = mono_now();
    struct mono_time next =
        mono_before(numbers->probe_due, revivals) ? revivals : numbers->probe_due;

    *status = (struct unit_status){
        .id = unit->id,
        .name = unit->name,
        .online = numbers->online,
        .breaker_open = numbers->breaker_open,
        .requests = numbers->requests,
        .answers = numbers->answers,
        .timeouts = numbers->timeouts,
        .protocol_errors = numbers->protocol_errors,
        .exceptions = numbers->exceptions,
        .answer_p50_us = answer_times_percentile_us(&numbers->times, 50),
        .answer_p99_us = answer_times_percentile_us(&numbers->times, 99),
        .blocks = numbers->blocks,
        .refused_count = numbers->refused_count,
    };
    if (numbers->breaker_open && mono_before(now, next))
        status->next_ms = mono_diff_ms(next, now);
    for (size_t i = 0; i < numbers->refused_count && i < UNIT_REFUSED_MAX; i++)
        status->refused[i] = numbers->refused[i];
    (void)snprintf(status->error, sizeof status->error, "%s", numbers->error);
}

size_t modbus_unit_statuses(struct adapter *link, struct unit_status *units, size_t max)
{
    for (size_t i = 0; i < link->unit_count && i < max; i++) {
        struct unit_numbers copy;
        struct mono_time revivals;

        (void)pthread_mutex_lock(&link->mutex);
        copy = link->units[i].numbers;
        revivals = link->revivals;
        (void)pthread_mutex_unlock(&link->mutex);
        fill(&link->units[i], &copy, revivals, &units[i]);
    }
    return link->unit_count;
}

static struct unit_equipment *find(struct adapter *link, uint32_t equipment)
{
    for (size_t i = 0; i < link->unit_count; i++)
        for (size_t e = 0; e < link->units[i].equipment_count; e++)
            if (link->units[i].equipment[e].index == equipment)
                return &link->units[i].equipment[e];
    return NULL;
}

void modbus_finding(struct adapter *link, uint32_t equipment, struct finding *finding)
{
    struct unit_equipment *found = find(link, equipment);

    *finding = (struct finding){.variant = -1};
    if (found == NULL)
        return;
    (void)pthread_mutex_lock(&link->mutex);
    *finding = found->finding;
    (void)pthread_mutex_unlock(&link->mutex);
}

void modbus_probe_again(struct adapter *link, uint32_t equipment)
{
    struct unit_equipment *found = find(link, equipment);

    if (found == NULL || found->identity == NULL)
        return;
    atomic_store(&found->again, true);
    atomic_store(&link->again, true);
}
