/* test_ctl_csv.c - CSV as spreadsheets write it, and equipment to and from it. */
#include "base/json_in.h"
#include "ctl/csv.h"
#include "ctl/equipment_text.h"
#include "ctl/nearest.h"
#include "tests/unit/check.h"

static const struct {
    const char *name;
    const char *bytes;
    const char *want; /* rows by '/', cells by '|'; NULL: refused */
    const char *error;
} files[] = {
    {"plain", "a,b\r\n1,2\r\n", "a|b/1|2", ""},
    {"line feed", "a,b\n1,2", "a|b/1|2", ""},
    {"carriage return", "a,b\r1,2\r", "a|b/1|2", ""},
    {"byte order mark",
     "\xEF\xBB\xBF"
     "a\n1\n",
     "a/1", ""},
    {"quotes", "a\n\"x,\"\"y\"\"\"\n", "a/x,\"y\"", ""},
    {"line end inside", "a,b\n\"x\r\ny\",2\n", "a|b/x\r\ny|2", ""},
    {"empty cells", "a,b,c\n,,\n1,,\n", "a|b|c/1||", ""},
    {"semicolons", "a;b\n1;2,5\n", "a|b/1|2,5", ""},
    {"tabulators", "a\tb\n1\t2\n", "a|b/1|2", ""},
    {"formula taken back", "a\n'=x\n'-1\n''q\n'abc\n", "a/=x/-1/'q/'abc", ""},
    {"chinese", "名称\n水泵\n", "名称/水泵", ""},
    {"nothing", "", "", ""},
    {"only a mark", "\xEF\xBB\xBF", "", ""},
    {"open quote", "a\nb,\"c\nd\n", NULL,
     "line 2, column 3: a quote that is never closed"},
    {"behind quote", "a\n\"b\"c\n", NULL,
     "line 2, column 4: text behind a closing quote"},
    {"quote inside", "a\nb\"c\n", NULL,
     "line 2, column 2: a quote inside of a cell that does not begin with one"},
    {"not utf-8", "a\n\xE6\xB0\xB4,x\xFF\n", NULL,
     "line 2, column 4: not UTF-8: save it as \"CSV UTF-8\""},
};

static void read_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct csv csv;
        struct err err = {0};
        struct text got;
        int rc = csv_read(&csv, files[i].bytes, strlen(files[i].bytes), &err);

        check_case(files[i].name, (rc == 0) == (files[i].want != NULL));
        check_text(files[i].name, err.text, files[i].error);
        text_init(&got, 10000);
        for (size_t r = 0; r < csv.count && rc == 0; r++)
            for (size_t c = 0; c < csv.rows[r].count; c++)
                text_addf(&got, "%s%s",
                          c > 0   ? "|"
                          : r > 0 ? "/"
                                  : "",
                          csv.rows[r].cells[c].text);
        if (rc == 0)
            check_text(files[i].name, got.data, files[i].want);
        text_done(&got);
        csv_free(&csv);
    }
}

static void positions_count_characters(void **state)
{
    static const char bytes[] = "a,b\n\"x\ny\",水,z\n";
    struct csv csv;
    struct err err = {0};

    (void)state;
    assert_int_equal(csv_read(&csv, bytes, sizeof bytes - 1, &err), 0);
    assert_int_equal(csv.rows[1].cells[1].line, 3);
    assert_int_equal(csv.rows[1].cells[1].column, 4);
    assert_int_equal(csv.rows[1].cells[2].column, 6);
    csv_free(&csv);
}

