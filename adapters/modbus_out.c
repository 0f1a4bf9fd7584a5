/* modbus_out.c - see modbus_out.h. */
#include "adapters/modbus_out.h"

#include "base/mem.h"

void modbus_out_init(struct modbus_out *out, size_t points)
{
    *out = (struct modbus_out){
        .capacity = points < MODBUS_BATCH_MAX ? points + 1 : MODBUS_BATCH_MAX,
    };
    out->samples = mem_array(out->capacity, sizeof *out->samples);
}

void modbus_out_done(struct modbus_out *out)
{
    mem_free(out->samples);
    *out = (struct modbus_out){0};
}

void modbus_out_flush(struct modbus_out *out)
{
    if (out->count == 0)
        return;
    out->sink->put(out->sink->context, out->samples, out->count);
    out->count = 0;
}

static void fill(struct sample *sample, uint32_t point, struct modbus_value value,
                 struct stamp stamp)
{
    sample->point = point;
    sample->quality = (uint8_t)value.quality;
    sample->reason = (uint8_t)value.reason;
    sample->detail = 0;
    sample->value = value.value;
    sample->time = stamp.wall;
    sample->mono = stamp.mono;
}

/* Filled field by field where it is handed over from: to put it together elsewhere and
 * copy it takes longer than to decode it (the copy waits for the narrow stores). */
static struct sample *add(struct modbus_out *out, uint32_t point,
                          struct modbus_value value, struct stamp stamp)
{
    struct sample *sample;

    if (out->count == out->capacity)
        modbus_out_flush(out);
    sample = &out->samples[out->count++];
    fill(sample, point, value, stamp);
    out->passed++;
    out->bad += value.quality == QUALITY_BAD;
    return sample;
}

void modbus_out_text(struct modbus_out *out, const struct plan_item *item,
                     const uint16_t *cells, struct stamp stamp)
{
    char text[LIVE_TEXT_MAX];
    struct modbus_value value = modbus_decode_text(item->settings, cells, text);
    struct sample sample;

    fill(&sample, item->point, value, stamp);
    out->passed++;
    out->sink->put_text(out->sink->context, &sample, text);
}

void modbus_out_value(struct modbus_out *out, uint32_t point, struct modbus_value value,
                      struct stamp stamp)
{
    (void)add(out, point, value, stamp);
}

void modbus_out_bad(struct modbus_out *out, uint32_t point, struct badness badness,
                    struct stamp stamp)
{
    struct modbus_value value = {.quality = QUALITY_BAD, .reason = badness.reason};

    add(out, point, value, stamp)->detail = badness.detail;
}

void modbus_out_bool(struct modbus_out *out, uint32_t point, bool value,
                     struct stamp stamp)
{
    struct modbus_value reading = {.value = value ? 1.0 : 0.0, .quality = QUALITY_GOOD};

    (void)add(out, point, reading, stamp);
}
