/* test_staging_season.c - the shipped rules that compare with weeks before are staged,
 * all in the same three months (tests/sim/stages.c). */
#include <stdlib.h>

#include "tests/sim/stage.h"
#include "tests/unit/stages.h"

static void test_a_season_in_which_much_goes_wrong(void **state)
{
    struct text why;
    int result;

    (void)state;
    if (getenv("WHOLE") == NULL) /* `make month` */
        skip();
    text_init(&why, STAGE_TEXT_MAX);
    result = stage_season(&why);
    if (result != 0)
        print_error("%s", why.data);
    text_done(&why);
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_season_in_which_much_goes_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
