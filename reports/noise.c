/* noise.c - see noise.h. */
#include "reports/noise.h"

#include "base/mem.h"
#include "base/number.h"
#include "config/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ranking ---- */

static int64_t active_ms(const struct raise *raise, struct wall_time to)
{
    return wall_diff_ms(raise->returned.ns != 0 ? raise->returned : to, raise->raised);
}

static int by_rule(const void *a, const void *b)
{
    const struct raise *left = a;
    const struct raise *right = b;

    if (left->rule != right->rule)
        return left->rule < right->rule ? -1 : 1;
    return left->equipment < right->equipment ? -1 : left->equipment > right->equipment;
}

static int by_length(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

static int by_noise(const void *a, const void *b)
{
    const struct noise_rule *left = a;
    const struct noise_rule *right = b;

    if (left->told != right->told)
        return left->told > right->told ? -1 : 1;
    return left->rule < right->rule ? -1 : left->rule > right->rule;
}

/* `raises` are of one rule, by equipment. */
static struct noise_rule rank_one(const struct raise *raises, size_t count,
                                  struct wall_time to)
{
    struct noise_rule noise = {.rule = raises[0].rule, .told = (int64_t)count};
    int64_t *lengths = mem_array(count, sizeof *lengths);
    int64_t of_one = 0;

    for (size_t i = 0; i < count; i++) {
        lengths[i] = active_ms(&raises[i], to);
        noise.shorts += raises[i].returned.ns != 0 && lengths[i] < NOISE_SHORT_MS ? 1 : 0;
        of_one = i > 0 && raises[i].equipment == raises[i - 1].equipment ? of_one + 1 : 1;
        if (of_one > noise.loudest_told) {
            noise.loudest_told = of_one;
            noise.loudest = raises[i].equipment;
        }
    }
    qsort(lengths, count, sizeof *lengths, by_length);
    noise.median_ms = lengths[count / 2];
    mem_free(lengths);
    return noise;
}

struct noise_rule *noise_rank(const struct raise *raises, size_t count, size_t rule_count,
                              struct wall_time to, size_t *noisy_count)
{
    struct raise *told = mem_array(count + 1, sizeof *told);
    struct noise_rule *list = mem_array(rule_count + 1, sizeof *list);
    size_t told_count = 0;
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (raises[i].told.ns != 0 && raises[i].rule < rule_count)
            told[told_count++] = raises[i];
    if (told_count > 1)
        qsort(told, told_count, sizeof *told, by_rule);
    for (size_t i = 0; i < told_count;) {
        size_t same = 1;

        while (i + same < told_count && told[i + same].rule == told[i].rule)
            same++;
        list[n++] = rank_one(told + i, same, to);
        i += same;
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_noise);
    mem_free(told);
    *noisy_count = n;
    return list;
}

/* ---- versions ---- */

struct making {
    const struct rule_settings *rule;
    struct noise_version *versions;
    size_t count;
};

static struct noise_version *add_version(struct making *making)
{
    struct noise_version *version = &making->versions[making->count];

    if (making->count == NOISE_VERSIONS_MAX)
        return NULL;
    *version = (struct noise_version){
        .tried = {*making->rule, making->rule->id},
    };
    (void)snprintf(version->id, sizeof version->id, "%.80s~%zu", making->rule->id,
                   making->count);
    version->tried.rule.id = version->id;
    making->count++;
    return version;
}

static void add_duration(struct making *making, const char *key, size_t offset,
                         int64_t ms)
{
    struct noise_version *version;
    char now[UNITS_SIZE];
    char was[UNITS_SIZE];
    int64_t *field;

    if (ms <= *(const int64_t *)((const char *)making->rule + offset) ||
        (version = add_version(making)) == NULL)
        return;
    field = (int64_t *)((char *)&version->tried.rule + offset);
    (void)snprintf(version->was, sizeof version->was, "\"%s\"",
                   units_format_duration(*field, was));
    *field = ms;
    (void)snprintf(version->change, sizeof version->change, "%s = \"%s\"", key,
                   units_format_duration(ms, now));
}

static void add_delays(struct making *making)
{
    static const int64_t longer_ms[] = {30000, 60000, 120000, 300000, 600000, 900000};

    for (size_t i = 0; i < sizeof longer_ms / sizeof *longer_ms; i++)
        add_duration(making, "for", offsetof(struct rule_settings, for_ms), longer_ms[i]);
    for (size_t i = 1; i < sizeof longer_ms / sizeof *longer_ms; i += 2)
        add_duration(making, "clear_for", offsetof(struct rule_settings, clear_for_ms),
                     longer_ms[i]);
}

/* Two digits: nobody writes more. */
static double rounded(double value)
{
    double unit = pow(10, floor(log10(fabs(value))) - 1);

    return round(value / unit) * unit;
}

static void add_deadband(struct making *making, double deadband)
{
    const struct rule_settings *rule = making->rule;
    struct noise_version *version;
    char number[NUMBER_SIZE];

    if (!(deadband > rule->deadband) || !isfinite(deadband) ||
        rule->clear.text[0] != '\0' || rule->level_count > 0 ||
        (version = add_version(making)) == NULL)
        return;
    (void)number_format_digits(number, rule->deadband, 9);
    (void)snprintf(version->was, sizeof version->was, "%s", number);
    version->tried.rule.deadband = rounded(deadband);
    (void)number_format_digits(number, version->tried.rule.deadband, 9);
    (void)snprintf(version->change, sizeof version->change, "deadband = %s", number);
}

static void add_param(struct making *making, size_t which, double factor)
{
    const struct rule_settings *rule = making->rule;
    double value = rule->params[which].value;
    struct noise_version *version;
    char number[NUMBER_SIZE];

    if (value == 0 || !isfinite(value) || (version = add_version(making)) == NULL)
        return;
    version->params = mem_array(rule->param_count, sizeof *version->params);
    memcpy(version->params, rule->params, rule->param_count * sizeof *version->params);
    version->params[which].value = rounded(value * factor);
    version->tried.rule.params = version->params;
    (void)number_format_digits(number, value, 9);
    (void)snprintf(version->was, sizeof version->was, "%s", number);
    (void)number_format_digits(number, version->params[which].value, 9);
    (void)snprintf(version->change, sizeof version->change, "%.40s = %s",
                   rule->params[which].name, number);
}

size_t noise_versions(const struct rule_settings *rule, double noise,
                      struct noise_version versions[NOISE_VERSIONS_MAX])
{
    static const double factors[] = {1.1, 0.9, 1.25, 0.75};
    struct making making = {.rule = rule, .versions = versions};
    struct noise_version *itself = add_version(&making);

    (void)snprintf(itself->change, sizeof itself->change, "as it is");
    if (rule->highly_managed) /* nobody is to be told of a fire later */
        return making.count;
    add_delays(&making);
    add_deadband(&making, 3 * noise);
    add_deadband(&making, 6 * noise);
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
        for (size_t i = 0; i < rule->param_count && i < 3; i++)
            add_param(&making, i, factors[f]);
    return making.count;
}

void noise_versions_done(struct noise_version *versions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(versions[i].params);
}

/* ---- verdicts ---- */

/* The raises of one version that people would have been told of, by equipment and time.
 */
static struct raise *of_version(const struct raise *raises, size_t count, uint32_t which,
                                size_t *kept)
{
    struct raise *list = mem_array(count + 1, sizeof *list);

    *kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (raises[i].rule != which || raises[i].told.ns == 0)
            continue;
        list[*kept] = raises[i];
        list[(*kept)++].rule = 0;
    }
    return list;
}

