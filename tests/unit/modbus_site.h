/* modbus_site.h - a Modbus link configured by hand, driven as the gateway drives it, and
 * everything that comes out of it. For one test program: its state is static.
 */
#ifndef TESTS_UNIT_MODBUS_SITE_H
#define TESTS_UNIT_MODBUS_SITE_H

#include "tests/unit/check.h"

#include "adapters/adapter.h"
#include "tests/unit/modbus_peer.h"

#include <poll.h>

enum {
    UNITS_MAX = 4,
    PERIOD_MS = 50,
    TIMEOUT_MS = 150,
    POINTS_MAX = 8, /* of a profile */
    SEEN_MAX = UNITS_MAX * (POINTS_MAX + 1) + 1,
};

/* --- a configuration by hand ------------------------------------------------------ */

struct site {
    struct config config;
    struct link_settings link;
    struct profile_settings profile;
    struct variant_settings variant;
    struct point_settings points[POINTS_MAX];
    struct equipment_settings equipment[UNITS_MAX];
    struct model model;
    struct link model_link;
    struct equipment model_equipment[UNITS_MAX + 1];
};

static inline struct point_settings point_at(enum modbus_table table, uint16_t address,
                                             enum value_type type)
{
    return (struct point_settings){
        .name = "p",
        .table = table,
        .address = address,
        .type = type,
        .bit_low = -1,
        .bit_high = -1,
        .registers = 4,
        .scale = 1.0,
        .range_low = -INFINITY,
        .range_high = INFINITY,
        .poll_ms = PERIOD_MS,
    };
}

static inline void site_make(struct site *site, const char *address, size_t units)
{
    memset(site, 0, sizeof *site);
    site->link = (struct link_settings){.id = "bus",
                                        .kind = LINK_MODBUS,
                                        .modbus = address,
                                        .timeout_ms = TIMEOUT_MS,
                                        .baud = 115200,
                                        .parity = "none",
                                        .stop_bits = 1};
    site->points[0] = point_at(TABLE_HOLDING, 10, TYPE_U16);
    site->points[1] = point_at(TABLE_HOLDING, 11, TYPE_U16);
    site->points[2] = point_at(TABLE_HOLDING, 14, TYPE_U16);
    site->points[3] = point_at(TABLE_COIL, 7, TYPE_BOOL);
    site->profile = (struct profile_settings){.id = "box",
                                              .max_gap = -1,
                                              .max_span = 125,
                                              .points = site->points,
                                              .point_count = 4};
    site->variant =
        (struct variant_settings){.id = "", .points = site->points, .point_count = 4};
    for (uint32_t i = 0; i <= units; i++) {
        bool stand_in = i == units;

        if (!stand_in)
            site->equipment[i] = (struct equipment_settings){.id = "box",
                                                             .unit = 1 + i,
                                                             .profile = &site->profile,
                                                             .points = site->points,
                                                             .point_count = 4,
                                                             .variants = &site->variant,
                                                             .variant_count = 1};
        site->model_equipment[i] = (struct equipment){
            .index = i, .id = stand_in ? "bus" : "box", .is_link = stand_in};
    }
    site->model_link = (struct link){.id = "bus", .stand_in = (uint32_t)units};
    site->model = (struct model){.links = &site->model_link,
                                 .link_count = 1,
                                 .equipment = site->model_equipment,
                                 .equipment_count = units + 1};
    site->config = (struct config){.links = &site->link,
                                   .link_count = 1,
                                   .equipment = site->equipment,
                                   .equipment_count = units,
                                   .model = &site->model};
}

/* Gives the points their indices, when the profile is as it shall be. */
static inline void site_number(struct site *site)
{
    uint32_t next = 0;

    site->variant.point_count = site->profile.point_count;
    for (uint32_t i = 0; i < site->profile.point_count; i++)
        site->points[i].slot = i;
    for (size_t i = 0; i + 1 < site->model.equipment_count; i++)
        site->equipment[i].point_count = site->profile.point_count;
    for (size_t i = 0; i < site->model.equipment_count; i++) {
        struct equipment *equipment = &site->model_equipment[i];

        equipment->first_point = next;
        equipment->point_count =
            equipment->is_link ? 1 : (uint32_t)site->profile.point_count + 1;
        next += equipment->point_count;
    }
}

/* --- what came out ---------------------------------------------------------------- */

struct seen {
    struct sample last;
    unsigned good;
    unsigned bad;
    char text[96];
};

