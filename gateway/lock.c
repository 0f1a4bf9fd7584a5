/* lock.c - see lock.h. The lock is flock's, so it goes with the process, however it ends;
 * the pid inside is only for the message. */
#include "gateway/lock.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int refuse(int fd, const char *path, struct err *err)
{
    char pid[32] = "";
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

    pid[n > 0 ? n : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    return err_set(err, ERR_STATE,
                   "another facilityd (pid %s) holds '%s': stop it, or give this one a "
                   "state_dir of its own",
                   pid[0] == '\0' ? "unknown" : pid, path);
}

static int lock_file(int fd, const char *path, struct err *err)
{
    char pid[32];
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());

    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return refuse(fd, path, err);
        return err_set(err, ERR_IO, "lock '%s': %m", path);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length)
        return err_set(err, ERR_IO, "write '%s': %m", path);
    return 0;
}

int lock_state_dir(const char *state_dir, struct err *err)
{
    char *path = file_join(state_dir, "facilityd.lock");
    int fd = -1;
    int result = -1;

    if (file_make_folder(state_dir, 0700, err) != 0)
        goto out;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        (void)err_set(err, errno == EACCES ? ERR_DENIED : ERR_IO,
                      "open '%s': %m; the state_dir must belong to the user that runs "
                      "facilityd",
                      path);
        goto out;
    }
    if (lock_file(fd, path, err) != 0)
        goto out;
    result = fd;
    fd = -1;
out:
    if (fd >= 0)
        (void)close(fd);
    mem_free(path);
    return result;
}
