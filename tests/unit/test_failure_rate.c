/* The monthly failure report: scope, month ends, time zones, JSON and CSV. */
#include "tests/unit/desk_fixture.h"

#include "reports/columns.h"
#include "reports/failure_rate.h"

#define HOUR INT64_C(3600)

enum {
    MONTH_END_H = 144, /* November ends in Shanghai 144 hours after the plant's start */
};

static struct failure_report *make(struct plant *plant, const char *zone,
                                   const char *month, int64_t now_h)
{
    struct err err = {0};
    struct tz *tz = tz_load(zone, &err);
    struct failure_report *report;

    assert_non_null(tz);
    report = failure_report_make(plant->desk, plant->model, tz, zone, month,
                                 plant_at(now_h * HOUR), &err);
    if (report == NULL)
        fail_msg("%s", err.text);
    tz_free(tz);
    return report;
}

/* Everything answers after an hour. Pump 1 fails from hour 10 to 12, the feeder is out
 * from 20 to 21, the lift is taken out at 72, pump 2 fails from 140 to 150. */
static void run_plant(struct plant *plant)
{
    struct err err;

    for (int i = FEEDER; i <= LIFT; i++)
        plant_online(plant, (enum plant_equipment)i, true, HOUR);
    plant_raise(plant, DRY_RUN, PUMP_1, 10 * HOUR);
    plant_return(plant, DRY_RUN, PUMP_1, 12 * HOUR);
    plant_raise(plant, OUTAGE, FEEDER, 20 * HOUR);
    plant_return(plant, OUTAGE, FEEDER, 21 * HOUR);
    assert_int_equal(desk_alive(plant->desk, plant_at(72 * HOUR), &err), 0);
    desk_close(plant->desk);
    model_free(plant->model);
    plant->model = plant_model(LIFT);
    plant_open(plant, 72 * HOUR);
    for (int i = FEEDER; i <= PUMP_2; i++)
        plant_online(plant, (enum plant_equipment)i, true, 72 * HOUR);
    plant_raise(plant, OVERHEAT, PUMP_2, 140 * HOUR);
    plant_return(plant, OVERHEAT, PUMP_2, 150 * HOUR);
}

static const struct failure_figures *of(const struct failure_report *report,
                                        const char *id)
{
    for (size_t i = 0; i < report->equipment_count; i++)
        if (strcmp(report->equipment[i].id, id) == 0)
            return &report->equipment[i].figures;
    fail_msg("no row for '%s'", id);
    return NULL;
}

static void test_november(void **state)
{
    static const struct {
        const char *id;
        double unit_months;
        double up;
        double degraded;
        double fault;
        double external;
        double unknown;
        int64_t failures;
        int64_t restored;
    } rows[] = {
        {"feeder-1", 0.2, 143, 1, 0, 0, 1, 0, 0},
        {"pump-1", 0.2, 140, 0, 2, 1, 1, 1, 1},
        {"pump-2", 0.2, 138, 0, 4, 1, 1, 1, 0},
        {"lift-1", 0.1, 71, 0, 0, 0, 1, 0, 0},
    };
    struct plant *plant = *state;
    struct failure_report *report;

    run_plant(plant);
    report = make(plant, "Asia/Shanghai", "2025-11", 170);
    assert_true(report->complete);
    assert_true(report->to.ns == plant_at(MONTH_END_H * HOUR).ns);
    assert_int_equal(report->equipment_count, 4); /* without the stand-in of the link */
    for (size_t i = 0; i < 4; i++) {
        const struct failure_figures *f = of(report, rows[i].id);

        check_near(rows[i].id, f->unit_months, rows[i].unit_months, 1e-12);
        check_near(rows[i].id, f->up_h, rows[i].up, 1e-9);
        check_near(rows[i].id, f->degraded_h, rows[i].degraded, 1e-9);
        check_near(rows[i].id, f->fault_h, rows[i].fault, 1e-9);
        check_near(rows[i].id, f->external_h, rows[i].external, 1e-9);
        check_near(rows[i].id, f->unknown_h, rows[i].unknown, 1e-9);
        check_near(rows[i].id, (double)f->failures, (double)rows[i].failures, 0);
        check_near(rows[i].id, (double)f->restored, (double)rows[i].restored, 0);
    }
    check_near("total", report->total.unit_months, 0.7, 1e-12);
    check_near("total", report->total.rate, 2 / 0.7, 1e-9);
    check_near("total", report->total.mttr_h, 2, 1e-9);
    check_near("total", (double)report->total.units, 4, 0);
    failure_report_free(report);
}

