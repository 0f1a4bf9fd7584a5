/* state.c - see state.h. */
#include "issues/state.h"

#include <string.h>

static const char *const names[] = {
    [STATE_UP] = "up",
    [STATE_DEGRADED] = "degraded",
    [STATE_FAULT] = "fault",
    [STATE_PLANNED] = "planned",
    [STATE_EXTERNAL] = "external",
    [STATE_UNKNOWN] = "unknown",
};

enum equipment_state state_derive(const struct state_inputs *inputs)
{
    if (inputs->failures > 0)
        return STATE_FAULT;
    if (inputs->external)
        return STATE_EXTERNAL;
    if (inputs->planned)
        return STATE_PLANNED;
    if (!inputs->observed)
        return STATE_UNKNOWN;
    return inputs->others > 0 ? STATE_DEGRADED : STATE_UP;
}

const char *equipment_state_name(enum equipment_state state)
{
    return names[state];
}

int equipment_state_from_name(const char *name)
{
    for (int i = 0; i < STATE_COUNT; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}
