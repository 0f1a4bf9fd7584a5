/* readings_folder.c - see readings_folder.h. */
#include "history/readings_folder.h"

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/mem.h"
#include "history/reading_codec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char tail_prefix[] = "tail-";
static const char suffix[] = ".rdg";

enum {
    TAIL_DIGITS = 15,
    SEARCH_BYTES = 64 * 1024, /* looked at at once for the header behind damage */
    WRITE_BYTES = 256 * 1024,
    FILES_MAX = 100000, /* of a folder; more are not ours */
};

/* "2026-11-24" at the beginning of `name`. */
static bool parse_day(const char *name, int64_t *day)
{
    unsigned year;
    unsigned month;
    unsigned of_month;

    if (strspn(name, "0123456789-") < 10 || name[4] != '-' || name[7] != '-' ||
        strspn(name, "0123456789") != 4 || strspn(name + 5, "0123456789") != 2 ||
        strspn(name + 8, "0123456789") != 2)
        return false;
    year = (unsigned)strtoul(name, NULL, 10);
    month = (unsigned)strtoul(name + 5, NULL, 10);
    of_month = (unsigned)strtoul(name + 8, NULL, 10);
    if (month < 1 || month > 12 || of_month < 1 || of_month > 31)
        return false;
    *day = days_from_civil(year, (int)month, (int)of_month);
    return true;
}

static bool parse_name(const char *name, struct readings_file *file)
{
    const char *digits = name + sizeof tail_prefix - 1;
    size_t count;

    *file = (struct readings_file){.tail = false};
    if (strncmp(name, tail_prefix, sizeof tail_prefix - 1) == 0) {
        file->tail = true;
        file->part = strtoull(digits, NULL, 10);
        return strspn(digits, "0123456789") == TAIL_DIGITS && digits[TAIL_DIGITS] == '\0';
    }
    if (!parse_day(name, &file->day))
        return false;
    name += 10;
    if (strcmp(name, suffix) == 0)
        return true;
    count = *name == '.' ? strspn(name + 1, "0123456789") : 0;
    if (count < 2 || count > 6 || strcmp(name + 1 + count, suffix) != 0)
        return false;
    file->part = strtoull(name + 1, NULL, 10);
    return true;
}

static int by_age(const void *a, const void *b)
{
    const struct readings_file *left = a;
    const struct readings_file *right = b;

    if (left->tail != right->tail)
        return left->tail ? 1 : -1;
    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return left->part < right->part ? -1 : left->part > right->part;
}

static struct readings_file *read_folder(DIR *dir, size_t *count)
{
    size_t capacity = 64;
    struct readings_file *files = mem_array(capacity, sizeof *files);
    struct dirent *entry;

    *count = 0;
    /* The stream is ours alone, as readdir(3) asks. */
    while (*count < FILES_MAX &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        struct readings_file file;
        struct stat info;

        if (!parse_name(entry->d_name, &file))
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &info, 0) == 0)
            file.bytes = info.st_size;
        if (*count == capacity) {
            capacity *= 2;
            files = mem_resize(files, capacity, sizeof *files);
        }
        files[(*count)++] = file;
    }
    qsort(files, *count, sizeof *files, by_age);
    return files;
}

struct readings_file *readings_files(const char *folder, size_t *count, struct err *err)
{
    DIR *dir = opendir(folder);
    struct readings_file *files;

    *count = 0;
    if (dir == NULL && errno == ENOENT)
        return mem_array(1, sizeof *files);
    if (dir == NULL) {
        (void)err_set(err, errno == EACCES ? ERR_DENIED : ERR_IO, "read '%s': %m",
                      folder);
        return NULL;
    }
    files = read_folder(dir, count);
    (void)closedir(dir);
    return files;
}

char *readings_path(const char *folder, const struct readings_file *file)
{
    int64_t year;
    int month;
    int day;

    if (file->tail)
        return mem_format("%s/%s%0*" PRIu64, folder, tail_prefix, TAIL_DIGITS,
                          file->part);
    civil_from_days(file->day, &year, &month, &day);
    if (file->part == 0)
        return mem_format("%s/%04" PRId64 "-%02d-%02d%s", folder, year, month, day,
                          suffix);
    return mem_format("%s/%04" PRId64 "-%02d-%02d.%02" PRIu64 "%s", folder, year, month,
                      day, file->part, suffix);
}

