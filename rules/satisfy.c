/* satisfy.c - see satisfy.h.
 *
 * The search keeps a stack of goals that are still to be met and a stack of what is known
 * of terms. An "or" tries one side after the other and takes back what the first had
 * added. */
#include "rules/satisfy.h"

#include <string.h>

enum {
    PENDING_MAX = 64,  /* goals on the way; deeper trees are not judged */
    KNOWN_MAX = 64,    /* terms of all conditions */
    EXCLUDED_MAX = 24, /* values of one term that it is not */
};

struct goal {
    const struct ast *ast;
    uint16_t node;
    bool wanted;
    uint8_t source; /* a bit: whose goal */
};

/* What is left for a term, or for the difference of two. */
struct known {
    const struct ast *ast;
    uint16_t term;
    const struct ast *other_ast;
    uint16_t other; /* AST_NONE: the term alone */
    struct bounds left;
    bool low_open;
    bool high_open;
    double excluded[EXCLUDED_MAX];
    size_t excluded_count;
    uint8_t sources;
};

struct search {
    const struct bounds_scope *scope;
    struct goal goals[PENDING_MAX];
    size_t goal_count;
    struct known known[KNOWN_MAX];
    size_t known_count;
    size_t steps;
    bool all_shared; /* success needs every term of source 2 to be one of source 1 */
};

static bool solve(struct search *s);

/* ---- terms ---- */

static bool same_term(const struct ast *a, uint16_t x, const struct ast *b, uint16_t y)
{
    const struct ast_node *p = &a->nodes[x];
    const struct ast_node *q = &b->nodes[y];
    uint16_t i = p->first;
    uint16_t k = q->first;

    if (p->kind != q->kind || p->count != q->count || p->samples != q->samples ||
        p->number != q->number || p->ago_s != q->ago_s)
        return false;
    if ((p->kind == AST_UNARY || p->kind == AST_BINARY) && p->op != q->op)
        return false;
    if ((p->name == NULL) != (q->name == NULL) ||
        (p->name != NULL && strcmp(p->name, q->name) != 0))
        return false;
    for (; i != AST_NONE && k != AST_NONE; i = a->nodes[i].next, k = b->nodes[k].next)
        if (!same_term(a, i, b, k))
            return false;
    return i == k;
}

static bool same(const struct known *known, const struct known *wanted)
{
    if ((known->other == AST_NONE) != (wanted->other == AST_NONE))
        return false;
    return same_term(known->ast, known->term, wanted->ast, wanted->term) &&
           (known->other == AST_NONE ||
            same_term(known->other_ast, known->other, wanted->other_ast, wanted->other));
}

static bool is_excluded(const struct known *known, double value)
{
    for (size_t i = 0; i < known->excluded_count; i++)
        if (known->excluded[i] == value)
            return true;
    return false;
}

static bool within(const struct known *known, double value)
{
    return (known->low_open ? value > known->left.low : value >= known->left.low) &&
           (known->high_open ? value < known->left.high : value <= known->left.high) &&
           !is_excluded(known, value);
}

/* An interval is left, or a point that is not excluded. */
static bool is_empty(const struct known *known)
{
    if (known->left.low != known->left.high)
        return known->left.low > known->left.high;
    return !within(known, known->left.low);
}

static void narrow(struct known *known, enum token_kind op, double value)
{
    struct bounds *left = &known->left;
    bool below = op == TOKEN_LESS || op == TOKEN_LESS_EQUAL || op == TOKEN_EQUAL;
    bool above = op == TOKEN_GREATER || op == TOKEN_GREATER_EQUAL || op == TOKEN_EQUAL;

    if (op == TOKEN_NOT_EQUAL) {
        if (known->excluded_count < EXCLUDED_MAX)
            known->excluded[known->excluded_count++] = value;
        return;
    }
    if (below && (value < left->high || (value == left->high && op == TOKEN_LESS))) {
        left->high = value;
        known->high_open = op == TOKEN_LESS;
    }
    if (above && (value > left->low || (value == left->low && op == TOKEN_GREATER))) {
        left->low = value;
        known->low_open = op == TOKEN_GREATER;
    }
}

/* ---- what becomes known ---- */

