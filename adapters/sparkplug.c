/* sparkplug.c - see sparkplug.h. */
#include "adapters/sparkplug.h"

#include "adapters/sparkplug_nodes.h"

#include <stdio.h>
#include <string.h>

enum {
    ASK_AFTER_CONNECT_MS = 2000, /* most nodes are born again by themselves */
    ASK_SPREAD_MS = 50,          /* from node to node */
};

/* --- readings -------------------------------------------------------------------------
 */

static void tell(const struct metric *metric, const struct sparkplug_metric *from,
                 int64_t payload_ms, const struct sparkplug_events *events)
{
    struct sparkplug_reading reading = {
        .metric = from,
        .number = sparkplug_number(from, from->type != SPARKPLUG_UNKNOWN ? from->type
                                                                         : metric->type),
        .time_ms = from->time_ms,
        .sent_ms = payload_ms,
    };

    events->reading(events->context, metric->point, &reading);
}

static void tell_metric(const struct device *device, const struct sparkplug_metric *from,
                        int64_t payload_ms, const struct sparkplug_events *events)
{
    if (from->historical)
        return;
    if (from->name != NULL && from->name[0] != '\0') {
        const struct metric *metric = sparkplug_named(device, from->name);
        const struct metric *end = device->metrics + device->metric_count;

        for (; metric != NULL && metric < end && strcmp(metric->name, from->name) == 0;
             metric++)
            tell(metric, from, payload_ms, events);
    } else if (from->has_alias) {
        for (size_t i = sparkplug_alias_place(device, from->alias);
             i < device->alias_count && device->aliases[i]->alias == from->alias; i++)
            tell(device->aliases[i], from, payload_ms, events);
    }
}

static void tell_all(const struct device *device, const struct sparkplug_payload *payload,
                     const struct sparkplug_events *events)
{
    for (size_t i = 0; i < payload->metric_count; i++)
        tell_metric(device, &payload->metrics[i], payload->time_ms, events);
}

/* --- life -----------------------------------------------------------------------------
 */

static void set_alive(struct device *device, bool alive,
                      const struct sparkplug_events *events)
{
    device->alive = alive;
    device->dead_at = MONO_NEVER;
    for (size_t i = 0; i < device->unit_count; i++)
        events->alive(events->context, device->units[i], alive);
}

/* A node on a lossy path is not asked for every loss. */
static void want_birth(struct node *node, struct mono_time now)
{
    struct mono_time due = now;

    if (node->ask_at.ns != MONO_NEVER.ns)
        return;
    if (node->asked.ns != 0)
        due = mono_add_ms(node->asked, node->wait_ms > SPARKPLUG_ASK_MIN_MS
                                           ? node->wait_ms
                                           : SPARKPLUG_ASK_MIN_MS);
    node->ask_at = mono_before(due, now) ? now : due;
}

static const struct sparkplug_metric *bdseq_of(const struct sparkplug_payload *payload)
{
    for (size_t i = 0; i < payload->metric_count; i++) {
        const struct sparkplug_metric *metric = &payload->metrics[i];

        if (metric->name != NULL && strcmp(metric->name, "bdSeq") == 0 && metric->integer)
            return metric;
    }
    return NULL;
}

/* What was asked for has come, or nobody is there to ask. */
static void content(struct node *node)
{
    node->ask_at = MONO_NEVER;
    node->wait_ms = 0;
    node->unanswered = 0;
    node->talks = false;
    node->silent_at = MONO_NEVER;
}

static void node_born(struct node *node, const struct sparkplug_payload *payload,
                      struct mono_time now, const struct sparkplug_events *events)
{
    const struct sparkplug_metric *bdseq = bdseq_of(payload);

    node->alive = true;
    node->last = payload->seq < 0 ? 0 : payload->seq;
    node->has_bdseq = bdseq != NULL;
    node->bdseq = bdseq != NULL ? bdseq->raw : 0;
    content(node);
    for (size_t i = 1; i < node->device_count; i++) {
        if (node->devices[i].alive)
            node->devices[i].dead_at = mono_add_ms(now, SPARKPLUG_DEVICE_GRACE_MS);
        node->devices[i].alive = false;
    }
    sparkplug_learn(&node->devices[0], payload);
    set_alive(&node->devices[0], true, events);
    tell_all(&node->devices[0], payload, events);
}

