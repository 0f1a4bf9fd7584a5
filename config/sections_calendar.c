/* sections_calendar.c - holidays, days that are worked instead, seasons; see sections.h.
 */
#include "config/calendar.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/sections.h"

#include <stdint.h>
#include <string.h>

enum {
    DAYS_MAX = 4000,    /* of one kind; ten years of all holidays are 400 */
    SPAN_MAX_DAYS = 62, /* "from/to": no holiday is longer, but a typo may be */
    SEASONS_MAX = 32,
};

static schema_parse read_days, read_seasons;

/* The keys of a season; the texts are read behind them. */
struct season_texts {
    const char *name;
    const char *from;
    const char *to;
};

/* clang-format off */
static const struct schema_row calendar_rows[] = {
    CONFIG_STRING(struct calendar_body, settings.country, "country", CONFIG_OPTIONAL,
                  "Takes the shipped holidays of that country: `\"cn\"`."),
    CONFIG_CUSTOM("holidays", CONFIG_OPTIONAL, read_days, "list of days",
                  "Days that are off, `\"2026-10-01\"`, or from first to last, "
                  "`\"2026-10-01/2026-10-07\"`. They add to the country's."),
    CONFIG_CUSTOM("workdays", CONFIG_OPTIONAL, read_days, "list of days",
                  "Saturdays and Sundays that are worked. A day in both is worked."),
    CONFIG_SECTION("seasons", CONFIG_OPTIONAL, read_seasons, "list of groups",
                   &season_section, "Parts of the year that rules ask for."),
    CONFIG_END,
};

static const struct schema_row season_rows[] = {
    CONFIG_CHECKED(struct season_texts, name, "name", CONFIG_REQUIRED, check_parameter,
                   "Its name in rules: `season('heating')`."),
    CONFIG_STRING(struct season_texts, from, "from", CONFIG_REQUIRED,
                  "Its first day, month and day: `\"11-15\"`."),
    CONFIG_STRING(struct season_texts, to, "to", CONFIG_REQUIRED,
                  "Its last day; before `from` it is that of the next year."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section calendar_section = {
    .name = "calendar",
    .path = "calendar",
    .rows = calendar_rows,
    .doc = "What `holiday()`, `workday()` and `season('...')` in rules know.",
};

const struct schema_section season_section = {
    .name = "season",
    .path = "seasons",
    .id_key = "name",
    .rows = season_rows,
    .doc = "A part of the year; it may run over New Year.",
};

static bool bad_day(struct reader *reader, const struct node *node)
{
    return schema_fail(reader, CODE(DATE), node->pos,
                       "such as \"2026-10-01\" or \"2026-10-01/2026-10-07\"",
                       "there is no day \"%.64s\"", node->string);
}

/* One day, or the first and the last of several. */
static bool parse_days(struct reader *reader, const struct node *node, int32_t *first,
                       int32_t *last)
{
    const char *slash = strchr(node->string, '/');
    const char *from = node->string;

    if (slash != NULL)
        from = arena_bytes(reader->arena, from, (size_t)(slash - from));
    if (!calendar_parse_day(from, first))
        return bad_day(reader, node);
    *last = *first;
    if (slash != NULL && !calendar_parse_day(slash + 1, last))
        return bad_day(reader, node);
    if (*last < *first || *last - *first >= SPAN_MAX_DAYS)
        return schema_fail(reader, CODE(DATE), node->pos,
                           *last < *first ? "swap them" : NULL,
                           "\"%.64s\" is not from a day to a later one within %d days",
                           node->string, SPAN_MAX_DAYS);
    return true;
}

static bool is_weekend(int32_t day)
{
    return (day + 3) % 7 >= 5; /* 1970-01-01 was a Thursday; 0 = Monday */
}

static bool add_days(struct reader *reader, const struct node *node, struct vector *days,
                     bool work)
{
    int32_t first = 0;
    int32_t last = 0;

    if (!parse_days(reader, node, &first, &last))
        return false;
    for (int32_t day = first; day <= last; day++) {
        int32_t *slot;

        if (work && !is_weekend(day))
            return schema_fail(reader, CODE(DATE), node->pos,
                               "workdays are Saturdays and Sundays that are worked",
                               "\"%.64s\" is no Saturday or Sunday", node->string);
        slot = vector_add(reader->arena, days, sizeof *slot, DAYS_MAX);
        if (slot == NULL)
            return schema_fail(reader, CODE(TOO_MANY), node->pos, NULL,
                               "more than %d days", DAYS_MAX);
        *slot = day;
    }
    return true;
}

static bool read_days(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct calendar_body *calendar = out;
    bool work = strcmp(row->key, "workdays") == 0;
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (!schema_want(reader, scope, row->key, &node->children[i], NODE_STRING) ||
            !add_days(reader, &node->children[i],
                      work ? &calendar->workdays : &calendar->holidays, work))
            ok = false;
    return ok;
}

static bool season_day(struct reader *reader, const struct node *node, const char *key,
                       int *month, int *day)
{
    const struct node *member = node_member(node, key);

    if (calendar_month_day(member->string, month, day))
        return true;
    return schema_fail(reader, CODE(DATE), member->pos,
                       "month and day, such as \"11-15\"",
                       "there is no day \"%.64s\" in a year", member->string);
}

static bool is_taken(const struct vector *seasons, const char *name)
{
    const struct season_settings *list = seasons->items;

    for (size_t i = 0; i < seasons->count; i++)
        if (strcmp(list[i].name, name) == 0)
            return true;
    return false;
}

static bool read_season(struct reader *reader, const struct scope *scope,
                        const struct node *node, struct calendar_body *calendar)
{
    struct season_texts texts;
    struct season_settings season = {.pos = schema_id_pos(&season_section, node)};
    struct season_settings *slot;

    if (!schema_read(reader, &season_section, scope, node, &texts) ||
        !season_day(reader, node, "from", &season.from_month, &season.from_day) ||
        !season_day(reader, node, "to", &season.to_month, &season.to_day))
        return false;
    season.name = texts.name;
    if (is_taken(&calendar->seasons, season.name))
        return schema_fail(reader, CODE(DUPLICATE_ID), season.pos, NULL,
                           "the season \"%s\" is already given", season.name);
    slot = vector_add(reader->arena, &calendar->seasons, sizeof *slot, SEASONS_MAX);
    if (slot == NULL)
        return schema_fail(reader, CODE(TOO_MANY), season.pos, NULL,
                           "more than %d seasons", SEASONS_MAX);
    *slot = season;
    return true;
}

static bool read_seasons(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (!read_season(reader, scope, &node->children[i], out))
            ok = false;
    return ok;
}

bool section_read_calendar(struct reader *reader, const struct node *node,
                           struct calendar_body *calendar)
{
    calendar->settings.pos = node->key;
    return schema_read(reader, &calendar_section, NULL, node, calendar);
}