static void test_classes_and_events(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report;

    run_plant(plant);
    report = make(plant, "Asia/Shanghai", "2025-11", 170);
    assert_int_equal(report->class_count, 3);
    assert_string_equal(report->classes[0].id, "electricity_meter");
    assert_string_equal(report->classes[1].id, "elevator");
    assert_string_equal(report->classes[2].id, "pump");
    check_near("pumps", (double)report->classes[2].figures.failures, 2, 0);
    check_near("pumps", report->classes[2].figures.availability, 278.0 / 284, 1e-12);
    assert_int_equal(report->event_count, 2);
    assert_string_equal(report->events[0].equipment, "pump-1");
    assert_string_equal(report->events[0].rule, "pump.dry_run");
    assert_memory_equal(report->events[0].issue, "riverside-", 10);
    assert_true(report->events[0].start.ns == plant_at(10 * HOUR).ns);
    assert_true(report->events[0].end.ns == plant_at(12 * HOUR).ns);
    assert_string_equal(report->events[1].equipment, "pump-2");
    assert_int_equal(report->events[1].end.ns, 0); /* open when the month ended */
    check_near("no worse than the other", report->equipment[2].p_worse, 0.75, 1e-9);
    assert_true(isnan(report->equipment[0].p_worse));
    failure_report_free(report);
}

static void test_next_month(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report;

    run_plant(plant);
    report = make(plant, "Asia/Shanghai", "2025-12", 170);
    assert_false(report->complete);
    assert_true(report->to.ns == plant_at(170 * HOUR).ns);
    assert_int_equal(report->equipment_count, 3); /* the lift is gone */
    check_near("exposure", of(report, "pump-2")->unit_months, 26.0 / 744, 1e-12);
    check_near("failures", (double)report->total.failures, 0, 0);
    check_near("fault", of(report, "pump-2")->fault_h, 6, 1e-9);
    check_near("restored", (double)report->total.restored, 1, 0);
    check_near("mttr from its start", report->total.mttr_h, 10, 1e-9);
    assert_int_equal(report->event_count, 1);
    failure_report_free(report);
}

static void test_other_zone(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report;

    run_plant(plant);
    report = make(plant, "UTC", "2025-11", 170); /* eight hours longer */
    check_near("exposure", of(report, "pump-2")->unit_months, 152.0 / 720, 1e-12);
    check_near("fault", of(report, "pump-2")->fault_h, 10, 1e-9);
    check_near("restored", (double)of(report, "pump-2")->restored, 1, 0);
    failure_report_free(report);
}

static void test_running_month(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report;

    run_plant(plant);
    report = make(plant, "Asia/Shanghai", "2025-11", 100);
    assert_false(report->complete);
    check_near("exposure", of(report, "pump-1")->unit_months, 100.0 / 720, 1e-12);
    check_near("later failure", (double)report->total.failures, 1, 0);
    failure_report_free(report);
}

/* Months with a change of the clock: 743 and 745 hours, and a full unit-month each. */
static void test_clock_changes(void **state)
{
    static const struct {
        const char *month;
        double hours;
    } cases[] = {{"2026-03", 743}, {"2026-10", 745}, {"2026-02", 672}};
    struct plant *plant = *state;

    plant_online(plant, PUMP_1, true, HOUR);
    for (size_t i = 0; i < 3; i++) {
        struct failure_report *report =
            make(plant, "Europe/Berlin", cases[i].month, INT64_C(10000));

        check_near(cases[i].month, of(report, "pump-1")->up_h, cases[i].hours, 1e-9);
        check_near(cases[i].month, of(report, "pump-1")->unit_months, 1, 1e-12);
        failure_report_free(report);
    }
}

/* A restart in the middle of a failure: one failure, its unseen time is unknown. */
static void test_restart_within_failure(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report;
    struct err err;

    plant_online(plant, PUMP_1, true, 0);
    plant_raise(plant, DRY_RUN, PUMP_1, 10 * HOUR);
    assert_int_equal(desk_alive(plant->desk, plant_at(11 * HOUR), &err), 0);
    plant_reopen(plant, 14 * HOUR);
    plant_online(plant, PUMP_1, true, 14 * HOUR);
    plant_return(plant, DRY_RUN, PUMP_1, 16 * HOUR);
    report = make(plant, "Asia/Shanghai", "2025-11", 20);
    check_near("failures", (double)of(report, "pump-1")->failures, 1, 0);
    check_near("fault", of(report, "pump-1")->fault_h, 3, 1e-9);
    check_near("unknown", of(report, "pump-1")->unknown_h, 3, 1e-9);
    check_near("repair", of(report, "pump-1")->mttr_h, 6, 1e-9);
    failure_report_free(report);
}

