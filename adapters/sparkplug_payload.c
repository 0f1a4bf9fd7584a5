/* sparkplug_payload.c - see sparkplug_payload.h. */
#include "adapters/sparkplug_payload.h"

#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <sparkplug_b.pb-c.h> /* generated from adapters/sparkplug_b.proto */
#include <string.h>

/* What the decoder may take; a payload that wants more is refused. */
struct purse {
    size_t left;
    bool refused;
};

enum {
    FIRST_OTHER = 16, /* values that are skipped: bytes, data set, template, extension */
    LAST_OTHER = 19,
};

struct holder {
    struct purse purse;
    ProtobufCAllocator allocator;
    Spb__Payload *message;
};

static void *take(void *context, size_t size)
{
    struct purse *purse = context;

    if (size > purse->left) {
        purse->refused = true;
        return NULL;
    }
    purse->left -= size;
    return mem_alloc(size);
}

static void give_back(void *context, void *memory)
{
    (void)context; /* the budget is of what was ever taken: nothing is freed before the
                      end */
    mem_free(memory);
}

static int quality_of(const Spb__Metric *metric)
{
    const Spb__Properties *properties = metric->properties;

    if (properties == NULL)
        return SPARKPLUG_QUALITY_GOOD;
    for (size_t i = 0; i < properties->n_keys && i < properties->n_values; i++)
        if (strcmp(properties->keys[i], "Quality") == 0 &&
            properties->values[i]->has_int_value)
            return (int)properties->values[i]->int_value;
    return SPARKPLUG_QUALITY_GOOD;
}

static void take_integer(struct sparkplug_metric *to, uint64_t raw, bool wide)
{
    to->kind = SPARKPLUG_NUMBER;
    to->integer = true;
    to->wide = wide;
    to->raw = raw;
}

static bool has_other_value(const Spb__Metric *from)
{
    for (unsigned i = 0; i < from->base.n_unknown_fields; i++)
        if (from->base.unknown_fields[i].tag >= FIRST_OTHER &&
            from->base.unknown_fields[i].tag <= LAST_OTHER)
            return true;
    return false;
}

static void take_value(const Spb__Metric *from, struct sparkplug_metric *to)
{
    to->kind = has_other_value(from) ? SPARKPLUG_OTHER : SPARKPLUG_NOTHING;
    if (from->has_is_null && from->is_null) {
        to->kind = SPARKPLUG_NOTHING;
    } else if (from->has_int_value) {
        take_integer(to, from->int_value, false);
    } else if (from->has_long_value) {
        take_integer(to, from->long_value, true);
    } else if (from->has_float_value || from->has_double_value) {
        to->kind = SPARKPLUG_NUMBER;
        to->number =
            from->has_float_value ? (double)from->float_value : from->double_value;
    } else if (from->has_boolean_value) {
        to->kind = SPARKPLUG_TRUTH;
        to->number = from->boolean_value ? 1 : 0;
    } else if (from->string_value != NULL) {
        to->kind = SPARKPLUG_WORDS;
        to->text = from->string_value;
    }
}

static int64_t milliseconds(bool given, uint64_t value)
{
    const uint64_t latest = INT64_MAX / CLOCK_MS;

    if (!given)
        return -1;
    return (int64_t)(value < latest ? value : latest);
}

static struct sparkplug_metric plain(const Spb__Metric *from)
{
    struct sparkplug_metric metric = {
        .name = from->name,
        .has_alias = from->has_alias,
        .alias = from->alias,
        .time_ms = milliseconds(from->has_timestamp, from->timestamp),
        .type = from->has_datatype ? from->datatype : SPARKPLUG_UNKNOWN,
        .historical = from->has_is_historical && from->is_historical,
        .quality = quality_of(from),
    };

    take_value(from, &metric);
    return metric;
}

int sparkplug_payload_read(const void *bytes, size_t length,
                           struct sparkplug_payload *payload, struct err *err)
{
    struct holder *holder = mem_alloc(sizeof *holder);
    const Spb__Payload *message;

    holder->purse.left = length * SPARKPLUG_MEMORY_TIMES;
    if (holder->purse.left < SPARKPLUG_MEMORY_MAX)
        holder->purse.left = SPARKPLUG_MEMORY_MAX;
    holder->allocator = (ProtobufCAllocator){take, give_back, &holder->purse};
    holder->message = spb__payload__unpack(&holder->allocator, length, bytes);
    message = holder->message;
    if (message == NULL) {
        (void)err_set(err, ERR_INPUT,
                      holder->purse.refused ? "the %zu bytes hold too many metrics"
                                            : "not a Sparkplug payload (%zu bytes)",
                      length);
        mem_free(holder);
        return -1;
    }
    *payload = (struct sparkplug_payload){
        .time_ms = milliseconds(message->has_timestamp, message->timestamp),
        .seq = message->has_seq && message->seq <= 255 ? (int)message->seq : -1,
        .metric_count = message->n_metrics,
        .metrics = mem_array(message->n_metrics + 1, sizeof *payload->metrics),
        .owned = holder,
    };
    for (size_t i = 0; i < message->n_metrics; i++)
        payload->metrics[i] = plain(message->metrics[i]);
    return 0;
}

void sparkplug_payload_free(struct sparkplug_payload *payload)
{
    struct holder *holder = payload->owned;

    mem_free(payload->metrics);
    if (holder != NULL)
        spb__payload__free_unpacked(holder->message, &holder->allocator);
    mem_free(holder);
    *payload = (struct sparkplug_payload){0};
}

double sparkplug_number(const struct sparkplug_metric *metric, uint32_t type)
{
    if (!metric->integer)
        return metric->number;
    switch (type) {
    case SPARKPLUG_INT8:
        return (double)(int8_t)metric->raw;
    case SPARKPLUG_INT16:
        return (double)(int16_t)metric->raw;
    case SPARKPLUG_INT32:
        return (double)(int32_t)metric->raw;
    case SPARKPLUG_INT64:
        return metric->wide ? (double)(int64_t)metric->raw : (double)(int32_t)metric->raw;
    default:
        return (double)metric->raw;
    }
}

size_t sparkplug_rebirth(int64_t time_ms, uint8_t out[SPARKPLUG_COMMAND_MAX])
{
    static char name[] = "Node Control/Rebirth";
    Spb__Metric metric = SPB__METRIC__INIT;
    Spb__Metric *metrics[] = {&metric};
    Spb__Payload payload = SPB__PAYLOAD__INIT;

    metric.name = name;
    metric.has_datatype = 1;
    metric.datatype = SPARKPLUG_BOOLEAN;
    metric.has_boolean_value = 1;
    metric.boolean_value = 1;
    metric.has_timestamp = payload.has_timestamp = 1;
    metric.timestamp = payload.timestamp = (uint64_t)time_ms;
    payload.n_metrics = 1;
    payload.metrics = metrics;
    assert(spb__payload__get_packed_size(&payload) <= SPARKPLUG_COMMAND_MAX);
    return spb__payload__pack(&payload, out);
}
