/* test_web_html.c - nothing from outside gets into a page unescaped. */
#include "tests/unit/check.h"
#include "web/html.h"

static void test_escape(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *want;
    } cases[] = {
        {"plain", "pump 2 水泵", "pump 2 水泵"},
        {"empty", "", ""},
        {"tag", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"attribute", "\" onload='x'", "&quot; onload=&#39;x&#39;"},
        {"ampersand", "a&amp;b", "a&amp;amp;b"},
        {"bad byte",
         "a\xFF"
         "b",
         "a\xEF\xBF\xBD"
         "b"},
        {"overlong <", "\xC0\xBC", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"cut at the end", "a\xE6\xB0", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"control", "a\x01z\x7F", "a\xEF\xBF\xBDz\xEF\xBF\xBD"},
        {"line end stays", "a\nb\tc", "a\nb\tc"},
        {"only specials", "<>", "&lt;&gt;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text out;

        text_init(&out, 1000);
        html_escape(&out, cases[i].value);
        check_text(cases[i].name, out.data, cases[i].want);
        text_done(&out);
    }
}

static void test_slots(void **state)
{
    struct text out;

    (void)state;
    text_init(&out, 1000);
    html_put(&out, "<a href=\"/e/{%}?x={}\">{}{!}</a>", "a/b ü&", "1&2", "<b>", "<i>");
    assert_string_equal(out.data, "<a href=\"/e/a%2Fb%20%C3%BC%26?x=1&amp;2\">"
                                  "&lt;b&gt;<i></a>");
    text_clear(&out);
    text_add(&out, "none");
    html_put(&out, "{}", (const char *)NULL);
    html_put(&out, "{} {}", html_int(-7), html_int(INT64_MIN));
    assert_string_equal(out.data, "none-7 -9223372036854775808");
    text_done(&out);
}

static void test_slot_values_are_not_templates(void **state)
{
    struct text out;

    (void)state;
    text_init(&out, 1000);
    html_put(&out, "[{}]", "{!}{}");
    assert_string_equal(out.data, "[{!}{}]");
    text_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_slot_values_are_not_templates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
