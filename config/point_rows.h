/* point_rows.h - the functions behind the rows of a point; out = struct point_body. */
#ifndef CONFIG_POINT_ROWS_H
#define CONFIG_POINT_ROWS_H

#include "config/bodies.h"
#include "config/schema.h"

/* Where it is: sections_where.c. */
schema_parse point_read_address, point_read_plus, point_read_bits;
/* True when one of the keys names a Modbus table. */
bool point_is_modbus(const struct node *point);
/* The keys coil, discrete, input, holding; TABLE_NONE for any other. */
enum modbus_table point_table(const char *key);

/* What it means: sections_meaning.c. */
schema_parse point_read_title, point_read_on, point_read_off, point_read_enum,
    point_read_flags, point_read_invalid, point_read_range, point_read_times,
    point_read_offset, point_read_exponent, point_read_factor, point_read_deadband,
    point_read_poll;

/* One pattern or a list of them. */
bool invalid_read(struct reader *reader, const struct scope *scope, const char *what,
                  const struct node *node, uint64_t patterns[POINT_INVALID_MAX],
                  size_t *count);
/* Cuts the patterns to the width of the type. False when one does not fit: reported. */
bool invalid_fit(struct reader *reader, const struct node *node, enum value_type type,
                 uint64_t patterns[POINT_INVALID_MAX], size_t count);

extern const struct schema_section plus_section;
extern const struct schema_section factor_section;

#endif
