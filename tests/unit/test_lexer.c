/* test_lexer.c - the words of an expression. */
#include "rules/lexer.h"

#include "tests/unit/check.h"

static void keep(void *context, const struct diagnosis *diagnosis)
{
    *(struct diagnosis *)context = *diagnosis;
}

static void test_good(void **state)
{
    static const struct {
        const char *text;
        enum token_kind kind;
        double number;
        uint32_t length;
    } cases[] = {
        {"5", TOKEN_NUMBER, 5, 1},
        {"0.25", TOKEN_NUMBER, 0.25, 4},
        {"1e-3", TOKEN_NUMBER, 0.001, 4},
        {"12E2)", TOKEN_NUMBER, 1200, 4},
        {"90s", TOKEN_DURATION, 90, 3},
        {"1h30m", TOKEN_DURATION, 5400, 5},
        {"500ms,", TOKEN_DURATION, 0.5, 5},
        {"2w", TOKEN_DURATION, 1209600, 2},
        {"1d12h", TOKEN_DURATION, 129600, 5},
        {"'02:00'", TOKEN_STRING, 0, 7},
        {"''", TOKEN_STRING, 0, 2},
        {"$flow_min ", TOKEN_PARAM, 0, 9},
        {"v_l1.x", TOKEN_NAME, 0, 4},
        {"android", TOKEN_NAME, 0, 7},
        {"and", TOKEN_AND, 0, 3},
        {"or", TOKEN_OR, 0, 2},
        {"not(", TOKEN_NOT, 0, 3},
        {"true", TOKEN_TRUE, 0, 4},
        {"false", TOKEN_FALSE, 0, 5},
        {"unknown", TOKEN_UNKNOWN, 0, 7},
        {"ago", TOKEN_AGO, 0, 3},
        {"#12", TOKEN_COUNT, 12, 3},
        {"<=", TOKEN_LESS_EQUAL, 0, 2},
        {"<5", TOKEN_LESS, 0, 1},
        {">=", TOKEN_GREATER_EQUAL, 0, 2},
        {"==", TOKEN_EQUAL, 0, 2},
        {"!=", TOKEN_NOT_EQUAL, 0, 2},
        {"%", TOKEN_PERCENT, 0, 1},
        {"", TOKEN_END, 0, 0},
        {" \t\n", TOKEN_END, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diagnosis_sink sink = {0};
        struct lexer lexer = {cases[i].text, 0, &sink};
        struct token token = lexer_next(&lexer);

        check_case(cases[i].text, token.kind == cases[i].kind);
        check_case(cases[i].text, token.span.length == cases[i].length);
        check_near(cases[i].text, token.number, cases[i].number, 1e-12);
        check_case(cases[i].text, sink.errors == 0);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const char *text;
        const char *hint;
        uint32_t length;
    } cases[] = {
        {"= 1", "use ==", 1},
        {"&& x", "write and", 2},
        {"|| x", "write or", 2},
        {"!x", "write not", 1},
        {"<> 1", "use !=", 2},
        {"=< 1", "use <=", 2},
        {"AND x", "write it in lower case", 3},
        {"True", "write it in lower case", 4},
        {"'open", "add a ' at its end", 5},
        {"\"x\"", "strings stand in single quotes: 'normal'", 1},
        {"5x", "units are ms s m h d w, as in 90s", 2},
        {"5min", "units are ms s m h d w, as in 90s", 4},
        {"1h30", "units are ms s m h d w, as in 90s", 4},
        {"1.5h", "use whole numbers, as in 1h30m or 500ms", 4},
        {"0s", "from 1ms to ten years", 2},
        {"99999999w", "from 1ms to ten years", 9},
        {"1e999", "", 5},
        {"$ x", "a parameter, as in $flow_min", 1},
        {"#", "a number of samples, as in #5", 1},
        {"#100000", "give a time, as in 1h", 7},
        {"，", "use the half-width ,", 3},
        {"≥ 3", "use >=", 3},
        {"\xc3\xa9t", "", 2},
        {"\xff", "", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct diagnosis seen = {0};
        struct diagnosis_sink sink = {keep, &seen, 0};
        struct lexer lexer = {cases[i].text, 0, &sink};
        struct token token = lexer_next(&lexer);

        check_case(cases[i].text, token.kind == TOKEN_ERROR);
        check_case(cases[i].text, sink.errors == 1);
        check_text(cases[i].text, seen.hint, cases[i].hint);
        check_case(cases[i].text, seen.span.length == cases[i].length);
        check_case(cases[i].text, seen.span.offset == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
