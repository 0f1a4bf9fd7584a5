/* profile_match.c - see profile_match.h. */
#include "adapters/profile_match.h"

#include "adapters/modbus_decode.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLES = TABLE_HOLDING + 1,
    BLANK_EVIDENCE = 1,       /* bits: registers full of zeros or ones */
    MATCH_SAMPLED_ENOUGH = 2, /* when none of so many makes sense, it is another device */
};

#define MATCH_RANK_PART 0.05 /* of the best one's rank */

struct cached {
    struct identity_read read;
    bool refused;
    size_t at; /* in cells */
};

struct match {
    const struct match_reader *reader;
    struct cached reads[MATCH_READS_MAX];
    size_t read_count;
    uint16_t cells[MATCH_CELLS_MAX];
    size_t cell_count;
    bool no_table[TABLES];
    bool lost;
    struct identity identity; /* of the variant under the eye */
    struct profile_match fits[MATCH_VARIANTS_MAX];
    size_t fit_count;
};

/* --- reading, once --------------------------------------------------------------------
 */

static bool covers(const struct identity_read *outer, const struct identity_read *inner)
{
    return outer->table == inner->table && outer->start <= inner->start &&
           (uint32_t)outer->start + outer->count >= (uint32_t)inner->start + inner->count;
}

/* What an earlier read says about this one, or NULL. A refusal holds for what contains
 * the refused part. */
static const struct cached *find_read(const struct match *match,
                                      const struct identity_read *read)
{
    for (size_t i = 0; i < match->read_count; i++) {
        const struct cached *cached = &match->reads[i];

        if (cached->refused ? covers(read, &cached->read) : covers(&cached->read, read))
            return cached;
    }
    return NULL;
}

/* The cells, or NULL: refused, or lost. */
static const uint16_t *read_cells(struct match *match, const struct identity_read *read)
{
    const struct cached *known = find_read(match, read);
    struct cached *next = &match->reads[match->read_count];
    enum match_answer answer;

    if (match->lost || match->no_table[read->table])
        return NULL;
    if (known != NULL)
        return known->refused
                   ? NULL
                   : &match->cells[known->at + (size_t)(read->start - known->read.start)];
    if (match->read_count == MATCH_READS_MAX ||
        read->count > MATCH_CELLS_MAX - match->cell_count)
        return NULL;
    answer = match->reader->read(match->reader->context, read,
                                 match->cells + match->cell_count);
    match->lost = answer == MATCH_LOST;
    match->no_table[read->table] = answer == MATCH_NO_TABLE;
    if (answer != MATCH_CELLS && answer != MATCH_REFUSED)
        return NULL;
    *next = (struct cached){*read, answer == MATCH_REFUSED, match->cell_count};
    match->read_count++;
    if (next->refused)
        return NULL;
    match->cell_count += read->count;
    return match->cells + next->at;
}

static struct identity_read read_of(const struct point_settings *point)
{
    return (struct identity_read){point->table, modbus_first_cell(point),
                                  (uint16_t)modbus_cells(point)};
}

/* --- what a reading says ---------------------------------------------------------------
 */

/* As the probe reads it: without the point's own range. */
static struct modbus_value value_of(const struct point_settings *point,
                                    const uint16_t *cells)
{
    struct point_settings bare = *point;

    bare.range_low = -INFINITY;
    bare.range_high = INFINITY;
    return modbus_decode(&bare, cells);
}

static bool is_blank(const uint16_t *cells, size_t count)
{
    size_t same = 0;

    for (size_t i = 0; i < count; i++)
        same += cells[i] == cells[0];
    return same == count && (cells[0] == 0 || cells[0] == 0xFFFF);
}

static double total_bits(const struct point_settings *point)
{
    if (point->table == TABLE_COIL || point->table == TABLE_DISCRETE)
        return 1;
    if (point->bit_low >= 0)
        return (double)(point->bit_high - point->bit_low + 1);
    return 16.0 * modbus_cells(point);
}

/* Where a float stands among all floats: neighbours differ by one. Source: IEEE 754, the
 * order of bit patterns. */
static double float_place(double value)
{
    float narrow = (float)fabs(value);
    uint32_t bits;

    memcpy(&bits, &narrow, sizeof bits);
    return value < 0 ? -(double)bits : (double)bits;
}

static double double_place(double value)
{
    double positive = fabs(value);
    uint64_t bits;

    memcpy(&bits, &positive, sizeof bits);
    return value < 0 ? -(double)bits : (double)bits;
}

/* How many of all that the registers could hold the check takes. */
static double codes_within(const struct point_settings *point, double low, double high)
{
    double scale = point->scale == 0 ? 1 : point->scale;
    double from = (low - point->offset) / scale;
    double to = (high - point->offset) / scale;

    if (from > to) {
        double swapped = from;

        from = to;
        to = swapped;
    }
    if (point->type == TYPE_F32)
        return float_place(to) - float_place(from) + 1;
    if (point->type == TYPE_F64)
        return double_place(to) - double_place(from) + 1;
    return to - from + 1;
}

static double evidence_of(const struct point_settings *point,
                          const struct probe_settings *check, const uint16_t *cells)
{
    double within = codes_within(point, check->range_low, check->range_high);
    double bits = total_bits(point) - log2(within < 1 ? 1 : within);

    if (bits < 0 || isnan(bits))
        bits = 0;
    if (is_blank(cells, modbus_cells(point)) && bits > BLANK_EVIDENCE)
        bits = BLANK_EVIDENCE;
    return bits;
}

