/* file.h - whole files, read with a bound and replaced in one step.
 *
 * Threads: any.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* The file's bytes, terminated with NUL, the caller's (mem_free). NULL with ERR_IO when
 * it cannot be read and ERR_FULL when it is larger than `max` bytes. */
char *file_read(const char *path, size_t max, size_t *length, struct err *err);

/* A first line without its line end, for password and token files; the caller's
 * (mem_free). ERR_CONFIG when the file is not a regular one, when others than its owner
 * and its group may read it, or when that line is empty. */
char *file_read_secret(const char *path, struct err *err);

/* Writes beside the target, syncs, renames over it and syncs the folder: after a crash
 * the file is the old or the new one, never half. */
int file_replace(const char *path, const void *data, size_t length, struct err *err);

/* Makes the folder and its parents; fine when it is there already. */
int file_make_folder(const char *path, mode_t mode, struct err *err);

/* "folder/name", or `name` alone when it is absolute. The caller's (mem_free). */
char *file_join(const char *folder, const char *name);

#endif
