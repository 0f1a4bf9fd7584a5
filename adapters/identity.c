/* identity.c - see identity.h. */
#include "adapters/identity.h"

#include "adapters/modbus_decode.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define IDENTITY_LEAST 1e-20 /* of a float that was measured */

static const char *const order_names[] = {"ABCD", "CDAB", "BADC", "DCBA"};

const struct point_settings *variant_point(const struct variant_settings *variant,
                                           uint32_t slot)
{
    for (size_t i = 0; i < variant->point_count; i++)
        if (variant->points[i].slot == slot)
            return &variant->points[i];
    return NULL;
}

bool identity_wanted(const struct equipment_settings *equipment)
{
    for (size_t i = 0; i < equipment->variant_count; i++)
        if (equipment->variants[i].check_count > 0)
            return true;
    return false;
}

static const struct variant_settings *under_eye(const struct identity *identity)
{
    return identity->phase == IDENTITY_ELSEWHERE ? &identity->all[identity->variant]
                                                 : &identity->variants[identity->variant];
}

static const struct point_settings *checked_point(const struct variant_settings *variant,
                                                  size_t check)
{
    const struct point_settings *point =
        variant_point(variant, variant->checks[check].slot);

    assert(point != NULL); /* config/ refuses a check of a point that is not there */
    return point;
}

/* The check that is looked at closer when nothing fits. */
static const struct point_settings *odd_point(const struct identity *identity)
{
    return checked_point(&identity->variants[identity->odd_variant], identity->odd_check);
}

static const struct probe_settings *odd_check(const struct identity *identity)
{
    return &identity->variants[identity->odd_variant].checks[identity->odd_check];
}

