/* spool_files.c - see spool_files.h. */
#include "history/spool_files.h"

#include "base/file.h"
#include "base/mem.h"
#include "history/segment.h"
#include "history/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    NUMBER_DIGITS = 12, /* so that names sort as numbers do */
    /* A segment may be longer than the present bound by one record and its end. */
    FILE_BYTES_MAX = SPOOL_SEGMENT_BYTES + SEGMENT_PAYLOAD_MAX + 2 * SEGMENT_HEADER_SIZE,
};

static const char suffix[] = ".spool";
static const char bad_suffix[] = ".spool.bad";

char *spool_files_path(const char *folder, uint64_t number)
{
    return mem_format("%s/%0*" PRIu64 "%s", folder, NUMBER_DIGITS, number, suffix);
}

char *spool_files_cursor(const char *folder)
{
    return mem_format("%s/cursor", folder);
}

/* The number in a segment's name with this ending; false for other files. */
static bool read_name(const char *name, const char *ending, uint64_t *number)
{
    char *end;

    if (strspn(name, "0123456789") != NUMBER_DIGITS)
        return false;
    *number = strtoull(name, &end, 10);
    return strcmp(end, ending) == 0;
}

static int by_number(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

/* The numbers of all files with this ending, sorted; the caller's (mem_free). */
static uint64_t *list(const char *folder, const char *ending, size_t *count)
{
    uint64_t *numbers = mem_array(16, sizeof *numbers);
    size_t capacity = 16;
    DIR *dir = opendir(folder);
    struct dirent *entry;

    *count = 0;
    /* The stream is ours alone, as readdir(3) asks. */
    while (dir != NULL &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        uint64_t number;

        if (!read_name(entry->d_name, ending, &number))
            continue;
        if (*count == capacity) {
            capacity *= 2;
            numbers = mem_resize(numbers, capacity, sizeof *numbers);
        }
        numbers[(*count)++] = number;
    }
    if (dir != NULL)
        (void)closedir(dir);
    qsort(numbers, *count, sizeof *numbers, by_number);
    return numbers;
}

/* Keeps the newest SPOOL_BAD_MAX damaged segments. */
static void trim_bad(const char *folder)
{
    size_t count;
    uint64_t *numbers = list(folder, bad_suffix, &count);

    for (size_t i = 0; i + SPOOL_BAD_MAX < count; i++) {
        char *path = mem_format("%s/%0*" PRIu64 "%s", folder, NUMBER_DIGITS, numbers[i],
                                bad_suffix);

        (void)unlink(path);
        mem_free(path);
    }
    mem_free(numbers);
}

void spool_files_retire(const char *folder, const struct spool_segment *segment)
{
    char *path = spool_files_path(folder, segment->number);
    char *bad;

    if (segment->memory_fd >= 0) {
        (void)close(segment->memory_fd);
    } else if (!segment->damaged) {
        (void)unlink(path);
    } else {
        bad = mem_format("%s.bad", path);
        if (rename(path, bad) != 0)
            (void)unlink(path);
        mem_free(bad);
        trim_bad(folder);
    }
    mem_free(path);
}

/* Reads every record of the segment and sums up. */
static void sum_up(const unsigned char *bytes, size_t size, struct spool_segment *segment)
{
    struct segment_damage damage = {0};
    struct segment_record record;
    size_t offset = 0;

    while (segment_next(bytes, size, true, &offset, &record, &damage) == SEGMENT_RECORD) {
        if (segment->first.ns == 0)
            segment->first = record.time;
        segment->last = record.time;
        segment->lines += record.lines;
        segment->bytes = record.offset + record.size;
    }
    segment->damaged = damage.bytes > 0;
    if (segment->damaged)
        segment->bytes = size;
}

static bool read_end(int fd, uint64_t size, struct spool_segment *segment)
{
    unsigned char header[SEGMENT_HEADER_SIZE];
    uint32_t lines;

    if (size < SEGMENT_HEADER_SIZE ||
        pread(fd, header, sizeof header, (off_t)(size - sizeof header)) !=
            (ssize_t)sizeof header ||
        !segment_is_end(header, &lines, &segment->last))
        return false;
    segment->lines = lines;
    segment->bytes = size - sizeof header;
    if (pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        !segment_is_record(header, &lines, &segment->first))
        segment->first = segment->last;
    return true;
}

/* False when nothing can be got out of it. */
static bool scan_one(const char *path, struct spool_segment *segment)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    bool ended;
    size_t size = 0;
    char *bytes;

    if (fd < 0)
        return false;
    ended = fstat(fd, &info) == 0 && read_end(fd, (uint64_t)info.st_size, segment);
    (void)close(fd);
    if (ended)
        return true;
    bytes = file_read(path, FILE_BYTES_MAX, &size, NULL);
    if (bytes == NULL)
        return false;
    sum_up((const unsigned char *)bytes, size, segment);
    mem_free(bytes);
    return size == 0 || segment->lines > 0;
}

