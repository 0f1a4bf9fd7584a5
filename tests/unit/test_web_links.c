/* test_web_links.c - links over the API and as pages: measured beside planned. */
#include "base/json_in.h"
#include "tests/unit/check.h"
#include "tests/unit/web_fakes.h"
#include "web/link_view.h"
#include "web/routes.h"
#include "web/stream.h"

enum {
    DOCUMENT_MAX = 1024 * 1024,
};

static struct fake_site *site;
static struct web_source source;
static struct hub *hub;

static const struct web_options options = {.version = "9.9.9"};

static void no_beat(void *context)
{
    (void)context;
}

static int setup(void **state)
{
    (void)state;
    site = fake_site_new(1, "");
    source = fake_site_source(site);
    hub = hub_open(&source, &options, no_beat, NULL, NULL);
    return hub == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    hub_stop(hub);
    hub_free(hub);
    fake_site_free(site);
    return 0;
}

/* The body is the caller's. */
static int get(const char *path, const char *language, struct text *body)
{
    struct request request = {.method = "GET",
                              .path = path,
                              .query_text = "",
                              .body = "",
                              .host = "localhost",
                              .origin = "",
                              .fetch_site = "",
                              .guard = "",
                              .content_type = "",
                              .accept = "text/html",
                              .accept_encoding = "",
                              .accept_language = language,
                              .cookie = "",
                              .last_event_id = ""};
    struct response response;
    int status;

    response_init(&response);
    routes_handle(&source, &options, hub, &request, &response);
    status = response.status;
    *body = response.body;
    text_init(&response.body, 1);
    response_done(&response);
    return status;
}

static struct json *get_json(const char *path, int want_status)
{
    struct err err = {0};
    struct text body;
    struct json *document;

    assert_int_equal(get(path, "", &body), want_status);
    document = json_parse(body.data, body.length, DOCUMENT_MAX, &err);
    if (document == NULL)
        fail_msg("%s: %s: %s", path, err.text, body.data);
    text_done(&body);
    return document;
}

static double number(const struct json *document, const char *path)
{
    const struct json *value = json_path(document, path);

    if (value == NULL || json_kind(value) != JSON_NUMBER)
        fail_msg("no number at %s", path);
    return json_real(value);
}

static bool is_null(const struct json *document, const char *path)
{
    const struct json *value = json_path(document, path);

    return value != NULL && json_kind(value) == JSON_NULL;
}

static void test_measure(void **state)
{
    const struct link_status status = {.requests = 200,
                                       .bytes_sent = 1600,
                                       .bytes_received = 3400,
                                       .busy_ns = 5 * CLOCK_S,
                                       .dead_ns = CLOCK_S,
                                       .since_ns = 20 * CLOCK_S};
    const struct link_status none = {0};
    struct link_measured measured;

    (void)state;
    link_measure(&status, &measured);
    check_near("requests", measured.requests_per_s, 10, 1e-9);
    check_near("bytes", measured.bytes_per_s, 250, 1e-9);
    check_near("ms", measured.request_ms, 25, 1e-9);
    check_near("share", measured.share, 0.25, 1e-9);
    check_near("dead", measured.dead_share, 0.05, 1e-9);
    link_measure(&none, &measured);
    assert_true(isnan(measured.share) && isnan(measured.request_ms));
}

static void test_list(void **state)
{
    struct json *document = get_json("/api/v1/links", 200);

    (void)state;
    assert_int_equal(json_count(json_member(document, "links")), 3);
    assert_string_equal(json_text(json_path(document, "links[1].id")), "riser-a");
    assert_string_equal(json_text(json_path(document, "links[1].address")),
                        "rtu:///dev/serial/by-id/usb-FTDI-A");
    check_near("share", number(document, "links[1].measured.share"), 0.25, 1e-6);
    assert_true(number(document, "links[1].planned_share") > 0.1);
    assert_true(is_null(document, "links[2].planned_share"));
    assert_true(is_null(document, "links[0].measured.share"));
    json_free(document);
}

