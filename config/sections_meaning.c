/* sections_meaning.c - what a value means: names, patterns, multipliers, when it is read
 * and written; see point_rows.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/labels.h"
#include "config/names.h"
#include "config/point_rows.h"
#include "config/sections.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGISTER_BITS = 16,
    EXPONENT_MAX = 30, /* of ten; beyond it a value means nothing */
    FACTORS_MAX = 100, /* codes of one factor; units are 20 */
};

static struct point_settings *settings_of(void *out)
{
    return &((struct point_body *)out)->settings;
}

bool point_read_title(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = settings_of(out);

    (void)row;
    return section_title(reader, scope, node, &point->title_en, &point->title_zh);
}

bool point_read_on(struct reader *reader, const struct scope *scope,
                   const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = settings_of(out);
    const char **words = NULL;
    bool ok = section_words(reader, scope, row->key, node, &words, &point->on_count);

    point->on = words;
    return ok;
}

bool point_read_off(struct reader *reader, const struct scope *scope,
                    const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = settings_of(out);
    const char **words = NULL;
    bool ok = section_words(reader, scope, row->key, node, &words, &point->off_count);

    point->off = words;
    return ok;
}

/* ---- names of codes and bits ---- */

static bool read_reference(struct reader *reader, const struct scope *scope,
                           const char *what, const struct node *node,
                           struct reference *reference)
{
    reference->pos = node->pos;
    if (!schema_text(reader, scope, what, node, &reference->name))
        return false;
    if (reference->name[0] != '\0')
        return true;
    reference->name = NULL;
    return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"%s\" is empty", what);
}

bool point_read_enum(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;

    if (node->kind == NODE_STRING)
        return read_reference(reader, scope, row->key, node, &point->labels);
    return labels_read(reader, scope, row->key, node, &point->settings.labels,
                       &point->settings.label_count);
}

bool point_read_flags(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;

    if (node->kind == NODE_STRING)
        return read_reference(reader, scope, row->key, node, &point->flags);
    return labels_read(reader, scope, row->key, node, &point->settings.flags,
                       &point->settings.flag_count);
}

/* ---- patterns that mean "no value" ---- */

bool invalid_read(struct reader *reader, const struct scope *scope, const char *what,
                  const struct node *node, uint64_t patterns[POINT_INVALID_MAX],
                  size_t *count)
{
    bool list = node->kind == NODE_LIST;
    size_t n = list ? node->count : 1;

    if (n > POINT_INVALID_MAX)
        return schema_fail(reader, CODE(SENTINEL), node->pos, NULL,
                           "\"%s\" has at most %d elements", what, POINT_INVALID_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct node *element = list ? &node->children[i] : node;

        if (!schema_want(reader, scope, what, element, NODE_INT))
            return false;
        patterns[i] = (uint64_t)element->integer;
    }
    *count = n;
    return true;
}

/* They are written as numbers of the type (-32768) or as patterns (0x8000). */
bool invalid_fit(struct reader *reader, const struct node *node, enum value_type type,
                 uint64_t patterns[POINT_INVALID_MAX], size_t count)
{
    int bits = value_type_registers(type) * REGISTER_BITS;
    int64_t low = bits == 64 ? INT64_MIN : -(INT64_C(1) << (bits - 1));
    int64_t high = bits == 64 ? INT64_MAX : (INT64_C(1) << bits) - 1;

    for (size_t i = 0; i < count; i++) {
        int64_t value = (int64_t)patterns[i];

        if (value < low || value > high)
            return schema_fail(reader, CODE(SENTINEL),
                               node->kind == NODE_LIST ? node->children[i].pos
                                                       : node->pos,
                               NULL, "this pattern does not fit in %d bits", bits);
        if (bits < 64)
            patterns[i] = (uint64_t)value & ((UINT64_C(1) << bits) - 1);
    }
    return true;
}

bool point_read_invalid(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = settings_of(out);

    return invalid_read(reader, scope, row->key, node, point->invalid,
                        &point->invalid_count);
}

bool point_read_range(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = settings_of(out);

    return section_range(reader, scope, row->key, node, &point->range_low,
                         &point->range_high);
}

/* ---- multipliers ---- */

bool point_read_times(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;
    bool list = node->kind == NODE_LIST;
    size_t count = list ? node->count : 1;

    if (count == 0 || count > POINT_TIMES_MAX)
        return schema_fail(reader, CODE(DEPENDS), node->pos, NULL,
                           "\"times\" names 1 to %d parameters or points",
                           POINT_TIMES_MAX);
    for (size_t i = 0; i < count; i++)
        if (!read_reference(reader, scope, row->key, list ? &node->children[i] : node,
                            &point->times[i]))
            return false;
    point->time_count = count;
    return true;
}

