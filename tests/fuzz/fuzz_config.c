/* fuzz_config.c - a configuration from bytes: must never crash, and what the scan accepts
 * libconfig must read in the same way.
 */
#include "base/mem.h"
#include "config/load.h"
#include "rules/engine.h"
#include "rules/lint.h"

#include <stdlib.h>
#include <string.h>

enum {
    OUTPUT_MAX = 4 * 1024 * 1024, /* a thousand messages with their excerpts */
    EQUIPMENT_MAX = 200,
};

static const struct lint_wish everything = {.shipped = true};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_output(const struct config_report *report)
{
    struct text text;

    text_init(&text, OUTPUT_MAX);
    config_report_print(report, true, &text);
    text_clear(&text);
    config_report_json(report, &text);
    /* E029 (quotes inside texts are escaped, so this is the code): the scan and libconfig
     * read the text differently. */
    if (strstr(text.data, "\"code\":\"E029\"") != NULL)
        abort();
    text_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_report *report = config_report_new();
    char *text = mem_alloc(size + 1);
    struct config *config;

    if (size > 0)
        memcpy(text, data, size);
    config = config_load_text("fuzz.cfg", text, size, report);
    if ((config == NULL) != (config_report_errors(report) > 0))
        abort();
    /* What loads is compiled and read as a colleague would, whatever its rules say. */
    if (config != NULL && config->equipment_count < EQUIPMENT_MAX) {
        config_report_want_notes(report);
        engine_free(engine_new(config, (struct mono_time){1}, report));
        lint_rules(config, &everything, report);
    }
    check_output(report);
    config_free(config);
    config_report_free(report);
    mem_free(text);
    return 0;
}
