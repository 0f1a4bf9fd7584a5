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
    json_put_bool(json, "battery_low", cable->battery_percent < 10);
    json_put_bool(json, "tamper", false);
    json_put_number(json, "voltage", cable->voltage_mv);
    json_put_int(json, "device_temperature", 21);
    json_put_int(json, "linkquality", cable->link_quality);
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
    json_close(&json, '}');
}
