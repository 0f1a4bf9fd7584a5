/* fuzz_line.c - any bytes as names and values, written as a line and read back strictly.
 */
#include "base/mem.h"
#include "history/line.h"
#include "tests/unit/line_reader.h"

#include <assert.h>

enum {
    TEXT_MAX = 64 * 1024,
    NAME_MAX_BYTES = 200, /* escaped it stays below READ_WORD_MAX */
};

/* The next zero-terminated name of the input. */
static const char *take_name(const uint8_t **data, size_t *size, char *out)
{
    size_t length = strnlen((const char *)*data, *size);
    size_t kept = length < NAME_MAX_BYTES ? length : NAME_MAX_BYTES;
    size_t used = length < *size ? length + 1 : length;

    memcpy(out, *data, kept);
    out[kept] = '\0';
    if (kept == 0)
        memcpy(out, "x", 2);
    *data += used;
    *size -= used;
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct read_line line;
    char names[5][NAME_MAX_BYTES + 1];
    struct equipment equipment = {.class_name = take_name(&data, &size, names[0]),
                                  .id = take_name(&data, &size, names[1]),
                                  .place = take_name(&data, &size, names[2]),
                                  .point_count = 1};
    struct model model = {.site_id = take_name(&data, &size, names[3]),
                          .equipment = &equipment,
                          .equipment_count = 1,
                          .point_count = 1};
    struct point point = {.name = take_name(&data, &size, names[4])};
    struct sample sample = {.quality = QUALITY_GOOD};
    struct text out;
    char *prefix;
    char *key;
    size_t lines;

    model.points = &point;
    if (size > 0)
        point.kind = data[0] % 3 == 0 ? POINT_NUMBER : POINT_ENUM;
    point.digits = size > 1 ? data[1] % 20 : 17;
    if (size >= 10)
        memcpy(&sample.value, data + 2, sizeof sample.value);
    if (size >= 18)
        memcpy(&sample.time.ns, data + 10, sizeof sample.time.ns);
    text_init(&out, TEXT_MAX);
    prefix = line_prefix(&model, &equipment);
    key = line_key(&point);
    lines = line_samples(&out, &model, &prefix, &key, &sample, 1);
    assert(lines <= 1 && (lines == 1) == (out.length > 0));
    if (lines == 1) {
        const char *rest = read_line(out.data, &line);

        assert(rest != NULL && *rest == '\0');
        assert(line.tag_count == 4 && line.field_count == 1);
        assert(line.time_ns == sample.time.ns);
        if (point.digits >= 17)
            assert(line.fields[0].number == sample.value || line.fields[0].is_integer);
    }
    text_clear(&out);
    line_field_string(&out, names[1]);
    text_done(&out);
    mem_free(prefix);
    mem_free(key);
    return 0;
}
