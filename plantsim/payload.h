/* payload.h - what the MQTT devices publish. Pure. */
#ifndef PLANTSIM_PAYLOAD_H
#define PLANTSIM_PAYLOAD_H

#include "base/clock.h"
#include "base/text.h"
#include "plantsim/building.h"
#include "plantsim/readings.h"

/* Writes the JSON of one message. `now` is its time stamp where the format has one. */
void payload_write(struct text *out, enum payload payload, const union reading *reading,
                   struct wall_time now);

#endif