static int64_t count_missed(const struct raise *own, size_t own_count,
                            const struct raise *left, size_t left_count,
                            struct wall_time to)
{
    size_t count;
    struct raise_pair *pairs = raise_compare(own, own_count, left, left_count, 0, &count);
    int64_t missed = 0;

    for (size_t i = 0; i < count; i++)
        if (pairs[i].kind == RAISE_ONLY_OLD &&
            (active_ms(pairs[i].old, to) >= NOISE_LONG_MS ||
             pairs[i].old->severity == SEVERITY_SERIOUS))
            missed++;
    mem_free(pairs);
    return missed;
}

static bool is_better(const struct noise_verdict *verdict,
                      const struct noise_verdict *best, int64_t all)
{
    bool good = best->spared * 100 >= all * NOISE_SPARED_GOOD_PERCENT;

    return verdict->missed == 0 &&
           verdict->spared * 100 >= all * NOISE_SPARED_MIN_PERCENT && !good &&
           verdict->spared > best->spared;
}

struct noise_verdict noise_judge(const struct raise *raises, size_t count,
                                 size_t version_count, struct wall_time to,
                                 struct noise_verdict verdicts[NOISE_VERSIONS_MAX])
{
    size_t own_count;
    struct raise *own = of_version(raises, count, 0, &own_count);
    struct noise_verdict best = {.told = (int64_t)own_count};

    verdicts[0] = best;
    for (size_t v = 1; v < version_count; v++) {
        size_t left_count;
        struct raise *left = of_version(raises, count, (uint32_t)v, &left_count);

        verdicts[v] = (struct noise_verdict){
            .version = v,
            .told = (int64_t)left_count,
            .spared = (int64_t)own_count - (int64_t)left_count,
            .missed = count_missed(own, own_count, left, left_count, to),
        };
        if (is_better(&verdicts[v], &best, (int64_t)own_count))
            best = verdicts[v];
        mem_free(left);
    }
    mem_free(own);
    return best;
}
