/* modbus_out.h - the samples of a link on their way to the sink, in batches.
 *
 * Born with room for every point of the link once; full, it flushes itself. Counts what
 * passes. Threads: the link's.
 */
#ifndef ADAPTERS_MODBUS_OUT_H
#define ADAPTERS_MODBUS_OUT_H

#include "adapters/modbus_decode.h"
#include "adapters/modbus_plan.h"
#include "telemetry/sample.h"

enum {
    MODBUS_BATCH_MAX = 4096, /* samples; a larger link hands over in several batches */
};

/* When something was found out. */
struct stamp {
    struct wall_time wall;
    struct mono_time mono;
};

/* Why points have no value. */
struct badness {
    enum reason reason;
    uint16_t detail; /* exception code */
};

struct modbus_out {
    struct sample *samples;
    size_t count;
    size_t capacity;
    const struct sample_sink *sink; /* of the present step */
    uint64_t passed;
    uint64_t bad;
};

void modbus_out_init(struct modbus_out *out, size_t points);
void modbus_out_done(struct modbus_out *out);

/* What was read of a point; of a text point, its cells. */
void modbus_out_value(struct modbus_out *out, uint32_t point, struct modbus_value value,
                      struct stamp stamp);
void modbus_out_text(struct modbus_out *out, const struct plan_item *item,
                     const uint16_t *cells, struct stamp stamp);
void modbus_out_bad(struct modbus_out *out, uint32_t point, struct badness badness,
                    struct stamp stamp);
void modbus_out_bool(struct modbus_out *out, uint32_t point, bool value,
                     struct stamp stamp);
void modbus_out_flush(struct modbus_out *out);

#endif
