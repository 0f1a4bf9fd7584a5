/* tz.c - see tz.h. */
#include "base/tz.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/tz_rule.h"

#include <string.h>

enum {
    TZ_FILE_MAX = 64 * 1024, /* the largest zone of 2025 has 3.5 KiB */
    TZ_NAME_MAX = 64,        /* "America/Argentina/ComodRivadavia" has 32 */
    HEADER_SIZE = 44,
    TIME_SIZE = 8,           /* of a transition in the second block */
    TYPE_SIZE = 6,           /* offset, daylight flag, index of the name */
    OFFSET_MAX_S = 26 * 3600 /* RFC 8536 section 3.2: -25 h .. 26 h */
};

static const char zone_folder[] = "/usr/share/zoneinfo";

struct tz {
    int64_t *times;   /* UTC seconds, ascending */
    int32_t *offsets; /* in force from times[i] on */
    size_t count;
    int32_t first_offset; /* before times[0] */
    bool has_rule;
    struct tz_rule rule; /* from the last transition on */
};

/* The counts of a header, in the file's order. */
struct tz_header {
    uint32_t is_ut;
    uint32_t is_standard;
    uint32_t leaps;
    uint32_t times;
    uint32_t types;
    uint32_t chars;
    char version;
};

/* What is left to read. */
struct tz_reader {
    const unsigned char *at;
    size_t left;
};

static const unsigned char *take(struct tz_reader *reader, uint64_t size)
{
    const unsigned char *at = reader->at;

    if (size > reader->left)
        return NULL;
    reader->at += size;
    reader->left -= (size_t)size;
    return at;
}

static uint32_t big_u32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

static int64_t big_i64(const unsigned char *bytes)
{
    return (int64_t)((uint64_t)big_u32(bytes) << 32 | big_u32(bytes + 4));
}

static bool take_header(struct tz_reader *reader, struct tz_header *header)
{
    const unsigned char *bytes = take(reader, HEADER_SIZE);

    if (bytes == NULL || memcmp(bytes, "TZif", 4) != 0)
        return false;
    *header = (struct tz_header){
        .version = (char)bytes[4],
        .is_ut = big_u32(bytes + 20),
        .is_standard = big_u32(bytes + 24),
        .leaps = big_u32(bytes + 28),
        .times = big_u32(bytes + 32),
        .types = big_u32(bytes + 36),
        .chars = big_u32(bytes + 40),
    };
    return true;
}

/* Bytes of a block whose times have `time_size` bytes; 32-bit counts cannot overflow it.
 */
static uint64_t block_size(const struct tz_header *header, uint64_t time_size)
{
    return header->times * (time_size + 1) + header->types * (uint64_t)TYPE_SIZE +
           header->chars + header->leaps * (time_size + 4) + header->is_standard +
           header->is_ut;
}

static bool type_offset(const unsigned char *types, const struct tz_header *header,
                        unsigned index, int32_t *offset)
{
    int32_t value;

    if (index >= header->types)
        return false;
    value = (int32_t)big_u32(types + (size_t)index * TYPE_SIZE);
    if (value < -OFFSET_MAX_S || value > OFFSET_MAX_S)
        return false;
    *offset = value;
    return true;
}

/* Fills the table from the 64-bit block; false when it contradicts itself. */
static bool read_block(struct tz *tz, const unsigned char *block,
                       const struct tz_header *header)
{
    const unsigned char *indices = block + (size_t)header->times * TIME_SIZE;
    const unsigned char *types = indices + header->times;

    if (!type_offset(types, header, 0, &tz->first_offset))
        return false;
    tz->times = mem_array(header->times, sizeof *tz->times);
    tz->offsets = mem_array(header->times, sizeof *tz->offsets);
    tz->count = header->times;
    for (size_t i = 0; i < tz->count; i++) {
        tz->times[i] = big_i64(block + i * TIME_SIZE);
        if (i > 0 && tz->times[i] <= tz->times[i - 1])
            return false;
        if (!type_offset(types, header, indices[i], &tz->offsets[i]))
            return false;
    }
    return true;
}

/* "\n<TZ string>\n"; an empty string means that the last offset stays. */
static bool read_footer(struct tz *tz, struct tz_reader *reader)
{
    const unsigned char *text = reader->at + 1;
    const unsigned char *end;
    char *copy;

    if (reader->left < 2 || reader->at[0] != '\n')
        return false;
    end = memchr(text, '\n', reader->left - 1);
    if (end == NULL)
        return false;
    if (end == text)
        return true;
    copy = mem_strndup((const char *)text, (size_t)(end - text));
    tz->has_rule = tz_rule_parse(copy, &tz->rule);
    mem_free(copy);
    return tz->has_rule;
}

