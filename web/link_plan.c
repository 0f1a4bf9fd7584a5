/* link_plan.c - see link_plan.h. */
#include "web/link_plan.h"

#include "adapters/schedule.h"

enum {
    DIGITS = 6, /* beyond, an estimate has none that mean anything */
};

static void put_real(struct json_out *json, const char *key, double value)
{
    json_key(json, key);
    json_number_digits(json, value, DIGITS);
}

static void put_ms(struct json_out *json, const char *key, int64_t ns)
{
    put_real(json, key, (double)ns / (double)CLOCK_MS);
}

static void put_class(struct json_out *json, const struct link_cost_class *class)
{
    double times_per_s = 1000.0 / (double)class->period_ms;

    json_open(json, '{');
    json_put_int(json, "period_ms", class->period_ms);
    json_put_int(json, "requests", (int64_t) class->requests);
    json_put_int(json, "registers", class->cells);
    json_put_int(json, "bytes", class->bytes);
    put_ms(json, "round_ms", class->ns);
    put_real(json, "requests_per_s", times_per_s * (double)class->requests);
    put_real(json, "bytes_per_s", times_per_s * (double)class->bytes);
    put_real(json, "share", class->share);
    json_close(json, '}');
}

static void put_unit(struct json_out *json, const struct link_cost_unit *unit)
{
    json_open(json, '{');
    json_put_int(json, "unit", unit->id);
    json_put_string(json, "equipment", unit->equipment->id);
    json_put_int(json, "equipment_count", (int64_t)unit->equipment_count);
    json_put_string(json, "profile", unit->equipment->profile->id);
    json_put_int(json, "requests", (int64_t)unit->requests);
    json_put_int(json, "registers", unit->cells);
    json_put_int(json, "bytes", unit->bytes);
    put_ms(json, "round_ms", unit->ns);
    put_real(json, "share", unit->share);
    put_ms(json, "dead_attempt_ms", unit->dead_ns);
    put_real(json, "dead_share", link_cost_dead_share(unit));
    json_close(json, '}');
}

void link_plan_json(struct json_out *json, const struct link_cost *cost)
{
    char wire[LINK_COST_WIRE_SIZE];

    (void)link_cost_wire(cost, wire);
    json_open(json, '{');
    json_put_string(json, "bus", wire[0] == '\0' ? NULL : wire);
    json_put_int(json, "requests", (int64_t)cost->requests);
    json_put_int(json, "registers", cost->cells);
    json_put_int(json, "bytes", cost->bytes);
    put_ms(json, "round_ms", cost->ns);
    put_ms(json, "cycle_ms", link_cost_cycle_ns(cost));
    put_real(json, "requests_per_s", cost->requests_per_s);
    put_real(json, "bytes_per_s", cost->bytes_per_s);
    put_real(json, "request_ms",
             cost->requests_per_s > 0 ? cost->share * 1000 / cost->requests_per_s : 0);
    put_real(json, "share", cost->share);
    put_real(json, "dead_share_max", PROBE_SHARE_PERCENT / 100.0);
    json_put_bool(json, "latency_guessed", cost->guessed);
    json_key(json, "periods");
    json_open(json, '[');
    for (size_t i = 0; i < cost->class_count; i++)
        put_class(json, &cost->classes[i]);
    json_close(json, ']');
    json_key(json, "units");
    json_open(json, '[');
    for (size_t i = 0; i < cost->unit_count; i++)
        put_unit(json, &cost->units[i]);
    json_close(json, ']');
    json_close(json, '}');
}
