/* reference_eval.c - expressions, term by term; see reference.h. */
#include "tests/unit/reference.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
    ARGS_MAX = 16,
};

static struct value eval(struct reference *ref, const struct ref_ask *ask,
                         uint16_t index);

/* ---- names ---- */

static const struct equipment *related(const struct reference *ref,
                                       const struct equipment *equipment,
                                       const char *relation, size_t length)
{
    const struct model *model = ref->model;

    if (length == 4 && strncmp(relation, "link", 4) == 0)
        return &model->equipment[model->links[equipment->link].stand_in];
    for (size_t i = 0; i < equipment->relation_count; i++)
        if (strlen(equipment->relations[i].name) == length &&
            strncmp(equipment->relations[i].name, relation, length) == 0)
            return &model->equipment[equipment->relations[i].equipment[0]];
    return NULL;
}

static struct ref_series *series_of(struct reference *ref, const struct ref_ask *ask,
                                    const struct ast_node *node)
{
    const char *dot = strchr(node->name, '.');
    const struct equipment *equipment = ask->equipment;
    const struct point *point;

    if (dot != NULL)
        equipment = related(ref, equipment, node->name, (size_t)(dot - node->name));
    assert(equipment != NULL);
    point = model_point(ref->model, equipment, dot != NULL ? dot + 1 : node->name);
    assert(point != NULL);
    return &ref->series[point->index];
}

static struct value param(const struct ref_ask *ask, const char *name)
{
    for (size_t i = 0; i < ask->equipment->param_count; i++)
        if (strcmp(ask->equipment->params[i].name, name) == 0)
            return (struct value){ask->equipment->params[i].value, 0};
    for (size_t i = 0; i < ask->rule->param_count; i++)
        if (strcmp(ask->rule->params[i].name, name) == 0)
            return (struct value){ask->rule->params[i].value, 0};
    assert(false);
    return (struct value){0, 0};
}

/* ---- values ---- */

static struct value in_force(const struct reference *ref, const struct ref_series *series,
                             int64_t now_ns)
{
    const struct ref_reading *row = ref_in_force(series, now_ns);

    if (row == NULL)
        return value_unknown(ref_why(ref, series, now_ns));
    return (struct value){row->value, row->uncertain ? VALUE_UNCERTAIN : 0};
}

static bool unknown(struct value value)
{
    return (value.marks & WHY_ALL) != 0;
}

/* "Arithmetic and comparison with unknown give unknown"; the union of the reasons and
 * the mark of uncertainty travel with the result. */
static struct value computed(double number, struct value a, struct value b)
{
    uint32_t marks = a.marks | b.marks;

    if ((marks & WHY_ALL) != 0)
        return (struct value){0, marks};
    if (!isfinite(number))
        return (struct value){0, marks | WHY_RANGE};
    return (struct value){number, marks};
}

/* The table of `and`; `or` is its mirror image. What decides alone decides the marks. */
static struct value both(struct value a, struct value b, bool decides)
{
    bool a_decides = !unknown(a) && (a.number != 0) == decides;
    bool b_decides = !unknown(b) && (b.number != 0) == decides;

    if (a_decides && b_decides)
        return (struct value){decides, a.marks & b.marks};
    if (a_decides)
        return (struct value){decides, a.marks};
    if (b_decides)
        return (struct value){decides, b.marks};
    return computed(!decides, a, b);
}

static struct value divided(const struct ast_node *node, struct value a, struct value b)
{
    if (!unknown(b) && b.number == 0)
        b = (struct value){0, b.marks | WHY_DIV0};
    if (node->op == TOKEN_SLASH)
        return computed(a.number / b.number, a, b);
    return computed(fmod(a.number, b.number), a, b);
}

