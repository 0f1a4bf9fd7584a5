/* flags.h - the names of the bits that are set in a reading (pure). */
#ifndef WEB_FLAGS_H
#define WEB_FLAGS_H

#include "telemetry/model.h"

enum {
    FLAGS_BITS = 53, /* that a sample holds exactly */
    FLAGS_NAME_SIZE = 16,
};

bool flags_set(double value, unsigned bit);

/* The profile's name of a bit, else "bit 7", written to `out`. */
const char *flags_name(const struct point *point, unsigned bit,
                       char out[FLAGS_NAME_SIZE]);

#endif
