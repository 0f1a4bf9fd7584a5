/* backtest_show.c - see backtest_show.h. */
#include "ctl/backtest_show.h"

#include "ctl/replay.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    ROWS_SHOWN = 40, /* of each list; --json and --verbose have all */
};

char *show_span(int64_t ms, char out[SHOW_SPAN_SIZE])
{
    int64_t s = ms / 1000;

    if (s < 60)
        (void)snprintf(out, SHOW_SPAN_SIZE, "%" PRId64 " s", s);
    else if (s < 3600)
        (void)snprintf(out, SHOW_SPAN_SIZE, "%" PRId64 " min", s / 60);
    else if (s < INT64_C(2) * 86400)
        (void)snprintf(out, SHOW_SPAN_SIZE, "%" PRId64 " h %02" PRId64 " min", s / 3600,
                       s / 60 % 60);
    else
        (void)snprintf(out, SHOW_SPAN_SIZE, "%" PRId64 " d %" PRId64 " h", s / 86400,
                       s / 3600 % 24);
    return out;
}

static const char *equipment_id(const struct backtest_result *result, uint32_t index)
{
    return result->model->equipment[index].id;
}

/* ---- for people ---- */

static void show_head(const struct backtest_result *result)
{
    char from[REPLAY_TIME_SIZE];
    char to[REPLAY_TIME_SIZE];
    char oldest[REPLAY_TIME_SIZE];

    (void)printf("%s on %zu equipment, %s to %s\n", result->rule->id, result->instances,
                 replay_time(result->tz, result->from, from),
                 replay_time(result->tz, result->to, to));
    (void)printf("%" PRIu64 " readings; they are kept since %s\n", result->readings,
                 replay_time(result->tz, result->oldest, oldest));
    if (result->damaged > 0)
        (void)printf("%" PRIu64 " damaged pieces of them were skipped\n",
                     result->damaged);
    if (result->lost > 0)
        (void)printf("%" PRIu64 " raises more than can be counted here\n", result->lost);
}

/* Of time and equipment together; 1 when it watches none: it never knew anything. */
static double unknown_share(const struct backtest_result *result,
                            const struct outcome *outcome)
{
    double all_ms =
        (double)outcome->instances * (double)wall_diff_ms(result->to, result->from);

    return all_ms > 0 ? (double)outcome->unknown.ms / all_ms : 1;
}

static void show_unknown(const struct backtest_result *result,
                         const struct outcome *outcome, const char *whose)
{
    if (outcome->unknown.always == outcome->instances) {
        (void)printf("%s truth was unknown ALL THE TIME%s\n", whose,
                     outcome->count > 0 ? "" : ": that is no quiet rule, it saw nothing");
        return;
    }
    (void)printf("%s truth was unknown %.1f %% of the time", whose,
                 unknown_share(result, outcome) * 100);
    if (outcome->unknown.always > 0)
        (void)printf(", on %zu equipment ALL THE TIME", outcome->unknown.always);
    (void)putchar('\n');
}

static void show_issues(const struct backtest_result *result)
{
    const struct outcome *outcome = &result->tried;
    size_t shown = result->all || outcome->issue_count < ROWS_SHOWN ? outcome->issue_count
                                                                    : ROWS_SHOWN;
    int64_t active_ms = 0;
    char span[SHOW_SPAN_SIZE];

    for (size_t i = 0; i < outcome->issue_count; i++)
        active_ms += outcome->issues[i].active_ms;
    (void)printf("\nIt would have opened %zu issues (%zu raises), active %s in all",
                 outcome->issue_count, outcome->told, show_span(active_ms, span));
    (void)printf("; %zu raises as symptoms, %zu times chattering\n", outcome->symptoms,
                 outcome->chattering);
    if (shown > 0)
        (void)printf("  %-19s  %-19s  %-13s  %6s  %-8s  %s\n", "OPENED", "RETURNED",
                     "ACTIVE", "RAISES", "SEVERITY", "EQUIPMENT");
    for (size_t i = 0; i < shown; i++) {
        const struct would_issue *issue = &outcome->issues[i];
        char opened[REPLAY_TIME_SIZE];
        char returned[REPLAY_TIME_SIZE] = "still active";

        if (issue->returned.ns != 0)
            (void)replay_time(result->tz, issue->returned, returned);
        (void)printf("  %-19s  %-19s  %-13s  %6" PRId64 "  %-8s  %s\n",
                     replay_time(result->tz, issue->opened, opened), returned,
                     show_span(issue->active_ms, span), issue->raises,
                     severity_name(issue->severity),
                     equipment_id(result, issue->equipment));
    }
    if (shown < outcome->issue_count)
        (void)printf("  ... and %zu more (--verbose shows all)\n",
                     outcome->issue_count - shown);
}

