/* test_web_sse.c - events as bytes, and the ids to resume from. */
#include "tests/unit/check.h"
#include "web/sse.h"

static void test_event(void **state)
{
    static const struct {
        const char *name;
        const char *data;
        const char *want;
    } cases[] = {
        {"one line", "{}", "event: x\ndata: {}\n\n"},
        {"empty", "", "event: x\ndata: \n\n"},
        {"two lines", "a\nb", "event: x\ndata: a\ndata: b\n\n"},
        {"CR LF", "a\r\nb", "event: x\ndata: a\ndata: b\n\n"},
        {"CR", "a\rb", "event: x\ndata: a\ndata: b\n\n"},
        {"an event inside", "a\n\nevent: evil",
         "event: x\ndata: a\ndata: \n"
         "data: event: evil\n\n"},
        {"line end last", "a\n", "event: x\ndata: a\n\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text out;

        text_init(&out, 1000);
        sse_event(&out, "x", NULL, cases[i].data);
        check_text(cases[i].name, out.data, cases[i].want);
        text_done(&out);
    }
}

static void test_id(void **state)
{
    const struct sse_cursor cursor = {0x1a2b, 3, UINT64_MAX, 0};
    struct sse_cursor back;
    struct text out;
    char id[SSE_ID_SIZE];

    (void)state;
    assert_string_equal(sse_format_id(&cursor, id), "1a2b.3.ffffffffffffffff.0");
    assert_true(sse_parse_id(id, &back));
    assert_memory_equal(&cursor, &back, sizeof cursor);
    text_init(&out, 1000);
    sse_event(&out, "sample", &cursor, "1");
    assert_string_equal(out.data,
                        "event: sample\nid: 1a2b.3.ffffffffffffffff.0\ndata: 1\n\n");
    text_done(&out);
}

static void test_bad_ids(void **state)
{
    static const char *const ids[] = {"",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.",
                                      "1.2.3.4.",
                                      "1.2.3.4.5",
                                      "1..3.4",
                                      "g.2.3.4",
                                      "A.2.3.4",
                                      " 1.2.3.4",
                                      "1.2.3.4 ",
                                      "-1.2.3.4",
                                      "11112222333344445.2.3.4"};
    struct sse_cursor cursor;

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        check_case(ids[i], !sse_parse_id(ids[i], &cursor));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_id),
        cmocka_unit_test(test_bad_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
