/* month_of_kills.c - a simulated month whose gateway gets kill -9 at random moments ends
 * with the same issues as the same month without; and so with reloads.
 *
 *   month_of_kills [--days 30] [--faults 60] [--kills 1000] [--reloads 100] [--seed 7]
 *                  [--poll 30] [--look 5]
 *
 * Runs three months: undisturbed, killed, reloaded. 0 when all are alike. */
#include "tests/sim/month.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct month whole;
static struct month other;

static double seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run(const char *name, const struct month_options *options, struct month *month)
{
    struct err err = {0};
    double begin = seconds();
    unsigned issues = 0;
    unsigned recurrences = 0;

    if (month_run(options, month, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", name, err.text);
        return -1;
    }
    for (size_t i = 0; i < month->count; i++) {
        issues += month->issues[i].opened;
        recurrences += month->issues[i].recurrences;
    }
    (void)printf("%-11s %u days, %u kills (%u while starting), %u reloads: %u issues of "
                 "%zu alarms, %u recurrences, %.0f s\n",
                 name, options->days, month->kills, month->starts_killed, month->reloads,
                 issues, month->count, recurrences, seconds() - begin);
    return 0;
}

static int against(const char *name, const struct month_options *options)
{
    struct text text;
    struct month_difference found;

    if (run(name, options, &other) != 0)
        return -1;
    text_init(&text, 1 << 20);
    found = month_compare(&whole, &other, options, &text);
    (void)printf("%s%zu differences in the list, %zu opened at another time\n", text.data,
                 found.list, found.apart);
    text_done(&text);
    month_done(&other);
    return found.list == 0 ? 0 : -1;
}

static void list(void)
{
    for (size_t i = 0; i < whole.count; i++) {
        const struct month_issue *issue = &whole.issues[i];
        char at[CLOCK_RFC3339_SIZE];

        (void)printf("  %-36s %-14s %s %u issues, %u recurrences%s\n", issue->rule,
                     issue->equipment, wall_format(issue->times[0], at), issue->opened,
                     issue->recurrences, issue->attached ? ", attached" : "");
    }
}

static unsigned number(const char *text)
{
    return text == NULL ? 0 : (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct month_options options = {.seed = 7,
                                    .days = 30,
                                    .faults = 60,
                                    .is_long = true,
                                    .poll_ms = 30000,
                                    .verbose = true};
    struct month_options killed;
    struct month_options reloaded;
    unsigned kills = 1000;
    unsigned reloads = 100;
    int result;

    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (strcmp(argv[i], "--days") == 0)
            options.days = number(value);
        else if (strcmp(argv[i], "--faults") == 0)
            options.faults = number(value);
        else if (strcmp(argv[i], "--kills") == 0)
            kills = number(value);
        else if (strcmp(argv[i], "--reloads") == 0)
            reloads = number(value);
        else if (strcmp(argv[i], "--seed") == 0)
            options.seed = number(value);
        else if (strcmp(argv[i], "--look") == 0)
            options.look_ms = 1000 * (int64_t)number(value);
        else if (strcmp(argv[i], "--poll") == 0)
            options.poll_ms = 1000 * (int64_t)number(value);
        else
            return 64;
        i++;
    }
    killed = reloaded = options;
    killed.kills = kills;
    reloaded.reloads = reloads;
    if (run("undisturbed", &options, &whole) != 0)
        return 1;
    list();
    result = kills > 0 ? against("killed", &killed) : 0;
    if (reloads > 0 && against("reloaded", &reloaded) != 0)
        result = -1;
    month_done(&whole);
    return result == 0 ? 0 : 1;
}
