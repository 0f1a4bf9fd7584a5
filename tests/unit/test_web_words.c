/* test_web_words.c - both languages are complete, and the right one is chosen. */
#include "tests/unit/check.h"
#include "web/names.h"
#include "web/words.h"

static size_t slots(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += text[0] == '{' && text[1] == '}';
    return count;
}

static bool has_chinese(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0xE4 && (unsigned char)*text <= 0xE9)
            return true;
    return false;
}

static void test_complete(void **state)
{
    static const char *const names[WORD_COUNT] = {
#define WORD(name, en, zh) #name,
#include "web/words_list.h"
#undef WORD
    };

    (void)state;
    for (int i = 0; i < WORD_COUNT; i++) {
        const char *en = word(LANGUAGE_EN, (enum word)i);
        const char *zh = word(LANGUAGE_ZH, (enum word)i);
        bool same_in_both = strcmp(en, zh) == 0; /* signs and names */

        check_case(names[i], en != NULL && en[0] != '\0');
        check_case(names[i], zh != NULL && zh[0] != '\0');
        check_case(names[i], slots(en) == slots(zh));
        check_case(names[i], same_in_both || i == WORD_OTHER_LANGUAGE ||
                                 has_chinese(zh) || strstr(zh, "{}") != NULL);
        check_case(names[i], i == WORD_OTHER_LANGUAGE || !has_chinese(en));
    }
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; name_at(i) != NULL; i++) {
        check_case(name_at(i), i == 0 || strcmp(name_at(i - 1), name_at(i)) < 0);
        check_case(name_at(i), name_word(LANGUAGE_EN, name_at(i)) != NULL);
        check_case(name_at(i), has_chinese(name_word(LANGUAGE_ZH, name_at(i))));
    }
    assert_string_equal(name_word(LANGUAGE_ZH, "flow"), "流量");
    assert_string_equal(name_relation(LANGUAGE_ZH, "power"), "供电来源");
    assert_string_equal(name_relation(LANGUAGE_ZH, "own"), "own");
    assert_null(name_word(LANGUAGE_EN, "flow_"));
    assert_null(name_word(LANGUAGE_EN, ""));
}

static void test_blocks(void **state)
{
    (void)state;
    assert_string_equal(word_state(LANGUAGE_EN, STATE_UNKNOWN), "Not observable");
    assert_string_equal(word_state(LANGUAGE_ZH, STATE_FAULT), "故障");
    assert_string_equal(word_severity(LANGUAGE_ZH, SEVERITY_SERIOUS), "严重");
    assert_string_equal(word_status(LANGUAGE_EN, ISSUE_REOPENED), "Reopened");
    assert_string_equal(word_action(LANGUAGE_EN, ACTION_REOPEN), "Reopen");
    assert_string_equal(word_event(LANGUAGE_ZH, ACTION_NOTE), "系统记录");
    assert_string_equal(word_reason(LANGUAGE_EN, REASON_CLOCK), "device clock is wrong");
    assert_string_equal(word_finding(LANGUAGE_EN, FINDING_RIGHT),
                        "the profile fits the device");
    assert_string_equal(word_finding(LANGUAGE_ZH, FINDING_REFUSED),
                        "设备拒绝模板读取的地址，不输出数值");
    assert_string_equal(word_kind(LANGUAGE_ZH, "leak"), "泄漏");
    assert_string_equal(word_kind(LANGUAGE_ZH, "strange"), "strange");
    assert_string_equal(word_source(LANGUAGE_EN, "assessment"), "Assessment");
    assert_string_equal(word_class(LANGUAGE_ZH, "pump"), "水泵");
    assert_string_equal(word_class(LANGUAGE_ZH, "teapot"), "teapot");
}

static void test_choice(void **state)
{
    static const struct {
        const char *name;
        const char *query;
        const char *cookie;
        const char *accept;
        const char *site;
        enum language want;
    } cases[] = {
        {"query wins", "lang=en", "lang=zh-CN", "zh", "zh-CN", LANGUAGE_EN},
        {"cookie before header", "", "a=b; lang=zh-CN; c=d", "en", "en", LANGUAGE_ZH},
        {"header before site", "", "", "zh-TW,zh;q=0.9,en;q=0.8", "en", LANGUAGE_ZH},
        {"best weight", "", "", "en;q=0.3, zh-Hans-CN;q=0.7", "en", LANGUAGE_ZH},
        {"refused language", "", "", "en;q=0, zh;q=0.1", "en", LANGUAGE_ZH},
        {"unknown languages", "", "", "fr, de;q=0.5", "zh-CN", LANGUAGE_ZH},
        {"site's own", "", "", "", "zh-CN", LANGUAGE_ZH},
        {"nothing known", "", "", "", "fr", LANGUAGE_EN},
        {"nonsense query", "lang=xx", "", "", "zh-CN", LANGUAGE_ZH},
        {"no prefix match", "", "", "english, zhx", "zh-CN", LANGUAGE_ZH},
        {"cookie of another name", "", "xlang=en", "", "zh-CN", LANGUAGE_ZH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = {.cookie = cases[i].cookie,
                                  .accept_language = cases[i].accept};

        assert_int_equal(
            params_parse(&request.query, cases[i].query, strlen(cases[i].query), NULL),
            0);
        check_case(cases[i].name,
                   language_choose(&request, cases[i].site) == cases[i].want);
        params_done(&request.query);
    }
}

static void test_cookie(void **state)
{
    char value[6];

    (void)state;
    assert_string_equal(cookie_get("a=1; theme=dark", "theme", value, sizeof value),
                        "dark");
    assert_string_equal(
        cookie_get("theme=longer-than-room", "theme", value, sizeof value), "");
    assert_string_equal(cookie_get("", "theme", value, sizeof value), "");
    assert_string_equal(cookie_get(";;theme", "theme", value, sizeof value), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete), cmocka_unit_test(test_names),
        cmocka_unit_test(test_blocks),   cmocka_unit_test(test_choice),
        cmocka_unit_test(test_cookie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
