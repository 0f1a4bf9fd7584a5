/* line_reader.h - reads line protocol back, stricter than any database.
 *
 * Refuses what two databases could read differently: a backslash before anything but an
 * escaped character or an ordinary one, unsorted or repeated tags, repeated fields,
 * control characters, numbers that are not finite, anything but LF.
 */
#ifndef TESTS_UNIT_LINE_READER_H
#define TESTS_UNIT_LINE_READER_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ_PAIRS_MAX = 64,
    READ_WORD_MAX = 1024,
};

struct read_pair {
    char key[READ_WORD_MAX];
    char text[READ_WORD_MAX]; /* of a tag or a string field */
    double number;
    bool is_integer;
    bool is_string;
};

struct read_line {
    char measurement[READ_WORD_MAX];
    struct read_pair tags[READ_PAIRS_MAX];
    size_t tag_count;
    struct read_pair fields[READ_PAIRS_MAX];
    size_t field_count;
    int64_t time_ns;
};

/* Reads up to an unescaped character of `stop`; NULL when malformed or empty. */
static inline const char *read_word(const char *at, const char *stop, const char *escaped,
                                    char out[READ_WORD_MAX])
{
    size_t used = 0;

    while (*at != '\0' && *at != '\n' && strchr(stop, *at) == NULL) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f || used + 2 > READ_WORD_MAX)
            return NULL;
        if (*at == '\\') {
            if (at[1] == '\0' || at[1] == '\n' || at[1] == '\\')
                return NULL;
            if (strchr(escaped, at[1]) != NULL)
                at++;
        } else if (strchr(escaped, *at) != NULL) {
            return NULL;
        }
        out[used++] = *at++;
    }
    out[used] = '\0';
    return used == 0 ? NULL : at;
}

static inline const char *read_string(const char *at, char out[READ_WORD_MAX])
{
    size_t used = 0;

    for (at++; *at != '"'; at++) {
        if (*at == '\0' || (unsigned char)*at < 0x20 || used + 2 > READ_WORD_MAX)
            return NULL;
        if (*at == '\\' && *++at != '"' && *at != '\\')
            return NULL;
        out[used++] = *at;
    }
    out[used] = '\0';
    return at + 1;
}

static inline const char *read_field(const char *at, struct read_pair *field)
{
    char *end;

    at = read_word(at, "=", ",= ", field->key);
    if (at == NULL || *at != '=')
        return NULL;
    at++;
    field->is_string = *at == '"';
    if (field->is_string)
        return read_string(at, field->text);
    if (strspn(at, "-0123456789") == 0) /* strtod would also take "nan" and spaces */
        return NULL;
    field->number = strtod(at, &end);
    field->is_integer = *end == 'i';
    if (!isfinite(field->number))
        return NULL;
    return field->is_integer ? end + 1 : end;
}

/* Reads one line and its LF; NULL when it is malformed, else what follows. */
static inline const char *read_line(const char *at, struct read_line *line)
{
    char *end;

    line->tag_count = 0;
    line->field_count = 0;
    if (*at == '#')
        return NULL;
    at = read_word(at, ", ", ", ", line->measurement);
    while (at != NULL && *at == ',') {
        struct read_pair *tag = &line->tags[line->tag_count++];

        if (line->tag_count > READ_PAIRS_MAX)
            return NULL;
        at = read_word(at + 1, "=", ",= ", tag->key);
        if (at == NULL || *at != '=')
            return NULL;
        at = read_word(at + 1, ", ", ",= ", tag->text);
        if (line->tag_count > 1 && strcmp((tag - 1)->key, tag->key) >= 0)
            return NULL;
    }
    if (at == NULL || *at != ' ')
        return NULL;
    do {
        struct read_pair *field = &line->fields[line->field_count++];

        if (line->field_count > READ_PAIRS_MAX)
            return NULL;
        at = read_field(at + 1, field);
        for (size_t i = 0; at != NULL && i + 1 < line->field_count; i++)
            if (strcmp(line->fields[i].key, field->key) == 0)
                return NULL;
    } while (at != NULL && *at == ',');
    if (at == NULL || *at != ' ' || strspn(at + 1, "-0123456789") == 0)
        return NULL;
    line->time_ns = strtoll(at + 1, &end, 10);
    return *end == '\n' ? end + 1 : NULL;
}

/* What a name becomes on its way through line_escape_tag and back, for valid UTF-8
 * without control characters. */
static inline void read_expected(const char *name, const char *escaped, char *out)
{
    size_t used = 0;

    for (; *name != '\0' && used + 1 < READ_WORD_MAX; name++) {
        bool lost = *name == '\\' && (name[1] == '\0' || name[1] == '\\' ||
                                      (unsigned char)name[1] < 0x20 || name[1] == 0x7f ||
                                      strchr(escaped, name[1]) != NULL);

        out[used++] = (unsigned char)*name < 0x20 || *name == 0x7f || lost ? '_' : *name;
    }
    out[used] = '\0';
}

#endif
