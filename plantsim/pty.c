/* pty.c - see pty.h. */
#include "plantsim/pty.h"

#include "base/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static int make_raw(int fd, struct err *err)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) != 0)
        return err_set(err, ERR_IO, "terminal settings: %m");
    cfmakeraw(&settings);
    if (tcsetattr(fd, TCSANOW, &settings) != 0)
        return err_set(err, ERR_IO, "terminal settings: %m");
    return 0;
}

static int open_pair(struct pty *pty, char *name, size_t size, struct err *err)
{
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) != 0 || unlockpt(pty->master) != 0 ||
        ptsname_r(pty->master, name, size) != 0)
        return err_set(err, ERR_IO, "cannot make a pseudo-terminal: %m");
    pty->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->slave < 0)
        return err_set(err, ERR_IO, "open '%s': %m", name);
    return make_raw(pty->slave, err);
}

static int make_link(struct pty *pty, const char *name, struct err *err)
{
    struct stat there;

    if (lstat(pty->path, &there) == 0) {
        if (!S_ISLNK(there.st_mode))
            return err_set(err, ERR_IO,
                           "'%s' is there and no symlink of ours; choose another --pty",
                           pty->path);
        (void)unlink(pty->path);
    }
    if (symlink(name, pty->path) != 0)
        return err_set(err, ERR_IO,
                       "symlink '%s': %m; choose another place with --pty, or --pty none",
                       pty->path);
    pty->linked = true;
    return 0;
}

int pty_open(struct pty *pty, const char *path, struct err *err)
{
    char name[64];

    *pty = (struct pty){.master = -1, .slave = -1, .path = mem_strdup(path)};
    if (open_pair(pty, name, sizeof name, err) == 0 && make_link(pty, name, err) == 0)
        return 0;
    pty_close(pty);
    return -1;
}

void pty_close(struct pty *pty)
{
    if (pty->path == NULL)
        return;
    if (pty->master >= 0)
        (void)close(pty->master);
    if (pty->slave >= 0)
        (void)close(pty->slave);
    if (pty->linked)
        (void)unlink(pty->path);
    mem_free(pty->path);
    *pty = (struct pty){.master = -1, .slave = -1};
}