static void test_refused_months(void **state)
{
    static const struct {
        const char *month;
        enum err_kind kind;
    } cases[] = {
        {"", ERR_INPUT},
        {"2025", ERR_INPUT},
        {"2025-13", ERR_INPUT},
        {"2025-00", ERR_INPUT},
        {"2025-1", ERR_INPUT},
        {"2025-111", ERR_INPUT},
        {"2025/11", ERR_INPUT},
        {" 2025-1", ERR_INPUT},
        {"20251-1", ERR_INPUT},
        {"9999-01", ERR_INPUT},
        {"-025-11", ERR_INPUT},
        {"2025-12", ERR_NOT_FOUND},
        {"2199-12", ERR_NOT_FOUND},
    };
    struct plant *plant = *state;
    struct err err = {0};
    struct tz *tz = tz_load("UTC", &err);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        err.kind = ERR_NONE;
        check_case(cases[i].month,
                   failure_report_make(plant->desk, plant->model, tz, "UTC",
                                       cases[i].month, plant_at(0), &err) == NULL);
        check_case(cases[i].month, err.kind == cases[i].kind);
    }
    tz_free(tz);
}

static void test_before_everything(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report = make(plant, "UTC", "2001-01", 1);
    struct text out;

    assert_int_equal(report->equipment_count, 0);
    assert_true(isnan(report->total.rate));
    text_init(&out, 1 << 20);
    failure_report_json(report, &out);
    assert_non_null(strstr(out.data, "\"equipment\":[]"));
    text_done(&out);
    failure_report_free(report);
}

/* ---- outputs ---- */

/* The cell of a CSV line; quotes stay. */
static void read_cell(const char *line, size_t index, char out[64])
{
    bool quoted = false;
    size_t length = 0;

    for (; *line != '\0' && (quoted || *line != '\r'); line++) {
        if (*line == '"')
            quoted = !quoted;
        if (*line == ',' && !quoted) {
            if (index-- == 0)
                break;
            continue;
        }
        if (index == 0 && length < 63)
            out[length++] = *line;
    }
    out[length] = '\0';
}

static const char *find_line(const char *csv, const char *start)
{
    const char *line = strstr(csv, start);

    if (line == NULL)
        fail_msg("no line '%s'", start);
    return line;
}

/* The value of a number in the JSON object that begins at `object`; "" for null. */
static void read_member(const char *object, const char *key, char out[64])
{
    char pattern[64];
    const char *value;
    size_t length;

    (void)snprintf(pattern, sizeof pattern, "\"%s\":", key);
    value = strstr(object, pattern);
    if (value == NULL) {
        fail_msg("no '%s'", key);
        return;
    }
    value += strlen(pattern);
    length = strcspn(value, ",}");
    if (strncmp(value, "null", 4) == 0)
        length = 0;
    (void)snprintf(out, 64, "%.*s", (int)length, value);
}

static void compare_row(const char *name, const char *object, const char *line)
{
    size_t count;
    const struct figure_column *columns = figure_columns(&count);

    for (size_t i = 0; i < count; i++) {
        char in_json[64];
        char in_csv[64];

        read_member(object, columns[i].key, in_json);
        read_cell(line, 6 + i, in_csv);
        if (strcmp(in_json, in_csv) != 0)
            fail_msg("%s, %s: JSON %s, CSV %s", name, columns[i].key, in_json, in_csv);
    }
}

