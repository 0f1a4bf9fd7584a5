/* town_bus.c - see town_bus.h. */
#include "tests/sim/town_bus.h"

#include "adapters/modbus_link.h"
#include "base/mem.h"
#include "tests/sim/town_wire.h"

#include <string.h>

int town_plant_link(const char *id); /* town_plant.h cannot stand beside adapters/ */

struct town_bus {
    struct town_bus_use use;
    struct adapter *link;
    int wire;
    bool connected;
    uint64_t seed;
    struct mono_time due;
    /* an exchange whose answer, or the end of waiting for it, is to come */
    bool busy;
    struct modbus_job job;
    enum client_result result;
    struct mono_time done;
    struct wire_answer answer;
};

struct town_bus *town_bus_new(const struct town_bus_use *use, struct err *err)
{
    struct adapter *link = modbus_adapter.open(use->config, use->link, err);
    struct town_bus *bus;

    if (link == NULL)
        return NULL;
    bus = mem_alloc(sizeof *bus);
    bus->use = *use;
    bus->link = link;
    bus->wire = town_plant_link(use->config->links[use->link].id);
    bus->seed = use->seed;
    bus->due = modbus_adapter.due(link);
    return bus;
}

void town_bus_free(struct town_bus *bus)
{
    if (bus == NULL)
        return;
    modbus_adapter.close(bus->link);
    mem_free(bus);
}

struct mono_time town_bus_due(const struct town_bus *bus)
{
    return bus->due;
}

void town_bus_missing(struct town_bus *bus, double part)
{
    bus->use.missing = part;
}

static bool connect_bus(struct town_bus *bus)
{
    struct err err = {0};

    if (bus->connected)
        return true;
    if (!wire_accepts(bus->use.plant, bus->wire)) {
        (void)err_set(&err, ERR_IO, "connection refused");
        modbus_link_down(bus->link, &err);
        return false;
    }
    bus->connected = true;
    modbus_link_up(bus->link);
    return true;
}

static uint8_t function_of(enum modbus_table table)
{
    static const uint8_t functions[] = {
        [TABLE_NONE] = 0,  [TABLE_COIL] = 1,    [TABLE_DISCRETE] = 2,
        [TABLE_INPUT] = 4, [TABLE_HOLDING] = 3,
    };

    return functions[table];
}

static int64_t timeout_ms(const struct town_bus *bus)
{
    const struct modbus_request *request = &bus->job.request;

    return request->timeout_ms > 0 ? request->timeout_ms
                                   : bus->link->settings->timeout_ms;
}

static enum client_result result_of(enum wire_result result)
{
    static const enum client_result results[] = {
        [WIRE_ANSWER] = CLIENT_GOOD,      [WIRE_EXCEPTION] = CLIENT_EXCEPTION,
        [WIRE_SILENT] = CLIENT_TIMEOUT,   [WIRE_REFUSED] = CLIENT_LOST,
        [WIRE_GARBAGE] = CLIENT_PROTOCOL,
    };

    return results[result];
}

/* Sends the job's question; when it is over is in `done`. */
static void ask(struct town_bus *bus)
{
    const struct modbus_request *request = &bus->job.request;
    const struct wire_question question = {
        .link = bus->wire,
        .unit = request->unit,
        .function = function_of(request->table),
        .start = (uint16_t)request->start,
        .count = (uint16_t)request->count,
    };

    wire_ask(bus->use.plant, &question, &bus->answer);
    bus->result = result_of(bus->answer.result);
    if (bus->result == CLIENT_GOOD && bus->use.missing > 0 &&
        wire_draw(&bus->seed) < bus->use.missing)
        bus->result = CLIENT_TIMEOUT;
    if (bus->answer.delay_ms >= timeout_ms(bus))
        bus->result = CLIENT_TIMEOUT;
    if (bus->result == CLIENT_TIMEOUT)
        bus->answer.delay_ms = timeout_ms(bus);
    bus->done = mono_add_ms(bus->link->clock, bus->answer.delay_ms);
    bus->busy = true;
}

static void finish(struct town_bus *bus)
{
    static const char *const words[] = {
        [CLIENT_GOOD] = "",
        [CLIENT_EXCEPTION] = "exception",
        [CLIENT_TIMEOUT] = "no answer",
        [CLIENT_PROTOCOL] = "a damaged answer",
        [CLIENT_LOST] = "the connection was lost",
        [CLIENT_STOPPED] = "",
        [CLIENT_WAITING] = "",
    };
    struct adapter *link = bus->link;
    struct err err = {0};

    bus->busy = false;
    if (bus->result == CLIENT_LOST) {
        bus->connected = false;
        if (!connect_bus(bus))
            return;
    }
    if (bus->result != CLIENT_GOOD)
        (void)err_set(&err, ERR_TIMEOUT, "%s", words[bus->result]);
    link->reply.mono = link->clock;
    link->reply.exception = bus->answer.exception;
    if (bus->result == CLIENT_GOOD)
        memcpy(link->reply.cells, bus->answer.cells,
               bus->job.request.count * sizeof bus->answer.cells[0]);
    modbus_job_done(link, &bus->job, bus->result, &err);
    modbus_tell_link(link, false);
}

/* What can be asked and answered at this moment. */
static void work(struct town_bus *bus)
{
    struct adapter *link = bus->link;

    if (bus->busy && !modbus_has_come(link, bus->done))
        return;
    if (bus->busy)
        finish(bus);
    for (;;) {
        if (link->backoff.wait_ms > 0) {
            bus->connected = false;
            if (!modbus_has_come(link, link->backoff.due) || !connect_bus(bus))
                return;
        }
        if (!modbus_next_job(link, &bus->job))
            return;
        if (!connect_bus(bus))
            return;
        ask(bus);
        if (!modbus_has_come(link, bus->done))
            return;
        finish(bus);
    }
}

void town_bus_step(struct town_bus *bus, struct mono_time now)
{
    struct adapter *link = bus->link;
    bool beat;

    link->out.sink = bus->use.sink;
    link->clock = now;
    beat = modbus_has_come(link, link->heartbeat.due) && link->unit_count > 0;
    if (beat)
        modbus_heartbeat(link);
    work(bus);
    modbus_tell_link(link, beat);
    modbus_out_flush(&link->out);
    bus->due =
        bus->busy ? mono_min(bus->done, link->heartbeat.due) : modbus_next_due(link);
}
