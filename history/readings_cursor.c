/* readings_cursor.c - the reading side of readings.h.
 *
 * The past is swept in windows of time. Of each window all chunks that touch it are
 * decoded up to its end and what came is put in order, so that the work at any moment
 * fits into a cache: putting a million points in order one by one would take longer than
 * all else. A window is so long that it should hold WINDOW_READINGS, or some of each
 * chunk. */
#include "history/readings.h"

#include "base/mem.h"
#include "history/readings_days.h"
#include "history/readings_folder.h"
#include "history/readings_source.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    WINDOW_READINGS = 4096,
    READINGS_OF_CHUNK = 4,
    WINDOW_MS_MAX = 60 * 60 * 1000, /* three passes */
    RADIX_BITS = 11,
    RADIX_MASK = (1 << RADIX_BITS) - 1,
    PIECE = 256, /* decoded at once */
    FIRST_ROOM = 2 * WINDOW_READINGS,
};

/* What came in a window, in the order of the chunks. */
struct loose {
    struct kept_reading reading;
    uint32_t point;
};

struct readings_cursor {
    /* fixed after open */
    struct readings_index index;
    bool *wanted; /* by point */
    int64_t from_ms;
    int64_t to_ms;

    struct sources *active; /* batches that are under way */
    size_t active_count;
    size_t next_batch;
    int64_t at_ms; /* begin of the next window */
    int64_t window_ms;
    uint64_t damaged;

    struct loose *loose;
    uint64_t *keys; /* twice `room`: the time in the window, and which one */
    struct sample *sorted;
    size_t room; /* of loose and sorted */
    size_t count;
    size_t taken;
};

// Seven words that belong together. NOLINTNEXTLINE(readability-function-size)
struct readings_cursor *readings_cursor_open(const char *folder,
                                             const struct model *model,
                                             const uint32_t *points, size_t count,
                                             struct wall_time from, struct wall_time to,
                                             struct err *err)
{
    struct readings_cursor *cursor = mem_alloc(sizeof *cursor);

    cursor->from_ms = readings_ms(from);
    cursor->to_ms = readings_ms((struct wall_time){to.ns + CLOCK_MS - 1});
    cursor->at_ms = cursor->from_ms;
    cursor->wanted = mem_array(model->point_count + 1, sizeof *cursor->wanted);
    for (size_t i = 0; i < count; i++)
        cursor->wanted[points[i]] = true;
    if (readings_index_open(&cursor->index, folder, model, cursor->from_ms, cursor->to_ms,
                            err) != 0) {
        readings_cursor_close(cursor);
        return NULL;
    }
    cursor->active = mem_array(cursor->index.batch_count + 1, sizeof *cursor->active);
    cursor->damaged = cursor->index.damaged;
    return cursor;
}

void readings_cursor_close(struct readings_cursor *cursor)
{
    if (cursor == NULL)
        return;
    for (size_t i = 0; i < cursor->active_count; i++)
        sources_close(&cursor->active[i]);
    readings_index_close(&cursor->index);
    mem_free(cursor->active);
    mem_free(cursor->wanted);
    mem_free(cursor->loose);
    mem_free(cursor->keys);
    mem_free(cursor->sorted);
    mem_free(cursor);
}

static void make_room(struct readings_cursor *cursor, size_t count)
{
    size_t room = cursor->room == 0 ? FIRST_ROOM : cursor->room;

    while (room < count)
        room *= 2;
    if (room == cursor->room)
        return;
    cursor->room = room;
    cursor->loose = mem_resize(cursor->loose, room, sizeof *cursor->loose);
    cursor->keys = mem_resize(cursor->keys, 2 * room, sizeof *cursor->keys);
    cursor->sorted = mem_resize(cursor->sorted, room, sizeof *cursor->sorted);
}

