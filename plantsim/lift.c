/* lift.c - see lift.h. */
#include "plantsim/lift.h"

#include "plantsim/curve.h"

#include <math.h>
#include <stdlib.h>

enum {
    GROUND = 1, /* floor index; 0 is the basement garage */
    CODE_NONE = 0,
    CODE_DOOR_CLOSING = 2,
    CODE_DOOR_OPENING = 3,
    CODE_OUTSIDE_ZONE = 4,
    CODE_OTHER = 8,
    CODE_MAINS_OFF = 41,
    CODE_INSPECTION = 43,
    CODE_FIRE_RETURN = 44,
    CODE_ALARM_BUTTON = 90,
};

#define CALLS_A_DAY   260.0 /* of a tower of 18 storeys with two flats on each */
#define SPEED_MS      1.75
#define CREEP_MS      0.25 /* rescue drive and relevelling */
#define ACCELERATION  0.8  /* m/s2 */
#define ZONE_M        0.15
#define DOOR_S        2.0 /* opening or closing */
#define DWELL_S       4.0
#define UNLOCKED_S    1.2 /* until a door that did not lock opens again */
#define RESCUE_WAIT_S 10.0
#define STANDBY_KW    0.4
#define PRESS_AFTER_S 8.0 /* a passenger presses the button, and again each 25 s */
#define PRESS_EVERY_S 25.0
#define PRESS_FOR_S   6.0
#define SLIP_M        0.6
#define SLIP_MS       0.05
#define FITFUL_S      2400.0 /* a fault that comes and goes */
#define FITFUL_FOR_S  240.0

void lift_init(struct lift *lift, int index, struct rng rng)
{
    *lift = (struct lift){.floors = index < 2   ? 19
                                    : index < 4 ? 24
                                                : 6,
                          .rescue = index >= 2,
                          .mode = LIFT_NORMAL,
                          .position_m = GROUND * LIFT_FLOOR_M,
                          .target = GROUND,
                          .powered = true,
                          .power_kw = STANDBY_KW,
                          .rng = rng};
    lift->runs = 120000u + (uint32_t)rng_below(&lift->rng, 200000);
    lift->door_cycles = lift->runs + 4000u;
    lift->run_s = lift->runs * 14.0;
}

int lift_floor(const struct lift *lift)
{
    return (int)lround(lift->position_m / LIFT_FLOOR_M);
}

bool lift_in_zone(const struct lift *lift)
{
    return fabs(lift->position_m - lift_floor(lift) * LIFT_FLOOR_M) <= ZONE_M;
}

bool lift_door_closed(const struct lift *lift)
{
    return lift->state == LIFT_IDLE || lift->state == LIFT_MOVING ||
           lift->state == LIFT_HALTED;
}

int lift_label(int floor)
{
    return floor < GROUND ? floor - GROUND : floor;
}

static void enter(struct lift *lift, enum lift_state state)
{
    lift->state = state;
    lift->state_s = 0;
    if (state == LIFT_CLOSING)
        lift->door_cycles++;
    if (state != LIFT_MOVING)
        lift->speed_ms = 0;
}

static void depart(struct lift *lift, int floor)
{
    lift->target = floor;
    if (floor == lift_floor(lift) && lift_in_zone(lift)) {
        enter(lift, LIFT_OPENING);
        return;
    }
    enter(lift, LIFT_MOVING);
    lift->runs++;
}

/* In the morning people go down to leave, in the evening up to come home. */
static void make_calls(struct lift *lift, const struct lift_around *around, double step_s)
{
    double rate =
        CALLS_A_DAY / 86400 * curve_at(CURVE_LIFT, around->hour, around->weekend);
    double down = around->hour < 11 ? 0.75 : around->hour < 16 ? 0.5 : 0.3;
    struct lift_call call;
    int upper;

    if (!rng_chance(&lift->rng, rate * step_s) || lift->call_count == CALLS_MAX)
        return;
    upper = GROUND + 1 + rng_below(&lift->rng, lift->floors - GROUND - 1);
    call = rng_chance(&lift->rng, down) ? (struct lift_call){upper, GROUND}
                                        : (struct lift_call){GROUND, upper};
    if (rng_chance(&lift->rng, 0.2)) { /* the garage */
        if (call.from == GROUND)
            call.from = 0;
        else
            call.to = 0;
    }
    lift->calls[lift->call_count++] = call;
}

static void take_call(struct lift *lift)
{
    if (lift->call_count == 0)
        return;
    lift->boarding = true;
    depart(lift, lift->calls[0].from);
}