/* Success: with `all_shared`, nothing that only the second condition speaks of. */
static bool is_shared(const struct search *s)
{
    for (size_t i = 0; s->all_shared && i < s->known_count; i++)
        if ((s->known[i].sources & 1) == 0)
            return false;
    return true;
}

/* Adds that term (or difference) `op` value, and goes on. */
static bool assume(struct search *s, struct known term, enum token_kind op, double value)
{
    size_t at = 0;
    size_t count = s->known_count;
    struct known before;
    bool found;

    while (at < count && !same(&s->known[at], &term))
        at++;
    if (at == KNOWN_MAX)
        return true; /* not judged */
    before = at < count ? s->known[at] : term;
    s->known[at] = before;
    s->known[at].sources |= term.sources;
    s->known_count = at < count ? count : count + 1;
    narrow(&s->known[at], op, value);
    found = !is_empty(&s->known[at]) && solve(s);
    s->known_count = count;
    if (at < count)
        s->known[at] = before;
    return found;
}

static enum token_kind mirrored(enum token_kind op)
{
    switch ((int)op) {
    case TOKEN_LESS:
        return TOKEN_GREATER;
    case TOKEN_LESS_EQUAL:
        return TOKEN_GREATER_EQUAL;
    case TOKEN_GREATER:
        return TOKEN_LESS;
    case TOKEN_GREATER_EQUAL:
        return TOKEN_LESS_EQUAL;
    default:
        return op;
    }
}

static enum token_kind opposite(enum token_kind op)
{
    switch ((int)op) {
    case TOKEN_LESS:
        return TOKEN_GREATER_EQUAL;
    case TOKEN_LESS_EQUAL:
        return TOKEN_GREATER;
    case TOKEN_GREATER:
        return TOKEN_LESS_EQUAL;
    case TOKEN_GREATER_EQUAL:
        return TOKEN_LESS;
    case TOKEN_EQUAL:
        return TOKEN_NOT_EQUAL;
    default:
        return TOKEN_EQUAL;
    }
}

static struct known term_of(const struct search *s, const struct goal *goal,
                            uint16_t node)
{
    return (struct known){
        .ast = goal->ast,
        .term = node,
        .other = AST_NONE,
        .left = bounds_of(s->scope, goal->ast, node),
        .sources = goal->source,
    };
}

/* A term beside something that has one value only, or the difference of two terms. */
static bool compare(struct search *s, const struct goal *goal, uint16_t left,
                    uint16_t right, enum token_kind op)
{
    struct bounds a = bounds_of(s->scope, goal->ast, left);
    struct bounds b = bounds_of(s->scope, goal->ast, right);
    struct known pair;

    if (bounds_are_one(b))
        return assume(s, term_of(s, goal, left), op, b.low);
    if (bounds_are_one(a))
        return assume(s, term_of(s, goal, right), mirrored(op), a.low);
    pair = term_of(s, goal, left);
    pair.other_ast = goal->ast;
    pair.other = right;
    pair.left = (struct bounds){a.low - b.high, a.high - b.low};
    if (isnan(pair.left.low) || isnan(pair.left.high))
        pair.left = (struct bounds){-INFINITY, INFINITY};
    return assume(s, pair, op, 0);
}

/* Truths of these types are not numbers. */
static bool is_condition(const struct ast_node *node)
{
    return node->type == EXPR_BOOL || node->type == EXPR_STRING;
}

static bool meet_comparison(struct search *s, const struct goal *goal)
{
    const struct ast_node *node = &goal->ast->nodes[goal->node];
    uint16_t left = node->first;
    uint16_t right = goal->ast->nodes[left].next;
    struct known whole;

    if (!is_condition(&goal->ast->nodes[left]) && !is_condition(&goal->ast->nodes[right]))
        return compare(s, goal, left, right,
                       goal->wanted ? node->op : opposite(node->op));
    whole = term_of(s, goal, goal->node);
    whole.left = (struct bounds){0, 1};
    return assume(s, whole, TOKEN_EQUAL, goal->wanted ? 1 : 0);
}

/* ---- the search ---- */

static bool push(struct search *s, const struct goal *from, uint16_t node, bool wanted)
{
    if (s->goal_count == PENDING_MAX)
        return false;
    s->goals[s->goal_count++] = (struct goal){from->ast, node, wanted, from->source};
    return true;
}

