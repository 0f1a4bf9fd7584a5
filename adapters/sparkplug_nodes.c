/* sparkplug_nodes.c - see sparkplug_nodes.h. */
#include "adapters/sparkplug_nodes.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- building -------------------------------------------------------------------------
 */

struct sparkplug *sparkplug_new(void)
{
    return mem_alloc(sizeof(struct sparkplug));
}

static void free_device(struct device *device)
{
    for (size_t i = 0; i < device->metric_count; i++)
        mem_free(device->metrics[i].name);
    mem_free(device->metrics);
    mem_free(device->aliases);
    mem_free(device->units);
    mem_free(device->id);
}

void sparkplug_free(struct sparkplug *sparkplug)
{
    if (sparkplug == NULL)
        return;
    for (size_t n = 0; n < sparkplug->count; n++) {
        struct node *node = &sparkplug->nodes[n];

        for (size_t d = 0; d < node->device_count; d++)
            free_device(&node->devices[d]);
        mem_free(node->devices);
        mem_free(node->group);
        mem_free(node->id);
    }
    mem_free(sparkplug->nodes);
    mem_free(sparkplug);
}

bool sparkplug_part_is(const struct part *part, const char *text)
{
    return strlen(text) == part->length && memcmp(part->text, text, part->length) == 0;
}

size_t sparkplug_split(const char *topic, size_t length, struct part *parts, size_t max)
{
    size_t count = 0;
    size_t start = 0;

    for (size_t i = 0; i <= length; i++) {
        if (i < length && topic[i] != '/')
            continue;
        if (count == max)
            return 0;
        parts[count++] = (struct part){topic + start, i - start};
        start = i + 1;
    }
    return count;
}

struct node *sparkplug_find_node(const struct sparkplug *sparkplug,
                                 const struct part *group, const struct part *id)
{
    for (size_t i = 0; i < sparkplug->count; i++)
        if (sparkplug_part_is(id, sparkplug->nodes[i].id) &&
            sparkplug_part_is(group, sparkplug->nodes[i].group))
            return &sparkplug->nodes[i];
    return NULL;
}

struct device *sparkplug_find_device(struct node *node, const struct part *id)
{
    for (size_t i = 0; i < node->device_count; i++)
        if (sparkplug_part_is(id, node->devices[i].id))
            return &node->devices[i];
    return NULL;
}

static struct device *add_device(struct node *node, const struct part *id)
{
    struct device *device;

    node->devices =
        mem_resize(node->devices, node->device_count + 1, sizeof *node->devices);
    device = &node->devices[node->device_count++];
    *device =
        (struct device){.id = mem_strndup(id->text, id->length), .dead_at = MONO_NEVER};
    return device;
}

static struct node *add_node(struct sparkplug *sparkplug, const struct part *group,
                             const struct part *id)
{
    static const struct part itself = {"", 0};
    struct node *node;

    sparkplug->nodes =
        mem_resize(sparkplug->nodes, sparkplug->count + 1, sizeof *sparkplug->nodes);
    node = &sparkplug->nodes[sparkplug->count++];
    *node = (struct node){.group = mem_strndup(group->text, group->length),
                          .id = mem_strndup(id->text, id->length),
                          .last = -1,
                          .ask_at = MONO_NEVER,
                          .silent_at = MONO_NEVER};
    (void)add_device(node, &itself);
    return node;
}

int sparkplug_add_unit(struct sparkplug *sparkplug, const char *address, uint32_t unit,
                       struct err *err)
{
    struct part parts[3];
    size_t count = sparkplug_split(address, strlen(address), parts, 3);
    bool fine = count >= 2 && strpbrk(address, "+#") == NULL &&
                strlen(address) + sizeof SPARKPLUG_NAMESPACE + 9 < SPARKPLUG_TOPIC_MAX;
    struct node *node;
    struct device *device;