static void finish_call(struct lift *lift)
{
    for (int i = 1; i < lift->call_count; i++)
        lift->calls[i - 1] = lift->calls[i];
    lift->call_count--;
}

static void doors_open(struct lift *lift)
{
    enter(lift, LIFT_OPEN);
    if (lift->boarding && lift->call_count > 0) {
        lift->passengers = 1 + rng_below(&lift->rng, 3);
    } else {
        lift->passengers = 0;
        if (lift->call_count > 0)
            finish_call(lift);
    }
}

static void doors_closed(struct lift *lift)
{
    if (lift->boarding && lift->call_count > 0) {
        lift->boarding = false;
        depart(lift, lift->calls[0].to);
        return;
    }
    lift->boarding = false;
    enter(lift, LIFT_IDLE);
}

static void travel(struct lift *lift, double limit_ms, double step_s)
{
    double goal = lift->target * LIFT_FLOOR_M;
    double left = fabs(goal - lift->position_m);
    double brake = sqrt(2 * ACCELERATION * left) + 0.05;
    double move;

    lift->speed_ms = fmin(fmin(lift->speed_ms + ACCELERATION * step_s, limit_ms), brake);
    move = fmin(lift->speed_ms * step_s, left);
    lift->position_m += goal > lift->position_m ? move : -move;
    lift->run_s += step_s;
    if (fabs(goal - lift->position_m) < 0.005) {
        lift->position_m = goal;
        enter(lift, lift->shuttling ? LIFT_IDLE : LIFT_OPENING);
    }
}

/* What keeps the lift from its calls, most important first. Sets mode and code; returns
 * whether it may move by itself. */
static bool judge(struct lift *lift, const struct lift_around *around)
{
    struct {
        bool on;
        bool moves;
        enum lift_mode mode;
        int code;
    } const causes[] = {
        {lift->entrapment, false, LIFT_NORMAL, CODE_OUTSIDE_ZONE},
        {lift->stalled, false, LIFT_NORMAL, CODE_OUTSIDE_ZONE},
        {lift->door_stuck, false, LIFT_NORMAL, CODE_DOOR_OPENING},
        {!around->powered && lift->rescue,
         lift->state != LIFT_HALTED || lift->state_s > RESCUE_WAIT_S,
         LIFT_EMERGENCY_POWER, CODE_MAINS_OFF},
        {!around->powered, false, LIFT_OUT_OF_SERVICE, CODE_MAINS_OFF},
        {lift->inspection, false, LIFT_INSPECTION, CODE_INSPECTION},
        {lift->out_of_service, false, LIFT_OUT_OF_SERVICE, CODE_OTHER},
        {around->fire, true, LIFT_FIRE_RETURN, CODE_FIRE_RETURN},
        {lift->door_fault, true, LIFT_NORMAL, CODE_DOOR_CLOSING},
        {lift->forced_code != CODE_NONE, true, LIFT_NORMAL, lift->forced_code},
        {lift->fitful && fmod(lift->fitful_s, FITFUL_S) < FITFUL_FOR_S, true, LIFT_NORMAL,
         CODE_OTHER},
    };

    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (!causes[i].on)
            continue;
        lift->mode = causes[i].mode;
        lift->fault_code = causes[i].code;
        return causes[i].moves;
    }
    lift->mode = LIFT_NORMAL;
    lift->fault_code = CODE_NONE;
    return true;
}

/* The entrapment needs a person and a place: a lift at rest is sent off first. One that
 * stalls waits until it is empty. */
static bool stage_entrapment(struct lift *lift)
{
    if (lift->state == LIFT_HALTED)
        return true;
    if (lift->stalled)
        lift->passengers = 0;
    else if (lift->passengers == 0)
        lift->passengers = 1;
    if (lift->state != LIFT_MOVING) {
        int away = lift_floor(lift) > lift->floors / 2 ? 1 : lift->floors - 2;

        lift->boarding = false;
        depart(lift, away);
        return false;
    }
    if (lift_in_zone(lift) || lift->state_s < 3)
        return false;
    enter(lift, LIFT_HALTED);
    return true;
}

/* The doors do not open for who is inside. One that is under way arrives first. */
static bool stage_door_stuck(struct lift *lift)
{
    if (lift->state == LIFT_MOVING)
        return false;
    if (lift->passengers == 0)
        lift->passengers = 1;
    if (lift->state != LIFT_HALTED)
        enter(lift, LIFT_HALTED);
    return true;
}

