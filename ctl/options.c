/* options.c - see options.h. */
#include "ctl/options.h"

#include <stdio.h>
#include <string.h>

const struct option_row option_rows[OPTION_COUNT] = {
    [OPTION_TYPE] =
        {"type", 0, "TYPE",
         "u16 s16 u32 s32 u48 u64 s64 f32 f64 bcd16 bcd32 bcd64 m10k32 m10k64 "
         "string"},
    [OPTION_FROM] = {"from", 0, "WHERE",
                     "the first unit that is asked (1); of the past: "
                     "since when, \"2026-11-01\" or \"7d\" ago"},
    [OPTION_TO] = {"to", 0, "WHERE", "the last (247); of the past: until when (now)"},
    [OPTION_TIMEOUT] = {"timeout", 0, "TIME",
                        "how long a device has to answer, \"300ms\" or \"2s\""},
    [OPTION_COUNT_OF] = {"count", 'n', "N", "ends after so many frames"},
    [OPTION_STOP] = {"stop", 0, NULL, "stops the scan that is under way"},
    [OPTION_CSV] = {"csv", 0, NULL, "as CSV (that is what it does anyway)"},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", "writes there instead of printing it"},
    [OPTION_FORCE] = {"force", 0, NULL, "also over a file that exists"},
    [OPTION_PROFILE] = {"profile", 0, "PROFILE", "facilityctl profiles lists them"},
    [OPTION_LINK] = {"link", 0, "LINK", "facilityctl links lists them"},
    [OPTION_UNIT] = {"unit", 0, "UNIT", "on a Modbus link: 0 to 247, 255"},
    [OPTION_TOPIC] = {"topic", 0, "TOPIC", "on a broker"},
    [OPTION_NAME] = {"name", 0, "NAME", "as people call it"},
    [OPTION_CLASS] = {"class", 0, "CLASS",
                      "of this class; of \"equipment add\": another than the profile's"},
    [OPTION_PLACE] = {"place", 0, "PLACE", "\"Building 1/Cellar\""},
    [OPTION_PARAMS] = {"params", 0, "A=1,B=2", "parameters of the profile and of rules"},
    [OPTION_VARIANT] = {"variant", 0, "VARIANT",
                        "of the profile; the probe finds it else"},
    [OPTION_CONFIG] = {"config", 'c', "FILE",
                       "main configuration file (/etc/facilityd/facilityd.cfg)"},
    [OPTION_DATADIR] = {"datadir", 0, "DIR", "shipped profiles and rules"},
    [OPTION_SHIPPED] = {"shipped", 0, NULL, "the shipped rules, too"},
    [OPTION_VERBOSE] = {"verbose", 'v', NULL, "also what is in order"},
    [OPTION_FOR] = {"for", 0, "TIME", "how long: \"30m\", \"8h\", \"3d\""},
    [OPTION_UNTIL] = {"until", 0, "TIME", "\"2026-11-24T18:00:00+08:00\""},
    [OPTION_START] = {"start", 0, "TIME", "begins then, and not now"},
    [OPTION_REASON] = {"reason", 0, "TEXT", "why; others will read it"},
    [OPTION_EQUIPMENT] = {"equipment", 0, "ID,ID", "these; a backtest takes one"},
    [OPTION_HOLDER] = {"holder", 0, "NAME", "who does the work"},
    [OPTION_ALL] = {"all", 0, NULL, "also those that have ended"},
    [OPTION_RULES] = {"rules", 0, "FILE", "a changed version of the rule, same id"},
    [OPTION_DAYS] = {"days", 0, "N", "how far back (30)"},
};

#define NONE OPTION_COUNT /* ends a list */

