/* file.c - see file.h. */
#include "base/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SECRET_MAX = 64 * 1024, /* a token or a password, with room for a long comment */
};

static ssize_t read_full(int fd, char *to, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, to + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Reads up to max + 1 bytes, so that "too large" is seen without trusting the size that
 * the file system reports (a device or /proc reports 0). */
static char *read_fd(int fd, const char *path, size_t max, size_t *length,
                     struct err *err)
{
    size_t capacity = 4096;
    char *data = mem_alloc(capacity + 1);
    size_t used = 0;

    for (;;) {
        ssize_t n = read_full(fd, data + used, capacity - used);

        if (n < 0) {
            (void)err_set(err, ERR_IO, "read '%s': %m", path);
            mem_free(data);
            return NULL;
        }
        used += (size_t)n;
        if (used > max) {
            (void)err_set(err, ERR_FULL, "'%s' is larger than %zu bytes", path, max);
            mem_free(data);
            return NULL;
        }
        if (used < capacity)
            break;
        capacity *= 2;
        data = mem_resize(data, capacity + 1, 1);
    }
    data[used] = '\0';
    *length = used;
    return data;
}

char *file_read(const char *path, size_t max, size_t *length, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *data;

    if (fd < 0) {
        (void)err_set(err, ERR_IO, "open '%s': %m", path);
        return NULL;
    }
    data = read_fd(fd, path, max, length, err);
    (void)close(fd);
    return data;
}

char *file_read_secret(const char *path, struct err *err)
{
    struct stat info;
    size_t length;
    char *data;

    if (stat(path, &info) != 0) {
        (void)err_set(err, ERR_CONFIG, "secret file '%s': %m", path);
        return NULL;
    }
    if (!S_ISREG(info.st_mode)) {
        (void)err_set(err, ERR_CONFIG, "secret file '%s' is not a regular file", path);
        return NULL;
    }
    if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        (void)err_set(err, ERR_CONFIG,
                      "secret file '%s' is open to others; run: chmod 600 '%s'", path,
                      path);
        return NULL;
    }
    data = file_read(path, SECRET_MAX, &length, err);
    if (data == NULL)
        return NULL;
    data[strcspn(data, "\r\n")] = '\0';
    if (data[0] == '\0') {
        (void)err_set(err, ERR_CONFIG, "secret file '%s' has an empty first line", path);
        mem_free(data);
        return NULL;
    }
    return data;
}

static int write_full(int fd, const char *data, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t n = write(fd, data + done, length - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static void sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? mem_strdup(".")
                   : slash == path ? mem_strdup("/")
                                   : mem_strndup(path, (size_t)(slash - path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    mem_free(folder);
}

int file_replace(const char *path, const void *data, size_t length, struct err *err)
{
    char *temporary = mem_format("%s.new", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int result = -1;

    if (fd < 0) {
        (void)err_set(err, ERR_IO, "create '%s': %m", temporary);
        goto out;
    }
    if (write_full(fd, data, length) != 0 || fsync(fd) != 0) {
        (void)err_set(err, ERR_IO, "write '%s': %m", temporary);
        goto out;
    }
    if (rename(temporary, path) != 0) {
        (void)err_set(err, ERR_IO, "rename '%s' to '%s': %m", temporary, path);
        goto out;
    }
    sync_folder_of(path);
    result = 0;
out:
    if (fd >= 0)
        (void)close(fd);
    if (result != 0)
        (void)unlink(temporary);
    mem_free(temporary);
    return result;
}

/* Keeps errno, so that the caller can tell why mkdir failed. */
static bool is_folder(const char *path)
{
    int saved = errno;
    struct stat info;
    bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);

    errno = saved;
    return folder;
}

int file_make_folder(const char *path, mode_t mode, struct err *err)
{
    char *copy = mem_strdup(path);
    char *slash = copy;
    int result = 0;

    while (result == 0 && slash != NULL) {
        slash += strspn(slash, "/");
        slash = strchr(slash, '/');
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(copy, mode) != 0 && (errno != EEXIST || !is_folder(copy)))
            result = err_set(err, errno == EACCES ? ERR_DENIED : ERR_IO,
                             "make folder '%s': %m", copy);
        if (slash != NULL)
            *slash = '/';
    }
    mem_free(copy);
    return result;
}

char *file_join(const char *folder, const char *name)
{
    if (name[0] == '/' || folder[0] == '\0')
        return mem_strdup(name);
    return mem_format("%s/%s", folder, name);
}
