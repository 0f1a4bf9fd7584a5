/* ulid.h - ids that are made offline, sort by time and do not collide (pure).
 *
 * 48 bits of milliseconds since 1970 and 80 random bits in Crockford's base 32, without
 * I, L, O and U. Within one millisecond the random part counts up, so that ids of one
 * source sort in the order in which they were made.
 *
 * Source: github.com/ulid/spec. Threads: one owner per source.
 */
#ifndef ISSUES_ULID_H
#define ISSUES_ULID_H

#include <stdint.h>

enum {
    ULID_SIZE = 27, /* 26 characters and the terminator */
    ULID_RANDOM = 10,
};

struct ulid_source {
    int64_t last_ms;
    unsigned char random[ULID_RANDOM]; /* of the last one */
};

/* `fresh` are random bytes; they are used when the millisecond is a new one. */
void ulid_make(struct ulid_source *source, int64_t ms,
               const unsigned char fresh[ULID_RANDOM], char out[ULID_SIZE]);

#endif