static const struct {
    const char *command;
    enum ctl_option options[OPTIONS_OF_ONE];
    const char *examples;
} details[] = {
    {"read",
     {OPTION_TYPE, OPTION_TIMEOUT, NONE},
     "  facilityctl read plant-room 5 input 70 2\n"
     "  facilityctl read plant-room 5 holding 40071 4 --type f32\n"
     "  facilityctl read plant-room 5 coil 0 16\n"
     "\n"
     "TABLE is holding, input, coil or discrete, or the function code 3, 4, 1, 2.\n"
     "ADDRESS is the one that travels in the request, from 0, decimal or 0x "
     "hexadecimal.\n"
     "40071 and 4x00071 are understood as the 71st holding register, address 70.\n"
     "The daemon asks, between two polls: there is no second connection.\n"},
    {"scan",
     {OPTION_FROM, OPTION_TO, OPTION_TIMEOUT, OPTION_STOP, NONE},
     "  facilityctl scan plant-room\n"
     "  facilityctl scan plant-room --from 1 --to 32 --timeout 300ms\n"
     "\n"
     "Polling goes on; a scan takes at most half of the link's time. Ctrl-C ends it.\n"},
    {"trace",
     {OPTION_COUNT_OF, NONE},
     "  facilityctl trace plant-room\n"
     "  facilityctl trace plant-room --count 20 --json | jq .hex\n"},
    {"rules check",
     {OPTION_CONFIG, OPTION_DATADIR, OPTION_SHIPPED, NONE},
     "  facilityctl rules check\n"
     "  facilityctl rules check -c ./facilityd.cfg pump.dry_run\n"
     "  facilityctl rules check --shipped --json\n"},
    {"rules test",
     {OPTION_CONFIG, OPTION_DATADIR, OPTION_VERBOSE, NONE},
     "  facilityctl rules test\n"
     "  facilityctl rules test 'pump.*' --verbose\n"
     "  facilityctl rules test -c ./facilityd.cfg pump.dry_run\n"
     "\n"
     "Without -c the shipped library is tested. Exit code 1: a test failed.\n"},
    {"rules backtest",
     {OPTION_FROM, OPTION_TO, OPTION_RULES, OPTION_EQUIPMENT, OPTION_CONFIG,
      OPTION_DATADIR, OPTION_VERBOSE, NONE},
     "  facilityctl rules backtest pump.dry_run\n"
     "  facilityctl rules backtest pump.dry_run --from 2026-11-01 --to 2026-11-08\n"
     "  facilityctl rules backtest pump.dry_run --rules ./new.cfg --from 30d\n"
     "  facilityctl rules backtest lift.door --equipment lift-3 --json\n"
     "\n"
     "Runs the rule over the readings that facilityd has kept: which issues it would "
     "have\n"
     "opened, what differs from the present rule and from what really opened, and how "
     "much\n"
     "people would have been bothered. Needs no daemon and disturbs none; it reads\n"
     "state_dir, so run it as facilityd's user. FILE is written like a file of "
     "rule_dir:\n"
     "rules = ( { id = \"pump.dry_run\"; ... } ); nothing else in it is used.\n"},
    {"rules noise",
     {OPTION_DAYS, OPTION_CONFIG, OPTION_DATADIR, NONE},
     "  facilityctl rules noise\n"
     "  facilityctl rules noise --days 7 --json\n"
     "\n"
     "The rules that cried most, how many of their alarms were short or judged false "
     "when\n"
     "closed (a text with \"false alarm\" or \"误报\"), and which change would have "
     "spared how\n"
     "many: each is tried on the readings of the same days.\n"},
    {"rules explain", {NONE}, "  facilityctl rules explain pump.dry_run pump-2\n"},
    {"probe", {NONE}, "  facilityctl probe meter-1\n"},
    {"alarms",
     {NONE},
     "  facilityctl alarms\n"
     "  facilityctl alarms pump-2\n"
     "\n"
     "STANDING: root has an issue of its own, symptom is explained by the alarm CAUSE "
     "OF,\n"
     "waiting is being checked, reprove waits for a fresh reading after its cause is "
     "gone.\n"},
    {"shelve",
     {OPTION_FOR, OPTION_REASON, NONE},
     "  facilityctl shelve pump.dry_run pump-2 --for 2h --reason \"impeller is "
     "ordered\"\n"
     "\n"
     "The alarm goes on and keeps its issue; it is only not announced. 8 hours unless\n"
     "said otherwise, 24 at most; highly managed rules cannot be shelved.\n"},
    {"shelves",
     {OPTION_ALL, NONE},
     "  facilityctl shelves\n"
     "  facilityctl shelves --all --json\n"},
    {"unshelve", {NONE}, "  facilityctl unshelve 7\n"},
    {"permit",
     {OPTION_EQUIPMENT, OPTION_PLACE, OPTION_CLASS, OPTION_HOLDER, OPTION_REASON,
      OPTION_FOR, OPTION_UNTIL, OPTION_START, NONE},
     "  facilityctl permit --equipment pump-1,pump-2 --for 4h \\\n"
     "      --holder \"Wang Gang\" --reason \"yearly service\"\n"
     "  facilityctl permit --place \"Building 1\" --class elevator \\\n"
     "      --until 2026-11-24T18:00:00+08:00 --holder \"Lift Works\" --reason "
     "inspection\n"
     "\n"
     "While it runs, alarms of its equipment open no issue and its time is planned "
     "time.\n"
     "When it ends or is closed, what is still active becomes an issue.\n"},
    {"permits",
     {OPTION_ALL, NONE},
     "  facilityctl permits\n"
     "  facilityctl permits --all\n"},
    {"permit close", {NONE}, "  facilityctl permit close 7\n"},
    {"equipment export",
     {OPTION_CSV, OPTION_OUTPUT, OPTION_FORCE, NONE},
     "  facilityctl equipment export -o plant.csv\n"},
    {"equipment import",
     {OPTION_OUTPUT, OPTION_FORCE, NONE},
     "  facilityctl equipment import plant.csv\n"
     "  facilityctl equipment import plant.csv -o /etc/facilityd/conf.d/plant.cfg\n"
     "\n"
     "Columns: id, name, class, place, profile, link, unit, topic, variant, critical,\n"
     "delay, latency, timeout, params.NAME, relations.NAME, poll.CLASS, tables.POINT; "
     "in\n"
     "any order, only id, profile and link must be there.\n"
     "Several equipment of a relation are separated by ';'; one that is a list of one "
     "ends\n"
     "with it. Nothing that runs is changed: check, then reload.\n"},
    {"equipment add",
     {OPTION_PROFILE, OPTION_LINK, OPTION_UNIT, OPTION_TOPIC, OPTION_NAME, OPTION_CLASS,
      OPTION_PLACE, OPTION_VARIANT, OPTION_PARAMS, OPTION_OUTPUT, OPTION_FORCE, NONE},
     "  facilityctl equipment add meter-1 --profile eastron-sdm630 --link bus --unit 5\n"
     "  facilityctl equipment add meter-1 --profile eastron-sdm630 --link bus --unit 5 "
     "\\\n"
     "      -o /etc/facilityd/conf.d/meter-1.cfg && facilityctl reload\n"},
};

bool options_allowed(const char *command, enum ctl_option option)
{
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        if (strcmp(details[i].command, command) != 0)
            continue;
        for (size_t k = 0; k < OPTIONS_OF_ONE && details[i].options[k] != NONE; k++)
            if (details[i].options[k] == option)
                return true;
    }
    return false;
}

static void print_option(const struct option_row *row)
{
    char left[64];

    (void)snprintf(left, sizeof left, "%c%c%c --%s %s", row->letter != 0 ? '-' : ' ',
                   row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ',' : ' ',
                   row->name, row->argument == NULL ? "" : row->argument);
    (void)printf("  %-24s %s\n", left, row->meaning);
}

void options_help(const char *command)
{
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        if (strcmp(details[i].command, command) != 0)
            continue;
        (void)printf("Examples:\n%s", details[i].examples);
        if (details[i].options[0] != NONE)
            (void)puts("\nOptions:");
        for (size_t k = 0; k < OPTIONS_OF_ONE && details[i].options[k] != NONE; k++)
            print_option(&option_rows[details[i].options[k]]);
    }
}
