/* mqtt_index.c - see mqtt_index.h. */
#include "adapters/mqtt_index.h"

#include "adapters/mqtt_topic.h"
#include "base/map.h"
#include "base/mem.h"

#include <string.h>

static const char braces[] = "{equipment}";

#define MARK "\x01" /* no topic holds it */

struct leaf {
    uint32_t *points;
    size_t count;
    size_t capacity;
};

struct filter {
    char *text;
    size_t literal;  /* bytes before the first wildcard */
    uint32_t leaf;   /* or MQTT_NOWHERE: */
    struct map *ids; /* of a pattern: id to leaf */
    size_t level;    /* of a pattern: which level the id is, from 0 */
};

struct mqtt_index {
    struct map *by_text; /* text of a filter, or MARK and a pattern, to its number */
    struct filter *filters;
    size_t count;
    size_t capacity;
    struct leaf *leaves;
    size_t leaf_count;
    size_t leaf_capacity;
    uint32_t *wild; /* filters with wildcards */
    size_t wild_count;
    size_t wild_capacity;
};

struct mqtt_index *mqtt_index_new(void)
{
    struct mqtt_index *index = mem_alloc(sizeof *index);

    index->by_text = map_new();
    return index;
}

void mqtt_index_free(struct mqtt_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++) {
        mem_free(index->filters[i].text);
        map_free(index->filters[i].ids);
    }
    for (size_t i = 0; i < index->leaf_count; i++)
        mem_free(index->leaves[i].points);
    mem_free(index->filters);
    mem_free(index->leaves);
    mem_free(index->wild);
    map_free(index->by_text);
    mem_free(index);
}

/* ---- building ---- */

/* Room for one more; the configuration bounds how many there can be. */
static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 4 : *capacity * 2;
    return mem_resize(items, *capacity, size);
}

static uint32_t new_leaf(struct mqtt_index *index)
{
    index->leaves = grow(index->leaves, index->leaf_count, &index->leaf_capacity,
                         sizeof *index->leaves);
    index->leaves[index->leaf_count] = (struct leaf){0};
    return (uint32_t)index->leaf_count++;
}

static void add_point(struct mqtt_index *index, uint32_t number, uint32_t point)
{
    struct leaf *leaf = &index->leaves[number];

    leaf->points = grow(leaf->points, leaf->count, &leaf->capacity, sizeof *leaf->points);
    leaf->points[leaf->count++] = point;
}

/* `name` is what it is known by: its text, or that of its pattern. */
static struct filter *new_filter(struct mqtt_index *index, const char *name,
                                 const char *text)
{
    uint32_t number = (uint32_t)index->count;

    index->filters =
        grow(index->filters, index->count, &index->capacity, sizeof *index->filters);
    index->filters[index->count++] = (struct filter){
        .text = mem_strdup(text),
        .literal = strcspn(text, "+#"),
        .leaf = MQTT_NOWHERE,
    };
    (void)map_put(index->by_text, name, number);
    if (mqtt_filter_is_wild(text)) {
        index->wild = grow(index->wild, index->wild_count, &index->wild_capacity,
                           sizeof *index->wild);
        index->wild[index->wild_count++] = number;
    }
    return &index->filters[number];
}

void mqtt_index_add(struct mqtt_index *index, const char *filter, uint32_t point)
{
    uint32_t number = map_get(index->by_text, filter);
    struct filter *known =
        number == MAP_NONE ? new_filter(index, filter, filter) : &index->filters[number];

    if (known->leaf == MQTT_NOWHERE)
        known->leaf = new_leaf(index);
    add_point(index, known->leaf, point);
}

/* The filter of a pattern, new or not: a '+' in place of the braces. */
static struct filter *pattern_filter(struct mqtt_index *index, const char *pattern,
                                     const char *at, struct err *err)
{
    char *name = mem_format(MARK "%s", pattern);
    char *text = mem_format("%.*s+%s", (int)(at - pattern), pattern, at + strlen(braces));
    uint32_t number = map_get(index->by_text, name);
    struct filter *filter = number == MAP_NONE ? NULL : &index->filters[number];

    /* A level that holds more than the braces is refused as a '+' among letters. */
    if (filter == NULL && mqtt_filter_check(text, err) == 0) {
        filter = new_filter(index, name, text);
        filter->ids = map_new();
        for (const char *c = pattern; c < at; c++)
            filter->level += *c == '/' ? 1 : 0;
    }
    mem_free(text);
    mem_free(name);
    return filter;
}

