/* sections_table.c - names of codes with a file of their own; see sections.h. */
#include "config/checks.h"
#include "config/labels.h"
#include "config/sections.h"

static schema_parse read_rows;

/* clang-format off */
static const struct schema_row table_rows[] = {
    CONFIG_CHECKED(struct table_settings, id, "id", CONFIG_REQUIRED, check_id,
                   "What points and equipment refer to."),
    CONFIG_STRING(struct table_settings, source, "source", CONFIG_OPTIONAL,
                  "Where the codes come from."),
    CONFIG_CUSTOM("rows", CONFIG_REQUIRED, read_rows, "((code, \"name\"), ...)",
                  "What the codes, or the bits, mean."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section table_section = {
    .name = "table",
    .path = "tables",
    .id_key = "id",
    .rows = table_rows,
    .doc =
        "Names of codes or bits that several profiles use, or that differ from fleet to "
        "fleet: in a file of its own (`table : { ... };`) or in the main file "
        "(`tables = ( { ... } );`). A table with the id of a shipped one replaces it.",
};

static bool read_rows(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct table_settings *table = out;

    return labels_read(reader, scope, row->key, node, &table->rows, &table->count);
}

bool section_read_table(struct reader *reader, const struct node *node,
                        struct table_settings *table)
{
    bool ok = schema_read(reader, &table_section, NULL, node, table);

    table->pos = schema_id_pos(&table_section, node);
    return ok;
}
