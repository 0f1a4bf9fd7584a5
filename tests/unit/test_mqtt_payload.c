/* test_mqtt_payload.c - words, stamps and readings: adapters/mqtt_words.c and
 * adapters/mqtt_payload.c. */
#include "adapters/mqtt_payload.h"
#include "adapters/mqtt_words.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#define S CLOCK_S

/* 2026-11-24T16:24:39.123Z */
static const struct wall_time arrival = {INT64_C(1795537479123) * CLOCK_MS};

static struct point_settings number_point(const char *path)
{
    return (struct point_settings){
        .name = "p",
        .type = TYPE_NUMBER,
        .path = path,
        .time = "",
        .sequence = "",
        .scale = 1,
        .range_low = -INFINITY,
        .range_high = INFINITY,
    };
}

static struct mqtt_source source_of(struct mqtt_paths *paths,
                                    const struct point_settings *point,
                                    enum point_kind kind)
{
    struct mqtt_source source = {.settings = point, .kind = kind};

    assert_int_equal(mqtt_paths_get(paths, point->path, &source.path, NULL), 0);
    assert_int_equal(mqtt_paths_get(paths, point->time, &source.time, NULL), 0);
    assert_int_equal(mqtt_paths_get(paths, point->sequence, &source.sequence, NULL), 0);
    return source;
}

/* Reads one payload; the problem's text does not outlive it. */
static bool read_bytes(const char *bytes, size_t length,
                       const struct point_settings *point, enum point_kind kind,
                       struct mqtt_reading *reading)
{
    struct mqtt_paths *paths = mqtt_paths_new();
    struct mqtt_source source = source_of(paths, point, kind);
    struct mqtt_payload payload;
    bool news;

    mqtt_payload_begin(&payload, bytes, length);
    news = mqtt_payload_read(&payload, &source, arrival, reading);
    mqtt_payload_end(&payload);
    mqtt_paths_free(paths);
    reading->problem = reading->problem == NULL ? NULL : "some";
    return news;
}

static bool read_one(const char *bytes, const struct point_settings *point,
                     enum point_kind kind, struct mqtt_reading *reading)
{
    return read_bytes(bytes, strlen(bytes), point, kind, reading);
}

/* What a row expects: GOOD with a value, or BAD with a reason. */
struct row {
    const char *payload;
    double value;
    enum reason reason; /* REASON_NONE: good */
};

static void check_rows(const struct row *rows, size_t count,
                       const struct point_settings *point, enum point_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = rows[i].payload;
        bool good = rows[i].reason == REASON_NONE;
        struct mqtt_reading reading;

        check_case(name, read_one(name, point, kind, &reading));
        check_case(name, reading.quality == (good ? QUALITY_GOOD : QUALITY_BAD));
        check_case(name, reading.reason == rows[i].reason);
        if (good)
            check_near(name, reading.value, rows[i].value, 0);
        check_case(name, (reading.problem != NULL) == (reading.reason == REASON_DECODE));
        check_case(name, reading.time.ns == arrival.ns && !reading.stamped);
    }
}

#define CHECK_ROWS(rows, point, kind)                                                    \
    check_rows((rows), sizeof(rows) / sizeof(rows)[0], (point), (kind))

static void plain_numbers(void **state)
{
    static const struct row rows[] = {
        {"23.5", 23.5, REASON_NONE},
        {" 23.5\r\n", 23.5, REASON_NONE},
        {"-4", -4, REASON_NONE},
        {"+4", 4, REASON_NONE},
        {"1e3", 1000, REASON_NONE},
        {".5", 0.5, REASON_NONE},
        {"007", 7, REASON_NONE},
        {"\"23.5\"", 23.5, REASON_NONE},
        {"18446744073709551615", 18446744073709551616.0, REASON_NONE},
        {"null", 0, REASON_NOT_AVAILABLE},
        {"NaN", 0, REASON_NOT_AVAILABLE},
        {"unavailable", 0, REASON_NOT_AVAILABLE},
        {"--", 0, REASON_NOT_AVAILABLE},
        {"", 0, REASON_DECODE},
        {"  ", 0, REASON_DECODE},
        {"23,5", 0, REASON_DECODE},
        {"23.5 C", 0, REASON_DECODE},
        {"0x10", 0, REASON_DECODE},
        {"inf", 0, REASON_DECODE},
        {"1e400", 0, REASON_DECODE},
        {"1.2.3", 0, REASON_DECODE},
        {"-", 0, REASON_NOT_AVAILABLE},
        {"e", 0, REASON_DECODE},
        {"1 2", 0, REASON_DECODE},
        {"true", 0, REASON_DECODE},
        {"{\"v\":1}", 0, REASON_DECODE},
        {"\"", 0, REASON_DECODE},
        {"\xff\xfe", 0, REASON_DECODE},
        {"00000000000000000000000000000000000000000000000000000000000000001", 0,
         REASON_DECODE},
    };
    struct point_settings point = number_point("");

    (void)state;
    CHECK_ROWS(rows, &point, POINT_NUMBER);
}

