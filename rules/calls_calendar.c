/* calls_calendar.c - time of day and kind of day, by the site's clock. */
#include "rules/calls.h"
#include "rules/days.h"
#include "rules/program.h"

/* The next time the site's clock shows one of the two; at most two days away, since a
 * day has each of them except when the clock is put forward over it. */
static struct wall_time next_edge(const struct eval *eval, struct local_time local,
                                  const int minutes[2])
{
    struct wall_time next = {INT64_MAX};

    for (int day = 0; day <= 2; day++) {
        for (int i = 0; i < 2; i++) {
            struct wall_time edge =
                tz_instant(eval->tz, local.year, local.month, local.day + day,
                           minutes[i] / 60, minutes[i] % 60);

            if (edge.ns > eval->wall.ns && edge.ns < next.ns)
                next = edge;
        }
    }
    return next;
}

/* [from, to) in the time of the site; wraps over midnight. */
struct value call_within(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    int minutes[2] = {(int)args[0].number, (int)args[1].number};
    struct local_time local;
    int now;

    (void)insn;
    if (eval->tz == NULL)
        return value_unknown(WHY_CONFIG);
    local = tz_local(eval->tz, eval->wall);
    now = local.hour * 60 + local.minute;
    eval_due(eval, eval->now_ns + next_edge(eval, local, minutes).ns - eval->wall.ns);
    if (minutes[0] <= minutes[1])
        return value_of(now >= minutes[0] && now < minutes[1], 0);
    return value_of(now >= minutes[0] || now < minutes[1], 0);
}

/* Today, until midnight. False when the site has no time zone. */
static bool today(struct eval *eval, struct local_time *local)
{
    struct wall_time midnight;

    if (eval->tz == NULL)
        return false;
    *local = tz_local(eval->tz, eval->wall);
    midnight = tz_instant(eval->tz, local->year, local->month, local->day + 1, 0, 0);
    eval_due(eval, eval->now_ns + midnight.ns - eval->wall.ns);
    return true;
}

struct value call_dow(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    struct local_time local;

    (void)insn;
    (void)args;
    if (!today(eval, &local))
        return value_unknown(WHY_CONFIG);
    return value_of(local.weekday, 0);
}

/* The kind of today; *marks tells how sure it is. */
static struct day_kind kind_of_today(struct eval *eval, uint32_t *marks)
{
    struct day_kind kind = {0};
    struct local_time local;

    if (!today(eval, &local)) {
        *marks = WHY_CONFIG;
        return kind;
    }
    kind = days_kind(eval->calendar, days_from_civil(local.year, local.month, local.day));
    *marks = kind.uncertain ? VALUE_UNCERTAIN : 0;
    return kind;
}

struct value call_workday(struct eval *eval, const struct insn *insn,
                          const struct value *args)
{
    uint32_t marks;
    struct day_kind kind = kind_of_today(eval, &marks);

    (void)insn;
    (void)args;
    return value_of(kind.workday, marks);
}

struct value call_holiday(struct eval *eval, const struct insn *insn,
                          const struct value *args)
{
    uint32_t marks;
    struct day_kind kind = kind_of_today(eval, &marks);

    (void)insn;
    (void)args;
    return value_of(kind.holiday, marks);
}

/* The slot is that of the season's name. */
struct value call_season(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    const struct season_settings *season =
        days_season(eval->calendar, eval->program->seasons[insn->slot]);
    struct local_time local;

    (void)args;
    if (season == NULL || !today(eval, &local))
        return value_unknown(WHY_CONFIG);
    return value_of(days_in_season(season, local.month, local.day), 0);
}
