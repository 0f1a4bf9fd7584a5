/* sections_poll.c - poll classes and what they mean; see sections.h. */
#include "config/codes.h"
#include "config/schema_value.h"
#include "config/sections.h"

#include <ctype.h>

/* clang-format off */
#define POLL_ROWS(fast, normal, slow, daily)                                             \
    CONFIG_DURATION(struct poll_periods, fast_ms, "fast", fast, 100, 7 * CONFIG_DAY,     \
                    "What moves by the second: power, flow, pressure."),                 \
    CONFIG_DURATION(struct poll_periods, normal_ms, "normal", normal, 100,               \
                    7 * CONFIG_DAY, "What nothing is said about."),                      \
    CONFIG_DURATION(struct poll_periods, slow_ms, "slow", slow, 100, 7 * CONFIG_DAY,     \
                    "Energies, temperatures, hours."),                                   \
    CONFIG_DURATION(struct poll_periods, daily_ms, "daily", daily, 100, 7 * CONFIG_DAY,  \
                    "What only changes by hand: ratios, units, versions."),              \
    CONFIG_END

static const struct schema_row site_rows[] = {POLL_ROWS("1s", "10s", "1m", "1d")};
static const struct schema_row equipment_rows[] = {
    POLL_ROWS(CONFIG_OPTIONAL, CONFIG_OPTIONAL, CONFIG_OPTIONAL, CONFIG_OPTIONAL)};

static const struct schema_row period_row =
    CONFIG_DURATION(struct poll_body, ms, "poll", CONFIG_OPTIONAL, 100, 7 * CONFIG_DAY, "");
/* clang-format on */

const struct schema_section poll_section = {
    .name = "poll",
    .path = "poll",
    .rows = site_rows,
    .doc =
        "How often Modbus points are read whose `poll` is one of these classes. The same "
        "group in an equipment changes them for it.",
};

const struct schema_section equipment_poll_section = {
    .name = "poll",
    .path = "poll",
    .rows = equipment_rows,
    .doc = "",
};

static const struct schema_word class_words[] = {
    {"fast", POLL_FAST}, {"normal", POLL_NORMAL},
    {"slow", POLL_SLOW}, {"daily", POLL_DAILY},
    {NULL, 0},
};

bool section_poll(struct reader *reader, const struct scope *scope,
                  const struct schema_row *row, const struct node *node,
                  struct poll_body *poll)
{
    static const char *const names[] = {"fast", "normal", "slow", "daily"};
    int class;

    if (node->kind != NODE_STRING || !isalpha((unsigned char)node->string[0])) {
        poll->class = POLL_NO_CLASS;
        return schema_set(reader, scope, &period_row, node, poll);
    }
    class = schema_word(class_words, node->string);
    if (class < 0)
        return schema_fail(
            reader, CODE(WORD), node->pos,
            schema_hint(reader, node->string, names, sizeof names / sizeof names[0],
                        "a duration such as \"10s\", or one of \"fast\", \"normal\", "
                        "\"slow\", \"daily\""),
            "\"%.64s\" is no possible \"%s\"", node->string, row->key);
    *poll = (struct poll_body){(enum poll_class) class, 0};
    return true;
}

int64_t poll_period(const struct poll_periods *periods, enum poll_class class)
{
    const int64_t all[POLL_CLASSES] = {
        [POLL_FAST] = periods->fast_ms,
        [POLL_NORMAL] = periods->normal_ms,
        [POLL_SLOW] = periods->slow_ms,
        [POLL_DAILY] = periods->daily_ms,
    };

    return all[class];
}
