/* town_folder.c - see town_folder.h. */
#include "tests/sim/town_folder.h"

#include "base/mem.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DEPTH = 16,
};

char *town_folder(void)
{
    char *folder = mem_strdup("/tmp/town-XXXXXX");
    char *made = mkdtemp(folder);

    assert(made != NULL);
    return folder;
}

static int remove_entry(const char *path, const struct stat *info, int type,
                        struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void town_folder_remove(char *folder)
{
    if (folder != NULL)
        (void)nftw(folder, remove_entry, DEPTH, FTW_DEPTH | FTW_PHYS);
    mem_free(folder);
}