/* --- the probes
 * -------------------------------------------------------------------------- */

/* The identity of this one variant, as far as its own checks decide it. */
static void judge_variant(struct match *match, const struct profile_settings *profile,
                          const struct variant_settings *variant)
{
    struct equipment_settings alone = {
        .profile = profile, .variants = variant, .variant_count = 1};
    struct identity *identity = &match->identity;
    const struct probe_settings *check = NULL;
    const uint16_t *cells = NULL;
    const struct point_settings *point;

    identity_start(identity, &alone);
    while (identity->phase == IDENTITY_JUDGING) {
        struct identity_read read = identity_next(identity);

        check = &variant->checks[identity->check];
        cells = read_cells(match, &read);
        if (match->lost)
            return;
        identity_answer(identity, cells);
    }
    if (identity->phase != IDENTITY_DONE || identity->finding.kind != FINDING_RIGHT ||
        cells == NULL || check == NULL || match->fit_count == MATCH_VARIANTS_MAX)
        return;
    point = variant_point(variant, check->slot);
    match->fits[match->fit_count++] = (struct profile_match){
        .profile = profile,
        .variant = variant,
        .point = point,
        .value = value_of(point, cells).value,
        .evidence = evidence_of(point, check, cells),
    };
}

static void judge_all(struct match *match, const struct profile_settings *profiles,
                      size_t count)
{
    for (size_t i = 0; i < count && !match->lost; i++) {
        const struct profile_settings *profile = &profiles[i];

        for (size_t v = 0; v < profile->variant_count && !match->lost; v++)
            if (!profile->mqtt && profile->variants[v].check_count > 0)
                judge_variant(match, profile, &profile->variants[v]);
    }
}

/* --- what fits, looked at more
 * ------------------------------------------------------------ */

static bool is_number(const struct point_settings *point)
{
    return point->table != TABLE_NONE && point->type != TYPE_STRING &&
           point->word_count == 0 && modbus_cells(point) <= POINT_WORDS_MAX;
}

/* A value in the range of its point and of a size that things have; a register that is
 * not used is half as convincing. */
static double soundness(const struct point_settings *point, const uint16_t *cells)
{
    struct modbus_value value = modbus_decode(point, cells);
    double size = fabs(value.value);

    if (value.quality == QUALITY_BAD)
        return value.reason == REASON_NOT_AVAILABLE ? 0.5 : 0;
    if (size == 0)
        return 0.5;
    return size > 1e-6 && size < 1e12 ? 1 : 0;
}

static void look_closer(struct match *match, struct profile_match *fit)
{
    const struct variant_settings *variant = fit->variant;
    size_t step = variant->point_count / MATCH_SAMPLES + 1;
    double sum = 0;
    double share;

    for (size_t i = 0; i < variant->point_count && !match->lost; i += step) {
        const struct point_settings *point = &variant->points[i];
        struct identity_read read = read_of(point);
        const uint16_t *cells;
        double sound;

        if (point == fit->point || !is_number(point))
            continue;
        cells = read_cells(match, &read);
        sound = cells == NULL ? 0 : soundness(point, cells);
        fit->sampled++;
        fit->sound += sound > 0;
        sum += sound;
    }
    share = fit->sampled == 0 ? 1 : sum / fit->sampled;
    fit->rank = fit->evidence * share * share * log2(1 + (double)variant->point_count);
}

static int by_evidence(const void *a, const void *b)
{
    const struct profile_match *first = a;
    const struct profile_match *second = b;

    return (first->evidence < second->evidence) - (first->evidence > second->evidence);
}

static int by_rank(const void *a, const void *b)
{
    const struct profile_match *first = a;
    const struct profile_match *second = b;

    if (first->rank != second->rank)
        return first->rank < second->rank ? 1 : -1;
    return strcmp(first->profile->id, second->profile->id);
}

/* What does not explain the device at all is not worth a line beside what does. */
static size_t worth_telling(const struct profile_match *fits, size_t count)
{
    size_t kept = 0;

    while (kept < count && fits[kept].rank >= fits[0].rank * MATCH_RANK_PART &&
           (fits[kept].sound > 0 || fits[kept].sampled < MATCH_SAMPLED_ENOUGH))
        kept++;
    return kept;
}

int profile_match_find(const struct profile_settings *profiles, size_t count,
                       const struct match_reader *reader, struct profile_match *found,
                       size_t max)
{
    struct match *match = mem_alloc(sizeof *match);
    size_t confirm;
    int result = -1;

    match->reader = reader;
    judge_all(match, profiles, count);
    qsort(match->fits, match->fit_count, sizeof match->fits[0], by_evidence);
    confirm = match->fit_count < MATCH_CONFIRM_MAX ? match->fit_count : MATCH_CONFIRM_MAX;
    for (size_t i = 0; i < confirm && !match->lost; i++)
        look_closer(match, &match->fits[i]);
    if (!match->lost) {
        qsort(match->fits, confirm, sizeof match->fits[0], by_rank);
        confirm = worth_telling(match->fits, confirm);
        result = (int)(confirm < max ? confirm : max);
        memcpy(found, match->fits, (size_t)result * sizeof *found);
    }
    mem_free(match);
    return result;
}
