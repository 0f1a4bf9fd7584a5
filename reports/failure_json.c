/* failure_json.c - the failure report as JSON. */
#include "reports/failure_rate.h"

#include "base/json_out.h"
#include "reports/columns.h"

#include <stdio.h>

static void put_figures(struct json_out *json, const struct failure_figures *figures)
{
    size_t count;
    const struct figure_column *columns = figure_columns(&count);

    for (size_t i = 0; i < count; i++) {
        if (columns[i].is_count)
            json_put_int(json, columns[i].key, figure_count(&columns[i], figures));
        else
            json_put_number(json, columns[i].key, figure_value(&columns[i], figures));
    }
}

static void put_class(struct json_out *json, const struct failure_row *row)
{
    const struct equipment_class *names = model_class(row->class_name);

    json_open(json, '{');
    json_put_string(json, "class", row->class_name);
    json_put_string(json, "name_en", names == NULL ? row->name : names->en);
    json_put_string(json, "name_zh", names == NULL ? row->name : names->zh);
    put_figures(json, &row->figures);
    json_close(json, '}');
}

static void put_equipment(struct json_out *json, const struct failure_row *row)
{
    json_open(json, '{');
    json_put_string(json, "id", row->id);
    json_put_string(json, "name", row->name);
    json_put_string(json, "class", row->class_name);
    json_put_string(json, "place", row->place);
    put_figures(json, &row->figures);
    json_put_number(json, "p_worse", row->p_worse);
    json_close(json, '}');
}

static void put_event(struct json_out *json, const struct failure_event *event)
{
    json_open(json, '{');
    json_put_string(json, "equipment", event->equipment);
    json_put_string(json, "rule", event->rule);
    json_put_string(json, "issue", event->issue);
    json_put_time(json, "start", event->start);
    json_put_time(json, "end", event->end);
    json_put_bool(json, "repeat", event->repeat);
    json_close(json, '}');
}

static void put_definitions(struct json_out *json, const char *language)
{
    size_t count;
    const struct report_definition *definitions = failure_definitions(language, &count);

    json_key(json, language);
    json_open(json, '[');
    for (size_t i = 0; i < count; i++) {
        json_open(json, '{');
        json_put_string(json, "term", definitions[i].term);
        json_put_string(json, "sentence", definitions[i].sentence);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void put_head(struct json_out *json, const struct failure_report *report)
{
    char month[32];

    (void)snprintf(month, sizeof month, "%04lld-%02d", (long long)report->year,
                   report->month);
    json_key(json, "site");
    json_open(json, '{');
    json_put_string(json, "id", report->site_id);
    json_put_string(json, "name", report->site_name);
    json_close(json, '}');
    json_put_string(json, "month", month);
    json_put_string(json, "timezone", report->timezone);
    json_put_time(json, "from", report->from);
    json_put_time(json, "to", report->to);
    json_put_bool(json, "complete", report->complete);
    json_put_time(json, "made", report->made);
    json_put_number(json, "confidence", FAILURE_CONFIDENCE_PERCENT / 100.0);
}

void failure_report_json(const struct failure_report *report, struct text *out)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    put_head(&json, report);
    json_key(&json, "total");
    json_open(&json, '{');
    put_figures(&json, &report->total);
    json_close(&json, '}');
    json_key(&json, "classes");
    json_open(&json, '[');
    for (size_t i = 0; i < report->class_count; i++)
        put_class(&json, &report->classes[i]);
    json_close(&json, ']');
    json_key(&json, "equipment");
    json_open(&json, '[');
    for (size_t i = 0; i < report->equipment_count; i++)
        put_equipment(&json, &report->equipment[i]);
    json_close(&json, ']');
    json_key(&json, "events");
    json_open(&json, '[');
    for (size_t i = 0; i < report->event_count; i++)
        put_event(&json, &report->events[i]);
    json_close(&json, ']');
    json_put_bool(&json, "events_cut", report->events_cut);
    json_key(&json, "definitions");
    json_open(&json, '{');
    put_definitions(&json, "en");
    put_definitions(&json, "zh-CN");
    json_close(&json, '}');
    json_close(&json, '}');
}
