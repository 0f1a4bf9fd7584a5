/* test_base.c - err, text, map, number and utf8 of base/. */
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"
#include "tests/unit/check.h"

#include <errno.h>
#include <stdio.h>

static void err_sets_and_prefixes(void **state)
{
    struct err err = {0};

    (void)state;
    errno = ENOENT;
    assert_int_equal(err_set(&err, ERR_TIMEOUT, "no answer in %d ms: %m", 1000), -1);
    check_text("set", err.text, "no answer in 1000 ms: No such file or directory");
    assert_int_equal(err_prefix(&err, "read %u+%u", 1U, 12U), -1);
    assert_int_equal(err_prefix(&err, "boiler-1"), -1);
    check_text("prefixed", err.text,
               "boiler-1: read 1+12: no answer in 1000 ms: No such file or directory");
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_int_equal(err_set(NULL, ERR_IO, "nobody cares"), -1);
    assert_int_equal(err_prefix(NULL, "nobody"), -1);
}

static void err_takes_its_own_text_as_argument(void **state)
{
    struct err err = {0};

    (void)state;
    (void)err_set(&err, ERR_IO, "refused");
    (void)err_set(&err, ERR_CONFIG, "link 'broker': %s", err.text);
    check_text("own text", err.text, "link 'broker': refused");
}

static void err_cuts_long_text(void **state)
{
    struct err err = {0};
    char longest[2 * ERR_TEXT_MAX];

    (void)state;
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    (void)err_set(&err, ERR_IO, "%s", longest);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
    (void)err_prefix(&err, "front");
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
    assert_memory_equal(err.text, "front: x", 8);
    (void)err_prefix(&err, "%s", longest);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

static void err_kinds_have_names(void **state)
{
    (void)state;
    check_text("first", err_kind_name(ERR_NONE), "none");
    check_text("last", err_kind_name(ERR_STATE), "state");
    for (int kind = ERR_NONE; kind <= ERR_STATE; kind++)
        assert_non_null(err_kind_name((enum err_kind)kind));
}

static void text_grows_to_its_maximum(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 300);
    check_text("born empty", text.data, "");
    for (int i = 0; i < 30; i++)
        text_add(&text, "0123456789");
    assert_false(text.overflow);
    assert_int_equal(text.length, 300);
    text_add(&text, "");
    assert_false(text.overflow);
    text_add_char(&text, 'x');
    assert_true(text.overflow);
    assert_int_equal(strlen(text.data), 300);
    text_clear(&text);
    assert_false(text.overflow);
    text_add(&text, "again");
    check_text("cleared", text.data, "again");
    text_done(&text);
}

static void text_drops_whole_pieces(void **state)
{
    struct text text;

    (void)state;
    text_init(&text, 5);
    text_add(&text, "abc");
    text_add(&text, "def");
    text_add(&text, "g"); /* would fit, but a hole in the middle is worse than an end */
    check_text("whole", text.data, "abc");
    assert_true(text.overflow);
    text_done(&text);
}

