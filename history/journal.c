/* journal.c - see journal.h. */
#include "history/journal.h"

#include "base/crc32c.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static const char magic[4] = "FJN1";
static const char prefix[] = "journal-";

enum {
    ID_DIGITS = 12, /* so that names sort as numbers do */
    AT_CRC = 4,
    AT_COUNT = 8,
    AT_MINUTE = 16,
    RECORD_SIZE = 16,
};

_Static_assert(sizeof(struct journal_record) == RECORD_SIZE, "a record has no padding");

void journal_init(struct journal *journal)
{
    *journal = (struct journal){.fd = -1};
    journal->records = mem_array(JOURNAL_FRAME_RECORDS, sizeof *journal->records);
}

static void close_file(struct journal *journal)
{
    if (journal->fd >= 0)
        (void)close(journal->fd);
    journal->fd = -1;
    journal->count = 0;
    mem_free(journal->path);
    journal->path = NULL;
}

void journal_done(struct journal *journal)
{
    close_file(journal);
    mem_free(journal->records);
    journal->records = NULL;
}

char *journal_path(const char *folder, uint64_t id)
{
    return mem_format("%s/%s%0*" PRIu64, folder, prefix, ID_DIGITS, id);
}

int journal_begin(struct journal *journal, const char *folder, uint64_t id,
                  int64_t minute, struct err *err)
{
    close_file(journal);
    journal->path = journal_path(folder, id);
    journal->id = id;
    journal->minute = minute;
    journal->fd =
        open(journal->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (journal->fd < 0)
        return err_set(err, ERR_IO, "create '%s': %m", journal->path);
    return 0;
}

bool journal_add(struct journal *journal, uint32_t series, uint32_t ms, double value)
{
    journal->records[journal->count++] = (struct journal_record){series, ms, value};
    return journal->count == JOURNAL_FRAME_RECORDS;
}

static uint32_t frame_crc(const unsigned char *header, const void *records, size_t size)
{
    uint32_t crc = crc32c(0, header + AT_COUNT, JOURNAL_HEADER_SIZE - AT_COUNT);

    return crc32c(crc, records, size);
}

int journal_flush(struct journal *journal, struct err *err)
{
    unsigned char header[JOURNAL_HEADER_SIZE] = {0};
    uint32_t count = (uint32_t)journal->count;
    size_t size = journal->count * sizeof *journal->records;
    struct iovec parts[2] = {
        {.iov_base = header, .iov_len = sizeof header},
        {.iov_base = journal->records, .iov_len = size},
    };
    uint32_t crc;
    ssize_t n;

    if (count == 0 || journal->fd < 0)
        return 0;
    memcpy(header, magic, sizeof magic);
    memcpy(header + AT_COUNT, &count, sizeof count);
    memcpy(header + AT_MINUTE, &journal->minute, sizeof journal->minute);
    crc = frame_crc(header, journal->records, size);
    memcpy(header + AT_CRC, &crc, sizeof crc);
    journal->count = 0;
    do
        n = writev(journal->fd, parts, 2);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)(sizeof header + size))
        return n < 0 ? err_set(err, ERR_IO, "write '%s': %m", journal->path)
                     : err_set(err, ERR_IO, "write '%s': no room", journal->path);
    return 0;
}

void journal_remove(struct journal *journal)
{
    if (journal->path != NULL)
        (void)unlink(journal->path);
    close_file(journal);
}

void journal_leave(struct journal *journal)
{
    close_file(journal);
}

bool journal_next(const unsigned char *bytes, size_t size, size_t *offset,
                  int64_t *minute, struct journal_record *records, size_t *count)
{
    while (size - *offset >= JOURNAL_HEADER_SIZE) {
        const unsigned char *header = bytes + *offset;
        size_t rest = size - *offset - JOURNAL_HEADER_SIZE;
        size_t records_size;
        uint32_t found;
        uint32_t crc;

        memcpy(&found, header + AT_COUNT, sizeof found);
        memcpy(&crc, header + AT_CRC, sizeof crc);
        records_size = (size_t)found * RECORD_SIZE;
        if (memcmp(header, magic, sizeof magic) == 0 && found <= JOURNAL_FRAME_RECORDS &&
            records_size <= rest &&
            frame_crc(header, header + JOURNAL_HEADER_SIZE, records_size) == crc) {
            memcpy(minute, header + AT_MINUTE, sizeof *minute);
            memcpy(records, header + JOURNAL_HEADER_SIZE, records_size);
            *count = found;
            *offset += JOURNAL_HEADER_SIZE + records_size;
            return true;
        }
        /* Look for the next one. */
        header = memmem(header + 1, size - *offset - 1, magic, sizeof magic);
        *offset = header == NULL ? size : (size_t)(header - bytes);
    }
    *offset = size;
    return false;
}

static int by_id(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

uint64_t *journal_list(const char *folder, size_t *count)
{
    size_t capacity = 16;
    uint64_t *ids = mem_array(capacity, sizeof *ids);
    DIR *dir = opendir(folder);
    struct dirent *entry;

    *count = 0;
    /* The stream is ours alone, as readdir(3) asks. */
    while (dir != NULL &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        const char *digits = entry->d_name + sizeof prefix - 1;

        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0 ||
            strspn(digits, "0123456789") != ID_DIGITS || digits[ID_DIGITS] != '\0')
            continue;
        if (*count == capacity) {
            capacity *= 2;
            ids = mem_resize(ids, capacity, sizeof *ids);
        }
        ids[(*count)++] = strtoull(digits, NULL, 10);
    }
    if (dir != NULL)
        (void)closedir(dir);
    qsort(ids, *count, sizeof *ids, by_id);
    return ids;
}
