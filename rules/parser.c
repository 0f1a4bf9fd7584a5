/* parser.c - see parser.h. Recursive descent; every function returns the index of its
 * node or AST_NONE after it has said what is wrong. */
#include "rules/parser.h"

#include <stdio.h>
#include <string.h>

struct parser {
    struct lexer lexer;
    struct token token; /* the next one, not yet taken */
    struct ast *ast;
    struct diagnosis_sink *sink;
    unsigned depth;
};

static uint16_t expr(struct parser *p);

static void advance(struct parser *p)
{
    p->token = lexer_next(&p->lexer);
}

static struct span span_to(struct span from, struct span to)
{
    return (struct span){from.offset, to.offset + to.length - from.offset};
}

static uint16_t fail(struct parser *p, struct span span, const char *hint,
                     const char *what)
{
    diagnose(p->sink, "E302", span, hint, "%s", what);
    return AST_NONE;
}

/* The token cannot stand here. An error token has been explained by the lexer. */
static uint16_t unexpected(struct parser *p, const char *wanted)
{
    struct span span = p->token.span;

    if (p->token.kind == TOKEN_ERROR)
        return AST_NONE;
    if (p->token.kind == TOKEN_END)
        diagnose(p->sink, "E302", span, NULL, "the expression ends where %s is expected",
                 wanted);
    else
        diagnose(p->sink, "E302", span, NULL, "\"%.*s\" stands where %s is expected",
                 (int)(span.length > 60 ? 60 : span.length), p->ast->text + span.offset,
                 wanted);
    return AST_NONE;
}

static uint16_t add(struct parser *p, enum ast_kind kind, struct span at)
{
    uint16_t node = ast_add(p->ast, kind, at);

    if (node == AST_NONE)
        diagnose(p->sink, "E303", at, "split it into several rules",
                 "the expression has more than %d terms", AST_NODES_MAX);
    return node;
}

static bool enter(struct parser *p)
{
    if (p->depth == AST_DEPTH_MAX) {
        diagnose(p->sink, "E303", p->token.span, "split it into several rules",
                 "the expression is nested deeper than %d levels", AST_DEPTH_MAX);
        return false;
    }
    p->depth++;
    return true;
}

static uint16_t binary(struct parser *p, struct token op, uint16_t left, uint16_t right)
{
    struct ast_node *nodes = p->ast->nodes;
    uint16_t node;

    if (left == AST_NONE || right == AST_NONE)
        return AST_NONE;
    node = add(p, AST_BINARY, op.span);
    if (node == AST_NONE)
        return AST_NONE;
    nodes[node].op = op.kind;
    nodes[node].span = span_to(nodes[left].span, nodes[right].span);
    ast_append(p->ast, node, left);
    ast_append(p->ast, node, right);
    return node;
}

static uint16_t unary_node(struct parser *p, struct token op, uint16_t operand)
{
    struct ast_node *nodes = p->ast->nodes;
    uint16_t node;

    if (operand == AST_NONE)
        return AST_NONE;
    node = add(p, AST_UNARY, op.span);
    if (node == AST_NONE)
        return AST_NONE;
    nodes[node].op = op.kind;
    nodes[node].span = span_to(op.span, nodes[operand].span);
    ast_append(p->ast, node, operand);
    return node;
}

/* ( duration | "#" integer ) [ "ago" duration ], known to be one. */
static uint16_t window(struct parser *p)
{
    struct token token = p->token;
    uint16_t index = add(p, AST_WINDOW, token.span);
    struct ast_node *node;

    if (index == AST_NONE)
        return AST_NONE;
    node = &p->ast->nodes[index];
    if (token.kind == TOKEN_COUNT)
        node->samples = (uint32_t)token.number;
    else
        node->number = token.number;
    advance(p);
    if (p->token.kind != TOKEN_AGO)
        return index;
    advance(p);
    if (p->token.kind != TOKEN_DURATION)
        return unexpected(p, "a duration");
    node->ago_s = p->token.number;
    node->span = span_to(token.span, p->token.span);
    advance(p);
    return index;
}

