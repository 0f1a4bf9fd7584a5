/* chatter.c - see chatter.h. */
#include "rules/chatter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
};

unsigned chatter_count(const struct chatter *chatter)
{
    unsigned count = 0;

    for (unsigned i = 0; i < CHATTER_RAISES; i++)
        count += chatter->raises[i].ns != 0;
    return count;
}

/* What lies in the future was stamped before the clock was set back: nobody knows how
 * long ago. */
static unsigned count_within(const struct chatter *chatter, struct wall_time now,
                             int64_t ms)
{
    unsigned count = 0;

    for (unsigned i = 0; i < CHATTER_RAISES; i++)
        count += chatter->raises[i].ns != 0 && chatter->raises[i].ns <= now.ns &&
                 chatter->raises[i].ns > now.ns - ms * CLOCK_MS;
    return count;
}

static struct wall_time newest(const struct chatter *chatter)
{
    return chatter->raises[(chatter->next + CHATTER_RAISES - 1) % CHATTER_RAISES];
}

bool chatter_raise(struct chatter *chatter, struct wall_time now)
{
    bool before_that = chatter->active;

    chatter->raises[chatter->next] = now;
    chatter->next = (uint8_t)((chatter->next + 1) % CHATTER_RAISES);
    if (count_within(chatter, now, MINUTE_MS) >= CHATTER_MINUTE_RAISES ||
        count_within(chatter, now, HOUR_MS) >= CHATTER_RAISES)
        chatter->active = true;
    return chatter->active && !before_that;
}

bool chatter_step(struct chatter *chatter, struct wall_time now)
{
    int64_t quiet = wall_diff_ms(now, newest(chatter));

    /* A wall clock that was set back must not hold it for ever. */
    if (!chatter->active || (quiet >= 0 && quiet < CHATTER_QUIET_MS))
        return false;
    chatter->active = false;
    return true;
}

struct wall_time chatter_end(const struct chatter *chatter)
{
    if (!chatter->active)
        return (struct wall_time){0};
    return (struct wall_time){newest(chatter).ns + CHATTER_QUIET_MS * CLOCK_MS};
}

void chatter_print(const struct chatter *chatter, struct text *out)
{
    text_addf(out, "%d", chatter->active ? 1 : 0);
    for (unsigned i = 0; i < CHATTER_RAISES; i++) {
        struct wall_time raised = chatter->raises[(chatter->next + i) % CHATTER_RAISES];

        if (raised.ns != 0)
            text_addf(out, " %" PRId64, raised.ns);
    }
}

bool chatter_parse(struct chatter *chatter, const char *text)
{
    struct chatter parsed = {0};
    char *end;

    if (text[0] != '0' && text[0] != '1')
        return false;
    parsed.active = text[0] == '1';
    text++;
    while (*text == ' ') {
        long long ns = strtoll(text, &end, 10);

        if (end == text + 1 || ns <= 0)
            return false;
        parsed.raises[parsed.next] = (struct wall_time){ns};
        parsed.next = (uint8_t)((parsed.next + 1) % CHATTER_RAISES);
        text = end;
    }
    if (*text != '\0')
        return false;
    *chatter = parsed;
    return true;
}