static void text_formats_short_and_long(void **state)
{
    struct text text;
    char wide[600];

    (void)state;
    memset(wide, 'w', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    text_init(&text, 2000);
    text_addf(&text, "%d-%s-", 7, "x");
    text_addf(&text, "%s|", wide);
    text_addf(&text, "%255s|", "edge");
    text_addf(&text, "%256s|", "edge");
    assert_int_equal(text.length, 4 + 600 + 256 + 257);
    assert_memory_equal(text.data, "7-x-www", 7);
    text_addf(&text, "%1000s", "too long");
    assert_true(text.overflow);
    text_done(&text);
}

static void text_reserves_and_gives_away(void **state)
{
    struct text text;
    char *place;

    (void)state;
    text_init(&text, 1000);
    place = text_reserve(&text, 500);
    assert_non_null(place);
    memcpy(place, "raw", 4);
    text.length += 3;
    check_text("reserved", text.data, "raw");
    assert_null(text_reserve(&text, SIZE_MAX));
    assert_true(text.overflow);
    place = text_take(&text);
    check_text("taken", place, "raw");
    mem_free(place);
    text_done(&text);
}

static void map_finds_what_was_put(void **state)
{
    struct map *map = map_new();
    char key[32];

    (void)state;
    assert_int_equal(map_get(map, "nothing"), MAP_NONE);
    for (uint32_t i = 0; i < 10000; i++) {
        (void)snprintf(key, sizeof key, "topic/%u", i);
        assert_true(map_put(map, key, i));
    }
    assert_int_equal(map_count(map), 10000);
    for (uint32_t i = 0; i < 10000; i++) {
        (void)snprintf(key, sizeof key, "topic/%u", i);
        assert_int_equal(map_get(map, key), i);
    }
    assert_int_equal(map_get(map, "topic/10000"), MAP_NONE);
    assert_false(map_put(map, "topic/7", 9));
    assert_int_equal(map_get(map, "topic/7"), 7);
    assert_int_equal(map_get_bytes(map, "topic/77xx", 8), 77);
    assert_int_equal(map_get_bytes(map, "topic/7\0", 8), MAP_NONE);
    assert_true(map_put(map, "", 5));
    assert_int_equal(map_get(map, ""), 5);
    map_free(map);
    map_free(NULL);
}

static void numbers_are_short_and_exact(void **state)
{
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1, "-1"},
        {12.4, "12.4"},
        {0.1, "0.1"},
        {0.05, "0.05"},
        {-0.000001, "-1e-06"},
        {100, "100"},
        {1013.25, "1013.25"},
        {123456789.123456, "123456789.123456"},
        {9007199254740992.0, "9007199254740992"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {1e21, "1e+21"},
        {1e-7, "1e-07"},
        {5e-324, "4.94065645841247e-324"},
        {-2.2250738585072014e-308, "-2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {(double)3.3f, "3.299999952316284"},
    };
    char out[NUMBER_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = number_format(out, cases[i].value);

        check_text(cases[i].want, out, cases[i].want);
        check_case(cases[i].want, length == strlen(out));
        check_case(cases[i].want, strtod(out, NULL) == cases[i].value);
    }
}

/* A fixed sequence of bit patterns, so that a failure can be repeated. */
static void numbers_read_back_the_same(void **state)
{
    uint64_t x = UINT64_C(88172645463325252);
    char out[NUMBER_SIZE];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        double value;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        if (i % 2 == 0)
            memcpy(&value, &x, sizeof value);
        else
            value = (double)(int64_t)(x >> 24) / 1e4;
        if (!isfinite(value))
            continue;
        assert_true(number_format(out, value) < NUMBER_SIZE);
        if (strtod(out, NULL) != value)
            fail_msg("%a became %s", value, out);
    }
}

static void whole_numbers(void **state)
{
    static const struct {
        int64_t value;
        const char *want;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {-1, "-1"},
        {1234567890, "1234567890"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    char out[NUMBER_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(number_format_int(out, cases[i].value), strlen(cases[i].want));
        check_text("whole", out, cases[i].want);
    }
}

static void utf8_knows_its_own(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t length; /* of the first character */
    } cases[] = {
        {"ASCII", "a", 1},
        {"NUL", "", 0},
        {"two bytes, first", "\xC2\x80", 2},
        {"two bytes, last", "\xDF\xBF", 2},
        {"three bytes, first", "\xE0\xA0\x80", 3},
        {"Chinese", "\xE6\xB0\xB4", 3},
        {"before the surrogates", "\xED\x9F\xBF", 3},
        {"after the surrogates", "\xEE\x80\x80", 3},
        {"U+FFFF", "\xEF\xBF\xBF", 3},
        {"four bytes, first", "\xF0\x90\x80\x80", 4},
        {"U+10FFFF", "\xF4\x8F\xBF\xBF", 4},
        {"tail alone", "\x80", 0},
        {"overlong slash", "\xC0\xAF", 0},
        {"overlong C1", "\xC1\xBF", 0},
        {"overlong three", "\xE0\x9F\xBF", 0},
        {"surrogate", "\xED\xA0\x80", 0},
        {"overlong four", "\xF0\x8F\xBF\xBF", 0},
        {"beyond U+10FFFF", "\xF4\x90\x80\x80", 0},
        {"F5", "\xF5\x80\x80\x80", 0},
        {"FF", "\xFF", 0},
        {"cut after 1 of 2", "\xC3", 0},
        {"cut after 2 of 3", "\xE6\xB0", 0},
        {"cut after 3 of 4", "\xF0\x9F\x92", 0},
        {"wrong second", "\xE6(\xB4", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t length = strlen(cases[i].bytes);

        check_case(cases[i].name, utf8_length(cases[i].bytes) == cases[i].length);
        check_case(cases[i].name,
                   utf8_valid(cases[i].bytes, length) == (cases[i].length == length));
    }
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("水泵 2", strlen("水泵 2")));
    assert_false(utf8_valid("a\0b", 3));
    assert_false(utf8_valid("水泵", strlen("水泵") - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_sets_and_prefixes),
        cmocka_unit_test(err_takes_its_own_text_as_argument),
        cmocka_unit_test(err_cuts_long_text),
        cmocka_unit_test(err_kinds_have_names),
        cmocka_unit_test(text_grows_to_its_maximum),
        cmocka_unit_test(text_drops_whole_pieces),
        cmocka_unit_test(text_formats_short_and_long),
        cmocka_unit_test(text_reserves_and_gives_away),
        cmocka_unit_test(map_finds_what_was_put),
        cmocka_unit_test(numbers_are_short_and_exact),
        cmocka_unit_test(numbers_read_back_the_same),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(utf8_knows_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
