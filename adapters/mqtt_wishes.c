/* mqtt_wishes.c - see mqtt_wishes.h. */
#include "adapters/mqtt_wishes.h"

#include "base/mem.h"

#include <string.h>

enum wish {
    WISH_OPEN, /* to be asked for */
    WISH_ASKED,
    WISH_GRANTED,
    WISH_REFUSED,
};

struct mqtt_wishes {
    size_t count;
    unsigned char *states; /* enum wish */
    size_t batch_count;
    size_t *asked;                  /* per batch: filters under way */
    struct mqtt_wishes_count tally; /* without first_refused */
};

struct mqtt_wishes *mqtt_wishes_new(size_t filters)
{
    struct mqtt_wishes *wishes = mem_alloc(sizeof *wishes);

    wishes->count = filters;
    wishes->states = mem_array(filters, sizeof *wishes->states);
    wishes->batch_count = (filters + MQTT_BATCH_MAX - 1) / MQTT_BATCH_MAX;
    wishes->asked = mem_array(wishes->batch_count, sizeof *wishes->asked);
    return wishes;
}

void mqtt_wishes_free(struct mqtt_wishes *wishes)
{
    if (wishes == NULL)
        return;
    mem_free(wishes->states);
    mem_free(wishes->asked);
    mem_free(wishes);
}

void mqtt_wishes_reset(struct mqtt_wishes *wishes)
{
    memset(wishes->states, WISH_OPEN, wishes->count * sizeof *wishes->states);
    memset(wishes->asked, 0, wishes->batch_count * sizeof *wishes->asked);
    wishes->tally = (struct mqtt_wishes_count){0};
}

void mqtt_wishes_reopen(struct mqtt_wishes *wishes)
{
    for (size_t i = 0; i < wishes->count; i++)
        if (wishes->states[i] == WISH_REFUSED)
            wishes->states[i] = WISH_OPEN;
    wishes->tally.refused = 0;
}

size_t mqtt_wishes_batches(const struct mqtt_wishes *wishes)
{
    return wishes->batch_count;
}

static size_t batch_end(const struct mqtt_wishes *wishes, size_t batch)
{
    size_t end = (batch + 1) * MQTT_BATCH_MAX;

    return end < wishes->count ? end : wishes->count;
}

size_t mqtt_wishes_ask(struct mqtt_wishes *wishes, size_t batch,
                       uint32_t filters[MQTT_BATCH_MAX])
{
    size_t end = batch_end(wishes, batch);
    size_t count = 0;

    if (wishes->asked[batch] > 0)
        return 0;
    for (size_t i = batch * MQTT_BATCH_MAX; i < end; i++) {
        if (wishes->states[i] != WISH_OPEN)
            continue;
        wishes->states[i] = WISH_ASKED;
        filters[count++] = (uint32_t)i;
    }
    wishes->asked[batch] = count;
    wishes->tally.batches_due += count > 0 ? 1 : 0;
    return count;
}

size_t mqtt_wishes_asked(const struct mqtt_wishes *wishes, size_t batch)
{
    return wishes->asked[batch];
}

void mqtt_wishes_answer(struct mqtt_wishes *wishes, size_t batch, const int *granted)
{
    size_t end = batch_end(wishes, batch);
    size_t next = 0;

    if (wishes->asked[batch] == 0)
        return; /* the answer of a connection that is gone */
    for (size_t i = batch * MQTT_BATCH_MAX; i < end; i++) {
        bool refused;

        if (wishes->states[i] != WISH_ASKED)
            continue;
        refused = granted[next++] >= MQTT_QOS_REFUSED;
        wishes->states[i] = refused ? WISH_REFUSED : WISH_GRANTED;
        wishes->tally.refused += refused ? 1 : 0;
        wishes->tally.granted += refused ? 0 : 1;
    }
    wishes->asked[batch] = 0;
    wishes->tally.batches_due--;
}

struct mqtt_wishes_count mqtt_wishes_count(const struct mqtt_wishes *wishes)
{
    struct mqtt_wishes_count count = wishes->tally;

    for (size_t i = 0; count.refused > 0 && i < wishes->count; i++) {
        if (wishes->states[i] != WISH_REFUSED)
            continue;
        count.first_refused = (uint32_t)i;
        break;
    }
    return count;
}