static void test_same_numbers(void **state)
{
    struct plant *plant = *state;
    struct failure_report *report;
    struct text json;
    struct text csv;

    run_plant(plant);
    report = make(plant, "Asia/Shanghai", "2025-11", 170);
    text_init(&json, 1 << 20);
    text_init(&csv, 1 << 20);
    failure_report_json(report, &json);
    failure_report_csv(report, "en", &csv);
    compare_row("site", find_line(json.data, "\"total\":{"),
                find_line(csv.data, "2025-11,site,riverside,"));
    compare_row("class", find_line(json.data, "{\"class\":\"pump\""),
                find_line(csv.data, "2025-11,class,pump,Pump,Pump,"));
    for (size_t i = 0; i < report->equipment_count; i++) {
        char in_json[64];
        char in_csv[64];

        (void)snprintf(in_json, sizeof in_json, "{\"id\":\"%s\"",
                       report->equipment[i].id);
        (void)snprintf(in_csv, sizeof in_csv, "2025-11,equipment,%s,",
                       report->equipment[i].id);
        compare_row(report->equipment[i].id, find_line(json.data, in_json),
                    find_line(csv.data, in_csv));
    }
    assert_non_null(strstr(json.data, "\"month\":\"2025-11\""));
    assert_non_null(strstr(json.data, "\"from\":\"2025-10-31T16:00:00.000Z\""));
    assert_non_null(strstr(json.data, "\"term\":\"故障率\""));
    text_done(&json);
    text_done(&csv);
    failure_report_free(report);
}

static size_t count_cells(const char *line)
{
    size_t cells = 1;
    bool quoted = false;

    for (; *line != '\0' && (quoted || *line != '\r'); line++) {
        if (*line == '"')
            quoted = !quoted;
        cells += *line == ',' && !quoted ? 1 : 0;
    }
    return cells;
}

static void test_csv_form(void **state)
{
    static const char *const languages[] = {"en", "zh-CN"};
    struct plant *plant = *state;
    struct failure_report *report = make(plant, "Asia/Shanghai", "2025-11", 10);

    for (size_t i = 0; i < 2; i++) {
        struct text csv;
        size_t lines = 0;
        size_t cells;
        size_t definitions;

        (void)failure_definitions(languages[i], &definitions);
        text_init(&csv, 1 << 20);
        failure_report_csv(report, languages[i], &csv);
        assert_memory_equal(csv.data, "\xEF\xBB\xBF", 3);
        cells = count_cells(csv.data);
        for (const char *line = csv.data; *line != '\0';
             line = strstr(line, "\r\n") + 2) {
            assert_int_equal(count_cells(line), cells);
            lines++;
        }
        assert_int_equal(lines, 1 + 1 + 3 + 4 + definitions);
        assert_true(i == 0 || strstr(csv.data, "水泵") != NULL);
        text_done(&csv);
    }
    failure_report_free(report);
}

static void test_csv_guard(void **state)
{
    static struct failure_row row = {.id = "x", .class_name = "pump", .place = ""};
    static const struct {
        const char *name;
        const char *cell;
    } cases[] = {
        {"plain", "plain"},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"=1+1", "\"'=1+1\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\tx", "\"'\tx\""},
        {"＝1", "\"'＝1\""},
        {"=\"a\",b", "\"'=\"\"a\"\",b\""},
        {"1=1", "1=1"},
    };
    struct failure_report report = {.site_id = "s",
                                    .site_name = "s",
                                    .year = 2026,
                                    .month = 4,
                                    .equipment = &row,
                                    .equipment_count = 1};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text csv;
        char want[96];

        row.name = cases[i].name;
        (void)snprintf(want, sizeof want, "2026-04,equipment,x,%s,", cases[i].cell);
        text_init(&csv, 1 << 20);
        failure_report_csv(&report, "en", &csv);
        check_case(cases[i].name, strstr(csv.data, want) != NULL);
        text_done(&csv);
    }
}

static void test_definitions(void **state)
{
    size_t en;
    size_t zh;
    size_t other;
    const struct report_definition *english = failure_definitions("en", &en);
    const struct report_definition *chinese = failure_definitions("zh-CN", &zh);

    (void)state;
    assert_int_equal(en, zh); /* complete in both */
    assert_true(failure_definitions("fr", &other) == english);
    for (size_t i = 0; i < en; i++) {
        assert_true(strlen(english[i].sentence) > 20);
        assert_true(strlen(chinese[i].sentence) > 20);
    }
}

#define PLANT_TEST(test)                                                                 \
    cmocka_unit_test_setup_teardown(test, plant_setup, plant_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_november),
        PLANT_TEST(test_classes_and_events),
        PLANT_TEST(test_next_month),
        PLANT_TEST(test_other_zone),
        PLANT_TEST(test_running_month),
        PLANT_TEST(test_clock_changes),
        PLANT_TEST(test_restart_within_failure),
        PLANT_TEST(test_refused_months),
        PLANT_TEST(test_before_everything),
        PLANT_TEST(test_same_numbers),
        PLANT_TEST(test_csv_form),
        cmocka_unit_test(test_csv_guard),
        cmocka_unit_test(test_definitions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
