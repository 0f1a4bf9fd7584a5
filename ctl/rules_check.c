/* rules_check.c - facilityctl rules check: what is wrong with the rules, without a
 * daemon. See rules.h. */
#include "ctl/rules.h"

#include "base/clock.h"
#include "rules/engine.h"

#include <sysexits.h>

int rules_check(struct context *context, size_t count, char **arguments)
{
    struct config_report *report = config_report_new();
    struct config *config = rules_load(context, report);
    struct engine *engine = NULL;
    int code;

    (void)count;
    (void)arguments;
    if (config != NULL)
        engine = engine_new(config, mono_now(), report);
    rules_print_report(context, report);
    code = config_report_errors(report) > 0 ? EX_CONFIG : EX_OK;
    engine_free(engine);
    config_free(config);
    config_report_free(report);
    return code;
}
