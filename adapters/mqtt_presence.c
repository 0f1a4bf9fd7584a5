/* mqtt_presence.c - see mqtt_presence.h. */
#include "adapters/mqtt_presence.h"

#include "base/mem.h"

enum {
    GRACE_MS = 2000,        /* a broker that restarts is no news */
    SILENCE_MIN_MS = 30000, /* networks and sleepy devices are late sometimes */
    LOOK_MS = 1000,         /* between two looks for silent units */
};

enum state {
    UNKNOWN, /* nothing heard since the start */
    OFFLINE,
    ONLINE,
};

struct unit {
    int64_t silence_ms; /* 0: reports on change only */
    struct mono_time heard;
    enum state state;
    bool was_online; /* when the link went */
    bool told;       /* it does not come back by itself */
};

struct mqtt_presence {
    struct unit *units;
    size_t count;
    size_t offline;
    mqtt_presence_visit *each;
    void *context;
    bool link_up;
    struct mono_time link_changed;
    enum state link; /* as it was told */
    struct mono_time next_look;
};

struct mqtt_presence *mqtt_presence_new(size_t units, struct mono_time now,
                                        mqtt_presence_visit *each, void *context)
{
    struct mqtt_presence *presence = mem_alloc(sizeof *presence);

    presence->units = mem_array(units, sizeof *presence->units);
    presence->count = units;
    presence->each = each;
    presence->context = context;
    presence->link_changed = now;
    presence->next_look = now;
    return presence;
}

void mqtt_presence_free(struct mqtt_presence *presence)
{
    if (presence == NULL)
        return;
    mem_free(presence->units);
    mem_free(presence);
}

void mqtt_presence_expect(struct mqtt_presence *presence, uint32_t unit,
                          int64_t expect_every_ms)
{
    int64_t silence_ms = expect_every_ms / 2 * 5;

    if (expect_every_ms == 0)
        return;
    if (silence_ms < SILENCE_MIN_MS)
        silence_ms = SILENCE_MIN_MS;
    if (silence_ms > presence->units[unit].silence_ms)
        presence->units[unit].silence_ms = silence_ms;
}

static void set_unit(struct mqtt_presence *presence, uint32_t number, enum state state)
{
    struct unit *unit = &presence->units[number];

    if (unit->state == state)
        return;
    presence->offline += state == OFFLINE ? 1 : 0;
    presence->offline -= unit->state == OFFLINE ? 1 : 0;
    unit->state = state;
    presence->each(presence->context, number, state == ONLINE);
}

void mqtt_presence_heard(struct mqtt_presence *presence, uint32_t unit,
                         struct mono_time now, bool retained)
{
    if (retained && presence->units[unit].silence_ms > 0)
        return;
    presence->units[unit].heard = now;
    presence->units[unit].was_online = true;
    if (presence->link_up)
        set_unit(presence, unit, ONLINE);
}

void mqtt_presence_told(struct mqtt_presence *presence, uint32_t unit, bool there)
{
    presence->units[unit].told = true;
    presence->units[unit].was_online = there;
    if (!there)
        set_unit(presence, unit, OFFLINE);
    else if (presence->link_up)
        set_unit(presence, unit, ONLINE);
}

static void link_came(struct mqtt_presence *presence, struct mono_time now)
{
    presence->link = ONLINE;
    presence->each(presence->context, MQTT_PRESENCE_LINK, true);
    for (uint32_t i = 0; i < presence->count; i++) {
        struct unit *unit = &presence->units[i];

        if (unit->was_online)
            set_unit(presence, i, ONLINE);
        if (mono_before(unit->heard, presence->link_changed))
            unit->heard = now; /* silence counts from here */
    }
}

static void link_went(struct mqtt_presence *presence)
{
    presence->link = OFFLINE;
    presence->each(presence->context, MQTT_PRESENCE_LINK, false);
    for (uint32_t i = 0; i < presence->count; i++) {
        struct unit *unit = &presence->units[i];

        bool online = unit->state == ONLINE;

        unit->was_online = online && !unit->told;
        if (online)
            set_unit(presence, i, OFFLINE);
    }
}

static void look_for_silence(struct mqtt_presence *presence, struct mono_time now)
{
    for (uint32_t i = 0; i < presence->count; i++) {
        const struct unit *unit = &presence->units[i];

        if (unit->silence_ms > 0 && unit->state != OFFLINE &&
            mono_diff_ms(now, unit->heard) >= unit->silence_ms)
            set_unit(presence, i, OFFLINE);
    }
    presence->next_look = mono_add_ms(now, LOOK_MS);
}

struct mono_time mqtt_presence_step(struct mqtt_presence *presence, bool link_up,
                                    struct mono_time now)
{
    struct mono_time grace_over;

    if (link_up != presence->link_up) {
        presence->link_up = link_up;
        presence->link_changed = now;
    }
    if (link_up) {
        if (presence->link != ONLINE)
            link_came(presence, now);
        if (!mono_before(now, presence->next_look))
            look_for_silence(presence, now);
        return presence->next_look;
    }
    grace_over = mono_add_ms(presence->link_changed, GRACE_MS);
    if (presence->link == OFFLINE)
        return MONO_NEVER;
    if (mono_before(now, grace_over))
        return grace_over;
    link_went(presence);
    return MONO_NEVER;
}

size_t mqtt_presence_offline(const struct mqtt_presence *presence)
{
    return presence->link == OFFLINE ? presence->count : presence->offline;
}