static void show_times(const struct backtest_result *result, const struct raise *raise)
{
    char told[REPLAY_TIME_SIZE];
    char returned[REPLAY_TIME_SIZE] = "still active";

    if (raise->returned.ns != 0)
        (void)replay_time(result->tz, raise->returned, returned);
    (void)printf("%-19s  %-19s", replay_time(result->tz, raise->told, told), returned);
}

static void show_pair(const struct backtest_result *result, const struct raise_pair *pair)
{
    static const char marks[] = {' ', '~', '-', '+'};
    const struct raise *first = pair->old != NULL ? pair->old : pair->new;

    (void)printf("  %c %-24s ", marks[pair->kind],
                 equipment_id(result, first->equipment));
    show_times(result, first);
    if (pair->kind == RAISE_SHIFTED) {
        (void)printf("  now  ");
        show_times(result, pair->new);
    }
    (void)putchar('\n');
}

static void show_comparison(const struct backtest_result *result,
                            const struct comparison *comparison, const char *what,
                            const char *only_old)
{
    size_t different = comparison->count - comparison->kinds[RAISE_SAME];
    size_t shown = 0;

    if (comparison->pairs == NULL)
        return;
    (void)printf("\nAgainst %s: %zu raises the same, %zu shifted (~), %zu only %s (-), "
                 "%zu only here (+)",
                 what, comparison->kinds[RAISE_SAME], comparison->kinds[RAISE_SHIFTED],
                 comparison->kinds[RAISE_ONLY_OLD], only_old,
                 comparison->kinds[RAISE_ONLY_NEW]);
    if (comparison->gaps > 0)
        (void)printf(", %zu of them while no facilityd ran", comparison->gaps);
    (void)putchar('\n');
    for (size_t i = 0; i < comparison->count; i++) {
        if (comparison->pairs[i].kind == RAISE_SAME)
            continue;
        if (!result->all && shown == ROWS_SHOWN)
            break;
        show_pair(result, &comparison->pairs[i]);
        shown++;
    }
    if (shown < different)
        (void)printf("  ... and %zu more (--verbose shows all)\n", different - shown);
}

static void show_performance(const char *whose, const struct performance *p)
{
    (void)printf("\nHow much people would have been bothered%s (by this rule alone):\n",
                 whose);
    (void)printf("  10-minute periods by number of alarms: ");
    for (size_t i = 0; i < PERFORMANCE_CLASSES; i++)
        (void)printf(" %s: %" PRId64 "%s", performance_class_name(i), p->classes[i],
                     i + 1 < PERFORMANCE_CLASSES ? "," : "\n");
    (void)printf("  most in any 10 minutes %" PRId64 ", per day %.2f, time in flood "
                 "%.2f %%, ten noisiest equipment %.0f %%\n",
                 p->most, p->per_day, p->share_flood * 100, p->share_top * 100);
    (void)printf("  chattering %" PRId64 ", active for more than a day %" PRId64
                 ", at the same time at most %" PRId64 "\n",
                 p->chattering, p->stale, p->standing_most);
    (void)printf("  minor %.0f %%, general %.0f %%, serious %.0f %%\n",
                 p->share_severity[SEVERITY_MINOR] * 100,
                 p->share_severity[SEVERITY_GENERAL] * 100,
                 p->share_severity[SEVERITY_SERIOUS] * 100);
}

void backtest_show(const struct backtest_result *result)
{
    show_head(result);
    show_unknown(result, &result->tried, "Its");
    if (result->changed)
        show_unknown(result, &result->present, "The present rule's");
    show_issues(result);
    show_comparison(result, &result->against_present, "the present rule", "there");
    show_comparison(result, &result->against_opened,
                    result->changed ? "what really opened (the present rule)"
                                    : "what really opened",
                    "really");
    if (result->tried.performs)
        show_performance("", &result->tried.performance);
    if (result->present.performs)
        show_performance(" by the present rule", &result->present.performance);
}

/* ---- for programs ---- */

