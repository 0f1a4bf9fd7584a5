/* bus.c - see bus.h. */
#include "plantsim/bus.h"

#include "base/json_out.h"
#include "base/mem.h"
#include "plantsim/load.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    GAPS_KEPT = 512, /* of each unit, for percentiles; the newest */
    BAUD_SLOW = 19200,
    SILENCE_FAST_NS = 1750 * 1000,
    READ_LENGTH = 5,
    REGISTERS_OF_READ = 125,
    BITS_OF_READ = 2000,
};

struct bus_unit {
    uint64_t requests;
    uint64_t answers;
    uint64_t gaps;
    int64_t gap_sum_us;
    int64_t gap_max_us;
    struct mono_time last; /* complete answer to a read of address 0 */
    int64_t kept_us[GAPS_KEPT];
};

struct bus {
    int64_t units;
    int64_t registers;
    int64_t dead;
    uint64_t collisions;
    int64_t answered_ns; /* time of the wire for what was answered */
    struct mono_time since;
    struct bus_unit list[]; /* of unit i + 1 */
};

struct bus_wire bus_wire_of(int64_t baud, bool parity, int64_t stop_bits,
                            int64_t latency_ms)
{
    int64_t bits = 1 + 8 + (parity ? 1 : 0) + stop_bits;

    return (struct bus_wire){
        .character_ns = bits * CLOCK_S / baud,
        .silence_ns = baud <= BAUD_SLOW ? 11 * CLOCK_S / baud * 7 / 2 : SILENCE_FAST_NS,
        .latency_ns = latency_ms * CLOCK_MS,
    };
}

struct bus *bus_new(int64_t units, int64_t registers)
{
    struct bus *bus = mem_alloc(sizeof *bus + (size_t)units * sizeof(struct bus_unit));

    assert(units >= 1 && units <= BUS_UNITS_MAX);
    bus->units = units;
    bus->registers = registers;
    bus->since = mono_now();
    return bus;
}

void bus_free(struct bus *bus)
{
    mem_free(bus);
}

int bus_set_dead(struct bus *bus, int64_t dead, struct err *err)
{
    if (dead < 0 || dead > bus->units)
        return err_set(err, ERR_INPUT, "there are %lld units", (long long)bus->units);
    bus->dead = dead;
    return 0;
}

/* --- answers ------------------------------------------------------------------- */

static uint32_t get_u16(const uint8_t *at)
{
    return (uint32_t)((at[0] << 8) | at[1]);
}

static size_t put_cells(uint8_t unit, bool bits, uint32_t address, uint32_t count,
                        uint8_t *out)
{
    int64_t second = mono_now().ns / CLOCK_S;
    size_t bytes = bits ? (count + 7) / 8 : 2 * (size_t)count;

    out[0] = (uint8_t)bytes;
    memset(out + 1, 0, bytes);
    for (uint32_t i = 0; i < count; i++) {
        uint16_t value = load_value(unit, address + (int64_t)i, second);

        if (bits) {
            out[1 + i / 8] |= (uint8_t)((value & 1u) << (i % 8));
            continue;
        }
        out[1 + 2 * i] = (uint8_t)(value >> 8);
        out[2 + 2 * i] = (uint8_t)value;
    }
    return 1 + bytes;
}

size_t bus_answer(struct bus *bus, uint8_t unit, const uint8_t *pdu, size_t length,
                  uint8_t out[MODBUS_PDU_MAX])
{
    bool bits = pdu[0] == 1 || pdu[0] == 2;
    uint32_t address;
    uint32_t count;

    if (unit == 0 || unit > bus->units)
        return 0;
    bus->list[unit - 1].requests++;
    if (unit > bus->units - bus->dead)
        return 0;
    if (pdu[0] < 1 || pdu[0] > 4)
        return modbus_exception_answer(out, pdu[0], MODBUS_ILLEGAL_FUNCTION);
    if (length != READ_LENGTH)
        return modbus_exception_answer(out, pdu[0], MODBUS_ILLEGAL_VALUE);
    address = get_u16(pdu + 1);
    count = get_u16(pdu + 3);
    if (count == 0 ||
        count > (bits ? (uint32_t)BITS_OF_READ : (uint32_t)REGISTERS_OF_READ))
        return modbus_exception_answer(out, pdu[0], MODBUS_ILLEGAL_VALUE);
    if (address + count > bus->registers)
        return modbus_exception_answer(out, pdu[0], MODBUS_ILLEGAL_ADDRESS);
    out[0] = pdu[0];
    return 1 + put_cells(unit, bits, address, count, out + 1);
}