static void press_button(struct lift *lift, double step_s)
{
    bool trapped = lift->state == LIFT_HALTED && lift->passengers > 0 &&
                   (lift->door_stuck || !lift_in_zone(lift));
    double waited;

    lift->trapped_s = trapped ? lift->trapped_s + step_s : 0;
    waited = lift->trapped_s - PRESS_AFTER_S;
    lift->alarm_button = waited > 0 && fmod(waited, PRESS_EVERY_S) < PRESS_FOR_S;
    if (lift->alarm_button && lift->fault_code == CODE_NONE)
        lift->fault_code = CODE_ALARM_BUTTON;
}

/* The brake does not hold: away from the landing, as far as the pit's buffer lets it. */
static void slip(struct lift *lift, double step_s)
{
    double floor_m = lift_floor(lift) * LIFT_FLOOR_M;

    if (lift->position_m < floor_m + SLIP_M)
        lift->position_m += SLIP_MS * step_s;
}

static void step_doors(struct lift *lift, double step_s)
{
    bool reopen = lift->door_fault;

    if (lift->slipping && lift->state == LIFT_OPEN)
        slip(lift, step_s);
    else if (!lift_in_zone(lift)) /* after it has slipped: level again */
        enter(lift, LIFT_HALTED);
    if (lift->state == LIFT_OPENING && lift->state_s > DOOR_S) {
        doors_open(lift);
    } else if (lift->state == LIFT_OPEN && lift->state_s > DWELL_S && !lift->door_held &&
               !lift->slipping) {
        enter(lift, LIFT_CLOSING);
    } else if (lift->state == LIFT_CLOSING && lift->state_s > DOOR_S) {
        if (!reopen) {
            doors_closed(lift);
            return;
        }
        lift->reopenings++; /* something in the sill: it does not lock */
        enter(lift, LIFT_IDLE);
    }
}

/* After a stop between floors: slowly to the nearest floor, everybody out. */
static void level(struct lift *lift)
{
    lift->call_count = 0;
    lift->boarding = false;
    depart(lift, lift_floor(lift));
}

static void step_idle(struct lift *lift, const struct lift_around *around)
{
    if (around->fire) {
        lift->call_count = 0;
        if (lift_floor(lift) != GROUND)
            depart(lift, GROUND);
        return;
    }
    if (lift->door_fault) {
        if (lift->state_s > UNLOCKED_S)
            enter(lift, LIFT_OPENING);
        return;
    }
    if (lift->shuttling)
        depart(lift, lift_floor(lift) + (lift_floor(lift) == GROUND ? 1 : -1));
    else if ((lift->door_held || lift->slipping) && lift->call_count == 0)
        enter(lift, LIFT_OPENING);
    else if (!lift->asleep)
        take_call(lift);
}

static void step_power(struct lift *lift)
{
    bool up = lift->target * LIFT_FLOOR_M > lift->position_m;
    double drive = 0;

    if (lift->state == LIFT_MOVING) /* counterweight: 45 % of the rated load */
        drive = up ? 5.5 + 0.8 * lift->passengers : 5.0 - 0.5 * lift->passengers;
    lift->power_kw = lift->powered ? STANDBY_KW + drive * lift->speed_ms / SPEED_MS : 0;
}

void lift_step(struct lift *lift, const struct lift_around *around, double step_s)
{
    bool free_to_move = judge(lift, around);
    bool slow = !around->powered;

    if (lift->powered && !around->powered && lift->state == LIFT_MOVING)
        enter(lift, LIFT_HALTED); /* the brake falls in */
    lift->powered = around->powered;
    lift->state_s += step_s;
    lift->fitful_s += step_s;
    if (around->powered && lift->mode == LIFT_NORMAL && !lift->entrapment)
        make_calls(lift, around, step_s);
    if ((lift->entrapment || lift->stalled) && around->powered) {
        if (!stage_entrapment(lift))
            travel(lift, SPEED_MS, step_s);
    } else if (lift->door_stuck && around->powered) {
        if (!stage_door_stuck(lift))
            travel(lift, SPEED_MS, step_s);
    } else if (!free_to_move) {
        if (lift->state == LIFT_MOVING)
            enter(lift, LIFT_HALTED);
    } else if (lift->state == LIFT_HALTED) {
        level(lift);
    } else if (lift->state == LIFT_MOVING) {
        travel(lift, slow ? CREEP_MS : SPEED_MS, step_s);
    } else if (lift->state == LIFT_IDLE) {
        if (around->powered)
            step_idle(lift, around);
    } else {
        step_doors(lift, step_s);
    }
    press_button(lift, step_s);
    step_power(lift);
}