static void numbers_by_path(void **state)
{
    static const struct row rows[] = {
        {"{\"flow\":{\"value\":12.5}}", 12.5, REASON_NONE},
        {"{\"flow\":{\"value\":\" 12.5 \"}}", 12.5, REASON_NONE},
        {"{\"flow\":{\"value\":true}}", 1, REASON_NONE},
        {"{\"flow\":{\"value\":null}}", 0, REASON_NOT_AVAILABLE},
        {"{\"flow\":null}", 0, REASON_NOT_AVAILABLE},
        {"{\"flow\":{\"value\":\"unknown\"}}", 0, REASON_NOT_AVAILABLE},
        {"{\"flow\":{\"value\":\"\"}}", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":\"high\"}}", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":[1]}}", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":{}}}", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":1e400}}", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":1,\"value\":2}}", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":1}} x", 0, REASON_DECODE},
        {"{\"flow\":{\"value\":NaN}}", 0, REASON_DECODE},
        {"\xEF\xBB\xBF{\"flow\":{\"value\":1}}", 0, REASON_DECODE},
        {"12.5", 0, REASON_DECODE},
        {"null", 0, REASON_DECODE},
        {"", 0, REASON_DECODE},
        {"offline", 0, REASON_DECODE},
    };
    static const char *const no_news[] = {
        "{}",
        "{\"battery\":80}",
        "{\"flow\":{\"unit\":\"m3/h\"}}",
        "{\"flow\":{}}",
        "{\"flow\":3}",
        "[]",
    };
    struct point_settings point = number_point("flow.value");
    struct mqtt_reading reading;

    (void)state;
    CHECK_ROWS(rows, &point, POINT_NUMBER);
    for (size_t i = 0; i < sizeof no_news / sizeof no_news[0]; i++)
        check_case(no_news[i], !read_one(no_news[i], &point, POINT_NUMBER, &reading));
}

static void sentinels_scale_and_range(void **state)
{
    static const struct row rows[] = {
        {"100", 12, REASON_NONE},           {"-50", -3, REASON_NONE},
        {"65535", 0, REASON_NOT_AVAILABLE}, {"65535.0", 0, REASON_NOT_AVAILABLE},
        {"-999", 0, REASON_NOT_AVAILABLE},  {"101", 0, REASON_RANGE},
        {"-51", 0, REASON_RANGE},           {"1e308", 0, REASON_RANGE},
    };
    struct point_settings point = number_point("");

    (void)state;
    point.scale = 0.1;
    point.offset = 2;
    point.range_low = -3;
    point.range_high = 12;
    point.invalid[0] = 0xffff;
    point.invalid[1] = (uint64_t)INT64_C(-999);
    point.invalid_count = 2;
    CHECK_ROWS(rows, &point, POINT_NUMBER);
}

