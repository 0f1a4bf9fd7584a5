/* deadband.c - see deadband.h. */
#include "history/deadband.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>

enum treatment {
    WRITE_ALL,
    WRITE_SOME,
    WRITE_NONE,
};

/* The past of a point that is thinned. */
struct past {
    double written;
    int64_t written_ns;
    int64_t seen_ns; /* of the last good reading, written or not */
    bool known;      /* there is one, and nothing bad came after it */
};

struct deadband {
    const struct model *model;
    uint8_t *treatments; /* by point */
    uint32_t *places;    /* by point: of WRITE_SOME, its index in pasts */
    struct past *pasts;
};

static enum treatment treatment_of(const struct point *point)
{
    if (!model_has_series(point))
        return WRITE_NONE;
    return point->deadband > 0 || point->deadband_percent > 0 || point->heartbeat_ms > 0
               ? WRITE_SOME
               : WRITE_ALL;
}

struct deadband *deadband_new(const struct model *model)
{
    struct deadband *deadband = mem_alloc(sizeof *deadband);
    uint32_t thinned = 0;

    deadband->model = model;
    deadband->treatments = mem_array(model->point_count, sizeof *deadband->treatments);
    deadband->places = mem_array(model->point_count, sizeof *deadband->places);
    for (size_t i = 0; i < model->point_count; i++) {
        enum treatment treatment = treatment_of(&model->points[i]);

        deadband->treatments[i] = (uint8_t)treatment;
        if (treatment == WRITE_SOME)
            deadband->places[i] = thinned++;
    }
    deadband->pasts = mem_array(thinned, sizeof *deadband->pasts);
    return deadband;
}

void deadband_free(struct deadband *deadband)
{
    if (deadband == NULL)
        return;
    mem_free(deadband->treatments);
    mem_free(deadband->places);
    mem_free(deadband->pasts);
    mem_free(deadband);
}

static bool has_moved(const struct point *point, double from, double to)
{
    double band = fmax(point->deadband, point->deadband_percent / 100 * fabs(from));
    double step = fabs(to - from);

    if (point->kind != POINT_NUMBER || band == 0)
        return step > 0;
    /* 20.2 - 20.1 is a little less than 0.1. */
    return step + 4 * DBL_EPSILON * fabs(to) >= band;
}

static bool is_due(const struct point *point, const struct past *past,
                   const struct sample *sample)
{
    int64_t now_ns = sample->time.ns;
    int64_t silence_ns = now_ns - past->seen_ns;

    return !past->known || now_ns < past->written_ns ||
           (point->stale_after_ms > 0 && silence_ns > point->stale_after_ms * CLOCK_MS) ||
           (point->heartbeat_ms > 0 &&
            now_ns - past->written_ns >= point->heartbeat_ms * CLOCK_MS) ||
           has_moved(point, past->written, sample->value);
}

static bool takes_some(const struct point *point, struct past *past,
                       const struct sample *sample)
{
    bool due;

    if (sample->quality == QUALITY_BAD || !isfinite(sample->value)) {
        past->known = false;
        return false;
    }
    due = is_due(point, past, sample);
    past->known = true;
    past->seen_ns = sample->time.ns;
    if (due) {
        past->written = sample->value;
        past->written_ns = sample->time.ns;
    }
    return due;
}

bool deadband_takes(struct deadband *deadband, const struct sample *sample)
{
    const struct point *point = &deadband->model->points[sample->point];

    switch ((enum treatment)deadband->treatments[sample->point]) {
    case WRITE_SOME:
        return takes_some(point, &deadband->pasts[deadband->places[sample->point]],
                          sample);
    case WRITE_NONE:
        return false;
    case WRITE_ALL:
    default:
        return sample->quality != QUALITY_BAD;
    }
}

size_t deadband_thin(struct deadband *deadband, struct sample *samples, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (deadband_takes(deadband, &samples[i]))
            samples[kept++] = samples[i];
    return kept;
}
