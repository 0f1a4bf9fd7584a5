/* regmap.c - see regmap.h. */
#include "plantsim/regmap.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct image {
    const struct regmap *map;
    uint16_t *cells; /* all ranges behind one another */
};

/* The cell of the first of `count` registers that lie in one range, or NULL. */
static uint16_t *find_cells(const struct image *image, enum regmap_table table,
                            uint16_t address, uint16_t count)
{
    uint16_t *cells = image->cells;

    for (size_t i = 0; i < image->map->range_count; i++) {
        const struct regmap_range *range = &image->map->ranges[i];

        if (range->table == table && address >= range->first &&
            (uint32_t)address + count <= (uint32_t)range->first + range->count)
            return cells + (address - range->first);
        cells += range->count;
    }
    return NULL;
}

/* Bits without a row are 0 whatever the rest of the device reads as. */
static void fill_cells(struct image *image, size_t count)
{
    for (size_t i = 0; i < count; i++)
        image->cells[i] = image->map->fill;
    for (size_t i = 0; i < image->map->row_count; i++) {
        const struct regmap_row *row = &image->map->rows[i];
        uint16_t *cell;

        if (row->type != REGMAP_BIT)
            continue;
        cell = find_cells(image, row->table, row->address, 1);
        assert(cell != NULL); /* a row lies in a range of its map */
        *cell = 0;
    }
}

struct image *image_new(const struct regmap *map)
{
    struct image *image = mem_alloc(sizeof *image);
    size_t cells = 0;

    for (size_t i = 0; i < map->range_count; i++)
        cells += map->ranges[i].count;
    image->map = map;
    image->cells = mem_array(cells, sizeof image->cells[0]);
    fill_cells(image, cells);
    return image;
}

void image_free(struct image *image)
{
    if (image == NULL)
        return;
    mem_free(image->cells);
    mem_free(image);
}

static double field_value(const struct regmap_row *row, const void *reading)
{
    const unsigned char *at = (const unsigned char *)reading + row->offset;
    double value = 0;
    uint32_t word;
    bool flag;

    switch (row->field) {
    case REGMAP_BOOL:
        memcpy(&flag, at, sizeof flag);
        value = flag ? 1 : 0;
        break;
    case REGMAP_DOUBLE:
        memcpy(&value, at, sizeof value);
        break;
    case REGMAP_UINT32:
        memcpy(&word, at, sizeof word);
        value = word;
        break;
    }
    return value * row->factor;
}

static uint32_t whole(double value, double low, double high)
{
    return (uint32_t)(int64_t)lround(fmin(fmax(value, low), high));
}

static uint32_t float_bits(double value)
{
    float narrow = (float)value;
    uint32_t bits;

    memcpy(&bits, &narrow, sizeof bits);
    return bits;
}

static void put_row(uint16_t *cells, const struct regmap_row *row, double value)
{
    uint32_t bits;

    switch (row->type) {
    case REGMAP_FLAG:
        cells[0] = value > 0.5;
        break;
    case REGMAP_BIT:
        bits = cells[0] & ~(1u << row->bit);
        cells[0] = (uint16_t)(bits | (value > 0.5 ? 1u << row->bit : 0));
        break;
    case REGMAP_U16:
        cells[0] = (uint16_t)whole(value, 0, UINT16_MAX);
        break;
    case REGMAP_S16:
        cells[0] = (uint16_t)whole(value, INT16_MIN, INT16_MAX);
        break;
    case REGMAP_U32:
    case REGMAP_F32:
        bits = row->type == REGMAP_U32 ? whole(value, 0, UINT32_MAX) : float_bits(value);
        cells[0] = (uint16_t)(bits >> 16);
        cells[1] = (uint16_t)bits;
        break;
    case REGMAP_F32_CDAB:
    case REGMAP_WHOLE:
    case REGMAP_PART:
        bits = row->type == REGMAP_F32_CDAB ? float_bits(value)
               : row->type == REGMAP_PART   ? float_bits(value - floor(value))
                                            : whole(floor(value), 0, UINT32_MAX);
        cells[0] = (uint16_t)bits;
        cells[1] = (uint16_t)(bits >> 16);
        break;
    case REGMAP_F32_DCBA:
        bits = __builtin_bswap32(float_bits(value));
        cells[0] = (uint16_t)(bits >> 16);
        cells[1] = (uint16_t)bits;
        break;
    }
}

static uint16_t row_cells(const struct regmap_row *row)
{
    return row->type >= REGMAP_U32 ? 2 : 1;
}

void image_refresh(struct image *image, const void *reading)
{
    for (size_t i = 0; i < image->map->row_count; i++) {
        const struct regmap_row *row = &image->map->rows[i];
        uint16_t *cells = find_cells(image, row->table, row->address, row_cells(row));

        assert(cells != NULL);
        put_row(cells, row, field_value(row, reading));
    }
}

bool image_read(const struct image *image, enum regmap_table table, uint16_t address,
                uint16_t count, uint16_t *out)
{
    const uint16_t *cells = find_cells(image, table, address, count);

    if (cells == NULL && table == REGMAP_HOLDING && image->map->mirror)
        cells = find_cells(image, REGMAP_INPUT, address, count);
    if (cells == NULL)
        return false;
    memcpy(out, cells, count * sizeof out[0]);
    return true;
}
