/* paths.c - see paths.h. */
#include "plantsim/paths.h"

#include "base/file.h"
#include "base/mem.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_owner(const char *folder, struct err *err)
{
    struct stat there;

    if (stat(folder, &there) != 0)
        return err_set(err, ERR_IO, "folder '%s': %m", folder);
    if (there.st_uid != geteuid() && (there.st_mode & S_ISVTX) == 0)
        return err_set(
            err, ERR_IO,
            "the folder '%s' belongs to another user; choose other places with "
            "--control, --pty or --trigger-socket",
            folder);
    return 0;
}

int paths_make_parent(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder;
    int result;

    if (slash == NULL || slash == path)
        return 0;
    folder = mem_strndup(path, (size_t)(slash - path));
    result = file_make_folder(folder, 0700, err);
    if (result == 0)
        result = check_owner(folder, err);
    mem_free(folder);
    return result;
}

const char *paths_first_of(const char *first, const char *second)
{
    return access(first, F_OK) == 0 ? first : second;
}
