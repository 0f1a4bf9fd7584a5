/* reference.c - the reference of every key, printed from the rows that read them. */
#include "base/number.h"
#include "config/codes.h"
#include "config/config.h"
#include "config/drafts.h"
#include "config/point_rows.h"
#include "config/units.h"
#include "telemetry/model.h"

#include <string.h>

/* In the order in which somebody writes a configuration. */
static const struct schema_section *const sections[] = {
    &main_section,         &site_section,      &link_section,    &equipment_section,
    &poll_section,         &sink_section,      &web_section,     &history_section,
    &profile_file_section, &profile_section,   &point_section,   &plus_section,
    &factor_section,       &probe_section,     &variant_section, &table_file_section,
    &table_section,        &rule_file_section, &rule_section,    &level_section,
    &title_section,        &suppress_section,  &group_section,   &virtual_section,
    &calendar_section,     &season_section,    &test_section,    &test_equipment_section,
    &expect_section,
};

/* A cell of a table: '|' would end it. */
static void add_cell(struct text *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            text_add_char(out, '\\');
        text_add_char(out, *text);
    }
}

static void add_words(struct text *out, const struct schema_word *words)
{
    for (size_t i = 0; words[i].name != NULL; i++)
        text_addf(out, "%s`\"%s\"`", i == 0 ? "" : ", ", words[i].name);
}

static void add_type(struct text *out, const struct schema_row *row)
{
    static const char *const names[] = {
        [SCHEMA_STRING] = "text",       [SCHEMA_INT] = "integer",
        [SCHEMA_DOUBLE] = "number",     [SCHEMA_BOOL] = "true or false",
        [SCHEMA_DURATION] = "duration", [SCHEMA_SIZE] = "size",
        [SCHEMA_EXPR] = "expression",
    };

    if (row->type == SCHEMA_WORD || row->type == SCHEMA_CHOICE)
        add_words(out, row->words);
    else if (row->type == SCHEMA_CUSTOM)
        add_cell(out, row->form);
    else
        text_add(out, names[row->type]);
    if (row->section != NULL)
        text_addf(out, " ([%s](#%s))", row->section->path, row->section->name);
}

static void add_default(struct text *out, const struct schema_row *row)
{
    bool quoted =
        row->type != SCHEMA_INT && row->type != SCHEMA_DOUBLE && row->type != SCHEMA_BOOL;

    if (row->fallback == CONFIG_REQUIRED)
        text_add(out, "**required**");
    else if (row->fallback[0] != '\0')
        text_addf(out, quoted ? "`\"%s\"`" : "`%s`", row->fallback);
}

static void add_bound(struct text *out, const struct schema_row *row, double bound)
{
    char number[UNITS_SIZE];

    if (row->type == SCHEMA_DURATION)
        text_add(out, units_format_duration((int64_t)bound, number));
    else if (row->type == SCHEMA_SIZE)
        text_add(out, units_format_size((int64_t)bound, number));
    else if (number_format(number, bound) > 0)
        text_add(out, number);
}

static void add_bounds(struct text *out, const struct schema_row *row)
{
    if (row->type != SCHEMA_INT && row->type != SCHEMA_DOUBLE &&
        row->type != SCHEMA_DURATION && row->type != SCHEMA_SIZE)
        return;
    add_bound(out, row, row->low);
    text_add(out, " to ");
    add_bound(out, row, row->high);
}

static void add_section(struct text *out, const struct schema_section *section)
{
    if (strchr(section->name, ' ') == NULL) /* whole files are not linked to */
        text_addf(out, "\n<a id=\"%s\"></a>", section->name);
    text_addf(out, "\n## %s\n\n%s\n\n", section->path, section->doc);
    text_add(out, "| key | value | default | bounds | meaning |\n"
                  "|---|---|---|---|---|\n");
    for (const struct schema_row *row = section->rows; row->key != NULL; row++) {
        if (row->type == SCHEMA_REFUSED)
            continue;
        text_addf(out, "| `%s` | ", row->key);
        add_type(out, row);
        text_add(out, " | ");
        add_default(out, row);
        text_add(out, " | ");
        add_bounds(out, row);
        text_add(out, " | ");
        add_cell(out, row->doc);
        text_add(out, " |\n");
    }
}

static void add_classes(struct text *out)
{
    size_t count;
    const struct equipment_class *classes = model_classes(&count);

    text_add(out, "\n## Classes\n\nThe class of an equipment is also the measurement of "
                  "its series.\n\n| class | English | 中文 |\n|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "| `%s` | %s | %s |\n", classes[i].name, classes[i].en,
                  classes[i].zh);
}

static void add_codes(struct text *out)
{
    text_add(out, "\n## Codes of messages\n\nE: an error, nothing is loaded. W: a "
                  "warning. E301 to E349 are about the expressions of rules.\n\n"
                  "| code | meaning |\n|---|---|\n");
    for (size_t i = 0; i < CODE_COUNT; i++) {
        text_addf(out, "| %s | ", config_codes[i].code);
        add_cell(out, config_codes[i].meaning);
        text_add(out, " |\n");
    }
}

void config_reference(struct text *out)
{
    text_add(
        out,
        "# Configuration of facilityd\n"
        "\n"
        "Generated by `make docs` from the rows that read the configuration.\n"
        "\n"
        "The syntax is that of libconfig: `key = value;`, groups `{ }`, lists `( )`, "
        "comments `#`, `//` and `/* */`. Files are UTF-8. Texts stand in double "
        "quotes and end on their line; texts side by side are joined. Integers "
        "beyond 32 bits end with `L`; `0x` begins a hexadecimal one.\n"
        "\n"
        "Durations are texts such as `\"500ms\"`, `\"30s\"`, `\"15m\"`, `\"2h\"`, "
        "`\"7d\"`, `\"1h30m\"`; sizes are texts such as `\"10kB\"`, `\"64MiB\"`, "
        "`\"1GiB\"`.\n"
        "\n"
        "A file that a key names is looked for in systemd's credentials first when "
        "its name has no `/`, then from the folder of the file it is written in. "
        "Folders count from the main file's.\n"
        "\n"
        "Unknown keys, wrong types and values out of bounds are errors. "
        "`facilityd --check` prints all of them.\n");
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        add_section(out, sections[i]);
    add_classes(out);
    add_codes(out);
}
