/* test_web_gate.c - which requests are let in. */
#include "tests/unit/check.h"
#include "web/gate.h"

#include <stdio.h>

static void test_host(void **state)
{
    static const struct {
        const char *host;
        bool loopback;
    } cases[] = {
        {"localhost", true},
        {"localhost:8080", true},
        {"LOCALHOST:1", true},
        {"127.0.0.1", true},
        {"127.0.0.1:65535", true},
        {"127.9.8.7:80", true},
        {"[::1]", true},
        {"[::1]:8080", true},
        {"", false},
        {":8080", false},
        {"localhost:", false},
        {"localhost:x", false},
        {"localhost:123456", false},
        {"localhost.evil.example", false},
        {"evil.example", false},
        {"127.0.0.1.evil.example", false},
        {"127.0.0.1@evil", false},
        {"0.0.0.0", false},
        {"10.0.0.1", false},
        {"128.0.0.1", false},
        {"[::2]", false},
        {"[::1", false},
        {"[::1]x", false},
        {"[::ffff:10.0.0.1]", false},
        {"127.1", false},
        {"2130706433", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].host,
                   gate_host_is_loopback(cases[i].host) == cases[i].loopback);
}

static void test_origin(void **state)
{
    static const struct {
        const char *name;
        const char *origin;
        const char *fetch_site;
        const char *guard;
        bool same;
    } cases[] = {
        {"own form", "http://localhost:8080", "same-origin", "", true},
        {"own form, old browser", "http://localhost:8080", "", "", true},
        {"https in front", "https://localhost:8080", "", "", true},
        {"no origin but fetch metadata", "", "same-origin", "", true},
        {"program", "", "", "1", true},
        {"nothing at all", "", "", "", false},
        {"wrong guard", "", "", "0", false},
        {"cross site", "http://evil.example", "cross-site", "", false},
        {"cross site with guard", "http://evil.example", "", "1", false},
        {"same site, other port", "http://localhost:9090", "same-site", "", false},
        {"other port", "http://localhost:9090", "", "", false},
        {"null origin", "null", "", "1", false},
        {"typed by hand", "", "none", "", false},
        {"contradiction", "http://localhost:8080", "cross-site", "", false},
        {"behind a proxy", "https://board.example", "same-origin", "", true},
        {"behind a proxy, from elsewhere", "https://evil.example", "cross-site", "",
         false},
        {"subdomain with guard", "", "same-site", "1", false},
        {"no scheme", "localhost:8080", "", "", false},
        {"prefix", "http://localhost:8080.evil", "", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].name,
                   gate_same_origin(cases[i].origin, cases[i].fetch_site, cases[i].guard,
                                    "localhost:8080") == cases[i].same);
}

struct attempt {
    const char *name;
    const char *method;
    const char *path;
    const char *query;
    const char *host;
    const char *transfer_encoding;
    const char *content_length;
    const char *guard;
    size_t headers_bytes;
    size_t hosts;
    bool local;
    int status; /* 200: let in */
};

static void try_one(const struct attempt *attempt)
{
    struct request request = {.method = attempt->method,
                              .path = attempt->path,
                              .query_text = attempt->query,
                              .host = attempt->host,
                              .origin = "",
                              .fetch_site = "",
                              .guard = attempt->guard,
                              .local = attempt->local};
    const struct gate_envelope envelope = {.method = attempt->method,
                                           .transfer_encoding =
                                               attempt->transfer_encoding,
                                           .content_length = attempt->content_length,
                                           .headers_bytes = attempt->headers_bytes,
                                           .hosts = attempt->hosts};
    struct response response;
    bool in;

    response_init(&response);
    in = gate_admit(&envelope, &request, &response);
    check_case(attempt->name, in == (attempt->status == 200));
    check_case(attempt->name, response.status == attempt->status);
    response_done(&response);
}

static void test_lengths(void **state)
{
    const struct request request = {.method = "POST",
                                    .path = "/",
                                    .query_text = "",
                                    .host = "localhost",
                                    .guard = "1",
                                    .local = true};
    struct gate_envelope envelope = {.method = "POST",
                                     .transfer_encoding = "",
                                     .content_length = "5",
                                     .hosts = 1,
                                     .content_lengths = 1};
    struct response response;

    (void)state;
    response_init(&response);
    assert_true(gate_admit(&envelope, &request, &response));
    envelope.content_lengths = 2;
    assert_false(gate_admit(&envelope, &request, &response));
    assert_int_equal(response.status, 400);
    response_done(&response);
}

static void test_admit(void **state)
{
    static char long_query[HTTP_URL_MAX + 2];
    const struct attempt attempts[] = {
        {"page", "GET", "/", "", "localhost", "", "", "", 100, 1, false, 200},
        {"post by a program", "POST", "/x", "", "localhost", "", "3", "1", 9, 1, false,
         200},
        {"post from nowhere", "POST", "/x", "", "localhost", "", "3", "", 9, 1, false,
         403},
        {"post over the socket", "POST", "/x", "", "any", "", "3", "", 9, 1, true, 200},
        {"both lengths", "POST", "/x", "", "localhost", "chunked", "3", "1", 9, 1, false,
         400},
        {"chunked", "POST", "/x", "", "localhost", "chunked", "", "1", 9, 1, false, 411},
        {"chunked over the socket", "POST", "/", "", "x", "chunked", "", "", 9, 1, true,
         411},
        {"no host", "GET", "/", "", "", "", "", "", 9, 0, false, 400},
        {"two hosts", "GET", "/", "", "localhost", "", "", "", 9, 2, false, 400},
        {"rebinding", "GET", "/", "", "evil.example", "", "", "", 9, 1, false, 421},
        {"unknown method", "BREW", "/", "", "localhost", "", "", "", 9, 1, false, 501},
        {"lower case method", "get", "/", "", "localhost", "", "", "", 9, 1, false, 501},
        {"trace", "TRACE", "/", "", "localhost", "", "", "", 9, 1, false, 501},
        {"connect", "CONNECT", "x:1", "", "localhost", "", "", "", 9, 1, false, 501},
        {"high byte", "GET", "/\xE6", "", "localhost", "", "", "", 9, 1, false, 400},
        {"tab in query", "GET", "/", "a\tb", "localhost", "", "", "", 9, 1, false, 400},
        {"absolute form", "GET", "http://localhost/", "", "localhost", "", "", "", 9, 1,
         false, 400},
        {"asterisk", "OPTIONS", "*", "", "localhost", "", "", "", 9, 1, false, 400},
        {"fat headers", "GET", "/", "", "localhost", "", "", "", HTTP_HEADERS_MAX + 1, 1,
         false, 431},
        {"long URL", "GET", "/", long_query, "localhost", "", "", "", 9, 1, false, 414},
    };

    (void)state;
    memset(long_query, 'a', sizeof long_query - 1);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        try_one(&attempts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host),
        cmocka_unit_test(test_origin),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_admit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