static struct value binary(const struct ast_node *node, struct value a, struct value b)
{
    switch ((int)node->op) {
    case TOKEN_AND:
        return both(a, b, false);
    case TOKEN_OR:
        return both(a, b, true);
    case TOKEN_PLUS:
        return computed(a.number + b.number, a, b);
    case TOKEN_MINUS:
        return computed(a.number - b.number, a, b);
    case TOKEN_STAR:
        return computed(a.number * b.number, a, b);
    case TOKEN_LESS:
        return computed(a.number < b.number, a, b);
    case TOKEN_LESS_EQUAL:
        return computed(a.number <= b.number, a, b);
    case TOKEN_GREATER:
        return computed(a.number > b.number, a, b);
    case TOKEN_GREATER_EQUAL:
        return computed(a.number >= b.number, a, b);
    case TOKEN_EQUAL:
        return computed(a.number == b.number, a, b);
    case TOKEN_NOT_EQUAL:
        return computed(a.number != b.number, a, b);
    default:
        return divided(node, a, b);
    }
}

/* ---- functions of values ---- */

static struct value fold(const struct value *args, size_t count, bool greatest)
{
    struct value found = args[0];

    for (size_t i = 1; i < count; i++) {
        double number = greatest ? fmax(found.number, args[i].number)
                                 : fmin(found.number, args[i].number);

        found = computed(number, found, args[i]);
    }
    return found;
}

static struct value all_of(double number, const struct value *args, size_t count)
{
    struct value out = computed(number, args[0], args[0]);

    for (size_t i = 1; i < count; i++)
        out = computed(number, out, args[i]);
    return out;
}

static struct value choose(struct value c, struct value a, struct value b)
{
    struct value chosen = c.number != 0 ? a : b;

    if (!unknown(c))
        return computed(chosen.number, c, chosen);
    if (!unknown(a) && !unknown(b) && a.number == b.number)
        return computed(a.number, a, b);
    return (struct value){0, c.marks | a.marks | b.marks};
}

static double rounded(double number, double digits)
{
    double scale = pow(10, digits);

    return isfinite(number * scale) ? round(number * scale) / scale : number;
}

static double poisson_limit(double mean, double q);

static bool call_plain(const char *name, const struct value *v, size_t count,
                       struct value *out)
{
    if (strcmp(name, "abs") == 0)
        *out = all_of(fabs(v[0].number), v, 1);
    else if (strcmp(name, "sqrt") == 0)
        *out = all_of(sqrt(v[0].number), v, 1);
    else if (strcmp(name, "poisson_limit") == 0)
        *out = all_of(poisson_limit(v[0].number, v[1].number), v, 2);
    else if (strcmp(name, "round") == 0)
        *out = all_of(rounded(v[0].number, count > 1 ? v[1].number : 0), v, count);
    else if (strcmp(name, "minof") == 0)
        *out = fold(v, count, false);
    else if (strcmp(name, "maxof") == 0)
        *out = fold(v, count, true);
    else if (strcmp(name, "if") == 0)
        *out = choose(v[0], v[1], v[2]);
    else if (strcmp(name, "near") == 0)
        *out = all_of(fabs(v[0].number - v[1].number) <= v[2].number, v, 3);
    else if (strcmp(name, "clamp") == 0)
        *out = all_of(fmin(fmax(v[0].number, v[1].number), v[2].number), v, 3);
    else if (strcmp(name, "inside") == 0)
        *out = all_of(v[0].number >= v[1].number && v[0].number <= v[2].number, v, 3);
    else if (strcmp(name, "outside") == 0)
        *out = all_of(v[0].number < v[1].number || v[0].number > v[2].number, v, 3);
    else
        return false;
    return true;
}

/* ---- functions of one point ---- */

static const struct ref_reading *newest_good(const struct ref_series *series)
{
    for (size_t i = series->count; i > 0; i--)
        if (!series->rows[i - 1].gap)
            return &series->rows[i - 1];
    return NULL;
}

static struct value prev(const struct reference *ref, const struct ref_series *series,
                         const struct ref_ask *ask, unsigned back)
{
    if (ref_in_force(series, ask->now_ns) == NULL)
        return value_unknown(ref_why(ref, series, ask->now_ns));
    for (size_t i = series->count; i > 0; i--) {
        const struct ref_reading *row = &series->rows[i - 1];

        if (row->gap)
            continue;
        if (back-- == 0)
            return (struct value){row->value, row->uncertain ? VALUE_UNCERTAIN : 0};
    }
    return value_unknown(WHY_STARTUP);
}

