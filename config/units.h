/* units.h - durations and sizes as people write them: "1h30m", "64MiB". Pure. */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UNITS_SIZE = 64, /* longest printed quantity and its terminator */
};

/* Whole numbers with the units w d h m s ms, the larger first, no blanks. False when it
 * is something else or beyond 100 years. */
bool units_duration(const char *text, int64_t *ms);
/* One whole number with B kB MB GB TB (powers of 1000) or KiB MiB GiB TiB. False when it
 * is something else or beyond 1000 TiB. */
bool units_size(const char *text, int64_t *bytes);

/* The shortest way to write it; returns `out`. */
char *units_format_duration(int64_t ms, char out[UNITS_SIZE]);
char *units_format_size(int64_t bytes, char out[UNITS_SIZE]);

#endif
