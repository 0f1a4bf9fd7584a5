/* regmap.h - register maps as tables, and the registers of one device.
 *
 * A map says which registers exist (ranges) and how the
 * fields of a reading lie in them (rows). An image holds the registers of one device and
 * is refreshed from a reading.
 *
 * Addresses are those of the PDU, from 0. Threads: one owner per image.
 */
#ifndef PLANTSIM_REGMAP_H
#define PLANTSIM_REGMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum regmap_table {
    REGMAP_COIL,
    REGMAP_DISCRETE,
    REGMAP_INPUT,
    REGMAP_HOLDING,
};

enum regmap_type {
    REGMAP_FLAG, /* a coil or discrete input */
    REGMAP_BIT,  /* one bit of a register */
    REGMAP_U16,
    REGMAP_S16,
    REGMAP_U32,      /* two registers, high word first */
    REGMAP_F32,      /* ABCD */
    REGMAP_F32_DCBA, /* all bytes reversed */
    REGMAP_F32_CDAB, /* low word first */
    REGMAP_WHOLE,    /* what is in front of the point, S32 CDAB ... */
    REGMAP_PART,     /* ... and behind it, F32 CDAB */
};

enum regmap_field {
    REGMAP_BOOL,
    REGMAP_DOUBLE,
    REGMAP_UINT32,
};

struct regmap_row {
    enum regmap_table table;
    uint16_t address;
    enum regmap_type type;
    uint8_t bit;
    double factor; /* register = field * factor, rounded for integers */
    size_t offset; /* of the field in the reading */
    enum regmap_field field;
};

struct regmap_range {
    enum regmap_table table;
    uint16_t first;
    uint16_t count;
};

struct regmap {
    const char *name;
    const struct regmap_range *ranges;
    size_t range_count;
    const struct regmap_row *rows;
    size_t row_count;
    bool mirror;   /* function 3 also reads the input registers */
    uint16_t fill; /* what registers without a row read as */
};

/* A row on a field of another type does not compile. */
#define REGMAP_FIELD(type, member)                                                       \
    offsetof(type, member), _Generic(((type *)NULL)->member, bool                        \
                                     : REGMAP_BOOL, double                               \
                                     : REGMAP_DOUBLE, uint32_t                           \
                                     : REGMAP_UINT32)

struct image;

struct image *image_new(const struct regmap *map); /* `map` outlives it */
void image_free(struct image *image);              /* NULL is fine */

/* Registers from a reading of the kind the map was written for. */
void image_refresh(struct image *image, const void *reading);

/* Copies `count` registers or bits (0 or 1). False when one of them does not exist. */
bool image_read(const struct image *image, enum regmap_table table, uint16_t address,
                uint16_t count, uint16_t *out);

#endif