struct spool_segment *spool_files_scan(const char *folder, size_t *count,
                                       uint64_t *set_aside)
{
    size_t listed;
    uint64_t *numbers = list(folder, suffix, &listed);
    struct spool_segment *segments = mem_array(listed, sizeof *segments);

    *count = 0;
    for (size_t i = 0; i < listed; i++) {
        struct spool_segment segment = {.number = numbers[i], .memory_fd = -1};
        char *path = spool_files_path(folder, numbers[i]);

        if (!scan_one(path, &segment)) {
            segment.damaged = true;
            spool_files_retire(folder, &segment);
            ++*set_aside;
        } else if (segment.lines == 0) {
            (void)unlink(path);
        } else {
            segments[(*count)++] = segment;
        }
        mem_free(path);
    }
    mem_free(numbers);
    return segments;
}

uint64_t spool_files_lines(const char *folder, uint64_t number, uint64_t from,
                           uint64_t to)
{
    char *path = spool_files_path(folder, number);
    size_t size = 0;
    char *bytes = file_read(path, FILE_BYTES_MAX, &size, NULL);
    struct segment_damage damage = {0};
    struct segment_record record;
    size_t offset = from;
    uint64_t lines = 0;

    while (bytes != NULL && offset < size && offset < to &&
           segment_next((const unsigned char *)bytes, size, true, &offset, &record,
                        &damage) == SEGMENT_RECORD &&
           record.offset < to)
        lines += record.lines;
    mem_free(bytes);
    mem_free(path);
    return lines;
}

int spool_files_create(const char *folder, uint64_t number, struct err *err)
{
    char *path = spool_files_path(folder, number);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 && errno == ENOENT && file_make_folder(folder, 0700, err) == 0)
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        (void)err_set(err, ERR_IO, "create '%s': %m", path);
    mem_free(path);
    return fd;
}

int spool_files_memory(struct err *err)
{
    int fd = memfd_create("facilityd-spool", MFD_CLOEXEC);

    if (fd < 0)
        (void)err_set(err, ERR_IO, "spool in memory: %m");
    return fd;
}

int spool_files_write(int fd, uint64_t bytes, const unsigned char *header,
                      const char *payload, size_t length, struct err *err)
{
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)header, .iov_len = SEGMENT_HEADER_SIZE},
        {.iov_base = (void *)(uintptr_t)payload, .iov_len = length},
    };
    size_t want = SEGMENT_HEADER_SIZE + length;
    ssize_t n;

    do
        n = pwritev(fd, parts, 2, (off_t)bytes);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)want)
        return 0;
    if (n < 0)
        (void)err_set(err, ERR_IO, "write to the spool: %m");
    else
        (void)err_set(err, ERR_IO, "write to the spool: only %zd of %zu bytes fit", n,
                      want);
    if (ftruncate(fd, (off_t)bytes) != 0)
        return -1; /* a torn record, which the reader skips */
    return -1;
}

void spool_files_end(int fd, const struct spool_segment *segment)
{
    unsigned char header[SEGMENT_HEADER_SIZE];

    if (segment->lines > UINT32_MAX)
        return;
    segment_end_header(header, (uint32_t)segment->lines, segment->last);
    (void)spool_files_write(fd, segment->bytes, header, "", 0, NULL);
}
