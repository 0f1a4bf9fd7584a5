/* maps.h - the register maps of the simulated devices. Constant data. */
#ifndef PLANTSIM_MAPS_H
#define PLANTSIM_MAPS_H

#include "plantsim/regmap.h"

extern const struct regmap map_lift_contacts; /* eight inputs of an I/O module */
extern const struct regmap map_lift_block;    /* controller interface, GB/T 24476 items */
extern const struct regmap map_grundfos_cim;
extern const struct regmap map_pump_basic; /* starter with an I/O and meter module */
extern const struct regmap map_sdm630;
extern const struct regmap map_xintai; /* water meter with valve, floats DCBA */
extern const struct regmap map_pulse_counter;
extern const struct regmap map_fire_panel;
extern const struct regmap map_aqualeak;
extern const struct regmap map_qdy30a; /* level transmitter */

#endif