static struct site site;
static struct peer peer;
static struct seen seen[SEEN_MAX];
static struct adapter *adapter;
static struct err last_err;
static int last_result;
static unsigned batches;
static bool shared; /* driven by advance where the link can, else by step */
static struct adapter_wait waiting;

static inline void put(void *context, const struct sample *samples, size_t count)
{
    (void)context;
    assert_true(count > 0);
    batches++;
    for (size_t i = 0; i < count; i++) {
        struct seen *s = &seen[samples[i].point];

        assert_true(samples[i].point < SEEN_MAX);
        assert_true(samples[i].time.ns > 0 && samples[i].mono.ns > 0);
        s->last = samples[i];
        s->good += samples[i].quality != QUALITY_BAD;
        s->bad += samples[i].quality == QUALITY_BAD;
    }
}

static inline void put_text(void *context, const struct sample *sample, const char *text)
{
    put(context, sample, 1);
    (void)snprintf(seen[sample->point].text, sizeof seen[0].text, "%s", text);
}

static const struct sample_sink sink = {NULL, put, put_text};

static inline struct seen *point_of(size_t equipment, size_t point)
{
    return &seen[site.model_equipment[equipment].first_point + point];
}

static inline struct seen *online_of(size_t equipment)
{
    return point_of(equipment, site.model_equipment[equipment].point_count - 1);
}

static inline struct seen *link_online(void)
{
    return online_of(site.model_link.stand_in);
}

static inline void open_it(void)
{
    struct err err = {0};

    site_number(&site);
    memset(seen, 0, sizeof seen);
    batches = 0;
    adapter = modbus_adapter.open(&site.config, 0, &err);
    if (adapter == NULL)
        fail_msg("open: %s", err.text);
    waiting = (struct adapter_wait){.fd = -1, .until = modbus_adapter.due(adapter)};
}

static inline void step_once(void)
{
    last_err.text[0] = '\0';
    last_result =
        modbus_adapter.step(adapter, mono_add_ms(mono_now(), 5000), &sink, &last_err);
}

/* One turn of the thread that links share, back at `end`. */
static inline void turn_until(struct mono_time end)
{
    int64_t left_ms = mono_diff_ms(mono_min(waiting.until, end), mono_now()) + 1;
    struct pollfd item = {.fd = waiting.fd,
                          .events = waiting.writable ? POLLOUT : POLLIN};
    bool ready = poll(&item, waiting.fd < 0 ? 0 : 1, left_ms < 0 ? 0 : (int)left_ms) > 0;
    struct mono_time start = mono_now();

    if (!ready && mono_before(start, waiting.until))
        return;
    last_err.text[0] = '\0';
    last_result = modbus_adapter.advance(adapter, ready, &sink, &waiting, &last_err);
    /* It never waits: a tenth of a response time is far beyond what it may take. */
    assert_true(mono_diff_ms(mono_now(), start) < TIMEOUT_MS / 2);
}

/* The gateway's loop. */
static inline void run_for(int64_t ms)
{
    struct mono_time end = mono_add_ms(mono_now(), ms);

    while (shared && modbus_adapter.can_share(adapter) && mono_before(mono_now(), end))
        turn_until(end);
    while (mono_before(mono_now(), end)) {
        struct mono_time due = modbus_adapter.due(adapter);

        if (mono_before(mono_now(), due))
            mono_sleep_until(mono_min(due, end));
        else
            step_once();
    }
}

static inline void run_periods(int64_t periods)
{
    run_for(periods * PERIOD_MS);
}

/* Runs until `*counter` is beyond `value`, at most `ms`. */
static inline void run_until_more(const unsigned *counter, unsigned value, int64_t ms)
{
    struct mono_time end = mono_add_ms(mono_now(), ms);

    while (*counter <= value && mono_before(mono_now(), end))
        run_for(10);
    assert_true(*counter > value);
}

static inline struct link_status status_of(void)
{
    struct link_status status;

    modbus_adapter.status(adapter, &status);
    return status;
}

static inline int teardown(void **state)
{
    (void)state;
    modbus_adapter.close(adapter);
    adapter = NULL;
    peer_stop(&peer);
    return 0;
}

static inline bool is_bad(const struct seen *s, enum reason reason, uint16_t detail)
{
    return s->last.quality == QUALITY_BAD && s->last.reason == reason &&
           s->last.detail == detail;
}

#endif
