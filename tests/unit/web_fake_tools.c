/* web_fake_tools.c - the tools of a make-believe site; see web_fakes.h. */
#include "tests/unit/web_fakes.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    SLOW_UNIT = 200,
};

static atomic_uint waiting;

unsigned fake_slow_questions(void)
{
    return waiting;
}

static int ask(void *context, uint32_t link, const struct link_question *question,
               struct mono_time until, struct link_answer *answer, struct err *err)
{
    (void)context;
    (void)link;
    (void)err;
    memset(answer, 0, sizeof *answer);
    if (question->unit == SLOW_UNIT) {
        waiting++;
        mono_sleep_until(mono_min(until, mono_add_ms(mono_now(), FAKE_SLOW_MS)));
        waiting--;
        answer->kind = LINK_ANSWER_TIMEOUT;
        (void)snprintf(answer->text, sizeof answer->text, "no answer");
        return 0;
    }
    answer->kind = LINK_ANSWER_CELLS;
    for (uint16_t i = 0; i < question->count; i++)
        answer->cells[i] = (uint16_t)(question->start + i);
    return 0;
}

static size_t trace(void *context, uint32_t link, uint64_t after,
                    struct link_trace_frame *frames, size_t max)
{
    (void)context;
    (void)link;
    (void)after;
    (void)frames;
    (void)max;
    return 0;
}

static void finding(void *context, uint32_t link, uint32_t equipment,
                    struct finding *found)
{
    (void)context;
    (void)link;
    (void)equipment;
    *found = (struct finding){.kind = FINDING_NONE, .variant = -1};
}

static void probe_again(void *context, uint32_t link, uint32_t equipment)
{
    (void)context;
    (void)link;
    (void)equipment;
}

static int scan_start(void *context, uint32_t link,
                      const struct bus_scan_options *options, struct err *err)
{
    (void)context;
    (void)link;
    (void)options;
    return err_set(err, ERR_STATE, "a scan is under way");
}

static void scan_stop(void *context, uint32_t link)
{
    (void)context;
    (void)link;
}

static bool scan_report(void *context, uint32_t link, struct scan_report *report)
{
    (void)context;
    (void)link;
    (void)report;
    return false;
}

static uint64_t reload(void *context)
{
    (void)context;
    return 1;
}

static void reload_report(void *context, struct reload_report *report,
                          struct text *messages)
{
    (void)context;
    (void)messages;
    *report = (struct reload_report){.asked = 1, .done = 1, .accepted = true};
}

struct web_tools fake_tools(void)
{
    return (struct web_tools){.ask = ask,
                              .trace = trace,
                              .finding = finding,
                              .probe_again = probe_again,
                              .scan_start = scan_start,
                              .scan_stop = scan_stop,
                              .scan_report = scan_report,
                              .reload = reload,
                              .reload_report = reload_report};
}