int mqtt_index_add_pattern(struct mqtt_index *index, const char *pattern, const char *id,
                           uint32_t point, struct err *err)
{
    const char *at = strstr(pattern, braces);
    struct filter *filter;
    uint32_t leaf;

    if (at == NULL || strstr(at + 1, braces) != NULL)
        return err_set(err, ERR_CONFIG, "'%s' must hold %s in one level", pattern,
                       braces);
    filter = pattern_filter(index, pattern, at, err);
    if (filter == NULL)
        return -1;
    leaf = map_get(filter->ids, id);
    if (leaf == MAP_NONE) {
        leaf = new_leaf(index);
        (void)map_put(filter->ids, id, leaf);
    }
    add_point(index, leaf, point);
    return 0;
}

size_t mqtt_index_count(const struct mqtt_index *index)
{
    return index->count;
}

const char *mqtt_index_filter(const struct mqtt_index *index, size_t i)
{
    return index->filters[i].text;
}

size_t mqtt_index_points(const struct mqtt_index *index, uint32_t leaf,
                         const uint32_t **points)
{
    *points = index->leaves[leaf].points;
    return index->leaves[leaf].count;
}

/* ---- finding ---- */

/* The leaf of the id in the topic, which matches. */
static uint32_t by_id(const struct filter *filter, const char *topic, size_t length)
{
    const char *end = topic + length;
    const char *next;

    for (size_t level = 0; level < filter->level; level++)
        topic = (const char *)memchr(topic, '/', (size_t)(end - topic)) + 1;
    next = memchr(topic, '/', (size_t)(end - topic));
    return map_get_bytes(filter->ids, topic,
                         (size_t)((next == NULL ? end : next) - topic));
}

/* Most messages are told apart by the text before the first wildcard. */
static uint32_t leaf_of(const struct filter *filter, const char *topic, size_t length)
{
    size_t compare = filter->literal < length ? filter->literal : length;

    if (memcmp(filter->text, topic, compare) != 0 ||
        !mqtt_filter_matches(filter->text, topic, length))
        return MQTT_NOWHERE;
    return filter->ids == NULL ? filter->leaf : by_id(filter, topic, length);
}

/* A filter without wildcards whose text is the topic. */
static uint32_t exact(const struct mqtt_index *index, const char *topic, size_t length)
{
    uint32_t number = map_get_bytes(index->by_text, topic, length);

    if (number == MAP_NONE)
        return MQTT_NOWHERE;
    return index->filters[number].text[index->filters[number].literal] == '\0'
               ? index->filters[number].leaf
               : MQTT_NOWHERE;
}

/* The next leaf after *at steps; step 0 is the exact one. */
static uint32_t next_leaf(const struct mqtt_index *index, const char *topic,
                          size_t length, size_t *at)
{
    uint32_t leaf = MQTT_NOWHERE;

    while (leaf == MQTT_NOWHERE && *at <= index->wild_count) {
        size_t step = (*at)++;

        leaf = step == 0 ? exact(index, topic, length)
                         : leaf_of(&index->filters[index->wild[step - 1]], topic, length);
    }
    return leaf;
}

uint32_t mqtt_index_first(const struct mqtt_index *index, const char *topic,
                          size_t length, bool *several)
{
    size_t at = 0;
    uint32_t first = next_leaf(index, topic, length, &at);

    *several = first != MQTT_NOWHERE && at <= index->wild_count;
    return first;
}

size_t mqtt_index_find(const struct mqtt_index *index, const char *topic, size_t length,
                       mqtt_index_visit *each, void *context)
{
    size_t at = 0;
    size_t found = 0;
    uint32_t leaf;

    while ((leaf = next_leaf(index, topic, length, &at)) != MQTT_NOWHERE) {
        each(context, index->leaves[leaf].points, index->leaves[leaf].count);
        found++;
    }
    return found;
}