/* A window is a lone duration or count; "2 * 5m" is an expression. */
static uint16_t argument(struct parser *p)
{
    struct lexer ahead = p->lexer;
    struct diagnosis_sink silent = {0};
    enum token_kind next;

    if (p->token.kind == TOKEN_COUNT)
        return window(p);
    if (p->token.kind != TOKEN_DURATION)
        return expr(p);
    ahead.sink = &silent;
    next = lexer_next(&ahead).kind;
    if (next == TOKEN_COMMA || next == TOKEN_CLOSE || next == TOKEN_AGO)
        return window(p);
    return expr(p);
}

static uint16_t call(struct parser *p, struct token name)
{
    uint16_t node = add(p, AST_CALL, name.span);

    if (node == AST_NONE)
        return AST_NONE;
    p->ast->nodes[node].name = ast_name(p->ast, name.span);
    advance(p); /* "(" */
    while (p->token.kind != TOKEN_CLOSE || p->ast->nodes[node].count > 0) {
        uint16_t arg = argument(p);

        if (arg == AST_NONE)
            return AST_NONE;
        if (p->ast->nodes[node].count == AST_ARGS_MAX)
            return fail(p, p->ast->nodes[arg].span, NULL, "too many arguments");
        ast_append(p->ast, node, arg);
        if (p->token.kind != TOKEN_COMMA)
            break;
        advance(p);
    }
    if (p->token.kind != TOKEN_CLOSE)
        return unexpected(p, "\",\" or \")\"");
    p->ast->nodes[node].span = span_to(name.span, p->token.span);
    advance(p);
    return node;
}

static uint16_t point(struct parser *p, struct token name)
{
    struct span last = name.span;
    struct span span;
    uint16_t node;

    while (p->token.kind == TOKEN_DOT) {
        advance(p);
        if (p->token.kind != TOKEN_NAME)
            return unexpected(p, "the name of a point");
        last = p->token.span;
        advance(p);
    }
    span = span_to(name.span, last);
    node = add(p, AST_POINT, span);
    if (node != AST_NONE)
        p->ast->nodes[node].name = ast_path(p->ast, span);
    return node;
}

static uint16_t name(struct parser *p)
{
    struct token token = p->token;

    advance(p);
    return p->token.kind == TOKEN_OPEN ? call(p, token) : point(p, token);
}

static uint16_t parenthesis(struct parser *p)
{
    struct token open = p->token;
    uint16_t node;

    advance(p);
    node = expr(p);
    if (node == AST_NONE)
        return AST_NONE;
    if (p->token.kind != TOKEN_CLOSE)
        return unexpected(p, "\")\"");
    p->ast->nodes[node].span = span_to(open.span, p->token.span);
    advance(p);
    return node;
}

/* "5 m": a number with a unit behind a blank. */
static uint16_t number(struct parser *p)
{
    struct token token = p->token;
    uint16_t node;

    advance(p);
    if (p->token.kind == TOKEN_NAME &&
        lexer_is_unit(p->ast->text + p->token.span.offset, p->token.span.length))
        return fail(p, span_to(token.span, p->token.span),
                    "no space between the number and its unit", "this is no duration");
    node = add(p, AST_NUMBER, token.span);
    if (node != AST_NONE)
        p->ast->nodes[node].number = token.number;
    return node;
}

static uint16_t literal(struct parser *p, enum ast_kind kind, double value)
{
    uint16_t node = add(p, kind, p->token.span);

    if (node != AST_NONE)
        p->ast->nodes[node].number = value;
    advance(p);
    return node;
}

/* A string or a parameter: `front` and `back` bytes of the token are not its name. */
static uint16_t named(struct parser *p, enum ast_kind kind, uint32_t front, uint32_t back)
{
    struct span span = p->token.span;
    uint16_t node = add(p, kind, span);

    if (node != AST_NONE)
        p->ast->nodes[node].name = ast_name(
            p->ast, (struct span){span.offset + front, span.length - front - back});
    advance(p);
    return node;
}

static uint16_t primary(struct parser *p)
{
    switch ((int)p->token.kind) {
    case TOKEN_NUMBER:
        return number(p);
    case TOKEN_DURATION:
        return literal(p, AST_DURATION, p->token.number);
    case TOKEN_STRING:
        return named(p, AST_STRING, 1, 1);
    case TOKEN_PARAM:
        return named(p, AST_PARAM, 1, 0);
    case TOKEN_TRUE:
        return literal(p, AST_BOOL, 1);
    case TOKEN_FALSE:
        return literal(p, AST_BOOL, 0);
    case TOKEN_UNKNOWN:
        return literal(p, AST_UNKNOWN, 0);
    case TOKEN_NAME:
        return name(p);
    case TOKEN_OPEN:
        return parenthesis(p);
    case TOKEN_COUNT:
        return fail(p, p->token.span, NULL,
                    "a number of samples can only be the window of a function");
    default:
        return unexpected(p, "a value");
    }
}

