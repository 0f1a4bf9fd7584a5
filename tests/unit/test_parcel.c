/* test_batch.c - halving, reactions, waiting, and the small parsers of an answer. */
#include "base/mem.h"
#include "history/endpoint.h"
#include "history/gzip.h"
#include "history/parcel.h"
#include "history/retry_after.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <zlib.h>

enum {
    LINES = 100,
};

/* Numbers of LINES lines, "0\n1\n...". */
static char *make_lines(void)
{
    char *text = mem_alloc(LINES * 4 + 1);
    size_t used = 0;

    for (int i = 0; i < LINES; i++)
        used += (size_t)snprintf(text + used, 5, "%d\n", i);
    return text;
}

/* Posts to a database that refuses the lines of `poison`; every other line must be
 * accepted once, every one of these given back alone. Returns how many requests. */
static int check_poison(const bool poison[LINES], size_t limit)
{
    char *text = make_lines();
    int accepted[LINES] = {0};
    int rejected[LINES] = {0};
    struct parcel batch;
    int requests = 0;

    parcel_begin(&batch, text, strlen(text), LINES);
    while (!parcel_done(&batch)) {
        const struct parcel_piece *piece = parcel_next(&batch, limit);
        const char *at = piece->text;
        bool bad = false;
        int first = (int)strtol(at, NULL, 10);
        int count = (int)piece->lines;
        struct parcel_piece line;

        requests++;
        assert_true(piece->lines <= limit && at[piece->length - 1] == '\n');
        for (int i = first; i < first + count; i++)
            bad = bad || poison[i];
        if (!bad) {
            for (int i = first; i < first + count; i++)
                accepted[i]++;
            parcel_accept(&batch);
        } else if (parcel_reject(&batch, &line)) {
            rejected[strtol(line.text, NULL, 10)]++;
        }
    }
    for (int i = 0; i < LINES; i++)
        assert_true(accepted[i] == !poison[i] && rejected[i] == poison[i]);
    assert_int_equal(batch.accepted + batch.rejected, LINES);
    mem_free(text);
    return requests;
}

static void test_halving(void **state)
{
    bool poison[LINES] = {false};

    (void)state;
    assert_int_equal(check_poison(poison, LINES), 1);
    for (int i = 0; i < LINES; i++) {
        poison[i] = true;
        assert_in_range(check_poison(poison, LINES), 13, 15); /* 2 log2(LINES) + 1 */
        (void)check_poison(poison, 7);
        poison[i] = false;
    }
    srandom(3);
    for (int round = 0; round < 500; round++) {
        for (int i = 0; i < LINES; i++)
            poison[i] = random() % (1 + round % 20) == 0;
        (void)check_poison(poison, (size_t)(1 + random() % LINES));
    }
}

static void test_reactions(void **state)
{
    static const struct {
        int status;
        enum reaction want;
    } cases[] = {
        {200, REACTION_OK},     {204, REACTION_OK},        {301, REACTION_CONFIG},
        {302, REACTION_CONFIG}, {400, REACTION_REJECT},    {401, REACTION_CONFIG},
        {403, REACTION_CONFIG}, {404, REACTION_CONFIG},    {405, REACTION_CONFIG},
        {408, REACTION_WAIT},   {413, REACTION_TOO_LARGE}, {415, REACTION_CONFIG},
        {422, REACTION_REJECT}, {425, REACTION_WAIT},      {429, REACTION_WAIT},
        {500, REACTION_WAIT},   {502, REACTION_WAIT},      {503, REACTION_WAIT},
        {504, REACTION_WAIT},   {599, REACTION_WAIT},      {0, REACTION_CONFIG},
        {999, REACTION_CONFIG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (reaction_to(cases[i].status) != cases[i].want)
            fail_msg("status %d", cases[i].status);
}

static void test_backoff(void **state)
{
    static const int64_t most[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

    (void)state;
    for (unsigned i = 0; i < sizeof most / sizeof most[0]; i++) {
        assert_int_equal(backoff_ms(i + 1, 0), most[i] / 2);
        assert_in_range(backoff_ms(i + 1, UINT32_MAX), most[i] - 1, most[i]);
    }
    assert_in_range(backoff_ms(4000000000u, UINT32_MAX), 59999, 60000);
}

static void test_retry_after(void **state)
{
    static const struct {
        const char *value;
        int64_t want;
    } cases[] = {
        {"0", 0},
        {"1", 1000},
        {"120", 120000},
        {"301", 300000},
        {"999999999", 300000},
        {"99999999999999999999", 300000},
        {"Sun, 06 Nov 1994 08:49:47 GMT", 10000},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:00 GMT", 0},
        {"Mon, 07 Nov 1994 08:49:37 GMT", 300000},
        {"Sun Nov  6 08:50:37 1994", 60000},
        {"Sun Nov 16 08:50:37 1994", 300000},
        {"Sunday, 06-Nov-94 08:49:38 GMT", 300000}, /* 2094: of our century */
        {"", -1},
        {"-1", -1},
        {"1.5", -1},
        {"12 ", -1},
        {"soon", -1},
        {"Sun, 06 Foo 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Sun, 06 Nov 1994 28:49:37 GMT", -1},
        {"Sun, 46 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {",", -1},
        {" ", -1},
        {", ", -1},
    };
    struct wall_time now;

    (void)state;
    assert_true(wall_parse("1994-11-06T08:49:37Z", &now));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].value, retry_after_ms(cases[i].value, now) == cases[i].want);
}

static void test_addresses(void **state)
{
    static const struct {
        struct sink_settings settings;
        const char *want;
    } cases[] = {
        {{.type = SINK_INFLUXDB1, .url = "http://h:8086", .database = "plant & co"},
         "http://h:8086/write?db=plant%20%26%20co&precision=ns"},
        {{.type = SINK_INFLUXDB2,
          .url = "https://h/base//",
          .org = "estate",
          .bucket = "\xe6\xb3\xb5/1"},
         "https://h/base/api/v2/write?org=estate&bucket=%E6%B3%B5%2F1&precision=ns"},
        {{.type = SINK_VICTORIAMETRICS, .url = "http://h:8428/", .database = ""},
         "http://h:8428/write?precision=ns"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *url = endpoint_url(&cases[i].settings);

        check_text(cases[i].want, url, cases[i].want);
        mem_free(url);
    }
}

/* Every small size, one after the other: a body of few bytes grows. */
static void test_gzip(void **state)
{
    struct gzip *gzip = gzip_new();
    char *text = make_lines();
    struct text out;
    struct err err;

    (void)state;
    text_init(&out, 1024);
    for (size_t size = 0; size <= strlen(text); size++) {
        unsigned char back[LINES * 4];
        z_stream stream = {.next_out = back, .avail_out = sizeof back};

        assert_int_equal(gzip_pack(gzip, text, size, &out, &err), 0);
        stream.next_in = (Bytef *)out.data;
        stream.avail_in = (uInt)out.length;
        assert_int_equal(inflateInit2(&stream, 31), Z_OK);
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.total_out, size);
        assert_memory_equal(back, text, size);
        (void)inflateEnd(&stream);
    }
    text_done(&out);
    text_init(&out, 4);
    assert_int_equal(gzip_pack(gzip, text, 100, &out, &err), -1);
    assert_int_equal(err.kind, ERR_FULL);
    text_done(&out);
    gzip_free(gzip);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halving),   cmocka_unit_test(test_reactions),
        cmocka_unit_test(test_backoff),   cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_gzip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
