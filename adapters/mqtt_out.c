/* mqtt_out.c - see mqtt_out.h. */
#include "adapters/mqtt_out.h"

static void flush(struct mqtt_out *out)
{
    if (out->batched > 0)
        out->sink->put(out->sink->context, out->batch, out->batched);
    out->batched = 0;
}

void mqtt_out_begin(struct mqtt_out *out, const struct sample_sink *sink)
{
    out->sink = sink;
}

void mqtt_out_end(struct mqtt_out *out)
{
    flush(out);
    out->sink = NULL;
}

static void put(struct mqtt_out *out, const struct sample *sample)
{
    out->samples++;
    out->bad_samples += sample->quality == QUALITY_BAD ? 1 : 0;
    out->batch[out->batched++] = *sample;
    if (out->batched == MQTT_BATCH_SAMPLES)
        flush(out);
}

static void guard(struct mqtt_point *point, const struct mqtt_message *message,
                  struct mqtt_reading *reading)
{
    int64_t age_ns = message->time.ns - reading->time.ns;

    if (!point->guarded || reading->quality == QUALITY_BAD ||
        counter_guard_accepts(&point->guard, &point->rule, reading->value,
                              (struct mono_time){message->mono.ns - age_ns}))
        return;
    reading->quality = QUALITY_BAD;
    reading->reason = REASON_JUMP;
}

void mqtt_out_reading(struct mqtt_out *out, struct mqtt_point *point,
                      const struct mqtt_message *message, struct mqtt_reading *reading)
{
    struct sample sample;

    guard(point, message, reading);
    sample = (struct sample){
        .point = point->point,
        .quality = (uint8_t)reading->quality,
        .reason = (uint8_t)reading->reason,
        .value = reading->value,
        .time = reading->time,
        .mono = message->mono,
    };
    if (point->source.kind == POINT_TEXT && reading->quality != QUALITY_BAD) {
        flush(out); /* what is older stays before it */
        out->samples++;
        out->sink->put_text(out->sink->context, &sample, reading->text);
        return;
    }
    put(out, &sample);
}

void mqtt_out_online(struct mqtt_out *out, uint32_t point, bool online)
{
    const struct sample sample = {
        .point = point,
        .quality = QUALITY_GOOD,
        .value = online ? 1 : 0,
        .time = wall_now(),
        .mono = mono_now(),
    };

    put(out, &sample);
}

void mqtt_out_gone(struct mqtt_out *out, const struct mqtt_points *points, uint32_t unit)
{
    struct sample sample = {
        .quality = QUALITY_BAD,
        .reason = REASON_OFFLINE,
        .time = wall_now(),
        .mono = mono_now(),
    };

    for (size_t i = points->unit_first[unit]; i < points->unit_first[unit + 1]; i++) {
        sample.point = points->points[i].point;
        put(out, &sample);
    }
}