/* How long values have been in force since the first, as far as `enough`. */
static double covered_s(const struct ref_series *series, int64_t now_ns, double enough)
{
    double sum = 0;

    for (size_t i = 0; i < series->count && sum < enough; i++) {
        const struct ref_reading *row = &series->rows[i];
        int64_t until = ref_until(series, row);

        if (!row->gap)
            sum += (double)((until < now_ns ? until : now_ns) - row->time_ns) / 1e9;
    }
    return sum;
}

/* e += (1 - exp(-dt / tau)) (v - e), reading by reading as they came in order. What is
 * older than 150 tau weighs less than the last digit, even of a misread 3.4e38. */
static double forgetting_mean(const struct ref_series *series, int64_t now_ns,
                              double tau_s)
{
    const struct ref_reading *before = NULL;
    size_t first = series->count;
    double mean = 0;

    while (first > 0 &&
           (double)(now_ns - series->rows[first - 1].time_ns) / 1e9 < 150 * tau_s)
        first--;
    for (size_t i = first - (first > 0); i < series->count; i++) {
        const struct ref_reading *row = &series->rows[i];

        if (!row->read || row->behind)
            continue;
        if (before == NULL)
            mean = row->in_order;
        else
            mean += (1 - exp((double)(before->time_ns - row->time_ns) / 1e9 / tau_s)) *
                    (row->in_order - mean);
        before = row;
    }
    return mean;
}

static struct value ewma(const struct reference *ref, const struct ref_series *series,
                         const struct ref_ask *ask, double tau_s)
{
    struct value now = in_force(ref, series, ask->now_ns);
    double enough = ask->min_cover * tau_s;

    if ((now.marks & WHY_ALL) == 0 && covered_s(series, ask->now_ns, enough) < enough)
        return value_unknown((double)(ask->now_ns - ref->start_ns) / 1e9 < tau_s
                                 ? WHY_STARTUP
                                 : WHY_COVERAGE);
    return computed(forgetting_mean(series, ask->now_ns, tau_s), now, now);
}

static struct value nodata(const struct reference *ref, const struct ref_series *series,
                           const struct ref_ask *ask, double seconds)
{
    int64_t from_ns = ask->now_ns - (int64_t)llround(seconds * 1e9);

    if (series->heard && series->heard_ns > from_ns)
        return (struct value){0, 0};
    if (from_ns < ref->start_ns)
        return value_unknown(WHY_STARTUP);
    return (struct value){1, 0};
}

static struct value age(const struct reference *ref, const struct ref_series *series,
                        const struct ref_ask *ask)
{
    const struct ref_reading *row = newest_good(series);
    int64_t since = row == NULL ? ref->start_ns : row->time_ns;

    return (struct value){(double)(ask->now_ns - since) / 1e9, 0};
}

/* The last value that was read, however old. */
static struct value raw(const struct reference *ref, const struct ref_series *series)
{
    const struct ref_reading *row = newest_good(series);

    if (row == NULL)
        return value_unknown(ref_why(ref, series, ref->start_ns));
    return (struct value){row->value, row->uncertain ? VALUE_UNCERTAIN : 0};
}

static bool stale(const struct reference *ref, const struct ref_series *series,
                  const struct ref_ask *ask)
{
    const struct ref_reading *row = newest_good(series);
    int64_t since = row == NULL ? ref->start_ns : row->time_ns;

    return series->point->stale_after_ms > 0 &&
           ask->now_ns - since > series->point->stale_after_ms * CLOCK_MS;
}

static bool too_old(const struct ref_series *series, const struct ref_ask *ask)
{
    return series->quality != QUALITY_BAD && ref_in_force(series, ask->now_ns) == NULL;
}

static double quality(const struct ref_series *series, const struct ref_ask *ask)
{
    return too_old(series, ask) ? QUALITY_BAD : series->quality;
}

static double reason(const struct ref_series *series, const struct ref_ask *ask)
{
    return too_old(series, ask) ? REASON_STALE : series->reason;
}

