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

static void add(struct modbus_out *out, const struct sample *sample)
{
    if (out->count == out->capacity)
        modbus_out_flush(out);
    out->samples[out->count++] = *sample;
    out->passed++;
    out->bad += sample->quality == QUALITY_BAD;
}

static struct sample sample_of(uint32_t point, const struct modbus_value *value,
                               struct stamp stamp)
{
    return (struct sample){
        .point = point,
        .quality = (uint8_t)value->quality,
        .reason = (uint8_t)value->reason,
        .value = value->value,
        .time = stamp.wall,
        .mono = stamp.mono,
    };
}

void modbus_out_text(struct modbus_out *out, const struct plan_item *item,
                     const uint16_t *cells, struct stamp stamp)
{
    char text[LIVE_TEXT_MAX];
    struct modbus_value value = modbus_decode_text(item->settings, cells, text);
    struct sample sample = sample_of(item->point, &value, stamp);

    out->passed++;
    out->sink->put_text(out->sink->context, &sample, text);
}

void modbus_out_value(struct modbus_out *out, uint32_t point,
                      const struct modbus_value *value, struct stamp stamp)
{
    struct sample sample = sample_of(point, value, stamp);

    add(out, &sample);
}

void modbus_out_bad(struct modbus_out *out, uint32_t point, struct badness badness,
                    struct stamp stamp)
{
    struct sample sample = {
        .point = point,
        .quality = QUALITY_BAD,
        .reason = (uint8_t)badness.reason,
        .detail = badness.detail,
        .time = stamp.wall,
        .mono = stamp.mono,
    };

    add(out, &sample);
}

void modbus_out_bool(struct modbus_out *out, uint32_t point, bool value,
                     struct stamp stamp)
{
    struct modbus_value reading = {.value = value ? 1.0 : 0.0, .quality = QUALITY_GOOD};
    struct sample sample = sample_of(point, &reading, stamp);

    add(out, &sample);
}
