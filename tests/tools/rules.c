/* rules.c - prints docs/RULE-LIBRARY.md; see `make docs`.   rules SHARE */
#include "tests/tools/rule_list.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct config_report *report = config_report_new();
    struct config *config = argc == 2 ? config_load(NULL, argv[1], report) : NULL;
    struct text text;
    int status = 1;

    text_init(&text, RULE_LIST_MAX);
    if (config != NULL) {
        rule_list(config, report, &text);
        status =
            text.overflow || fwrite(text.data, 1, text.length, stdout) != text.length;
    } else {
        config_report_print(report, false, &text);
        (void)fputs(text.data, stderr);
    }
    text_done(&text);
    config_free(config);
    config_report_free(report);
    return status;
}
