/* web_fake_links.c - the links of the make-believe site: what is configured on them, and
 * what they say of themselves. Link 1 is a bus with units that are silent or choosy. */
#include "tests/unit/web_fakes.h"

#include <stdio.h>

enum {
    EQUIPMENT_MAX = 32,
    BUS = 1,
    BROKER = 2,
};

static struct link_settings links[] = {
    {.id = "plant-room",
     .kind = LINK_MODBUS,
     .modbus = "tcp://192.168.10.20:502",
     .mqtt = "",
     .parity = "none",
     .stop_bits = 1,
     .timeout_ms = 1000},
    {.id = "riser-a",
     .kind = LINK_MODBUS,
     .modbus = "rtu:///dev/serial/by-id/usb-FTDI-A",
     .mqtt = "",
     .baud = 9600,
     .parity = "even",
     .stop_bits = 1,
     .timeout_ms = 1000},
    {.id = "broker",
     .kind = LINK_MQTT,
     .modbus = "",
     .mqtt = "mqtt://127.0.0.1:1883",
     .sparkplug = "host",
     .parity = "none"},
};

static struct point_settings points[] = {
    {.name = "a",
     .table = TABLE_HOLDING,
     .type = TYPE_F32,
     .bit_low = -1,
     .poll_ms = 2000,
     .slot = 0},
    {.name = "b",
     .table = TABLE_HOLDING,
     .address = 300,
     .type = TYPE_U16,
     .bit_low = -1,
     .poll_ms = 60000,
     .slot = 1},
};
static const struct profile_settings profile = {
    .id = "fake-profile", .max_gap = -1, .max_span = 125};
static struct variant_settings variant = {.id = "", .points = points, .point_count = 2};
static struct equipment_settings equipment[EQUIPMENT_MAX];

void fake_links_configure(struct config *config, size_t rows)
{
    const struct model *model = config->model;

    config->links = links;
    config->link_count = sizeof links / sizeof links[0];
    config->equipment = equipment;
    config->equipment_count = rows < EQUIPMENT_MAX ? rows : EQUIPMENT_MAX;
    for (size_t i = 0; i < config->equipment_count; i++)
        equipment[i] = (struct equipment_settings){.id = model->equipment[i].id,
                                                   .link = model->equipment[i].link,
                                                   .unit = (int64_t)i + 1,
                                                   .latency_ms = -1,
                                                   .profile = &profile,
                                                   .points = points,
                                                   .point_count = 2,
                                                   .variants = &variant,
                                                   .variant_count = 1};
}

void fake_link_status(uint32_t link, struct link_status *status)
{
    *status =
        (struct link_status){.connected = link != BUS,
                             .since = wall_add_ms(wall_now(), -INT64_C(86400000) * 3),
                             .requests = 8123456,
                             .answers = link == BUS ? 8100000 : 8123450,
                             .timeouts = link == BUS ? 23456 : 6,
                             .protocol_errors = link == BUS ? 12 : 0,
                             .samples = 90123456,
                             .late = link == BUS ? 310 : 0,
                             .lateness_p50_us = 240,
                             .lateness_p99_us = 3120,
                             .units = 9,
                             .units_offline = link == BUS ? 7 : 0};
    if (link == BROKER) {
        status->dropped_unknown = 77123456;
        status->dropped_rate = 41;
        status->duplicates = 19;
        status->births = 12;
        status->gaps = 2;
        status->rejected[PAYLOAD_SYNTAX] = 3;
    }
    if (link != BUS)
        return;
    status->bytes_sent = 8123456 * UINT64_C(8);
    status->bytes_received = 8123456 * UINT64_C(13);
    status->since_ns = INT64_C(3) * 86400 * CLOCK_S;
    status->busy_ns = status->since_ns / 4;
    status->dead_ns = status->since_ns / 50;
    (void)snprintf(status->error, sizeof status->error,
                   "/dev/serial/by-id/usb-FTDI-A: no answer of unit 12 in 1000 ms");
}

size_t fake_link_strangers(uint32_t link,
                           struct link_stranger strangers[LINK_STRANGERS_MAX])
{
    if (link != BROKER)
        return 0;
    strangers[0] = (struct link_stranger){"riverside/b1/pump-99/state", 12, wall_now()};
    strangers[1] = (struct link_stranger){"<script>", 1, wall_now()};
    return 2;
}

size_t fake_link_units(uint32_t link, struct unit_status *units, size_t max)
{
    static const struct unit_status bus[] = {
        {.id = 1,
         .name = "lift-1",
         .online = 1,
         .requests = 1000,
         .answers = 990,
         .exceptions = 4,
         .answer_p50_us = 61250,
         .answer_p99_us = 74000,
         .blocks = 2,
         .refused = {{TABLE_HOLDING, 300, 1}, {TABLE_INPUT, 16, 4}},
         .refused_count = 11},
        {.id = 2,
         .name = "lift-2",
         .online = 0,
         .breaker_open = true,
         .next_ms = 12400,
         .requests = 40,
         .timeouts = 40,
         .answer_p50_us = -1,
         .answer_p99_us = -1,
         .blocks = 2,
         .error = "no answer of unit 2 in 1000 ms <script>"},
        {.id = 3,
         .name = "lift-3",
         .online = -1,
         .answer_p50_us = -1,
         .answer_p99_us = -1},
    };
    size_t count = sizeof bus / sizeof bus[0];

    if (link != BUS)
        return 0;
    for (size_t i = 0; i < count && i < max; i++)
        units[i] = bus[i];
    return count;
}