static void put_issue(const struct backtest_result *result, struct json_out *json,
                      const struct would_issue *issue)
{
    json_open(json, '{');
    json_put_string(json, "equipment", equipment_id(result, issue->equipment));
    json_put_time(json, "opened", issue->opened);
    json_put_time(json, "returned", issue->returned);
    json_put_string(json, "severity", severity_name(issue->severity));
    json_put_int(json, "raises", issue->raises);
    json_put_int(json, "active_ms", issue->active_ms);
    json_close(json, '}');
}

static void put_raise(const struct backtest_result *result, struct json_out *json,
                      const struct raise *raise)
{
    json_open(json, '{');
    json_put_string(json, "equipment", equipment_id(result, raise->equipment));
    json_put_time(json, "raised", raise->raised);
    json_put_time(json, "told", raise->told);
    json_put_time(json, "returned", raise->returned);
    json_put_string(json, "severity", severity_name(raise->severity));
    json_put_string(json, "standing", standing_name(raise->standing));
    json_put_bool(json, "chattering", raise->chattering);
    if (raise->cause_rule != NULL) {
        json_put_string(json, "cause_rule", raise->cause_rule);
        json_put_string(json, "cause_equipment", raise->cause_equipment);
    }
    json_close(json, '}');
}

static void put_outcome(const struct backtest_result *result, struct json_out *json,
                        const char *key, const struct outcome *outcome)
{
    json_key(json, key);
    json_open(json, '{');
    json_put_int(json, "told", (int64_t)outcome->told);
    json_put_int(json, "symptoms", (int64_t)outcome->symptoms);
    json_put_int(json, "chattering", (int64_t)outcome->chattering);
    json_put_number(json, "unknown_share", unknown_share(result, outcome));
    json_put_int(json, "always_unknown", (int64_t)outcome->unknown.always);
    json_key(json, "issues");
    json_open(json, '[');
    for (size_t i = 0; i < outcome->issue_count; i++)
        put_issue(result, json, &outcome->issues[i]);
    json_close(json, ']');
    json_key(json, "raises");
    json_open(json, '[');
    for (size_t i = 0; i < outcome->count; i++)
        put_raise(result, json, &outcome->raises[i]);
    json_close(json, ']');
    if (outcome->performs) {
        json_key(json, "performance");
        performance_json(json, &outcome->performance);
    }
    json_close(json, '}');
}

static void put_side(struct json_out *json, const char *key, const struct raise *raise)
{
    json_key(json, key);
    if (raise == NULL) {
        json_null(json);
        return;
    }
    json_open(json, '{');
    json_put_time(json, "told", raise->told);
    json_put_time(json, "returned", raise->returned);
    json_close(json, '}');
}

static void put_comparison(const struct backtest_result *result, struct json_out *json,
                           const char *key, const struct comparison *comparison)
{
    static const char *const names[] = {"same", "shifted", "only_old", "only_new"};

    if (comparison->pairs == NULL)
        return;
    json_key(json, key);
    json_open(json, '{');
    for (size_t i = 0; i <= RAISE_ONLY_NEW; i++)
        json_put_int(json, names[i], (int64_t)comparison->kinds[i]);
    json_put_int(json, "while_not_running", (int64_t)comparison->gaps);
    json_key(json, "different");
    json_open(json, '[');
    for (size_t i = 0; i < comparison->count; i++) {
        const struct raise_pair *pair = &comparison->pairs[i];
        const struct raise *any = pair->old != NULL ? pair->old : pair->new;

        if (pair->kind == RAISE_SAME)
            continue;
        json_open(json, '{');
        json_put_string(json, "kind", names[pair->kind]);
        json_put_string(json, "equipment", equipment_id(result, any->equipment));
        put_side(json, "old", pair->old);
        put_side(json, "new", pair->new);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

void backtest_show_json(const struct backtest_result *result, struct text *out)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    json_put_string(&json, "rule", result->rule->id);
    json_put_time(&json, "from", result->from);
    json_put_time(&json, "to", result->to);
    json_put_time(&json, "readings_since", result->oldest);
    json_put_int(&json, "equipment", (int64_t)result->instances);
    json_put_int(&json, "readings", (int64_t)result->readings);
    json_put_int(&json, "damaged", (int64_t)result->damaged);
    json_put_int(&json, "lost", (int64_t)result->lost);
    put_outcome(result, &json, "tried", &result->tried);
    if (result->changed)
        put_outcome(result, &json, "present", &result->present);
    put_comparison(result, &json, "against_present", &result->against_present);
    put_comparison(result, &json, "against_opened", &result->against_opened);
    json_close(&json, '}');
}
