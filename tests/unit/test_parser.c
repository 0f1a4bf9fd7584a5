/* test_parser.c - the grammar: what binds tighter, and where an error stands. */
#include "rules/parser.h"

#include "base/text.h"
#include "tests/unit/check.h"

static const char *const op_names[] = {
    [TOKEN_PLUS] = "+",        [TOKEN_MINUS] = "-",      [TOKEN_STAR] = "*",
    [TOKEN_SLASH] = "/",       [TOKEN_PERCENT] = "%",    [TOKEN_LESS] = "<",
    [TOKEN_LESS_EQUAL] = "<=", [TOKEN_GREATER] = ">",    [TOKEN_GREATER_EQUAL] = ">=",
    [TOKEN_EQUAL] = "==",      [TOKEN_NOT_EQUAL] = "!=", [TOKEN_AND] = "and",
    [TOKEN_OR] = "or",         [TOKEN_NOT] = "not",
};

/* The tree with every pair of parentheses: "(a and (b < 1))". */
static void print(const struct ast *ast, uint16_t index, struct text *out)
{
    const struct ast_node *node = &ast->nodes[index];

    switch (node->kind) {
    case AST_NUMBER:
    case AST_DURATION:
    case AST_BOOL:
        text_addf(out, "%g", node->number);
        break;
    case AST_UNKNOWN:
        text_add(out, "unknown");
        break;
    case AST_STRING:
        text_addf(out, "'%s'", node->name);
        break;
    case AST_POINT:
        text_add(out, node->name);
        break;
    case AST_PARAM:
        text_addf(out, "$%s", node->name);
        break;
    case AST_UNARY:
        text_addf(out, "(%s ", op_names[node->op]);
        print(ast, node->first, out);
        text_add(out, ")");
        break;
    case AST_BINARY:
        text_add(out, "(");
        print(ast, node->first, out);
        text_addf(out, " %s ", op_names[node->op]);
        print(ast, ast->nodes[node->first].next, out);
        text_add(out, ")");
        break;
    case AST_CALL:
        text_addf(out, "%s[", node->name);
        for (uint16_t arg = node->first; arg != AST_NONE; arg = ast->nodes[arg].next) {
            print(ast, arg, out);
            text_add(out, ast->nodes[arg].next == AST_NONE ? "" : ", ");
        }
        text_add(out, "]");
        break;
    case AST_WINDOW:
        if (node->samples > 0)
            text_addf(out, "#%u", node->samples);
        else
            text_addf(out, "W%g", node->number);
        if (node->ago_s > 0)
            text_addf(out, "@%g", node->ago_s);
        break;
    }
}

