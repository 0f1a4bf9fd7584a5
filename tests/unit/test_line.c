/* test_line.c - lines that are written can be read back, whatever the names. */
#include "base/mem.h"
#include "base/number.h"
#include "history/line.h"
#include "tests/unit/check.h"
#include "tests/unit/line_reader.h"

#include <stdio.h>

enum {
    EQUIPMENT = 3,
    POINTS_EACH = 8, /* with "online" */
    POINTS = EQUIPMENT * POINTS_EACH,
    TEXT_MAX = 1024 * 1024,
};

static const enum point_kind kinds[POINTS_EACH] = {
    POINT_NUMBER, POINT_NUMBER, POINT_NUMBER, POINT_BOOL,
    POINT_ENUM,   POINT_TEXT,   POINT_NUMBER, POINT_BOOL};

struct fixture {
    struct model *model;
    char *prefixes[EQUIPMENT];
    char *keys[POINTS];
    struct text out;
};

/* Every name is made from `nasty`. */
static void set_up(struct fixture *f, const char *nasty)
{
    struct model *m = model_new();

    *f = (struct fixture){.model = m};
    m->site_id = model_string(m, nasty);
    m->equipment_count = EQUIPMENT;
    m->equipment = model_memory(m, EQUIPMENT, sizeof *m->equipment);
    m->point_count = POINTS;
    m->points = model_memory(m, m->point_count, sizeof *m->points);
    for (uint32_t e = 0; e < EQUIPMENT; e++) {
        char *id = mem_format("%s%u", nasty, e);

        m->equipment[e] = (struct equipment){.index = e,
                                             .id = model_string(m, id),
                                             .class_name = "pump",
                                             .place = model_string(m, nasty),
                                             .first_point = e * POINTS_EACH,
                                             .point_count = POINTS_EACH};
        mem_free(id);
        for (uint32_t p = 0; p < POINTS_EACH; p++) {
            uint32_t index = e * POINTS_EACH + p;
            char *name = mem_format("p%u%s", p, nasty);

            m->points[index] = (struct point){.index = index,
                                              .equipment = e,
                                              .name = model_string(m, name),
                                              .kind = kinds[p],
                                              .digits = p == 1 ? 9 : 17,
                                              .builtin = p == POINTS_EACH - 1};
            mem_free(name);
        }
    }
    model_seal(m);
    for (size_t e = 0; e < EQUIPMENT; e++)
        f->prefixes[e] = line_prefix(m, &m->equipment[e]);
    for (size_t p = 0; p < m->point_count; p++)
        f->keys[p] = line_key(&m->points[p]);
    text_init(&f->out, TEXT_MAX);
}

static void tear_down(struct fixture *f)
{
    for (size_t e = 0; e < EQUIPMENT; e++)
        mem_free(f->prefixes[e]);
    for (size_t p = 0; p < f->model->point_count; p++)
        mem_free(f->keys[p]);
    text_done(&f->out);
    model_free(f->model);
}

static struct sample good(uint32_t point, double value, int64_t time_ns)
{
    return (struct sample){.point = point, .value = value, .time = {time_ns}};
}

static size_t encode(struct fixture *f, const struct sample *samples, size_t count)
{
    text_clear(&f->out);
    return line_samples(&f->out, f->model, f->prefixes, f->keys, samples, count);
}

static void test_exact_text(void **state)
{
    struct fixture f;
    struct sample samples[] = {
        good(0, 12.4, 1764000000123000000),
        good(1, (double)0.41f, 1764000000123000000),
        good(3, 1, 1764000000123000000),
        good(4, -2, 1764000000123000000),
        good(5, 1, 1764000000123000000), /* a text point */
        good(6, NAN, 1764000000123000000),
        good(8, 3, 1764000000123000000),
        good(8, 4, 1764000000123000000), /* the same point again */
        good(9, 5, 1764000000124000000), /* another time */
        good(10, INFINITY, 1764000000124000000),
        good(11, 1e300, 1764000000124000000), /* no boolean */
        {.point = 12, .quality = QUALITY_BAD, .value = 1, .time = {1}},
        good(13, 1, 0),
        {.point = 16, .quality = QUALITY_UNCERTAIN, .value = -0.5, .time = {7}},
    };

    (void)state;
    set_up(&f, "x");
    assert_int_equal(encode(&f, samples, sizeof samples / sizeof samples[0]), 5);
    check_text("lines", f.out.data,
               "pump,class=pump,equipment=x0,place=x,site=x "
               "p0x=12.4,p1x=0.41,p3x=1i,p4x=-2i 1764000000123000000\n"
               "pump,class=pump,equipment=x1,place=x,site=x p0x=3 1764000000123000000\n"
               "pump,class=pump,equipment=x1,place=x,site=x p0x=4 1764000000123000000\n"
               "pump,class=pump,equipment=x1,place=x,site=x p1x=5 1764000000124000000\n"
               "pump,class=pump,equipment=x2,place=x,site=x p0x=-0.5 7\n");
    tear_down(&f);
}

static const char *const nasty_names[] = {
    "plain",
    "two words",
    " leading",
    "trailing ",
    "comma,inside",
    ",",
    "equals=inside",
    "=",
    "back\\slash",
    "trailing\\",
    "\\",
    "\\\\",
    "\\\\server",
    "before\\,comma",
    "before\\ space",
    "line\nfeed",
    "tab\there",
    "cr\r\nlf",
    "quo\"te",
    "'",
    "\xe6\xb3\xb5",
    "1号楼 1单元,=\\",
    "#hash",
    "a\\\nb",
    "\x7f",
    "emoji \xf0\x9f\x92\xa7",
};

