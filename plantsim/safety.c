/* safety.c - see safety.h. */
#include "plantsim/safety.h"

#include <math.h>

#define DRY_UA         2.0 /* damp air between the wires of a cable */
#define LEAK_UA        170.0
#define NUISANCE_S     21600.0
#define NUISANCE_FOR_S 1200.0
#define DRAIN_DAYS     900.0 /* life of the point sensor's battery */

void safety_init(struct safety *safety, struct rng rng)
{
    *safety = (struct safety){.rng = rng};
    for (int i = 0; i < CABLES; i++) {
        safety->cables[i].length_m = 42 + 18 * i;
        safety->cables[i].distance_m = rng_between(&safety->rng, 6, 38);
        safety->cables[i].current_ua = DRY_UA;
        safety->cables[i].battery = 0.97;
    }
}

static void step_panel(struct panel *panel, double step_s)
{
    panel->beat_s += step_s;
    if (panel->beat_s >= 1) {
        panel->beat_s -= 1;
        panel->heartbeat += panel->mute ? 0 : 1;
    }
    panel->nuisance_s = panel->nuisance ? panel->nuisance_s + step_s : 0;
    panel->alarm = panel->fire || (panel->nuisance &&
                                   fmod(panel->nuisance_s, NUISANCE_S) < NUISANCE_FOR_S);
    panel->zone = panel->alarm ? 7 : 0;
}

static void step_cable(struct cable *cable, struct rng *rng, double step_s)
{
    double want = cable->broken ? 0 : cable->leak ? LEAK_UA : DRY_UA;

    cable->current_ua += (want - cable->current_ua) * fmin(step_s / 2, 1);
    cable->current_ua = fmax(cable->current_ua + 0.05 * rng_normal(rng), 0);
    cable->battery = fmax(cable->battery - step_s / 86400 / DRAIN_DAYS, 0.05);
}

void safety_step(struct safety *safety, double step_s)
{
    for (int i = 0; i < PANELS; i++)
        step_panel(&safety->panels[i], step_s);
    for (int i = 0; i < CABLES; i++)
        step_cable(&safety->cables[i], &safety->rng, step_s);
}
