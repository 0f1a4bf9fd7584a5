/* scan.h - libconfig's syntax, checked before libconfig sees it.
 *
 * libconfig 1.5 stops at the first error, knows no columns, and silently changes what it
 * reads (integers that do not fit, comments that are never closed, unknown escapes). The
 * scan finds all of that, with line and column, and goes on after an error. It is a
 * little stricter than libconfig where that helps people: one kind of separator each,
 * texts closed on their line, no octal-looking numbers.
 *
 * What it yields are the places of all settings in the order of the file, which is the
 * order of libconfig's tree, so that the two can be joined (config/tree.h).
 *
 * Pure: no I/O; messages go to the report. Threads: one owner.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "config/report.h"

enum {
    SCAN_DEPTH_MAX = 16, /* brackets in brackets; a profile needs 5 */
    /* libconfig compares every member of a group with every other. */
    SCAN_MEMBERS_MAX = 256,
    /* Settings and elements of one file: 20000 equipment with everything need 500000.
     * libconfig copies a list again and again as it grows. */
    SCAN_ITEMS_MAX = 1000000,
};

enum scan_kind {
    SCAN_GROUP,
    SCAN_LIST,
    SCAN_ARRAY,
    SCAN_STRING,
    SCAN_INT,
    SCAN_INT64,
    SCAN_FLOAT,
    SCAN_BOOL,
};

/* A setting, or an element of a list or an array. */
struct scan_item {
    enum scan_kind kind;
    size_t name;             /* offset of its name */
    size_t name_length;      /* 0: an element */
    struct config_pos key;   /* the name; of an element, its value */
    struct config_pos value; /* of a group, list or array: the bracket */
    size_t end;              /* index of the item behind its last child */
};

struct scan {
    struct scan_item *items; /* in the order of the file, parents first */
    size_t count;
    bool ok; /* false: something was reported */
};

/* Scans `length` bytes terminated with NUL. `file` is the report's index of them. */
struct scan *scan_run(const char *text, size_t length, uint32_t file,
                      struct config_report *report);
void scan_free(struct scan *scan); /* NULL is fine */

const char *scan_kind_name(enum scan_kind kind); /* "a group", "an integer", ... */

#endif