static void node_gone(struct node *node, const struct sparkplug_events *events)
{
    node->alive = false;
    node->last = -1;
    for (size_t i = 0; i < node->device_count; i++)
        set_alive(&node->devices[i], false, events);
}

/* False when it was the will of a connection before. */
static bool node_died(struct node *node, const struct sparkplug_payload *payload,
                      const struct sparkplug_events *events)
{
    const struct sparkplug_metric *bdseq = bdseq_of(payload);

    if (bdseq != NULL && node->has_bdseq && bdseq->raw != node->bdseq)
        return false;
    content(node); /* it is born by itself when it comes back */
    node_gone(node, events);
    return true;
}

/* False when the message came twice. */
static bool in_sequence(struct sparkplug *sparkplug, struct node *node,
                        const struct sparkplug_payload *payload, struct mono_time now)
{
    if (payload->seq < 0)
        return true;
    if (payload->seq == node->last) {
        sparkplug->counts.repeated++;
        return false;
    }
    if (node->last >= 0 && payload->seq != (node->last + 1) % 256) {
        sparkplug->counts.gaps++;
        want_birth(node, now);
    }
    node->last = payload->seq;
    return true;
}

/* --- messages -------------------------------------------------------------------------
 */

enum message_type {
    NBIRTH,
    NDEATH,
    NDATA,
    DBIRTH,
    DDEATH,
    DDATA,
    MESSAGE_TYPES
};

static const char *const message_names[MESSAGE_TYPES] = {"NBIRTH", "NDEATH", "NDATA",
                                                         "DBIRTH", "DDEATH", "DDATA"};

struct address {
    struct node *node;
    struct device *device; /* NULL: one that nobody watches; its sequence counts */
    enum message_type type;
};

static bool parse_topic(const struct sparkplug *sparkplug, const char *topic,
                        size_t length, struct address *address)
{
    struct part parts[5];
    size_t count = sparkplug_split(topic, length, parts, 5);
    size_t type = 0;

    if (count < 4 || !sparkplug_part_is(&parts[0], SPARKPLUG_NAMESPACE))
        return false;
    while (type < MESSAGE_TYPES && !sparkplug_part_is(&parts[2], message_names[type]))
        type++;
    if (type == MESSAGE_TYPES || (type >= DBIRTH) != (count == 5))
        return false;
    address->type = (enum message_type)type;
    address->node = sparkplug_find_node(sparkplug, &parts[1], &parts[3]);
    if (address->node == NULL)
        return false;
    address->device = count == 5 ? sparkplug_find_device(address->node, &parts[4])
                                 : &address->node->devices[0];
    return true;
}

/* What only a node that was born may say. */
static void of_a_living(struct sparkplug *sparkplug, struct address *to,
                        const struct sparkplug_payload *payload, struct mono_time now,
                        const struct sparkplug_events *events)
{
    to->node->talks = true;
    to->node->silent_at = MONO_NEVER;
    if (!to->node->alive) {
        want_birth(to->node, now);
        return;
    }
    if (!in_sequence(sparkplug, to->node, payload, now) || to->device == NULL)
        return;
    if (to->type == DDEATH) {
        sparkplug->counts.deaths++;
        set_alive(to->device, false, events);
        return;
    }
    if (to->type == DBIRTH) {
        sparkplug->counts.births++;
        sparkplug_learn(to->device, payload);
        set_alive(to->device, true, events);
    } else if (!to->device->alive) {
        want_birth(to->node, now);
        return;
    }
    tell_all(to->device, payload, events);
}