static void usual_words_for_on_and_off(void **state)
{
    static const struct row rows[] = {
        {"1", 1, REASON_NONE},
        {"0", 0, REASON_NONE},
        {"1.0", 1, REASON_NONE},
        {"true", 1, REASON_NONE},
        {"FALSE", 0, REASON_NONE},
        {"On", 1, REASON_NONE},
        {"off\n", 0, REASON_NONE},
        {"yes", 1, REASON_NONE},
        {"no", 0, REASON_NONE},
        {"OPEN", 1, REASON_NONE},
        {"closed", 0, REASON_NONE},
        {"Alarm", 1, REASON_NONE},
        {"normal", 0, REASON_NONE},
        {"\"Online\"", 1, REASON_NONE},
        {"报警", 1, REASON_NONE},
        {"正常", 0, REASON_NONE},
        {"2", 0, REASON_DECODE},
        {"0.5", 0, REASON_DECODE},
        {"maybe", 0, REASON_DECODE},
        {"", 0, REASON_DECODE},
        {"null", 0, REASON_NOT_AVAILABLE},
        {"unknown", 0, REASON_NOT_AVAILABLE},
    };
    static const struct row by_path[] = {
        {"{\"v\":true}", 1, REASON_NONE},
        {"{\"v\":false}", 0, REASON_NONE},
        {"{\"v\":1}", 1, REASON_NONE},
        {"{\"v\":0.0}", 0, REASON_NONE},
        {"{\"v\":\"ON\"}", 1, REASON_NONE},
        {"{\"v\":7}", 0, REASON_DECODE},
        {"{\"v\":null}", 0, REASON_NOT_AVAILABLE},
    };
    struct point_settings point = number_point("");

    (void)state;
    point.type = TYPE_BOOL;
    CHECK_ROWS(rows, &point, POINT_BOOL);
    point.path = "v";
    CHECK_ROWS(by_path, &point, POINT_BOOL);
}

static void own_words_replace_the_usual(void **state)
{
    static const struct row rows[] = {
        {"closed", 1, REASON_NONE},  {"01", 1, REASON_NONE},  {"Open", 0, REASON_NONE},
        {"yes", 0, REASON_DECODE},   {"1", 0, REASON_DECODE}, {"off", 0, REASON_DECODE},
        {"false", 0, REASON_DECODE},
    };
    static const struct row by_path[] = {
        {"{\"v\":true}", 1, REASON_NONE}, /* a JSON boolean needs no word */
        {"{\"v\":false}", 0, REASON_NONE},
    };
    static const struct row inverted[] = {
        {"{\"v\":false}", 1, REASON_NONE},
        {"{\"v\":true}", 0, REASON_NONE},
        {"{\"v\":0}", 1, REASON_NONE},
    };
    static const char *const on[] = {"CLOSED", "01"};
    static const char *const off[] = {"open"};
    static const char *const false_words[] = {"false", "0"};
    static const char *const true_words[] = {"true", "1"};
    struct point_settings point = number_point("");

    (void)state;
    point.on = on;
    point.on_count = 2;
    point.off = off;
    point.off_count = 1;
    CHECK_ROWS(rows, &point, POINT_BOOL);
    point.path = "v";
    CHECK_ROWS(by_path, &point, POINT_BOOL);
    point.on = false_words;
    point.off = true_words;
    point.off_count = 2;
    CHECK_ROWS(inverted, &point, POINT_BOOL);
}

static void enums_by_name_or_code(void **state)
{
    static const struct enum_settings labels[] = {
        {0, "normal"}, {2, "inspection"}, {-1, "unknown"}};
    static const struct row rows[] = {
        {"normal", 0, REASON_NONE},
        {"Inspection", 2, REASON_NONE},
        {"unknown", -1, REASON_NONE}, /* a label wins over "no value" */
        {"2", 2, REASON_NONE},
        {"2.0", 2, REASON_NONE},
        {"-1", -1, REASON_NONE},
        {"9", 9, REASON_NONE}, /* no label, still a code */
        {"255", 0, REASON_NOT_AVAILABLE},
        {"2.5", 0, REASON_DECODE},
        {"1e300", 0, REASON_DECODE},
        {"holiday", 0, REASON_DECODE},
        {"null", 0, REASON_NOT_AVAILABLE},
    };
    static const struct row by_path[] = {
        {"{\"v\":\"INSPECTION\"}", 2, REASON_NONE},
        {"{\"v\":2}", 2, REASON_NONE},
        {"{\"v\":false}", 0, REASON_NONE},
        {"{\"v\":[]}", 0, REASON_DECODE},
    };
    struct point_settings point = number_point("");

    (void)state;
    point.labels = labels;
    point.label_count = 3;
    point.invalid[0] = 255;
    point.invalid_count = 1;
    CHECK_ROWS(rows, &point, POINT_ENUM);
    point.path = "v";
    CHECK_ROWS(by_path, &point, POINT_ENUM);
}

