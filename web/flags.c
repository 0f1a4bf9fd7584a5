/* flags.c - see flags.h. */
#include "web/flags.h"

#include <stdio.h>

bool flags_set(double value, unsigned bit)
{
    /* A double beyond its exact integers has no single bits. */
    if (!(value >= 0) || value >= (double)(UINT64_C(1) << FLAGS_BITS))
        return false;
    return ((uint64_t)value >> bit & 1) != 0;
}

const char *flags_name(const struct point *point, unsigned bit, char out[FLAGS_NAME_SIZE])
{
    for (size_t i = 0; i < point->label_count; i++)
        if (point->labels[i].code == (int64_t)bit)
            return point->labels[i].name;
    (void)snprintf(out, FLAGS_NAME_SIZE, "bit %u", bit);
    return out;
}