/* Both sides, or one after the other. */
static bool meet_both(struct search *s, const struct goal *goal, uint16_t left,
                      uint16_t right)
{
    size_t count = s->goal_count;
    bool found = !push(s, goal, left, goal->wanted) ||
                 !push(s, goal, right, goal->wanted) || solve(s);

    s->goal_count = count;
    return found;
}

static bool meet_either(struct search *s, const struct goal *goal, uint16_t left,
                        uint16_t right)
{
    size_t count = s->goal_count;
    bool found = !push(s, goal, left, goal->wanted) || solve(s);

    s->goal_count = count;
    if (found)
        return true;
    found = !push(s, goal, right, goal->wanted) || solve(s);
    s->goal_count = count;
    return found;
}

/* held(b, W) is true only while b is. */
static bool meet_call(struct search *s, const struct goal *goal)
{
    const struct ast_node *node = &goal->ast->nodes[goal->node];
    struct known whole = term_of(s, goal, goal->node);
    size_t count = s->goal_count;
    bool found;

    whole.left = (struct bounds){0, 1};
    if (goal->wanted && strcmp(node->name, "held") == 0)
        (void)push(s, goal, node->first, true);
    found = assume(s, whole, TOKEN_EQUAL, goal->wanted ? 1 : 0);
    s->goal_count = count;
    return found;
}

static bool meet_binary(struct search *s, const struct goal *goal)
{
    const struct ast_node *node = &goal->ast->nodes[goal->node];
    uint16_t right = goal->ast->nodes[node->first].next;

    if (node->op != TOKEN_AND && node->op != TOKEN_OR)
        return meet_comparison(s, goal);
    if ((node->op == TOKEN_AND) == goal->wanted)
        return meet_both(s, goal, node->first, right);
    return meet_either(s, goal, node->first, right);
}

static bool meet(struct search *s, const struct goal *goal)
{
    const struct ast_node *node = &goal->ast->nodes[goal->node];
    size_t count = s->goal_count;
    struct known whole;
    bool found;

    switch (node->kind) {
    case AST_BOOL:
        return (node->number != 0) == goal->wanted && solve(s);
    case AST_UNKNOWN:
        return false; /* neither true nor false, ever */
    case AST_UNARY:
        found = !push(s, goal, node->first, !goal->wanted) || solve(s);
        s->goal_count = count;
        return found;
    case AST_BINARY:
        return meet_binary(s, goal);
    case AST_CALL:
        return meet_call(s, goal);
    case AST_POINT:
    case AST_PARAM:
    case AST_NUMBER:
    case AST_DURATION:
    case AST_STRING:
    case AST_WINDOW:
        break;
    }
    whole = term_of(s, goal, goal->node);
    whole.left = (struct bounds){0, 1};
    return assume(s, whole, TOKEN_EQUAL, goal->wanted ? 1 : 0);
}

/* Meets the last goal and with it all others. */
static bool solve(struct search *s)
{
    struct goal goal;
    bool found;

    if (++s->steps > SATISFY_STEPS_MAX)
        return true;
    if (s->goal_count == 0)
        return is_shared(s);
    goal = s->goals[--s->goal_count];
    found = meet(s, &goal);
    s->goals[s->goal_count++] = goal;
    return found;
}

bool satisfy_possible(const struct bounds_scope *scope, const struct satisfy_goal *goals,
                      size_t count)
{
    struct search s = {.scope = scope};

    for (size_t i = 0; i < count && i < SATISFY_GOALS_MAX; i++)
        s.goals[s.goal_count++] =
            (struct goal){goals[i].ast, goals[i].ast->root, goals[i].wanted, 1};
    return solve(&s);
}

bool satisfy_overlap(const struct bounds_scope *scope, const struct ast *first,
                     const struct ast *second)
{
    struct search s = {.scope = scope, .all_shared = true};

    s.goals[s.goal_count++] = (struct goal){second, second->root, true, 2};
    s.goals[s.goal_count++] = (struct goal){first, first->root, true, 1};
    return solve(&s) && s.steps <= SATISFY_STEPS_MAX;
}
