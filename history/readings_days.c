/* readings_days.c - see readings_days.h. */
#include "history/readings_days.h"

#include "base/crc32c.h"
#include "base/mem.h"
#include "history/readings_folder.h"
#include "history/readings_names.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    /* A day's file is cut into parts, so that the bound by bytes throws away a little. */
    PARTS_OF_MAX = 16,
    PART_BYTES_MAX = 1024 * 1024 * 1024,
};

#define DAY_MS INT64_C(86400000)

int64_t readings_ms(struct wall_time time)
{
    int64_t ms = time.ns / CLOCK_MS;

    return time.ns % CLOCK_MS < 0 ? ms - 1 : ms;
}

int64_t readings_day(int64_t ms)
{
    int64_t day = ms / DAY_MS;

    return ms % DAY_MS < 0 ? day - 1 : day;
}

void days_init(struct days *days, const char *folder,
               const struct history_settings *settings)
{
    *days = (struct days){.folder = mem_strdup(folder), .settings = settings};
}

void days_done(struct days *days)
{
    mem_free(days->last_file);
    mem_free(days->folder);
    *days = (struct days){0};
}

static int64_t bytes_max(const struct days *days)
{
    int64_t max = days->settings->readings_max_bytes;

    return max > 0 ? max : INT64_MAX;
}

static int64_t part_bytes(const struct days *days)
{
    int64_t bytes = bytes_max(days) / PARTS_OF_MAX;

    return bytes < PART_BYTES_MAX ? bytes : PART_BYTES_MAX;
}

static int64_t remove_file(const struct days *days, const struct readings_file *file)
{
    char *path = readings_path(days->folder, file);
    int64_t freed = unlink(path) == 0 ? file->bytes : 0;

    mem_free(path);
    return freed;
}

void days_keep_bounds(struct days *days, struct wall_time now, bool aged)
{
    int64_t oldest = readings_day(readings_ms(now) - days->settings->keep_readings_ms);
    size_t count;
    struct readings_file *files = readings_files(days->folder, &count, NULL);

    days->bytes = 0;
    for (size_t i = 0; i < count; i++)
        days->bytes += files[i].tail ? 0 : files[i].bytes;
    for (size_t i = 0; i < count && !files[i].tail; i++) {
        bool old = aged && files[i].day < oldest && days->settings->keep_readings_ms > 0;

        if (days->bytes <= bytes_max(days) && !old)
            break;
        aged = aged && !old;
        days->bytes -= remove_file(days, &files[i]);
    }
    mem_free(files);
}

/* The file that a batch of the day goes to; the caller's (mem_free). */
static char *file_of_day(const struct days *days, int64_t day)
{
    struct readings_file last = {.day = day};
    size_t count;
    struct readings_file *files = readings_files(days->folder, &count, NULL);

    for (size_t i = 0; i < count; i++)
        if (!files[i].tail && files[i].day == day)
            last = files[i];
    mem_free(files);
    if (last.bytes >= part_bytes(days))
        last.part++;
    return readings_path(days->folder, &last);
}

static int put_names(struct appender *to, const struct text *names, uint64_t id,
                     struct err *err)
{
    unsigned char header[FRAME_HEADER_SIZE];

    frame_put(header, &(struct frame){.kind = FRAME_NAMES,
                                      .length = (uint32_t)names->length,
                                      .checked = (uint32_t)names->length,
                                      .crc = crc32c(0, names->data, names->length),
                                      .names = id});
    if (appender_put(to, header, sizeof header, err) != 0)
        return -1;
    return appender_put(to, names->data, names->length, err);
}

int days_append(struct days *days, struct batch *batch, uint64_t tail,
                const struct text *names, struct err *err)
{
    char *path = file_of_day(days, readings_day(batch->head.base_ms));
    uint64_t id = names_hash(names->data, names->length);
    bool named = days->last_file != NULL && id == days->last_names &&
                 strcmp(path, days->last_file) == 0;
    struct appender to;
    int result = 0;

    if (appender_open(&to, path, err) != 0) {
        mem_free(path);
        return -1;
    }
    if (!named || to.start == 0)
        result = put_names(&to, names, id, err);
    if (result == 0)
        result = batch_write(batch, id, tail, appender_put, &to, err);
    if (result == 0)
        result = appender_close(&to, true, err);
    else
        (void)appender_close(&to, false, NULL);
    mem_free(days->last_file);
    days->last_file = result == 0 ? path : NULL;
    days->last_names = id;
    if (result != 0)
        mem_free(path);
    return result;
}

static bool has_batch(const char *path, uint64_t tail)
{
    struct frame_walk walk = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    off_t size = walk.fd < 0 ? 0 : lseek(walk.fd, 0, SEEK_END);
    struct frame frame;
    uint64_t payload;
    bool found = false;

    walk.size = size < 0 ? 0 : (uint64_t)size;
    while (walk.fd >= 0 && !found && frame_walk_next(&walk, &frame, &payload)) {
        struct batch_head head;
        unsigned char *bytes = NULL;

        if (frame.kind == FRAME_BATCH && frame.checked >= BATCH_HEAD_SIZE)
            bytes = frame_checked(walk.fd, &frame, payload);
        found = bytes != NULL && batch_head_get(bytes, &head) && head.tail == tail;
        mem_free(bytes);
    }
    if (walk.fd >= 0)
        (void)close(walk.fd);
    return found;
}

bool days_have(const struct days *days, int64_t day, uint64_t tail)
{
    size_t count;
    struct readings_file *files = readings_files(days->folder, &count, NULL);
    bool found = false;

    for (size_t i = 0; i < count && !found; i++) {
        char *path;

        if (files[i].tail || files[i].day != day)
            continue;
        path = readings_path(days->folder, &files[i]);
        found = has_batch(path, tail);
        mem_free(path);
    }
    mem_free(files);
    return found;
}
