/* payload.c - see payload.h. */
#include "plantsim/payload.h"

#include "base/json_out.h"

#include <math.h>

/* Meters do not send 15 digits. */
static double rounded(double value, double steps)
{
    return round(value * steps) / steps;
}

static void write_water(struct json_out *json, const struct water_reading *water,
                        struct wall_time now)
{
    json_put_time(json, "ts", now);
    json_key(json, "flow");
    json_open(json, '{');
    json_put_number(json, "value", rounded(water->flow_m3h, 1000));
    json_put_string(json, "unit", "m3/h");
    json_close(json, '}');
    json_put_number(json, "volume", rounded(water->volume_m3, 1000));
    json_put_number(json, "pressure", rounded(water->pressure_mpa, 10000));
    json_put_number(json, "battery", rounded(water->battery_v, 100));
}

/* The fields that Zigbee2MQTT publishes for a water leak sensor. */
static void write_zigbee(struct json_out *json, const struct cable_reading *cable)
{
    json_put_bool(json, "water_leak", cable->leak);
    json_put_number(json, "battery", cable->battery_percent);
    json_put_bool(json, "battery_low", cable->battery_low);
    json_put_bool(json, "tamper", cable->tamper);
    json_put_number(json, "voltage", cable->voltage_mv);
    json_put_int(json, "device_temperature", 21);
    json_put_int(json, "linkquality", cable->link_quality);
}

static void write_escalator(struct json_out *json,
                            const struct escalator_reading *escalator,
                            struct wall_time now)
{
    json_put_time(json, "ts", now);
    json_put_int(json, "mode", escalator->mode);
    json_put_bool(json, "run", escalator->run);
    json_put_int(json, "faults", escalator->faults);
    json_put_number(json, "hours", rounded(escalator->hours, 100));
}

static void write_lift(struct json_out *json, const struct lift_reading *lift,
                       struct wall_time now)
{
    json_put_time(json, "ts", now);
    json_put_int(json, "mode", lift->object_mode);
    json_put_bool(json, "moving", lift->moving);
    json_put_int(json, "direction", lift->direction);
    json_put_bool(json, "door_closed", lift->door_closed);
    json_put_bool(json, "in_door_zone", lift->in_door_zone);
    json_put_number(json, "floor", lift->floor);
    json_put_bool(json, "passenger_present", lift->passenger_present);
    json_put_bool(json, "alarm_button", lift->alarm_button);
    json_put_bool(json, "fault", lift->fault);
    json_put_int(json, "faults", lift->fault_bits);
    json_put_int(json, "fault_code", lift->platform_code);
    json_put_number(json, "load", rounded(lift->load_percent, 10));
    json_put_int(json, "run_count", lift->run_count);
    json_put_number(json, "hours", rounded(lift->hours, 100));
    json_put_int(json, "run_time", lift->run_s);
    json_put_int(json, "door_cycles", lift->door_cycles);
}

static void write_transmitter(struct json_out *json, const struct panel_reading *panel)
{
    json_put_int(json, "heartbeat", panel->heartbeat);
    json_put_bool(json, "fire", panel->fire);
    json_put_bool(json, "fault", panel->fault);
}

void payload_write(struct text *out, enum payload payload, const union reading *reading,
                   struct wall_time now)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    if (payload == PAYLOAD_WATER_JSON)
        write_water(&json, &reading->water, now);
    if (payload == PAYLOAD_ZIGBEE_LEAK)
        write_zigbee(&json, &reading->cable);
    if (payload == PAYLOAD_ESCALATOR)
        write_escalator(&json, &reading->escalator, now);
    if (payload == PAYLOAD_LIFT)
        write_lift(&json, &reading->lift, now);
    if (payload == PAYLOAD_TRANSMITTER)
        write_transmitter(&json, &reading->panel);
    json_close(&json, '}');
}
