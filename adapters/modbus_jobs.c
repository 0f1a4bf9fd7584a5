/* modbus_jobs.c - what a link asks next.
 *
 * DESIGN: polls are served in the order in which they were due, whoever's they are: on a
 * bus that cannot keep up every block gets its turn, and none starves. A unit that has
 * failed stands behind whatever was due by then, so that three units that do not answer
 * do not cost the others three timeouts in a row each. Dead units are asked for one small
 * read, within the probe budget; because the budget bounds them they go first, or a busy
 * bus would never find out that they are back. While nobody is known to live there is no
 * budget, and they go last.
 */
#include "adapters/modbus_link.h"

#include <stdio.h>
#include <string.h>

static const struct mono_time any_time = {INT64_MAX - 1}; /* but never */

bool modbus_has_come(const struct adapter *link, struct mono_time time)
{
    return time.ns <= link->clock.ns;
}

/* --- when --------------------------------------------------------------------------- */

static struct mono_time later(struct mono_time a, struct mono_time b)
{
    return mono_before(a, b) ? b : a;
}

static struct mono_time unit_due(const struct adapter *link,
                                 const struct modbus_unit *unit)
{
    struct mono_time due = unit->breaker.probe_due;

    if (!unit->breaker.open)
        return mono_min(modbus_blocks_due(&unit->blocks), unit->identify_due);
    return link->online_units > 0 ? later(due, link->budget.allowed) : due;
}

bool modbus_is_wanted(const struct adapter *link)
{
    return link_talk_pending(link->talk) || atomic_load(&link->again);
}

struct mono_time modbus_next_due(const struct adapter *link)
{
    struct mono_time due = MONO_NEVER;

    if (modbus_is_wanted(link))
        return link->clock;
    if (link->unit_count == 0)
        return MONO_NEVER;
    if (link->backoff.wait_ms > 0)
        return mono_min(link->backoff.due, link->heartbeat.due);
    for (size_t i = 0; i < link->unit_count; i++)
        due = mono_min(due, unit_due(link, &link->units[i]));
    return mono_min(due, link->heartbeat.due);
}

/* --- what --------------------------------------------------------------------------- */

/* A device that is configured here gets the silence and the time that it needs, whoever
 * asks. */
static void consider_device(const struct adapter *link, struct modbus_request *request)
{
    for (size_t i = 0; i < link->unit_count; i++) {
        const struct modbus_unit *unit = &link->units[i];

        if (unit->id != request->unit)
            continue;
        request->gap_ms = unit->delay_ms;
        if (request->timeout_ms == 0)
            request->timeout_ms = unit->timeout_ms;
        return;
    }
}

static bool next_question(struct adapter *link, struct modbus_job *job)
{
    struct link_question question;

    if (!link_talk_pending(link->talk) || !link_talk_take(link->talk, &question))
        return false;
    *job = (struct modbus_job){
        .kind = JOB_QUESTION,
        .unit = MODBUS_NOBODY,
        .request = {.unit = question.unit,
                    .table = question.table,
                    .start = question.start,
                    .count = question.count,
                    .timeout_ms = question.timeout_ms},
    };
    consider_device(link, &job->request);
    return true;
}

static void ask_block(const struct modbus_unit *unit, struct modbus_job *job)
{
    const struct modbus_block *block = &unit->blocks.list[job->block];

    job->request = (struct modbus_request){
        .table = block->table, .start = block->start, .count = block->count};
}

static void ask_probe(struct modbus_job *job)
{
    struct identity_read read = identity_next(job->equipment->identity);

    job->request = (struct modbus_request){
        .table = read.table, .start = read.start, .count = read.count};
}

static void complete(struct modbus_job *job, const struct modbus_unit *unit)
{
    job->request.unit = unit->id;
    job->request.gap_ms = unit->delay_ms;
    job->request.timeout_ms = unit->timeout_ms;
}

/* Only the polls of what is well say whether the link keeps its plan. */
static void take_slot(struct adapter *link, const struct modbus_unit *unit,
                      struct modbus_block *block)
{
    enum {
        LATE_PART = 10, /* a poll is late beyond a tenth of its period */
    };
    uint64_t missed = 0;
    int64_t late_ns = schedule_slot_take(&block->slot, link->clock, &missed);

