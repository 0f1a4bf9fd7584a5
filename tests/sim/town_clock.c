/* town_clock.c - see town_clock.h. */
#include "tests/sim/town_clock.h"

/* The linker's names for a wrapped function. */
struct mono_time __real_mono_now(void);
struct wall_time __real_wall_now(void);
struct mono_time __wrap_mono_now(void);
struct wall_time __wrap_wall_now(void);

static struct {
    bool simulated;
    struct mono_time mono;
    struct wall_time wall;
} town_clock;

void town_clock_set(struct mono_time mono, struct wall_time wall)
{
    town_clock.simulated = true;
    town_clock.mono = mono;
    town_clock.wall = wall;
}

void town_clock_end(void)
{
    town_clock.simulated = false;
}

struct mono_time __wrap_mono_now(void)
{
    return town_clock.simulated ? town_clock.mono : __real_mono_now();
}

struct wall_time __wrap_wall_now(void)
{
    return town_clock.simulated ? town_clock.wall : __real_wall_now();
}
