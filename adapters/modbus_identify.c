/* modbus_identify.c - what the answers to a probe's questions mean.
 *
 *   outcome                     the probe                       the unit
 *   value, exception 1, 2, 3    goes on, until it is settled    alive
 *   exception 10, 11            begins anew when it is back     a failure
 *   other exceptions            asks the same again soon        alive
 *   timeout, nonsense, lost     begins anew                     a failure
 *
 * Until it is settled nothing of the equipment is read.
 */
#include "adapters/modbus_link.h"

#include <stdio.h>

enum {
    AGAIN_MS = 2000, /* after no answer, or one that says "not now" */
};

static void ask_again(struct adapter *link, struct unit_equipment *equipment, bool anew)
{
    if (anew)
        identity_start(equipment->identity, equipment->settings);
    equipment->due = mono_add_ms(link->clock, AGAIN_MS);
}

/* Fails: again later, and rarer each time. */
static void set_next(struct adapter *link, struct unit_equipment *equipment, bool right)
{
    if (right) {
        equipment->due = MONO_NEVER;
        equipment->wait_ms = 0;
        return;
    }
    equipment->wait_ms =
        equipment->wait_ms == 0 ? IDENTITY_WAIT_MIN_MS : equipment->wait_ms * 2;
    if (equipment->wait_ms > IDENTITY_WAIT_MAX_MS)
        equipment->wait_ms = IDENTITY_WAIT_MAX_MS;
    equipment->due = mono_add_ms(link->clock, equipment->wait_ms);
}

static void publish(struct adapter *link, struct unit_equipment *equipment,
                    const struct finding *finding)
{
    (void)pthread_mutex_lock(&link->mutex);
    equipment->finding = *finding;
    (void)pthread_mutex_unlock(&link->mutex);
    equipment->asked = false;
}

/* On the page of a link with forty units the sentence alone says nothing. */
static void tell_trouble(struct adapter *link, size_t index,
                         const struct unit_equipment *equipment, const char *text)
{
    struct err err = {0};

    (void)err_set(&err, ERR_STATE, "%s: unit %u: %s", equipment->settings->id,
                  link->units[index].id, text);
    modbus_trouble(link, index, err.text);
}

/* Not probed, and why: nothing came that could be judged. */
void modbus_identify_unanswered(struct adapter *link, struct unit_equipment *equipment,
                                const char *why)
{
    struct finding finding = {.kind = FINDING_NONE, .variant = -1};

    finding.time = modbus_stamp(link).wall;
    (void)snprintf(finding.text, sizeof finding.text, "%.*s",
                   (int)sizeof finding.text - 1, why);
    publish(link, equipment, &finding);
}

static void settle(struct adapter *link, size_t index, struct unit_equipment *equipment)
{
    struct modbus_unit *unit = &link->units[index];
    struct finding finding = equipment->identity->finding;
    struct stamp stamp = modbus_stamp(link);
    /* Variants that fit and share nothing: a unit that is never asked would look alive.
     */
    bool right = finding_delivers(finding.kind) && modbus_equipment_has_reads(equipment);

    finding.time = stamp.wall;
    publish(link, equipment, &finding);
    set_next(link, equipment, right);
    if (equipment->misfit == right) {
        equipment->misfit = !right;
        modbus_unit_tell_online(unit, stamp, &link->out);
    }
    if (right) {
        modbus_trouble_over(link, index);
        equipment->read = true;
        modbus_unit_plan(unit, link->clock, stamp, &link->out);
        return;
    }
    modbus_equipment_bad(equipment, (struct badness){.reason = REASON_PROBE}, stamp,
                         &link->out);
    tell_trouble(link, index, equipment, finding.text);
    /* It begins anew next time. */
    identity_start(equipment->identity, equipment->settings);
}

static void take(struct adapter *link, const struct modbus_job *job,
                 const uint16_t *cells)
{
    struct unit_equipment *equipment = job->equipment;

    modbus_unit_alive(link, job->unit, modbus_stamp(link));
    identity_answer(equipment->identity, cells);
    equipment->due = link->clock;
    if (identity_done(equipment->identity))
        settle(link, job->unit, equipment);
}

static void failed(struct adapter *link, const struct modbus_job *job,
                   struct badness badness, const struct err *err)
{
    ask_again(link, job->equipment, true);
    if (job->equipment->asked)
        modbus_identify_unanswered(link, job->equipment, err->text);
    if (modbus_unit_failed(link, job->unit, badness, err))
        return;
    modbus_equipment_bad(job->equipment, badness, modbus_stamp(link), &link->out);
}

static void excepted(struct adapter *link, const struct modbus_job *job,
                     const struct err *err)
{
    switch (link->reply.exception) {
    case MODBUS_ILLEGAL_FUNCTION:
    case MODBUS_ILLEGAL_ADDRESS:
    case MODBUS_ILLEGAL_VALUE:
        take(link, job, NULL);
        break;
    case MODBUS_GATEWAY_PATH:
    case MODBUS_GATEWAY_TARGET:
        failed(link, job, (struct badness){REASON_EXCEPTION, link->reply.exception}, err);
        break;
    default:
        modbus_unit_alive(link, job->unit, modbus_stamp(link));
        modbus_trouble(link, job->unit, err->text);
        modbus_identify_unanswered(link, job->equipment, err->text);
        modbus_equipment_bad(job->equipment,
                             (struct badness){REASON_EXCEPTION, link->reply.exception},
                             modbus_stamp(link), &link->out);
        ask_again(link, job->equipment, false);
        break;
    }
}

void modbus_identify_done(struct adapter *link, const struct modbus_job *job,
                          enum client_result result, struct err *err)
{
    struct modbus_unit *unit = &link->units[job->unit];

    if (result != CLIENT_GOOD)
        (void)err_prefix(err, "%s: unit %u: probe %s %u+%u", job->equipment->settings->id,
                         unit->id, modbus_table_name(job->request.table),
                         job->request.start, job->request.count);
    if (result == CLIENT_GOOD)
        take(link, job, link->reply.cells);
    else if (result == CLIENT_EXCEPTION)
        excepted(link, job, err);
    else
        failed(link, job, modbus_badness(result), err);
    modbus_unit_note_due(unit);
}

void modbus_identify_again(struct adapter *link)
{
    struct stamp stamp;

    if (!atomic_load_explicit(&link->again, memory_order_relaxed))
        return;
    atomic_store(&link->again, false);
    stamp = modbus_stamp(link);
    for (size_t i = 0; i < link->unit_count; i++) {
        struct modbus_unit *unit = &link->units[i];
        bool wanted = false;

        for (size_t e = 0; e < unit->equipment_count; e++)
            if (atomic_exchange(&unit->equipment[e].again, false)) {
                unit->equipment[e].asked = true;
                wanted = true;
            }
        if (!wanted)
            continue;
        /* Somebody waits for it: the pauses of what was dead are over. */
        unit->breaker.probe_due = link->clock;
        link->budget.allowed = link->clock;
        link->backoff.due = link->clock;
        modbus_unit_doubt(unit, link->clock, stamp, &link->out);
    }
}
