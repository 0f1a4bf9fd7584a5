/* paths.h - files and folders that a configuration names.
 *
 * Relative names count from the folder of the file they are written in. A name without
 * '/' is looked for in systemd's credentials ($CREDENTIALS_DIRECTORY) first.
 *
 * Threads: loading only (reads the environment).
 */
#ifndef CONFIG_PATHS_H
#define CONFIG_PATHS_H

#include "config/schema.h"

#include <stddef.h>

/* Makes *path (the value of `node`) absolute and checks that it is a regular file that
 * can be read and, when it is a secret, by its owner only. False when reported. */
bool paths_resolve_file(struct reader *reader, const struct node *node, bool secret,
                        const char **path);

/* `name` from the folder of the file `pos` stands in, absolute, in the arena. */
const char *paths_absolute(struct reader *reader, struct config_pos pos,
                           const char *name);

/* The *.cfg of a folder in the order of their names (bytes), each with the folder in
 * front; hidden files are left out. False when reported (at `pos`). */
bool paths_list(struct reader *reader, struct config_pos pos, const char *folder,
                const char ***files, size_t *count);

/* An IANA zone that the system knows. False when reported. */
bool paths_check_timezone(struct reader *reader, struct config_pos pos, const char *name);

#endif