/* How long a window is to be for the batches that are under way. */
static int64_t choose_window(const struct readings_cursor *cursor)
{
    double per_ms = 0;
    size_t chunks = 0;
    double wanted;

    for (size_t i = 0; i < cursor->active_count; i++) {
        const struct sources *sources = &cursor->active[i];
        const struct batch_head *head = &sources->batch->head;

        per_ms +=
            (double)sources->readings / (double)(head->last_ms - head->first_ms + 1);
        chunks += sources->count;
    }
    wanted = (double)(chunks * READINGS_OF_CHUNK);
    if (wanted < WINDOW_READINGS)
        wanted = WINDOW_READINGS;
    if (per_ms * WINDOW_MS_MAX <= wanted)
        return WINDOW_MS_MAX;
    return (int64_t)(wanted / per_ms) + 1;
}

/* What lies before the begin is decoded, because times build on each other, and left. */
static void skip_to_begin(struct readings_cursor *cursor, struct sources *sources)
{
    struct kept_reading piece[PIECE];

    if (sources->batch->head.first_ms >= cursor->from_ms)
        return;
    for (size_t i = 0; i < sources->count; i++)
        while (source_next(&sources->list[i], cursor->from_ms, piece, PIECE) == PIECE)
            ;
}

static void load_batches(struct readings_cursor *cursor, int64_t until_ms)
{
    while (cursor->next_batch < cursor->index.batch_count &&
           cursor->index.batches[cursor->next_batch].head.first_ms < until_ms) {
        struct sources *sources = &cursor->active[cursor->active_count];

        sources_open(sources, &cursor->index,
                     &cursor->index.batches[cursor->next_batch++], cursor->wanted,
                     &cursor->damaged);
        skip_to_begin(cursor, sources);
        cursor->active_count++;
    }
}

static void drop_batches(struct readings_cursor *cursor)
{
    size_t kept = 0;

    for (size_t i = 0; i < cursor->active_count; i++) {
        if (cursor->active[i].batch->head.last_ms < cursor->at_ms)
            sources_close(&cursor->active[i]);
        else
            cursor->active[kept++] = cursor->active[i];
    }
    cursor->active_count = kept;
}

/* Readings of one chunk before `until_ms`. */
static size_t gather_one(struct readings_cursor *cursor, struct source *source,
                         int64_t until_ms, size_t count)
{
    struct kept_reading piece[PIECE];
    size_t got;

    do {
        got = source_next(source, until_ms, piece, PIECE);
        make_room(cursor, count + got);
        for (size_t i = 0; i < got; i++)
            if (piece[i].ms >= cursor->at_ms) /* else its batch lies about it */
                cursor->loose[count++] = (struct loose){piece[i], source->point};
    } while (got == PIECE);
    return count;
}

static struct sample sample_of(const struct loose *loose)
{
    return (struct sample){
        .point = loose->point,
        .quality = loose->reading.quality,
        .reason = loose->reading.reason,
        .detail = loose->reading.detail,
        .value = loose->reading.value,
        .time = {loose->reading.ms * CLOCK_MS},
    };
}

/* One pass by RADIX_BITS bits of the time in the upper half of the keys. */
static void radix_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    uint32_t starts[1 << RADIX_BITS] = {0};
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        starts[from[i] >> shift & RADIX_MASK]++;
    for (size_t i = 0; i <= RADIX_MASK; i++) {
        uint32_t here = starts[i];

        starts[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i] >> shift & RADIX_MASK]++] = from[i];
}

/* Puts what lies in [at, until) in order of time; equal times stay in the order of the
 * chunks. */
static void put_in_order(struct readings_cursor *cursor, int64_t until_ms, size_t count)
{
    uint64_t span = (uint64_t)(until_ms - cursor->at_ms);
    uint64_t *keys = cursor->keys;
    uint64_t *other = cursor->keys + cursor->room;

    for (size_t i = 0; i < count; i++)
        keys[i] = (uint64_t)(cursor->loose[i].reading.ms - cursor->at_ms) << 32 | i;
    for (unsigned shift = 0; span >> shift > 0; shift += RADIX_BITS) {
        uint64_t *swap = keys;

        radix_pass(keys, other, count, 32 + shift);
        keys = other;
        other = swap;
    }
    for (size_t i = 0; i < count; i++)
        cursor->sorted[i] = sample_of(&cursor->loose[(uint32_t)keys[i]]);
}