int sparkplug_message(struct sparkplug *sparkplug,
                      const struct sparkplug_message *message, struct mono_time now,
                      const struct sparkplug_events *events, struct err *err)
{
    struct sparkplug_payload payload = {0};
    struct address to;

    if (!parse_topic(sparkplug, message->topic, message->length, &to))
        return 0;
    if (sparkplug_payload_read(message->payload, message->size, &payload, err) != 0)
        return -1;
    if (to.type == NBIRTH) {
        sparkplug->counts.births++;
        node_born(to.node, &payload, now, events);
    } else if (to.type == NDEATH) {
        sparkplug->counts.deaths += node_died(to.node, &payload, events) ? 1 : 0;
    } else {
        of_a_living(sparkplug, &to, &payload, now, events);
    }
    sparkplug_payload_free(&payload);
    return 0;
}

/* --- asking ---------------------------------------------------------------------------
 */

void sparkplug_connected(struct sparkplug *sparkplug, struct mono_time now)
{
    for (size_t i = 0; i < sparkplug->count; i++) {
        struct node *node = &sparkplug->nodes[i];
        int64_t ask_ms = ASK_AFTER_CONNECT_MS + (int64_t)i * ASK_SPREAD_MS;

        content(node);
        node->last = -1;
        node->ask_at = mono_add_ms(now, ask_ms);
        node->silent_at = mono_add_ms(node->ask_at, SPARKPLUG_SILENCE_MS);
        for (size_t d = 1; d < node->device_count; d++)
            node->devices[d].dead_at = MONO_NEVER; /* its node's next birth decides */
    }
}

static void ask(struct sparkplug *sparkplug, struct node *node, struct mono_time now,
                const struct sparkplug_events *events)
{
    char topic[SPARKPLUG_TOPIC_MAX];

    (void)snprintf(topic, sizeof topic, SPARKPLUG_NAMESPACE "/%s/NCMD/%s", node->group,
                   node->id);
    sparkplug->counts.asked++;
    node->asked = now;
    node->unanswered++;
    node->talks = false;
    node->wait_ms = node->wait_ms == 0 ? SPARKPLUG_ASK_MIN_MS : node->wait_ms * 2;
    if (node->wait_ms > SPARKPLUG_ASK_MAX_MS)
        node->wait_ms = SPARKPLUG_ASK_MAX_MS;
    /* Until it is born. */
    node->ask_at = mono_add_ms(now, node->wait_ms);
    events->ask_rebirth(events->context, topic);
}

/* Returns when the node is to be looked at next. */
static struct mono_time step_node(struct sparkplug *sparkplug, struct node *node,
                                  struct mono_time now,
                                  const struct sparkplug_events *events)
{
    struct mono_time due;

    if (!mono_before(now, node->silent_at)) {
        node->silent_at = MONO_NEVER;
        node_gone(node, events);
    }
    if (!mono_before(now, node->ask_at))
        ask(sparkplug, node, now, events);
    due = mono_min(node->ask_at, node->silent_at);
    for (size_t d = 1; d < node->device_count; d++) {
        if (!mono_before(now, node->devices[d].dead_at))
            set_alive(&node->devices[d], false, events);
        due = mono_min(due, node->devices[d].dead_at);
    }
    return due;
}

struct mono_time sparkplug_step(struct sparkplug *sparkplug, struct mono_time now,
                                const struct sparkplug_events *events)
{
    struct mono_time due = MONO_NEVER;

    for (size_t i = 0; i < sparkplug->count; i++)
        due = mono_min(due, step_node(sparkplug, &sparkplug->nodes[i], now, events));
    return due;
}

/* --- what is told ----------------------------------------------------------------------
 */

struct sparkplug_counts sparkplug_counts(const struct sparkplug *sparkplug)
{
    return sparkplug->counts;
}

const char *sparkplug_refusing(struct sparkplug *sparkplug)
{
    for (size_t i = 0; i < sparkplug->count; i++) {
        const struct node *node = &sparkplug->nodes[i];

        if (node->unanswered < SPARKPLUG_REFUSED || !node->talks)
            continue;
        (void)snprintf(sparkplug->refusing, sizeof sparkplug->refusing, "%s/%s",
                       node->group, node->id);
        return sparkplug->refusing;
    }
    return NULL;
}
