/* status.c - see status.h. */
#include "plantsim/status.h"

#include "base/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    VALUES_MAX = 20, /* of one equipment */
};

struct value {
    const char *name;
    const char *unit;
    double value;
    int decimals;
};

static size_t lift_values(struct value *out, const struct lift_reading *lift)
{
    const struct value values[] = {
        {"floor", "", lift->floor, 0},
        {"mode", "", lift->mode, 0},
        {"moving", "", lift->moving, 0},
        {"door_closed", "", lift->door_closed, 0},
        {"in_door_zone", "", lift->in_door_zone, 0},
        {"passenger_present", "", lift->passenger_present, 0},
        {"alarm_button", "", lift->alarm_button, 0},
        {"fault_code", "", lift->fault_code, 0},
        {"run_count", "", lift->run_count, 0},
        {"power_ok", "", lift->power_ok, 0},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        out[i] = values[i];
    return sizeof values / sizeof values[0];
}

static size_t pump_values(struct value *out, const struct pump_reading *pump)
{
    const struct value values[] = {
        {"cmd", "", pump->cmd, 0},
        {"run", "", pump->run, 0},
        {"fault", "", pump->fault, 0},
        {"flow", "m3/h", pump->flow_m3h, 2},
        {"pressure", "MPa", pump->pressure_bar / 10, 3},
        {"current", "A", pump->current_a, 2},
        {"power", "W", pump->power_w, 0},
        {"freq", "Hz", pump->freq_hz, 1},
        {"starts", "", pump->starts, 0},
        {"remote", "", pump->automatic, 0},
        {"speed", "rpm", pump->speed_rpm, 0},
        {"temp_motor", "C", pump->motor_k - 273.15, 1},
        {"hours", "h", pump->hours, 0},
        {"specific_energy", "Wh/m3", pump->wh_m3, 0},
        {"dry_run", "", pump->dry_run, 0},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        out[i] = values[i];
    return sizeof values / sizeof values[0];
}

static size_t feeder_values(struct value *out, const struct feeder_reading *feeder)
{
    const struct value values[] = {
        {"v_l1", "V", feeder->volt[0], 1},        {"v_l2", "V", feeder->volt[1], 1},
        {"v_l3", "V", feeder->volt[2], 1},        {"i_l1", "A", feeder->amp[0], 1},
        {"i_l2", "A", feeder->amp[1], 1},         {"i_l3", "A", feeder->amp[2], 1},
        {"p_total", "W", feeder->p_total, 0},     {"freq", "Hz", feeder->freq, 2},
        {"e_import", "kWh", feeder->e_import, 1}, {"pf_total", "", feeder->pf_total, 3},
        {"v_l12", "V", feeder->line[0], 1},       {"v_l23", "V", feeder->line[1], 1},
        {"v_l31", "V", feeder->line[2], 1},       {"thd_v_l1", "%", feeder->thd, 1},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        out[i] = values[i];
    return sizeof values / sizeof values[0];
}

static size_t list_values(struct value out[VALUES_MAX], enum thing_kind kind,
                          const union reading *reading)
{
    switch (kind) {
    case THING_LIFT:
        return lift_values(out, &reading->lift);
    case THING_PUMP:
        return pump_values(out, &reading->pump);
    case THING_FEEDER:
        return feeder_values(out, &reading->feeder);
    case THING_WATER_METER:
        out[0] = (struct value){"flow", "m3/h", reading->water.flow_m3h, 2};
        out[1] = (struct value){"volume", "m3", reading->water.volume_m3, 3};
        out[2] = (struct value){"pressure", "MPa", reading->water.pressure_mpa, 3};
        out[3] = (struct value){"volume_reverse", "m3", reading->water.reverse_m3, 3};
        out[4] = (struct value){"signal_quality", "", reading->water.signal, 0};
        return 5;
    case THING_PANEL:
        out[0] = (struct value){"fire", "", reading->panel.fire, 0};
        out[1] = (struct value){"fault", "", reading->panel.fault, 0};
        out[2] = (struct value){"disabled", "", reading->panel.disabled, 0};
        out[3] = (struct value){"supervisory", "", reading->panel.supervisory, 0};
        out[4] = (struct value){"prealarm", "", reading->panel.prealarm, 0};
        out[5] = (struct value){"mains_fault", "", reading->panel.mains_fault, 0};
        out[6] = (struct value){"battery_fault", "", reading->panel.battery_fault, 0};
        out[7] = (struct value){"link_fault", "", reading->panel.link_fault, 0};
        out[8] = (struct value){"heartbeat", "", reading->panel.heartbeat, 0};
        return 9;
    case THING_CABLE:
        out[0] = (struct value){"leak", "", reading->cable.leak, 0};
        out[1] = (struct value){"cable_break", "", reading->cable.cable_break, 0};
        out[2] = (struct value){"leak_distance", "m", reading->cable.leak_distance, 0};
        out[3] = (struct value){"contamination", "", reading->cable.contamination, 0};
        out[4] = (struct value){"battery_low", "", reading->cable.battery_low, 0};
        out[5] = (struct value){"tamper", "", reading->cable.tamper, 0};
        return 6;
    case THING_TANK:
        out[0] = (struct value){"level", "m", reading->tank.level_mm / 1000, 3};
        out[1] = (struct value){"filled", "%", reading->tank.level_percent, 1};
        out[2] = (struct value){"fill_open", "", reading->tank.fill_open, 0};
        return 3;
    case THING_SUMP:
        out[0] = (struct value){"level", "m", reading->tank.level_mm / 1000, 2};
        return 1;
    case THING_UPS:
        out[0] = (struct value){"mains_present", "", reading->ups.mains_present, 0};
        out[1] = (struct value){"battery_low", "", reading->ups.battery_low, 0};
        return 2;
    case THING_DRIVE:
        out[0] = (struct value){"run", "", reading->drive.run, 0};
        out[1] = (struct value){"fault", "", reading->drive.fault, 0};
        out[2] = (struct value){"frequency", "Hz", reading->drive.freq_hz, 1};
        out[3] = (struct value){"temp_heatsink", "C", reading->drive.heatsink_c, 0};
        out[4] = (struct value){"motor_thermal", "%", reading->drive.motor_thermal, 0};
        return 5;
    case THING_ESCALATOR:
        out[0] = (struct value){"mode", "", reading->escalator.mode, 0};
        out[1] = (struct value){"run", "", reading->escalator.run, 0};
        out[2] = (struct value){"faults", "", reading->escalator.faults, 0};
        return 3;
    case THING_RESIDUAL:
        out[0] =
            (struct value){"residual_current", "mA", reading->residual.current_ma, 0};
        out[1] = (struct value){"alarm", "", (reading->residual.status >> 1) & 1, 0};
        return 2;
    case THING_TRANSFORMER:
    case THING_SENSOR:
        out[0] = (struct value){"temperature", "C", reading->warmth.temperature_c, 1};
        return 1;
    case THING_KINDS:
        break;
    }
    return 0;
}

bool status_value(const struct device *device, const char *name, double *value)
{
    struct value values[VALUES_MAX];
    size_t count = list_values(values, device->thing->kind, &device->reading);

    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0) {
            *value = values[i].value;
            return true;
        }
    return false;
}

static const char *fault_word(enum link_fault fault)
{
    static const char *const words[] = {
        [LINK_WELL] = "well", [LINK_REFUSES] = "refuses", [LINK_SILENT] = "silent"};

    return words[fault];
}

static int64_t remaining_ms(const struct status *status, const struct scenario_run *run)
{
    return run->until.ns == MONO_NEVER.ns ? -1 : mono_diff_ms(run->until, status->now);
}

static void list_scenarios(struct text *out, const struct status *status)
{
    if (status->scenarios->count == 0)
        text_add(out, "\nno scenario runs; start one: plantsim scenario --list\n");
    else
        text_add(out, "\nscenarios\n");
    for (size_t i = 0; i < status->scenarios->count; i++) {
        const struct scenario_run *run = &status->scenarios->runs[i];
        int64_t left_ms = remaining_ms(status, run);

        text_addf(out, "  %-15s on %-11s", run->scenario->name, scenario_target(run));
        if (run->variant[0] != '\0')
            text_addf(out, " (%s)", run->variant);
        if (left_ms >= 0)
            text_addf(out, " ends in %" PRId64 " s", (left_ms + 999) / 1000);
        text_add(out, "\n");
    }
}

void status_text(struct text *out, const struct status *status)
{
    const struct plant *plant = status->plant;
    char stamp[CLOCK_RFC3339_SIZE];
    struct value values[VALUES_MAX];

    text_addf(out,
              "site %s, simulated time %s, site hour %.2f, speed %" PRId64
              ", seed %" PRIu64 ", up %" PRId64 " s\n",
              status->site, wall_format(plant->world.time, stamp),
              world_hour(&plant->world), status->speed, status->seed,
              mono_diff_ms(status->now, status->started) / 1000);
    list_scenarios(out, status);
    text_addf(out, "\n%-11s %-28s %5s  %s\n", "link", "where", "peers", "condition");
    for (int i = 0; i < PLANT_LINKS; i++)
        text_addf(out, "%-11s %-28s %5u  %s\n", plant_links[i].id,
                  status->where[i][0] != '\0' ? status->where[i] : "off",
                  status->peers[i],
                  fault_word(plant_link_state(plant, (enum plant_link)i)));
    text_addf(out, "\n%-9s %-11s %9s %9s  %s\n", "equipment", "link", "requests",
              "answers", "shows");
    for (size_t i = 0; i < building_count; i++) {
        const struct device *device = &plant->devices[i];
        size_t count = list_values(values, device->thing->kind, &device->reading);

        text_addf(out, "%-9s %-11s %9" PRIu64 " %9" PRIu64 " ", device->thing->id,
                  plant_links[device->thing->link].id, device->requests, device->answers);
        for (size_t v = 0; v < count; v++)
            text_addf(out, " %s=%.*f%s", values[v].name, values[v].decimals,
                      values[v].value, values[v].unit);
        text_add(out, "\n");
    }
}

static void write_links(struct json_out *json, const struct status *status)
{
    json_key(json, "links");
    json_open(json, '[');
    for (int i = 0; i < PLANT_LINKS; i++) {
        json_open(json, '{');
        json_put_string(json, "id", plant_links[i].id);
        json_put_string(json, "where",
                        status->where[i][0] != '\0' ? status->where[i] : NULL);
        json_put_int(json, "peers", status->peers[i]);
        json_put_string(json, "condition",
                        fault_word(plant_link_state(status->plant, (enum plant_link)i)));
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_scenarios(struct json_out *json, const struct status *status)
{
    json_key(json, "scenarios");
    json_open(json, '[');
    for (size_t i = 0; i < status->scenarios->count; i++) {
        const struct scenario_run *run = &status->scenarios->runs[i];
        int64_t left_ms = remaining_ms(status, run);
        char rule[64];

        json_open(json, '{');
        json_put_string(json, "name", run->scenario->name);
        json_put_string(json, "target", scenario_target(run));
        json_put_string(json, "variant", run->variant);
        json_put_string(json, "rule",
                        scenario_first_rule(run->scenario, rule, sizeof rule));
        json_put_string(json, "rules", run->scenario->rules);
        json_key(json, "remaining_ms");
        if (left_ms >= 0)
            json_int(json, left_ms);
        else
            json_null(json);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_equipment(struct json_out *json, const struct device *device)
{
    struct value values[VALUES_MAX];
    size_t count = list_values(values, device->thing->kind, &device->reading);

    json_open(json, '{');
    json_put_string(json, "id", device->thing->id);
    json_put_string(json, "class", thing_kind_name(device->thing->kind));
    json_put_string(json, "link", plant_links[device->thing->link].id);
    if (device->thing->map != NULL)
        json_put_int(json, "unit", device->thing->unit);
    json_put_int(json, "requests", (int64_t)device->requests);
    json_put_int(json, "answers", (int64_t)device->answers);
    json_key(json, "points");
    json_open(json, '{');
    for (size_t i = 0; i < count; i++)
        json_put_number(json, values[i].name, round(values[i].value * 1e6) / 1e6);
    json_close(json, '}');
    json_close(json, '}');
}

void status_json(struct text *out, const struct status *status)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    json_put_string(&json, "site", status->site);
    json_put_time(&json, "simulated_time", status->plant->world.time);
    json_put_int(&json, "speed", status->speed);
    json_put_int(&json, "seed", (int64_t)status->seed);
    json_put_int(&json, "uptime_ms", mono_diff_ms(status->now, status->started));
    write_scenarios(&json, status);
    write_links(&json, status);
    json_key(&json, "equipment");
    json_open(&json, '[');
    for (size_t i = 0; i < building_count; i++)
        write_equipment(&json, &status->plant->devices[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add(out, "\n");
}