static bool call_point(const struct reference *ref, const struct ref_ask *ask,
                       const char *name, const struct ref_series *series, double argument,
                       struct value *out)
{
    if (strcmp(name, "last") == 0)
        *out = in_force(ref, series, ask->now_ns);
    else if (strcmp(name, "prev") == 0)
        *out = prev(ref, series, ask, (unsigned)argument);
    else if (strcmp(name, "ewma") == 0)
        *out = ewma(ref, series, ask, argument);
    else if (strcmp(name, "nodata") == 0)
        *out = nodata(ref, series, ask, argument);
    else if (strcmp(name, "raw") == 0)
        *out = raw(ref, series);
    else if (strcmp(name, "age") == 0)
        *out = age(ref, series, ask);
    else if (strcmp(name, "good") == 0)
        *out = (struct value){!unknown(in_force(ref, series, ask->now_ns)) &&
                                  series->quality != QUALITY_BAD,
                              0};
    else if (strcmp(name, "bad") == 0)
        *out = (struct value){series->heard && series->quality == QUALITY_BAD, 0};
    else if (strcmp(name, "stale") == 0)
        *out = (struct value){stale(ref, series, ask), 0};
    else if (strcmp(name, "quality") == 0)
        *out = (struct value){quality(series, ask), 0};
    else if (strcmp(name, "reason") == 0)
        *out = (struct value){reason(series, ask), 0};
    else
        return false;
    return true;
}

/* ---- truths over time ---- */