static uint16_t unary(struct parser *p)
{
    struct token op = p->token;
    uint16_t node;

    if (op.kind != TOKEN_MINUS)
        return primary(p);
    if (!enter(p))
        return AST_NONE;
    advance(p);
    node = unary_node(p, op, unary(p));
    p->depth--;
    return node;
}

static uint16_t product(struct parser *p)
{
    uint16_t node = unary(p);

    while (node != AST_NONE &&
           (p->token.kind == TOKEN_STAR || p->token.kind == TOKEN_SLASH ||
            p->token.kind == TOKEN_PERCENT)) {
        struct token op = p->token;

        advance(p);
        node = binary(p, op, node, unary(p));
    }
    return node;
}

static uint16_t sum(struct parser *p)
{
    uint16_t node = product(p);

    while (node != AST_NONE &&
           (p->token.kind == TOKEN_PLUS || p->token.kind == TOKEN_MINUS)) {
        struct token op = p->token;

        advance(p);
        node = binary(p, op, node, product(p));
    }
    return node;
}

static bool is_comparison(enum token_kind kind)
{
    return kind >= TOKEN_LESS && kind <= TOKEN_NOT_EQUAL;
}

static uint16_t comparison(struct parser *p)
{
    uint16_t node = sum(p);
    struct token op = p->token;

    if (node == AST_NONE || !is_comparison(op.kind))
        return node;
    advance(p);
    node = binary(p, op, node, sum(p));
    if (node != AST_NONE && is_comparison(p->token.kind))
        return fail(p, p->token.span, "write a < b and b < c",
                    "comparisons cannot be chained");
    return node;
}

static uint16_t not_expr(struct parser *p)
{
    struct token op = p->token;
    uint16_t node;

    if (op.kind != TOKEN_NOT)
        return comparison(p);
    if (!enter(p))
        return AST_NONE;
    advance(p);
    node = unary_node(p, op, not_expr(p));
    p->depth--;
    return node;
}

static uint16_t and_expr(struct parser *p)
{
    uint16_t node = not_expr(p);

    while (node != AST_NONE && p->token.kind == TOKEN_AND) {
        struct token op = p->token;

        advance(p);
        node = binary(p, op, node, not_expr(p));
    }
    return node;
}

static uint16_t expr(struct parser *p)
{
    uint16_t node;

    if (!enter(p))
        return AST_NONE;
    node = and_expr(p);
    while (node != AST_NONE && p->token.kind == TOKEN_OR) {
        struct token op = p->token;

        advance(p);
        node = binary(p, op, node, and_expr(p));
    }
    p->depth--;
    return node;
}

/* What stands behind a complete expression. */
static void trailing(struct parser *p)
{
    if (p->token.kind == TOKEN_NOT)
        (void)fail(p, p->token.span, "write a != b, or not (...)",
                   "\"not\" cannot stand here");
    else if (p->token.kind == TOKEN_AGO)
        (void)fail(p, p->token.span, "as in avg(flow, 1h ago 24h)",
                   "\"ago\" belongs to the window of a function");
    else
        (void)unexpected(p, "the end or an operator");
}

struct ast *parser_parse(const char *text, struct diagnosis_sink *sink)
{
    struct parser p = {.sink = sink};

    if (strlen(text) > AST_TEXT_MAX) {
        diagnose(sink, "E303", (struct span){0, 1}, NULL,
                 "the expression is longer than %d bytes", AST_TEXT_MAX);
        return NULL;
    }
    p.ast = ast_new(text);
    p.lexer = (struct lexer){p.ast->text, 0, sink};
    advance(&p);
    p.ast->root = expr(&p);
    if (p.ast->root != AST_NONE && p.token.kind == TOKEN_END) {
        ast_shrink(p.ast);
        return p.ast;
    }
    if (p.ast->root != AST_NONE)
        trailing(&p);
    ast_free(p.ast);
    return NULL;
}
