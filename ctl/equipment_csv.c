/* equipment_csv.c - from what the daemon says to CSV; see equipment_text.h. */
#include "ctl/equipment_text.h"

#include "base/map.h"
#include "base/mem.h"
#include "ctl/csv.h"

const struct equipment_column_row equipment_columns[COLUMNS] = {
    [COLUMN_ID] = {"id", KIND_STRING, true},
    [COLUMN_NAME] = {"name", KIND_STRING, false},
    [COLUMN_CLASS] = {"class", KIND_STRING, false},
    [COLUMN_PLACE] = {"place", KIND_STRING, false},
    [COLUMN_PROFILE] = {"profile", KIND_STRING, true},
    [COLUMN_LINK] = {"link", KIND_STRING, true},
    [COLUMN_UNIT] = {"unit", KIND_WHOLE, false},
    [COLUMN_TOPIC] = {"topic", KIND_STRING, false},
    [COLUMN_VARIANT] = {"variant", KIND_STRING, false},
    [COLUMN_CRITICAL] = {"critical", KIND_YES, false},
    [COLUMN_DELAY] = {"delay", KIND_DURATION, false},
    [COLUMN_LATENCY] = {"latency", KIND_DURATION, false},
    [COLUMN_TIMEOUT] = {"timeout", KIND_DURATION, false},
};

const char *const equipment_groups[GROUPS] = {
    [GROUP_PARAMS] = "params",
    [GROUP_RELATIONS] = "relations",
    [GROUP_POLL] = "poll",
    [GROUP_TABLES] = "tables",
};

/* The names of a group's members over all equipment, in the order they come. */
struct names {
    struct map *seen;
    char **list;
    size_t count;
};

static void note_name(void *context, const char *key, const struct json *value)
{
    struct names *names = context;

    (void)value;
    if (!map_put(names->seen, key, (uint32_t)names->count))
        return;
    names->list = mem_resize(names->list, names->count + 1, sizeof *names->list);
    names->list[names->count++] = mem_strdup(key);
}

static void note_names(struct names *names, const struct json *equipment,
                       const char *group)
{
    names->seen = map_new();
    for (size_t i = 0; i < json_count(equipment); i++) {
        const struct json *members = json_member(json_item(equipment, i), group);

        if (members != NULL && json_kind(members) == JSON_OBJECT)
            json_each(members, note_name, names);
    }
}

static void forget_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        mem_free(names->list[i]);
    mem_free(names->list);
    map_free(names->seen);
}

static void put_heads(const char *head, const struct names *names, struct text *out)
{
    for (size_t i = 0; i < names->count; i++) {
        char *column = mem_format("%s.%s", head, names->list[i]);

        csv_put_text(out, false, column);
        mem_free(column);
    }
}

static void put_value(const struct json *value, enum column_kind kind, bool first,
                      struct text *out)
{
    enum json_kind is = value == NULL ? JSON_NULL : json_kind(value);

    if (is == JSON_NUMBER)
        csv_put_number(out, first, json_real(value));
    else if (is == JSON_BOOL && kind == KIND_YES)
        csv_put_text(out, first, json_truth(value) ? "yes" : "");
    else
        csv_put_text(out, first, is == JSON_STRING ? json_text(value) : "");
}

static void put_relation(const struct json *relation, struct text *out)
{
    size_t count =
        relation != NULL && json_kind(relation) == JSON_ARRAY ? json_count(relation) : 0;
    struct text cell;

    text_init(&cell, CSV_CELL_MAX);
    for (size_t i = 0; i < count; i++)
        text_addf(&cell, "%s%s", json_text(json_item(relation, i)),
                  i + 1 < count || count == 1 ? ";" : "");
    if (relation != NULL && json_kind(relation) == JSON_ARRAY && count == 0)
        text_add(&cell, ";");
    if (relation != NULL && json_kind(relation) == JSON_STRING)
        text_add(&cell, json_text(relation));
    csv_put_text(out, false, cell.data);
    text_done(&cell);
}

static void put_head(const struct names groups[GROUPS], struct text *out)
{
    csv_begin(out);
    for (size_t c = 0; c < COLUMNS; c++)
        csv_put_text(out, c == 0, equipment_columns[c].name);
    for (size_t g = 0; g < GROUPS; g++)
        put_heads(equipment_groups[g], &groups[g], out);
    csv_end_row(out);
}

static void put_equipment(const struct json *item, const struct names groups[GROUPS],
                          struct text *out)
{
    for (size_t c = 0; c < COLUMNS; c++)
        put_value(json_member(item, equipment_columns[c].name), equipment_columns[c].kind,
                  c == 0, out);
    for (size_t g = 0; g < GROUPS; g++) {
        const struct json *group = json_member(item, equipment_groups[g]);

        for (size_t k = 0; k < groups[g].count; k++) {
            const struct json *value =
                group == NULL ? NULL : json_member(group, groups[g].list[k]);

            if (g == GROUP_RELATIONS)
                put_relation(value, out);
            else
                put_value(value, KIND_STRING, false, out);
        }
    }
    csv_end_row(out);
}

void equipment_csv(const struct json *equipment, struct text *out)
{
    struct names groups[GROUPS] = {0};

    for (size_t g = 0; g < GROUPS; g++)
        note_names(&groups[g], equipment, equipment_groups[g]);
    put_head(groups, out);
    for (size_t i = 0; i < json_count(equipment); i++)
        put_equipment(json_item(equipment, i), groups, out);
    for (size_t g = 0; g < GROUPS; g++)
        forget_names(&groups[g]);
}
