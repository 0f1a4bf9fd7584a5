/* line.c - see line.h. */
#include "history/line.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

enum {
    PREFIX_MAX = 16 * 1024, /* four names of the configuration, escaped */
    STAMP_SIZE = NUMBER_SIZE,
    PUNCTUATION = 8, /* what stands between the parts of a line */
};

/* The whole numbers that a double holds exactly; a code beyond is nonsense. */
#define INTEGER_MAX 9007199254740992.0

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Copies `text`, with a backslash before each of `special`. */
static void escape(struct text *out, const char *text, const char *special)
{
    while (*text != '\0') {
        size_t length = utf8_length(text);

        if (length == 0 || is_control(*text)) {
            text_add_char(out, '_');
            text++;
            continue;
        }
        if (*text == '\\' && (text[1] == '\0' || text[1] == '\\' || is_control(text[1]) ||
                              strchr(special, text[1]) != NULL)) {
            text_add_char(out, '_');
            text++;
            continue;
        }
        if (strchr(special, *text) != NULL)
            text_add_char(out, '\\');
        text_add_bytes(out, text, length);
        text += length;
    }
}

void line_escape_tag(struct text *out, const char *text)
{
    escape(out, text, ",= ");
}

void line_escape_measurement(struct text *out, const char *text)
{
    if (*text == '#') { /* would make the line a comment */
        text_add_char(out, '_');
        text++;
    }
    escape(out, text, ", ");
}

void line_field_string(struct text *out, const char *text)
{
    text_add_char(out, '"');
    while (*text != '\0') {
        size_t length = utf8_length(text);

        if (length == 0 || is_control(*text)) {
            text_add_char(out, length == 0 ? '_' : ' ');
            text++;
            continue;
        }
        if (*text == '"' || *text == '\\')
            text_add_char(out, '\\');
        text_add_bytes(out, text, length);
        text += length;
    }
    text_add_char(out, '"');
}

char *line_prefix(const struct model *model, const struct equipment *equipment)
{
    const struct {
        const char *key;
        const char *value;
    } tags[] = {
        /* sorted */
        {"class", equipment->class_name},
        {"equipment", equipment->id},
        {"place", equipment->place},
        {"site", model->site_id},
    };
    struct text text;

    text_init(&text, PREFIX_MAX);
    line_escape_measurement(&text, equipment->class_name);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (tags[i].value == NULL || tags[i].value[0] == '\0')
            continue;
        text_add_char(&text, ',');
        text_add(&text, tags[i].key);
        text_add_char(&text, '=');
        line_escape_tag(&text, tags[i].value);
    }
    return text_take(&text);
}

char *line_key(const struct point *point)
{
    struct text text;

    text_init(&text, PREFIX_MAX);
    line_escape_tag(&text, point->name);
    if (strcmp(text.data, "time") == 0)
        text_add_char(&text, '_');
    return text_take(&text);
}

static bool is_writable(const struct sample *sample, const struct point *point)
{
    return sample->quality != QUALITY_BAD && sample->time.ns != 0 &&
           point->kind != POINT_TEXT && isfinite(sample->value) &&
           (point->kind == POINT_NUMBER || fabs(sample->value) <= INTEGER_MAX);
}

static char *put(char *to, const char *string, size_t length)
{
    memcpy(to, string, length);
    return to + length;
}

static char *put_value(char *to, const struct point *point, double value)
{
    if (point->kind == POINT_NUMBER)
        return to + number_format_digits(to, value,
                                         point->digits > 0 ? point->digits
                                                           : NUMBER_DIGITS_DOUBLE);
    to += number_format_int(to, llrint(value));
    *to++ = 'i';
    return to;
}

/* A line being written, and the stamp of the line before: many lines share one. */
struct writer {
    struct text *out;
    bool open;
    size_t start; /* of the open line */
    uint32_t equipment;
    uint32_t point; /* the last one written */
    int64_t time_ns;
    size_t stamp_length;
    char stamp[STAMP_SIZE];
};

static void close_line(struct writer *writer)
{
    /* begin_line and add_field keep room for this. */
    char *to = writer->out->data + writer->out->length;

    *to++ = ' ';
    to = put(to, writer->stamp, writer->stamp_length);
    *to++ = '\n';
    *to = '\0';
    writer->out->length = (size_t)(to - writer->out->data);
    writer->open = false;
}

static bool begin_line(struct writer *writer, const char *prefix, uint32_t equipment,
                       int64_t time_ns)
{
    size_t length = strlen(prefix);
    char *to = text_reserve(writer->out, length + STAMP_SIZE + PUNCTUATION);

    if (to == NULL)
        return false;
    writer->start = writer->out->length;
    (void)put(to, prefix, length);
    writer->out->length += length;
    writer->equipment = equipment;
    writer->open = true;
    if (writer->stamp_length == 0 || time_ns != writer->time_ns) {
        writer->time_ns = time_ns;
        writer->stamp_length = number_format_int(writer->stamp, time_ns);
    }
    return true;
}

static bool add_field(struct writer *writer, const char *key, const struct point *point,
                      double value, bool first)
{
    size_t length = strlen(key);
    char *to = text_reserve(writer->out, length + NUMBER_SIZE + STAMP_SIZE + PUNCTUATION);

    if (to == NULL)
        return false;
    *to++ = first ? ' ' : ',';
    to = put(to, key, length);
    *to++ = '=';
    to = put_value(to, point, value);
    writer->out->length = (size_t)(to - writer->out->data);
    writer->point = point->index;
    return true;
}

size_t line_samples(struct text *out, const struct model *model, char *const *prefixes,
                    char *const *keys, const struct sample *samples, size_t count)
{
    struct writer writer = {.out = out};
    size_t lines = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];
        const struct point *point = &model->points[sample->point];
        bool first;

        if (!is_writable(sample, point))
            continue;
        if (writer.open &&
            (point->equipment != writer.equipment || sample->time.ns != writer.time_ns ||
             point->index <= writer.point))
            close_line(&writer);
        first = !writer.open;
        if (first && !begin_line(&writer, prefixes[point->equipment], point->equipment,
                                 sample->time.ns))
            break;
        if (!add_field(&writer, keys[point->index], point, sample->value, first)) {
            if (first) {
                out->length = writer.start;
                writer.open = false;
            }
            break;
        }
        lines += first ? 1 : 0;
    }
    if (writer.open)
        close_line(&writer);
    out->data[out->length] = '\0';
    return lines;
}