    if (unit->breaker.failures > 0 || unit->state != UNIT_ONLINE || block->failures > 0)
        return;
    if (late_ns > block->slot.period_ns / LATE_PART)
        link->now.late++;
    (void)pthread_mutex_lock(&link->mutex);
    lateness_add(&link->lateness, late_ns);
    (void)pthread_mutex_unlock(&link->mutex);
}

/* The dead unit whose turn has been due for longest. */
static bool next_revival(struct adapter *link, struct modbus_job *job)
{
    struct mono_time earliest = {link->clock.ns + 1};
    struct modbus_unit *unit;

    job->unit = MODBUS_NOBODY;
    if (link->online_units > 0 && !modbus_has_come(link, link->budget.allowed))
        return false;
    for (size_t i = 0; i < link->unit_count; i++) {
        const struct breaker *breaker = &link->units[i].breaker;

        if (!breaker->open || !mono_before(breaker->probe_due, earliest))
            continue;
        earliest = breaker->probe_due;
        job->unit = i;
    }
    if (job->unit == MODBUS_NOBODY)
        return false;
    unit = &link->units[job->unit];
    job->kind = JOB_REVIVE;
    job->equipment = modbus_unit_to_identify(unit, any_time);
    if (job->equipment != NULL) {
        ask_probe(job);
    } else {
        uint64_t missed = 0;

        job->block = modbus_blocks_smallest(&unit->blocks);
        (void)schedule_slot_take(&unit->blocks.list[job->block].slot, link->clock,
                                 &missed);
        ask_block(unit, job);
    }
    complete(job, unit);
    return true;
}

/* Whatever of a living unit has been due for longest. */
static void find_due(const struct adapter *link, struct modbus_job *job)
{
    struct mono_time earliest = {link->clock.ns + 1};

    for (size_t i = 0; i < link->unit_count; i++) {
        const struct modbus_unit *unit = &link->units[i];
        struct mono_time due = later(unit->identify_due, unit->after);

        if (unit->breaker.open || !mono_before(unit->after, earliest))
            continue;
        if (mono_before(due, earliest)) {
            earliest = due;
            job->kind = JOB_IDENTIFY;
            job->unit = i;
        }
        for (size_t b = 0; b < unit->blocks.count; b++) {
            due = later(unit->blocks.list[b].slot.due, unit->after);
            if (!mono_before(due, earliest))
                continue;
            earliest = due;
            job->kind = JOB_POLL;
            job->unit = i;
            job->block = b;
        }
    }
}

static bool next_due(struct adapter *link, struct modbus_job *job)
{
    struct modbus_unit *unit;

    find_due(link, job);
    if (job->kind == JOB_NONE)
        return false;
    unit = &link->units[job->unit];
    if (job->kind == JOB_POLL) {
        take_slot(link, unit, &unit->blocks.list[job->block]);
        ask_block(unit, job);
    } else {
        job->equipment = modbus_unit_to_identify(unit, link->clock);
        ask_probe(job);
    }
    complete(job, unit);
    return true;
}

bool modbus_next_job(struct adapter *link, struct modbus_job *job)
{
    bool found;

    *job = (struct modbus_job){.kind = JOB_NONE, .unit = MODBUS_NOBODY};
    modbus_identify_again(link);
    found = next_question(link, job);
    if (!found && link->online_units > 0)
        found = next_revival(link, job);
    found = found || next_due(link, job);
    if (!found && link->online_units == 0)
        found = next_revival(link, job);
    job->start = link->clock;
    return found;
}

/* --- what came of it ------------------------------------------------------------------
 */

static void spend(struct adapter *link, const struct modbus_job *job, bool was_dead)
{
    int64_t spent_ns = link->clock.ns - job->start.ns;

    link->last = link->clock;
    link->now.busy_ns += spent_ns;
    if (!was_dead)
        return;
    /* On RTU the silence after a failure is its cost, too. */
    if (link->units[job->unit].breaker.open && !link->tcp)
        spent_ns += (job->request.timeout_ms > 0 ? job->request.timeout_ms
                                                 : link->settings->timeout_ms) *
                    CLOCK_MS;
    link->now.dead_ns += spent_ns;
    probe_budget_spend(&link->budget, link->clock, spent_ns);
}

