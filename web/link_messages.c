/* link_messages.c - see link_messages.h. */
#include "web/link_messages.h"

#include "web/panel.h"

static bool is_broker(const struct call *call, const struct link *link)
{
    return call->site->config->links[link->index].kind == LINK_MQTT;
}

static bool is_sparkplug(const struct call *call, const struct link *link)
{
    return call->site->config->links[link->index].sparkplug[0] != '\0';
}

static void put_sparkplug(struct json_out *json, const struct link_status *status)
{
    json_key(json, "sparkplug");
    json_open(json, '{');
    json_put_int(json, "births", (int64_t)status->births);
    json_put_int(json, "deaths", (int64_t)status->deaths);
    json_put_int(json, "gaps", (int64_t)status->gaps);
    json_put_int(json, "rebirths", (int64_t)status->rebirths);
    json_close(json, '}');
}

static void put_stranger(struct json_out *json, const struct link_stranger *stranger)
{
    json_open(json, '{');
    json_put_string(json, "topic", stranger->topic);
    json_put_int(json, "messages", (int64_t)stranger->messages);
    json_put_time(json, "last", stranger->last);
    json_close(json, '}');
}

void link_messages_json(struct json_out *json, const struct call *call,
                        const struct link *link)
{
    struct link_stranger strangers[LINK_STRANGERS_MAX];
    struct link_status status = {0};
    size_t count;

    if (!is_broker(call, link))
        return;
    call->source->link_status(call->source->context, link->index, &status);
    json_key(json, "rejected");
    json_open(json, '{');
    for (enum payload_fault fault = 0; fault < PAYLOAD_FAULTS; fault++)
        json_put_int(json, payload_fault_name(fault), (int64_t)status.rejected[fault]);
    json_close(json, '}');
    if (is_sparkplug(call, link))
        put_sparkplug(json, &status);
    count = call->source->link_strangers(call->source->context, link->index, strangers);
    json_key(json, "unknown_topics");
    json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        put_stranger(json, &strangers[i]);
    json_close(json, ']');
}

static void add_count(struct page *page, enum word name, uint64_t count, bool loss)
{
    html_put(page->out, "<tr><th scope=\"row\">{}</th>", page_word(page, name));
    panel_count(page, count, loss);
    text_add(page->out, "</tr>\n");
}

static void add_sparkplug(struct page *page, const struct link_status *status)
{
    add_count(page, WORD_LINK_BIRTHS, status->births, false);
    add_count(page, WORD_LINK_DEATHS, status->deaths, false);
    add_count(page, WORD_LINK_GAPS, status->gaps, true);
    add_count(page, WORD_LINK_REBIRTHS, status->rebirths, false);
}

static void add_counts(struct page *page, const struct link *link,
                       const struct link_status *status)
{
    static const enum word faults[] = {
        [PAYLOAD_EMPTY] = WORD_PAYLOAD_EMPTY,
        [PAYLOAD_ENCODING] = WORD_PAYLOAD_ENCODING,
        [PAYLOAD_SYNTAX] = WORD_PAYLOAD_SYNTAX,
        [PAYLOAD_DEPTH] = WORD_PAYLOAD_DEPTH,
        [PAYLOAD_KEY] = WORD_PAYLOAD_KEY,
        [PAYLOAD_NUMBER] = WORD_PAYLOAD_NUMBER,
        [PAYLOAD_MEANING] = WORD_PAYLOAD_MEANING,
    };

    panel_open(page, "messages", WORD_LINK_MESSAGES);
    text_add(page->out, "<div class=\"scroll\"><table class=\"diag-table\"><tbody>\n");
    add_count(page, WORD_LINK_UNDERSTOOD, status->answers, false);
    add_count(page, WORD_LINK_DUPLICATES, status->duplicates, false);
    for (enum payload_fault fault = 0; fault < PAYLOAD_FAULTS; fault++)
        add_count(page, faults[fault], status->rejected[fault], fault != PAYLOAD_EMPTY);
    add_count(page, WORD_LINK_OVER_RATE, status->dropped_rate, true);
    add_count(page, WORD_LINK_OVERSIZE, status->dropped_oversize, true);
    add_count(page, WORD_LINK_RING_FULL, status->dropped, true);
    add_count(page, WORD_LINK_UNKNOWN, status->dropped_unknown, false);
    if (is_sparkplug(page->call, link))
        add_sparkplug(page, status);
    panel_table_end(page);
}

void link_messages_panels(struct page *page, const struct link *link,
                          const struct link_status *status)
{
    static const enum word titles[] = {WORD_LINK_TOPIC, WORD_LINK_LAST_MESSAGE,
                                       WORD_LINK_MESSAGES};
    const struct call *call = page->call;
    struct link_stranger strangers[LINK_STRANGERS_MAX];
    size_t count;

    if (!is_broker(call, link))
        return;
    add_counts(page, link, status);
    count = call->source->link_strangers(call->source->context, link->index, strangers);
    panel_open(page, "strangers", WORD_LINK_STRANGERS);
    html_put(
        page->out, "<p class=\"note\">{}</p>",
        page_word(page, count == 0 ? WORD_LINK_NO_STRANGERS : WORD_LINK_STRANGERS_HINT));
    if (count == 0) {
        text_add(page->out, "</section>\n");
        return;
    }
    panel_table(page, titles, sizeof titles / sizeof titles[0]);
    for (size_t i = 0; i < count; i++) {
        html_put(page->out, "<tr><th scope=\"row\"><code>{}</code></th><td>",
                 strangers[i].topic);
        page_age(page, strangers[i].last);
        text_add(page->out, "</td>");
        panel_count(page, strangers[i].messages, false);
        text_add(page->out, "</tr>\n");
    }
    panel_table_end(page);
}
