/* machines.c - see machines.h. */
#include "plantsim/machines.h"

#include <math.h>

#define FAN_FROM_H    6.0 /* the garage is aired by day */
#define FAN_TO_H      23.0
#define FAN_KW        3.6
#define FAN_A         7.4
#define FAN_HZ        38.0
#define FAN_RAMP_HZ_S 4.0
#define ROOM_C        26.0
#define HEATSINK_C    22.0 /* more than the room, running */
#define DUST_C        46.0 /* and with a dusty heatsink */
#define HEAT_TAU_S    420.0
#define THERMAL       58.0 /* percent of what the motor's model allows */
#define THERMAL_BAD   99.0
#define THERMAL_TAU_S 300.0

#define ESCALATOR_FROM_H 7.0
#define ESCALATOR_TO_H   22.0
#define ESCALATOR_KW     4.2
#define COMB_PLATE_BIT   8 /* of the BACnet escalator object's faults */

void machines_init(struct machines *machines, struct rng rng)
{
    *machines = (struct machines){.rng = rng};
    machines->drive.run_s = rng_between(&machines->rng, 4000, 9000) * 3600;
    machines->drive.energy_kwh = machines->drive.run_s / 3600 * FAN_KW;
    machines->drive.heatsink_c = ROOM_C;
    machines->escalator.run_s = rng_between(&machines->rng, 9000, 15000) * 3600;
    machines->escalator.mode = ESCALATOR_STOP;
}

static void step_drive(struct drive *drive, double hour, bool powered, double step_s)
{
    double want_hz;
    double thermal;

    drive->cmd = hour >= FAN_FROM_H && hour < FAN_TO_H;
    drive->run =
        (drive->cmd || drive->overloaded || drive->dusty) && powered && !drive->tripped;
    want_hz = drive->run ? FAN_HZ : 0;
    drive->freq_hz += fmin(fmax(want_hz - drive->freq_hz, -FAN_RAMP_HZ_S * step_s),
                           FAN_RAMP_HZ_S * step_s);
    drive->power_kw = drive->run ? FAN_KW * pow(drive->freq_hz / FAN_HZ, 3) : 0;
    drive->current_a = drive->run ? FAN_A * (drive->overloaded ? 1.3 : 1) : 0;
    thermal = !drive->run ? 20 : drive->overloaded ? THERMAL_BAD : THERMAL;
    drive->motor_thermal += (thermal - drive->motor_thermal) * step_s / THERMAL_TAU_S;
    drive->heatsink_c += (ROOM_C + (drive->run ? HEATSINK_C : 0) +
                          (drive->run && drive->dusty ? DUST_C : 0) - drive->heatsink_c) *
                         step_s / HEAT_TAU_S;
    drive->run_s += drive->run ? step_s : 0;
    drive->energy_kwh += drive->power_kw * step_s / 3600;
}

static void step_escalator(struct escalator *escalator, double hour, bool powered,
                           double step_s)
{
    bool open = hour >= ESCALATOR_FROM_H && hour < ESCALATOR_TO_H;

    escalator->mode = open && powered ? ESCALATOR_UP : ESCALATOR_STOP;
    if (escalator->barred)
        escalator->mode = ESCALATOR_BARRED;
    escalator->run =
        escalator->mode == ESCALATOR_UP && !escalator->stopped && !escalator->comb;
    escalator->fault_bits = escalator->comb ? 1u << COMB_PLATE_BIT : 0;
    escalator->power_kw = escalator->run ? ESCALATOR_KW : 0;
    escalator->run_s += escalator->run ? step_s : 0;
}

void machines_step(struct machines *machines, const struct machines_around *around,
                   double step_s)
{
    step_drive(&machines->drive, around->hour, around->fan_powered, step_s);
    step_escalator(&machines->escalator, around->hour, around->escalator_powered, step_s);
}
