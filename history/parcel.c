/* parcel.c - see parcel.h. */
#include "history/parcel.h"

#include <assert.h>
#include <string.h>

void parcel_begin(struct parcel *batch, const char *text, size_t length, size_t lines)
{
    *batch = (struct parcel){.count = lines > 0 ? 1 : 0};
    batch->pieces[0] = (struct parcel_piece){text, length, lines};
}

bool parcel_done(const struct parcel *batch)
{
    return batch->count == 0;
}

/* Splits the next piece behind its first `lines` lines, which come first then. */
static void split(struct parcel *batch, size_t lines)
{
    struct parcel_piece *piece = &batch->pieces[batch->count - 1];
    const char *end = piece->text + piece->length;
    const char *cut = piece->text;
    struct parcel_piece front;

    assert(lines > 0 && lines < piece->lines && batch->count < PARCEL_PIECES_MAX);
    for (size_t i = 0; i < lines; i++)
        cut = (const char *)memchr(cut, '\n', (size_t)(end - cut)) + 1;
    front = (struct parcel_piece){piece->text, (size_t)(cut - piece->text), lines};
    *piece = (struct parcel_piece){cut, (size_t)(end - cut), piece->lines - lines};
    batch->pieces[batch->count++] = front;
}

const struct parcel_piece *parcel_next(struct parcel *batch, size_t limit)
{
    assert(batch->count > 0 && limit > 0);
    if (batch->pieces[batch->count - 1].lines > limit)
        split(batch, limit);
    return &batch->pieces[batch->count - 1];
}

void parcel_accept(struct parcel *batch)
{
    assert(batch->count > 0);
    batch->accepted += batch->pieces[--batch->count].lines;
}

bool parcel_reject(struct parcel *batch, struct parcel_piece *line)
{
    const struct parcel_piece *piece = &batch->pieces[batch->count - 1];

    assert(batch->count > 0);
    if (piece->lines > 1) {
        split(batch, piece->lines / 2);
        return false;
    }
    *line = *piece;
    batch->count--;
    batch->rejected++;
    return true;
}

enum reaction reaction_to(int status)
{
    /* The first row that holds the status. */
    static const struct {
        int from;
        int to;
        enum reaction reaction;
    } rows[] = {
        {200, 299, REACTION_OK},
        {400, 400, REACTION_REJECT}, /* also InfluxDB 1.x "partial write" */
        {408, 408, REACTION_WAIT},
        {413, 413, REACTION_TOO_LARGE},
        {422, 422, REACTION_REJECT}, /* InfluxDB 2.x: a field's type, an old line */
        {425, 425, REACTION_WAIT},
        {429, 429, REACTION_WAIT},
        {500, 599, REACTION_WAIT},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (status >= rows[i].from && status <= rows[i].to)
            return rows[i].reaction;
    /* 401, 403, 404, redirects that are not followed, and what nobody expects */
    return REACTION_CONFIG;
}

int64_t backoff_ms(unsigned failures, uint32_t random)
{
    int64_t wait_ms = BACKOFF_FIRST_MS;

    for (; failures > 1 && wait_ms < BACKOFF_MAX_MS; failures--)
        wait_ms *= 2;
    if (wait_ms > BACKOFF_MAX_MS)
        wait_ms = BACKOFF_MAX_MS;
    return wait_ms / 2 + (int64_t)((uint64_t)random * (uint64_t)(wait_ms / 2) >> 32);
}