static bool is_truth(const char *name)
{
    static const char *const names[] = {"held", "rises", "falls", "changes", "time_true"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Of a point: its readings. */
static struct ref_span span_of_point(const struct ref_window *window)
{
    const struct ref_series *series = window->series;
    const struct ref_reading *row = window->left != NULL ? window->left : window->in;
    struct ref_span span = {.now = TRUTH_UNKNOWN};
    const struct ref_reading *before = NULL;

    /* The last n readings begin with the first of them. */
    for (const struct ref_reading *old = window->in; before == NULL && old > series->rows;
         old--)
        if (!old[-1].gap && window->samples == 0)
            before = old - 1;
    for (; row < window->in + window->in_count; row++) {
        int64_t from = row->time_ns > window->from_ns ? row->time_ns : window->from_ns;
        int64_t until = ref_until(series, row);
        int64_t ns;

        until = until > window->to_ns ? window->to_ns : until;
        ns = until > from ? until - from : 0;
        if (row->gap)
            continue;
        span.uncertain = span.uncertain || row->uncertain;
        span.known_ns += ns;
        span.true_ns += row->value != 0 ? ns : 0;
        /* The instant of the left edge is as good as inside. */
        span.any_false =
            span.any_false || (row->value == 0 && (ns > 0 || row == window->left));
        if (row < window->in)
            continue;
        span.rises += before != NULL && before->value == 0 && row->value != 0;
        span.falls += before != NULL && before->value != 0 && row->value == 0;
        before = row;
    }
    if (window->right != NULL)
        span.now = window->right->value != 0 ? TRUTH_TRUE : TRUTH_FALSE;
    return span;
}

static struct ref_truth *truth_of(struct reference *ref, const struct ref_ask *ask,
                                  const struct ast_node *node)
{
    struct ref_truth *truth;

    for (size_t i = 0; i < ref->truth_count; i++)
        if (ref->truths[i].node == node && ref->truths[i].equipment == ask->equipment)
            return &ref->truths[i];
    ref->truths = mem_resize(ref->truths, ref->truth_count + 1, sizeof *ref->truths);
    truth = &ref->truths[ref->truth_count++];
    *truth = (struct ref_truth){.node = node, .equipment = ask->equipment};
    return truth;
}

static void note_truth(struct ref_truth *truth, int64_t now_ns, enum truth now)
{
    if (truth->count > 0 && truth->moments[truth->count - 1].time_ns == now_ns)
        truth->count--;
    if (truth->count == truth->room) {
        truth->room = truth->room == 0 ? 64 : truth->room * 2;
        truth->moments = mem_resize(truth->moments, truth->room, sizeof *truth->moments);
    }
    truth->moments[truth->count].time_ns = now_ns;
    truth->moments[truth->count].truth = now;
    truth->count++;
}

/* Of a condition: what it came to each time that it was evaluated, and until the next. */
static struct ref_span span_of_truth(const struct ref_truth *truth, int64_t now_ns,
                                     int64_t length_ns, enum truth now)
{
    struct ref_span span = {.now = now};
    enum truth before = TRUTH_UNKNOWN;
    int64_t from_ns = now_ns - length_ns;

    for (size_t i = 0; i < truth->count; i++) {
        const struct ref_moment *moment = &truth->moments[i];
        int64_t from = moment->time_ns > from_ns ? moment->time_ns : from_ns;
        int64_t until = i + 1 < truth->count ? moment[1].time_ns : now_ns;

        if (moment->truth == TRUTH_UNKNOWN)
            continue;
        if (until > from) {
            span.known_ns += until - from;
            span.true_ns += moment->truth == TRUTH_TRUE ? until - from : 0;
            span.any_false = span.any_false || moment->truth == TRUTH_FALSE;
        }
        if (moment->time_ns > from_ns) {
            span.rises += before == TRUTH_FALSE && moment->truth == TRUTH_TRUE;
            span.falls += before == TRUTH_TRUE && moment->truth == TRUTH_FALSE;
        }
        before = moment->truth;
    }
    return span;
}

/* What was false once was not held, whatever else is not known. */
static bool decided(const char *name, const struct ref_span *span)
{
    return strcmp(name, "held") == 0 && (span->any_false || span->now == TRUTH_FALSE);
}

static struct value call_truth(struct reference *ref, const struct ref_ask *ask,
                               const struct ast_node *call)
{
    const struct ast_node *first = &ask->ast->nodes[call->first];
    const struct ast_node *window_node = &ask->ast->nodes[first->next];
    int64_t length_ns = (int64_t)llround(window_node->number * 1e9);
    struct ref_span span;
    uint32_t why;

    if (first->kind == AST_POINT) {
        struct ref_series *series = series_of(ref, ask, first);
        struct ref_window window;

        ref_window(&window, ref, series, window_node, ask->now_ns);
        span = span_of_point(&window);
        if (ask->slack != NULL)
            ask->slack[call - ask->ast->nodes] = ref_slack(ask, call->name, &window, 0);
        length_ns = window_node->samples > 0 ? 0 : window.to_ns - window.from_ns;
        span.before = window.before;
        span.past = window.past;
        why = span.now == TRUTH_UNKNOWN ? ref_why(ref, series, ask->now_ns) : 0;
        if (window_node->samples > 0 && !decided(call->name, &span)) {
            if ((double)window.count < ask->min_cover * window_node->samples)
                why |= WHY_COVERAGE;
            if (why != 0)
                return value_unknown(why);
        }
    } else {
        struct value now = eval(ref, ask, call->first);
        struct ref_truth *truth = truth_of(ref, ask, call);

        if (!ask->peek)
            note_truth(truth, ask->now_ns, value_truth(now));
        span = span_of_truth(truth, ask->now_ns, length_ns, value_truth(now));
        span.uncertain = (now.marks & VALUE_UNCERTAIN) != 0;
        span.before = ask->now_ns - length_ns < ref->start_ns;
        why = now.marks & WHY_ALL;
    }
    return ref_call_truth(ask, call->name, &span, length_ns, why);
}

/* ---- groups ---- */

/* The n-th member of a relation or a configured group without the equipment itself. */
static const struct equipment *member(const struct reference *ref,
                                      const struct equipment *equipment, const char *name,
                                      size_t n)
{
    const struct model_group *group = model_group(ref->model, name);
    const struct relation *relation = model_relation(equipment, name);
    const uint32_t *list = relation != NULL ? relation->equipment : group->equipment;
    size_t count = relation != NULL ? relation->count : group->count;

    for (size_t i = 0; i < count; i++)
        if (list[i] != equipment->index && n-- == 0)
            return &ref->model->equipment[list[i]];
    return NULL;
}

struct sum {
    size_t members;
    size_t known;
    size_t truths;
    double sum;
    double min;
    double max;
    uint32_t marks;
};

static void add_member(struct sum *sum, struct value value)
{
    sum->members++;
    sum->marks |= value.marks;
    if (unknown(value))
        return;
    sum->min = sum->known == 0 ? value.number : fmin(sum->min, value.number);
    sum->max = sum->known == 0 ? value.number : fmax(sum->max, value.number);
    sum->known++;
    sum->truths += value.number != 0;
    sum->sum += value.number;
}

static struct value call_group(struct reference *ref, const struct ref_ask *ask,
                               const struct ast_node *call)
{
    const struct ast_node *first = &ask->ast->nodes[call->first];
    const struct equipment *equipment;
    struct sum sum = {0};
    double number;

    for (size_t i = 0; (equipment = member(ref, ask->equipment, first->name, i)) != NULL;
         i++) {
        struct ref_ask inner = *ask;

        inner.equipment = equipment;
        inner.trace = NULL;
        inner.slack = NULL;
        add_member(&sum, first->next == AST_NONE ? (struct value){0, 0}
                                                 : eval(ref, &inner, first->next));
    }
    if (strcmp(call->name, "gsize") == 0)
        return (struct value){(double)sum.members, 0};
    if (sum.members == 0 && strcmp(call->name, "gcount") != 0)
        return value_unknown(WHY_CONFIG);
    if ((double)sum.known < ask->min_cover * (double)sum.members)
        return value_unknown(sum.marks);
    if (sum.known < sum.members)
        sum.marks = VALUE_UNCERTAIN;
    if (strcmp(call->name, "gsum") == 0)
        number = sum.sum;
    else if (strcmp(call->name, "gcount") == 0)
        number = (double)sum.truths;
    else if (strcmp(call->name, "gavg") == 0)
        number = sum.sum / (double)sum.known;
    else
        number = strcmp(call->name, "gmin") == 0 ? sum.min : sum.max;
    return (struct value){number, sum.marks & VALUE_UNCERTAIN};
}

/* ---- the calendar ---- */

static int minute_of(const char *text)
{
    return ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] -
           '0';
}

static struct value within(const struct reference *ref, const struct ref_ask *ask,
                           const struct ast_node *first)
{
    struct local_time local = tz_local(ref->tz, ask->wall);
    int now = local.hour * 60 + local.minute;
    int from = minute_of(first->name);
    int to = minute_of(ask->ast->nodes[first->next].name);
    bool inside = from <= to ? now >= from && now < to : now >= from || now < to;

    return (struct value){inside, 0};
}

/* ---- of the past ---- */

static const struct ast_node *argument(const struct ref_ask *ask,
                                       const struct ast_node *call, unsigned n)
{
    const struct ast_node *node = &ask->ast->nodes[call->first];

    while (n-- > 0)
        node = &ask->ast->nodes[node->next];
    return node;
}

static struct value call_nights(struct reference *ref, const struct ref_ask *ask,
                                const struct ast_node *call)
{
    const struct ref_nights spec = {
        .length_ns = (int64_t)llround(argument(ask, call, 1)->number * 1e9),
        .from_min = minute_of(argument(ask, call, 2)->name),
        .to_min = minute_of(argument(ask, call, 3)->name),
        .count = (unsigned)argument(ask, call, 4)->number,
        .quantile = argument(ask, call, 5)->number,
    };

    return ref_call_nights(ref, ask, series_of(ref, ask, argument(ask, call, 0)), &spec);
}

static struct value call_weeks(struct reference *ref, const struct ref_ask *ask,
                               const struct ast_node *call)
{
    const struct ref_series *series = series_of(ref, ask, argument(ask, call, 0));
    const struct ast_node *length = argument(ask, call, 1);
    struct ref_window window;
    struct value now = {0, 0};

    ref_window(&window, ref, series, length, ask->now_ns);
    (void)ref_call_window(ref, ask, "avg", &window, 0, &now);
    return ref_call_weeks(ref, ask, call->name, series,
                          (int64_t)llround(length->number * 1e9),
                          (unsigned)argument(ask, call, 2)->number, now);
}

/* The least k with P(X >= k) < q, X being Poisson distributed. */
static double poisson_limit(double mean, double q)
{
    double below = 0;
    double term = exp(-mean);
    double k = 0;

    if (mean > 10000) /* nobody counts so far */
        return INFINITY;
    while (1 - below >= q) {
        below += term;
        k++;
        term *= mean / k;
    }
    return k;
}

/* ---- everything ---- */

static struct value call(struct reference *ref, const struct ref_ask *ask,
                         const struct ast_node *node)
{
    const struct ast_node *first =
        node->first == AST_NONE ? NULL : &ask->ast->nodes[node->first];
    struct value args[ARGS_MAX];
    struct value out;
    size_t count = 0;

    if (is_truth(node->name))
        return call_truth(ref, ask, node);
    if (strcmp(node->name, "within") == 0)
        return within(ref, ask, first);
    if (ref_call_calendar(ref, ask, node->name,
                          node->first == AST_NONE ? NULL : first->name, &out))
        return out;
    if (strcmp(node->name, "nights") == 0)
        return call_nights(ref, ask, node);
    if (strcmp(node->name, "baseline") == 0 || strcmp(node->name, "zscore") == 0)
        return call_weeks(ref, ask, node);
    if (node->name[0] == 'g' && first->kind == AST_STRING)
        return call_group(ref, ask, node);
    if (first->kind == AST_POINT && first->next != AST_NONE &&
        ask->ast->nodes[first->next].kind == AST_WINDOW) {
        const struct ast_node *window_node = &ask->ast->nodes[first->next];
        struct ref_window window;
        double argument = 0;

        if (window_node->next != AST_NONE)
            argument = eval(ref, ask, window_node->next).number;
        ref_window(&window, ref, series_of(ref, ask, first), window_node, ask->now_ns);
        if (ask->slack != NULL)
            ask->slack[node - ask->ast->nodes] =
                ref_slack(ask, node->name, &window, argument);
        if (ref_call_window(ref, ask, node->name, &window, argument, &out))
            return out;
    }
    for (uint16_t i = node->first; i != AST_NONE; i = ask->ast->nodes[i].next)
        args[count++] = eval(ref, ask, i);
    if (call_plain(node->name, args, count, &out))
        return out;
    if (!call_point(ref, ask, node->name, series_of(ref, ask, first),
                    count > 1 ? args[1].number : 1, &out))
        assert(false);
    return out;
}

static struct value unary(const struct ast_node *node, struct value a)
{
    if (node->op == TOKEN_NOT)
        return computed(a.number == 0, a, a);
    return computed(-a.number, a, a);
}

static struct value term(struct reference *ref, const struct ref_ask *ask,
                         const struct ast_node *node)
{
    switch (node->kind) {
    case AST_NUMBER:
    case AST_DURATION:
    case AST_BOOL:
    case AST_WINDOW: /* a plain duration, as of nodata */
        return (struct value){node->number, 0};
    case AST_STRING:
        return (struct value){node->code, 0};
    case AST_UNKNOWN:
        return value_unknown(WHY_CONFIG);
    case AST_POINT:
        return in_force(ref, series_of(ref, ask, node), ask->now_ns);
    case AST_PARAM:
        return param(ask, node->name);
    case AST_UNARY:
        return unary(node, eval(ref, ask, node->first));
    case AST_BINARY:
        return binary(node, eval(ref, ask, node->first),
                      eval(ref, ask, ask->ast->nodes[node->first].next));
    case AST_CALL:
        return call(ref, ask, node);
    }
    assert(false);
    return (struct value){0, 0};
}

static struct value eval(struct reference *ref, const struct ref_ask *ask, uint16_t index)
{
    struct value value = term(ref, ask, &ask->ast->nodes[index]);

    if (ask->trace != NULL)
        ask->trace[index] = value;
    return value;
}

struct value ref_eval(struct reference *ref, const struct ref_ask *ask)
{
    return eval(ref, ask, ask->ast->root);
}