static void texts_are_cut_at_a_character(void **state)
{
    static const struct {
        const char *payload;
        const char *want;
    } cases[] = {
        {"{\"v\":\"Loop 1 zone 3\"}", "Loop 1 zone 3"},
        {"{\"v\":\" two\\nlines \"}", "two lines"},
        {"{\"v\":12.5}", "12.5"},
        {"{\"v\":true}", "true"},
        {"{\"v\":\"\"}", ""},
    };
    struct point_settings point = number_point("v");
    struct mqtt_reading reading;
    char longest[LIVE_TEXT_MAX * 2 + 1] = "";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_case(cases[i].payload,
                   read_one(cases[i].payload, &point, POINT_TEXT, &reading));
        check_case(cases[i].payload, reading.quality == QUALITY_GOOD);
        check_text(cases[i].payload, reading.text, cases[i].want);
    }
    point.path = "";
    longest[0] = 'a'; /* then characters of three bytes, so that the cut is inside one */
    for (size_t i = 0; i < 60; i++)
        memcpy(longest + 1 + i * 3, "水", 4);
    assert_true(read_one(longest, &point, POINT_TEXT, &reading));
    assert_int_equal(strlen(reading.text), 1 + (LIVE_TEXT_MAX - 2) / 3 * 3);
    assert_memory_equal(reading.text, longest, strlen(reading.text));
    assert_true(read_one("a\xff", &point, POINT_TEXT, &reading));
    assert_int_equal(reading.reason, REASON_DECODE);
}

static void device_time(void **state)
{
    static const int64_t at = INT64_C(1795537400) * S; /* a minute before the arrival */
    static const struct {
        const char *payload;
        int64_t ns; /* 0: the arrival, and a doubt; -1: the arrival, no doubt */
    } cases[] = {
        {"{\"v\":1,\"ts\":1795537400}", at},
        {"{\"v\":1,\"ts\":1795537400.25}", at + S / 4},
        {"{\"v\":1,\"ts\":1795537400000}", at},
        {"{\"v\":1,\"ts\":1795537400000000}", at},
        {"{\"v\":1,\"ts\":1795537400000000000}", at},
        {"{\"v\":1,\"ts\":\"1795537400\"}", at},
        {"{\"v\":1,\"ts\":\"2026-11-24T16:23:20Z\"}", at},
        {"{\"v\":1,\"ts\":\"2026-11-25T00:23:20.5+08:00\"}", at + S / 2},
        {"{\"v\":1,\"ts\":1795620000}", INT64_C(1795620000) * S}, /* 23 h ahead */
        {"{\"v\":1}", -1},
        {"{\"v\":1,\"ts\":null}", -1},
        {"{\"v\":1,\"ts\":1795624000}", 0},              /* 24 h and a bit ahead */
        {"{\"v\":1,\"ts\":1500000000}", 0},              /* 2017 */
        {"{\"v\":1,\"ts\":0}", 0},                       /* a clock never set */
        {"{\"v\":1,\"ts\":-1795537400}", 0},             /* */
        {"{\"v\":1,\"ts\":1e300}", 0},                   /* */
        {"{\"v\":1,\"ts\":\"2026-11-24T16:23:20\"}", 0}, /* nobody knows the zone */
        {"{\"v\":1,\"ts\":\"24.11.2026\"}", 0},
        {"{\"v\":1,\"ts\":\"\"}", 0},
        {"{\"v\":1,\"ts\":true}", 0},
        {"{\"v\":1,\"ts\":{}}", 0},
    };
    struct point_settings point = number_point("v");

    (void)state;
    point.time = "ts";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *name = cases[i].payload;
        bool doubt = cases[i].ns == 0;
        struct mqtt_reading reading;

        check_case(name, read_one(name, &point, POINT_NUMBER, &reading));
        check_case(name, reading.quality == (doubt ? QUALITY_UNCERTAIN : QUALITY_GOOD));
        check_case(name, reading.reason == (doubt ? REASON_CLOCK : REASON_NONE));
        check_case(name, reading.stamped == (cases[i].ns > 0));
        check_near(name, reading.value, 1, 0);
        check_near(name, (double)reading.time.ns,
                   (double)(cases[i].ns > 0 ? cases[i].ns : arrival.ns), 0);
    }
}

static void a_doubt_does_not_hide_a_fault(void **state)
{
    struct point_settings point = number_point("v");
    struct mqtt_reading reading;

    (void)state;
    point.time = "ts";
    assert_true(read_one("{\"v\":\"x\",\"ts\":0}", &point, POINT_NUMBER, &reading));
    assert_int_equal(reading.reason, REASON_DECODE);
    assert_true(
        read_one("{\"v\":null,\"ts\":1795537400}", &point, POINT_NUMBER, &reading));
    assert_int_equal(reading.reason, REASON_NOT_AVAILABLE);
    assert_true(reading.stamped);
    assert_false(read_one("{\"ts\":1795537400}", &point, POINT_NUMBER, &reading));
}

