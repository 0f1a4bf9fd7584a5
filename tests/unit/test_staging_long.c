/* test_staging_long.c - the shipped rules that look back for hours and days are staged
 * (tests/sim/stage.h). */
#include "tests/unit/check.h"

#include "tests/sim/stage.h"
#include "tests/unit/stages.h"

#define MIN  STAGE_MINUTE
#define HOUR ((int64_t)STAGE_HOUR)
#define DAY  (24 * HOUR)
#define SLOW .poll_ms = MIN

/* clang-format off */
static const struct stage stages[] = {
    STAGE("drive.local", "drive-1", "drive-local", .warm_ms = 25 * HOUR, SLOW),
    STAGE("elevator.long_inspection", "lift-2", "inspection", .over_ms = 15 * MIN, SLOW),
    STAGE("fire.test_mode", "fire-4", "fire-test", .over_ms = 15 * MIN, SLOW),
    STAGE("fire.test_mode_detector", "fire-3", "fire-test", .over_ms = 15 * MIN, SLOW),
    STAGE("power.energy_balance", "feeder-0", "tapping", .warm_ms = 25 * HOUR, .reach_ms = DAY, .over_ms = 36 * HOUR, SLOW),
    STAGE("pump.not_auto", "pump-3", "pump-by-hand", .warm_ms = 25 * HOUR, SLOW),
    STAGE("water.night_leak", "meter-w1", "leak", .start = "2026-11-24T20:00", .reach_ms = 8 * HOUR, .over_ms = HOUR),
    STAGE("water.continuous_flow", "meter-w5", "drip", .warm_ms = 25 * HOUR, .reach_ms = 28 * HOUR, .over_ms = 6 * HOUR, SLOW),
    STAGE("water.unaccounted", "meter-w0", "loss", .warm_ms = 25 * HOUR, .reach_ms = 12 * HOUR, .over_ms = 30 * HOUR, SLOW),
    STAGE("water.reverse_flow", "meter-w2", "backflow", .warm_ms = 25 * HOUR, .reach_ms = DAY, .over_ms = 30 * HOUR, SLOW),
    STAGE("water.pressure_drop", "meter-w0", "set-off", .target = "tank-1", .warm_ms = 25 * HOUR, .reach_ms = HOUR, .over_ms = 2 * HOUR, .poll_ms = 15 * STAGE_SECOND),
    STAGE("water.meter_stopped", "meter-w2", "meter-halted", .warm_ms = DAY, .reach_ms = 8 * DAY, .over_ms = 2 * DAY, .poll_ms = 5 * MIN),
    STAGE("pump.hours_imbalance", "pump-1", "lead-stuck", .warm_ms = HOUR, .reach_ms = 32 * DAY, .over_ms = 20 * DAY, .poll_ms = 5 * MIN),
    STAGE("pump.efficiency", "pump-1", "pump-worn", .warm_ms = 36 * DAY, .reach_ms = 9 * DAY, .over_ms = 12 * DAY, .poll_ms = 5 * MIN),
};
/* clang-format on */

int main(void)
{
    return stages_run("staging, long", stages, sizeof stages / sizeof stages[0]);
}
