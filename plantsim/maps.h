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
extern const struct regmap map_level_control;
extern const struct regmap map_lift_collector; /* judges entrapment by itself */
extern const struct regmap map_wilo_booster;
extern const struct regmap map_sdm120;
extern const struct regmap map_dtsd1352;
extern const struct regmap map_asj; /* residual current */
extern const struct regmap map_vigirex;
extern const struct regmap map_aim; /* of loops */
extern const struct regmap map_warmth;
extern const struct regmap map_ups_contacts;
extern const struct regmap map_fc51;    /* drive */
extern const struct regmap map_tuf2000; /* ultrasonic water meter */
extern const struct regmap map_faast;
extern const struct regmap map_fire_loop;
extern const struct regmap map_fire_device;

#endif