static void what_is_written_reads_back(void **state)
{
    static const char *const cells[] = {"plain", "a,b", "a\"b", "=1+1",      "@x",
                                        "-5",    "'=x", "''",   "line\nend", "水泵; 2",
                                        "",      " x",  "+",    "'"};
    enum {
        COUNT = sizeof cells / sizeof cells[0]
    };
    struct text out;
    struct csv csv;
    struct err err = {0};

    (void)state;
    text_init(&out, 10000);
    csv_begin(&out);
    for (size_t i = 0; i < COUNT; i++)
        csv_put_text(&out, i == 0, cells[i]);
    csv_put_number(&out, false, -0.5);
    csv_end_row(&out);
    assert_int_equal(csv_read(&csv, out.data, out.length, &err), 0);
    assert_int_equal(csv.rows[0].count, COUNT + 1);
    for (size_t i = 0; i < COUNT; i++)
        check_text(cells[i], csv.rows[0].cells[i].text, cells[i]);
    check_text("number", csv.rows[0].cells[COUNT].text, "-0.5");
    csv_free(&csv);
    text_done(&out);
}

/* ---- equipment ---- */

static const struct {
    const char *name;
    const char *bytes;
    const char *want;
} imports[] = {
    {"one", "id,profile,link,unit\nm-1,sdm,bus,5\n",
     "equipment = (\n  { id = \"m-1\"; profile = \"sdm\"; link = \"bus\"; unit = 5; "
     "}\n);\n"},
    {"any order, empty cells", "link,id,name,profile,place\nbus,m,,sdm,\"B\\1\"\"\"\n",
     "equipment = (\n  { id = \"m\"; place = \"B\\\\1\\\"\"; profile = \"sdm\"; link = "
     "\"bus\"; }\n);\n"},
    {"groups",
     "id,profile,link,params.ct,params.pt,relations.power,relations.submeters\n"
     "m,sdm,bus,40,0.5,p,a; b\nn,sdm,bus,,,,a;\n",
     "equipment = (\n  { id = \"m\"; profile = \"sdm\"; link = \"bus\";\n    params : { "
     "ct = "
     "40.0; pt = 0.5; };\n    relations : { power = \"p\"; submeters = (\"a\", \"b\"); "
     "}; "
     "},\n  { id = \"n\"; profile = \"sdm\"; link = \"bus\";\n    relations : { "
     "submeters = "
     "(\"a\"); }; }\n);\n"},
    {"poll and tables",
     "id,profile,link,poll.slow,tables.fault_code\nm,s,b,300s,my-codes\n",
     "equipment = (\n  { id = \"m\"; profile = \"s\"; link = \"b\";\n    poll : { slow = "
     "\"300s\"; };\n    tables : { fault_code = \"my-codes\"; }; }\n);\n"},
    {"yes", "id,profile,link,critical,timeout\nm,s,b,yes,2s\nn,s,b,no,\n",
     "equipment = (\n  { id = \"m\"; profile = \"s\"; link = \"b\"; critical = true; "
     "timeout "
     "= \"2s\"; },\n  { id = \"n\"; profile = \"s\"; link = \"b\"; }\n);\n"},
};

static const struct {
    const char *name;
    const char *bytes;
    const char *errors;
} mistakes[] = {
    {"empty", "", "f.csv: empty\n"},
    {"no head", "id,profil,link\n",
     "f.csv:1:4: unknown column \"profil\": did you mean profile\n"
     "f.csv:1:1: there is no column profile\n"},
    {"strange column", "id,profile,link,temperature\n",
     "f.csv:1:17: unknown column: temperature\n"},
    {"twice", "id,profile,link,id\n", "f.csv:1:17: a column that stands twice: id\n"},
    {"values", "id,profile,link,unit,params.ct,critical\nm,s,,256,x,maybe\n",
     "f.csv:2:5: must be given: link\n"
     "f.csv:2:6: a unit is a whole number from 0 to 255, not 256\n"
     "f.csv:2:12: yes or nothing, not maybe\n"
     "f.csv:2:10: a parameter is a number, not x\n"},
    {"ids", "id,profile,link\nm,s,b\nm,s,b\n", "f.csv:3:1: an id that stands twice: m\n"},
    {"beyond", "id,profile,link\nm,s,b,x\n",
     "f.csv:2:7: a cell beyond the last column: x\n"},
    {"bad name", "id,profile,link,params.C T\n",
     "f.csv:1:17: no name of a member: params.C T\n"},
};

