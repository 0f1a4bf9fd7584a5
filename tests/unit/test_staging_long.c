/* test_staging_long.c - the shipped rules that look back for hours and days are staged
 * (tests/sim/stages.c). */
#include "tests/sim/stage.h"
#include "tests/unit/stages.h"

int main(void)
{
    return stages_run("staging, long", true);
}
