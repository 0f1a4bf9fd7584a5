/* reference_truth.c - held, rises and their like, of points and of conditions; see
 * reference.h. */
#include "tests/unit/reference.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

bool ref_is_truth(const char *name)
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

static struct value what_it_says(const struct ref_ask *ask, const char *name,
                                 const struct ref_span *span, int64_t length_ns,
                                 uint32_t why)
{
    uint32_t mark = span->uncertain ? VALUE_UNCERTAIN : 0;
    bool enough =
        length_ns == 0 || (double)span->known_ns / (double)length_ns >= ask->min_cover;
    uint32_t reasons = span->before ? WHY_STARTUP : WHY_COVERAGE;

    if (strcmp(name, "held") == 0) {
        if (span->any_false || span->now == TRUTH_FALSE)
            return (struct value){0, mark};
        if (span->now == TRUTH_UNKNOWN)
            return value_unknown(enough ? why : why | reasons);
        return enough ? (struct value){1, mark} : value_unknown(reasons);
    }
    if (!enough || (span->now == TRUTH_UNKNOWN && !span->past))
        return value_unknown(why | (enough ? 0 : reasons));
    if (strcmp(name, "rises") == 0)
        return (struct value){span->rises, mark};
    if (strcmp(name, "falls") == 0)
        return (struct value){span->falls, mark};
    if (strcmp(name, "changes") == 0)
        return (struct value){span->rises + span->falls, mark};
    assert(strcmp(name, "time_true") == 0);
    return (struct value){(double)span->true_ns / 1e9, mark};
}

/* What was false once was not held, whatever else is not known. */
static bool decided(const char *name, const struct ref_span *span)
{
    return strcmp(name, "held") == 0 && (span->any_false || span->now == TRUTH_FALSE);
}

struct value ref_call_truth(struct reference *ref, const struct ref_ask *ask,
                            const struct ast_node *call)
{
    const struct ast_node *first = &ask->ast->nodes[call->first];
    const struct ast_node *window_node = &ask->ast->nodes[first->next];
    int64_t length_ns = (int64_t)llround(window_node->number * 1e9);
    struct ref_span span;
    uint32_t why;

    if (first->kind == AST_POINT) {
        struct ref_series *series = ref_series_of(ref, ask, first);
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
        struct value now = ref_term(ref, ask, call->first);
        struct ref_truth *truth = truth_of(ref, ask, call);

        if (!ask->peek)
            note_truth(truth, ask->now_ns, value_truth(now));
        span = span_of_truth(truth, ask->now_ns, length_ns, value_truth(now));
        span.uncertain = (now.marks & VALUE_UNCERTAIN) != 0;
        span.before = ask->now_ns - length_ns < ref->start_ns;
        why = now.marks & WHY_ALL;
    }
    return what_it_says(ask, call->name, &span, length_ns, why);
}
