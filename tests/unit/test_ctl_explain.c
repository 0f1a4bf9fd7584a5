/* test_ctl_explain.c - the truth of a rule as a person reads it. */
#include "base/json_in.h"
#include "base/mem.h"
#include "ctl/explain_text.h"
#include "ctl/rows.h"
#include "tests/unit/check.h"

enum {
    TEXT_MAX = 64 * 1024,
};

static struct json *parse(const char *text)
{
    struct err err = {0};
    struct json *json = json_parse(text, strlen(text), TEXT_MAX, &err);

    if (json == NULL)
        fail_msg("%s in %s", err.text, text);
    return json;
}

static void explain(const char *name, const char *truth, const char *issue, size_t width,
                    const char *want)
{
    struct json *document = parse(truth);
    struct json *about = issue == NULL ? NULL : parse(issue);
    const struct explain_look look = {.width = width};
    struct text out;

    text_init(&out, TEXT_MAX);
    explain_text(document, about, &look, &out);
    check_text(name, out.data, want);
    text_done(&out);
    json_free(document);
    json_free(about);
}

#define HEAD(state, more)                                                                \
    "{\"rule\":\"pump.dry_run\",\"equipment\":\"B3-P2\",\"state\":\"" state "\","        \
    "\"time\":\"2026-03-02T02:14:25Z\",\"for_ms\":20000,\"clear_for_ms\":60000," more

/* As the reference has it: the whole of it. */
static void test_whole(void **state)
{
    static const char truth[] = HEAD(
        "active",
        "\"since\":\"2026-03-02T02:14:05.250Z\",\"unknown\":false,\"unknown_ms\":0,"
        "\"observed_ms\":0,\"activation\":1,\"severity\":\"general\",\"standing\":"
        "\"root\","
        "\"cause\":null,\"chattering\":false,"
        "\"when\":{\"text\":\"held(run, 1m) and avg(flow, 1m) < "
        "$flow_min\",\"value\":true,"
        "\"terms\":[{\"text\":\"held(run, "
        "1m)\",\"value\":true,\"coverage\":1,\"samples\":12},"
        "{\"text\":\"avg(flow, 1m) < $flow_min\",\"value\":true,\"terms\":["
        "{\"text\":\"avg(flow, 1m)\",\"value\":0.08,\"unit\":\"m3/h\",\"coverage\":0.97,"
        "\"samples\":12},{\"text\":\"$flow_min\",\"value\":0.5}]}]},"
        "\"clear\":{\"text\":\"not run or avg(flow, 1m) > 1.2 * "
        "$flow_min\",\"value\":false,"
        "\"terms\":[{\"text\":\"not run\",\"value\":false,\"terms\":[{\"text\":\"run\","
        "\"value\":true}]},{\"text\":\"avg(flow, 1m) > 1.2 * $flow_min\",\"value\":false,"
        "\"terms\":[{\"text\":\"avg(flow, 1m)\",\"value\":0.08,\"unit\":\"m3/h\"},"
        "{\"text\":\"1.2 * $flow_min\",\"value\":0.6,\"terms\":[{\"text\":\"$flow_min\","
        "\"value\":0.5}]}]}]},"
        "\"params\":{\"flow_min\":0.5},\"overridden\":[\"flow_min\"],"
        "\"parents\":[{\"rule\":\"power.outage\",\"equipment\":\"F2\",\"state\":"
        "\"normal\","
        "\"unknown\":false,\"seen\":\"2026-03-02T02:14:04Z\"},{\"rule\":\"link.down\","
        "\"equipment\":\"bus-3\",\"state\":\"active\",\"unknown\":true}],"
        "\"samples\":[{\"point\":\"flow\",\"time\":\"2026-03-01T23:59:59Z\",\"quality\":"
        "\"good\",\"value\":0.09,\"unit\":\"m3/h\"},{\"point\":\"flow\",\"time\":"
        "\"2026-03-02T02:14:20Z\",\"quality\":\"bad\",\"value\":null,\"reason\":"
        "\"timeout\"},"
        "{\"point\":\"run\",\"time\":\"2026-03-02T02:14:21Z\",\"quality\":\"uncertain\","
        "\"value\":1,\"unit\":\"\"}]}");

    (void)state;
    explain(
        "whole", truth,
        "{\"id\":\"s-01M8\",\"number\":312,\"status\":\"open\",\"severity\":\"general\"}",
        0,
        "pump.dry_run on B3-P2: active since 02:14:05 (19s), general\n"
        "  issue 312, open, general  s-01M8\n"
        "  stands for itself: nothing above it explains it\n"
        "when\n"
        "  ✓ all of\n"
        "    ✓ held(run, 1m)                                                covered "
        "100 "
        "%, 12 readings\n"
        "    ✓ avg(flow, 1m) = 0.08 m3/h < 0.5 ($flow_min, set for B3-P2)   covered "
        "97 "
        "%, 12 readings\n"
        "for 20s: satisfied\n"
        "clear\n"
        "  ✗ any of\n"
        "    ✗ not run\n"
        "    ✗ avg(flow, 1m) = 0.08 m3/h > 1.2 * $flow_min = 0.6\n"
        "      $flow_min = 0.5 (set for B3-P2)\n"
        "clear for 1m\n"
        "what could explain it\n"
        "  ✗ power.outage on F2: normal                                     seen "
        "02:14:04\n"
        "  ? link.down on bus-3: active\n"
        "last readings\n"
        "  flow: 2026-03-01 23:59:59 0.09 | 02:14:20 bad (timeout) m3/h\n"
        "  run: 02:14:21 1 (uncertain)\n");
}