    for (size_t i = 0; i < count; i++)
        fine = fine && parts[i].length > 0;
    if (!fine)
        return err_set(err, ERR_CONFIG,
                       "'%.80s' is no Sparkplug address: group/node or group/node/device",
                       address);
    node = sparkplug_find_node(sparkplug, &parts[0], &parts[1]);
    if (node == NULL)
        node = add_node(sparkplug, &parts[0], &parts[1]);
    device = &node->devices[0];
    if (count == 3) {
        device = sparkplug_find_device(node, &parts[2]);
        if (device == NULL)
            device = add_device(node, &parts[2]);
    }
    device->units =
        mem_resize(device->units, device->unit_count + 1, sizeof *device->units);
    device->units[device->unit_count++] = unit;
    sparkplug->last = device;
    return 0;
}

void sparkplug_add_point(struct sparkplug *sparkplug, const char *metric, uint32_t point)
{
    struct device *device = sparkplug->last;

    device->metrics =
        mem_resize(device->metrics, device->metric_count + 1, sizeof *device->metrics);
    device->metrics[device->metric_count++] =
        (struct metric){.name = mem_strndup(metric, strlen(metric)), .point = point};
}

static int by_name(const void *left, const void *right)
{
    const struct metric *a = left;
    const struct metric *b = right;
    int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->point > b->point) - (a->point < b->point);
}

void sparkplug_seal(struct sparkplug *sparkplug)
{
    for (size_t n = 0; n < sparkplug->count; n++)
        for (size_t d = 0; d < sparkplug->nodes[n].device_count; d++) {
            struct device *device = &sparkplug->nodes[n].devices[d];

            if (device->metric_count > 1)
                qsort(device->metrics, device->metric_count, sizeof *device->metrics,
                      by_name);
            device->aliases =
                mem_array(device->metric_count + 1, sizeof(struct metric *));
        }
}

/* Each kind by itself: most filters are then plain topics, which are found at once, and
 * commands to the nodes are not sent to us. */
void sparkplug_filters(const struct sparkplug *sparkplug,
                       void (*each)(void *context, const char *filter), void *context)
{
    static const char *const kinds[] = {"BIRTH", "DATA", "DEATH"};
    char filter[SPARKPLUG_TOPIC_MAX];

    for (size_t i = 0; i < sparkplug->count; i++) {
        const struct node *node = &sparkplug->nodes[i];

        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            (void)snprintf(filter, sizeof filter, SPARKPLUG_NAMESPACE "/%s/N%s/%s",
                           node->group, kinds[k], node->id);
            each(context, filter);
            (void)snprintf(filter, sizeof filter, SPARKPLUG_NAMESPACE "/%s/D%s/%s/+",
                           node->group, kinds[k], node->id);
            each(context, filter);
        }
    }
}

/* --- metrics --------------------------------------------------------------------------
 */

struct metric *sparkplug_named(const struct device *device, const char *name)
{
    size_t low = 0;
    size_t high = device->metric_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(device->metrics[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < device->metric_count && strcmp(device->metrics[low].name, name) == 0
               ? &device->metrics[low]
               : NULL;
}

static int by_alias(const void *left, const void *right)
{
    const struct metric *a = *(struct metric *const *)left;
    const struct metric *b = *(struct metric *const *)right;

    if (a->alias != b->alias)
        return a->alias < b->alias ? -1 : 1;
    return (a > b) - (a < b);
}

size_t sparkplug_alias_place(const struct device *device, uint64_t alias)
{
    size_t low = 0;
    size_t high = device->alias_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (device->aliases[middle]->alias < alias)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void sparkplug_learn(struct device *device, const struct sparkplug_payload *payload)
{
    for (size_t i = 0; i < device->metric_count; i++)
        device->metrics[i].has_alias = false;
    for (size_t i = 0; i < payload->metric_count; i++) {
        const struct sparkplug_metric *from = &payload->metrics[i];
        struct metric *metric =
            from->name == NULL ? NULL : sparkplug_named(device, from->name);
        const struct metric *end = device->metrics + device->metric_count;

        for (; metric != NULL && metric < end && strcmp(metric->name, from->name) == 0;
             metric++) {
            metric->type = from->type;
            metric->has_alias = from->has_alias;
            metric->alias = from->alias;
        }
    }
    device->alias_count = 0;
    for (size_t i = 0; i < device->metric_count; i++)
        if (device->metrics[i].has_alias)
            device->aliases[device->alias_count++] = &device->metrics[i];
    if (device->alias_count > 1)
        qsort(device->aliases, device->alias_count, sizeof(struct metric *), by_alias);
}
