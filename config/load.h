/* load.h - loading without a disk, for tests and fuzzing. */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/config.h"

/* A main file from memory: `length` bytes terminated with NUL, `path` is its name in
 * messages. Folders are not read, and files that it names are not looked for. */
struct config *config_load_text(const char *path, const char *text, size_t length,
                                struct config_report *report);

#endif