static void test_shapes(void **state)
{
    static const struct {
        const char *text;
        const char *shape;
    } cases[] = {
        {"a or b and c", "(a or (b and c))"},
        {"a and b or c", "((a and b) or c)"},
        {"not a and b", "((not a) and b)"},
        {"not a < 1", "(not (a < 1))"},
        {"not not a", "(not (not a))"},
        {"a + b * c - d", "((a + (b * c)) - d)"},
        {"a / b / c % d", "(((a / b) / c) % d)"},
        {"-a * -b", "((- a) * (- b))"},
        {"a - -1", "(a - (- 1))"},
        {"a < b + 1 and c >= 2 * d", "((a < (b + 1)) and (c >= (2 * d)))"},
        {"(a or b) and c", "((a or b) and c)"},
        {"held(run, 1m) and avg(flow, 1m) < $flow_min",
         "(held[run, W60] and (avg[flow, W60] < $flow_min))"},
        {"f()", "f[]"},
        {"pctl(flow, 1h ago 24h, 0.95)", "pctl[flow, W3600@86400, 0.95]"},
        {"avg(flow, #5 ago 1m)", "avg[flow, #5@60]"},
        {"if(a, 2 * 5m, 90s)", "if[a, (2 * 300), W90]"},
        {"mode == 'out of service'", "(mode == 'out of service')"},
        {"link.online and a . b . c", "(link.online and a.b.c)"},
        {"unknown or true or false", "((unknown or 1) or 0)"},
        {"within('22:00', '05:00')", "within['22:00', '05:00']"},
        {" \n a\t\n", "a"},
        {"age(x) > 5m", "(age[x] > 300)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diagnosis_sink sink = {0};
        struct ast *ast = parser_parse(cases[i].text, &sink);
        struct text shape;

        check_case(cases[i].text, ast != NULL && sink.errors == 0);
        text_init(&shape, 1000);
        print(ast, ast->root, &shape);
        check_text(cases[i].text, shape.data, cases[i].shape);
        text_done(&shape);
        ast_free(ast);
    }
}

static void keep(void *context, const struct diagnosis *diagnosis)
{
    *(struct diagnosis *)context = *diagnosis;
}

static void test_errors(void **state)
{
    static const struct {
        const char *text;
        uint32_t offset;
        uint32_t length;
        const char *message;
        const char *hint;
    } cases[] = {
        {"", 0, 1, "the expression ends where a value is expected", ""},
        {"x and", 5, 1, "the expression ends where a value is expected", ""},
        {"a < b < c", 6, 1, "comparisons cannot be chained", "write a < b and b < c"},
        {"run = 1", 4, 1, "unexpected \"=\"", "use =="},
        {"avg(flow,)", 9, 1, "\")\" stands where a value is expected", ""},
        {"avg(flow 5m)", 9, 2, "\"5m\" stands where \",\" or \")\" is expected", ""},
        {"(a and b", 8, 1, "the expression ends where \")\" is expected", ""},
        {"a)", 1, 1, "\")\" stands where the end or an operator is expected", ""},
        {"avg(flow, 5 m)", 10, 3, "this is no duration",
         "no space between the number and its unit"},
        {"m", 0, 0, NULL, NULL}, /* a name like any other */
        {"a < not b", 4, 3, "\"not\" stands where a value is expected", ""},
        {"a not b", 2, 3, "\"not\" cannot stand here", "write a != b, or not (...)"},
        {"a b", 2, 1, "\"b\" stands where the end or an operator is expected", ""},
        {"#5 > 2", 0, 2, "a number of samples can only be the window of a function", ""},
        {"5m ago 1h", 3, 3, "\"ago\" belongs to the window of a function",
         "as in avg(flow, 1h ago 24h)"},
        {"avg(a, 5m ago)", 13, 1, "\")\" stands where a duration is expected", ""},
        {"link.", 5, 1, "the expression ends where the name of a point is expected", ""},
        {"* 3", 0, 1, "\"*\" stands where a value is expected", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diagnosis seen = {0};
        struct diagnosis_sink sink = {keep, &seen, 0};
        struct ast *ast = parser_parse(cases[i].text, &sink);

        check_case(cases[i].text, (ast == NULL) == (cases[i].message != NULL));
        ast_free(ast);
        if (cases[i].message == NULL)
            continue;
        check_case(cases[i].text, sink.errors == 1);
        check_text(cases[i].text, seen.text, cases[i].message);
        check_text(cases[i].text, seen.hint, cases[i].hint);
        check_near(cases[i].text, seen.span.offset, cases[i].offset, 0);
        check_near(cases[i].text, seen.span.length, cases[i].length, 0);
    }
}

/* Bounds: nesting, terms, arguments, bytes. Each ends in a message, none in a crash. */
static void test_bounds(void **state)
{
    static const struct {
        const char *name;
        const char *first;
        const char *repeat;
        unsigned times;
        const char *last;
        bool good;
    } cases[] = {
        {"23 parentheses", "", "(", 23, "a", false}, /* never closed */
        {"many parentheses", "", "(", 2000, "a", false},
        {"many nots", "", "not ", 1000, "a", false},
        {"many minuses", "", "-", 2000, "a", false},
        {"100 terms", "a", " + a", 100, "", true},
        {"1000 terms", "a", " + a", 1000, "", false},
        {"16 arguments", "f(a", ", a", 15, ")", true},
        {"17 arguments", "f(a", ", a", 16, ")", false},
        {"5000 bytes", "a", " ", 5000, "", false},
        {"4000 blanks", "a", " ", 4000, "", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diagnosis_sink sink = {0};
        struct text text;
        struct ast *ast;

        text_init(&text, 20000);
        text_add(&text, cases[i].first);
        for (unsigned n = 0; n < cases[i].times; n++)
            text_add(&text, cases[i].repeat);
        text_add(&text, cases[i].last);
        ast = parser_parse(text.data, &sink);
        check_case(cases[i].name, (ast != NULL) == cases[i].good);
        check_case(cases[i].name, (sink.errors == 0) == cases[i].good);
        ast_free(ast);
        text_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