/* False when fewer can be read. */
static bool read_at(int fd, unsigned char *to, size_t length, uint64_t offset)
{
    while (length > 0) {
        ssize_t n = pread(fd, to, length, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        length -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

unsigned char *frame_bytes(int fd, uint64_t offset, size_t length)
{
    unsigned char *bytes = mem_array(length + READING_PADDING, 1);

    if (read_at(fd, bytes, length, offset))
        return bytes;
    mem_free(bytes);
    return NULL;
}

unsigned char *frame_checked(int fd, const struct frame *frame, uint64_t payload)
{
    unsigned char *bytes = frame_bytes(fd, payload, frame->checked);

    if (bytes != NULL && crc32c(0, bytes, frame->checked) == frame->crc)
        return bytes;
    mem_free(bytes);
    return NULL;
}

/* Moves behind what is no frame. False when there is none any more. */
static bool resync(struct frame_walk *walk)
{
    uint64_t from = walk->offset;
    bool found = false;

    walk->offset++;
    while (!found && walk->size - walk->offset >= FRAME_HEADER_SIZE) {
        uint64_t rest = walk->size - walk->offset;
        size_t part = rest < SEARCH_BYTES ? (size_t)rest : SEARCH_BYTES;
        unsigned char *bytes = frame_bytes(walk->fd, walk->offset, part);
        size_t at = bytes == NULL ? part : frame_find(bytes, part, 0);

        mem_free(bytes);
        found = part - at >= FRAME_HEADER_SIZE;
        walk->offset += at;
    }
    walk->skipped += walk->offset - from;
    return found;
}

bool frame_walk_next(struct frame_walk *walk, struct frame *frame, uint64_t *payload)
{
    unsigned char header[FRAME_HEADER_SIZE];

    while (walk->size - walk->offset >= FRAME_HEADER_SIZE) {
        uint64_t rest = walk->size - walk->offset - FRAME_HEADER_SIZE;

        if (!read_at(walk->fd, header, sizeof header, walk->offset))
            return false;
        if (!frame_get(header, frame)) {
            if (!resync(walk))
                return false;
            continue;
        }
        if (frame->length > rest)
            return false;
        *payload = walk->offset + FRAME_HEADER_SIZE;
        walk->offset = *payload + frame->length;
        return true;
    }
    return false;
}

/* Where the last whole frame ends. What is no frame but stands before one stays. */
static off_t whole_length(int fd, off_t size)
{
    struct frame_walk walk = {.fd = fd, .size = (uint64_t)size};
    struct frame frame;
    uint64_t payload;
    uint64_t end = 0;

    while (frame_walk_next(&walk, &frame, &payload))
        end = walk.offset;
    return (off_t)end;
}

int appender_open(struct appender *appender, const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    off_t whole;

    if (fd < 0)
        return err_set(err, ERR_IO, "create '%s': %m", path);
    whole = whole_length(fd, size);
    if (whole < size && ftruncate(fd, whole) != 0) {
        (void)err_set(err, ERR_IO, "truncate '%s': %m", path);
        (void)close(fd);
        return -1;
    }
    (void)lseek(fd, whole, SEEK_SET);
    *appender = (struct appender){
        .fd = fd,
        .path = mem_strdup(path),
        .start = whole,
        .buffer = mem_array(WRITE_BYTES, 1),
    };
    return 0;
}

static int write_all(const struct appender *appender, const unsigned char *bytes,
                     size_t length, struct err *err)
{
    while (length > 0) {
        ssize_t n = write(appender->fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, "write '%s': %m", appender->path);
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

static int flush(struct appender *appender, struct err *err)
{
    size_t used = appender->used;

    appender->used = 0;
    return write_all(appender, appender->buffer, used, err);
}

int appender_put(void *context, const void *bytes, size_t length, struct err *err)
{
    struct appender *appender = context;

    if (appender->used + length > WRITE_BYTES && flush(appender, err) != 0)
        return -1;
    if (length > WRITE_BYTES)
        return write_all(appender, bytes, length, err);
    memcpy(appender->buffer + appender->used, bytes, length);
    appender->used += length;
    return 0;
}

int appender_close(struct appender *appender, bool keep, struct err *err)
{
    int result = 0;

    if (keep)
        result = flush(appender, err);
    if (keep && result == 0 && fdatasync(appender->fd) != 0)
        result = err_set(err, ERR_IO, "sync '%s': %m", appender->path);
    /* What is left of it is torn and cut off by the next appender_open. */
    if ((!keep || result != 0) && ftruncate(appender->fd, appender->start) != 0)
        result = -1;
    (void)close(appender->fd);
    mem_free(appender->path);
    mem_free(appender->buffer);
    return result;
}