static void say(struct identity *identity, enum finding_kind kind, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

static void say(struct identity *identity, enum finding_kind kind, const char *format,
                ...)
{
    va_list args;

    identity->phase = IDENTITY_DONE;
    identity->finding.kind = kind;
    va_start(args, format);
    (void)vsnprintf(identity->finding.text, sizeof identity->finding.text, format, args);
    va_end(args);
}

/* --- judging one reading ---------------------------------------------------------- */

/* Words in the wrong order make a float of a small exponent: 50.0 becomes 2.4e-41. No
 * device measures so little of anything, though a range around 0 would take it. */
static bool is_measured(const struct point_settings *point, double value)
{
    bool is_float = point->type == TYPE_F32 || point->type == TYPE_F64;
    double raw = (value - point->offset) / (point->scale == 0 ? 1 : point->scale);

    return !is_float || raw == 0 || fabs(raw) > IDENTITY_LEAST;
}

static bool within(const struct probe_settings *check, double value)
{
    /* "equals" of a scaled value: 4997 * 0.01 is not quite 49.97. */
    double slack =
        check->range_low == check->range_high ? fabs(check->range_low) * 1e-9 + 1e-12 : 0;

    return value >= check->range_low - slack && value <= check->range_high + slack;
}

/* The probe judges by its own range: the point's, and what other registers do to it, stay
 * out. */
static struct modbus_value read_as(const struct point_settings *point,
                                   enum word_order order, const uint16_t *cells)
{
    struct point_settings as = *point;

    as.order = order;
    as.plus.order = order;
    as.range_low = -INFINITY;
    as.range_high = INFINITY;
    return modbus_decode(&as, cells);
}

static enum identity_verdict judge(const struct probe_settings *check,
                                   const struct point_settings *point,
                                   const uint16_t *cells)
{
    struct modbus_value value = read_as(point, point->order, cells);

    if (value.quality == QUALITY_BAD)
        return IDENTITY_UNJUDGED;
    return is_measured(point, value.value) && within(check, value.value)
               ? IDENTITY_FITS
               : IDENTITY_MISFIT;
}

/* --- what is wrong ---------------------------------------------------------------- */

static bool other_order_fits(struct identity *identity)
{
    const struct point_settings *point = odd_point(identity);
    const struct probe_settings *check = odd_check(identity);
    double is = read_as(point, point->order, identity->cells).value;

    for (int order = ORDER_ABCD; order <= ORDER_DCBA; order++) {
        struct modbus_value value =
            read_as(point, (enum word_order)order, identity->cells);

        if ((enum word_order)order == point->order || value.quality == QUALITY_BAD ||
            !is_measured(point, value.value) || !within(check, value.value))
            continue;
        /* One address too low, the high word of a value stands where that of swapped
         * words would. */
        say(identity, FINDING_WRONG_ORDER,
            "%s reads %.6g %s, but %.6g as %s: set order = \"%s\" in the profile%s",
            point->name, is, point->unit, value.value, order_names[order],
            order_names[order],
            order == ORDER_CDAB && point->order == ORDER_ABCD
                ? "; or all addresses are one too low"
                : "");
        return true;
    }
    return false;
}

static void say_implausible(struct identity *identity)
{
    const struct point_settings *point = odd_point(identity);
    const struct probe_settings *check = odd_check(identity);
    struct modbus_value value;

    if (!identity->has_cells) {
        say(identity, FINDING_REFUSED,
            "the device refuses the address of %s (%u): another model, or another unit",
            point->name, point->address);
        return;
    }
    value = read_as(point, point->order, identity->cells);
    say(identity, FINDING_IMPLAUSIBLE,
        "%s reads %.6g %s, expected %.6g to %.6g; no other order or neighbouring address "
        "fits: check unit and profile",
        point->name, value.value, point->unit, check->range_low, check->range_high);
}

static void say_neighbour(struct identity *identity, int by, const uint16_t *cells)
{
    const struct point_settings *point = odd_point(identity);

    say(identity, FINDING_WRONG_BASE, "%s reads %.6g %s one address %s (%d): %s",
        point->name, read_as(point, point->order, cells).value, point->unit,
        by < 0 ? "lower" : "higher", point->address + by,
        by < 0 ? "the map counts from 1; set base = 1 in the profile"
               : "all addresses of the profile are one too low");
}

/* --- from one question to the next ------------------------------------------------- */

static bool has_next_check(const struct identity *identity)
{
    return identity->check < under_eye(identity)->check_count;
}

static bool is_allowed(const struct identity *identity,
                       const struct variant_settings *variant)
{
    for (size_t i = 0; i < identity->variant_count; i++)
        if (strcmp(identity->variants[i].id, variant->id) == 0)
            return true;
    return false;
}

/* There are such addresses, and reading them does no harm. */
static bool may_look(const struct identity *identity, int by)
{
    const struct point_settings *point = odd_point(identity);
    int64_t first = (int64_t)modbus_first_cell(point) + by;
    int64_t last = first + modbus_cells(point) - 1;

    if (first < 0 || last > UINT16_MAX)
        return false;
    for (size_t i = 0; i < identity->never_count; i++)
        if (identity->never[i].table == point->table &&
            identity->never[i].first <= last && identity->never[i].last >= first)
            return false;
    return true;
}

static void look_above(struct identity *identity)
{
    if (may_look(identity, 1))
        identity->phase = IDENTITY_ABOVE;
    else
        say_implausible(identity);
}

static void look_below(struct identity *identity)
{
    if (may_look(identity, -1))
        identity->phase = IDENTITY_BELOW;
    else
        look_above(identity);
}

/* The next variant that is not among the allowed ones and can be probed. */
static void look_elsewhere(struct identity *identity, size_t from)
{
    identity->phase = IDENTITY_ELSEWHERE;
    identity->check = 0;
    for (size_t i = from; i < identity->all_count; i++) {
        if (is_allowed(identity, &identity->all[i]) || identity->all[i].check_count == 0)
            continue;
        identity->variant = i;
        return;
    }
    look_below(identity);
}

static void conclude(struct identity *identity)
{
    size_t fitting = 0;
    int first = -1;
    int unjudged = -1;

    for (size_t i = 0; i < identity->variant_count; i++) {
        if (identity->verdicts[i] == IDENTITY_UNJUDGED && unjudged < 0)
            unjudged = (int)i;
        if (identity->verdicts[i] != IDENTITY_FITS)
            continue;
        identity->fits |= UINT32_C(1) << i;
        fitting++;
        if (first < 0)
            first = (int)i;
    }
    identity->finding.variant = first >= 0 ? first : unjudged;
    if (fitting == 1 || (fitting > 1 && identity->variant_count == 1)) {
        say(identity, FINDING_RIGHT, "%s", identity->variants[first].id);
    } else if (fitting > 1) {
        say(identity, FINDING_AMBIGUOUS,
            "several variants fit (%s and %zu more): name one with variant = \"...\"",
            identity->variants[first].id, fitting - 1);
    } else if (unjudged >= 0) {
        if (identity->variant_count > 1)
            say(identity, FINDING_UNJUDGED,
                "the device has no value to tell variants by: name one with variant = "
                "\"...\"; until then it is read as %s",
                identity->variants[unjudged].id);
        else
            say(identity, FINDING_UNJUDGED, "the device has no value there now");
    } else if (!identity->has_cells || !other_order_fits(identity)) {
        look_elsewhere(identity, 0);
    }
}

static void next_variant(struct identity *identity)
{
    identity->check = 0;
    identity->refused_before = false;
    for (identity->variant++; identity->variant < identity->variant_count;
         identity->variant++)
        if (identity->variants[identity->variant].check_count > 0)
            return;
    conclude(identity);
}

/* One check of an allowed variant came to `verdict`. */
static void judged(struct identity *identity, enum identity_verdict verdict,
                   const uint16_t *cells)
{
    if (verdict == IDENTITY_MISFIT && !identity->has_cells) {
        const struct point_settings *point =
            checked_point(under_eye(identity), identity->check);

        identity->has_cells = true;
        identity->odd_variant = identity->variant;
        identity->odd_check = identity->check;
        memcpy(identity->cells, cells, modbus_cells(point) * sizeof *cells);
    }
    identity->check++;
    identity->verdicts[identity->variant] = verdict;
    if (verdict == IDENTITY_UNJUDGED && has_next_check(identity))
        return;
    next_variant(identity);
}

static void judged_elsewhere(struct identity *identity, enum identity_verdict verdict)
{
    const struct variant_settings *variant = under_eye(identity);

    identity->check++;
    if (verdict == IDENTITY_FITS)
        say(identity, FINDING_OTHER_VARIANT,
            "the device is variant \"%s\": set variant = \"%s\" at the equipment, or "
            "leave it out",
            variant->id, variant->id);
    else if (verdict != IDENTITY_UNJUDGED || !has_next_check(identity))
        look_elsewhere(identity, identity->variant + 1);
}

static void judged_neighbour(struct identity *identity, enum identity_verdict verdict,
                             const uint16_t *cells)
{
    bool below = identity->phase == IDENTITY_BELOW;

    if (verdict == IDENTITY_FITS)
        say_neighbour(identity, below ? -1 : 1, cells);
    else if (below)
        look_above(identity);
    else
        say_implausible(identity);
}

/* --- outside ------------------------------------------------------------------------ */

void identity_start(struct identity *identity, const struct equipment_settings *equipment)
{
    assert(equipment->variant_count <= PROFILE_VARIANTS_MAX);
    *identity = (struct identity){
        .variants = equipment->variants,
        .variant_count = equipment->variant_count,
        .all = equipment->profile->variants,
        .all_count = equipment->profile->variant_count,
        .never = equipment->profile->never,
        .never_count = equipment->profile->never_count,
        .finding = {.variant = -1},
        .phase = IDENTITY_JUDGING,
    };
    while (identity->variant < identity->variant_count &&
           identity->variants[identity->variant].check_count == 0)
        identity->variant++;
    if (identity->variant == identity->variant_count)
        identity->phase = IDENTITY_DONE;
    else
        identity->odd_variant = identity->variant;
}

bool identity_done(const struct identity *identity)
{
    return identity->phase == IDENTITY_DONE;
}

struct identity_read identity_next(const struct identity *identity)
{
    bool neighbour =
        identity->phase == IDENTITY_BELOW || identity->phase == IDENTITY_ABOVE;
    const struct point_settings *point =
        neighbour ? odd_point(identity)
                  : checked_point(under_eye(identity), identity->check);
    int by = !neighbour ? 0 : identity->phase == IDENTITY_BELOW ? -1 : 1;

    assert(identity->phase != IDENTITY_DONE);
    return (struct identity_read){point->table, (uint16_t)(modbus_first_cell(point) + by),
                                  (uint16_t)modbus_cells(point)};
}

void identity_answer(struct identity *identity, const uint16_t *cells)
{
    bool neighbour =
        identity->phase == IDENTITY_BELOW || identity->phase == IDENTITY_ABOVE;
    const struct variant_settings *variant = under_eye(identity);
    const struct probe_settings *check =
        neighbour ? odd_check(identity) : &variant->checks[identity->check];
    const struct point_settings *point =
        neighbour ? odd_point(identity) : checked_point(variant, identity->check);
    enum identity_verdict verdict =
        cells == NULL ? IDENTITY_REFUSED : judge(check, point, cells);

    if (identity->phase == IDENTITY_JUDGING)
        judged(identity, verdict, cells);
    else if (identity->phase == IDENTITY_ELSEWHERE)
        judged_elsewhere(identity, verdict);
    else
        judged_neighbour(identity, verdict, cells);
}

static bool same_place(const struct point_settings *a, const struct point_settings *b)
{
    if (a->table != b->table || a->address != b->address || a->type != b->type ||
        a->order != b->order || a->registers != b->registers ||
        a->bit_low != b->bit_low || a->bit_high != b->bit_high ||
        a->word_count != b->word_count || a->plus.given != b->plus.given)
        return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (a->words[i] != b->words[i])
            return false;
    return !a->plus.given ||
           (a->plus.address == b->plus.address && a->plus.type == b->plus.type &&
            a->plus.order == b->plus.order);
}

static bool same_factors(const struct point_settings *a, const struct point_settings *b)
{
    if (a->factor != b->factor || a->factor_count != b->factor_count)
        return false;
    for (size_t i = 0; i < a->factor_count; i++)
        if (a->factors[i].code != b->factors[i].code ||
            a->factors[i].factor != b->factors[i].factor)
            return false;
    return true;
}

/* Of what it depends on, only which points these are: they are judged by themselves. */
static bool same_scale(const struct point_settings *a, const struct point_settings *b)
{
    if (a->scale != b->scale || a->offset != b->offset || a->quotient != b->quotient ||
        a->remainder != b->remainder || a->time_count != b->time_count ||
        a->exponent != b->exponent || a->exponent_sign != b->exponent_sign ||
        a->exponent_offset != b->exponent_offset)
        return false;
    for (size_t i = 0; i < a->time_count; i++)
        if (a->times[i] != b->times[i])
            return false;
    return same_factors(a, b);
}

/* What says that there is no value. */
static bool same_bounds(const struct point_settings *a, const struct point_settings *b)
{
    if (a->range_low != b->range_low || a->range_high != b->range_high ||
        a->modulus != b->modulus || a->max_rate != b->max_rate ||
        a->resets != b->resets || a->invalid_count != b->invalid_count)
        return false;
    for (size_t i = 0; i < a->invalid_count; i++)
        if (a->invalid[i] != b->invalid[i])
            return false;
    return true;
}

static bool same_reading(const struct point_settings *a, const struct point_settings *b)
{
    return a != NULL && b != NULL && same_place(a, b) && same_scale(a, b) &&
           same_bounds(a, b);
}

bool identity_agrees(const struct identity *identity, uint32_t slot)
{
    const struct point_settings *first = NULL;

    if (identity->finding.kind != FINDING_AMBIGUOUS)
        return true;
    for (size_t i = 0; i < identity->variant_count; i++) {
        const struct point_settings *point;

        if ((identity->fits >> i & 1) == 0)
            continue;
        point = variant_point(&identity->variants[i], slot);
        if (first == NULL && point != NULL)
            first = point;
        else if (!same_reading(first, point))
            return false;
    }
    return first != NULL;
}