/* One term each: what stands behind "when". */
static void test_terms(void **state)
{
    static const struct {
        const char *name;
        const char *term;
        const char *want;
    } cases[] = {
        {"plain", "{\"text\":\"run\",\"value\":true}", "  ✓ run\n"},
        {"not known",
         "{\"text\":\"run\",\"value\":null,\"reasons\":[\"stale\",\"coverage\"]}",
         "  ? run   not known: stale, coverage\n"},
        {"denied",
         "{\"text\":\"not "
         "run\",\"value\":null,\"reasons\":[\"comm\"],\"terms\":[{\"text\":"
         "\"run\",\"value\":null,\"reasons\":[\"comm\"]}]}",
         "  ? not run   not known: comm\n"},
        {"a number written out",
         "{\"text\":\"flow > "
         "3\",\"value\":false,\"terms\":[{\"text\":\"flow\",\"value\":2.5,"
         "\"unit\":\"m3/h\"}]}",
         "  ✗ flow = 2.5 m3/h > 3\n"},
        {"a number below zero",
         "{\"text\":\"flow > "
         "-3\",\"value\":true,\"terms\":[{\"text\":\"flow\",\"value\":2.5,"
         "\"unit\":\"m3/h\"},{\"text\":\"-3\",\"value\":-3}]}",
         "  ✓ flow = 2.5 m3/h > -3\n"},
        {"default",
         "{\"text\":\"flow > "
         "$x\",\"value\":true,\"terms\":[{\"text\":\"flow\",\"value\":2.5},"
         "{\"text\":\"$x\",\"value\":1}]}",
         "  ✓ flow = 2.5 > 1 ($x, default)\n"},
        {"two points",
         "{\"text\":\"a >= "
         "b\",\"value\":true,\"terms\":[{\"text\":\"a\",\"value\":2},{\"text\":"
         "\"b\",\"value\":1}]}",
         "  ✓ a = 2 >= b = 1\n"},
        {"the number first",
         "{\"text\":\"3 < "
         "flow\",\"value\":true,\"terms\":[{\"text\":\"flow\",\"value\":4}]}",
         "  ✓ 3 < flow\n    flow = 4\n"},
        {"two conditions",
         "{\"text\":\"run == "
         "cmd\",\"value\":true,\"terms\":[{\"text\":\"run\",\"value\":false},"
         "{\"text\":\"cmd\",\"value\":false}]}",
         "  ✓ run == cmd\n    ✗ run\n    ✗ cmd\n"},
        {"a word",
         "{\"text\":\"mode == "
         "'off'\",\"value\":false,\"terms\":[{\"text\":\"mode\",\"value\":"
         "\"auto\"}]}",
         "  ✗ mode = 'auto' == 'off'\n"},
        {"seconds",
         "{\"text\":\"age(flow) > 1m\",\"value\":true,\"terms\":[{\"text\":\"age(flow)\","
         "\"value\":95.43,\"unit\":\"s\"}]}",
         "  ✓ age(flow) = 1m35s > 1m\n"},
        {"parts of a second",
         "{\"text\":\"age(flow) > "
         "1m\",\"value\":false,\"terms\":[{\"text\":\"age(flow)\","
         "\"value\":0.3492,\"unit\":\"s\"}]}",
         "  ✗ age(flow) = 349ms > 1m\n"},
        {"members",
         "{\"text\":\"gsum('set', flow) > "
         "5\",\"value\":true,\"terms\":[{\"text\":\"gsum('set', "
         "flow)\",\"value\":7,\"member_count\":2,\"members\":[{\"equipment\":\"p1\","
         "\"value\":7},"
         "{\"equipment\":\"p2\",\"value\":null,\"reasons\":[\"stale\"]}]}]}",
         "  ✓ gsum('set', flow) = 7 > 5   2 members\n    p1 = 7\n    p2 = ?              "
         "        "
         "not known: stale\n"},
        {"or in parentheses and a text",
         "{\"text\":\"(mode == 'x or y' and "
         "run)\",\"value\":true,\"terms\":[{\"text\":\"run\","
         "\"value\":true},{\"text\":\"cmd\",\"value\":true}]}",
         "  ✓ all of\n    ✓ run\n    ✓ cmd\n"},
        {"a name with or in it",
         "{\"text\":\"door and "
         "floor\",\"value\":true,\"terms\":[{\"text\":\"door\",\"value\":"
         "true},{\"text\":\"floor\",\"value\":true}]}",
         "  ✓ all of\n    ✓ door\n    ✓ floor\n"},
        {"a method",
         "{\"text\":\"pctl(flow, 1d, 0.2)\",\"value\":3,\"method\":\"sketch\"}",
         "  pctl(flow, 1d, 0.2) = 3   sketch\n"},
        {"used with doubt", "{\"text\":\"run\",\"value\":true,\"uncertain\":true}",
         "  ✓ run   uncertain\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *truth =
            mem_format("{\"rule\":\"r\",\"equipment\":\"e\",\"state\":\"normal\","
                       "\"when\":%s}",
                       cases[i].term);
        char *want = mem_format("r on e: normal\nwhen\n%s", cases[i].want);

        explain(cases[i].name, truth, NULL, 0, want);
        mem_free(truth);
        mem_free(want);
    }
}

/* What stands below the head. */
static void test_states(void **state)
{
    static const struct {
        const char *name;
        const char *truth; /* behind HEAD */
        const char *want;
    } cases[] = {
        {"pending", HEAD("pending", "\"observed_ms\":12400}"),
         "pump.dry_run on B3-P2: pending\nfor 20s: 12s so far\nclear for 1m\n"},
        {"clearing", HEAD("clearing", "\"severity\":\"minor\",\"observed_ms\":30000}"),
         "pump.dry_run on B3-P2: clearing, minor\nfor 20s: satisfied\nclear for 1m: 30s "
         "so "
         "far\n"},
        {"not observable", HEAD("active", "\"unknown\":true,\"unknown_ms\":300500}"),
         "pump.dry_run on B3-P2: active\n  ? not observable for 5m: its state is "
         "held\nfor "
         "20s: satisfied\nclear for 1m\n"},
        {"symptom",
         HEAD("active", "\"standing\":\"symptom\",\"cause\":{\"rule\":\"power.outage\","
                        "\"equipment\":\"F2\"},\"chattering\":true}"),
         "pump.dry_run on B3-P2: active\n  symptom of power.outage on F2\n  comes and "
         "goes: "
         "one issue about the signal stands for it\nfor 20s: satisfied\nclear for 1m\n"},
        {"levels",
         HEAD("normal",
              "\"levels\":[{\"severity\":\"minor\",\"when\":{\"text\":\"a\","
              "\"value\":true}},{\"severity\":\"serious\",\"when\":{\"text\":\"b\","
              "\"value\":false}}]}"),
         "pump.dry_run on B3-P2: normal\nminor\n  ✓ a\nserious\n  ✗ b\nfor 20s\nclear "
         "for "
         "1m\n"},
        {"nothing known", "{}", "? on ?: ?\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        explain(cases[i].name, cases[i].truth, NULL, 0, cases[i].want);
}

/* Narrow terminals. */
static void test_rows(void **state)
{
    static const struct {
        const char *name;
        size_t width;
        const char *want;
    } cases[] = {
        {"as long as they are", 0,
         "  ✓ one two three four five   detail\n  水泵 x                      more\n"},
        {"wide enough", 60,
         "  ✓ one two three four five   detail\n  水泵 x                      more\n"},
        {"detail below", 30,
         "  ✓ one two three four five\n      detail\n  水泵 x   more\n"},
        {"wrapped", 28, "  ✓ one two three four five\n      detail\n  水泵 x   more\n"},
        {"wrapped more", 27,
         "  ✓ one two three four five\n      detail\n  水泵 x   more\n"},
        {"too narrow to help", 24,
         "  ✓ one two three four five\n      detail\n  水泵 x   more\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rows *rows = rows_new();
        struct text out;

        text_init(&out, TEXT_MAX);
        rows_add(rows, 2, MARK_TRUE, "one two three four five", "detail");
        rows_add(rows, 2, MARK_NONE, "水泵 x", "more");
        rows_print(rows, cases[i].width, false, &out);
        check_text(cases[i].name, out.data, cases[i].want);
        text_done(&out);
        rows_free(rows);
    }
}

static void test_wrap(void **state)
{
    struct rows *rows = rows_new();
    struct text out;

    (void)state;
    text_init(&out, TEXT_MAX);
    rows_add(rows, 2, MARK_NONE,
             "flow: 02:14:20" ROWS_HARD_BLANK "1" ROWS_HARD_BLANK
             "| 02:14:22" ROWS_HARD_BLANK "2" ROWS_HARD_BLANK "| 02:14:24" ROWS_HARD_BLANK
             "3",
             "");
    rows_print(rows, 34, false, &out);
    check_text("readings", out.data,
               "  flow: 02:14:20 1 | 02:14:22 2 |\n      02:14:24 3\n");
    text_done(&out);
    rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),  cmocka_unit_test(test_terms),
        cmocka_unit_test(test_states), cmocka_unit_test(test_rows),
        cmocka_unit_test(test_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