static void check_names(const char *name, const struct read_line *line)
{
    char id[READ_WORD_MAX];
    char want[READ_WORD_MAX];

    check_text(name, line->measurement, "pump");
    check_case(name, line->tag_count == 4);
    read_expected(name, ",= ", want);
    check_text(name, line->tags[2].text, want);
    check_text(name, line->tags[3].text, want);
    (void)snprintf(id, sizeof id, "%s0", name);
    read_expected(id, ",= ", want);
    check_text(name, line->tags[1].text, want);
    (void)snprintf(id, sizeof id, "p0%s", name);
    read_expected(id, ",= ", want);
    check_text(name, line->fields[0].key, want);
}

static void test_nasty_names(void **state)
{
    static struct read_line line;

    (void)state;
    for (size_t i = 0; i < sizeof nasty_names / sizeof nasty_names[0]; i++) {
        struct fixture f;
        struct sample samples[] = {good(0, 1.5, 10), good(1, 2.5, 10), good(4, 3, 10)};
        const char *rest;

        set_up(&f, nasty_names[i]);
        assert_int_equal(encode(&f, samples, 3), 1);
        rest = read_line(f.out.data, &line);
        check_case(nasty_names[i], rest != NULL && *rest == '\0');
        check_names(nasty_names[i], &line);
        check_case(nasty_names[i], line.field_count == 3 && line.fields[2].is_integer);
        tear_down(&f);
    }
}

static void test_bad_utf8(void **state)
{
    struct text out;

    (void)state;
    text_init(&out, 100);
    line_escape_tag(&out, "a\xff\xc3(\xed\xa0\x80z");
    check_text("bad bytes", out.data, "a__(___z");
    text_clear(&out);
    line_escape_measurement(&out, "#a=b c,d");
    check_text("measurement", out.data, "_a=b\\ c\\,d");
    text_clear(&out);
    line_field_string(&out, "say \"a\\b\"\nand\xff \xe6\xb3\xb5");
    check_text("string", out.data, "\"say \\\"a\\\\b\\\" and_ \xe6\xb3\xb5\"");
    text_done(&out);
}

/* Batches of every shape; what goes in comes out, in order, and nothing else. */
static void check_random_batch(struct fixture *f, size_t count)
{
    static struct read_line line;
    struct sample samples[64] = {{0}};
    size_t next = 0;
    size_t lines = 0;
    const char *at;

    for (size_t i = 0; i < count; i++) {
        uint32_t point = (uint32_t)(random() % POINTS);

        samples[i] = good(point, (double)(random() % 100000) / 1000.0,
                          1764000000000000000 + random() % 2);
        samples[i].quality = (uint8_t)(random() % 8 == 0 ? QUALITY_BAD : QUALITY_GOOD);
        if (kinds[point % POINTS_EACH] != POINT_NUMBER)
            samples[i].value = (double)(random() % 5);
    }
    (void)encode(f, samples, count);
    at = f->out.data;
    while (*at != '\0') {
        at = read_line(at, &line);
        assert_non_null(at);
        lines++;
        for (size_t i = 0; i < line.field_count; i++, next++) {
            const struct point *point;

            while (samples[next].quality == QUALITY_BAD ||
                   kinds[samples[next].point % POINTS_EACH] == POINT_TEXT)
                next++;
            point = &f->model->points[samples[next].point];
            assert_string_equal(line.fields[i].key, point->name);
            assert_true(line.fields[i].is_integer == (point->kind != POINT_NUMBER));
            assert_true(fabs(line.fields[i].number - samples[next].value) <= 1e-7);
            assert_true(line.time_ns == samples[next].time.ns);
            assert_string_equal(line.tags[1].text,
                                f->model->equipment[point->equipment].id);
        }
    }
    while (next < count) { /* what is left was not to be written */
        assert_true(samples[next].quality == QUALITY_BAD ||
                    kinds[samples[next].point % POINTS_EACH] == POINT_TEXT);
        next++;
    }
    assert_int_equal(encode(f, samples, count), lines);
}

static void test_random_batches(void **state)
{
    struct fixture f;

    (void)state;
    srandom(1);
    set_up(&f, "n");
    for (int i = 0; i < 20000; i++)
        check_random_batch(&f, (size_t)(random() % 64));
    tear_down(&f);
}

/* A full text keeps whole lines only, at every size. */
static void test_full(void **state)
{
    static struct read_line line;
    struct fixture f;
    struct sample samples[] = {good(0, 1.5, 10), good(1, 2.5, 10), good(8, 3.5, 10)};
    size_t whole = 0;

    (void)state;
    set_up(&f, "x");
    for (size_t max = 0; max < 300; max++) {
        const char *at;
        size_t lines;

        text_done(&f.out);
        text_init(&f.out, max);
        lines = encode(&f, samples, 3);
        at = f.out.data;
        for (size_t i = 0; i < lines; i++) {
            at = read_line(at, &line);
            assert_non_null(at);
        }
        assert_int_equal(*at, '\0');
        assert_true(f.out.length <= max && f.out.length >= whole);
        whole = f.out.length;
    }
    assert_false(f.out.overflow);
    tear_down(&f);
}

static void test_time_is_no_field(void **state)
{
    struct point point = {.name = "time"};
    char *key = line_key(&point);

    (void)state;
    check_text("time", key, "time_");
    mem_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_text), cmocka_unit_test(test_nasty_names),
        cmocka_unit_test(test_bad_utf8),   cmocka_unit_test(test_random_batches),
        cmocka_unit_test(test_full),       cmocka_unit_test(test_time_is_no_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