static void one_document_for_many_points(void **state)
{
    static const char bytes[] = "{\"a\":1,\"b\":2,\"c\":\"x\"}";
    struct point_settings a = number_point("a");
    struct point_settings b = number_point("b");
    struct mqtt_paths *paths = mqtt_paths_new();
    struct mqtt_source source_a = source_of(paths, &a, POINT_NUMBER);
    struct mqtt_source source_b = source_of(paths, &b, POINT_NUMBER);
    struct mqtt_payload payload;
    struct mqtt_reading reading;
    const struct json *document;

    (void)state;
    mqtt_payload_begin(&payload, bytes, strlen(bytes));
    assert_true(mqtt_payload_read(&payload, &source_a, arrival, &reading));
    check_near("a", reading.value, 1, 0);
    document = payload.json;
    assert_non_null(document);
    assert_true(mqtt_payload_read(&payload, &source_b, arrival, &reading));
    check_near("b", reading.value, 2, 0);
    assert_ptr_equal(document, payload.json);
    mqtt_payload_end(&payload);
    mqtt_paths_free(paths);
}

static void flags_are_the_bits_of_a_number(void **state)
{
    static const struct row rows[] = {
        {"5", 5, REASON_NONE},
        {"0", 0, REASON_NONE},
        {"65535", 0, REASON_NOT_AVAILABLE},
        {"-1", 0, REASON_DECODE},
        {"1.5", 0, REASON_DECODE},
        {"1e300", 0, REASON_DECODE},
        {"stop", 0, REASON_DECODE},
    };
    struct point_settings point = number_point("");

    (void)state;
    point.invalid[0] = 65535;
    point.invalid_count = 1;
    CHECK_ROWS(rows, &point, POINT_FLAGS);
}

/* F37 of the list of faults: each is refused, for a reason that is counted. */
static void says_why_it_is_refused(void **state)
{
    static const struct {
        const char *payload;
        enum payload_fault plain; /* of a point without path */
        enum payload_fault by_path;
    } cases[] = {
        {"", PAYLOAD_EMPTY, PAYLOAD_EMPTY},
        {" ", PAYLOAD_EMPTY, PAYLOAD_SYNTAX},
        {"\xff\xfe", PAYLOAD_ENCODING, PAYLOAD_ENCODING},
        {"{\"v\":\"\xff\"}", PAYLOAD_ENCODING, PAYLOAD_ENCODING},
        {"\xEF\xBB\xBF{\"v\":1}", PAYLOAD_MEANING, PAYLOAD_ENCODING},
        {"{\"v\":1,\"a\\u0000b\":1}", PAYLOAD_MEANING, PAYLOAD_ENCODING},
        {"{\"v\":\"a\\u0000b\"}", PAYLOAD_MEANING, PAYLOAD_ENCODING},
        {"{\"v\":1", PAYLOAD_MEANING, PAYLOAD_SYNTAX},
        {"{\"v\":NaN}", PAYLOAD_MEANING, PAYLOAD_SYNTAX},
        {"{\"v\":1,\"v\":2}", PAYLOAD_MEANING, PAYLOAD_KEY},
        {"{\"v\":{\"x\":1,\"x\":2}}", PAYLOAD_MEANING, PAYLOAD_KEY},
        {"{\"v\":1e400}", PAYLOAD_MEANING, PAYLOAD_NUMBER},
        {"1e400", PAYLOAD_NUMBER, PAYLOAD_NUMBER},
        {"-1e400", PAYLOAD_NUMBER, PAYLOAD_NUMBER},
        {"{\"v\":\"high\"}", PAYLOAD_MEANING, PAYLOAD_MEANING},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
         PAYLOAD_MEANING, PAYLOAD_DEPTH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct point_settings point = number_point("");
        struct mqtt_reading reading;

        check_case(cases[i].payload,
                   read_one(cases[i].payload, &point, POINT_NUMBER, &reading));
        check_case(cases[i].payload, reading.fault == cases[i].plain);
        point.path = "v";
        check_case(cases[i].payload,
                   read_one(cases[i].payload, &point, POINT_NUMBER, &reading));
        check_case(cases[i].payload, reading.reason == REASON_DECODE);
        check_case(cases[i].payload, reading.fault == cases[i].by_path);
        check_case("name", payload_fault_name(reading.fault)[0] != '\0');
    }
}

