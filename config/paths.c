/* paths.c - see paths.h. */
#include "config/paths.h"

#include "base/mem.h"
#include "config/codes.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FOLDER_FILES_MAX = 4096, /* of one folder; more is a mistake */
    ZONES_MAX = 1024,        /* names in one region that a typo is compared with */
};

static const char *folder_of(struct reader *reader, struct config_pos pos)
{
    const char *path = config_report_path(reader->report, pos.file);
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return ".";
    return slash == path ? "/" : arena_bytes(reader->arena, path, (size_t)(slash - path));
}

const char *paths_absolute(struct reader *reader, struct config_pos pos, const char *name)
{
    char working[PATH_MAX];
    const char *folder = folder_of(reader, pos);
    const char *joined;

    if (name[0] == '/')
        return arena_string(reader->arena, name);
    joined = strcmp(folder, ".") == 0
                 ? name
                 : arena_format(reader->arena, "%s/%s", folder, name);
    if (joined[0] == '/' || getcwd(working, sizeof working) == NULL)
        return joined;
    return arena_format(reader->arena, "%s/%s", working, joined);
}

/* The credential of that name, or NULL. */
static const char *credential(struct reader *reader, const char *name)
{
    /* Nothing in the daemon changes the environment, so reading it is safe. */
    const char *folder =
        getenv("CREDENTIALS_DIRECTORY"); /* NOLINT(concurrency-mt-unsafe) */
    const char *path;

    if (folder == NULL || folder[0] != '/' || strchr(name, '/') != NULL)
        return NULL;
    path = arena_format(reader->arena, "%s/%s", folder, name);
    return access(path, F_OK) == 0 ? path : NULL;
}

bool paths_resolve_file(struct reader *reader, const struct node *node, bool secret,
                        const char **path)
{
    const char *found;
    struct stat info;

    if (!reader->disk)
        return true;
    found = credential(reader, *path);
    if (found != NULL) {
        secret = false; /* systemd has seen to who can read it */
        *path = found;
    } else {
        *path = paths_absolute(reader, node->pos, *path);
    }
    if (stat(*path, &info) != 0)
        return schema_fail(reader, CODE(FILE), node->pos, NULL, "%s: %m", *path);
    if (!S_ISREG(info.st_mode))
        return schema_fail(reader, CODE(FILE), node->pos, NULL,
                           "%s is not a regular file", *path);
    if (secret && (info.st_mode & (S_IRWXO | S_IWGRP)) != 0)
        return schema_fail(reader, CODE(SECRET), node->pos,
                           arena_format(reader->arena, "run: chmod 600 '%s'", *path),
                           "others can read or change the secret in %s", *path);
    if (access(*path, R_OK) != 0)
        return schema_fail(reader, CODE(FILE), node->pos, NULL, "%s: %m", *path);
    return true;
}

/* ---- folders ---- */

static int is_configuration(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 4 &&
           strcmp(entry->d_name + length - 4, ".cfg") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

bool paths_list(struct reader *reader, struct config_pos pos, const char *folder,
                const char ***files, size_t *count)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_configuration, by_name);
    bool ok = true;

    if (n < 0)
        return schema_fail(reader, CODE(FILE), pos, NULL, "folder %s: %m", folder);
    if (n > FOLDER_FILES_MAX)
        ok = schema_fail(reader, CODE(TOO_MANY), pos, NULL, "more than %d files in %s",
                         FOLDER_FILES_MAX, folder);
    *count = ok ? (size_t)n : 0;
    *files = arena_array(reader->arena, *count, sizeof **files);
    for (int i = 0; i < n; i++) {
        if (ok)
            (*files)[i] =
                arena_format(reader->arena, "%s/%s", folder, entries[i]->d_name);
        mem_free(entries[i]);
    }
    mem_free(entries);
    return ok;
}

/* ---- time zones ---- */

#define ZONE_FOLDER "/usr/share/zoneinfo"

static const char *const usual_mistakes[][2] = {
    {"Asia/Beijing", "Asia/Shanghai"}, {"China", "Asia/Shanghai"},
    {"CST", "Asia/Shanghai"},          {"UTC+8", "Asia/Shanghai"},
    {"GMT+8", "Asia/Shanghai"},        {"+08:00", "Asia/Shanghai"},
};

static int is_zone(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_DIR;
}

/* The nearest zone of the same region. */
static const char *zone_hint(struct reader *reader, const char *name)
{
    const char *slash = strchr(name, '/');
    const char *zone = slash == NULL ? name : slash + 1;
    const char *hint = "an IANA name such as \"Asia/Shanghai\" or \"UTC\"";
    int region = slash == NULL ? 0 : (int)(slash - name);
    const char *names[ZONES_MAX];
    struct dirent **entries = NULL;
    const char *nearest;
    int n;

    for (size_t i = 0; i < sizeof usual_mistakes / sizeof usual_mistakes[0]; i++)
        if (strcmp(name, usual_mistakes[i][0]) == 0)
            return arena_format(reader->arena, "use \"%s\"", usual_mistakes[i][1]);
    n = scandir(arena_format(reader->arena, ZONE_FOLDER "/%.*s", region, name), &entries,
                is_zone, by_name);
    for (int i = 0; i < n && i < ZONES_MAX; i++)
        names[i] = entries[i]->d_name;
    nearest =
        n > 0 ? config_nearest(zone, names, n < ZONES_MAX ? (size_t)n : ZONES_MAX) : NULL;
    if (nearest != NULL)
        hint = arena_format(reader->arena, "did you mean \"%.*s%s%s\"?", region, name,
                            region > 0 ? "/" : "", nearest);
    for (int i = 0; i < n; i++)
        mem_free(entries[i]);
    mem_free(entries);
    return hint;
}

bool paths_check_timezone(struct reader *reader, struct config_pos pos, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_+-/";
    bool form =
        name[0] != '/' && name[strspn(name, letters)] == '\0' && strlen(name) < 64;
    struct stat info;

    if (!form || name[0] == '\0')
        return schema_fail(reader, CODE(TIMEZONE), pos,
                           "an IANA name such as \"Asia/Shanghai\" or \"UTC\"",
                           "\"%.64s\" is no time zone", name);
    if (!reader->disk || strcmp(name, "UTC") == 0)
        return true;
    if (stat(arena_format(reader->arena, ZONE_FOLDER "/%s", name), &info) == 0 &&
        S_ISREG(info.st_mode))
        return true;
    return schema_fail(reader, CODE(TIMEZONE), pos, zone_hint(reader, name),
                       "\"%s\" is no time zone", name);
}