static void imports_become_configuration(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof imports / sizeof imports[0]; i++) {
        struct text out;
        struct text errors;
        size_t written = 0;

        text_init(&out, 100000);
        text_init(&errors, 100000);
        check_case(imports[i].name,
                   equipment_from_csv("f.csv", imports[i].bytes, strlen(imports[i].bytes),
                                      &out, &written, &errors));
        check_text(imports[i].name, out.data, imports[i].want);
        check_case(imports[i].name, written > 0);
        text_done(&errors);
        text_done(&out);
    }
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct text out;
        struct text errors;
        size_t written = 7;

        text_init(&out, 100000);
        text_init(&errors, 100000);
        check_case(mistakes[i].name, !equipment_from_csv("f.csv", mistakes[i].bytes,
                                                         strlen(mistakes[i].bytes), &out,
                                                         &written, &errors));
        check_text(mistakes[i].name, errors.data, mistakes[i].errors);
        check_case(mistakes[i].name, written == 0);
        text_done(&errors);
        text_done(&out);
    }
}

static void many_mistakes_are_counted(void **state)
{
    struct text bytes;
    struct text out;
    struct text errors;
    size_t written;

    (void)state;
    text_init(&bytes, 100000);
    text_init(&out, 100000);
    text_init(&errors, 100000);
    text_add(&bytes, "id,profile,link\n");
    for (int i = 0; i < 50; i++)
        text_add(&bytes, "same,s,b\n");
    assert_false(
        equipment_from_csv("f.csv", bytes.data, bytes.length, &out, &written, &errors));
    assert_non_null(strstr(errors.data, "and 29 more"));
    text_done(&errors);
    text_done(&out);
    text_done(&bytes);
}

static void export_has_every_column_that_occurs(void **state)
{
    static const char text[] =
        "[{\"id\":\"m\",\"name\":\"a, "
        "b\",\"class\":\"\",\"place\":\"\",\"profile\":\"s\","
        "\"link\":\"bus\",\"unit\":5,\"topic\":\"\",\"variant\":\"\",\"critical\":true,"
        "\"timeout\":\"2s\",\"params\":{\"ct\":40},\"relations\":{\"power\":\"p\"}},"
        "{\"id\":\"n\",\"name\":\"\",\"profile\":\"s\",\"link\":\"mq\",\"unit\":null,"
        "\"topic\":\"t/1\",\"critical\":false,\"params\":{\"pt\":0.5},\"relations\":{"
        "\"subs\":[\"a\",\"b\"],\"one\":[\"a\"],\"none\":[]}}]";
    struct json *list = json_parse(text, sizeof text - 1, sizeof text, NULL);
    struct text out;

    (void)state;
    assert_non_null(list);
    text_init(&out, 100000);
    equipment_csv(list, &out);
    /* Semicolons are quoted, wherever they stand. */
    check_text(
        "export", out.data,
        "\xEF\xBB\xBF"
        "id,name,class,place,profile,link,unit,topic,variant,critical,delay,latency,"
        "timeout,params.ct,params.pt,relations.power,relations.subs,relations.one,"
        "relations.none\r\n"
        "m,\"a, b\",,,s,bus,5,,,yes,,,2s,40,,p,,,\r\n"
        "n,,,,s,mq,,t/1,,,,,,,0.5,,\"a;b\",\"a;\",\";\"\r\n");
    text_done(&out);
    json_free(list);
}

static void words_that_are_near(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("profile", "profile"), 0);
    assert_int_equal(nearest_distance("profil", "profile"), 1);
    assert_int_equal(nearest_distance("porfile", "profile"), 1);
    assert_int_equal(nearest_distance("", "abc"), 3);
    assert_true(nearest_is_near("profil", 1));
    assert_false(nearest_is_near("id", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_as_written),
        cmocka_unit_test(positions_count_characters),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(imports_become_configuration),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(many_mistakes_are_counted),
        cmocka_unit_test(export_has_every_column_that_occurs),
        cmocka_unit_test(words_that_are_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