bool point_read_offset(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    static const double most = 1e15; /* beyond it a double holds no fraction */
    struct point_body *point = out;
    double *offset = &point->settings.offset;

    if (node->kind == NODE_STRING)
        return read_reference(reader, scope, row->key, node, &point->offset);
    if (!schema_number(reader, scope, row->key, node, offset))
        return false;
    if (fabs(*offset) <= most)
        return true;
    return schema_fail(reader, CODE(RANGE), node->pos, NULL,
                       "\"offset\" is within -1e15 and 1e15");
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* "-decimals", "total_mult - 3". NULL, or what is wrong. */
static const char *parse_exponent(struct reader *reader, const char *text,
                                  struct point_body *point)
{
    static const char form[] = "such as \"-decimals\" or \"total_mult - 3\"";
    size_t length;
    char *end;
    long offset;
    char sign;

    text = skip_blanks(text);
    point->settings.exponent_sign = *text == '-' ? -1 : 1;
    text = skip_blanks(text + (*text == '-'));
    length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || !islower((unsigned char)*text))
        return form;
    point->exponent.name = arena_bytes(reader->arena, text, length);
    text = skip_blanks(text + length);
    if (*text == '\0')
        return NULL;
    sign = *text;
    text = skip_blanks(text + 1);
    if ((sign != '+' && sign != '-') || !isdigit((unsigned char)*text))
        return form;
    offset = strtol(text, &end, 10);
    if (*skip_blanks(end) != '\0' || offset > EXPONENT_MAX)
        return offset > EXPONENT_MAX ? "an exponent of ten is 30 at most" : form;
    point->settings.exponent_offset = (int)(sign == '-' ? -offset : offset);
    return NULL;
}

bool point_read_exponent(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;
    const char *must;

    if (!read_reference(reader, scope, row->key, node, &point->exponent))
        return false;
    must = parse_exponent(reader, node->string, point);
    if (must == NULL)
        return true;
    point->exponent.name = NULL;
    return schema_fail(reader, CODE(FORM), node->pos, must,
                       "\"%.64s\" is no valid \"%s\"", node->string, row->key);
}

struct factor_draft {
    struct reference of;
    const struct factor_settings *factors;
    size_t count;
};

static schema_parse read_of, read_factors;

/* clang-format off */
static const struct schema_row factor_rows[] = {
    CONFIG_CUSTOM("of", CONFIG_REQUIRED, read_of, "text",
                  "The point that holds the code, such as the unit the device is set to."),
    CONFIG_CUSTOM("table", CONFIG_REQUIRED, read_factors, "((code, number), ...)",
                  "The factor for each code. A code that is not there: no value."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section factor_section = {
    .name = "factor",
    .path = "factor",
    .rows = factor_rows,
    .doc = "A factor that another register of the device chooses.",
};

static bool read_of(struct reader *reader, const struct scope *scope,
                    const struct schema_row *row, const struct node *node, void *out)
{
    return read_reference(reader, scope, row->key, node,
                          &((struct factor_draft *)out)->of);
}

static bool read_factors(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct factor_draft *draft = out;
    struct factor_settings *factors;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    if (node->count == 0 || node->count > FACTORS_MAX)
        return schema_fail(reader, CODE(LABELS), node->pos, NULL,
                           "a table of factors has 1 to %d rows", FACTORS_MAX);
    factors = arena_array(reader->arena, node->count, sizeof *factors);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *pair = &node->children[i];

        if (pair->kind != NODE_LIST || pair->count != 2 ||
            pair->children[0].kind != NODE_INT)
            return schema_fail(reader, CODE(LABELS), pair->pos, "such as (9, 101.972)",
                               "a row of the table is (code, factor)");
        factors[i].code = pair->children[0].integer;
        if (!schema_number(reader, scope, row->key, &pair->children[1],
                           &factors[i].factor))
            return false;
        for (size_t k = 0; k < i; k++)
            if (factors[k].code == factors[i].code)
                return schema_fail(reader, CODE(LABELS), pair->pos, NULL,
                                   "code %lld has a factor already",
                                   (long long)factors[i].code);
    }
    draft->factors = factors;
    draft->count = node->count;
    return true;
}

bool point_read_factor(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    struct point_body *point = out;
    struct factor_draft draft = {0};

    (void)row;
    if (!schema_read(reader, &factor_section, scope, node, &draft))
        return false;
    point->factor = draft.of;
    point->settings.factors = draft.factors;
    point->settings.factor_count = draft.count;
    return true;
}

/* ---- when ---- */

bool point_read_poll(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    return section_poll(reader, scope, row, node, &((struct point_body *)out)->poll);
}

/* A number, or a share of the last written value: "1%". */
bool point_read_deadband(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = settings_of(out);
    bool percent = node->kind == NODE_STRING;
    double value = 0;
    char *end;

    if (percent) {
        value = strtod(node->string, &end);
        if (end == node->string || strcmp(end, "%") != 0 || !isfinite(value))
            return schema_fail(reader, CODE(FORM), node->pos, "such as 0.5 or \"1%\"",
                               "\"%.64s\" is no \"%s\"", node->string, row->key);
    } else if (!schema_number(reader, scope, row->key, node, &value)) {
        return false;
    }
    if (value < 0 || (percent && value > 100))
        return schema_fail(reader, CODE(BOUNDS), node->pos, NULL,
                           "\"%s\" is not negative, and 100%% at most", row->key);
    *(percent ? &point->deadband_percent : &point->deadband) = value;
    return true;
}