/* The next window that holds anything; false at the end. */
static bool sweep(struct readings_cursor *cursor)
{
    cursor->count = cursor->taken = 0;
    while (cursor->count == 0 && cursor->at_ms < cursor->to_ms) {
        int64_t until_ms;
        size_t count = 0;

        if (cursor->active_count == 0) {
            if (cursor->next_batch == cursor->index.batch_count)
                break;
            if (cursor->index.batches[cursor->next_batch].head.first_ms > cursor->at_ms)
                cursor->at_ms = cursor->index.batches[cursor->next_batch].head.first_ms;
            load_batches(cursor, cursor->at_ms + 1);
        }
        until_ms = cursor->at_ms + choose_window(cursor);
        if (until_ms > cursor->to_ms)
            until_ms = cursor->to_ms;
        load_batches(cursor, until_ms);
        for (size_t i = 0; until_ms > cursor->at_ms && i < cursor->active_count; i++)
            for (size_t k = 0; k < cursor->active[i].count; k++)
                count = gather_one(cursor, &cursor->active[i].list[k], until_ms, count);
        if (count > 0)
            put_in_order(cursor, until_ms, count);
        cursor->count = count;
        cursor->at_ms = until_ms;
        drop_batches(cursor);
    }
    return cursor->count > 0;
}

size_t readings_next(struct readings_cursor *cursor, struct sample *samples, size_t max)
{
    size_t n;

    if (cursor->taken == cursor->count && !sweep(cursor))
        return 0;
    n = cursor->count - cursor->taken;
    if (n > max)
        n = max;
    memcpy(samples, cursor->sorted + cursor->taken, n * sizeof *samples);
    cursor->taken += n;
    return n;
}

double readings_progress(const struct readings_cursor *cursor)
{
    int64_t first = cursor->from_ms;
    int64_t last = cursor->to_ms;

    /* The rest of what was asked for holds nothing. */
    if (cursor->index.batch_count > 0 && cursor->index.batches[0].head.first_ms > first)
        first = cursor->index.batches[0].head.first_ms;
    if (cursor->at_ms >= last ||
        (cursor->active_count == 0 && cursor->next_batch == cursor->index.batch_count))
        return 1;
    if (cursor->at_ms <= first)
        return 0;
    return (double)(cursor->at_ms - first) / (double)(last - first);
}

uint64_t readings_damaged(const struct readings_cursor *cursor)
{
    return cursor->damaged;
}

/* The earliest reading of a file; INT64_MAX when it holds none. */
static int64_t oldest_of(const char *path)
{
    struct frame_walk walk = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    off_t size = walk.fd < 0 ? 0 : lseek(walk.fd, 0, SEEK_END);
    int64_t oldest = INT64_MAX;
    struct frame frame;
    uint64_t payload;

    walk.size = size < 0 ? 0 : (uint64_t)size;
    while (walk.fd >= 0 && oldest == INT64_MAX &&
           frame_walk_next(&walk, &frame, &payload)) {
        struct batch_head head;
        unsigned char *bytes = NULL;

        if (frame.kind == FRAME_BATCH && frame.checked >= BATCH_HEAD_SIZE)
            bytes = frame_bytes(walk.fd, payload, BATCH_HEAD_SIZE);
        if (bytes != NULL && batch_head_get(bytes, &head))
            oldest = head.first_ms;
        mem_free(bytes);
    }
    if (walk.fd >= 0)
        (void)close(walk.fd);
    return oldest;
}

struct wall_time readings_oldest(const char *folder)
{
    size_t count;
    struct readings_file *files = readings_files(folder, &count, NULL);
    int64_t oldest = INT64_MAX;

    for (size_t i = 0; i < count && oldest == INT64_MAX; i++) {
        char *path = readings_path(folder, &files[i]);

        oldest = oldest_of(path);
        /* A tail's name is when it was begun. */
        if (oldest == INT64_MAX && files[i].tail)
            oldest = (int64_t)files[i].part;
        mem_free(path);
    }
    mem_free(files);
    return (struct wall_time){oldest == INT64_MAX ? 0 : oldest * CLOCK_MS};
}
