/* test_alarm.c - every transition of the alarm state machine, as scripts of steps. */
#include "rules/alarm.h"

#include "tests/unit/check.h"

#include <stdio.h>

/* A script is words "SECONDS:when:clear", each truth one of T F U; behind '=' stands the
 * state that must follow, with '!' when it was raised, '.' when it returned, '~' when
 * only state or mark changed, and '?' when the mark "unknown" is set. */
static const struct {
    const char *name;
    int for_s;
    int clear_for_s;
    int grace_s;
    bool latch;
    enum on_unknown on_unknown;
    const char *script;
} cases[] = {
    {"no delay", 0, 0, 0, false, UNKNOWN_HOLD,
     "0:F:F=normal 1:T:F=active! 1:F:F=active 1:F:T=normal. 1:F:T=normal"},
    {"on-delay", 20, 0, 0, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 19:T:F=pending 1:T:F=active!"},
    {"on-delay begins anew", 20, 0, 0, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 19:F:F=normal~ 1:T:F=pending~ 19:T:F=pending 1:T:F=active!"},
    {"true long enough, but false when looked at", 20, 0, 0, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 25:F:F=normal~"},
    {"off-delay", 0, 60, 0, false, UNKNOWN_HOLD,
     "0:T:F=active! 5:F:T=clearing~ 59:F:T=clearing 1:F:T=normal."},
    {"off-delay is broken", 0, 60, 0, false, UNKNOWN_HOLD,
     "0:T:F=active! 5:F:T=clearing~ 59:F:F=active~ 1:F:T=clearing~ 59:F:T=clearing "
     "1:F:T=normal."},
    {"unknown opens nothing", 0, 0, 0, false, UNKNOWN_HOLD,
     "0:U:U=normal~? 100:U:U=normal? 0:T:F=active!"},
    {"unknown clears nothing", 0, 0, 0, false, UNKNOWN_HOLD,
     "0:T:F=active! 9:U:U=active~? 9999:U:U=active? 1:T:F=active~"},
    {"unknown pauses the on-delay", 20, 0, 60, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 15:U:F=pending~? 59:T:F=pending~ 4:T:F=pending 1:T:F=active!"},
    {"until the grace is over", 20, 0, 60, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 15:U:F=pending~? 60:U:F=normal~? 1:T:F=pending~ 19:T:F=pending "
     "1:T:F=active!"},
    {"no grace", 20, 0, 0, false, UNKNOWN_HOLD, "0:T:F=pending~ 15:U:F=normal~?"},
    {"unknown pauses the off-delay", 0, 60, 90, false, UNKNOWN_HOLD,
     "0:T:F=active! 1:F:T=clearing~ 50:U:U=clearing~? 80:F:T=clearing~ 9:F:T=clearing "
     "1:F:T=normal."},
    {"and falls back to active", 0, 60, 90, false, UNKNOWN_HOLD,
     "0:T:F=active! 1:F:T=clearing~ 50:U:U=clearing~? 90:U:U=active~? 1:F:T=clearing~ "
     "59:F:T=clearing 1:F:T=normal."},
    {"unknown time adds up only while it lasts", 20, 0, 60, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 1:U:F=pending~? 50:T:F=pending~ 1:U:F=pending~? 50:U:F=pending?"},
    {"clear wins over when", 10, 5, 0, false, UNKNOWN_HOLD,
     "0:T:F=pending~ 10:T:F=active! 1:T:T=clearing~ 5:T:T=normal. 1:T:T=normal "
     "9:T:F=pending~ 5:T:T=normal~ 1:T:U=pending~ 10:T:U=active!?"},
    {"latch", 0, 10, 0, true, UNKNOWN_HOLD,
     "0:T:F=active! 1:F:T=clearing~ 10:F:T=latched. 99:F:T=latched 1:U:U=latched~? "
     "1:F:T=latched~"},
    {"latched and raised again", 30, 0, 60, true, UNKNOWN_HOLD,
     "0:T:F=pending~ 30:T:F=active! 1:F:T=latched. 1:T:F=latched 29:T:F=latched "
     "1:T:F=active!"},
    {"latched, a short return of the condition", 30, 0, 60, true, UNKNOWN_HOLD,
     "0:T:F=pending~ 30:T:F=active! 1:F:T=latched. 1:T:F=latched 29:F:T=latched "
     "9:T:F=latched 29:T:F=latched 1:T:F=active!"},
    {"raise on unknown", 20, 0, 60, false, UNKNOWN_RAISE,
     "0:F:T=normal 1:U:U=pending~? 19:U:U=pending? 1:U:U=active!? 5:U:U=active? "
     "1:F:T=normal."},
    {"clear on unknown", 0, 20, 60, false, UNKNOWN_CLEAR,
     "0:U:U=normal~? 1:T:F=active! 1:U:U=clearing~? 19:U:U=clearing? 1:U:U=normal.?"},
    {"when and clear at once: not raised", 0, 0, 0, false, UNKNOWN_HOLD,
     "0:T:T=normal 9:T:T=normal 0:T:F=active! 0:T:T=normal. 0:T:T=normal"},
    {"no clear while not proven", 0, 0, 0, false, UNKNOWN_HOLD,
     "0:T:U=active!? 1:F:U=active? 1:F:F=active~ 1:F:T=normal."},
};

static enum truth truth_of(char letter)
{
    return letter == 'T' ? TRUTH_TRUE : (letter == 'F' ? TRUTH_FALSE : TRUTH_UNKNOWN);
}

static void run(size_t i)
{
    struct rule_settings rule = {
        .for_ms = (int64_t)cases[i].for_s * 1000,
        .clear_for_ms = (int64_t)cases[i].clear_for_s * 1000,
        .unknown_grace_ms = (int64_t)cases[i].grace_s * 1000,
        .latch = cases[i].latch,
        .on_unknown = cases[i].on_unknown,
    };
    struct alarm alarm = {.observed_ms = -1};
    struct wall_time now = {1000 * CLOCK_S};
    const char *p = cases[i].script;
    unsigned seconds;
    char when;
    char clear;
    char want[20];
    int used = 0;
    uint64_t raised = 0;

    while (sscanf(p, " %u:%c:%c=%19s%n", &seconds, &when, &clear, want, &used) == 4) {
        static const char marks[] = {
            [ALARM_NOTHING] = ' ',  [ALARM_MOVED] = '~', [ALARM_RAISED] = '!',
            [ALARM_RETURNED] = '.', [ALARM_LEVEL] = '^',
        };
        struct alarm_truths truths;
        enum alarm_event event;
        char got[40];

        now = wall_add_ms(now, (int64_t)seconds * 1000);
        truths = (struct alarm_truths){.when = truth_of(when), .clear = truth_of(clear)};
        event = alarm_step(&alarm, &rule, (int64_t)seconds * 1000, &truths, now);
        raised += event == ALARM_RAISED;
        (void)snprintf(got, sizeof got, "%s%.*s%s", alarm_state_name(alarm.state),
                       event != ALARM_NOTHING, &marks[event], alarm.unknown ? "?" : "");
        if (strcmp(got, want) != 0)
            fail_msg("case '%s' at \"%.*s\": got %s", cases[i].name, used, p, got);
        assert_true(alarm.activation == raised);
        p += used;
    }
    assert_true(*p == '\0');
}

static void test_scripts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run(i);
}

/* The deadline is when the next step does something by itself, to the millisecond. */
static void test_deadlines(void **state)
{
    static const struct {
        const char *name;
        struct alarm alarm;
        enum truth when;
        enum truth clear;
        int64_t deadline_ms;
    } rows[] = {
        {"normal, false",
         {.state = ALARM_NORMAL,
          .unknown = false,
          .observed_ms = -1,
          .unknown_ms = 0,
          .activation = 0},
         TRUTH_FALSE,
         TRUTH_TRUE,
         INT64_MAX},
        {"normal, true",
         {.state = ALARM_NORMAL,
          .unknown = false,
          .observed_ms = -1,
          .unknown_ms = 0,
          .activation = 0},
         TRUTH_TRUE,
         TRUTH_FALSE,
         0},
        {"normal, unknown",
         {.state = ALARM_NORMAL,
          .unknown = true,
          .observed_ms = -1,
          .unknown_ms = 5,
          .activation = 0},
         TRUTH_UNKNOWN,
         TRUTH_UNKNOWN,
         INT64_MAX},
        {"pending",
         {.state = ALARM_PENDING,
          .unknown = false,
          .observed_ms = 12345,
          .unknown_ms = 0,
          .activation = 0},
         TRUTH_TRUE,
         TRUTH_FALSE,
         7655},
        {"pending, unknown",
         {.state = ALARM_PENDING,
          .unknown = true,
          .observed_ms = 12345,
          .unknown_ms = 1000,
          .activation = 0},
         TRUTH_UNKNOWN,
         TRUTH_FALSE,
         29000},
        {"pending, overdue",
         {.state = ALARM_PENDING,
          .unknown = false,
          .observed_ms = 99999,
          .unknown_ms = 0,
          .activation = 0},
         TRUTH_TRUE,
         TRUTH_FALSE,
         0},
        {"active",
         {.state = ALARM_ACTIVE,
          .unknown = false,
          .observed_ms = -1,
          .unknown_ms = 0,
          .activation = 1},
         TRUTH_TRUE,
         TRUTH_FALSE,
         INT64_MAX},
        {"active, unknown",
         {.state = ALARM_ACTIVE,
          .unknown = true,
          .observed_ms = -1,
          .unknown_ms = 5,
          .activation = 1},
         TRUTH_TRUE,
         TRUTH_UNKNOWN,
         INT64_MAX},
        {"clearing",
         {.state = ALARM_CLEARING,
          .unknown = false,
          .observed_ms = 1000,
          .unknown_ms = 0,
          .activation = 1},
         TRUTH_FALSE,
         TRUTH_TRUE,
         59000},
        {"latched",
         {.state = ALARM_LATCHED,
          .unknown = false,
          .observed_ms = -1,
          .unknown_ms = 0,
          .activation = 1},
         TRUTH_FALSE,
         TRUTH_TRUE,
         INT64_MAX},
        {"latched, coming back",
         {.state = ALARM_LATCHED,
          .unknown = false,
          .observed_ms = 5000,
          .unknown_ms = 0,
          .activation = 1},
         TRUTH_TRUE,
         TRUTH_FALSE,
         15000},
    };
    const struct rule_settings rule = {
        .for_ms = 20000, .clear_for_ms = 60000, .unknown_grace_ms = 30000};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct alarm_truths truths = {.when = rows[i].when, .clear = rows[i].clear};

        assert_true(alarm_deadline_ms(&rows[i].alarm, &rule, &truths) ==
                    rows[i].deadline_ms);
    }
}

/* Whatever comes: unknown alone never raises and never returns an alarm. */
static void test_unknown_is_inert(void **state)
{
    static const enum alarm_state states[] = {ALARM_NORMAL, ALARM_PENDING, ALARM_ACTIVE,
                                              ALARM_CLEARING, ALARM_LATCHED};
    static const struct alarm_truths unknown = {.when = TRUTH_UNKNOWN,
                                                .clear = TRUTH_UNKNOWN};
    const struct rule_settings rule = {
        .for_ms = 20000, .clear_for_ms = 60000, .unknown_grace_ms = 30000};

    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct alarm alarm = {.state = states[i], .observed_ms = 19999};

        for (int n = 0; n < 100; n++) {
            enum alarm_event event = alarm_step(&alarm, &rule, n == 0 ? 0 : 5000,
                                                &unknown, (struct wall_time){1});

            assert_true(event != ALARM_RAISED && event != ALARM_RETURNED);
        }
        assert_true(alarm_is_active(&alarm) == (states[i] >= ALARM_ACTIVE));
    }
}

/* "SECONDS:levels:clear" with a truth for each of three levels; behind '=' the number of
 * the level, '^' when it moved, or 'n' while there is no alarm. `for` is 10 s,
 * `clear_for` 20 s. */
static const struct {
    const char *name;
    const char *script;
} level_cases[] = {
    {"raised at the level that was true all along",
     "0:TFF:F=n 5:TTF:F=n 5:TTF:F=0! 5:TTF:F=0 5:TTF:F=1^"},
    {"raised at once at a high level", "0:TTT:F=n 10:TTT:F=2!"},
    {"up through the nearest of those that were wanted",
     "0:TFF:F=n 10:TFF:F=0! 1:TTT:F=0 5:TTF:F=0 5:TTT:F=1^ 1:TTT:F=1 10:TTT:F=2^"},
    {"a short excursion moves nothing",
     "0:TFF:F=n 10:TFF:F=0! 1:TTF:F=0 9:TFF:F=0 1:TTF:F=0 9:TTF:F=0"},
    {"down after clear_for", "0:TTF:F=n 10:TTF:F=1! 1:TFF:F=1 19:TFF:F=1 1:TFF:F=0^"},
    {"unknown moves nothing and holds the delay",
     "0:TTF:F=n 10:TTF:F=1! 1:TFF:F=1 15:TUF:F=1 99:TUF:F=1 1:TFF:F=1 4:TFF:F=1 "
     "1:TFF:F=0^"},
    {"no level true, but not clear either: it stays",
     "0:TTF:F=n 10:TTF:F=1! 1:FFF:F=1 999:FFF:F=1"},
    {"the level is kept while it clears", "0:TTF:F=n 10:TTF:F=1! 1:FFF:T=1 20:FFF:T=n"},
    {"unknown higher up keeps it from falling",
     "0:TTT:F=n 10:TTT:F=2! 1:TFU:F=2 99:TFU:F=2 1:TFF:F=2 20:TFF:F=0^"},
};

static void run_levels(const char *name, const char *script)
{
    struct rule_settings rule = {.for_ms = 10000,
                                 .clear_for_ms = 20000,
                                 .unknown_grace_ms = 30000,
                                 .level_count = 3};
    struct alarm alarm = {.observed_ms = -1, .level_ms = -1};
    unsigned seconds;
    char levels[4];
    char clear;
    char want[8];
    int used;

    for (const char *p = script;
         sscanf(p, " %u:%3[TFU]:%c=%7s%n", &seconds, levels, &clear, want, &used) == 4;
         p += used) {
        struct alarm_truths truths = {.when = TRUTH_FALSE, .clear = truth_of(clear)};
        enum alarm_event event;
        char got[8];

        for (int i = 0; i < 3; i++) {
            truths.levels[i] = truth_of(levels[i]);
            if (truths.levels[i] == TRUTH_TRUE ||
                (truths.levels[i] == TRUTH_UNKNOWN && truths.when == TRUTH_FALSE))
                truths.when = truths.levels[i];
        }
        event = alarm_step(&alarm, &rule, (int64_t)seconds * 1000, &truths,
                           (struct wall_time){1});
        (void)snprintf(got, sizeof got, alarm_is_active(&alarm) ? "%d%s" : "n%.0d%s",
                       alarm_is_active(&alarm) ? alarm.level : 0,
                       event == ALARM_RAISED  ? "!"
                       : event == ALARM_LEVEL ? "^"
                                              : "");
        if (strcmp(got, want) != 0)
            fail_msg("case '%s' at \"%.*s\": got %s", name, used, p, got);
    }
}

static void test_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof level_cases / sizeof level_cases[0]; i++)
        run_levels(level_cases[i].name, level_cases[i].script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_unknown_is_inert),
        cmocka_unit_test(test_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