static void count_gap(struct bus_unit *unit, struct mono_time now)
{
    int64_t gap_us = (now.ns - unit->last.ns) / 1000;

    if (unit->last.ns != 0) {
        unit->kept_us[unit->gaps % GAPS_KEPT] = gap_us;
        unit->gaps++;
        unit->gap_sum_us += gap_us;
        if (gap_us > unit->gap_max_us)
            unit->gap_max_us = gap_us;
    }
    unit->last = now;
}

void bus_answered(struct bus *bus, uint8_t unit, const uint8_t *pdu, size_t length,
                  int64_t took_ns)
{
    struct bus_unit *of = &bus->list[unit - 1];

    of->answers++;
    bus->answered_ns += took_ns;
    if (length == READ_LENGTH && get_u16(pdu + 1) == 0)
        count_gap(of, mono_now());
}

void bus_collision(struct bus *bus)
{
    bus->collisions++;
}

/* --- counters ------------------------------------------------------------------ */

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return a < b ? -1 : a > b;
}

static void put_gaps(struct json_out *json, const struct bus_unit *unit)
{
    int64_t sorted[GAPS_KEPT];
    size_t count = unit->gaps < GAPS_KEPT ? (size_t)unit->gaps : GAPS_KEPT;
    size_t median = count / 2;
    size_t tail = count * 99 / 100;

    json_put_int(json, "gaps", (int64_t)unit->gaps);
    if (count == 0)
        return;
    memcpy(sorted, unit->kept_us, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare);
    json_put_number(json, "gap_mean_ms",
                    (double)unit->gap_sum_us / 1e3 / (double)unit->gaps);
    json_put_number(json, "gap_p50_ms", (double)sorted[median] / 1e3);
    json_put_number(json, "gap_p99_ms", (double)sorted[tail] / 1e3);
    json_put_number(json, "gap_max_ms", (double)unit->gap_max_us / 1000);
}

static void put_totals(struct json_out *json, const struct bus *bus)
{
    uint64_t requests = 0;
    uint64_t answers = 0;

    for (int64_t i = 0; i < bus->units; i++) {
        requests += bus->list[i].requests;
        answers += bus->list[i].answers;
    }
    json_put_int(json, "mono_ns", mono_now().ns);
    json_put_int(json, "counted_ms", mono_diff_ms(mono_now(), bus->since));
    json_put_int(json, "dead", bus->dead);
    json_put_int(json, "requests", (int64_t)requests);
    json_put_int(json, "answers", (int64_t)answers);
    json_put_int(json, "collisions", (int64_t)bus->collisions);
    json_put_number(json, "wire_ms", (double)bus->answered_ns / (double)CLOCK_MS);
}

/* The gap that is under way ends in the next count. */
static void clear_all(struct bus *bus)
{
    for (int64_t i = 0; i < bus->units; i++) {
        struct mono_time last = bus->list[i].last;

        bus->list[i] = (struct bus_unit){.last = last};
    }
    bus->collisions = 0;
    bus->answered_ns = 0;
    bus->since = mono_now();
}

void bus_counters(struct bus *bus, struct text *out, bool clear)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    put_totals(&json, bus);
    json_key(&json, "units");
    json_open(&json, '[');
    for (int64_t i = 0; i < bus->units; i++) {
        json_open(&json, '{');
        json_put_int(&json, "unit", i + 1);
        json_put_bool(&json, "dead", i >= bus->units - bus->dead);
        json_put_int(&json, "requests", (int64_t)bus->list[i].requests);
        json_put_int(&json, "answers", (int64_t)bus->list[i].answers);
        put_gaps(&json, &bus->list[i]);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_close(&json, '}');
    text_add(out, "\n");
    if (clear)
        clear_all(bus);
}