static void answer_question(struct adapter *link, const struct modbus_job *job,
                            enum client_result result, const struct err *err)
{
    static const enum link_answer_kind kinds[] = {
        [CLIENT_GOOD] = LINK_ANSWER_CELLS,
        [CLIENT_EXCEPTION] = LINK_ANSWER_EXCEPTION,
        [CLIENT_TIMEOUT] = LINK_ANSWER_TIMEOUT,
        [CLIENT_PROTOCOL] = LINK_ANSWER_PROTOCOL,
        [CLIENT_LOST] = LINK_ANSWER_DOWN,
        [CLIENT_STOPPED] = LINK_ANSWER_DOWN,
        [CLIENT_WAITING] = LINK_ANSWER_TIMEOUT,
    };
    struct link_answer answer = {
        .kind = kinds[result],
        .exception = result == CLIENT_EXCEPTION ? link->reply.exception : 0,
        .took_us = result == CLIENT_LOST
                       ? 0
                       : (link->clock.ns - modbus_client_sent(link->client).ns) / 1000,
    };

    if (result == CLIENT_GOOD)
        memcpy(answer.cells, link->reply.cells,
               job->request.count * sizeof answer.cells[0]);
    else
        (void)snprintf(answer.text, sizeof answer.text, "%.*s",
                       (int)sizeof answer.text - 1, err->text);
    link_talk_answer(link->talk, &answer);
}

void modbus_give_up_question(struct adapter *link, const struct modbus_job *job,
                             const struct err *err)
{
    struct err why = *err;

    if (why.text[0] == '\0')
        (void)err_set(&why, ERR_IO, "%s",
                      link->now.error[0] != '\0' ? link->now.error : "the link is down");
    answer_question(link, job, CLIENT_LOST, &why);
}

void modbus_refuse_question(struct adapter *link)
{
    struct modbus_job job;
    struct err err = {0};

    if (!next_question(link, &job))
        return;
    job.start = link->clock;
    modbus_give_up_question(link, &job, &err);
}

static void count(struct adapter *link, const struct modbus_job *job,
                  enum client_result result)
{
    struct unit_numbers *numbers = &link->units[job->unit].numbers;
    int64_t took_ns = link->clock.ns - modbus_client_sent(link->client).ns;

    (void)pthread_mutex_lock(&link->mutex);
    numbers->requests++;
    numbers->answers += result == CLIENT_GOOD;
    numbers->exceptions += result == CLIENT_EXCEPTION;
    numbers->timeouts += result == CLIENT_TIMEOUT;
    numbers->protocol_errors += result == CLIENT_PROTOCOL;
    if (result == CLIENT_GOOD || result == CLIENT_EXCEPTION)
        answer_times_add(&numbers->times, took_ns);
    (void)pthread_mutex_unlock(&link->mutex);
    link->now.answers += result == CLIENT_GOOD;
    link->now.exceptions += result == CLIENT_EXCEPTION;
    link->now.timeouts += result == CLIENT_TIMEOUT;
    link->now.protocol_errors += result == CLIENT_PROTOCOL;
}

void modbus_job_done(struct adapter *link, const struct modbus_job *job,
                     enum client_result result, struct err *err)
{
    struct modbus_unit *unit;
    bool was_dead;

    link->now.requests++;
    if (job->kind == JOB_QUESTION) {
        spend(link, job, false);
        answer_question(link, job, result, err);
        return;
    }
    unit = &link->units[job->unit];
    was_dead = unit->breaker.open;
    count(link, job, result);
    if (job->equipment != NULL)
        modbus_identify_done(link, job, result, err);
    else
        modbus_poll_done(link, job, result, err);
    spend(link, job, was_dead);
    if (unit->blocks.changed)
        modbus_blocks_join(&unit->blocks);
}

void modbus_heartbeat(struct adapter *link)
{
    struct stamp stamp = modbus_stamp(link);
    uint64_t missed = 0;

    (void)schedule_slot_take(&link->heartbeat, link->clock, &missed);
    for (size_t i = 0; i < link->unit_count; i++)
        modbus_unit_tell_online(&link->units[i], stamp, &link->out);
}