static const char *read_zone(struct tz *tz, struct tz_reader *reader)
{
    struct tz_header header;
    const unsigned char *block;

    if (!take_header(reader, &header))
        return "it is no zone file";
    if (header.version < '2')
        return "it is of version 1, which ends in 2038";
    if (take(reader, block_size(&header, 4)) == NULL || !take_header(reader, &header))
        return "it is cut off";
    if (header.leaps != 0)
        return "it counts leap seconds, which UTC stamps do not";
    block = take(reader, block_size(&header, TIME_SIZE));
    if (block == NULL)
        return "it is cut off";
    if (!read_block(tz, block, &header))
        return "its table contradicts itself";
    return read_footer(tz, reader) ? NULL : "its footer is malformed";
}

struct tz *tz_parse(const void *bytes, size_t length, struct err *err)
{
    struct tz_reader reader = {.at = bytes, .left = length};
    struct tz *tz = mem_alloc(sizeof *tz);
    const char *wrong = read_zone(tz, &reader);

    if (wrong == NULL)
        return tz;
    (void)err_set(err, ERR_CONFIG, "%s", wrong);
    tz_free(tz);
    return NULL;
}

static bool name_is_safe(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/";
    size_t length = strlen(name);

    return length > 0 && length <= TZ_NAME_MAX && name[0] != '/' &&
           strspn(name, allowed) == length;
}

struct tz *tz_load(const char *name, struct err *err)
{
    struct tz *tz = NULL;
    char *path = NULL;
    char *bytes = NULL;
    size_t length;

    if (!name_is_safe(name)) {
        (void)err_set(err, ERR_CONFIG, "time zone '%s': not an IANA name", name);
        return NULL;
    }
    path = file_join(zone_folder, name);
    bytes = file_read(path, TZ_FILE_MAX, &length, err);
    if (bytes == NULL) {
        (void)err_set(err, ERR_CONFIG, "time zone '%s': there is none in %s", name,
                      zone_folder);
        goto out;
    }
    tz = tz_parse(bytes, length, err);
    if (tz == NULL)
        (void)err_prefix(err, "time zone '%s'", name);
out:
    mem_free(bytes);
    mem_free(path);
    return tz;
}

void tz_free(struct tz *tz)
{
    if (tz == NULL)
        return;
    mem_free(tz->times);
    mem_free(tz->offsets);
    mem_free(tz);
}

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

static int32_t offset_at(const struct tz *tz, int64_t seconds)
{
    size_t low = 0;
    size_t high = tz->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tz->times[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == tz->count && tz->has_rule)
        return tz_rule_offset(&tz->rule, seconds);
    return low == 0 ? tz->first_offset : tz->offsets[low - 1];
}

int32_t tz_offset(const struct tz *tz, struct wall_time time)
{
    return offset_at(tz, floor_div(time.ns, CLOCK_S));
}

struct local_time tz_local(const struct tz *tz, struct wall_time time)
{
    int64_t seconds = floor_div(time.ns, CLOCK_S);
    int64_t local = seconds + offset_at(tz, seconds);
    int64_t days = floor_div(local, 86400);
    int64_t in_day = local - days * 86400;
    struct local_time result = {
        .hour = (int)(in_day / 3600),
        .minute = (int)(in_day / 60 % 60),
        .second = (int)(in_day % 60),
        .weekday = (int)(((days + 3) % 7 + 7) % 7) + 1, /* 1970-01-01 was a Thursday */
    };

    civil_from_days(days, &result.year, &result.month, &result.day);
    return result;
}

/* The first second at which the offset is no longer that of `low`; it changes before
 * `high`. */
static int64_t find_change(const struct tz *tz, int64_t low, int64_t high)
{
    int32_t before = offset_at(tz, low);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (offset_at(tz, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* UTC seconds of a local time. No zone changes twice within two days, so the offsets a
 * day before and a day after are the two candidates. */
static int64_t utc_of_local(const struct tz *tz, int64_t local)
{
    int32_t before = offset_at(tz, local - OFFSET_MAX_S);
    int32_t after = offset_at(tz, local + OFFSET_MAX_S);

    if (offset_at(tz, local - before) == before)
        return local - before;
    if (offset_at(tz, local - after) == after)
        return local - after;
    return find_change(tz, local - after, local - before);
}

struct wall_time tz_instant(const struct tz *tz, int64_t year, int month, int day,
                            int hour, int minute)
{
    /* Stamps hold 1678..2261; what lies beyond is the nearest they can hold. */
    static const int64_t limit_s = INT64_MAX / CLOCK_S - 1;
    int64_t months = (year < -10000  ? -10000
                      : year > 10000 ? 10000
                                     : year) *
                         12 +
                     month - 1;
    int64_t carried = floor_div(months, 12);
    int64_t days =
        days_from_civil(carried, (int)(months - carried * 12) + 1, 1) + day - 1;
    int64_t local = days * 86400 + (int64_t)hour * 3600 + (int64_t)minute * 60;
    int64_t seconds = utc_of_local(tz, local);

    seconds = seconds < -limit_s ? -limit_s : seconds > limit_s ? limit_s : seconds;
    return (struct wall_time){seconds * CLOCK_S};
}
