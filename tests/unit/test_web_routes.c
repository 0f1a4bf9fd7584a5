/* test_web_routes.c - the table of routes, and problems as documents. */
#include "base/json_in.h"
#include "tests/unit/check.h"
#include "web/routes.h"

static const struct {
    const char *method;
    const char *path;
    const char *pattern; /* NULL: no such path; "": other methods only */
    const char *id;
} cases[] = {
    {"GET", "/", "/", ""},
    {"GET", "/api/v1", "/api/v1", ""},
    {"GET", "/api/v1/", NULL, ""},
    {"GET", "/api/v1/equipment/pump-2", "/api/v1/equipment/{id}", "pump-2"},
    {"GET", "/api/v1/equipment/pump-2/history", "/api/v1/equipment/{id}/history",
     "pump-2"},
    {"GET", "/api/v1/equipment/", NULL, ""},
    {"GET", "/api/v1/equipment//history", NULL, ""},
    {"GET", "/api/v1/rules/pump.dry_run/explain", "/api/v1/rules/{id}/explain",
     "pump.dry_run"},
    {"GET", "/issues/new", "/issues/new", ""},
    {"GET", "/issues/%E6%B0%B4", "/issues/{id}", "水"},
    {"GET", "/issues/a%20b", "/issues/{id}", "a b"},
    {"GET", "/issues/a%2Fb", NULL, ""},
    {"GET", "/issues/%00", NULL, ""},
    {"GET", "/issues/%ZZ", NULL, ""},
    {"GET", "/issues/..", "/issues/{id}", ".."},
    {"GET", "/issues/../../etc/passwd", NULL, ""},
    {"GET", "//", NULL, ""},
    {"GET", "", NULL, ""},
    {"GET", "/assets/abc/x.css", "/assets/{hash}/{id}", "x.css"},
    {"GET", "/assets/x.css", NULL, ""},
    {"POST", "/api/v1/issues", "/api/v1/issues", ""},
    {"DELETE", "/api/v1/shelves/7", "/api/v1/shelves/{id}", "7"},
    {"GET", "/api/v1/shelves/7", "", ""},
    {"POST", "/api/v1/permits/7/close", "/api/v1/permits/{id}/close", "7"},
    {"POST", "/issues/a/shelve", "/issues/{id}/shelve", "a"},
    {"PUT", "/api/v1/issues", "", ""},
    {"DELETE", "/api/v1/issues/x", "", ""},
    {"POST", "/", "", ""},
    {"GET", "/API/v1", NULL, ""},
    {"GET", "/healthzz", NULL, ""},
    {"GET", "/health", NULL, ""},
};

static void match_one(const char *method, const char *path, const char *pattern,
                      const char *want_id)
{
    char id[CALL_ID_SIZE];
    char allowed[ROUTES_ALLOWED_SIZE];
    const struct route *route = routes_match(method, path, id, allowed);

    if (pattern == NULL || pattern[0] == '\0') {
        check_case(path, route == NULL);
        check_case(path, (allowed[0] == '\0') == (pattern == NULL));
        return;
    }
    check_case(path, route != NULL);
    check_text(path, route->pattern, pattern);
    check_text(path, id, want_id);
}

static void test_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        match_one(cases[i].method, cases[i].path, cases[i].pattern, cases[i].id);
}

static void test_allowed(void **state)
{
    char id[CALL_ID_SIZE];
    char allowed[ROUTES_ALLOWED_SIZE];

    (void)state;
    assert_null(routes_match("PATCH", "/api/v1/issues", id, allowed));
    assert_string_equal(allowed, "GET, HEAD, POST");
    assert_null(routes_match("GET", "/api/v1/issues/x/events", id, allowed));
    assert_string_equal(allowed, "POST");
}

static void test_long_id(void **state)
{
    char path[CALL_ID_SIZE + 32] = "/issues/";
    char id[CALL_ID_SIZE];
    char allowed[ROUTES_ALLOWED_SIZE];

    (void)state;
    memset(path + 8, 'a', CALL_ID_SIZE - 1);
    assert_non_null(routes_match("GET", path, id, allowed));
    memset(path + 8, 'a', CALL_ID_SIZE);
    assert_null(routes_match("GET", path, id, allowed));
}

static void test_every_route_is_documented(void **state)
{
    size_t count;
    const struct route *routes = routes_table(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        check_case(routes[i].pattern, routes[i].doc[0] != '\0');
        check_case(routes[i].pattern, routes[i].handler != NULL);
        for (size_t k = 0; k < i; k++)
            check_case(routes[i].pattern,
                       strcmp(routes[i].pattern, routes[k].pattern) != 0 ||
                           strcmp(routes[i].method, routes[k].method) != 0);
    }
}

static void test_problem(void **state)
{
    struct response response;
    struct json *json;

    (void)state;
    response_init(&response);
    response_bad_parameter(&response, "limit", "leave it out", "not \"%s\"", "<x>");
    problem_json(&response);
    assert_int_equal(response.status, 400);
    assert_string_equal(response.type, "application/problem+json");
    json = json_parse(response.body.data, response.body.length, 10000, NULL);
    assert_non_null(json);
    assert_string_equal(json_member_text(json, "type", ""), "about:blank");
    assert_string_equal(json_member_text(json, "title", ""), "Bad Request");
    assert_string_equal(json_member_text(json, "detail", ""), "not \"<x>\"");
    assert_string_equal(json_member_text(json, "parameter", ""), "limit");
    assert_string_equal(json_member_text(json, "hint", ""), "leave it out");
    assert_true(json_real(json_member(json, "status")) == 400);
    json_free(json);
    response_done(&response);
}

static void test_failures(void **state)
{
    static const struct {
        enum err_kind kind;
        int status;
    } kinds[] = {{ERR_INPUT, 400},  {ERR_NOT_FOUND, 404}, {ERR_STATE, 409},
                 {ERR_FULL, 503},   {ERR_IO, 503},        {ERR_TIMEOUT, 504},
                 {ERR_CONFIG, 500}, {ERR_PROTOCOL, 502}};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct response response;
        struct err err;

        (void)err_set(&err, kinds[i].kind, "what");
        response_init(&response);
        text_add(&response.body, "half an answer");
        response_failed(&response, &err);
        check_case(err_kind_name(kinds[i].kind), response.status == kinds[i].status);
        check_case(err_kind_name(kinds[i].kind), response.body.length == 0);
        response_done(&response);
    }
}

static void test_headers_cannot_be_split(void **state)
{
    struct response response;

    (void)state;
    response_init(&response);
    response_header(&response, "Location", "/issues/%s", "a\r\nSet-Cookie: x");
    assert_string_equal(response.headers[0].value, "/issues/a__Set-Cookie: x");
    response_done(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_long_id),
        cmocka_unit_test(test_every_route_is_documented),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_headers_cannot_be_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