static void test_bus(void **state)
{
    struct json *document = get_json("/api/v1/links/riser-a", 200);
    const struct json *units = json_member(document, "unit_list");

    (void)state;
    assert_string_equal(json_text(json_path(document, "planned.bus")), "9600 8E1");
    /* Seven lifts and escalators, each with a read every 2 s and one every minute. */
    assert_int_equal(number(document, "planned.requests"), 14);
    check_near("planned", number(document, "planned.requests_per_s"),
               7 * (0.5 + 1 / 60.0), 0.001);
    assert_int_equal(json_count(json_path(document, "planned.periods")), 2);
    assert_int_equal(json_count(units), 3);
    assert_string_equal(json_text(json_path(document, "unit_list[0].state")), "online");
    assert_int_equal(number(document, "unit_list[0].answer_p50_us"), 61250);
    assert_int_equal(number(document, "unit_list[0].refused_count"), 11);
    assert_string_equal(json_text(json_path(document, "unit_list[0].refused[1].table")),
                        "input");
    assert_int_equal(number(document, "unit_list[0].refused[1].start"), 16);
    assert_true(is_null(document, "unit_list[0].next_ms"));
    assert_string_equal(json_text(json_path(document, "unit_list[1].breaker")), "open");
    assert_int_equal(number(document, "unit_list[1].next_ms"), 12400);
    assert_true(is_null(document, "unit_list[1].answer_p50_us"));
    assert_string_equal(json_text(json_path(document, "unit_list[2].state")), "unknown");
    json_free(document);
}

static void test_broker(void **state)
{
    struct json *document = get_json("/api/v1/links/broker", 200);

    (void)state;
    assert_true(is_null(document, "planned"));
    assert_int_equal(json_count(json_member(document, "unit_list")), 0);
    assert_int_equal(number(document, "dropped_unknown"), 77123456);
    assert_int_equal(number(document, "dropped_rate"), 41);
    assert_int_equal(number(document, "dropped_oversize"), 0);
    assert_int_equal(number(document, "duplicates"), 19);
    assert_int_equal(number(document, "sparkplug.births"), 12);
    assert_int_equal(number(document, "sparkplug.gaps"), 2);
    assert_int_equal(number(document, "sparkplug.rebirths"), 0);
    assert_int_equal(number(document, "rejected.syntax"), 3);
    assert_int_equal(number(document, "rejected.duplicate_key"), 0);
    assert_string_equal(json_text(json_path(document, "unknown_topics[0].topic")),
                        "riverside/b1/pump-99/state");
    assert_int_equal(number(document, "unknown_topics[0].messages"), 12);
    json_free(document);
    document = get_json("/api/v1/links/riser-a", 200);
    assert_null(json_member(document, "unknown_topics"));
    json_free(document);
    json_free(get_json("/api/v1/links/nobody", 404));
}

static const struct {
    const char *path;
    const char *language;
    const char *wanted;
} pages[] = {
    {"/links/riser-a", "en", "9600 8E1"},
    {"/links/riser-a", "en", "asked again in 12 s"},
    {"/links/riser-a", "en", "holding 300, input 16–19"},
    {"/links/riser-a", "en", "no answer of unit 2 in 1000 ms &lt;script&gt;"},
    {"/links/riser-a", "en", "61.2 / 74.0 ms"},
    {"/links/riser-a", "en", "href=\"/equipment/lift-2\""},
    {"/links/riser-a", "zh-CN", "占用链路时间"},
    {"/links/broker", "en", "mqtt://127.0.0.1:1883"},
    {"/links/broker", "en", "<code>riverside/b1/pump-99/state</code>"},
    {"/links/broker", "en", "Holes in sequences</th><td class=\"n is-trouble\">2<"},
    {"/links/broker", "en",
     "Not valid JSON or Sparkplug B</th><td class=\"n is-trouble\">3<"},
    {"/links/broker", "zh-CN", "未知主题"},
    {"/links/riser-a", "en", "Units"},
    {"/metrics", "en",
     "facilityd_link_rejected_total{link=\"broker\",reason=\"syntax\"} 3\n"},
    {"/metrics", "en", "facilityd_link_dropped_rate_total{link=\"broker\"} 41\n"},
    {"/links/plant-room", "en", "No Modbus unit"},
    {"/links/nobody", "en", "there is no link"},
    {"/diagnostics", "en", "href=\"/links/riser-a\""},
};

static void test_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct text body;

        (void)get(pages[i].path, pages[i].language, &body);
        check_case(pages[i].wanted, strstr(body.data, pages[i].wanted) != NULL);
        check_case(pages[i].path, strstr(body.data, "<script>") == NULL);
        text_done(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure), cmocka_unit_test(test_list),
        cmocka_unit_test(test_bus),     cmocka_unit_test(test_broker),
        cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
