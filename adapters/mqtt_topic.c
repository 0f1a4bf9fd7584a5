/* mqtt_topic.c - see mqtt_topic.h. */
#include "adapters/mqtt_topic.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

struct entry {
    char *filter;
    size_t literal; /* bytes before the first wildcard */
    uint32_t *points;
    size_t point_count;
    size_t point_capacity;
};

struct mqtt_index {
    struct map *by_filter; /* text of the filter to its entry */
    struct entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *wild; /* entries with wildcards */
    size_t wild_count;
    size_t wild_capacity;
};

/* What holds for topics and filters alike. */
static int check_characters(const char *text, struct err *err)
{
    size_t length = strlen(text);

    if (length == 0)
        return err_set(err, ERR_CONFIG, "the topic is empty");
    if (length > MQTT_TOPIC_MAX)
        return err_set(err, ERR_CONFIG, "the topic has %zu bytes; MQTT allows %d", length,
                       MQTT_TOPIC_MAX);
    if (!utf8_valid(text, length))
        return err_set(err, ERR_CONFIG, "the topic is not valid UTF-8");
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return err_set(err, ERR_CONFIG, "the topic holds a control character");
    return 0;
}

int mqtt_topic_check(const char *topic, struct err *err)
{
    if (check_characters(topic, err) != 0)
        return -1;
    if (mqtt_filter_is_wild(topic))
        return err_set(err, ERR_CONFIG, "'%s': no '+' or '#' in a topic to publish on",
                       topic);
    return 0;
}

int mqtt_filter_check(const char *filter, struct err *err)
{
    if (check_characters(filter, err) != 0)
        return -1;
    if (strncmp(filter, "$share/", 7) == 0)
        return err_set(err, ERR_CONFIG,
                       "'%s': a shared subscription would hand this gateway only a part "
                       "of the messages",
                       filter);
    for (const char *level = filter; level != NULL;) {
        size_t length = strcspn(level, "/");
        const char *next = level[length] == '/' ? level + length + 1 : NULL;
        bool plus = memchr(level, '+', length) != NULL;
        bool hash = memchr(level, '#', length) != NULL;

        if ((plus || hash) && length != 1)
            return err_set(err, ERR_CONFIG, "'%s': '%c' must stand alone in its level",
                           filter, plus ? '+' : '#');
        if (hash && next != NULL)
            return err_set(err, ERR_CONFIG, "'%s': '#' must be the last level", filter);
        level = next;
    }
    return 0;
}

bool mqtt_filter_is_wild(const char *filter)
{
    return strpbrk(filter, "+#") != NULL;
}

bool mqtt_filter_matches(const char *filter, const char *topic, size_t length)
{
    const char *end = topic + length;

    if (length > 0 && topic[0] == '$' && (filter[0] == '+' || filter[0] == '#'))
        return false;
    while (*filter != '\0') {
        if (*filter == '#')
            return true;
        if (*filter == '+') {
            while (topic < end && *topic != '/')
                topic++;
            filter++;
        } else if (topic < end && *topic == *filter) {
            topic++;
            filter++;
        } else {
            /* "a/#" takes "a" as well */
            return topic == end && strcmp(filter, "/#") == 0;
        }
    }
    return topic == end;
}

char *mqtt_topic_join(const char *equipment_topic, const char *suffix)
{
    if (equipment_topic[0] == '\0' || suffix[0] == '\0')
        return mem_format("%s%s", equipment_topic, suffix);
    return mem_format("%s/%s", equipment_topic, suffix);
}

struct mqtt_index *mqtt_index_new(void)
{
    struct mqtt_index *index = mem_alloc(sizeof *index);

    index->by_filter = map_new();
    return index;
}

void mqtt_index_free(struct mqtt_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++) {
        mem_free(index->entries[i].filter);
        mem_free(index->entries[i].points);
    }
    mem_free(index->entries);
    mem_free(index->wild);
    map_free(index->by_filter);
    mem_free(index);
}

/* Room for one more; the configuration bounds how many there can be. */
static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 4 : *capacity * 2;
    return mem_resize(items, *capacity, size);
}

static struct entry *new_entry(struct mqtt_index *index, const char *filter)
{
    uint32_t number = (uint32_t)index->count;

    index->entries =
        grow(index->entries, index->count, &index->capacity, sizeof *index->entries);
    index->entries[index->count++] = (struct entry){
        .filter = mem_strdup(filter),
        .literal = strcspn(filter, "+#"),
    };
    (void)map_put(index->by_filter, filter, number);
    if (mqtt_filter_is_wild(filter)) {
        index->wild = grow(index->wild, index->wild_count, &index->wild_capacity,
                           sizeof *index->wild);
        index->wild[index->wild_count++] = number;
    }
    return &index->entries[number];
}

void mqtt_index_add(struct mqtt_index *index, const char *filter, uint32_t point)
{
    uint32_t number = map_get(index->by_filter, filter);
    struct entry *entry =
        number == MAP_NONE ? new_entry(index, filter) : &index->entries[number];

    entry->points = grow(entry->points, entry->point_count, &entry->point_capacity,
                         sizeof *entry->points);
    entry->points[entry->point_count++] = point;
}

size_t mqtt_index_count(const struct mqtt_index *index)
{
    return index->count;
}

const char *mqtt_index_filter(const struct mqtt_index *index, size_t i)
{
    return index->entries[i].filter;
}

/* Most messages are told apart by the text before the first wildcard. */
static bool entry_matches(const struct entry *entry, const char *topic, size_t length)
{
    size_t compare = entry->literal < length ? entry->literal : length;

    return memcmp(entry->filter, topic, compare) == 0 &&
           mqtt_filter_matches(entry->filter, topic, length);
}

size_t mqtt_index_find(const struct mqtt_index *index, const char *topic, size_t length,
                       mqtt_index_visit *each, void *context)
{
    uint32_t exact = map_get_bytes(index->by_filter, topic, length);
    size_t found = 0;

    if (exact != MAP_NONE &&
        index->entries[exact].filter[index->entries[exact].literal] == '\0') {
        each(context, index->entries[exact].points, index->entries[exact].point_count);
        found++;
    }
    for (size_t i = 0; i < index->wild_count; i++) {
        const struct entry *entry = &index->entries[index->wild[i]];

        if (!entry_matches(entry, topic, length))
            continue;
        each(context, entry->points, entry->point_count);
        found++;
    }
    return found;
}
