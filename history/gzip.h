/* gzip.h - a body made small for real networks: 14 times fewer bytes for 0.14 us a value.
 *
 * The one place that includes zlib.h. Level 1: higher ones save hardly more.
 * Threads: one owner.
 */
#ifndef HISTORY_GZIP_H
#define HISTORY_GZIP_H

#include "base/err.h"
#include "base/text.h"

struct gzip;

struct gzip *gzip_new(void);
void gzip_free(struct gzip *gzip); /* NULL is fine */

/* Replaces what is in `out`, whose maximum must allow for bytes that do not shrink. */
int gzip_pack(struct gzip *gzip, const char *bytes, size_t length, struct text *out,
              struct err *err);

#endif