static void a_bomb_does_no_harm(void **state)
{
    struct point_settings point = number_point("v");
    size_t length = 200000;
    char *bytes = mem_alloc(length);
    struct mqtt_reading reading;

    (void)state;
    memset(bytes, '[', length);
    assert_true(read_bytes(bytes, length, &point, POINT_NUMBER, &reading));
    assert_int_equal(reading.fault, PAYLOAD_DEPTH);
    point.path = "";
    assert_true(read_bytes(bytes, length, &point, POINT_NUMBER, &reading));
    assert_int_equal(reading.reason, REASON_DECODE);
    memset(bytes, '9', length);
    assert_true(read_bytes(bytes, length, &point, POINT_NUMBER, &reading));
    assert_int_equal(reading.reason, REASON_DECODE);
    mem_free(bytes);
}

static void elements_of_arrays(void **state)
{
    static const struct {
        const char *path;
        const char *payload;
        double value; /* NAN: no value; INFINITY: no news */
    } cases[] = {
        {"sensors[0].value", "{\"sensors\":[{\"value\":7}]}", 7},
        {"sensors[1].value", "{\"sensors\":[{\"value\":7}]}", INFINITY},
        {"sensors[id=28-0316].value",
         "{\"sensors\":[{\"id\":\"28-0315\",\"value\":1},{\"id\":\"28-0316\",\"value\":2}"
         "]}",
         2},
        {"sensors[id=28-0317].value", "{\"sensors\":[{\"id\":\"28-0315\",\"value\":1}]}",
         INFINITY},
        {"values[*].p_l1",
         "{\"values\":[{\"p_l1\":1},{\"p_l1\":2,\"p_l2\":3},{\"p_l2\":4}]}", 2},
        {"values[*].p_l1", "{\"values\":[{\"p_l1\":1},{\"p_l1\":null}]}", NAN},
        {"values[*].p_l1", "{\"values\":[]}", INFINITY},
        {"values[*].p_l1", "{\"values\":null}", NAN},
        {"values[*].p_l1", "{}", INFINITY},
        {"[0].v", "[{\"v\":3}]", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct point_settings point = number_point(cases[i].path);
        struct mqtt_reading reading;
        bool news = read_one(cases[i].payload, &point, POINT_NUMBER, &reading);

        check_case(cases[i].payload, news != isinf(cases[i].value));
        if (!news)
            continue;
        check_case(cases[i].payload,
                   reading.reason ==
                       (isnan(cases[i].value) ? REASON_NOT_AVAILABLE : REASON_NONE));
        if (!isnan(cases[i].value))
            check_near(cases[i].payload, reading.value, cases[i].value, 0);
    }
}

static void the_number_of_the_message(void **state)
{
    struct point_settings point = number_point("v");
    struct mqtt_reading reading;

    (void)state;
    assert_true(read_one("{\"v\":1,\"n\":7}", &point, POINT_NUMBER, &reading));
    assert_false(reading.numbered);
    point.sequence = "n";
    assert_true(read_one("{\"v\":1,\"n\":7}", &point, POINT_NUMBER, &reading));
    assert_true(reading.numbered);
    assert_true(read_one("{\"v\":1}", &point, POINT_NUMBER, &reading));
    assert_false(reading.numbered);
    assert_true(read_one("{\"v\":1,\"n\":null}", &point, POINT_NUMBER, &reading));
    assert_false(reading.numbered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers),
        cmocka_unit_test(numbers_by_path),
        cmocka_unit_test(sentinels_scale_and_range),
        cmocka_unit_test(usual_words_for_on_and_off),
        cmocka_unit_test(own_words_replace_the_usual),
        cmocka_unit_test(enums_by_name_or_code),
        cmocka_unit_test(texts_are_cut_at_a_character),
        cmocka_unit_test(device_time),
        cmocka_unit_test(a_doubt_does_not_hide_a_fault),
        cmocka_unit_test(one_document_for_many_points),
        cmocka_unit_test(flags_are_the_bits_of_a_number),
        cmocka_unit_test(says_why_it_is_refused),
        cmocka_unit_test(a_bomb_does_no_harm),
        cmocka_unit_test(elements_of_arrays),
        cmocka_unit_test(the_number_of_the_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
