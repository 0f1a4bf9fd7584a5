/* bauds.c - see bauds.h. */
#include "config/bauds.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t bauds[] = {110,    300,    600,    1200,   2400,   4800,
                                9600,   19200,  38400,  57600,  115200, 230400,
                                460800, 500000, 576000, 921600, 1000000};

enum {
    BAUDS = sizeof bauds / sizeof bauds[0],
};

int64_t baud_nearest(int64_t baud)
{
    int64_t nearest = bauds[0];

    for (size_t i = 1; i < BAUDS; i++)
        if (llabs(bauds[i] - baud) < llabs(nearest - baud))
            nearest = bauds[i];
    return nearest;
}

bool baud_exists(int64_t baud)
{
    return baud_nearest(baud) == baud;
}

const char *bauds_text(char out[BAUDS_TEXT_MAX])
{
    size_t length = 0;

    out[0] = '\0';
    for (size_t i = 0; i < BAUDS && length < BAUDS_TEXT_MAX; i++)
        length += (size_t)snprintf(out + length, BAUDS_TEXT_MAX - length, "%s%lld",
                                   i == 0 ? "" : ", ", (long long)bauds[i]);
    return out;
}
